"""More than two hundred real mails of every make through Postfix and Dovecot, and the answers back to the citizens."""

import asyncio
import contextlib
import hashlib
import io
import os
import random
import re
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from pypdf import PdfReader

from corong.channels.email.ids import is_ours
from corong.channels.runner import SourceRunner
from corong.runtime.receipts import letter_check
from corong_contracts.case import CaseKind
from corong_contracts.case_life import RequestParticulars
from corong_contracts.channel import InboundMessage, Receipt
from corong_contracts.command import AnswerCase, ClaimCase
from corong_contracts.life_command import ApproveRefusal, DetailCase, ReclassifyCase, RefuseRequest
from tests.channels.email import shapes
from tests.channels.email.line import SmtpLine, Trouble
from tests.channels.email.town import DOMAIN, Letter, Taken, Town, events, kept, regency
from tests.hubs import RunningHub, running_hub
from tests.peers.mail import MailServer, mail_server

__all__ = ["mail_server"]
pytestmark = [pytest.mark.peers, pytest.mark.slow]

OFFICE = "lapor@asahan.test"
MAIN = "ppid-utama"
ROBOT = "mailer-daemon@mx.warga.test"
NUMBER = re.compile(r"Nomor pendaftaran: (\w+/\d{4}/\d{6})")


def shapes_that(becomes: str) -> list[str]:
    return [name for name in shapes.names() if shapes.expect(name, 0, "a@warga.test", OFFICE).becomes == becomes]


def first_letters(town: Town) -> list[Letter]:
    """Each shape that opens a case, from many citizens; some of them write more than once."""
    citizens = [town.citizen() for _ in range(70)]
    names = [name for name in shapes_that("case") if name != "forged_thread"]
    drawn = [name for name in names for _ in range(2 if name == "big_attachment" else 3)] + ["plain"] * 30
    town.rng.shuffle(drawn)
    letters = [town.letter(name, town.rng.choice(citizens)) for name in drawn]
    gone = [town.letter("plain", town.citizen(mailbox=False)) for _ in range(2)]
    return letters + gone


def second_letters(town: Town, first: list[Letter], receipts: dict[int, str]) -> list[Letter]:
    """What follows: replies, repeats, forgeries, robots and bounces about our receipts."""
    plain = [letter for letter in first if letter.shape == "plain" and letter.number in receipts]
    town.rng.shuffle(plain)
    made: list[Letter] = []
    for name in shapes_that("follow_up") * 3:
        about = plain[len(made) % len(plain)]
        answers = receipts[about.number] if len(made) % 3 == 0 else ""
        made.append(town.letter(name, about.sender, about=about, answers=answers))
    for about in plain[:5]:
        made.append(town.letter("duplicate", about.sender, about=about))
        stranger = town.citizen()
        made.append(town.letter("forged_thread", stranger, about=about))
        made.append(town.letter("forged_thread", stranger, about=about, answers=receipts[about.number]))
    for name in shapes_that("ignored") * 3:
        about = town.rng.choice(plain)
        made.append(town.letter(name, about.sender, about=about))
    for name, about in zip(shapes_that("bounce") * 3, plain[-12:], strict=True):
        made.append(town.letter(name, about.sender, about=about, answers=receipts[about.number]))
    town.rng.shuffle(made)
    return made


async def receipts_of(hub: RunningHub, town: Town, letters: list[Letter], taken: dict[int, Taken]) -> dict[int, str]:
    """Check that each of the letters had its receipt, once, in its thread; the receipts' Message-IDs by letter."""
    numbers = {row["case_id"]: row["registration"] for row in hub.rows("intake", 'SELECT * FROM "case"')}
    found: dict[int, str] = {}
    for sender in {letter.sender for letter in letters}:
        own = {numbers[str(taken[item.number].case_id)]: item for item in letters if item.sender == sender}
        mails = [mail for mail in await town.mails(sender, len(own)) if mail.nature == "auto_reply"]
        told = [NUMBER.search(mail.text) for mail in mails]
        assert sorted(match[1] for match in told if match) == sorted(own), sender
        for mail, match in zip(mails, told, strict=True):
            assert match is not None
            letter = own[match[1]]
            assert mail.in_reply_to == letter.expected.message_id
            assert match[1] in mail.subject
            assert mail.sender.address == OFFICE
            found[letter.number] = mail.message_id
    return found


