"""Immutable bytes, compressed and proven: by hash and length whenever they are read."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass

from sqlalchemy import Connection, select, text

from monitor.errors import StoreError
from monitor.store.tables import blobs

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# Level 10 takes 4 ms a page and leaves 14% of it; without the checksum damage can decode to other text
# in silence (measured on 6,378 captures of real terms pages).
_OPTIONS: dict[int, int] = {
    zstd.CompressionParameter.compression_level: 10,
    zstd.CompressionParameter.checksum_flag: 1,
}

# The same words on SQLite and PostgreSQL; SQLAlchemy has them only for each dialect apart.
_INSERT = text("INSERT INTO blobs (sha256, size, data) VALUES (:sha256, :size, :data) ON CONFLICT DO NOTHING")


@dataclass(frozen=True)
class Packed:
    """Bytes made ready before the transaction begins, so that compressing never holds the lock."""

    sha256: str
    size: int
    data: bytes


def pack(plain: bytes) -> Packed:
    return Packed(hashlib.sha256(plain).hexdigest(), len(plain), zstd.compress(plain, options=_OPTIONS))


def put(connection: Connection, packed: Packed) -> str:
    """Keep these bytes, once; the hash by which they are found."""
    values = {"sha256": packed.sha256, "size": packed.size, "data": packed.data}
    connection.execute(_INSERT, values)
    return packed.sha256


def get(connection: Connection, sha256: str) -> bytes:
    """The plain bytes; StoreError when they are missing or are not what was stored."""
    row = connection.execute(select(blobs.c.size, blobs.c.data).where(blobs.c.sha256 == sha256)).one_or_none()
    if row is None:
        raise StoreError(f"no stored bytes with SHA-256 {sha256}; check the hash against `changes` or `show`")
    return unpack(Packed(sha256, row.size, row.data))


def unpack(packed: Packed) -> bytes:
    """The plain bytes again, never more than their recorded length."""
    decompressor = zstd.ZstdDecompressor()
    try:
        plain = decompressor.decompress(packed.data, max_length=packed.size + 1)
    except zstd.ZstdError as error:
        raise _damaged(packed.sha256) from error
    whole = decompressor.eof and len(plain) == packed.size
    if not whole or hashlib.sha256(plain).hexdigest() != packed.sha256:
        raise _damaged(packed.sha256)
    return plain


def _damaged(sha256: str) -> StoreError:
    return StoreError(f"the stored bytes with SHA-256 {sha256} are damaged; restore the database from a copy")
