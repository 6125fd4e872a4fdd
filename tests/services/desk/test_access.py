"""Who sees what: no token, another unit, no right; and how a refusal is told, in both languages."""

from typing import Any

import pytest

from corong.runtime.policy import Action
from tests.services.desk.office import HEALTH, PUPR, ROAD, Office

pytestmark = pytest.mark.asyncio(loop_scope="package")

UNIT, MAIN, SUPERIOR, AUDITOR, ADMIN = (
    f"petugas-{PUPR}",
    "ppid-utama",
    "atasan-ppid",
    "auditor-inspektorat",
    "admin-hub",
)
STRANGER = f"petugas-{HEALTH}"
NOWHERE = "3f0d8a0e-0000-4000-8000-000000000000"


async def told(office: Office, officer: str | None, method: str, path: str, **more: Any) -> dict[str, dict[str, Any]]:
    """A refusal in both languages, checked for what all of them have."""
    found: dict[str, dict[str, Any]] = {}
    for language in ("id", "en"):
        if officer is None:
            async with office.hub.client(language=language) as client:
                answer = await client.request(method, f"/api/v1/{path}", **more)
        else:
            answer = await office.client(officer, language).request(method, f"/api/v1/{path}", **more)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        body = answer.json()
        assert body["status"] == answer.status_code
        assert body["type"] == f"urn:corong:problem:{body['code']}"
        found[language] = body
    assert found["id"]["code"] == found["en"]["code"]
    assert found["id"]["detail"] != found["en"]["detail"]
    return found


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "me"), ("GET", "queues"), ("GET", "queue"), ("GET", f"cases/{NOWHERE}"), ("GET", "posts"),
        ("GET", "deliveries"), ("GET", "audit/log"), ("GET", "audit/proof"), ("GET", "dead"),
        ("GET", "quarantine"),
        ("POST", f"cases/{NOWHERE}/claim"), ("POST", f"posts/{NOWHERE}/withdraw"),
        ("POST", f"dead/intake/{NOWHERE}/drop"),
    ],
)  # fmt: skip
async def test_without_a_token_nothing_is_told(office: Office, method: str, path: str) -> None:
    refused = await told(office, None, method, path)
    assert (refused["id"]["status"], refused["id"]["code"]) == (401, "unauthenticated")
    assert refused["id"]["detail"] == "Token tidak ada atau tidak berlaku."
    assert refused["en"]["detail"] == "The token is missing or not valid."


async def test_an_accounts_token_is_no_officers(office: Office) -> None:
    async with office.hub.client("account", "api-contoh") as client:
        answer = await client.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_role_without_the_right_is_refused(office: Office) -> None:
    for officer, path in (
        (AUDITOR, "queues"), (AUDITOR, "queue"), (ADMIN, "queue"), (AUDITOR, "posts"), (AUDITOR, "deliveries"),
        (UNIT, "audit/log"), (ADMIN, "audit/log"), (UNIT, "audit/proof?position=0"), (ADMIN, "audit/proof?position=0"),
        (UNIT, "dead"), (MAIN, "dead"), (ADMIN, "quarantine"),
        (UNIT, "quarantine"),
    ):  # fmt: skip
        refused = await told(office, officer, "GET", path)
        assert (refused["en"]["status"], refused["en"]["code"]) == (403, "role_has_no_such_right"), (officer, path)
    refused = await told(office, SUPERIOR, "POST", f"cases/{await office.case()}/claim")
    assert refused["id"]["detail"] == (
        "Peran Atasan PPID tidak boleh mengambil perkara. Saat ini tidak ada tindakan yang dapat Anda lakukan."
    )
    assert refused["en"]["detail"] == "the role superior may not claim a case. There is nothing that you may do now."


