"""Each channel has a page in docs/channels, and the page has the settings that the code has."""

import re

import pytest
from pydantic import BaseModel

from corong.channels.email.settings import EmailSettings
from corong.channels.mastodon.settings import MastodonSettings
from corong.runtime.channel_registry import installed
from tests.programs import ROOT

PAGES = ROOT / "docs" / "channels"


def table(page: str, first: str) -> dict[str, str]:
    """Of the table whose first column is headed `first`: name → second column."""
    found: dict[str, str] = {}
    inside = False
    for line in (PAGES / f"{page}.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            inside = False
        elif cells[0] == first:
            inside = True
        elif inside and (name := re.fullmatch(r"`(\w+)`", cells[0])):
            found[name[1]] = cells[1].strip("`")
    return found


def test_every_channel_has_a_page_and_every_page_a_channel() -> None:
    pages = {page.stem for page in PAGES.glob("*.md")} - {"README"}
    assert pages == set(installed())
    index = (PAGES / "README.md").read_text()
    assert set(re.findall(r"\]\((\w+)\.md\)", index)) == pages


@pytest.mark.parametrize(("page", "model"), [("email", EmailSettings), ("mastodon", MastodonSettings)])
def test_settings_are_those_of_the_code(page: str, model: type[BaseModel]) -> None:
    told = table(page, "setting")
    assert set(told) == set(model.model_fields)
    for name, field in model.model_fields.items():
        if field.is_required():
            assert told[name] == ""
        elif isinstance(field.default, int | float) and field.default:
            assert float(told[name]) == field.default


@pytest.mark.parametrize("page", sorted(page.stem for page in PAGES.glob("*.md")))
def test_every_file_that_a_page_names_is_there(page: str) -> None:
    text = (PAGES / f"{page}.md").read_text()
    named = set(re.findall(r"`((?:tests|services|contracts)/[\w./]+)`", text))
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
    assert page == "README" or named
