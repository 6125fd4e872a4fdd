"""What the reader of a mail had to guess or leave out; each is worth a hint beside the message."""

from enum import StrEnum


class Flag(StrEnum):
    """One thing about a mail that an officer, or who looks for a fault, may want to know."""

    MESSAGE_ID_DERIVED = "message_id_derived"
    """It has no usable Message-ID; the id is the digest of its bytes."""
    SENDER_GUESSED = "sender_guessed"
    """No usable From, or more than one: the sender is taken from Sender, Reply-To, Return-Path or the first of them."""
    DATE_MISSING = "date_missing"
    REFERENCES_CUT = "references_cut"
    CHARSET_GUESSED = "charset_guessed"
    ENCODING_BROKEN = "encoding_broken"
    """Base64 with holes or foreign characters; what could be decoded is there."""
    HTML_ONLY = "html_only"
    TEXT_FROM_NESTED = "text_from_nested"
    """The mail has no text of its own; it is that of the mail inside."""
    TEXT_CUT = "text_cut"
    QUOTE_UNSURE = "quote_unsure"
    """All of it looked like an earlier mail, so nothing was cut."""
    STRUCTURE_BROKEN = "structure_broken"
    """The MIME structure can't be followed, wholly or in part; what is readable is there."""
    PARTS_LEFT_OUT = "parts_left_out"
    ENCRYPTED = "encrypted"
    SIGNED = "signed"
    """It carries a signature, which nobody checked."""
    WINMAIL = "winmail"
    """Outlook packed text or files into winmail.dat."""
    UNREADABLE = "unreadable"
    """The reader failed; only the digest and what little it found are there."""
