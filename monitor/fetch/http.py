"""One request and its answer; the only module that talks to httpx about connections."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpcore
import httpx

from monitor.errors import UsageError
from monitor.fetch.body import ACCEPT_ENCODING, read_body, read_start
from monitor.fetch.clock import Clock
from monitor.fetch.limits import Limits
from monitor.fetch.retry import parse_retry_after
from monitor.fetch.safety import Addresses, CheckedBackend
from monitor.fetch.trouble import Trouble

Headers = tuple[tuple[str, str], ...]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PROXY_SCHEMES = ("http://", "https://", "socks5://", "socks5h://")
_PASSING_STATUS = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Answer:
    """One HTTP answer: header names in lower case, the body decoded."""

    url: httpx.URL
    status: int
    headers: Headers
    body: bytes
    at: datetime

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key == name), "")

    @property
    def location(self) -> str:
        """Where it redirects to, or ""."""
        return self.header("location") if self.status in _REDIRECTS else ""

    @property
    def archived(self) -> bool:
        """Whether an archive shows an answer of former times (RFC 7089), with the status of then."""
        return bool(self.header("memento-datetime"))

    @property
    def again(self) -> bool:
        """Whether a repeat soon may bring another answer."""
        return self.status in _PASSING_STATUS and not self.archived

    @property
    def retry_after(self) -> timedelta | None:
        if self.archived:
            return None
        return parse_retry_after(self.header("retry-after"), self.header("date"), self.at)


def open_transport(
    addresses: Addresses, limits: Limits, proxy: str, ca_file: Path | None
) -> httpx.AsyncHTTPTransport:
    """The shared connections; raises UsageError for a proxy or a CA file that cannot be used."""
    pool = httpx.Limits(max_connections=None, max_keepalive_connections=20, keepalive_expiry=15)
    if proxy:
        return _through_proxy(proxy, _trusting(ca_file), pool)
    # One that trusts nobody: httpx offers no argument for connections of our own, which take its place here.
    # The tests of refused addresses and certificates fail when that stops working.
    nobody = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    transport = httpx.AsyncHTTPTransport(verify=nobody, trust_env=False, limits=pool)
    transport._pool = _Pool(
        ssl_context=_trusting(ca_file) if ca_file else None,
        max_connections=pool.max_connections,
        max_keepalive_connections=pool.max_keepalive_connections,
        keepalive_expiry=pool.keepalive_expiry,
        network_backend=CheckedBackend(addresses),
    )
    return transport


class _Pool(httpcore.AsyncConnectionPool):
    """Reads whom it trusts when a first certificate is to be checked: that costs as much as fifty pages."""

    def create_connection(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        if origin.scheme == b"https" and self._ssl_context is None:
            self._ssl_context = _trusting(None)
        return super().create_connection(origin)


def _trusting(ca_file: Path | None) -> ssl.SSLContext:
    """What a server has to prove; raises UsageError for a CA file that cannot be used."""
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file is not None:
        try:
            context.load_verify_locations(cafile=ca_file)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"{ca_file} cannot be read as a file of CA certificates ({error})") from error
    return context


def _through_proxy(proxy: str, context: ssl.SSLContext, pool: httpx.Limits) -> httpx.AsyncHTTPTransport:
    # The address is not printed, because it may hold a password.
    unusable = "the configured proxy is no address that can be used; write e.g. http://proxy.example:3128"
    if not proxy.startswith(_PROXY_SCHEMES):
        raise UsageError(unusable)
    try:
        return httpx.AsyncHTTPTransport(
            verify=context, trust_env=False, limits=pool, proxy=httpx.Proxy(proxy)
        )
    except (ValueError, httpx.InvalidURL) as error:
        raise UsageError(unusable) from error
    except ImportError as error:
        raise UsageError("a SOCKS proxy needs one more package: pip install 'httpx[socks]'") from error


class Http:
    """Sends single requests over one transport: no cookies, redirects or retries of its own."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        limits: Limits,
        headers: Headers,
        clock: Clock,
        proxy: str = "",
    ) -> None:
        self._transport = transport
        self._limits = limits
        self._clock = clock
        self._through = urlsplit(proxy).netloc.rpartition("@")[2]  # without the password that it may hold
        self._headers = (*headers, ("Accept-Encoding", ACCEPT_ENCODING))
        timeout = httpx.Timeout(limits.quiet_seconds, connect=limits.connect_seconds, pool=None)
        self._extensions = {"timeout": timeout.as_dict()}

    async def get(
        self, url: httpx.URL, headers: Headers, cookies: httpx.Cookies, *, start_only: int = 0
    ) -> Answer:
        """Asks once; raises Trouble. With `start_only`, no more than that many bytes of the body are read."""
        request = httpx.Request(
            "GET",
            url,
            # As bytes, because a server's ETag that is sent back need not be ASCII.
            headers=[(name.encode(), value.encode()) for name, value in (*self._headers, *headers)],
            cookies=cookies if cookies.jar else None,
            extensions=self._extensions,
        )
        with _explained(url, self._limits, self._through):
            response = await self._transport.handle_async_request(request)
        response.request = request
        try:
            if "set-cookie" in response.headers:
                cookies.extract_cookies(response)
            return await self._read(response, url, start_only)
        finally:
            with _explained(url, self._limits, self._through):
                await response.aclose()

    async def _read(self, response: httpx.Response, url: httpx.URL, start_only: int) -> Answer:
        headers = tuple((_text(name).lower(), _text(value)) for name, value in response.headers.raw)
        bare = Answer(url, response.status_code, headers, b"", self._clock.now())
        if bare.location:
            return bare
        with _explained(url, self._limits, self._through, reading=True):
            if bare.status == 304:
                # It has no body, but the connection serves the next page only when its end was read.
                async for _ in response.aiter_raw():
                    pass
                return bare
            body = await (
                read_start(response, str(url), start_only)
                if start_only
                else read_body(response, str(url), self._most(bare))
            )
        return Answer(url, bare.status, headers, body, self._clock.now())

    def _most(self, answer: Answer) -> int:
        pdf = answer.header("content-type").lower().startswith("application/pdf")
        return self._limits.pdf_bytes if pdf else self._limits.page_bytes


