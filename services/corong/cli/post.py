"""`corong post`: official posts, from the draft to the networks."""

from typing import Annotated, Any

import typer

from corong.cli.choices import Label, PostState
from corong.cli.declare import AsJson, group, remote_command
from corong.cli.instants import instant
from corong.cli.lists import After, Limit, listed
from corong.cli.output import clean, line, moment, print_fields, print_json, print_table, text_of
from corong.cli.remote import Remote
from corong.cli.trouble import USAGE, Trouble
from corong.cli.words import is_terminal, say

app = group("post", "Unggahan resmi: draf, persetujuan, penayangan.", "Official posts: draft, approve, publish.")

PostId = Annotated[str, typer.Argument(metavar="ID", help=say("Id unggahan.", "The post's id."))]
Unit = Annotated[str | None, typer.Option(help=say("Hanya unit ini.", "Of this unit only."))]
Title = Annotated[str, typer.Option(help=say("Judul.", "The title."))]
OwnText = Annotated[
    list[str] | None,
    typer.Option(
        "--text-for",
        metavar=say("AKUN=TEKS", "ACCOUNT=TEXT"),
        help=say("Teks tersendiri untuk satu akun; boleh berulang.", "One account's own text; may be given again."),
    ),
]


@remote_command(app, "list", "Daftar unggahan, yang terbaru dulu.", "Posts, the newest first.", "corong post list")
def list_posts(
    remote: Remote,
    unit: Unit = None,
    state: Annotated[
        PostState | None,
        typer.Option(help=say("Keadaan.", "State.")),
    ] = None,
    label: Annotated[Label | None, typer.Option(help=say("Label.", "Label."))] = None,
    limit: Limit = 50,
    after: After = None,
    as_json: AsJson = False,
) -> None:
    """Print them."""
    found = listed(remote, "/api/v1/posts", "posts", limit, after, unit=unit, state=state, label=label)
    if as_json:
        found.print_json()
        return
    print_table(
        ("ID", "UNIT", "LABEL", say("KEADAAN", "STATE"), say("DITULIS", "WRITTEN"), say("JUDUL", "TITLE")),
        [
            (
                post["publication_id"], post["unit"] and post["unit"]["id"], post["label"], post["state"],
                moment(post["drafted_at"]), post["title"] or line(post["text"])[:60],
            )
            for post in found.items
        ],
        say("Belum ada unggahan.", "No posts yet."),
    )  # fmt: skip
    found.tell_more()


@remote_command(
    app, "show", "Satu unggahan dengan langkah dan kirimannya.", "One post with its steps and deliveries.",
    "corong post show 6f1c…",
)  # fmt: skip
def show(remote: Remote, identity: PostId, as_json: AsJson = False) -> None:
    """Print it."""
    found = remote.get(f"/api/v1/posts/{identity}")
    if as_json:
        print_json(found)
    else:
        _print(found)


