"""Captures as WARC files (ISO 28500), written with their requests and read again."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from gzip import GzipFile
from http import HTTPStatus
from importlib import import_module
from io import BufferedReader, BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urljoin, urlsplit

from monitor import __version__
from monitor.errors import MissingExtra, UsageError
from monitor.model import Capture

SUFFIXES = (".warc", ".warc.gz")
# Bodies are kept decoded: what spoke of their coding on the way is kept under the name archives use for that.
OF_THE_WAY = frozenset(("content-encoding", "transfer-encoding", "content-length"))
_KEPT_AS = "x-archive-orig-"
_ASKED = "X-Requested-URI"
"""A field of our own: the address that was asked for, where another one answered after a redirect."""
_CUT = "it ends in the middle of a record; what came before it was read"


def is_warc(path: Path) -> bool:
    return path.name.lower().endswith(SUFFIXES)


def write(path: Path, captures: Iterable[Capture]) -> int:
    """Write captures, each as a request and a response record; how many there were.

    The request is the one that must have been sent, for what was sent is not kept.
    """
    warcwriter, lines = _part("warcwriter"), _part("statusandheaders").StatusAndHeaders
    count = 0
    try:
        with path.open("wb") as file:
            writer = warcwriter.WARCWriter(file, gzip=path.name.endswith(".gz"))
            writer._create_temp_file = BytesIO  # theirs are never closed
            about = {"software": f"tos-monitor/{__version__}", "format": "WARC File Format 1.1"}
            writer.write_record(writer.create_warcinfo_record(path.name, about))
            for capture in captures:
                _write_one(writer, capture, lines)
                count += 1
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror}); name another place") from error
    return count


def _write_one(writer: Any, capture: Capture, lines: Any) -> None:  # noqa: ANN401  warcio has no types
    status = HTTPStatus(capture.status).phrase if capture.status in set(HTTPStatus) else "Unknown"
    headers = [
        (f"{_KEPT_AS}{name}" if name in OF_THE_WAY else name, value) for name, value in capture.headers
    ]
    headers.append(("content-length", str(len(capture.body))))
    facts = {"WARC-Date": f"{capture.at:%Y-%m-%dT%H:%M:%SZ}"}
    if capture.url != capture.final_url:
        facts[_ASKED] = capture.url
    if capture.source:
        facts["WARC-Source-URI"] = capture.source
    response = writer.create_warc_record(
        capture.final_url,
        "response",
        payload=BytesIO(capture.body),
        http_headers=lines(f"{capture.status} {status}", headers, protocol="HTTP/1.1"),
        warc_headers_dict=facts,
    )
    parts = urlsplit(capture.final_url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    request = writer.create_warc_record(
        capture.final_url,
        "request",
        http_headers=lines(f"GET {path} HTTP/1.1", [("Host", parts.netloc)], is_http_request=True),
        warc_headers_dict={"WARC-Date": facts["WARC-Date"]},
    )
    writer.write_request_response_pair(request, response)


# --- reading ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Passed:
    """A record of an answer that no capture is made of; `why` is empty where nobody wants its address."""

    url: str
    why: str = ""


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


def read(path: Path, wanted: Callable[[str], bool]) -> Iterator[Capture | Passed]:
    """The captures of wanted addresses that a WARC file holds, in its order, and what else it answers.

    A redirect leads to the next answer at its target; a record that only names equal bytes seen before stands
    for those. UsageError for a file that cannot be read, or once it ends in the middle of a record.
    """
    iterator, broken = _part("archiveiterator").ArchiveIterator, _part("exceptions").ArchiveLoadFailed
    reading, any_there = _Reading(path.name, wanted), False
    try:
        with _opened(path) as file:
            archive = iterator(file, no_record_parse=True)
            for record in archive:
                any_there = True
                yield from reading.answers(record, archive.loader)
            if file.cut:
                raise ValueError(_CUT)
            if not any_there:
                raise ValueError("it holds no record")
    except (OSError, EOFError, ValueError, zlib.error, broken) as error:
        raise UsageError(f"{path}: cannot be read as WARC ({' '.join(str(error).split())})") from error


@dataclass
class _Reading:
    """What was read of a file so far: answers that may be named again, and where redirects lead."""

    name: str
    wanted: Callable[[str], bool]
    known: dict[str, _Answer] = field(default_factory=dict)
    ways: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)  # addresses that led to this one

    def answers(self, record: Any, loader: Any) -> Iterator[Capture | Passed]:  # noqa: ANN401  no types
        """The captures that a record stands for; ValueError where the file is broken."""
        # What begins like no record is taken for one of the older ARC format.
        if record.format != "warc":
            raise ValueError("it holds other lines than those of a record")
        told = record.rec_headers.get_header
        url = told("WARC-Target-URI") or ""
        if record.length is None:
            raise ValueError(_CUT)
        if record.rec_type not in ("response", "revisit") or not url.lower().startswith("http"):
            return
        asked = told(_ASKED) or url
        ways = [*self.ways.pop(url, ()), *([(asked,)] if self.wanted(asked) else [])]
        if not ways:
            yield Passed(url)
            return
        at = _instant(told("WARC-Date") or "")
        answer = self._answer(record, loader, url) if at else "its WARC-Date is no time"
        if isinstance(answer, str) or at is None:
            yield Passed(url, str(answer))
            return
        target = next((value for key, value in answer.headers if key == "location"), "")
        if 300 <= answer.status < 400 and target:
            self.ways.setdefault(urljoin(url, target), []).extend(
                (*way, urljoin(url, target)) for way in ways
            )
        elif answer.status != HTTPStatus.NOT_MODIFIED:
            source = f"warc: {self.name} {(told('WARC-Record-ID') or '').strip('<>')}"
            yield from (_capture(way, url, answer, at, source) for way in ways)

    def _answer(self, record: Any, loader: Any, url: str) -> _Answer | str:  # noqa: ANN401  no types
        """The answer that a record holds or names, or why there is none."""
        told = record.rec_headers.get_header
        digest = told("WARC-Payload-Digest") or ""
        if record.rec_type == "revisit":
            named = f"{told('WARC-Refers-To-Target-URI')} {told('WARC-Refers-To-Date')}"
            found = self.known.get(digest) or self.known.get(named)
            return found or "it names bytes that were captured before, and are not in this file"
        try:
            record.http_headers = loader.load_http_headers("response", url.lower(), record.raw_stream, None)
            status = int(record.http_headers.get_statuscode())
        except (EOFError, ValueError, _part("statusandheaders").StatusAndHeadersParserException):
            return "it holds no answer over HTTP"
        headers = tuple((key.lower(), value) for key, value in record.http_headers.headers)
        coding = next((value.lower() for key, value in headers if key == "content-encoding"), "")
        if coding not in (
            "",
            "identity",
            *_part("bufferedreaders").BufferedReader.get_supported_decompressors(),
        ):
            return f'its body is encoded as "{coding}", which cannot be decoded here'
        body = record.content_stream().read()
        record.raw_stream.read()
        if record.raw_stream.limit:
            raise ValueError(_CUT)
        if told("WARC-Truncated"):
            return "its body was cut off when it was captured"
        answer = _Answer(status, tuple(one for one in headers if one[0] not in OF_THE_WAY), body)
        self.known |= {key: answer for key in (digest, f"{url} {told('WARC-Date')}") if key}
        return answer


def _capture(way: tuple[str, ...], url: str, answer: _Answer, at: datetime, source: str) -> Capture:
    return Capture(
        url=way[0],
        final_url=url,
        status=answer.status,
        headers=answer.headers,
        body=answer.body,
        at=at,
        redirects=way[1:],
        source=source,
    )


def _instant(text: str) -> datetime | None:
    """The time that a record names, in UTC; None where it names none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


class _Stream:
    """The bytes of a file, unpacked; where it is cut off they end, and `cut` says so afterwards."""

    def __init__(self, file: BufferedReader) -> None:
        self._file = GzipFile(fileobj=file) if file.peek(2)[:2] == b"\x1f\x8b" else file
        self.cut = False

    def read(self, size: int) -> bytes:
        try:
            return self._file.read1(size)
        except EOFError:
            self.cut = True
            return b""


@contextmanager
def _opened(path: Path) -> Iterator[_Stream]:
    with path.open("rb") as file:
        yield _Stream(file)


def _part(name: str) -> ModuleType:
    """A part of warcio, which has no types; MissingExtra where it is not installed."""
    try:
        return import_module(f"warcio.{name}")
    except ImportError as error:
        raise MissingExtra("WARC", "warc") from error
