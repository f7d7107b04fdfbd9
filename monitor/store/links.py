"""The legal documents that each page links to, and what was told about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update

from monitor.model import LinkFinding, LinkFindingKind, SeenLink, SeenLinks
from monitor.store.rows import among
from monitor.store.tables import documents, link_findings, seen_links

_READER = select(documents.c.links_reader).where(documents.c.id == bindparam("document"))
_LINKS = select(seen_links).where(seen_links.c.document == bindparam("document")).order_by(seen_links.c.id)

waiting = exists().where(
    seen_links.c.document == bindparam("document"), seen_links.c.present != seen_links.c.settled
)
"""Whether a link of the document was seen, or missed, by one look only."""


def seen(connection: Connection, document: str) -> SeenLinks | None:
    """What the looks at a document's links came to; None before the first was recorded."""
    reader = connection.execute(_READER, {"document": document}).scalar_one_or_none()
    if reader is None:
        return None
    rows = connection.execute(_LINKS, {"document": document})
    links = (
        SeenLink(
            text=row.text,
            url=row.url,
            first_seen=row.first_seen,
            since=row.since,
            present=row.present,
            settled=row.settled,
            vanished_at=row.vanished_at,
        )
        for row in rows
    )
    return SeenLinks(reader=reader, links=tuple(links))


def keep(connection: Connection, document: str, links: SeenLinks) -> None:
    """Put what one more look came to in the place of what was known; nothing is written where it is equal."""
    if links == seen(connection, document):
        return
    connection.execute(delete(seen_links).where(seen_links.c.document == document))
    if links.links:
        connection.execute(insert(seen_links), [{"document": document, **vars(link)} for link in links.links])
    connection.execute(update(documents).where(documents.c.id == document).values(links_reader=links.reader))
    if links.findings:
        connection.execute(insert(link_findings), [vars(finding) for finding in links.findings])


def findings(
    connection: Connection, document_ids: Sequence[str], since: datetime | None
) -> tuple[LinkFinding, ...]:
    """What was found about the links of these documents since then, oldest first."""
    query = select(link_findings).where(among(connection, link_findings.c.document, document_ids))
    if since is not None:
        query = query.where(link_findings.c.at >= since)
    return tuple(
        LinkFinding(
            document=row.document,
            at=row.at,
            kind=LinkFindingKind(row.kind),
            text=row.text,
            url=row.url,
            former_url=row.former_url,
        )
        for row in connection.execute(query.order_by(link_findings.c.id))
    )
