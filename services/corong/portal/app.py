"""The portal's wiring: it reads everybody's events into its own tables; its HTTP side is in `pages.py`."""

from corong.portal import state
from corong.runtime.broker import Broker
from corong.runtime.installation import Installation
from corong.runtime.service import Service


def build(installation: Installation, broker: Broker) -> Service:
    """The service."""
    return Service("portal", installation, broker, state=state.metadata, apply=state.apply, folds=state.FOLDS)