def _text(value: bytes) -> str:
    """A header's bytes as text; servers send UTF-8 as well as Latin-1."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


@contextmanager
def _explained(url: httpx.URL, limits: Limits, through: str, *, reading: bool = False) -> Iterator[None]:
    """Turns what the network library raises into Trouble."""
    try:
        yield
    except (httpx.HTTPError, httpx.StreamError, OSError) as error:
        raise _trouble(error, url, limits, through, reading) from error


def _trouble(error: Exception, url: httpx.URL, limits: Limits, through: str, reading: bool) -> Trouble:
    match error:
        case httpx.ConnectTimeout():
            return Trouble(
                "timeout", f"{url.host} did not accept a connection within its time limit", again=True
            )
        case httpx.TimeoutException():
            quiet = f"{limits.quiet_seconds:g} s"
            return Trouble("timeout", f"{url} sent nothing for {quiet}", again=True)
        case httpx.ProxyError():
            return Trouble("proxy", f"the proxy did not reach {url.host}: {error}")
        case httpx.ConnectError():
            return _unconnected(error, url, through)
        case httpx.TransportError() if reading:
            return Trouble("incomplete", f"{url} ended in the middle: {_say(error)}", again=True)
        case _:
            return Trouble("protocol", f"{url} did not answer as HTTP does: {_say(error)}", again=True)


def _unconnected(error: Exception, url: httpx.URL, through: str) -> Trouble:
    tls = _cause(error, ssl.SSLError)
    if tls is not None:
        return Trouble("tls", f"the TLS certificate or handshake of {url.host} is not right: {tls}")
    # Where a proxy connects, resolving its name is done by the system and not by this package.
    if _cause(error, socket.gaierror) is not None:
        return Trouble("dns", f"the name of the proxy {through} could not be resolved: {error}")
    if through:
        return Trouble("proxy", f"the proxy {through} could not be connected to: {_say(error)}", again=True)
    return Trouble("connect", f"{url.host} could not be connected to: {_say(error)}", again=True)


def _cause(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    """The first error of that kind among the causes."""
    seen: BaseException | None = error
    while seen is not None and not isinstance(seen, kind):
        seen = seen.__cause__ or seen.__context__
    return seen


def _say(error: Exception) -> str:
    if isinstance(error, httpx.ReadError | httpx.WriteError):
        return "the connection was broken off"
    return str(error) or type(error).__name__
