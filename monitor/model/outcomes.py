"""What is known before a check, and what it ended in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model.changes import Change
from monitor.model.claims import Doubt
from monitor.model.fetched import Capture, Reason, Validators
from monitor.model.texts import Blocks, SeenLinks, Version


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a document before a check, without its text."""

    version_id: int
    fingerprint: str
    capture_sha256: str
    extractor: str
    reader: str
    validators: Validators = Validators()  # noqa: RUF009  it is frozen
    candidate: bool = False  # a newer, unconfirmed version waits for confirmation
    rendered: bool = False  # the version was read from what the browser showed
    links_wait: bool = False  # a link to another legal document waits for a second look, or for a first

    @property
    def waits(self) -> bool:
        """Whether the next look must be a whole one: something that was seen once waits for it."""
        return self.candidate or self.links_wait


@dataclass(frozen=True, kw_only=True)
class Held:
    """A doubtful capture that was kept apart."""

    at: datetime
    sha256: str
    fingerprint: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A person's word that a capture which the guard doubts is the document."""

    sha256: str  # of the captured bytes
    by: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportMark:
    """How far the import of a document's history got, so that another run goes on there."""

    source: str  # the repository or archive
    document: str
    done: str  # the last record's name there
    at: datetime  # of that record


@dataclass(frozen=True)
class Text:
    """What a document showed from a time on, whether it was accepted, waits, or was withdrawn."""

    at: datetime
    blocks: Blocks


@dataclass(frozen=True, kw_only=True)
class Previous:
    """What is known of a document before a check, with its text: the facts that `judge` needs."""

    version: Version | None = None  # the last confirmed one
    candidate: Version | None = None  # a newer, unconfirmed one
    capture: Capture | None = None  # what `version` was read from
    history: tuple[tuple[int, str, datetime], ...] = ()  # (version id, fingerprint, last seen), oldest first
    held: tuple[Held, ...] = ()  # doubtful captures since `version` was last seen, oldest first
    accepted: Acceptance | None = None  # of the capture that is judged now
    recent: tuple[Text, ...] = ()  # the last few texts, oldest first
    links: SeenLinks | None = None  # None until a look at them was recorded


@dataclass(frozen=True, kw_only=True)
class First:
    """The first version of a document: a baseline, not an alert."""

    document: str
    at: datetime
    capture: Capture
    version: Version
    reasons: tuple[Reason, ...] = ()  # who accepted it
    links: SeenLinks | None = None


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """The words are as they were. `reasons` says how that was seen (304, same bytes, same words)."""

    document: str
    at: datetime
    capture: Capture | None = None
    reasons: tuple[Reason, ...] = ()
    reread: Version | None = None  # the same capture as read by a newer extractor or other selectors
    withdrawn: bool = False  # an unconfirmed change did not show again
    links: SeenLinks | None = None  # None where nothing was read


@dataclass(frozen=True, kw_only=True)
class Changed:
    """Another text than the last version's."""

    document: str
    at: datetime
    capture: Capture
    version: Version
    change: Change
    reread: Version | None = None
    doubts: tuple[Doubt, ...] = ()
    links: SeenLinks | None = None


@dataclass(frozen=True, kw_only=True)
class Doubtful:
    """Something came that is probably not the document: kept, never a version."""

    document: str
    at: datetime
    capture: Capture
    reasons: tuple[Reason, ...]
    fingerprint: str = ""  # of the text it holds, so that equal ones are recognised
    retry_after: timedelta | None = None  # as the server asked


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Nothing came."""

    document: str
    at: datetime
    reasons: tuple[Reason, ...]
    retry_after: timedelta | None = None


Outcome = First | Unchanged | Changed | Doubtful | Failed
