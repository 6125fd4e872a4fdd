"""An officer is added, changed, shut out and let in again: it holds at once for the API, sessions and commands."""

import pytest

from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import signed_in, token_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

MAIN, ADMIN, UNIT, AUDITOR = "ppid-utama", "admin-hub", f"petugas-{PUPR}", "auditor-inspektorat"


async def test_an_officers_life_from_the_first_day_to_the_last(office: Office) -> None:
    body = {"id": "petugas-uji", "name": "Budi Contoh", "role": "operator", "unit": PUPR, "reason": "Petugas baru."}
    done = await office.post(ADMIN, "officers", body, status=201, key="tambah-uji")
    assert [fact["type"] for fact in done["events"]] == ["id.corong.officer.changed.v1"]
    assert (done["officer"]["name"], done["officer"]["edition"], done["shown"]) == ("Budi Contoh", 1, True)
    assert (await office.post(ADMIN, "officers", body, status=201, key="tambah-uji"))["repeated"]
    me = await office.get("petugas-uji", "me")
    assert (me["name"], me["role"], me["unit"]["id"]) == ("Budi Contoh", "operator", PUPR)
    case_id = await office.case()
    await office.post("petugas-uji", f"cases/{case_id}/claim")

    change = {"unit": HEALTH, "role": "unit_officer", "edition": 1, "reason": "Pindah ke Dinas Kesehatan."}
    done = await office.post(MAIN, "officers/petugas-uji/change", change)
    assert (done["officer"]["unit"]["id"], done["officer"]["edition"]) == (HEALTH, 2)
    assert (await office.get("petugas-uji", f"cases/{case_id}", 403))["code"] == "other_unit"
    assert (await office.post(MAIN, "officers/petugas-uji/change", change, status=409))["fields"] == ["edition"]

    async with await signed_in(office.hub, "petugas-uji") as visitor:
        assert "Budi Contoh" in await visitor.get("/desk")
        gone = await office.post(ADMIN, "officers/petugas-uji/deactivate", {"reason": "Pindah tugas."})
        assert not gone["officer"]["active"]
        answer = await visitor.client.get("/desk")
        assert answer.headers["location"].startswith("/masuk")
        assert (await office.get("petugas-uji", "me", 401))["code"] == "unauthenticated"
        await office.post(ADMIN, "officers/petugas-uji/reactivate", {"reason": "Kembali."})
        assert (await visitor.client.get("/desk")).headers["location"].startswith("/masuk"), "what ended stays ended"
        assert (await office.get("petugas-uji", "me", 401))["code"] == "unauthenticated"

    shown = await office.get(AUDITOR, "officers/petugas-uji")
    assert [(one["edition"], one["active"], one["by"]["id"]) for one in shown["editions"]] == [
        (4, True, ADMIN), (3, False, ADMIN), (2, True, MAIN), (1, True, ADMIN),
    ]  # fmt: skip
    assert shown["editions"][2]["reason"] == "Pindah ke Dinas Kesehatan."
    await office.post(ADMIN, "officers/petugas-uji/deactivate", {"reason": "Uji selesai."})
    found = await office.get(AUDITOR, "officers", unit=HEALTH, active=False)
    assert [one["id"] for one in found["officers"]] == ["petugas-uji"]


async def test_what_may_not_be_done_is_told_and_changes_nobody(office: Office) -> None:
    for who in (UNIT, AUDITOR):
        told = await office.post(who, f"officers/{UNIT}/deactivate", {"reason": "Coba."}, status=403)
        assert told["code"] == "role_has_no_such_right"
    assert (await office.get(UNIT, "officers", 403))["code"] == "role_has_no_such_right"
    told = await office.post(MAIN, f"officers/{ADMIN}/deactivate", {"reason": "Coba."}, status=409)
    assert told["code"] == "last_of_role"
    told = await office.post(MAIN, f"officers/{MAIN}/deactivate", {"reason": "Coba."}, status=403)
    assert told["code"] == "own_rights"
    assert (await office.post(MAIN, f"officers/{UNIT}/deactivate", {"reason": " "}, status=422))["code"] == "invalid"
    assert (await office.get(MAIN, "officers/siapa", 404))["code"] == "no_such_officer"
    assert (await office.get(AUDITOR, f"officers/{UNIT}"))["editions"] == []


async def test_an_officer_is_added_and_changed_on_the_pages(office: Office) -> None:
    new, page = "/desk/pengelolaan/tambah-petugas", "/desk/pengelolaan/petugas/petugas-halaman"
    async with await signed_in(office.hub, ADMIN) as visitor:
        assert f'href="{new}"' in await visitor.get("/desk/pengelolaan")
        token = token_of(await visitor.get(new))
        words = {"id": "petugas-halaman", "name": "Citra Contoh", "role": "operator", "unit": PUPR}
        told = await visitor.post(new, token, **words, reason="")
        assert told.status_code == 422
        assert "Alasan" in told.text
        assert "Citra Contoh" in told.text, "what was typed stays"
        told = await visitor.post(new, token, **{**words, "id": "Petugas Halaman"}, reason="Baru.")
        assert told.status_code == 422
        made = await visitor.post(new, token, **words, reason="Baru.")
        assert (made.status_code, made.headers["location"]) == (303, f"{page}?tersimpan=ya")
        assert (await visitor.post(new, token, **words, reason="Baru.")).status_code == 409
        shown = await visitor.get(f"{page}?tersimpan=ya")
        assert "berlaku sekarang juga" in shown
        assert "corong invite petugas-halaman" in shown
        words = {"name": "Citra Lain", "role": "unit_officer", "unit": HEALTH, "edition": "1"}
        assert (await visitor.post(page, token, **words, reason="Pindah.")).status_code == 303
        late = await visitor.post(page, token, **{**words, "name": "Citra"}, reason="Lain.")
        assert late.status_code == 409
        assert "sudah diubah" in late.text
        assert (await visitor.post(f"{page}/keadaan", token, menjadi="nonaktif", reason="")).status_code == 422
        for nowhere in ({}, {"menjadi": "lain"}):
            assert (await visitor.post(f"{page}/keadaan", token, reason="x", **nowhere)).status_code == 422
        gone = await visitor.post(f"{page}/keadaan", token, menjadi="nonaktif", reason="Selesai.")
        assert gone.status_code == 303
        shown = await visitor.get(page)
        assert "Aktifkan lagi" in shown
        assert "Selesai." in shown
        last = await visitor.post(f"/desk/pengelolaan/petugas/{ADMIN}/keadaan", token, menjadi="nonaktif", reason="x")
        assert last.status_code == 403, "nobody shuts out themselves"
    found = await office.get(AUDITOR, "officers/petugas-halaman")
    assert (found["name"], found["active"], found["unit"]["id"]) == ("Citra Lain", False, HEALTH)
    async with await signed_in(office.hub, AUDITOR) as visitor:
        assert "<form class" not in await visitor.get(page)
