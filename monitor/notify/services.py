"""Sends to one of the services that Apprise knows: chats, telephones, ticket systems."""

from __future__ import annotations

import asyncio
import logging
import re

from monitor.errors import DeliveryError, MissingExtra

SECONDS = 60.0
"""How long a service may take for one message; Apprise itself waits for 4 s at each step."""

# What an address has between these is a token or a name.
_PIECES = re.compile(r"[\s/:@?&=,]+")
_SHORTEST_SECRET = 5


async def send(address: str, *, variable: str, title: str, body: str) -> None:
    """Deliver a text to the service of an Apprise address, which `variable` held."""
    try:
        async with asyncio.timeout(SECONDS):
            await asyncio.to_thread(_send, address, variable, title, body)
    except TimeoutError as error:
        raise DeliveryError(f"the service of {variable} did not answer within {SECONDS:g} s") from error


def _send(address: str, variable: str, title: str, body: str) -> None:
    try:
        import apprise  # an extra  # noqa: PLC0415
    except ImportError as error:
        raise MissingExtra("telling people by Apprise", "notify") from error
    logging.getLogger("apprise").propagate = False  # it names addresses, which hold secrets
    if len(address.split()) != 1:
        # Of several some may get a message that is then sent to all of them again.
        raise DeliveryError(f"{variable} must hold one address; write a channel for each")
    services = apprise.Apprise()
    if not services.add(address):
        raise DeliveryError(f"Apprise does not know the address in {variable}; see its list of services")
    with apprise.LogCapture(level=logging.WARNING) as said:  # type: ignore[no-untyped-call]  # of Apprise
        if services.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT):
            return
        why = _without_secrets(said.getvalue(), address)
    raise DeliveryError(f"the service of {variable} did not take it" + (f": {why}" if why else ""))


def _without_secrets(words: str, address: str) -> str:
    """The last thing that Apprise said, without the parts of the address."""
    line = (words.strip().splitlines() or [""])[-1]
    for piece in sorted(_PIECES.split(address), key=len, reverse=True):
        line = line.replace(piece, "***") if len(piece) >= _SHORTEST_SECRET else line
    return line[:200]
