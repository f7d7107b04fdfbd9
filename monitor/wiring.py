"""Builds the parts once from the settings, and puts together what reports are made of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from monitor import ledger
from monitor.claimants import is_gone, this_process
from monitor.errors import MonitorError, StoreFull, StoreLocked, UsageError
from monitor.model import (
    RETENTION,
    TRAINING,
    Audience,
    Block,
    BlockKind,
    CheckResult,
    Document,
    Health,
    Network,
    Product,
    RecordedChange,
    Report,
    Standing,
    Version,
    Watchlist,
)
from monitor.schedule import regular_check
from monitor.settings import Settings
from monitor.statements.languages import is_ruled
from monitor.store import Store
from monitor.watchlist import load_watchlist

# Every part is imported where it is built: together they take a second to load, and a command pays for those
# that it uses. `check --due`, run from cron every few minutes, mostly finds nothing due and uses none.
if TYPE_CHECKING:
    from monitor import check, evidence
    from monitor.asking import Asking
    from monitor.delivery import Delivery
    from monitor.fetch import Fetcher
    from monitor.fetch.ping import Switch
    from monitor.hosts import SharedHosts
    from monitor.publish.facts import Facts
    from monitor.review import Readings
    from monitor.statements.rules import Rules

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Monitor:
    """Everything a command works with, open."""

    settings: Settings
    watchlist: Watchlist
    store: Store
    readings: Readings = field(default_factory=dict, compare=False)
    excepted: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict, compare=False)
    """What the clauses that claims rest on except from them, by (topic, clause)."""

    @cached_property
    def rules(self) -> Rules:
        """The built-in rules and those of the user's files; UsageError where these are not right."""
        from monitor.statements.rules import load_rules

        return load_rules(self.settings.rules)

    @property
    def topics(self) -> tuple[str, ...]:
        """What the rules are about."""
        return tuple(self.rules.topics) if self.settings.rules else (TRAINING, RETENTION)

    def select(self, names: Iterable[str]) -> tuple[Document, ...]:
        """The documents meant by "provider" and "provider/document"; all of them when none is named."""
        documents = self.watchlist.documents
        chosen: dict[str, Document] = {}
        for name in names:
            found = {key: one for key, one in documents.items() if name in (key, one.provider)}
            if not found:
                raise UsageError(self._unknown(name, documents))
            chosen |= found
        return tuple((chosen or documents).values())

    def products(self, names: Iterable[str]) -> frozenset[str]:
        """The product paths meant by "provider" and "provider/product"; all of them when none is named."""
        products, names = self.watchlist.products, frozenset(names)
        for name in names - products.keys() - self.watchlist.providers.keys():
            raise UsageError(self._unknown(name, products))
        return frozenset(key for key, one in products.items() if not names or names & {key, one.provider})

    def _unknown(self, name: str, among: Mapping[str, Document] | Mapping[str, Product]) -> str:
        provider = name.partition("/")[0]
        known = [key for key, one in among.items() if one.provider == provider]
        known = known or sorted(self.watchlist.providers)
        return f'"{name}" is not in {self.settings.watchlist}; there is: {", ".join(known)}'

    def standings(self, now: datetime) -> dict[tuple[str, str], Standing]:
        """Where every claim stands now, by (product, topic)."""
        return ledger.standings(self.watchlist, self.store.answers(), self.store.doubts(), now, self.topics)

    def _standings_of(
        self, products: frozenset[str] | None, now: datetime
    ) -> dict[tuple[str, str], Standing]:
        found = self.standings(now)
        return {key: one for key, one in found.items() if products is None or one.product.id in products}

    def report(
        self,
        title: str,
        *,
        results: Iterable[CheckResult] = (),
        changes: Iterable[RecordedChange] = (),
        documents: Iterable[Document] = (),
        products: frozenset[str] | None = None,
    ) -> Report:
        """A report on a run's results or on recorded changes, with the health of these documents.

        `products` narrows the claims to these.
        """
        now = clock()
        results = tuple(results)
        found = (*(result.change for result in results if result.change), *changes)
        return Report(
            at=now,
            title=title,
            watchlist=self.watchlist,
            results=results,
            changes=found,
            health=self._health(documents),
            standings=self._standings_of(products, now),
            links=tuple(found for result in results for found in result.links),
            options=self.settings.options,
        )

    def _health(self, documents: Iterable[Document]) -> tuple[Health, ...]:
        """How the watching of each goes, and which of them no rules can read."""
        known = {document.id: document for document in documents}
        found = self.store.health(list(known))
        told = self._tell_languages(
            one.version for one in found if one.language is None and not known[one.document].language
        )
        languages = (
            known[one.document].language or one.language or told.get(one.version, "") for one in found
        )
        unread = ("" if self._understands(language) else language for language in languages)
        return tuple(replace(one, unread=language) for one, language in zip(found, unread, strict=True))

    def _tell_languages(self, versions: Iterable[int]) -> dict[int, str]:
        """The languages of versions that were not asked for before; they are kept."""
        wanted = tuple(versions)
        if not wanted:
            return {}
        from monitor import judge
        from monitor.guard.language import language_of

        told = {number: language_of(judge.page_text(self.store.version(number))) for number in wanted}
        # Who may only read, or reads while another writes, tells them again the next time.
        with suppress(StoreFull, StoreLocked):
            self.store.keep_languages(told)
        return told

    def _understands(self, language: str) -> bool:
        return self.rules.understands(language) if language and self.settings.rules else is_ruled(language)

    def reading(self, document: Document) -> evidence.Reading:
        """The statements of a document's current version, as a check reads them."""
        from monitor.review import Review

        return Review(self.watchlist, self.rules, self.store, self.readings).reading(document)

    def current(self, document: Document) -> Version | None:
        """A document's current version with its text; None before there is one."""
        known = self.store.known(document.id)
        return self.store.version(known.version_id) if known else None


