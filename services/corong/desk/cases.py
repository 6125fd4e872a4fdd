"""Queues and cases: what an officer reads, and the commands that go to routing."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from sqlalchemy import Connection

from corong.desk import decisions, deliveries, queue, thread
from corong.desk.bodies import Answered, Assignment, Closed, Noted, Prioritised, Returned
from corong.desk.context import Desk, IdempotencyKey, InLanguage, Officer
from corong.desk.models import Case, CaseDone, CaseState, CaseSummary, Queue, Queues, UnitQueue
from corong.desk.paging import Cursor, Limit, cut, cut_after, read_cursor
from corong.runtime.clock import stamp
from corong.runtime.objects import Missing
from corong.runtime.policy import Action, Actor, Scope, allowed, authorise
from corong.runtime.reasons import Language, sentence
from corong.runtime.refusal import Refused
from corong.runtime.sealing import BadSeal, Erased, SealedAt
from corong_contracts.case import CaseKind, Priority, Reason
from corong_contracts.command import (
    AnswerCase,
    AssignCase,
    ClaimCase,
    CloseCase,
    Command,
    HandBackCase,
    NoteCase,
    PrioritiseCase,
    ReturnCase,
)

Row = dict[str, Any]

FILES_HEADERS = {"Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; sandbox"}
OTHER_CASES = 50
_NUMBER = re.compile(r"([A-Za-z]{2,4})[-/](\d{1,4})[-/](\d{1,10})")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MEDIA_TYPE = re.compile(r"[a-zA-Z0-9.+-]+/[a-zA-Z0-9.+-]+")
_LIFE = ("tier", "outcome", "decision", "request_id", "ground", "objection_id", "group_id", "merged_into")
_CASE_ACTIONS = [action for action in Action if action.value.startswith("case.")]


class Cases:
    """What the routes do."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    async def identify(self, case: str) -> UUID:
        """The id of a case named by id or registration number. Raises `Refused` (404)."""
        if _UUID.fullmatch(case):
            return UUID(case)
        found = None
        if (registration := self.number(case)) is not None:
            found = await self.desk.read(lambda connection: queue.id_of(connection, registration))
        if found is None:
            raise no_such_case()
        return UUID(found)

    @staticmethod
    def number(text: str) -> str | None:
        """The registration number that a text is, as it stands in the register; None where it is none."""
        if not (number := _NUMBER.fullmatch(text.strip())):
            return None
        book, year, sequence = number.groups()
        return f"{book.upper()}/{year}/{int(sequence):06d}"

    def units(self, officer: Actor, unit: str | None) -> list[str] | None:
        """The units whose queues are asked for; None is every unit. Raises `Forbidden`, `Refused` (422)."""
        if unit is not None:
            authorise(officer, Action.QUEUE_LIST, Scope(unit))
            self.desk.check_unit(unit)
            return [unit]
        if self.sees_all(officer):
            return None
        authorise(officer, Action.QUEUE_LIST, Scope(officer.unit))
        return [officer.unit] if officer.unit else []

    def sees_all(self, officer: Actor) -> bool:
        """Whether the officer sees the queues of every unit."""
        return allowed(officer, Action.QUEUE_LIST, Scope())

    def readable(self, officer: Actor, row: Row) -> bool:
        """Whether the officer may read a case."""
        return allowed(officer, Action.CASE_READ, _scope(row))

    def summary(self, row: Row) -> CaseSummary:
        """A case as queues show it."""
        return CaseSummary(**self._summed(row))

    def _summed(self, row: Row) -> dict[str, Any]:
        same = ("case_id", "registration", "kind", "priority", "state", "channel", "account", "visibility",
                "registered_at", "routed_at")  # fmt: skip
        held = row["holder"] is not None and row["lease_until"] > stamp(self.desk.now())
        return {
            **{name: row[name] for name in same},
            "unit": self.desk.unit(row["unit"]),
            "holder": self.desk.person(row["holder"]) if held else None,
            "lease_until": row["lease_until"] if held else None,
            "messages": row["messages"] or 0,
            "last_message_at": row["last_at"],
            "unanswered": bool(row["unanswered"]),
            "demo": bool(row["demo"]),
            "life": row["life"],
            "due_at": row["due_at"],
            "late": row["due_at"] is not None and row["due_at"] <= stamp(self.desk.now()),
        }

    def load(self, connection: Connection, officer: Actor, case_id: UUID) -> Row:
        """The case, if the officer may read it. Raises `Refused` (404), `Forbidden`."""
        row = queue.one(connection, str(case_id))
        if row is None:
            raise no_such_case()
        authorise(officer, Action.CASE_READ, _scope(row))
        return row

    def view(self, connection: Connection, officer: Actor, case_id: UUID, language: Language) -> Case:
        """Everything about a case. Raises `Refused` (404), `Forbidden`."""
        row = self.load(connection, officer, case_id)
        steps = thread.rows_of(connection, str(case_id))
        others = queue.of_person(connection, row["person"], str(case_id)) if row["person"] else []
        others = [other for other in others if self.readable(officer, other)]
        related = queue.one(connection, row["related_case"]) if row["related_case"] else None
        return Case(
            **self._summed(row),
            rule=row["rule"],
            reasons=[sentence(Reason.model_validate(item), language) for item in json.loads(row["reasons"] or "[]")],
            thread=thread.opened(self.desk, steps, f"/api/v1/cases/{case_id}/attachments"),
            deliveries=deliveries.of_case(self.desk, connection, str(case_id)),
            related_case=self.summary(related) if related and self.readable(officer, related) else None,
            other_cases=[self.summary(other) for other in others[:OTHER_CASES]],
            more_cases=max(0, len(others) - OTHER_CASES),
            **{name: row[name] for name in _LIFE},
            decisions=decisions.of_case(self.desk, connection, str(case_id)),
            actions=[action.value for action in _CASE_ACTIONS if allowed(officer, action, _scope(row))],
        )

    async def command(self, officer: Actor, command: Command, case_id: UUID, key: str | None) -> CaseDone:
        """Send a command; the answer shows the case afterwards, as far as the officer may still see it."""
        told = await self.desk.ask(officer, command, case_id, key)
        row = await self.desk.read(lambda connection: queue.one(connection, str(case_id)))
        shown = self.summary(row) if row is not None and self.readable(officer, row) else None
        return CaseDone(**told.as_done(), case=shown)

    async def file(self, officer: Actor, case_id: UUID, digest: str) -> Response:
        """An attachment, to be saved and never shown by the browser. Raises `Refused` (404, 410), `Forbidden`."""

        def find(connection: Connection) -> list[Row]:
            self.load(connection, officer, case_id)
            return thread.rows_of(connection, str(case_id))

        found = thread.find_file(await self.desk.read(find), digest)
        if found is None:
            raise Refused(404, "no_such_file", "Lampiran itu tidak ada.", "There is no such attachment.")
        ref, place, row = found
        with told_of_files():
            name = thread.file_name(self.desk, row, place) or "lampiran"
            content = await self.desk.installation.objects.get(SealedAt.of(row["sealed"]).key, ref)
        media_type = ref.media_type if _MEDIA_TYPE.fullmatch(ref.media_type) else "application/octet-stream"
        # RFC 6266 with RFC 8187: the name in UTF-8, and one that every program understands.
        disposition = f"attachment; filename=\"lampiran\"; filename*=UTF-8''{quote(name, safe='')}"
        headers = {**FILES_HEADERS, "Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"}
        return Response(content, media_type=media_type, headers=headers)


