"""What can be chosen in the forms, in words."""

from collections.abc import Mapping
from typing import Any

from corong.desk.acts.form import Subject
from corong.desk.pages.words import kind_word
from corong.runtime.kind_names import Translate
from corong.runtime.policy import Action, Actor, Scope, allowed
from corong_contracts.case import CaseKind

Choices = list[tuple[str, str]]
NOTHING = ("", "–")


def kinds(_: Translate) -> Choices:
    """Every kind of case."""
    return [(kind.value, kind_word(kind, _)) for kind in CaseKind]


def tiers(_: Translate) -> Choices:
    """How a complaint is handled (PermenPANRB 62/2018)."""
    return [
        ("", _("Belum ditentukan")),
        ("normative", _("Normatif: 5 hari kerja")),
        ("without_oversight", _("Tanpa pengawasan: 14 hari kerja")),
        ("with_oversight", _("Dengan pengawasan: 60 hari kerja")),
    ]


def priorities(_: Translate) -> Choices:
    """How soon."""
    return [
        ("urgent", _("Mendesak")),
        ("high", _("Penting")),
        ("normal", _("Biasa")),
        ("low", _("Bisa menunggu")),
    ]


def units(subject: Subject) -> Choices:
    """The units that a case can be given to."""
    here = subject.case.unit.id if subject.case.unit else None
    found = sorted(subject.desk.directory.open_units, key=lambda unit: unit.name)
    return [NOTHING, *((unit.id, unit.name) for unit in found if unit.id != here)]


def officers(subject: Subject) -> Choices:
    """Who works on cases, by unit."""
    directory = subject.desk.directory
    working = [
        one for one in directory.officers if one.active and one.role in ("main_officer", "unit_officer", "operator")
    ]
    named = sorted((directory.unit(one.unit).name, one.name, one.id) for one in working)
    return [("", subject.translate("Siapa saja di unit itu")), *((id_, f"{unit}: {name}") for unit, name, id_ in named)]


def readers(subject: Subject) -> Choices:
    """The other officers who may read the case, those of its unit first."""
    directory, case = subject.desk.directory, subject.case
    unit = case.unit.id if case.unit else None
    scope = Scope(unit, case.kind)
    able = [
        one
        for one in directory.officers
        if one.id != subject.actor.id and allowed(Actor.of_officer(one), Action.CASE_READ, scope)
    ]
    named = sorted((one.unit != unit, directory.unit(one.unit).name, one.name, one.id) for one in able)
    return [(id_, f"{name}, {place}" if other else name) for other, place, name, id_ in named]


def messages(subject: Subject) -> Choices:
    """The citizen's messages but the first, by their beginning."""
    written = [entry for entry in subject.case.thread if entry.kind == "message.received"]
    found: Choices = []
    for entry in written[1:]:
        words = " ".join((entry.text or "").split())
        found.append((str(entry.data["message_id"]), words[:80] + ("…" if len(words) > 80 else "")))  # a line
    return found


def exempt_grounds(_: Translate) -> Choices:
    """UU 14/2008 art. 17, in short."""
    return [
        ("a", _("a. menghambat penegakan hukum")),
        ("b", _("b. kekayaan intelektual atau persaingan usaha")),
        ("c", _("c. pertahanan dan keamanan negara")),
        ("d", _("d. kekayaan alam Indonesia")),
        ("e", _("e. ketahanan ekonomi nasional")),
        ("f", _("f. hubungan luar negeri")),
        ("g", _("g. akta pribadi dan wasiat")),
        ("h", _("h. rahasia pribadi")),
        ("i", _("i. surat antar atau intra badan publik yang dirahasiakan")),
        ("j", _("j. dirahasiakan undang-undang lain")),
    ]


def objection_grounds(_: Translate) -> Choices:
    """UU 14/2008 art. 35 (1), in short."""
    return [
        NOTHING,
        ("a", _("a. permohonan ditolak atas dasar Pasal 17")),
        ("b", _("b. informasi berkala tidak disediakan")),
        ("c", _("c. permohonan tidak ditanggapi")),
        ("d", _("d. ditanggapi tidak sebagaimana yang diminta")),
        ("e", _("e. permohonan tidak dipenuhi")),
        ("f", _("f. biaya tidak wajar")),
        ("g", _("g. disampaikan melebihi jangka waktu")),
    ]


def forms(_: Translate) -> Choices:
    """How information is given."""
    return [
        NOTHING,
        ("soft_copy", _("Salinan elektronik")),
        ("hard_copy", _("Salinan tercetak")),
        ("inspection", _("Dilihat di tempat")),
    ]


def objection_outcomes(_: Translate) -> Choices:
    """The superior's decision."""
    return [
        ("upheld", _("Keberatan dikabulkan")),
        ("partly_upheld", _("Keberatan dikabulkan sebagian")),
        ("rejected", _("Keberatan ditolak")),
    ]


def closings(_: Translate) -> Choices:
    """Why a case is closed without an answer."""
    return [
        ("no_answer_needed", _("Tidak perlu dijawab")),
        ("duplicate", _("Rangkap")),
        ("spam", _("Bukan pesan untuk kita")),
    ]


def results(_: Translate) -> Choices:
    """How a dispute ended."""
    return [
        ("mediated", _("Sepakat lewat mediasi")),
        ("for_applicant", _("Pemohon menang")),
        ("for_office", _("Badan publik menang")),
        ("partly", _("Dikabulkan sebagian")),
        ("withdrawn", _("Dicabut pemohon")),
        ("not_admitted", _("Tidak diterima")),
    ]


def takings_back(_: Translate) -> Choices:
    """Why a public answer is no longer shown."""
    return [
        ("outdated", _("Sudah tidak berlaku")),
        ("wrong", _("Isinya keliru")),
        ("personal", _("Ada data pribadi di dalamnya")),
        ("other", _("Sebab lain")),
    ]


def register_columns(_: Translate) -> dict[str, str]:
    """What the register asks of an applicant, by the names of `RequestParticulars`."""
    return {
        "name": _("Nama pemohon"),
        "address": _("Alamat"),
        "contact": _("Surel atau telepon"),
        "occupation": _("Pekerjaan"),
        "identity": _("Bukti diri"),
        "asked": _("Informasi yang diminta"),
        "purpose": _("Tujuan penggunaan"),
        "obtain": _("Cara memperoleh"),
        "send": _("Cara pengiriman"),
    }


def particulars(_: Translate) -> Mapping[str, Any]:
    """The choices of the register's columns."""
    return {
        "identity": [NOTHING, ("nik", _("KTP")), ("deed", _("Akta badan hukum")), ("proxy", _("Surat kuasa"))],
        "obtain": [NOTHING, ("see", _("Melihat atau membaca")), ("copy", _("Mendapat salinan"))],
        "send": [
            NOTHING,
            ("counter", _("Diambil di loket")),
            ("post", _("Pos")),
            ("email", _("Surel")),
            ("channel", _("Kanal tempat ia menulis")),
        ],
    }
