"""Drills: their tone checklist and score, and one from its beginning to its score in a training hub."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio

from corong.demo import Feeder
from corong.demo.drilling import hand_in
from corong.desk.pages.drill_page import ADDRESS
from corong.desk.training.board import Board
from corong.desk.training.drills import DRILLS, FLOOD, REFUSAL, SILENT_UNIT
from corong.desk.training.scoring import Told, score
from corong.desk.training.tone import RULES, tone_of
from tests.hubs import RunningHub, running_hub
from tests.services.desk.office import Office
from tests.services.desk.visitor import signed_in
from tests.services.portal.citizen import text_of

BEGAN = datetime(2026, 11, 2, 1, tzinfo=UTC)
GOOD = "Yth. Bapak/Ibu, terima kasih atas laporannya. Petugas kami datang besok pagi untuk menambal lubang itu."
BAD = "SALAH SENDIRI LEWAT SANA!! hubungi 081234567890"


def minutes(count: float) -> datetime:
    return BEGAN + timedelta(minutes=count)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        (GOOD, ()),
        (BAD, RULES),
        ("Yth. Ibu, terima kasih. Sudah diperbaiki.", ("long_enough",)),
        (GOOD.replace("besok pagi ", ""), ("says_when",)),
        (GOOD + " NIK 1209010101010001", ("nothing_personal",)),
        (GOOD.replace("terima kasih atas laporannya. ", ""), ("thanks",)),
        (GOOD.upper(), ("calm",)),
    ],
    ids=["good", "bad", "short", "no day", "identity number", "no thanks", "shouted"],
)
def test_the_tone_checklist(text: str, failed: tuple[str, ...]) -> None:
    assert tone_of(text).failed == failed


def test_a_flood_is_scored_by_answers_times_order_and_tone() -> None:
    nothing = [Told(said.urgent, BEGAN) for said in FLOOD.messages]
    assert score(FLOOD, nothing).points == 0
    good = [
        Told(said.urgent, BEGAN, ((minutes(20), GOOD),), touched=minutes(1 if said.urgent else 5))
        for said in FLOOD.messages
    ]
    assert score(FLOOD, good).points == 100
    assert score(FLOOD, good).minutes == (20,) * len(FLOOD.messages)
    late = [Told(one.urgent, BEGAN, ((minutes(60), BAD),), touched=minutes(9 if one.urgent else 5)) for one in good]
    shares = {part.name: part.share for part in score(FLOOD, late).parts}
    assert shares == {"answered": 1.0, "in_time": 0.0, "urgent_first": 0.0, "tone": 0.0}
    assert set(score(FLOOD, late).parts[-1].advice) == set(RULES)
    half = [*good[:4], *nothing[4:]]
    assert 0 < score(FLOOD, half).points < 100
    assert score(FLOOD, []).points == 0, "nothing came yet"


def test_a_refusal_is_a_decision_that_tells_the_right() -> None:
    words = f"{GOOD} Anda berhak mengajukan keberatan dalam 30 hari kerja."
    answered = Told(False, BEGAN, ((minutes(10), words),))
    shares = {part.name: part.share for part in score(REFUSAL, [answered]).parts}
    assert (shares["answered"], shares["refused"], shares["right_told"]) == (1, 0, 0), "a word is no decision"
    refused = Told(False, BEGAN, ((minutes(10), words),), decision="refused")
    assert score(REFUSAL, [refused]).points == 100
    silent = Told(False, BEGAN, ((minutes(10), GOOD),), decision="refused")
    assert score(REFUSAL, [silent]).points == 75


def test_a_silent_unit_is_moved_by_an_officer() -> None:
    steps = (("case.routed", "system"), ("case.noted", "officer:ppid-utama"))
    moved = [Told(False, BEGAN, ((minutes(10), GOOD),), steps=steps) for _said in SILENT_UNIT.messages]
    assert score(SILENT_UNIT, moved).points == 100
    unmoved = [Told(False, BEGAN, ((minutes(10), GOOD),), steps=(("case.noted", "system"),)) for _ in moved]
    assert score(SILENT_UNIT, unmoved).points == 75


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def training(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("drill"), demo=True) as hub:
        yield hub


@pytest.mark.asyncio(loop_scope="module")
async def test_a_drill_from_the_page_to_its_score(training: RunningHub) -> None:
    board = Board(training.hub.settings.data)
    async with await signed_in(training, "ppid-utama") as visitor, Feeder(training.hub, 3) as feeder:
        begun = await visitor.send(ADDRESS, f"{ADDRESS}/silent_unit")
        assert begun.status_code == 303
        assert "Pesan sedang masuk" in await visitor.get(begun.headers["location"])
        run = board.take()
        assert run is not None
        assert board.take() is None, "nobody hands them in twice"
        await hand_in(feeder, board, run)
        await training.settled()
        page = text_of(await visitor.get(ADDRESS))
        assert "Unit yang diam: 0 dari 100" in page
        numbers = board.runs()[0].numbers
        assert len(set(numbers)) == len(SILENT_UNIT.messages)
        async with training.client("officer", "ppid-utama", "en") as main:
            for number in numbers:
                case = f"/api/v1/cases/{number.replace('/', '-')}"
                assert (await main.get(case)).json()["demo"] is True
                for step, body in (
                    ("claim", None),
                    ("note", {"note": "Mohon ditindaklanjuti."}),
                    ("answer", {"text": GOOD}),
                ):
                    assert (await main.post(f"{case}/{step}", json=body)).status_code == 200
            await training.settled()
            found = (await main.get("/api/v1/drills")).json()
            assert {drill["name"] for drill in found["drills"]} == set(DRILLS)
            assert (found["runs"][0]["points"], found["runs"][0]["state"]) == (100, "done")
            assert (await main.post("/api/v1/drills/tidak-ada")).status_code == 404
        assert "100 dari 100" in text_of(await visitor.get(ADDRESS))
        rows = training.rows("desk", "SELECT DISTINCT demo FROM tally")
        assert [bool(row["demo"]) for row in rows] == [True], "nothing of it is in real figures"


@pytest.mark.asyncio(loop_scope="module")
async def test_every_page_of_a_training_hub_says_so(training: RunningHub) -> None:
    async with await signed_in(training, "ppid-utama") as visitor:
        for path, status in (
            ("/", 200), ("/tulis", 200), ("/cek", 200), ("/layanan", 200), ("/informasi", 200), ("/tidak-ada", 404),
            ("/desk", 200), ("/desk/angka", 200), ("/desk/audit", 200), (ADDRESS, 200), ("/desk/akun", 200),
            ("/desk?unit=tidak-ada", 422), ("/masuk", 200),
        ):  # fmt: skip
            answer = await visitor.client.get(path)
            if answer.status_code != 303:
                assert answer.status_code == status, path
                assert 'class="demo" role="note"' in answer.text, path


@pytest.mark.asyncio(loop_scope="package")
async def test_a_real_hub_has_no_drills(office: Office) -> None:
    assert (await office.get("ppid-utama", "drills", status=409))["code"] == "not_for_training"
    async with await signed_in(office.hub, "ppid-utama") as visitor:
        page = await visitor.get(ADDRESS)
        assert "corong demo" in page
        assert 'class="demo"' not in page
        assert f'href="{ADDRESS}"' not in await visitor.get("/desk")
        token = page.split('name="token" value="')[1].split('"')[0]
        assert (await visitor.post(f"{ADDRESS}/flood", token)).status_code == 409
    assert not (office.hub.hub.settings.data / "drills.json").exists()
