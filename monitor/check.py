"""READ FIRST: one document from start to end. `check` does the input and output, `judge` decides.

check(document)  =  fetch  ->  judge (pure)  ->  store.record (one transaction)
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeGuard

from monitor import ledger
from monitor.errors import Damaged, MonitorError
from monitor.fetch import retry_after
from monitor.model import (
    Capture,
    Changed,
    CheckResult,
    Confirm,
    Document,
    Doubtful,
    Failed,
    Fetched,
    FetchFailure,
    Known,
    Outcome,
    Previous,
    Reason,
    Render,
    Validators,
    Watchlist,
)
from monitor.places import Places
from monitor.reader import read_as_today, unchanged_bytes, without_text
from monitor.schedule import next_check
from monitor.store import Store
from monitor.tickets import Queue, queue_of

# What reads and judges a page takes longer to load than sixty pages to ask for that have not changed: it
# is imported where the first page is read.
if TYPE_CHECKING:
    from monitor.judge import Knowledge
    from monitor.statements.rules import Rules

log = logging.getLogger(__name__)

CLAIMED_FOR = timedelta(minutes=15)
"""How long one check may keep its document to itself: longer than a fetch and its confirmation take."""

FOR_THE_BROWSER = frozenset(("script-shell", "challenge", "empty", "too-short", "selector-missing"))
"""Reasons to doubt a page with scripts that the browser may remove, for documents with `render = "auto"`."""


Fetch = Callable[[Document, Validators | None], Awaitable[Fetched]]
"""How bytes come in: over the network, or from a file of captures that were made elsewhere."""


@dataclass(frozen=True)
class Parts:
    """What a check works with; built once by `wiring`."""

    watchlist: Watchlist
    rules: Callable[[], Rules]
    store: Store
    fetch: Fetch
    clock: Callable[[], datetime]
    pause: Callable[[float], Awaitable[None]]
    claimant: str  # names this process to others that check the same database


async def check(document: Document, parts: Parts) -> CheckResult:
    """Check one document and record what came of it; nothing is half done when this is cut off."""
    started = parts.clock()
    if not parts.store.claim(
        document.id, by=parts.claimant, now=started, until=claimed_until(document, started)
    ):
        reason = Reason("busy", "another run is checking it now")
        return CheckResult(document=document.id, at=started, outcome="busy", reasons=(reason,))
    return await check_claimed(document, parts, started)


def claimed_until(document: Document, started: datetime) -> datetime:
    """When the claim for a check that starts now runs out."""
    return started + CLAIMED_FOR + document.confirm_after


async def check_claimed(document: Document, parts: Parts, started: datetime) -> CheckResult:
    """Check a document that the claimant of the parts keeps to itself; it is free again afterwards."""
    recorded = False
    try:
        outcome = await _observed(document, parts)
        result = record(document, outcome, parts, started)
        recorded = True  # and so free again
    finally:
        if not recorded:
            parts.store.release(document.id, by=parts.claimant)
    log.info("checked", extra={"document": document.id, "outcome": result.outcome})
    return result


async def check_all(documents: Iterable[Document], parts: Parts) -> AsyncIterator[CheckResult]:
    """Check documents side by side and yield each result as it comes."""
    documents = tuple(documents)
    places = Places(parts.watchlist.per_host)
    shown = for_the_browser(documents, parts.store)

    async def one(document: Document) -> CheckResult:
        async with places.of(document, shown=document.id in shown):
            return await check(document, parts)

    tasks = [asyncio.create_task(one(document)) for document in documents]
    try:
        for task in asyncio.as_completed(tasks):
            yield await task
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def for_the_browser(documents: Iterable[Document], store: Store) -> frozenset[str]:
    """Those of these documents that the browser is asked for, as far as can be known before a check."""
    asked = [one for one in documents if one.render is not Render.HTTP]
    stood = store.standings([one.id for one in asked])
    return frozenset(one.id for one in asked if queue_of(one, stood[one.id]) is Queue.BROWSER)


def record(document: Document, outcome: Outcome, parts: Parts, started: datetime) -> CheckResult:
    """Store an outcome and when the document is due next, in one transaction."""
    failures = parts.store.failures(document.id) + 1 if isinstance(outcome, Doubtful | Failed) else 0
    due = next_check(document, outcome, outcome.at, failures)
    return parts.store.record(
        outcome,
        next_check=due,
        started=started,
        claimed_by=parts.claimant,
        keep=document.keep,
        watchlist=parts.watchlist,
    )


async def _observed(document: Document, parts: Parts) -> Outcome:
    """What came of looking; where what is stored of this document is damaged, the others go on without it."""
    try:
        return await _observe(document, parts)
    except Damaged as error:
        reason = Reason("damaged", str(error))
        return Failed(document=document.id, at=parts.clock(), reasons=(reason,))


async def _observe(document: Document, parts: Parts) -> Outcome:
    """Fetch and judge; a change is looked at again before it counts as confirmed."""
    known = parts.store.known(document.id)
    if known and known.rendered and document.render is Render.AUTO:
        # What HTTP brings of such a page is a part of it, and would look like a change.
        document = replace(document, render=Render.BROWSER)
    validators = _validators(document, known)
    fetched = await parts.fetch(document, validators)
    if not isinstance(fetched, Capture):
        return without_text(document, fetched)
    if unchanged := unchanged_bytes(document, fetched, known):
        return unchanged
    previous = _previous(document, known, fetched, parts)
    outcome = await _judge_shown(document, fetched, previous, parts)
    if document.confirm is not Confirm.REFETCH or not isinstance(outcome, Changed):
        return outcome
    if outcome.change.confirmed or not any(clause.alters for clause in outcome.change.clauses):
        return outcome
    await parts.pause(document.confirm_after.total_seconds())
    again = await parts.fetch(document, None)
    second = await _judge_shown(document, again, replace(previous, candidate=outcome.version), parts)
    # A second look that saw nothing (failed, doubtful) leaves the change waiting for the next check.
    return outcome if isinstance(second, Doubtful | Failed) else second


def _validators(document: Document, known: Known | None) -> Validators | None:
    """Conditions for the request; none where a 304 would hide an edited selector or what waits."""
    if known is None or known.waits or not read_as_today(document, known):
        return None
    return known.validators


def _previous(document: Document, known: Known | None, fetched: Capture, parts: Parts) -> Previous:
    """What is known of a document with its text, which takes longer than all else when nothing changed."""
    from monitor import guard

    stale = known is not None and not read_as_today(document, known)
    return parts.store.previous(document.id, with_capture=stale or guard.asks_for_the_last_bytes(fetched))


def knowledge_of(document: Document, parts: Parts) -> Knowledge:
    """What judging a document needs, as it stands now."""
    from monitor.judge import Knowledge

    touched = [product.id for product in parts.watchlist.touched_by(document.id)]
    return Knowledge(
        rules=parts.rules(),
        watchlist=parts.watchlist,
        # All answers that were ever given would be read anew for every page.
        verified=ledger.answers_that_count(parts.store.verifications(touched)),
    )


async def _judge_shown(document: Document, fetched: Fetched, previous: Previous, parts: Parts) -> Outcome:
    """Judges a fetch; where it brought no text but scripts or a challenge, what the browser shows instead."""
    outcome = await _judge(document, fetched, previous, parts)
    if not is_shell(outcome, document):
        return outcome
    shown = await parts.fetch(replace(document, render=Render.BROWSER), None)
    if isinstance(shown, FetchFailure):
        return replace(outcome, reasons=(*outcome.reasons, shown.reason))
    return await _judge(document, shown, previous, parts)


def is_shell(outcome: Outcome, document: Document) -> TypeGuard[Doubtful]:
    """Whether the text may be what the page's scripts would bring, and the browser may be asked for it."""
    if document.render is not Render.AUTO or not isinstance(outcome, Doubtful):
        return False
    doubted = FOR_THE_BROWSER & {reason.code for reason in outcome.reasons}
    return bool(doubted) and not outcome.capture.rendered and b"<script" in outcome.capture.body.lower()


async def _judge(document: Document, fetched: Fetched, previous: Previous, parts: Parts) -> Outcome:
    outcome = await asyncio.to_thread(judged, document, fetched, previous, knowledge_of(document, parts))
    wait = retry_after(fetched) if isinstance(fetched, Capture) else None
    if wait and isinstance(outcome, Doubtful):
        return replace(outcome, retry_after=wait)
    return outcome


def judged(document: Document, fetched: Fetched, previous: Previous, knowledge: Knowledge) -> Outcome:
    """What a fetch means, or that a mistake of ours kept it from being judged."""
    from monitor.judge import judge

    try:
        return judge(document, fetched, previous, knowledge)
    except MonitorError:
        raise
    except Exception as error:
        # A page that trips over a mistake of ours must not stop the round for the others.
        log.exception("mistake of ours", extra={"document": document.id})
        reason = Reason(
            "mistake", f"this program could not judge it ({type(error).__name__}); please report it"
        )
        return Failed(document=document.id, at=fetched.at, reasons=(reason,))
