"""Guessing passwords is stopped, by address and by officer. A hub of its own: its tries are used up."""

from pathlib import Path

import pytest

from corong.desk.access.passwords import Passwords
from corong.runtime.wrong_tries import WrongTries
from tests.services.desk.office import open_office
from tests.services.desk.visitor import PASSWORD, Visitor


async def test_after_twenty_wrong_ones_an_address_must_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(_self: Passwords, _kept: str | None, _password: str) -> bool:
        return False

    async with open_office(tmp_path) as office, Visitor(office.hub) as visitor:
        assert (await visitor.open_link("ppid-utama")).status_code == 303
        await visitor.send("/desk/akun", "/desk/keluar")
        with monkeypatch.context() as quick:
            quick.setattr(Passwords, "fits", never)  # the work of argon2 is not what is tried here
            for _ in range(20):
                assert (await visitor.sign_in("ppid-utama", "tebakan saja")).status_code == 403
        answer = await visitor.sign_in("ppid-utama", PASSWORD)
        assert (answer.status_code, answer.headers["retry-after"]) == (429, str(WrongTries.SECONDS))
        assert "Terlalu banyak percobaan" in answer.text
        async with Visitor(office.hub) as elsewhere:
            assert (await elsewhere.sign_in("ppid-utama")).status_code == 303