def facts(
    monitor: Monitor,
    *,
    changes: Iterable[RecordedChange] = (),
    documents: Iterable[str] = (),
    title: str = "",
) -> Facts:
    """What is published as it stands now, with these changes, and the versions of these documents."""
    from monitor.publish.facts import TITLE, Facts

    now, watchlist, store = clock(), monitor.watchlist, monitor.store
    standings = monitor.standings(now)
    pinned = [one for one in standings.values() if one.evidence]
    return Facts(
        report=Report(
            at=now,
            title=title or TITLE,
            watchlist=watchlist,
            changes=tuple(changes),
            health=store.health(list(watchlist.documents)),
            standings=standings,
        ),
        versions={name: store.versions(name) for name in documents},
        pinned=store.version_infos({one.evidence.version or 0 for one in pinned if one.evidence}),
        exceptions={(one.product.id, one.topic): _exceptions(one, monitor) for one in pinned},
        title=title or TITLE,
    )


def _exceptions(standing: Standing, monitor: Monitor) -> tuple[str, ...]:
    """What the clause that a claim is pinned to excepts from it; not whom it addresses with that."""
    from monitor import evidence

    key = standing.topic, standing.evidence.evidence if standing.evidence else ""
    if key not in monitor.excepted:
        clause = (Block(BlockKind.PARAGRAPH, key[1]),)
        said = evidence.read("", clause, monitor.rules).on(standing.topic)
        found = dict.fromkeys(exception for one in said for exception in one.exceptions)
        monitor.excepted[key] = tuple(one for one in found if one not in list(Audience))
    return monitor.excepted[key]


def clock() -> datetime:
    """Now, in UTC."""
    return datetime.now(UTC)


@contextmanager
def open_monitor(settings: Settings) -> Iterator[Monitor]:
    """Read the watchlist and rules of one's own, open the database, and free what killed runs had claimed."""
    watchlist = _as_written(settings)
    with Store.open(settings.database, now=clock()) as store:
        free_claims(store)
        keep_published(store, watchlist)
        yield Monitor(settings=settings, watchlist=watchlist, store=store)


def _as_written(settings: Settings) -> Watchlist:
    """The watchlist as its file says now; UsageError for a mistake there or in rules of one's own."""
    watchlist = load_watchlist(settings.watchlist)
    if settings.rules:
        from monitor.statements.rules import load_topic

        for file in settings.rules:
            load_topic(file)
    return watchlist


