"""Two texts judged as two versions of a document: the change between them, without a database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from monitor.check import Knowledge, judge
from monitor.guard import language_of
from monitor.model import (
    Capture,
    Change,
    Changed,
    Confirm,
    Document,
    Doubtful,
    Failed,
    First,
    Outcome,
    Previous,
    Reason,
    Unchanged,
)

MEDIA = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What differs between two texts: outcome unchanged, changed or doubtful, and the change if any."""

    outcome: str
    reasons: tuple[Reason, ...]
    change: Change | None = None

    @property
    def alert(self) -> bool:
        """Whether it would be announced as a change of the terms."""
        return self.change is not None and self.change.alert


def media_type(name: str) -> str:
    """The content type that a file's name tells, or "" where it tells none."""
    return MEDIA.get(PurePath(name).suffix.lower(), "")


def compare(old: Capture, new: Capture, knowledge: Knowledge) -> Comparison:
    """Judge `new` as the next version after `old`; a text that is doubtful is no version of anything."""
    document = Document(
        id="compare/text", provider="compare", type="", url=old.url, language="", confirm=Confirm.OFF
    )
    first = judge(document, old, Previous(), knowledge)
    if not isinstance(first, First):
        return _held(first, "the old text")
    language = language_of(first.version.page)
    document = Document(
        id="compare/text", provider="compare", type="", url=new.url, language=language, confirm=Confirm.OFF
    )
    outcome = judge(document, new, Previous(version=first.version), knowledge)
    match outcome:
        case Changed():
            return Comparison(outcome="changed", reasons=outcome.change.reasons, change=outcome.change)
        case Unchanged():
            return Comparison(outcome="unchanged", reasons=outcome.reasons)
        case _:
            return _held(outcome, "the new text")


def _held(outcome: Outcome, which: str) -> Comparison:
    reasons = outcome.reasons if isinstance(outcome, Doubtful | Failed) else ()
    worded = tuple(Reason(reason.code, f"{which}: {reason.detail}") for reason in reasons)
    return Comparison(outcome="doubtful", reasons=worded)
