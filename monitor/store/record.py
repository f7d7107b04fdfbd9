"""Writing what a check ended in: the verbs of `Store.record`, each on a connection inside its transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, text, update

from monitor.errors import StoreError
from monitor.model import (
    Capture,
    Change,
    Changed,
    Doubt,
    Doubtful,
    Failed,
    First,
    FlagKind,
    Outcome,
    Reason,
    ReviewState,
    Unchanged,
    Version,
)
from monitor.severity import most_severe
from monitor.store import blobs, codec, links, search
from monitor.store.blobs import Packed
from monitor.store.captures import keep, keep_doubtful
from monitor.store.counting import words_of
from monitor.store.pack import Pack
from monitor.store.rows import AnyRow, add
from monitor.store.tables import captures, changes, checks, documents, doubts, former_readings, versions

# Statements of every check are built once: building one takes longer than running it.

# The same words on SQLite and PostgreSQL; SQLAlchemy has them only for each dialect apart.
_NEW_DOCUMENT = text(
    "INSERT INTO documents (id, outcome, reasons, failures, etag, last_modified, seen_url, seen_sha256)"
    " VALUES (:id, '', '[]', 0, '', '', '', '') ON CONFLICT DO NOTHING"
)
_HOLD = select(documents.c.id).where(documents.c.id == bindparam("id")).with_for_update(key_share=True)
_UPDATE_DOCUMENT = update(documents).where(documents.c.id == bindparam("row"))
_UPDATE_VERSION = update(versions).where(versions.c.id == bindparam("row"))
_ADD_CHECK = insert(checks)
_TROUBLE = select(documents.c.failures, documents.c.since).where(documents.c.id == bindparam("document"))
_OF_DOCUMENT = select(versions).where(versions.c.document == bindparam("document"))
LAST_FIRST = (versions.c.era.desc(), versions.c.id.desc())
_CURRENT = _OF_DOCUMENT.where(versions.c.confirmed == 1).order_by(*LAST_FIRST).limit(1)
_CANDIDATE = _OF_DOCUMENT.where(versions.c.confirmed == 0, versions.c.withdrawn == 0)

_NO_VALIDATORS = {"etag": "", "last_modified": ""}


@dataclass(frozen=True)
class Written:
    """What an outcome left in the database, for the row of its check."""

    outcome: str
    version: int | None = None
    change: int | None = None
    capture: int | None = None
    answer: Capture | None = None  # that showed the version in force: its validators speak for it


def keep_languages(connection: Connection, languages: Mapping[int, str]) -> None:
    """Keep which languages versions are in, by number."""
    connection.execute(_UPDATE_VERSION, [{"row": row, "language": one} for row, one in languages.items()])


def record(  # noqa: PLR0913  what a check found, and what was known before it, each by its name
    connection: Connection,
    outcome: Outcome,
    packed: Pack,
    *,
    in_force: int,
    next_check: datetime,
    started: datetime,
) -> Written:
    """Everything that a check leaves behind; the document's claim ends with it.

    The document has its row, and this transaction keeps other writers off it (`ensure_document`). `in_force`
    is the number of its current version, 0 without one.
    """
    written = _write(connection, outcome, packed, in_force)
    if not isinstance(outcome, Doubtful | Failed) and outcome.links:
        links.keep(connection, outcome.document, outcome.links)
    _write_check(connection, outcome, written, started)
    _write_health(connection, outcome, written, next_check)
    return written


def ensure_document(connection: Connection, document: str) -> None:
    """Make the document's row where it has none yet, and keep other writers off it."""
    if not hold_document(connection, document):
        connection.execute(_NEW_DOCUMENT, {"id": document})
        hold_document(connection, document)


def hold_document(connection: Connection, document: str) -> bool:
    """Keep others from writing about a document until this transaction ends; whether its row was found.

    SQLite's writers take turns anyway: there nothing is looked for.
    """
    if connection.dialect.name != "postgresql":
        return False
    return connection.execute(_HOLD, {"id": document}).first() is not None


# --- versions and changes ----------------------------------------------------------------------


def _write(connection: Connection, outcome: Outcome, packed: Pack, in_force: int) -> Written:
    match outcome:
        case First():
            return _write_first(connection, outcome, packed)
        case Unchanged():
            return _write_unchanged(connection, outcome, packed, in_force)
        case Changed():
            return _write_changed(connection, outcome, packed)
        case Doubtful():
            return Written("doubtful", capture=keep_doubtful(connection, outcome, packed.body))
        case Failed():
            return Written("failed")


def _write_first(connection: Connection, first: First, packed: Pack) -> Written:
    if known := current(connection, first.document):
        if known.fingerprint != first.version.fingerprint:
            raise _overtaken(first.document)
        return _see(connection, known.id, first.at, first.capture)
    capture = keep(connection, first.document, first.capture, packed.body)
    version = _add_version(connection, first.version, capture, packed, confirmed=True, seen=first.at)
    search.stand(connection, first.document, first.at, first.version.page.blocks)
    return Written("first", version=version, capture=capture, answer=first.capture)


