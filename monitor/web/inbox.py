"""The inbox: what waits for a reviewer, most serious first."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.report.view import view
from monitor.web.desk import monitor, page


def inbox(request: Request) -> Response:
    """Flagged changes that nobody answered yet."""
    now = monitor(request)
    report = now.report("Inbox", changes=now.store.changes(limit=50), documents=now.select(()))
    return page(request, "inbox.html", view=view(report))


ROUTES = (Route("/", inbox),)
