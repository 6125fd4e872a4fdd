"""Nothing personal anywhere but sealed: logs, subjects, headers, metrics, error bodies, and every byte on the disk."""

import asyncio
import base64
import contextlib
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nats
import pytest
import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg

import corong.embedded
from corong.runtime import logs
from corong.runtime.permissions import server_config
from corong_contracts.command import AnswerCase, AssignCase, ClaimCase, NoteCase
from corong_contracts.topology import inbox_of
from tests.hubs import RunningHub, running_hub

# Letters alone, so that no way of writing text changes them.
NAME, ADDRESS, TEXT, SUBJECT = "ZqNamaWarga", "zqalamatwarga", "ZqIsiPesan", "ZqJudulPesan"
FILE, CONTENT, NATIVE, THREAD = "ZqNamaBerkas", "ZqIsiBerkas", "ZqKunciPesan", "ZqUtasPesan"
NOTE, INSTRUCTION, ANSWER, BROKEN, TYPE = "ZqCatatan", "ZqDisposisi", "ZqJawaban", "ZqRusak", "ZqJenisBerkas"
MARKS = (NAME, ADDRESS, TEXT, SUBJECT, FILE, CONTENT, NATIVE, THREAD, NOTE, INSTRUCTION, ANSWER, BROKEN, TYPE)
OFFICER = "petugas-dinas-pupr"


