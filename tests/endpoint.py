"""A real OpenAI-compatible endpoint on loopback, that can be told to fail in every way."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD = {"position": "opt-out", "summary": "Inputs may now be used for training unless the customer opts out."}


def completion(content: object, **more: object) -> bytes:
    """What a chat completions API answers when the model says `content`."""
    text = content if isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return json.dumps({"object": "chat.completion", "choices": [choice], **more}).encode()


class Model(ThreadingHTTPServer):
    """A real endpoint on loopback that gives one answer; `asked` are the requests with their headers."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.status = 200
        self.body = completion(GOOD)
        self.headers: dict[str, str] = {}
        self.refuses: set[str] = set()  # options that are answered with status 400
        self.endless = False
        self.silent = False
        self.asked: list[tuple[str, dict[str, str], dict]] = []
        self.gone = threading.Event()

    def leave(self) -> None:
        """Be gone: from now on nobody answers at the address."""
        self.gone.set()
        self.shutdown()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        model = self.server
        sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        model.asked.append((self.path, dict(self.headers), sent))
        if model.silent:
            model.gone.wait(timeout=30)
            return
        self.send_response(400 if model.refuses & set(sent) else model.status)
        for name, value in {"Content-Type": "application/json", **model.headers}.items():
            self.send_header(name, value)
        if not model.endless:
            self.send_header("Content-Length", str(len(model.body)))
        self.end_headers()
        with suppress(OSError):
            self.wfile.write(model.body)
            while model.endless and not model.gone.is_set():
                self.wfile.write(b" " * 65536)

    def log_message(self, format, *args) -> None:
        """Tests print nothing of their own."""


@contextmanager
def served() -> Iterator[Model]:
    """A model that is served until the end of the block."""
    server = Model()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield server
    server.gone.set()
    server.shutdown()
    server.server_close()
    thread.join()
