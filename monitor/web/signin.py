"""Signing in and out, where a password is asked for."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.web.access import COOKIE, STAYS
from monitor.web.desk import desk, inside, page

PENALTY = 1.0
"""Seconds that a wrong password costs; one after the other, so that guessing stays slow."""

_one_at_a_time = asyncio.Lock()


async def form(request: Request) -> Response:
    """The form to sign in with."""
    return page(request, "sign-in.html", next=inside(request.query_params.get("next", "/")), wrong=False)


async def sign_in(request: Request) -> Response:
    """Give a pass to who knows the password; answers are then signed with the name typed here."""
    given = await request.form()
    name = str(given.get("name", "")).strip()[:80]
    target = inside(str(given.get("next", "/")))
    access = desk(request).access
    if not name or not access.admits(str(given.get("password", ""))):
        async with _one_at_a_time:
            await asyncio.sleep(PENALTY)
        return page(request, "sign-in.html", status=403, next=target, wrong=True)
    answer = RedirectResponse(target, status_code=303)
    answer.set_cookie(
        COOKIE,
        access.pass_for(name, time.time()),
        max_age=STAYS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


async def sign_out(request: Request) -> Response:
    """Take the pass away."""
    answer = RedirectResponse("/sign-in", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


ROUTES = (
    Route("/sign-in", form, methods=["GET"]),
    Route("/sign-in", sign_in, methods=["POST"]),
    Route("/sign-out", sign_out, methods=["POST"]),
)
