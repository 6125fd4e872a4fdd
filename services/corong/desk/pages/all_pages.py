"""The router of all pages of the desk; a page that is added gets its line here."""

from fastapi import APIRouter

from corong.desk.app import DeskService
from corong.desk.pages import (
    account_page,
    act_page,
    audit_export_page,
    audit_page,
    audit_state_page,
    bulk_page,
    calendar_page,
    case_page,
    draft_page,
    drill_page,
    entry_page,
    figures_page,
    handover_page,
    mentions_page,
    obligations_page,
    officers_page,
    passkey_page,
    posts_page,
    proof_page,
    provider_page,
    queue_page,
    saved_views,
    search_page,
    setup_page,
    sign_in_page,
    stream_page,
    targets_page,
    units_page,
    unknown_page,
    wording_page,
)
from corong.desk.pages.frame import Frame
from corong.runtime.pages import Pages

PARTS = (
    sign_in_page,
    stream_page,
    queue_page,
    mentions_page,
    search_page,
    saved_views,
    bulk_page,
    act_page,
    draft_page,
    case_page,
    proof_page,
    figures_page,
    audit_page,
    audit_state_page,
    audit_export_page,
    drill_page,
    entry_page,
    handover_page,
    posts_page,
    wording_page,
    setup_page,
    officers_page,
    calendar_page,
    targets_page,
    obligations_page,
    units_page,
    account_page,
    passkey_page,
    provider_page,
    unknown_page,  # the last: it takes what is left
)


def routes(service: DeskService, pages: Pages) -> APIRouter:
    """The router. `pages` finds the desk's templates."""
    frame = Frame(service, pages)
    router = APIRouter()
    for part in PARTS:
        router.routes.extend(part.routes(frame).routes)
    return router
