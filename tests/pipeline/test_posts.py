"""A post's life: drafted, approved as exactly that text, published; and deliveries whose outcome nobody knows."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio

from corong_contracts.channel import Unknown
from tests.peers.postgres import PostgresServer
from tests.peers.postgres import postgres as postgres
from tests.services.desk.office import HEALTH, PUPR, Office, open_office
from tests.services.stores import BACKENDS

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIT, OPERATOR, MAIN, SUPERIOR = f"petugas-{PUPR}", f"operator-{PUPR}", "ppid-utama", "atasan-ppid"


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=BACKENDS)
async def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    url = None
    if request.param == "postgres":
        server: PostgresServer = request.getfixturevalue("postgres")
        url = server.make_database("posts")
    async with open_office(tmp_path_factory.mktemp("posts"), database_url=url) as opened:
        yield opened


def words(text: str, **more: Any) -> dict[str, Any]:
    return {"title": "Kabar", "text": text, "unit": PUPR, "label": "layanan", "accounts": ["papan"], **more}


async def draft(office: Office, text: str, officer: str = OPERATOR, **more: Any) -> dict[str, Any]:
    """A new post; what the API says of it."""
    done = await office.post(officer, "posts", words(text, **more), status=201)
    post: dict[str, Any] = done["post"]
    assert (post["publication_id"], post["state"]) == (done["publication_id"], "draft")
    return post


async def state_of(office: Office, post: str) -> str:
    found: str = (await office.get(MAIN, f"posts/{post}"))["state"]
    return found


async def test_a_post_goes_out_after_exactly_its_text_was_approved(office: Office) -> None:
    own = "Versi pendek untuk papan."
    post = await draft(office, "Jembatan dibuka Senin.", accounts=["papan", "feed"], texts={"papan": own})
    identity, seen = post["publication_id"], post["text_hash"]
    assert (await office.post(OPERATOR, f"posts/{identity}/publish", {}, status=409))["code"] == "not_approved"
    assert (await office.post(OPERATOR, f"posts/{identity}/approve", {"text_hash": seen}, status=403))["code"] == (
        "role_has_no_such_right"
    )
    wrong = await office.post(SUPERIOR, f"posts/{identity}/approve", {"text_hash": "sha256-0"}, status=409)
    assert wrong["code"] == "text_changed"
    approved = await office.post(SUPERIOR, f"posts/{identity}/approve", {"text_hash": seen})
    assert (approved["post"]["state"], approved["post"]["approved_by"]["id"]) == ("approved", SUPERIOR)
    out = await office.post(OPERATOR, f"posts/{identity}/publish", {})
    assert out["post"]["state"] == "released"

    async def both_sent() -> bool:
        shown = await office.get(UNIT, f"posts/{identity}")
        return [delivery["state"] for delivery in shown["deliveries"]] == ["sent", "sent"]

    await office.hub.until(both_sent)
    assert office.network.texts().count(own) == 1
    assert await office.facts(identity) == [
        ("publication.drafted", f"officer:{OPERATOR}"), ("publication.approved", f"officer:{SUPERIOR}"),
        ("publication.released", f"officer:{OPERATOR}"), *[("delivery.started", "system")] * 2,
        *[("delivery.sent", "system")] * 2,
    ]  # fmt: skip
    shown = await office.get(UNIT, f"posts/{identity}")
    assert [step["kind"] for step in shown["steps"]] == [
        "publication.drafted", "publication.approved", "publication.released",
    ]  # fmt: skip
    for command in ("publish", "withdraw"):
        assert (await office.post(UNIT, f"posts/{identity}/{command}", {}, status=409))["code"] == "already_out"


async def test_another_text_voids_the_approval(office: Office) -> None:
    post = await draft(office, "Pasar tutup Rabu.")
    identity, seen = post["publication_id"], post["text_hash"]
    await office.post(UNIT, f"posts/{identity}/approve", {"text_hash": seen})
    client = office.client(OPERATOR)
    changed = await client.put(f"/api/v1/posts/{identity}", json={"title": "Kabar", "text": "Pasar tutup Kamis."})
    assert changed.status_code == 200
    edited = changed.json()["post"]
    assert (edited["state"], edited["approved_by"], edited["text"]) == ("draft", None, "Pasar tutup Kamis.")
    assert edited["text_hash"] != seen
    assert (await office.post(UNIT, f"posts/{identity}/publish", {}, status=409))["code"] == "not_approved"
    old = await office.post(UNIT, f"posts/{identity}/approve", {"text_hash": seen}, status=409)
    assert old["code"] == "text_changed"
    await office.post(UNIT, f"posts/{identity}/approve", {"text_hash": edited["text_hash"]})
    await office.post(UNIT, f"posts/{identity}/publish", {})
    await office.hub.until(lambda: "Pasar tutup Kamis." in office.network.texts())
    assert "Pasar tutup Rabu." not in office.network.texts()


async def test_immediate_information_goes_out_on_one_officers_word(office: Office) -> None:
    post = await draft(office, "Banjir: hindari jembatan.", immediate=True)
    identity = post["publication_id"]
    refused = await office.post(OPERATOR, f"posts/{identity}/publish", {}, status=403)
    assert refused["code"] == "role_has_no_such_right"
    await office.post(UNIT, f"posts/{identity}/publish", {})
    await office.hub.until(lambda: "Banjir: hindari jembatan." in office.network.texts())
    assert ("publication.approved", f"officer:{UNIT}") not in await office.facts(identity)


async def test_a_post_waits_for_its_time(office: Office) -> None:
    post = await draft(office, "Selamat pagi Asahan.", label="seremonial", immediate=True)
    identity = post["publication_id"]
    at = office.clock() + timedelta(hours=2)
    timed = await office.post(UNIT, f"posts/{identity}/publish", {"at": at.isoformat()})
    assert timed["post"]["state"] == "scheduled"
    late = await office.post(SUPERIOR, f"posts/{identity}/approve", {"text_hash": post["text_hash"]})
    assert (late["post"]["state"], late["post"]["approved_by"]["id"]) == ("scheduled", SUPERIOR)
    assert [item["publication_id"] for item in (await office.get(UNIT, "posts", state="scheduled"))["posts"]] == [
        identity
    ]
    assert "Selamat pagi Asahan." not in [outgoing.text for outgoing in office.network.tried]
    office.clock.forward(hours=2, seconds=1)
    await office.hub.until(lambda: "Selamat pagi Asahan." in office.network.texts())
    assert ("publication.released", "system") in await office.facts(identity)


async def test_a_withdrawn_post_stays_in(office: Office) -> None:
    post = await draft(office, "Batal tayang.", immediate=True)
    identity = post["publication_id"]
    at = office.clock() + timedelta(hours=1)
    await office.post(UNIT, f"posts/{identity}/publish", {"at": at.isoformat()})
    gone = await office.post(UNIT, f"posts/{identity}/withdraw")
    assert (gone["post"]["state"], gone["post"]["publish_at"]) == ("withdrawn", None)
    assert [delivery["state"] for delivery in gone["post"]["deliveries"]] == ["dropped"]
    assert (await office.post(UNIT, f"posts/{identity}/publish", {}, status=409))["code"] == "already_out"
    later = await draft(office, "Yang berikutnya tayang.", immediate=True)
    office.clock.forward(hours=2)
    await office.post(UNIT, f"posts/{later['publication_id']}/publish", {})
    await office.hub.until(lambda: "Yang berikutnya tayang." in office.network.texts())
    assert "Batal tayang." not in [outgoing.text for outgoing in office.network.tried]
    assert await state_of(office, identity) == "withdrawn"


async def test_what_no_post_can_be(office: Office) -> None:
    for body, code, fields in (
        (words("x", accounts=["tidak-ada"]), "cannot_post", ["accounts"]),
        (words("x", accounts=["web"]), "cannot_post", ["accounts"]),
        (words("x", unit="dinas-antariksa"), "unknown_unit", ["unit"]),
        (words("x", texts={"feed": "untuk feed"}), "unknown_account", ["texts"]),
        (words("x" * 501), "too_long", ["text"]),
        (words("x", label="iklan"), "invalid", ["label"]),
        (words("a\0b"), "invalid", ["text"]),
        ({**words("x"), "acounts": ["papan"]}, "invalid", ["acounts"]),
    ):
        refused = await office.post(MAIN, "posts", body, status=422)
        assert (refused["code"], refused["fields"]) == (code, fields)


async def test_a_draft_repeated_with_its_key_is_one_post(office: Office) -> None:
    first = await office.post(UNIT, "posts", words("Sekali saja."), status=201, key="draf")
    again = await office.post(UNIT, "posts", words("Sekali saja."), status=201, key="draf")
    assert (again["repeated"], again["publication_id"]) == (True, first["publication_id"])
    assert again["post"] == first["post"]


async def test_posts_of_another_unit_are_not_seen(office: Office) -> None:
    mine = await draft(office, "Punya PUPR.")
    theirs = await draft(office, "Punya Kesehatan.", officer=f"petugas-{HEALTH}", unit=HEALTH)
    for officer, sees in ((UNIT, {PUPR}), (f"petugas-{HEALTH}", {HEALTH}), (SUPERIOR, {PUPR, HEALTH})):
        page = await office.get(officer, "posts", limit=200)
        assert {post["unit"]["id"] for post in page["posts"]} == sees
    assert (await office.get(UNIT, f"posts/{theirs['publication_id']}", status=403))["code"] == "other_unit"
    assert (await office.get(UNIT, "posts", unit=HEALTH, status=403))["code"] == "other_unit"
    for command, body in (("approve", {"text_hash": "x"}), ("publish", {}), ("withdraw", None)):
        refused = await office.post(UNIT, f"posts/{theirs['publication_id']}/{command}", body, status=403)
        assert refused["code"] == "other_unit"
    newest = await office.get(MAIN, "posts", limit=1)
    assert [post["publication_id"] for post in newest["posts"]] == [theirs["publication_id"]]
    following = await office.get(MAIN, "posts", limit=1, cursor=newest["next"])
    assert [post["publication_id"] for post in following["posts"]] == [mine["publication_id"]]


async def held(office: Office, post: str) -> dict[str, Any]:
    """The held delivery of a post, as soon as there is one."""

    async def look() -> dict[str, Any] | None:
        page = await office.get(UNIT, "deliveries", state="held", limit=200)
        return next((item for item in page["deliveries"] if item["publication_id"] == post), None)

    found: dict[str, Any] = await office.hub.until(look)
    return found


async def test_an_officer_says_what_became_of_a_delivery_that_nobody_knows_of(office: Office) -> None:
    lost, arrived = await draft(office, "Hilang?", immediate=True), await draft(office, "Sampai?", immediate=True)
    office.network.failing = Unknown("timeout")
    for post in (lost, arrived):
        await office.post(UNIT, f"posts/{post['publication_id']}/publish", {})
    first, second = await held(office, lost["publication_id"]), await held(office, arrived["publication_id"])
    assert (first["state"], first["fence"], first["carried"]) == ("held", 1, first["delivery_id"])
    office.network.failing = None
    theirs = await office.get(f"petugas-{HEALTH}", "deliveries", limit=200)
    assert {item["unit"]["id"] for item in theirs["deliveries"]} <= {HEALTH}
    path = f"deliveries/{first['delivery_id']}/resolve"
    foreign = await office.post(f"petugas-{HEALTH}", path, {"outcome": "again"}, status=403)
    assert foreign["code"] == "other_unit"
    done = await office.post(UNIT, path, {"outcome": "again"}, key="ulangi")
    again = await office.post(UNIT, path, {"outcome": "again"}, key="ulangi")
    assert (done["repeated"], again["repeated"], again["events"]) == (False, True, done["events"])
    await office.hub.until(lambda: "Hilang?" in office.network.texts())
    out = await office.post(
        UNIT, f"deliveries/{second['delivery_id']}/resolve", {"outcome": "sent", "native_id": "n-1"}
    )  # fmt: skip
    assert out["delivery"]["state"] == "sent"
    late = await office.post(
        UNIT, f"deliveries/{second['delivery_id']}/resolve", {"outcome": "again"}, status=409
    )  # fmt: skip
    assert late["code"] == "not_held"
    await office.hub.settled()
    tried = [outgoing.text for outgoing in office.network.tried]
    assert (tried.count("Hilang?"), tried.count("Sampai?")) == (2, 1)
    assert ("delivery.readied", f"officer:{UNIT}") in await office.facts(lost["publication_id"])
    assert ("delivery.sent", f"officer:{UNIT}") in await office.facts(arrived["publication_id"])


async def test_a_later_answer_waits_for_the_held_one_of_its_conversation(office: Office) -> None:
    case = await office.case(sender="warga-menunggu")
    await office.post(UNIT, f"cases/{case}/claim")
    office.network.failing = Unknown("timeout")
    await office.post(UNIT, f"cases/{case}/answer", {"text": "Jawaban pertama."})

    async def is_held() -> dict[str, Any] | None:
        shown = await office.get(UNIT, f"cases/{case}")
        states = {item["state"]: item for item in shown["deliveries"]}
        return states.get("held")

    first: dict[str, Any] = await office.hub.until(is_held)
    office.network.failing = None
    await office.post(UNIT, f"cases/{case}/answer", {"text": "Jawaban kedua."})
    await office.hub.settled()
    shown = await office.get(UNIT, f"cases/{case}")
    assert [item["state"] for item in shown["deliveries"]] == ["held", "ready"]
    causes = {step["event_id"]: step["text"] for step in shown["thread"] if step["kind"] == "case.answered"}
    assert [causes[item["cause"]] for item in shown["deliveries"]] == ["Jawaban pertama.", "Jawaban kedua."]
    listed = await office.get(UNIT, "deliveries", state="held")
    assert [item["registration"] for item in listed["deliveries"] if item["case_id"] == case] == [shown["registration"]]
    await office.post(UNIT, f"deliveries/{first['delivery_id']}/resolve", {"outcome": "sent"})
    await office.hub.until(lambda: "Jawaban kedua." in office.network.texts())
    assert "Jawaban pertama." not in office.network.texts()


async def test_nobody_speaks_for_another_units_account(office: Office) -> None:
    """The feed is the main office's: a unit's officer drafts for it, and its owner's word is needed."""
    post = await draft(office, "Kabar untuk umpan.", accounts=["papan", "feed"])
    identity, seen = post["publication_id"], {"text_hash": post["text_hash"]}
    refused = await office.post(UNIT, f"posts/{identity}/approve", seen, status=403)
    assert refused["code"] == "other_unit"
    urgent = await draft(office, "Segera.", accounts=["papan", "feed"], immediate=True)
    alone = await office.post(UNIT, f"posts/{urgent['publication_id']}/publish", {}, status=403)
    assert alone["code"] == "other_unit"
    await office.post(MAIN, f"posts/{identity}/approve", seen)
    await office.post(UNIT, f"posts/{identity}/publish", {})
