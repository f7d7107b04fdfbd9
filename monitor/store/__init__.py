"""The store: everything that is remembered, behind verbs; no other module knows SQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine

from monitor.model import (
    Acceptance,
    Capture,
    Changed,
    CheckResult,
    Claim,
    Doubt,
    Found,
    Health,
    ImportMark,
    Keep,
    Known,
    LinkFinding,
    Opinion,
    Outcome,
    Previous,
    Publication,
    RecordedChange,
    Seen,
    SeenLinks,
    Step,
    Verification,
    Version,
    VersionInfo,
    Watchlist,
)
from monitor.store import (
    captures,
    health,
    history,
    imports,
    links,
    outbox,
    queries,
    review,
    search,
    steps,
    turns,
)
from monitor.store import opinions as second
from monitor.store import pulse as pulses
from monitor.store import record as records
from monitor.store.dispatch import Dispatching
from monitor.store.engine import connect, reading, write
from monitor.store.importing import Importing
from monitor.store.outgoing import Outgoing
from monitor.store.pack import Pack, brings, keyframes, pack
from monitor.store.pulse import Pulse
from monitor.store.schema import prepare
from monitor.store.timing import Timing

__all__ = ["Store"]


class Store(Timing, Outgoing, Dispatching, Importing):
    """A database of documents, versions, changes and answers, open; safe to use from several threads.

    Every verb is one transaction. Trouble with the database is a StoreError of one clear line.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, now: datetime | None = None) -> Self:
        """Open a database, made or upgraded where needed; a copy of an old SQLite file stays beside it."""
        engine = connect(url)
        with ExitStack() as undo:
            undo.callback(engine.dispose)
            prepare(engine, now)
            undo.pop_all()
        return cls(engine)

    def close(self) -> None:
        self._engine.dispose()

    def require_writing(self) -> None:
        """StoreFull where this user may only read: who works for long is to know it at once."""
        write(self._engine, turns.release, "", by="")  # a claim that nobody has: SQLite asks at a first write

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _pack(self, outcome: Outcome, keep: Keep = Keep.CHANGED) -> Pack:
        """What an outcome brings, compressed before the transaction that keeps it."""
        if not brings(outcome, keep):
            return Pack()
        with reading(self._engine) as connection:
            near = keyframes(connection, outcome)
        return pack(outcome, near, keep)

    # --- checking ---

    def known(self, document_id: str) -> Known | None:
        """What a check needs before fetching; its hash is of the last bytes that read as the version."""
        with reading(self._engine) as connection:
            return queries.known(connection, document_id)

    def previous(self, document_id: str, *, with_capture: bool = False) -> Previous:
        """What a judgement needs; the captured bytes of the version only when asked for."""
        with reading(self._engine) as connection:
            return queries.previous(connection, document_id, with_capture=with_capture)

    def record(  # noqa: PLR0913  what a check found, and what was decided on it, each by its name
        self,
        outcome: Outcome,
        *,
        next_check: datetime,
        started: datetime,
        claimed_by: str = "",
        accepted: Acceptance | None = None,
        keep: Keep = Keep.CHANGED,
        watchlist: Watchlist | None = None,
    ) -> CheckResult:
        """Keep all that a check brought, and who accepted it, and free its document, in one transaction.

        What the channels of the watchlist are told of it is written with it; without one nobody is told.
        TakenOver, and nothing is kept, where it is not claimed by `claimed_by` any more, if that is named.
        """
        packed = self._pack(outcome, keep)
        return write(
            self._engine,
            _record,
            outcome,
            packed,
            next_check=next_check,
            started=started,
            claimed_by=claimed_by,
            accepted=accepted,
            watchlist=watchlist,
        )

    def failures(self, document_id: str) -> int:
        """How many checks in a row did not see the document."""
        with reading(self._engine) as connection:
            return health.failures(connection, document_id)

    def health(self, document_ids: Sequence[str]) -> tuple[Health, ...]:
        """How the watching of each document goes, in the order asked."""
        with reading(self._engine) as connection:
            return health.health(connection, document_ids)

    def keep_languages(self, languages: Mapping[int, str]) -> None:
        """Keep which languages versions are in, by number, so that their texts tell it once."""
        write(self._engine, records.keep_languages, languages)

    # --- histories made elsewhere ---

    def record_past(self, outcome: Outcome, *, started: datetime, reached: ImportMark) -> CheckResult:
        """Keep what a record of a history ended in, and that the import got so far; nobody is told."""
        packed = self._pack(outcome)
        when = outcome.at
        return write(
            self._engine, _record, outcome, packed, next_check=when, started=started, reached=reached
        )

    def put_before(self, staged: str, document_id: str, seam: Changed | None) -> None:
        """Make what was recorded as document `staged` the past of another, before its first version."""
        packed = self._pack(seam) if seam else Pack()
        write(self._engine, imports.put_before, staged, document_id, seam, packed)

    # --- taking turns ---

    def claim(self, document_id: str, *, by: str, now: datetime, until: datetime) -> bool:
        """Keep a document to oneself for a check; False while another keeps it."""
        return write(self._engine, turns.claim, document_id, by=by, now=now, until=until)

    def release(self, document_id: str, by: str) -> None:
        """Give up one's own claim; another's stays."""
        write(self._engine, turns.release, document_id, by=by)

    def claims(self) -> dict[str, str]:
        """Who keeps which document: document -> claimant."""
        with reading(self._engine) as connection:
            return turns.claims(connection)

    # --- links ---

    def links(self, document_id: str) -> SeenLinks | None:
        """The legal documents that a document's page links to; None before a look at them was recorded."""
        with reading(self._engine) as connection:
            return links.seen(connection, document_id)

    def link_findings(
        self, document_ids: Sequence[str], *, since: datetime | None
    ) -> tuple[LinkFinding, ...]:
        """What was found about the links of these documents since then, oldest first."""
        with reading(self._engine) as connection:
            return links.findings(connection, document_ids, since)

    # --- changes, versions and captures ---

    def changes(  # noqa: PLR0913  each argument narrows the list, and all have a default
        self,
        *,
        document_ids: Sequence[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        change_id: int | None = None,
        include_technical: bool = False,
        limit: int | None = None,
    ) -> tuple[RecordedChange, ...]:
        """Recorded changes, newest first; `since` and `until` bound when each was confirmed, if it is."""
        with reading(self._engine) as connection:
            if change_id is not None:
                return (queries.change(connection, change_id),)
            narrow = {"since": since, "until": until, "include_technical": include_technical}
            return queries.changes_of(connection, document_ids, limit, **narrow)

    def change(self, change_id: int) -> RecordedChange:
        """One change; UsageError when there is none of that number."""
        with reading(self._engine) as connection:
            return queries.change(connection, change_id)

    def versions(self, document_id: str) -> tuple[VersionInfo, ...]:
        """The document's accepted texts, oldest first."""
        with reading(self._engine) as connection:
            return queries.version_infos(connection, document_id)

    def version_infos(self, version_ids: Iterable[int]) -> dict[int, VersionInfo]:
        """These versions without their text, by number; those that there are."""
        with reading(self._engine) as connection:
            return queries.version_infos_of(connection, version_ids)

    def version(self, version_id: int) -> Version:
        """One version with its text; UsageError when there is none of that number."""
        with reading(self._engine) as connection:
            return queries.version(connection, version_id)

    def checks(self, document_id: str, *, limit: int = 200) -> tuple[CheckResult, ...]:
        """The document's last checks, oldest first, each with its outcome and reasons."""
        with reading(self._engine) as connection:
            return history.recent_checks(connection, document_id, limit)

    def search(
        self, query: str, *, document_ids: Sequence[str] | None = None, limit: int = 100
    ) -> tuple[Found, ...]:
        """The clauses of any version with every word and "quoted phrase"; those that stand come first."""
        with reading(self._engine) as connection:
            return search.find(connection, query, documents=document_ids, limit=limit)

    def waiting(self, *, limit: int) -> tuple[RecordedChange, ...]:
        """The changes that wait for a reviewer, most serious first."""
        with reading(self._engine) as connection:
            return history.waiting(connection, limit=limit)

    def waiting_numbers(self) -> tuple[int, ...]:
        """The numbers of all changes that wait, in the same order."""
        with reading(self._engine) as connection:
            return history.waiting_numbers(connection)

    def neighbours(self, document_id: str, change_id: int) -> tuple[int | None, int | None]:
        """The document's change before this one, and the one after it."""
        with reading(self._engine) as connection:
            return history.neighbours(connection, document_id, change_id)

    def capture(self, sha256: str) -> Capture:
        """The newest kept capture of these bytes."""
        with reading(self._engine) as connection:
            return captures.by_hash(connection, sha256)

    def capture_of(self, version_id: int) -> Capture:
        """The capture that a version was read from; UsageError when there is no version of that number."""
        with reading(self._engine) as connection:
            return captures.of_version(connection, version_id)

    def doubtful_capture(self, document_id: str, sha256: str) -> Capture:
        """The doubtful capture of these bytes, as it was kept for this document."""
        with reading(self._engine) as connection:
            return captures.doubtful(connection, document_id, sha256)

    def keep_opinion(self, opinion: Opinion) -> None:
        """Keep a second opinion on a change beside those that were asked for before."""
        write(self._engine, second.keep, opinion)

    def pulse(self, since: int | None) -> Pulse:
        """How the work goes now, with the checks that ended after number `since`, or with none."""
        with reading(self._engine) as connection:
            return pulses.pulse(connection, since)

    # --- what people do ---

    def verify(self, answer: Verification, seen: Seen) -> Verification:
        """Keep a person's answer; it settles the doubts that they saw, and no other.

        AnsweredMeanwhile, and nothing is kept, when another answered for the claim since.
        """
        return write(self._engine, review.verify, answer, seen)

    def dismiss(self, change_id: int, *, why: str, by: str, at: datetime, seen: Iterable[int]) -> Step:
        """Close a change, and the doubts it opened, without an answer; `seen` are those that were in view."""
        return write(self._engine, review.dismiss, change_id, why=why, by=by, at=at, seen=tuple(seen))

    def undo(self, step_id: int, *, by: str, at: datetime, why: str = "") -> Step:
        """Take back a verification, a dismissal or an acceptance; the doubts it settled are open again."""
        return write(self._engine, review.undo, step_id, by=by, at=at, why=why)

    def publish(self, claims: Mapping[tuple[str, str], tuple[Claim, ...]], at: datetime) -> None:
        """Keep what the watchlist says, by (product, topic), where it is not what it said before."""
        with reading(self._engine) as connection:
            known = steps.published_last(connection)
        if any(known.get(key, ()) != said for key, said in claims.items()):
            write(self._engine, review.publish, claims, at)

    def publications(self) -> tuple[Publication, ...]:
        """What the watchlist ever said, oldest first."""
        with reading(self._engine) as connection:
            return steps.all_publications(connection)

    def steps(self) -> tuple[Step, ...]:
        """Everything that people ever did, oldest first; what was undone names the step that undid it."""
        with reading(self._engine) as connection:
            return steps.all_steps(connection)

    def step(self, step_id: int) -> Step:
        """One step; UsageError when there is none of that number."""
        with reading(self._engine) as connection:
            return steps.step(connection, step_id)

    def last_step(self) -> Step | None:
        """The last step that counts and is no undo itself."""
        with reading(self._engine) as connection:
            return steps.last(connection)

    def verifications(self, products: Iterable[str] | None = None) -> tuple[Verification, ...]:
        """Every answer that was not undone, about these product paths if any are named, oldest first."""
        with reading(self._engine) as connection:
            return steps.verifications_that_count(connection, products)

    def answers(self) -> tuple[Verification, ...]:
        """The answer in force on each claim: the last one that was not undone."""
        with reading(self._engine) as connection:
            return steps.answers_in_force(connection)

    def doubts(self, open_only: bool = True) -> tuple[Doubt, ...]:
        with reading(self._engine) as connection:
            return queries.all_doubts(connection, open_only=open_only)


def _record(  # noqa: PLR0913  what a check found, and what was decided on it, each by its name
    connection: Connection,
    outcome: Outcome,
    packed: Pack,
    *,
    next_check: datetime,
    started: datetime,
    claimed_by: str = "",
    accepted: Acceptance | None = None,
    watchlist: Watchlist | None = None,
    reached: ImportMark | None = None,
) -> CheckResult:
    """Keep all that a check brought; from its first line on nobody else writes about the document."""
    if claimed_by:
        records.hold_document(connection, outcome.document)  # that was claimed has a row
    else:
        records.ensure_document(connection, outcome.document)
    row = health.row_of(connection, outcome.document)
    if claimed_by:
        turns.require(row, outcome.document, by=claimed_by)
    before = health.of_row(connection, outcome.document, row)
    written = records.record(
        connection, outcome, packed, in_force=before.version, next_check=next_check, started=started
    )
    if accepted:
        review.accepted(connection, outcome.document, written, accepted, outcome.at)
    if reached:
        imports.reach(connection, reached, outcome.document)
    result = queries.result(connection, outcome, written, before)
    if watchlist:
        outbox.tell(connection, result, watchlist)
    return result
