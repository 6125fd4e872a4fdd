"""A note of the board as an inbound message; what can't be read as a note is kept as it came."""

import base64
import hashlib
import json
from datetime import datetime

from pydantic import BaseModel, Field, ValidationError

from corong_contracts import AccountConfig, InboundAttachment, InboundMessage, Party
from corong_contracts.channel import MAX_TEXT


class Author(BaseModel):
    """Who wrote, as the board knows them."""

    id: str = Field(min_length=1, max_length=320)
    name: str = Field(default="", max_length=200)


class Note(BaseModel):
    """A note in the suggestion box."""

    id: str = Field(min_length=1, max_length=1000)
    thread: str = Field(default="", max_length=200)
    author: Author
    text: str
    written_at: datetime | None = None
    public: bool = False


def message_of(raw: object, account: AccountConfig) -> InboundMessage:
    """The message that a note is. Never raises."""
    try:
        note = Note.model_validate(raw)
        return _message(note, account)
    except ValidationError:
        return _unreadable(raw, account)


def _message(note: Note, account: AccountConfig) -> InboundMessage:
    reply_to = {"note": note.id, "author": note.author.id}
    if note.thread:
        reply_to["thread"] = note.thread
    whole = [_file("pesan.txt", "text/plain; charset=utf-8", note.text)] if len(note.text) > MAX_TEXT else []
    return InboundMessage(
        channel=account.channel,
        account=account.id,
        native_id=note.id,
        sender=Party(address=note.author.id, name=note.author.name),
        text=note.text[:MAX_TEXT],
        thread=[note.thread] if note.thread else [],
        visibility="public" if note.public else "private",
        sent_at=note.written_at if note.written_at and note.written_at.tzinfo else None,
        reply_to=reply_to,
        attachments=whole,
        demo=account.demo,
    )


def _unreadable(raw: object, account: AccountConfig) -> InboundMessage:
    words = json.dumps(raw, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(words.encode(errors="surrogatepass")).hexdigest()
    return InboundMessage(
        channel=account.channel,
        account=account.id,
        native_id=f"sha256-{digest}",
        sender=Party(address="tidak-dikenal"),
        attachments=[_file("catatan.json", "application/json", words)],
        demo=account.demo,
    )


def _file(name: str, media_type: str, words: str) -> InboundAttachment:
    content = base64.b64encode(words.encode(errors="surrogatepass"))
    return InboundAttachment(name=name, media_type=media_type, content=content)
