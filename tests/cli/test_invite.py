"""`corong invite` prints a link that lets its officer in, once."""

import re

import httpx

from tests.processes import HubProcess

PASSWORD = "kuda lumping naik becak"


def test_the_link_lets_its_officer_in(hub: HubProcess) -> None:
    assert "corong officers" in hub.corong("invite", "petugas-antah-berantah", code=None, err=True)
    link = hub.corong("invite", "petugas-dinas-kesehatan", "--hours", "1").strip()
    assert link.startswith(f"{hub.url}/masuk/tautan?kunci=petugas-dinas-kesehatan.")
    with httpx.Client(headers={"Accept": "text/html"}) as browser:
        page = browser.get(link).text
        token = re.search(r'name="token" value="([^"]+)"', page)
        assert token
        words = {"token": token[1], "kunci": link.partition("kunci=")[2], "password": PASSWORD, "again": PASSWORD}
        assert browser.post(f"{hub.url}/masuk/tautan", data=words).headers["location"] == "/desk"
        assert "Dinas Kesehatan" in browser.get(f"{hub.url}/desk").text
        assert browser.get(link).status_code == 410
