"""How `make test` shares the tests among its workers (pytest-xdist): by whole files, the longest ones first.

A file's fixtures, a browser or a hub, are then made once, and its tests run one after the other as without workers.
Names and draws are the same with workers and without.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling
from xdist.workermanage import WorkerController

TOGETHER = ("tests/services/desk/",)
"""Folders whose files share fixtures of the package: one worker runs all of them."""

FIRST = (
    "tests/faults/test_kill_storm.py",
    "tests/simulation/",
    "tests/replay/test_restore.py",
    "tests/pipeline/test_email.py",
    "tests/browser/test_pages.py",
    "tests/services/desk/",
    "tests/openapi/",
    "tests/cli/test_run.py",
    "tests/cli/test_work.py",
    "tests/services/auditing/test_kill_log_writer.py",
    "tests/pipeline/",
    "tests/channels/mastodon/test_on_snac.py",
    "tests/peers/",
    "tests/cli/",
    "tests/replay/",
    "tests/faults/",
    "tests/browser/",
)
"""What takes long, so that no worker begins it when the others have nothing left."""


def share_of(nodeid: str) -> str:
    """What goes to one worker as a whole."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def rank(share: str) -> int:
    """The lower, the sooner it is begun."""
    return next((place for place, path in enumerate(FIRST) if share.startswith(path)), len(FIRST))


class WholeFiles(LoadScopeScheduling):  # type: ignore[misc]  # xdist says nothing of its types
    """xdist's own way to share by files, with our shares and our order."""

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        self.workqueue.move_to_end(min(self.workqueue, key=rank), last=False)
        super()._assign_work_unit(node)

    def remove_node(self, node: WorkerController) -> str | None:
        """A worker has ended; the test that it died of is told as failed, and not tried again as xdist would."""
        work = self.assigned_work.pop(node)
        left: list[tuple[str, str]] = [
            (share, test) for share, tests in work.items() for test, done in tests.items() if not done
        ]
        if not left:
            return None
        share, deadly = left[0]
        work[share][deadly] = True
        self.workqueue.update({share: tests for share, tests in work.items() if not all(tests.values())})
        for other in self.assigned_work:
            self._reschedule(other)
        return deadly


def scheduler(config: pytest.Config, log: Producer) -> WholeFiles | None:
    """For `-n`; whoever says `--dist` gets that."""
    return WholeFiles(config, log) if config.getoption("dist") == "load" else None
