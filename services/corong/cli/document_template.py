"""`corong document template`: the words of letters, edition by edition."""

from pathlib import Path
from typing import Annotated

import typer

from corong.cli import document
from corong.cli.choices import DecisionOutcome, DocumentKind
from corong.cli.declare import AsJson, command, group, remote_command
from corong.cli.document import Out, shown, template_of
from corong.cli.output import moment, print_json, print_table, tell, text_of
from corong.cli.queue import Case
from corong.cli.remote import Remote, case_path
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import language, say

app = group(
    "template", "Templat surat: edisi yang berlaku, mencoba dan menetapkan yang lain.",
    "Letters' templates: which edition is in force, trying and adopting another.",
)  # fmt: skip
document.app.add_typer(app)

PATH = "/api/v1/document-templates"
Kind = Annotated[DocumentKind, typer.Argument(help=say("Jenis surat.", "The letter."))]
File = Annotated[Path, typer.Argument(metavar=say("BERKAS", "FILE"), help=say("Templat, TOML.", "A template, TOML."))]


@remote_command(
    app, "list", "Semua edisi, yang terbaru dahulu.", "All editions, the newest first.",
    "corong document template list",
)  # fmt: skip
def list_(remote: Remote, as_json: AsJson = False) -> None:
    """Print them."""
    found = remote.get(PATH)["templates"]
    if as_json:
        print_json(found)
        return
    columns = (
        ("SURAT", "LETTER"), ("EDISI", "EDITION"), ("BERLAKU", "IN FORCE"), ("SIDIK", "DIGEST"), ("OLEH", "BY"),
        ("SEJAK", "SINCE"),
    )  # fmt: skip
    print_table(
        [say(*pair) for pair in columns],
        [
            (
                one["kind"], one["edition"], say("ya", "yes") if one["in_force"] else "", one["digest"][7:19],
                one["officer"]["id"] if one["officer"] else "Corong", moment(one["adopted_at"]),
            )
            for one in found
        ],
    )  # fmt: skip


@remote_command(
    app, "show", "Isi satu templat sebagai TOML, untuk disimpan, diubah, dan dicoba.",
    "A template's words as TOML, to be kept, changed and tried.", "corong document template show notice > surat.toml",
)  # fmt: skip
def show(
    remote: Remote,
    kind: Kind,
    edition: Annotated[
        int | None, typer.Option(min=0, help=say("Edisi; bawaan: yang berlaku.", "Default: the one in force."))
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Print it."""
    found = remote.get(f"{PATH}/{kind}", edition=edition)
    if as_json:
        print_json(found)
    else:
        print(found["content"], end="")


@command(
    app, "check", "Memeriksa berkas templat: variabel, kondisi, dan bentuknya.",
    "Check a template's file: its variables, conditions and form.", "corong document template check surat.toml",
)  # fmt: skip
def check(file: File) -> None:
    """Check it, without a hub."""
    from corong.documents import BadTemplate, Template

    try:
        found = Template.read(template_of(file))
    except BadTemplate as bad:
        flaws = [f"{flaw.part}:{flaw.line}: {say(flaw.indonesian, flaw.english)}" for flaw in bad.flaws]
        raise Trouble(
            say("Templat tidak dapat dipakai:\n  ", "The template can't be used:\n  ") + "\n  ".join(flaws), "", USAGE
        ) from None
    tell(say(f"Templat {found.kind} dapat dipakai.", f"The template of a {found.kind} can be used."))
    print(found.digest)


@remote_command(
    app, "preview", "Mencoba berkas templat pada perkara yang nyata; tidak ada yang berubah.",
    "Try a template's file on a real case; nothing changes.",
    'corong document template preview surat.toml PI/2026/000123 --outcome granted --text "Terlampir." -o surat.pdf',
)  # fmt: skip
def preview(
    remote: Remote,
    file: File,
    case: Case,
    out: Out = None,
    outcome: Annotated[DecisionOutcome | None, typer.Option(help=say("Putusan.", "The decision."))] = None,
    text: Annotated[str, typer.Option(help=say("Jawaban atau alasan.", "Answer or reasons."))] = "",
) -> None:
    """Show it."""
    from corong.documents import BadTemplate, Template

    content = template_of(file)
    try:
        kind = Template.read(content).kind
    except BadTemplate as bad:
        flaw = bad.flaws[0]
        told = flaw.english if language() == "en" else flaw.indonesian
        raise Trouble(f"{flaw.part}:{flaw.line}: {told}", "", USAGE) from None
    body = {"outcome": outcome, "text": text_of(text), "template": content}
    shown(remote, f"{case_path(case)}/documents/{kind}", body, out)


@remote_command(
    app, "adopt", "Menetapkan templat: surat sesudahnya memakai kata-kata ini; surat yang sudah dibuat tetap.",
    "Adopt a template: letters from now on have these words; those that were made keep theirs.",
    "corong document template adopt surat.toml",
)  # fmt: skip
def adopt(remote: Remote, file: File, as_json: AsJson = False) -> None:
    """Adopt it."""
    done = remote.post(PATH, {"content": template_of(file)})
    if as_json:
        print_json(done)
        return
    if not done["events"]:
        tell(say("Sudah demikian; tidak ada yang berubah.", "It was so already; nothing changed."))
    print(f"{done['kind']} · {say('edisi', 'edition')} {done['edition']} · {done['digest']}")
