"""Acts that the law wants told by letter issue one, beside the words that the citizen gets, by the edition in force."""

import json
from typing import Any

import pytest

from corong.documents import standard_template
from corong.routing.clock_words import written_day
from corong.routing.template_book import TemplateBook
from corong.runtime.keys import PersonErased
from corong.runtime.policy import Forbidden
from corong.runtime.refusal import Refused
from corong.runtime.sealing import sealed_field
from corong_contracts.base import AnyEvent
from corong_contracts.case import CaseKind
from corong_contracts.document import DocumentKind
from tests.services.routing.town import UNIT, Day

REQUEST, OBJECTION = CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION
TEST = {"number": "UK/1/2026", "held_on": "2026-03-01", "exempt_until": "2031-03-20"}
REFUSAL = {"finding": {"grounds": ["h"], "test": TEST}, "weighing": "rahasia pribadi", "text": "Kami tolak."}


def of_verb(day: Day, *verbs: str) -> list[AnyEvent]:
    """Without receipts, which go with nothing that is told."""
    return [event for event in all_of(day, *verbs) if getattr(event.data, "kind", None) != DocumentKind.RECEIPT]


def all_of(day: Day, *verbs: str) -> list[AnyEvent]:
    return [event for event in day.unit.recorded if f"{event.data.noun}.{event.data.verb}" in verbs]


def receipts(day: Day) -> list[AnyEvent]:
    return [event for event in all_of(day, "document.issued") if event not in of_verb(day, "document.issued")]


def words(day: Day, event: AnyEvent) -> dict[str, Any]:
    return day.town.works.sealer.open_json(sealed_field(event, "decided"))


def only(events: list[AnyEvent]) -> Any:
    (event,) = events
    return event


def claimed(day: Day, kind: CaseKind = REQUEST) -> Any:
    case = day.arrives(kind, unit=UNIT)
    day.does("unit", "case.claim", case)
    return case


def test_a_request_has_its_receipt_the_moment_it_is_one_and_no_other_case_has(day: Day) -> None:
    case = day.arrives(REQUEST, unit=UNIT)
    issued = only(receipts(day))
    said = words(day, issued)
    assert said["received"] == "17 Maret 2026, 23.59 WIB"
    assert said["answer_until"] == written_day(day.case(case).clocks["request_notice"].last_day, "id")
    assert (issued.actor, issued.data.message_id) == ("system", day.case(case).message_id)
    assert "secret" not in said, "the code stands on the paper alone"
    question = claimed(day, CaseKind.QUESTION)
    claimed(day, OBJECTION)
    assert len(receipts(day)) == 1
    day.does("unit", "case.reclassify", question, kind=REQUEST, reason="Ia meminta salinan.")
    _, turned = receipts(day)
    assert (turned.actor, turned.data.message_id) == (f"officer:petugas-{UNIT}", day.case(question).message_id)  # type: ignore[attr-defined]
    later = day.follows_up(case)
    day.does("unit", "case.claim", case)
    split = day.splits("unit", case, later, REQUEST)
    assert [(one.data.case_id, one.data.message_id) for one in receipts(day)[2:]] == [(split, later)]  # type: ignore[attr-defined]


def test_an_erased_citizens_request_has_its_clocks_and_no_receipt(day: Day, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object) -> None:
        raise PersonErased("warga")

    monkeypatch.setattr(day.town.routing._load, "key_of", gone)
    case = day.arrives(REQUEST, unit=UNIT)
    assert not receipts(day)
    assert day.case(case).clocks["request_notice"].state == "running"


