"""Importing from a repository of Open Terms Archive: the records of each document, in order, once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from monitor.history.git import Blobs, Repository
from monitor.history.mapping import Match
from monitor.history.records import STOOD, Record, finish, plans, replay
from monitor.history.sharing import shared
from monitor.history.terms_archive import Entry, Series, in_turn, text_of
from monitor.judge import Knowledge
from monitor.ledger import answers_that_count
from monitor.model import Capture, CheckResult, Document, FlagKind, ImportMark, Watchlist
from monitor.statements.rules import Rules
from monitor.store import Store

ORIGIN = "open terms archive"

MENDED = ("selector-missing",)
"""What a person mends in the watchlist: records that are held back for it are tried again by the next run."""

MANY = 100
"""Records from which on it is worth to start more processes, which takes each about a second."""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of the records of one document."""

    document: str
    outcomes: Mapping[str, int]  # how many records ended in what
    why: Mapping[str, str] = field(default_factory=dict)  # by outcome: why most of those were not taken
    flagged: int = 0  # confirmed changes that altered a position
    doubts: int = 0  # claims that are in doubt by them
    known: int = 0  # records that an earlier run had done
    left_out: int = 0  # records that were not older than what was seen here


@dataclass(frozen=True, kw_only=True)
class Plot:
    """What a process needs to import documents by itself: the archive's name and terms, where all else is."""

    name: str
    series: Mapping[str, Series]
    repository: Path
    database: str
    rules: Rules
    watchlist: Watchlist
    since: datetime | None = None


def import_all(
    plot: Plot, matches: Iterable[Match], processes: int, *, many: int = MANY
) -> Iterator[Imported]:
    """Import every document that has a match; from so many records on by several processes.

    Each document's records stay in one process and in their order; what has most of them begins first.
    """
    found = tuple(one for one in matches if one.document)
    documents = tuple(dict.fromkeys(one.document for one in found))
    shares = [_share(plot, found, document) for document in documents]
    if processes < 2 or len(shares) < 2 or sum(map(_records, shares)) < many:
        yield from (import_one(*share) for share in shares)
        return
    shares.sort(key=_records, reverse=True)
    yield from shared(import_one, shares, min(processes, len(shares)))


Share = tuple[Plot, str, tuple[Series, ...], int]
"""What an import of one document needs: its terms under all the names they had, and which part it is."""


def _records(share: Share) -> int:
    return sum(len(one.entries) for one in share[2])


def _share(plot: Plot, matches: tuple[Match, ...], document: str) -> Share:
    mine = [one for one in matches if one.document == document]
    taken = {one.series.name for one in matches}
    former = (name for one in mine for name in one.series.former if name not in taken)
    earlier = (plot.series[name] for name in dict.fromkeys(former) if name in plot.series)
    slim = replace(plot, series={})
    return slim, document, (*(one.series for one in mine), *earlier), mine[0].part


def import_one(plot: Plot, document: str, several: tuple[Series, ...], part: int) -> Imported:
    """Import what an archive has of one document."""
    with Store.open(plot.database) as store, Repository(plot.repository).blobs() as blobs:
        verified = answers_that_count(store.verifications())
        knowledge = Knowledge(rules=plot.rules, watchlist=plot.watchlist, verified=verified)
        work = _Import(plot, blobs, store, knowledge)
        return work.document(plot.watchlist.documents[document], in_turn(several), part)


@dataclass(frozen=True)
class _Import:
    """An archive to import from, open, and what is needed to judge its records."""

    plot: Plot
    blobs: Blobs
    store: Store
    knowledge: Knowledge

    def document(self, document: Document, recorded: tuple[Entry, ...], part: int) -> Imported:
        """Import a document's records, each once."""
        entries, source = self._wanted(recorded), self.plot.name
        results: list[CheckResult] = []
        reached = _done(self.store.import_mark(source, document.id), entries)
        seen: set[str] = set()
        for plan in plans(document, f"{ORIGIN}: {source}", self.store):
            # A past that is put before what is there is gone through anew, but for what is in it.
            done = {one.commit for one in entries if one.at in plan.seen} | (
                set() if plan.staged else reached
            )
            todo = [one for one in entries if plan.fits(one.at) and one.commit not in done]
            seen |= done | {one.commit for one in todo}
            found = (self._record(document, entry, part) for entry in todo)
            results += replay(replace(plan, left=MENDED), source, found, self.store, self.knowledge)
            finish(plan, self.store, self.knowledge)
        return Imported(
            document=document.id,
            outcomes=Counter(one.outcome for one in results),
            why={name: told for name in ("doubtful", "failed") if (told := _most_common(results, name))},
            flagged=sum(map(_is_flagged, results)),
            doubts=sum(len(one.change.doubts) for one in results if one.change),
            known=len(seen) - len(results),
            left_out=len(entries) - len(seen),
        )

    def _wanted(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """The records from the one on that stood at the time to begin with."""
        if self.plot.since is None:
            return entries
        stood = [entry for entry in entries if entry.at <= self.plot.since]
        return (*stood[-1:], *(entry for entry in entries if entry.at > self.plot.since))

    def _record(self, document: Document, entry: Entry, part: int) -> Record:
        url = entry.url or document.url
        capture = Capture(
            url=url,
            final_url=url,
            status=200,
            headers=(("content-type", entry.media),),
            body=text_of(entry, self.blobs.read(entry.blob), part),
            at=entry.at,
            source=f"{ORIGIN}: {self.plot.name} {entry.commit[:12]}",
        )
        return Record(
            name=entry.commit,
            capture=capture,
            technical=entry.technical,
            stood=entry.until is None or entry.until - entry.at >= STOOD,
        )


def _most_common(results: Iterable[CheckResult], outcome: str) -> str:
    """The reason that most results of this outcome give; "" where there are none."""
    reasons = Counter(one.reasons[0].detail for one in results if one.outcome == outcome and one.reasons)
    return next((detail for detail, _ in reasons.most_common(1)), "")


def _is_flagged(result: CheckResult) -> bool:
    change = result.change.change if result.change else None
    if change is None or not (change.alert and change.confirmed):
        return False
    return any(flag.kind is FlagKind.SUBSTANTIVE for flag in change.flags)


def _done(after: ImportMark | None, entries: tuple[Entry, ...]) -> set[str]:
    """The records that an earlier run did, by their commits; also where the repository was written anew."""
    if after is None:
        return set()
    commits = [one.commit for one in entries]
    if after.done in commits:
        return set(commits[: commits.index(after.done) + 1])
    return {one.commit for one in entries if one.at <= after.at}
