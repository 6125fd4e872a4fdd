"""Facts out of three places: the register's words go before the message's, and nothing foreign comes in."""

import pytest

from corong.documents import Asker, DocumentKind, IncompleteFacts, Office, assembled, particulars_of
from corong.documents.assembling import MOST_SUBJECT, shortened
from corong_contracts.case_life import RequestParticulars

OFFICE = Office("Pemerintah Kabupaten Asahan", "https://corong.asahan.example", "Kisaran")
DECIDED = {
    "office": "Dinas PUPR", "date": "8 April 2026", "received": "Selasa, 17 Maret 2026", "signed_by": "PPID",
    "signed_name": "Siti", "decision": "dikabulkan seluruhnya", "held": "dikuasai", "answer": "Terlampir.",
    "object_until": "Senin, 25 Mei 2026",
}  # fmt: skip


def test_what_an_officer_wrote_down_goes_before_the_message() -> None:
    message = Asker("PI/2026/000001", sender="budi77", subject="", text="Mohon DPA 2025.")
    facts = assembled(DocumentKind.NOTICE, DECIDED, message, OFFICE)
    assert (facts.values["name"], facts.values["subject"], facts.values["address"]) == ("budi77", "Mohon DPA 2025.", "")
    assert facts.values["write"] == "https://corong.asahan.example/tulis"
    known = RequestParticulars(name="Budi Santoso", address="Jalan Merdeka 1", asked="DPA 2025", purpose="penelitian")
    register = Asker("PI/2026/000001", known, sender="budi77", subject="Tanya", text="Mohon DPA 2025.")
    values = assembled(DocumentKind.NOTICE, DECIDED, register, OFFICE).values
    assert (values["name"], values["subject"], values["address"]) == ("Budi Santoso", "DPA 2025", "Jalan Merdeka 1")
    assert "purpose" not in values  # a notice doesn't speak of it


def test_what_the_officer_left_out_comes_from_the_form() -> None:
    form = {
        "text": "Mohon DPA.",
        "particulars": {"address": "Jalan Contoh 1", "purpose": "skripsi", "occupation": "guru"},
    }
    written = RequestParticulars(name="Budi Santoso", purpose="penelitian").model_dump_json()
    found = particulars_of(written, form)
    assert (found.name, found.purpose, found.address, found.occupation) == (
        "Budi Santoso", "penelitian", "Jalan Contoh 1", "guru",
    )  # fmt: skip
    assert particulars_of(None, form).purpose == "skripsi"
    assert particulars_of(None, {}) == RequestParticulars()


def test_nobody_without_a_name_is_left_without_a_letter() -> None:
    facts = assembled(DocumentKind.NOTICE, DECIDED, Asker("PI/2026/000001", text="Mohon DPA."), OFFICE)
    assert facts.values["name"] == "Pemohon"


def test_what_is_not_decided_is_missing() -> None:
    with pytest.raises(IncompleteFacts) as refused:
        assembled(DocumentKind.NOTICE, {**DECIDED, "decision": "", "answer": " "}, Asker("x", text="x"), OFFICE)
    assert refused.value.missing == ("decision", "answer")


def test_a_long_message_stands_shortened_at_a_words_end() -> None:
    found = shortened("kata " * 200)
    assert found.endswith("kata …")
    assert len(found) <= MOST_SUBJECT + 2
    assert shortened("satu\n\ndua") == "satu dua"
