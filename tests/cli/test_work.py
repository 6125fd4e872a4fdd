"""An officer's, an auditor's and an administrator's work by the command line, against a hub of its own."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.peers.waiting import wait_for
from tests.processes import HubProcess, clean_environment, corong

UNIT = "dinas-pupr"
OFFICER = "petugas-dinas-pupr"
TEXT = "Jalan di depan pasar Kisaran rusak parah, mohon diperbaiki."
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def case(hub: HubProcess, request: pytest.FixtureRequest) -> str:
    """The registration number of a new case in the unit's queue."""
    registration: str = hub.message(TEXT, sender=f"warga-{request.node.name}", key=request.node.name)["registration"]
    wait_for("the case in its queue", lambda: _listed(hub, registration))
    return registration


def _listed(hub: HubProcess, registration: str) -> dict[str, Any] | None:
    cases = hub.call(f"/api/v1/queue?unit={UNIT}&limit=200", officer=OFFICER)["cases"]
    return next((case for case in cases if case["registration"] == registration), None)


def _shown(hub: HubProcess, case: str) -> dict[str, Any]:
    found: dict[str, Any] = hub.call(f"/api/v1/cases/{case.replace('/', '-')}", officer=OFFICER)
    return found


def test_from_sending_to_closing_and_the_log(hub: HubProcess) -> None:
    sent = hub.json("send", TEXT, "--sender", "warga-7", "--name", "Warga Contoh", "--key", "k-1", account="api-contoh")
    registration = sent["registration"]
    assert sent["receipt"]["status"] == "registered"
    wait_for("the case in its queue", lambda: _listed(hub, registration))
    listed = hub.json("queue", "list", officer=OFFICER)["cases"]
    assert registration in [case["registration"] for case in listed]
    assert registration in hub.corong("queue", "list", "--held", "nobody", officer=OFFICER)
    hub.corong("queue", "claim", registration, officer=OFFICER)
    shown = hub.corong("queue", "show", registration, officer=OFFICER)
    for expected in (registration, TEXT, "Warga Contoh", "Dinas Pekerjaan Umum"):
        assert expected in shown
    answered = hub.corong("queue", "reply", registration, "Akan kami perbaiki pekan ini.", officer=OFFICER)
    assert "case.answered" in answered
    closed = hub.json("queue", "close", registration, "--outcome", "answered", officer=OFFICER)
    assert closed["case"]["state"] == "closed"

    def logged() -> list[str]:
        lines = hub.corong("audit", "log", "--case", registration, "--ndjson", officer="auditor-inspektorat")
        types = [json.loads(line)["event"]["type"] for line in lines.splitlines()]
        return types if "id.corong.delivery.sent.v1" in types else []

    types = wait_for("the log", logged)
    short = [name.removeprefix("id.corong.").removesuffix(".v1") for name in types]
    for expected in ("case.registered", "message.received", "case.routed", "case.claimed", "case.answered",
                     "case.closed", "delivery.sent"):  # fmt: skip
        assert expected in short
    page = hub.json("audit", "log", "--type", "case.claimed", "--actor", f"officer:{OFFICER}", officer="ppid-utama")
    assert {entry["event"]["type"] for entry in page["events"]} == {"id.corong.case.claimed.v1"}
    assert hub.json("audit", "log", "--until", "2020-01-01", officer="ppid-utama")["events"] == []
    assert "case.closed" in hub.corong("audit", "log", "--case", registration, officer="auditor-inspektorat")


def test_the_same_key_is_the_same_message(hub: HubProcess) -> None:
    words = ("send", TEXT, "--sender", "warga-8", "--key", "k-2")
    first, second = (hub.json(*words, account="api-contoh") for _ in range(2))
    assert first["registration"] == second["registration"]
    assert second["receipt"]["status"] == "duplicate"
    assert "Idempotency-Key" in hub.corong(*words[:1], "Lain.", *words[2:], account="api-contoh", code=1, err=True)


