"""The large parts of an outcome, compressed before its transaction begins."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Changed, Doubtful, Failed, First, Outcome, Unchanged, Version
from monitor.store import blobs, codec
from monitor.store.blobs import Packed


@dataclass(frozen=True)
class Pack:
    """What an outcome brings to keep; None for what it does not bring."""

    body: Packed | None = None
    page: Packed | None = None
    reread: Packed | None = None
    findings: Packed | None = None


def pack(outcome: Outcome) -> Pack:
    """Compress what an outcome brings to keep; next to nothing where the text did not change."""
    match outcome:
        case First():
            return Pack(body=blobs.pack(outcome.capture.body), page=_pack_page(outcome.version))
        case Changed():
            return Pack(
                body=blobs.pack(outcome.capture.body),
                page=_pack_page(outcome.version),
                reread=_pack_page(outcome.reread),
                findings=blobs.pack(codec.findings_to_bytes(outcome.change)),
            )
        case Unchanged():
            return Pack(reread=_pack_page(outcome.reread))
        case Doubtful():
            return Pack(body=blobs.pack(outcome.capture.body))
        case Failed():
            return Pack()


def _pack_page(version: Version | None) -> Packed | None:
    return blobs.pack(codec.page_to_bytes(version.page)) if version else None
