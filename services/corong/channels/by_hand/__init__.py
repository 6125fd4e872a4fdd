"""What comes and goes without a network: at the counter, by telephone, on paper.

An officer enters what a citizen said or wrote (`intake/entering.py`). An answer waits for an officer, who hands it
over, posts it or tells it, and says so: the hub calls nobody.
"""

from corong.channels.by_hand.sink import ByHandSink
from corong_contracts.channel import Channel

counter = Channel(kind="counter", sink=ByHandSink)
"""Who comes to the counter (loket)."""

phone = Channel(kind="phone", sink=ByHandSink)
"""Who rings up (telepon)."""

letter = Channel(kind="letter", sink=ByHandSink)
"""Who sends a letter on paper (surat)."""
