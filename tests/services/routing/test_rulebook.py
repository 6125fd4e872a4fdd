import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corong.routing.rulebook import Facts, Routing, Rulebook, RulebookError
from corong.routing.rulefile import RuleFile
from corong.runtime.directory import Directory
from corong.runtime.reasons import explain
from corong.runtime.stems import words
from corong_contracts.case import CaseKind, CaseRouted, Priority
from corong_contracts.message import Visibility
from tests.services.routing.messages import MESSAGES

ASAHAN = Path(__file__).parents[3] / "examples" / "asahan"
DIRECTORY = Directory.load(ASAHAN)
RULES = ASAHAN / "rules.toml"
RULEBOOK = Rulebook.load(RULES, DIRECTORY)
FILE = RuleFile.load(RULES, DIRECTORY)

# Words of everyday Indonesian that no list of the file has by itself
NEUTRAL = (
    "assalamualaikum",
    "kami",
    "beliau",
    "kemarin",
    "sore",
    "tersebut",
    "adapun",
    "pula",
    "hari",
    "ini",
    "itu",
    "wah",
)


def decide(text: str, account_unit: str | None = "diskominfo", **more: object) -> Routing:
    return RULEBOOK.decide(Facts(text, "web", account_unit, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "unit", "kind"), MESSAGES)
def test_messages_find_their_unit_and_kind(text: str, unit: str, kind: CaseKind) -> None:
    routing = decide(text)
    assert (routing.unit, routing.kind) == (unit, kind), explain(routing.reasons)


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("Banjir bandang di Sei Dadap, tolong", Priority.URGENT),
        ("Rumah terbakar di Mutiara, mohon damkar segera", Priority.URGENT),
        ("anak tenggelam di parit yang lubang", Priority.URGENT),
        ("Jembatan gantung roboh, kami terisolir", Priority.HIGH),
        ("Saya mengajukan keberatan atas jawaban", Priority.HIGH),
        ("jalan rusak", Priority.NORMAL),
        ("halo", Priority.NORMAL),
        ("terima kasih, mantap", Priority.LOW),
        ("situs slot gacor maxwin, bonus new member", Priority.LOW),
    ],
)
def test_priorities(text: str, priority: Priority) -> None:
    assert decide(text).priority == priority


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("ada masalah di air batu", "diskominfo"),  # iced water
        ("ada masalah di Air Batu", "kecamatan-air-batu"),
        ("ada masalah di desa air batu", "kecamatan-air-batu"),
        ("ADA MASALAH DI AIR BATU", "diskominfo"),
        ("ADA MASALAH DI KECAMATAN AIR BATU", "kecamatan-air-batu"),
        ("ada masalah di kec. air batu", "kecamatan-air-batu"),
        ("ada masalah di simpang empat itu", "diskominfo"),  # a crossroads
        ("warga simpang empat ada masalah", "kecamatan-simpang-empat"),
        ("ada masalah di Kelurahan Sentang", "kecamatan-kisaran-timur"),
        ("ada masalah di sei kepayang barat", "kecamatan-sei-kepayang-barat"),  # not Sei Kepayang
        ("ada masalah di sungai kepayang", "kecamatan-sei-kepayang"),
        ("ada masalah di Bahung Sibatu-Batu", "kecamatan-sei-dadap"),
        ("ada masalah di jalan Rahuning", "diskominfo"),  # a street elsewhere
        ("ada masalah di jalan kecamatan Rahuning", "kecamatan-rahuning"),
        ("ada masalah antara Rahuning dan Mandoge", "kecamatan-rahuning"),  # the first
        ("dari Rahuning ke kecamatan Meranti ada masalah", "kecamatan-meranti"),  # the one that is surely a place
        ("ada masalah di kota Tanjung Balai", "diskominfo"),  # a municipality of its own
        ("ada masalah di Tanjung Balai", "kecamatan-tanjung-balai"),
    ],
)
def test_places(text: str, unit: str) -> None:
    assert decide(text).unit == unit


