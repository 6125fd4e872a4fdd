"""Events as bytes, as writers hand them to the log."""

from typing import Any
from uuid import UUID

from corong.runtime.arrivals import Arrived
from corong_contracts.canonical import canonical

CASE = UUID(int=0x50)


def fact(number: int, writer: str = "routing.00", identity: UUID | None = None, **other: Any) -> dict[str, Any]:
    """An event's attributes and data."""
    service, _, partition = writer.partition(".")
    return {
        "specversion": "1.0",
        "id": str(identity or UUID(int=number + int(partition) * 10_000)),
        "source": f"/corong/{service}/{partition}",
        "type": "id.corong.case.prioritised.v1",
        "subject": f"case/{CASE}",
        "time": "2026-07-01T03:04:05.000000Z",
        "recordedtime": "2026-07-01T03:04:05.000000Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:corong:schema:case.prioritised:v1",
        "correlationid": str(CASE),
        "causationid": str(UUID(int=7)),
        "actor": "officer:petugas",
        "writer": writer,
        "number": number,
        "data": {"case_id": str(CASE), "officer": "petugas", "before": "normal", "priority": "high"},
        **other,
    }


def body(number: int, writer: str = "routing.00", **other: Any) -> bytes:
    """An event's canonical bytes."""
    return canonical(fact(number, writer, **other))


def arrival(content: bytes, number: int, writer: str = "routing.00") -> Arrived:
    """As it comes from the broker."""
    return Arrived(
        writer=writer, number=number, name="case.prioritised", subject=f"corong.event.{writer}.case.prioritised",
        body=content,
    )  # fmt: skip
