"""The log, for those who audit: its events newest first, each with its exact content and its proof."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from corong.desk import queue
from corong.desk.cases import Cases
from corong.desk.log_notes import checkpoint_of
from corong.desk.pages.address_fields import address, day, span
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.frame import HEADERS, Frame
from corong.desk.pages.places import case_address
from corong.desk.pages.step_words import step_word
from corong.desk.targets_api import Targets
from corong.runtime.commands import ask
from corong.runtime.kind_names import Translate
from corong.runtime.language import language_of
from corong.runtime.policy import Action, Scope, allowed, authorise
from corong.runtime.refusal import Refused
from corong.working_days.zones import zone_named
from corong_contracts.catalogue import CATALOGUE
from corong_contracts.command import ProveEntry, ReadLog

ADDRESS = "/desk/audit"
ON_A_PAGE = 50
LARGEST = 2**53 - 1
PREFIX = "id.corong."
_ACTOR = re.compile(r"(citizen|system|(officer|account):[a-z0-9][a-z0-9-]{0,62})")

Auditor = Annotated[Visitor, Depends(may(Action.AUDIT_READ))]


@dataclass(frozen=True)
class Asked:
    """What is asked for, as it stands in the address."""

    perkara: str = ""
    jenis: str = ""
    pelaku: str = ""
    dari: str = ""
    sampai: str = ""

    @classmethod
    def of(cls, request: Request) -> "Asked":
        """From an address; what can't be is as not asked."""
        given = request.query_params
        kind, actor = given.get("jenis", ""), given.get("pelaku", "").strip()
        return cls(
            perkara=given.get("perkara", "").strip()[:60],
            jenis=kind if f"{PREFIX}{kind}" in CATALOGUE else "",
            pelaku=actor if _ACTOR.fullmatch(actor) else "",
            dari=day(given.get("dari", "")),
            sampai=day(given.get("sampai", "")),
        )

    def address(self, path: str = ADDRESS, **more: str) -> str:
        """The list so narrowed."""
        return address(path, {**asdict(self), **more})


