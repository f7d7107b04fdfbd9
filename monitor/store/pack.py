"""The large parts of an outcome, compressed before its transaction begins."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Select, bindparam, func, select

from monitor.errors import StoreError
from monitor.model import Changed, Doubtful, Failed, First, Keep, Outcome, Unchanged, Version
from monitor.store import blobs, captures, codec, tables
from monitor.store.blobs import Keyframe, Packed

log = logging.getLogger(__name__)

_ANY_VERSION = tables.versions.c.document == bindparam("document")


def _keyframe_of(column: Column[str]) -> Select[str]:
    """The keyframe of the bytes that a column names: they themselves, where they are kept whole."""
    found = func.coalesce(tables.blobs.c.base, tables.blobs.c.sha256)
    return select(found).join_from(column.table, tables.blobs, tables.blobs.c.sha256 == column)


_BODY = (
    _keyframe_of(tables.captures.c.sha256)
    .join(tables.versions, tables.versions.c.capture == tables.captures.c.id)
    .where(_ANY_VERSION)
    .order_by(tables.versions.c.id.desc())
    .limit(1)
)
_DOUBTFUL_BODY = (
    _keyframe_of(tables.captures.c.sha256)
    .where(tables.captures.c.document == bindparam("document"), tables.captures.c.doubtful == 1)
    .order_by(tables.captures.c.id.desc())
    .limit(1)
)
_PAGE = (
    _keyframe_of(tables.versions.c.page).where(_ANY_VERSION).order_by(tables.versions.c.id.desc()).limit(1)
)


@dataclass(frozen=True)
class Pack:
    """What an outcome brings to keep; None for what it does not bring."""

    body: Packed | None = None
    page: Packed | None = None
    reread: Packed | None = None
    findings: Packed | None = None


@dataclass(frozen=True)
class Keyframes:
    """What an outcome's bytes can be compressed against, by what they are."""

    bodies: tuple[Keyframe, ...] = ()
    pages: tuple[Keyframe, ...] = ()
    kept: bool = False  # the body that came is kept already


def brings(outcome: Outcome, keep: Keep) -> bool:
    """Whether an outcome has bytes to keep; most have not, for most checks find nothing changed."""
    if isinstance(outcome, Unchanged):
        return outcome.reread is not None or (keep is Keep.ALL and outcome.capture is not None)
    return not isinstance(outcome, Failed)


def keyframes(connection: Connection, outcome: Outcome) -> Keyframes:
    """The keyframes of an outcome's document, as they are now."""
    match outcome:
        case First() | Changed():
            return Keyframes(_find(connection, outcome, _BODY), _find(connection, outcome, _PAGE))
        case Unchanged():
            kept = bool(outcome.capture and captures.kept(connection, outcome.document, outcome.capture))
            bodies = () if kept else _find(connection, outcome, _BODY)
            pages = _find(connection, outcome, _PAGE) if outcome.reread else ()
            return Keyframes(bodies, pages, kept)
        case Doubtful():
            # An error page is like the last error page, and a truncated page like the document.
            return Keyframes(_find(connection, outcome, _DOUBTFUL_BODY, _BODY))
        case Failed():
            return Keyframes()


def _find(connection: Connection, outcome: Outcome, *queries: Select[str]) -> tuple[Keyframe, ...]:
    found = (connection.scalar(query, {"document": outcome.document}) for query in queries)
    hashes = dict.fromkeys(sha256 for sha256 in found if sha256)
    return tuple(one for sha256 in hashes if (one := _whole(connection, sha256)))


def _whole(connection: Connection, sha256: str) -> Keyframe | None:
    """A keyframe; none where it is damaged, for what comes now can be kept without it."""
    try:
        return blobs.keyframe(connection, sha256)
    except StoreError as error:
        log.error("a keyframe is damaged; run `db verify`", extra={"error": str(error)})
        return None


def pack(outcome: Outcome, near: Keyframes, keep: Keep = Keep.CHANGED) -> Pack:
    """Compress what an outcome brings to keep; next to nothing where the text did not change."""
    match outcome:
        case First():
            return Pack(
                body=blobs.pack(outcome.capture.body, near.bodies),
                page=_pack_page(outcome.version, near.pages),
            )
        case Changed():
            return Pack(
                body=blobs.pack(outcome.capture.body, near.bodies),
                page=_pack_page(outcome.version, near.pages),
                reread=_pack_page(outcome.reread, near.pages),
                findings=blobs.pack(codec.findings_to_bytes(outcome.change)),
            )
        case Unchanged():
            body = outcome.capture.body if outcome.capture and keep is Keep.ALL and not near.kept else None
            return Pack(
                body=None if body is None else blobs.pack(body, near.bodies),
                reread=_pack_page(outcome.reread, near.pages),
            )
        case Doubtful():
            return Pack(body=blobs.pack(outcome.capture.body, near.bodies))
        case Failed():
            return Pack()


def _pack_page(version: Version | None, near: Sequence[Keyframe]) -> Packed | None:
    return blobs.pack(codec.page_to_bytes(version.page), near) if version else None
