"""What is watched and claimed: the watchlist, checked and resolved."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network

TRAINING = "training"
RETENTION = "retention"


class Render(StrEnum):
    """How a document is fetched: `auto` goes to the browser only where HTTP brings no text."""

    AUTO = "auto"
    HTTP = "http"
    BROWSER = "browser"


class Confirm(StrEnum):
    """How a change is confirmed before anyone is disturbed."""

    REFETCH = "refetch"
    NEXT_CHECK = "next-check"
    OFF = "off"


class Keep(StrEnum):
    """Which captures are kept: those that changed the text, or all whose bytes are new."""

    CHANGED = "changed"
    ALL = "all"


class Audience(StrEnum):
    """Whom a product path serves."""

    API = "api"
    CONSUMER = "consumer"
    BUSINESS = "business"


@dataclass(frozen=True)
class Schedule:
    """When a document is checked: `every` so often, or at a crontab expression in a timezone."""

    every: timedelta | None = timedelta(hours=12)
    cron: str | None = None
    timezone: str = "UTC"
    jitter: timedelta | None = None  # at most this much; None is a tenth of the interval, with a limit


@dataclass(frozen=True, kw_only=True)
class Document:
    """One watched page of a provider; `id` is "provider/slug"."""

    id: str
    provider: str
    type: str
    url: str
    select: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    render: Render = Render.AUTO
    language: str = ""  # "" until declared: that of its first version
    schedule: Schedule = Schedule()
    confirm: Confirm = Confirm.REFETCH
    confirm_after: timedelta = timedelta(seconds=30)
    robots: bool = True
    keep: Keep = Keep.CHANGED
    history: tuple[str, ...] = ()  # its names in histories made elsewhere: "OpenAI/Privacy Policy"

    @property
    def reader(self) -> str:
        """A key that changes when the selectors do: what is read from the same bytes then differs."""
        return hashlib.sha256("\0".join((*self.select, "\1", *self.remove)).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Range:
    """What stands from one place of a page to another, each before or after what a selector matches first."""

    after_start: bool
    start: str
    after_end: bool
    end: str

    @classmethod
    def of(cls, selector: str) -> Range | None:
        """The range that "from before h1 to after .end" says; None for a selector of CSS."""
        found = _RANGE.fullmatch(selector)
        return cls(found[1] == "after", found[2], found[3] == "after", found[4]) if found else None


_RANGE = re.compile(r"from (before|after) (.+?) to (before|after) (.+)", re.DOTALL)


@dataclass(frozen=True)
class Duration:
    """A comparable length of time as worded; of a range, `days` is the longer end."""

    text: str
    days: float
    shortest_days: float
    bound: str = "exactly"  # exactly | up-to | at-least | later-of | earlier-of


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A published position of a product path on a topic, with its source and when it was verified."""

    product: str
    topic: str
    position: str
    period: Duration | None = None
    verified: date | None = None
    source: str = ""
    note: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Product:
    """One way of using a provider, with its own position; `id` is "provider/slug"."""

    id: str
    provider: str
    name: str
    audience: Audience
    documents: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    clarity: str = ""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Provider:
    """A company whose terms are watched."""

    id: str
    name: str


class ChannelKind(StrEnum):
    """How people are told."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    APPRISE = "apprise"


class When(StrEnum):
    """When a channel is told of something: by itself, gathered in a digest, or not at all."""

    AT_ONCE = "at once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Encryption(StrEnum):
    """How the way to a mail server is secured."""

    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte on
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Where people are told, and of what; its secrets are in variables of the environment that it names."""

    name: str
    kind: ChannelKind
    secret_env: str = ""  # a webhook's key, a mail server's password, Apprise's addresses
    url: str = ""  # of a webhook
    url_env: str = ""  # instead, where its address is a secret
    host: str = ""  # of a mail server
    port: int = 0
    encryption: Encryption = Encryption.STARTTLS
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()  # only these; none named means all
    products: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    flagged: When = When.AT_ONCE
    others: When = When.DAILY
    health: When = When.AT_ONCE
    after_failures: int = 3  # checks in a row that did not see a document before it is told
    digest_at: time = time(7)
    digest_on: int = 0  # the day of a weekly digest, Monday is 0
    timezone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Watchlist:
    """What is watched and what is claimed: the watchlist file, checked and resolved."""

    providers: Mapping[str, Provider]
    documents: Mapping[str, Document]
    products: Mapping[str, Product]
    per_host: int = 1
    delay: timedelta = timedelta(seconds=1)
    allow_addresses: tuple[Network, ...] = ()
    expires_after: timedelta = timedelta(days=180)  # a claim not verified for longer is expired
    site: str = ""  # where the positions are published; its host vouches for the ids in feeds
    channels: Mapping[str, Channel] = field(default_factory=dict)  # by name

    def products_of(self, document: str) -> tuple[Product, ...]:
        """The product paths that name this document as theirs."""
        return tuple(product for product in self.products.values() if document in product.documents)

    def touched_by(self, document: str) -> tuple[Product, ...]:
        """The product paths that a change of this document may concern: its own, and their heirs."""
        own = self.products_of(document)
        heirs = (heir for product in own for heir in self.heirs_of(product.id))
        return tuple({product.id: product for product in (*own, *heirs)}.values())

    def heirs_of(self, product: str) -> tuple[Product, ...]:
        """The product paths that depend on this one, directly or through others, nearest first."""
        found: dict[str, Product] = {}
        edge = [product]
        while edge:
            step = [p for p in self.products.values() if p.id not in found and set(p.depends_on) & set(edge)]
            found |= {p.id: p for p in step if p.id != product}
            edge = [p.id for p in step if p.id != product]
        return tuple(found.values())

    def sources_of(self, product: Product) -> tuple[Product, ...]:
        """The path itself, or, where it has no documents, the nearest below that have some."""
        edge, seen = [product], {product.id}
        while edge:
            if found := tuple(one for one in edge if one.documents):
                return found
            ids = dict.fromkeys(id for one in edge for id in one.depends_on if id not in seen)
            seen |= set(ids)
            edge = [self.products[id] for id in ids]
        return ()
