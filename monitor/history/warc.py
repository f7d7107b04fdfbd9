"""Captures as WARC files (ISO 28500), written with their requests and read again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from http import HTTPStatus
from importlib import import_module
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from monitor import __version__
from monitor.errors import MissingExtra, UsageError
from monitor.model import Capture

SUFFIXES = (".warc", ".warc.gz")
# Bodies are kept decoded: what spoke of their coding on the way is kept under the name archives use for that.
OF_THE_WAY = frozenset(("content-encoding", "transfer-encoding", "content-length"))
_KEPT_AS = "x-archive-orig-"


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


def read(path: Path) -> Iterator[Capture]:
    """The captures that a WARC file holds: the responses to requests over HTTP, in its order."""
    archive, broken = _part("archiveiterator").ArchiveIterator, _part("exceptions").ArchiveLoadFailed
    try:
        with path.open("rb") as file:
            for record in archive(file):
                # What begins like no record is taken for one of the older ARC format.
                if record.format != "warc":
                    raise ValueError("it holds other lines than those of a record")
                if record.rec_type == "response" and record.http_headers is not None:
                    yield _capture(path, record)
    except (OSError, EOFError, ValueError, broken) as error:
        raise UsageError(f"{path}: cannot be read as WARC ({error})") from error


def _capture(path: Path, record: Any) -> Capture:  # noqa: ANN401  warcio has no types
    url = record.rec_headers.get_header("WARC-Target-URI")
    name = record.rec_headers.get_header("WARC-Record-ID") or ""
    headers = ((key.lower(), value) for key, value in record.http_headers.headers)
    return Capture(
        url=url,
        final_url=url,
        status=int(record.http_headers.get_statuscode()),
        headers=tuple(one for one in headers if one[0] not in OF_THE_WAY),
        body=record.content_stream().read(),
        at=datetime.fromisoformat(record.rec_headers.get_header("WARC-Date")),
        source=f"warc: {path.name} {name.strip('<>')}",
    )


def _part(name: str) -> ModuleType:
    """A part of warcio, which has no types; MissingExtra where it is not installed."""
    try:
        return import_module(f"warcio.{name}")
    except ImportError as error:
        raise MissingExtra("WARC", "warc") from error