def test_an_attachment_and_a_text_from_a_file(hub: HubProcess, tmp_path: Path) -> None:
    (tmp_path / "foto.txt").write_text("isi lampiran", encoding="utf-8")
    (tmp_path / "pesan.txt").write_text("Pesan dari berkas.\n", encoding="utf-8")
    words = ("send", f"@{tmp_path / 'pesan.txt'}", "--sender", "w-9", "--attach", str(tmp_path / "foto.txt"))
    sent = hub.json(*words, "--kind", "complaint", account="api-contoh")
    registration = sent["registration"]
    assert registration.startswith("PD/")

    def shown() -> str:
        return hub.corong("queue", "show", registration, officer="ppid-utama", code=None)

    text = wait_for("the case", lambda: found if "foto.txt" in (found := shown()) else None)
    assert "Pesan dari berkas." in text


def test_hand_back_note_priority_assign_and_return(hub: HubProcess, case: str) -> None:
    hub.corong("queue", "claim", case, officer=OFFICER)
    hub.corong("queue", "hand-back", case, officer=OFFICER)
    assert _shown(hub, case)["holder"] is None
    hub.corong("queue", "note", case, "Sudah ditelepon.", officer=OFFICER)
    assert "Sudah ditelepon." in hub.corong("queue", "show", case, officer=OFFICER)
    mentions = ("--mention", "@ppid-utama", "--mention", OFFICER)
    noted = hub.json("queue", "note", case, "Mohon arahan.", *mentions, officer=OFFICER)
    assert [fact["type"] for fact in noted["events"]] == ["id.corong.case.noted.v1"]
    log = ("audit", "log", "--case", case, "--type", "case.noted", "--ndjson")

    def mentioned() -> list[Any]:
        events = [json.loads(line)["event"] for line in hub.corong(*log, officer="auditor-inspektorat").splitlines()]
        return [one["data"]["mentions"] for one in events if one["id"] == noted["events"][0]["id"]]

    assert wait_for("the note in the log", mentioned) == [["ppid-utama"]], "who writes is not mentioned"
    refused = hub.corong("queue", "note", case, "Mohon.", "--mention", "@siapa", officer=OFFICER, code=1, err=True)
    assert "Petugas yang disebut tidak ada." in refused
    hub.corong("queue", "priority", case, "urgent", officer=OFFICER)
    assert _shown(hub, case)["priority"] == "urgent"
    away = hub.corong("queue", "return", case, "--reason", "Bukan kewenangan kami.", officer=OFFICER)
    assert "di luar jangkauan" in away
    done = hub.json(
        "queue", "assign", case, UNIT, "--instruction", "Mohon ditinjau.", "--officer", OFFICER, officer="ppid-utama"
    )
    assert done["case"]["unit"]["id"] == UNIT
    counts = hub.json("queue", "counts", officer=OFFICER)["queues"]
    assert [line["unit"]["id"] for line in counts] == [UNIT]


def test_a_post_from_draft_to_feed(hub: HubProcess) -> None:
    words = ("post", "draft", "Layanan buka Sabtu.", "--unit", "diskominfo", "--label", "layanan", "--account", "feed")
    post = hub.json(*words, "--title", "Pengumuman", officer="operator-diskominfo")["publication_id"]
    hub.corong("post", "edit", post, "Layanan buka Sabtu dan Minggu.", "--title", "Pengumuman", officer="ppid-utama")
    text_hash = hub.json("post", "show", post, officer="ppid-utama")["text_hash"]
    assert "--text-hash" in hub.corong("post", "approve", post, officer="ppid-utama", code=2, err=True)
    assert hub.corong("post", "approve", post, "--text-hash", "sha256-other", officer="ppid-utama", code=1, err=True)
    hub.corong("post", "approve", post, "--text-hash", text_hash, officer="ppid-utama")
    assert "released" in hub.corong("post", "publish", post, officer="operator-diskominfo")

    def sent() -> bool:
        found = hub.json("delivery", "list", "--state", "sent", officer="ppid-utama")["deliveries"]
        return any(item["publication_id"] == post for item in found)

    wait_for("the delivery", sent)
    assert "Minggu" in hub.corong("post", "show", post, officer="ppid-utama")
    assert post in hub.corong("post", "list", officer="ppid-utama")
    other = hub.json(*words, officer="operator-diskominfo")["publication_id"]
    assert "withdrawn" in hub.corong("post", "withdraw", other, officer="operator-diskominfo")
    assert "feed" in hub.corong("delivery", "list", officer="ppid-utama")
    resolved = hub.corong("delivery", "resolve", UNKNOWN, "again", officer="ppid-utama", code=1, err=True)
    assert resolved.startswith("Galat:")