def _write_unchanged(connection: Connection, unchanged: Unchanged, packed: Pack, in_force: int) -> Written:
    if not in_force:
        return Written("unchanged")
    if unchanged.reread and (known := current(connection, unchanged.document)):
        _reread(connection, known, unchanged.reread, packed, unchanged.at)
    if unchanged.withdrawn:
        _withdraw(connection, unchanged.document)
    seen = _see(connection, in_force, unchanged.at, unchanged.capture)
    if unchanged.capture is None or packed.body is None:
        return seen
    return replace(seen, capture=keep(connection, unchanged.document, unchanged.capture, packed.body))


def _write_changed(connection: Connection, changed: Changed, packed: Pack) -> Written:
    known = current(connection, changed.document)
    if known is None:
        raise _overtaken(changed.document)
    if known.fingerprint == changed.version.fingerprint and changed.reread is None:
        # Another process recorded this very change meanwhile: it is announced once.
        return _see(connection, known.id, changed.at, changed.capture)
    if changed.reread:
        _reread(connection, known, changed.reread, packed, changed.at)
    waiting = candidate(connection, changed.document)
    if waiting and waiting.fingerprint == changed.version.fingerprint:
        return _meet_candidate(connection, changed, waiting, packed)
    _withdraw(connection, changed.document)
    capture = keep(connection, changed.document, changed.capture, packed.body)
    confirmed = changed.change.confirmed
    version = _add_version(connection, changed.version, capture, packed, confirmed=confirmed, seen=changed.at)
    change = add_change(connection, changed.change, known.id, version, packed)
    if confirmed:
        _take_effect(connection, changed, version, change)
    answer = changed.capture if confirmed else None
    return Written("changed", version=version, change=change, capture=capture, answer=answer)


def _meet_candidate(connection: Connection, changed: Changed, waiting: AnyRow, packed: Pack) -> Written:
    """The waiting text was seen again: confirmed if the change says so, and never written twice."""
    connection.execute(_UPDATE_VERSION, {"row": waiting.id, "last_seen": changed.at})
    change = connection.execute(select(changes.c.id).where(changes.c.after == waiting.id)).scalar_one()
    if not changed.change.confirmed:
        return Written("changed", version=waiting.id, change=change)
    connection.execute(_UPDATE_VERSION, {"row": waiting.id, "confirmed": True})
    judged = _judged(connection, changed.change, packed) | {"confirmed_at": changed.at}
    connection.execute(update(changes).where(changes.c.id == change).values(judged))
    _take_effect(connection, changed, waiting.id, change)
    return Written("changed", version=waiting.id, change=change, answer=changed.capture)


def _take_effect(connection: Connection, changed: Changed, version: int, change: int) -> None:
    """What follows from a confirmed change: what stands now, doubts, and the changes that it takes back."""
    search.stand(connection, changed.document, changed.at, changed.version.page.blocks)
    add_doubts(connection, changed.doubts, change)
    if changed.change.restores is not None:
        _revert_since(connection, changed, version)
    if not changed.change.technical:
        connection.execute(_UPDATE_DOCUMENT, {"row": changed.document, "last_change": changed.at})


def _revert_since(connection: Connection, changed: Changed, version: int) -> None:
    restored = select(versions.c.at).where(versions.c.id == changed.change.restores).scalar_subquery()
    connection.execute(
        update(changes)
        .where(
            changes.c.document == changed.document,
            changes.c.at > restored,
            changes.c.after.not_in((changed.change.restores, version)),
            changes.c.confirmed_at.is_not(None),
            changes.c.reverted_at.is_(None),
        )
        .values(reverted_at=changed.at)
    )


def _withdraw(connection: Connection, document: str) -> None:
    """The waiting text did not show again."""
    if waiting := candidate(connection, document):
        connection.execute(_UPDATE_VERSION, {"row": waiting.id, "withdrawn": True})
        connection.execute(
            update(changes)
            .where(changes.c.after == waiting.id)
            .values(withdrawn=True, state=ReviewState.NOTHING)
        )


def add_change(connection: Connection, change: Change, before: int, after: int, packed: Pack) -> int:
    values = _judged(connection, change, packed) | {
        "document": change.document,
        "at": change.at,
        "before": before,
        "after": after,
        "confirmed_at": change.at if change.confirmed else None,
    }
    return add(connection, changes, values)


def _judged(connection: Connection, change: Change, packed: Pack) -> dict[str, object]:
    assert packed.findings is not None
    return {
        "content": blobs.put(connection, packed.findings),
        "alert": change.alert,
        "technical": change.technical,
        "restores": change.restores,
        "reasons": codec.reasons_to_json(change.reasons),
        "state": _first_state(change),
        "severity": most_severe(change.flags),
        "source": change.source,
    }


