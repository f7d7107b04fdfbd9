"""Refuses addresses that a public page has no business at, when the connection is made.

Names are resolved here, and the connection goes to the very address that was checked, so that a name which
resolves differently a moment later gains nothing. TLS still checks the name of the URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import httpcore
import httpx

from monitor.fetch.trouble import Trouble
from monitor.model import Network

Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Awaitable[tuple[Address, ...]]]
SocketOption = (
    tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]
)  # as httpcore passes them

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052; Python calls it global whatever it embeds
_TRIES_PER_FAMILY = 2


def is_public(address: Address) -> bool:
    """Whether this is an address on the public internet, also where it embeds an IPv4 address."""
    inner = _embedded(address)
    if inner is not None:
        return is_public(inner)
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _embedded(address: Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for (mapped, NAT64, 6to4)."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class Addresses:
    """Which addresses may be connected to: public ones, and those in the networks that were allowed."""

    def __init__(self, allowed: tuple[Network, ...] = ()) -> None:
        self._allowed = allowed

    def permits(self, address: Address) -> bool:
        if is_public(address):
            return True
        forms = (address, _embedded(address))
        return any(form in network for network in self._allowed for form in forms if form is not None)

    def check_literal(self, url: httpx.URL) -> None:
        """Raises Trouble when the URL itself names an address that is not permitted.

        All that can be checked when a proxy does the connecting: it resolves the names.
        """
        address = literal(url.host)
        if address is not None and not self.permits(address):
            raise refused(url.host, (address,))


def literal(host: str) -> Address | None:
    """The address that a host stands for without asking a name server, also as 127.1 or 0x7f000001."""
    host = host.rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return IPv4Address("127.0.0.1")
    with contextlib.suppress(ValueError):
        return ip_address(host)
    with contextlib.suppress(OSError, UnicodeError):
        return IPv4Address(socket.inet_aton(host))
    return None


def refused(host: str, addresses: tuple[Address, ...]) -> Trouble:
    """The message for a host that leads to no permitted address."""
    first = addresses[0]
    where = str(first) if host == str(first) else f"{host}, which is {first},"
    network = f"{first}/{first.max_prefixlen}"
    return Trouble(
        "refused-address",
        f"{where} is a loopback, private or link-local address and was not contacted;"
        f' if that is meant, write allow_addresses = ["{network}"] under [defaults] in the watchlist',
    )


async def resolve(host: str, port: int) -> tuple[Address, ...]:
    """Every address of a name, in the order the system prefers; raises Trouble when there is none."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        passing = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        raise Trouble(
            "dns", f"{host} could not be resolved ({error}); check the address's spelling", again=passing
        ) from error
    return tuple(dict.fromkeys(ip_address(entry[4][0]) for entry in found))


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to permitted addresses only."""

    def __init__(
        self,
        addresses: Addresses,
        resolve: Resolve = resolve,
        network: httpcore.AsyncNetworkBackend | None = None,
    ) -> None:
        self._addresses = addresses
        self._resolve = resolve
        self._network = network or httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await self._resolve(host, port)
        permitted = tuple(address for address in found if self._addresses.permits(address))
        if not permitted:
            raise refused(host, found)
        tries = _tries(permitted)
        for address in tries[:-1]:
            try:
                return await self._network.connect_tcp(
                    str(address), port, _share(timeout, len(tries)), local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._network.connect_tcp(
            str(tries[-1]), port, _share(timeout, len(tries)), local_address, socket_options
        )

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


def _tries(addresses: tuple[Address, ...]) -> tuple[Address, ...]:
    """A few addresses of each family, so that a host with one dead family is still reached."""
    kept = [a for v in (4, 6) for a in [a for a in addresses if a.version == v][:_TRIES_PER_FAMILY]]
    return tuple(address for address in addresses if address in kept)


def _share(timeout: float | None, tries: int) -> float | None:
    return None if timeout is None else timeout / tries
