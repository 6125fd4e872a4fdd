"""The page docs/case-life.md, drawn from the table: `python -m corong.routing.life_page > docs/case-life.md`."""

from collections.abc import Iterable, Iterator

from corong.routing.life_table import (
    BEFORE,
    FORWARDED,
    OBJECTED,
    RECEIVED,
    REPLIED,
    STATUTORY,
    Act,
    ClockUse,
    LifeTable,
    life,
)
from corong.runtime.policy import ROLE_NAMES, TABLE, Reach
from corong_contracts.case import CaseKind, CaseState

__all__ = ["page"]

_KINDS: dict[CaseKind, tuple[str, str]] = {
    CaseKind.INFORMATION_REQUEST: ("permohonan informasi", "information request"),
    CaseKind.OBJECTION: ("keberatan", "objection"),
    CaseKind.COMPLAINT: ("pengaduan", "complaint"),
    CaseKind.SUGGESTION: ("aspirasi", "suggestion"),
    CaseKind.QUESTION: ("pertanyaan", "question"),
    CaseKind.PRAISE: ("apresiasi", "praise"),
    CaseKind.SPAM: ("spam", "spam"),
}
_ROLES = {"main_officer": "main officer", "unit_officer": "unit officer", "operator": "operator",
          "superior": "superior"}  # fmt: skip
_DRAWN = (
    ("Permohonan informasi · Request for information", CaseKind.INFORMATION_REQUEST),
    ("Keberatan · Objection", CaseKind.OBJECTION),
    ("Pengaduan · Complaint", CaseKind.COMPLAINT),
    ("Pertanyaan dan aspirasi · Question and suggestion", CaseKind.QUESTION),
)
_TEXTS = {
    "id": """\
# Perjalanan perkara

Halaman ini dibuat dari tabel yang dipakai program (`services/corong/routing/case_life.toml`). Terlambat bukan keadaan:
itu mengikuti dari tenggat ([clocks.md](clocks.md)). Tindakan yang tidak ada di tabel ditolak; penolakannya menyebut
aturan mana dan apa yang dapat dilakukan. **Tebal**: menjawab perkara, dan hanya sekali.

`*` hanya pada unitnya sendiri; `°` pada unitnya sendiri, bukan permohonan informasi dan bukan keberatan.
""",
    "en": """\
# The life of a case

This page is made from the table that the program uses (`services/corong/routing/case_life.toml`). Late is no state:
it follows from the clocks ([clocks.md](clocks.md)). What the table does not have is refused; the refusal names the
rule and what may be done. **Bold**: it answers the case, and only once.

`*` in the own unit alone; `°` in the own unit, and no request for information and no objection.
""",
}
_COLUMNS = {
    "id": ("Tindakan", "Siapa", "Jenis", "Keadaan", "Menjadi", "Ditulis", "Syarat", "Dasar", "Nama kode"),
    "en": ("Act", "Who", "Kinds", "State", "Becomes", "Written", "Conditions", "Basis", "Code name"),
}
_CLOCK_COLUMNS = {
    "id": ("Tenggat", "Jenis", "Mulai", "Berhenti, berjalan lagi", "Terpenuhi", "Berakhir", "Bila habis tanpa jawaban"),
    "en": ("Clock", "Kinds", "Starts", "Stands still, runs on", "Met by", "Ended by", "When it runs out in silence"),
}


def page(table: LifeTable) -> str:
    """The whole page in Markdown: Indonesian, then English; the pictures are Mermaid's."""
    return "\n".join(line for language in ("id", "en") for line in _part(table, language))


def _part(table: LifeTable, language: str) -> Iterator[str]:
    english = language == "en"
    yield _TEXTS[language]
    if not english:
        for title, kind in _DRAWN:
            yield f"## {title}\n"
            yield from _picture(table, kind)
    yield f"## {'The acts' if english else 'Tindakan'}\n"
    yield from _table(_COLUMNS[language], (_row(table, act, english) for act in table.acts))
    yield f"## {'The conditions' if english else 'Syarat'}\n"
    for name, (code, *words) in table.guards.items():
        yield f"- `{name}` (`{code}`): {words[english]}"
    yield f"\n## {'The clocks' if english else 'Tenggat dalam perkara'}\n"
    yield from _table(_CLOCK_COLUMNS[language], (_clock_row(use, english) for use in table.clocks))


