"""Letters of the law for who holds the receipt: out of the store, opened, and kept nowhere."""

import re
from typing import Any

import structlog
from fastapi.responses import Response
from sqlalchemy import Row

from corong.runtime.installation import Installation
from corong.runtime.objects import Missing
from corong.runtime.pages import NOTHING_KEPT
from corong.runtime.sealing import BadSeal, Erased
from corong_contracts.message import AttachmentRef

log = structlog.get_logger()


async def content(installation: Installation, row: Row[Any]) -> bytes | None:
    """The pages; None where they were erased, or can't be read."""
    ref = AttachmentRef(digest=row.file, size=row.size, media_type=row.media_type)
    try:
        installation.sealer.open_text(row.digest)  # an erasure takes the file as well
        return await installation.objects.get(row.key, ref)
    except Erased:
        return None
    except (Missing, BadSeal) as error:
        log.error("a letter can't be read", document=row.document_id, error=type(error).__name__)
        return None


def as_file(pages: bytes, media_type: str, registration: str) -> Response:
    """To be saved under the registration number's name."""
    name = re.sub(r"[^A-Z0-9]+", "-", registration)
    headers = {
        **NOTHING_KEPT,
        "Content-Disposition": f'attachment; filename="surat-{name}.pdf"',
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(pages, media_type=media_type, headers=headers)
