"""The hub's own notices: each one that routing may ask for has its words."""

from datetime import date
from typing import get_args
from uuid import UUID

import pytest

from corong.publishing.notices import Around, notice
from corong_contracts.case_life import CaseNotified

KINDS = get_args(CaseNotified.model_fields["notice"].annotation)
AROUND = Around("PD/2026/000017", "PD/2026/000009", "ADXV-QGKT", "Kirim KTP.", "Pemkab", "https://corong.example/tulis")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("right", [None, "objection_filing", "dispute_filing"])
def test_every_notice_names_its_case_in_whole_words(kind: str, right: str | None) -> None:
    told = CaseNotified.model_validate(
        {
            "case_id": UUID(int=1), "conversation_id": UUID(int=2), "notice_id": UUID(int=3), "unit": "dinas-pupr",
            "notice": kind, "clock": "request_notice", "right": right, "until": date(2026, 5, 4),
        }
    )  # fmt: skip
    text = notice(told, AROUND)
    assert AROUND.registration in text
    assert AROUND.hub in text
    assert "{" not in text
