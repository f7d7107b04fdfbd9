"""What every page works at: the monitor as it is now, and the templates."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from monitor.errors import UsageError
from monitor.model import Step
from monitor.report.html import LINKABLE
from monitor.report.wording import instant, visible
from monitor.web.access import Access
from monitor.wiring import Monitor

HIGHEST = 2**63 - 1
"""The highest number that a row can have."""


@dataclass(frozen=True)
class Desk:
    """The monitor as it is at this moment, and who may use it."""

    monitor: Callable[[], Monitor]
    access: Access


def desk(request: Request) -> Desk:
    """The desk of the application that a request came to."""
    found: Desk = request.app.state.desk
    return found


def monitor(request: Request) -> Monitor:
    """The monitor as it is now."""
    return desk(request).monitor()


def reviewer(request: Request) -> str:
    """Who answers: the person signed in, or else the user that serves the pages."""
    name: str = request.state.user
    return name


def inside(target: str) -> str:
    """An address of this application to go on to; anything that leads elsewhere becomes the first page."""
    parts = urlsplit(target)
    leads_away = (
        parts.scheme or parts.netloc or not target.startswith("/") or target.startswith(("//", "/\\"))
    )
    return "/" if leads_away else target


def number(request: Request) -> int:
    """The number in the address; HTTPException for one that no row of a database has."""
    found: int = request.path_params["number"]
    if found > HIGHEST:
        raise HTTPException(404)
    return found


def numbers(words: object) -> tuple[int, ...]:
    """The numbers that a form or an address names, parted by spaces; what is none is left out."""
    found = (int(word) for word in str(words).split() if word.isdecimal() and len(word) < 20)
    return tuple(one for one in found if one <= HIGHEST)


def done(request: Request) -> Step | None:
    """The step that led to this page, to be told there and taken back."""
    named = numbers(request.query_params.get("done", ""))
    if len(named) != 1:
        return None
    try:
        return monitor(request).store.step(named[0])
    except UsageError:
        return None


def page(request: Request, template: str, *, status: int = 200, **facts: object) -> HTMLResponse:
    """A page drawn from a template of this folder; everything in `facts` is escaped there."""
    shared: dict[str, object] = {
        "path": request.url.path,
        "user": reviewer(request),
        "signed_in": not desk(request).access.is_open,
    }
    text = _environment().get_template(template).render(shared | facts)
    # A page that is watched may hold half a character, which no encoding takes.
    return HTMLResponse(text.encode("utf-8", "replace"), status_code=status)


@cache
def _environment() -> Environment:
    environment = Environment(
        # A change is drawn with the same macros as in reports.
        loader=ChoiceLoader([PackageLoader("monitor.web"), PackageLoader("monitor.report")]),
        autoescape=select_autoescape(["html"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["linkable"] = lambda url: bool(re.fullmatch(LINKABLE, url))
    environment.filters["instant"] = instant
    environment.filters["visible"] = visible
    environment.filters["capitalize_first"] = lambda words: words[:1].upper() + words[1:]
    return environment
