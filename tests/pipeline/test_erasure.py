"""A person is erased on a running hub: nothing is left in any file, no state changes, and who writes again is new."""

import base64
import contextlib
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import delete

from corong.auditing.erasing import Erasing
from corong.desk.context import Desk
from corong.desk.drafts.drafts import Drafts
from corong.desk.search.index import Indexing
from corong.desk.search.words import packed, unpacked
from corong.runtime import database, key_erasure
from corong.runtime.key_erasure import KeyEraser
from corong.runtime.key_tables import person_table
from corong.runtime.objects import Objects
from corong.runtime.rebuild import state_hash
from tests.hubs import RunningHub
from tests.pipeline.leftovers import forms, leftovers
from tests.services.desk.office import PUPR, Office, open_office
from tests.services.desk.visitor import signed_in, token_of

pytestmark = pytest.mark.asyncio(loop_scope="function")

MAIN, UNIT, AUDITOR = "ppid-utama", f"petugas-{PUPR}", "auditor-inspektorat"
NAME, ADDRESS = "Sri Wahyuningsih Poerbatjaraka", "sri.poerbatjaraka@warga.example"
WORDS = "Jalan di Simpang Empat rusak, rumah saya di Gang Melati nomor tujuh belas."
DRAFT = "Ibu Sri menelepon tentang Gang Melati nomor tujuh belas, saya tulis nanti."
REPLY = "Terima kasih, Ibu Sri, Gang Melati akan kami perbaiki."
FILE = b"%PDF-1.7 KTP 1209-0000 atas nama Sri Wahyuningsih " * 40
FILE_NAME = "ktp-sri-wahyuningsih.pdf"
PERSONAL = (
    NAME,
    ADDRESS,
    "Gang Melati nomor tujuh belas",
    "Gang Melati akan kami perbaiki",
    DRAFT,
    FILE[:49],
    FILE_NAME,
)
BASIS, JRA = "UU 27/2022 Pasal 43 ayat 1", "000.5.2"
DECISION = {"legal_basis": BASIS, "schedule": JRA}


class Story:
    """A citizen with a case that was answered, and a bystander."""

    def __init__(self, office: Office, number: int = 1) -> None:
        self.office = office
        self.number = number
        self.receipt: dict[str, Any] = {}
        self.other: dict[str, Any] = {}

    async def tell(self) -> None:
        content = base64.b64encode(FILE).decode()
        body = {
            "text": WORDS, "sender": {"address": ADDRESS, "name": NAME},
            "attachments": [{"name": FILE_NAME, "media_type": "application/pdf", "content": content}],
        }  # fmt: skip
        async with self.office.hub.client("account", "papan") as citizen:
            answer = await citizen.post(
                "/api/v1/messages", json=body, headers={"Idempotency-Key": f"sri-{self.number}"}
            )
        assert answer.status_code == 202, answer.text
        self.receipt = answer.json()["receipt"]
        self.other = await self.office.write("Lampu mati.", "orang-lain", key=f"lain-{self.number}")
        await self.office.hub.settled()
        case = self.receipt["case_id"]
        await self.office.post(MAIN, f"cases/{case}/claim")
        await self.office.post(MAIN, f"cases/{case}/note", {"note": "Hubungi Ibu Sri di Gang Melati."})
        await self.office.post(MAIN, f"cases/{case}/answer", {"text": REPLY, "close": True})
        await self.begin_to_write(case)
        await self.office.hub.until(lambda: self.office.network.texts() and self.office.network.texts()[0])
        await self.office.hub.settled()

    async def begin_to_write(self, case: str) -> None:
        """A note that the officer does not send."""
        async with await signed_in(self.office.hub, MAIN) as visitor:
            words = {"token": token_of(await visitor.get(f"/desk/perkara/{case}")), "draft": "0", "note": DRAFT}
            assert (await visitor.client.post(f"/desk/perkara/{case}/draf/catatan", data=words)).status_code == 303
            assert DRAFT in await visitor.get(f"/desk/perkara/{case}")

    async def plan(self, status: int = 200, officer: str = MAIN, **subject: Any) -> Any:
        subject = subject or {"case": self.receipt["case_id"]}
        return await self.office.post(officer, "erasures/plan", subject, status=status)

    async def erase(self, **subject: Any) -> dict[str, Any]:
        subject = subject or {"case": self.receipt["case_id"]}
        done: dict[str, Any] = await self.office.post(MAIN, "erasures", {**subject, **DECISION}, status=202)
        await self.completed(done["person"])
        return done

    async def completed(self, person: str) -> None:
        async def done() -> bool:
            return bool((await self.plan(person=person))["erasure"]["completed_at"])

        await self.office.hub.until(done)
        await self.office.hub.settled()


