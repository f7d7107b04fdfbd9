"""The form of a watchlist's tables: which keys there are, and what each value must look like."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from ipaddress import ip_network
from typing import Annotated, Any, ClassVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainValidator, ValidationInfo
from pydantic_core import PydanticCustomError

from monitor import schedule
from monitor.model import RETENTION, TRAINING, Audience, Confirm, Duration, Keep, Network, Range, Render
from monitor.watchlist.kinds import TYPES
from monitor.watchlist.spelling import did_you_mean, distance, is_slug, nearest, slug_like

POSITIONS: Mapping[str, tuple[str, ...]] = {
    TRAINING: ("no", "opt-in", "opt-out", "yes", "plan-dependent", "unclear", "silent"),
    RETENTION: (
        *("none-stated", "not-stored", "period", "indefinite", "criterion"),
        *("legal-safety", "other", "unclear", "silent"),
    ),
}
CLARITIES = ("high", "moderate", "low")

# What a fetch refuses unless it is allowed: loopback, private, shared (RFC 6598) and link-local.
_INNER_NETWORKS = tuple(
    ip_network(text)
    for text in (
        *("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"),
        *("169.254.0.0/16", "::1/128", "fc00::/7", "fe80::/10"),
    )
)
_LONGEST_INTERVAL = timedelta(days=366)
# Plain selectors need no look from soupsieve, whose first selector costs some 0.1 s of compiling.
_NAME = r"[A-Za-z][A-Za-z0-9_-]*"
PLAIN_SELECTOR = re.compile(rf"(?:{_NAME}|[#.]{_NAME})(?:[#.]{_NAME})*|\[{_NAME}={_NAME}\]")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True)
class Names:
    """What a table's values may refer to."""

    provider: str = ""
    providers: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()
    products: frozenset[str] = frozenset()
    topic: str = ""
    topics: frozenset[str] = frozenset()


def wrong(what: str, remedy: str) -> PydanticCustomError:
    """A mistake in a value, to be put after `key = value`."""
    return PydanticCustomError("wrong", "{text}", {"text": f"{what}; {remedy}"})


# --- values --------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise wrong("is not text", 'write it in double quotes: "…"')
    if not value.strip():
        raise wrong("is empty", "write some text or leave the key out")
    return value.strip()


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise wrong("is neither true nor false", "write true or false, without quotes")
    return value


def _choice(names: Iterable[str], value: object) -> str:
    known = tuple(names)
    if value in known:
        return str(value)
    listed = ", ".join(f'"{name}"' for name in known[:-1]) + f' or "{known[-1]}"'
    near = nearest(value, known) if isinstance(value, str) else ""
    raise wrong(
        "is not one of its values", f"write {listed}" + (f' (did you mean "{near}"?)' if near else "")
    )


def _type(value: object) -> str:
    name = _text(value)
    near = "" if name in TYPES else nearest(name, TYPES)
    if near and distance(name.lower(), near.lower()) <= 2:
        raise wrong("is not a type of document", f'did you mean "{near}"?')
    return name


def _url(value: object) -> str:
    url = _text(value)
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise wrong("has a space in it", "write %20 for a space that belongs to the address")
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise wrong("is not a web address", 'write it in full, e.g. "https://example.com/privacy"')
    if parts.username is not None:
        raise wrong("has a name or password in it", "write the address without the part before the @")
    return url


def _selector(value: object) -> str:
    selector = _text(value)
    if wanted := Range.of(selector):
        _css(wanted.start)
        _css(wanted.end)
        return selector
    return _css(selector)


def _css(selector: str) -> str:
    if PLAIN_SELECTOR.fullmatch(selector):
        return selector
    import soupsieve  # noqa: PLC0415  brings beautifulsoup4: 90 ms, for selectors that few have

    try:
        soupsieve.compile(selector)
    except (soupsieve.SelectorSyntaxError, NotImplementedError) as error:
        reason = str(error).splitlines()[0]
        raise wrong(f"is not a CSS selector ({reason})", 'write e.g. "main" or "article .content"') from error
    return selector


def _language(value: object) -> str:
    language = _text(value)
    if not _LANGUAGE.fullmatch(language):
        raise wrong("is not a language", 'write its code, e.g. "en", "zh" or "pt-BR"')
    return language


