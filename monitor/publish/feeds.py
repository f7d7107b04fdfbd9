"""Which feeds there are: all changes, those of each provider, and those of each product path.

    feeds/all     feeds/PROVIDER     feeds/PROVIDER/PRODUCT     each as .atom and as .json (JSON Feed)

A provider that is itself called "all" has no feed of its own. The feed of a product path also has the changes
of the documents of the paths that it depends on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.model import RecordedChange
from monitor.publish.facts import Facts, documents_of
from monitor.report.feed import MOST, Entry, Feed, atom, entry, json_feed
from monitor.report.wording import visible

ALL = "feeds/all"
FORMS = {".atom": atom, ".json": json_feed}
"""Each form of a feed."""

PAGE = "changes/{}.html"
"""Where a change is on a site, below its root."""


def all_feeds(facts: Facts) -> dict[str, str]:
    """Every feed in both forms, by its address."""
    changes = facts.changes
    made: dict[int, Entry] = {}
    found: dict[str, str] = {}
    for name in names(facts):
        feed = _feed(name, within(name, changes, facts), facts, PAGE, made)
        found |= {f"{name}{ending}": form(feed) for ending, form in FORMS.items()}
    return found


def names(facts: Facts) -> Iterator[str]:
    """The address of every feed without its ending."""
    yield ALL
    watchlist = facts.report.watchlist
    yield from (f"feeds/{provider}" for provider in watchlist.providers if provider != "all")
    yield from (f"feeds/{product}" for product in watchlist.products)


def feed(name: str, facts: Facts, page: str = PAGE) -> Feed | None:
    """One feed by its address without ending; None where there is no such feed."""
    if name not in names(facts):
        return None
    return _feed(name, within(name, facts.changes, facts), facts, page, {})


def documents(name: str, facts: Facts) -> tuple[str, ...] | None:
    """The documents whose changes a feed tells; None for all."""
    scope = name.removeprefix("feeds/")
    watchlist = facts.report.watchlist
    if name == ALL:
        return None
    if scope in watchlist.products:
        return documents_of(watchlist.products[scope], watchlist)
    return tuple(one.id for one in watchlist.documents.values() if one.provider == scope)


def within(name: str, changes: Iterable[RecordedChange], facts: Facts) -> Iterator[RecordedChange]:
    """Those of these changes that a feed tells."""
    asked = documents(name, facts)
    told = None if asked is None else frozenset(asked)
    return (change for change in changes if told is None or change.change.document in told)


def _feed(
    name: str, changes: Iterable[RecordedChange], facts: Facts, page: str, made: dict[int, Entry]
) -> Feed:
    """A feed of the newest changes; `made` keeps entries, which are the same in every feed."""
    entries = []
    for change, _ in zip(changes, range(MOST), strict=False):
        if change.id not in made:
            made[change.id] = entry(
                change, facts.report, authority=facts.authority, base=facts.url, page=page
            )
        entries.append(made[change.id])
    return Feed(
        title=title(name, facts),
        authority=facts.authority,
        path=name,
        base=facts.url,
        entries=tuple(entries),
    )


def title(name: str, facts: Facts) -> str:
    """What a feed is called."""
    scope = name.removeprefix("feeds/")
    watchlist = facts.report.watchlist
    if name == ALL:
        return f"{visible(facts.title)}: changes"
    if scope in watchlist.products:
        return f"{visible(watchlist.products[scope].name)}: changes of its terms"
    return f"{visible(watchlist.providers[scope].name)}: changes of its terms"
