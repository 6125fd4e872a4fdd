"""An entry of the log as a row of a table, for people: what was sealed is opened only where that was asked for."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json

from corong.runtime.keys import Notice
from corong.runtime.sealing import BadSeal, Erased, SealedAt, Sealer

COLUMNS = (
    "Indeks / Index", "Waktu / Time (UTC)", "Dicatat / Recorded (UTC)", "Jenis / Type", "Tentang / Subject",
    "Perkara / Case", "Pelaku / Actor", "Penulis / Writer", "Nomor / Number", "Id", "Kata warga / Citizens' words",
    "Isi / Words", "Data",
)  # fmt: skip
WITHHELD = "ditahan, hanya hash / withheld, hash only"
SEALED = "tersegel / sealed"
OPENED = "terbuka / opened"
UNREADABLE = "tidak terbaca / unreadable"

Row = list[Any]


@dataclass(frozen=True)
class Parsed:
    """An entry of a page, with its sealed fields: field → where it belongs."""

    position: int
    event: dict[str, Any]
    sealed: dict[str, SealedAt]


def parse(entry: dict[str, Any]) -> Parsed:
    """Read an entry of a page; one that was withheld has no event."""
    if "event" not in entry:
        return Parsed(entry["position"], {}, {})
    event = from_json(entry["event"])
    data = event.get("data")
    sealed = {
        name: SealedAt(event["id"], event["type"], name, value["key"], value["box"])
        for name, value in (data.items() if isinstance(data, dict) else ())
        if isinstance(value, dict) and value.keys() == {"key", "box"}
    }
    return Parsed(entry["position"], event, sealed)


class Rows:
    """Makes rows; without `opening` nobody's words are in them."""

    def __init__(self, sealer: Sealer, *, opening: bool) -> None:
        self._sealer = sealer
        self._opening = opening

    def of(self, entries: Iterable[Parsed]) -> list[Row]:
        """The rows of a page. Reads the key store, also to tell what was erased."""
        found = list(entries)
        self._alive = self._sealer.keys.get_many({at.key for entry in found for at in entry.sealed.values()})
        return [self._row(entry) for entry in found]

    def _row(self, entry: Parsed) -> Row:
        event = entry.event
        if not event:
            return [entry.position, "", "", "", "", "", "", "", "", "", WITHHELD, "", ""]
        state, words = self._words(entry)
        data = event["data"]
        if entry.sealed:
            data = {**data, **dict.fromkeys(entry.sealed, "(tersegel / sealed)")}
        return [
            entry.position, event["time"], event.get("recordedtime", ""), event["type"], event.get("subject", ""),
            event["correlationid"], event["actor"], event["writer"], event["number"], event["id"], state, words,
            json.dumps(data, ensure_ascii=False, separators=(", ", ": ")),
        ]  # fmt: skip

    def _words(self, entry: Parsed) -> tuple[str, str]:
        states: list[str] = []
        words: list[str] = []
        for name, at in entry.sealed.items():
            if self._alive.get(at.key) is None:
                states.append(_gone(self._sealer.keys.notice(at.key)))
            elif not self._opening:
                states.append(SEALED)
            else:
                try:
                    words.append(_told(name, self._sealer.open(at).decode()))
                    states.append(OPENED)
                except Erased as gone:  # between the question above and here
                    states.append(_gone(gone.notice))
                except (BadSeal, UnicodeDecodeError):
                    states.append(UNREADABLE)
        return "; ".join(dict.fromkeys(states)), "\n".join(words)


def _gone(notice: Notice | None) -> str:
    """That it was erased, when and why; a key that is lost without a decision is something else."""
    if notice is None:
        return UNREADABLE
    return f"dihapus / erased: {notice.at}, {notice.basis}, JRA {notice.schedule}"


def _told(name: str, text: str) -> str:
    try:
        value = json.loads(text) if text.startswith("{") else None
    except ValueError:
        value = None
    if not isinstance(value, dict):
        return f"{name}: {text}"
    return "\n".join(f"{name}.{part}: {_plain(item)}" for part, item in value.items() if item)


def _plain(item: Any) -> str:
    if isinstance(item, list):
        return ", ".join(_plain(one) for one in item)
    return item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
