"""Search: any words in any version of any document, with the clause and from when to when it stood."""

from __future__ import annotations

from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.report.wording import counted
from monitor.web.desk import monitor, page

MOST = 100
"""Clauses that one search shows."""


NOTHING = (
    "No version of any document holds these words. They are found as written: “train” is not “training”."
)


def search(request: Request) -> Response:
    """What the documents say, or ever said, with these words."""
    now = monitor(request)
    query = request.query_params.get("q", "").strip()[:200]
    provider = request.query_params.get("provider", "")
    documents = None
    if provider:
        documents = [one.id for one in now.watchlist.documents.values() if one.provider == provider]
    found = now.store.search(query, document_ids=documents, limit=MOST + 1) if query else ()
    standing = [one for one in found[:MOST] if one.until is None]
    gone = [one for one in found[:MOST] if one.until is not None]
    return page(
        request,
        "search.html",
        query=query,
        provider=provider,
        providers=now.watchlist.providers.values(),
        says=_says(query, len(found)),
        groups=[
            (title, [(name, list(ones)) for name, ones in groupby(some, key=lambda one: one.document)])
            for title, some in (
                ("Stands now", sorted(standing, key=lambda one: one.document)),
                ("Stood once", gone),
            )
            if some
        ],
    )


def _says(query: str, found: int) -> str:
    if not query:
        return ""
    if found > MOST:
        return f"More than {counted(MOST, 'clause')} hold these words; the first are shown."
    return f"{counted(found, 'clause')} found." if found else NOTHING


ROUTES = (Route("/search", search),)