def test_dead_letters_and_quarantine(hub: HubProcess) -> None:
    assert hub.json("dead", "list", officer="admin-hub") == {"letters": [], "silent": [], "next": None}
    assert "Tidak ada pesan gagal" in hub.corong("dead", "list", officer="admin-hub")
    for verb in ("show", "retry", "drop"):
        told = hub.corong("dead", verb, "routing", UNKNOWN, officer="admin-hub", code=1, err=True)
        assert "Pesan itu tidak ada" in told
    assert hub.json("quarantine", "list", officer="ppid-utama") == {"quarantine": [], "next": None}
    assert "Karantina kosong" in hub.corong("quarantine", "list", officer="ppid-utama")


def test_refusals_say_what_to_do_in_the_language_that_is_asked_for(hub: HubProcess, case: str) -> None:
    told = hub.corong("queue", "list", code=4, err=True)
    assert "corong token officer" in told
    told = hub.corong("send", "x", "--sender", "y", officer=OFFICER, code=4, err=True)
    assert "corong token account" in told
    told = hub.corong("audit", "log", officer=OFFICER, code=4, err=True)
    assert "Peran PPID Pelaksana tidak boleh membaca log audit" in told
    told = hub.corong("--lang", "en", "audit", "log", officer=OFFICER, code=4, err=True)
    assert "may not read the audit log" in told
    told = hub.corong("queue", "reply", case, "Tanpa mengambil dulu.", officer=OFFICER, code=1, err=True)
    assert told.startswith("Galat:")
    assert "Perkara itu tidak ada" in hub.corong("queue", "show", "PI/1999/1", officer=OFFICER, code=1, err=True)
    assert "unit" in hub.corong("queue", "list", "--unit", "tidak-ada", officer="ppid-utama", code=1, err=True)


def test_as_makes_a_token_with_the_key_of_this_machine(hub: HubProcess, case: str) -> None:
    assert case in hub.corong("queue", "list", "--as", OFFICER)
    assert "Nomor" in hub.corong("send", "Halo.", "--sender", "w-10", "--as", "api-contoh")
    assert "corong officers" in hub.corong("queue", "list", "--as", "nobody", code=1, err=True)
    assert "corong accounts" in hub.corong("send", "Halo.", "--sender", "w", "--as", "nobody", code=1, err=True)


def test_a_token_is_made_for_who_may_hold_one(hub: HubProcess) -> None:
    token = hub.corong("token", "officer", OFFICER, "--days", "2").strip()
    assert _ends(hub, token)
    account = hub.corong("token", "account", "api-contoh").strip()
    assert account.split("_")[4] == "0", "an account's token has no end unless one is asked for"
    assert hub.corong("token", "account", "email-ppid", code=1, err=True)


def _ends(hub: HubProcess, token: str) -> bool:
    done = corong("queue", "list", env=clean_environment(CORONG_URL=hub.url, CORONG_TOKEN=token))
    return done.returncode == 0