@dataclass(frozen=True)
class Line:
    """One event of the list."""

    position: int
    type: str
    at: str
    actor: str
    subject: str
    said: str
    """Its type in words, and which clock it is about; empty where it has none."""


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)
    zone = zone_named(desk.directory.hub.time_zone)
    targets = Targets(desk)

    async def clock_names(request: Request, visitor: Visitor, events: Sequence[dict[str, Any]]) -> dict[str, str]:
        """What the clocks of these events are called; nothing where routing doesn't answer."""
        if not any(str(event["type"]).startswith(f"{PREFIX}clock.") for event in events):
            return {}
        try:
            clocks = await targets.shown(visitor.actor, language_of(request))
        except Refused:
            return {}
        return {clock.rule: clock.name for clock in clocks}

    @router.get(ADDRESS)
    async def log(request: Request, visitor: Auditor) -> Response:
        authorise(visitor.actor, Action.AUDIT_READ, Scope())
        _ = frame.pages.texts(request).gettext
        asked = Asked.of(request)
        before = request.query_params.get("lanjut", "")
        place = int(before) if before.isascii() and before.isdecimal() and len(before) < 16 else None
        unknown = False
        found: dict[str, Any] = {"events": [], "next": None}
        since, until = span(asked.dari, asked.sampai, zone)
        try:
            question = ReadLog(
                limit=ON_A_PAGE, newest=True, before=place,
                case=await cases.identify(asked.perkara) if asked.perkara else None,
                type=f"{PREFIX}{asked.jenis}" if asked.jenis else None, actor=asked.pelaku or None,
                since=since, until=until,
            )  # fmt: skip
        except Refused as refused:
            if refused.code != "no_such_case":
                raise
            unknown = True
        else:
            found = await ask(desk.service.broker, question, visitor.id)
        names = await clock_names(request, visitor, [item["event"] for item in found["events"]])
        return frame.render(
            request, visitor, "desk/audit.html", asked=asked, unknown=unknown,
            lines=[_line(item, _, names) for item in found["events"]],
            next=asked.address(lanjut=str(found["next"])) if found["next"] else None,
            beginning=asked.address() if place is not None else None, base=ADDRESS,
            kinds=sorted(name.removeprefix(PREFIX) for name in CATALOGUE), tab="log",
            actor_of=actor_of(_),
            may_export=allowed(visitor.actor, Action.AUDIT_EXPORT, Scope()),
        )  # fmt: skip

    async def proven(visitor: Visitor, which: str) -> dict[str, Any]:
        authorise(visitor.actor, Action.AUDIT_READ, Scope())
        if not (which.isascii() and which.isdecimal() and int(which[:80]) <= LARGEST):
            raise Refused(404, "not_in_the_log", "Peristiwa itu tidak ada di log.", "That event is not in the log.")
        return await ask(desk.service.broker, ProveEntry(position=int(which)), visitor.id)

    @router.get(f"{ADDRESS}/peristiwa/{{which}}")
    async def one_event(request: Request, visitor: Auditor, which: str) -> Response:
        found = await proven(visitor, which)
        _ = frame.pages.texts(request).gettext
        event = json.loads(found["event"])
        case = str(event.get("correlationid", ""))
        known = await desk.read(lambda connection: queue.one(connection, case) is not None)
        names = await clock_names(request, visitor, [event])
        return frame.render(
            request, visitor, "desk/audit_event.html", position=found["position"], size=found["size"], event=event,
            type=str(event["type"]).removeprefix(PREFIX), said=said_of(event, _, names),
            actor=actor_of(_)(str(event.get("actor", ""))), exact=found["event"], proof=found["proof"],
            content=json.dumps(event, ensure_ascii=False, indent=2),
            checkpoint=checkpoint_of(found["proof"]), sealed=sorted(_sealed(event.get("data"))), base=ADDRESS,
            around=Asked(perkara=case).address(), tab="log", known=known,
            case=case_address(case) if known and allowed(visitor.actor, Action.CASE_READ, Scope()) else None,
        )  # fmt: skip

    @router.get(f"{ADDRESS}/peristiwa/{{which}}/bukti")
    async def proof(visitor: Auditor, which: str) -> Response:
        found = await proven(visitor, which)
        return _file(found["proof"], f"corong-{found['position']}.tlog-proof", "text/plain; charset=utf-8")

    @router.get(f"{ADDRESS}/peristiwa/{{which}}/isi")
    async def exact(visitor: Auditor, which: str) -> Response:
        found = await proven(visitor, which)
        return _file(found["event"], f"corong-{found['position']}.json", "application/json")

    def actor_of(_: Translate) -> Callable[[str], str]:
        known = {"citizen": _("warga"), "system": _("sistem")}

        def name(actor: str) -> str:
            person = desk.by(actor)
            return person.name if person is not None else known.get(actor, actor)

        return name

    return router


def _file(text: str, name: str, media_type: str) -> Response:
    """A file to be saved: its bytes are what the proof is of."""
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(text.encode(), media_type=media_type, headers=headers)


def said_of(event: dict[str, Any], _: Translate, clocks: Mapping[str, str] | None = None) -> str:
    """What an event of the log says, in words; empty for a type that has none yet. `clocks` as `step_word` has them."""
    kind = re.sub(r"\.v[0-9]+$", "", str(event["type"]).removeprefix(PREFIX))
    said = step_word(kind, event.get("data") or {}, _, clocks)
    return said if said != kind else ""


def _line(item: dict[str, Any], _: Translate, clocks: Mapping[str, str]) -> Line:
    event = item["event"]
    return Line(
        item["position"], str(event["type"]).removeprefix(PREFIX), str(event["time"]), str(event.get("actor", "")),
        str(event["subject"]), said_of(event, _, clocks),
    )  # fmt: skip


def _sealed(data: Any, name: str = "") -> set[str]:
    """The names of the fields whose words are sealed."""
    if not isinstance(data, dict):
        return set()
    if set(data) == {"key", "box"}:
        return {name}
    return {found for key, value in data.items() for found in _sealed(value, key)}