def forms(mark: str) -> list[bytes]:
    """A mark as it may stand in bytes: in the clear, in UTF-16, and inside of base64 at any of three offsets."""
    plain = mark.encode()
    found = [plain, mark.encode("utf-16-le"), plain.hex().encode()]
    for offset in range(3):
        text = base64.b64encode(b"\0" * offset + plain + b"\0" * 3).decode()
        start = (offset * 8 + 5) // 6
        inner = text[start : (offset + len(plain)) * 8 // 6]
        found += [inner.encode(), inner.replace("+", "-").replace("/", "_").encode()]
    return found


def marks_in(content: bytes) -> list[str]:
    return [mark for mark in MARKS if any(form in content for form in forms(mark))]


def files_with_marks(folder: Path) -> dict[Path, list[str]]:
    """Every file of a folder, and the marks in its bytes."""
    return {path: marks_in(path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything that goes to the log at its most talkative."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    with contextlib.redirect_stderr(stream):
        logs.configure("debug")
    yield stream
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


OBSERVER = '    { user: observer, password: observer, permissions: { publish: "_none", subscribe: ">" } }\n  ]'


@pytest.fixture
def observed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker on which a test's user may hear everything."""

    def with_observer(*args: Any, **kwargs: Any) -> str:
        return server_config(*args, **kwargs).replace("\n  ]", f"\n{OBSERVER}", 1)

    monkeypatch.setattr(corong.embedded, "server_config", with_observer)


class Overheard:
    """Subjects and headers of everything that the broker carried."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.client = Client()

    async def listen(self, url: str) -> None:
        await self.client.connect(url, user="observer", password="observer")
        await self.client.subscribe(">", cb=self._note, pending_msgs_limit=-1, pending_bytes_limit=-1)
        await self.client.flush()

    async def _note(self, message: Msg) -> None:
        self.heard.append(f"{message.subject} {message.reply} {message.headers}")


async def events_of(hub: RunningHub) -> list[Msg]:
    """Every message in the stream EVENTS."""
    assert hub.hub.server is not None
    server = hub.hub.server
    client = await nats.connect(
        server.url, user="deploy", password=server.known["deploy"], inbox_prefix=inbox_of("deploy").encode()
    )
    try:
        count = (await client.jetstream().stream_info("EVENTS")).state.messages
        found = []
        for number in range(1, count + 1):
            answer = await client.request("$JS.API.STREAM.MSG.GET.EVENTS", json.dumps({"seq": number}).encode(), 5)
            raw = json.loads(answer.data)["message"]
            headers = base64.b64decode(raw["hdrs"]).decode()
            data = base64.b64decode(raw["data"])
            found.append(Msg(_client=client, subject=raw["subject"], data=data, headers={"all": headers}))
        return found
    finally:
        await client.close()


def message(**other: Any) -> dict[str, Any]:
    content = base64.b64encode(CONTENT.encode() * 50).decode()
    return {
        "text": f"Jalan rusak. {TEXT}",
        "subject": SUBJECT,
        "sender": {"address": f"{ADDRESS}@contoh.id", "name": NAME},
        "thread": [THREAD],
        "attachments": [
            {"name": f"{FILE}.pdf", "media_type": f'application/pdf; name="{TYPE}"', "content": content},
        ],
        **other,
    }


async def hand_in(hub: RunningHub) -> tuple[str, list[str]]:
    """A case by the JSON door, and bodies of every refusal there."""
    refused: list[str] = []
    async with hub.client("account", "api-contoh") as citizen:

        async def post(expected: int, key: str = NATIVE, **given: Any) -> Any:
            answer = await citizen.post("/api/v1/messages", headers={"Idempotency-Key": key}, **given)
            assert answer.status_code == expected, answer.text
            if expected >= 400:
                refused.append(answer.text)
            return answer.json()

        receipt = (await post(202, json=message()))["receipt"]
        await post(202, json=message())
        await post(422, json=message(text=f"lain {TEXT}"))
        await post(202, key=f"{NATIVE}-2", json=message(text=f"{TEXT} " * 4000, thread=[NATIVE]))
        await post(422, key="k", json=message(kind=TEXT, sender={"address": "", "name": NAME * 50}))
        await post(422, key="k", json=message(attachments=[{"name": FILE, "content": f"{CONTENT}!"}]))
        await post(422, key="k", content=json.dumps(message())[:-5].encode())
        await post(413, key="k", content=f"{TEXT}".encode() * 3_000_000)
    async with hub.client() as stranger:
        headers = {"Authorization": f"Bearer {NAME}", "Idempotency-Key": NATIVE}
        answer = await stranger.post("/api/v1/messages", json=message(), headers=headers)
        assert answer.status_code == 401
        refused.append(answer.text)
        form = {"kind": "question", "text": TEXT, "name": NAME, "contact": "bukan alamat", "website": "x"}
        assert (await stranger.post("/tanda-terima", data=form)).status_code == 422  # the form shows it again
        page = await stranger.get(f"/cek?nomor={quote(NAME)}")
        assert page.status_code < 500
    return str(receipt["case_id"]), refused


async def by_the_broker(hub: RunningHub) -> None:
    """Messages at the NATS door: one that is good, and each kind that is not."""
    assert hub.hub.server is not None
    server = hub.hub.server
    client = await nats.connect(
        server.url, user="channels", password=server.known["channels"], inbox_prefix=inbox_of("channels").encode()
    )
    subject = "corong.inbound.api.api-contoh"
    sender = {"address": f"{ADDRESS}@lain.id", "name": NAME}
    good = message(channel="api", account="api-contoh", native_id=f"{NATIVE}-3", sender=sender)
    bad: list[bytes] = [
        BROKEN.encode(),
        json.dumps({**good, "sender": BROKEN}).encode(),
        json.dumps({**good, "account": BROKEN.lower()}).encode(),
        json.dumps({**good, BROKEN: BROKEN, "text": 7}).encode(),
        json.dumps({**good, "text": BROKEN * 4000, "nature": BROKEN}).encode(),
        json.dumps({**good, "native_id": f"{NATIVE}-4", "attachments": [{"name": FILE, "staged": BROKEN}]}).encode(),
    ]
    try:
        for body in (json.dumps(good).encode(), *bad):
            await client.jetstream().publish(subject, body, stream="INBOUND")
        await hub.until(lambda: len(hub.rows("intake", "SELECT 1 FROM quarantine")) == len(bad), 30)
    finally:
        await client.close()


async def officers_work(hub: RunningHub, case: str) -> None:
    """Claim, note, answer; and hand another case on."""
    await hub.settled()
    await hub.command(ClaimCase(case_id=case), OFFICER)  # type: ignore[arg-type]
    await hub.command(NoteCase(case_id=case, note=NOTE), OFFICER)  # type: ignore[arg-type]
    await hub.command(AnswerCase(case_id=case, text=ANSWER, close=True), OFFICER)  # type: ignore[arg-type]
    other = next(row for row in hub.rows("routing", 'SELECT * FROM "case"') if row["case_id"] != case)
    main = hub.hub.installation.directory.main_unit.id
    chief = next(item.id for item in hub.hub.installation.directory.officers if item.role == "main_officer")
    to = "dinas-kesehatan" if other["unit"] != "dinas-kesehatan" else main
    await hub.command(AssignCase(case_id=other["case_id"], unit=to, instruction=INSTRUCTION), chief)
    await hub.until(lambda: hub.rows("publishing", "SELECT 1 FROM delivery WHERE state = 'sent'"))


async def failing_loop(hub: RunningHub) -> None:
    """A loop of a service fails with a citizen's words in its error."""
    failed = asyncio.Event()

    async def fail() -> None:
        if not failed.is_set():
            failed.set()
            raise ValueError(TEXT) from KeyError(NAME)

    service = hub.service("portal")
    task = asyncio.create_task(service._again(fail))
    await failed.wait()
    await hub.until(task.done)


@pytest.mark.usefixtures("observed")
async def test_nothing_personal_leaves_its_seal(tmp_path: Path, written: io.StringIO) -> None:
    overheard = Overheard()
    async with running_hub(tmp_path) as hub:
        assert hub.hub.server is not None
        await overheard.listen(hub.hub.server.url)
        case, refused = await hand_in(hub)
        await by_the_broker(hub)
        await officers_work(hub, case)
        await failing_loop(hub)
        await hub.settled()
        async with hub.client() as anybody:
            metrics = (await anybody.get("/metrics")).text
            ready = (await anybody.get("/readyz")).text
        events = await events_of(hub)
        ledger = [row["body"] for row in hub.rows("auditing", "SELECT body FROM entry")]
        running = files_with_marks(tmp_path)
        await overheard.client.close()
    assert len(events) == len(ledger) > 20
    for event in events:
        assert marks_in(event.subject.encode() + str(event.headers).encode() + event.data) == []
    assert any("corong.inbound.api.api-contoh" in line for line in overheard.heard)
    assert any("corong.command.routing.case.answer" in line for line in overheard.heard)
    assert marks_in("\n".join(overheard.heard).encode()) == []
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [line["error"] for line in lines if line["event"] == "loop failed"] == ["ValueError"]
    assert marks_in(written.getvalue().encode()) == []
    assert len(refused) == 6
    assert [marks_in(body.encode()) for body in refused] == [[]] * 6
    assert "corong_accepted_messages_total" in metrics
    assert marks_in((metrics + ready).encode()) == []
    # While it runs (write-ahead logs, the broker's store) and after it stopped.
    assert any(path.name.endswith("-wal") for path in running)
    assert {path: marks for path, marks in running.items() if marks} == {}
    stopped = files_with_marks(tmp_path)
    assert {path: marks for path, marks in stopped.items() if marks} == {}
    kinds = {path.relative_to(tmp_path).parts[0] for path in stopped}
    assert {"db", "nats", "objects", "secrets"} <= kinds


def test_the_search_would_find_a_mark() -> None:
    for mark in MARKS:
        for prefix in (b"", b"a", b"ab", b"abc"):
            body = prefix + mark.encode() + b"xyz"
            for text in (body, base64.b64encode(body), base64.urlsafe_b64encode(body), body.hex().encode()):
                assert mark in marks_in(b'{"x":"' + text + b'"}')


def say() -> None:
    """What libraries and we say about errors that quote somebody."""

    def fail() -> None:
        try:
            raise KeyError(NAME)
        except KeyError as error:
            raise ExceptionGroup(TEXT, [ValueError(ADDRESS)]) from error

    try:
        fail()
    except ExceptionGroup as error:
        logging.getLogger("uvicorn.error").error("Exception in ASGI application\n", exc_info=True)
        structlog.get_logger().error("own", exc_info=error)
        structlog.get_logger().exception("own again")
        logging.getLogger("asyncio").error(f"Task exception was never retrieved\nfuture: {error!r}", exc_info=error)
        logging.getLogger("some.library").error(error)
    logging.getLogger("some.library").warning("cannot read %s: 100%%", TEXT)


def test_an_error_is_told_by_kind_and_place(written: io.StringIO) -> None:
    say()
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    assert [(line["event"], line["level"]) for line in lines] == [
        ("Exception in ASGI application", "error"),
        ("own", "error"),
        ("own again", "error"),
        ("Task exception was never retrieved", "error"),
        ("ExceptionGroup", "error"),
        ("cannot read %s: 100%%", "warning"),
    ]
    for line in lines[:4]:
        assert line["error"] == "ExceptionGroup"
        told = [place.split(":")[0] for place in line["where"]]
        assert told == ["ExceptionGroup", "ValueError", "KeyError"]
        assert "runtime/test_logs.py:" in line["where"][0]
    assert marks_in(written.getvalue().encode()) == []


def test_levels_and_the_console(written: io.StringIO) -> None:
    with contextlib.redirect_stderr(written):
        logs.configure("error", "console")
    structlog.get_logger().warning("not told")
    structlog.get_logger().error("told", case="0")
    logging.getLogger("some.library").warning("not told")
    assert "not told" not in written.getvalue()
    assert "case=0" in written.getvalue()