async def test_what_is_not_there(office: Office) -> None:
    for path in (f"cases/{NOWHERE}", "cases/PD-2026-999999", "cases/PD/2026/999999", "cases/apa-saja", "cases/%00"):
        refused = await told(office, MAIN, "GET", path)
        assert (refused["en"]["status"], refused["en"]["code"]) == (404, "no_such_case"), path
        assert refused["id"]["detail"] == "Perkara itu tidak ada."
    for path, code in (
        (f"cases/{NOWHERE}/claim", "no_such_case"), ("cases/UM-1-1/claim", "no_such_case"),
        (f"posts/{NOWHERE}/withdraw", "no_such_post"), (f"dead/intake/{NOWHERE}/drop", "role_has_no_such_right"),
    ):  # fmt: skip
        refused = await told(office, MAIN, "POST", path)
        assert refused["en"]["code"] == code
    refused = await told(office, MAIN, "POST", f"deliveries/{NOWHERE}/resolve", json={"outcome": "sent"})
    assert (refused["en"]["status"], refused["en"]["code"]) == (404, "no_such_delivery")
    assert (await told(office, MAIN, "GET", f"posts/{NOWHERE}"))["en"]["code"] == "no_such_post"
    assert (await told(office, ADMIN, "GET", f"dead/routing/{NOWHERE}"))["en"]["code"] == "not_parked"
    assert (await told(office, ADMIN, "GET", "tidak/ada"))["en"]["status"] == 404


async def test_what_is_not_as_it_should_be(office: Office) -> None:
    case = await office.case()
    for path, body, fields in (
        ("answer", {"text": ""}, ["text"]),
        ("answer", {"text": "x", "tutup": True}, ["tutup"]),
        ("note", {"note": "x" * 5_001}, ["note"]),
        ("priority", {"priority": "segera"}, ["priority"]),
        ("close", {"outcome": "bosan"}, ["outcome"]),
        ("assign", {"unit": "Dinas PUPR", "instruction": "x"}, ["unit"]),
        ("assign", {}, ["instruction", "unit"]),
    ):
        refused = await told(office, UNIT, "POST", f"cases/{case}/{path}", json=body)
        assert (refused["en"]["status"], refused["en"]["code"], refused["en"]["fields"]) == (422, "invalid", fields)
        assert refused["id"]["detail"].startswith("Isian tidak sah")
    for query in ("limit=0", "limit=201", "state=terbuka", "priority=x", "held=x", "cursor=%21%21", "cursor=WzFd"):
        refused = await told(office, UNIT, "GET", f"queue?{query}")
        assert refused["en"]["status"] == 422
        assert refused["en"]["fields"][0].split(".")[0] == query.split("=")[0]
    refused = await told(office, MAIN, "GET", "queue?unit=dinas-antariksa")
    assert (refused["en"]["code"], refused["en"]["fields"]) == ("unknown_unit", ["unit"])


async def test_a_conflict_tells_what_to_do(office: Office) -> None:
    case = await office.case()
    refused = await told(office, UNIT, "POST", f"cases/{case}/hand-back")
    assert (refused["en"]["status"], refused["en"]["code"]) == (409, "not_held")
    assert refused["id"]["detail"].startswith("Ambil perkara ini dahulu (klaim), lalu ulangi. Yang dapat dilakukan: ")
    assert refused["en"]["detail"].startswith(
        "Claim the case first, then try again. What may be done: claim the case; "
    )
    assert {"claim", "reclassify", "close_unanswered"} <= set(refused["en"]["allowed"])


