"""The review application: pages, forms and the JSON interface over one database, drawn on the server."""

from __future__ import annotations

from collections.abc import Callable

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from monitor.web import captures, documents, health, inbox, looks, signin, trouble
from monitor.web.access import Access, Door
from monitor.web.desk import Desk
from monitor.wiring import Monitor

PAGES: tuple[Route, ...] = (
    *inbox.ROUTES,
    *documents.ROUTES,
    *captures.ROUTES,
    *health.ROUTES,
    *signin.ROUTES,
    *looks.ROUTES,
)
"""Every address of the application; a page brings its own."""


def application(monitor: Callable[[], Monitor], access: Access) -> Starlette:
    """The application over what `monitor` gives at each request, for whom `access` lets in.

    *changes.ROUTES,
    *answers.ROUTES,
    `monitor` is asked anew each time, so that a reloaded watchlist counts at once.
    """
    app = Starlette(
        routes=[*PAGES, Mount("/static", StaticFiles(packages=[("monitor.web", "static")]), name="static")],
        middleware=[Middleware(Door, access=access)],
        exception_handlers=trouble.HANDLERS,
    )
    app.state.desk = Desk(monitor, access)
    return app
