"""Letters filled from a case: what routing says of the decision, with what the desk has of who asked."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from corong.desk import queue, thread
from corong.desk.cases import Cases, Row, told_of_files
from corong.desk.document_bodies import Draft, Made
from corong.desk.tables import document
from corong.documents import Asker, Facts, IncompleteFacts, Office, Template, assembled, fill, particulars_of
from corong.documents.refusing import read_template
from corong.runtime.clock import moment
from corong.runtime.policy import Actor
from corong.runtime.refusal import Refused
from corong.runtime.sealing import BadSeal, Erased
from corong_contracts.document import DocumentKind
from corong_contracts.document_command import PreviewDocument
from corong_contracts.message import AttachmentRef

DRAFT = "KONSEP, belum dikirim"
"""In the foot of a letter that nobody has sent."""


@dataclass(frozen=True)
class Words:
    """What a letter would be filled with."""

    template: Template
    decided: dict[str, Any]
    asker: Asker
    at: datetime


class Letters:
    """Fills letters for officers who may read the case."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._desk = cases.desk

    async def words(self, officer: Actor, case_id: UUID, kind: DocumentKind, draft: Draft) -> Words:
        """What a letter of the kind would say. Raises `Refused` (404, 409, 410, 422), `Forbidden`."""
        command = PreviewDocument(case_id=case_id, kind=kind, **draft.model_dump(exclude={"template"}))
        told = await self._desk.ask(officer, command, None, None, wait=False)
        result = told.result
        asker = await self._desk.read(lambda connection: self._asker(connection, officer, case_id, result))
        template = _tried(draft.template, kind) or Template.of_content(result["template"]["content"])
        return Words(template, result["decided"], asker, moment(result["at"]))

    async def made(self, officer: Actor, case_id: UUID) -> list[Made]:
        """The letters that were made. Raises `Refused` (404), `Forbidden`."""

        def find(connection: Connection) -> list[Made]:
            self._cases.load(connection, officer, case_id)
            chosen = select(document).where(document.c.case_id == str(case_id)).order_by(document.c.made_at)
            return [self._shown(dict(row)) for row in connection.execute(chosen).mappings()]

        return await self._desk.read(find)

    def _shown(self, row: Row) -> Made:
        try:
            digest = self._desk.installation.sealer.open_text(row["digest"])
        except (Erased, BadSeal):
            digest = None
        same = {name: row[name] for name in ("document_id", "kind", "title", "template", "edition", "made_at", "size")}
        url = f"/api/v1/cases/{row['case_id']}/documents/made/{row['document_id']}" if _may_be_read(row) else None
        return Made(**same, file=row["file"], digest=digest, url=url)

    async def file(self, officer: Actor, case_id: UUID, document_id: UUID) -> tuple[bytes, Row]:
        """The pages of a letter that went out. Raises `Refused` (403, 404, 410, 500), `Forbidden`."""

        def find(connection: Connection) -> Row | None:
            self._cases.load(connection, officer, case_id)
            chosen = select(document).where(
                document.c.document_id == str(document_id), document.c.case_id == str(case_id)
            )
            row = connection.execute(chosen).mappings().first()
            return dict(row) if row else None

        row = await self._desk.read(find)
        if row is None:
            raise Refused(404, "no_such_letter", "Surat itu tidak ada.", "There is no such letter.")
        if not _may_be_read(row):
            raise Refused(
                403, "holders_receipt",
                "Tanda bukti memuat kode rahasia warga: hanya pemegang kode itu yang dapat mengunduhnya.",
                "A receipt holds the citizen's code: only who has that code downloads it.",
            )  # fmt: skip
        ref = AttachmentRef(digest=row["file"], size=row["size"], media_type=row["media_type"])
        with told_of_files():
            self._desk.installation.sealer.open_text(row["digest"])  # an erasure takes the file as well
            return await self._desk.installation.objects.get(row["key"], ref), row

    def missing(self, kind: DocumentKind, words: Words) -> IncompleteFacts | None:
        """What a letter still needs."""
        try:
            self._facts(kind, words)
        except IncompleteFacts as incomplete:
            return incomplete
        return None

    def text(self, kind: DocumentKind, words: Words) -> str:
        """As a channel without attachments gets it. Raises `Refused` (422)."""
        return fill(words.template, self._complete(kind, words)).message

    def pdf(self, kind: DocumentKind, words: Words) -> bytes:
        """The pages, marked as a draft. Takes a fifth of a second. Raises `Refused` (422)."""
        from corong.documents.pdf import Letterhead, as_pdf  # takes a while to load

        facts = self._complete(kind, words)
        head = Letterhead.of(facts, address=self._desk.directory.hub.address, remark=DRAFT)
        return as_pdf(fill(words.template, facts), head, words.at)

    def _complete(self, kind: DocumentKind, words: Words) -> Facts:
        try:
            return self._facts(kind, words)
        except IncompleteFacts as incomplete:
            raise Refused(
                422, "incomplete_letter", incomplete.indonesian, incomplete.english, list(incomplete.missing)
            ) from None  # fmt: skip

    def _facts(self, kind: DocumentKind, words: Words) -> Facts:
        hub = self._desk.directory.hub
        office = Office(hub.name, self._desk.installation.public_url, hub.place or hub.name)
        return assembled(kind, words.decided, words.asker, office)

    def _asker(self, connection: Connection, officer: Actor, case_id: UUID, told: dict[str, Any]) -> Asker:
        case = self._cases.load(connection, officer, case_id)
        about = queue.one(connection, told["request_id"]) if told["request_id"] else None
        steps = thread.rows_of(connection, str(case_id))
        message = next((row for row in steps if _is_message(row, told["message_id"])), None)
        details = [row for row in steps if row["kind"] == "case.detailed"]
        sealer = self._desk.installation.sealer
        try:
            known = sealer.open_text(details[-1]["sealed"]) if details else None
            content = sealer.open_json(message["sealed"]) if message else {}
            sender = sealer.open_json(message["sender"]) if message else {}
        except Erased:
            raise Refused(
                410, "erased", "Data warga ini sudah dihapus.", "This citizen's data was erased."
            ) from None  # fmt: skip
        except BadSeal:
            raise Refused(
                500, "unreadable", "Isi perkara ini tidak dapat dibuka. Hubungi pengelola.",
                "This case's words don't open. Tell whoever runs the hub.",
            ) from None  # fmt: skip
        return Asker(
            registration=case["registration"],
            particulars=particulars_of(known, content),
            sender=sender.get("name", ""),
            subject=content.get("subject", ""),
            text=content.get("text", ""),
            request_registration=about["registration"] if about else "",
        )


def _may_be_read(row: Row) -> bool:
    """By officers: not a receipt, by whose code its holder is known."""
    return bool(row["kind"] != DocumentKind.RECEIPT)


def _tried(content: str | None, kind: DocumentKind) -> Template | None:
    """A template that is not in force. Raises `Refused` (422)."""
    if content is None:
        return None
    template = read_template(content)
    if template.kind is not kind:
        raise Refused(
            422, "another_letter", f"Templat itu untuk surat lain: {template.kind}.",
            f"That template is of another letter: {template.kind}.", ["template"],
        )  # fmt: skip
    return template


def _is_message(row: Row, message_id: str | None) -> bool:
    """Whether it is the message that the case is; without its id the first one."""
    return row["kind"] == "message.received" and (message_id is None or message_id in row["data"])
