"""Asks an OpenAI-compatible endpoint; bounded in time and size, without redirects, retries or a proxy.

The endpoint is the user's own choice and mostly on this very machine, so any address is allowed for it. What
it answers is never told in an error: some servers repeat the key or the question there.
"""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from monitor import __version__
from monitor.errors import OpinionError
from monitor.fetch.body import ACCEPT_ENCODING, read_body
from monitor.fetch.robots import PRODUCT
from monitor.fetch.trouble import Trouble

MOST_BYTES = 1_000_000
"""Of an answer: a page of words and the thoughts before it have a tenth of that."""

REFUSED = frozenset((400, 422))
"""What servers answer to an option that they do not know; the same question without options may do."""

HINTS = {
    401: "; is MONITOR_OPINION_KEY right?",
    403: "; is MONITOR_OPINION_KEY right?",
    404: "; are MONITOR_OPINION_URL and MONITOR_OPINION_MODEL right?",
    429: "; it is asked too often, or its quota is used up",
}


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where a second opinion is asked for: the address that ends in /v1, and how long to wait."""

    url: str
    key: str = field(default="", repr=False)
    seconds: float = 60.0
    ca_file: Path | None = None


class Adviser:
    """Puts questions to an endpoint; an async context manager that keeps its connections."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint
        base = httpx.URL(endpoint.url)
        self._host = base.netloc.decode("ascii")
        self._url = base.copy_with(path=_path(base.path))
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": ACCEPT_ENCODING,
            "Content-Type": "application/json",
            "User-Agent": f"{PRODUCT}/{__version__}",
        }
        if endpoint.key:
            headers["Authorization"] = f"Bearer {endpoint.key}"
        self._client = httpx.AsyncClient(
            headers=headers, timeout=endpoint.seconds, trust_env=False, verify=_verify(base, endpoint.ca_file)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def ask(self, request: bytes, plainer: bytes) -> bytes:
        """The answer to a request, or to the plainer one where options are refused; raises OpinionError."""
        try:
            async with asyncio.timeout(self._endpoint.seconds):
                status, body = await self._post(request)
                if status in REFUSED:
                    status, body = await self._post(plainer)
        except TimeoutError as error:
            raise self._error(f"did not answer within {self._endpoint.seconds:g} s") from error
        if status != httpx.codes.OK:
            raise self._error(f"answered with status {status}{HINTS.get(status, '')}")
        return body

    async def _post(self, request: bytes) -> tuple[int, bytes]:
        """One request; its answer's status, and its body where that is wanted."""
        try:
            async with self._client.stream("POST", self._url, content=request) as response:
                if response.is_redirect:
                    raise self._error("redirects, which is not followed; name the address it leads to")
                wanted = response.status_code == httpx.codes.OK
                body = await read_body(response, self._host, MOST_BYTES) if wanted else b""
                return response.status_code, body
        except httpx.TimeoutException as error:
            raise self._error(f"did not answer within {self._endpoint.seconds:g} s") from error
        except httpx.ConnectError as error:
            raise self._error("cannot be connected to; does it run, and is its address right?") from error
        except (httpx.HTTPError, httpx.StreamError, Trouble) as error:
            what = error.code if isinstance(error, Trouble) else type(error).__name__
            raise self._error(f"did not answer as it should ({what})") from error

    def _error(self, what: str) -> OpinionError:
        return OpinionError(f"the endpoint at {self._host} {what}")


def _path(path: str) -> str:
    path = path.rstrip("/")
    return path if path.endswith("/chat/completions") else f"{path}/chat/completions"


def _verify(url: httpx.URL, ca_file: Path | None) -> ssl.SSLContext | bool:
    """The certificates to trust; loading them takes 20 ms, which plain HTTP can do without."""
    if url.scheme == "http":
        return False
    context = httpx.create_ssl_context(trust_env=False)
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context
