"""Makes the pages of letters: outside of any commit, stored by digest first, and then told in the log with the release.

Answers go before receipts, for which nobody's words wait.

Made again after a crash they are the same bytes under the same digest: the facts, the template and the moment stand in
the log, and sealing derives its nonce (decision 0005).
"""

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from sqlalchemy import bindparam, literal_column, select

from corong.publishing import rules, state
from corong.publishing.papers import Paper, Papers
from corong.publishing.putting_off import MOST, PuttingOff
from corong.publishing.receipt_papers import ReceiptPapers
from corong.publishing.rules import Answer, Pages, Waiting
from corong.runtime.keys import PersonErased
from corong.runtime.receipts import letter_check
from corong.runtime.rows import Rows
from corong.runtime.sealing import Erased
from corong.runtime.service import Service, cause_of
from corong.runtime.statements import run
from corong.runtime.unit import Draft, Unit

if TYPE_CHECKING:
    from corong.documents.pdf import Letterhead

log = structlog.get_logger()

PDF = "application/pdf"
AT_ONCE = 20
RECEIPTS_AT_ONCE = 5
"""Before it is looked again whether an answer waits."""
LOOK_SECONDS = 2.0
"""How often it is looked for what waits, besides when an answer was drafted here."""
PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 600.0
"""Before a letter that could not be stored is tried again: others are made meanwhile."""
REMARK = "diterbitkan secara elektronik"
"""In the foot of each page."""

_PUBLICATION, _DELIVERY = state.publication.c, state.delivery.c
_WAITING = (
    select(
        _PUBLICATION.document_id, _PUBLICATION.case_id, _PUBLICATION.publication_id, _PUBLICATION.author,
        _PUBLICATION.text_hash,
    )
    .join(state.delivery, _DELIVERY.publication_id == _PUBLICATION.publication_id)
    .where(_PUBLICATION.state == literal_column("'draft'"), _PUBLICATION.document_id.is_not(None))
    .where(_DELIVERY.partition.between(bindparam("first"), bindparam("last")))
    .order_by(_DELIVERY.place)
    .limit(bindparam("most"))
    .offset(literal_column("0"))  # SQLite's dialect would make it a parameter
)  # fmt: skip


@dataclass(frozen=True)
class _Drawn:
    paper: Paper
    key: str
    content: bytes = field(repr=False)
    digest: str = field(repr=False)
    check: str