def _interval(shortest: timedelta, longest: timedelta, value: object) -> timedelta:
    if isinstance(value, int) and not isinstance(value, bool):
        raise wrong("has no unit", f'write e.g. "{value}s", "{value}m" or "{value}h"')
    length = schedule.interval(_text(value))
    if length is None:
        raise wrong("is not a length of time", 'write e.g. "90s", "12h", "1d" or "1h30m"')
    if length < shortest:
        raise wrong("is too short", f'write at least "{shortest.total_seconds():.0f}s"')
    if length > longest:
        raise wrong("is too long", f'write at most "{longest / timedelta(hours=1):.0f}h"')
    return length


def _cron(value: object) -> str:
    expression = _text(value)
    if problem := schedule.cron_mistake(expression):
        raise wrong(problem, 'write minute, hour, day, month and weekday, e.g. "0 */6 * * 1-5"')
    return expression


def _time_zone(value: object) -> str:
    name = _text(value)
    try:
        schedule.time_zone(name)
    except ValueError as error:
        zones = available_timezones()
        remedy = 'write a name such as "Europe/Paris"' if zones else "install the system package tzdata first"
        raise wrong("is not a time zone", did_you_mean(name, zones, remedy)) from error
    return name


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 100:
        raise wrong("is not a number of requests", "write a whole number from 1 to 100, without quotes")
    return value


def network(value: object) -> Network:
    """The network or single address that a text names, if a fetch would refuse it otherwise."""
    try:
        found = ip_network(_text(value))
    except ValueError as error:
        raise wrong(f"is not a network ({error})", 'write e.g. "127.0.0.0/8" or "10.1.2.3"') from error
    if not any(found.version == inner.version and found.subnet_of(inner) for inner in _INNER_NETWORKS):  # type: ignore[arg-type] # the versions are equal
        raise wrong(
            "holds addresses that are not refused anyway",
            'leave it out: only loopback, private and link-local addresses need a word, e.g. "127.0.0.0/8"',
        )
    return found


def _day(value: object) -> date:
    if isinstance(value, datetime):
        raise wrong("has a time of day", f"write the day alone: {value.date()}")
    if not isinstance(value, date):
        raise wrong("is not a date", "write year, month and day without quotes, e.g. 2026-05-05")
    return value


def _period(value: object) -> Duration:
    from monitor.statements.durations import parse_duration  # noqa: PLC0415  10 ms of patterns

    text = _text(value)
    period = parse_duration(text)
    if period is None:
        raise wrong("is not a length of time", 'write e.g. "30 days", "30 to 60 days" or "18 months"')
    return replace(period, text=text)


def _position(value: object, info: ValidationInfo) -> str:
    known = POSITIONS.get(names_of(info).topic)
    return _choice(known, value) if known else _text(value)


def _document(value: object, info: ValidationInfo) -> str:
    names = names_of(info)
    return _reference(names.documents, names.provider, "document", value)


def _product(value: object, info: ValidationInfo) -> str:
    names = names_of(info)
    return _reference(names.products, names.provider, "product", value)


def _reference(known: frozenset[str], provider: str, kind: str, value: object) -> str:
    text = _text(value)
    name = text if "/" in text else f"{provider}/{text}"
    if name in known:
        return name
    near = nearest(name, known).removeprefix(f"{provider}/")
    remedy = f'did you mean "{near}"?' if near else f'add that {kind} or write "provider/{kind}"'
    raise wrong(f"is not a {kind} of this watchlist", remedy)


def _topic(value: object) -> str:
    name = _text(value)
    if not is_slug(name):
        raise wrong(
            "cannot be a topic's name", f'write small letters, digits and hyphens: "{slug_like(name)}"'
        )
    if name in ProductForm.model_fields:
        raise wrong("is another key of a product", "take another name for the topic")
    return name


def names_of(info: ValidationInfo) -> Names:
    return info.context if isinstance(info.context, Names) else Names()