def keep_published(store: Store, watchlist: Watchlist) -> None:
    """Keep what the watchlist claims now, so that the history of a claim begins with it."""
    try:
        store.publish(ledger.published(watchlist), clock())
    except (StoreFull, StoreLocked):
        # Who may only read, or reads while another writes, leaves that to the next run.
        return


def free_claims(store: Store) -> None:
    """Let go of documents claimed by processes that were killed; for use before any check of our own."""
    here = this_process()
    for document, by in store.claims().items():
        if by == str(here) or is_gone(by, here):
            store.release(document, by=by)


def reread(monitor: Monitor) -> Monitor | None:
    """The monitor with the watchlist as its file says now; None, and a line in the log, for a broken one."""
    try:
        watchlist = _as_written(monitor.settings)
        bring_forward(monitor.store, watchlist)
        keep_published(monitor.store, watchlist)
    except MonitorError as error:
        log.error("watchlist not reloaded, the old one stays", extra={"error": str(error)})
        return None
    log.info("watchlist reloaded", extra={"documents": len(watchlist.documents)})
    return replace(monitor, watchlist=watchlist)


def bring_forward(store: Store, watchlist: Watchlist) -> None:
    """Let an interval that was shortened since the last check count at once, not after the next check."""
    sooner = {}
    for name, last, planned in store.planned():
        document = watchlist.documents.get(name)
        if document and (due := regular_check(document, last)) < planned:
            sooner[name] = due
    store.reschedule(sooner)


@asynccontextmanager
async def opinions(monitor: Monitor) -> AsyncIterator[Asking | None]:
    """What asks for second opinions; None where no endpoint is named, and then nothing is ever sent."""
    chosen = monitor.settings
    if not chosen.opinion_url:
        yield None
        return
    from monitor.asking import Asking
    from monitor.fetch.opinion import Adviser, Endpoint

    endpoint = Endpoint(
        url=chosen.opinion_url, key=chosen.opinion_key, seconds=chosen.opinion_seconds, ca_file=chosen.ca_file
    )
    async with Adviser(endpoint) as adviser:
        asking = Asking(adviser, chosen.opinion_model, monitor.store, clock)
        try:
            yield asking
        finally:
            await asking.finish(0)


def delivery(monitor: Monitor) -> Delivery:
    """What sends the messages that wait in the outbox."""
    from monitor.delivery import Delivery

    return Delivery(
        store=monitor.store,
        settings=monitor.settings,
        report=lambda changes: monitor.report("", changes=changes),
        clock=clock,
    )


def switch(settings: Settings) -> Switch | None:
    """The dead-man's switch that is told of every round; None where none is named."""
    if not settings.ping_url:
        return None
    from monitor.fetch.ping import Switch

    return Switch(url=settings.ping_url, proxy=settings.proxy, ca_file=settings.ca_file)


def open_fetcher(
    settings: Settings,
    *,
    per_host: int,
    delay: timedelta,
    allow_addresses: tuple[Network, ...],
    shared: SharedHosts | None = None,
) -> Fetcher:
    """The one way out, as the settings say; a context manager. With `shared`, other machines ask in turn."""
    from monitor.fetch import Fetcher, limits_within

    return Fetcher(
        per_host=per_host,
        delay=delay,
        allow_addresses=allow_addresses,
        proxy=settings.proxy,
        contact=settings.contact,
        ca_file=settings.ca_file,
        browser=settings.browser,
        limits=limits_within(settings.fetch_seconds),
        shared=shared,
    )


@asynccontextmanager
async def parts(monitor: Monitor) -> AsyncIterator[check.Parts]:
    """The parts of a check, with a fetcher that is closed afterwards."""
    from monitor import check
    from monitor.hosts import SharedHosts

    watchlist = monitor.watchlist
    async with open_fetcher(
        monitor.settings,
        per_host=watchlist.per_host,
        delay=watchlist.delay,
        allow_addresses=watchlist.allow_addresses,
        shared=SharedHosts(monitor.store) if monitor.store.shared else None,
    ) as fetcher:
        yield check.Parts(
            watchlist=monitor.watchlist,
            rules=lambda: monitor.rules,
            store=monitor.store,
            fetch=fetcher.fetch,
            clock=clock,
            pause=asyncio.sleep,
            claimant=str(this_process()),
        )
