"""rss2email: reads feeds as a subscriber does and sends each new entry as a mail, to a Maildir of its own or by SMTP.

It keeps what it has seen (entry ids, ETag, Last-Modified), so a second run of an unchanged feed sends nothing.
"""

import mailbox
import re
import shutil
import subprocess
import tempfile
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.programs import require_program

SENDER = "rss2email@pembaca.test"


class Rss2Email:
    """One subscriber with its own configuration and memory; a context manager. It runs only when told to."""

    def __init__(self, *, recipient: str = "warga@asahan.test", smtp: tuple[str, int] | None = None) -> None:
        """Send by SMTP to the host and port `smtp`; without it, put the mails into a Maildir, which `mails` reads."""
        self._program = require_program("r2e")
        self.folder = Path(tempfile.mkdtemp(prefix="corong-rss2email-"))
        self.recipient = recipient
        settings = {"from": SENDER, "to": recipient, "verbose": "debug", "feed-timeout": "30", "use-8bit": "True"}
        if smtp is None:
            settings |= {"email-protocol": "maildir", "maildir-path": str(self.folder), "maildir-mailbox": "mails"}
        else:
            settings |= {"email-protocol": "smtp", "smtp-server": smtp[0], "smtp-port": str(smtp[1])}
        lines = "".join(f"{name} = {value}\n" for name, value in settings.items())
        (self.folder / "rss2email.cfg").write_text(f"[DEFAULT]\n{lines}")

    def __enter__(self) -> Self:
        """Nothing runs yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove configuration, memory and mails."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, url: str, name: str = "corong") -> None:
        """Subscribe to a feed."""
        self._r2e("add", name, url)

    def run(self) -> int:
        """Fetch all feeds once and return how many mails were sent.

        Raises AssertionError with rss2email's words when a feed could not be fetched or read, or a mail not be sent.
        """
        said = self._r2e("run")
        assert not re.search(r"\[(WARNING|ERROR|CRITICAL)\]", said), said
        return said.count("[DEBUG] new message: ")

    def mails(self) -> list[Message]:
        """The mails in the Maildir; there are none when they went by SMTP."""
        return list(mailbox.Maildir(self.folder / "mails"))

    def _r2e(self, *arguments: str) -> str:
        config, data = self.folder / "rss2email.cfg", self.folder / "rss2email.json"
        done = subprocess.run(
            [self._program, "-VVV", "-c", config, "-d", data, *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            env={"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TMPDIR": str(self.folder), "LC_ALL": "C.UTF-8"},
        )
        said = done.stdout + done.stderr
        assert done.returncode == 0, said
        return said
