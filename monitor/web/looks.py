"""How pages look: the style of reports, which the application shares."""

from __future__ import annotations

from importlib.resources import files

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def style(_: Request) -> Response:
    """The style sheet of reports; a change looks the same in both."""
    text = files("monitor.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    return Response(text, media_type="text/css", headers={"cache-control": "max-age=3600"})


ROUTES = (Route("/static/report.css", style),)