@contextlib.contextmanager
def told_of_files() -> Iterator[None]:
    """What the key store and the object store raise, as a refusal (404, 410, 500)."""
    try:
        yield
    except Erased as gone:
        if gone.notice is None:
            raise Refused(
                500, "no_key", "Kunci berkas ini tidak ada. Hubungi pengelola.",
                "The key of this file is not there. Tell whoever runs the hub.",
            ) from None  # fmt: skip
        told = gone.notice
        raise Refused(
            410, "erased", f"Data warga ini sudah dihapus ({told.at[:10]}, {told.basis}).",
            f"This citizen's data was erased ({told.at[:10]}, {told.basis}).",
        ) from None  # fmt: skip
    except Missing:
        raise Refused(
            404, "file_missing", "Berkas tidak ditemukan di penyimpanan. Hubungi pengelola.",
            "The file is not in the store. Tell whoever runs the hub.",
        ) from None  # fmt: skip
    except BadSeal:
        raise Refused(
            500, "file_damaged", "Berkas rusak. Hubungi pengelola.",
            "The file is damaged. Tell whoever runs the hub.",
        ) from None  # fmt: skip


def no_such_case() -> Refused:
    """The refusal."""
    return Refused(404, "no_such_case", "Perkara itu tidak ada.", "There is no such case.")


def _scope(row: Row) -> Scope:
    return Scope(row["unit"], CaseKind(row["kind"]) if row["kind"] else None)


CaseName = Annotated[
    str, Path(description="The case's id, or its registration number as `PI/2026/000123` or `PI-2026-000123`.")
]


async def case_id(request: Request, case: CaseName) -> UUID:
    """Dependency: the id of the case that the address names. Raises `Refused` (404)."""
    return await Cases(request.state.desk).identify(case)


CaseId = Annotated[UUID, Depends(case_id)]


def routes(desk: Desk) -> APIRouter:
    """The router."""
    router = desk.router("cases")
    cases = Cases(desk)
    _reading(router, desk, cases)
    _commands(router, cases)
    return router


