"""An answer in parts (RFC 2046 section 5.1), read as it comes; each part tells its length."""

from collections.abc import Iterator
from email.parser import BytesHeaderParser

_MOST_HEADERS = 10_000


class Broken(Exception):
    """The answer ended before it was whole, or is not one in parts."""


def parts(blocks: Iterator[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(media type, blocks of the body) of each part; the body is read before the next part is asked for.

    Raises `Broken`.
    """
    rest = bytearray()

    def more() -> None:
        try:
            rest.extend(next(blocks))
        except StopIteration:
            raise Broken from None

    def body(length: int) -> Iterator[bytes]:
        while length:
            if not rest:
                more()
            block = bytes(rest[:length])
            del rest[:length]
            length -= len(block)
            yield block

    while True:
        while b"\r\n\r\n" not in rest:
            if rest.endswith(b"--\r\n") and rest.lstrip(b"\r\n").startswith(b"--"):
                return
            if len(rest) > _MOST_HEADERS:
                raise Broken
            more()
        head, _, after = rest.partition(b"\r\n\r\n")
        rest[:] = after
        headers = BytesHeaderParser().parsebytes(bytes(head.lstrip(b"\r\n").partition(b"\r\n")[2]))
        length = headers.get("Content-Length", "")
        if not length.isdecimal():
            raise Broken
        yield headers.get_content_type(), body(int(length))