def test_a_village_without_a_clinic_goes_to_the_clinic_of_its_sub_district() -> None:
    assert decide("puskesmas di Lobu Jiur antri panjang").unit == "puskesmas-aek-loba"
    assert decide("puskesmas di Sei Apung antri panjang").unit == "puskesmas-sei-apung"


def test_a_place_is_not_a_topic() -> None:
    assert decide("Air Batu").topics == ()
    assert "air-minum" not in decide("di kecamatan Air Batu tidak ada masalah").topics


@pytest.mark.parametrize(
    ("text", "account_unit", "unit", "rule"),
    [
        ("antriannya lama kali", "puskesmas-air-batu", "puskesmas-air-batu", "akun-unit"),
        ("obat di puskesmas kosong", "puskesmas-air-batu", "puskesmas-air-batu", "akun-puskesmas"),
        ("obat di puskesmas Rahuning kosong", "puskesmas-air-batu", "puskesmas-air-batu", "akun-puskesmas"),
        ("jalan rusak parah di depan puskesmas", "puskesmas-air-batu", "puskesmas-air-batu", "akun-puskesmas"),
        ("jalan kabupaten rusak parah", "puskesmas-air-batu", "dinas-pupr", "topik-jelas"),
        ("pak camat tidak ada", "kecamatan-meranti", "kecamatan-meranti", "akun-kecamatan"),
        ("petugas disini kurang cepat", "rsud-ham", "rsud-ham", "akun-dinas"),
        ("halo", "rsud-ham", "rsud-ham", "akun-unit"),
        ("halo", "diskominfo", "diskominfo", "no_rule"),
        ("halo", None, "diskominfo", "no_rule"),
        ("halo", "unit-yang-tidak-ada", "diskominfo", "no_rule"),
    ],
)
def test_what_the_account_says(text: str, account_unit: str | None, unit: str, rule: str) -> None:
    routing = decide(text, account_unit)
    assert (routing.unit, routing.rule) == (unit, rule)


@pytest.mark.parametrize("kind", CaseKind)
def test_a_declared_kind_stands(kind: CaseKind) -> None:
    routing = decide("jalan rusak parah, mohon diperbaiki", declared_kind=kind)
    assert routing.kind == kind
    assert routing.reasons[-1].rule == "kind_declared"


def test_reasons_are_the_files_own_words() -> None:
    routing = decide(
        "Jln kami di dsn III kecamatan air joman RUSAKKK, eh kerusakan jalanannya parah, NIK 1209000000000001"
    )
    assert routing.unit == "dinas-pupr"
    assert [(reason.rule, reason.because, reason.matched) for reason in routing.reasons] == [
        ("topik-jelas", "topic", ("rusak .. jalan",)),
        ("kind_words", "kind", ("rusak", "parah")),
    ]


def test_a_reason_for_each_condition_and_a_sentence_of_them() -> None:
    routing = decide("obat di puskesmas kec. Rahuning kosong, bahaya")
    assert [(reason.rule, reason.because, reason.matched) for reason in routing.reasons] == [
        ("membahayakan", "topic", ("membahayakan",)),
        ("puskesmas-setempat", "topic", ("puskesmas",)),
        ("puskesmas-setempat", "place", ("Rahuning",)),
        ("kind_words", "kind", ("kosong", "membahayakan")),
    ]
    assert explain(routing.reasons) == (
        "Pesan menyebut “membahayakan” (aturan membahayakan); pesan menyebut “puskesmas” (aturan puskesmas-setempat); "
        "wilayah yang disebut: “Rahuning” (aturan puskesmas-setempat); "
        "jenisnya dikenali dari “kosong”, “membahayakan”."
    )
    assert explain(decide("halo").reasons, "en") == (
        "No rule applies: the main office's queue (rule no_rule); no words tell the kind: a question."
    )
    assert explain(decide("mantap").reasons).startswith("Jenisnya apresiasi (aturan apresiasi); ")


def test_a_decision_fits_the_event() -> None:
    for text, unit, kind in MESSAGES:
        routing = decide(text)
        event = CaseRouted(
            case_id="00000000-0000-0000-0000-000000000000",  # type: ignore[arg-type]
            unit=routing.unit,
            kind=routing.kind,
            priority=routing.priority,
            rule=routing.rule,
            topics=tuple(routing.topics),
            reasons=tuple(routing.reasons),
        )
        assert (event.unit, event.kind) == (unit, kind)


