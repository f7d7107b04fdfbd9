"""A local site of many hosts that answers as slowly as real ones do, and is out of order as they are.

usage: python -m benchmarks.slow_site DOCUMENTS DAY

Serves what `slow_pages` plans, on loopback addresses (Linux has all of 127.0.0.0/8), at one port that it
prints. `POST /begin` begins a day of so many seconds, `POST /hook` takes a webhook's messages, and
`GET /told` gives these back as JSON. Answers begin after 0.25 s at the median, one in 60 after 3 to 12 s,
and come in pieces. One request in 150 fails by itself and would not at the next try; documents and whole
hosts are out of order for longer.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import resource
import sys
import time
from dataclasses import dataclass, field

from benchmarks.slow_pages import OF_A_HOST, Plan, page, plan, text_of

TAIL = 1 / 60
FAILS_ONCE = 1 / 150
HANGS = 0.01  # share of the hosts that say nothing for a while
HTML = "Content-Type: text/html; charset=utf-8"
LONGEST = 90.0  # seconds that a silent server keeps a connection

WALLS = {
    "challenge": ("Just a moment...", "Verify you are human by completing the action below. Ray ID: 8f27a1"),
    "consent": (
        "Before you continue",
        "We and our partners use cookies. Accept all, or choose for yourself.",
    ),
    "soft-404": ("Page not found", "We looked everywhere. The page that you asked for does not exist."),
    "log-in": ("Log in", "<form>Welcome back<input name=mail><input type=password name=key></form>"),
    "maintenance": ("Maintenance", "We'll be back soon. Our site is down for maintenance."),
}


@dataclass
class Site:
    """The state of the site: when its day began, and what came of it."""

    documents: int
    day: float  # seconds
    begun: float | None = None
    flashed: set[int] = field(default_factory=set)
    told: list[dict[str, object]] = field(default_factory=list)
    answers: int = 0

    @property
    def share(self) -> float:
        """The time of the day; before it begins nothing happens to any document."""
        return -1.0 if self.begun is None else (time.monotonic() - self.begun) / self.day


@dataclass(frozen=True)
class Request:
    """What a client asks for."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Cut(Exception):
    """The connection ends here."""


async def main(documents: int, day: float) -> None:
    """Serve until the process is ended."""
    site = Site(documents, day)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    hosts = sorted({plan(number).host for number in range(0, documents, OF_A_HOST)} | {"127.0.0.1"})

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await converse(site, reader, writer)

    first = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = first.sockets[0].getsockname()[1]
    others = [host for host in hosts if host != "127.0.0.1"]
    servers = [first, await asyncio.start_server(serve, others, port)]
    print(port, flush=True)
    await asyncio.gather(*(server.serve_forever() for server in servers))


async def converse(site: Site, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection."""
    try:
        while request := await read(reader):
            await answer(site, request, writer)
    except (Cut, OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def read(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection; None at its end."""
    head = await reader.readuntil(b"\r\n\r\n") if not reader.at_eof() else b""
    if not head:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Request(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))


