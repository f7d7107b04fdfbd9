"""Health: what failed, is doubtful, shrank or has not been seen, since when, and when it is tried again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.health import alarms, in_trouble
from monitor.model import Document, Health
from monitor.report.health import in_one_line
from monitor.report.wording import because, instant
from monitor.web.desk import monitor, page
from monitor.wiring import clock


def health(request: Request) -> Response:
    """Every document that a person should look at, those unseen for longest first; then the rest counted."""
    now = monitor(request)
    watched = now.watchlist.documents
    report = now.report("Health", documents=watched.values())
    at = clock()
    told = [one for one in report.health if in_trouble(one) or alarms(one, watched[one.document], at)]
    told.sort(key=lambda one: (not in_trouble(one), instant(one.since or one.last_good), one.document))
    return page(
        request,
        "health.html",
        says=in_one_line(report),
        troubles=[_trouble(watched[one.document], one) for one in told],
        never=[one.document for one in report.health if one.last_check is None],
        seen=[one for one in report.health if one.last_check and one not in told],
    )


def _trouble(document: Document, health: Health) -> dict[str, object]:
    return {
        "document": document,
        "health": health,
        "alarms": [reason.detail for reason in alarms(health, document, clock())],
        "why": because(health.reasons) if in_trouble(health) else "",
    }


ROUTES = (Route("/health", health),)
