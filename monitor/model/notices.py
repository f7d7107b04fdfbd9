"""What channels are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from monitor.model.fetched import Reason


class NoticeKind(StrEnum):
    """What a channel is told of."""

    CHANGE = "change"
    REVERTED = "reverted"  # a change that it was told of
    UNSEEN = "unseen"
    REMINDER = "reminder"  # of a document that is still not seen
    RECOVERED = "recovered"
    ALARM = "alarm"
    LINKED = "linked"  # another legal document is linked, no longer, or elsewhere
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that a channel is told once, about a change or about how the watching of a document goes."""

    channel: str
    kind: NoticeKind
    at: datetime
    not_before: datetime  # when it may be sent
    digest: bool = False  # together with all else that waits for the same digest
    document: str = ""
    change: int | None = None
    since: datetime | None = None  # when a document that is not seen, or was not, was seen last
    failures: int = 0  # checks in a row that did not see it
    reasons: tuple[Reason, ...] = ()  # alarms, and why it was not seen
    id: int = 0  # given by the store


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Notices that are sent as one message, and how sending it goes."""

    event: str  # the same at every attempt, so that a receiver can tell a repetition
    notices: tuple[Notice, ...]
    attempts: int = 0  # that failed or were cut off
    leased_until: datetime | None = None  # nobody else sends it until then

    @property
    def id(self) -> int:
        return self.notices[0].id


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What waits in the outbox for a channel."""

    channel: str
    letters: int
    oldest: datetime
    next: datetime  # when one of them may be sent
    failing: int = 0  # letters of which an attempt failed
    error: str = ""  # the last one
