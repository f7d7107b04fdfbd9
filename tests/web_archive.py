"""A small web archive over real HTTP that speaks each dialect, and can be told to fail."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

URL = "https://acme.test/terms"
START = datetime(2023, 3, 1, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass
class Held:
    """One capture that the archive holds, and how it is given."""

    at: datetime
    url: str
    body: bytes
    status: int = 200
    media: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0  # bytes after which the answer breaks off
    listed: bool = True  # with its status and media type
    named: str = ""  # its digest, where that is not one of its bytes
    shown: datetime | None = None  # when another capture is given in its place
    hold: threading.Event | None = None  # it is given only once this is set

    @property
    def stamp(self) -> str:
        return f"{self.at:%Y%m%d%H%M%S}"

    @property
    def digest(self) -> str:
        return self.named or hashlib.sha1(self.body).hexdigest().upper()[:32]


class WebArchive(ThreadingHTTPServer):
    """Holds captures, and lists them as `dialect` says; `troubles` are answered first, one each."""

    daemon_threads = True

    def __init__(self, dialect: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.dialect = dialect
        self.held: list[Held] = []
        self.garbage = ""  # that the index has among its lines
        self.page = 0  # captures a TimeMap names before it goes on in another
        self.troubles: dict[str, list[tuple[int, dict[str, str]]]] = {}  # by what the path holds
        self.asked: list[str] = []
        self.agents: set[str] = set()
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()
        self.reached = threading.Event()  # a capture that is held was asked for

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    @property
    def home(self) -> str:
        """What captures' addresses begin with."""
        return f"{self.url}/web" if self.dialect.startswith("wayback") else f"{self.url}/coll"

    def hold(self, body: bytes, at: datetime | None = None, url: str = URL, **more) -> Held:
        """Hold one more capture, by default of a day after the last one."""
        at = at or (self.held[-1].at + DAY if self.held else START)
        self.held.append(Held(at, url, body, **more))
        return self.held[-1]

    def of(self, url: str, query: dict[str, list[str]]) -> list[Held]:
        """The captures of an address in the time that a query names, as many as it wants."""
        low, high = query.get("from", ["0"])[0], query.get("to", ["9"])[0]
        found = [one for one in self.held if one.url == url and low <= one.stamp <= high + "9" * 14]
        found = [one for one in found if one.stamp[: len(high)] <= high]
        return sorted(found, key=lambda one: one.at)[: int(query.get("limit", ["99999"])[0])]

    def fetched(self) -> list[str]:
        """The times of the captures that were asked for, in order."""
        return [path.split("id_/")[0][-14:] for path in self.asked if "id_/" in path]


class _Handler(BaseHTTPRequestHandler):
    server: WebArchive

    def do_GET(self) -> None:
        archive = self.server
        with archive.lock:
            archive.asked.append(self.path)
            archive.agents.add(self.headers.get("User-Agent", ""))
            archive.at_once += 1
            archive.most_at_once = max(archive.most_at_once, archive.at_once)
        try:
            self.answer(archive)
        finally:
            with archive.lock:
                archive.at_once -= 1

    def answer(self, archive: WebArchive) -> None:
        for part, troubles in archive.troubles.items():
            if part in self.path and troubles:
                status, headers = troubles.pop(0)
                return self.send(b"in trouble", status, headers)
        parts = urlsplit(self.path)
        query = parse_qs(parts.query)
        if "id_/" in self.path:
            return self.capture(archive)
        if parts.path == "/cdx/search/cdx" and archive.dialect.startswith("wayback"):
            return self.send(table(archive, query).encode())
        if parts.path == "/coll/cdx" and archive.dialect in ("cdxj", "json-lines"):
            lines = listing(archive, query)
            none = json.dumps({"message": f"No Captures found for: {query['url'][0]}"})
            return self.send((lines or none).encode(), 200 if lines else 404)
        if parts.path == "/index" and archive.dialect == "outback":
            return self.send(columns(archive.of(query["url"][0], query), 11).encode())
        if "/timemap/link" in parts.path and archive.dialect == "memento":
            return self.timemap(archive)
        return self.send(b"nothing here", 404)

    def timemap(self, archive: WebArchive) -> None:
        number, _, url = self.path.partition("/timemap/link")[2].partition("/")
        held = archive.of(url, {})
        size = archive.page or len(held) + 1
        first = int(number or 0) * size
        lines = [f'<{url}>; rel="original"', f'<{archive.home}/{url}>; rel="timegate"']
        lines += [f'<{self.path}>; rel="self"; type="application/link-format"']
        lines += [
            f'<{archive.home}/{one.stamp}/{one.url}>; rel="memento"; datetime="{http_date(one.at)}"'
            for one in held[first : first + size]
        ]
        if first + size < len(held):
            further = f"/coll/timemap/link{int(number or 0) + 1}/{url}"
            lines.append(f'<{further}>; rel="timemap"; type="application/link-format"')
        self.send((",\n".join(lines) + archive.garbage).encode(), 200 if held else 404)

    def capture(self, archive: WebArchive) -> None:
        before, _, url = self.path.partition("id_/")
        stamp = before[-14:]
        for one in archive.held:
            if (one.stamp, one.url) == (stamp, url.rstrip("/")):
                if one.hold:
                    archive.reached.set()
                    one.hold.wait(timeout=60)
                headers = {"Content-Type": one.media, "Memento-Datetime": http_date(one.shown or one.at)}
                return self.send(one.body, one.status, headers | one.headers, cut=one.cut)
        return self.send(b"not held", 404)

    def send(self, body: bytes, status: int = 200, headers: dict | None = None, cut: int = 0) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": "text/plain", **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with suppress(BrokenPipeError, ConnectionResetError):  # who asked was killed meanwhile
            self.wfile.write(body[:cut] if cut else body)
        if cut:
            self.close_connection = True

    def log_message(self, format, *args) -> None:
        """Tests print nothing of their own."""


def http_date(at: datetime) -> str:
    return format_datetime(at, usegmt=True)


def _cells(one: Held) -> list[str]:
    status, media = (str(one.status), one.media) if one.listed else ("-", "warc/revisit")
    return ["test,acme)/terms", one.stamp, one.url, media, status, one.digest]


def columns(held: list[Held], count: int) -> str:
    """CDX lines of that many columns."""
    return "".join(" ".join([*_cells(one), *["-"] * (count - 6)]) + "\n" for one in held)


def table(archive: WebArchive, query: dict[str, list[str]]) -> str:
    held = archive.of(query["url"][0], query)
    if archive.dialect == "wayback-text":
        return columns(held, 7) + archive.garbage
    names = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
    rows = [names, *([*_cells(one), "512"] for one in held)] if held else []
    return "[" + ",\n".join(map(json.dumps, rows)) + "]" + archive.garbage


def listing(archive: WebArchive, query: dict[str, list[str]]) -> str:
    """CDXJ as pywb has it on disk, or the JSON lines that it answers with."""
    lines = []
    for one in archive.of(query["url"][0], query):
        key, stamp, url, media, status, digest = _cells(one)
        told = {"url": url, "mime": media, "status": status, "digest": digest, "filename": "a.warc.gz"}
        if archive.dialect == "json-lines":
            lines.append(json.dumps({"urlkey": key, "timestamp": stamp, **told}))
        else:
            lines.append(f"{key} {stamp} {json.dumps(told)}")
    return "".join(f"{line}\n" for line in lines) + archive.garbage


@contextmanager
def archive_of(dialect: str):
    """An archive that answers until the end of the block."""
    server = WebArchive(dialect)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
