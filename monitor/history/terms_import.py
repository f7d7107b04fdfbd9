"""Importing from a repository of Open Terms Archive: the records of each document, in order, once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from monitor.check import Knowledge
from monitor.history.git import Blobs
from monitor.history.mapping import Match
from monitor.history.records import STOOD, Record, finish, plans, replay
from monitor.history.terms_archive import Archive, Entry, in_turn, text_of
from monitor.model import Capture, CheckResult, Document, ImportMark
from monitor.store import Store


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What came of the records of one document; `left_out` were not older than what was seen here."""

    document: Document
    results: tuple[CheckResult, ...]
    known: int = 0  # records that an earlier run had done
    left_out: int = 0


@dataclass(frozen=True, kw_only=True)
class Import:
    """An archive to import from, open, and what is needed to judge its records."""

    archive: Archive
    blobs: Blobs
    store: Store
    knowledge: Knowledge
    since: datetime | None = None

    def documents(self, matches: Iterable[Match], progress: Callable[[], None]) -> Iterator[Imported]:
        """Import every document that has a match, calling `progress` after each record."""
        matches = tuple(matches)
        for document in dict.fromkeys(one.document for one in matches if one.document):
            mine = tuple(one for one in matches if one.document == document)
            yield self._document(self.knowledge.watchlist.documents[document], mine, matches, progress)

    def _document(
        self,
        document: Document,
        mine: tuple[Match, ...],
        matches: tuple[Match, ...],
        progress: Callable[[], None],
    ) -> Imported:
        source, part = self.archive.name, mine[0].part
        taken = {one.series.name for one in matches if one.document}
        several = [one.series for one in mine]
        several += [
            self.archive.series[name]
            for one in mine
            for name in one.series.former
            if name in self.archive.series and name not in taken
        ]
        entries = self._wanted(in_turn(several))
        results: list[CheckResult] = []
        seen: set[str] = set()
        for plan in plans(document, source, self.store):
            done = _done(plan.after, entries)
            todo = [one for one in entries if plan.fits(one.at) and one.commit not in done]
            seen |= done | {one.commit for one in todo}
            found = (self._record(document, entry, part) for entry in todo)
            for result in replay(plan, source, found, self.store, self.knowledge):
                results.append(result)
                progress()
            finish(plan, self.store, self.knowledge)
        return Imported(
            document=document,
            results=tuple(results),
            known=len(seen) - len(results),
            left_out=len(entries) - len(seen),
        )

    def _wanted(self, entries: tuple[Entry, ...]) -> tuple[Entry, ...]:
        """The records from the one on that stood at the time to begin with."""
        if self.since is None:
            return entries
        stood = [entry for entry in entries if entry.at <= self.since]
        return (*stood[-1:], *(entry for entry in entries if entry.at > self.since))

    def _record(self, document: Document, entry: Entry, part: int) -> Record:
        url = entry.url or document.url
        capture = Capture(
            url=url,
            final_url=url,
            status=200,
            headers=(("content-type", entry.media),),
            body=text_of(entry, self.blobs.read(entry.blob), part),
            at=entry.at,
            source=f"open terms archive: {self.archive.name} {entry.commit[:12]}",
        )
        return Record(
            name=entry.commit,
            capture=capture,
            technical=entry.technical,
            stood=entry.until is None or entry.until - entry.at >= STOOD,
        )


def _done(after: ImportMark | None, entries: tuple[Entry, ...]) -> set[str]:
    """The records that an earlier run did, by their commits; also where the repository was written anew."""
    if after is None:
        return set()
    commits = [one.commit for one in entries]
    if after.done in commits:
        return set(commits[: commits.index(after.done) + 1])
    return {one.commit for one in entries if one.at <= after.at}
