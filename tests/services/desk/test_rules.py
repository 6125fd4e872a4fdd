"""Rules of routing over the API: tried on what citizens wrote, changed, and who sees what of it."""

import pytest

from tests.services.desk.office import PUPR, Office
from tests.services.desk.visitor import signed_in, token_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

MAIN, ADMIN, UNIT, AUDITOR = "ppid-utama", "admin-hub", f"petugas-{PUPR}", "auditor-inspektorat"
MORE = """
[[rule]]
id = "komodo"
weight = 300
when = { words = ["komodo"] }
then = { unit = "dinas-kesehatan" }
"""


async def test_rules_are_tried_then_changed_and_new_cases_go_by_them(office: Office) -> None:
    moved = await office.write("Ada komodo di jalan yang rusak", "warga-aturan")
    before = await office.get(AUDITOR, "rules")
    content = before["content"].replace("\n[[rule]]\n", f"{MORE}\n[[rule]]\n", 1)
    whole = await office.post(MAIN, "rules/try", {"content": content})
    (case,) = whole["cases"]
    assert (case["registration"], case["moves"]) == (moved["registration"], True)
    assert (case["old"]["unit"]["id"], case["new"]["unit"]["id"]) == (PUPR, "dinas-kesehatan")
    assert "komodo" in case["new"]["why"][0]
    assert whole["tried"] + whole["unreadable"] == whole["of"] > 0
    assert {one["unit"]["id"]: (one["gains"], one["loses"]) for one in whole["units"]} == {
        PUPR: (0, 1),
        "dinas-kesehatan": (1, 0),
    }
    pages, cursor, tried = 0, None, 0
    while pages == 0 or cursor:
        path = "rules/try?limit=1" + (f"&cursor={cursor}" if cursor else "")
        page = await office.post(MAIN, path, {"content": content})
        pages, cursor, tried = pages + 1, page["next"], tried + page["tried"]
    assert (pages, tried) == (whole["of"], whole["tried"])
    blind = await office.post(ADMIN, "rules/try", {"content": content})
    assert (blind["moves"], blind["cases"]) == (1, None), "who may not read cases gets counts alone"
    assert (await office.get(AUDITOR, "rules"))["edition"] == before["edition"]

    body = {"content": content, "edition": before["edition"], "reason": "Komodo ke Dinas Kesehatan."}
    done = await office.post(ADMIN, "rules", body, key="aturan-1")
    assert [fact["type"] for fact in done["events"]] == ["id.corong.rules.changed.v1"]
    again = await office.post(ADMIN, "rules", body, key="aturan-1")
    assert (again["repeated"], again["edition"]) == (True, done["edition"])
    other = await office.post(MAIN, "rules", {**body, "content": before["content"]}, status=409)
    assert other["code"] == "rules_changed_meanwhile"
    case_id = await office.case("Ada komodo di jalan yang rusak", "warga-aturan-2")
    assert (await office.get(MAIN, f"cases/{case_id}"))["unit"]["id"] == "dinas-kesehatan"
    back = {"content": before["content"], "edition": done["edition"], "reason": "Kembali seperti semula."}
    await office.post(MAIN, "rules", back)
    shown = await office.get(AUDITOR, "rules")
    assert (shown["content"], shown["officer"]["id"], shown["reason"]) == (before["content"], MAIN, back["reason"])
    assert (await office.get(AUDITOR, "rules", edition=done["edition"]))["content"] == content


async def test_what_is_wrong_is_told_and_who_may_not_changes_nothing(office: Office) -> None:
    found = await office.get(ADMIN, "rules")
    wrong = found["content"].replace("\n[[rule]]\n", MORE.replace("dinas-kesehatan", "dinas-sihir") + "\n[[rule]]\n", 1)
    told = await office.post(ADMIN, "rules/try", {"content": wrong}, status=422)
    assert "there is no unit 'dinas-sihir'" in told["detail"]
    for who in (UNIT, AUDITOR):
        told = await office.post(who, "rules/try", {"content": found["content"]}, status=403)
        assert told["code"] == "role_has_no_such_right"
    body = {"content": found["content"], "edition": found["edition"], "reason": " "}
    assert (await office.post(ADMIN, "rules", body, status=422))["code"] == "invalid"
    assert (await office.get(UNIT, "rules", 403))["code"] == "role_has_no_such_right"


async def test_the_page_tries_then_saves_and_tells_who_was_quicker(office: Office) -> None:
    page = "/desk/pengelolaan/aturan"
    found = await office.get(ADMIN, "rules")
    content, edition = found["content"], str(found["edition"])
    changed = content.replace("\n[[rule]]\n", f"{MORE}\n[[rule]]\n", 1)
    await office.write("Ada komodo di jalan yang rusak", "warga-halaman")
    async with await signed_in(office.hub, MAIN) as visitor:
        assert f'href="{page}"' in await visitor.get("/desk/pengelolaan")
        shown = await visitor.get(page)
        assert 'name="simpan"' not in shown, "first tried, then saved"
        token = token_of(shown)
        tried = (await visitor.post(page, token, isi=changed.replace("\n", "\r\n"), edisi=edition)).text
        assert "Yang akan pindah" in tried
        assert "komodo" in tried
        assert 'name="simpan"' in tried
        assert (await office.get(ADMIN, "rules"))["edition"] == int(edition)
        none = await visitor.post(page, token, isi=changed, edisi=edition, simpan="ya")
        assert none.status_code == 422
        saved = await visitor.post(page, token, isi=changed, edisi=edition, simpan="ya", alasan="Komodo.")
        assert saved.status_code == 303
        late = await visitor.post(page, token, isi=content, edisi=edition, simpan="ya", alasan="Lain.")
        assert late.status_code == 409
        assert "Aturan sudah diubah" in late.text
        now = str((await office.get(ADMIN, "rules"))["edition"])
        back = await visitor.post(page, token, isi=content, edisi=now, simpan="ya", alasan="Kembali.")
        assert back.status_code == 303
    async with await signed_in(office.hub, AUDITOR) as visitor:
        assert "readonly" in await visitor.get(page)
