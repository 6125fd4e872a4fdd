"""How programs write the parts of a mail; the shapes are put together from these."""

import base64
import quopri

from corong.channels.email.flags import Flag
from tests.channels.email.shapes import Expected, File, Given


def b64(data: bytes) -> str:
    """Base64 in lines as mail has it."""
    return base64.encodebytes(data).decode()


def attached(file: File, *more: str, disposition: str = "") -> str:
    """One part with a file."""
    head = [
        f'Content-Type: {file.media_type}; name="{file.name}"',
        disposition or f'Content-Disposition: attachment; filename="{file.name}"',
        "Content-Transfer-Encoding: base64",
        *more,
    ]
    return "\n".join(head) + "\n\n" + b64(file.content)


def text_part(text: str, kind: str = "plain") -> str:
    """One part with text in UTF-8."""
    return f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n{text}\n"


def multipart(kind: str, boundary: str, *parts: str, preamble: str = "") -> str:
    """A Content-Type field and the parts below it."""
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    return f'Content-Type: multipart/{kind}; boundary="{boundary}"\n\n{preamble}{body}--{boundary}--\n'


def encoded(data: bytes, charset: str, kind: str = "plain") -> str:
    """A whole body in quoted-printable."""
    head = f"Content-Type: text/{kind}; charset={charset}\nContent-Transfer-Encoding: quoted-printable\n\n"
    return head + quopri.encodestring(data).decode() + "\n"


def case(given: Given, name: str, text: str, subject: str, *files: File, flags: tuple[Flag, ...] = ()) -> Expected:
    """What most mails here become."""
    return Expected(
        "case", text=text, subject=subject, files=files, flags=frozenset(flags), message_id=given.message_id(name)
    )
