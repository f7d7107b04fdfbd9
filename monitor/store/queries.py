"""Reading what is known: versions, changes, doubts and health, as the nouns of the model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, bindparam, exists, func, or_, select

from monitor.errors import UsageError
from monitor.model import (
    Change,
    CheckResult,
    Doubt,
    Doubtful,
    Failed,
    Health,
    Held,
    Known,
    Outcome,
    Previous,
    RecordedChange,
    ReviewState,
    StepKind,
    Text,
    Unchanged,
    Validators,
    Version,
    VersionInfo,
)
from monitor.store import blobs, captures, codec, links, steps, tables
from monitor.store import opinions as second
from monitor.store.record import LAST_FIRST, Written, candidate, current, reasons
from monitor.store.rows import AT_ONCE, AnyRow, among
from monitor.store.tables import (
    changes,
    checks,
    documents,
    doubts,
    former_readings,
    versions,
)

RECENT = 8  # texts in which a judgement looks for blocks that rotate
FEWEST_RECENT = 2  # with less nothing can have rotated, and reading them would be for nothing
HELD = 50  # doubtful captures that a judgement looks back on at most


_newer = versions.alias("newer")
_waits = exists().where(
    _newer.c.document == bindparam("document"), _newer.c.confirmed == 0, _newer.c.withdrawn == 0
)
_KNOWN = (
    select(
        versions.c.id,
        versions.c.fingerprint,
        versions.c.extractor,
        versions.c.reader,
        documents.c.seen_sha256,
        documents.c.seen_url,
        documents.c.etag,
        documents.c.last_modified,
        _waits.label("candidate"),
        or_(documents.c.links_reader.is_(None), links.waiting).label("links_wait"),
        tables.captures.c.rendered,
    )
    .join(documents, documents.c.id == versions.c.document)
    .join(tables.captures, tables.captures.c.id == versions.c.capture)
    .where(versions.c.document == bindparam("document"), versions.c.confirmed == 1)
    .order_by(*LAST_FIRST)
    .limit(1)
)


def known(connection: Connection, document: str) -> Known | None:
    row = connection.execute(_KNOWN, {"document": document}).one_or_none()
    if row is None:
        return None
    return Known(
        version_id=row.id,
        fingerprint=row.fingerprint,
        capture_sha256=row.seen_sha256,
        extractor=row.extractor,
        reader=row.reader,
        validators=Validators(row.etag, row.last_modified, row.seen_url),
        candidate=bool(row.candidate),
        rendered=bool(row.rendered),
        links_wait=bool(row.links_wait),
    )


def previous(connection: Connection, document: str, *, with_capture: bool) -> Previous:
    row = current(connection, document)
    waiting = candidate(connection, document)
    recent = _recent(connection, document)
    pages = blobs.several(connection, {one.page for one in (row, waiting, *recent) if one})
    return Previous(
        version=_version(connection, row, pages[row.page]) if row else None,
        candidate=_version(connection, waiting, pages[waiting.page]) if waiting else None,
        capture=captures.by_id(connection, row.capture) if row and with_capture else None,
        history=_history(connection, document),
        held=_held(connection, document, row.last_seen if row else None),
        recent=tuple(Text(one.at, codec.page_from_bytes(pages[one.page]).blocks) for one in recent),
        links=links.seen(connection, document),
    )


def _recent(connection: Connection, document: str) -> Sequence[AnyRow]:
    """The last texts of a document, oldest first, those that were never confirmed among them."""
    query = select(versions.c.at, versions.c.page).where(versions.c.document == document)
    rows = connection.execute(query.order_by(*LAST_FIRST).limit(RECENT)).all()
    return rows[::-1] if len(rows) >= FEWEST_RECENT else ()


def _history(connection: Connection, document: str) -> tuple[tuple[int, str, datetime], ...]:
    accepted = (versions.c.document == document, versions.c.confirmed == 1)
    now = select(versions.c.id, versions.c.fingerprint, versions.c.last_seen, versions.c.era).where(*accepted)
    former = (
        select(versions.c.id, former_readings.c.fingerprint, versions.c.last_seen, versions.c.era)
        .join(former_readings, former_readings.c.version == versions.c.id)
        .where(*accepted)
    )
    rows = connection.execute(former.union(now)).all()
    ordered = sorted((row.era, row.id, row.fingerprint, row.last_seen) for row in rows)
    return tuple((number, fingerprint, seen) for _, number, fingerprint, seen in ordered)


def _held(connection: Connection, document: str, since: datetime | None) -> tuple[Held, ...]:
    query = select(checks).where(checks.c.document == document, checks.c.outcome == "doubtful")
    if since is not None:
        query = query.where(checks.c.at > since)
    rows = connection.execute(query.order_by(checks.c.id.desc()).limit(HELD)).all()
    return tuple(
        Held(
            at=row.at,
            sha256=row.sha256,
            fingerprint=row.fingerprint,
            reasons=codec.reasons_from_json(row.reasons),
        )
        for row in reversed(rows)
    )


def result(connection: Connection, outcome: Outcome, written: Written, before: Health) -> CheckResult:
    """The line that a run shows for a check just recorded."""
    return CheckResult(
        document=outcome.document,
        at=outcome.at,
        outcome=written.outcome,
        reasons=reasons(outcome),
        change=change(connection, written.change) if written.change else None,
        words=_words(connection, outcome, before),
        before=before,
        links=() if isinstance(outcome, Doubtful | Failed) or not outcome.links else outcome.links.findings,
    )


def _words(connection: Connection, outcome: Outcome, before: Health) -> int:
    """How many words the version in force has; the same as before where a check brought no other."""
    if isinstance(outcome, Doubtful | Failed) or (isinstance(outcome, Unchanged) and not outcome.reread):
        return before.words
    row = current(connection, outcome.document)
    return row.words if row else 0


# --- versions and captures ---------------------------------------------------------------------


def version(connection: Connection, number: int) -> Version:
    row = connection.execute(select(versions).where(versions.c.id == number)).one_or_none()
    if row is None:
        highest = connection.execute(select(func.max(versions.c.id))).scalar_one()
        raise UsageError(_unknown("version", number, highest))
    return _version(connection, row, blobs.get(connection, row.page))


_INFOS = select(versions, tables.captures.c.sha256.label("capture_sha256"), tables.captures.c.source).join(
    tables.captures
)


def version_infos(connection: Connection, document: str) -> tuple[VersionInfo, ...]:
    """The document's confirmed versions, oldest first."""
    accepted = (versions.c.document == document, versions.c.confirmed == 1)
    query = _INFOS.where(*accepted).order_by(versions.c.era, versions.c.id)
    rows = connection.execute(query).all()
    return tuple(_info(row) for row in rows)


