"""Importing from a web archive: the captures of each document, in order, once."""

from __future__ import annotations

import logging
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.history.capture_index import Listed
from monitor.history.mapping import page_of
from monitor.history.records import STOOD, Plan, Record, finish, plans, replay
from monitor.history.web_archive import UNANSWERED, ArchiveError, Look, Skipped, WebArchive, looks
from monitor.judge import FLAPPING, Knowledge
from monitor.model import Capture, CheckResult, Document, ImportMark, Reason, Unchanged
from monitor.store import Store

DAY = timedelta(days=1)

MOST_UNANSWERED = 3
"""Captures in a row that an archive cannot give: then it is the archive, and no capture is to blame."""

log = logging.getLogger(__name__)

_STAMP = "%Y%m%d%H%M%S"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which captures of a document are wanted: at former addresses too, of a time, at most one in `every`."""

    former: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    every: timedelta = DAY


@dataclass(kw_only=True)
class Brought:
    """What came of the captures of one document so far."""

    document: str
    results: list[CheckResult] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)  # captures by why they are not brought in
    known: int = 0  # captures that an earlier run had done
    left_out: int = 0  # captures that have no place before or after what is there
    trouble: str = ""  # why the archive could not be asked to the end


@dataclass(frozen=True)
class Span:
    """From which capture to which one a history was gone through."""

    first: datetime
    last: datetime

    def holds(self, at: datetime) -> bool:
        return self.first <= at <= self.last


@dataclass(frozen=True)
class WebImport:
    """An archive to import from, and what is needed to judge its captures."""

    archive: WebArchive
    store: Store
    knowledge: Knowledge

    async def document(self, document: Document, wanted: Wanted) -> Brought:
        """Import what the archive has of one document; what stops that is told, and another run goes on."""
        brought = Brought(document=document.id)
        try:
            found = await self.listed(document, wanted, brought.skipped)
            await self._all_parts(document, found, brought)
        except ArchiveError as error:
            brought.trouble = str(error)
        return brought

    async def listed(self, document: Document, wanted: Wanted, skipped: Counter[str]) -> tuple[Look, ...]:
        """The captures that are worth fetching, of all the document's addresses; counts the others."""
        pairs: list[tuple[Listed, bool]] = []
        for url in dict.fromkeys((document.url, *wanted.former)):
            captures = await self.archive.captures(url, wanted.since, wanted.until)
            pairs += [(one, url != document.url) for one in captures]
        return looks(pairs, wanted.every, skipped)

    async def _all_parts(self, document: Document, found: tuple[Look, ...], brought: Brought) -> None:
        """Bring in what has its place before what is there, and then what has its place after it."""
        placed: set[datetime] = set()
        for plan in plans(document, self.archive.origin, self.store):
            span = self._span(plan.target)
            done = {look.at for look in found if look.at in plan.seen or (span and span.holds(look.at))}
            todo = [look for look in found if plan.fits(look.at) and look.at not in done]
            brought.known += len(done - placed)
            placed |= done | {look.at for look in todo}
            await self._one_part(plan, todo, brought)
            staged = self._span(plan.target)
            if finish(plan, self.store, self.knowledge) and staged:
                self._keep(document.id, _joined(staged, self._span(document.id)))
        brought.left_out = len(found) - len(placed)

    async def _one_part(self, plan: Plan, todo: list[Look], brought: Brought) -> None:
        """Fetch and judge one capture after the other; what came of each is kept before the next."""
        moved = self._has_moved(plan)
        unanswered: list[str] = []
        for look in todo:
            if moved and look.former:
                brought.skipped["former address"] += 1
                continue
            came = await self.archive.capture(look.listed)
            if isinstance(came, Skipped) and came.why == UNANSWERED:
                unanswered.append(came.detail)
                if len(unanswered) == MOST_UNANSWERED:
                    break
                continue
            # The archive answers: those before it are not to be had, and the history goes on without them.
            brought.skipped += Counter({UNANSWERED: len(unanswered)} if unanswered else {})
            unanswered = []
            if isinstance(came, Skipped):
                log.info("capture skipped", extra=_facts(plan, look) | {"why": came.detail})
                brought.skipped[came.why] += 1
                self._keep(plan.target, self._wider(plan.target, look.at))
                continue
            kept = self._judged(plan, look, came)
            log.info("capture", extra=_facts(plan, look) | {"outcome": kept[0].outcome})
            brought.results += kept
            moved = moved or (not look.former and any(one.outcome != "doubtful" for one in kept))
        if unanswered:
            raise ArchiveError(f"{self.archive.host} does not answer: {unanswered[-1]}")

    def _judged(self, plan: Plan, look: Look, capture: Capture) -> list[CheckResult]:
        """What a capture ends in, and that the same bytes were seen again later, where they were."""
        origin = self.archive.origin
        reached = self._wider(plan.target, look.at)
        record = Record(
            name=f"{reached.first:{_STAMP}}",
            capture=capture,
            stood=look.again is not None and look.again - look.at >= STOOD,
            alone=look.following is None or look.following - look.at > FLAPPING,
        )
        kept = list(replay(plan, origin, (record,), self.store, self.knowledge))
        known = self.store.known(plan.target)
        if look.again and known and not known.candidate and known.capture_sha256 == capture.sha256:
            mark = self._mark(plan.target, replace(reached, last=look.again))
            reason = Reason("same-bytes", "the archive captured the same bytes again")
            outcome = Unchanged(document=plan.target, at=look.again, reasons=(reason,))
            self.store.record_past(outcome, started=look.again, reached=mark)
        return kept

    def _has_moved(self, plan: Plan) -> bool:
        """Whether a text of the document's present address was recorded: then a former one counts no more."""
        here = page_of(plan.document.url)
        return any(page_of(one.url) == here for one in self.store.versions(plan.target))

    # --- how far it got ---

    def _span(self, target: str) -> Span | None:
        """What was gone through of a document's history, or of the part of it that is staged."""
        mark = self.store.import_mark(self.archive.origin, target)
        if mark is None:
            return None
        return Span(datetime.strptime(mark.done, _STAMP).replace(tzinfo=UTC), mark.at)

    def _wider(self, target: str, at: datetime) -> Span:
        return _joined(Span(at, at), self._span(target))

    def _keep(self, target: str, span: Span) -> None:
        self.store.keep_import_mark(self._mark(target, span))

    def _mark(self, target: str, span: Span) -> ImportMark:
        origin = self.archive.origin
        return ImportMark(source=origin, document=target, done=f"{span.first:{_STAMP}}", at=span.last)


def _facts(plan: Plan, look: Look) -> dict[str, str]:
    return {"document": plan.document.id, "of": f"{look.at:%Y-%m-%dT%H:%M:%SZ}"}


def _joined(one: Span, other: Span | None) -> Span:
    """From the earlier start of the two to the later end."""
    if other is None:
        return one
    return Span(min(one.first, other.first), max(one.last, other.last))