def _table(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise wrong("is not a table", "write it as a [section] with keys below")
    return value


def _listed(value: object) -> tuple[object, ...]:
    """One value stands for a list of one."""
    return tuple(value) if isinstance(value, list) else (value,)


def one_of(kind: type[StrEnum]) -> Callable[[object], StrEnum]:
    return lambda value: kind(_choice(kind, value))


_SOME = partial(_interval, timedelta(seconds=1), _LONGEST_INTERVAL)
_ANY = partial(_interval, timedelta(0), timedelta(days=1))
_AGE = partial(_interval, timedelta(days=1), 10 * _LONGEST_INTERVAL)

Text = Annotated[str, PlainValidator(_text)]
Table = Annotated[dict[str, Any], PlainValidator(_table)]
Url = Annotated[str, PlainValidator(_url)]
TimeZone = Annotated[str, PlainValidator(_time_zone)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]
Selectors = Annotated[tuple[Annotated[str, PlainValidator(_selector)], ...], BeforeValidator(_listed)]
Documents = Annotated[tuple[Annotated[str, PlainValidator(_document)], ...], BeforeValidator(_listed)]
Products = Annotated[tuple[Annotated[str, PlainValidator(_product)], ...], BeforeValidator(_listed)]
Networks = Annotated[tuple[Annotated[Any, PlainValidator(network)], ...], BeforeValidator(_listed)]
Topics = Annotated[tuple[Annotated[str, PlainValidator(_topic)], ...], BeforeValidator(_listed)]


# --- tables --------------------------------------------------------------------------------------


class Form(BaseModel):
    """A table whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    SECRET: ClassVar[frozenset[str]] = frozenset()  # keys whose values are not repeated in messages


class TopForm(Form):
    defaults: Table = {}
    providers: Table
    notify: Table = {}


class ProviderForm(Form):
    name: Text = ""
    documents: Table = {}
    products: Table = {}


class CheckForm(Form):
    """How documents are checked: in [defaults] for all, in a document for itself."""

    every: Annotated[timedelta | None, PlainValidator(_SOME)] = None
    cron: Annotated[str | None, PlainValidator(_cron)] = None
    timezone: Annotated[str | None, PlainValidator(_time_zone)] = None
    jitter: Annotated[timedelta | None, PlainValidator(_ANY)] = None
    confirm: Annotated[Confirm | None, PlainValidator(one_of(Confirm))] = None
    confirm_after: Annotated[timedelta | None, PlainValidator(_ANY)] = None
    render: Annotated[Render | None, PlainValidator(one_of(Render))] = None
    language: Annotated[str | None, PlainValidator(_language)] = None
    robots: Annotated[bool | None, PlainValidator(_flag)] = None
    keep: Annotated[Keep | None, PlainValidator(one_of(Keep))] = None


class DefaultsForm(CheckForm):
    per_host: Annotated[int, PlainValidator(_count)] = 1
    delay: Annotated[timedelta, PlainValidator(_ANY)] = timedelta(seconds=1)
    allow_addresses: Networks = ()
    expires_after: Annotated[timedelta, PlainValidator(_AGE)] = timedelta(days=180)
    topics: Topics = ()
    site: Annotated[str, PlainValidator(_url)] = ""


class DocumentForm(CheckForm):
    type: Annotated[str, PlainValidator(_type)]
    url: Annotated[str, PlainValidator(_url)]
    select: Selectors = ()
    remove: Selectors = ()
    history: Texts = ()


class ProductForm(Form):
    name: Text
    audience: Annotated[Audience, PlainValidator(one_of(Audience))]
    documents: Documents = ()
    depends_on: Products = ()
    models: Texts = ()
    clarity: Annotated[str, PlainValidator(partial(_choice, CLARITIES))] = ""


class ClaimForm(Form):
    position: Annotated[str, PlainValidator(_position)]
    period: Annotated[Duration | None, PlainValidator(_period)] = None
    verified: Annotated[date | None, PlainValidator(_day)] = None
    source: Text = ""
    note: Text = ""


# What to write for a key that must be there.
EXAMPLES = {
    "providers": "[providers.acme.documents.privacy]",
    "name": 'name = "Acme API"',
    "audience": 'audience = "api"',
    "type": 'type = "Privacy Policy"',
    "url": 'url = "https://example.com/privacy"',
    "position": 'position = "no"',
    "period": 'period = "30 days"',
}