def test_ornamental_letters_are_read_and_numbers_are_not() -> None:
    assert decide("𝗝𝗮𝗹𝗮𝗻 𝗿𝘂𝘀𝗮𝗸").unit == "dinas-pupr"
    assert words("KTP-el NIK 1209000000000001, jalan2 Rp5.000") == ["KTP", "el", "NIK", "jalan", "Rp"]


# ---------------------------------------------------------------------------------------------------------- properties

ALLOWED = {text for entry in (*FILE.topics.values(), *FILE.kinds.values()) for text in (*entry.words, *entry.sure)}
ALLOWED |= {text for rule in FILE.rule for text in rule.when.words}
ALLOWED |= {place for unit in DIRECTORY.units for place in unit.places} | {unit.id for unit in DIRECTORY.units}
ALLOWED |= {kind.value for kind in CaseKind} | {"web", "public", "private"}
FRAGMENTS = st.sampled_from(sorted({*ALLOWED, *NEUTRAL, "kecamatan", "desa", "jln", "yg"}))
TEXTS = st.text(max_size=400) | st.lists(FRAGMENTS | st.text(max_size=10), max_size=40).map(" ".join)
UNITS = st.none() | st.sampled_from([unit.id for unit in DIRECTORY.units]) | st.text(max_size=10)
FACTS = st.builds(
    Facts,
    text=TEXTS,
    channel=st.sampled_from(["web", "email", "mastodon"]) | st.text(max_size=10),
    account_unit=UNITS,
    declared_kind=st.none() | st.sampled_from(CaseKind),
    visibility=st.sampled_from(["private", "public"]),
)


@given(FACTS)
def test_it_never_raises_its_unit_exists_and_its_reasons_are_the_files_words(facts: Facts) -> None:
    routing = RULEBOOK.decide(facts)
    assert DIRECTORY.has_unit(routing.unit)
    assert routing.reasons
    assert (routing.rule == "no_rule") == any(reason.because == "no_rule" for reason in routing.reasons)
    assert routing.rule in {reason.rule for reason in routing.reasons}
    for reason in routing.reasons:
        assert set(reason.matched) <= ALLOWED
    assert explain(routing.reasons).endswith(".")


@given(FACTS)
def test_it_is_a_function_of_facts_and_files(facts: Facts) -> None:
    assert RULEBOOK.decide(facts) == RULEBOOK.decide(facts) == Rulebook(FILE, DIRECTORY).decide(facts)


@given(st.sampled_from(MESSAGES), st.lists(st.sampled_from(NEUTRAL), max_size=10), st.lists(st.sampled_from(NEUTRAL)))
def test_words_that_say_nothing_change_nothing(
    message: tuple[str, str, CaseKind], before: list[str], after: list[str]
) -> None:
    text, unit, kind = message
    changed = decide(" ".join([*before, text, *after]))
    assert (changed.unit, changed.kind) == (unit, kind)
    if text.islower():  # capitals stand out more among small letters, so a place may be seen that was not sure before
        assert changed == decide(text)


@given(st.text(min_size=1, max_size=2000))
def test_words_of_letters_only(text: str) -> None:
    for word in words(text):
        assert 1 <= len(word) <= 32
        assert word.isalpha() or not word.isascii()


def test_only_the_beginning_of_a_very_long_message_decides() -> None:
    assert decide("apa " * 5_000 + "jalan rusak").topics == ()
    assert decide("apa " * 4_990 + "jalan rusak").topics == ("jalan",)


# ------------------------------------------------------------------------------------------------------------ the file


SMALL = """
[kinds.complaint]
name = "Pengaduan"
words = ["rusak"]
[kinds.suggestion]
name = "Saran"
words = ["saran"]
[topics.{first}]
name = "Satu"
words = ["kata"]
[topics.{second}]
name = "Dua"
words = ["kata"]
"""
RULE = '[[rule]]\nid = "{id}"\nweight = {weight}\nwhen = {{ {when} }}\nthen = {{ {then} }}\n'