def _version(connection: Connection, row: AnyRow, page: bytes) -> Version:
    made_of = select(tables.captures.c.sha256, tables.captures.c.source)
    taken = connection.execute(made_of.where(tables.captures.c.id == row.capture)).one()
    return Version(
        document=row.document,
        at=row.at,
        page=codec.page_from_bytes(page),
        fingerprint=row.fingerprint,
        extractor=row.extractor,
        reader=row.reader,
        capture_sha256=taken.sha256,
        url=row.url,
        effective=row.effective,
        confirmed=row.confirmed,
        id=row.id,
        source=taken.source,
    )


def _info(row: AnyRow) -> VersionInfo:
    return VersionInfo(
        id=row.id,
        document=row.document,
        at=row.at,
        url=row.url,
        capture_sha256=row.capture_sha256,
        effective=row.effective,
        title=row.title,
        source=row.source,
    )


# --- changes and the ledger --------------------------------------------------------------------


def changes_of(
    connection: Connection,
    document_ids: Sequence[str] | None,
    limit: int | None,
    **narrow: Any,  # noqa: ANN401  checked there
) -> tuple[RecordedChange, ...]:
    """Changes of any number of documents, newest first; `narrow` as `select_changes` takes it."""
    query = select_changes(**narrow).limit(limit)
    if document_ids is not None:
        query = query.where(among(connection, changes.c.document, document_ids))
    return whole(connection, connection.execute(query).all())


def whole(connection: Connection, rows: Sequence[AnyRow]) -> tuple[RecordedChange, ...]:
    """The changes of these rows, with all that belongs to them."""
    found: list[RecordedChange] = []
    for start in range(0, len(rows), AT_ONCE):
        found.extend(_recorded(connection, rows[start : start + AT_ONCE]))
    return tuple(found)


