"""What an officer says of an answer that waits: how and when it was brought, or what the network shows."""

from datetime import datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field as Limited

from corong.desk.acts.form import Field
from corong.desk.bodies import Body, Day
from corong.runtime.kind_names import Translate


class Brought(Body):
    """An answer that the officer brought."""

    how: Literal["handed_over", "posted", "told"]
    brought_on: Day
    brought_at: time
    receipt: str = Limited(default="", pattern=r"^[A-Za-z0-9 ./-]{0,40}$")
    """Of the post office: no name and no address stands in it, for the log keeps it in the clear."""

    def at(self, zone: ZoneInfo) -> datetime:
        """When."""
        return datetime.combine(self.brought_on, self.brought_at, zone)


class Seen(Body):
    """What the officer found on the network."""

    outcome: Literal["sent", "again"]


def brought(channel: str, now: datetime, _: Translate) -> list[Field]:
    """`now` in the office's own zone."""
    ways = [
        ("handed_over", _("Diserahkan langsung")),
        ("posted", _("Dikirim lewat pos")),
        ("told", _("Disampaikan lewat telepon")),
    ]  # fmt: skip
    likely = {"phone": "told", "letter": "posted"}.get(channel, "handed_over")
    return [
        Field("how", _("Cara"), "choice", choices=ways, value=likely),
        Field("brought_on", _("Tanggal"), "date", value=now.date().isoformat()),
        Field("brought_at", _("Pukul"), "time", value=now.strftime("%H:%M")),
        Field("receipt", _("Nomor resi pos"), required=False, most=40),
    ]


def seen(_: Translate) -> list[Field]:
    """For a delivery whose outcome nobody knows."""
    found = [
        ("", "–"), ("sent", _("Ada di sana: sudah terkirim")), ("again", _("Tidak ada di sana: kirim lagi")),
    ]  # fmt: skip
    return [Field("outcome", _("Yang Anda lihat di jejaring"), "choice", choices=found)]