def test_a_granted_request_gets_a_notice_with_the_last_day_to_object(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.grant", case, text="Terlampir.", finding={"form": "soft_copy"})
    issued, answered = only(of_verb(day, "document.issued")), only(of_verb(day, "case.answered"))
    data = issued.data
    assert (data.kind, data.told_id, data.message_id) == ("notice", answered.data.answer_id, day.case(case).message_id)
    assert issued.number == answered.number - 1, "who reads the answer has read the letter"
    said = words(day, issued)
    assert (said["decision"], said["form"]) == ("dikabulkan seluruhnya", "salinan elektronik (softcopy)")
    assert said["signed_name"] == day.town.directory.officer(f"petugas-{UNIT}").name
    assert "answer" not in said, "the words stand in the answer, and not twice"
    last_day = day.case(case).clocks["objection_filing"].last_day
    assert str(last_day.year) in said["object_until"]
    assert str(last_day.day) in said["object_until"]


def test_a_refusal_is_issued_when_the_superior_has_approved_it(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.refuse", case, **REFUSAL)
    assert not of_verb(day, "document.issued"), "what is proposed is not sent"
    day.does("superior", "case.approve", case, text_hash=day.case(case).text_hash)
    issued = only(of_verb(day, "document.issued"))
    said = words(day, issued)
    assert issued.data.kind == "refusal"
    assert said["grounds"] == ["Pasal 17 huruf h: rahasia pribadi"]
    assert said["consequence"].endswith("rahasia pribadi")
    assert said["approved_by"].endswith("Atasan PPID")
    assert said["signed_by"].startswith("PPID Pelaksana")


def test_an_extension_and_an_objections_decision_are_told_by_letter(day: Day) -> None:
    case = claimed(day)
    day.does("unit", "case.extend", case, reasons="Arsip di kecamatan.")
    issued, told = only(of_verb(day, "document.issued")), of_verb(day, "case.notified")[-1]
    assert (issued.data.kind, issued.data.told_id) == ("extension", told.data.notice_id)  # type: ignore[attr-defined]
    assert words(day, issued)["earlier_until"] == "Rabu, 8 April 2026"
    assert words(day, issued)["answer_until"] == "Jumat, 17 April 2026"
    day.does("unit", "case.grant", case, text="Terlampir.")
    objection = day.arrives(OBJECTION, unit=UNIT)
    day.does("main", "case.object", objection, request_id=case, ground="d")
    day.does("superior", "case.decide", objection, outcome="upheld", text="Berikan salinannya.")
    issued = only(of_verb(day, "document.issued")[-1:])
    assert (issued.data.kind, issued.data.request_id) == ("objection_decision", case)
    said = words(day, issued)
    assert (said["decision"], said["ground"][:8]) == ("keberatan dikabulkan", "huruf d:")
    assert said["signed_by"] == "Atasan PPID"


@pytest.mark.parametrize(
    ("kind", "matter", "waits"),
    [
        (REQUEST, "permohonan informasi", "berhenti dihitung"), (OBJECTION, "keberatan", ""),
        (CaseKind.COMPLAINT, "pengaduan", "mulai dihitung sejak berkasnya lengkap"),
    ],
)  # fmt: skip
def test_what_is_missing_is_told_by_letter_with_what_becomes_of_the_clock(
    day: Day, kind: CaseKind, matter: str, waits: str
) -> None:
    case = claimed(day, kind)
    day.does("unit", "case.ask_completion", case, text="Tahun berapa?")
    issued, told = only(of_verb(day, "document.issued")), of_verb(day, "case.notified")[-1]
    assert (issued.data.kind, issued.data.told_id) == ("incomplete", told.data.notice_id)  # type: ignore[attr-defined]
    assert issued.number == told.number - 1
    said = words(day, issued)
    assert said["matter"] == matter
    assert waits in said.get("waits", "")
    assert bool(waits) == ("waits" in said)
    assert "reason" not in said, "the words stand in the notice, and not twice"


@pytest.mark.parametrize(
    ("kind", "clock", "ran_out", "until", "right"),
    [
        (REQUEST, "request_notice", "Rabu, 8 April 2026", "Senin, 25 Mei 2026", "keberatan kepada atasan PPID"),
        (OBJECTION, "objection_decision", "Kamis, 7 Mei 2026", "Rabu, 3 Juni 2026", "Komisi Informasi"),
    ],
)  # fmt: skip
def test_silence_is_told_by_letter_at_the_moment_the_clock_runs_out(
    day: Day, kind: CaseKind, clock: str, ran_out: str, until: str, right: str
) -> None:
    case = day.arrives(kind, unit=UNIT)
    day.at(day.case(case).clocks[clock].due)
    while day.town.routing.clockwork.ring_due(day.unit):
        pass
    issued, told = only(of_verb(day, "document.issued")), of_verb(day, "case.notified")[-1]
    assert (issued.data.kind, issued.data.told_id) == ("silence", told.data.notice_id)  # type: ignore[attr-defined]
    assert (issued.actor, issued.number) == ("system", told.number - 1)
    said = words(day, issued)
    assert (said["ran_out"], said["right_until"]) == (ran_out, until)
    assert right in said["right"]
    assert written_day(told.data.until, "id") == until, "the letter and the event name one day"  # type: ignore[attr-defined]


def test_an_erased_citizens_silence_has_no_letter_and_the_clock_rings_all_the_same(
    day: Day, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = day.arrives(REQUEST, unit=UNIT)

    def gone(*_: object) -> None:
        raise PersonErased("warga")

    day.at(day.case(case).clocks["request_notice"].due)
    monkeypatch.setattr(day.town.routing._load, "keyed", gone)
    while day.town.routing.clockwork.ring_due(day.unit):
        pass
    assert of_verb(day, "case.notified")
    assert not of_verb(day, "document.issued")


def test_a_plain_answer_has_no_letter(day: Day) -> None:
    case = claimed(day, CaseKind.COMPLAINT)
    day.does("unit", "case.answer", case, text="Sudah diperbaiki.")
    request = claimed(day)
    day.does("unit", "case.answer", request, text="Sedang kami cari.")
    assert not of_verb(day, "document.issued", "template.adopted")


def test_the_words_that_come_with_corong_stand_in_the_log_once_before_they_are_used(day: Day) -> None:
    for _ in range(2):
        day.does("unit", "case.grant", claimed(day), text="Terlampir.")
    adopted = only(of_verb(day, "template.adopted"))
    standard = standard_template(DocumentKind.NOTICE)
    assert (adopted.data.digest, adopted.data.edition, adopted.data.officer) == (standard.digest, 1, None)
    assert json.loads(adopted.data.content)[2] == standard.letter
    editions = {(event.data.template, event.data.edition) for event in of_verb(day, "document.issued")}  # type: ignore[attr-defined]
    assert editions == {(standard.digest, 1)}


def test_an_installations_own_words_are_used_from_then_on(day: Day) -> None:
    case, later = claimed(day), claimed(day)
    day.does("unit", "case.grant", case, text="Terlampir.")
    standard = standard_template(DocumentKind.NOTICE)
    own = type(standard).of(standard.kind, "Surat Pemberitahuan", standard.letter, standard.message)
    book = TemplateBook()
    taken = book.adopt(day.unit, day.cause(), own, "ppid-utama")
    assert taken is not None
    assert taken.number == 2
    assert book.adopt(day.unit, day.cause(), own, "ppid-utama") is None, "it is that already"
    day.does("unit", "case.grant", later, text="Terlampir.")
    first, second = of_verb(day, "document.issued")
    assert (first.data.template, second.data.template) == (standard.digest, own.digest)  # type: ignore[attr-defined]
    back = book.adopt(day.unit, day.cause(), standard, "ppid-utama")
    assert back is not None
    assert book.in_force(day.unit, DocumentKind.NOTICE).number == back.number == 3
    day.unit.rows.flush()
    assert [one.number for one in book.editions(day.unit.connection, DocumentKind.NOTICE)] == [3, 2, 1]


def test_the_main_officer_adopts_and_what_is_wrong_is_told_by_line(day: Day) -> None:
    content = standard_template(DocumentKind.NOTICE).toml.replace("Yth. {{ name }}", "Kepada {{ name }}")
    day.does("main", "template.adopt", content=content)
    first, adopted = of_verb(day, "template.adopted")
    assert (adopted.actor, adopted.data.edition, adopted.data.officer) == (  # type: ignore[attr-defined]
        "officer:ppid-utama", 2, "ppid-utama",
    )  # fmt: skip
    assert first.data.digest == standard_template(DocumentKind.NOTICE).digest, "what was in force stands in the log"  # type: ignore[attr-defined]
    with pytest.raises(Refused) as refused:
        day.does("main", "template.adopt", content=content.replace("{{ name }}", "{{ nik }}"))
    assert refused.value.code == "bad_template"
    assert "letter, baris 1: tidak ada variabel `nik`" in refused.value.indonesian
    for who in ("unit", "superior", "auditor"):
        with pytest.raises(Forbidden):
            day.does(who, "template.adopt", content=content)
