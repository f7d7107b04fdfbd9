"""What went wrong, as a page: the message that a command would print, and the way back."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from monitor.errors import MonitorError, StoreError, UsageError
from monitor.web.desk import page

log = logging.getLogger(__name__)

WORDS = {404: "There is no such page.", 405: "This address does not take that."}


async def refused(request: Request, error: Exception) -> Response:
    """An address that is not there, or does not take what was sent."""
    assert isinstance(error, HTTPException)
    return answer(request, error.status_code, WORDS.get(error.status_code) or error.detail)


async def mistaken(request: Request, error: Exception) -> Response:
    """Something named that does not exist, or that cannot be done."""
    # What a command calls --period, a form calls period.
    message = re.sub(r"--(?=[a-z])", "", str(error))
    return answer(request, 404 if request.method == "GET" else 409, message)


async def unavailable(request: Request, error: Exception) -> Response:
    """The database cannot be used now."""
    log.error("page failed", extra={"path": request.url.path, "error": str(error)})
    return answer(request, 503, str(error))


def answer(request: Request, status: int, message: str) -> Response:
    """The message, for people as a page and for programs as JSON."""
    if request.url.path.startswith("/api/"):
        return JSONResponse({"error": message}, status_code=status)
    return page(request, "trouble.html", status=status, message=message)


HANDLERS: Mapping[Any, Any] = {
    HTTPException: refused,
    UsageError: mistaken,
    StoreError: unavailable,
    MonitorError: unavailable,
}
