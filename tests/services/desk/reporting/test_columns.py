"""The register's cells, in both languages, of what happened to a request; and who the applicant is, opened."""

import csv
import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from corong.desk.reporting import words
from corong.desk.reporting.applicants import FIELDS, WITHHELD, Applicant, Applicants
from corong.desk.reporting.columns import cells, columns, described
from corong.desk.reporting.sheets import as_csv, as_xlsx
from corong.desk.reporting.words import Speaker
from corong.reports import Book, End, Row, rows
from corong.runtime.language import LANGUAGES, Language
from corong_contracts.case import CaseKind
from corong_contracts.case_life import ObjectionGround
from corong_contracts.catalogue import encode
from corong_contracts.decision import ExemptGround, Outcome
from tests.services.reports.yearbook import REFUSAL, day_of, folded, history, ring
from tests.services.routing.town import UNIT, Day, Town

UNITS = {UNIT: "Dinas PUPR"}
AT = datetime(2026, 12, 31, tzinfo=UTC)


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    opened = Town()
    yield opened
    opened.close()


@pytest.fixture
def day(town: Town) -> Iterator[Day]:
    with day_of(town) as opened:
        yield opened


def disputed(day: Day) -> Book:
    """A request refused in silence first, objected to, taken to the commission."""
    case = day.arrives(CaseKind.COMPLAINT, unit=UNIT)
    day.does("unit", "case.reclassify", case, kind="information_request", reason="r")
    ring(day, timedelta(days=40))
    objection = day.arrives(CaseKind.OBJECTION, unit=UNIT)
    day.does("unit", "case.object", objection, request_id=case, ground="c")
    day.does("superior", "case.decide", objection, outcome="rejected", text="Tidak.")
    day.does("main", "case.dispute", objection, reference="012/KI/2026", filed_on="2026-04-26")
    day.does("unit", "case.claim", case)
    day.does("unit", "case.refuse", case, **REFUSAL)
    day.does("superior", "case.approve", case, text_hash=day.case(case).text_hash)
    return folded(history(day))


def by_title(language: Language, row: Row, applicant: Applicant = WITHHELD) -> dict[str, Any]:
    say = Speaker(language, UNITS)
    titles = [title for title, _ in columns(say)]
    assert len(set(titles)) == len(titles)
    return dict(zip(titles, cells(say, row, applicant), strict=True))


def test_a_row_in_both_languages(day: Day) -> None:
    (row,) = rows(disputed(day), 2026)
    found, english = by_title("id", row), by_title("en", row)
    assert found["Alasan penolakan"] == (
        "Pasal 17 huruf b (rahasia usaha dan kekayaan intelektual); Pasal 17 huruf h (rahasia pribadi)"
    )
    assert english["Ground of refusal"] == "art. 17 letter b (business secrets); art. 17 letter h (personal secrets)"
    assert found["Keberatan"].endswith("2026-04-26; tidak ditanggapi; keberatan ditolak 2026-04-26")
    assert found["Sengketa"] == "012/KI/2026; 2026-04-26; belum selesai"
    assert (found["Tepat waktu"], found["Batas lewat tanpa pemberitahuan"]) == ("tidak", "ya")
    assert (found["Keterangan"], english["Remarks"]) == ("semula pengaduan", "was complaint")
    assert {found["Nama"], english["Name"]} == {"ditahan", "withheld"}
    told = described(row, WITHHELD)
    assert json.loads(json.dumps(told)) == told
    assert (told["grounds"], told["objection"]["decision"], told["dispute"]["result"]) == (["b", "h"], "rejected", None)
    assert told["applicant"] == {"state": "withheld"}


def test_there_are_words_for_everything() -> None:
    assert set(words.STANDINGS) == {*Outcome, *End}
    assert set(words.EXEMPT) == set(ExemptGround)
    assert set(words.OBJECTIONS) == {*ObjectionGround, None}
    assert set(words.KINDS) == set(CaseKind)
    assert len(words.MONTHS) == 12


def test_cells_are_no_formulas_and_the_same_rows_the_same_bytes(day: Day) -> None:
    (row,) = rows(disputed(day), 2026)
    applicant = Applicant("opened", name="=1+1", asked="baris\n-dua", contact="+62 812", purpose="x" * 40_000)
    for language in LANGUAGES:
        say = Speaker(language, UNITS)
        table = [cells(say, row, applicant)]
        text = as_csv(columns(say), table)
        (_, line) = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""))
        assert (line[2], line[4], line[6]) == ("'=1+1", "'+62 812", "baris\n'-dua")
        assert len(line[7]) == 40_000
        book = as_xlsx("Register", columns(say), table, AT)
        assert (text, book) == (as_csv(columns(say), table), as_xlsx("Register", columns(say), table, AT))
        assert book != as_xlsx("Register", columns(say), table, AT + timedelta(days=1))
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            sheet = b"".join(archive.read(name) for name in archive.namelist())
        assert b"<f>" not in sheet
        assert b"lihat bentuk CSV" in sheet


def test_the_applicant_is_who_the_officer_wrote_and_else_who_sent_it(day: Day) -> None:
    case = day.arrives(CaseKind.INFORMATION_REQUEST, text="salinan anggaran", unit=None)
    events = history(day)
    found: dict[str, Any] = {"case_id": str(case)}
    found["message"] = next(encode(one).decode() for one in events if one.data.verb == "received")
    opening = Applicants(day.town.works.sealer)
    first = opening.of([found])[str(case)]
    assert first == Applicant("opened", asked="salinan anggaran")
    day.does("main", "case.detail", case, particulars={"name": "Siti", "occupation": "guru", "asked": "APBD 2025"})
    found["particulars"] = next(encode(one).decode() for one in history(day) if one.data.verb == "detailed")
    assert opening.of([found])[str(case)] == Applicant("opened", name="Siti", occupation="guru", asked="APBD 2025")
    assert "Siti" not in repr(opening.of([found])), "nothing personal in logs"
    changed = {**found, "particulars": found["particulars"].replace(str(UUID(found["case_id"])), str(UUID(int=1)))}
    assert opening.of([changed])[str(case)].state == "opened", "the seal is bound to the event, not to what it names"
    event = json.loads(found["particulars"])
    event["id"] = str(UUID(int=5))
    broken = opening.of([{**found, "particulars": json.dumps(event)}])[str(case)]
    assert broken == Applicant("unreadable")
    assert {getattr(broken, name) for name in FIELDS} == {""}
    assert opening.of([{"case_id": str(case)}])[str(case)] == Applicant("opened")


def test_what_the_applicant_gave_on_the_form_stands_where_no_officer_wrote(day: Day) -> None:
    case = day.arrives(CaseKind.INFORMATION_REQUEST, text="salinan anggaran")
    day.does("main", "case.detail", case, particulars={"occupation": "guru"})
    sealer = day.town.works.sealer
    events = {one.data.verb: json.loads(encode(one)) for one in history(day)}
    message, given = events["received"], {"occupation": "nelayan", "purpose": "skripsi", "address": "Kisaran"}
    content = json.dumps({"text": "salinan anggaran", "subject": "APBD", "particulars": given})
    key, of = message["data"]["content"]["key"], UUID(message["id"])
    message["data"]["content"] = sealer.seal(key, of, message["type"], "content", content).model_dump()
    found = {"case_id": str(case), "message": json.dumps(message), "particulars": json.dumps(events["detailed"])}
    assert Applicants(sealer).of([found])[str(case)] == Applicant(
        "opened", address="Kisaran", occupation="guru", asked="APBD\nsalinan anggaran", purpose="skripsi"
    )