@remote_command(
    app, "draft", "Menulis draf unggahan.", "Write a draft.",
    'corong post draft "Layanan KTP buka Sabtu." --unit disdukcapil --label layanan --account feed',
)  # fmt: skip
def draft(
    remote: Remote,
    text: Annotated[
        str, typer.Argument(metavar=say("TEKS", "TEXT"), help=say("Teks; - atau @berkas.", "The text; - or @file."))
    ],
    unit: Annotated[str, typer.Option(help=say("Unit pemilik.", "The unit whose post it is."))],
    label: Annotated[Label, typer.Option(help=say("Label.", "Label."))],
    account: Annotated[list[str], typer.Option(help=say("Akun tujuan; boleh berulang.", "Where to; may be repeated."))],
    title: Title = "",
    text_for: OwnText = None,
    immediate: Annotated[
        bool,
        typer.Option(
            "--immediate",
            help=say("Informasi serta-merta: tanpa orang kedua.", "Immediate information: needs no second person."),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write it."""
    body = {
        "unit": unit, "label": label, "accounts": account, "title": title, "text": text_of(text),
        "texts": _own(text_for), "immediate": immediate,
    }  # fmt: skip
    _done(remote.post("/api/v1/posts", body), as_json)


@remote_command(
    app, "edit", "Mengganti teks; persetujuan sebelumnya gugur.", "Another text; an earlier approval is void.",
    'corong post edit 6f1c… "Layanan KTP buka Sabtu dan Minggu."',
)  # fmt: skip
def edit(
    remote: Remote,
    identity: PostId,
    text: Annotated[
        str, typer.Argument(metavar=say("TEKS", "TEXT"), help=say("Teks; - atau @berkas.", "The text; - or @file."))
    ],
    title: Title = "",
    text_for: OwnText = None,
    as_json: AsJson = False,
) -> None:
    """Change it."""
    body = {"title": title, "text": text_of(text), "texts": _own(text_for)}
    _done(remote.put(f"/api/v1/posts/{identity}", body), as_json)


@remote_command(
    app, "approve", "Menyetujui persis teks yang dibaca.", "Approve exactly the text that one read.",
    "corong post approve 6f1c… --text-hash sha256-…",
)  # fmt: skip
def approve(
    remote: Remote,
    identity: PostId,
    text_hash: Annotated[
        str | None,
        typer.Option(help=say("text_hash yang dibaca; tanpa ini teksnya ditunjukkan dan ditanyakan.",
                              "The text_hash that one read; without it the text is shown and asked about.")),
    ] = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """Approve it."""
    if text_hash is None:
        if not is_terminal():
            raise Trouble(
                say("Persetujuan perlu --text-hash", "An approval needs --text-hash"),
                say("baca dulu: corong post show ID --json", "read it first: corong post show ID --json"),
                USAGE,
            )
        found = remote.get(f"/api/v1/posts/{identity}")
        _print(found)
        typer.confirm(say("Setujui teks ini?", "Approve this text?"), abort=True)
        text_hash = found["text_hash"]
    _done(remote.post(f"/api/v1/posts/{identity}/approve", {"text_hash": text_hash}), as_json)


@remote_command(
    app, "publish", "Menayangkan sekarang atau pada waktunya.", "Publish now or at a time.",
    "corong post publish 6f1c… --at 2026-08-17T07:00",
)  # fmt: skip
def publish(
    remote: Remote,
    identity: PostId,
    at: Annotated[str | None, typer.Option(help=say("Waktu tayang.", "When."))] = None,
    as_json: AsJson = False,
) -> None:
    """Publish it."""
    _done(remote.post(f"/api/v1/posts/{identity}/publish", {"at": instant(at, remote.zone)}), as_json)


@remote_command(
    app, "withdraw", "Menarik unggahan yang belum keluar.", "Keep a post from going out.",
    "corong post withdraw 6f1c…",
)  # fmt: skip
def withdraw(remote: Remote, identity: PostId, as_json: AsJson = False) -> None:
    """Withdraw it."""
    _done(remote.post(f"/api/v1/posts/{identity}/withdraw"), as_json)


@remote_command(
    app, "take-down", "Menurunkan unggahan yang sudah tayang, sejauh kanalnya dapat menghapus.",
    "Take a post that is out back, as far as its channels can.",
    'corong post take-down 6f1c… --reason "Jadwal yang diumumkan keliru."',
)  # fmt: skip
def take_down(
    remote: Remote,
    identity: PostId,
    reason: Annotated[str, typer.Option(help=say("Alasan; tercatat di log.", "Why; it stands in the log."))],
    as_json: AsJson = False,
) -> None:
    """Take it down; `post show` tells what each channel answered."""
    _done(remote.post(f"/api/v1/posts/{identity}/take-down", {"reason": text_of(reason)}), as_json)


def _own(given: list[str] | None) -> dict[str, str]:
    texts: dict[str, str] = {}
    for item in given or ():
        account, equals, text = item.partition("=")
        if not equals or not account:
            raise Trouble(say(f"{item!r} bukan AKUN=TEKS", f"{item!r} is not ACCOUNT=TEXT"), "", USAGE)
        texts[account] = text_of(text)
    return texts


def _done(done: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(done)
        return
    post = done["post"]
    print(" · ".join([done["publication_id"], post["state"] if post else ""]))


def _print(post: dict[str, Any]) -> None:
    print_fields(
        [
            ("ID", post["publication_id"]),
            ("Unit", post["unit"] and post["unit"]["name"]),
            ("Label", post["label"]),
            (say("Keadaan", "State"), post["state"]),
            (say("Disetujui", "Approved by"), post["approved_by"] and post["approved_by"]["name"]),
            (say("Tayang", "Goes out"), moment(post["publish_at"])),
            ("text_hash", post["text_hash"]),
            (say("Judul", "Title"), line(post["title"])),
        ]
    )
    print("\n" + clean(post["text"]))
    for delivery in post["deliveries"]:
        if delivery["text"]:
            print(f"\n[{delivery['account']}]\n{clean(delivery['text'])}")
    print()
    for delivery in post["deliveries"]:
        words = [delivery["account"], delivery["state"], delivery["code"], delivery["url"], delivery["delivery_id"]]
        print(" · ".join(line(word) for word in words if word))
