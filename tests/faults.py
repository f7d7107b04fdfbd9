"""A web server on loopback that misbehaves on purpose, over real sockets, one behaviour a path.

    with FaultServer() as server:
        url = server.on("/terms", in_turn(answer(status=503), answer(b"<p>Terms</p>")))
        ...
        assert len(server.asked("/terms")) == 2

A path without a behaviour answers 404, so that robots.txt allows all.
"""

from __future__ import annotations

import contextlib
import gzip
import itertools
import socket
import socketserver
import ssl
import struct
import tempfile
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Signed by itself for "localhost" until 2126; the private key of nothing else.
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg9SVKdeSGFf9y3jjN
YZvvJyV0X2Zl/o4GfpHOrVM8UbahRANCAASW27lD/6VrFwKtzcKEAjplt5McQLrd
5VHiyDj0SeyYY7CJF8pyF5Qa5nQzOYbdkXfqLaWKGCEGITjLO3tpvoDH
-----END PRIVATE KEY-----
"""
CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBvDCCAWKgAwIBAgIUBElwkU3Jq8xMm9MxGLaKfyfrigEwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTIyMjUyOVoYDzIxMjYxMDI4
MjIyNTI5WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAASW27lD/6VrFwKtzcKEAjplt5McQLrd5VHiyDj0SeyYY7CJF8pyF5Qa
5nQzOYbdkXfqLaWKGCEGITjLO3tpvoDHo4GPMIGMMB0GA1UdDgQWBBSjmxwjmQsq
HJngGkGPlk95aLVzUjAfBgNVHSMEGDAWgBSjmxwjmQsqHJngGkGPlk95aLVzUjAP
BgNVHRMBAf8EBTADAQH/MBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAOBgNVHQ8BAf8E
BAMCAoQwEwYDVR0lBAwwCgYIKwYBBQUHAwEwCgYIKoZIzj0EAwIDSAAwRQIgbMak
3KV5JxijvZX2/mSshHtwK3+zFVv1QQ19SVO5MuQCIQCpgV2/ziSfntsZfI43ubnZ
YV2sPYJxcWQqvr/V8ZHHCA==
-----END CERTIFICATE-----
"""
CERTIFICATES = Path(__file__).parent / "certificates"
"""Others, each with its key: of a `stranger`, for an `other-name` than localhost, and one `expired`."""
MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Request:
    """What a client asked: header names in lower case."""

    path: str
    headers: dict[str, str]


