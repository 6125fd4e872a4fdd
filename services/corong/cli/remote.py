"""A hub over HTTP, as an officer or a channel account."""

import json
import os
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Literal, Self
from urllib.parse import quote, urlsplit
from uuid import uuid4
from zoneinfo import ZoneInfo

from corong.cli import zone
from corong.cli.parts import Broken, parts
from corong.cli.trouble import FAILED, NOT_ALLOWED, UNREACHABLE, Trouble
from corong.cli.words import language, say

if TYPE_CHECKING:
    import httpx

PAGE = 200
TRIES = 3
MAKING_SECONDS = 600.0
"""The longest silence while something is made."""
_LOCAL = ("127.0.0.1", "::1", "localhost")


def default_url() -> str:
    """The hub of this machine."""
    return f"http://127.0.0.1:{os.environ.get('CORONG_PORT') or 8080}"


def case_path(case: str) -> str:
    """The path of a case, by id or registration number (`PI/2026/000123`)."""
    return f"/api/v1/cases/{quote(case.replace('/', '-'), safe='')}"


class Remote:
    """One connection; use it as a context."""

    def __init__(
        self, url: str | None, caller: str | None, kind: Literal["officer", "account"], *, anonymous: bool = False
    ) -> None:
        """`caller` gets a token made here, in place of the one in CORONG_TOKEN. Raises `Trouble`.

        `anonymous`: no token at all, of a hub that is another's.
        """
        self.url = (url or default_url()).rstrip("/")
        self.kind = kind
        token = os.environ.get("CORONG_TOKEN", "").strip()
        if caller is not None:
            from corong.cli.tokens import token_of

            token = token_of(kind, caller, days=1)
        self._token = "" if anonymous else token

    def __enter__(self) -> Self:
        """Open it."""
        # httpx would load a command line of its own, where what that needs is here: a sixth of what we wait for.
        sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # None says that there is none
        import httpx

        headers: dict[str, str] = {"Accept-Language": language()}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        try:
            host = urlsplit(self.url).hostname
            # A proxy of the network is no way to this machine itself.
            self._client = httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=host not in _LOCAL)
        except (ValueError, httpx.InvalidURL, UnicodeError):
            raise Trouble(
                say(f"Alamat hub {self.url!r} tidak sah", f"The hub's address {self.url!r} is not valid"),
                say("tulis seperti http://127.0.0.1:8080", "write it as http://127.0.0.1:8080"),
            ) from None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self._client.close()

    def get(self, path: str, **asked: Any) -> Any:
        """The answer's JSON. Raises `Trouble`."""
        return self._call("GET", path, params={name: value for name, value in asked.items() if value is not None})

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        """The answer's JSON; done once, however often the network makes it try. Raises `Trouble`."""
        return self._call("POST", path, json=body, headers={"Idempotency-Key": key or str(uuid4())})

    def send(self, path: str, content: bytes, kind: str) -> Any:
        """The answer's JSON to a body that is none. Raises `Trouble`."""
        return self._call("POST", path, content=content, headers={"Content-Type": kind})

    def put(self, path: str, body: Any) -> Any:
        """The answer's JSON. Raises `Trouble`."""
        return self._call("PUT", path, json=body, headers={"Idempotency-Key": str(uuid4())})

    def content(self, path: str, body: Any = None, **asked: Any) -> bytes:
        """An answer that is no JSON, as it comes; nothing is changed by asking for it. Raises `Trouble`."""
        params = {name: value for name, value in asked.items() if value is not None}
        answer = self._answer("GET", path, params=params) if body is None else self._answer(
            "POST", path, params=params, json=body
        )  # fmt: skip
        return bytes(answer.content)

    def zone(self) -> ZoneInfo:
        """The government's time zone, as the hub has it. Raises `Trouble`."""
        if zone.learned() is None:
            self.get("/api/v1/me")
        return zone.learned() or ZoneInfo("UTC")

    def copy_lines(self, path: str, **asked: Any) -> None:
        """Write an NDJSON answer to the output as it comes. Raises `Trouble`, also where it breaks off half-way."""
        import httpx

        params = {name: value for name, value in asked.items() if value is not None}
        headers = {"Accept": "application/x-ndjson"}
        try:
            with self._client.stream("GET", path, params=params, headers=headers, timeout=120) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._refused(answer)
                for block in answer.iter_bytes():
                    sys.stdout.buffer.write(block)
                sys.stdout.buffer.flush()
        except httpx.ConnectError:
            raise self._unreachable() from None
        except httpx.TransportError:
            raise Trouble(
                say("Sambungan terputus: keluaran ini tidak lengkap", "The connection broke: this output is not whole"),
                say("ulangi perintah ini", "run the command again"),
                UNREACHABLE,
            ) from None

    def fetch_made(self, path: str, body: Any, file: IO[bytes], step: Callable[[int, int], None]) -> dict[str, Any]:
        """Have a file made: `step` hears how far that is, `file` gets it whole. What was made. Raises `Trouble`."""
        import httpx

        headers = {"Accept": "multipart/mixed", "Idempotency-Key": str(uuid4())}
        try:
            with self._client.stream("POST", path, json=body, headers=headers, timeout=MAKING_SECONDS) as answer:
                if not answer.is_success:
                    answer.read()
                    raise self._refused(answer)
                made: dict[str, Any] = {}
                for kind, blocks in parts(answer.iter_bytes()):
                    if kind not in ("application/json", "application/problem+json"):
                        for block in blocks:
                            file.write(block)
                        return made
                    told = json.loads(b"".join(blocks))
                    if kind != "application/json":
                        raise self._trouble(int(told.get("status", 500)), told)
                    if "made" in told:
                        made = told["made"]
                    else:
                        step(told["done"], told["size"])
                raise Broken
        except httpx.ConnectError:
            raise self._unreachable() from None
        except (httpx.TransportError, Broken):
            raise Trouble(
                say("Sambungan terputus: tidak ada yang diterima", "The connection broke: nothing was received"),
                say("ulangi perintah ini", "run the command again"),
                UNREACHABLE,
            ) from None

    def _call(self, method: str, path: str, **given: Any) -> Any:
        answer = self._answer(method, path, **given)
        return answer.json() if answer.content else None

    def _answer(self, method: str, path: str, **given: Any) -> "httpx.Response":
        import httpx

        for attempt in range(1, TRIES + 1):
            try:
                answer = self._client.request(method, path, **given)
            except httpx.TransportError as error:
                # What may have arrived is asked again with the same key.
                if attempt < TRIES and not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
                    continue
                raise self._unreachable() from None
            if answer.status_code == 503 and attempt < TRIES:
                time.sleep(0.5 * attempt)
                continue
            break
        zone.learn(answer.headers.get(zone.HEADER))
        if answer.is_success:
            return answer
        raise self._refused(answer)

    def _unreachable(self) -> Trouble:
        return Trouble(
            say(f"Hub tidak menjawab di {self.url}", f"The hub does not answer at {self.url}"),
            say(
                "jalankan `corong up`, atau setel CORONG_URL ke alamat hub",
                "start it with `corong up`, or set CORONG_URL to the hub's address",
            ),
            UNREACHABLE,
        )

    def _refused(self, answer: "httpx.Response") -> Trouble:
        problem: dict[str, Any] = {}
        if "json" in answer.headers.get("content-type", ""):
            problem = answer.json()
        return self._trouble(answer.status_code, problem)

    def _trouble(self, status: int, problem: dict[str, Any]) -> Trouble:
        what = str(problem.get("detail") or f"HTTP {status}")
        if status == 401:
            holder = "account api-contoh" if self.kind == "account" else "officer ppid-utama"
            do = say(
                f"buat token, misalnya: export CORONG_TOKEN=$(corong token {holder})",
                f"make a token, for instance: export CORONG_TOKEN=$(corong token {holder})",
            )
            return Trouble(what, do, NOT_ALLOWED)
        fields = ", ".join(problem.get("fields", ()))
        if fields and fields not in what:
            what = f"{what} ({fields})"
        return Trouble(what, "", NOT_ALLOWED if status == 403 else FAILED)
