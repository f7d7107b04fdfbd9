"""Who may come in and from where: sign-in, cross-site requests refused, and safe headers on every answer."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import quote, unquote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "tos-monitor"
"""The session's cookie."""

STAYS = 12 * 3600
"""Seconds after which a person signs in again."""

LARGEST = 1024 * 1024
"""Bytes that a request may bring; the longest form has a few thousand."""

SLOWEST = 20.0
"""Seconds that each part of it may take to come."""

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))

OPEN = ("/sign-in", "/static/", "/healthz", "/readyz")
"""What is answered without a sign-in: how to sign in, how it looks, and whether the program lives."""

UNSAFE = frozenset(("POST", "PUT", "PATCH", "DELETE"))

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    # Nobody else learns our addresses. With "no-referrer" browsers would call our own forms' origin null.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""Sent with every answer that does not set its own."""


@dataclass(frozen=True)
class Access:
    """Who may come in: whoever reaches a loopback address, or else who knows the password."""

    password: str = ""
    user: str = ""  # the name that answers are signed with where nobody signs in

    @property
    def is_open(self) -> bool:
        """Whether nobody has to sign in."""
        return not self.password

    def admits(self, password: str) -> bool:
        """Whether this is the password; takes the same time for every wrong one."""
        return bool(self.password) and hmac.compare_digest(password.encode(), self.password.encode())

    def pass_for(self, name: str, now: float) -> str:
        """What the cookie of a signed-in person holds: until when, who, and our seal on both."""
        text = f"{int(now) + STAYS}.{quote(name, safe='')}"
        return f"{text}.{self._seal(text)}"

    def name_in(self, cookie: str, now: float) -> str | None:
        """Whose valid pass this is; None where it is none of ours, or has run out."""
        text, _, seal = cookie.rpartition(".")
        until, _, name = text.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(text).encode()) or not until.isdecimal():
            return None
        return unquote(name) if int(until) > now else None

    def _seal(self, text: str) -> str:
        # A changed password makes every earlier pass worthless.
        key = hashlib.sha256(b"tos-monitor session\0" + self.password.encode()).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Door:
    """Stands before every page: lets in, refuses, and puts safe headers on what goes out."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        scope.setdefault("state", {})["user"] = self.access.user

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        answer = self._refusal(request)
        await (answer or self.app)(scope, _bounded(receive), sealed)

    def _refusal(self, request: Request) -> Response | None:
        if self.access.is_open and not is_loopback(request.headers):
            # A name of somebody else's that resolves to this machine would let their page read ours.
            return PlainTextResponse("This is answered under localhost only.\n", status_code=421)
        if request.method in UNSAFE and is_from_elsewhere(request.headers):
            return PlainTextResponse("A form of another site was refused.\n", status_code=403)
        if self.access.is_open or request.url.path.startswith(OPEN):
            return None
        name = self._name(request.headers)
        if name is not None:
            request.scope["state"]["user"] = name
            return None
        if request.url.path.startswith(("/api/", "/metrics")):
            refused = "Sign in with the header: Authorization: Bearer PASSWORD\n"
            return PlainTextResponse(refused, status_code=401, headers={"www-authenticate": "Bearer"})
        return RedirectResponse(f"/sign-in?next={quote(_path(request))}", status_code=303)

    def _name(self, headers: Headers) -> str | None:
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return "api" if self.access.admits(token.strip()) else None
        cookie = cookies(headers).get(COOKIE, "")
        return self.access.name_in(cookie, time.time()) if cookie else None


def _bounded(receive: Receive) -> Receive:
    """What a client sends, up to the largest form; HTTPException for more, and for what never comes."""
    came, ended = 0, False

    async def bounded() -> Message:
        nonlocal came, ended
        if ended:
            return await receive()  # waits for the client to go, however long that takes
        try:
            message = await asyncio.wait_for(receive(), SLOWEST)
        except TimeoutError as error:
            raise HTTPException(408, "What you sent did not come to an end; send it again.") from error
        came += len(message.get("body", b""))
        ended = not message.get("more_body", False)
        if came > LARGEST:
            raise HTTPException(413, "That is more than any form here holds.")
        return message

    return bounded


def cookies(headers: Mapping[str, str]) -> dict[str, str]:
    """The cookies that a request brings."""
    jar: SimpleCookie = SimpleCookie()
    jar.load(headers.get("cookie", ""))
    return {name: morsel.value for name, morsel in jar.items()}


def is_loopback(headers: Mapping[str, str]) -> bool:
    """Whether the request was made to this machine under its own name."""
    return _host(headers.get("host", "")) in LOOPBACK


def is_from_elsewhere(headers: Mapping[str, str]) -> bool:
    """Whether another site's page may have sent this: browsers say so in Sec-Fetch-Site and Origin.

    A program that sends neither is let through only with what no other site's form can send: a JSON
    body, or a password of its own in the header.
    """
    site = headers.get("sec-fetch-site")
    if site not in (None, "same-origin", "none"):
        return True
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.lower() != headers.get("host", "").lower()
    if site is not None:
        return False
    by_program = headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"
    return not by_program and "authorization" not in headers


def _host(netloc: str) -> str:
    try:
        return (urlsplit(f"//{netloc}").hostname or "").lower()
    except ValueError:
        return ""


def _path(request: Request) -> str:
    query = f"?{request.url.query}" if request.url.query else ""
    return request.url.path + query if request.method == "GET" else "/"
