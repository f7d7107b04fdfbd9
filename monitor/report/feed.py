"""Changes as feeds: Atom (RFC 4287) and its twin, JSON Feed 1.1; what is technical or withdrawn stays out.

Ids are tag URIs (RFC 4151) made of what never changes, so a reader sees each change once, also after the
feed or its address was made anew; `updated` depends on the entries alone, so an unchanged feed is the same
bytes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote, urljoin
from xml.etree import ElementTree

from monitor.model import RecordedChange, Report, ReviewState
from monitor.report.html import entry as entry_html
from monitor.report.item import Item, tell
from monitor.report.view import is_held

ATOM = "http://www.w3.org/2005/Atom"
MOST = 100
"""Entries that a feed holds, the newest; a reader that was away longer has the site."""

MINTED = 2026
"""The year in tag URIs: a date on which the authority was its owner's, and fixed for ever."""

NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was updated: always the same, so that it does not look new."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One change as a feed tells it."""

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    summary: str
    content: str  # HTML
    categories: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Feed:
    """Entries under a title; addresses are absolute where the site's own is known."""

    title: str
    authority: str  # the name of the host that vouches for the ids
    path: str  # of this feed without its ending, from the site's root: "feeds/all"
    base: str = ""  # the site's root, with a slash at its end; "" where it is not known
    entries: tuple[Entry, ...] = ()

    @property
    def id(self) -> str:
        return f"tag:{self.authority},{MINTED}:{quote(self.path)}"

    @property
    def updated(self) -> datetime:
        return max((entry.updated for entry in self.entries), default=NEVER)

    def address(self, ending: str) -> str:
        """Where this feed is, in one of its two forms."""
        return urljoin(self.base, self.path + ending)


def feed(report: Report, *, title: str, authority: str, path: str, base: str = "") -> Feed:
    """The feed of a report's changes, newest first; of those that are announced and stand."""
    told = [change for change in report.changes if is_told(change)]
    told.sort(key=lambda change: (change.change.at, change.id), reverse=True)
    entries = tuple(entry(change, report, authority=authority, base=base) for change in told[:MOST])
    return Feed(title=title, authority=authority, path=path, base=base, entries=entries)


def is_told(change: RecordedChange) -> bool:
    """Whether feeds tell a change: confirmed and announced, and not of our own making."""
    judged = change.change
    return judged.confirmed and judged.alert and not judged.source and not is_held(change)


def entry(
    change: RecordedChange, report: Report, *, authority: str, base: str, page: str = "changes/{}.html"
) -> Entry:
    """A change as feeds tell it; `page` is where it is below the site's root, by its number."""
    # What people make of a change is no news of the terms, and would make an entry look new.
    item = tell(replace(change, state=ReviewState.NOTHING, why=""), report)
    at = change.change.at
    return Entry(
        id=f"tag:{authority},{MINTED}:change/{quote(item.document)}/{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
        title=_title(item),
        link=urljoin(base, page.format(change.id)),
        published=at,
        updated=change.reverted_at or at,
        summary=_summary(item),
        content=entry_html(item),
        categories=tuple(f"{verdict.topic}: {verdict.kind}" for verdict in item.verdicts),
    )


def _title(item: Item) -> str:
    said = "; ".join(f"{verdict.topic}: {verdict.says}" for verdict in item.verdicts)
    tags = "".join(f" ({tag})" for tag in item.tags if tag == "reverted")
    return f"{item.title}{tags}: {said or 'changed, nothing flagged'}"


def _summary(item: Item) -> str:
    said = [verdict.summary for finding in item.findings for verdict in finding.verdicts]
    return "; ".join(dict.fromkeys(filter(None, said))) or item.counts


# --- Atom --------------------------------------------------------------------------------------


def atom(feed: Feed) -> str:
    """The feed as Atom."""
    root = ElementTree.Element("feed", xmlns=ATOM)
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", _instant(feed.updated))
    author = ElementTree.SubElement(root, "author")
    _text(author, "name", "tos-monitor")
    if feed.base:
        _link(root, rel="self", type="application/atom+xml", href=feed.address(".atom"))
        _link(root, rel="alternate", type="text/html", href=feed.base)
    for entry in feed.entries:
        _atom_entry(root, entry, linked=bool(feed.base))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _atom_entry(root: ElementTree.Element, entry: Entry, *, linked: bool) -> None:
    element = ElementTree.SubElement(root, "entry")
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "published", _instant(entry.published))
    _text(element, "updated", _instant(entry.updated))
    if linked:
        _link(element, rel="alternate", type="text/html", href=entry.link)
    for category in entry.categories:
        ElementTree.SubElement(element, "category", term=category)
    _text(element, "summary", entry.summary)
    _text(element, "content", entry.content, type="html")


def _text(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    ElementTree.SubElement(parent, name, attributes).text = text


def _link(parent: ElementTree.Element, **attributes: str) -> None:
    ElementTree.SubElement(parent, "link", attributes)


# --- JSON Feed ---------------------------------------------------------------------------------


def json_feed(feed: Feed) -> str:
    """The feed as JSON Feed 1.1, see https://www.jsonfeed.org/version/1.1/."""
    facts: dict[str, object] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "authors": [{"name": "tos-monitor"}],
    }
    if feed.base:
        facts |= {"home_page_url": feed.base, "feed_url": feed.address(".json")}
    facts["items"] = [_json_entry(entry, linked=bool(feed.base)) for entry in feed.entries]
    return json.dumps(facts, ensure_ascii=False, indent=2) + "\n"


def _json_entry(entry: Entry, *, linked: bool) -> dict[str, object]:
    return {
        "id": entry.id,
        **({"url": entry.link} if linked else {}),
        "title": entry.title,
        "summary": entry.summary,
        "content_html": entry.content,
        "date_published": _instant(entry.published),
        "date_modified": _instant(entry.updated),
        "tags": list(entry.categories),
    }


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
