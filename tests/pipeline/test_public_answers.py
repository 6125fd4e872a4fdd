"""An answer for everybody, from the officer's word to the citizen who need not write any more."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.hubs import RunningHub, running_hub
from tests.services.portal.citizen import WORDS, Citizen, answer_case, hidden_key, text_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUESTION = "Kapan jalan rusak di depan pasar Kisaran diperbaiki?"
ANSWER = "Lubang ditambal paling lambat sepekan setelah petugas meninjau lokasi."
OFFICE = f"{ANSWER} Kantor: 0623 412345."


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def hub(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningHub]:
    async with running_hub(tmp_path_factory.mktemp("answers")) as running:
        yield running


async def asked(citizen: Citizen, **words: str) -> str:
    """The page that comes after the question was written."""
    data = {**WORDS, "step": "text", "key": await citizen.key(), **words}
    page = await citizen.client.post("/tulis", data=data)
    assert page.status_code == 200
    return page.text


async def test_an_answer_is_published_found_shown_before_writing_and_withdrawn(hub: RunningHub) -> None:
    async with Citizen(hub) as citizen, hub.client("officer", "ppid-utama") as officer:
        number, _ = await citizen.receipt()
        assert "Sudah terjawab?" not in await asked(citizen)
        await answer_case(hub, number, "Yth. Ibu Contoh, pekan depan kami perbaiki.")
        act = f"/api/v1/cases/{number.replace('/', '-')}"

        refused = await officer.post(f"{act}/publish-answer", json={"question": QUESTION, "answer": OFFICE})
        assert (refused.status_code, refused.json()["code"]) == (422, "looks_personal")
        body = {"question": QUESTION, "answer": OFFICE, "contacts_public": True}
        done = await officer.post(f"{act}/publish-answer", json=body)
        assert done.status_code == 200, done.text
        assert [event["type"] for event in done.json()["events"]] == ["id.corong.answer.published.v1"]
        await hub.settled()

        found = (await citizen.client.get("/jawaban.json", params={"cari": "memperbaiki jalanan"})).json()
        assert (found["count"], found["more"]) == (1, False)
        one = found["answers"][0]
        assert (one["question"], one["answer"]) == (QUESTION, OFFICE)
        page = text_of((await citizen.client.get(one["address"])).text)
        assert QUESTION in page
        assert number not in page
        assert (await citizen.client.get("/jawaban/apa-saja")).status_code == 404

        shown = await asked(citizen)
        assert "Sudah terjawab?" in text_of(shown)
        assert QUESTION in shown
        data = {**WORDS, "step": "answered", "key": hidden_key(shown)}
        assert 'id="contact"' in (await citizen.client.post("/tulis", data=data)).text
        back = await citizen.client.post("/tulis", data={**data, "go": "text"})
        assert WORDS["text"] in back.text
        assert 'name="text"' in back.text

        await officer.post(f"{act}/withdraw-answer", json={"because": "outdated"})
        await hub.settled()
        assert (await citizen.client.get(one["address"])).status_code == 404
        assert (await citizen.client.get("/jawaban.json")).json()["count"] == 0
        assert "Sudah terjawab?" not in await asked(citizen)
