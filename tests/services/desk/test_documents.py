"""Letters seen before use: by whom, filled with what, and what is told where something is missing."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.services.desk.office import HEALTH, PUPR, Office

pytestmark = pytest.mark.asyncio(loop_scope="package")

UNIT, MAIN, SUPERIOR = f"petugas-{PUPR}", "ppid-utama", "atasan-ppid"
ASKED = "Permohonan informasi: mohon salinan DPA Dinas PUPR tentang jalan tahun 2025."
GRANTED = {"outcome": "granted", "text": "Salinan kami lampirkan.", "finding": {"form": "soft_copy"}}


async def request_of(office: Office, sender: str) -> dict[str, Any]:
    receipt = await office.write(ASKED, sender)
    if (await office.get(MAIN, f"cases/{receipt['case_id']}"))["unit"]["id"] != PUPR:
        body = {"unit": PUPR, "instruction": "Mohon dijawab."}
        await office.post(MAIN, f"cases/{receipt['case_id']}/assign", body)
    return receipt


async def facts_with_receipt(office: Office, case: str) -> list[tuple[str, str]]:
    """What is known of a request once its receipt is made; empty before."""
    facts = await office.facts(case)
    return facts if ("document.made", "system") in facts else []


def text_of(content: bytes) -> str:
    return " ".join(" ".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(content)).pages)


async def test_a_letter_is_filled_from_the_case_and_nothing_is_sent(office: Office) -> None:
    receipt = await request_of(office, "warga-surat")
    case = receipt["case_id"]
    before = await office.hub.until(lambda: facts_with_receipt(office, case))
    sent = len(office.network.tried)
    client = office.client(UNIT)
    path = f"/api/v1/cases/{case}/documents/notice"
    answer = await client.post(path, json=GRANTED)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["cache-control"] == "no-store"
    number = receipt["registration"].replace("/", "-")
    assert answer.headers["content-disposition"] == f'attachment; filename="konsep-notice-{number}.pdf"'
    page = text_of(answer.content)
    for told in (receipt["registration"], "Yth. Warga Contoh", "Salinan kami lampirkan.", "KONSEP, belum dikirim",
                 "dikabulkan seluruhnya", "tidak dipungut biaya", "Kisaran, "):  # fmt: skip
        assert told in page, told
    text = await client.post(f"{path}?format=text", json=GRANTED)
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert f"Pemberitahuan atas permohonan {receipt['registration']}" in text.text
    await office.post(
        UNIT, f"cases/{case}/detail", {"name": "Ani Contoh", "address": "Jalan Melati 2", "asked": "DPA 2025"}
    )  # fmt: skip
    known = text_of((await client.post(path, json=GRANTED)).content)
    assert "Yth. Ani Contoh" in known
    assert "DPA 2025" in known
    assert "Warga Contoh" not in known
    after = await office.facts(case)
    assert [fact for fact, _ in after[len(before) :]] == ["case.detailed"]
    assert len(office.network.tried) == sent


async def test_what_is_missing_is_told_in_both_languages(office: Office) -> None:
    case = (await request_of(office, "warga-kurang"))["case_id"]
    listed = await office.get(UNIT, f"cases/{case}/documents", language="id")
    kinds = {one["kind"]: one for one in listed["possible"]}
    assert set(kinds) == {"receipt", "incomplete", "notice", "refusal", "extension", "silence"}
    assert (kinds["receipt"]["missing"], kinds["receipt"]["told"]) == ([], "")
    assert kinds["extension"]["told"] == "Surat belum dapat dibuat. Lengkapi: alasan tertulis"
    assert kinds["notice"]["template"].startswith("sha256-")
    refused = await office.get(UNIT, f"cases/{case}/documents/extension", status=422)
    assert (refused["code"], refused["fields"]) == ("incomplete_letter", ["reason"])
    assert refused["detail"] == "The letter can't be made yet. Complete: the written reasons"
    receipt = await office.client(UNIT).get(f"/api/v1/cases/{case}/documents/receipt")
    assert "Kode rahasia" not in text_of(receipt.content)  # officers don't get it


async def test_a_refusal_is_seen_as_the_superior_will_approve_it(office: Office) -> None:
    case = (await request_of(office, "warga-usul"))["case_id"]
    await office.post(UNIT, f"cases/{case}/claim")
    test = {"number": "UK/1/2026", "held_on": "2026-03-20", "exempt_until": "2099-03-20"}
    body = {"finding": {"grounds": ["h"], "test": test}, "weighing": "Rahasia pribadi.", "text": "Kami tolak."}
    await office.post(UNIT, f"cases/{case}/refuse", body)
    page = text_of((await office.client(SUPERIOR).get(f"/api/v1/cases/{case}/documents/refusal")).content)
    for told in ("Kami tolak.", "Rahasia pribadi.", "UK/1/2026", "menunggu persetujuan atasan", "huruf h"):
        assert told in page, told
    missing = await office.get(SUPERIOR, f"cases/{case}/documents/notice", status=422)
    assert missing["code"] == "incomplete_letter"  # nobody proposed to grant it


async def test_who_sees_letters(office: Office) -> None:
    case = (await request_of(office, "warga-tutup"))["case_id"]
    stranger = f"petugas-{HEALTH}"
    for path in ("documents", "documents/receipt"):
        assert (await office.get(stranger, f"cases/{case}/{path}", status=403))["code"] == "other_unit"
        refused = await office.get("auditor-inspektorat", f"cases/{case}/{path}", status=403)
        assert refused["code"] == "role_has_no_such_right"
    other = await office.post(UNIT, f"cases/{case}/documents/notice", {"outcome": "refused"}, status=422)
    assert (other["code"], other["fields"]) == ("another_letter", ["outcome"])
    assert (await office.get(UNIT, f"cases/{case}/documents/objection_decision", status=409))["code"] == (
        "no_such_letter"
    )
    assert (await office.get(UNIT, f"cases/{case}/documents/puisi", status=422))["code"] == "invalid"
    complaint = await office.case(sender="warga-jalan")
    (asked,) = (await office.get(UNIT, f"cases/{complaint}/documents"))["possible"]
    assert asked["kind"] == "incomplete"  # a complaint too can lack something


async def test_a_template_is_tried_on_a_case_adopted_and_used_from_then_on(office: Office) -> None:
    case = (await request_of(office, "warga-templat"))["case_id"]
    before = await office.get(UNIT, "document-templates/extension")
    assert (before["in_force"], before["officer"]) == (True, None)
    own = before["content"].replace("Alasan perpanjangan:", "Sebab perpanjangan waktu ini:")
    path = f"/api/v1/cases/{case}/documents/extension"
    tried = await office.client(UNIT).post(path, json={"text": "Arsip di kecamatan.", "template": own})
    assert "Sebab perpanjangan waktu ini: Arsip di kecamatan." in text_of(tried.content)
    other = await office.post(UNIT, f"cases/{case}/documents/receipt", {"template": own}, status=422)
    assert other["code"] == "another_letter"
    assert (await office.post(UNIT, "document-templates", {"content": own}, status=403))["code"] == (
        "role_has_no_such_right"
    )
    wrong = await office.post(MAIN, "document-templates", {"content": own.replace("{{ reason }}", "{{ sebab }}")}, 422)
    assert "there is no variable `sebab`" in wrong["detail"]
    done = await office.post(MAIN, "document-templates", {"content": own}, key="templat-1")
    assert [fact["type"] for fact in done["events"]] == ["id.corong.template.adopted.v1"]
    again = await office.post(MAIN, "document-templates", {"content": own})
    assert (again["events"], again["edition"]) == ([], done["edition"])
    plain = await office.client(UNIT).post(path, json={"text": "Arsip."})
    assert "Sebab perpanjangan waktu ini: Arsip." in text_of(plain.content)
    listed = [one for one in (await office.get(UNIT, "document-templates"))["templates"] if one["kind"] == "extension"]
    assert [one["in_force"] for one in listed] == [True, *[False] * (len(listed) - 1)]
    assert listed[0]["officer"]["id"] == MAIN
    old = await office.get(UNIT, "document-templates/extension", edition=before["edition"] or 1)
    assert old["digest"] == before["digest"]
    assert (await office.get(UNIT, "document-templates/extension", 404, edition=99))["code"] == "no_such_edition"
