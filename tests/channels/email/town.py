"""Citizens who write to an office by real mail, and what the hub made of it."""

import asyncio
import json
import random
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corong.channels.email.imap import Fetched
from corong.channels.email.inbound import Reader
from corong.channels.email.parse import ParsedMail, parse
from corong.runtime.sealing import SealedAt
from corong_contracts.channel import AccountConfig, InboundMessage
from corong_contracts.message import AttachmentRef
from tests.channels.email import shapes
from tests.channels.email.shapes import Expected
from tests.hubs import RunningHub
from tests.peers.mail import MailServer
from tests.programs import ROOT

ACCOUNT, DOMAIN, PASSWORD = "surel", "asahan.test", "kata sandi"

_ACCOUNT = """
[[account]]
id = "surel"
channel = "email"
unit = "diskominfo"
name = "Surel PPID Asahan"
receipts = true

[account.settings]
address = "{office}"
name = "PPID Asahan"
password = {{ file = "secrets/surel" }}
imap_host = "127.0.0.1"
imap_port = {imap_port}
imap_tls = "none"
smtp_host = "127.0.0.1"
smtp_port = {smtp_port}
smtp_tls = "none"
copy_to = "{office}"
idle_seconds = 2
own_marker = "corong-uji"
"""


def regency(folder: Path, server: MailServer, office: str, *, smtp_port: int = 0) -> Path:
    """The configuration in `folder`: examples/asahan with an e-mail account of the address `office` on `server`."""
    config = folder / "config"
    shutil.copytree(ROOT / "examples" / "asahan", config)
    (config / "secrets").mkdir()
    (config / "secrets" / "surel").write_text(f"{PASSWORD}\n")
    accounts = (config / "accounts.toml").read_text()
    added = _ACCOUNT.format(office=office, imap_port=server.imap_port, smtp_port=smtp_port or server.submission_port)
    (config / "accounts.toml").write_text(accounts + added)
    hub = (config / "hub.toml").read_text()
    (config / "hub.toml").write_text(hub.replace("asahan.example", DOMAIN))
    return config


@dataclass(frozen=True)
class Letter:
    """A mail to the office. Its `number` stands in a field of its own, so that it is known again in the mailbox."""

    number: int
    shape: str
    sender: str
    raw: bytes = field(repr=False)
    envelope_sender: str
    expected: Expected
    about: "Letter | None" = None
    """The letter that it answers, repeats or misuses."""
    answers: str = ""
    """The Message-ID that it names, where that is one of ours."""


@dataclass(frozen=True)
class Taken:
    """What intake says of a letter."""

    message_id: str
    case_id: str | None
    status: str


