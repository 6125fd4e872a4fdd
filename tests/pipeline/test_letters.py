"""Letters in a whole hub: made once whatever fails in between, kept by digest, unreadable after an erasure."""

import hashlib
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from pypdf import PdfReader

from corong.publishing.letter_maker import LetterMaker
from corong.publishing.putting_off import PuttingOff
from corong.publishing.rules import Pages, Waiting
from corong.runtime.objects import Objects
from corong.runtime.receipts import letter_check
from tests.channels.email.town import events
from tests.services.desk.office import PUPR, Office, open_office

pytestmark = pytest.mark.asyncio(loop_scope="module")

UNIT, MAIN = f"petugas-{PUPR}", "ppid-utama"
DECISION = {"legal_basis": "UU 27/2022 Pasal 43 ayat 1", "schedule": "000.5.2"}
ASKED = "Permohonan informasi: mohon salinan DPA Dinas PUPR tentang jalan tahun 2025."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with open_office(tmp_path_factory.mktemp("letters")) as opened:
        yield opened


async def claimed(office: Office, sender: str, **more: Any) -> dict[str, Any]:
    """A request that its officer has; its receipt."""
    receipt = await office.write(ASKED, sender, **more)
    case = receipt["case_id"]
    shown = await office.get(MAIN, f"cases/{case}")
    if shown["unit"]["id"] != PUPR:
        await office.post(MAIN, f"cases/{case}/assign", {"unit": PUPR, "instruction": "Mohon dijawab."})
    if shown["kind"] != "information_request":
        await office.post(MAIN, f"cases/{case}/reclassify", {"kind": "information_request", "reason": "Minta salinan."})
    await office.post(UNIT, f"cases/{case}/claim")
    return receipt


async def granted(office: Office, sender: str, text: str, **more: Any) -> dict[str, Any]:
    """A request, granted with these words; its receipt."""
    receipt = await claimed(office, sender, **more)
    await office.post(UNIT, f"cases/{receipt['case_id']}/grant", {"text": text})
    return receipt


def made_of(office: Office, case: str, *, receipts: bool = False) -> list[dict[str, Any]]:
    """Of a case: its letters, or its receipts."""
    made = [event for event in events(office.hub, "document.made") if event["case_id"] == case]
    return [event for event in made if (event["kind"] == "receipt") is receipts]


async def receipt_of(office: Office, case: str) -> dict[str, Any]:
    """Its receipt as it was made, which the portal knows of."""
    await office.hub.until(lambda: made_of(office, case, receipts=True))
    await office.hub.settled()
    (made,) = made_of(office, case, receipts=True)
    return made


async def sent(office: Office, words: str) -> str:
    found = await office.hub.until(lambda: [text for text in office.network.texts() if words in text])
    (text,) = found
    return str(text)


def soon(putting_off: PuttingOff, one: UUID, now: float) -> None:
    """Tried again at the next look."""
    putting_off._waiting[one] = (now + 0.01, 0.0)


