"""The HTML of a status as plain text that an officer can read, and the length that Mastodon counts.

Sources: docs.joinmastodon.org, "Formatting of statuses" (the tags and classes a status may carry) and "Posting to your
profile" (how characters are counted).
"""

import re
from collections.abc import Mapping
from html.parser import HTMLParser

import nh3

_BLOCKS = {"p", "div", "blockquote", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "hr"}
_TAGS = _BLOCKS | {"a", "br", "li", "img"}
_ATTRIBUTES = {"a": {"href", "class"}, "img": {"alt"}}
_MAX_CONTENT = 1_000_000
_URL = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MENTION = re.compile(r"(?<![\w/])@([\w.-]+)@[\w.-]*\w")


def plain_text(content: str, mentions: Mapping[str, str] | None = None) -> str:
    """The text of a status's `content`: paragraphs apart, a link as its address, a mention as `@name@host`.

    `mentions` gives the account's address by the URL of its profile, as the status lists them; a mention that isn't
    there keeps the words of the link.
    """
    # A real HTML parser first: what comes out of it is well-formed, without scripts and comments.
    safe = nh3.clean(content[:_MAX_CONTENT], tags=_TAGS, attributes=_ATTRIBUTES, link_rel=None)
    reader = _Reader(mentions or {})
    reader.feed(safe)
    reader.close()
    lines = [re.sub(r"[ \t\r\f\v\u00a0]+", " ", line).strip() for line in "".join(reader.said).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_leading(text: str, address: str) -> str:
    """`text` without the mentions of `address` (`name@host`, or `name`) that it begins with, if words are left then."""
    name = address.partition("@")[0]
    pattern = re.compile(rf"(?:@{re.escape(name)}(?:@[\w.-]*\w)?(?![\w@])[\s,:]*)+", re.IGNORECASE)
    rest = text[found.end() :] if (found := pattern.match(text)) else text
    return rest or text


def fingerprint(text: str) -> str:
    """What stays of a text on every server: letters and digits, without mentions; markup and line ends don't count."""
    without = re.sub(r"(?<![\w/])@[\w.-]+(@[\w.-]*\w)?", "", text)
    return "".join(re.findall(r"[^\W_]+", without)).casefold()


def counted_length(text: str, url_length: int) -> int:
    """Characters as Mastodon counts them: each URL as `url_length`, a mention without its host.

    Mastodon counts grapheme clusters; code points are never fewer, so nothing too long passes.
    """
    return len(_MENTION.sub(r"@\1", _URL.sub("x" * url_length, text)))


class _Reader(HTMLParser):
    def __init__(self, mentions: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._mentions = mentions
        self._verbatim = 0
        self._link: tuple[str, str, int] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a block, a line, or a link."""
        given = {name: value or "" for name, value in attrs}
        if tag == "br":
            self.said.append("\n")
        elif tag == "li":
            self.said.append("\n- ")
        elif tag == "img":
            self.said.append(given.get("alt", ""))
        elif tag in _BLOCKS:
            self.said.append("\n\n")
            self._verbatim += tag == "pre"
        elif tag == "a":
            self._end_link()
            self._link = (given.get("href", ""), given.get("class", ""), len(self.said))

    def handle_endtag(self, tag: str) -> None:
        """End a block or a link."""
        if tag in _BLOCKS:
            self.said.append("\n\n")
            self._verbatim -= tag == "pre"
        elif tag == "a":
            self._end_link()

    def handle_data(self, data: str) -> None:
        """Keep words; a line end in the source is a space, except in a preformatted block."""
        self.said.append(data if self._verbatim else re.sub(r"\s", " ", data))

    def _end_link(self) -> None:
        if self._link is None:
            return
        (href, kind, start), self._link = self._link, None
        label = "".join(self.said[start:])
        words = " ".join(label.split())
        if "mention" in kind.split() and not words.startswith("#"):
            address = self._mentions.get(href)
            said = f"@{address}" if address else words
        elif not href.startswith(("http://", "https://")) or "hashtag" in kind.split() or words.startswith("#"):
            said = label
        elif not words or _same_address(words, href):
            said = href
        else:
            said = f"{words} ({href})"
        self.said[start:] = [said]


def _same_address(words: str, href: str) -> bool:
    """Whether a link's words are its own address, whole or shortened as servers show it."""
    shown = re.sub(r"^https?://(www\.)?", "", words).rstrip("/")
    meant = re.sub(r"^https?://(www\.)?", "", href).rstrip("/")
    return shown == meant or (shown.endswith("…") and meant.startswith(shown[:-1]))
