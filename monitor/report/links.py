"""Links as tables: what changed between two texts, and which legal documents a page links to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from monitor.links import LegalLink, type_of, watched
from monitor.links.compare import LinkChange
from monitor.model import Link, SeenLink, Watchlist
from monitor.report import html, markdown, terminal_tables
from monitor.report.json import SCHEMA, Json, dumped, instant
from monitor.report.tables import NONE, Row, Table
from monitor.report.wording import short, visible


@dataclass(frozen=True, kw_only=True)
class Links:
    """What is asked about links; None for what is not."""

    title: str
    at: datetime
    watchlist: Watchlist
    changed: tuple[LinkChange, ...] | None = None  # between two texts
    named: tuple[LegalLink, ...] | None = None  # the legal documents that the later one links to
    seen: tuple[tuple[str, SeenLink], ...] | None = None  # by document, as the looks went


def as_terminal(links: Links, *, width: int = 80, colour: bool = False) -> str:
    return terminal_tables.listing(_tables(links), width=width, colour=colour)


def as_markdown(links: Links) -> str:
    return markdown.listing(_tables(links))


def as_html(links: Links) -> str:
    return html.listing(_tables(links), links.title, links.at)


def as_json(links: Links) -> str:
    """{"schema", "at", and of what was asked for: "changed": [{"kind", "before", "after"} …],

    "linked": [{"text", "url", "type", "watched"} …], or with "document", "first_seen", "state"}; a link
    in `before` and `after` is {"text", "url"} or null, `watched` is an id or null.
    """
    found: Json = {"schema": SCHEMA, "at": instant(links.at)}
    if links.changed is not None:
        found["changed"] = [
            {"kind": one.kind, "before": _side(one.before), "after": _side(one.after)}
            for one in links.changed
        ]
    if links.named is not None:
        found["linked"] = [
            {"text": one.text, "url": one.url, "type": one.type, "watched": _watched(one.url, links)}
            for one in links.named
        ]
    if links.seen is not None:
        found["linked"] = [_seen(document, one, links) for document, one in links.seen]
    return dumped(found)


def _tables(links: Links) -> tuple[Table, ...]:
    tables: list[Table] = []
    if links.changed is not None:
        tables.append(_changed(links.changed))
    if links.named is not None:
        tables.append(_named(links.named, links.watchlist))
    if links.seen is not None:
        tables.append(_seen_by_document(links.seen, links.watchlist))
    return tuple(tables)


def _changed(changed: Iterable[LinkChange]) -> Table:
    return Table(
        title="Changed links",
        columns=("what", "words", "before", "after"),
        rows=tuple(_row((one.kind, _words(one), _target(one.before), _target(one.after))) for one in changed),
        empty="No link changed its words or its target.",
    )


def _named(named: Iterable[LegalLink], watchlist: Watchlist) -> Table:
    rows = ((one.text, one.url, one.type, watched(one.url, watchlist) or NONE) for one in named)
    return _linked(("name", "address", "type", "watched as"), rows)


def _seen_by_document(seen: Iterable[tuple[str, SeenLink]], watchlist: Watchlist) -> Table:
    rows = (
        (document, one.text, one.url, short(one.first_seen), _state(one), watched(one.url, watchlist) or NONE)
        for document, one in seen
    )
    return _linked(("document", "links to", "address", "first seen", "state", "watched as"), rows)


def _linked(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Table:
    return Table(
        title="Linked legal documents",
        columns=columns,
        rows=tuple(map(_row, rows)),
        empty="No links to other legal documents.",
    )


def _row(cells: tuple[str, ...]) -> Row:
    return Row(tuple(map(visible, cells)))


def _words(change: LinkChange) -> str:
    return " → ".join(dict.fromkeys(link.text for link in (change.before, change.after) if link))


def _target(link: Link | None) -> str:
    return link.url if link else NONE


def _side(link: Link | None) -> Json | None:
    return {"text": link.text, "url": link.url} if link else None


def _watched(url: str, links: Links) -> str | None:
    return watched(url, links.watchlist) or None


def _state(link: SeenLink) -> str:
    if link.settled:
        return "linked" if link.present else f"not seen since {short(link.since)}"
    return "seen once" if link.present else f"vanished {short(link.vanished_at)}"


def _seen(document: str, link: SeenLink, links: Links) -> Json:
    return {
        "document": document,
        "text": link.text,
        "url": link.url,
        "type": type_of(Link(link.text, link.url)),
        "watched": _watched(link.url, links),
        "first_seen": instant(link.first_seen),
        "state": _state(link),
    }
