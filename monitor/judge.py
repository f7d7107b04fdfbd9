"""Decides what a fetch means for a document: pure, so that imports, tests and processes ask the very same."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from monitor import evidence, extract, flag, guard, ledger, links, normal
from monitor.doubts import doubts_of, in_question
from monitor.errors import ExtractError, MissingExtra
from monitor.guard.language import language_of
from monitor.guard.past import resumes
from monitor.links.looks import look
from monitor.model import (
    Capture,
    Change,
    Changed,
    Confirm,
    Document,
    Doubt,
    Doubtful,
    Failed,
    Fetched,
    First,
    Outcome,
    Previous,
    Reason,
    Text,
    Unchanged,
    Version,
    Watchlist,
)
from monitor.reader import EXTRACTOR, read_as_today, without_text
from monitor.rotating import Comparison, bears
from monitor.statements.rules import Rules

FLAPPING = timedelta(days=14)
"""A text that comes back within this time is a flip back and forth; later it is news of its own."""


@dataclass(frozen=True)
class Knowledge:
    """What judging needs besides the document: rules, claims, and what people last answered."""

    rules: Rules
    watchlist: Watchlist
    verified: ledger.Verified


def judge(document: Document, fetched: Fetched, previous: Previous, knowledge: Knowledge) -> Outcome:
    """What a fetch means for a document: decides everything and touches nothing."""
    if not isinstance(fetched, Capture):
        return without_text(document, fetched)
    try:
        page = extract.read(fetched, select=document.select, remove=document.remove)
    except ExtractError as error:
        reasons = guard.suspect(document, fetched, None, previous) or (Reason("unreadable", str(error)),)
        return Doubtful(document=document.id, at=fetched.at, capture=fetched, reasons=reasons)
    except MissingExtra as error:
        reason = Reason("missing-extra", str(error))
        return Failed(document=document.id, at=fetched.at, reasons=(reason,))
    version = Version(
        document=document.id,
        at=fetched.at,
        page=links.with_legal_only(page, document.url),
        fingerprint=normal.fingerprint(page.blocks),
        extractor=EXTRACTOR,
        reader=document.reader,
        capture_sha256=fetched.sha256,
        url=fetched.final_url,
        effective=normal.effective_date(page.blocks),
        source=fetched.source,
    )
    if reasons := guard.suspect(document, fetched, page, previous):
        return Doubtful(
            document=document.id,
            at=fetched.at,
            capture=fetched,
            reasons=reasons,
            fingerprint=version.fingerprint,
        )
    outcome = _compare(document, fetched, version, previous, knowledge)
    return replace(outcome, links=look(document, version, fetched, previous))


def _compare(
    document: Document, capture: Capture, version: Version, previous: Previous, knowledge: Knowledge
) -> First | Unchanged | Changed:
    if previous.version is None:
        return First(
            document=document.id,
            at=capture.at,
            capture=capture,
            version=version,
            reasons=_accepted(previous),
        )
    reread = _read_again(document, previous)
    before = reread or previous.version
    comparison = _comparison(document, before, version, previous, knowledge)
    clauses = comparison.clauses
    if not clauses:
        return Unchanged(
            document=document.id,
            at=capture.at,
            capture=capture,
            reasons=(*_unchanged_reasons(previous), *comparison.reasons),
            reread=reread or _with_words_of(version, previous.version, document),
            withdrawn=previous.candidate is not None,
        )
    language = document.language or language_of(page_text(version))
    flags = flag.flag(before.page.blocks, version.page.blocks, clauses, knowledge.rules, language=language)
    change = Change(
        document=document.id,
        at=capture.at,
        clauses=clauses,
        flags=flags,
        alert=any(clause.alters for clause in clauses),
        confirmed=_is_confirmed(document, version, previous, comparison),
        reasons=(*_accepted(previous), *comparison.reasons),
        source=version.source,
    )
    change = _recognise_return(_recognise_rest(change, before, version), version, previous)
    if _was_read_elsewhere(previous.version, version):
        change = _as_joint(change, previous.version)
    doubts = _doubts(change, previous.version, version, knowledge) if change.confirmed else ()
    return Changed(
        document=document.id,
        at=capture.at,
        capture=capture,
        version=replace(version, confirmed=change.confirmed),
        change=_told(replace(change, alert=change.alert or bool(doubts)), language, knowledge.rules),
        reread=reread,
        doubts=doubts,
    )


def _told(change: Change, language: str, rules: Rules) -> Change:
    """An announced change in a language without rules says so: it is never passed over as unflagged."""
    if not change.alert or evidence.understands(rules, language):
        return change
    detail = f"not understood: no rules are written for its language ({language}), so it may lack flags"
    return replace(change, reasons=(*change.reasons, Reason("not-understood", detail)))


def page_text(version: Version) -> str:
    """The whole text of a version, a block a line."""
    return "\n".join(block.text for block in version.page.blocks)


def _comparison(
    document: Document, before: Version, version: Version, previous: Previous, knowledge: Knowledge
) -> Comparison:
    """What differs, but for what rotates in the last texts."""
    looks = (_text(previous.candidate),) if previous.candidate else ()
    language = document.language or (language_of(page_text(version)) if previous.recent else "")
    matters = partial(bears, rules=knowledge.rules, language=language)
    return Comparison(before.page.blocks, _text(version), previous.recent, matters, looks)


def _text(version: Version) -> Text:
    return Text(version.at, version.page.blocks)


def _unchanged_reasons(previous: Previous) -> tuple[Reason, ...]:
    reason = Reason("same-words", "the same words as before")
    if previous.candidate is None:
        return (reason,)
    return (Reason("not-confirmed", "an unconfirmed change did not show again"), reason)


def _read_again(document: Document, previous: Previous) -> Version | None:
    """The last version as read today, where it was read by an older extractor or other selectors.

    Our own upgrades are not policy changes: new text is compared with this, not with the old reading.
    None where the old bytes cannot be read so: selectors mended for a new layout find nothing in the old one.
    """
    version = previous.version
    if version is None or previous.capture is None or read_as_today(document, version):
        return None
    try:
        page = extract.read(previous.capture, select=document.select, remove=document.remove)
    except (ExtractError, MissingExtra):
        return None
    if page.missing or not page.blocks:
        return None
    return replace(
        version,
        page=page,
        fingerprint=normal.fingerprint(page.blocks),
        extractor=EXTRACTOR,
        reader=document.reader,
    )


def _with_words_of(version: Version, last: Version, document: Document) -> Version | None:
    """The last version in the words of an equal text, where its own bytes could not be read as today.

    Without that it would count as read by the old extractor for ever, and be fetched whole at every check.
    """
    if read_as_today(document, last):
        return None
    return replace(
        last,
        page=version.page,
        fingerprint=version.fingerprint,
        extractor=version.extractor,
        reader=version.reader,
    )


def _is_confirmed(document: Document, version: Version, previous: Previous, comparison: Comparison) -> bool:
    if document.confirm is Confirm.OFF or previous.accepted:
        return True
    candidate = previous.candidate
    if candidate is None:
        return False
    return candidate.fingerprint == version.fingerprint or comparison.says_the_same_of(_text(candidate))


def _accepted(previous: Previous) -> tuple[Reason, ...]:
    """Who overruled the guard, and why."""
    if previous.accepted is None:
        return ()
    why = f": {previous.accepted.why}" if previous.accepted.why else ""
    return (Reason("accepted", f"accepted by {previous.accepted.by}{why}"),)


def _recognise_rest(change: Change, before: Version, version: Version) -> Change:
    """Announce no text that only goes on where the last version broke off in a sentence."""
    start = resumes(before.page.blocks, version.page.blocks)
    elsewhere = (c for c in change.clauses if c.alters and (c.after_at is None or c.after_at < (start or 0)))
    if start is None or any(elsewhere):
        return change
    reason = Reason("resumed", "the last version broke off in a sentence; this is the rest of its text")
    return replace(change, alert=False, reasons=(*change.reasons, reason))


def _recognise_return(change: Change, version: Version, previous: Previous) -> Change:
    """Link a text that stood before to its earlier version; a quick flip back is not announced anew."""
    earlier = [entry for entry in previous.history if entry[1] == version.fingerprint]
    if not earlier:
        return change
    number, _, last_seen = earlier[-1]
    if change.at - last_seen > FLAPPING:
        return replace(change, restores=number)
    reason = Reason("reverted", f"the text of version {number} came back within {FLAPPING.days} days")
    return replace(change, restores=number, alert=False, reasons=(*change.reasons, reason))


def _was_read_elsewhere(last: Version, version: Version) -> bool:
    """Whether the last text is from a history that another program read, and this one we read ourselves."""
    other_origin = last.source.partition(":")[0] != version.source.partition(":")[0]
    return bool(last.source) and other_origin and last.page.media == "markdown" != version.page.media


def _as_joint(change: Change, last: Version) -> Change:
    """The first own look after a history that another program read: nobody can tell why words differ."""
    reason = Reason("joint", f"the text before was read by another program ({last.source}); this is our own")
    return replace(change, alert=False, confirmed=True, technical=True, reasons=(*change.reasons, reason))


def joint(document: Document, before: Version, after: Version, knowledge: Knowledge) -> Changed | None:
    """What differs between the end of an imported history and the first version seen here; None if nothing.

    It puts no claim in doubt that was verified since.
    """
    capture = Capture(
        url=after.url, final_url=after.url, status=200, headers=(), body=b"", at=after.at, source=after.source
    )
    settled = replace(document, confirm=Confirm.OFF)
    outcome = _compare(settled, capture, after, Previous(version=before), knowledge)
    if not isinstance(outcome, Changed):
        return None
    doubts = in_question(outcome.doubts, knowledge.watchlist, knowledge.verified)
    return replace(outcome, doubts=doubts)


def _doubts(change: Change, before: Version, after: Version, knowledge: Knowledge) -> tuple[Doubt, ...]:
    if change.technical:
        return ()
    doubts = doubts_of(change, knowledge.watchlist, knowledge.verified, after.page.blocks)
    if change.source:
        doubts = in_question(doubts, knowledge.watchlist, knowledge.verified)
    if change.restores is None or change.alert:
        return doubts
    # A flip back restores what was published, except where a person verified on the text that now went.
    return tuple(
        doubt
        for doubt in doubts
        if (answer := knowledge.verified.get((doubt.product, doubt.topic))) and answer.at > before.at
    )