def test_an_officer_is_added_shut_out_and_let_in_again(hub: HubProcess) -> None:
    admin, new = "admin-hub", "petugas-baris"
    words = ("--name", "Dewi Contoh", "--role", "operator", "--unit", UNIT, "--reason", "Petugas baru.")
    added = hub.json("officer", "add", new, *words, officer=admin)
    assert (added["officer"]["name"], added["events"][0]["type"]) == ("Dewi Contoh", "id.corong.officer.changed.v1")
    assert "Dewi Contoh" in hub.corong("officers", "--unit", UNIT), (
        "the log's name, opened with the key of this machine"
    )
    hub.corong("queue", "list", "--as", new)
    assert "/masuk/tautan?kunci=" in hub.corong("invite", new)
    assert f"/masuk/tautan?kunci={new}." in hub.corong("officer", "invite", new, "--reason", "Lupa.", officer=admin)
    changed = hub.corong("officer", "change", new, "--role", "unit_officer", "--reason", "Naik.", officer=admin)
    assert f"{new} · Dewi Contoh · unit_officer · {UNIT} · aktif" in changed
    old = hub.corong("token", "officer", new).strip()
    assert "tidak aktif" in hub.corong("officer", "deactivate", new, "--reason", "Pindah.", officer=admin)
    assert "Tidak ada petugas aktif" in hub.corong("token", "officer", new, code=1, err=True)
    hub.corong("officer", "reactivate", new, "--reason", "Kembali.", officer=admin)
    fresh = hub.corong("token", "officer", new).strip()
    assert fresh.split("_")[3] == "2", "tokens from before stay ended"
    assert old.split("_")[3] == "1"
    hub.corong("queue", "list", "--as", new)
    shown = hub.json("officer", "show", new, officer="auditor-inspektorat")
    assert [one["reason"] for one in shown["editions"]] == ["Kembali.", "Pindah.", "Naik.", "Petugas baru."]


def test_a_breach_is_recorded_shown_and_its_notice_met(hub: HubProcess) -> None:
    main, known = "ppid-utama", "2026-03-17T09:00"
    words = ("obligation", "record", "--known-at", known, "--subject", "Laptop contoh hilang")
    persons, agency = hub.json(*words, officer=main)["obligations"]
    assert "Laptop contoh hilang" in hub.corong("obligation", "list", officer="auditor-inspektorat")
    shown = hub.corong("obligation", "show", persons, officer=main)
    assert "2026-03-20" in shown
    assert "UU 27/2022" in shown
    met = ("obligation", "done", persons, "--at", "2026-03-18 10:00", "--how", "Surat 12/2026")
    assert persons in hub.corong(*met, officer=main)
    hub.corong("obligation", "end", agency, "--reason", "Dicatat dua kali", officer="admin-hub")
    found = {one["obligation_id"]: one for one in hub.json("obligation", "list", officer=main)}
    assert (found[persons]["state"], found[persons]["in_time"], found[agency]["state"]) == ("met", True, "ended")


def test_a_unit_is_added_looked_at_changed_and_closed(hub: HubProcess) -> None:
    admin, new = "admin-hub", "dinas-baris"
    words = ("--name", "Dinas Baris", "--kind", "agency", "--reason", "Perda 3/2026.")
    added = hub.json("unit", "add", new, *words, officer=admin)
    assert (added["unit"]["name"], added["events"][0]["type"]) == ("Dinas Baris", "id.corong.unit.changed.v1")
    looked = hub.corong("unit", "change", new, "--topic", "dprd", "--look", officer=admin, code=1, err=True)
    assert "sekretariat-dprd" in looked, "a topic has one owner"
    changed = hub.corong("unit", "change", new, "--open", "sat", "--reason", "Sabtu.", officer=admin)
    assert f"{new} · Dinas Baris · agency · buka" in changed
    assert hub.json("unit", "show", new, officer=admin)["opening_days"] == ["sat"]
    looked = hub.corong("unit", "close", new, "--successor", "setda", "--look", officer=admin)
    assert "Perkara terbuka yang pindah: 0" in looked
    assert "--look" in hub.corong("unit", "close", new, "--successor", "setda", officer=admin, code=2, err=True)
    closed = hub.corong("unit", "close", new, "--successor", "setda", "--reason", "Digabung.", officer=admin)
    assert "ditutup, digantikan setda" in closed
    told = hub.corong("unit", "close", new, "--successor", "setda", "--reason", ".", officer=admin, code=1, err=True)
    assert "sudah ditutup" in told
    listed = hub.json("unit", "list", officer=admin)["units"]
    assert [one["successor"]["id"] for one in listed if one["id"] == new] == ["setda"]
    assert "Dinas Baris" in hub.corong("units"), "what the log says is read without the hub as well"


