"""Programs of the system that tests talk to. tests/system.sh installs them where it can."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# Servers stand where an ordinary user's PATH doesn't look; .peers is filled by tests/system.sh.
_PLACES = [str(ROOT / ".peers" / "bin"), "/usr/sbin", "/sbin", "/usr/lib/dovecot", "/usr/libexec/dovecot"]


def find_program(*names: str) -> str | None:
    """The path of the first of these programs that this machine has."""
    places = os.pathsep.join([os.environ.get("PATH", os.defpath), *_PLACES])
    return next((found for name in names if (found := shutil.which(name, path=places))), None)


def require_program(*names: str) -> str:
    """The path of the first of these programs that is here.

    Without one the test is skipped; where CI=true it fails instead, so that what nobody installed can't pass unseen.
    """
    if found := find_program(*names):
        return found
    reason = f"this machine has no {' or '.join(names)}: `make system` installs it on Debian as root"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)
