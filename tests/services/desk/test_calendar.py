"""The calendar over the API and on its page: a decree is looked at, entered, and stands there with who entered it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from corong.desk.calendar_api import NewDecree
from corong.desk.pages.calendar_page import BadLine, dated
from tests.services.desk.office import PUPR, Office
from tests.services.desk.visitor import signed_in, token_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

MAIN, ADMIN, UNIT, AUDITOR = "ppid-utama", "admin-hub", f"petugas-{PUPR}", "auditor-inspektorat"
# In a year far from the deadlines of the other tests.
DECREE = {
    "number": "SK Uji 1/2029", "title": "Hari Uji", "in_force": "2029-01-02", "source": "uji",
    "added": [{"date": "2029-03-14", "kind": "local_holiday", "name": "Hari Uji", "reason": "uji"}],
}  # fmt: skip


async def test_a_decree_is_looked_at_then_entered(office: Office) -> None:
    tried = await office.post(MAIN, "calendar/decrees/try", DECREE)
    assert [(one["date"], one["new"]["name"]) for one in tried["changes"]] == [("2029-03-14", "Hari Uji")]
    assert (tried["moves"], tried["deadlines"]) == (0, [])
    assert (await office.post(ADMIN, "calendar/decrees/try", DECREE))["deadlines"] is None
    before = await office.get(AUDITOR, "calendar", year=2029)
    assert "Hari Uji" not in [one["name"] for one in before["days"]]
    done = await office.post(ADMIN, "calendar/decrees", DECREE, status=201, key="keputusan-1")
    assert [fact["type"] for fact in done["events"]] == ["id.corong.decree.entered.v1"]
    assert (await office.post(ADMIN, "calendar/decrees", DECREE, status=201, key="keputusan-1"))["repeated"]
    after = await office.get(AUDITOR, "calendar", year=2029)
    assert "Hari Uji" in [one["name"] for one in after["days"]]
    assert len(after["versions"]) == len(before["versions"]) + 1
    entered = next(one for one in after["decrees"] if one["number"] == DECREE["number"])
    assert (entered["origin"], entered["officer"]["id"]) == ("log", ADMIN)
    assert (await office.post(MAIN, "calendar/decrees", DECREE, status=409))["code"] == "decree_exists"
    for who in (UNIT, AUDITOR):
        told = await office.post(who, "calendar/decrees", DECREE, status=403)
        assert told["code"] == "role_has_no_such_right"
    assert (await office.get(UNIT, "calendar", 403))["code"] == "role_has_no_such_right"


async def test_what_stands_around_its_words_is_no_part_of_a_decree() -> None:
    padded = {
        **DECREE, "number": f" {DECREE['number']} ",
        "added": [{"date": "2029-03-14", "kind": "local_holiday", "name": "Hari Uji\n", "reason": "\tuji"}],
    }  # fmt: skip
    assert NewDecree.model_validate(padded).content() == NewDecree.model_validate(DECREE).content()


async def test_the_page_shows_what_a_decree_does_before_it_is_saved(office: Office) -> None:
    page = "/desk/pengelolaan/kalender"
    words = {
        "number": "SK Uji 2/2029", "title": "Hari Uji Kedua", "in_force": "2029-01-03", "source": "uji",
        "kind": "local_holiday", "taken_away": "",
    }  # fmt: skip
    async with await signed_in(office.hub, ADMIN) as visitor:
        assert f'href="{page}"' in await visitor.get("/desk/pengelolaan")
        shown = await visitor.get(page)
        assert 'name="simpan"' not in shown, "first looked at, then saved"
        token = token_of(shown)
        wrong = await visitor.post(page, token, **words, added="besok libur")
        assert wrong.status_code == 422
        assert "besok libur" in wrong.text
        assert (await visitor.post(page, token, **words, added="")).status_code == 422
        tried = await visitor.post(page, token, **words, added="15-3-2029 Hari Uji Kedua")
        assert tried.status_code == 200
        assert "Kamis, 15 Maret 2029: Hari Uji Kedua" in tried.text
        assert 'name="simpan"' in tried.text
        saved = await visitor.post(page, token, **words, added="15-3-2029 Hari Uji Kedua", simpan="ya")
        assert (saved.status_code, saved.headers["location"]) == (303, f"{page}?tersimpan=ya")
        shown = await visitor.get(f"{page}?tahun=2029")
        assert "Hari Uji Kedua" in shown
        assert "SK Uji 2/2029" in shown
    async with await signed_in(office.hub, AUDITOR) as visitor:
        assert "Masukkan keputusan" not in await visitor.get(page)


async def test_dates_are_read_as_people_write_them() -> None:
    for line in ("2026-12-03 Hari Jadi", "3-12-2026 Hari Jadi", "03/12/2026  Hari Jadi", "3.12.2026 Hari Jadi"):
        assert dated(line) == (date(2026, 12, 3), "Hari Jadi")
    for line in ("Hari Jadi", "31-2-2026 Hari Jadi", "3-12-2026"):
        with pytest.raises(BadLine):
            dated(line)


async def test_a_target_is_looked_at_then_set_by_the_api_and_taken_away_on_the_page(office: Office) -> None:
    page = "/desk/pengelolaan/sasaran"
    listed = (await office.get(AUDITOR, "targets"))["clocks"]
    rule = next(one["rule"] for one in listed if one["amount"] > 5 and one["target"] is None)
    tried = await office.post(MAIN, "targets/try", {"rule": rule, "amount": 3})
    assert (tried["before"], tried["target"]) == (None, 3)
    lax = await office.post(MAIN, "targets/try", {"rule": rule, "amount": 1000}, status=422)
    assert lax["code"] == "laxer_than_law"
    body = {"rule": rule, "amount": 3, "before": None, "reason": "Uji."}
    done = await office.post(ADMIN, "targets", body, key="sasaran-1")
    assert [fact["type"] for fact in done["events"]] == ["id.corong.target.set.v1"]
    assert (await office.post(MAIN, "targets", body, status=409))["code"] == "target_changed_meanwhile"
    shown = next(one for one in (await office.get(AUDITOR, "targets"))["clocks"] if one["rule"] == rule)
    assert (shown["target"], shown["officer"]["id"], shown["reason"]) == (3, ADMIN, "Uji.")
    assert (await office.post(UNIT, "targets", body, status=403))["code"] == "role_has_no_such_right"
    async with await signed_in(office.hub, ADMIN) as visitor:
        token = token_of(await visitor.get(page))
        assert (await visitor.post(page, token, rule="", amount="")).status_code == 422
        seen = await visitor.post(page, token, rule=rule, amount="")
        assert 'name="simpan"' in seen.text
        assert 'name="before" value="3"' in seen.text
        words = {"rule": rule, "amount": "", "before": "3", "simpan": "ya"}
        assert (await visitor.post(page, token, **words, reason="")).status_code == 422
        assert (await visitor.post(page, token, **words, reason="Selesai.")).status_code == 303
    shown = next(one for one in (await office.get(AUDITOR, "targets"))["clocks"] if one["rule"] == rule)
    assert (shown["target"], shown["reason"]) == (None, "Selesai.")


async def test_a_breach_is_recorded_by_the_api_and_met_on_the_page(office: Office) -> None:
    page = "/desk/kewajiban"
    known = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    done = await office.post(ADMIN, "obligations", {"known_at": known, "subject": "Laptop uji hilang."}, status=201)
    assert [fact["type"] for fact in done["events"]] == ["id.corong.obligation.began.v1"] * 2
    persons, agency = done["obligations"]
    listed = (await office.get(AUDITOR, "obligations"))["obligations"]
    assert {persons, agency} <= {one["obligation_id"] for one in listed}
    told = await office.post(UNIT, "obligations", {"known_at": known, "subject": "x"}, status=403)
    assert told["code"] == "role_has_no_such_right"
    ended = await office.post(ADMIN, f"obligations/{agency}/end", {"reason": "Uji."})
    assert ended["obligations"] == [agency]
    async with await signed_in(office.hub, MAIN) as visitor:
        shown = await visitor.get(page)
        assert "Laptop uji hilang." in shown
        token = token_of(shown)
        wrong = await visitor.post(page, token, day="2999-01-01", hour="08:00", subject="Besok.")
        assert wrong.status_code == 422
        assert "belum tiba" in wrong.text
        assert (await visitor.post(page, token, day="", hour="08:00", subject="")).status_code == 422
        assert "jam" in await visitor.get(f"{page}/{persons}")
        now = datetime.now(ZoneInfo("Asia/Jakarta"))
        words = {"day": now.date().isoformat(), "hour": now.strftime("%H:%M")}
        assert (await visitor.post(f"{page}/{persons}", token, **words, how="")).status_code == 422
        assert (await visitor.post(f"{page}/{persons}", token, **words, how="Surat uji 1.")).status_code == 303
        again = await visitor.post(f"{page}/{persons}", token, **words, how="Surat uji 2.")
        assert again.status_code == 409
        assert (await visitor.post(f"{page}/{agency}/keliru", token, reason="Lagi.")).status_code == 409
    one = await office.get(MAIN, f"obligations/{persons}")
    assert (one["state"], one["in_time"], one["words"]) == ("met", True, "Surat uji 1.")
    assert (one["counts_the_same"], one["done_by"]["id"]) == (True, MAIN)