def _picture(table: LifeTable, kind: CaseKind) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    used = _reached(table, kind)
    for state in CaseState:
        if state in used:
            yield f'    state "{table.states[state][0]}" as {state}'
    yield f"    [*] --> {CaseState.REGISTERED}"
    for act in table.acts:
        if kind not in act.kinds or act.to in (None, BEFORE):
            continue
        for state in CaseState:
            if state in act.states and state in used and act.to != state:
                yield f"    {state} --> {act.to}: {act.act}"
    yield f"    {CaseState.CLOSED} --> [*]"
    yield "```"
    yield ""


def _reached(table: LifeTable, kind: CaseKind) -> set[CaseState]:
    """The states that a case of the kind can come to."""
    found = {CaseState.REGISTERED}
    acts = [act for act in table.acts if kind in act.kinds and act.to not in (None, BEFORE)]
    while more := {CaseState(act.to) for act in acts if act.to and not found.isdisjoint(act.states)} - found:
        found |= more
    return found


def _row(table: LifeTable, act: Act, english: bool) -> tuple[str, ...]:
    states = ", ".join(table.states[state][english] for state in CaseState if state in act.states)
    after = table.states[CaseState(act.to)][english] if act.to and act.to != BEFORE else ""
    if act.to == BEFORE:
        after = "the state before" if english else "keadaan sebelumnya"
    return (
        act.english if english else act.indonesian,
        ", ".join(_who(act, role, english) for role in act.by),
        _kinds(act.kinds, english),
        states if len(act.states) < len(CaseState) else ("any" if english else "semua"),
        f"**{after}**" if act.answers else after,
        ", ".join(f"`{name}`" for name in act.needs),
        ", ".join(f"`{name}`" for name in act.guards),
        act.basis or "",
        f"`{act.act}`",
    )


def _who(act: Act, role: str, english: bool) -> str:
    reach = next(reach for name, reach in zip(ROLE_NAMES, TABLE[act.right], strict=True) if name == role)
    mark = {Reach.OWN: "\\*", Reach.CARE: "°" if not act.kinds.isdisjoint(STATUTORY) else "\\*"}.get(reach, "")
    name = _ROLES[role] if english else next(words for key, words in ROLE_NAMES.items() if key == role)
    return f"{name}{mark}"


def _clock_row(use: ClockUse, english: bool) -> tuple[str, ...]:
    silence = f"`{use.silence}`" if use.silence else ""
    if use.escalates:
        silence = ", ".join(
            filter(None, (silence, "the main officer is told" if english else "PPID Utama diberi tahu"))
        )
    if use.closes:
        silence = "the case is closed" if english else "perkara ditutup"
    tier = f" ({', '.join(use.tiers)})" if use.tiers else ""
    return (
        f"`{use.rule}`",
        _kinds(use.kinds, english) + tier,
        _acts(use.starts, english),
        "; ".join(filter(None, (_acts(use.pauses, english), _acts(use.resumes, english)))),
        _acts(use.met_by, english),
        _acts(use.ended_by, english),
        silence,
    )


def _acts(names: Iterable[str], english: bool) -> str:
    words = {
        RECEIVED: "the receipt" if english else "diterima",
        OBJECTED: "an objection" if english else "keberatan diajukan",
        FORWARDED: "a unit has it" if english else "ada di unit",
        REPLIED: "the citizen writes again" if english else "warga menulis lagi",
    }
    return ", ".join(words.get(name, f"`{name}`") for name in names)


def _kinds(kinds: frozenset[CaseKind], english: bool) -> str:
    if len(kinds) == len(CaseKind):
        return "all" if english else "semua"
    return ", ".join(_KINDS[kind][english] for kind in CaseKind if kind in kinds)


def _table(columns: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    print(page(life()), end="")
