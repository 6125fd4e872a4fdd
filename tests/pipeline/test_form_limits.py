"""How many messages the form takes from one address: any number with the browser's work, some without it."""

import re
from pathlib import Path

import pytest

from tests.hubs import running_hub
from tests.services.intake.test_proof_of_work import found
from tests.services.portal.citizen import WORDS, Citizen, hidden_key, receipt_of


async def worked(citizen: Citizen) -> dict[str, str]:
    """A key, and the number that the form asks for with it."""
    page = (await citizen.client.post("/tulis", data={"step": "check", "go": "check", "kind": "complaint"})).text
    key = hidden_key(page)
    challenge = re.search(r'data-work="([0-9a-f]{64})"', page)
    assert challenge, "the check page sets no work"
    return {"key": key, "work": found(key, challenge.group(1))}


async def test_without_work_an_address_has_a_lane_and_with_it_none_is_needed(tmp_path: Path) -> None:
    async with running_hub(tmp_path, form_unproved=2) as hub, Citizen(hub) as citizen, Citizen(hub) as neighbour:
        key = await citizen.key()
        first = receipt_of((await citizen.send(key)).text)
        assert receipt_of((await citizen.send(key)).text) == first  # a repeat is not counted
        await citizen.receipt()
        stopped = await neighbour.send(text="Isi yang tidak boleh hilang.")
        assert stopped.status_code == 429
        assert "Isi yang tidak boleh hilang." in stopped.text
        assert "dari jaringan Anda" in stopped.text
        for _ in range(3):
            assert (await neighbour.send(**await worked(neighbour))).status_code == 201
        stolen = await worked(neighbour)
        assert (await neighbour.send(work=stolen["work"])).status_code == 429  # for another key
        # The page that says so offers the work, for the key of the message that was not taken.
        key = hidden_key(stopped.text)
        challenge = re.findall(r'data-work="([0-9a-f]{64})"', stopped.text)[0]
        taken = await neighbour.send(key, text="Isi yang tidak boleh hilang.", work=found(key, challenge))
        assert taken.status_code == 201
        assert WORDS["text"] not in taken.text


@pytest.mark.parametrize("demo", [True])
async def test_a_training_hub_has_no_lane(tmp_path: Path, demo: bool) -> None:
    async with running_hub(tmp_path, form_unproved=0, demo=demo) as hub, Citizen(hub) as citizen:
        assert (await citizen.send()).status_code == 201
