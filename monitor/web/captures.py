"""Stored captures: what was served, when and from where, and the bytes themselves behind glass."""

from __future__ import annotations

import re

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.web.desk import monitor, page

SHA256 = re.compile(r"[0-9a-f]{64}")
SHOWN = ("text/html", "application/xhtml+xml", "text/plain", "text/markdown")
"""What a browser draws by itself from text; anything else is only handed over as a file."""

GLASS = {
    # No scripts, forms, frames or requests, and an origin of its own: page text can do nothing here.
    "content-security-policy": (
        "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
    ),
    "x-frame-options": "SAMEORIGIN",
}


def capture(request: Request) -> Response:
    """What is known of a capture, with what it shows in a frame."""
    found = monitor(request).store.capture(_hash(request))
    media = found.header("content-type")
    return page(request, "capture.html", capture=found, drawn=_is_drawn(media))


def body(request: Request) -> Response:
    """The bytes as they were served, in a sandbox."""
    found = monitor(request).store.capture(_hash(request))
    media = found.header("content-type")
    headers = dict(GLASS)
    if not _is_drawn(media):
        headers["content-disposition"] = f'attachment; filename="{found.sha256[:16]}"'
        media = "application/octet-stream"
    return Response(found.body, headers={**headers, "content-type": media})


def _is_drawn(media: str) -> bool:
    return media.partition(";")[0].strip().lower() in SHOWN


def _hash(request: Request) -> str:
    sha256: str = request.path_params["sha256"]
    if not SHA256.fullmatch(sha256):
        raise HTTPException(404)
    return sha256


ROUTES = (Route("/captures/{sha256}", capture), Route("/captures/{sha256}/body", body))