def _first_state(change: Change) -> ReviewState:
    substantive = any(flag.kind is FlagKind.SUBSTANTIVE for flag in change.flags)
    if change.confirmed and change.alert and substantive and not (change.technical or change.source):
        return ReviewState.TO_REVIEW
    return ReviewState.NOTHING


def add_doubts(connection: Connection, opened: tuple[Doubt, ...], change: int) -> None:
    for doubt in opened:
        values = {
            "change": change,
            "document": doubt.document,
            "product": doubt.product,
            "topic": doubt.topic,
            "summary": doubt.summary,
            "via": doubt.via,
            "at": doubt.at,
        }
        connection.execute(insert(doubts), values)


def current(connection: Connection, document: str) -> AnyRow | None:
    """The row of the version in force."""
    return connection.execute(_CURRENT, {"document": document}).one_or_none()


def candidate(connection: Connection, document: str) -> AnyRow | None:
    """The row of the version that waits for confirmation."""
    return connection.execute(_CANDIDATE, {"document": document}).one_or_none()


def _add_version(  # noqa: PLR0913  each is a column of the row
    connection: Connection,
    version: Version,
    capture: int,
    packed: Pack,
    *,
    confirmed: bool,
    seen: datetime,
) -> int:
    values = _reading(connection, version, packed.page) | {
        "document": version.document,
        "at": version.at,
        "last_seen": seen,
        "capture": capture,
        "url": version.url,
        "confirmed": confirmed,
        "withdrawn": False,
    }
    return add(connection, versions, values)


def _reread(connection: Connection, known: AnyRow, reread: Version, packed: Pack, at: datetime) -> None:
    """Put a newer reading of the same capture in the version's place; the former one stays in its history."""
    former = {"version": known.id, "replaced_at": at} | {
        name: known._mapping[name] for name in ("fingerprint", "extractor", "reader", "page")
    }
    connection.execute(insert(former_readings), former)
    values = _reading(connection, reread, packed.reread)
    connection.execute(_UPDATE_VERSION, {"row": known.id, **values})
    search.reread(connection, known.document, known.at, reread.page.blocks)
    # Other bytes that the former reader took for the same text need not be the same to this one.
    read = connection.execute(select(captures.c.sha256).where(captures.c.id == known.capture)).scalar_one()
    connection.execute(_UPDATE_DOCUMENT, {"row": known.document, "seen_sha256": read, **_NO_VALIDATORS})


def _reading(connection: Connection, version: Version, page: Packed | None) -> dict[str, object]:
    assert page is not None
    return {
        "title": version.page.title,
        "effective": version.effective,
        "words": words_of(version.page),
        "fingerprint": version.fingerprint,
        "extractor": version.extractor,
        "reader": version.reader,
        "page": blobs.put(connection, page),
        "language": None,
    }


def _see(connection: Connection, in_force: int, at: datetime, capture: Capture | None) -> Written:
    """The version in force was seen again."""
    connection.execute(_UPDATE_VERSION, {"row": in_force, "last_seen": at})
    return Written("unchanged", version=in_force, answer=capture)


# --- checks and health -------------------------------------------------------------------------


def _write_check(connection: Connection, outcome: Outcome, written: Written, started: datetime) -> None:
    capture = None if isinstance(outcome, Failed) else outcome.capture
    values = {
        "document": outcome.document,
        "at": outcome.at,
        "started": started,
        "outcome": written.outcome,
        "reasons": codec.reasons_to_json(reasons(outcome)),
        "sha256": capture.sha256 if capture else None,
        "fingerprint": outcome.fingerprint if isinstance(outcome, Doubtful) else "",
        "capture": written.capture,
        "version": written.version,
        "change": written.change,
    }
    connection.execute(_ADD_CHECK, values)


def reasons(outcome: Outcome) -> tuple[Reason, ...]:
    match outcome:
        case Changed():
            return outcome.change.reasons
        case _:
            return outcome.reasons


def _write_health(connection: Connection, outcome: Outcome, written: Written, next_check: datetime) -> None:
    values: dict[str, Any] = {
        "outcome": written.outcome,
        "reasons": codec.reasons_to_json(reasons(outcome)),
        "last_check": outcome.at,
        "next_check": next_check,
        "claimed_by": None,
        "claimed_until": None,
    }
    if isinstance(outcome, Doubtful | Failed):
        row = connection.execute(_TROUBLE, {"document": outcome.document}).one()
        values |= {"failures": row.failures + 1, "since": row.since or outcome.at}
    else:
        values |= {"failures": 0, "since": None, "last_good": outcome.at}
    if written.answer:
        values |= _validators(written.answer)
    connection.execute(_UPDATE_DOCUMENT, {"row": outcome.document, **values})


def _validators(answer: Capture) -> dict[str, str]:
    """What tells the next check that nothing changed."""
    return {
        "etag": answer.header("etag"),
        "last_modified": answer.header("last-modified"),
        "seen_url": answer.final_url,
        "seen_sha256": answer.sha256,
    }


def _overtaken(document: str) -> StoreError:
    return StoreError(f"{document} was checked by another process at the same time; check it again")