def _reading(router: APIRouter, desk: Desk, cases: Cases) -> None:
    @router.get("/queues")
    async def queues(officer: Officer, limit: Limit = 100, cursor: Cursor = None) -> Queues:
        """The units whose queues the officer may see, with numbers of cases."""
        units = cases.units(officer, None)
        after = read_cursor(cursor, (str,))
        found = await desk.read(lambda connection: queue.counts(connection, units, stamp(desk.now())))
        wanted: Sequence[str] = (
            sorted({*(unit.id for unit in desk.directory.open_units), *found}) if units is None else units
        )
        page, following = cut_after(wanted, after, limit, lambda unit: (unit,))
        lines = [UnitQueue(unit=ref, **found.get(unit, {})) for unit in page if (ref := desk.unit(unit)) is not None]
        return Queues(queues=lines, next=following)

    @router.get("/queue")
    async def one_queue(
        officer: Officer,
        unit: Annotated[str | None, Query(max_length=63, description="By default all that one may see.")] = None,
        state: Annotated[list[CaseState] | None, Query(description="Open and answered ones by default.")] = None,
        priority: Priority | None = None,
        kind: CaseKind | None = None,
        held: Annotated[queue.Held | None, Query(description="By me, by anybody, by nobody.")] = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Queue:
        """Cases of one queue or of all: the urgent ones first, then the oldest."""
        wanted = queue.Wanted(
            now=stamp(desk.now()),
            officer=officer.id,
            units=cases.units(officer, unit),
            states=state or ("open", "answered"),
            priority=priority,
            kind=kind,
            held=held,
        )
        after = read_cursor(cursor, queue.ORDER)
        rows = await desk.read(lambda connection: queue.page(connection, wanted, after, limit))
        page, following = cut(rows, limit, lambda row: (row["urgency"], row["routed_at"], row["case_id"]))
        return Queue(cases=[cases.summary(row) for row in page], next=following)

    @router.get(
        "/cases/{case:path}/attachments/{digest}",
        response_class=Response,
        responses={200: {"content": {"application/octet-stream": {}}, "description": "The file, to be saved."}},
    )
    async def attachment(
        officer: Officer, case: CaseName, digest: Annotated[str, Path(pattern=r"^sha256-[0-9a-f]{64}$")]
    ) -> Response:
        """A file that the citizen sent; 410 where the citizen's data was erased."""
        return await cases.file(officer, await cases.identify(case), digest)

    @router.get("/cases/{case:path}")
    async def one_case(officer: Officer, case: CaseName, language: InLanguage) -> Case:
        """A case with its thread, deliveries and the citizen's other cases."""
        case_id = await cases.identify(case)
        return await desk.read(lambda connection: cases.view(connection, officer, case_id, language))


def _commands(router: APIRouter, cases: Cases) -> None:
    @router.post("/cases/{case:path}/claim")
    async def claim(officer: Officer, case_id: CaseId, key: IdempotencyKey = None) -> CaseDone:
        """Take the case for the length of a lease; claiming it again lengthens the lease."""
        return await cases.command(officer, ClaimCase(case_id=case_id), case_id, key)

    @router.post("/cases/{case:path}/hand-back")
    async def hand_back(officer: Officer, case_id: CaseId, key: IdempotencyKey = None) -> CaseDone:
        """Let go of a case that one holds."""
        return await cases.command(officer, HandBackCase(case_id=case_id), case_id, key)

    @router.post("/cases/{case:path}/assign")
    async def assign(officer: Officer, case_id: CaseId, body: Assignment, key: IdempotencyKey = None) -> CaseDone:
        """Disposisi: give the case to a unit, with an instruction."""
        command = AssignCase(
            case_id=case_id, unit=body.unit, to_officer=body.to_officer, instruction=body.instruction
        )  # fmt: skip
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/return")
    async def send_back(officer: Officer, case_id: CaseId, body: Returned, key: IdempotencyKey = None) -> CaseDone:
        """Not our authority (bukan kewenangan): back to the main office, with a reason."""
        return await cases.command(officer, ReturnCase(case_id=case_id, reason=body.reason), case_id, key)

    @router.post("/cases/{case:path}/priority")
    async def prioritise(officer: Officer, case_id: CaseId, body: Prioritised, key: IdempotencyKey = None) -> CaseDone:
        """Change the priority."""
        return await cases.command(officer, PrioritiseCase(case_id=case_id, priority=body.priority), case_id, key)

    @router.post("/cases/{case:path}/note")
    async def note(officer: Officer, case_id: CaseId, body: Noted, key: IdempotencyKey = None) -> CaseDone:
        """Write an internal note; on a closed case too."""
        return await cases.command(
            officer, NoteCase(case_id=case_id, note=body.note, mentions=tuple(body.mentions)), case_id, key
        )

    @router.post("/cases/{case:path}/answer")
    async def answer(officer: Officer, case_id: CaseId, body: Answered, key: IdempotencyKey = None) -> CaseDone:
        """Answer the citizen where the case came from; only for who holds the case."""
        command = AnswerCase(case_id=case_id, text=body.text, close=body.close)
        return await cases.command(officer, command, case_id, key)

    @router.post("/cases/{case:path}/close")
    async def close(officer: Officer, case_id: CaseId, body: Closed, key: IdempotencyKey = None) -> CaseDone:
        """Finish the case; a later message of the citizen opens a new one."""
        return await cases.command(officer, CloseCase(case_id=case_id, outcome=body.outcome), case_id, key)
