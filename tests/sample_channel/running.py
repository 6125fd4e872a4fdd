"""Starts the board of `peer.py` as a child process, and asks it for what tests want to know."""

import json
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

from corong_contracts import AccountConfig
from tests.peers.supervisor import Supervised
from tests.peers.waiting import wait_for
from tests.ports import find_free_port

HERE = Path(__file__).resolve().parent
TOKEN = "papan-token-synthetic-0123456789"


class PapanPeer:
    """A board. Its file outlives it, so it can be stopped, killed and started again with all it had."""

    def __init__(self, folder: Path) -> None:
        """`folder` is for its file and its log; nothing runs yet."""
        self.port = find_free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.file = folder / "papan.jsonl"
        self._log = folder / "papan.log"
        self._process: Supervised | None = None

    def start(self) -> None:
        """Start, and wait until it answers."""
        argv = [sys.executable, "-I", str(HERE / "peer.py"), str(self.port), str(self.file), TOKEN]
        self._process = Supervised(argv, log=self._log)
        wait_for("the board answers", self._answers, seconds=15)

    def _answers(self) -> bool:
        if self._process is None or not self._process.running():
            raise RuntimeError(f"the board ended: {self._log.read_text()[-2000:]}")
        try:
            return "total" in self.counted()
        except (OSError, HTTPException):
            return False

    def stop(self) -> None:
        """End it; nobody listens any more."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    @property
    def running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._process is not None

    def settings(self, **more: object) -> dict[str, object]:
        """Account settings for this board, with time-outs fit for tests."""
        return {"url": self.url, "token": TOKEN, "timeout": 2.0, "wait": 1.0, **more}

    def account(self, **more: object) -> AccountConfig:
        """An account on this board."""
        return AccountConfig(id="papan-kisaran", channel="papan", settings=self.settings(**more))

    def add_notes(self, notes: Iterable[Mapping[str, object] | str]) -> None:
        """Put notes into the box, thousands if need be; `note` makes one. A text instead of a note is malformed."""
        self._ask("/control/notes", {"notes": list(notes)})

    def trouble(self, *, seed: int = 0, shares: Mapping[str, float] | None = None, **settings: object) -> None:
        """From now on each POST of an answer meets a trouble of `peer.TROUBLES` by its share of 1; none ends all.

        Settings, kept until changed: `retry_after` and `slow_seconds`, in seconds; `remembers_keys`, False for a board
        that delivers each time.
        """
        self._ask("/control/trouble", {"seed": seed, "shares": dict(shares or {}), **settings})

    def counted(self) -> dict[str, Any]:
        """Deliveries: `total`, `by_key`, `by_text`, `by_note` (times each); `calls` and `calls_by_key`; `notes`."""
        return self._ask("/control/counted")

    def answers(self) -> list[dict[str, Any]]:
        """Every delivery in order: key, id, text, note, thread, title, public."""
        found: list[dict[str, Any]] = self._ask("/control/answers")["answers"]
        return found

    def _ask(self, path: str, body: Mapping[str, object] | None = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=30) as answer:
            found: dict[str, Any] = json.load(answer)
        return found


def note(number: int, text: str, *, thread: str = "", author: str = "", public: bool = False) -> dict[str, object]:
    """A note of a citizen."""
    return {
        "id": f"n-{number:06d}",
        "thread": thread,
        "author": {"id": author or f"warga-{number:06d}", "name": f"Contoh Warga {number}"},
        "text": text,
        "written_at": "2026-03-09T08:15:00+07:00",
        "public": public,
    }


def installed(folder: Path) -> Path:
    """Lay this package's wheel out in `folder`, without a network: on PYTHONPATH its entry point is found there."""
    build = "import sys, hatchling.build; print(hatchling.build.build_wheel(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=HERE, check=True, capture_output=True, text=True, timeout=60
    )
    wheel = folder / done.stdout.split()[-1]
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    wheel.unlink()
    return folder
