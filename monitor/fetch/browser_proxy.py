"""The only way out for a page in the browser: a proxy on loopback that connects where fetching may.

Chromium resolves names itself, so a check of its requests would come before a second, other resolution.
Behind a proxy it resolves nothing: it names the host, and the connection is made here, by the same checked
backend as for HTTP. This holds for all that a page can start: documents, redirects, scripts, frames, workers,
WebSockets.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpcore
import httpx

from monitor.fetch.limits import Limits
from monitor.fetch.safety import Addresses, CheckedBackend
from monitor.fetch.trouble import Trouble

_MOST_HEAD = 256 * 1024  # bytes of a request's or an answer's head
_CHUNK = 64 * 1024
_OF_ONE_CONNECTION = frozenset((b"connection", b"proxy-connection", b"keep-alive", b"proxy-authorization"))
_UNREACHABLE = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError, OSError)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Head:
    """The first lines of a request or an answer."""

    first: tuple[bytes, ...]  # the three parts of the first line
    lines: tuple[bytes, ...]  # the headers

    def value(self, name: bytes) -> bytes:
        return next((line.partition(b":")[2].strip() for line in self.lines if _name(line) == name), b"")

    def closing(self, *first: bytes, extra: tuple[bytes, ...] = ()) -> bytes:
        """The head for a connection that serves this one exchange."""
        kept = [line for line in self.lines if _name(line) not in _OF_ONE_CONNECTION]
        return b"\r\n".join((b" ".join(first), *kept, *extra, b"Connection: close", b"", b""))


def _name(line: bytes) -> bytes:
    return line.partition(b":")[0].strip().lower()


def _parse(head: bytes) -> _Head:
    """Raises Trouble when this is not the head of HTTP/1."""
    first, *lines = head.rstrip(b"\r\n").split(b"\r\n")
    parts = tuple(first.split(b" ", 2))
    if len(parts) < 2:
        raise Trouble("protocol", f"{first[:80]!r} is not HTTP")
    return _Head(parts, tuple(lines))


class PageProxy:
    """Serves the browser while one page is open, and counts what the page receives."""

    def __init__(self, addresses: Addresses, limits: Limits, upstream: str = "") -> None:
        self._addresses = addresses
        self._limits = limits
        self._upstream = httpx.URL(upstream) if upstream else None
        self._checked = CheckedBackend(addresses)
        self._tasks: set[asyncio.Task[None]] = set()
        self._troubles: dict[tuple[str, int], Trouble] = {}
        self.received = 0  # bytes, as they came over the network
        self.too_much = asyncio.Event()  # set when that is more than a page may receive

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_MOST_HEAD)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def trouble(self, url: httpx.URL) -> Trouble | None:
        """Why this URL's host was not connected to, if that is so."""
        return self._troubles.get((url.host, url.port or _default_port(url)))

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._exchange(reader, writer)
        except (*_UNREACHABLE, asyncio.IncompleteReadError, asyncio.LimitOverrunError, Trouble) as error:
            log.debug("a connection of the browser ended", extra={"why": str(error) or type(error).__name__})
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = _parse(await reader.readuntil(b"\r\n\r\n"))
        method, target = head.first[:2]
        if method == b"CONNECT":
            await self._tunnel(_url(b"https://" + target), reader, writer)
        else:
            await self._forward(head, _url(target), reader, writer)

    # --- https and WebSockets: bytes that are not looked into ---

    async def _tunnel(
        self, url: httpx.URL, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        async with self._connected(url, tunnel=True) as stream:
            writer.write(b"HTTP/1.1 200 Connected\r\n\r\n")
            upload = asyncio.create_task(_upload(reader, stream))
            try:
                await self._download(stream, writer)
            finally:
                upload.cancel()
                await asyncio.gather(upload, return_exceptions=True)

    # --- http: one request and its answer a connection ---

    async def _forward(
        self, head: _Head, url: httpx.URL, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Sends one request on; a second one on this connection could be meant for another host."""
        if url.scheme != "http" or head.value(b"transfer-encoding"):
            raise Trouble("refused-scheme", f"{url} is not fetched for the browser")
        target = head.first[1] if self._upstream else url.raw_path
        async with self._connected(url, tunnel=False) as stream:
            request = head.closing(head.first[0], target, b"HTTP/1.1", extra=self._authorization())
            await stream.write(request)
            if (length := head.value(b"content-length")).isdigit():
                await stream.write(await reader.readexactly(min(int(length), self._limits.page_bytes)))
            await self._answer(stream, writer)

    async def _answer(self, stream: httpcore.AsyncNetworkStream, writer: asyncio.StreamWriter) -> None:
        data = b""
        while True:
            raw, data = await self._read_head(stream, data)
            head = _parse(raw)
            if not head.first[1].startswith(b"1"):
                break
        writer.write(head.closing(*head.first) + data)
        await self._download(stream, writer)

    async def _read_head(self, stream: httpcore.AsyncNetworkStream, data: bytes) -> tuple[bytes, bytes]:
        """The next head and what came after it."""
        while b"\r\n\r\n" not in data:
            more = await stream.read(_CHUNK)
            if not more or len(data) > _MOST_HEAD:
                raise Trouble("protocol", "the answer does not begin as HTTP does")
            self._count(more)
            data += more
        head, _, rest = data.partition(b"\r\n\r\n")
        return head, rest

    async def _download(self, stream: httpcore.AsyncNetworkStream, writer: asyncio.StreamWriter) -> None:
        while data := await stream.read(_CHUNK):
            self._count(data)
            writer.write(data)
            await writer.drain()

    def _count(self, data: bytes) -> None:
        self.received += len(data)
        if self.received > self._limits.rendered_bytes:
            self.too_much.set()
            raise Trouble("too-large", "the page receives more than a page may")

    # --- connecting ---

    @asynccontextmanager
    async def _connected(self, url: httpx.URL, *, tunnel: bool) -> AsyncIterator[httpcore.AsyncNetworkStream]:
        """A connection to the URL's host, through the configured proxy where there is one."""
        place = (url.host, url.port or _default_port(url))
        try:
            stream = await self._open(url, place, tunnel=tunnel)
        except Trouble as trouble:
            self._troubles[place] = trouble
            raise
        except _UNREACHABLE as error:
            detail = f"{url.host} could not be connected to: {str(error) or type(error).__name__}"
            self._troubles[place] = Trouble("connect", detail, again=True)
            raise
        try:
            yield stream
        finally:
            with contextlib.suppress(*_UNREACHABLE):
                await stream.aclose()

    async def _open(
        self, url: httpx.URL, place: tuple[str, int], *, tunnel: bool
    ) -> httpcore.AsyncNetworkStream:
        wait = self._limits.connect_seconds
        if self._upstream is None:
            return await self._checked.connect_tcp(*place, timeout=wait)
        self._addresses.check_literal(url)
        own = (self._upstream.host, self._upstream.port or _default_port(self._upstream))
        stream = await httpcore.AnyIOBackend().connect_tcp(*own, timeout=wait)
        if self._upstream.scheme == "https":
            stream = await stream.start_tls(ssl.create_default_context(), self._upstream.host, wait)
        if tunnel:
            await self._ask_for_tunnel(stream, place)
        return stream

    async def _ask_for_tunnel(self, stream: httpcore.AsyncNetworkStream, place: tuple[str, int]) -> None:
        host = f"[{place[0]}]" if ":" in place[0] else place[0]
        target = f"{host}:{place[1]}".encode()
        lines = (b"CONNECT " + target + b" HTTP/1.1", b"Host: " + target, *self._authorization(), b"", b"")
        await stream.write(b"\r\n".join(lines))
        head, _ = await self._read_head(stream, b"")
        if _parse(head).first[1] != b"200":
            raise Trouble("proxy", f"the proxy did not reach {place[0]}: {head[:80]!r}")

    def _authorization(self) -> tuple[bytes, ...]:
        if self._upstream is None or not self._upstream.userinfo:
            return ()
        login = f"{self._upstream.username}:{self._upstream.password}".encode()
        return (b"Proxy-Authorization: Basic " + base64.b64encode(login),)


def _url(target: bytes) -> httpx.URL:
    try:
        url = httpx.URL(target.decode("ascii"))
    except (httpx.InvalidURL, UnicodeError) as error:
        raise Trouble("bad-url", f"{target[:200]!r} cannot be used as an address: {error}") from error
    if not url.host:
        raise Trouble("bad-url", f"{target[:200]!r} names no host")
    return url


def _default_port(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80


async def _upload(reader: asyncio.StreamReader, stream: httpcore.AsyncNetworkStream) -> None:
    with contextlib.suppress(*_UNREACHABLE):
        while data := await reader.read(_CHUNK):
            await stream.write(data)
        await stream.aclose()
