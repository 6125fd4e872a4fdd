"""`corong report`: the statutory register of requests, and the yearly report of the information service."""

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from corong.cli.choices import RegisterFormat, YearlyFormat
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.made_file import fetched
from corong.cli.output import print_fields, print_json, tell, text_of
from corong.cli.remote import Remote
from corong.cli.words import language, say

app = group(
    "report", "Buku register permohonan dan laporan tahunan layanan informasi, disusun dari log.",
    "The register of requests and the yearly report of the information service, made from the log.",
)  # fmt: skip

Year = Annotated[
    int | None,
    typer.Option(
        min=2000, max=9999, help=say("Tahun diterima; bawaan: tahun ini.", "Year of receipt; default: this year.")
    ),
]
Out = Annotated[
    Path | None,
    typer.Option("--out", "-o", help=say("Berkasnya; bawaan: menurut isinya.", "The file; named after what it is.")),
]
At = Annotated[
    int | None,
    typer.Option(
        min=1,
        help=say(
            "Hanya sekian entri pertama log; bawaan: semua yang sudah ditandatangani.",
            "Only so many entries of the log, from the first on; default: all that are signed.",
        ),
    ),
]
UnitOf = Annotated[
    str | None, typer.Option(help=say("Unit ini saja: dinas-pupr.", "This unit alone: dinas-pupr."))
]  # fmt: skip
Demo = Annotated[
    bool, typer.Option("--demo", help=say("Warga latihan saja.", "Synthetic citizens alone."))
]  # fmt: skip
Force = Annotated[bool, typer.Option("--force", help=say("Timpa berkas lama.", "Overwrite an older file."))]


@remote_command(
    app, "register", "Buku register permohonan informasi; data pemohon hanya bagi yang berhak. Tercatat di log.",
    "The register of requests; applicants' data for those entitled alone. The log tells of it.",
    "corong report register --year 2026 --format xlsx --out register-2026.xlsx",
)  # fmt: skip
def register(
    remote: Remote,
    year: Year = None,
    form: Annotated[RegisterFormat, typer.Option("--format", help=say("Bentuknya.", "Its form."))] = "xlsx",
    out: Out = None,
    unit: UnitOf = None,
    at: At = None,
    opened: Annotated[
        bool | None,
        typer.Option(
            "--open/--closed",
            help=say(
                "Buka atau tahan data pemohon; bawaan: dibuka bila berhak.",
                "Open or withhold applicants' data; default: opened where you may.",
            ),
        ),
    ] = None,
    demo: Demo = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write it, and say what it is."""
    body = {"year": _year(remote, year), "format": form, "unit": unit, "at": at, "open": opened, "demo": demo}
    _make(remote, "register", body, out, force, as_json)


@remote_command(
    app, "yearly", "Laporan tahunan layanan informasi: angka per unit dan bulan, hambatan, rencana. Tercatat di log.",
    "The yearly report of the information service: figures by unit and month, obstacles, plan. The log tells of it.",
    'corong report yearly --year 2026 --obstacles @hambatan.txt --plan "Digitalisasi arsip." --out laporan-2026.pdf',
)  # fmt: skip
def yearly(
    remote: Remote,
    year: Year = None,
    form: Annotated[YearlyFormat, typer.Option("--format", help=say("Bentuknya.", "Its form."))] = "pdf",
    out: Out = None,
    unit: UnitOf = None,
    at: At = None,
    obstacles: Annotated[
        str,
        typer.Option(
            help=say(
                "Hambatan; - atau @berkas. Tetap di log, jadi tanpa data pribadi.",
                "Obstacles; - or @file. The log keeps them, so nothing personal.",
            )
        ),
    ] = "",
    plan: Annotated[str, typer.Option(help=say("Rencana; - atau @berkas.", "The plan; - or @file."))] = "",
    demo: Demo = False,
    force: Force = False,
    as_json: AsJson = False,
) -> None:
    """Write it, and say what it is."""
    body = {
        "year": _year(remote, year), "format": form, "unit": unit, "at": at, "obstacles": text_of(obstacles),
        "plan": text_of(plan), "demo": demo,
    }  # fmt: skip
    _make(remote, "yearly", body, out, force, as_json)


def _year(remote: Remote, year: int | None) -> int:
    return datetime.now(remote.zone()).year if year is None else year


def _make(
    remote: Remote, report: str, body: dict[str, Any], out: Path | None, force: bool, as_json: bool
) -> None:  # fmt: skip
    name = {"register": say("buku-register", "register"), "yearly": say("laporan-tahunan", "yearly-report")}[report]
    out = out or Path(f"{name}-{body['year']}.{body['format']}")
    asked = {key: value for key, value in body.items() if value is not None} | {"language": language()}
    made = fetched(remote, f"/api/v1/reports/{report}", asked, out, force=force, quiet=as_json)
    if as_json:
        print_json({"file": str(out), **made})
        return
    print_fields(
        [
            (say("Berkas", "File"), str(out)), (say("Permohonan", "Requests"), str(made["count"])),
            (say("Log", "Log"), say(f"{made['size']} entri", f"{made['size']} entries")),
            (say("Data pemohon", "Applicants"), _told(report, made["opened"])),
            (say("Dicatat sebagai", "Recorded as"), made["event"]),
        ]
    )  # fmt: skip
    tell(say(f"Isi yang sama lagi: --at {made['size']}", f"The same again: --at {made['size']}"))


def _told(report: str, opened: bool) -> str:
    if report == "yearly":
        return ""
    return say("dibuka", "opened") if opened else say("ditahan", "withheld")