def test_a_decree_and_a_target_are_looked_at_and_then_recorded(hub: HubProcess) -> None:
    admin, number = "admin-hub", "SK Bupati 77/2029"
    words = ("--title", "Hari jadi", "--in-force", "2029-01-02", "--source", "arsip", "--off", "2029-03-14 Jadi: jadi")
    tried = hub.json("calendar", "enter", number, *words, "--dry-run", officer=admin)
    assert ([one["date"] for one in tried["changes"]], tried["entered"]) == (["2029-03-14"], None)
    assert "2029-03-14" in hub.corong("calendar", "enter", number, *words, officer=admin)
    assert number in hub.corong("calendar", "list")
    told = hub.corong("calendar", "enter", number, *words, officer=admin, code=1, err=True)
    assert "sudah ada" in told
    told = hub.corong("calendar", "enter", "SK 78", *words[:-1], "2029-03-14", officer=admin, code=2, err=True)
    assert "--off" in told

    assert hub.json("target", "set", "request_notice", "7", "--look", officer=admin)["set"] is None
    assert "→ 7" in hub.corong("target", "set", "request_notice", "7", "--reason", "Maklumat.", officer=admin)
    clocks = {one["rule"]: one for one in hub.json("target", "list", officer="auditor-inspektorat")}
    assert (clocks["request_notice"]["target"], clocks["request_notice"]["reason"]) == (7, "Maklumat.")
    told = hub.corong("target", "set", "request_notice", "99", "--reason", ".", officer=admin, code=1, err=True)
    assert "hukum" in told
    assert "bukan angka" in hub.corong(
        "target", "set", "request_notice", "x", "--look", officer=admin, code=2, err=True
    )
    hub.corong("target", "set", "request_notice", "none", "--reason", "Dicabut.", officer=admin)


def test_doctor_tells_which_entries_of_files_are_read_no_longer(hub: HubProcess) -> None:
    hub.corong("officer", "change", OFFICER, "--name", "Eka Contoh", "--reason", "Nama.", officer="admin-hub")
    done = corong("doctor", "--service", "routing", "--json", env=hub.env)
    notes = [one["told"] for one in json.loads(done.stdout) if one["check"] == "files"]
    assert any(one.startswith("officers.toml: ") and OFFICER in one for one in notes)
    assert not any("admin-hub" in one for one in notes)


def test_a_hub_that_does_not_answer_is_told(free_port: int) -> None:
    url = f"http://127.0.0.1:{free_port}"
    done = corong("queue", "list", env=clean_environment(CORONG_URL=url, CORONG_TOKEN="x"))
    assert done.returncode == 3
    assert url in done.stderr
    assert "corong up" in done.stderr
    done = corong("audit", "log", "--ndjson", env=clean_environment(CORONG_URL=url, CORONG_TOKEN="x"))
    assert done.returncode == 3
    done = corong("queue", "list", "--url", "http://[", env=clean_environment())
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_lists_of_the_directory() -> None:
    env = clean_environment()
    officers = json.loads(corong("officers", "--unit", UNIT, "--json", env=env).stdout)
    assert OFFICER in [officer["id"] for officer in officers]
    assert {officer["unit"] for officer in officers} == {UNIT}
    assert len(json.loads(corong("units", "--json", env=env).stdout)) > 75
    accounts = corong("accounts", "--json", env=env).stdout
    assert "web" in [account["id"] for account in json.loads(accounts)]
    assert "settings" not in accounts
    for name in ("officers", "units", "accounts"):
        assert "diskominfo" in corong(name, env=env).stdout


def test_a_configuration_that_is_wrong_is_told(tmp_path: Path) -> None:
    done = corong("officers", env=clean_environment(CORONG_CONFIG=str(tmp_path)))
    assert done.returncode == 1
    assert "hub.toml" in done.stderr
    assert "Traceback" not in done.stderr
    done = corong("units", env=clean_environment(CORONG_PORT="many"))
    assert done.returncode == 1
    assert "CORONG_PORT" in done.stderr
