"""What is published, before any form: the ledger as a report, with what goes beside it on a site."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from monitor.model import (
    RETENTION,
    TRAINING,
    Product,
    RecordedChange,
    Report,
    Standing,
    VersionInfo,
    Watchlist,
)
from monitor.report.feed import is_told

TITLE = "What AI providers do with what they are sent"

AUTHORITY = "tos-monitor.invalid"
"""Vouches for the ids of entries where no site is known: a name that can be nobody's (RFC 2606)."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What a site is made of; `report` has every claim, the changes, and the health of every document."""

    report: Report
    versions: Mapping[str, tuple[VersionInfo, ...]] = field(default_factory=dict)  # by document, oldest first
    pinned: Mapping[int, VersionInfo] = field(default_factory=dict)  # those that claims rest on, by number
    exceptions: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    """By (product, topic): those that the clause names on which the claim rests."""
    title: str = TITLE
    url: str = ""  # where it is read, with a slash at its end; "" where that is not known
    host: str = ""  # that vouches for the ids of entries, where the watchlist names no site

    @property
    def authority(self) -> str:
        """The host vouching for the ids of entries: the watchlist's, so that they are everywhere the same."""
        return urlsplit(self.report.watchlist.site).hostname or self.host or AUTHORITY

    @property
    def as_of(self) -> datetime | None:
        """When what is published was last looked at or answered for: equal facts give equal bytes."""
        checked = [one.last_check for one in self.report.health if one.last_check]
        answered = [one.answer.at for one in self.report.standings.values() if one.answer]
        return max([*checked, *answered], default=None)

    @property
    def topics(self) -> tuple[str, ...]:
        """Training and retention, then those of rule files of one's own."""
        return tuple(dict.fromkeys((TRAINING, RETENTION, *(topic for _, topic in self.report.standings))))

    @property
    def products(self) -> tuple[Product, ...]:
        """Every product path, by provider as the watchlist has them."""
        watchlist = self.report.watchlist
        order = list(watchlist.providers)
        return tuple(sorted(watchlist.products.values(), key=lambda product: order.index(product.provider)))

    @property
    def changes(self) -> tuple[RecordedChange, ...]:
        """The changes that are announced, confirmed, and not of our own making; newest first."""
        told = filter(is_told, self.report.changes)
        return tuple(sorted(told, key=lambda change: (change.change.at, change.id), reverse=True))

    def standing(self, product: str, topic: str) -> Standing | None:
        """Where a claim stands; None where that topic is not asked about."""
        return self.report.standings.get((product, topic))

    def evidence(self, standing: Standing) -> tuple[VersionInfo | None, str]:
        """The version and the clause that a claim is pinned to; None and "" where it is to none."""
        answer = standing.evidence
        if answer is None:
            return None, ""
        return self.pinned.get(answer.version or 0), answer.evidence


def above(product: Product, watchlist: Watchlist) -> Iterator[Product]:
    """The product paths that this one depends on, directly or through others, nearest first."""
    edge, seen = list(product.depends_on), {product.id}
    while edge:
        name = edge.pop(0)
        if name in seen:
            continue
        seen.add(name)
        yield watchlist.products[name]
        edge += watchlist.products[name].depends_on


def documents_of(product: Product, watchlist: Watchlist) -> tuple[str, ...]:
    """The documents that decide a product path's position, those of the paths it depends on last."""
    found = (document for one in (product, *above(product, watchlist)) for document in one.documents)
    return tuple(dict.fromkeys(found))
