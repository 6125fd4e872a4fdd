"""Citizens' pictures: fetched from hosts that the office trusts, linked from all others."""

import base64
from urllib.parse import urlsplit

import httpx

from corong.channels.mastodon.entities import Media
from corong.channels.mastodon.settings import MastodonSettings
from corong_contracts.channel import MAX_ATTACHMENTS, InboundAttachment


class MediaFetcher:
    """Fetches media without our token, from the server's own host and those in `hosts`, within the size allowed."""

    def __init__(self, settings: MastodonSettings) -> None:
        self.hosts: set[str] = {settings.base_url.host or "", *settings.media_hosts}
        self._limit = settings.max_attachment_bytes
        self._http = httpx.AsyncClient(
            timeout=settings.timeout_seconds, follow_redirects=False, headers={"Connection": "close"}
        )

    async def close(self) -> None:
        """Let connections go."""
        await self._http.aclose()

    async def fetch(self, media: tuple[Media, ...]) -> tuple[list[InboundAttachment], list[str]]:
        """The files that could be had, and for the message's text a line for each with its text alternative.

        A file that could not be had is named in its line by its address, so nothing of the message is lost.
        """
        files: list[InboundAttachment] = []
        lines: list[str] = []
        for item in media:
            file = await self._file(item) if len(files) < MAX_ATTACHMENTS - 1 else None
            if file is not None:
                files.append(file)
            if file is None or item.description:
                said = [part for part in (item.description, "" if file else item.url) if part]
                lines.append(f"[Lampiran: {' '.join(said) or item.kind}]")
        return files, lines

    async def _file(self, item: Media) -> InboundAttachment | None:
        place = urlsplit(item.url)
        if place.scheme not in ("http", "https") or place.hostname not in self.hosts:
            return None
        content = bytearray()
        try:
            async with self._http.stream("GET", item.url) as answer:
                if answer.status_code != 200:
                    return None
                async for piece in answer.aiter_bytes():
                    content += piece
                    if len(content) > self._limit:
                        return None
        except (httpx.HTTPError, httpx.InvalidURL):
            return None
        kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        return InboundAttachment(
            name=place.path.rpartition("/")[2][:255],
            media_type=kind[:127] or "application/octet-stream",
            content=base64.b64encode(bytes(content)),
        )
