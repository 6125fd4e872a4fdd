"""The simulated regency's configuration: units of the example, an account for each, and a decree in August."""

import shutil
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corong.runtime.installation import example_folder

MAIN = "diskominfo"
MAIN_OFFICER, SUPERIOR = "ppid-utama", "atasan-ppid"
DECREE = """
[[decree]]
number = "SKB Menag 1/2026, Menaker 1/2026, MenPANRB 1/2026"
title = "Perubahan Cuti Bersama Tahun 2026"
in_force = 2026-08-10
source = "simulasi"

[[decree.added]]
date = 2026-08-18
kind = "joint_leave"
name = "Proklamasi Kemerdekaan"
reason = "tambahan cuti bersama"

[[decree.taken_away]]
date = 2026-12-24
reason = "cuti bersama dibatalkan"
"""
IN_FORCE, ADDED, TAKEN_AWAY = date(2026, 8, 10), date(2026, 8, 18), date(2026, 12, 24)


@dataclass(frozen=True)
class Regency:
    """A configuration folder, and the units that citizens write to."""

    folder: Path
    units: tuple[str, ...]


def write(folder: Path, units: int) -> Regency:
    """Make the folder. The main office, all agencies and sub-districts are always there: the rules speak of them."""
    source = example_folder()
    folder.mkdir(parents=True)
    for name in ("hub.toml", "rules.toml", "clocks.toml"):
        shutil.copy(source / name, folder)
    every = tomllib.loads((source / "units.toml").read_text(encoding="utf-8"))["unit"]
    standing = [unit for unit in every if unit["kind"] != "clinic"]
    clinics = [unit for unit in every if unit["kind"] == "clinic"]
    if not 1 <= units <= len(every):
        raise ValueError(f"between 1 and {len(every)} units, not {units}")
    kept = [*standing, *clinics[: max(0, units - len(standing))]]
    names = {unit["id"] for unit in kept}
    officers = tomllib.loads((source / "officers.toml").read_text(encoding="utf-8"))["officer"]
    _put(folder / "units.toml", "unit", kept)
    _put(folder / "officers.toml", "officer", [one for one in officers if one["unit"] in names])
    _put(folder / "accounts.toml", "account", [_account(unit) for unit in kept] + [FEED])
    (folder / "decrees.toml").write_text(DECREE, encoding="utf-8")
    return Regency(folder, tuple(unit["id"] for unit in _mixed(kept)[:units]))


FEED = {"id": "feed", "channel": "feed", "unit": MAIN, "name": "Kabar", "receipts": False}


def account_of(unit: str) -> str:
    """Where citizens write to a unit."""
    return f"api-{unit}"


def officer_of(unit: str) -> str:
    """Who answers for a unit."""
    return f"petugas-{unit}"


def _account(unit: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": account_of(unit["id"]), "channel": "api", "unit": unit["id"], "name": unit["name"], "receipts": False,
    }  # fmt: skip


def _mixed(units: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The main office first, then one of each kind by turns: a few units are of every kind too."""
    kinds = ("main", "agency", "subdistrict", "clinic")
    by_kind = [[unit for unit in units if unit["kind"] == kind] for kind in kinds]
    turns = range(max(map(len, by_kind)))
    return [group[turn] for turn in turns for group in by_kind if turn < len(group)]


def _put(file: Path, table: str, entries: list[dict[str, Any]]) -> None:
    lines = []
    for entry in entries:
        lines += [f"[[{table}]]", *(f"{name} = {_toml(value)}" for name, value in entry.items()), ""]
    file.write_text("\n".join(lines), encoding="utf-8")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'
