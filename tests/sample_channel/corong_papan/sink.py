"""Puts answers and posts on the board."""

from urllib.parse import quote

from corong_contracts import AccountConfig, Capabilities, Outgoing, Permanent, Sent, Transient, Unknown

from .board import Answer, Board, NoAnswer, NotReached
from .settings import read_settings


class PapanSink:
    """One account's way out. See `corong_contracts.channel.Sink`."""

    def __init__(self, account: AccountConfig) -> None:
        self._settings = read_settings(account)
        self._board = Board(self._settings)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            max_text=self._settings.max_text,
            idempotent=self._settings.idempotent,
            can_look_up=self._settings.look_up,
            can_post=True,
        )

    async def send(self, outgoing: Outgoing) -> Sent:
        if len(outgoing.text) > self._settings.max_text:
            raise Permanent("too_long")
        body = self._body(outgoing)
        try:
            answer = await self._board.call("POST", "/api/answers", body, key=outgoing.carried)
        except NotReached:
            raise Transient("unreachable") from None
        except NoAnswer:
            raise Unknown("no_answer") from None
        if answer.status in (200, 201):
            return _sent(answer)
        code = f"http_{answer.status}"
        if answer.status == 429:
            raise Transient(code, retry_after=answer.retry_after)
        # A server's error, a redirection or a 408 says nothing of what was done; the other 4xx are refusals.
        if 400 <= answer.status < 500 and answer.status != 408:
            raise Permanent(code)
        raise Unknown(code)

    async def look_up(self, outgoing: Outgoing) -> Sent | None:
        if not self._settings.look_up:
            raise Unknown("no_look_up")
        try:
            answer = await self._board.call("GET", f"/api/answers?key={quote(outgoing.carried, safe='')}")
        except (NotReached, NoAnswer):
            raise Unknown("no_answer") from None
        if answer.status == 200:
            return _sent(answer)
        # A bare 404 may come from anything on the way: only the board's own word proves absence.
        if answer.status == 404 and answer.data is not None and answer.data.get("code") == "absent":
            return None
        raise Unknown(f"http_{answer.status}")

    async def close(self) -> None:
        """Each call has its own connection."""

    def _body(self, outgoing: Outgoing) -> dict[str, object]:
        body: dict[str, object] = {"text": outgoing.text, "public": outgoing.visibility == "public"}
        if outgoing.kind == "post":
            return body | {"title": outgoing.subject}
        if "note" not in outgoing.reply_to:
            raise Permanent("no_recipient")
        return body | {"note": outgoing.reply_to["note"], "thread": outgoing.reply_to.get("thread", "")}


def _sent(answer: Answer) -> Sent:
    """What the board gave. Raises `Unknown` where it makes no sense."""
    data = answer.data or {}
    native_id, url = data.get("id"), data.get("url")
    if not isinstance(native_id, str) or not native_id:
        raise Unknown("nonsense")
    return Sent(native_id=native_id, url=url if isinstance(url, str) else None)
