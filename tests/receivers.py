"""Real receivers of messages on loopback, a webhook and a mail server, that fail, hang and come back."""

from __future__ import annotations

import asyncio
import email
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

LONG = 30
"""Seconds after which a receiver that hangs gives up, so that no test hangs with it."""


class Hooks(ThreadingHTTPServer):
    """A webhook's receiver; `mood` says how it takes what comes, `taken` has what it took."""

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.mood = "fine"  # fine | drop | hang; the last two "-after" it took the message; or a status
        self.taken: list[tuple[dict[str, str], bytes]] = []
        self.tried = 0
        self.arrival = threading.Condition()
        self.over = threading.Event()

    @property
    def port(self) -> int:
        return self.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def told(self) -> list[dict]:
        return [json.loads(body) for _, body in self.taken]

    @property
    def events(self) -> list[str]:
        return [one["event"] for one in self.told]

    def wait_for(self, tries: int) -> None:
        with self.arrival:
            assert self.arrival.wait_for(lambda: self.tried >= tries, timeout=LONG)


class _Handler(BaseHTTPRequestHandler):
    server: Hooks

    def do_POST(self) -> None:
        hooks = self.server
        mood = hooks.mood
        if mood != "drop":
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if mood.startswith("2") or not (mood.isdigit() or mood == "hang"):
                hooks.taken.append((dict(self.headers), body))
        with hooks.arrival:
            hooks.tried += 1
            hooks.arrival.notify_all()
        if mood == "drop":
            self.close_connection = True
            return
        if mood == "hang":
            hooks.over.wait(LONG)
            return
        if mood.endswith("-after"):
            self.close_connection = True
            hooks.over.wait(LONG if mood == "hang-after" else 0)
            return
        self.send_response(int(mood) if mood.isdigit() else 204)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args) -> None:
        """Tests print nothing of their own."""


@contextmanager
def hooks(port: int = 0) -> Iterator[Hooks]:
    server = Hooks(port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Letters:
    """A mail server's behaviour; `taken` has the mails that it took."""

    def __init__(self) -> None:
        self.mood = "fine"  # fine | later | drop | drop-after | hang | too-large
        self.refuses: dict[str, str] = {}  # by receiver: with which answer
        self.taken: list[tuple[list[str], email.message.EmailMessage]] = []
        self.tried = 0
        self.signed_in: list[tuple[str, str]] = []
        self.password = ""

    @property
    def events(self) -> list[str]:
        return [mail["X-Tos-Monitor-Event"] for _, mail in self.taken]

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session, envelope) -> str:
        self.tried += 1
        match self.mood:
            case "later":
                return "451 come again later"
            case "too-large":
                return "552 too large"
            case "hang":
                await asyncio.sleep(LONG)
            case "drop":
                server.transport.abort()
                return "421 gone"
        mail = email.message_from_bytes(envelope.original_content or envelope.content, policy=default)
        self.taken.append((list(envelope.rcpt_tos), mail))
        if self.mood == "drop-after":
            server.transport.abort()
        return "250 OK"

    def admit(self, server, session, envelope, mechanism, data) -> AuthResult:
        name, password = data.login.decode(), data.password.decode()
        self.signed_in.append((name, password))
        return AuthResult(success=password == self.password, handled=False)


class _Controller(Controller):
    """The server of a behaviour, in a thread of its own."""

    def _trigger_server(self) -> None:
        """The library connects once to see that it runs, and takes the port asked for as the one there is."""
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def letters(tls: ssl.SSLContext | None = None, *, at_once: bool = False, port: int = 0) -> Iterator[tuple]:
    """A mail server and its port; with `tls` it offers encryption, or begins with it `at_once`."""
    behaviour = Letters()
    more = {"ssl_context": tls} if at_once else {"tls_context": tls, "require_starttls": tls is not None}
    controller = _Controller(
        behaviour,
        hostname="127.0.0.1",
        port=port,
        authenticator=behaviour.admit,
        auth_require_tls=not at_once,
        **more,
    )
    controller.start()
    try:
        yield behaviour, controller.port
    finally:
        with suppress(RuntimeError):
            controller.stop()
