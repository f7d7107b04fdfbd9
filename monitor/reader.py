"""How documents are read today, and when none need be: without loading what reads them."""

from __future__ import annotations

from monitor.model import (
    Capture,
    Document,
    Failed,
    Fetched,
    FetchFailure,
    Known,
    NotModified,
    Reason,
    Unchanged,
    Version,
)

EXTRACTOR = "3"
"""To be counted up when `extract` reads other text from the same bytes: old captures are then read again."""


def without_text(document: Document, fetched: FetchFailure | NotModified) -> Failed | Unchanged:
    """What a fetch means that brought no text."""
    if isinstance(fetched, FetchFailure):
        return Failed(
            document=document.id, at=fetched.at, reasons=(fetched.reason,), retry_after=fetched.retry_after
        )
    reason = Reason("not-modified", "the server says that it has not changed")
    return Unchanged(document=document.id, at=fetched.at, reasons=(reason,))


def unchanged_bytes(document: Document, fetched: Fetched, known: Known | None) -> Unchanged | None:
    """The answer without reading: the very bytes of the current version, read as we read today."""
    if known is None or known.waits or not isinstance(fetched, Capture) or fetched.status >= 400:
        return None
    if fetched.sha256 != known.capture_sha256 or not read_as_today(document, known):
        return None
    reason = Reason("same-bytes", "the same bytes as before")
    return Unchanged(document=document.id, at=fetched.at, capture=fetched, reasons=(reason,))


def read_as_today(document: Document, known: Known | Version) -> bool:
    """Whether a version was read by today's extractor with the document's present selectors."""
    return known.extractor == EXTRACTOR and known.reader == document.reader
