"""Who may do what: one table, and one function that asks it. What the table does not grant is forbidden."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Literal, Self

from corong.runtime.directory import Account, Officer, Role
from corong_contracts.case import CaseKind

__all__ = ["Action", "Actor", "Forbidden", "Reach", "Scope", "allowed", "authorise", "ever_allowed"]


class Action(StrEnum):
    """What can be asked of the hub. The Indonesian and English names are in NAMES."""

    QUEUE_LIST = "queue.list"
    CASE_READ = "case.read"
    CASE_CLAIM = "case.claim"
    CASE_HAND_BACK = "case.hand_back"
    CASE_REASSIGN = "case.reassign"
    CASE_RETURN_NOT_OURS = "case.return_not_ours"
    CASE_PRIORITISE = "case.prioritise"
    CASE_NOTE = "case.note"
    CASE_REPLY = "case.reply"
    CASE_CLOSE = "case.close"
    CASE_RECLASSIFY = "case.reclassify"
    CASE_RECLASSIFY_REQUEST = "case.reclassify_request"
    CASE_DETAIL = "case.detail"
    CASE_ASK_COMPLETION = "case.ask_completion"
    CASE_EXTEND = "case.extend"
    CASE_DECIDE = "case.decide"
    CASE_APPROVE = "case.approve"
    CASE_LINK = "case.link"
    CASE_DISPUTE = "case.dispute"
    CASE_GROUP = "case.group"
    CASE_MERGE = "case.merge"
    CASE_WITHDRAW = "case.withdraw"
    CASE_REOPEN = "case.reopen"
    CASE_PUBLISH_ANSWER = "case.publish_answer"
    MESSAGE_ENTER = "message.enter"
    WORDING_READ = "wording.read"
    WORDING_ADOPT = "wording.adopt"
    TEMPLATE_READ = "template.read"
    TEMPLATE_ADOPT = "template.adopt"
    SETUP_READ = "setup.read"
    RULES_CHANGE = "rules.change"
    OFFICER_CHANGE = "officer.change"
    UNIT_CHANGE = "unit.change"
    OFFICER_INVITE = "officer.invite"
    CALENDAR_CHANGE = "calendar.change"
    TARGET_SET = "target.set"
    OBLIGATION_READ = "obligation.read"
    OBLIGATION_RECORD = "obligation.record"
    OBLIGATION_MEET = "obligation.meet"
    POST_READ = "post.read"
    POST_DRAFT = "post.draft"
    POST_EDIT = "post.edit"
    POST_APPROVE = "post.approve"
    POST_PUBLISH = "post.publish"
    POST_PUBLISH_IMMEDIATE = "post.publish_immediate"
    DELIVERY_RESOLVE = "delivery.resolve"
    DEAD_READ = "dead.read"
    DEAD_RETRY = "dead.retry"
    DEAD_DROP = "dead.drop"
    QUARANTINE_READ = "quarantine.read"
    AUDIT_READ = "audit.read"
    AUDIT_EXPORT = "audit.export"
    FIGURES_READ = "figures.read"
    REPORT_READ = "report.read"
    REPORT_OPEN = "report.open"
    HOLD_READ = "hold.read"
    HOLD_PLACE = "hold.place"
    HOLD_RELEASE = "hold.release"
    PERSON_ERASE = "person.erase"


class Reach(Enum):
    """How far a right goes."""

    NONE = "-"
    OWN = "own unit"
    CARE = "own unit, but no information request and no objection"
    """UU 14/2008 lays deciding these on the information officer (PPID), not on who runs an account."""
    ANY = "any unit"


___, OWN, CARE, ANY = Reach.NONE, Reach.OWN, Reach.CARE, Reach.ANY

# One line for each action, one column for each role of domain.md:
#   main      main_officer  PPID Utama: sees all, assigns
#   unit      unit_officer  PPID Pelaksana: classifies, answers and closes in the own unit
#   operator  operator      social media operator: answers comments and drafts posts of the own unit
#   superior  superior      Atasan PPID: reads and approves everywhere
#   auditor   auditor       reads the log, touches nothing
#   admin     admin         keeps the machine running: dead letters, no citizens' content
#   system    the hub itself, on a decision that an officer took before (a scheduled post) or on a rule (spam)
ROLES: tuple[Role | Literal["system"], ...] = (
    "main_officer", "unit_officer", "operator", "superior", "auditor", "admin", "system",
)  # fmt: skip
# fmt: off
TABLE: dict[Action, tuple[Reach, ...]] = {
    #                              main unit  operator superior auditor admin system
    Action.QUEUE_LIST:             (ANY, OWN, OWN,     ANY,     ___,    ___,  ___),
    Action.CASE_READ:              (ANY, OWN, OWN,     ANY,     ___,    ___,  ___),
    Action.CASE_CLAIM:             (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.CASE_HAND_BACK:         (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.CASE_REASSIGN:          (ANY, OWN, CARE,    ___,     ___,    ___,  ___),
    Action.CASE_RETURN_NOT_OURS:   (ANY, OWN, CARE,    ___,     ___,    ___,  ___),
    Action.CASE_PRIORITISE:        (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.CASE_NOTE:              (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.CASE_REPLY:             (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.CASE_CLOSE:             (ANY, OWN, CARE,    ___,     ___,    ___,  ANY),
    Action.CASE_RECLASSIFY:        (ANY, OWN, CARE,    ___,     ___,    ___,  ___),
    Action.CASE_RECLASSIFY_REQUEST: (ANY, ___, ___,    ___,     ___,    ___,  ___),
    Action.CASE_DETAIL:            (ANY, OWN, ___,     ___,     ___,    ___,  ___),
    Action.CASE_ASK_COMPLETION:    (ANY, OWN, CARE,    ___,     ___,    ___,  ___),
    Action.CASE_EXTEND:            (ANY, OWN, ___,     ___,     ___,    ___,  ___),
    Action.CASE_DECIDE:            (ANY, OWN, ___,     ___,     ___,    ___,  ___),
    Action.CASE_APPROVE:           (___, ___, ___,     ANY,     ___,    ___,  ___),
    Action.CASE_LINK:              (ANY, OWN, ___,     ___,     ___,    ___,  ___),
    Action.CASE_DISPUTE:           (ANY, ___, ___,     ANY,     ___,    ___,  ___),
    Action.CASE_GROUP:             (ANY, OWN, CARE,    ___,     ___,    ___,  ___),
    Action.CASE_MERGE:             (ANY, OWN, CARE,    ___,     ___,    ___,  ___),
    Action.CASE_WITHDRAW:          (ANY, OWN, CARE,    ___,     ___,    ___,  ___),
    Action.CASE_REOPEN:            (ANY, OWN, ___,     ___,     ___,    ___,  ___),
    Action.CASE_PUBLISH_ANSWER:    (ANY, ___, ___,     ___,     ___,    ___,  ___),
    Action.MESSAGE_ENTER:          (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.WORDING_READ:           (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.WORDING_ADOPT:          (ANY, OWN, ___,     ___,     ___,    ___,  ___),
    Action.TEMPLATE_READ:          (ANY, ANY, ANY,     ANY,     ANY,    ___,  ___),
    Action.TEMPLATE_ADOPT:         (ANY, ___, ___,     ___,     ___,    ___,  ___),
    Action.SETUP_READ:             (ANY, ___, ___,     ANY,     ANY,    ANY,  ___),
    Action.RULES_CHANGE:           (ANY, ___, ___,     ___,     ___,    ANY,  ___),
    Action.OFFICER_CHANGE:         (ANY, ___, ___,     ___,     ___,    ANY,  ___),
    Action.UNIT_CHANGE:            (ANY, ___, ___,     ___,     ___,    ANY,  ___),
    Action.OFFICER_INVITE:         (ANY, ___, ___,     ___,     ___,    ANY,  ___),
    Action.CALENDAR_CHANGE:        (ANY, ___, ___,     ___,     ___,    ANY,  ___),
    Action.TARGET_SET:             (ANY, ___, ___,     ___,     ___,    ANY,  ___),
    Action.OBLIGATION_READ:        (ANY, ___, ___,     ANY,     ANY,    ANY,  ___),
    Action.OBLIGATION_RECORD:      (ANY, ___, ___,     ANY,     ___,    ANY,  ___),
    Action.OBLIGATION_MEET:        (ANY, ___, ___,     ANY,     ___,    ___,  ___),
    Action.POST_READ:              (ANY, OWN, OWN,     ANY,     ___,    ___,  ___),
    Action.POST_DRAFT:             (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.POST_EDIT:              (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.POST_APPROVE:           (ANY, OWN, ___,     ANY,     ___,    ___,  ___),
    Action.POST_PUBLISH:           (ANY, OWN, OWN,     ___,     ___,    ___,  ANY),
    Action.POST_PUBLISH_IMMEDIATE: (ANY, OWN, ___,     ___,     ___,    ___,  ___),
    Action.DELIVERY_RESOLVE:       (ANY, OWN, OWN,     ___,     ___,    ___,  ___),
    Action.DEAD_READ:              (___, ___, ___,     ___,     ___,    ANY,  ___),
    Action.DEAD_RETRY:             (___, ___, ___,     ___,     ___,    ANY,  ___),
    Action.DEAD_DROP:              (___, ___, ___,     ___,     ___,    ANY,  ___),
    Action.QUARANTINE_READ:        (ANY, ___, ___,     ___,     ___,    ___,  ___),
    Action.AUDIT_READ:             (ANY, ___, ___,     ANY,     ANY,    ___,  ___),
    Action.AUDIT_EXPORT:           (ANY, ___, ___,     ANY,     ANY,    ___,  ___),
    Action.FIGURES_READ:           (ANY, OWN, OWN,     ANY,     ANY,    ___,  ___),
    Action.REPORT_READ:            (ANY, OWN, ___,     ANY,     ANY,    ___,  ___),
    Action.REPORT_OPEN:            (ANY, ___, ___,     ANY,     ___,    ___,  ___),
    Action.HOLD_READ:              (ANY, ___, ___,     ANY,     ANY,    ___,  ___),
    Action.HOLD_PLACE:             (ANY, ___, ___,     ANY,     ___,    ___,  ___),
    Action.HOLD_RELEASE:           (ANY, ___, ___,     ANY,     ___,    ___,  ___),
    Action.PERSON_ERASE:           (ANY, ___, ___,     ANY,     ___,    ___,  ___),
}
NAMES: dict[Action, tuple[str, str]] = {
    Action.QUEUE_LIST:             ("melihat antrean", "list a queue"),
    Action.CASE_READ:              ("membaca perkara", "read a case"),
    Action.CASE_CLAIM:             ("mengambil perkara", "claim a case"),
    Action.CASE_HAND_BACK:         ("melepas perkara", "hand back a case"),
    Action.CASE_REASSIGN:          ("mendisposisikan perkara", "reassign a case"),
    Action.CASE_RETURN_NOT_OURS:   ("mengembalikan perkara yang bukan kewenangan", "return a case as not ours"),
    Action.CASE_PRIORITISE:        ("mengubah prioritas perkara", "change a case's priority"),
    Action.CASE_NOTE:              ("menulis catatan internal", "write an internal note"),
    Action.CASE_REPLY:             ("menjawab perkara", "answer a case"),
    Action.CASE_CLOSE:             ("menutup perkara", "close a case"),
    Action.CASE_RECLASSIFY:        ("mengubah jenis perkara", "change a case's kind"),
    Action.CASE_RECLASSIFY_REQUEST: ("mengubah jenis permohonan atau keberatan", "change the kind of a request"),
    Action.CASE_DETAIL:            ("mengisi buku register", "write into the register"),
    Action.CASE_ASK_COMPLETION:    ("meminta kelengkapan", "ask for what is missing"),
    Action.CASE_EXTEND:            ("memperpanjang jangka waktu", "extend the time"),
    Action.CASE_DECIDE:            ("memutus permohonan informasi", "decide a request for information"),
    Action.CASE_APPROVE:           ("menyetujui penolakan, memutus keberatan", "approve refusals, decide objections"),
    Action.CASE_LINK:              ("menghubungkan keberatan", "link an objection"),
    Action.CASE_DISPUTE:           ("mencatat sengketa", "record a dispute"),
    Action.CASE_GROUP:             ("mengelompokkan perkara", "group cases"),
    Action.CASE_MERGE:             ("menggabungkan atau memisahkan perkara", "merge or split cases"),
    Action.CASE_WITHDRAW:          ("mencatat pencabutan", "record a withdrawal"),
    Action.CASE_REOPEN:            ("membatalkan penutupan", "reopen a case"),
    Action.CASE_PUBLISH_ANSWER:    ("menerbitkan jawaban untuk umum", "publish an answer for everybody"),
    Action.MESSAGE_ENTER:          ("mencatat pesan dari loket, telepon atau surat", "enter what came by hand"),
    Action.WORDING_READ:           ("memakai templat jawaban", "use wordings for answers"),
    Action.WORDING_ADOPT:          ("mengubah templat jawaban", "change wordings for answers"),
    Action.TEMPLATE_READ:          ("membaca templat surat", "read letters' templates"),
    Action.TEMPLATE_ADOPT:         ("menetapkan templat surat", "adopt a letter's template"),
    Action.SETUP_READ:             ("melihat pengaturan", "read the setup"),
    Action.RULES_CHANGE:           ("mengubah aturan penyaluran", "change the rules of routing"),
    Action.OFFICER_CHANGE:         ("menambah atau mengubah petugas", "add or change officers"),
    Action.UNIT_CHANGE:            ("menambah, mengubah atau menutup unit", "add, change or close units"),
    Action.OFFICER_INVITE:         ("membuat tautan masuk untuk petugas", "make a sign-in link for an officer"),
    Action.CALENDAR_CHANGE:        ("memasukkan keputusan hari libur", "enter a decree on days off"),
    Action.TARGET_SET:             ("menetapkan sasaran waktu", "set a target"),
    Action.OBLIGATION_READ:        ("melihat kewajiban pemerintah daerah", "read the government's obligations"),
    Action.OBLIGATION_RECORD:      ("mencatat kegagalan pelindungan data", "record a breach of personal data"),
    Action.OBLIGATION_MEET:        ("mencatat kewajiban dipenuhi", "record an obligation as met"),
    Action.POST_READ:              ("melihat unggahan", "read a post"),
    Action.POST_DRAFT:             ("membuat draf unggahan", "draft a post"),
    Action.POST_EDIT:              ("mengubah unggahan", "edit a post"),
    Action.POST_APPROVE:           ("menyetujui unggahan", "approve a post"),
    Action.POST_PUBLISH:           ("menayangkan unggahan", "publish a post"),
    Action.POST_PUBLISH_IMMEDIATE: ("menayangkan informasi serta-merta", "publish immediate information"),
    Action.DELIVERY_RESOLVE:       ("memutuskan kiriman yang tertahan", "resolve a held delivery"),
    Action.DEAD_READ:              ("melihat pesan gagal proses", "list dead letters"),
    Action.DEAD_RETRY:             ("mengulang pesan gagal proses", "retry a dead letter"),
    Action.DEAD_DROP:              ("membuang pesan gagal proses", "drop a dead letter"),
    Action.QUARANTINE_READ:        ("melihat karantina", "read the quarantine"),
    Action.AUDIT_READ:             ("membaca log audit", "read the audit log"),
    Action.AUDIT_EXPORT:           ("mengekspor log audit", "export the audit log"),
    Action.FIGURES_READ:           ("melihat angka layanan", "read the figures"),
    Action.REPORT_READ:            ("membuat laporan dan buku register", "make reports and the register"),
    Action.REPORT_OPEN:            ("membuka data pemohon di buku register", "open applicants' data in the register"),
    Action.HOLD_READ:              ("melihat penahanan hukum", "list legal holds"),
    Action.HOLD_PLACE:             ("memasang penahanan hukum", "place a legal hold"),
    Action.HOLD_RELEASE:           ("mencabut penahanan hukum", "release a legal hold"),
    Action.PERSON_ERASE:           ("menghapus data pribadi", "erase personal data"),
}
# fmt: on
ROLE_NAMES: dict[Role | Literal["system"], str] = {
    "main_officer": "PPID Utama",
    "unit_officer": "PPID Pelaksana",
    "operator": "operator",
    "superior": "Atasan PPID",
    "auditor": "auditor",
    "admin": "admin",
    "system": "sistem",
}
_PPID_ONLY = (CaseKind.INFORMATION_REQUEST, CaseKind.OBJECTION)
_GRANTS = {(action, role): reach for action, row in TABLE.items() for role, reach in zip(ROLES, row, strict=True)}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: an officer, a channel account (which may only hand in messages), or the hub itself."""

    kind: Literal["officer", "account", "system"]
    id: str
    role: Role | Literal["system"] | None = None
    unit: str | None = None
    active: bool = True

    @classmethod
    def of_officer(cls, officer: Officer) -> Self:
        """The officer as an actor; one who is no longer active may do nothing."""
        return cls(kind="officer", id=officer.id, role=officer.role, unit=officer.unit, active=officer.active)

    @classmethod
    def of_account(cls, account: Account) -> Self:
        """The channel account as an actor."""
        return cls(kind="account", id=account.id, unit=account.unit, active=account.enabled)

    @classmethod
    def system(cls) -> Self:
        """The hub itself."""
        return cls(kind="system", id="system", role="system")

    def __str__(self) -> str:
        return "system" if self.kind == "system" else f"{self.kind}:{self.id}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What the action is about: the unit that the case, post or queue belongs to, and a case's kind.

    `unit=None` means every unit at once, or a thing that belongs to none, such as a dead letter. A case's kind is
    needed where the table says CARE: unknown counts as an information request.
    """

    unit: str | None = None
    kind: CaseKind | None = None


class Forbidden(Exception):
    """Refused. `rule` is a code to look up, `detail` says it in English, `pesan` in Indonesian; nothing personal.

    `allowed`: what the one who asked may do instead, where somebody knows it.
    """

    def __init__(self, rule: str, detail: str, pesan: str, allowed: Sequence[str] = ()) -> None:
        self.rule = rule
        self.detail = detail
        self.pesan = pesan
        self.allowed = tuple(allowed)
        super().__init__(f"{pesan} / {detail} ({rule})")


def authorise(actor: Actor, action: Action, scope: Scope) -> None:
    """Raise Forbidden unless TABLE grants `action` to the actor's role in `scope`.

    Whoever drafted a post may approve it where his own role has that right: the approval is bound to the exact text and
    the log shows that drafter and approver are one person.
    """
    pesan, name = NAMES[action]
    if not actor.active:
        raise Forbidden("not_active", f"may not {name}: no longer active", f"Tidak boleh {pesan}: sudah tidak aktif")
    if actor.role is None:
        detail = f"a channel account may not {name}"
        raise Forbidden("no_role", detail, f"Akun kanal tidak boleh {pesan}")
    reach, role = _GRANTS[action, actor.role], ROLE_NAMES[actor.role]
    if reach is Reach.NONE:
        detail = f"the role {actor.role} may not {name}"
        raise Forbidden("role_has_no_such_right", detail, f"Peran {role} tidak boleh {pesan}")
    if reach is Reach.ANY:
        return
    if scope.unit is None or scope.unit != actor.unit:
        detail = f"the role {actor.role} may {name} in its own unit alone"
        raise Forbidden("other_unit", detail, f"Peran {role} hanya boleh {pesan} pada unitnya sendiri")
    if reach is Reach.CARE and (scope.kind is None or scope.kind in _PPID_ONLY):
        detail = f"the role {actor.role} may not {name} where it is an information request or an objection"
        told = f"Peran {role} tidak boleh {pesan} bila itu permohonan informasi atau keberatan"
        raise Forbidden("information_officer_only", detail, told)


def allowed(actor: Actor, action: Action, scope: Scope) -> bool:
    """Whether `authorise` lets it pass: for pages that hide what can't be done."""
    try:
        authorise(actor, action, scope)
    except Forbidden:
        return False
    return True


def ever_allowed(actor: Actor, action: Action) -> bool:
    """Whether the table grants it in the own unit, for some kind of case at least."""
    return any(allowed(actor, action, Scope(actor.unit, kind)) for kind in CaseKind)
