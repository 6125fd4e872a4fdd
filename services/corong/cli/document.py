"""`corong document`: the letters of a case, and what one would say before it is used."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from corong.cli.choices import DecisionOutcome, DocumentKind, Form
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.output import clean, moment, print_json, print_table, tell, text_of
from corong.cli.queue import Case
from corong.cli.remote import Remote, case_path
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import say

app = group(
    "document", "Surat: tanda bukti, pemberitahuan tertulis, penolakan, perpanjangan, tanggapan keberatan.",
    "Letters: receipt, written notice, refusal, extension, objection decision.",
)  # fmt: skip

KindOf = Annotated[DocumentKind, typer.Option("--kind", help=say("Jenis surat.", "The letter."))]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", "-o",
        help=say("Berkas PDF; tanpa ini teks kanalnya dicetak.", "A PDF file; without it the channel's text is shown."),
    ),
]  # fmt: skip


@remote_command(
    app, "list", "Surat yang dapat dibuat untuk satu perkara, dan yang masih kurang.",
    "The letters that a case can have, and what each still needs.", "corong document list PI/2026/000123",
)  # fmt: skip
def list_(remote: Remote, case: Case, as_json: AsJson = False) -> None:
    """Print them."""
    found = remote.get(f"{case_path(case)}/documents")
    if as_json:
        print_json(found)
        return
    for one in found["made"]:
        print(f"{one['document_id']}  {one['kind']}  {moment(one['made_at'])}  {one['digest'] or '-'}")
    print_table(
        (say("SURAT", "LETTER"), say("JUDUL", "TITLE"), say("TEMPLAT", "TEMPLATE"), say("MASIH KURANG", "MISSING")),
        [
            (one["kind"], one["title"], one["template"][7:19], ", ".join(one["missing"]))
            for one in found["possible"]
        ],
        say("Perkara jenis ini tidak memiliki surat.", "A case of this kind has no letters."),
    )  # fmt: skip


@remote_command(
    app, "preview", "Melihat surat dari perkara yang nyata sebelum dipakai; tidak ada yang dikirim.",
    "See a letter filled from a real case before it is used; nothing is sent.",
    'corong document preview PI/2026/000123 --kind notice --outcome granted --text "Salinan terlampir." -o surat.pdf',
)  # fmt: skip
def preview(
    remote: Remote,
    case: Case,
    kind: KindOf,
    out: Out = None,
    outcome: Annotated[
        DecisionOutcome | None,
        typer.Option(
            help=say("Putusan; bawaan: penolakan yang menunggu persetujuan.", "Default: the refusal that waits.")
        ),
    ] = None,
    text: Annotated[
        str, typer.Option(help=say("Jawaban atau alasan; - atau @berkas.", "Answer or reasons; - or @file."))
    ] = "",
    ground: Annotated[list[str] | None, typer.Option(help=say("Huruf Pasal 17.", "Letter of art. 17."))] = None,
    test: Annotated[str, typer.Option(help=say("Nomor uji konsekuensi.", "Number of the consequence test."))] = "",
    tested: Annotated[str, typer.Option(metavar="TANGGAL", help=say("Tanggal ujinya.", "Its day."))] = "",
    until: Annotated[str, typer.Option(metavar="TANGGAL", help=say("Dikecualikan sampai.", "Exempt until."))] = "",
    weighing: Annotated[str, typer.Option(help=say("Pertimbangan uji.", "The test's reasons."))] = "",
    redact: Annotated[list[str] | None, typer.Option(help=say("Bagian yang dihitamkan.", "A part."))] = None,
    held_by: Annotated[str | None, typer.Option("--held-by", help=say("Yang menguasai.", "Who holds it."))] = None,
    form: Annotated[Form | None, typer.Option(help=say("Bentuk informasi.", "Form of the information."))] = None,
    cost: Annotated[int, typer.Option(min=0, help=say("Biaya, rupiah.", "The cost, rupiah."))] = 0,
) -> None:
    """Show or write it."""
    finding: dict[str, Any] = {"grounds": ground or [], "held_by": held_by, "form": form, "cost": cost}
    if test or tested or until:
        finding["test"] = {"number": test, "held_on": tested, "exempt_until": until}
    body = {
        "outcome": outcome, "finding": finding, "redactions": redact or [], "weighing": text_of(weighing),
        "text": text_of(text),
    }  # fmt: skip
    shown(remote, f"{case_path(case)}/documents/{kind}", body, out)


def template_of(file: Path) -> str:
    """The words of a template's file. Raises `Trouble`."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(
            say(f"Berkas {file} tidak dapat dibaca: {error}", f"File {file} can't be read: {error}"), "", USAGE
        ) from None


@remote_command(
    app, "get", "Mengunduh surat yang sudah dikirim, persis seperti dikirim.",
    "Fetch a letter that went out, exactly as it did.", "corong document get PI/2026/000123 7554… -o surat.pdf",
)  # fmt: skip
def get(
    remote: Remote,
    case: Case,
    document: Annotated[
        str, typer.Argument(metavar="ID", help=say("Id surat (`corong document list`).", "The letter's id."))
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help=say("Berkas PDF.", "The PDF file."))],
) -> None:
    """Write it."""
    save(remote.content(f"{case_path(case)}/documents/made/{quote(document, safe='')}"), out)


def shown(remote: Remote, path: str, body: Any, out: Path | None) -> None:
    """The channel's text on the output, or the pages in a file. Raises `Trouble`."""
    if out is None:
        print(clean(remote.content(path, body, format="text").decode()))
        return
    save(remote.content(path, body), out)


def save(content: bytes, out: Path) -> None:
    """Write a letter's pages. Raises `Trouble`."""
    try:
        out.write_bytes(content)
    except OSError as error:
        raise Trouble(
            say(f"Berkas {out} tidak dapat ditulis: {error.strerror}", f"{out} can't be written: {error.strerror}")
        ) from None
    tell(say(f"{out}: {len(content)} byte", f"{out}: {len(content)} bytes"))
