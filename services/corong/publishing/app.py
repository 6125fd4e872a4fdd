"""Publishing's wiring: receipts and replies by themselves, posts by command, deliveries by the dispatcher."""

from corong.publishing import state
from corong.publishing.dispatch import Dispatcher
from corong.publishing.letter_maker import LetterMaker
from corong.publishing.outlets import Outlets
from corong.publishing.posts import Posts
from corong.publishing.replies import Replies
from corong.publishing.taking_down import TakingDown
from corong.runtime.broker import Broker
from corong.runtime.channel_registry import Registry
from corong.runtime.installation import Installation
from corong.runtime.officers_kept import KeptOfficers
from corong.runtime.service import Service
from corong.runtime.source import LONG_GATHER
from corong.runtime.units_kept import KeptUnits


def build(installation: Installation, broker: Broker, registry: Registry | None = None) -> Service:
    """The service. Raises `UnknownChannel` where an account can't be served."""
    service = Service(
        "publishing", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS,
        gather=LONG_GATHER,
    )  # fmt: skip
    KeptUnits(service, state.unit_edition)
    outlets = Outlets(registry or Registry(installation))
    Replies(service, outlets, LetterMaker(service))
    Posts(service, outlets)
    Dispatcher(service, outlets)
    TakingDown(service, outlets)
    KeptOfficers(service, state.officer)
    return service
