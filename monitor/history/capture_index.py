"""What an index of a web archive lists, in each of the forms that archives write it in.

A CDX server writes a line or a row a capture: columns apart by spaces (Wayback, OutbackCDX), a JSON table
(Wayback), a key with JSON behind it (CDXJ), or JSON alone (pywb). A Memento TimeMap (RFC 7089) is a list of
links. The form is told from what came, not from what was asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin

_DIGITS = re.compile(r"\d{14}(?:\d{3})?")
_COLUMNS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest")
"""Of CDX lines: those that all dialects begin with."""
_LETTERS = {
    "N": "urlkey",
    "b": "timestamp",
    "a": "original",
    "m": "mimetype",
    "s": "statuscode",
    "k": "digest",
}
"""Of the line that some CDX files begin with: "CDX N b a m s k …"."""
_LINK = re.compile(r'<([^<>]*)>((?:\s*+;\s*+[\w*-]++\s*+(?:=\s*+(?:"[^"]*"|[^\s;,"<>]*+))?)*+)')
_PARAMETER = re.compile(r';\s*+([\w*-]++)\s*+(?:=\s*+("[^"]*"|[^\s;,"]*+))?')
_OF_A_MEMENTO = re.compile(r"/\d{14}(?:[a-z]{2}_)?/(?=\w)")

Row = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One capture as an index lists it; what the index does not say is 0 or empty."""

    at: datetime
    url: str  # that was captured
    status: int = 0
    media: str = ""
    digest: str = ""  # of the bytes; equal ones were captured again
    memento: str = ""  # where the archive shows it


@dataclass(frozen=True)
class Index:
    """What one answer of an index holds; `garbage` counts what in it could not be read."""

    captures: tuple[Listed, ...]
    garbage: int = 0
    pages: tuple[str, ...] = ()  # further TimeMaps that it names

    @property
    def is_one(self) -> bool:
        """Whether this is an index at all, and no page of an error with status 200."""
        return bool(self.captures or self.pages) or not self.garbage


def read_index(body: bytes, url: str, asked: str) -> Index:
    """What came from an index at `url` that was asked for the captures of the address `asked`."""
    text = body.decode("utf-8", "replace").strip()
    if _LINK.match(text):
        return _links(text, url, asked)
    found: list[Listed] = []
    garbage = 0
    for row in _rows(text):
        listed = _listed(row) if row else None
        if listed:
            found.append(listed)
        else:
            garbage += 1
    return Index(tuple(found), garbage)


# --- CDX -------------------------------------------------------------------------------------------


def _rows(text: str) -> Iterator[Row | None]:
    """Each line or row by the names of its columns; None for one that cannot be read."""
    if text.startswith("["):
        yield from _table(text)
        return
    columns: Sequence[str] = _COLUMNS
    for line in filter(None, map(str.strip, text.splitlines())):
        if line.startswith("CDX "):
            columns = [_LETTERS.get(letter, "") for letter in line.split()[1:]]
        elif not line.startswith(("!", "@")):  # what CDXJ files say of themselves
            yield _row(line, columns)


def _table(text: str) -> Iterator[Row | None]:
    """The rows of a JSON table whose first row names its columns; of a broken one those that are whole."""
    try:
        table = json.loads(text)
    except ValueError:
        table = [_json(line.strip().removeprefix("[[").strip("[], ")) for line in text.splitlines()]
    columns: Sequence[str] = _COLUMNS
    for row in table:
        if isinstance(row, list) and "timestamp" in row:
            columns = list(map(str, row))
        elif isinstance(row, list) and row:
            yield dict(zip(columns, map(str, row), strict=False))
        elif row != []:
            yield None


def _json(line: str) -> object:
    """The row that a line of a broken table holds, or None."""
    try:
        return json.loads(f"[{line}]")
    except ValueError:
        return None


def _row(line: str, columns: Sequence[str]) -> Row | None:
    if not line.endswith("}"):
        cells = line.split()
        return dict(zip(columns, cells, strict=False)) if len(cells) >= len(_COLUMNS) - 1 else None
    before, _, rest = line.partition("{")
    try:
        told = json.loads("{" + rest)
    except ValueError:
        return None
    key = dict(zip(_COLUMNS, before.split(), strict=False))
    return {**key, **{name: str(value) for name, value in told.items()}}


def _listed(row: Row) -> Listed | None:
    """The capture that a row tells of; None where it lacks a time or an address."""
    stamp, url = row.get("timestamp", ""), row.get("original") or row.get("url") or ""
    at = _instant(stamp)
    if at is None or not url:
        return None
    status = row.get("statuscode") or row.get("status") or ""
    media = (row.get("mimetype") or row.get("mime") or "").partition(";")[0].strip().lower()
    digest = row.get("digest", "")
    return Listed(
        at=at,
        url=url,
        status=int(status) if re.fullmatch(r"[1-5]\d\d", status) else 0,
        media="" if media in ("-", "unk", "warc/revisit") else media,
        digest=digest.removeprefix("sha1:") if digest != "-" else "",
    )


def _instant(stamp: str) -> datetime | None:
    """The time of 14 digits, in UTC."""
    if not _DIGITS.fullmatch(stamp):
        return None
    try:
        return datetime.strptime(stamp[:14], "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None


# --- TimeMaps --------------------------------------------------------------------------------------


def _links(text: str, url: str, asked: str) -> Index:
    """The mementos of a TimeMap, and the other TimeMaps of the same address that it names."""
    found: list[Listed] = []
    pages: list[str] = []
    garbage = 0
    for link in _LINK.finditer(text):
        told = {name.lower(): value.strip('"') for name, value in _PARAMETER.findall(link[2])}
        relations = told.get("rel", "").lower().split()
        if "memento" in relations:
            memento = _memento(urljoin(url, link[1]), told.get("datetime", ""), asked)
            found += [memento] if memento else []
            garbage += memento is None
        elif "timemap" in relations and "self" not in relations:
            pages.append(urljoin(url, link[1]))
    left = _LINK.sub("", text).replace(",", "").strip()
    return Index(tuple(found), garbage + bool(left), tuple(pages))


def _memento(uri: str, told: str, asked: str) -> Listed | None:
    try:
        at = parsedate_to_datetime(told)
    except ValueError:
        return None
    parts = _OF_A_MEMENTO.split(uri, maxsplit=1)
    url = parts[1] if len(parts) == 2 else asked
    utc = at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    return Listed(at=utc, url=url, memento=uri)
