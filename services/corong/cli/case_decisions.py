"""`corong case`, continued: notices to requests, refusals and their approval, objections, disputes."""

from typing import Annotated, Any

import typer

from corong.cli.case import Reason, act, app
from corong.cli.choices import DisputeResult, Form, ObjectionOutcome
from corong.cli.declare import AsJson, remote_command
from corong.cli.output import text_of
from corong.cli.queue import Case, Text
from corong.cli.remote import Remote
from corong.cli.words import say

Cost = Annotated[int, typer.Option(min=0, help=say("Biaya, rupiah.", "The cost, rupiah."))]
FormOf = Annotated[Form | None, typer.Option(help=say("Bentuk informasi.", "The form of the information."))]


@remote_command(
    app, "grant", "Mengabulkan permohonan seluruhnya; pemberitahuannya dikirim.",
    "Grant the whole request; the notice is sent.",
    'corong case grant PI/2026/000123 "Salinan kami lampirkan." --form soft_copy',
)  # fmt: skip
def grant(
    remote: Remote, case: Case, text: Text, form: FormOf = None, cost: Cost = 0, as_json: AsJson = False
) -> None:  # fmt: skip
    """Grant."""
    act(remote, case, "grant", {"finding": {"form": form, "cost": cost}, "text": text_of(text)}, as_json)


@remote_command(
    app, "not-held", "Memberitahukan bahwa informasi tidak dikuasai, dan siapa yang menguasainya.",
    "Say that the information is not held, and who holds it.",
    'corong case not-held PI/2026/000123 "Dokumen itu ada di BPKAD." --held-by BPKAD',
)  # fmt: skip
def not_held(
    remote: Remote,
    case: Case,
    text: Text,
    held_by: Annotated[str, typer.Option("--held-by", help=say("Yang menguasainya.", "Who holds it."))],
    as_json: AsJson = False,
) -> None:
    """Say so."""
    body = {"outcome": "not_held", "finding": {"held": "not_held", "held_by": held_by}, "text": text_of(text)}
    act(remote, case, "grant", body, as_json)


@remote_command(
    app, "refuse", "Mengusulkan penolakan, seluruhnya atau sebagian (--redact), untuk disetujui atasan.",
    "Propose a refusal, of the whole or of parts (--redact), for the superior's word.",
    'corong case refuse PI/2026/000123 @surat.txt --ground h --test UK/3/2026 --tested 2026-03-20 --until 2031-03-20 '
    '--weighing "Dapat mengungkap rahasia pribadi." --redact "kolom NIK"',
)  # fmt: skip
def refuse(
    remote: Remote,
    case: Case,
    text: Text,
    ground: Annotated[
        list[str], typer.Option(help=say("Huruf Pasal 17; boleh berulang.", "Letter of art. 17; again."))
    ],
    test: Annotated[str, typer.Option(help=say("Nomor uji konsekuensi.", "Number of the consequence test."))],
    tested: Annotated[str, typer.Option(metavar="TANGGAL", help=say("Tanggal ujinya.", "The day of the test."))],
    until: Annotated[str, typer.Option(metavar="TANGGAL", help=say("Dikecualikan sampai.", "Exempt until."))],
    weighing: Annotated[str, typer.Option(help=say("Pertimbangan uji.", "The test's reasons."))],
    redact: Annotated[
        list[str] | None, typer.Option(help=say("Bagian yang dihitamkan; boleh berulang.", "A part; again."))
    ] = None,
    form: FormOf = None,
    cost: Cost = 0,
    as_json: AsJson = False,
) -> None:
    """Propose it."""
    finding: dict[str, Any] = {
        "grounds": ground, "test": {"number": test, "held_on": tested, "exempt_until": until}, "form": form,
        "cost": cost,
    }  # fmt: skip
    body = {
        "outcome": "partly_granted" if redact else "refused",
        "finding": finding,
        "redactions": redact or [],
        "weighing": text_of(weighing),
        "text": text_of(text),
    }
    act(remote, case, "refuse", body, as_json)


