"""What lets a citizen check a receipt without us: the log's proof as a file, and the key to check it with."""

import re
from typing import Any
from uuid import UUID

from fastapi.responses import Response

from corong.runtime.broker import Broker
from corong.runtime.commands import ask
from corong.runtime.pages import NOTHING_KEPT
from corong.runtime.refusal import Refused
from corong_contracts.command import DescribeLog, ProveReceipt

MEDIA_TYPE = "text/plain; charset=utf-8"
"""A `.tlog-proof` is text (C2SP tlog-proof)."""


class Log:
    """The log, as auditing tells it."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._known: dict[str, Any] | None = None

    async def described(self) -> dict[str, Any] | None:
        """Its name and public key, which never change while a process lives; None where nobody answers now."""
        if self._known is None:
            try:
                self._known = await ask(self._broker, DescribeLog(), "")
            except Refused:
                return None
        return self._known

    async def proof(self, case: UUID) -> bytes | None:
        """The proof of a case's registration; None while it is not in the signed log yet.

        Raises `Refused` (503) where nobody answers.
        """
        try:
            found = await ask(self._broker, ProveReceipt(case_id=case), "")
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return str(found["proof"]).encode()


def command(log: dict[str, Any] | None) -> str:
    """How the stand-alone verifier is asked."""
    return f"python3 corong_verify.py proof bukti.tlog-proof --key {log['key'] if log else 'NAMA+KUNCI'}"


def as_file(proof: bytes, registration: str) -> Response:
    """To be saved under the registration number's name."""
    name = re.sub(r"[^A-Z0-9]+", "-", registration)
    headers = {**NOTHING_KEPT, "Content-Disposition": f'attachment; filename="bukti-{name}.tlog-proof"'}
    return Response(proof, media_type=MEDIA_TYPE, headers=headers)
