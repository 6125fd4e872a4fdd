"""Every help page and every usage error speaks one language."""

import re

import pytest

from corong.cli.help_words import wrong_usage
from corong.cli.words import language
from tests.cli.tree import commands, pages
from tests.processes import corong

ENGLISH_WORDS = re.compile(
    r"\b(Usage|Options|Commands|Arguments|OPTIONS|COMMAND|ARGS|default|required|env var|Show this message|dynamic|"
    r"str|int|bool|path|range|CASE|TEXT|TIME|SERVICE|DIR|KEY|the|of|and|with|this|that|for|not|from|Error|Missing)\b"
)
INDONESIAN_WORDS = re.compile(
    r"\b(Pemakaian|Opsi|Perintah|Argumen|OPSI|PERINTAH|ARGUMEN|bawaan|wajib|variabel|Tampilkan|teks|angka|berkas|PERKARA|"
    r"TEKS|WAKTU|LAYANAN|KUNCI|VERSI|ZONA|yang|dan|dengan|ini|itu|untuk|tidak|dari|Galat|Paling|Hanya)\b"
)
ALSO_INDONESIAN = re.compile(r"Contoh: .*|Example: .*|`[^`]*`|<[^>]*\|[^>]*>|--[a-z-]+|\S*/\S*|\"[^\"]*\"")
"""Examples, commands, choices and paths are the same in both."""


def _prose(page: str) -> str:
    text = " ".join(re.sub(r"[│╭╮╰╯─]", " ", page).split())
    text = re.sub(r"(Contoh|Example): .*", "", text).replace("as-of", "").replace("not-held", "")
    return ALSO_INDONESIAN.sub(" ", text)


@pytest.mark.parametrize(
    ("tongue", "foreign"), [("id", ENGLISH_WORDS), ("en", INDONESIAN_WORDS)], ids=["indonesian", "english"]
)
def test_a_help_page_has_no_word_of_the_other_language(tongue: str, foreign: re.Pattern[str]) -> None:
    shown = pages(tongue)
    leaves = {command.path for command in commands(tongue)}
    assert set(shown) >= leaves
    assert len(shown) > len(leaves), "groups have pages too"
    wrong = {" ".join(path): found for path, page in shown.items() if (found := foreign.findall(_prose(page)))}
    assert wrong == {}


WRONG = [
    ("queue", "claim"), ("quee",), ("queue", "list", "--foo"), ("queue", "list", "--limit", "x"),
    ("queue", "list", "--limit", "0"), ("queue", "list", "--limit"), ("queue", "list", "--state", "x"),
    ("queue", "priority", "x", "y"), ("units", "z"), ("units", "--json=1"), ("send", "x"), ("units", "--jso"),
]  # fmt: skip


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage_is_told_in_the_readers_language(words: tuple[str, ...]) -> None:
    told = corong(*words)
    assert told.returncode == 2
    assert told.stderr.startswith("Galat: ")
    assert not re.search(r"\b(No such|Missing|Invalid|Option|requires|Got|Input|valid|Try|of|is)\b", told.stderr)
    english = corong("--lang", "en", *words)
    assert english.returncode == 2
    assert english.stderr.startswith("Error: ")
    assert not re.search(r"\b(Tidak|Opsi|Nilai|sah|Argumen)\b", english.stderr)


def test_a_group_alone_shows_its_page() -> None:
    shown = corong("queue")
    assert shown.returncode == 2
    assert "Perintah" in shown.stdout + shown.stderr
    assert "Commands" not in shown.stdout + shown.stderr


def test_what_is_not_known_stays_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORONG_LANG", "id")
    language.cache_clear()
    assert wrong_usage("Something new.") == "Something new."
    assert wrong_usage("Missing argument 'X'.") == "Argumen 'X' belum diisi."
    language.cache_clear()
