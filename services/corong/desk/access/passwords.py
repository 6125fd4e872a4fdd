"""Officers' passwords: argon2id (RFC 9106), checked in threads, two at a time: each takes 64 MB of memory."""

import asyncio
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from corong.runtime.kind_names import Translate

FEWEST, MOST = 12, 200
"""Characters."""
AT_ONCE = 2
_DIFFERENT = 5


class Passwords:
    """Makes hashes and checks passwords against them."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()  # the library's own measures: RFC 9106, the second recommendation
        self._turn = asyncio.Semaphore(AT_ONCE)

    async def hash(self, password: str) -> str:
        """What is stored."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, kept: str | None, password: str) -> bool:
        """Whether it is the password. Where there is none to compare with, it takes the same work, and is not."""
        if len(password) > MOST:
            return False
        async with self._turn:
            return await asyncio.to_thread(self._fits, kept, password)

    def outdated(self, kept: str) -> bool:
        """Whether the hash should be made again, by the measures of today."""
        return self._hasher.check_needs_rehash(kept)

    def _fits(self, kept: str | None, password: str) -> bool:
        try:
            self._hasher.verify(kept or self._nobodys, password)
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("")


def complaint(password: str, again: str, names: tuple[str, ...], _: Translate) -> str | None:
    """What is wrong with a new password; None where it can be taken. `names` are the officer's own."""
    if len(password) < FEWEST:
        return _("Kata sandi paling sedikit 12 karakter. Beberapa kata yang tidak berhubungan mudah diingat.")
    if len(password) > MOST:
        return _("Kata sandi paling banyak 200 karakter.")
    plain = password.casefold()
    if len(set(plain)) < _DIFFERENT or any(len(name) > 3 and name.casefold() in plain for name in names):
        return _("Kata sandi ini mudah ditebak. Jangan memakai nama Anda, id Anda, atau huruf yang berulang.")
    if password != again:
        return _("Kedua kata sandi tidak sama.")
    return None
