"""The watchlist file: TOML text -> providers, documents, products and claims, all mistakes at once."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from graphlib import CycleError, TopologicalSorter
from importlib import resources
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from monitor import toml_lines
from monitor.errors import UsageError, WatchlistError
from monitor.model import (
    RETENTION,
    TRAINING,
    Channel,
    Claim,
    Confirm,
    Document,
    Keep,
    Network,
    Product,
    Provider,
    Render,
    Schedule,
    Watchlist,
)
from monitor.watchlist.form import (
    EXAMPLES,
    POSITIONS,
    CheckForm,
    ClaimForm,
    DefaultsForm,
    DocumentForm,
    Form,
    Names,
    ProductForm,
    ProviderForm,
    TopForm,
    network,
)
from monitor.watchlist.mistakes import Mistake, explained, messages, shown, syntax_mistake
from monitor.watchlist.spelling import is_slug, nearest, slug_like

__all__ = [
    "POSITIONS",
    "load_watched",
    "load_watchlist",
    "nearest",
    "parse_networks",
    "parse_watchlist",
    "remarks",
    "shipped_watchlist",
]

_Form = TypeVar("_Form", bound=Form)
_Table = dict[str, Any]
_CLAIM = '{ position = "no", verified = 2026-05-05, source = "…" }'


def load_watchlist(path: Path) -> Watchlist:
    """The watchlist in a file; WatchlistError with every mistake, or why it cannot be read."""
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        remedy = "run `tos-monitor init` to begin with the shipped one, or name yours with --watchlist FILE"
        raise WatchlistError((f"{path}: there is no such file; {remedy}",)) from error
    except OSError as error:
        raise WatchlistError((f"{path}: cannot be read: {error.strerror}",)) from error
    try:
        return parse_watchlist(data.decode("utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise WatchlistError((f"{path}:{line}: the file is not UTF-8; save it as UTF-8",)) from error


def load_watched(path: Path, *, required: bool) -> Watchlist:
    """What a watchlist to append to watches: nothing where there is no file yet and none is required.

    Nothing as well where it holds no entry: a shell has made it for `>> watchlist.toml` before we begin.
    """
    try:
        nothing = not path.read_bytes().strip()
    except FileNotFoundError:
        nothing = not required
    except OSError:
        nothing = False  # which is told below
    if nothing:
        return Watchlist(providers={}, documents={}, products={})
    return load_watchlist(path)


def parse_watchlist(text: str, name: str = "watchlist.toml") -> Watchlist:
    """The watchlist that a TOML text describes; WatchlistError with every mistake in it."""
    try:
        reading = _Reading(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise WatchlistError((syntax_mistake(error, text, name),)) from error
    watchlist = reading.watchlist()
    if reading.mistakes:
        raise WatchlistError(messages(reading.mistakes, toml_lines.lines(text), name))
    return watchlist


def parse_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """The networks that these texts name; UsageError for what is none, or needs no word to be reached."""
    return tuple(_network(text) for text in texts)


def shipped_watchlist() -> str:
    """The text of the watchlist that comes with the program."""
    installed = resources.files("monitor").joinpath("data", "watchlist.toml")
    if installed.is_file():
        return installed.read_text("utf-8")
    return Path(__file__).parents[2].joinpath("watchlist.toml").read_text("utf-8")


def remarks(watchlist: Watchlist) -> tuple[str, ...]:
    """What is allowed but hardly meant: documents that read the same part of the same page."""
    seen: dict[tuple[str, str, str], str] = {}
    found = []
    for document in watchlist.documents.values():
        first = seen.setdefault((document.url, document.reader, document.language), document.id)
        if first != document.id:
            found.append(f"{first} and {document.id} read the same page; keep one, or give each a select")
    return tuple(found)


# --- reading -------------------------------------------------------------------------------------


class _Reading:
    """Goes through the tables and gathers every mistake on the way."""

    def __init__(self, raw: _Table) -> None:
        self.raw = raw
        self.mistakes: list[Mistake] = []
        self.providers = _tables(raw, "providers")
        self.names = Names(documents=self.ids("documents"), products=self.ids("products"))
        own = _texts(_tables(raw, "defaults").get("topics"))
        named = (TRAINING, RETENTION, *(topic for topic in own if topic not in ProductForm.model_fields))
        self.topics = tuple(dict.fromkeys(named))

    def ids(self, kind: str) -> frozenset[str]:
        return frozenset(
            f"{provider}/{slug}"
            for provider, table in self.providers.items()
            if isinstance(table, dict)
            for slug in _tables(table, kind)
            if "/" not in provider + slug
        )

    def wrong(self, table: toml_lines.Path, key: toml_lines.Path, text: str) -> None:
        self.mistakes.append(Mistake(table, key, text))

    def form(
        self, form: type[_Form], raw: object, path: toml_lines.Path, names: Names | None = None
    ) -> _Form | None:
        """The table at that path, or None after noting what is wrong with it."""
        if not isinstance(raw, dict):
            self.wrong(path[:-1], path[-1:], f"{path[-1]} = {shown(raw)} is not a table; write a [section]")
            return None
        try:
            return form.model_validate(raw, context=names)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                self.wrong(path, detail["loc"], explained(form, detail, self.topics))
        return None

    def watchlist(self) -> Watchlist:
        """What the tables say; to be used only when there are no mistakes."""
        self.form(TopForm, self.raw, ())
        defaults = self.defaults()
        providers: dict[str, Provider] = {}
        documents: list[Document] = []
        products: list[Product] = []
        for slug, table in self.providers.items():
            path = ("providers", slug)
            self.slug(path, "providers")
            if (form := self.form(ProviderForm, table, path)) is None:
                form = ProviderForm()
            providers[slug] = Provider(slug, form.name or slug)
            if isinstance(table, dict):
                documents += self.documents(table, path, defaults)
                products += self.products(table, path)
        self.cycles()
        return Watchlist(
            providers=providers,
            documents={document.id: document for document in documents},
            products={product.id: product for product in products},
            per_host=defaults.per_host,
            delay=defaults.delay,
            allow_addresses=defaults.allow_addresses,
            expires_after=defaults.expires_after,
            site=defaults.site,
            channels={found.name: found for found in self.channels()},
        )

    def slug(self, path: toml_lines.Path, kind: str) -> None:
        name = str(path[-1])
        if not is_slug(name):
            remedy = f"write small letters, digits and hyphens: {slug_like(name)}"
            self.wrong(path[:-1], path[-1:], f'"{name}" cannot be an id in {kind}; {remedy}')

    def defaults(self) -> DefaultsForm:
        raw = _tables(self.raw, "defaults")
        self.one_rhythm(raw, ("defaults",))
        return self.form(DefaultsForm, raw, ("defaults",)) or DefaultsForm()

    def one_rhythm(self, raw: _Table, path: toml_lines.Path) -> None:
        if "every" in raw and "cron" in raw:
            self.wrong(path, ("cron",), "every and cron are both given; keep the one that you mean")

    def documents(
        self, provider: _Table, path: toml_lines.Path, defaults: DefaultsForm
    ) -> Iterator[Document]:
        fallback = _schedule(defaults, Schedule())
        for slug, raw in _tables(provider, "documents").items():
            table = (*path, "documents", slug)
            self.slug(table, "documents")
            form = self.form(DocumentForm, raw, table)
            if isinstance(raw, dict):
                self.one_rhythm(raw, table)
            if form is None:
                continue
            document = _document(f"{path[-1]}/{slug}", form, defaults, _schedule(form, fallback))
            if form.timezone and document.schedule.cron is None:
                self.wrong(table, ("timezone",), 'timezone is for cron only; write cron = "0 6 * * *" too')
            yield document

    def products(self, provider: _Table, path: toml_lines.Path) -> Iterator[Product]:
        names = replace(self.names, provider=str(path[-1]))
        for slug, raw in _tables(provider, "products").items():
            table = (*path, "products", slug)
            self.slug(table, "products")
            if not isinstance(raw, dict):
                self.form(ProductForm, raw, table)
                continue
            own = {key: value for key, value in raw.items() if key not in self.topics}
            form = self.form(ProductForm, own, table, names)
            claims = tuple(self.claims(raw, table))
            if form is not None:
                yield _product(f"{path[-1]}/{slug}", form, claims)

    def claims(self, product: _Table, path: toml_lines.Path) -> Iterator[Claim]:
        """The published positions of a product path: one table a topic, or several that disagree."""
        for topic in self.topics:
            published = product.get(topic, [])
            several = isinstance(published, list)
            for index, raw in enumerate(published if several else [published]):
                table = (*path, topic, index) if several else (*path, topic)
                if not isinstance(raw, dict):
                    text = f"{topic} = {shown(raw)} is not a claim; write {topic} = {_CLAIM}"
                    self.wrong(path, table[len(path) :], text)
                    continue
                self.period(raw, table)
                form = self.form(ClaimForm, raw, table, Names(topic=topic))
                if form is not None:
                    yield _claim(f"{path[1]}/{path[3]}", topic, form)

    def period(self, raw: _Table, path: toml_lines.Path) -> None:
        position = raw.get("position")
        if position == "period" and "period" not in raw:
            self.wrong(path, ("position",), f"period is missing; write {EXAMPLES['period']}")
        if position != "period" and isinstance(position, str) and "period" in raw:
            remedy = 'write position = "period" or leave period out'
            self.wrong(path, ("period",), f'period goes with position = "period" only; {remedy}')

    def channels(self) -> Iterator[Channel]:
        tables = _tables(self.raw, "notify")
        if not tables:
            return
        from monitor.watchlist.channels import (  # noqa: PLC0415  10 ms at every start, where nobody is told
            FORMS,
            KindForm,
            channel,
            conflicts,
        )

        providers = frozenset(self.providers)
        names = replace(self.names, providers=providers, topics=frozenset(self.topics))
        for slug, raw in tables.items():
            path = ("notify", slug)
            self.slug(path, "notify")
            if (kind := self.form(KindForm, raw, path)) is None:
                continue
            if (form := self.form(FORMS[kind.kind], raw, path, names)) is None:
                continue
            for key, text in conflicts(form):
                self.wrong(path, (key,), text)
            yield channel(slug, form)

    def cycles(self) -> None:
        above = {product: set(self.above(product)) for product in sorted(self.names.products)}
        while cycle := _cycle(above):
            chain = " -> ".join(cycle)
            provider, slug = cycle[0].split("/")
            table = ("providers", provider, "products", slug)
            self.wrong(table, ("depends_on",), f"depends_on goes in a circle: {chain}; take one of them out")
            above[cycle[0]].discard(cycle[1])

    def above(self, product: str) -> Iterator[str]:
        """The product paths that this one names as those it depends on."""
        provider, _, slug = product.partition("/")
        raw = _tables(_tables(self.providers[provider], "products"), slug)
        for name in _texts(raw.get("depends_on")):
            path = name if "/" in name else f"{provider}/{name}"
            if path in self.names.products:
                yield path


def _texts(value: object) -> tuple[str, ...]:
    """The texts in what should be a list of them or a single one."""
    listed = value if isinstance(value, list) else [value]
    return tuple(text for text in listed if isinstance(text, str))


def _network(text: str) -> Network:
    try:
        return network(text)
    except PydanticCustomError as error:
        raise UsageError(f'the address "{text}" {error.message()}') from error


def _tables(table: _Table, key: str) -> _Table:
    """The tables under a key; none when something else stands there, which its form reports."""
    value = table.get(key)
    return value if isinstance(value, dict) else {}


def _cycle(above: Mapping[str, set[str]]) -> list[str]:
    """Product paths of which each depends on the next, and the last is the first again; or none."""
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        return list(reversed(error.args[1]))
    return []


def _schedule(form: CheckForm, fallback: Schedule) -> Schedule:
    own = form.every is not None or form.cron is not None
    return Schedule(
        every=form.every if own else fallback.every,
        cron=form.cron if own else fallback.cron,
        timezone=form.timezone or fallback.timezone,
        jitter=fallback.jitter if form.jitter is None else form.jitter,
    )


def _document(document: str, form: DocumentForm, defaults: DefaultsForm, schedule: Schedule) -> Document:
    after = defaults.confirm_after if form.confirm_after is None else form.confirm_after
    robots = defaults.robots if form.robots is None else form.robots
    return Document(
        id=document,
        provider=document.partition("/")[0],
        type=form.type,
        url=form.url,
        select=form.select,
        remove=form.remove,
        render=form.render or defaults.render or Render.AUTO,
        language=form.language or defaults.language or "",
        schedule=schedule,
        confirm=form.confirm or defaults.confirm or Confirm.REFETCH,
        confirm_after=Document.confirm_after if after is None else after,
        robots=robots is not False,
        keep=form.keep or defaults.keep or Keep.CHANGED,
        history=form.history,
    )


def _product(product: str, form: ProductForm, claims: tuple[Claim, ...]) -> Product:
    return Product(
        id=product,
        provider=product.partition("/")[0],
        name=form.name,
        audience=form.audience,
        documents=tuple(dict.fromkeys(form.documents)),
        depends_on=tuple(dict.fromkeys(form.depends_on)),
        models=form.models,
        clarity=form.clarity,
        claims=claims,
    )


def _claim(product: str, topic: str, form: ClaimForm) -> Claim:
    return Claim(
        product=product,
        topic=topic,
        position=form.position,
        period=form.period,
        verified=form.verified,
        source=form.source,
        note=form.note,
    )
