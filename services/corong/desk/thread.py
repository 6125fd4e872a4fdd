"""A case's thread and a post's steps, opened for the reader; what was erased is shown as erased."""

import json
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Connection, or_, select

from corong.desk.context import Desk
from corong.desk.models import Attachment, Entry, Sender
from corong.desk.models import Erased as ErasedShown
from corong.desk.tables import entry, moved
from corong.runtime.clock import moment
from corong.runtime.keys import Notice
from corong.runtime.sealing import BadSeal, Erased, SealedAt
from corong.runtime.shown_names import shown_name
from corong_contracts.channel import ObjectionGiven, PaperLetter
from corong_contracts.message import AttachmentRef

log = structlog.get_logger()

Row = dict[str, Any]
_ORDER = {"intake": 0, "routing": 1, "publishing": 2}


def rows_of(connection: Connection, entity: str) -> list[Row]:
    """The steps of a case or a post as kept, in the order in which they happened."""
    return rows_of_many(connection, [entity])[entity]


def rows_of_many(connection: Connection, entities: Sequence[str]) -> dict[str, list[Row]]:
    """As `rows_of`, of each: in two questions, and a third where messages came from other cases."""
    among = set(entities)
    chosen = select(moved).where(or_(moved.c.case_id.in_(among), moved.c.from_case.in_(among)))
    moves = connection.execute(chosen).all()
    found = _entries(connection, among)
    known = found | _entries(connection, {move.from_case for move in moves} - among)
    own = {entity: list(found.get(entity, ())) for entity in entities}
    for move in moves:
        its = [row for row in known.get(move.from_case, ()) if _is(row, move.message_id)]
        if move.from_case in among:
            own[move.from_case] = [row for row in own[move.from_case] if row not in its]
        if move.case_id in among and move.case_id != move.from_case:
            own[move.case_id] += its
    return {entity: sorted(rows, key=_in_order) for entity, rows in own.items()}


def _in_order(row: Row) -> tuple[str, int, int]:
    return row["at"], _ORDER.get(row["service"], 3), row["number"]


def _entries(connection: Connection, entities: Collection[str]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    if entities:
        for row in connection.execute(select(entry).where(entry.c.case_id.in_(entities))).mappings():
            found.setdefault(row["case_id"], []).append(dict(row))
    return found


def _is(row: Row, message_id: str) -> bool:
    return row["kind"] == "message.received" and bool(json.loads(row["data"])["message_id"] == message_id)


def opened(desk: Desk, rows: Sequence[Row], files_at: str) -> list[Entry]:
    """The steps in plain words; `files_at` is the address below which a case's attachments are. Reads the key store."""
    keys = {SealedAt.of(row[name]).key for row in rows for name in ("sealed", "sender") if row[name]}
    desk.installation.keys.get_many(keys)  # in one question; each is remembered for a while
    return [_opened(desk, row, files_at) for row in rows]


def _opened(desk: Desk, row: Row, files_at: str) -> Entry:
    data = json.loads(row["data"])
    files = [AttachmentRef.model_validate(item) for item in data.pop("attachments", ())]
    step = Entry(
        event_id=row["event_id"], at=row["at"], kind=row["kind"], actor=row["actor"], officer=desk.by(row["actor"]),
        data=data,
    )  # fmt: skip
    names: list[str] = []
    if row["sealed"] is not None:
        try:
            words = _words(desk, row)
        except Erased as gone:
            step.erased = shown(gone.notice)
            step.unreadable = gone.notice is None
        except BadSeal as error:
            log.error("a sealed field does not open", event_id=row["event_id"], error=str(error))
            step.unreadable = True
        else:
            step.text, step.subject, step.quoted = words["text"], words.get("subject"), words.get("quoted")
            names = words.get("attachment_names", [])
            step.particulars = words.get("particulars")
            if said := words.get("objection"):
                step.objection = ObjectionGiven.model_validate(said)
            if paper := words.get("letter"):
                step.letter = PaperLetter.model_validate(paper)
            step.sender = _sender(desk, row["sender"])
    step.attachments = [
        Attachment(
            digest=file.digest,
            name=shown_name(names[place]) if place < len(names) else "",
            media_type=file.media_type,
            size=file.size,
            url=f"{files_at}/{file.digest}",
        )
        for place, file in enumerate(files)
    ]
    return step


def shown(notice: Notice | None) -> ErasedShown | None:
    """A decision to erase, as the API shows it."""
    if notice is None:
        return None
    return ErasedShown(
        erasure_id=UUID(notice.erasure), decided_at=moment(notice.at), legal_basis=notice.basis,
        schedule=notice.schedule,
    )  # fmt: skip


def _words(desk: Desk, row: Row) -> dict[str, Any]:
    if row["kind"] == "message.received":
        return desk.installation.sealer.open_json(row["sealed"])
    return {"text": desk.installation.sealer.open_text(row["sealed"])}


def _sender(desk: Desk, sealed: str | None) -> Sender | None:
    if sealed is None:
        return None
    found = desk.installation.sealer.open_json(sealed)
    return Sender(address=found["address"], name=found["name"])


def find_file(rows: Sequence[Row], digest: str) -> tuple[AttachmentRef, int, Row] | None:
    """The attachment with this digest, its place among the message's files, and the message."""
    for row in rows:
        for place, item in enumerate(json.loads(row["data"]).get("attachments", ())):
            if item["digest"] == digest:
                return AttachmentRef.model_validate(item), place, row
    return None


def file_name(desk: Desk, row: Row, place: int) -> str:
    """The name that the citizen's program gave the file, as it is safe to show. Raises `Erased`, `BadSeal`."""
    names = desk.installation.sealer.open_json(row["sealed"])["attachment_names"]
    return shown_name(names[place]).replace('"', "") if place < len(names) else ""