@pytest.fixture
def rulebook(tmp_path: Path) -> Callable[..., Rulebook]:
    """Make a small rulebook of two topics, `jalan` and `sampah`, from rules and the topics' order."""

    def make(*rules: str, topics: tuple[str, str] = ("jalan", "sampah")) -> Rulebook:
        shutil.copytree(ASAHAN, tmp_path, dirs_exist_ok=True)
        units = (tmp_path / "units.toml").read_text()
        kept = [line for line in units.splitlines() if not line.startswith("topics")]
        text = "\n".join(kept).replace('id = "dinas-pupr"', 'id = "dinas-pupr"\ntopics = ["jalan"]')
        text = text.replace('id = "dinas-lingkungan-hidup"', 'id = "dinas-lingkungan-hidup"\ntopics = ["sampah"]')
        (tmp_path / "units.toml").write_text(text)
        path = tmp_path / "rules.toml"
        path.write_text("\n".join(rules) + SMALL.format(first=topics[0], second=topics[1]))
        return Rulebook.load(path, Directory.load(tmp_path))

    return make


def rule(id: str, when: str, then: str, weight: int = 10) -> str:
    return RULE.format(id=id, weight=weight, when=when, then=then)


A = rule("a", 'words = ["kata"]', 'unit = "bpbd"')
B = rule("b", 'words = ["kata"]', 'unit = "satpol-pp"')
TOPIC = rule("t", 'topics = ["*"]', 'unit = "topic_owner"')


def test_among_equal_weights_the_files_order_decides(rulebook: Callable[..., Rulebook]) -> None:
    assert rulebook(A, B).decide(Facts("kata", "web")).rule == "a"
    assert rulebook(B, A).decide(Facts("kata", "web")).rule == "b"
    heavier = B.replace("weight = 10", "weight = 11")
    assert rulebook(A, heavier).decide(Facts("kata", "web")).rule == "b"


def test_among_topics_with_equal_points_the_files_order_decides(rulebook: Callable[..., Rulebook]) -> None:
    assert rulebook(TOPIC).decide(Facts("kata", "web")).unit == "dinas-pupr"
    assert rulebook(TOPIC, topics=("sampah", "jalan")).decide(Facts("kata", "web")).unit == "dinas-lingkungan-hidup"


def test_each_answer_comes_from_the_first_rule_that_gives_it(rulebook: Callable[..., Rulebook]) -> None:
    rules = rulebook(
        rule("p", 'words = ["kata"]', 'priority = "high"', 30),
        rule("k", 'visibility = ["public"]', 'kind = "praise", priority = "low"', 20),
        A,
    )
    routing = rules.decide(Facts("kata rusak", "web", visibility="public"))
    assert (routing.unit, routing.kind, routing.priority) == ("bpbd", CaseKind.PRAISE, Priority.HIGH)
    assert [reason.rule for reason in routing.reasons] == ["p", "k", "a", "kind_words"]


@pytest.mark.parametrize(
    ("when", "yes", "no"),
    [
        ('channels = ["email"]', Facts("x", "email"), Facts("x", "web")),
        ('visibility = ["public"]', Facts("x", "web", visibility="public"), Facts("x", "web")),
        ('kinds = ["complaint"]', Facts("rusak", "web"), Facts("x", "web")),
        ('kinds = ["complaint"]', Facts("x", "web", declared_kind=CaseKind.COMPLAINT), Facts("saran", "web")),
        ('account = ["agency"]', Facts("x", "web", "bpbd"), Facts("x", "web", "diskominfo")),
        ('places = ["clinic"]', Facts("x Rahuning", "web"), Facts("x", "web")),
        ('topics = ["sampah"]', Facts("kata", "web"), Facts("x", "web")),
        ('topics = ["sampah"], at_least = 2', None, Facts("kata", "web")),
        ('words = ["dua .. kata"]', Facts("dua a b c d e kata", "web"), Facts("dua a b c d e f kata", "web")),
        ('words = ["dua kata"]', Facts("Dua Katanya", "web"), Facts("dua a kata", "web")),
        ('words = ["kata"], channels = ["email"]', Facts("kata", "email"), Facts("kata", "web")),
    ],
)
def test_conditions(rulebook: Callable[..., Rulebook], when: str, yes: Facts | None, no: Facts) -> None:
    rules = rulebook(rule("r", when, 'unit = "bpbd"'))
    assert yes is None or rules.decide(yes).unit == "bpbd"
    assert rules.decide(no).rule == "no_rule"


