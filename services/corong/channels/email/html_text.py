"""An HTML body to text that an officer can read: paragraphs, lists, links, and what was quoted marked with "> "."""

import re
from html import unescape
from html.parser import HTMLParser

import nh3

from corong.channels.email.charset import clean

MAX_HTML = 1_000_000
"""Characters of HTML that are looked at."""

_INLINE = {"a", "b", "i", "u", "em", "strong", "span", "font", "small", "sub", "sup", "code", "img", "br", "label"}
_PARAGRAPH = {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "pre", "table", "blockquote"}
_BLOCK = _PARAGRAPH | {"div", "li", "tr", "hr", "dt", "dd", "center", "section", "article", "address"}
_CELL = {"td", "th"}
_ATTRIBUTES = {"a": {"href"}, "img": {"alt"}, "*": {"class", "style", "hidden"}}
_DROPPED = {"script", "style", "title", "head", "template", "select", "textarea", "noframes", "iframe", "object"}
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\r\n]+")
_NO_END = {"br", "hr", "img"}
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]*)")
_ENDS_BY_ITSELF = {"p", "li", "td", "th", "tr", "dt", "dd", "option", "meta", "link", "input", "col", "wbr"} | _NO_END
_MAX_DEPTH = 400
"""Elements in each other; no program nests half as deep, and the parser's time grows with its square."""

RULE = "_" * 32
"""What a horizontal rule becomes; Outlook puts the same line above what it quotes."""


def html_to_text(html: str) -> str:
    """Return the readable text of an HTML body. Raises nothing; takes time in proportion to the length."""
    html = html[:MAX_HTML]
    if _depth(html) > _MAX_DEPTH:
        return clean(unescape(re.sub(r"<[^<>]*>", "\n", html))).strip()
    # A real HTML parser first: what comes out of it is well-formed, without scripts and comments.
    safe = nh3.clean(
        html,
        tags=_INLINE | _BLOCK | _CELL,
        clean_content_tags=_DROPPED,
        attributes=_ATTRIBUTES,
        link_rel=None,
    )
    reader = _Reader()
    reader.feed(safe)
    reader.close()
    return clean(reader.text())


def _depth(html: str) -> int:
    """Return how deep elements are nested at most, those not counted that end by themselves."""
    depth = deepest = 0
    for match in _TAG.finditer(html):
        if match[2].lower() not in _ENDS_BY_ITSELF:
            depth = max(0, depth - 1) if match[1] else depth + 1
            deepest = max(deepest, depth)
    return deepest


class _Reader(HTMLParser):
    """Builds lines from well-formed HTML."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._lines: list[str] = []
        self._line = ""
        self._blank = False
        self._blank_quoted = 0
        self._quoted = 0
        self._preformatted = 0
        self._lists: list[int] = []  # for each open list the next number, 0 for one with dashes
        self._hidden: list[str] = []  # open elements from the first hidden one on
        self._link = ""
        self._link_text = ""

    def text(self) -> str:
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if self._hidden or "hidden" in attributes or _HIDDEN.search(attributes.get("style") or ""):
            if tag not in _NO_END:
                self._hidden.append(tag)
            return
        if tag in _BLOCK:
            self._end_line()
        if tag in _PARAGRAPH and not (attributes.get("class") or "").startswith("Mso"):
            self._blank_line()
        match tag:
            case "br":
                self._end_line(always=True)
            case "hr":
                self._line = RULE
                self._end_line()
            case "blockquote":
                self._quoted += 1
            case "pre":
                self._preformatted += 1
            case "ul" | "ol":
                self._lists.append(1 if tag == "ol" else 0)
            case "li":
                self._line = self._bullet()
            case "img":
                self._line += (attributes.get("alt") or "").strip()
            case "a":
                self._link, self._link_text = attributes.get("href") or "", ""

    def handle_endtag(self, tag: str) -> None:
        if self._hidden:
            if tag in self._hidden:
                while self._hidden.pop() != tag:
                    pass
            return
        if tag == "a":
            self._end_link()
        if tag in _CELL and self._line and not self._line.endswith(" "):
            self._line += " "
        elif tag in _BLOCK:
            self._end_line()
        if tag in _PARAGRAPH:
            self._blank_line()
        match tag:
            case "blockquote":
                self._quoted = max(0, self._quoted - 1)
            case "pre":
                self._preformatted = max(0, self._preformatted - 1)
            case "ul" | "ol" if self._lists:
                self._lists.pop()

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        if self._link:
            self._link_text += data
        if self._preformatted:
            *whole, last = data.split("\n")
            for line in whole:
                self._line += line
                self._end_line(always=True)
            self._line += last
            return
        text = _SPACE.sub(" ", data)
        self._line += text.lstrip(" ") if not self._line or self._line.endswith(" ") else text

    def _bullet(self) -> str:
        indent = "  " * (len(self._lists) - 1)
        if self._lists and self._lists[-1]:
            self._lists[-1] += 1
            return f"{indent}{self._lists[-1] - 1}. "
        return f"{indent}- "

    def _end_link(self) -> None:
        target, shown = self._link.strip(), _SPACE.sub(" ", self._link_text).strip()
        self._link = ""
        bare = re.sub(r"^(https?://|mailto:|tel:)|/$", "", target)
        if target and bare and bare not in shown and target.startswith(("http://", "https://")):
            self._line += f" <{target}>" if shown else f"<{target}>"

    def _end_line(self, *, always: bool = False) -> None:
        line = self._line.rstrip().replace("\u00a0", " ")
        self._line = ""
        if not line and not always:
            return
        if self._blank and self._lines:
            self._lines.append(">" if min(self._blank_quoted, self._quoted) else "")
        self._blank = False
        self._lines.append("> " * self._quoted + line)

    def _blank_line(self) -> None:
        """Have an empty line before the next one, marked as quoted where the lines on both sides are."""
        self._blank_quoted = self._quoted if not self._blank else min(self._quoted, self._blank_quoted)
        self._blank = True
