"""The audit pages: the log narrowed and paged, an event with its proof, findings, replay, export."""

import io
import re
import zipfile
from datetime import UTC, datetime

import httpx
import pytest

from corong.auditing.standalone import corong_verify as verifier
from corong.runtime import replay_result
from corong.runtime.replay_result import ReplayResult, ServiceReplayed
from tests.services.desk.office import PUPR, Office
from tests.services.desk.visitor import signed_in, token_of
from tests.services.portal.citizen import text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")

AUDITOR, UNIT = "auditor-inspektorat", f"petugas-{PUPR}"


def entries(page: str) -> list[int]:
    """The positions of a page's events."""
    return [int(number) for number in re.findall(r"/desk/audit/peristiwa/(\d+)\"", page)]


async def test_the_log_newest_first_and_narrowed(office: Office) -> None:
    receipt = await office.write(sender="warga-audit")
    await office.post(UNIT, f"cases/{receipt['case_id']}/claim")
    await office.hub.settled()
    async with await signed_in(office.hub, AUDITOR) as visitor:
        page = await visitor.get("/desk/audit")
        assert entries(page) == sorted(entries(page), reverse=True)
        of_case = await visitor.get(f"/desk/audit?perkara={receipt['registration']}")
        assert len(entries(of_case)) >= 5
        assert re.findall(r"Tenggat mulai berjalan: (\S+)", text_of(of_case)), "which clock, by its name"
        assert not re.search(r"Tenggat mulai berjalan: \w+_\w+", text_of(of_case))
        claimed = await visitor.get(f"/desk/audit?perkara={receipt['case_id']}&jenis=case.claimed.v1")
        assert len(entries(claimed)) == 1
        assert "case.claimed.v1 Diambil" in " ".join(text_of(claimed).split()), "the type, and what it means"
        assert set(entries(claimed)) < set(entries(of_case))
        by = await visitor.get(f"/desk/audit?pelaku=officer:{UNIT}&jenis=case.claimed.v1")
        assert entries(claimed)[0] in entries(by)
        assert entries(await visitor.get("/desk/audit?sampai=2020-01-01")) == []
        assert entries(await visitor.get("/desk/audit?dari=2020-01-01")) == entries(page)
        assert "Perkara itu tidak ada." in await visitor.get("/desk/audit?perkara=UM/2020/1")
        strange = "/desk/audit?jenis=x&pelaku=%00&dari=2026-02-31&sampai=x&lanjut=-1&perkara="
        assert entries(await visitor.get(strange)) == entries(page), "what can't be is as not asked"
        whole, path = [], "/desk/audit?dari=2020-01-01"
        while path:
            shown = await visitor.get(path)
            whole += entries(shown)
            following = re.search(r'href="([^"]+)" rel="next"', shown)
            path = following[1].replace("&amp;", "&") if following else ""
        assert whole == list(range(whole[0], -1, -1))


async def test_an_event_and_the_proof_that_it_stands_there(office: Office) -> None:
    receipt = await office.write("Isi yang RAHASIA-77.", sender="warga-bukti")
    await office.hub.settled()
    keys = [verifier.Key.parse(str(office.hub.service("auditing").tree.key.verifier))]
    async with await signed_in(office.hub, AUDITOR) as visitor:
        found = await visitor.get(f"/desk/audit?perkara={receipt['case_id']}&jenis=message.received.v1")
        address = f"/desk/audit/peristiwa/{entries(found)[0]}"
        page = await visitor.get(address)
        assert "RAHASIA-77" not in page
        assert "content" in text_of(page).split("halaman perkaranya:")[1][:200]
        assert "/desk/perkara/" not in page, "an auditor reads no cases"
        proof = await visitor.client.get(f"{address}/bukti")
        exact = await visitor.client.get(f"{address}/isi")
        assert proof.headers["content-disposition"].endswith('.tlog-proof"')
        verifier.verify_proof(proof.content, exact.content, keys, 0)
        with pytest.raises(verifier.Trouble):
            verifier.verify_proof(proof.content, exact.content.replace(b"citizen", b"citizem"), keys, 0)
        for strange in ("x", "9" * 15, "9" * 90, "-1"):
            await visitor.get(f"/desk/audit/peristiwa/{strange}", 404)
    async with await signed_in(office.hub, "ppid-utama") as visitor:
        assert f"/desk/perkara/{receipt['case_id']}" in await visitor.get(address)
    async with await signed_in(office.hub, UNIT) as visitor:
        await visitor.get(address, 403)
        await visitor.get(f"{address}/bukti", 403)


async def test_the_signed_head_and_the_last_replay(office: Office) -> None:
    await office.hub.settled()
    auditing = office.hub.service("auditing")
    async with await signed_in(office.hub, AUDITOR, "en") as visitor:
        page = await visitor.get("/desk/audit/log")
        assert auditing.origin in page
        assert "No checkpoint has been witnessed yet." in text_of(page)
        assert "corong audit replay" in await visitor.get("/desk/audit/keadaan")
        services = [
            ServiceReplayed(service="desk", hash="sha256-1", equal=["live"], differs=[], not_compared=[], faults=0),
            ServiceReplayed(service="intake", hash="sha256-2", equal=[], differs=["live"], not_compared=[], faults=0),
        ]
        result = ReplayResult(
            at=datetime(2026, 11, 1, tzinfo=UTC), by="inspektur", log={}, entries=7, services=services
        )
        data = office.hub.service("desk").settings.data
        replay_result.keep(data, result)
        try:
            told = text_of(await visitor.get("/desk/audit/keadaan"))
            assert re.search(r"by inspektur: 7 entries", told)
            assert re.search(r"desk\s+equal\s+sha256-1\s+intake\s+different\s+sha256-2", told)
        finally:
            (data / replay_result.FILE).unlink()
        visitor.client.timeout = httpx.Timeout(120)
        answer = await visitor.send("/desk/audit/keadaan", "/desk/audit/keadaan")
        assert answer.status_code == 303
        await office.hub.settled()
        assert "sha256-" in await visitor.get(answer.headers["location"])


async def test_an_export_from_the_page(office: Office) -> None:
    receipt = await office.write(sender="warga-ekspor")
    await office.hub.settled()
    async with await signed_in(office.hub, AUDITOR) as visitor:
        page = await visitor.get(f"/desk/audit/ekspor?perkara={receipt['registration']}")
        assert receipt["registration"] in page
        assert 'name="buka"' not in page, "who may not read cases opens no words"
        token = token_of(page)
        given = {"alasan": "Pemeriksaan", "perkara": receipt["registration"]}
        answer = await visitor.post("/desk/audit/ekspor", token, **given)
        assert answer.headers["content-type"] == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            assert {"events.ndjson", "events.csv", "events.xlsx", "record.tlog-proof"} <= set(archive.namelist())
            assert receipt["case_id"] in archive.read("events.ndjson").decode()
        for wrong in (
            {"alasan": ""}, {"pelaku": "siapa saja"}, {"dari": "2026-02-31"}, {"dari": "0001-01-01"},
            {"sampai": "9999-12-31"}, {"perkara": "UM/2020/1"}, {"buka": "ya"},
        ):  # fmt: skip
            refused = await visitor.post("/desk/audit/ekspor", token, **{**given, **wrong})
            assert refused.status_code in (403, 404, 422), wrong
            assert "text/html" in refused.headers["content-type"]
        assert (await visitor.post("/desk/audit/ekspor", "bukan", **given)).status_code == 403
