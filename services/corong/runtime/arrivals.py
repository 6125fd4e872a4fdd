"""Messages of a writer's partition as they come from the broker, known by subject and headers, not yet opened."""

import re
from dataclasses import dataclass
from functools import cached_property

from nats.aio.msg import Msg

WRITER_HEADER = "Corong-Writer"
NUMBER_HEADER = "Corong-Number"
ASKED_HEADER = "Corong-Asked"
"""On what a writer sends again: the id that the reader gave its question."""

_PARTITION = re.compile(r"[0-9]{2,4}")
_NUMBER = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True)
class Arrived:
    """One message of a writer's partition."""

    writer: str
    """Empty where subject and headers don't name one."""
    number: int
    name: str
    """`<noun>.<verb>`."""
    subject: str
    body: bytes
    asked: str = ""
    """The question that it answers, where it was sent again."""

    @cached_property
    def fits(self) -> bool:
        """Whether the body is that writer's event of this number and name, as its canonical bytes tell unopened.

        Looking for the attributes is faster than opening: quotes inside of texts are escaped, so nothing else in
        canonical JSON looks like them. Looked for once, for all services of the process.
        """
        return (
            f'"number":{self.number},'.encode() in self.body
            and f'"writer":"{self.writer}"'.encode() in self.body
            and f'"type":"id.corong.{self.name}.v'.encode() in self.body
        )


def arrived(message: Msg) -> Arrived:
    """Read subject and headers; a writer that they don't agree on is left empty. Never raises."""
    headers = message.headers or {}
    writer = headers.get(WRITER_HEADER, "")
    number = headers.get(NUMBER_HEADER, "")
    parts = message.subject.split(".")
    # The broker's permissions make sure of the subject; a header that says otherwise is not believed.
    named = (
        len(parts) == 6
        and writer == f"{parts[2]}.{parts[3]}"
        and _PARTITION.fullmatch(parts[3]) is not None
        and _NUMBER.fullmatch(number) is not None
    )
    return Arrived(
        writer=writer if named else "",
        number=int(number) if named else 0,
        name=".".join(parts[4:6]),
        subject=message.subject.replace("\0", ""),  # which PostgreSQL does not take
        body=message.data,
        asked=headers.get(ASKED_HEADER, ""),
    )