async def answer(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """One answer: at once to whoever runs the simulation, slowly to whoever watches the documents."""
    match request.method, request.path:
        case "POST", "/begin":
            site.begun = time.monotonic()
            await send(writer, 204)
        case "POST", "/hook":
            site.told.append(json.loads(request.body))
            await send(writer, 204)
        case "GET", "/told":
            facts = {"told": site.told, "answers": site.answers}
            await send(writer, 200, json.dumps(facts).encode(), "Content-Type: application/json")
        case _:
            site.answers += 1
            await asyncio.sleep(latency())
            await show(site, request, writer)


def latency() -> float:
    """Seconds until the first byte of an answer."""
    if random.random() < TAIL:
        return random.uniform(3, 12)
    return min(random.lognormvariate(-1.4, 0.8), 12.0)


async def show(site: Site, request: Request, writer: asyncio.StreamWriter) -> None:
    """A document as it is at this time of the day, or what is out of order."""
    if request.path == "/robots.txt":
        await send(writer, 404, b"none", "Content-Type: text/plain")
        return
    number = request.path.rstrip("/").rpartition("-")[2]
    if not number.isdecimal() or int(number) >= site.documents:
        await send(
            writer, 200, wall("Welcome", "Build with what teams like yours rely on. See the prices."), HTML
        )
        return
    one = plan(int(number))
    if one.moved and not request.path.endswith("/"):
        await send(writer, 301, b"", f"Location: {one.path}/")
        return
    trouble = one.trouble(site.share) or ("silence" if hangs(one, site.share) else "")
    if not trouble and random.random() < FAILS_ONCE:
        trouble = random.choice(("502", "503", "reset", "reset-in-body"))
    body = shown(site, one)
    if trouble:
        await fail(trouble, body, request.path, writer)
    else:
        await give(one, body, request, writer)


def hangs(one: Plan, share: float) -> bool:
    """Whether the whole host of a document is silent for a tenth of the day."""
    chance = random.Random(f"host {one.host}")
    start = chance.uniform(0, 0.6)
    return chance.random() < HANGS and start <= share < start + 0.1


def shown(site: Site, one: Plan) -> bytes:
    """The page as it is now; a document that flashes does so once, in the middle of the day."""
    flash = one.flash and site.share > 0.3 and one.number not in site.flashed
    if flash:
        site.flashed.add(one.number)
    visit = f"{random.getrandbits(64):016x}" if one.freshness == "varies" else ""
    return page(one, text_of(one, edited=one.edited(site.share), flash=flash), visit).encode()


async def give(one: Plan, body: bytes, request: Request, writer: asyncio.StreamWriter) -> None:
    """A sound answer, in pieces as they come over a network."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = (HTML, f"ETag: {tag}") if one.freshness == "etag" else (HTML,)
    if one.freshness == "etag" and request.headers.get("if-none-match") == tag:
        await send(writer, 304, None, *headers)
        return
    writer.write(head(200, len(body), *headers))
    pieces = 4
    for start in range(0, len(body), len(body) // pieces + 1):
        writer.write(body[start : start + len(body) // pieces + 1])
        await writer.drain()
        await asyncio.sleep(random.uniform(0.01, 0.15))


async def fail(trouble: str, body: bytes, path: str, writer: asyncio.StreamWriter) -> None:
    """What is out of order, as sites show it."""
    match trouble:
        case status if status.isdecimal():
            pause = ("Retry-After: 30",) if status == "429" else ()
            await send(writer, int(status), wall(f"Error {status}", "Sorry about that."), HTML, *pause)
        case "reset":
            reset(writer)
        case "reset-in-body" | "short":
            writer.write(head(200, len(body), HTML) + body[: len(body) // 2])
            await writer.drain()
            raise Cut
        case "silence":
            await asyncio.sleep(LONGEST)
            raise Cut
        case "drip":
            await drip(body, writer)
        case "cut":
            half = body[: len(body) * 2 // 3]
            await send(writer, 200, half, HTML)
        case "home":
            await send(writer, 302, b"", "Location: /")
        case "loop":
            await send(writer, 302, b"", f"Location: {path}")
        case kind:
            await send(writer, 200, wall(*WALLS[kind]), HTML)


async def drip(body: bytes, writer: asyncio.StreamWriter) -> None:
    """A few bytes at a time, for longer than anybody waits."""
    writer.write(head(200, len(body), HTML))
    end = time.monotonic() + LONGEST
    for at in range(0, len(body), 20):
        if time.monotonic() > end:
            raise Cut
        writer.write(body[at : at + 20])
        await writer.drain()
        await asyncio.sleep(0.2)


def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()
    raise Cut


def wall(title: str, text: str) -> bytes:
    """A short page in place of a document."""
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title></head><body>"
        f"<h1>{title}</h1><p>{text}</p></body></html>"
    ).encode()


def head(status: int, length: int | None, *headers: str) -> bytes:
    sized = () if length is None else (f"Content-Length: {length}",)
    return ("\r\n".join((f"HTTP/1.1 {status} Whatever", *headers, *sized)) + "\r\n\r\n").encode()


async def send(writer: asyncio.StreamWriter, status: int, body: bytes | None = None, *headers: str) -> None:
    """A whole answer at once; without a body for those statuses that have none."""
    writer.write(head(status, None if body is None else len(body), *headers) + (body or b""))
    await writer.drain()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
