"""After a loss of intake's database the ways to messages are made again: a repeat is a repeat, of the erased too."""

from pathlib import Path
from uuid import UUID

import pytest

from corong.intake import lookups
from corong.runtime.key_erasure import Doomed, KeyEraser
from corong.runtime.key_tables import key_id
from corong.runtime.keys import PURPOSE
from corong.runtime.policy import Actor
from corong.runtime.unit import Unit
from corong_contracts.command import ForgetPerson
from corong_contracts.message import MessageReceived
from tests.peers.postgres import PostgresServer
from tests.peers.postgres import postgres as postgres
from tests.services.intake.doors import Door, message, open_door

BACKENDS = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]
OFFICER = Actor("officer", "ppid-utama", "main_officer", "diskominfo")


def received(door: Door) -> list[MessageReceived]:
    return [event.data for event in door.events(MessageReceived) if isinstance(event.data, MessageReceived)]


async def erase(door: Door, person: str) -> None:
    """As auditing has it done: the key first, then the ways."""
    key = key_id(person, PURPOSE, 1)
    eraser = KeyEraser(door.installation.key_database, door.clock)
    eraser.destroy([Doomed("e-1", person, (key,), "2026-07-01T03:00:00.000000Z", "UU 27/2022", "000.5.2")], 0)
    asked = ForgetPerson(person=person)
    await door.service.committer.run(lambda unit: door.intake.mending.forget(unit, OFFICER, asked, UUID(int=5)))


def ways(door: Door) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    return (
        door.rows("SELECT key, native_key, person FROM lookup ORDER BY key"),
        door.rows("SELECT key, native_key, person FROM mention ORDER BY key, native_key"),
    )


async def lose(door: Door) -> None:
    """What a restore from the log gives: everything but these tables."""

    def delete(unit: Unit) -> None:
        for table in (lookups.lookup, lookups.mention):
            unit.connection.execute(table.delete())
        unit.rows.changes += 1
        unit.rows.forget()

    await door.service.committer.run(delete)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("mended", [True, False])
async def test_after_a_loss_a_repeat_is_a_repeat(
    tmp_path: Path, backend: str, mended: bool, request: pytest.FixtureRequest
) -> None:
    server: PostgresServer | None = request.getfixturevalue("postgres") if backend == "postgres" else None
    url = server.make_database("mending") if server else None
    first, gone = message("m-1", "warga-1"), message("m-3", "warga-3", thread=["catatan-lain"])
    async with open_door(tmp_path, url) as door:
        told = await door.intake.accept(first)
        answered = await door.intake.accept(message("m-2", "warga-2", thread=["catatan-orang-lain"]))
        erased = await door.intake.accept(gone)
        (person,) = [data.person for data in received(door) if data.message_id == erased.message_id]
        await erase(door, person)
        before = ways(door)
        assert [row["person"] for row in before[0]].count(None) == 1
        assert len(before[1]) == 1, "what the erased answered is gone"
        await lose(door)
    async with open_door(tmp_path, url) as door:
        await door.intake.mending.run()
        assert ways(door) == before
        if not mended:  # the twin: as without the mending
            await lose(door)
        count = len(received(door))
        again = await door.intake.accept(first)
        assert (again.status, again.case_id, again.secret) == ("duplicate", told.case_id, told.secret)
        other = await door.intake.accept(message("m-1", "warga-9"))
        late = await door.intake.accept(gone)
        joined = await door.intake.accept(message("m-4", "warga-2", thread=["catatan-orang-lain"]))
        assert joined.case_id == answered.case_id, "in the sender's own name it is known without"
        taken = len(received(door)) - count
        if mended:
            assert (other.status, other.case_id) == ("duplicate", told.case_id)
            assert (late.case_id, taken) == (None, 1), "m-4 alone is new"
        else:
            assert (other.status, late.status, taken) == ("registered", "registered", 3)


async def test_a_message_that_answers_much_keeps_what_fits(tmp_path: Path) -> None:
    long = [f"<{number}@{'x' * 240}>" for number in range(64)]
    async with open_door(tmp_path) as door:
        await door.intake.accept(message("m-1", thread=long))
        (event,) = door.events(MessageReceived)
        kept = door.opened(event, "sender")["thread"]
        assert kept == long[: len(kept)]
        assert 10 < len(kept) < 64
        whole = {row["key"] for row in ways(door)[1]}
        await lose(door)
    async with open_door(tmp_path) as door:
        await door.intake.mending.run()
        assert {row["key"] for row in ways(door)[1]} < whole, "the nearest ones are found again"
