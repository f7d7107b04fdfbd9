"""Which terms of an Open Terms Archive repository are which document of the watchlist."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from monitor.errors import UsageError
from monitor.history.terms_archive import Archive, Series
from monitor.model import Document, Provider, Watchlist

_WORD = re.compile(r"[^\W_]+")
_LEGAL_FORMS = frozenset(("ai", "inc", "ltd", "llc", "corp", "gmbh", "sas", "labs", "the", "by"))
"""Words of a name that do not tell whose it is."""
_PART = re.compile(r"(.+) #([1-9]\d?)")


@dataclass(frozen=True)
class Match:
    """Some terms of an archive and the document that they are; "" and why where they are none."""

    series: Series
    document: str
    why: str
    part: int = 0  # of the text that is put together from several pages; 0: all of it

    @property
    def name(self) -> str:
        return f"{self.series.name} #{self.part}" if self.part else self.series.name


def match(archive: Archive, watchlist: Watchlist, told: Mapping[str, str]) -> tuple[Match, ...]:
    """Each of the archive's terms with its document: as told, as the watchlist says, or as they look alike.

    `told` is from terms to document. UsageError for terms or a document that there is not.
    """
    for document in told.values():
        if document not in watchlist.documents:
            raise UsageError(f'"{document}" is not in the watchlist; add it there, or name one that is')
    kept = {name: one.id for one in watchlist.documents.values() for name in one.history}
    known = {name: (document, "as the watchlist says") for name, document in kept.items()}
    known |= {name: (document, "as told") for name, document in told.items()}
    found = [*_known(archive, known, frozenset(told))]
    taken = {one.series.name for one in found}
    rest = [one for one in archive.series.values() if one.name not in taken]
    proposed = tuple(_proposed(one, watchlist) for one in rest)
    return tuple(sorted((*found, *_without_rivals(proposed, found)), key=lambda one: one.name))


def _known(archive: Archive, known: Mapping[str, tuple[str, str]], told: frozenset[str]) -> Iterator[Match]:
    for name, (document, why) in known.items():
        series, part = archive.series.get(name), 0
        if series is None and (numbered := _PART.fullmatch(name)):
            series, part = archive.series.get(numbered[1]), int(numbered[2])
        if series is not None:
            most = max(entry.sources for entry in series.entries)
            if name in told and part > most > 1:
                raise UsageError(
                    f'"{name}": {series.name} is put together from {most} pages; name one of them'
                )
            yield Match(series, document, why, part)
        elif name in told:
            near = ", ".join(sorted(archive.series)[:5])
            raise UsageError(f'{archive.name} has no terms "{name}"; there is: {near}, …')


# --- proposing -----------------------------------------------------------------------------------


def _proposed(series: Series, watchlist: Watchlist) -> Match:
    """The one document that these terms can be, or why there is none."""
    pages = {page_of(url) for url in series.urls}
    at = [one.id for one in watchlist.documents.values() if page_of(one.url) in pages]
    if len(at) == 1:
        return Match(series, at[0], "the same address")
    providers = [one for one in watchlist.providers.values() if _is_of(series.service, one, watchlist)]
    if not providers:
        return Match(series, "", "no provider or product of that name")
    own = [one for one in watchlist.documents.values() if one.provider in {found.id for found in providers}]
    alike = [one for one in own if one.type.casefold() == series.type.casefold()]
    if series.page:
        alike = [one for one in alike if _slug(urlsplit(one.url).path) == _slug(series.page)]
    narrowed = _named_after(series.service, alike, providers)
    if len(narrowed) == 1:
        return Match(series, narrowed[0].id, "the same provider and type")
    if not alike:
        return Match(series, "", f"{providers[0].id} has no document of that type and page")
    return Match(series, "", f"may be {' or '.join(one.id for one in alike)}")


def _without_rivals(proposed: Iterable[Match], known: Iterable[Match]) -> Iterator[Match]:
    """Proposals of which no two are for one document at one time: the likelier one stays."""
    taken: dict[str, list[Match]] = {}
    for one in known:
        taken.setdefault(one.document, []).append(one)
    order = {"the same address": 0, "the same provider and type": 1}
    ranked = sorted(proposed, key=lambda one: (order.get(one.why, 2), -len(one.series.entries)))
    for one in ranked:
        rivals = [other for other in taken.get(one.document, ()) if _overlap(one.series, other.series)]
        if one.document and rivals:
            yield Match(one.series, "", f"{rivals[0].name} is taken for {one.document}")
            continue
        taken.setdefault(one.document, []).append(one)
        yield one


def _overlap(one: Series, other: Series) -> bool:
    return one.span[0] < other.span[1] and other.span[0] < one.span[1]


def _is_of(service: str, provider: Provider, watchlist: Watchlist) -> bool:
    """Whether a service is a provider's: it has its name, or that of one of its products."""
    products = (one for one in watchlist.products.values() if one.provider == provider.id)
    words = _words(service)
    names = (provider.id, provider.name)
    return words in map(_words, names) or any(
        bool(words) and words == _words(one.name)[: len(words)] for one in products
    )


def _named_after(service: str, documents: list[Document], providers: list[Provider]) -> list[Document]:
    """Of several documents those whose name has the service's in it; all where the provider has its name."""
    if len(documents) < 2 or any(_words(service) == _words(one.name) for one in providers):
        return documents
    named = [one for one in documents if "-".join(_words(service)) in one.id.partition("/")[2]]
    return named or documents


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", name).casefold()
    words = tuple(_WORD.findall(plain))
    return tuple(word for word in words if word not in _LEGAL_FORMS) or words


def page_of(url: str) -> tuple[str, str, str]:
    """A page's address without what does not tell it from others."""
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    return host, unquote(parts.path).rstrip("/").casefold(), parts.query


def _slug(path: str) -> str:
    """A path as snapshots are named after it: without its suffix, hyphens for slashes."""
    return re.sub(r"\.\w{2,5}$", "", unquote(path)).strip("/").replace("/", "-").casefold()
