"""Officers and units are added, changed, shut out or closed: it holds at once for the API, sessions and commands."""

import pytest

from tests.hubs import until
from tests.services.desk.office import HEALTH, PUPR, Office
from tests.services.desk.visitor import PASSWORD, Visitor, signed_in, token_of

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
        assert (await visitor.post(f"{page}/tautan", token, reason="")).status_code == 422
        made = await visitor.post(f"{page}/tautan", token, reason="Hari pertama.")
        assert "/masuk/tautan?kunci=petugas-halaman." in made.text
        assert "kunci=" not in await visitor.get(page), "shown once"
        own = await visitor.post(f"/desk/pengelolaan/petugas/{ADMIN}/tautan", token, reason="Coba.")
        assert own.status_code == 403
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


async def test_a_unit_opens_changes_and_hands_over_to_its_successor(office: Office) -> None:
    new = {"id": "dinas-uji", "name": "Dinas Uji", "kind": "agency", "reason": "Perda 3/2026."}
    done = await office.post(ADMIN, "units", new, status=201, key="unit-uji")
    assert [fact["type"] for fact in done["events"]] == ["id.corong.unit.changed.v1"]
    assert (done["unit"]["edition"], done["unit"]["opening_days"]) == (1, ["mon", "tue", "wed", "thu", "fri"])
    assert (await office.post(ADMIN, "units", new, status=201, key="unit-uji"))["repeated"]
    body = {"id": "petugas-unit-uji", "name": "Eko Contoh", "role": "unit_officer", "unit": "dinas-uji", "reason": "."}
    await office.post(ADMIN, "officers", body, status=201)
    case_id = await office.case()
    await office.post(MAIN, f"cases/{case_id}/assign", {"unit": "dinas-uji", "instruction": "Mohon ditangani."})
    assert (await office.get("petugas-unit-uji", f"cases/{case_id}"))["unit"]["name"] == "Dinas Uji"

    change = {"name": "Dinas Uji Coba", "opening_days": ["sat", "mon"], "edition": 1, "reason": "Nama baru."}
    changed = await office.post(MAIN, "units/dinas-uji/change", change)
    assert (changed["unit"]["name"], changed["unit"]["opening_days"]) == ("Dinas Uji Coba", ["mon", "sat"])
    assert (await office.post(MAIN, "units/dinas-uji/change", change, status=409))["fields"] == ["edition"]
    assert (await office.get("petugas-unit-uji", "me"))["unit"]["name"] == "Dinas Uji Coba"

    # A topic taken from its owner is tried on the last month's messages.
    told = await office.post(ADMIN, "units/dinas-uji/try", {"topics": ["jalan"]}, status=422)
    assert told["code"] == "units_contradict"
    tried = await office.post(MAIN, f"units/{PUPR}/try", {"successor": HEALTH})
    assert tried["moves"] > 0
    assert {(one["old"]["unit"]["id"], one["new"]["unit"]["id"]) for one in tried["cases"]} == {(PUPR, HEALTH)}
    assert f"petugas-{PUPR}" in [one["id"] for one in tried["officers"]]
    assert (await office.get(AUDITOR, f"units/{PUPR}"))["successor"] is None, "trying changes nothing"
    assert (await office.post(ADMIN, f"units/{PUPR}/try", {"successor": HEALTH}))["cases"] is None

    tried = await office.post(ADMIN, "units/dinas-uji/try", {"successor": HEALTH})
    assert (sum(tried["open_cases"].values()), [one["id"] for one in tried["officers"]]) == (1, ["petugas-unit-uji"])
    closing = {"successor": HEALTH, "edition": 2, "reason": "Digabung."}
    for who in (UNIT, AUDITOR):
        assert (await office.post(who, "units/dinas-uji/close", closing, status=403))[
            "code"
        ] == "role_has_no_such_right"
    closed = await office.post(ADMIN, "units/dinas-uji/close", closing)
    assert closed["unit"]["successor"]["id"] == HEALTH
    assert (await office.get("petugas-unit-uji", "me"))["unit"]["id"] == HEALTH
    told = await office.post(
        MAIN, f"cases/{case_id}/assign", {"unit": "dinas-uji", "instruction": "Kembali."}, status=422
    )  # fmt: skip
    assert told["code"] == "unit_closed"

    async def arrived() -> bool:
        return bool((await office.get(MAIN, f"cases/{case_id}"))["unit"]["id"] == HEALTH)

    await until(arrived)
    shown = await office.get(AUDITOR, "units/dinas-uji")
    assert [(one["edition"], one["by"]["id"], one["reason"]) for one in shown["editions"]] == [
        (3, ADMIN, "Digabung."), (2, MAIN, "Nama baru."), (1, ADMIN, "Perda 3/2026."),
    ]  # fmt: skip
    assert [one["id"] for one in (await office.get(AUDITOR, "units", closed=True))["units"]] == ["dinas-uji"]
    await office.post(ADMIN, "officers/petugas-unit-uji/deactivate", {"reason": "Uji selesai."})


