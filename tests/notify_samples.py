"""A watchlist with channels, a document's story that is told to them, and a sender with a clock."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.delivery import Delivered, Delivery
from monitor.model import (
    Audience,
    Channel,
    ChannelKind,
    Document,
    LinkFinding,
    LinkFindingKind,
    Product,
    Provider,
    Report,
    Watchlist,
)
from monitor.settings import settings
from monitor.store import Store
from tests.store_samples import START, Story

KEY = "hook-key-93"


def hook(url: str = "http://127.0.0.1:9/hook", **more) -> Channel:
    return Channel(**{"name": "hook", "kind": ChannelKind.WEBHOOK, "url": url, **more})


def watched(*channels: Channel, documents: tuple[str, ...] = ("terms", "privacy")) -> Watchlist:
    """Acme's documents, and an API whose claims rest on its terms."""
    names = [f"acme/{name}" for name in documents]
    return Watchlist(
        providers={"acme": Provider("acme", "Acme")},
        documents={
            name: Document(id=name, provider="acme", type="Terms of Service", url=f"https://acme.test/{name}")
            for name in names
        },
        products={
            "acme/api": Product(
                id="acme/api",
                provider="acme",
                name="Acme API",
                audience=Audience.API,
                documents=("acme/terms",),
            )
        },
        channels={channel.name: channel for channel in channels},
    )


def found(at: datetime, document: str = "acme/terms") -> LinkFinding:
    """That a page links to one more legal document."""
    url = "https://acme.test/subprocessors"
    facts = {"document": document, "at": at, "text": "Subprocessors", "url": url}
    return LinkFinding(kind=LinkFindingKind.NEW, **facts)


@dataclass
class Told(Story):
    """A story that is written into the outbox of the watchlist's channels."""

    watchlist: Watchlist = field(default_factory=watched)

    def tell(self, outcome):
        due = outcome.at + timedelta(hours=12)
        result = self.store.record(outcome, next_check=due, started=outcome.at, watchlist=self.watchlist)
        self.at += timedelta(hours=1)
        return result


@dataclass
class Sender:
    """Sends what waits, at a time that the test says."""

    store: Store
    watchlist: Watchlist
    now: datetime = START + timedelta(days=1)
    secrets: Mapping[str, str] = field(default_factory=dict)
    url: str = ""
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            store=self.store,
            settings=settings(environ={"MONITOR_URL": self.url, **self.more}),
            report=self.report,
            clock=lambda: self.now,
            secret=lambda name: self.secrets.get(name, ""),
        )

    def report(self, changes) -> Report:
        return Report(at=self.now, title="", watchlist=self.watchlist, changes=tuple(changes))

    def send(self, *, after: timedelta = timedelta(0)) -> Delivered:
        self.now += after
        return asyncio.run(self.delivery.deliver(self.watchlist.channels.values()))
