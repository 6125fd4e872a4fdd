"""How the public form is shown: one question a page, or all fields on one where something sent is wrong."""

from collections.abc import Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from corong.intake import form_entry, form_steps
from corong.intake.form_entry import Entry
from corong.intake.form_key import COOKIE, LIFETIME, FormKeys
from corong.intake.proof_of_work import MOST, ProofOfWork
from corong.intake.similar import SimilarAnswer
from corong.runtime.identity_numbers import has_identity_number
from corong.runtime.pages import NOTHING_KEPT, Pages

KEPT_FOR_GOING_BACK = {"Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
"""Without `Cookie`: the page itself sets one, and would not be found again."""


class FormView:
    """Renders the form for a browser, with a key for it."""

    def __init__(self, keys: FormKeys, work: ProofOfWork, pages: Pages) -> None:
        self._keys = keys
        self._work = work
        self._pages = pages

    def browser(self, request: Request) -> str:
        """What the browser's cookie is, or should be."""
        return self._keys.browser(request.cookies.get(COOKIE))

    def step(
        self,
        request: Request,
        step: str,
        entry: Entry,
        errors: dict[str, str] | None = None,
        *,
        key: str | None = None,
        browser: str | None = None,
        answered: Sequence[SimilarAnswer] = (),
    ) -> Response:
        """One page of the form. The browser may keep it: who goes back finds it as it was.

        `answered` are published answers to what was written, on the page that shows them.
        """
        known = form_steps.steps(entry.kind)
        aside = step == form_steps.ANSWERED
        browser = browser or self.browser(request)
        key = key or self._keys.make(browser)
        response = self._pages.render(
            request,
            "form_step.html",
            422 if errors else 200,
            KEPT_FOR_GOING_BACK,
            step=step,
            place=known.index(form_steps.TEXT if aside else step) + 1,
            count=0 if step == known[0] else len(known),  # how many follow, the first answer says
            previous=_previous(step, entry.kind),
            answered=answered,
            entry=entry,
            hidden={name: value for name, value in entry.carried.items() if name not in form_steps.FIELDS[step]},
            errors=errors or {},
            **self._shared(entry, key, browser),
        )
        return self._with_cookie(request, response, browser)

    def whole(
        self, request: Request, entry: Entry, errors: dict[str, str], status: int, *, key: str | None = None
    ) -> Response:
        """All fields on one page with what is wrong, and a new key where the old one can't be used again."""
        if entry.files:
            again = self._pages.texts(request).gettext("Pilih lagi berkas lampirannya: peramban tidak menyimpannya.")
            errors["attachments"] = f"{errors['attachments']} {again}" if "attachments" in errors else again
        browser = self.browser(request)
        key = key or self._keys.make(browser)
        response = self._pages.render(
            request,
            "form.html",
            status,
            NOTHING_KEPT,
            entry=entry,
            errors=errors,
            **self._shared(entry, key, browser),
        )
        return self._with_cookie(request, response, browser)

    def _shared(self, entry: Entry, key: str, browser: str) -> dict[str, Any]:
        """What each page of the form shows of what was written, and what it hands on hidden."""
        named = self._keys.named_request(entry.about, browser)
        return {
            "key": key,
            "work": {"challenge": self._work.challenge(key), "most": MOST},
            "kinds": form_entry.KINDS,
            "limits": form_entry,
            "ask_digits": has_identity_number(entry.text),
            "request_number": named[1] if named else "",
        }

    def _with_cookie(self, request: Request, response: Response, browser: str) -> Response:
        # Lax, not Strict: who comes by a link from elsewhere keeps the forms open in other windows.
        response.set_cookie(
            COOKIE, browser, max_age=LIFETIME, httponly=True, samesite="lax", secure=self._pages.secure(request)
        )
        return response


def _previous(step: str, kind: str) -> str:
    """The page to go back to; empty on the first."""
    if step == form_steps.ANSWERED:
        return form_steps.TEXT
    return form_steps.before(step, kind) if step != form_steps.steps(kind)[0] else ""
