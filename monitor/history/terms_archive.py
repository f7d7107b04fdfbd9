"""What Open Terms Archive writes into its repositories: which text of which terms each commit records.

A record is a commit of one file, "Service/Terms Type.md" in a repository of versions and
"Service/Terms Type.html", ".pdf" or, of one among several sources, "Service/Terms Type #page.html" in one
of snapshots. The subject says what kind of record it is, the author's date when the page was fetched.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath

from monitor.errors import UsageError
from monitor.history.git import Commit, Repository, Touched

MEDIA = {".md": "text/markdown", ".html": "text/html", ".htm": "text/html", ".pdf": "application/pdf"}
RECORDS = ("First record of ", "Record new changes of ", "Start tracking ", "Update ")
"""How the subjects of records of the terms themselves begin, today's and those of before 2023."""
UPGRADES = ("Apply technical or declaration upgrade on ", "Refilter ")
"""How those begin that record the same page as read by another program or other selectors."""

_LOCATION = re.compile(r"^X-source-document-location:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_ASSEMBLED = re.compile(r"from (\d{1,3}) source documents")
MOMENT = timedelta(microseconds=1)

_SEPARATOR = re.compile(r"\n\n- - -\n\n")
"""Between the sources of a version that is made of several."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One record: a text of some terms, as the archive had it from a time on."""

    commit: str
    at: datetime
    blob: str
    media: str
    technical: bool = False
    upgrade: bool = False  # the engine read the snapshot of the record before it again: its page stood on
    url: str = ""  # of the page, where the archive says it
    sources: int = 1  # pages that the text is put together from
    until: datetime | None = None  # when the page was seen with another text; None of the one that stands


@dataclass(frozen=True)
class Series:
    """All records of some terms, oldest first; `former` are the names that they had before."""

    name: str  # "Service/Terms Type", with " #page" where it is one source of several
    entries: tuple[Entry, ...]
    former: tuple[str, ...] = ()

    @property
    def service(self) -> str:
        return self.name.partition("/")[0]

    @property
    def type(self) -> str:
        return self.name.partition("/")[2].partition(" #")[0]

    @property
    def page(self) -> str:
        """Which of several sources of these terms it is; "" where there is one."""
        return self.name.partition(" #")[2]

    @property
    def urls(self) -> frozenset[str]:
        return frozenset(entry.url for entry in self.entries if entry.url)

    @property
    def span(self) -> tuple[datetime, datetime]:
        return self.entries[0].at, self.entries[-1].at


@dataclass(frozen=True)
class Archive:
    """A repository's records by the name of the terms."""

    name: str
    series: Mapping[str, Series]


def read(repository: Repository) -> Archive:
    """The records that a repository holds; UsageError where it holds none."""
    commits = repository.commits()
    # Where no subject is the archive's, it is another one in the same form, and each commit a record.
    strict = any(commit.subject.startswith((*RECORDS, *UPGRADES)) for commit in commits)
    found = _Found()
    for commit in commits:
        for touched in commit.files:
            found.take(commit, touched, strict)
    if not found.entries:
        raise UsageError(f"{repository.name} holds no records; {_instead(commits)}")
    return Archive(repository.name, found.series())


def _instead(commits: Iterable[Commit]) -> str:
    """What to do with a repository that holds no records."""
    paths = (touched.path for commit in commits for touched in commit.files)
    if any(path.startswith("declarations/") and path.endswith(".json") for path in paths):
        return "it is one of declarations: see tos-monitor history declarations --help"
    return 'name one of versions or snapshots, with files such as "Service/Privacy Policy.md"'


def text_of(entry: Entry, body: bytes, part: int = 0) -> bytes:
    """The recorded text, or, numbered from 1, one of the parts that it is put together from."""
    if not part:
        return body
    parts = _SEPARATOR.split(body.decode("utf-8", "replace"))
    return parts[part - 1].encode() if part <= len(parts) else b""


@dataclass
class _Found:
    """What was found in the commits so far."""

    entries: dict[str, list[Entry]] = field(default_factory=lambda: defaultdict(list))
    former: dict[str, str] = field(default_factory=dict)

    def take(self, commit: Commit, touched: Touched, strict: bool) -> None:
        name, media = _named(touched.path)
        if not name:
            return
        if touched.former:
            before = _named(touched.former)[0]
            if before and before != name:
                self.former[name] = before
            return
        entries = self.entries[name]
        if entries and entries[-1].blob == touched.blob:
            return
        assembled = _ASSEMBLED.search(commit.body)
        location = _LOCATION.search(commit.body)
        upgrade = commit.subject.startswith(UPGRADES)
        entry = Entry(
            commit=commit.id,
            # An upgrade has the time of a snapshot, of several that of any: it follows what it reads again.
            at=max(commit.at, entries[-1].at) if upgrade and entries else commit.at,
            blob=touched.blob,
            media=media,
            technical=strict and not commit.subject.startswith(RECORDS),
            upgrade=upgrade,
            url=location[1] if location else "",
            sources=int(assembled[1]) if assembled else 1,
        )
        entries.append(entry)

    def series(self) -> dict[str, Series]:
        return {
            name: Series(name, tuple(sorted(entries, key=lambda entry: entry.at)), self._names_before(name))
            for name, entries in sorted(self.entries.items())
        }

    def _names_before(self, name: str) -> tuple[str, ...]:
        names: list[str] = []
        while (name := self.former.get(name, "")) and name not in names:
            names.append(name)
        return tuple(names)


def _named(path: str) -> tuple[str, str]:
    """The name of the terms that a file holds, and its media type; "" for any other file."""
    parts = PurePosixPath(path)
    media = MEDIA.get(parts.suffix.lower(), "")
    if not media or len(parts.parts) != 2 or path.startswith("."):
        return "", ""
    return f"{parts.parts[0]}/{parts.stem}", media


def in_turn(several: Iterable[Series]) -> tuple[Entry, ...]:
    """The records of terms that went by several names, one after the other.

    Where two names overlap in time, the one that began later takes over from its first record on.
    """
    ordered = sorted((one for one in several if one.entries), key=lambda one: one.span[0])
    starts = [one.span[0] for one in ordered[1:]]
    found: list[Entry] = []
    for number, one in enumerate(ordered):
        until = starts[number] if number < len(starts) else None
        found += [entry for entry in one.entries if until is None or entry.at < until]
    return tuple(_each_with_its_end(_each_later(found)))


def _each_later(entries: Iterable[Entry]) -> list[Entry]:
    """Records of which none has the time of another, as an upgrade has that of what it reads again."""
    found: list[Entry] = []
    for entry in entries:
        later = found[-1].at + MOMENT if found and entry.at <= found[-1].at else entry.at
        found.append(replace(entry, at=later))
    return found


def _each_with_its_end(entries: Sequence[Entry]) -> Iterator[Entry]:
    """Records with the time at which the archive saw something else on the page."""
    ends: list[datetime | None] = []
    until = None
    for entry in reversed(entries):
        ends.append(until)
        until = until if entry.upgrade else entry.at
    yield from (replace(entry, until=end) for entry, end in zip(entries, reversed(ends), strict=True))