async def test_a_letter_made_again_is_the_same_file_and_the_answer_goes_once(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[Pages] = []
    pages_of = LetterMaker._pages

    async def dies_after_storing(maker: LetterMaker, waiting: Waiting) -> Pages:
        if waiting.answer is None:
            return await pages_of(maker, waiting)
        tried.append(await pages_of(maker, waiting))
        if len(tried) == 1:
            raise RuntimeError("as if the process had died here")
        return tried[-1]

    monkeypatch.setattr(LetterMaker, "_pages", dies_after_storing)
    monkeypatch.setattr(PuttingOff, "put_off", soon)
    case = (await granted(office, "warga-dua-kali", "Salinan pertama."))["case_id"]
    await sent(office, "Salinan pertama.")
    first, second = tried
    assert first == second
    await office.hub.settled()
    (made,) = made_of(office, case)
    assert made["file"]["digest"] == first.file.digest
    receipt = await receipt_of(office, case)
    letters = [path.rpartition("/")[2] for path, _ in office.hub.hub.installation.objects.listed(made["key"])]
    kept = [first.file.digest, receipt["file"]["digest"]]
    assert sorted(letters) == sorted(digest.removeprefix("sha256-") for digest in kept)


async def test_while_the_store_is_away_an_answer_waits_and_those_behind_it_too(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = True
    keep = Objects.keep

    async def kept(objects: Objects, *given: Any) -> Any:
        if away:
            raise OSError("the store is away")
        return await keep(objects, *given)

    monkeypatch.setattr(Objects, "keep", kept)
    monkeypatch.setattr(PuttingOff, "put_off", soon)
    receipt = await granted(office, "warga-tunggu", "Salinan kedua.")
    await office.post(UNIT, f"cases/{receipt['case_id']}/note", {"note": "Menunggu penyimpanan."})
    await office.hub.settled()
    assert not [text for text in office.network.texts() if "Salinan kedua." in text]
    (waiting,) = (await office.get(UNIT, f"cases/{receipt['case_id']}"))["deliveries"]
    assert waiting["state"] == "drafted"
    away = False
    assert (await sent(office, "Salinan kedua.")).startswith("Pemberitahuan atas permohonan")


async def test_letters_that_the_store_refuses_hold_up_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corong.publishing.letter_maker.AT_ONCE", 1)  # more than that are refused
    cases = [(await claimed(office, f"warga-tertahan-{number}"))["case_id"] for number in range(2)]
    held = {(await receipt_of(office, case))["key"] for case in cases}
    refused: set[str] = set()
    keep = Objects.keep

    async def kept(objects: Objects, key: str, *given: Any) -> Any:
        if key in held:
            refused.add(key)
            raise OSError("the store takes no such file")
        return await keep(objects, key, *given)

    monkeypatch.setattr(Objects, "keep", kept)
    for number, case in enumerate(cases):
        await office.post(UNIT, f"cases/{case}/grant", {"text": f"Salinan tertahan {number}."})
    await office.hub.until(lambda: refused == held)
    await granted(office, "warga-lain", "Salinan yang sampai.")
    assert await sent(office, "Salinan yang sampai.")
    assert not [text for text in office.network.texts() if "Salinan tertahan" in text]


async def test_in_public_nothing_of_the_letter_is_said_but_where_it_is(office: Office) -> None:
    receipt = await granted(office, "warga-umum", "Salinan ketiga.", visibility="public")
    told = await sent(office, "Salinan ketiga.")
    assert told.startswith("Salinan ketiga.\n\nSuratnya dapat diunduh di http")
    assert receipt["registration"] in told
    assert not office.network.sent[-1].attachments


async def test_what_is_too_long_for_the_channel_says_the_outcome_and_is_read_in_the_letter(office: Office) -> None:
    receipt = await granted(office, "warga-panjang", "Salinan keempat. " * 60)
    told = await sent(office, f"Jawaban untuk perkara Anda {receipt['registration']}: dikabulkan. Baca seluruhnya di ")
    assert len(told) < 500


async def test_after_an_erasure_nobody_reads_the_letter_any_more(office: Office) -> None:
    receipt = await granted(office, "warga-hapus", "Salinan kelima.")
    case = receipt["case_id"]
    await sent(office, "Salinan kelima.")
    kept = await receipt_of(office, case)
    (made,) = made_of(office, case)
    form = {"number": receipt["registration"], "secret": receipt["secret"], "document": made["document_id"]}
    async with office.hub.client() as citizen:
        assert (await citizen.post("/cek/surat", data=form)).content.startswith(b"%PDF-")
        await office.post(MAIN, "erasures", {"case": case, **DECISION}, status=202)
        await office.hub.until(lambda: not office.hub.hub.installation.objects.listed(made["key"]))
        for page in ("/cek/surat", "/cek/tanda-terima"):
            gone = await citizen.post(page, data=form)
            assert gone.status_code == 410
            assert b"%PDF" not in gone.content
    url = f"cases/{case}/documents/made/{made['document_id']}"
    assert (await office.get(UNIT, url, status=410))["code"] == "erased"
    listed = await office.get(UNIT, f"cases/{case}/documents")
    assert {(one["kind"], one["file"], one["digest"]) for one in listed["made"]} == {
        ("notice", made["file"]["digest"], None), ("receipt", kept["file"]["digest"], None),
    }  # fmt: skip
    assert listed["possible"] == []


async def test_a_receipt_has_the_words_that_were_in_force_when_it_was_given(office: Office) -> None:
    earlier = await office.write(ASKED, "warga-dulu")
    words = (await office.get(MAIN, "document-templates/receipt"))["content"]
    own = words.replace("Perkembangan dan jawaban", "Kabar dan jawaban")
    await office.post(MAIN, "document-templates", {"content": own})
    later = await office.write(ASKED, "warga-nanti")
    await office.hub.settled()
    async with office.hub.client() as citizen:
        for receipt, told in ((earlier, "Perkembangan dan jawaban"), (later, "Kabar dan jawaban")):
            case = receipt["case_id"]
            made = await receipt_of(office, case)
            form = {"number": receipt["registration"], "secret": receipt["secret"]}
            answer = await citizen.post("/cek/tanda-terima", data=form)
            words = " ".join(PdfReader(io.BytesIO(answer.content)).pages[0].extract_text().split())
            assert told in words
            assert receipt["secret"] in words
            (kept,) = (await office.get(MAIN, f"cases/{case}/documents"))["made"]
            assert (kept["file"], kept["url"]) == (made["file"]["digest"], None)
            assert kept["digest"] == f"sha256-{hashlib.sha256(answer.content).hexdigest()}"
            assert made["check"] == letter_check(case, receipt["secret"], kept["digest"])
    url = f"cases/{case}/documents/made/{made['document_id']}"
    assert (await office.get(MAIN, url, status=403))["code"] == "holders_receipt"


async def test_what_is_missing_goes_as_a_letter_that_is_kept(office: Office) -> None:
    receipt = await claimed(office, "warga-lengkap")
    case = receipt["case_id"]
    await office.post(UNIT, f"cases/{case}/ask-completion", {"text": "Salinan KTP belum kami terima."})
    told = await sent(office, "Salinan KTP belum kami terima.")
    assert f"Data permohonan informasi Anda dengan nomor {receipt['registration']} belum lengkap." in told
    assert "Waktu penyelesaian berhenti dihitung" in told
    await office.hub.settled()
    (made,) = made_of(office, case)
    assert (made["kind"], made["title"]) == ("incomplete", "Pemberitahuan Tidak Lengkap")
    form = {"number": receipt["registration"], "secret": receipt["secret"], "document": made["document_id"]}
    async with office.hub.client() as citizen:
        page = PdfReader(io.BytesIO((await citizen.post("/cek/surat", data=form)).content)).pages[0].extract_text()
    assert "Salinan KTP belum kami terima." in " ".join(page.split())