async def check(hub: RunningHub, letter: Letter, taken: dict[int, Taken]) -> None:
    """The letter became what its shape tells."""
    expected, result = letter.expected, taken[letter.number]
    about = taken[letter.about.number] if letter.about is not None else None
    automatic = letter.shape in ("auto_reply", "out_of_office")  # they name the citizen's own earlier mail
    match expected.becomes:
        case "case":
            assert result.status == "registered", letter
            if letter.shape == "forged_thread":
                assert about is not None
                assert result.case_id != about.case_id
                related = hub.rows("desk", "SELECT * FROM registered WHERE case_id = :id", id=result.case_id)
                assert [row["related_case"] for row in related] == [about.case_id]
        case "follow_up":
            assert about is not None
            assert (result.status, result.case_id) == ("follow_up", about.case_id), letter
        case "duplicate":
            assert result == about, letter
        case "ignored" if automatic:
            assert about is not None
            assert (result.status, result.case_id) == ("follow_up", about.case_id), letter
        case "ignored" | "bounce":
            assert (result.status, result.case_id) == ("set_aside", None), letter
    if result.case_id is None:
        return
    message = await kept(hub, result)
    assert message["text"] == expected.text, letter
    assert message["subject"] == expected.subject
    assert all(piece in message["quoted"] for piece in expected.quoted)
    assert message["attachment_names"] == [file.name for file in expected.files]
    assert message["files"] == [file.content for file in expected.files]
    assert message["media_types"] == [file.media_type for file in expected.files]
    assert message["automatic"] is automatic
    assert message["sender"]["address"] == letter.sender


