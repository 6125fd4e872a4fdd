"""A case as an officer reads it in a terminal."""

from typing import Any

from corong.cli.output import clean, line, moment, print_fields
from corong.cli.words import language, say
from corong.runtime.kind_names import kind_name

_PRIORITIES = {"urgent": "mendesak", "high": "penting", "normal": "biasa", "low": "bisa menunggu"}
_STATES = {"open": "terbuka", "answered": "dijawab", "closed": "ditutup"}
_NAMES = {
    "message.received": ("Warga", "Citizen"),
    "case.answered": ("Jawaban", "Answer"),
    "case.noted": ("Catatan internal", "Internal note"),
    "case.assigned": ("Disposisi", "Instruction"),
    "case.returned": ("Bukan kewenangan", "Not our authority"),
}


def print_case(case: dict[str, Any]) -> None:
    """Everything that is needed to answer it."""
    holder = case["holder"]
    lease = say("sampai", "until")
    held = f"{holder['name']} ({lease} {moment(case['lease_until'])})" if holder else None
    print_fields(
        [
            (say("Nomor", "Number"), case["registration"]),
            (say("Unit", "Unit"), case["unit"] and case["unit"]["name"]),
            (say("Jenis", "Kind"), kind_told(case["kind"])),
            (say("Prioritas", "Priority"), priority_told(case["priority"])),
            (say("Keadaan", "State"), state_told(case["state"])),
            (say("Dipegang", "Held by"), held),
            (say("Kanal", "Channel"), f"{case['channel']} / {case['account']}" if case["channel"] else None),
            (say("Terdaftar", "Registered"), moment(case["registered_at"])),
            (say("Latihan", "Training"), say("ya", "yes") if case["demo"] else None),
            (say("Alasan", "Reasons"), "; ".join(line(reason) for reason in case["reasons"])),
            (say("Perkara lain", "Other cases"), _others(case)),
        ]
    )
    for entry in case["thread"]:
        _print_entry(entry)
    for delivery in case["deliveries"]:
        words = [moment(delivery["changed_at"]), say("Kiriman", "Delivery"), delivery["kind"], delivery["state"]]
        words += [delivery["account"], delivery["code"] or "", delivery["delivery_id"]]
        print("\n" + " · ".join(word for word in words if word))


def kind_told(kind: str | None) -> str:
    """The kind of a case; empty where nobody has decided yet."""
    if language() == "id" and kind != "spam":
        return kind_name(kind, str)
    return (kind or "").replace("_", " ")


def priority_told(priority: str | None) -> str:
    """How soon."""
    return say(_PRIORITIES.get(priority or "", ""), priority or "")


def state_told(state: str) -> str:
    """Whether it is open, answered or closed."""
    return say(_STATES.get(state, state), state)


def _others(case: dict[str, Any]) -> str:
    numbers = [other["registration"] or other["case_id"] for other in case["other_cases"]]
    more = case["more_cases"]
    return ", ".join(numbers) + (say(f", dan {more} lagi", f", and {more} more") if more else "")


def _print_entry(entry: dict[str, Any]) -> None:
    name = say(*_NAMES[entry["kind"]]) if entry["kind"] in _NAMES else entry["kind"]
    who = entry["officer"]["name"] if entry["officer"] else ""
    if entry["sender"]:
        who = line(entry["sender"]["name"] or entry["sender"]["address"])
    print(f"\n{moment(entry['at'])} · {name}" + (f" · {who}" if who else ""))
    if entry["erased"]:
        when, why = moment(entry["erased"]["decided_at"]), line(entry["erased"]["legal_basis"])
        print("  " + say(f"[dihapus {when}: {why}]", f"[erased {when}: {why}]"))
    if entry["unreadable"]:
        print("  " + say("[tidak dapat dibuka: hubungi pengelola]", "[does not open: tell whoever runs the hub]"))
    if entry["subject"]:
        print(f"  {say('Perihal', 'Subject')}: {line(entry['subject'])}")
    for row in clean(entry["text"] or "").splitlines():
        print(f"  {row}")
    for file in entry["attachments"]:
        print(f"  + {line(file['name'] or file['media_type'])} ({file['size']:,} B) {file['url']}")
