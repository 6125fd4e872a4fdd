"""What is done in a storm's hub before its command line begins: a promise broken, a window to die in."""

import os

from tests.processes import HubProcess


def prepare() -> None:
    """In the new process, as its environment says."""
    if kind := os.environ.get("SABOTAGE"):
        from tests.faults import sabotage

        sabotage.KINDS[kind]()
    if window := os.environ.get("WINDOW"):
        from tests.faults import windows

        windows.install(window, os.environ["WINDOW_FOLDER"])


class PreparedHub(HubProcess):
    """`corong up`, prepared."""

    before = "tests.faults.preparing:prepare"
