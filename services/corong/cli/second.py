"""The second process of `corong up`: `python -m corong.cli.second DESCRIPTOR`, started by the hub alone."""

import asyncio
import gc
import signal
import sys


def main() -> None:
    """Load what it needs, then answer the hub until that stops it or is gone."""
    gc.disable()  # what is made now stays
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    import uvloop

    from corong.cli.installation import read_settings
    from corong.cli.lifetime import quiet_logs
    from corong.runtime.childprocess import answer
    from corong.second import Second

    quiet_logs(read_settings())

    async def live() -> None:
        await answer(int(sys.argv[1]), Second().answers)

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(live())


if __name__ == "__main__":
    main()
