"""Where to go after signing in: a page of the desk, and never another site."""

import re

_LOCAL = re.compile(r"/desk(?:/[A-Za-z0-9._~%-]+)*/?(?:\?[A-Za-z0-9._~%&=+,:/-]*)?")


def local_path(asked: str) -> str:
    """The page that was asked for, where it is one of the desk's; the desk's first page otherwise."""
    safe = len(asked) <= 500 and _LOCAL.fullmatch(asked) and "/../" not in f"{asked.partition('?')[0]}/"
    return asked if safe else "/desk"
