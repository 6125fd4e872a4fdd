"""One case: what the citizen wrote and what was answered, its facts, its steps."""

from collections import defaultdict
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from corong.desk import mentions
from corong.desk.acts.all_acts import all_acts, deciding, offered
from corong.desk.acts.form import STATUTORY, Field, Subject
from corong.desk.cases import CaseName, Cases
from corong.desk.drafts.drafts import Draft, Drafts
from corong.desk.live.case_view import CaseView
from corong.desk.models import Case, Entry
from corong.desk.pages.act_forms import DRAFT, ONCE, new_key, restored
from corong.desk.pages.admission import Visitor, may
from corong.desk.pages.case_words import CaseWords
from corong.desk.pages.frame import Frame
from corong.desk.pages.given_words import given
from corong.desk.pages.places import (
    CASES,
    act_address,
    case_address,
    draft_address,
    handover_address,
    use_wording_address,
)
from corong.desk.pages.presence_words import PresenceWords
from corong.desk.pages.step_words import step_word
from corong.desk.pages.words import channel_word, deadline_shown, kind_word, last_day, priority_word, state_shown
from corong.runtime.language import language_of
from corong.runtime.no_contact import was_given
from corong.runtime.policy import Action, Scope, allowed
from corong_contracts.delivery import BY_HAND

LETTERS = ("message.received", "case.answered", "case.noted")
"""Steps that are shown whole; the others are lines of the history."""

AT_HAND = frozenset({"claim", "hand_back", "answer", "note"})
"""Acts whose forms stand on the page itself."""
KEYS = {"assign": "a", "close": "c", "close_unanswered": "c"}
"""Acts that have a key of their own (static/keys.js); the first that is offered gets it."""
KEPT_APART = ("case.detailed",)
"""Their words are columns of the register, and no letter."""

Reader = Annotated[Visitor, Depends(may(Action.CASE_READ))]


def is_letter(entry: Entry) -> bool:
    """Whether a step is shown whole: it has words, or had some."""
    return entry.kind in LETTERS or (bool(entry.text) and entry.kind not in KEPT_APART)


def act_fields(names: frozenset[str], name: str, subject: Subject) -> list[Field]:
    """The fields of an act whose form stands on the page; none where it can't be done now."""
    found = next(act for act in all_acts().values() if act.name == name)
    return found.fields(subject) if name in names else []


def _handed_over(case: Case, visitor: Visitor) -> list[str]:
    """Addresses of the pages of answers that an officer is to bring, for who may say that it was done."""
    may_say = allowed(visitor.actor, Action.DELIVERY_RESOLVE, Scope(case.unit.id if case.unit else None))
    waiting = [one for one in case.deliveries if one.state == "held" and one.code == BY_HAND]
    return [handover_address(one.delivery_id) for one in waiting] if may_say else []


def routes(frame: Frame) -> APIRouter:
    """The router."""
    router = frame.router()
    desk = frame.desk
    cases = Cases(desk)
    words = CaseWords(frame)
    drafts = Drafts(desk)

    @router.get(f"{CASES}/{{case}}/lampiran/{{digest}}")
    async def attachment(
        visitor: Reader, case: CaseName, digest: Annotated[str, Path(pattern=r"^sha256-[0-9a-f]{64}$")]
    ) -> Response:
        return await cases.file(visitor.actor, await cases.identify(case), digest)

    @router.get(case_address("{case}"))
    async def one_case(
        request: Request,
        visitor: Reader,
        case: CaseName,
        selesai: str = "",
        menyusul: str = "",
        draf: str = "",
    ) -> Response:
        identity = await cases.identify(case)
        texts = frame.pages.texts(request)
        _ = texts.gettext
        view = CaseView(cases, frame.live.presence, visitor.actor, identity, PresenceWords(desk, _).of_case)
        shown = await view.now()  # first: what comes while the page is made, its stream tells
        found = await desk.read(
            lambda connection: cases.view(connection, visitor.actor, identity, language_of(request))
        )
        frame.live.presence.page(str(identity), visitor.id)
        await mentions.read(desk, visitor.id, identity)
        life = await words.life(request, visitor.actor, identity)
        subject = Subject(desk, visitor.actor, found, _)
        done = all_acts().get(selesai)
        answer, note = (act_fields(life.names, name, subject) for name in ("answer", "note"))
        kept = await desk.read(lambda connection: drafts.of_case(connection, visitor.id, identity))
        written = defaultdict(Draft, kept)
        clocks = {clock.rule: clock.name for clock in life.clocks}
        outcomes = {str(one.decision_id): words.outcome(_)(one.outcome) for one in found.decisions}

        def is_answer(entry: Entry) -> bool:
            """Whether the citizen's matter is answered by it."""
            decides = found.kind not in STATUTORY or str(entry.data.get("decision_id")) in outcomes
            return entry.kind == "case.answered" and decides

        def told(entry: Entry) -> str:
            """A step in words; of the letter to an applicant what it decides, or that it decides nothing."""
            if entry.kind == "case.answered" and found.kind in STATUTORY:
                outcome = outcomes.get(str(entry.data.get("decision_id")))
                return _("Putusan: %(outcome)s") % {"outcome": outcome} if outcome else _("Kabar, tanpa memutus")
            return step_word(entry.kind, entry.data, _, clocks)

        return frame.render(
            request, visitor, "desk/case.html", case=found,
            files=f"{case_address(identity)}/lampiran",
            letters=[entry for entry in found.thread if is_letter(entry)],
            steps=[(told(entry), entry) for entry in found.thread if not is_letter(entry)],
            told=told,
            state=state_shown(found.state, found.life, _),
            deadline=deadline_shown(found.due_at, desk.now(), desk.directory.hub.zone, _, texts.ngettext),
            last_day=last_day(found.due_at) if found.due_at else None,
            kind=kind_word(found.kind, _),
            channel=channel_word(found.channel, _),
            wordings=use_wording_address(identity),
            brings=_handed_over(found, visitor),
            kind_of=lambda other: kind_word(other.kind, _),
            priority=priority_word(found.priority, _),
            given=lambda entry: given(entry, _, language_of(request)),
            was_given=was_given,
            address_of=case_address,
            act_address=act_address,
            draft_address=draft_address,
            title_of=lambda act: act.title_for(subject),
            statutory=found.kind in STATUTORY,
            deciding=deciding(life.names),
            leads_to=lambda act: act.leads_to(_),
            is_answer=is_answer,
            life=life,
            offered=offered(set(life.names) - AT_HAND, subject),
            at_hand={act.name: act for act in all_acts().values() if act.name in AT_HAND & life.names},
            answer=answer,
            note=note,
            filled={"jawab": restored(answer, written["jawab"]), "catatan": restored(note, written["catatan"])},
            drafts=written,
            draft_field=DRAFT,
            kept=draf,
            live=f"{case_address(identity)}/alir",
            token=shown.token if shown else "",
            there=shown.data if shown else {},
            keys_of=KEYS,
            proofs=f"{case_address(identity)}/bukti" if allowed(visitor.actor, Action.AUDIT_READ, Scope()) else "",
            unsent=[act for act in all_acts().values() if written[act.slug] and act.name not in AT_HAND],
            key=new_key(),
            once=ONCE,
            done=done.title_for(subject) if done else "",
            lags=bool(menyusul),
        )  # fmt: skip

    return router
