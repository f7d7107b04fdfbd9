"""What people and programs read: recorded changes, health, reports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from monitor.model.changes import Change
from monitor.model.claims import Doubt, Opinion, Standing
from monitor.model.fetched import Reason
from monitor.model.texts import LinkFinding, SeenLink
from monitor.model.watched import Watchlist


class ReviewState(StrEnum):
    TO_REVIEW = "to review"
    VERIFIED = "verified"
    DISMISSED = "dismissed"
    NOTHING = "nothing to review"


@dataclass(frozen=True, kw_only=True)
class VersionInfo:
    """A version without its text."""

    id: int
    document: str
    at: datetime
    url: str
    capture_sha256: str
    effective: date | None = None
    title: str = ""
    source: str = ""  # where its capture was imported from


@dataclass(frozen=True, kw_only=True)
class Found:
    """A clause that a search found, and from when to when it stood; `until` is None while it does."""

    document: str
    text: str
    section: tuple[str, ...]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class RecordedChange:
    """A change as the store keeps it."""

    id: int
    change: Change
    before: VersionInfo
    after: VersionInfo
    state: ReviewState
    reverted_at: datetime | None = None  # the old text came back
    withdrawn: bool = False  # it was never confirmed
    why: str = ""  # of a dismissal
    dismissal: int | None = None  # its step
    doubts: tuple[Doubt, ...] = ()
    opinions: tuple[Opinion, ...] = ()  # the newest on each topic, where a second opinion was asked for


@dataclass(frozen=True, kw_only=True)
class Health:
    """How the watching of a document goes."""

    document: str
    last_check: datetime | None = None
    last_good: datetime | None = None  # last time the document itself was seen
    last_change: datetime | None = None
    next_check: datetime | None = None
    outcome: str = ""  # of the last check
    since: datetime | None = None  # failing or doubtful since
    failures: int = 0  # checks in a row that did not see the document
    reasons: tuple[Reason, ...] = ()
    versions: int = 0
    version: int = 0  # the current one, 0 for none
    language: str | None = ""  # of the current version, as its words tell; None until somebody asked
    words: int = 0  # of the current version
    unread: str = ""  # the language of the current version, where no rules are written for it
    lengths: tuple[tuple[datetime, int], ...] = ()  # (last seen, words) of every version, oldest first


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One line of a run: what happened to a document."""

    document: str
    at: datetime
    outcome: str  # first | unchanged | changed | doubtful | failed; not recorded: busy | skipped
    reasons: tuple[Reason, ...] = ()
    change: RecordedChange | None = None
    words: int = 0
    before: Health | None = None  # how the watching went until this check
    links: tuple[LinkFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run or a period brought, ready to be rendered for a person or a program."""

    at: datetime
    title: str
    watchlist: Watchlist
    results: tuple[CheckResult, ...] = ()  # of a run; empty for a report over a period
    changes: tuple[RecordedChange, ...] = ()
    health: tuple[Health, ...] = ()
    standings: Mapping[tuple[str, str], Standing] = field(default_factory=dict)  # by (product, topic)
    options: str = ""  # as typed after the commands that a report names, so that they work when pasted
    links: tuple[LinkFinding, ...] = ()  # of the period; those of `results` among them
    linked: Mapping[str, tuple[SeenLink, ...]] = field(default_factory=dict)  # by document, where asked for
