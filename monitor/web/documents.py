"""The documents: their versions with any two compared, what the current one says, and how watching goes."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.compare import between
from monitor.errors import UsageError
from monitor.health import alarms, in_trouble
from monitor.model import Document, Health, RecordedChange, ReviewState, VersionInfo
from monitor.report import picture, wording
from monitor.report.item import tell
from monitor.statements.summary import describe
from monitor.web.desk import monitor, number, page
from monitor.wiring import Monitor, clock

CHANGES = 50
"""Changes of a document that its page lists."""

VERSIONS = 50
"""Versions that it lists before it is asked for all."""


def documents(request: Request) -> Response:
    """Every watched document, by provider."""
    now = monitor(request)
    watched = now.watchlist.documents
    known = {one.document: one for one in now.store.health(list(watched))}
    by_provider: dict[str, list[tuple[Document, Health]]] = {}
    for document in watched.values():
        name = now.watchlist.providers[document.provider].name
        by_provider.setdefault(name, []).append((document, known[document.id]))
    return page(request, "documents.html", providers=by_provider, says=_says)


def document(request: Request) -> Response:
    """One document with everything known of it."""
    now, watched = monitor(request), _document(request)
    (health,) = now.store.health([watched.id])
    versions = now.store.versions(watched.id)
    reading = now.reading(watched)
    checks = now.store.checks(watched.id)
    changes = now.store.changes(document_ids=[watched.id], limit=CHANGES)
    report = now.report(watched.id, changes=changes)
    return page(
        request,
        "document.html",
        document=watched,
        provider=now.watchlist.providers[watched.provider].name,
        health=health,
        says=_says(health),
        alarms=[reason.detail for reason in alarms(health, watched, clock())],
        versions=versions[::-1] if "versions" in request.query_params else versions[::-1][:VERSIONS],
        known=len(versions),
        changes=[tell(change, report) for change in changes],
        statements=[(one, describe(one)) for one in reading.statements],
        reading=reading,
        checks=list(reversed(checks)),
        pictures=(picture.checks(checks), picture.lengths(health.lengths)),
    )


def compare(request: Request) -> Response:
    """Any two versions of a document beside each other, whatever came between."""
    now, watched = monitor(request), _document(request)
    before, after = (_version(request, now, watched, name) for name in ("before", "after"))
    if before.id == after.id:
        return RedirectResponse(f"/documents/{watched.id}", status_code=303)
    if before.id > after.id:
        before, after = after, before
    change = _between(now, watched, before, after)
    return page(
        request,
        "compared.html",
        document=watched,
        before=before,
        after=after,
        item=tell(change, now.report("Compared"), in_full=True) if change.change.clauses else None,
    )


def version(request: Request) -> Response:
    """The whole text of a version, as it was read."""
    now = monitor(request)
    found = now.store.version(number(request))
    return page(request, "version.html", version=found)


def _between(now: Monitor, watched: Document, before: VersionInfo, after: VersionInfo) -> RecordedChange:
    old, new = now.store.version(before.id), now.store.version(after.id)
    change = between(watched, old, new, now.rules)
    return RecordedChange(id=0, change=change, before=before, after=after, state=ReviewState.NOTHING)


def _document(request: Request) -> Document:
    name = f"{request.path_params['provider']}/{request.path_params['slug']}"
    watched = monitor(request).watchlist.documents.get(name)
    if watched is None:
        raise HTTPException(404)
    return watched


def _version(request: Request, now: Monitor, watched: Document, name: str) -> VersionInfo:
    asked = request.query_params.get(name, "")
    for version in now.store.versions(watched.id):
        if str(version.id) == asked:
            return version
    raise UsageError(f"{name}={asked or '…'} is no version of {watched.id}; choose two of its page")


def _says(health: Health) -> str:
    """How the watching goes, in a few words."""
    if health.last_check is None:
        return "not yet checked"
    if in_trouble(health):
        return f"not seen since {wording.short(health.last_good, 'ever')}: {wording.because(health.reasons)}"
    return f"seen {wording.short(health.last_good)}"


ROUTES = (
    Route("/documents", documents),
    Route("/documents/{provider}/{slug}", document),
    Route("/documents/{provider}/{slug}/compare", compare),
    Route("/versions/{number:int}", version),
)