async def test_nothing_of_another_unit_is_visible(office: Office) -> None:
    receipt = await office.write(
        sender="warga-tetangga", attachments=[{"name": "foto.txt", "media_type": "text/plain", "content": "YQ=="}]
    )
    case = receipt["case_id"]
    shown = await office.get(UNIT, f"cases/{case}")
    mine = await office.case("Puskesmas tutup terus, mohon obat.", sender="warga-tetangga")
    assert (await office.get(MAIN, f"cases/{mine}"))["unit"]["id"] == HEALTH
    number = receipt["registration"].replace("/", "-")
    for path in (f"cases/{case}", f"cases/{number}", f"queue?unit={PUPR}", f"deliveries?unit={PUPR}",
                 shown["thread"][0]["attachments"][0]["url"].removeprefix("/api/v1/")):  # fmt: skip
        refused = await told(office, STRANGER, "GET", path)
        assert (refused["en"]["status"], refused["en"]["code"]) == (403, "other_unit"), path
        assert ROAD not in str(refused)
    queue = await office.get(STRANGER, "queue", limit=200)
    assert {item["unit"]["id"] for item in queue["cases"]} == {HEALTH}
    queues = await office.get(STRANGER, "queues")
    assert [line["unit"]["id"] for line in queues["queues"]] == [HEALTH]
    # The citizen's other cases: each sees those of the own unit alone.
    theirs = await office.get(STRANGER, f"cases/{mine}")
    assert theirs["other_cases"] == []
    both = await office.get(MAIN, f"cases/{mine}")
    assert [other["case_id"] for other in both["other_cases"]] == [case]
    for command, body in (
        ("claim", None), ("note", {"note": "x"}), ("priority", {"priority": "urgent"}), ("close", {"outcome": "spam"}),
        ("assign", {"unit": HEALTH, "instruction": "x"}), ("return", {"reason": "x"}), ("answer", {"text": "x"}),
    ):  # fmt: skip
        refused = await told(office, STRANGER, "POST", f"cases/{case}/{command}", json=body)
        assert (refused["en"]["status"], refused["en"]["code"]) == (403, "other_unit"), command
    after = await office.get(UNIT, f"cases/{case}")
    assert after["thread"] == shown["thread"]


async def test_the_superior_and_the_main_officer_see_every_queue(office: Office) -> None:
    await office.case()
    for officer in (SUPERIOR, MAIN):
        units = []
        query: dict[str, Any] = {}
        while True:
            page = await office.get(officer, "queues", limit=30, **query)
            units += [line["unit"]["id"] for line in page["queues"]]
            if page["next"] is None:
                break
            query = {"cursor": page["next"]}
        assert units == sorted(unit.id for unit in office.hub.hub.installation.directory.open_units)


async def test_what_officers_read_is_kept_by_no_cache(office: Office) -> None:
    for path in ("me", "queue", "posts", f"cases/{await office.case()}"):
        assert (await office.client(UNIT).get(f"/api/v1/{path}")).headers["cache-control"] == "no-store"


async def test_who_am_i(office: Office) -> None:
    me = await office.get(UNIT, "me")
    assert (me["id"], me["role"], me["unit"]["id"]) == (UNIT, "unit_officer", PUPR)
    assert "case.claim" in me["actions"]
    assert "audit.read" not in me["actions"]
    rights = [
        Action.TEMPLATE_READ, Action.SETUP_READ, Action.OBLIGATION_READ, Action.AUDIT_READ, Action.AUDIT_EXPORT,
        Action.FIGURES_READ, Action.REPORT_READ, Action.HOLD_READ,
    ]  # fmt: skip
    assert (await office.get(AUDITOR, "me"))["actions"] == [right.value for right in rights]


async def test_the_api_is_documented(office: Office) -> None:
    async with office.hub.client() as client:
        described = (await client.get("/api/v1/openapi.json")).json()
    ours = {path: found for path, found in described["paths"].items() if not path.endswith("/messages")}
    for path in ("/queue", "/cases/{case}", "/cases/{case}/claim", "/posts/{publication_id}/approve", "/audit/log"):
        assert f"/api/v1{path}" in ours
    officers = [
        operation
        for found in ours.values()
        for operation in found.values()
        if {"officer": []} in operation.get("security", [])
    ]
    assert len(officers) == 102
    for operation in officers:
        assert operation["description"]
        assert set(operation["responses"]["403"]["content"]) == {"application/problem+json"}
        good = next(answer for status, answer in operation["responses"].items() if status.startswith("2"))
        assert good["content"]
