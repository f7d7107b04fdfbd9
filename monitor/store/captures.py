"""Captures: what fetches brought, kept with their evidence."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, and_, select

from monitor.errors import UsageError
from monitor.model import Capture, Doubtful
from monitor.store import blobs
from monitor.store.blobs import Packed
from monitor.store.rows import add
from monitor.store.tables import captures, versions


def keep(
    connection: Connection, document: str, capture: Capture, packed: Packed | None, doubtful: bool = False
) -> int:
    assert packed is not None
    values = {
        "document": document,
        "at": capture.at,
        "sha256": blobs.put(connection, packed),
        "url": capture.url,
        "final_url": capture.final_url,
        "status": capture.status,
        "headers": capture.headers,
        "redirects": capture.redirects,
        "rendered": capture.rendered,
        "seconds": capture.seconds,
        "doubtful": doubtful,
        "source": capture.source,
    }
    return add(connection, captures, values)


def kept(connection: Connection, document: str, capture: Capture) -> bool:
    """Whether the bytes of a capture are kept for its document, and not as doubtful ones."""
    mine = (captures.c.document == document, captures.c.sha256 == capture.sha256, captures.c.doubtful == 0)
    return connection.execute(select(captures.c.id).where(*mine).limit(1)).first() is not None


def keep_doubtful(connection: Connection, doubtful: Doubtful, packed: Packed | None) -> int:
    """Keep a doubtful capture apart; the same bytes again add nothing but their check."""
    kept = select(captures.c.id).where(
        captures.c.document == doubtful.document,
        captures.c.sha256 == doubtful.capture.sha256,
        captures.c.doubtful == 1,
    )
    known: int | None = connection.scalars(kept.limit(1)).first()
    return known or keep(connection, doubtful.document, doubtful.capture, packed, doubtful=True)


def by_hash(connection: Connection, sha256: str) -> Capture:
    """The newest capture of these bytes; UsageError when none is kept."""
    found = _newest(connection, captures.c.sha256 == sha256)
    if found is None:
        raise UsageError(f"no capture with SHA-256 {sha256} is kept; `show` names those of a change")
    return found


def of_version(connection: Connection, version: int) -> Capture:
    """The capture that a version was read from; UsageError when there is no version of that number."""
    read_from = select(versions.c.capture).where(versions.c.id == version).scalar_subquery()
    found = _newest(connection, captures.c.id == read_from)
    if found is None:
        raise UsageError(f"there is no version {version}")
    return found


def by_id(connection: Connection, number: int) -> Capture | None:
    return _newest(connection, captures.c.id == number)


def doubtful(connection: Connection, document: str, sha256: str) -> Capture:
    """A document's doubtful capture of these bytes; UsageError when none is kept."""
    mine = and_(captures.c.document == document, captures.c.sha256 == sha256, captures.c.doubtful == 1)
    found = _newest(connection, mine)
    if found is None:
        raise UsageError(f"no doubtful capture of {document} with SHA-256 {sha256} is kept")
    return found


def _newest(connection: Connection, where: ColumnElement[bool]) -> Capture | None:
    query = select(captures).where(where).order_by(captures.c.id.desc()).limit(1)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return Capture(
        url=row.url,
        final_url=row.final_url,
        status=row.status,
        headers=tuple((name, value) for name, value in row.headers),
        body=blobs.get(connection, row.sha256),
        at=row.at,
        redirects=tuple(row.redirects),
        rendered=row.rendered,
        seconds=row.seconds,
        source=row.source,
    )
