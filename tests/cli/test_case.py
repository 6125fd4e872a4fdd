"""The life of a case by the command line and the officers' API, against a hub of its own."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from tests.peers.waiting import wait_for
from tests.processes import HubProcess

UNIT = "dinas-pupr"
OFFICER = "petugas-dinas-pupr"
MAIN = "ppid-utama"
SUPERIOR = "atasan-ppid"
ASKED = "Mohon salinan dokumen anggaran pemeliharaan jalan tahun 2025."
REFUSAL = (
    "Memuat nomor rekening pribadi.", "--ground", "h", "--test", "UK/3/2026", "--tested", "2026-03-20",
    "--until", "2099-03-20", "--weighing", "Mengungkap rahasia pribadi.",
)  # fmt: skip


def arrives(hub: HubProcess, key: str, kind: str, text: str = ASKED, sender: str = "warga-hukum") -> str:
    """A message of the kind, assigned to the unit; its registration number."""
    sent = hub.json("send", text, "--sender", sender, "--key", key, "--kind", kind, account="api-contoh")
    registration: str = sent["registration"]
    path = f"/api/v1/cases/{registration.replace('/', '-')}"
    wait_for("the case at its unit", lambda: _found(hub, path))
    hub.corong("queue", "assign", registration, UNIT, "--instruction", "Mohon diproses.", officer=MAIN)
    return registration


def _found(hub: HubProcess, path: str) -> Any:
    try:
        return hub.call(path, officer=MAIN)["unit"]
    except AssertionError:
        return None


def law(hub: HubProcess, case: str, officer: str = OFFICER) -> dict[str, Any]:
    """The case's state by the law, clocks and acts."""
    found: dict[str, Any] = hub.json("case", "show", case, officer=officer)
    return {**found, **found["law"]}


def clocks(hub: HubProcess, case: str) -> dict[str, str]:
    return {clock["rule"]: clock["state"] for clock in law(hub, case)["clocks"]}


def test_a_request_is_completed_extended_and_partly_refused_by_the_superiors_word(
    hub: HubProcess, tmp_path: Path
) -> None:  # fmt: skip
    case = arrives(hub, "r-1", "information_request")
    assert clocks(hub, case) == {"request_notice": "running", "request_completion": "running"}
    told = hub.corong("case", "incomplete", case, "Tahun berapa?", officer=OFFICER, code=1, err=True)
    assert "Ambil perkara ini dahulu" in told
    hub.corong("queue", "claim", case, officer=OFFICER)
    hub.corong("case", "incomplete", case, "Tahun berapa?", officer=OFFICER)
    assert clocks(hub, case)["request_notice"] == "paused"
    hub.corong("case", "complete", case, officer=OFFICER)
    before = hub.corong("clock", "explain", case, officer=OFFICER)
    assert "UU 14/2008" in before
    hub.corong("case", "extend", case, "--reason", "Dokumen ada di arsip kecamatan.", officer=OFFICER)
    again = hub.corong("case", "extend", case, "--reason", "Lagi.", officer=OFFICER, code=1, err=True)
    assert "hanya dapat diperpanjang satu kali" in again
    english = hub.corong("--lang", "en", "case", "extend", case, "--reason", "x", officer=OFFICER, code=1, err=True)
    assert "once only" in english
    assert "What may be done: " in english
    assert "propose" in english

    hub.corong("case", "refuse", case, *REFUSAL, "--redact", "nomor rekening", officer=OFFICER)
    shown = law(hub, case, SUPERIOR)
    (proposed,) = shown["decisions"]
    assert (shown["state"], proposed["state"], proposed["outcome"]) == (
        "approval_pending",
        "proposed",
        "partly_granted",
    )
    assert "Memuat nomor rekening" in hub.corong("case", "show", case, officer=SUPERIOR)
    draft = tmp_path / "konsep.pdf"
    hub.corong("document", "preview", case, "--kind", "notice", "-o", str(draft), officer=SUPERIOR)
    page = " ".join(page.extract_text() for page in PdfReader(draft).pages)
    for told in ("dikabulkan sebagian", "nomor rekening", "huruf h: rahasia pribadi", "UK/3/2026", "KONSEP", case):
        assert told in page, told
    words = ("case", "approve", case, "--text-hash", proposed["text_hash"])
    assert hub.corong(*words, officer=OFFICER, code=4, err=True)
    other = hub.corong(*words[:-1], "hmac-lain", officer=SUPERIOR, code=1, err=True)
    assert "Teksnya sudah berubah" in other
    hub.corong(*words, officer=SUPERIOR)
    done = law(hub, case)
    assert (done["state"], done["decisions"][0]["state"]) == ("decided", "given")
    assert clocks(hub, case)["objection_filing"] == "running"
    answered = [step["text"] for step in done["thread"] if step["kind"] == "case.answered"]
    assert answered == [REFUSAL[0]]


