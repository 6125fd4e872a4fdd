"""What officers enter for citizens, at the counter, by telephone or on paper: one more door to `Intake.accept`."""

from datetime import datetime, timedelta
from typing import Any

from corong.intake.accept import Intake
from corong.intake.rules import Conflict, Entered
from corong.runtime.directory import Account
from corong.runtime.objects import Missing
from corong.runtime.policy import Action, Actor, Scope, authorise
from corong.runtime.refusal import Refused
from corong.runtime.service import Service
from corong_contracts.command import EnterMessage

CHANNELS = ("counter", "phone", "letter")
LONGEST_AGO = timedelta(days=366)
"""What came earlier than that can't be entered: a slip in the year is likelier."""


class Entering:
    """Answers the command."""

    def __init__(self, service: Service, intake: Intake) -> None:
        self._service = service
        self._directory = service.installation.directory
        self._intake = intake
        service.door(EnterMessage, self.enter)

    async def enter(self, officer: Actor, asked: EnterMessage) -> dict[str, Any]:
        """Command `message.enter`: the receipt. Raises `Forbidden`, `Refused`, and what `Intake.accept` raises."""
        account = self._account(asked)
        authorise(officer, Action.MESSAGE_ENTER, Scope(account.unit))
        now = self._service.installation.clock()
        check_received(asked.received, now)
        message = asked.message.model_copy(update={"demo": self._service.settings.demo, "nature": "person"})
        entered = Entered(officer.id, asked.received)
        try:
            receipt = await self._intake.accept(message, strict=True, related=asked.related, entered=entered)
        except Conflict:
            raise Refused(
                409, "entered_already", "Formulir ini sudah dicatat dengan isi lain. Buka formulir baru.",
                "This form was entered already with another content. Open a new one.",
            ) from None  # fmt: skip
        except Missing:
            raise Refused(
                409, "file_gone", "Lampiran tidak ditemukan lagi. Pilih berkasnya sekali lagi.",
                "An attachment is not there any more. Choose it once more.", ["attachments"],
            ) from None  # fmt: skip
        return receipt.model_dump(mode="json")

    def _account(self, asked: EnterMessage) -> Account:
        known = {account.id: account for account in self._directory.enabled_accounts(asked.message.channel)}
        account = known.get(asked.message.account)
        if asked.message.channel not in CHANNELS or account is None:
            raise Refused(
                422, "no_such_counter", "Akun itu tidak ada, atau bukan untuk pesan yang dicatat petugas.",
                "There is no such account, or it is not for what officers enter.", ["account"],
            )  # fmt: skip
        return account


def check_received(received: datetime, now: datetime) -> None:
    """Raises `Refused` (422) where nobody can have received it then."""
    if received > now or received < now - LONGEST_AGO:
        raise Refused(
            422, "not_received_then", "Waktu diterima harus sebelum sekarang dan paling lama setahun yang lalu.",
            "It was received before now, and at most a year ago.", ["received"],
        )  # fmt: skip