@pytest_asyncio.fixture
async def story(tmp_path: Path) -> AsyncIterator[Story]:
    async with open_office(tmp_path) as office:
        told = Story(office)
        await told.tell()
        yield told


def hashes(hub: RunningHub) -> dict[str, str]:
    """The state of every service that folds the citizens' events."""
    found = {}
    for name in ("intake", "routing", "publishing", "desk", "portal"):
        with hub.service(name).database.read() as connection:
            found[name] = state_hash(connection, hub.service(name).state)
    return found


def keep_freed_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "SECURE_DELETE", "OFF")


def leave_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KeyEraser, "scrub", lambda self: True)


def keep_the_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(table: Any) -> Any:
        found = delete(table)
        return found.where(table.c.person == "nobody") if table is person_table else found

    monkeypatch.setattr(key_erasure, "delete", nothing)


def keep_the_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Objects, "erase", lambda self, key: 0)


def keep_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nothing(self: Indexing) -> int:
        return 0

    monkeypatch.setattr(Indexing, "clear", nothing)


@pytest.mark.parametrize(
    "sabotage", [keep_freed_bytes, leave_the_log, keep_the_mapping, keep_the_files, keep_the_search]
)  # fmt: skip
async def test_the_search_finds_what_a_careless_erasure_leaves(
    sabotage: Callable[[pytest.MonkeyPatch], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sabotage(monkeypatch)
    async with open_office(tmp_path) as office:
        story = Story(office)
        await story.tell()
        secrets = await own_bytes(story, tmp_path)
        files = {path.name for path in (tmp_path / "data" / "objects" / "sealed").rglob("*") if path.is_file()}
        await story.erase()
        left = leftovers(tmp_path / "data", secrets)
        kept = {path.name for path in (tmp_path / "data" / "objects" / "sealed").rglob("*") if path.is_file()}
    assert left or files & kept


async def own_bytes(story: Story, folder: Path) -> list[bytes | str]:
    """The keyed pseudonym, the wrapped keys and the search's terms, as they stand before an erasure."""
    person = (await story.plan())["person"]
    case = story.receipt["case_id"]
    hub = story.office.hub
    await hub.until(lambda: not hub.rows("desk", "SELECT 1 FROM search_wait"))
    kept = {row["case_id"]: unpacked(row["terms"]) for row in hub.rows("desk", "SELECT * FROM search_case")}
    theirs = kept.pop(case).difference(*kept.values())
    with contextlib.closing(sqlite3.connect(folder / "data" / "db" / "keys.sqlite")) as connection:
        pseudonyms = [row[0] for row in connection.execute("SELECT pseudonym FROM person WHERE person = ?", (person,))]
        wrapped = [row[0] for row in connection.execute("SELECT wrapped FROM key WHERE person = ?", (person,))]
    assert len(pseudonyms) == len(wrapped) == 1
    assert len(theirs) > 10
    return [*pseudonyms, *wrapped, *(packed([term]) for term in theirs)]


async def test_nothing_is_left_in_any_file(story: Story, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    hub = story.office.hub
    before = hashes(hub)
    own = await own_bytes(story, tmp_path)
    assert len({find.split(":")[0] for find in leftovers(tmp_path / "data", own)}) >= 1, "or the search finds nothing"
    await story.erase()
    assert hashes(hub) == before
    secrets = [*PERSONAL, *own]
    assert leftovers(tmp_path / "data", secrets) == []
    objects = [path for path in (tmp_path / "data" / "objects").rglob("*") if path.is_file()]
    assert [path.name for path in objects] == ["erasures"]
    export = await story.office.client(AUDITOR).get(
        "/api/v1/audit/log", headers={"Accept": "application/x-ndjson"}
    )  # fmt: skip
    assert export.text.count("\n") > 10
    logged = "".join(capfd.readouterr())
    for words in secrets:
        for form in forms(words).values():
            assert form not in export.content
            assert form not in logged.encode()


async def test_the_log_shows_who_decided_what_and_that_it_was_done(story: Story) -> None:
    done = await story.erase()
    case = await story.office.facts(story.receipt["case_id"])
    assert case[-1] == ("case.erased", f"officer:{MAIN}")
    person = "-".join((done["person"][:8], done["person"][8:12], done["person"][12:16], done["person"][16:20],
                       done["person"][20:]))  # fmt: skip
    page = await story.office.get(AUDITOR, "audit/log", case=person, limit=10)
    decided, completed = [item["event"] for item in page["events"]]
    assert decided["data"] | {"keys": [], "files": 0} == {
        "erasure_id": done["erasure_id"], "person": done["person"], "keys": [], "files": 0, "cases": 1,
        "legal_basis": BASIS, "schedule": JRA, "officer": MAIN,
    }  # fmt: skip
    assert (len(decided["data"]["keys"]), decided["data"]["files"]) == (1, 1)
    assert completed["data"] == {
        "erasure_id": done["erasure_id"], "person": done["person"], "keys": 1, "files": 1, "lookups": 1
    }  # fmt: skip


async def test_screens_show_that_when_and_why(story: Story) -> None:
    await story.erase()
    case = story.receipt["case_id"]
    shown = await story.office.get(MAIN, f"cases/{case}")
    sealed = [step for step in shown["thread"] if step["kind"] in ("message.received", "case.noted", "case.answered")]
    assert len(sealed) == 3
    for step in sealed:
        assert (step["text"], step["sender"], step["unreadable"]) == (None, None, False)
        assert (step["erased"]["legal_basis"], step["erased"]["schedule"]) == (BASIS, JRA)
    url = sealed[0]["attachments"][0]["url"].removeprefix("/api/v1/")
    assert BASIS in (await story.office.get(MAIN, url, status=410))["detail"]
    note = await story.office.post(MAIN, f"cases/{case}/note", {"note": "lagi"}, status=410)
    assert note["code"] == "erased"
    form = {"number": story.receipt["registration"], "secret": story.receipt["secret"]}
    for language, words in (("id", "Isi telah dihapus"), ("en", "erased by a recorded decision")):
        async with story.office.hub.client(language=language) as citizen:
            page = await citizen.post("/cek", data=form)
        assert page.status_code == 200
        assert page.text.count(words) == 2
        assert page.text.count(BASIS) == 2
        assert "Gang Melati" not in page.text
    async with story.office.hub.client() as stranger:
        assert (await stranger.post("/cek", data={**form, "secret": "ABCD-ABCD-ABCD-ABCD"})).status_code == 404
    other = await story.office.get(MAIN, f"cases/{story.other['case_id']}")
    assert [step["text"] for step in other["thread"] if step["kind"] == "message.received"] == ["Lampu mati."]


async def test_who_writes_again_is_a_new_person_and_the_old_message_does_not_come_back(story: Story) -> None:
    done = await story.erase(channel="papan", address=ADDRESS.upper())
    await story.plan(status=404, channel="papan", address=ADDRESS)
    again = await story.office.write("Halo lagi.", ADDRESS, key="sri-2")
    assert again["status"] == "registered"
    assert (await story.plan(case=again["case_id"]))["person"] != done["person"]
    shown = await story.office.get(MAIN, f"cases/{again['case_id']}")
    assert shown["thread"][0]["text"] == "Halo lagi."
    assert shown["other_cases"] == []
    body = {"text": WORDS, "sender": {"address": ADDRESS, "name": NAME}}
    async with story.office.hub.client("account", "papan") as citizen:
        repeat = await citizen.post("/api/v1/messages", json=body, headers={"Idempotency-Key": "sri-1"})
    told = repeat.json()["receipt"]
    assert (told["status"], told["case_id"], told["secret"]) == ("duplicate", None, None)


async def test_what_officers_began_to_write_goes_with_the_person(story: Story) -> None:
    case, hub = story.receipt["case_id"], story.office.hub
    other = story.other["case_id"]
    async with await signed_in(hub, MAIN) as visitor:
        token = token_of(await visitor.get("/desk"))
        words = {"token": token, "draft": "0", "note": "Lampu mana?"}
        assert (await visitor.client.post(f"/desk/perkara/{other}/draf/catatan", data=words)).status_code == 303
        await story.erase()
        assert DRAFT not in await visitor.get(f"/desk/perkara/{case}")
        words = {"token": token, "draft": "1", "note": "lagi"}
        answer = await visitor.client.post(f"/desk/perkara/{case}/draf/catatan", data=words)
        assert answer.status_code == 410
        await Drafts(Desk(hub.service("desk"))).prune()
        assert hub.rows("desk", "SELECT case_id FROM draft") == [{"case_id": other}]
        assert "Lampu mana?" in await visitor.get(f"/desk/perkara/{other}")


async def test_a_hold_hinders_it_until_it_is_released(story: Story) -> None:
    case = {"case": story.receipt["registration"]}
    placed = await story.office.post(MAIN, "holds", {**case, "reason": "dispute", "legal_basis": "UU 14/2008"})
    refused = await story.office.post("atasan-ppid", "erasures", {**case, **DECISION}, status=409)
    assert refused["code"] == "on_hold"
    assert placed["hold_id"] in refused["detail"]
    assert [hold["hold_id"] for hold in (await story.plan())["holds"]] == [placed["hold_id"]]
    listed = await story.office.get(AUDITOR, "holds")
    assert [(hold["hold_id"], hold["officer"]) for hold in listed["holds"]] == [(placed["hold_id"], MAIN)]
    await story.office.post("atasan-ppid", f"holds/{placed['hold_id']}/release", {"legal_basis": "Putusan KI 12/2026"})
    assert (await story.office.get(MAIN, "holds"))["holds"] == []
    await story.erase()
    again = await story.office.post(MAIN, "erasures", {**case, **DECISION}, status=409)
    assert again["code"] == "already_erased"
    late = {**case, "reason": "court", "legal_basis": "UU 48/2009"}
    assert (await story.office.post(MAIN, "holds", late, status=409))["code"] == "already_erased"


async def test_only_the_main_officer_and_the_superior_may_and_nothing_personal_gets_in(story: Story) -> None:
    case = {"case": story.receipt["case_id"]}
    for officer in (UNIT, f"operator-{PUPR}", AUDITOR, "admin-hub"):
        await story.plan(status=403, officer=officer)
        await story.office.post(officer, "erasures", {**case, **DECISION}, status=403)
        await story.office.post(officer, "holds", {**case, "reason": "court", "legal_basis": "UU 48/2009"}, status=403)
    for basis in ("Sri Wahyuningsih <sri@warga.example>", "KTP 1209123456789012", "081234567890"):
        await story.office.post(MAIN, "erasures", {**case, "schedule": JRA, "legal_basis": basis}, status=422)
    assert (await story.plan())["erasure"] is None


STEPS = ("destroy", "note", "scrub", "files", "forget", "unindex", "complete")


async def test_one_that_breaks_off_at_a_step_goes_on_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One citizen after another: the process dies before a step of the erasure, and the next one takes it up."""
    dies: list[str] = []
    reached: list[str] = []

    def breaks(_: Erasing, name: str) -> None:
        if name in dies:
            reached.append(name)
            raise RuntimeError("the process dies here")

    monkeypatch.setattr(Erasing, "step", breaks)
    begun = ""
    for number, step in enumerate((*STEPS, "")):
        dies.clear()
        async with open_office(tmp_path) as office:
            story = Story(office, number)
            if begun:
                await story.completed(begun)
                assert leftovers(tmp_path / "data", PERSONAL) == []
            if not step:
                page = await office.get(AUDITOR, "audit/log", type="erasure.", limit=50)
                facts = [item["event"]["type"] for item in page["events"]]
                assert facts == ["id.corong.erasure.decided.v1", "id.corong.erasure.completed.v1"] * len(STEPS)
                return
            await story.tell()
            dies.append(step)  # until this hub is gone
            done = await office.post(MAIN, "erasures", {"case": story.receipt["case_id"], **DECISION}, status=202)
            begun = done["person"]
            await office.hub.until(lambda step=step: step in reached)  # type: ignore[misc]
            assert (await story.plan(person=begun))["erasure"]["completed_at"] is None


async def test_an_old_backup_of_the_key_store_brings_nobody_back(tmp_path: Path) -> None:
    keys = tmp_path / "data" / "db" / "keys.sqlite"
    async with open_office(tmp_path) as office:
        story = Story(office)
        await story.tell()
        with sqlite3.connect(keys) as live, sqlite3.connect(tmp_path / "backup") as backup:
            live.backup(backup)
        live.close()
        backup.close()
        done = await story.erase()
        receipt, other = story.receipt, story.other
    shutil.copy(tmp_path / "backup", keys)
    assert leftovers(keys.parent, [done["person"]]), "the backup holds the person"
    async with open_office(tmp_path) as office:
        story = Story(office)
        story.receipt = receipt
        shown = await office.get(MAIN, f"cases/{receipt['case_id']}")
        assert {bool(step["erased"]) for step in shown["thread"] if step["kind"] == "message.received"} == {True}
        assert (await office.get(MAIN, f"cases/{other['case_id']}"))["thread"][0]["text"] == "Lampu mati."
        with sqlite3.connect(keys) as connection:
            assert connection.execute("SELECT 1 FROM person WHERE person = ?", (done["person"],)).fetchall() == []
            assert connection.execute("SELECT wrapped FROM key WHERE person = ?", (done["person"],)).fetchall() == [
                (None,)
            ]
        connection.close()
        await office.hub.settled()
        page = await office.get(AUDITOR, "audit/log", type="erasure.repeated")
        assert [item["event"]["data"]["erasures"] for item in page["events"]] == [1]
        await story.plan(status=404, channel="papan", address=ADDRESS)