def test_letters_are_seen_before_they_are_used_and_kept_as_they_went_out(hub: HubProcess, tmp_path: Path) -> None:
    case = arrives(hub, "letter-1", "information_request")
    possible = hub.json("document", "list", case, officer=OFFICER)["possible"]
    listed = {one["kind"]: set(one["missing"]) for one in possible}
    assert listed == {
        "receipt": set(),
        "notice": {"decision", "held", "answer", "object_until"},
        "refusal": {"grounds", "consequence", "exempt_until", "approved_by", "approved_on", "answer", "object_until"},
        "extension": {"reason"},
        "incomplete": {"reason"},
        "silence": set(),
    }
    words = ("document", "preview", case, "--kind")
    text = hub.corong(*words, "notice", "--outcome", "granted", "--text", "Salinan terlampir.", officer=OFFICER)
    assert f"Pemberitahuan atas permohonan {case}: dikabulkan seluruhnya." in text
    assert "Salinan terlampir." in text
    empty = hub.corong(*words, "extension", officer=OFFICER, code=1, err=True)
    assert "Lengkapi: alasan tertulis" in empty
    other = hub.corong(*words, "notice", "--outcome", "refused", officer=OFFICER, code=1, err=True)
    assert "surat lain: refusal" in other
    assert hub.corong(*words, "receipt", officer="petugas-dinas-kesehatan", code=4, err=True)

    template = ("document", "template")
    own = tmp_path / "surat.toml"
    own.write_text(hub.corong(*template, "show", "notice", officer=OFFICER).replace("Hak Anda", "Hak Saudara"))
    digest = hub.corong(*template, "check", str(own)).split()[-1]
    tried = tmp_path / "coba.pdf"
    hub.corong(*template, "preview", str(own), case, "--outcome", "granted", "--text", "Ya.", "-o", str(tried),
               officer=OFFICER)  # fmt: skip
    assert "Hak Saudara" in PdfReader(tried).pages[0].extract_text()
    assert hub.corong(*template, "adopt", str(own), officer=OFFICER, code=4, err=True)
    assert digest in hub.corong(*template, "adopt", str(own), officer=MAIN)
    hub.corong("queue", "claim", case, officer=OFFICER)
    hub.corong("case", "grant", case, "Salinan terlampir.", officer=OFFICER)
    letters = wait_for("receipt and notice", lambda: both(hub.json("document", "list", case, officer=OFFICER)["made"]))
    made, receipt = letters["notice"], letters["receipt"]
    assert hub.corong(
        "document", "get", case, receipt["document_id"], "-o", str(tried), officer=OFFICER, code=4, err=True
    )  # fmt: skip
    assert (made["template"], made["edition"]) == (digest, 2)
    hub.corong("document", "get", case, made["document_id"], "-o", str(tried), officer=OFFICER)
    assert "Hak Saudara" in PdfReader(tried).pages[0].extract_text()
    assert made["digest"] == f"sha256-{hashlib.sha256(tried.read_bytes()).hexdigest()}"
    own.write_text("kind = 'notice'")
    assert "letter:0" in hub.corong(*template, "check", str(own), code=2, err=True)


