"""What every channel must do, as test classes to inherit; they need no test framework, and pytest collects them.

    class TestMySink(SinkConformance):
        channel = CHANNEL

        async def deliver_ok(self) -> None: ...

A class drives its own network, best a real server or a faithful stand-in that it starts. What the network can't do is
skipped: by what the sink declares in its capabilities, or by leaving an optional hook as it is. The test methods are
asynchronous, so they need a runner such as pytest-asyncio in its automatic mode.
"""

from corong_contracts.conformance.sink import SinkConformance
from corong_contracts.conformance.source import SourceConformance

__all__ = ["SinkConformance", "SourceConformance"]
