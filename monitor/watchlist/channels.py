"""The form of a watchlist's [notify.NAME] tables: who is told, how, of what and when."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import time
from functools import partial
from ipaddress import ip_address
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Field, PlainValidator, ValidationInfo

from monitor.model import Channel, ChannelKind, Encryption, When
from monitor.watchlist.form import Form, Text, TimeZone, Url, names_of, one_of, wrong
from monitor.watchlist.spelling import did_you_mean

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
PORTS = {Encryption.STARTTLS: 587, Encryption.TLS: 465, Encryption.NONE: 25}
"""The usual port of a mail server."""

MOST_FAILURES = 100
_ENVIRONMENT = re.compile(r"[A-Z_][A-Z0-9_]*")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_SERVER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})))(?::([0-9]{1,5}))?")
_TIME = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])")


# --- values --------------------------------------------------------------------------------------


def _environment(value: object) -> str:
    if not isinstance(value, str) or not _ENVIRONMENT.fullmatch(value):
        raise wrong(
            "is not the name of a variable of the environment",
            "write a name in capitals, e.g. NOTIFY_SECRET, and put the secret into that variable",
        )
    return value


def _mail(value: object) -> str:
    if not isinstance(value, str) or not _ADDRESS.fullmatch(value):
        raise wrong("is not a mail address", 'write it alone, e.g. "legal@example.com"')
    return value


def _server(value: object) -> tuple[str, int]:
    found = _SERVER.fullmatch(value) if isinstance(value, str) else None
    if found is None or (found[3] and not 1 <= int(found[3]) <= 65535):
        raise wrong("is not a mail server", 'write its name and port, e.g. "mail.example.com:587"')
    return found[1] or found[2], int(found[3] or 0)


def _failures(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MOST_FAILURES:
        raise wrong("is not a number of checks", f"write a whole number from 1 to {MOST_FAILURES}")
    return value


def _time(value: object) -> time:
    if isinstance(value, time):
        return value
    found = _TIME.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise wrong("is not a time of day", 'write e.g. "07:00"')
    return time(int(found[1]), int(found[2]))


def _day(value: object) -> int:
    if value not in DAYS:
        remedy = f"write one of {', '.join(DAYS)}"
        raise wrong("is not a day", did_you_mean(value, DAYS, remedy) if isinstance(value, str) else remedy)
    return DAYS.index(str(value))


def _known(kind: str, value: object, info: ValidationInfo) -> str:
    names = names_of(info)
    known = {"provider": names.providers, "product": names.products, "topic": names.topics}[kind]
    if value in known:
        return str(value)
    remedy = f"name one of its {kind}s" + (' as "provider/product"' if kind == "product" else "")
    raise wrong(f"is not a {kind} of this watchlist", did_you_mean(str(value), known, remedy))


def _listed(value: object) -> tuple[object, ...]:
    """One value stands for a list of one."""
    return tuple(value) if isinstance(value, list) else (value,)


def _some(value: object) -> tuple[object, ...]:
    if value == []:
        raise wrong("names nobody", "write at least one")
    return _listed(value)


Environment = Annotated[str, PlainValidator(_environment)]
Mail = Annotated[str, PlainValidator(_mail)]
Mails = Annotated[tuple[Mail, ...], BeforeValidator(_some)]
Providers = Annotated[
    tuple[Annotated[str, PlainValidator(partial(_known, "provider"))], ...], BeforeValidator(_listed)
]
Products = Annotated[
    tuple[Annotated[str, PlainValidator(partial(_known, "product"))], ...], BeforeValidator(_listed)
]
Topics = Annotated[
    tuple[Annotated[str, PlainValidator(partial(_known, "topic"))], ...], BeforeValidator(_listed)
]
Whenever = Annotated[When, PlainValidator(one_of(When))]


# --- tables --------------------------------------------------------------------------------------


class KindForm(Form):
    """Which kind of channel it is; the other keys depend on that."""

    model_config = ConfigDict(extra="ignore")

    kind: Annotated[ChannelKind, PlainValidator(one_of(ChannelKind))]


class ChannelForm(KindForm):
    """What every kind of channel has."""

    model_config = ConfigDict(extra="forbid")
    SECRET: ClassVar[frozenset[str]] = frozenset(("secret_env", "url", "url_env"))

    secret_env: Environment = ""
    providers: Providers = ()
    products: Products = ()
    topics: Topics = ()
    flagged: Whenever = When.AT_ONCE
    others: Whenever = When.DAILY
    health: Whenever = When.AT_ONCE
    after_failures: Annotated[int, PlainValidator(_failures)] = 3
    digest_at: Annotated[time, PlainValidator(_time)] = time(7)
    digest_on: Annotated[int, PlainValidator(_day)] = 0
    timezone: TimeZone = "UTC"


class WebhookForm(ChannelForm):
    url: Url = ""
    url_env: Environment = ""


class MailForm(ChannelForm):
    server: Annotated[tuple[str, int], PlainValidator(_server)]
    encryption: Annotated[Encryption | None, PlainValidator(one_of(Encryption))] = None
    user: Text = ""
    sender: Mail = Field(alias="from")
    to: Mails


class AppriseForm(ChannelForm):
    secret_env: Environment


FORMS: Mapping[ChannelKind, type[ChannelForm]] = {
    ChannelKind.WEBHOOK: WebhookForm,
    ChannelKind.MAIL: MailForm,
    ChannelKind.APPRISE: AppriseForm,
}


# What to write for a key that must be there.
EXAMPLES = {
    "kind": 'kind = "webhook"',
    "server": 'server = "mail.example.com:587"',
    "from": 'from = "monitor@example.com"',
    "to": 'to = ["legal@example.com"]',
    "secret_env": 'secret_env = "NOTIFY_SERVICES", and set that variable to addresses that Apprise knows',
}


def conflicts(form: ChannelForm) -> Iterator[tuple[str, str]]:
    """The keys that do not go together, each with what is wrong and how to write it."""
    if isinstance(form, WebhookForm):
        if not form.url and not form.url_env:
            yield (
                "url",
                'url is missing; write url = "https://example.com/hook", or url_env where it is secret',
            )
        if form.url and form.url_env:
            yield "url_env", "url and url_env are both given; keep the one that you mean"
    if isinstance(form, MailForm):
        yield from _conflicts_of_mail(form)


def _conflicts_of_mail(form: MailForm) -> Iterator[tuple[str, str]]:
    if form.user and not form.secret_env:
        yield "user", 'secret_env is missing; write secret_env = "MAIL_PASSWORD" and set that variable'
    if form.secret_env and not form.user:
        yield "secret_env", 'user is missing; write user = "…", the name that the password belongs to'
    if form.user and _encryption(form) is Encryption.NONE and not _is_here(form.server[0]):
        remedy = 'write encryption = "starttls" or "tls"'
        yield "encryption", f"the password would cross the network in the clear; {remedy}"


def _encryption(form: MailForm) -> Encryption:
    usual = Encryption.TLS if form.server[1] == PORTS[Encryption.TLS] else Encryption.STARTTLS
    return form.encryption or usual


def _is_here(host: str) -> bool:
    """Whether it is this very machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def channel(name: str, form: ChannelForm) -> Channel:
    """The channel that a form without conflicts describes."""
    shared = Channel(
        name=name,
        kind=form.kind,
        secret_env=form.secret_env,
        providers=form.providers,
        products=form.products,
        topics=form.topics,
        flagged=form.flagged,
        others=form.others,
        health=form.health,
        after_failures=form.after_failures,
        digest_at=form.digest_at,
        digest_on=form.digest_on,
        timezone=form.timezone,
    )
    match form:
        case WebhookForm():
            return replace(shared, url=form.url, url_env=form.url_env)
        case MailForm():
            return _by_mail(shared, form)
    return shared


def _by_mail(shared: Channel, form: MailForm) -> Channel:
    host, port = form.server
    encryption = _encryption(form)
    return replace(
        shared,
        host=host,
        port=port or PORTS[encryption],
        encryption=encryption,
        user=form.user,
        sender=form.sender,
        to=tuple(dict.fromkeys(form.to)),
    )