def both(made: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """By kind, once there are two; before, none."""
    return {one["kind"]: one for one in made} if len(made) == 2 else {}


def test_an_objection_goes_to_the_superior_and_to_the_commission(hub: HubProcess) -> None:
    request = arrives(hub, "o-1", "information_request")
    hub.corong("queue", "claim", request, officer=OFFICER)
    hub.corong("case", "not-held", request, "Ada di BPKAD.", "--held-by", "BPKAD", officer=OFFICER)
    objection = arrives(hub, "o-2", "objection", "Saya keberatan atas jawaban itu.")
    unlinked = hub.corong("case", "decide", objection, "upheld", "Ya.", officer=SUPERIOR, code=1, err=True)
    assert "Hubungkan keberatan ini dahulu" in unlinked
    hub.corong("case", "object", objection, "--request", request, "--ground", "d", officer=MAIN)
    assert hub.corong("case", "decide", objection, "upheld", "Ya.", officer=MAIN, code=4, err=True)
    hub.corong("case", "decide", objection, "rejected", "Putusan PPID dikuatkan.", officer=SUPERIOR)
    today = datetime.now(ZoneInfo("Asia/Jakarta")).date().isoformat()
    hub.corong("case", "dispute", objection, "--reference", "012/PSI", "--filed", today, officer=MAIN)
    hub.corong("case", "settle", objection, "mediated", "--on", today, officer=SUPERIOR)
    states = clocks(hub, objection)
    assert (states["objection_decision"], states["dispute_filing"], states["commission_finish"]) == (
        "met",
        "met",
        "met",
    )


def test_same_cases_are_grouped_answered_once_merged_and_undone(hub: HubProcess) -> None:
    text = "Lampu jalan di Jalan Imam Bonjol padam."
    first, second = (arrives(hub, f"g-{n}", "complaint", text, f"warga-lampu-{n}") for n in range(2))
    group = hub.json("case", "group", first, second, officer=OFFICER)
    assert group["group_id"]
    hub.corong("case", "answer-group", first, "Lampu sudah menyala.", "--close", officer=OFFICER)
    for case in (first, second):
        assert [step["text"] for step in law(hub, case)["thread"] if step["kind"] == "case.answered"] == [
            "Lampu sudah menyala."
        ]
    one, two = (arrives(hub, f"m-{n}", "complaint", text, "warga-dua-kali") for n in range(2))
    backwards = hub.corong("case", "merge", one, "--into", two, "--reason", "x", officer=OFFICER, code=1, err=True)
    assert "yang lebih dahulu" in backwards
    hub.corong("case", "merge", two, "--into", one, "--reason", "Pesan yang sama.", officer=OFFICER)
    assert law(hub, two)["state"] == "closed"
    hub.corong("case", "reopen", two, "--reason", "Bukan yang sama.", officer=OFFICER)
    assert law(hub, two)["state"] == "registered"
    hub.corong("case", "withdraw", two, "--reason", "Dicabut lewat telepon.", officer=OFFICER)
    logged = hub.corong("audit", "log", "--case", two, "--ndjson", officer=MAIN).splitlines()
    types = [json.loads(line)["event"]["type"].split(".", 2)[2] for line in logged]
    order = [name for name in types if name in ("case.merged.v1", "case.reopened.v1", "case.withdrawn.v1")]
    assert order == ["case.merged.v1", "case.reopened.v1", "case.withdrawn.v1"]


def test_a_complaint_is_planned_and_its_deadlines_are_told(hub: HubProcess) -> None:
    case = arrives(hub, "p-1", "complaint", "Lampu jalan padam.", "warga-rencana")
    assert clocks(hub, case) == {
        "complaint_without_oversight": "running", "complaint_ceiling": "running", "lapor_plan": "running",
    }  # fmt: skip
    hub.corong("queue", "claim", case, officer=OFFICER)
    hub.corong("case", "plan", case, "Petugas memeriksa lampu itu Senin depan.", officer=OFFICER)
    assert clocks(hub, case)["lapor_plan"] == "met"
    assert "SP4N-LAPOR!" in hub.corong("clock", "explain", case, officer=OFFICER)
    hub.corong("queue", "reply", case, "Sudah menyala.", officer=OFFICER)
    assert clocks(hub, case)["lapor_close"] == "running"
    planned = [step["text"] for step in law(hub, case)["thread"] if step["kind"] == "case.planned"]
    assert planned == ["Petugas memeriksa lampu itu Senin depan."]


def messages(hub: HubProcess, case: str) -> list[str]:
    """The citizen's messages in the case, as an officer sees them; their ids."""
    thread = law(hub, case, MAIN)["thread"]
    return [step["data"]["message_id"] for step in thread if step["kind"] == "message.received"]


def later(hub: HubProcess, case: str, thread: str, key: str, text: str, sender: str) -> str:
    """A later message in the conversation of the one with the key `thread`; its id."""
    before = set(messages(hub, case))
    words = ("send", text, "--sender", sender, "--key", key, "--thread", thread)
    hub.json(*words, account="api-contoh")
    (found,) = wait_for("the later message", lambda: set(messages(hub, case)) - before)
    return found


def test_a_message_is_split_off_and_another_moved_and_back(hub: HubProcess) -> None:
    text = "Lampu jalan padam di simpang."
    one, two = (arrives(hub, f"s-{n}", "complaint", text, "warga-pisah") for n in range(2))
    moved = later(hub, one, "s-0", "s-2", "Tentang yang kedua.", "warga-pisah")
    words = ("case", "move-message", one, "--message", moved, "--into", two, "--reason", "Tentang itu.")
    hub.corong(*words, officer=OFFICER)
    wait_for("the message in the other case", lambda: moved in messages(hub, two))
    assert moved not in messages(hub, one)
    assert "bukan pesan warga dalam perkara ini" in hub.corong(*words, officer=OFFICER, code=1, err=True)
    split_there = ("case", "split", two, "--message", moved, "--kind", "question", "--reason", "x")
    assert "dipindahkan dari perkara lain" in hub.corong(*split_there, officer=OFFICER, code=1, err=True)
    back = ("case", "move-message", two, "--message", moved, "--into", one, "--reason", "Keliru.")
    hub.corong(*back, officer=OFFICER)
    wait_for("the message at home", lambda: moved in messages(hub, one))
    first = messages(hub, one)[0]
    refused = hub.corong("case", "split", one, "--message", first, "--kind", "question", "--reason", "x",
                         officer=OFFICER, code=1, err=True)  # fmt: skip
    assert "Pesan pertama adalah perkara ini sendiri" in refused
    hub.corong("case", "split", one, "--message", moved, "--kind", "question", "--reason", "Lain.", officer=OFFICER)
    wait_for("the message gone from its first case", lambda: moved not in messages(hub, one))


def test_a_case_leaves_its_group_before_the_answer(hub: HubProcess) -> None:
    cases = [arrives(hub, f"u-{n}", "complaint", "Lampu jalan padam.", f"warga-grup-{n}") for n in range(3)]
    hub.json("case", "group", *cases, officer=OFFICER)
    hub.corong("case", "ungroup", cases[2], officer=OFFICER)
    again = hub.corong("case", "ungroup", cases[2], officer=OFFICER, code=1, err=True)
    assert "tidak dalam kelompok" in again
    hub.corong("case", "answer-group", cases[0], "Lampu sudah menyala.", officer=OFFICER)
    assert [law(hub, case)["state"] for case in cases] == ["answered", "answered", "registered"]


def test_a_proposed_refusal_is_sent_back_by_the_superior_and_taken_back_by_the_unit(hub: HubProcess) -> None:
    case = arrives(hub, "d-1", "information_request", sender="warga-kembali")
    hub.corong("queue", "claim", case, officer=OFFICER)
    hub.corong("case", "refuse", case, *REFUSAL, officer=OFFICER)
    hub.corong("case", "disapprove", case, "--reason", "Uji konsekuensi belum cukup.", officer=SUPERIOR)
    shown = law(hub, case)
    assert (shown["state"], shown["decisions"][0]["state"]) == ("in_progress", "returned")
    told = hub.corong("case", "disapprove", case, "--reason", "x", officer=SUPERIOR, code=1, err=True)
    assert "keadaan perkara diproses" in told
    hub.corong("case", "refuse", case, *REFUSAL, officer=OFFICER)
    hub.corong("case", "disapprove", case, "--reason", "Kami perbaiki dulu.", officer=OFFICER)
    returned = [step for step in law(hub, case)["thread"] if step["kind"] == "decision.returned"]
    assert [(step["data"]["by"], step["text"]) for step in returned] == [
        ("superior", "Uji konsekuensi belum cukup."), ("unit", "Kami perbaiki dulu."),
    ]  # fmt: skip


def test_a_question_becomes_a_request_with_the_register_filled_in(hub: HubProcess) -> None:
    case = arrives(hub, "q-1", "question", "Apa bisa minta salinan DPA?")
    words = ("case", "reclassify", case, "information_request", "--reason", "Meminta dokumen.")
    hub.corong(*words, officer=OFFICER)
    assert hub.corong(*words, officer=OFFICER, code=4, err=True), "out of the law's clock: the main officer alone"
    assert "sudah berjenis itu" in hub.corong(*words, officer=MAIN, code=1, err=True)
    hub.corong("case", "detail", case, "--name", "Ani Contoh", "--asked", "DPA 2025", officer=OFFICER)
    assert clocks(hub, case)["request_notice"] == "running"
    log = hub.corong("audit", "log", "--case", case, "--ndjson", officer=MAIN)
    assert "case.detailed" in log
    assert "Ani Contoh" not in log, "the applicant's particulars are sealed"


@pytest.mark.parametrize("language", ["id", "en"])
def test_a_kind_that_there_is_not_is_told(hub: HubProcess, language: str) -> None:
    words = ("--lang", language, "case", "reclassify", "PI/2026/1", "pujian", "--reason", "x")
    assert "information_request" in hub.corong(*words, officer=OFFICER, code=2, err=True)
