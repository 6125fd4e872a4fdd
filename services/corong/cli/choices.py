"""What some options may be: the contracts' words, written out so that `--help` need not load the contracts.

A test holds them to the contracts.
"""

from typing import Literal

CaseKind = Literal["information_request", "objection", "complaint", "suggestion", "question", "praise", "spam"]
CaseState = Literal["open", "answered", "closed"]
Priority = Literal["low", "normal", "high", "urgent"]
Outcome = Literal["answered", "no_answer_needed", "duplicate", "spam"]
Tier = Literal["normative", "without_oversight", "with_oversight"]
Ground = Literal["a", "b", "c", "d", "e", "f", "g"]
ObjectionOutcome = Literal["upheld", "partly_upheld", "rejected"]
DisputeResult = Literal["mediated", "for_applicant", "for_office", "partly", "withdrawn", "not_admitted"]
DocumentKind = Literal["receipt", "incomplete", "notice", "refusal", "extension", "silence", "objection_decision"]
DecisionOutcome = Literal[
    "granted", "partly_granted", "refused", "not_held", "upheld", "partly_upheld", "rejected"
]  # fmt: skip
Form = Literal["soft_copy", "hard_copy", "inspection"]
RegisterFormat = Literal["csv", "xlsx", "json"]
YearlyFormat = Literal["pdf", "json"]
PostState = Literal["draft", "approved", "scheduled", "released", "withdrawn", "taken_down"]
Label = Literal["seremonial", "layanan"]
DeliveryState = Literal[
    "drafted", "ready", "sending", "sent", "failed", "unknown", "held", "dropped", "removing", "gone", "stays"
]  # fmt: skip
DayOffKind = Literal["national_holiday", "joint_leave", "local_holiday"]
Verified = Literal["v", "k"]
TakenBack = Literal["outdated", "wrong", "personal", "other"]
HoldReason = Literal["dispute", "court", "investigation", "audit", "archive", "other"]
ServiceName = Literal["intake", "routing", "publishing", "auditing", "desk", "portal"]
ProcessName = Literal["intake", "routing", "publishing", "auditing", "desk", "portal", "channels"]
DatabaseName = Literal["intake", "routing", "publishing", "auditing", "desk", "portal", "channels", "keys"]
