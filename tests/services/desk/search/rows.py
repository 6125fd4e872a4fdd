"""Rows of the desk's tables for cases that are searched."""

from typing import Any


def case_row(one: dict[str, Any]) -> dict[str, Any]:
    """As routing's events leave it."""
    same = {name: one[name] for name in ("case_id", "unit", "state", "kind")}
    return {
        **same, "priority": "normal", "urgency": 2, "rule": "r", "reasons": "[]", "routed_at": one["registered_at"],
        "life": "registered",
    }  # fmt: skip


def registered_row(one: dict[str, Any]) -> dict[str, Any]:
    """As intake's event leaves it."""
    return {
        "case_id": one["case_id"], "registration": f"UM/2026/{str(one['case_id'])[-6:]}", "channel": "web",
        "account": "web", "visibility": "private", "person": "p", "registered_at": one["registered_at"], "demo": False,
    }  # fmt: skip
