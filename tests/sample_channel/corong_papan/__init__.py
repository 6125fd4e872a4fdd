"""Corong channel `papan`: a digital notice board with a suggestion box."""

from corong_contracts import Channel

from .sink import PapanSink
from .source import PapanSource

CHANNEL = Channel(kind="papan", source=PapanSource, sink=PapanSink)

__all__ = ["CHANNEL", "PapanSink", "PapanSource"]
