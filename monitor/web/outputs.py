"""What is published, over HTTP: positions, badges and feeds, answered with 304 to who has them already."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from threading import Lock
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.model import RecordedChange
from monitor.publish import TABLES
from monitor.publish.badges import DRAWN, model_named, of_model, of_product
from monitor.publish.feeds import FORMS, documents, feed
from monitor.report.badge import Badge
from monitor.report.feed import MOST, is_told
from monitor.web.desk import monitor
from monitor.wiring import Monitor, clock, facts

TYPES = {
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8; header=present",
    ".md": "text/markdown; charset=utf-8",
    ".svg": "image/svg+xml",
    ".atom": "application/atom+xml",
}
FEED_TYPES = {**TYPES, ".json": "application/feed+json"}

REMEMBERED = 10_000
"""Addresses of which it is known since when they answer so; what changed longest ago is forgotten first."""

PAGE = "changes/{}"
"""Where a change is in this application, below its root."""


def table(request: Request) -> Response:
    """Every position, as JSON, CSV or Markdown."""
    name = request.url.path.removeprefix("/")
    text = TABLES[name](facts(monitor(request)))
    return _answer(request, text, TYPES[_ending(name, TYPES)])


def badge(request: Request) -> Response:
    """The badge of a claim: of a product path, or of a model."""
    path = request.path_params["path"]
    ending = _ending(path, DRAWN)
    whose, _, topic = path.removesuffix(ending).rpartition("/")
    made = _badge(monitor(request), whose, topic)
    if made is None:
        raise HTTPException(404)
    return _answer(request, DRAWN[ending](made), TYPES[ending])


def _badge(now: Monitor, whose: str, topic: str) -> Badge | None:
    found = facts(now)
    kind, _, model = whose.partition("/")
    made = of_model(model_named(model, found), topic, found) if kind == "models" else None
    return made or of_product(whose, topic, found)


def changes(request: Request) -> Response:
    """The feed of all changes, of a provider's, or of a product path's."""
    path = request.url.path.removeprefix("/")
    ending = _ending(path, FORMS)
    name, now = path.removesuffix(ending), monitor(request)
    root = f"{request.url.scheme}://{request.url.netloc}/"
    asked = facts(now)
    if feed(name, asked, PAGE) is None:
        raise HTTPException(404)
    report = replace(asked.report, changes=_newest(now, documents(name, asked)))
    made = feed(name, replace(asked, report=report, url=root), PAGE)
    assert made is not None
    return _answer(request, FORMS[ending](made), FEED_TYPES[ending])


def _newest(now: Monitor, asked: tuple[str, ...] | None) -> tuple[RecordedChange, ...]:
    """Enough of the newest changes for a feed to be full, where there are so many that it tells."""
    limit = MOST
    while True:
        found = now.store.changes(document_ids=asked, limit=limit)
        if len(found) < limit or sum(map(is_told, found)) >= MOST:
            return found
        limit *= 2


def _ending(path: str, known: Mapping[str, Any]) -> str:
    for ending in known:
        if path.endswith(ending):
            return ending
    raise HTTPException(404)


# --- to whom it is known ---------------------------------------------------------------------------


class Seen:
    """Since when each address has answered as it does, as far as this process knows."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, datetime]] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        return len(self._known)

    def since(self, path: str, etag: str, now: datetime) -> datetime:
        """When this content was first given out here, in whole seconds, and never as early as another one."""
        with self._lock:
            known, since = self._known.get(path, ("", None))
            if known != etag or since is None:
                after = since + timedelta(seconds=1) if since else now
                since = max(now.replace(microsecond=0), after.replace(microsecond=0))
                self._known.pop(path, None)
                self._known[path] = (etag, since)
                if len(self._known) > REMEMBERED:
                    del self._known[next(iter(self._known))]
            return since


def _answer(request: Request, text: str, media_type: str) -> Response:
    body = text.encode("utf-8", "replace")
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    # The root is part of a feed's addresses, and differs with the name that this machine is called by.
    seen: Seen = request.app.state.seen
    since = seen.since(f"{request.url.netloc}{request.url.path}", etag, clock())
    headers = {
        "etag": etag,
        "last-modified": format_datetime(since.astimezone(UTC), usegmt=True),
        "cache-control": "private, no-cache",
    }
    if _has_it(request, etag, since):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _has_it(request: Request, etag: str, since: datetime) -> bool:
    """Whether who asks has this already; a date counts only where no ETag was sent (RFC 9110, 13.2.2)."""
    if sent := request.headers.get("if-none-match"):
        tags = [tag.strip().removeprefix("W/") for tag in sent.split(",")]
        return "*" in tags or etag in tags
    try:
        had = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return since <= (had if had.tzinfo else had.replace(tzinfo=UTC))


ROUTES = (
    *(Route(f"/{name}", table) for name in TABLES),
    Route("/badges/{path:path}", badge),
    Route("/feeds/{path:path}", changes),
)