class Wire:
    """The connection as a behaviour sees it."""

    def __init__(self, sock: socket.socket, stopping: threading.Event) -> None:
        self._socket = sock
        self._stopping = stopping

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def pause(self, seconds: float) -> bool:
        """Lets time pass; False once the server is being closed."""
        return not self._stopping.wait(seconds)

    def reset(self) -> None:
        """Ends the connection with RST instead of a clean end."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()


Behaviour = Callable[[Request, Wire], bool | None]  # True: the connection stays open for the next request


class FaultServer:
    """Listens on a free port of a loopback address from construction to the end of the `with` block."""

    def __init__(self, *, tls: bool = False, host: str = "127.0.0.1") -> None:
        self._host = host
        self.requests: list[Request] = []
        self._arrival = threading.Condition()
        self._behaviours: dict[str, Behaviour] = {}
        self._stopping = threading.Event()
        self._scheme = "https" if tls else "http"
        self._server = _Server(host, self._serve, _tls_context() if tls else None)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> FaultServer:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    def url(self, path: str, host: str = "") -> str:
        return f"{self._scheme}://{host or self._host}:{self.port}{path}"

    def on(self, path: str, behaviour: Behaviour) -> str:
        """Lets a path behave so from now on; gives its URL."""
        self._behaviours[path] = behaviour
        return self.url(path)

    def forget(self) -> None:
        """Lets every path answer 404 again."""
        self._behaviours.clear()

    def present(self, certificate: str = "") -> None:
        """Shows another of the certificates to whoever connects from now on; without a name its usual one."""
        self._server.tls = _tls_context(certificate)

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def wait_for(self, path: str, times: int = 1) -> None:
        """Waits until a path was asked for that often."""
        with self._arrival:
            assert self._arrival.wait_for(lambda: len(self.asked(path)) >= times, timeout=60), path

    def _serve(self, sock: socket.socket) -> None:
        # What the client makes of a fault is the client's affair: its end of the connection may be gone.
        with contextlib.suppress(OSError), sock.makefile("rb") as reader:
            while (request := _read_request(reader)) is not None:
                with self._arrival:
                    self.requests.append(request)
                    self._arrival.notify_all()
                behave = self._behaviours.get(request.path, answer(b"not here", status=404))
                if not behave(request, Wire(sock, self._stopping)):
                    return


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, host: str, serve: Callable[[socket.socket], None], tls: ssl.SSLContext | None) -> None:
        super().__init__((host, 0), socketserver.BaseRequestHandler)
        self._serve = serve
        self.tls = tls

    def finish_request(self, request, client_address) -> None:
        with contextlib.suppress(OSError):
            sock = self.tls.wrap_socket(request, server_side=True) if self.tls else request
            with sock:
                self._serve(sock)


def _tls_context(certificate: str = "") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if certificate:
        context.load_cert_chain(CERTIFICATES / f"{certificate}.pem")
        return context
    with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
        file.write(KEY + CERTIFICATE)
        file.flush()
        context.load_cert_chain(file.name)
    return context


def write_certificate(folder: Path, *others: str) -> Path:
    """The server's certificate as a file, for a client that is to trust it, and those named with it."""
    path = folder / "localhost.pem"
    trusted = [(CERTIFICATES / f"{name}.pem").read_text().partition("-----BEGIN CERT")[1:] for name in others]
    path.write_text(CERTIFICATE + "".join("".join(parts) for parts in trusted))
    return path


def _read_request(reader) -> Request | None:
    first = reader.readline().decode("latin-1").split()
    if len(first) < 2:
        return None
    lines = iter(lambda: reader.readline().decode("utf-8", "replace").strip(), "")
    headers = (line.partition(":") for line in lines)
    return Request(first[1], {name.lower(): value.strip() for name, _, value in headers})


# --- behaviours --------------------------------------------------------------------------------


