"""Posts signed JSON to a webhook; bounded in time, without redirects, and its answer's text is not read.

The receiver is the user's own choice and may be on this very machine, so any address is allowed for it. Its
address may hold a secret, so errors name its host alone.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ssl
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import httpx

from monitor import __version__
from monitor.errors import DeliveryError
from monitor.fetch.robots import PRODUCT

SECONDS = 20.0
"""How long a receiver may take for one message."""

REFUSED = frozenset((400, 411, 413, 414, 415, 422))
"""What is answered to this message and not to any: others may pass."""

LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))

HINTS = {
    401: "; is its key right?",
    403: "; is its key right?",
    404: "; is its address right?",
    410: "; is its address right?",
    413: "; the message is too large for it",
    429: "; it is sent to too often",
}


@dataclass(frozen=True, kw_only=True)
class Hook:
    """Where a webhook is, and the key that its messages are signed with; "" signs none."""

    url: str = field(repr=False)
    key: str = field(default="", repr=False)
    proxy: str = field(default="", repr=False)
    ca_file: Path | None = None
    seconds: float = SECONDS


async def post(hook: Hook, body: bytes, *, event: str, at: datetime) -> None:
    """Deliver these bytes; raises DeliveryError unless the receiver answers with a status of 200 to 299."""
    url = _url(hook)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"{PRODUCT}/{__version__}",
        "X-Tos-Monitor-Event": event,
        **_signature(hook.key, body, at),
    }
    try:
        async with asyncio.timeout(hook.seconds), _client(hook, url) as client:
            status = await _post(client, url, body, headers)
    except TimeoutError as error:
        raise _error(url, f"did not answer within {hook.seconds:g} s") from error
    if not httpx.codes.is_success(status):
        told = "redirects, which is not followed" if httpx.codes.is_redirect(status) else "answered"
        refused = status in REFUSED
        raise _error(url, f"{told} with status {status}{HINTS.get(status, '')}", refused=refused)


def sign(key: str, timestamp: str, body: bytes) -> str:
    """HMAC-SHA256 over the timestamp, a dot and the very bytes of the body, in hexadecimal."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _signature(key: str, body: bytes, at: datetime) -> dict[str, str]:
    if not key:
        return {}
    timestamp = str(int(at.timestamp()))
    return {
        "X-Tos-Monitor-Timestamp": timestamp,
        "X-Tos-Monitor-Signature": f"sha256={sign(key, timestamp, body)}",
    }


async def _post(client: httpx.AsyncClient, url: httpx.URL, body: bytes, headers: dict[str, str]) -> int:
    try:
        async with client.stream("POST", url, content=body, headers=headers) as response:
            return response.status_code
    except httpx.TimeoutException as error:
        raise TimeoutError from error
    except httpx.ConnectError as error:
        why = f" ({_tls(error)})" if _tls(error) else "; does it run, and is its address right?"
        raise _error(url, f"cannot be connected to{why}") from error
    except httpx.ProxyError as error:
        raise _error(url, "was not reached by the proxy that MONITOR_PROXY names") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise _error(url, f"did not answer as it should ({type(error).__name__})") from error


def _tls(error: BaseException) -> str:
    """What is wrong with the certificate of a receiver, if that is what is."""
    found: BaseException | None = error
    while found is not None:
        if isinstance(found, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {found.verify_message}"
        found = found.__cause__ or found.__context__
    return ""


def _url(hook: Hook) -> httpx.URL:
    try:
        url = httpx.URL(hook.url)
    except (httpx.InvalidURL, ValueError) as error:
        raise DeliveryError("the webhook's address is none; write e.g. https://example.com/hook") from error
    if url.scheme not in ("http", "https") or not url.host:
        raise DeliveryError("the webhook's address is none; write e.g. https://example.com/hook")
    return url


def _client(hook: Hook, url: httpx.URL) -> httpx.AsyncClient:
    try:
        return httpx.AsyncClient(
            timeout=hook.seconds, trust_env=False, proxy=_proxy(url, hook), verify=_verify(url, hook)
        )
    except (ImportError, ValueError) as error:
        raise _error(url, "cannot be reached by the proxy that MONITOR_PROXY names") from error


def _proxy(url: httpx.URL, hook: Hook) -> str | None:
    """The proxy to go through: it reaches no receiver on this very machine."""
    return None if url.host in LOOPBACK or not hook.proxy else hook.proxy


def _verify(url: httpx.URL, hook: Hook) -> ssl.SSLContext | bool:
    """The certificates to trust; loading them takes 20 ms, which plain HTTP can do without."""
    if url.scheme == "http" and _proxy(url, hook) is None:
        return False
    context = httpx.create_ssl_context(trust_env=False)
    if hook.ca_file:
        context.load_verify_locations(cafile=hook.ca_file)
    return context


def _error(url: httpx.URL, what: str, *, refused: bool = False) -> DeliveryError:
    return DeliveryError(f"the webhook at {url.netloc.decode('ascii')} {what}", refused=refused)