def _recorded(connection: Connection, rows: Sequence[AnyRow]) -> Iterator[RecordedChange]:
    infos = version_infos_of(connection, {number for row in rows for number in (row.before, row.after)})
    numbers = [row.id for row in rows]
    opened = _doubts_by_change(connection, numbers)
    opinions = second.by_change(connection, numbers)
    dismissed = steps.dismissals(connection, numbers)
    yield from (
        RecordedChange(
            id=row.id,
            change=_change(connection, row),
            before=infos[row.before],
            after=infos[row.after],
            state=_state(row, opened[row.id], row.id in dismissed),
            reverted_at=row.reverted_at,
            withdrawn=row.withdrawn,
            why=dismissed[row.id].note if row.id in dismissed else "",
            dismissal=dismissed[row.id].id if row.id in dismissed else None,
            doubts=tuple(opened[row.id]),
            opinions=opinions[row.id],
        )
        for row in rows
    )


def _state(row: AnyRow, opened: Sequence[Doubt], dismissed: bool) -> ReviewState:
    """What people have made of a change; one that put a claim in doubt is theirs, flagged or not."""
    if row.withdrawn:
        return ReviewState.NOTHING
    if dismissed:
        return ReviewState.DISMISSED
    if not opened:
        return ReviewState(row.state)
    return ReviewState.TO_REVIEW if any(doubt.open for doubt in opened) else ReviewState.VERIFIED


def change(connection: Connection, number: int) -> RecordedChange:
    found = whole(connection, connection.execute(select(changes).where(changes.c.id == number)).all())
    if not found:
        highest = connection.execute(select(func.max(changes.c.id))).scalar_one()
        raise UsageError(_unknown("change", number, highest))
    return found[0]


def select_changes(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    include_technical: bool = False,
) -> Select[*tuple[Any, ...]]:
    """Changes seen, or confirmed, from `since` up to but not at `until`; newest first."""
    query = select(changes).order_by(changes.c.at.desc(), changes.c.id.desc())
    told = func.coalesce(changes.c.confirmed_at, changes.c.at)
    if since is not None:
        query = query.where(told >= since)
    if until is not None:
        query = query.where(told < until)
    if not include_technical:
        query = query.where(changes.c.technical == 0)
    return query


def _change(connection: Connection, row: AnyRow) -> Change:
    clauses, flags = codec.findings_from_bytes(blobs.get(connection, row.content))
    return Change(
        document=row.document,
        at=row.at,
        clauses=clauses,
        flags=flags,
        alert=row.alert,
        confirmed=row.confirmed_at is not None,
        technical=row.technical,
        restores=row.restores,
        reasons=codec.reasons_from_json(row.reasons),
        source=row.source,
    )


def version_infos_of(connection: Connection, numbers: Iterable[int]) -> dict[int, VersionInfo]:
    """These versions without their text, by number."""
    rows = connection.execute(_INFOS.where(among(connection, versions.c.id, numbers)))
    return {row.id: _info(row) for row in rows}


def _doubts_by_change(connection: Connection, numbers: Sequence[int]) -> dict[int, list[Doubt]]:
    query = steps.with_settlement.where(among(connection, doubts.c.change, numbers)).order_by(doubts.c.id)
    found: dict[int, list[Doubt]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.change].append(_doubt(row))
    return found


def doubts_by_id(connection: Connection, numbers: Iterable[int]) -> dict[int, Doubt]:
    """Those of these doubts that there are."""
    query = steps.with_settlement.where(among(connection, doubts.c.id, numbers)).order_by(doubts.c.id)
    return {row.id: _doubt(row) for row in connection.execute(query)}


def all_doubts(connection: Connection, *, open_only: bool) -> tuple[Doubt, ...]:
    query = steps.with_settlement.order_by(doubts.c.id)
    if open_only:
        query = query.where(steps.settled.c.step.is_(None))
    return tuple(_doubt(row) for row in connection.execute(query))


def _doubt(row: AnyRow) -> Doubt:
    verified = row.kind == StepKind.VERIFICATION
    return Doubt(
        product=row.product,
        topic=row.topic,
        document=row.document,
        summary=row.summary,
        at=row.at,
        via=row.via,
        change=row.change,
        id=row.id,
        closed_by=row.step if verified else None,
        dismissed=row.step is not None and not verified,
        settled_by=row.step,
    )


def _unknown(what: str, number: int, highest: int | None) -> str:
    if highest is None:
        return f"there is no {what} {number}: none is recorded yet"
    return f"there is no {what} {number}; the highest number is {highest}"
