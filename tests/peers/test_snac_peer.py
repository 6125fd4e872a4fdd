"""Two snac2 servers federate as the network does; what the channel must know of such a server is asserted here."""

import pytest

from tests.peers.pictures import PIXEL
from tests.peers.snac import SnacServer, SnacUser, fresh_name
from tests.peers.waiting import wait_for

pytestmark = pytest.mark.peers

Pair = tuple[SnacUser, SnacUser]


@pytest.fixture(scope="module")
def pair(snacs: tuple[SnacServer, SnacServer]) -> Pair:
    """An office's account and a citizen on another server who follows it."""
    office, citizen = snacs[0].create_user(fresh_name("diskominfo")), snacs[1].create_user(fresh_name("budi"))
    citizen.follow(office)
    return office, citizen


def test_a_post_with_a_picture_reaches_a_follower_elsewhere(pair: Pair) -> None:
    office, citizen = pair
    picture = office.client.media_post(PIXEL, mime_type="image/png", description="peta jalan yang ditutup")
    posted = office.client.status_post("Jalan Merdeka ditutup", media_ids=[picture["id"]])
    seen = citizen.sees("Jalan Merdeka ditutup")
    assert seen["uri"] == posted["uri"]
    assert seen["id"] != posted["id"]
    assert [media["description"] for media in seen["media_attachments"]] == ["peta jalan yang ditutup"]


def test_a_comment_and_its_answer_make_one_thread_on_both_servers(pair: Pair) -> None:
    office, citizen = pair
    posted = office.client.status_post("Pemadaman listrik hari Selasa")
    seen = citizen.sees("Pemadaman listrik")
    comment = citizen.client.status_post(f"@{office.address} sampai jam berapa?", in_reply_to_id=seen["id"])
    heard = office.notified("sampai jam berapa")
    assert (heard["uri"], heard["in_reply_to_id"]) == (comment["uri"], posted["id"])
    answer = office.client.status_post(f"@{citizen.address} sampai jam 15", in_reply_to_id=heard["id"])
    told = citizen.notified("sampai jam 15")
    assert (told["uri"], told["in_reply_to_id"]) == (answer["uri"], comment["id"])
    around = citizen.client.status_context(comment["id"])
    assert [status["uri"] for status in around["ancestors"]] == [posted["uri"]]
    assert [status["uri"] for status in around["descendants"]] == [answer["uri"]]


def test_a_reply_without_a_mention_is_told_too(pair: Pair) -> None:
    office, citizen = pair
    office.client.status_post("Rapat desa besok")
    seen = citizen.sees("Rapat desa besok")
    citizen.client.status_post("boleh hadir?", in_reply_to_id=seen["id"])
    assert office.notified("boleh hadir")["in_reply_to_id"]


def test_which_visibility_comes_back(pair: Pair) -> None:
    office, citizen = pair
    asked = ["public", "unlisted", "private", "direct"]
    mine = [
        citizen.client.status_post(f"@{office.address} uji {name}", visibility=name)["visibility"] for name in asked
    ]
    heard = [office.notified(f"uji {name}")["visibility"] for name in asked]
    assert mine == heard == ["public", "public", "private", "private"]


def test_a_direct_answer_is_found_in_the_context_and_not_among_own_statuses(pair: Pair) -> None:
    office, citizen = pair
    citizen.client.status_post(f"@{office.address} NIK saya salah", visibility="direct")
    heard = office.notified("NIK saya salah")
    answer = office.client.status_post(
        f"@{citizen.address} kami perbaiki", in_reply_to_id=heard["id"], visibility="direct"
    )
    assert citizen.notified("kami perbaiki")["uri"] == answer["uri"]
    around = office.client.status_context(heard["id"])["descendants"]
    assert [status["uri"] for status in around] == [answer["uri"]]
    own = office.client.account_statuses(office.client.account_verify_credentials()["id"])
    assert answer["uri"] not in [status["uri"] for status in own]
    assert office.api("GET", "/api/v1/conversations").json() == []


def test_limits_refusals_and_what_is_missing(pair: Pair) -> None:
    office, _ = pair
    instance = office.api("GET", "/api/v1/instance").json()
    assert instance["configuration"]["statuses"]["max_characters"] == 100_000
    assert office.api("GET", "/api/v2/instance").status_code == 404
    posted = office.client.status_post("sementara")
    assert office.api("DELETE", f"/api/v1/statuses/{posted['id']}").status_code == 404
    assert office.api("GET", "/api/v1/notifications", headers={"Authorization": "Bearer salah"}).status_code == 401
    body = {"status": "dua kali"}
    twice = [
        office.api("POST", "/api/v1/statuses", data=body, headers={"Idempotency-Key": "k"}).json() for _ in range(2)
    ]
    assert twice[0]["uri"] != twice[1]["uri"]
    assert office.api("POST", "/api/v1/statuses", data={"status": "x", "in_reply_to_id": "999"}).is_success


def test_an_edit_changes_the_id_and_keeps_the_uri(pair: Pair) -> None:
    office, citizen = pair
    posted = office.client.status_post("Jadwal: Senin")
    citizen.sees("Jadwal: Senin")

    def edited() -> object:
        """Ids carry whole seconds, so an edit within the same second keeps it."""
        changed = office.api("PUT", f"/api/v1/statuses/{posted['id']}", data={"status": "Jadwal: Selasa"}).json()
        assert changed["uri"] == posted["uri"]
        return changed["id"] != posted["id"]

    wait_for("an edit in another second", edited, seconds=5)
    assert office.api("GET", f"/api/v1/statuses/{posted['id']}").json()["uri"] == posted["uri"]
    assert citizen.sees("Jadwal: Selasa")["uri"] == posted["uri"]


def test_which_paging_of_notifications_works(pair: Pair) -> None:
    office, citizen = pair
    for number in range(3):
        citizen.client.status_post(f"@{office.address} halaman {number}")
    for number in range(3):
        office.notified(f"halaman {number}")

    def ids(**asked: str | int) -> list[str]:
        answer = office.api("GET", "/api/v1/notifications", params=asked).json()
        return [note["id"] for note in answer]

    every = ids()
    assert every == sorted(every, key=int, reverse=True)
    assert ids(limit=1) == every[:1]
    assert ids(max_id=every[1]) == every[2:]
    assert ids(min_id=every[2]) == every[:2]
    assert ids(since_id=every[2]) == every
    assert "follow" not in {
        note["type"] for note in office.api("GET", "/api/v1/notifications?exclude_types[]=follow").json()
    }


def test_comes_back_after_a_crash_with_everything(snacs: tuple[SnacServer, SnacServer]) -> None:
    with SnacServer() as server:
        user = server.create_user("siti")
        posted = user.client.status_post("masih ada")
        server.stop(crash=True)
        server.start()
        assert user.client.status(posted["id"])["uri"] == posted["uri"]
