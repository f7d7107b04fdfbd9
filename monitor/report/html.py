"""Reports as one self-contained HTML page: no scripts, nothing loaded, all page text escaped."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor.model import Report
from monitor.report import positions_view, tables
from monitor.report.item import Item, tell
from monitor.report.positions_view import Explained, Listing
from monitor.report.view import View, ordered, view
from monitor.report.wording import instant

LINKABLE = re.compile(r"https?://[^\s\"<>]+", re.IGNORECASE)


def report(report: Report) -> str:
    """A report as a page to read, to keep and to print."""
    return page("report.html", view=view(report))


def show(report: Report) -> str:
    """Every change of the report in full, with all its clauses."""
    items = [tell(change, report, in_full=True) for change in ordered(report)]
    return page("show.html", items=items, title=_title(items))


def status(report: Report) -> str:
    """The table of positions, and the health of every document."""
    found = (tables.positions(report), tables.health(report))
    return page("tables.html", tables=found, title="Status", at=report.at)


def claims(report: Report) -> str:
    """Every published claim and where it stands."""
    return page("tables.html", tables=(tables.claims(report),), title="Claims", at=report.at)


def changes(report: Report) -> str:
    """One row a change."""
    return page("tables.html", tables=(tables.changes(report),), title="Changes", at=report.at)


def entry(item: Item) -> str:
    """One change as a fragment for feeds."""
    return page("entry.html", item=item)


def message(view: View, **facts: object) -> str:
    """What a channel is sent, as a page for mail programs."""
    return page("message.html", view=view, **facts)


def statements(listing: Listing) -> str:
    """The statements of a text, with the words that made the rules fire."""
    return page("statements.html", found=positions_view.listing(listing))


def explained(explained: Explained) -> str:
    """The claims of a product path beside the texts of its documents."""
    return page("explained.html", found=positions_view.explained(explained))


def opinions(report: Report) -> str:
    """The second opinions on the changes of a report."""
    items = [tell(change, report) for change in ordered(report)]
    return page("opinions.html", items=items, title=_title(items))


def listing(found: Iterable[tables.Table], title: str, at: datetime) -> str:
    """Tables one below the other."""
    return page("tables.html", tables=tuple(found), title=title, at=at)


def _title(items: list[Item]) -> str:
    if len(items) == 1 and items[0].number:
        return f"Change {items[0].number}: {items[0].title}"
    return items[0].title if len(items) == 1 else "Changes"


def page(template: str, **facts: object) -> str:
    """A template of this room with these facts."""
    return _environment().get_template(template).render(facts)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("monitor.report"),
        autoescape=select_autoescape(["html"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["linkable"] = _linkable
    environment.filters["instant"] = instant
    return environment


def _linkable(url: str) -> bool:
    """Whether a page's address may be followed: no javascript:, no data:."""
    return bool(LINKABLE.fullmatch(url))
