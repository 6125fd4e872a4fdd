"""`corong case`, continued: question and answer of a case for everybody."""

from typing import Annotated

import typer

from corong.cli.case import act, app
from corong.cli.choices import TakenBack
from corong.cli.declare import AsJson, remote_command
from corong.cli.output import text_of
from corong.cli.queue import Case, Text
from corong.cli.remote import Remote
from corong.cli.words import say


@remote_command(
    app, "publish-answer", "Menerbitkan tanya-jawab perkara di halaman /jawaban, tanpa data pribadi; lagi: mengganti.",
    "Publish question and answer of a case at /jawaban, with nothing personal; again: to replace them.",
    'corong case publish-answer PD/2026/000123 @jawaban.txt --question "Bagaimana mengurus KTP yang hilang?"',
)  # fmt: skip
def publish_answer(
    remote: Remote,
    case: Case,
    text: Text,
    question: Annotated[
        str, typer.Option(help=say("Pertanyaan, seperti orang lain akan menanyakannya.", "As others would ask it."))
    ],
    contacts_public: Annotated[
        bool,
        typer.Option(
            "--contacts-public",
            help=say("Surel dan telepon di dalamnya milik kantor.", "Addresses and numbers in it are the office's."),
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Publish it."""
    body = {"question": text_of(question), "answer": text_of(text), "contacts_public": contacts_public}
    act(remote, case, "publish-answer", body, as_json)


@remote_command(
    app, "withdraw-answer", "Menarik tanya-jawab yang terbit.", "Withdraw a published answer.",
    "corong case withdraw-answer PD/2026/000123 outdated",
)  # fmt: skip
def withdraw_answer(
    remote: Remote,
    case: Case,
    because: Annotated[TakenBack, typer.Argument(help=say("Mengapa.", "Why."))],
    as_json: AsJson = False,
) -> None:
    """Withdraw it."""
    act(remote, case, "withdraw-answer", {"because": because}, as_json)
