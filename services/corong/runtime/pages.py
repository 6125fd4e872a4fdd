"""Pages: templates in the reader's language, files that go with them, and the page for what can't be done."""

import hashlib
import importlib.util
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

from babel.support import NullTranslations
from fastapi import APIRouter
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

import corong
from corong.runtime import formats
from corong.runtime.catalogue import translations
from corong.runtime.clock import moment
from corong.runtime.installation import Installation
from corong.runtime.language import COOKIE, LANGUAGES, Language, chosen_language, language_of
from corong.runtime.refusal import Refused

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
YEAR = 31_536_000
"""Seconds."""

NOTHING_KEPT = {"Cache-Control": "no-store"}
"""For pages with a citizen's words or secret."""


class Pages:
    """Renders pages; each service that has some makes one, with its own package's templates before the shared ones."""

    def __init__(self, installation: Installation, packages: Sequence[str] = ()) -> None:
        """`packages` are module names; their `templates` folders are searched first."""
        self.installation = installation
        self.hub = installation.directory.hub
        folders = [_folder(package) for package in (*packages, "corong.runtime")]
        self.refusals: dict[str, Callable[[Request, Refused], Response]] = {}
        """Beginning of a path → what says there what can't be done, in place of the citizens' page for it."""
        self._environments = {language: self._environment(language, folders) for language in LANGUAGES}

    def _environment(self, language: Language, folders: list[Path]) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(folders),
            extensions=["jinja2.ext.i18n"],
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.policies["ext.i18n.trimmed"] = True
        install: Callable[..., None] = environment.install_gettext_translations  # type: ignore[attr-defined]
        install(translations(language), newstyle=True)
        environment.globals["_"] = environment.globals["gettext"] = template_texts(language)
        zone = self.hub.zone
        environment.filters.update(
            day=lambda stamp: formats.day(_at(stamp), language, zone),
            month=partial(formats.month, language=language),
            weekday=partial(formats.weekday, language=language),
            minute=lambda stamp: formats.minute(_at(stamp), language, zone),
            size=partial(formats.size, language=language),
            number=partial(formats.number, language=language),
            paragraphs=formats.paragraphs,
        )
        environment.globals.update(
            hub=self.hub,
            language=language,
            asset=asset,
            version=corong.__version__,
            demo=self.installation.settings.demo,
        )
        return environment

    def texts(self, request: Request) -> NullTranslations:
        """The translations for this reader, for texts that code makes: `_ = pages.texts(request).gettext`."""
        return translations(language_of(request))

    def render(
        self, request: Request, template: str, status: int = 200, headers: dict[str, str] | None = None, **values: Any
    ) -> HTMLResponse:
        """A page. `?lang=` is remembered in a cookie."""
        language = language_of(request)
        made = self._environments[language].get_template(template)
        text = made.render(path=request.url.path, switch=_switch(request, language), **values)
        response = HTMLResponse(text, status, {"Vary": "Accept-Language, Cookie", **(headers or {})})
        response.headers["Content-Language"] = language
        if chosen := chosen_language(request):
            response.set_cookie(COOKIE, chosen, max_age=YEAR, samesite="lax", secure=self.secure(request))
        return response

    def refusal(self, request: Request, refused: Refused) -> Response:
        """What can't be done, as a page: for whoever asks with a browser."""
        for beginning, say in self.refusals.items():
            if f"{request.url.path}/".startswith(f"{beginning}/"):
                return say(request, refused)
        text = refused.english if language_of(request) == "en" else refused.indonesian
        headers = {**NOTHING_KEPT, **({"Retry-After": "5"} if refused.status == 503 else {})}
        return self.render(request, "error.html", refused.status, headers, code=refused.status, text=text)

    def base_url(self, request: Request) -> str:
        """Where citizens reach the pages: as configured, else as this request came. Without a final slash."""
        configured = self.installation.settings.public_url or self.hub.public_url
        return (configured or str(request.base_url)).rstrip("/")

    def secure(self, request: Request) -> bool:
        """Whether cookies may be bound to encrypted connections."""
        return self.base_url(request).startswith("https:")


class Asset:
    """A file that pages ask for, read once."""

    def __init__(self, path: Path) -> None:
        self.media_type = TYPES[path.suffix]
        self.content = path.read_bytes()
        self.digest = hashlib.sha256(self.content).hexdigest()[:16]


class _Assets:
    @cached_property
    def files(self) -> dict[str, Asset]:
        return {path.name: Asset(path) for path in sorted(STATIC.iterdir()) if path.suffix in TYPES}


_assets = _Assets()


def asset(name: str) -> str:
    """The address of a file in `static`: another content, another address. Raises `KeyError`."""
    return f"/static/{name}?v={_assets.files[name].digest}"


def static_routes() -> APIRouter:
    """Serves the files of `static`."""
    router = APIRouter()

    @router.get("/static/{name}", include_in_schema=False)
    async def static(request: Request, name: str) -> Response:
        found = _assets.files.get(name)
        if found is None:
            raise HTTPException(404)
        etag = f'"{found.digest}"'
        lasting = request.query_params.get("v") == found.digest
        headers = {
            "ETag": etag,
            "Cache-Control": f"public, max-age={YEAR}, immutable" if lasting else "no-cache",
        }
        if request.headers.get("if-none-match") == etag:
            return Response(status_code=304, headers=headers)
        return Response(found.content, media_type=found.media_type, headers=headers)

    return router


def _at(when: str | datetime) -> datetime:
    """A moment, from how rows keep it or as it is."""
    return moment(when) if isinstance(when, str) else when


def template_texts(language: Language) -> Callable[..., Markup]:
    """What a template asks for each of its texts: translated once, and not for each row of a list."""
    translated = translations(language).gettext

    @lru_cache(maxsize=4_096)
    def known(text: str) -> Markup:
        return Markup(translated(text))  # noqa: S704  # templates' own texts, which no reader writes

    @lru_cache(maxsize=4_096)
    def plain(text: str) -> Markup:
        return known(text) % {}  # as with values: what is a percent sign stands twice

    def text(said: str, /, **values: Any) -> Markup:
        return known(said) % values if values else plain(said)

    return text


def _folder(package: str) -> Path:
    found = importlib.util.find_spec(package)
    assert found is not None, package
    assert found.origin is not None, package
    return Path(found.origin).parent / "templates"


def _switch(request: Request, language: Language) -> str | None:
    """The address of this page in the other language; None where asking again would lose what was written."""
    if request.method not in ("GET", "HEAD"):
        return None
    other = "en" if language == "id" else "id"
    return f"{request.url.path}?{request.url.include_query_params(lang=other).query}"
