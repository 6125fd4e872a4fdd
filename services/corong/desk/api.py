"""The officers' JSON API."""

from fastapi import APIRouter

from corong.runtime.service import Service


def routes(service: Service) -> APIRouter:
    """The router."""
    return APIRouter(prefix="/api/v1", tags=["desk"])