def test_a_rule_whose_unit_cannot_be_found_is_passed_over(rulebook: Callable[..., Rulebook]) -> None:
    rules = rulebook(
        rule("o", 'words = ["kata"]', 'unit = "account_owner", priority = "urgent"', 30),
        rule("c", 'words = ["kata"]', 'unit = "place_unit:clinic"', 20),
        rule("s", 'words = ["kata"]', 'unit = "place_unit:subdistrict"', 20),
        A,
    )
    routing = rules.decide(Facts("kata", "web"))
    assert (routing.rule, routing.priority) == ("a", Priority.NORMAL)
    assert rules.decide(Facts("kata", "web", "bapenda")).unit == "bapenda"
    assert rules.decide(Facts("kata Rahuning", "web")).unit == "puskesmas-rahuning"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (A + A, "rule 'a': the id stands more than once"),
        (rule("x", 'words = ["kata"]', 'unit = "nobody"'), "rule 'x': there is no unit 'nobody'"),
        (rule("x", 'topics = ["nothing"]', 'unit = "bpbd"'), "rule 'x': there is no topic 'nothing'"),
        (rule("x", 'words = ["kata"]', 'unit = "topic_owner"'), "topic_owner needs the condition"),
        (rule("x", "", 'unit = "bpbd"'), "a rule has at least one condition"),
        (rule("x", "words = []", 'unit = "bpbd"'), "a rule has at least one condition"),
        (rule("x", 'words = ["kata"]', ""), "a rule gives a unit, a kind or a priority"),
        (rule("x", 'word = ["kata"]', 'unit = "bpbd"'), "word: "),
        (rule("x", 'words = ["kata .."]', 'unit = "bpbd"'), "a phrase is words of letters"),
        (rule("x", 'words = ["123"]', 'unit = "bpbd"'), "a phrase is words of letters"),
        (A + "[spelling]\njln = 'jalan raya'", "spelling.jln"),
        (A + "[spelling]\nJln = 'jalan'", "spelling: Jln = jalan is not one word for another"),
        (A + "[spelling]\njl = 'jln'\njln = 'jalan'", "but jln is spelled differently itself"),
        (A + '[places]\nordinary = ["Entah Dimana"]', "no unit has the place 'Entah Dimana'"),
        (A + '[topics.dana]\nname = "Dana"', "topics.dana: no unit answers for it; add it to one unit's topics"),
        (A + "[[", "it isn't TOML"),
    ],
)
def test_mistakes_are_told_with_what_to_do(rulebook: Callable[..., Rulebook], text: str, told: str) -> None:
    with pytest.raises(RulebookError) as caught:
        rulebook(text)
    assert told in str(caught.value)
    assert all("; " in str(problem) for problem in caught.value.problems)


def test_a_topic_of_a_unit_that_the_file_does_not_have(tmp_path: Path) -> None:
    text = RULES.read_text().replace("[topics.jalan]", "[topics.jalanan]")
    (tmp_path / "rules.toml").write_text(text)
    with pytest.raises(RulebookError, match="unit 'dinas-pupr' has it"):
        Rulebook.load(tmp_path / "rules.toml", DIRECTORY)
    with pytest.raises(RulebookError, match="it isn't there; copy it from"):
        Rulebook.load(tmp_path / "nothing.toml", DIRECTORY)


def test_visibilities_and_kinds_are_those_of_the_contracts() -> None:
    assert set(FILE.kinds) == set(CaseKind)
    assert set(Visibility.__args__) == {"private", "public"}  # type: ignore[attr-defined]
