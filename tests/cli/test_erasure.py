"""Holds, erasures and a change of the deployment's key by the command line, against a hub that goes on meanwhile."""

import base64
from typing import Any

from tests.peers.waiting import wait_for
from tests.processes import HubProcess, corong

MAIN, AUDITOR, OFFICER = "ppid-utama", "auditor-inspektorat", "petugas-dinas-pupr"
TEXT = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."
DECISION = ("--basis", "UU 27/2022 Pasal 43", "--jra", "000.5.2")


def _case(hub: HubProcess, sender: str, key: str) -> str:
    registration: str = hub.message(TEXT, sender=sender, key=key)["registration"]

    def listed() -> bool:
        cases = hub.call("/api/v1/queue?unit=dinas-pupr&limit=200", officer=OFFICER)["cases"]
        return registration in [case["registration"] for case in cases]

    wait_for("the case in its queue", listed)
    return registration


def _thread(hub: HubProcess, case: str) -> list[dict[str, Any]]:
    found: dict[str, Any] = hub.call(f"/api/v1/cases/{case.replace('/', '-')}", officer=MAIN)
    return [step for step in found["thread"] if step["kind"] == "message.received"]


def test_from_a_hold_to_an_erasure(hub: HubProcess) -> None:
    case, other = _case(hub, "warga-hapus", "hapus-1"), _case(hub, "warga-lain", "hapus-2")
    plan = hub.json("audit", "erase", "--case", case, "--dry-run", officer=MAIN)
    assert [found["registration"] for found in plan["cases"]] == [case]
    assert (len(plan["keys"]), plan["addresses"], plan["holds"], plan["erasure"]) == (1, 1, [], None)
    assert plan["keys"][0] in hub.corong("audit", "erase", "--channel", "api", "--address", "warga-hapus", "--dry-run",
                                         officer=MAIN)  # fmt: skip
    hold = hub.json("audit", "hold", "place", "--case", case, "--reason", "dispute", "--basis", "UU 14/2008",
                    officer=MAIN)["hold_id"]  # fmt: skip
    assert hold in hub.corong("audit", "hold", "list", officer=AUDITOR)
    # Without --yes, and with nobody to answer: it is refused before anybody would be asked.
    told = hub.corong("audit", "erase", "--case", case, *DECISION, officer=MAIN, code=1, err=True)
    assert hold in told
    hub.corong("audit", "hold", "release", hold, "--basis", "Putusan KI 12/2026", officer=MAIN)
    assert hub.json("audit", "hold", "list", officer=AUDITOR) == {"holds": [], "next": None}
    assert hub.json("audit", "hold", "list", "--released", officer=AUDITOR)["holds"][0]["released_by"] == MAIN
    done = hub.json("audit", "erase", "--case", case, *DECISION, "--yes", officer=MAIN)
    assert done["erasure"]["state"] == "completed"
    assert "sudah dihapus" in hub.corong("audit", "erase", "--case", case, *DECISION, officer=MAIN, code=1, err=True)
    shown = hub.corong("queue", "show", case, officer=MAIN)
    assert "UU 27/2022 Pasal 43" in shown
    assert TEXT not in shown
    assert _thread(hub, other)[0]["text"] == TEXT


def test_the_keys_are_changed_while_the_hub_goes_on(hub: HubProcess) -> None:
    before = _case(hub, "warga-kunci", "kunci-1")
    path = hub.data / "secrets" / "deployment.key"
    old = path.read_text().split()[0]
    told = hub.json("keys", "rotate", "--settle", "2", "--keep-old")
    assert told["keys"] >= 1
    assert path.read_text().split()[0] != old
    assert old in path.read_text()
    assert _thread(hub, before)[0]["text"] == TEXT
    again = hub.message(TEXT, sender="warga-kunci", key="kunci-1")
    assert again["status"] == "duplicate"
    assert _thread(hub, _case(hub, "warga-baru", "kunci-2"))[0]["text"] == TEXT
    hub.corong("keys", "rotate", "--settle", "0")
    assert old not in path.read_text()
    assert base64.b64decode(path.read_text().split()[0])

    def logged() -> bool:
        return "key.rotated" in hub.corong("audit", "log", "--type", "key.rotated", officer=AUDITOR)

    wait_for("the change in the log", logged)


def test_the_next_key_is_printed_for_who_keeps_it_in_the_environment(hub: HubProcess) -> None:
    present = (hub.data / "secrets" / "deployment.key").read_text()
    first, older, pseudonyms = hub.corong("keys", "new").strip().split(",")
    assert older == f"older {present.split()[0]}"
    assert pseudonyms.startswith("pseudonyms ")
    told = hub.corong("keys", "rotate", CORONG_KEY=first, code=1, err=True)
    assert "corong keys new" in told
    assert (hub.data / "secrets" / "deployment.key").read_text() == present


def test_without_its_basis_nothing_is_decided(hub: HubProcess) -> None:
    case = _case(hub, "warga-tetap", "tetap-1")
    hub.corong("audit", "erase", "--case", case, "--yes", officer=MAIN, code=1)
    hub.corong("audit", "erase", *DECISION, "--yes", officer=MAIN, code=1)
    hub.corong("audit", "erase", "--case", case, *DECISION, "--yes", officer=OFFICER, code=4)
    assert _thread(hub, case)[0]["text"] == TEXT
    assert corong("audit", "hold", "place", "--case", case, "--reason", "lain", "--basis", "UU").returncode == 2