class LetterMaker:
    """One for each publishing process; makes one letter after the other, and lets go of some together."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._installation = service.installation
        self._papers = Papers(service.installation)
        self._receipts = ReceiptPapers(service, self.soon)
        self._putting_off = PuttingOff(PAUSE_SECONDS, LONGEST_PAUSE_SECONDS)
        self._wake = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        service.loop(self.run)

    def soon(self, unit: Unit) -> None:
        """Look when this is committed."""
        loop = self._loop

        def wake() -> None:
            if loop is not None:
                loop.call_soon_threadsafe(self._wake.set)

        unit.after.append(wake)

    async def run(self) -> None:
        """Until cancelled."""
        self._loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            not_yet = self._putting_off.not_yet(time.monotonic())
            waiting = await asyncio.to_thread(self._look, not_yet) if len(not_yet) < MOST else []
            for one, made in zip(waiting, await self.make(waiting), strict=True):
                if made:
                    self._putting_off.done(one.document_id)
                else:
                    self._putting_off.put_off(one.document_id, time.monotonic())
            if not waiting:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)

    def _look(self, not_yet: Sequence[UUID] = ()) -> list[Waiting]:
        """What is to be made now, but for these documents."""
        return self._answers(not_yet) or self._receipts.waiting(not_yet, RECEIPTS_AT_ONCE)

    def _answers(self, not_yet: Sequence[UUID]) -> list[Waiting]:
        owned = self._service.owned
        most = AT_ONCE + len(not_yet)  # so many of them may be among those that come first
        with self._service.database.read() as connection:
            found = run(connection, _WAITING, first=owned.start, last=owned.stop - 1, most=most)
        waiting = (_waiting(*line) for line in found)
        return [one for one in waiting if one.document_id not in not_yet][:AT_ONCE]

    async def make(self, waiting: Sequence[Waiting]) -> list[bool]:
        """Make these letters, one after the other, and let their answers go, in commits that they share.

        Of each False where something is away: it is tried again later.
        """
        found = [await self._drafts(one) for one in waiting]
        made = [(one, drafts) for one, drafts in zip(waiting, found, strict=True) if drafts is not None]
        await asyncio.gather(*(self._conclude(one, drafts) for one, drafts in made))
        for one, _ in made:
            self._receipts.done(one.document_id)
        return [drafts is not None for drafts in found]

    async def _drafts(self, waiting: Waiting) -> list[Draft] | None:
        """What is to be recorded of a letter, whose pages are in the store then; None where something is away."""
        document = str(waiting.document_id)
        try:
            return rules.send_letter(waiting, await self._pages(waiting))
        except (Erased, PersonErased):
            return rules.drop_reply(waiting)
        except ValueError as error:
            # The citizen gets the answer all the same. Of the error only its kind: its text may be personal.
            log.error("a letter can't be made: an answer goes alone", document=document, error=type(error).__name__)
            return rules.release_reply(waiting)
        except Exception as error:  # whatever the store raises where it is away
            log.warning("a letter waits for the store", document=document, error=type(error).__name__)
            return None

    async def _pages(self, waiting: Waiting) -> Pages:
        """Make them and put them into the store. Raises `Erased`, `ValueError`, and what the store raises."""
        drawn = await asyncio.to_thread(self._draw, waiting)
        letter = drawn.paper.letter
        return Pages(
            kind=letter.kind,
            title=letter.title,
            template=letter.template,
            edition=drawn.paper.edition,
            key=drawn.key,
            file=await self._installation.objects.keep(drawn.key, drawn.content, PDF),
            digest=drawn.digest,
            check=drawn.check,
        )

    def pages_of(self, paper: Paper, head: "Letterhead") -> bytes:
        """The file of a letter."""
        from corong.documents.pdf import as_pdf  # as below

        return as_pdf(paper.letter, head, paper.issued)

    def _draw(self, waiting: Waiting) -> _Drawn:
        from corong.documents.pdf import Letterhead  # takes a while to load, and few processes make letters

        with self._service.database.read() as connection:
            get = Rows(connection).get
            document = get(state.document, str(waiting.document_id))
            assert document is not None  # it was folded before anybody heard of it
            paper = self._papers.fill(get, document)
        key = self._installation.keys.ensure([paper.person])[paper.person]
        head = Letterhead.of(paper.facts, address=self._installation.directory.hub.address, remark=REMARK)
        content = self.pages_of(paper, head)
        digest = f"sha256-{hashlib.sha256(content).hexdigest()}"
        case = str(waiting.case_id)
        secret = self._installation.sealer.receipt_secret(key, case)
        return _Drawn(paper, key, content, digest, letter_check(case, secret, digest))

    async def _conclude(self, waiting: Waiting, drafts: list[Draft]) -> None:
        def job(unit: Unit) -> None:
            unit.lock_entity(waiting.case_id)
            if _is_wanted(unit, waiting):  # another process may have been quicker
                what = waiting.answer.publication_id if waiting.answer else waiting.document_id
                unit.record(cause_of(what, "letter"), drafts)

        if drafts:
            await self._service.committer.run(job, later=True)


def _is_wanted(unit: Unit, waiting: Waiting) -> bool:
    """Whether the answer has not gone, or the receipt is not made."""
    if waiting.answer is None:
        return unit.rows.get(state.made, str(waiting.document_id)) is None
    row = unit.rows.get(state.publication, str(waiting.answer.publication_id))
    return row is not None and row["state"] == "draft"


def _waiting(document_id: str, case_id: str, publication_id: str, author: str, text_hash: str) -> Waiting:
    return Waiting(UUID(document_id), UUID(case_id), Answer(UUID(publication_id), author, text_hash))
