"""The board as a measuring instrument: it counts rightly under every trouble and across its own death."""

import asyncio
from collections.abc import Coroutine
from typing import Any
from uuid import uuid4

import pytest

from corong_contracts import Outgoing, Permanent, Receipt, Transient, Unknown
from corong_contracts.channel import InboundMessage
from corong_contracts.conformance.source_peer import MemoryCursor
from tests.sample_channel.corong_papan import PapanSink, PapanSource
from tests.sample_channel.peer import TROUBLES
from tests.sample_channel.running import PapanPeer, note


def reply(number: int) -> Outgoing:
    return Outgoing(
        delivery_id=uuid4(),
        fence=1,
        carried=f"kunci-{number}",
        kind="reply",
        text=f"Jawaban {number}",
        reply_to={"note": f"n-{number:06d}"},
    )


@pytest.mark.parametrize(
    ("trouble", "error", "deliveries"),
    [
        ("refuse", Permanent, 0),
        ("busy", Transient, 0),
        ("fail_before", Unknown, 0),
        ("fail_after", Unknown, 1),
        ("hang_after", Unknown, 1),
        ("reset_after", Unknown, 1),
        ("nonsense_after", Unknown, 1),
        ("slow", None, 1),
    ],
)
async def test_counts_what_it_delivered_and_what_it_was_asked(
    papan: PapanPeer, trouble: str, error: type[Exception] | None, deliveries: int
) -> None:
    assert trouble in TROUBLES
    papan.trouble(shares={trouble: 1}, slow_seconds=0.05)
    sink = PapanSink(papan.account(timeout=1.0))
    if error is None:
        await sink.send(reply(1))
    else:
        with pytest.raises(error):
            await sink.send(reply(1))
    counted = papan.counted()
    assert counted["total"] == deliveries
    assert counted["by_key"] == ({"kunci-1": 1} if deliveries else {})
    assert counted["by_text"] == ({"Jawaban 1": 1} if deliveries else {})
    assert counted["by_note"] == ({"n-000001": 1} if deliveries else {})
    assert counted["calls_by_key"] == {"kunci-1": 1}


@pytest.mark.parametrize("remembers", [True, False])
async def test_a_second_send_is_seen_whether_or_not_the_board_knows_keys(papan: PapanPeer, remembers: bool) -> None:
    papan.trouble(remembers_keys=remembers)
    sink = PapanSink(papan.account())
    await sink.send(reply(1))
    papan.kill()
    papan.start()
    await sink.send(reply(1))
    counted = papan.counted()
    assert counted["by_key"] == {"kunci-1": 1 if remembers else 2}
    assert counted["by_text"] == {"Jawaban 1": 1 if remembers else 2}
    assert counted["calls_by_key"] == {"kunci-1": 2}


async def test_troubles_come_by_their_shares(papan: PapanPeer) -> None:
    papan.trouble(shares={"busy": 0.3, "fail_after": 0.2}, seed=5)
    sink = PapanSink(papan.account())
    outcomes = {"sent": 0, "Transient": 0, "Unknown": 0}
    for number in range(100):
        try:
            await sink.send(reply(number))
            outcomes["sent"] += 1
        except (Transient, Unknown) as error:
            outcomes[type(error).__name__] += 1
    assert papan.counted()["total"] == outcomes["sent"] + outcomes["Unknown"]
    assert min(outcomes.values()) > 0
    papan.trouble()
    await sink.send(reply(101))


async def test_a_backlog_of_thousands_is_taken_once_each(papan: PapanPeer) -> None:
    count = 5000
    papan.add_notes(note(number, f"Laporan {number}", thread=f"u-{number % 700}") for number in range(count))
    taken: list[str] = []
    done = asyncio.Event()

    async def hand_over(message: InboundMessage) -> Receipt:
        await asyncio.sleep(0.001)
        taken.append(message.native_id)
        if len(taken) == count:
            done.set()
        return Receipt(status="registered", message_id=uuid4())

    async def ended(call: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(call)
        await asyncio.wait_for(done.wait(), 60)
        task.cancel()
        await asyncio.wait([task])

    await ended(PapanSource(papan.account()).run(hand_over, MemoryCursor()))
    assert sorted(taken) == [f"n-{number:06d}" for number in range(count)]


async def test_a_wrong_token_opens_nothing(papan: PapanPeer) -> None:
    account = papan.account(token="another-token")
    with pytest.raises(Permanent, match="http_401"):
        await PapanSink(account).send(reply(1))
    with pytest.raises(Unknown, match="http_401"):
        await PapanSink(account).look_up(reply(1))
    assert papan.counted()["total"] == 0


@pytest.mark.parametrize(
    "settings", [{}, {"url": "ftp://x", "token": "t"}, {"url": "http://x", "token": "", "more": 1}]
)
def test_settings_that_cannot_work_tell_no_value(papan: PapanPeer, settings: dict[str, object]) -> None:
    account = papan.account()
    for make in (PapanSink, PapanSource):
        with pytest.raises(Permanent, match=r"^bad_settings$"):
            make(type(account)(id=account.id, channel="papan", settings=settings))
