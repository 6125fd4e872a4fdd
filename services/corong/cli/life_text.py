"""A case's life and its clocks as an officer reads them in a terminal."""

from datetime import date
from typing import Any

from corong.cli.output import moment, print_fields, print_table
from corong.cli.words import language, say

_STATES = {
    "running": ("berjalan", "runs"),
    "paused": ("berhenti: menunggu pemohon", "stands still: waits for the applicant"),
    "met": ("terpenuhi", "met"),
    "ended": ("berakhir", "ended"),
    "ran_out": ("habis tanpa jawaban", "ran out in silence"),
}


def print_life(life: dict[str, Any]) -> None:
    """How far it is, which clocks run, what may be done."""
    print(f"\n{say('Keadaan', 'State')}: {life['told']}")
    print(f"{say('Unit buka', 'The unit opens')}: {life['opening']}")
    for clock in life["clocks"]:
        name = clock.get("name", clock["rule"])
        late = f" · {say('TERLAMBAT', 'LATE')}" if clock["late"] else ""
        state = say(*_STATES[clock["state"]])
        print(f"  {name}: {state} · {say('hari terakhir', 'last day')} {_day(clock['last_day'])}{late}")
    if life["acts"]:
        print(f"\n{say('Yang dapat dilakukan', 'What may be done')}:")
    for act in life["acts"]:
        needs = f" ({', '.join(act['needs'])})" if act["needs"] else ""
        basis = f" · {act['basis']}" if act["basis"] else ""
        print(f"  {act['act']}: {act['words']}{needs}{basis}")


def print_clock(clock: dict[str, Any]) -> None:
    """A clock of a case, day by day."""
    print_fields(
        [
            (say("Tenggat", "Clock"), f"{clock.get('name', '')} ({clock['rule']})"),
            (say("Keadaan", "State"), say(*_STATES[clock["state"]])),
            (say("Dasar", "Basis"), f"{clock['basis']}: {clock['amount']}" if "basis" in clock else None),
            (say("Mulai", "Start"), moment(clock["started"])),
            (say("Kalender", "Calendar"), f"{clock['calendar']['decree'] or ''} · {clock['calendar']['digest'][:12]}"),
            (say("Hari terakhir", "Last day"), _day(clock["last_day"])),
            (say("Terlambat sejak", "Late from"), moment(clock["due"])),
            (say("Sasaran setempat", "Local target"), _day(clock["target_day"]) if clock.get("target_day") else None),
            (
                say("Catatan", "Note"),
                say("hari libur tahun itu belum ditetapkan: sementara", "days off not decreed yet: provisional")
                if clock.get("provisional")
                else None,
            ),
        ]
    )
    print()
    print_table(
        (say("TANGGAL", "DATE"), say("HITUNGAN", "COUNT"), say("KETERANGAN", "WHY")),
        [(_day(day["date"]), day["number"], day["words"]) for day in clock.get("days", ())],
        say("Aturannya tidak ada lagi di instalasi ini.", "This installation has no such rule any more."),
    )
    print()


def _day(text: str) -> str:
    from corong.routing.clock_words import written_day

    return written_day(date.fromisoformat(text), language())
