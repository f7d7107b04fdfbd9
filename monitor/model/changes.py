"""What changed between two versions, and which positions that touches."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.fetched import Reason
from monitor.model.texts import Block
from monitor.model.watched import Duration


class ClauseKind(StrEnum):
    EDITED = "edited"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # also moved and edited: then its words differ
    RENUMBERED = "renumbered"


class Mark(StrEnum):
    SAME = "="
    REMOVED = "-"
    ADDED = "+"


@dataclass(frozen=True)
class Clause:
    """One changed block or pair of blocks, with the words that differ.

    `before_at` and `after_at` are the blocks' positions in the old and the new version.
    """

    kind: ClauseKind
    before: Block | None
    after: Block | None
    words: tuple[tuple[Mark, str], ...] = ()
    before_at: int | None = None
    after_at: int | None = None

    @property
    def alters(self) -> bool:
        """Whether words changed, not only their place or number."""
        if self.kind in (ClauseKind.EDITED, ClauseKind.ADDED, ClauseKind.REMOVED):
            return True
        return self.kind is ClauseKind.MOVED and any(mark is not Mark.SAME for mark, _ in self.words)

    @property
    def section(self) -> tuple[str, ...]:
        block = self.after or self.before
        return block.section if block else ()


Clauses = tuple[Clause, ...]


class FlagKind(StrEnum):
    NONE = "none"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A sentence that states a position on a topic: who does what with which data, when, for how long."""

    topic: str
    text: str
    position: str  # see docs/glossary.md; e.g. "no", "opt-out", "period"
    actor: str = ""  # provider | third-party | customer
    action: str = ""
    objects: tuple[str, ...] = ()
    modality: str = ""  # permits | prohibits | requires | conditional
    negated: bool = False
    conditions: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    periods: tuple[Duration, ...] = ()
    rules: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # the words that made the rules fire
    block: int = 0  # position of its block in the version
    section: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A changed clause that bears on a topic, with its direction and why it was flagged."""

    topic: str
    kind: FlagKind
    direction: (
        str | None
    )  # training: more_permissive | less_permissive; retention: longer | shorter; mixed | unclear
    clause: Clause
    rules: tuple[str, ...]
    words: tuple[str, ...]
    summary: str  # one plain line: what was said -> what is said
    before: tuple[Statement, ...] = ()
    after: tuple[Statement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """The difference between two successive versions, judged."""

    document: str
    at: datetime
    clauses: Clauses
    flags: tuple[Flag, ...] = ()
    alert: bool = True  # announced as a change of the terms, flagged or not
    confirmed: bool = True
    technical: bool = False  # made by our own upgrade or an edited selector
    restores: int | None = None  # the earlier version whose text came back
    reasons: tuple[Reason, ...] = ()  # why it is not announced, who accepted it, that it is not understood
    source: str = ""  # where the history that it is part of was imported from: told to nobody as news
