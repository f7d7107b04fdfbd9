"""The review application: pages, forms and the JSON interface over one database, drawn on the server."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from monitor.web import (
    answers,
    api,
    captures,
    changes,
    documents,
    find,
    health,
    inbox,
    looks,
    outputs,
    positions,
    probes,
    signin,
    trouble,
)
from monitor.web.access import Access, Door
from monitor.web.desk import Desk
from monitor.wiring import Monitor

PAGES: tuple[Route, ...] = (
    *inbox.ROUTES,
    *changes.ROUTES,
    *answers.ROUTES,
    *api.ROUTES,
    *documents.ROUTES,
    *captures.ROUTES,
    *health.ROUTES,
    *find.ROUTES,
    *outputs.ROUTES,
    *positions.ROUTES,
    *signin.ROUTES,
    *looks.ROUTES,
    *probes.ROUTES,
)
"""Every address of the application; a page brings its own."""


def application(monitor: Callable[[], Monitor], access: Access) -> Starlette:
    """The application over what `monitor` gives at each request, for whom `access` lets in.

    `monitor` is asked anew each time, so that a reloaded watchlist counts at once.
    """
    app = Starlette(
        routes=[*PAGES, Mount("/static", StaticFiles(packages=[("monitor.web", "static")]), name="static")],
        middleware=[Middleware(Door, access=access)],
        exception_handlers=trouble.HANDLERS,
    )
    app.state.desk = Desk(monitor, access)
    app.state.seen = outputs.Seen()
    app.state.tally = probes.Tally()
    return app
