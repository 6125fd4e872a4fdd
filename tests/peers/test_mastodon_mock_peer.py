"""mastodon-mock has what snac2 lacks: idempotency keys, deletion, faults on demand; its habits are asserted too."""

import httpx
import pytest

from tests.peers.mastodon_mock import MastodonMock

pytestmark = pytest.mark.peers


def _api(server: MastodonMock, name: str) -> httpx.Client:
    return httpx.Client(base_url=server.base_url, headers={"Authorization": f"Bearer {server.token(name)}"}, timeout=30)


def test_the_same_idempotency_key_gives_the_same_status(mastodon_mock: MastodonMock) -> None:
    with _api(mastodon_mock, "diskominfo") as office:
        bodies = [("satu", "k1"), ("satu", "k1"), ("satu", "k2"), ("lain", "k1")]
        ids = [
            office.post("/api/v1/statuses", data={"status": text}, headers={"Idempotency-Key": key}).json()["id"]
            for text, key in bodies
        ]
        assert ids[0] == ids[1] == ids[3]
        assert ids[2] != ids[0]


def test_delete_and_edit(mastodon_mock: MastodonMock) -> None:
    with _api(mastodon_mock, "diskominfo") as office:
        posted = office.post("/api/v1/statuses", data={"status": "Senin"}).json()
        edited = office.put(f"/api/v1/statuses/{posted['id']}", data={"status": "Selasa"}).json()
        assert (edited["id"], edited["content"]) == (posted["id"], "<p>Selasa</p>")
        assert edited["uri"].startswith(mastodon_mock.base_url)
        assert office.delete(f"/api/v1/statuses/{posted['id']}").json()["id"] == posted["id"]
        gone = office.get(f"/api/v1/statuses/{posted['id']}")
        assert (gone.status_code, gone.json()) == (404, {"error": "Record not found"})


def test_limits(mastodon_mock: MastodonMock) -> None:
    with _api(mastodon_mock, "diskominfo") as office:
        limits = office.get("/api/v2/instance").json()["configuration"]["statuses"]
        assert (limits["max_characters"], limits["max_media_attachments"]) == (500, 4)
        answers = [office.post("/api/v1/statuses", data={"status": text}) for text in ("x" * 500, "x" * 501, "")]
        assert [answer.status_code for answer in answers] == [200, 422, 422]
        assert office.get("/api/v1/notifications", headers={"Authorization": "Bearer salah"}).status_code == 401


def test_mentions_conversations_and_paging(mastodon_mock: MastodonMock) -> None:
    with _api(mastodon_mock, "diskominfo") as office, _api(mastodon_mock, "budi") as citizen:
        posted = office.post("/api/v1/statuses", data={"status": "Jadwal"}).json()
        for text, visibility in [("@diskominfo kapan?", "unlisted"), ("@diskominfo rahasia", "direct")]:
            body = {"status": text, "visibility": visibility, "in_reply_to_id": posted["id"], "language": "id"}
            made = citizen.post("/api/v1/statuses", data=body).json()
            assert (made["visibility"], made["language"]) == (visibility, "id")
        citizen.post("/api/v1/statuses", data={"status": "tanpa sebut", "in_reply_to_id": posted["id"]})
        notes = office.get("/api/v1/notifications", params={"types[]": "mention"}).json()
        assert [note["status"]["visibility"] for note in notes] == ["direct", "unlisted"]
        assert {note["status"]["in_reply_to_id"] for note in notes} == {posted["id"]}
        older, newer = notes[1]["id"], notes[0]["id"]
        for asked, given in [
            ({"since_id": older}, [newer]),
            ({"min_id": older}, [newer]),
            ({"max_id": newer}, [older]),
        ]:
            answer = office.get("/api/v1/notifications", params=asked).json()
            assert [note["id"] for note in answer] == given
        conversations = office.get("/api/v1/conversations").json()
        assert [item["last_status"]["id"] for item in conversations] == [notes[0]["status"]["id"]]
        around = office.get(f"/api/v1/statuses/{posted['id']}/context").json()["descendants"]
        assert len(around) == 3


def test_a_policy_hides_private_mentions_unless_asked_for(mastodon_mock: MastodonMock) -> None:
    """What a new account of Mastodon 4.3 and later has by default."""
    with _api(mastodon_mock, "diskominfo") as office, _api(mastodon_mock, "budi") as citizen:
        office.patch("/api/v2/notifications/policy", data={"for_private_mentions": "filter"}).raise_for_status()
        citizen.post("/api/v1/statuses", data={"status": "@diskominfo rahasia", "visibility": "direct"})
        assert office.get("/api/v1/notifications").json() == []
        asked = office.get("/api/v1/notifications", params={"include_filtered": "true"}).json()
        assert [note["type"] for note in asked] == ["mention"]


def test_faults_on_demand(mastodon_mock: MastodonMock) -> None:
    with _api(mastodon_mock, "diskominfo") as office:

        def post() -> httpx.Response:
            return office.post("/api/v1/statuses", data={"status": "x"})

        mastodon_mock.fault("POST", "/api/v1/statuses", "status", status=503)
        mastodon_mock.fault("POST", "/api/v1/statuses", "ratelimit", headers={"Retry-After": "7"})
        mastodon_mock.fault("POST", "/api/v1/statuses", "malformed")
        mastodon_mock.fault("POST", "/api/v1/statuses", "timeout", count=None)
        assert post().status_code == 503
        limited = post()
        assert (limited.status_code, limited.headers["Retry-After"]) == (429, "7")
        assert limited.headers["X-RateLimit-Reset"].isdigit()
        assert post().text == '{"error": "truncated'
        with pytest.raises(httpx.ReadTimeout):
            office.post("/api/v1/statuses", data={"status": "x"}, timeout=0.3)
        mastodon_mock.heal()
        assert post().status_code == 200