async def test_a_unit_is_looked_at_and_then_saved_on_the_pages(office: Office) -> None:
    new, page = "/desk/pengelolaan/tambah-unit", "/desk/pengelolaan/unit/dinas-halaman"
    async with await signed_in(office.hub, ADMIN) as visitor:
        assert 'href="/desk/pengelolaan/unit"' in await visitor.get("/desk/pengelolaan")
        assert f'href="{new}"' in await visitor.get("/desk/pengelolaan/unit")
        token = token_of(await visitor.get(new))
        words = {"id": "dinas-halaman", "name": "Dinas Halaman", "kind": "agency", "opening_days": "mon"}
        looked = await visitor.post(new, token, **words, topics="", places="", within="")
        assert looked.status_code == 200
        assert "Yang akan berubah" in looked.text
        assert "Dinas Halaman" in looked.text
        told = await visitor.post(new, token, **words, simpan="ya", reason="")
        assert told.status_code == 422
        assert "Alasan" in told.text
        made = await visitor.post(new, token, **words, simpan="ya", reason="Baru.")
        assert (made.status_code, made.headers["location"]) == (303, f"{page}?tersimpan=ya")
        assert (await visitor.post(new, token, **words, simpan="ya", reason="Baru.")).status_code == 409
        assert "berlaku sekarang juga" in await visitor.get(f"{page}?tersimpan=ya")
        words = {"hal": "ubah", "name": "Dinas Laman", "kind": "agency", "opening_days": "tue", "edition": "1"}
        saved = await visitor.post(page, token, **words, simpan="ya", reason="Nama.")
        assert saved.status_code == 303
        late = await visitor.post(page, token, **words, simpan="ya", reason="Nama.")
        assert late.status_code in (303, 409)
        assert (await visitor.post(page, token, **{**words, "hal": "lain"})).status_code == 422
        closing = {"hal": "tutup", "successor": "setda", "edition": "2"}
        looked = await visitor.post(page, token, **closing)
        assert "Perkara yang masih terbuka dan pindah" in looked.text
        assert (await visitor.post(page, token, **{**closing, "successor": ""})).status_code == 422
        assert (await visitor.post(page, token, **closing, simpan="ya", reason="Tutup.")).status_code == 303
        shown = await visitor.get(page)
        assert "Ditutup." in shown
        assert "<form class" not in shown, "it is never opened again"
    async with await signed_in(office.hub, AUDITOR) as visitor:
        assert "<form class" not in await visitor.get("/desk/pengelolaan/unit/setda")


async def test_who_lost_the_password_comes_in_by_a_link_of_somebody_else(office: Office) -> None:
    new = {"id": "petugas-lupa", "name": "Dina Contoh", "role": "operator", "unit": PUPR, "reason": "Petugas baru."}
    await office.post(ADMIN, "officers", new, status=201)
    asked, path = {"reason": "Lupa kata sandi.", "hours": 2}, "officers/petugas-lupa/invite"
    async with await signed_in(office.hub, "petugas-lupa") as before:
        made = await office.post(ADMIN, path, asked, status=201, key="tautan-1")
        again = await office.post(ADMIN, path, asked, status=409, key="tautan-1")
        assert again["code"] == "link_made_already", "shown once"
        other = await office.post(MAIN, path, asked, status=201)
        assert other["link"] != made["link"]
        address = made["link"].removeprefix(office.hub.hub.installation.public_url)
        async with Visitor(office.hub) as visitor:
            token = token_of(await visitor.get(address))
            words = {"kunci": address.partition("=")[2], "password": PASSWORD, "again": PASSWORD}
            came = await visitor.post("/masuk/tautan", token, **words)
            assert (came.status_code, came.headers["location"]) == (303, "/desk")
            await visitor.get(address, 410)
        assert (await before.client.get("/desk")).headers["location"].startswith("/masuk"), "other sessions end"
    await office.hub.settled()
    secrets = [one["link"].rpartition("=")[2].split(".") for one in (made, other)]
    events = await office.get(AUDITOR, "audit/log", type="officer.invited")
    assert [one["event"]["data"]["by"] for one in events["events"]][-2:] == [ADMIN, MAIN]
    assert not any(part in str(events) for link in secrets for part in link[3:]), "the log has no part that opens"
    for who, whom, status in ((MAIN, MAIN, 403), (UNIT, "petugas-lupa", 403), (ADMIN, "siapa", 404)):
        await office.post(who, f"officers/{whom}/invite", asked, status=status)
    for _ in range(3):
        await office.post(ADMIN, path, asked, status=201)
    assert (await office.post(ADMIN, path, asked, status=429))["code"] == "too_many_links"
    await office.post(ADMIN, "officers/petugas-lupa/deactivate", {"reason": "Uji selesai."})
    assert (await office.post(ADMIN, path, asked, status=409))["code"] == "officer_not_active"