async def test_two_hundred_mails(mail_server: MailServer, tmp_path: Path, rng: random.Random) -> None:
    town = Town(mail_server, OFFICE, rng)
    mail_server.add_mailbox(ROBOT, "rahasia")
    config, data = regency(tmp_path, mail_server, OFFICE), tmp_path / "data"
    first = first_letters(town)
    gone = [letter for letter in first if letter.sender not in town.boxes]
    async with running_hub(data, config=config) as hub:
        await town.post(first[:40])
        await asyncio.to_thread(mail_server.stop, "imap", crash=True)  # Postfix keeps what comes now
        await town.post(first[40:60])
        await asyncio.to_thread(mail_server.start, "imap")
        await town.post(first[60:])
        taken = await town.taken(hub)
        receipts = await receipts_of(hub, town, [letter for letter in first if letter not in gone], taken)
        second = second_letters(town, first, receipts)
        await town.post(second[: len(second) // 2])
    await town.post(second[len(second) // 2 :])  # nobody reads the mailbox
    await town.arrived()
    await town.until(mail_server.queue_is_empty)
    await asyncio.to_thread(mail_server.raise_uid_validity, OFFICE)  # everything must be read again
    await town.post([town.letter("plain", town.citizen())])
    async with running_hub(data, config=config) as hub:
        taken = await town.taken(hub)
        assert len(town.posted) >= 200
        assert {letter.shape for letter in town.posted} == set(shapes.names())
        for letter in town.posted:
            await check(hub, letter, taken)
        await check_bounces(hub, town, gone, taken)
        await check_counts(hub, town, taken)
        opened = [letter for letter in town.posted if taken[letter.number].status == "registered"]
        await receipts_of(hub, town, [letter for letter in opened if letter not in gone], taken)
        await asyncio.to_thread(mail_server.wait_for, ROBOT, 0)
        assert mail_server.mailbox(ROBOT) == []
        await answer_some(hub, town, taken)
        for service in ("intake", "routing", "publishing", "auditing", "desk", "portal"):
            assert hub.rows(service, "SELECT * FROM parked") == []


async def check_bounces(hub: RunningHub, town: Town, gone: list[Letter], taken: dict[int, Taken]) -> None:
    """What servers said of our mails is known at the delivery, also what this server said by itself."""
    expected = [
        (report.original_message_id, report.outcome, report.status)
        for letter in town.posted
        for report in letter.expected.reports
    ]
    for letter in gone:
        sql = "SELECT native_id FROM delivery WHERE case_id = :id"
        (sent,) = await hub.until(lambda: hub.rows("publishing", sql, id=taken[letter.number].case_id))  # noqa: B023
        expected.append((sent["native_id"], "failed", "5.1.1"))
    await hub.until(lambda: len(events(hub, "delivery.bounced")) >= len(expected), 30)
    told = [
        (f"corong.{event['delivery_id']}@{DOMAIN}", event["outcome"], event["code"])
        for event in events(hub, "delivery.bounced")
    ]
    assert sorted(told) == sorted(expected)


async def check_counts(hub: RunningHub, town: Town, taken: dict[int, Taken]) -> None:
    """Nothing came twice, nothing of our own opened a case, and the register has no gap."""
    cases = {found.case_id for found in taken.values() if found.status == "registered"}
    register = hub.rows("intake", 'SELECT case_id, registration FROM "case" ORDER BY registration')
    assert {row["case_id"] for row in register} == cases
    assert [int(row["registration"].rpartition("/")[2]) for row in register] == list(range(1, len(cases) + 1))
    messages = {found.message_id for found in taken.values()}
    for event in events(hub, "message.received"):
        assert event["message_id"] in messages
    assert len(events(hub, "message.received")) + len(events(hub, "message.set_aside")) == len(messages) + 2  # `gone`
    receipts = [event for event in events(hub, "publication.drafted") if event["kind"] == "receipt"]
    assert sorted(event["case_id"] for event in receipts) == sorted(str(case) for case in cases)


async def answer_some(hub: RunningHub, town: Town, taken: dict[int, Taken]) -> None:
    """Officers answer; the answer is in the citizen's thread, and what the citizen replies is in the case's."""
    letters = {letter.number: letter for letter in town.posted}
    person = [letters[number] for number in taken if letters[number].expected.nature == "person"]
    latest = {str(taken[letter.number].case_id): letter for letter in person if letter.shape != "duplicate"}
    chosen = town.rng.sample([(case, last) for case, last in latest.items() if last.sender in town.boxes], 8)
    replies = []
    for case, last in chosen:
        text = f"Yth. warga, petugas kami datang besok. 🙏\n\nNomor {last.number}."
        (row,) = hub.rows("desk", "SELECT unit, registration FROM \"case\" JOIN registered USING (case_id) "
                          "WHERE case_id = :id", id=case)  # fmt: skip
        officer = f"petugas-{row['unit']}"
        await hub.command(ClaimCase(case_id=UUID(case)), officer)
        await hub.command(AnswerCase(case_id=UUID(case), text=text), officer)
        sql = "SELECT native_id FROM delivery WHERE case_id = :id AND state = 'sent' AND publication_id IN " \
              "(SELECT publication_id FROM publication WHERE kind = 'reply')"  # fmt: skip
        (sent,) = await hub.until(lambda: hub.rows("publishing", sql, id=case))  # noqa: B023
        await hub.settled()
        await town.until(town.server.queue_is_empty)
        (mail,) = [item for item in await town.mails(last.sender, 1) if item.message_id == sent["native_id"]]
        assert (mail.text, mail.nature) == (text, "person")
        if last.expected.message_id:
            assert mail.in_reply_to == last.expected.message_id
        else:  # then it stands behind our receipt
            assert is_ours(mail.in_reply_to, DOMAIN)
        assert mail.references[-1] == mail.in_reply_to
        assert row["registration"] in mail.subject
        assert last.expected.subject.removeprefix("Re: ")[:20] in mail.subject
        name = town.rng.choice([name for name in shapes_that("follow_up") if name != "many_references"])
        replies.append((case, town.letter(name, last.sender, answers=mail.message_id)))
    await town.post([letter for _, letter in replies])
    taken = await town.taken(hub)
    for case, letter in replies:
        assert (taken[letter.number].status, taken[letter.number].case_id) == ("follow_up", case)


async def refused_by_letter(hub: RunningHub, case: UUID) -> None:
    """The case is a request; it is refused, and the superior approves that."""
    (row,) = hub.rows("routing", 'SELECT unit FROM "case" WHERE case_id = :id', id=str(case))
    officer = f"petugas-{row['unit']}"
    await hub.command(ReclassifyCase(case_id=case, kind=CaseKind.INFORMATION_REQUEST, reason="Minta salinan."), MAIN)
    particulars = RequestParticulars(name="Ani Contoh", address="Jalan Melati 2", asked="DPA jalan tahun 2025")
    await hub.command(DetailCase(case_id=case, particulars=particulars), officer)
    await hub.command(ClaimCase(case_id=case), officer)
    refusal = RefuseRequest.model_validate(
        {
            "case_id": case, "weighing": "Mengungkap rahasia pribadi.", "text": "Mohon maaf, tidak dapat kami berikan.",
            "finding": {"grounds": ["h"], "test": {"number": "UK/1", "held_on": "2026-03-20",
                                                   "exempt_until": "2099-03-20"}},
        }
    )  # fmt: skip
    told = await hub.command(refusal, officer)
    await hub.command(ApproveRefusal(case_id=case, text_hash=told["text_hash"]), "atasan-ppid")


async def test_a_refusal_reaches_the_citizen_as_the_letter_that_the_log_tells_of(
    mail_server: MailServer, tmp_path: Path, rng: random.Random
) -> None:
    office = "surat@asahan.test"
    town = Town(mail_server, office, rng)
    config = regency(tmp_path, mail_server, office)
    async with running_hub(tmp_path / "data", config=config) as hub:
        letter = town.letter("plain", town.citizen())
        await town.post([letter])
        case = UUID((await town.taken(hub))[letter.number].case_id)
        (receipt,) = await town.mails(letter.sender, 1)
        await hub.settled()
        await refused_by_letter(hub, case)
        mail = (await town.mails(letter.sender, 2))[-1]
        number, secret = NUMBER.search(receipt.text), re.search(r"Kode rahasia: (\S+)", receipt.text)
        assert number is not None
        assert secret is not None
        (attached,) = mail.attachments
        assert (attached.name, attached.media_type) == (f"surat-{number[1].replace('/', '-')}.pdf", "application/pdf")
        assert f"Permohonan {number[1]} tidak dapat dipenuhi." in mail.text
        assert "Anda berhak mengajukan keberatan kepada atasan PPID" in mail.text
        page = " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(attached.content)).pages)
        for words in (number[1], "Yth. Ani Contoh", "DPA jalan tahun 2025", "Pasal 17 huruf h", "Atasan PPID"):
            assert words in page, words

        await hub.settled()
        (made,) = [one for one in events(hub, "document.made") if one["kind"] != "receipt"]
        digest = f"sha256-{hashlib.sha256(attached.content).hexdigest()}"
        assert made["check"] == letter_check(str(case), secret[1], digest)
        form = {"number": number[1], "secret": secret[1]}
        async with hub.client() as citizen:
            shown = await citizen.post("/cek", data=form)
            assert digest in shown.text
            got = await citizen.post("/cek/surat", data=form | {"document": made["document_id"]})
            assert (got.content, got.headers["content-type"]) == (attached.content, "application/pdf")
            wrong = await citizen.post("/cek/surat", data=form | {"secret": "AAAA", "document": made["document_id"]})
            assert wrong.status_code == 404
        async with hub.client("officer", "ppid-utama") as desk:
            told = (await desk.get(f"/api/v1/cases/{case}/documents")).json()["made"]
            (kept,) = [one for one in told if one["kind"] != "receipt"]
            assert (kept["digest"], kept["file"], kept["edition"]) == (digest, made["file"]["digest"], 1)
            assert (await desk.get(kept["url"])).content == attached.content
        (stored,) = (path for path, _ in hub.hub.installation.objects.listed(made["key"]) if path.endswith(
            made["file"]["digest"].removeprefix("sha256-")
        ))  # fmt: skip
        sealed = (tmp_path / "data" / "objects" / stored).read_bytes()
        assert f"sha256-{hashlib.sha256(sealed).hexdigest()}" == made["file"]["digest"]
        assert b"%PDF" not in sealed


@contextlib.contextmanager
def broker_stands_still(hub: RunningHub) -> Iterator[None]:
    assert hub.hub.server is not None
    assert hub.hub.server.pid is not None
    os.kill(hub.hub.server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(hub.hub.server.pid, signal.SIGCONT)


async def test_nothing_is_marked_while_intake_has_no_receipt_to_give(
    mail_server: MailServer, tmp_path: Path, rng: random.Random, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = "tunggu@asahan.test"
    town = Town(mail_server, office, rng)
    tries: list[str] = []
    hand_over = SourceRunner.hand_over

    async def counted(runner: SourceRunner, message: InboundMessage) -> Receipt:
        tries.append(message.native_id)
        return await hand_over(runner, message)

    monkeypatch.setattr(SourceRunner, "hand_over", counted)
    async with running_hub(tmp_path / "data", config=regency(tmp_path, mail_server, office)) as hub:
        with broker_stands_still(hub):
            await town.post([town.letter("plain", town.citizen())])
            await hub.until(lambda: tries)
            assert [flags for flags in mail_server.flags(office) if "\\Seen" in flags] == []
            assert len(tries) == 1
        taken = await town.taken(hub)
        assert [found.status for found in taken.values()] == ["registered"]
        await hub.until(lambda: "\\Seen" in mail_server.flags(office)[0])


@pytest.mark.parametrize(("trouble", "known_by"), [("cut", "look_up"), ("lost", "answer")])
async def test_what_may_have_gone_out_goes_out_once(
    mail_server: MailServer, tmp_path: Path, rng: random.Random, trouble: Trouble, known_by: str
) -> None:
    office = f"{trouble}@asahan.test"
    town = Town(mail_server, office, rng)
    with SmtpLine(mail_server.submission_port) as line:
        line.trouble = trouble
        config = regency(tmp_path, mail_server, office, smtp_port=line.port)
        async with running_hub(tmp_path / "data", config=config) as hub:
            letter = town.letter("plain", town.citizen())
            await town.post([letter])
            await hub.until(lambda: events(hub, "delivery.uncertain"))
            line.trouble = "none"
            await hub.until(lambda: events(hub, "delivery.sent"), 30)
            assert [event["known_by"] for event in events(hub, "delivery.sent")] == [known_by]
            assert len(events(hub, "delivery.started")) == (1 if trouble == "cut" else 2)
            assert len(await town.mails(letter.sender, 1)) == 1
