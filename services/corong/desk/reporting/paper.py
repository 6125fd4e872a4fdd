"""The yearly report of the information service, as pages and for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from corong.desk.reporting.words import EXEMPT, MONTHS, OBJECTIONS, RESULTS, STANDINGS, Both, Speaker
from corong.documents.blocks import Block, Heading, Paragraph, Rows, Run, Runs
from corong.documents.pdf import Letterhead, as_report
from corong.reports import End, RequestFigures, Yearly
from corong.reports.figures import BANDS
from corong.runtime.formats import minute, number
from corong_contracts.audit import ReportAsked
from corong_contracts.decision import Outcome

__all__ = ["Place", "as_pdf", "described", "title"]


@dataclass(frozen=True)
class Place:
    """Whose report it is, and as of which log."""

    government: str
    office: str
    zone: ZoneInfo
    size: int
    root: str
    at: datetime
    """When the newest entry that counts was recorded."""


def title(say: Speaker, asked: ReportAsked) -> str:
    """Of the report, or of the register."""
    mark = say(("LATIHAN · ", "TRAINING · ")) if asked.demo else ""
    if asked.report == "register":
        return mark + say((f"Buku register permohonan informasi {asked.year}", f"Register of requests {asked.year}"))
    both = ("Laporan tahunan layanan informasi publik", "Yearly report of the information service")
    return f"{mark}{say(both)} {asked.year}"


def as_pdf(found: Yearly, asked: ReportAsked, place: Place, say: Speaker) -> bytes:
    """Its pages: figures, obstacles and plan, and the time for each request."""
    mark = f"log {place.size} · {place.root[:16]}"
    head = Letterhead(government=place.government, office=place.office, number=mark)
    return as_report(title(say, asked), list(_Report(found, asked, place, say).blocks()), head, place.at, say.language)


class _Report:
    def __init__(self, found: Yearly, asked: ReportAsked, place: Place, say: Speaker) -> None:
        self._found, self._asked, self._place, self._say = found, asked, place, say

    def blocks(self) -> Iterator[Block]:
        say, found = self._say, self._found
        yield self._words(self._preface())
        yield self._heading(("Permohonan informasi", "Requests for information"))
        yield self._labels(self._requests(found.whole))
        yield self._heading(("Waktu", "Time"))
        yield self._labels(self._times(found.whole))
        yield self._heading(("Alasan penolakan (UU 14/2008 Pasal 17)", "Grounds of refusal (UU 14/2008 art. 17)"))
        yield self._counts({say.of(EXEMPT, one): n for one, n in found.whole.grounds.items()})
        yield self._heading(("Keberatan (UU 14/2008 Pasal 35 dan 36)", "Objections (UU 14/2008 art. 35 and 36)"))
        yield self._labels(self._objections())
        yield self._counts({say.of(OBJECTIONS, one): n for one, n in found.objections.grounds.items()})
        yield self._heading(("Sengketa di Komisi Informasi", "Disputes at the Information Commission"))
        yield self._labels([(("Diajukan pada tahun ini", "Filed in the year"), self._number(found.disputes.filed))])
        yield self._counts({say.of(RESULTS, one): n for one, n in found.disputes.results.items()})
        yield self._heading(("Menurut unit", "By unit"))
        yield self._table(("Unit", "Unit"), {say.unit(unit): part for unit, part in found.units.items()})
        yield self._heading(("Menurut bulan diterima", "By month of receipt"))
        yield self._table(("Bulan", "Month"), dict(zip(map(say, MONTHS), found.months, strict=True)))
        for both, text in ((("Hambatan", "Obstacles"), self._asked.obstacles), (("Rencana", "Plan"), self._asked.plan)):
            yield self._heading(both)
            for part in text.strip().split("\n\n") if text.strip() else [say(("Tidak diisi.", "Left empty."))]:
                yield self._words(part)
        yield self._heading(("Lampiran: waktu setiap permohonan", "Annex: the time for each request"))
        yield self._each()

    def _preface(self) -> str:
        place, asked = self._place, self._asked
        when = minute(place.at, self._say.language, place.zone)
        whole = self._say(("seluruh unit", "all units")) if asked.unit is None else self._say.unit(asked.unit)
        return self._say(
            (
                f"Meliputi {whole}: permohonan dan keberatan yang diterima, dan sengketa yang diajukan, pada tahun "
                f"{asked.year}. Disusun dari {self._number(place.size)} entri pertama log (sampai {when}; akar "
                f"{place.root}); siapa pun yang menyusunnya lagi pada posisi itu mendapat angka yang sama.",
                f"It covers {whole}: requests and objections received, and disputes filed, in {asked.year}. Made from "
                f"the first {self._number(place.size)} entries of the log (up to {when}; root {place.root}); whoever "
                "makes it again at that position gets the same figures.",
            )
        )

    def _requests(self, part: RequestFigures) -> list[tuple[Both, str]]:
        return [
            (("Diterima", "Received"), self._number(part.received)),
            (("Diputus", "Decided"), self._number(part.decided)),
            *((STANDINGS[one], self._number(count)) for one, count in part.standings.items()),
            (("Biaya seluruhnya (rupiah)", "Cost of all (rupiah)"), self._number(part.cost)),
        ]

    def _times(self, part: RequestFigures) -> list[tuple[Both, str]]:
        counted = part.decided - part.uncounted
        mean = number(round(part.days_total / counted, 1), self._say.language) if counted else "–"
        return [
            (("Diberitahukan tepat waktu", "Notice in time"), self._number(part.in_time)),
            (("Diberitahukan terlambat", "Notice late"), self._number(part.late)),
            (("Batas lewat tanpa pemberitahuan", "Ran out in silence"), self._number(part.silent)),
            (("… dan belum diputus", "… and not decided yet"), self._number(part.silent_open)),
            (("Diperpanjang", "Extended"), self._number(part.extended)),
            (("Pemohon diminta melengkapi", "Applicant asked for what was missing"), self._number(part.completed)),
            (("Rata-rata hari kerja", "Working days, mean"), mean),
            (("Hari kerja, nilai tengah", "Working days, median"), self._number(part.days_median)),
            (("Hari kerja, tercepat", "Working days, quickest"), self._number(part.days_least)),
            (("Hari kerja, terlama", "Working days, slowest"), self._number(part.days_most)),
            *((_span(one), self._number(count)) for one, count in part.bands.items()),
            (("Hari kerja tidak terhitung", "Working days not counted"), self._number(part.uncounted)),
        ]  # fmt: skip

    def _objections(self) -> list[tuple[Both, str]]:
        part = self._found.objections
        return [
            (("Diterima", "Received"), self._number(part.received)),
            *((STANDINGS[one], self._number(count)) for one, count in part.standings.items()),
            (("Ditanggapi tepat waktu", "Answered in time"), self._number(part.in_time)),
            (("Ditanggapi terlambat", "Answered late"), self._number(part.late)),
            (("Batas lewat tanpa tanggapan", "Ran out in silence"), self._number(part.silent)),
        ]

    def _table(self, first: Both, parts: Mapping[str, RequestFigures]) -> Rows:
        heads: tuple[Both, ...] = (
            first, ("Diterima", "Received"), ("Dikab.", "Granted"), ("Sebagian", "Partly"), ("Ditolak", "Refused"),
            ("Tak dik.", "Not held"), ("Lain", "Other"), ("Belum", "Open"), ("Tepat", "In time"),
            ("Lambat", "Late"), ("Diam", "Silent"),
        )  # fmt: skip
        rows = [
            (
                name, part.received, part.standings[Outcome.GRANTED], part.standings[Outcome.PARTLY_GRANTED],
                part.standings[Outcome.REFUSED], part.standings[Outcome.NOT_HELD],
                sum(part.standings[one] for one in (End.WITHDRAWN, End.MERGED, End.CLOSED)),
                part.standings[End.OPEN], part.in_time, part.late, part.silent,
            )
            for name, part in parts.items()
        ]  # fmt: skip
        return _rows([self._say(both) for both in heads], rows)

    def _each(self) -> Block:
        say = self._say
        heads: tuple[Both, ...] = (
            ("Nomor", "Number"), ("Diterima", "Received"), ("Pemberitahuan", "Notice"), ("Hari kerja", "Working days"),
            ("Tepat waktu", "In time"), ("Keputusan", "Decision"),
        )  # fmt: skip
        rows = [
            (
                row.number, row.received.isoformat(), row.decided.isoformat() if row.decided else "",
                "" if row.working_days is None else row.working_days, say.yes(row.in_time),
                say.of(STANDINGS, row.standing),
            )
            for row in self._found.requests
        ]  # fmt: skip
        if not rows:
            return self._words(say(("Tidak ada permohonan pada tahun ini.", "There were no requests in the year.")))
        return _rows([say(both) for both in heads], rows)

    def _heading(self, both: Both) -> Heading:
        return Heading(2, (Run(self._say(both)),))

    def _words(self, text: str) -> Paragraph:
        return Paragraph((Run(text),))

    def _labels(self, lines: Sequence[tuple[Both, str]]) -> Rows:
        return Rows((), tuple((_run(self._say(both)), _run(value)) for both, value in lines))

    def _counts(self, counts: Mapping[str, int]) -> Block:
        found = {name: count for name, count in counts.items() if count}
        if not found:
            return self._words(self._say(("Tidak ada.", "None.")))
        return Rows((), tuple((_run(name), _run(self._number(count))) for name, count in found.items()))

    def _number(self, value: float | None) -> str:
        return "–" if value is None else number(value, self._say.language)


def described(found: Yearly) -> dict[str, Any]:
    """The figures for programs: codes and numbers, in no language."""
    return {
        "requests": _figures(found.whole),
        "units": [{"unit": unit, **_figures(part)} for unit, part in found.units.items()],
        "months": [{"month": month, **_figures(part)} for month, part in enumerate(found.months, 1)],
        "objections": {
            "received": found.objections.received,
            "decisions": {one.value: n for one, n in found.objections.standings.items()},
            "grounds": {one.value if one else "unlinked": n for one, n in found.objections.grounds.items()},
            "in_time": found.objections.in_time,
            "late": found.objections.late,
            "silent": found.objections.silent,
        },
        "disputes": {
            "filed": found.disputes.filed,
            "results": {one or "open": n for one, n in found.disputes.results.items()},
        },
        "times": [
            {
                "number": row.number,
                "received": row.received.isoformat(),
                "decided": row.decided.isoformat() if row.decided else None,
                "working_days": row.working_days,
                "in_time": row.in_time,
                "decision": row.standing.value,
            }
            for row in found.requests
        ],
    }


def _figures(part: RequestFigures) -> dict[str, Any]:
    return {
        "received": part.received,
        "decided": part.decided,
        "decisions": {one.value: n for one, n in part.standings.items()},
        "grounds": {one.value: n for one, n in part.grounds.items()},
        "in_time": part.in_time,
        "late": part.late,
        "silent": part.silent,
        "silent_open": part.silent_open,
        "extended": part.extended,
        "completed": part.completed,
        "objected": part.objected,
        "cost": part.cost,
        "working_days": {
            "total": part.days_total,
            "least": part.days_least,
            "median": part.days_median,
            "most": part.days_most,
            "uncounted": part.uncounted,
            "bands": [{"from": low, "to": high, "count": part.bands[low, high]} for low, high in BANDS],
        },
    }


def _span(one: tuple[int, int | None]) -> Both:
    low, high = one
    days = f"{low}–{high}" if high is not None else f"≥ {low}"
    return f"{days} hari kerja", f"{days} working days"


def _run(text: str) -> Runs:
    return (Run(text),)


def _rows(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Rows:
    return Rows(tuple(map(_run, heads)), tuple(tuple(_run(str(cell)) for cell in row) for row in rows))
