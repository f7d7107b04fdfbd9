"""Immutable bytes, compressed and proven: by hash and length whenever they are read.

A document's later bytes are kept as what differs from its keyframe, bytes that are kept whole: so any of
them takes two reads at most, and damage to one reaches no other but those that name it as their base.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, text

from monitor.errors import Damaged, StoreError
from monitor.store.rows import among
from monitor.store.tables import blobs

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Measured on 63 captures of 12 real terms pages, 282 KB each on average. Whole at level 3 they take 18.9% and
# 0.7 ms (level 10: 17.2% and 4.6 ms); against a keyframe at level 4, 1.1% and 0.6 ms (10: 1.0% and 3.1 ms).
_WHOLE_LEVEL = 3
_DELTA_LEVEL = 4

WORTH_IT = 0.6
"""Bytes are kept against a keyframe only below this share of what they take whole."""

_LEAST = 64  # bytes of a keyframe; zstd takes none below 8, and next to nothing is saved by a small one
_WINDOWS = (10, 27)  # zstd's smallest, and the largest that every decoder takes: 128 MB

# The same words on SQLite and PostgreSQL; SQLAlchemy has them only for each dialect apart.
_INSERT = text(
    "INSERT INTO blobs (sha256, size, base, data) VALUES (:sha256, :size, :base, :data)"
    " ON CONFLICT DO NOTHING"
)

_ROWS = select(blobs.c.sha256, blobs.c.size, blobs.c.data, blobs.c.base)
_THERE = select(blobs.c.sha256).where(blobs.c.sha256 == bindparam("sha256"))


@dataclass(frozen=True)
class Packed:
    """Bytes made ready before the transaction begins, so that compressing never holds the lock."""

    sha256: str
    size: int
    data: bytes
    base: str | None = None  # the keyframe that they are compressed against


@dataclass(frozen=True)
class Keyframe:
    """Bytes kept whole, that others of the same document are compressed against."""

    sha256: str
    plain: bytes
    stored: int  # bytes that they take

    def whole(self, size: int) -> float:
        """About what so many bytes of the same kind take when kept whole."""
        return size * self.stored / len(self.plain)


def pack(plain: bytes, keyframes: Iterable[Keyframe] = ()) -> Packed:
    """Compress bytes against the first of these keyframes that is worth it, else whole."""
    sha256 = hashlib.sha256(plain).hexdigest()
    for keyframe in keyframes:
        if keyframe.sha256 == sha256 or len(keyframe.plain) < _LEAST:
            continue
        delta = _delta(plain, keyframe.plain)
        # Compressing whole as well, only to compare, would cost twice what the delta does.
        if len(delta) < WORTH_IT * keyframe.whole(len(plain)):
            return Packed(sha256, len(plain), delta, keyframe.sha256)
    return Packed(sha256, len(plain), zstd.compress(plain, options=_options(_WHOLE_LEVEL)))


def put(connection: Connection, packed: Packed) -> str:
    """Keep these bytes, once; the hash they are found by. StoreError where their keyframe went meanwhile."""
    if packed.base is not None and connection.scalar(_THERE, {"sha256": packed.base}) is None:
        raise StoreError("what it was compressed against was pruned at the same time; check it again")
    values = {"sha256": packed.sha256, "size": packed.size, "base": packed.base, "data": packed.data}
    connection.execute(_INSERT, values)
    return packed.sha256


def get(connection: Connection, sha256: str) -> bytes:
    """The plain bytes; StoreError when they are missing or are not what was stored."""
    packed = _row(connection, sha256)
    if packed.base is None:
        return unpack(packed)
    return unpack(packed, keyframe(connection, packed.base).plain)


def several(connection: Connection, hashes: Iterable[str]) -> dict[str, bytes]:
    """The plain bytes of each of these, by its hash; a keyframe that many rest on is read once."""
    found = _rows(connection, hashes)
    bases = {base: keyframe(connection, base).plain for base in {one.base for one in found.values()} if base}
    return {sha256: unpack(one, bases[one.base] if one.base else None) for sha256, one in found.items()}


def against(connection: Connection, sha256: str, base: Keyframe) -> bytes:
    """The plain bytes of one that rests on this keyframe, for whoever has it already."""
    return unpack(_row(connection, sha256), base.plain)


def keyframe(connection: Connection, sha256: str) -> Keyframe:
    """A keyframe by its hash; StoreError when it is damaged, missing, or rests on another."""
    packed = _row(connection, sha256)
    if packed.base is not None:
        raise _damaged(sha256)
    return Keyframe(sha256, unpack(packed), len(packed.data))


def unpack(packed: Packed, base: bytes | None = None) -> bytes:
    """The plain bytes again, never more than their recorded length; `base` is their keyframe's, if any."""
    try:
        prefix = None if base is None else zstd.ZstdDict(base, is_raw=True).as_prefix
        decompressor = zstd.ZstdDecompressor(prefix)
        plain = decompressor.decompress(packed.data, max_length=packed.size + 1)
    except (zstd.ZstdError, ValueError) as error:  # ValueError: a base that is too short to be one
        raise _damaged(packed.sha256) from error
    whole = decompressor.eof and len(plain) == packed.size
    if not whole or hashlib.sha256(plain).hexdigest() != packed.sha256:
        raise _damaged(packed.sha256)
    return plain


def _row(connection: Connection, sha256: str) -> Packed:
    row = connection.execute(_ROWS.where(blobs.c.sha256 == sha256)).one_or_none()
    if row is None:
        raise _missing(sha256)
    return Packed(row.sha256, row.size, row.data, row.base)


def _rows(connection: Connection, hashes: Iterable[str]) -> dict[str, Packed]:
    wanted = tuple(hashes)
    rows = connection.execute(_ROWS.where(among(connection, blobs.c.sha256, wanted)))
    found = {row.sha256: Packed(row.sha256, row.size, row.data, row.base) for row in rows}
    if lacking := [sha256 for sha256 in wanted if sha256 not in found]:
        raise _missing(lacking[0])
    return found


def _missing(sha256: str) -> StoreError:
    return StoreError(f"no stored bytes with SHA-256 {sha256}; check the hash against `changes` or `show`")


def _delta(plain: bytes, base: bytes) -> bytes:
    # The window must reach over all of both, or what stands early in the keyframe is out of sight; among
    # megabytes only long distance matching finds it.
    least, most = _WINDOWS
    options = _options(_DELTA_LEVEL) | {
        zstd.CompressionParameter.window_log: min(max((len(plain) + len(base)).bit_length(), least), most),
        zstd.CompressionParameter.enable_long_distance_matching: 1,
    }
    return zstd.compress(plain, options=options, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)


def _options(level: int) -> dict[int, int]:
    # Without the checksum damage, or another keyframe, can decode to other bytes in silence.
    return {zstd.CompressionParameter.compression_level: level, zstd.CompressionParameter.checksum_flag: 1}


def _damaged(sha256: str) -> Damaged:
    return Damaged(f"the stored bytes with SHA-256 {sha256} are damaged; restore the database from a copy")
