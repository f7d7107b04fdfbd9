"""Two texts judged as two versions of a document: the change between them, without a database."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from monitor.diff import diff
from monitor.flag import flag
from monitor.guard.language import language_of
from monitor.judge import Knowledge, judge, page_text
from monitor.model import (
    Capture,
    Change,
    Changed,
    CheckResult,
    Confirm,
    Document,
    Doubtful,
    Failed,
    First,
    FlagKind,
    Outcome,
    Previous,
    Reason,
    RecordedChange,
    Report,
    ReviewState,
    Unchanged,
    Version,
    VersionInfo,
    Watchlist,
)
from monitor.statements.rules import Rules

MEDIA = {
    ".html": "text/html",
    ".htm": "text/html",
    ".xhtml": "application/xhtml+xml",
    ".pdf": "application/pdf",
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".txt": "text/plain",
}


NOTHING_WATCHED = Watchlist(providers={}, documents={}, products={})


def media_type(name: str) -> str:
    """The content type that a file's name tells, or "" where it tells none."""
    return MEDIA.get(PurePath(name).suffix.lower(), "")


def compare(old: Capture, new: Capture, knowledge: Knowledge) -> Outcome:
    """Judge `new` as the next version after `old`: Unchanged, Changed, or Doubtful when either is."""
    first = judge(_document(old), old, Previous(), knowledge)
    if not isinstance(first, First):
        return _held(first, "the old text", old)
    outcome = judge(_document(new), new, Previous(version=first.version, capture=old), knowledge)
    return outcome if isinstance(outcome, Changed | Unchanged) else _held(outcome, "the new text", new)


def _document(capture: Capture) -> Document:
    return Document(id="compare/text", provider="compare", type="text", url=capture.url, confirm=Confirm.OFF)


def _held(outcome: Outcome, which: str, capture: Capture) -> Doubtful:
    reasons = outcome.reasons if isinstance(outcome, Doubtful | Failed) else ()
    worded = tuple(Reason(reason.code, f"{which}: {reason.detail}") for reason in reasons)
    return Doubtful(document=outcome.document, at=outcome.at, capture=capture, reasons=worded)


def between(document: Document, before: Version, after: Version, rules: Rules) -> Change:
    """What differs between any two versions of a document, with its flags, whatever came between them."""
    old, new = before.page.blocks, after.page.blocks
    clauses = diff(old, new)
    language = document.language or language_of(page_text(after))
    return Change(
        document=document.id,
        at=after.at,
        clauses=clauses,
        flags=flag(old, new, clauses, rules, language=language),
        alert=any(clause.alters for clause in clauses),
    )


def report_of(outcome: Outcome, old: Capture, new: Capture, title: str) -> Report:
    """A report on a comparison, as of a check that found it; nothing is claimed, so nothing is in doubt."""
    change = _recorded(outcome, old, new) if isinstance(outcome, Changed) else None
    result = CheckResult(
        document=outcome.document,
        at=outcome.at,
        outcome=type(outcome).__name__.lower(),
        reasons=outcome.reasons if isinstance(outcome, Unchanged | Doubtful) else (),
        change=change,
    )
    found = (change,) if change else ()
    return Report(at=outcome.at, title=title, watchlist=NOTHING_WATCHED, results=(result,), changes=found)


def _recorded(outcome: Changed, old: Capture, new: Capture) -> RecordedChange:
    altered = any(flag.kind is FlagKind.SUBSTANTIVE for flag in outcome.change.flags)
    return RecordedChange(
        id=0,
        change=outcome.change,
        before=_version(old),
        after=replace(_version(new), effective=outcome.version.effective),
        state=ReviewState.TO_REVIEW if altered and outcome.change.alert else ReviewState.NOTHING,
    )


def _version(capture: Capture) -> VersionInfo:
    return VersionInfo(
        id=0, document="compare/text", at=capture.at, url=capture.url, capture_sha256=capture.sha256
    )
