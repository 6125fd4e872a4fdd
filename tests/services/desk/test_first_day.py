"""What a new officer reads on the first day: plain words, and the page that the role works on."""

import re

import pytest

from tests.services.desk.office import Office
from tests.services.desk.visitor import signed_in
from tests.services.portal.citizen import Citizen, text_of

pytestmark = pytest.mark.asyncio(loop_scope="package")


async def test_a_case_without_a_contact_in_plain_words(office: Office) -> None:
    async with Citizen(office.hub) as citizen:
        number, _secret = await citizen.receipt(text="Jalan berlubang di depan pasar, mohon diperbaiki.", subject="")
    await office.hub.settled()
    async with await signed_in(office.hub, "ppid-utama") as visitor:
        page = await visitor.get(f"/desk/perkara/{number.replace('/', '-')}")
    text = text_of(page)
    assert "tanpa nama" in text
    assert "anonim-" not in page
    assert "formulir web" in text
    assert "jenisnya dipilih sendiri oleh pengirim" in text
    assert "kind_declared" not in page
    days = re.findall(r'<summary>[^<]+<time datetime="([^"]+)"', page)
    assert len(days) > 1
    assert days == sorted(days), "the deadline that comes first stands first"


@pytest.mark.parametrize(("officer", "first"), [("auditor-inspektorat", "/desk/audit"), ("admin-hub", "/desk/akun")])
async def test_who_has_no_queue_begins_where_the_role_works(office: Office, officer: str, first: str) -> None:
    async with await signed_in(office.hub, officer) as visitor:
        answer = await visitor.client.get("/desk")
    assert answer.status_code == 303
    assert answer.headers["location"] == first
