"""A case as it was known at a moment, and as it had happened by then."""

import json
from pathlib import Path

from corong.replay.as_of import as_of
from corong.replay.logs import DatabaseLog, FolderLog
from corong.replay.survey import Asked, survey
from corong.runtime.clock import stamp
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseAnswered, CaseClaimed, CaseClosed, CaseRegistered
from corong_contracts.message import MessageReceived
from tests.processes import clean_environment, corong
from tests.replay.runs import bodies, events, finished, publish, replayed, url_of


def delayed(body: bytes, by: str) -> bytes:
    """The event as if it had been recorded at another moment."""
    event = json.loads(body)
    event["recordedtime"] = by
    return json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def acted(history: list[AnyEvent], actor: str) -> set[str]:
    """The cases and posts to which somebody did something."""
    return {str(event.correlationid) for event in history if event.actor == actor}


async def test_as_of_and_until(tmp_path: Path) -> None:
    data = await finished(tmp_path, None)
    url = url_of(data, None)
    log, history = DatabaseLog(url), events(url)
    first = next(event for event in history if isinstance(event.data, CaseRegistered))
    case = str(first.correlationid)
    number = str(getattr(first.data, "registration", ""))
    claimed = next(
        event for event in history if isinstance(event.data, CaseClaimed) and str(event.correlationid) == case
    )
    of_case = [event for event in history if str(event.correlationid) == case]
    answered = next(event for event in of_case if isinstance(event.data, CaseAnswered | CaseClosed))

    whole = survey(log, Asked(case=number))
    assert whole.entities == {case}
    view = as_of(log, whole, stamp(claimed.recordedtime), "desk")
    sides = view.tables["case"][(case,)]
    assert sides.known is not None
    assert (sides.known["state"], sides.known["holder"]) == ("open", "petugas-dinas-pupr")
    assert not sides.differ
    assert set(view.tables["registered"]) == {(case,)}, "no other case"
    last = as_of(log, whole, stamp(history[-1].recordedtime), "desk").tables["case"][(case,)]
    assert last.known is not None and last.known["state"] == "closed"  # noqa: PT018  # for mypy

    # Until a position, and until a moment: the same as the log cut there.
    at = history.index(answered)
    cut = FolderLog(publish(tmp_path / "cut", bodies(url)[:at]))
    assert replayed(log, None, before=at)["desk"].hash == replayed(cut, None)["desk"].hash
    known_by = stamp(claimed.recordedtime)
    prefix = [body for body, event in zip(bodies(url), history, strict=True) if stamp(event.recordedtime) <= known_by]
    cut = FolderLog(publish(tmp_path / "cut", prefix))
    assert replayed(log, None, recorded=known_by)["desk"].hash == replayed(cut, None)["desk"].hash

    # A message that was written before a moment and recorded after it had happened, and was not known.
    at = next(
        i
        for i, event in enumerate(history)
        if isinstance(event.data, MessageReceived) and str(event.correlationid) == case
    )
    late = [delayed(body, "2099-01-01T00:00:00.000000Z") if i == at else body for i, body in enumerate(bodies(url))]
    folder = FolderLog(publish(tmp_path / "late", late))
    view = as_of(folder, survey(folder, Asked(case=case)), stamp(history[-1].recordedtime), "portal")
    assert [(row.known is None, row.happened is None) for row in view.tables["message"].values()] == [(True, False)]

    environment = clean_environment(CORONG_DATA=str(data), CORONG_LANG="en")
    shown = corong("audit", "as-of", number, "--at", stamp(claimed.recordedtime), env=environment)
    assert shown.returncode == 0, shown.stderr
    assert "petugas-dinas-pupr" in shown.stdout
    queue = corong("audit", "as-of", "--unit", "dinas-pupr", "--at", stamp(claimed.recordedtime), env=environment)
    assert number in queue.stdout
    for words, cases in (
        (("--case", number), {case}),
        (("--actor", "officer:petugas-dinas-pupr"), acted(history, "officer:petugas-dinas-pupr")),
        (("--unit", "diskominfo"), survey(log, Asked(unit="diskominfo")).entities),
    ):
        told = corong("audit", "replay", *words, "--json", env=environment)
        assert told.returncode == 0, told.stdout + told.stderr
        found = json.loads(told.stdout)
        assert found["cases"] == len(cases) > 0
        assert all(service["wrong"] == {} for service in found["services"])
    nobody = corong("audit", "replay", "--unit", "tidak-ada", env=environment)
    assert (nobody.returncode, "There is no such case" in nobody.stderr) == (1, True)
    told = corong("audit", "replay", "--json", env=environment)
    assert told.returncode == 0, told.stdout + told.stderr
    assert {service["service"]: service["equal_to"] for service in json.loads(told.stdout)["services"]}["desk"] == [
        "live"
    ]
