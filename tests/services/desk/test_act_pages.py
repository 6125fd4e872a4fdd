"""Officers do on the page of a case what they may: each act of the life table, by its form; nothing written is lost."""

import html
import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from pydantic import BaseModel

from corong.desk.acts.all_acts import all_acts
from corong.desk.acts.form import Field, Filled, Subject, problems
from corong.desk.cases import Cases
from corong.desk.context import Desk
from corong.desk.live.presence import Present
from corong.desk.pages.presence_words import PresenceWords
from corong.routing.life_table import life
from corong.runtime.policy import Actor
from tests.services.desk.office import PUPR, Office
from tests.services.desk.visitor import Visitor, signed_in, token_of
from tests.services.portal.citizen import Citizen, text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

OFFICER, MAIN, SUPERIOR = f"petugas-{PUPR}", "ppid-utama", "atasan-ppid"
ASKED = "Mohon salinan anggaran perbaikan jalan di Kisaran tahun 2026."


def key_of(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found, "the form has no key"
    return found.group(1)


async def act(
    visitor: Visitor, case: str, slug: str, status: int = 303, more: Mapping[str, Any] = {}, **words: str
) -> str:
    """Open an act's form and send it; where it leads, or the page that comes back."""
    address = f"/desk/perkara/{case}/tindakan/{slug}"
    page = await visitor.get(address)
    data = {"token": token_of(page), "once": key_of(page), **more, **words}
    answer = await visitor.client.post(address, data=data)
    assert answer.status_code == status, text_of(answer.text)
    return answer.headers["location"] if status == 303 else answer.text


async def test_every_act_of_the_life_table_has_a_form() -> None:
    assert {form.name for form in all_acts().values()} == set(life().names())


async def test_every_form_fills_its_body_and_makes_its_command(office: Office) -> None:
    """Each field is one of the body's: what is filled in arrives in the command."""
    case = await office.case(sender="warga-formulir")
    desk = Desk(office.hub.service("desk"))
    actor = Actor.of_officer(desk.directory.officer(MAIN))
    shown = await desk.read(lambda connection: Cases(desk).view(connection, actor, UUID(case), "id"))
    subject = Subject(desk, actor, shown, lambda text: text)
    for form in all_acts().values():
        fields = form.fields(subject)
        filled = Filled({one.name: sample(one) for one in fields})
        command = form.command(UUID(case), filled.body(form, fields))
        told = command.model_dump_json()
        for one in fields:
            if one.widget in ("words", "line", "lines") and not one.is_case and one.most > 20:
                assert f"isi {one.name}"[: one.most] in told, (form.slug, one.name)


def sample(one: Field) -> str | list[str]:
    """Something that fits."""
    if one.is_case:
        other = "7d8a0e3f-0000-4000-8000-000000000000"
        return [other] if one.widget == "lines" else other
    if one.widget == "many":
        return [one.choices[0][0]]
    if one.widget == "choice":
        values = [value for value, _ in one.choices if value]
        return values[0] if values else "7d8a0e3f-0000-4000-8000-000000000000"
    if one.widget == "lines":
        return [f"isi {one.name}"]
    if one.most <= 12:
        return {"date": "2026-12-01", "check": "ya", "hidden": "abc"}.get(one.widget, "7")
    return f"isi {one.name}"


async def test_an_officer_claims_answers_and_closes(office: Office) -> None:
    case = await office.case(sender="warga-halaman-jawab")
    async with await signed_in(office.hub, OFFICER) as visitor:
        page = await visitor.get(f"/desk/perkara/{case}")
        assert "Ambil perkara" in page
        assert 'id="jawab"' not in page
        assert "Disposisi ke unit lain" in page
        assert "Pisahkan satu pesan" not in page
        assert await act(visitor, case, "ambil") == f"/desk/perkara/{case}?selesai=ambil"
        page = await visitor.get(f"/desk/perkara/{case}?selesai=ambil")
        assert "Tercatat: Ambil perkara." in text_of(page)
        assert 'id="jawab"' in page
        assert "Lepas perkara" in page
        await act(visitor, case, "catatan", note="Sudah ditelepon ke lapangan.")
        where = await act(visitor, case, "jawab", text="Baik, jalan diperbaiki <b>Senin</b>.", close="ya")
        page = await visitor.get(where)
        assert "Baik, jalan diperbaiki &lt;b&gt;Senin&lt;/b&gt;." in page
        assert "Sudah ditelepon ke lapangan." in page
        assert "Selesai" in text_of(page)
        assert 'id="jawab"' not in page
    await office.hub.until(lambda: any("diperbaiki <b>Senin" in text for text in office.network.texts()))
    assert not any("ditelepon" in text for text in office.network.texts())
    assert [kind for kind, _ in await office.facts(case)].count("case.answered") == 1


async def test_a_form_that_is_sent_twice_is_done_once(office: Office) -> None:
    case = await office.case(sender="warga-dua-kali")
    async with await signed_in(office.hub, OFFICER) as visitor:
        await act(visitor, case, "ambil")
        address = f"/desk/perkara/{case}/tindakan/catatan"
        page = await visitor.get(address)
        data = {"token": token_of(page), "once": key_of(page), "note": "Satu kali saja."}
        for _ in range(2):
            assert (await visitor.client.post(address, data=data)).status_code == 303
        assert (await visitor.get(f"/desk/perkara/{case}")).count("Satu kali saja.") == 1


async def test_what_was_written_comes_back_with_what_is_wrong(office: Office) -> None:
    case = await office.case(sender="warga-galat")
    async with await signed_in(office.hub, OFFICER) as visitor:
        await act(visitor, case, "ambil")
        page = await act(visitor, case, "disposisi", 422, unit="", instruction="Periksa besok.")
        assert "Unit tujuan: wajib diisi." in page
        assert "Periksa besok." in page
        assert 'href="#unit"' in page
        assert 'aria-invalid="true"' in page
        page = await act(visitor, case, "disposisi", 422, unit="tidak-ada", instruction="Periksa besok.")
        assert "Periksa besok." in page
        page = await act(visitor, case, "gabung", 422, into="PM/1999/000001", reason="Sama.")
        assert "Perkara itu tidak ada." in page
        assert "Sama." in page
    async with await signed_in(office.hub, MAIN, "en") as other:
        address = f"/desk/perkara/{case}/tindakan/jawab"
        assert "does not allow it" in await other.get(address, 409)
        page = await other.get(f"/desk/perkara/{case}/tindakan/catatan")
        data = {"token": token_of(page), "once": "x", "text": "Jawaban yang panjang."}
        answer = await other.client.post(address, data=data)
        assert answer.status_code == 409
        assert "Jawaban yang panjang." in answer.text
        assert "Claim the case first" in answer.text
        assert (await other.client.get(f"/desk/perkara/{case}/tindakan/terbang")).status_code == 404


async def test_a_case_that_was_given_away_leads_back_to_the_queue(office: Office) -> None:
    case = await office.case(sender="warga-diteruskan")
    async with await signed_in(office.hub, OFFICER) as visitor:
        where = await act(visitor, case, "disposisi", unit="dinas-kesehatan", instruction="Wewenang Anda.")
        assert where == "/desk?selesai=disposisi"
        assert "Perkara itu sekarang di unit lain" in await visitor.get(where)
        await visitor.get(f"/desk/perkara/{case}", 403)


async def test_a_refusal_is_proposed_read_and_approved_as_exactly_that_text(office: Office) -> None:
    case = await office.case(ASKED, sender="warga-pemohon")
    async with await signed_in(office.hub, MAIN) as main, await signed_in(office.hub, SUPERIOR) as superior:
        shown = await office.get(MAIN, f"cases/{case}")
        if shown["kind"] != "information_request":
            await act(main, case, "jenis", kind="information_request", reason="Meminta dokumen.")
        await act(main, case, "ambil")
        page = await main.get(f"/desk/perkara/{case}")
        assert re.search(
            r'id="decide">Putuskan permohonan ini<.*/tindakan/kabulkan".*/tindakan/tolak".*id="jawab"', page, re.S
        )
        assert "Jawab warga" not in page, "a word to the applicant decides nothing"
        present = PresenceWords(Desk(office.hub.service("desk")), lambda text: text)
        there = present.of_case("information_request", [Present(MAIN, ("jawab",))])
        assert "sedang menulis di sini (Kirim kabar)." in there["writing"]
        told = await main.get(await act(main, case, "jawab", text="Sedang kami cari."))
        assert "Tercatat: Kirim kabar." in text_of(told)
        assert "Kabar, tanpa memutus" in text_of(told)
        assert "letter answer" not in told
        page = await act(main, case, "tolak", 422, text="Maaf, dikecualikan.", weighing="Akibatnya berat.")
        assert "Alasan Pasal 17: wajib diisi." in page
        assert "Maaf, dikecualikan." in page
        said = {
            "finding.grounds": ["h"], "finding.test.number": "UK/7/2026", "finding.test.held_on": "2026-03-20",
            "finding.test.exempt_until": "2099-12-31", "weighing": "Mengungkap rahasia pribadi.",
            "text": "Maaf, informasi ini dikecualikan.",
        }  # fmt: skip
        await act(main, case, "tolak", more=said)
        page = await superior.get(f"/desk/perkara/{case}/tindakan/setujui")
        for words in (
            "Mengungkap rahasia pribadi.",
            "Maaf, informasi ini dikecualikan.",
            "Pasal 17 huruf h",
            "UK/7/2026",
        ):
            assert words in text_of(page)
        address = f"/desk/perkara/{case}/tindakan/setujui"
        other = {"token": token_of(page), "once": "lain", "text_hash": "hash-lain"}
        answer = await superior.client.post(address, data=other)
        assert answer.status_code == 409
        assert "sudah berubah sejak dibaca" in answer.text
        await main.get(address, 409)
        found = re.search(r'name="text_hash" value="([^"]+)"', page)
        assert found is not None
        await act(superior, case, "setujui", text_hash=found.group(1))
        assert "decision.given" in [kind for kind, _ in await office.facts(case)]
        await office.hub.settled()
        page = await superior.get(f"/desk/perkara/{case}")
        assert "Putusan: Ditolak" in text_of(page)
        assert "letter answer" in page


async def test_an_answer_is_published_beside_its_original_and_nothing_personal_passes(office: Office) -> None:
    case = await office.case(sender="warga-terbit")
    async with await signed_in(office.hub, OFFICER) as visitor:
        await act(visitor, case, "ambil")
        await act(visitor, case, "jawab", text="Yth. Ibu Contoh, hubungi 0812 3456 7890 besok.")
        assert "terbitkan-jawaban" not in await visitor.get(f"/desk/perkara/{case}")
    async with await signed_in(office.hub, MAIN) as main:
        page = await main.get(f"/desk/perkara/{case}/tindakan/terbitkan-jawaban")
        assert "hubungi 0812 3456 7890 besok." in text_of(page).split("Pertanyaan untuk umum")[0]
        assert "Yth. Ibu Contoh, hubungi […] besok.</textarea>" in page
        words = {"question": "Kapan jalan diperbaiki?", "answer": "Pekan depan; telepon 0812 3456 7890."}
        page = await act(main, case, "terbitkan-jawaban", 422, words)
        assert "nomor telepon" in text_of(page)
        assert words["answer"] in page
        where = await act(main, case, "terbitkan-jawaban", more=words, contacts_public="ya")
        assert "Tanya-jawab diterbitkan untuk umum" in await main.get(where)
        assert words["answer"] in await main.get(f"/desk/perkara/{case}/tindakan/terbitkan-jawaban")
        await act(main, case, "tarik-jawaban", because="wrong")
        assert "tarik-jawaban" not in await main.get(f"/desk/perkara/{case}")


async def test_deadlines_are_explained_day_by_day(office: Office) -> None:
    case = await office.case(sender="warga-tenggat")
    async with await signed_in(office.hub, OFFICER) as visitor:
        await visitor.get(f"/desk/perkara/{case}")
        page = text_of(await visitor.get(f"/desk/perkara/{case}"))
        told = (await office.get(OFFICER, f"cases/{case}/life", language="id"))["clocks"]
        assert told
        for clock in told:
            assert clock["name"] in page
            for day in clock["days"]:
                assert " ".join(day["words"].split()) in page


async def test_the_register_is_filled_in_upon_what_it_has(office: Office) -> None:
    case = await office.case(ASKED, sender="warga-register")
    async with await signed_in(office.hub, MAIN) as visitor:
        if (await office.get(MAIN, f"cases/{case}"))["kind"] != "information_request":
            await act(visitor, case, "jenis", kind="information_request", reason="Meminta dokumen.")
        await act(visitor, case, "register", name="Siti Contoh", occupation="Guru")
        page = await visitor.get(f"/desk/perkara/{case}/tindakan/register")
        assert 'value="Siti Contoh"' in page
        assert 'value="Guru"' in page
        assert "Siti Contoh" not in text_of(await visitor.get(f"/desk/perkara/{case}"))


async def test_what_a_citizen_gave_by_the_form_is_shown_and_need_not_be_typed_again(office: Office) -> None:
    given = {"purpose": "Penelitian", "obtain": "copy", "occupation": "Guru <muda>"}
    async with Citizen(office.hub) as citizen:
        number, secret = await citizen.receipt(kind="information_request", subject="", text=ASKED, **given)
        await office.hub.settled()
        named = await citizen.client.post(
            "/tulis", data={"kind": "objection", "step": "request", "number": number, "secret": secret}
        )
        about = re.search(r'name="about" value="([^"]+)"', named.text)
        assert about is not None
        words = {"kind": "objection", "subject": "", "text": "Sudah lewat sebulan.", "grounds": "g"}
        objection, _ = await citizen.receipt(**words, about=html.unescape(about.group(1)))
    await office.hub.settled()
    async with await signed_in(office.hub, MAIN) as visitor:
        request = number.replace("/", "-")
        page = await visitor.get(f"/desk/perkara/{request}")
        for said in ("Tujuan penggunaan Penelitian", "Cara memperoleh Mendapat salinan", "Pekerjaan Guru <muda>"):
            assert said in text_of(page)
        assert "Guru <muda>" not in page
        page = await visitor.get(f"/desk/perkara/{request}/tindakan/register")
        assert 'value="Guru &lt;muda&gt;"' in page
        page = await visitor.get(f"/desk/perkara/{objection.replace('/', '-')}")
        assert f"Keberatan atas {number}" in text_of(page)
        assert "g. disampaikan melebihi jangka waktu" in text_of(page)
        await act(visitor, objection.replace("/", "-"), "hubungkan", request=number, ground="g")
        assert "Lepas hubungan" in await visitor.get(f"/desk/perkara/{objection.replace('/', '-')}")


class Parts(BaseModel):
    finding: dict[str, int]
    text: str


async def test_what_is_wrong_stands_at_its_field() -> None:
    fields = [Field("finding.test.number", "Nomor"), Field("text", "Isi")]
    with pytest.raises(ValueError) as caught:
        Parts.model_validate({"finding": {"test": "x"}})
    found = problems(caught.value, fields, "id")  # type: ignore[arg-type]  # pydantic's
    assert set(found) == {"finding.test.number", "text"}
    assert found["text"] == "Isi: wajib diisi."
