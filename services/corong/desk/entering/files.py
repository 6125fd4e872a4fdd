"""Scans that come with the form: staged for intake, sealed there."""

from collections.abc import Sequence

from starlette.datastructures import FormData, UploadFile

from corong.runtime.formats import size
from corong.runtime.kind_names import Translate
from corong.runtime.language import Language
from corong.runtime.objects import Objects
from corong_contracts.channel import InboundAttachment

NAME = "attachments"
MOST = 5
MOST_BYTES = 10 * 1_048_576
MOST_TOGETHER = 20 * 1_048_576


async def read(form: FormData) -> list[tuple[str, str, bytes]]:
    """Name, media type and content of each file."""
    found: list[tuple[str, str, bytes]] = []
    for item in form.getlist(NAME):
        if isinstance(item, UploadFile) and (item.filename or item.size) and len(found) <= MOST:
            name = " ".join((item.filename or "").replace("\\", "/").split("/")[-1].split())[-255:]
            found.append((name, (item.content_type or "application/octet-stream")[:127], await item.read()))
    return found


def complaint(files: Sequence[tuple[str, str, bytes]], _: Translate, language: Language) -> str:
    """What is wrong with the files; empty where nothing is."""
    sizes = [len(content) for *_names, content in files]
    if len(files) > MOST:
        return _("Paling banyak %(most)s berkas.") % {"most": MOST}
    if max(sizes, default=0) > MOST_BYTES:
        return _("Satu berkas paling besar %(size)s.") % {"size": size(MOST_BYTES, language)}
    if sum(sizes) > MOST_TOGETHER:
        return _("Semua berkas bersama paling besar %(size)s.") % {"size": size(MOST_TOGETHER, language)}
    return ""


async def stage(objects: Objects, files: Sequence[tuple[str, str, bytes]]) -> list[InboundAttachment]:
    """Leave them for intake."""
    return [
        InboundAttachment(name=name, media_type=media_type, staged=await objects.stage(content))
        for name, media_type, content in files
    ]
