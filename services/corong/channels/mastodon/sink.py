"""Posts of the office, and its answers in the thread where a citizen wrote."""

from collections import OrderedDict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from corong.channels.mastodon.client import MastodonClient, Visibility
from corong.channels.mastodon.entities import Limits, Status
from corong.channels.mastodon.settings import MastodonSettings
from corong.channels.mastodon.status_text import counted_length, fingerprint
from corong_contracts.channel import Capabilities, Outgoing, Permanent, Sent, Transient, Unknown

_MENTION = 40
"""Characters kept free for the mention that an answer begins with: a name has 30 at most, its host doesn't count."""

_ROUNDING = timedelta(seconds=2)
"""Servers give times in whole seconds, in a status and in the Date of an answer."""
_DOUBT = timedelta(minutes=5)
"""Clocks are trusted no further."""
_REMEMBERED = 1000


class MastodonSink:
    """Sends to one account's server.

    An answer to something private, and every receipt, goes to its reader alone (`direct`); an answer in public is
    never more public than what it answers. What was sent is found again by its words and its time: among the answers
    to the status that it answers, else among our own statuses. The same words of shortly before leave it open.
    """

    def __init__(self, settings: MastodonSettings) -> None:
        self._client = MastodonClient(
            str(settings.base_url), settings.token.get_secret_value(), timeout=settings.timeout_seconds
        )
        self._max_characters = settings.max_characters
        self._limits: Limits | None = None
        self._known: OrderedDict[str, str] = OrderedDict()  # uri of what we sent → the id that it carried

    @property
    def capabilities(self) -> Capabilities:
        """What the settings say; the server's own limit is asked before the first send, and holds as well."""
        return Capabilities(
            max_text=self._max_characters - _MENTION,
            title_in_text=True,
            can_look_up=True,
            can_post=True,
            can_delete=True,
            media=True,
        )

    async def send(self, outgoing: Outgoing) -> Sent:
        """Upload the pictures, then publish. Raises Transient, Permanent or Unknown."""
        if len(outgoing.text) > self.capabilities.max_text:
            raise Permanent("too_long")
        text = _words(outgoing)
        if not text.strip():
            raise Permanent("empty")
        if self._limits is None:
            self._limits = await self._client.limits()
        if counted_length(text, self._limits.url_length) > self._limits.max_characters:
            raise Permanent("too_long")
        if len(outgoing.media) > self._limits.max_media:
            raise Permanent("too_many_media")
        media = [
            await self._client.upload(item.content, item.name, item.media_type, item.alternative)
            for item in outgoing.media
        ]
        status = await self._client.post(
            text,
            visibility=_visibility(outgoing),
            in_reply_to_id=outgoing.reply_to.get("status"),
            media_ids=media,
            language=outgoing.language,
            idempotency_key=outgoing.carried,
        )
        return self._sent(status, outgoing)

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        """Find a delivery by its words. Raises Unknown where the server doesn't show enough to tell."""
        try:
            return await self._look_up(outgoing)
        except (Transient, Permanent) as error:
            raise Unknown(error.code, retry_after=error.retry_after) from None

    async def delete(self, native_id: str) -> None:
        """Take back what was sent as `native_id`; servers elsewhere are only asked to. Raises SendError."""
        me = await self._client.account()
        own, _ = await self._client.own_statuses(me.id, datetime.now(UTC) - timedelta(days=365), pages=25)
        status = next((status for status in own if status.uri == native_id), None)
        if status is None:
            raise Permanent("not_found")
        await self._client.delete(status.id)

    async def close(self) -> None:
        """Let connections go."""
        await self._client.close()

    async def _look_up(self, outgoing: Outgoing) -> Sent | None:
        me = await self._client.account()
        parent = outgoing.reply_to.get("status")
        visible = _visibility(outgoing) in ("public", "unlisted")
        if parent is not None:
            try:
                answers = (await self._client.context(parent)).descendants
            except Permanent:
                if not visible:
                    raise  # the answered status is gone, and own private ones are not listed everywhere
            else:
                mine = [status for status in answers if status.account.id == me.id]
                found = self._same_words(mine, outgoing)
                return self._sent(found, outgoing) if found else None
        if outgoing.started_at is None:
            raise Unknown("no_time")
        own, all_of_them = await self._client.own_statuses(me.id, self._server_time(outgoing.started_at) - _DOUBT)
        if found := self._same_words(own, outgoing):
            return self._sent(found, outgoing)
        if not visible or not all_of_them:
            raise Unknown("not_listed")
        return None

    def _server_time(self, moment: datetime) -> datetime:
        return moment + (self._client.ahead or timedelta())

    def _same_words(self, statuses: Iterable[Status], outgoing: Outgoing) -> Status | None:
        """The status with the words of this delivery that isn't known, nor too old, to be it; the likeliest of many."""
        wanted = fingerprint(_words(outgoing))
        if not wanted:
            raise Unknown("no_words")
        fitting = [
            status
            for status in statuses
            if fingerprint(status.text) == wanted
            and status.uri not in outgoing.thread
            and self._known.get(status.uri, outgoing.carried) == outgoing.carried
        ]
        if outgoing.started_at is None:
            return max(fitting, key=lambda status: status.created_at, default=None)
        began = self._server_time(outgoing.started_at)
        young = [status for status in fitting if status.created_at >= began - _ROUNDING]
        if not young and any(status.created_at >= began - _DOUBT for status in fitting):
            raise Unknown("same_words_before")
        return min(young, key=lambda status: abs(status.created_at - began), default=None)

    def _sent(self, status: Status, outgoing: Outgoing) -> Sent:
        self._known[status.uri] = outgoing.carried
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return Sent(native_id=status.uri, url=status.url)


def _words(outgoing: Outgoing) -> str:
    """The text with what the network needs around it: the mention of who is answered, the title of a post."""
    if outgoing.kind == "post":
        title = outgoing.subject.strip()
        return f"{title}\n\n{outgoing.text}" if title and not outgoing.text.startswith(title) else outgoing.text
    acct = outgoing.reply_to.get("acct", "")
    if not acct or outgoing.text.casefold().startswith(f"@{acct}".casefold()):
        return outgoing.text
    return f"@{acct} {outgoing.text}"


def _visibility(outgoing: Outgoing) -> Visibility:
    if outgoing.kind == "post":
        return "public"
    if outgoing.kind == "receipt" or outgoing.visibility != "public":
        return "direct"
    match outgoing.reply_to.get("visibility"):
        case "public":
            return "public"
        case "unlisted":
            return "unlisted"
        case _:
            return "direct"
