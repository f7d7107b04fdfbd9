"""Watchlist entries for legal documents that are linked and not watched yet."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote

from monitor.links import LegalLink, is_named, watched_all
from monitor.links.addresses import host, identity, path_words
from monitor.model import Watchlist
from monitor.watchlist.spelling import is_slug, slug_like

MOST_WORDS = 7  # of an id
# Labels of a host that say where a page is served, not whose it is.
SERVING = frozenset(
    "www legal help support docs platform about policies policy privacy trust developer developers api app"
    " com co org net ac gov edu".split()
)


@dataclass(frozen=True)
class Proposal:
    """A document to be watched: its slug, type and address, and what pages call it."""

    provider: str
    slug: str
    type: str
    url: str
    text: str

    @property
    def id(self) -> str:
        return f"{self.provider}/{self.slug}"


def proposals(links: Iterable[LegalLink], provider: str, watchlist: Watchlist) -> tuple[Proposal, ...]:
    """A proposal for each of these links that is not watched, with an id that nothing else has."""
    links = tuple(links)
    known = watched_all((link.url for link in links), watchlist)
    taken = {id.partition("/")[2] for id in watchlist.documents if id.startswith(f"{provider}/")}
    made: dict[str, Proposal] = {}
    for link in links:
        if link.url in known or identity(link.url) in made:
            continue
        slug = _free(_slug(link, provider), taken)
        taken.add(slug)
        made[identity(link.url)] = Proposal(provider, slug, link.type, plain(link.url), link.text)
    return tuple(made.values())


def as_toml(found: Iterable[Proposal], watchlist: Watchlist) -> str:
    """Tables that may be appended to the watchlist as they are."""
    tables: list[str] = []
    named = set(watchlist.providers)
    for one in found:
        if one.provider not in named:
            named.add(one.provider)
            tables.append(f"[providers.{one.provider}]\nname = {_quoted(_title(one.provider))}\n")
        tables.append(
            f"[providers.{one.provider}.documents.{one.slug}]\n"
            f"type = {_quoted(one.type)}\nurl = {_quoted(one.url)}\n"
        )
    return "\n".join(tables)


def provider_of(url: str, watchlist: Watchlist) -> str:
    """Whose page it is: the provider on the watchlist with documents there, or a name made from the host."""
    at = host(url)
    for document in watchlist.documents.values():
        if host(document.url) == at:
            return document.provider
    owner = _owner(at)
    for document in watchlist.documents.values():
        if _owner(host(document.url)) == owner:
            return document.provider
    return owner


def plain(url: str) -> str:
    """The address in characters that a watchlist takes: no spaces, none that act on a terminal."""
    return quote(url, safe="/:?#[]@!$&'()*+,;=%~-._")


def _owner(name: str) -> str:
    """The label of a host that names its owner: "acme" of "legal.acme.co.uk"."""
    labels = [label for label in name.split(".") if label]
    if all(label.isdigit() for label in labels):
        return slug_like(name)
    telling = [label for label in labels[:-1] if label not in SERVING]
    return slug_like((telling or labels or ["provider"])[-1])


def _slug(link: LegalLink, provider: str) -> str:
    """An id from the last part of the address that names the document, or else from its name or type."""
    segments, _ = path_words(link.url)
    last = segments[-1] if segments else ""
    for name in (last if is_named(last) else "", link.text, last, link.type):
        words = slug_like(name).split("-") if re.search("[A-Za-z]{3}", name) else []
        if words and len(words) > 1 and words[0] == provider:
            words = words[1:]
        slug = "-".join(words[:MOST_WORDS])
        if is_slug(slug):
            return slug
    return "document"


def _free(slug: str, taken: set[str]) -> str:
    return next(name for name in _numbered(slug) if name not in taken)


def _numbered(slug: str) -> Iterator[str]:
    yield slug
    for number in range(2, 10_000):
        yield f"{slug}-{number}"


def _title(provider: str) -> str:
    return " ".join(word.capitalize() for word in provider.split("-"))


def _quoted(text: str) -> str:
    """A basic string of TOML, whose escapes are JSON's."""
    return json.dumps(text.encode("utf-8", "replace").decode(), ensure_ascii=True)
