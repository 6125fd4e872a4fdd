"""The whole command line, put together."""

import typer

from corong.cli import (
    as_of,
    audit,
    audit_checks,
    audit_entries,
    audit_export,
    audit_witness,
    calendar,
    calendar_add,
    calendar_enter,
    case,
    case_answers,
    case_decisions,
    clock,
    dead,
    delivery,
    demo,
    doctor,
    document,
    document_template,
    drill,
    erasure,
    figures,
    invite,
    keys,
    migrate,
    obligation,
    officer,
    people,
    post,
    queue,
    replay,
    report,
    restore,
    rules,
    run,
    search,
    send,
    target,
    tokens,
    topology,
    unit,
    up,
)
from corong.cli.declare import Lang
from corong.cli.trouble import exit_codes
from corong.cli.words import say

CALENDAR_PARTS = (calendar_add, calendar_enter)
CASE_PARTS = (case_decisions, case_answers)
DOCUMENT_PARTS = (document_template,)
AUDIT_PARTS = (audit_checks, audit_entries, audit_export, audit_witness)
"""These add their commands to the groups of `calendar`, `case`, `document` and `audit` when they are imported."""


def build() -> typer.Typer:
    """Every command."""
    app = typer.Typer(
        name="corong",
        help=say(
            "Corong: pusat komunikasi pemerintah daerah. Satu corong untuk pesan masuk, satu corong untuk jawaban.",
            "Corong: the communications hub of a local government. One funnel in, one loudspeaker out.",
        ),
        epilog=exit_codes(),
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="rich",
    )

    @app.callback()
    def corong(lang: Lang = None) -> None:
        """Read before everything else, by `words.take_language`."""

    for module in (up, demo, run, migrate, doctor):
        module.register(app)
    app.add_typer(topology.app)
    people.register(app)
    invite.register(app)
    figures.register(app)
    replay.register(audit.app)
    restore.register(audit.app)
    as_of.register(audit.app)
    send.register(app)
    search.register(app)
    groups = (
        tokens.app, queue.app, case.app, document.app, calendar.app, clock.app, post.app, delivery.app, audit.app,
        report.app, drill.app, keys.app, dead.app, dead.quarantine_app,
        rules.app, officer.app, obligation.app, unit.app, target.app,
    )  # fmt: skip
    erasure.register(audit.app)
    for part in groups:
        app.add_typer(part)
    return app