class Town:
    """The office's mailbox, the citizens' mailboxes, and every letter written."""

    def __init__(self, server: MailServer, office: str, rng: random.Random) -> None:
        self.server = server
        self.office = office
        self.rng = rng
        self.letters: list[Letter] = []
        self.posted: list[Letter] = []
        self._arrived: dict[int, InboundMessage] = {}
        self._read: dict[tuple[bytes | None, bytes], tuple[int, InboundMessage]] = {}
        self._citizens = 0
        self.boxes: set[str] = set()
        """The citizens who have a mailbox."""
        config = AccountConfig(id=ACCOUNT, channel="email", domain=DOMAIN)
        self._reader = Reader(config, office, shapes.OWN_MARKER)
        server.add_mailbox(office, PASSWORD)

    def citizen(self, *, mailbox: bool = True) -> str:
        """A new citizen's address."""
        self._citizens += 1
        address = f"warga{self._citizens}.{self.office.partition('@')[0]}@warga.test"
        if mailbox:
            self.server.add_mailbox(address, "rahasia")
            self.boxes.add(address)
        return address

    def letter(self, shape: str, sender: str, *, about: Letter | None = None, answers: str = "") -> Letter:
        """Write a letter; `about` is the letter that it answers or repeats, `answers` a Message-ID instead."""
        number = len(self.letters) + 1
        n = about.number if about is not None and shape == "duplicate" else number
        named = answers or (about.expected.message_id if about is not None else "")
        raw = b"X-Uji: %d\r\n" % number + shapes.make(shape, n, sender, self.office, answers=named)
        expected = shapes.expect(shape, n, sender, self.office, answers=named)
        envelope = shapes.envelope_sender(shape, sender)
        letter = Letter(number, shape, sender, raw, envelope, expected, about, answers)
        self.letters.append(letter)
        return letter

    async def post(self, letters: Iterable[Letter]) -> None:
        """Give letters to Postfix, one after another."""
        for letter in letters:
            await asyncio.to_thread(self.server.inject, letter.raw, letter.envelope_sender, self.office)
            self.posted.append(letter)

    async def arrived(self) -> dict[int, InboundMessage]:
        """The posted letters by number, as the source must hand them over, in the order of the office's mailbox."""
        try:
            await self.until(self._all_arrived)
        except TimeoutError:
            missing = [letter.number for letter in self.posted if letter.number not in self._arrived]
            raise AssertionError(f"not in the mailbox: {missing}\n{self.server.log()[-6000:]}") from None
        return self._arrived

    async def taken(self, hub: RunningHub) -> dict[int, Taken]:
        """Wait until intake has all posted letters; what it says of each, by number."""
        key = hub.hub.installation.key.pseudonym
        arrived = await self.arrived()
        keys = {number: key("native", "email", ACCOUNT, item.native_id) for number, item in arrived.items()}

        def seen() -> dict[str, Taken]:
            rows = hub.rows(
                "intake", "SELECT lookup.key AS native_key, message_id, case_id, status FROM seen"
                " JOIN lookup ON lookup.native_key = seen.native_key"
            )  # fmt: skip
            return {row["native_key"]: Taken(row["message_id"], row["case_id"], row["status"]) for row in rows}

        await hub.until(lambda: set(keys.values()) <= set(seen()), 60)
        await hub.settled()
        all_seen = seen()
        return {number: all_seen[native_key] for number, native_key in keys.items()}

    async def mails(self, address: str, count: int) -> list[ParsedMail]:
        """Wait until a citizen has `count` mails of ours, and no more come; how they read there."""
        await asyncio.to_thread(self.server.wait_for, address, count)
        await self.until(self.server.queue_is_empty)
        return [parse(raw) for raw in await asyncio.to_thread(self.server.mailbox, address)]

    def _all_arrived(self) -> bool:
        client = self.server.imap(self.office)
        try:
            client.select("INBOX", readonly=True)
            validity = client.response("UIDVALIDITY")[1][0]
            uids = client.uid("SEARCH", 'HEADER X-Uji ""')[1][0].split()
            for uid in uids:
                if (validity, uid) not in self._read:
                    answer = client.uid("FETCH", uid.decode(), "(BODY.PEEK[])")[1]
                    raw = next(item[1] for item in answer if isinstance(item, tuple))
                    message = self._reader.read(Fetched(raw, True))
                    assert message is not None
                    number = int(raw.partition(b"X-Uji: ")[2].split(b"\r\n")[0])
                    self._read[validity, uid] = number, message
            # There may be more than were posted: a server that was killed may deliver a mail again.
            self._arrived = dict(self._read[validity, uid] for uid in uids)
            return set(self._arrived) >= {letter.number for letter in self.posted}
        finally:
            client.logout()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until `condition` is true, asked in a thread: what it asks takes a while."""
        async with asyncio.timeout(60):
            while not await asyncio.to_thread(condition):  # noqa: ASYNC110 - servers tell nobody
                await asyncio.sleep(0.05)


async def kept(hub: RunningHub, taken: Taken) -> dict[str, Any]:
    """A message of a case as the hub has it: its event's data, what was sealed, and the files from the store."""
    rows = hub.rows("desk", "SELECT * FROM entry WHERE kind = 'message.received' AND case_id = :id", id=taken.case_id)
    row = next(row for row in rows if json.loads(row["data"])["message_id"] == taken.message_id)
    installation = hub.hub.installation
    data = json.loads(row["data"])
    key = SealedAt.of(row["sealed"]).key
    refs = [AttachmentRef.model_validate(item) for item in data["attachments"]]
    content = installation.sealer.open_json(row["sealed"])
    return {
        **data,
        **content,
        "sender": installation.sealer.open_json(row["sender"]),
        "files": [await installation.objects.get(key, ref) for ref in refs],
        "media_types": [ref.media_type for ref in refs],
    }


def events(hub: RunningHub, kind: str) -> list[dict[str, Any]]:
    """The data of all events of a type, from the log, in its order."""
    sql = "SELECT body FROM entry WHERE type = :type ORDER BY position"
    return [json.loads(row["body"])["data"] for row in hub.rows("auditing", sql, type=f"id.corong.{kind}.v1")]
