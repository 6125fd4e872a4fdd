"""The public form's fields and its hidden key, without a hub."""

import time

import pytest

from corong.intake.form_entry import MOST_FILES_BYTES, Entry
from corong.intake.form_key import LIFETIME, FormKeys
from corong.runtime.settings import Settings

KEYS = FormKeys(b"k" * 32)


def test_a_key_names_one_message_for_one_browser() -> None:
    browser = KEYS.browser(None)
    key = KEYS.make(browser)
    name = KEYS.native_id(key, browser)
    assert name is not None
    assert KEYS.native_id(key, browser) == name
    assert KEYS.native_id(KEYS.make(browser), browser) not in (None, name)
    assert KEYS.native_id(key, KEYS.browser(None)) is None
    assert FormKeys(b"x" * 32).native_id(key, browser) is None


@pytest.mark.parametrize("given", [None, "", "short", "x" * 23, "ä" * 22, "a b" * 7 + "a"])
def test_a_browser_without_a_cookie_of_ours_gets_one(given: str | None) -> None:
    made = KEYS.browser(given)
    assert made != given
    assert KEYS.browser(made) == made


def test_an_old_key_is_no_longer_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    browser = KEYS.browser(None)
    key = KEYS.make(browser)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME - 2)
    assert KEYS.native_id(key, browser)
    monkeypatch.setattr(time, "time", lambda: now + LIFETIME + 2)
    assert KEYS.native_id(key, browser) is None


def test_a_key_with_another_time_or_name_is_no_key() -> None:
    browser = KEYS.browser(None)
    when, name, signature = KEYS.make(browser).split(".")
    later = f"{int(when, 16) + 1:x}"
    for changed in (f"{later}.{name}.{signature}", f"{when}.{name}x.{signature}", f"{when}.{name}", "zz.a.b", "é.é.é"):
        assert KEYS.native_id(changed, browser) is None


def test_one_person_by_whatever_way_they_write_their_number() -> None:
    written = ("0812 3456 7890", "0812-3456-7890", "(0812) 3456.7890")
    assert {Entry(contact=contact).address for contact in written} == {"081234567890"}
    assert Entry(contact="Nama@Contoh.ID").address == "nama@contoh.id"
    assert Entry().address == ""


def test_the_door_takes_more_than_the_form_allows() -> None:
    """Else what the form explains field by field would be refused before it is read."""
    assert Settings.model_fields["max_body_bytes"].default > MOST_FILES_BYTES + 2_000_000