@remote_command(
    app, "approve", "Menyetujui penolakan dengan tepat teks yang dibaca (`corong case show`).",
    "Approve a refusal with exactly the text that was read (`corong case show`).",
    "corong case approve PI/2026/000123 --text-hash hmac-…",
)  # fmt: skip
def approve(
    remote: Remote,
    case: Case,
    text_hash: Annotated[str, typer.Option("--text-hash", help=say("Sidik teks itu.", "The text's hash."))],
    as_json: AsJson = False,
) -> None:
    """Approve."""
    act(remote, case, "approve", {"text_hash": text_hash}, as_json)


@remote_command(
    app, "disapprove", "Mengembalikan, atau menarik kembali, usulan penolakan.",
    "Send a proposed refusal back, or take it back.",
    'corong case disapprove PI/2026/000123 --reason "Uji konsekuensi belum cukup."',
)  # fmt: skip
def disapprove(remote: Remote, case: Case, reason: Reason, as_json: AsJson = False) -> None:
    """Send it back."""
    act(remote, case, "disapprove", {"reason": text_of(reason)}, as_json)


@remote_command(
    app, "decide", "Memutus keberatan, sebagai atasan PPID.", "Decide an objection, as the superior.",
    'corong case decide KB/2026/000004 upheld "Keberatan dikabulkan."',
)  # fmt: skip
def decide(
    remote: Remote,
    case: Case,
    outcome: Annotated[ObjectionOutcome, typer.Argument(help=say("Putusan.", "The decision."))],
    text: Text,
    as_json: AsJson = False,
) -> None:
    """Decide."""
    act(remote, case, "decide", {"outcome": outcome, "text": text_of(text)}, as_json)


@remote_command(
    app, "dispute", "Mencatat sengketa di Komisi Informasi.", "Record a dispute at the Information Commission.",
    "corong case dispute KB/2026/000004 --reference 012/REG-PSI/2026 --filed 2026-05-12",
)  # fmt: skip
def dispute(
    remote: Remote,
    case: Case,
    reference: Annotated[str, typer.Option(help=say("Nomor registernya.", "The commission's number."))],
    filed: Annotated[str, typer.Option(metavar="TANGGAL", help=say("Tanggal diajukan.", "The day of filing."))],
    as_json: AsJson = False,
) -> None:
    """Record it."""
    act(remote, case, "dispute", {"reference": reference, "filed_on": filed}, as_json)


@remote_command(
    app, "settle", "Mencatat akhir sengketa.", "Record how the dispute ended.",
    "corong case settle KB/2026/000004 mediated --on 2026-07-01",
)  # fmt: skip
def settle(
    remote: Remote,
    case: Case,
    result: Annotated[DisputeResult, typer.Argument(help=say("Hasilnya.", "How it ended."))],
    on: Annotated[str, typer.Option(metavar="TANGGAL", help=say("Tanggalnya.", "The day."))],
    as_json: AsJson = False,
) -> None:
    """Record it."""
    act(remote, case, "settle", {"result": result, "settled_on": on}, as_json)


@remote_command(
    app, "detail", "Mencatat isian buku register tentang pemohon dan permohonannya.",
    "Write down what the statutory register asks of applicant and request.",
    'corong case detail PI/2026/000123 --name "Ani Contoh" --asked "DPA 2025" --purpose penelitian',
)  # fmt: skip
def detail(
    remote: Remote,
    case: Case,
    name: Annotated[str, typer.Option(help=say("Nama.", "The name."))] = "",
    address: Annotated[str, typer.Option(help=say("Alamat.", "The address."))] = "",
    contact: Annotated[str, typer.Option(help=say("Kontak.", "The contact."))] = "",
    occupation: Annotated[str, typer.Option(help=say("Pekerjaan.", "The occupation."))] = "",
    asked: Annotated[str, typer.Option(help=say("Informasi yang diminta.", "What is asked."))] = "",
    purpose: Annotated[str, typer.Option(help=say("Tujuan penggunaan.", "The purpose."))] = "",
    as_json: AsJson = False,
) -> None:
    """Write it down."""
    body = {
        "name": name, "address": address, "contact": contact, "occupation": occupation, "asked": asked,
        "purpose": purpose,
    }  # fmt: skip
    act(remote, case, "detail", body, as_json)