def head(status: int = 200, *headers: tuple[str, str], version: str = "1.1") -> bytes:
    """A status line and headers, their values in UTF-8."""
    lines = [f"HTTP/{version} {status} Whatever", *(f"{name}: {value}" for name, value in headers)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def answer(body: bytes = b"", *headers: tuple[str, str], status: int = 200) -> Behaviour:
    """A sound answer that keeps the connection."""

    def behave(request: Request, wire: Wire) -> bool:
        kind = () if any(name.lower() == "content-type" for name, _ in headers) else (HTML,)
        wire.send(head(status, *kind, *headers, ("Content-Length", str(len(body)))) + body)
        return True

    return behave


HTML = ("Content-Type", "text/html; charset=utf-8")


def raw(data: bytes) -> Behaviour:
    """Exactly these bytes, then the end of the connection."""
    return lambda request, wire: wire.send(data)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour for each request, the last one for all that follow."""
    left = list(behaviours)

    def behave(request: Request, wire: Wire) -> bool | None:
        now = left.pop(0) if len(left) > 1 else left[0]
        return now(request, wire)

    return behave


def redirect(to: str, *headers: tuple[str, str], status: int = 302) -> Behaviour:
    return answer(b"moved", ("Location", to), *headers, status=status)


def validated(body: bytes, etag: str) -> Behaviour:
    """200 with an ETag, and 304 to whom knows it."""

    def behave(request: Request, wire: Wire) -> bool | None:
        if request.headers.get("if-none-match") == etag:
            wire.send(head(304, ("ETag", etag)))
            return True
        return answer(body, ("ETag", etag))(request, wire)

    return behave


def cookie_wall(body: bytes) -> Behaviour:
    """Redirects to itself until the cookie that it sets comes back."""

    def behave(request: Request, wire: Wire) -> bool | None:
        if "consent=given" in request.headers.get("cookie", ""):
            return answer(body)(request, wire)
        return redirect(request.path, ("Set-Cookie", "consent=given; Path=/"))(request, wire)

    return behave


def hang_up(request: Request, wire: Wire) -> None:
    """Closes without a word."""


def stall(request: Request, wire: Wire) -> None:
    """Says nothing for as long as the server runs."""
    while wire.pause(1):
        pass


def drip(request: Request, wire: Wire) -> None:
    """One byte every 20 ms, for ever: no single read ever waits long."""
    wire.send(head(200, HTML))
    while wire.pause(0.02):
        wire.send(b".")


def interim_flood(request: Request, wire: Wire) -> None:
    """103 after 103, and never an answer."""
    while wire.pause(0.005):
        wire.send(head(103, ("Link", "</style.css>")) * 20)


def reset_in_body(request: Request, wire: Wire) -> None:
    wire.send(head(200, HTML, ("Content-Length", "1000")) + b"half of the ter")
    wire.pause(0.2)  # a client that has not read this yet would lose it to the reset
    wire.reset()


def endless(request: Request, wire: Wire) -> None:
    """A body without a length and without an end."""
    wire.send(head(200, HTML))
    while wire.pause(0):
        wire.send(b"<p>and so on</p>" * 4096)


def header_bomb(request: Request, wire: Wire) -> None:
    wire.send(b"HTTP/1.1 200 OK\r\n")
    while wire.pause(0):
        wire.send(b"X-Padding: " + b"x" * 8000 + b"\r\n")


def cut_gzip(body: bytes) -> Behaviour:
    """Gzip data of which the end is missing, although the Content-Length is right."""
    packed = gzip.compress(body)[: -len(gzip.compress(body)) // 3]
    return answer(packed, ("Content-Encoding", "gzip"))


def gzip_bomb(mebibytes: int) -> Behaviour:
    """So many MiB of zeros as gzip, about a thousandth of that on the wire."""

    def behave(request: Request, wire: Wire) -> None:
        wire.send(head(200, HTML, ("Content-Encoding", "gzip")))
        wire.send(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03")
        block = _zeros()
        for _ in range(mebibytes):
            wire.send(block)

    return behave


def deflate_bomb(mebibytes: int) -> Behaviour:
    """So many MiB of zeros as headerless deflate data."""

    def behave(request: Request, wire: Wire) -> None:
        wire.send(head(200, HTML, ("Content-Encoding", "deflate")))
        block = _zeros()
        for _ in range(mebibytes):
            wire.send(block)

    return behave


def encoded(body: bytes, encoding: str) -> Behaviour:
    """A body in an encoding, whether it was asked for or not."""
    return answer(body, ("Content-Encoding", encoding))


def numbered(make: Callable[[int], bytes], *headers: tuple[str, str], status: int = 200) -> Behaviour:
    """Another body for each request, as pages with an id of the visit have."""
    count = itertools.count(1)

    def behave(request: Request, wire: Wire) -> bool | None:
        return answer(make(next(count)), *headers, status=status)(request, wire)

    return behave


def _zeros() -> bytes:
    """A MiB of zeros as deflate data that may be repeated."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(bytes(MEBIBYTE)) + packer.flush(zlib.Z_FULL_FLUSH)


@contextlib.contextmanager
def closed_port() -> Iterator[int]:
    """A port at which nobody listens while the block runs."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


@contextlib.contextmanager
def deaf_port() -> Iterator[int]:
    """A port that takes connections and then neither reads nor says anything."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        yield sock.getsockname()[1]
