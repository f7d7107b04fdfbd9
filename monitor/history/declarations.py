"""Open Terms Archive's declarations as entries of a watchlist; what cannot be said there is named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import UsageError, WatchlistError
from monitor.history.mapping import page_of
from monitor.model import Watchlist
from monitor.watchlist import parse_watchlist
from monitor.watchlist.spelling import slug_like

Json = dict[str, Any]
KNOWN = frozenset(("fetch", "select", "remove", "filter", "executeClientScripts", "combine"))
KNOWN_OF_SERVICES = frozenset(("name", "terms", "documents", "importedFrom"))
RANGES = ("startBefore", "startAfter", "endBefore", "endAfter")


@dataclass(frozen=True)
class Service:
    """One service's declaration with what stands beside it in its folder; `fault`: why it cannot be used."""

    id: str
    data: Json
    former: Mapping[str, list[Json]]  # by terms type: how they were declared until when
    fault: str = ""

    @property
    def terms(self) -> Json:
        """What is declared by type of terms; empty for a service that ended."""
        found: Json = self.data.get("terms") or self.data.get("documents") or {}
        return found


@dataclass(frozen=True)
class Entry:
    """Lines of a watchlist for one page, and remarks on what they leave out; no lines: why there are none."""

    id: str
    url: str
    lines: tuple[str, ...]
    remarks: tuple[str, ...]


def services(folder: Path, only: str = "") -> tuple[Service, ...]:
    """The services declared in a folder, or in its folder "declarations".

    UsageError for what is none, and where not one of them can be used.
    """
    inner = folder / "declarations"
    place = inner if inner.is_dir() else folder
    if not place.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    paths = [path for path in sorted(place.glob("*.json")) if not path.name.endswith(".history.json")]
    chosen = [path for path in paths if not only or path.stem.casefold() == only.casefold()]
    if not chosen:
        near = ", ".join(path.stem for path in paths[:8]) or "no JSON file at all"
        raise UsageError(f"{place}: " + (f'no service "{only}"; there is: {near}' if only else near))
    found = tuple(map(_service, chosen))
    if all(one.fault for one in found):
        raise UsageError(f"{chosen[0]}: {found[0].fault}")
    return found


def watchlist_text(found: Iterable[Service], known: Watchlist) -> str:
    """Tables to append to a watchlist, with a comment for everything that they leave out."""
    watched = {page_of(one.url): one.id for one in known.documents.values()}
    taken, providers = set(known.documents), set[str]()
    lines: list[str] = []
    for service in found:
        lines += ["", _comment(f"{service.id}, as declared for Open Terms Archive"), *_remarked(service)]
        if service.fault:
            continue
        provider = _free(slug_like(service.id), providers)
        told: list[str] = []
        for entry in _entries(service, provider, taken):
            told += ["", *_told(entry, watched)]
        if provider not in known.providers:
            name = str(service.data.get("name") or service.id)
            header = (f"[providers.{provider}]", f"name = {_string(name)}")
            lines += header if any(line and not line.startswith("#") for line in told) else ()
        lines += told
    return "\n".join(lines).strip("\n") + "\n"


def _remarked(service: Service) -> Iterator[str]:
    """Comments on what is said of a service as a whole, and of terms that are declared no more."""
    if service.fault:
        yield _comment(f"{service.id}: left out: {service.fault}")
        return
    if not service.terms:
        yield _comment(f"{service.id}: nothing of it is tracked there any more")
    for key in sorted(service.data.keys() - KNOWN_OF_SERVICES):
        yield _comment(f"{service.id}: {_unknown(key, service.data[key])}")
    for type_ in service.former.keys() - service.terms.keys():
        yield from (_comment(f"{service.id}/{type_}: {one}") for one in _former(service, type_))


def _told(entry: Entry, watched: dict[tuple[str, str, str], str]) -> Iterator[str]:
    """An entry as text: commented out where it is watched already, or the watchlist would refuse it.

    What is watched by it is added to `watched`.
    """
    mistakes = _mistakes(entry) if entry.lines else ()
    remarks, page = entry.remarks, page_of(entry.url)
    if entry.lines and page in watched:
        remarks = (*remarks, f"left out: {entry.url} is watched already as {watched[page]}")
    remarks = (*remarks, *(f"left out: {mistake}" for mistake in mistakes))
    yield from (_comment(f"{entry.id}: {remark}") for remark in remarks)
    out = page in watched or bool(mistakes)
    if entry.lines and not out:
        watched[page] = entry.id
    yield from (_comment(line) if out else line for line in entry.lines)


def _mistakes(entry: Entry) -> tuple[str, ...]:
    try:
        parse_watchlist("\n".join(entry.lines), "entry")
    except WatchlistError as error:
        return tuple(mistake.partition(": ")[2] for mistake in error.mistakes)
    return ()


# --- one page --------------------------------------------------------------------------------------


def _entries(service: Service, provider: str, taken: set[str]) -> Iterator[Entry]:
    """An entry for each page of each of the service's terms."""
    for type_, declared in service.terms.items():
        pages = _pages(declared)
        if not pages:
            fault = f"left out: {_json(declared)} is no declaration of pages"
            yield Entry(f"{provider}/{slug_like(type_)}", "", (), (fault,))
        for number, page in enumerate(pages, 1):
            several = f" #{number}" if len(pages) > 1 else ""
            id = _free(f"{provider}/{slug_like(type_)}", taken)
            yield _entry(service, id, type_, page, several)


def _pages(declared: object) -> list[Json]:
    """The pages of some terms, each with what they share; none where that is not how pages are declared."""
    if not isinstance(declared, dict):
        return []
    pages = declared.get("combine") or [{}]
    if not isinstance(pages, list) or not all(isinstance(page, dict) for page in pages):
        return []
    shared = {key: value for key, value in declared.items() if key != "combine"}
    return [{**shared, **page} for page in pages]


def _entry(service: Service, id: str, type_: str, page: Json, several: str) -> Entry:
    url = page.get("fetch")
    if not isinstance(url, str):
        return Entry(id, "", (), (f"left out: fetch = {_json(url)} is no address",))
    provider, _, slug = id.partition("/")
    remarks = [*_unmapped(service, page), *_former(service, type_)]
    lines = [f"[providers.{provider}.documents.{slug}]", f"type = {_string(type_)}", f"url = {_string(url)}"]
    for key in ("select", "remove"):
        chosen, ranges, others = _selectors(page.get(key))
        remarks += [_of_range(key, one) for one in ranges]
        remarks += [f"{key} = {_json(others)} is no selector"] if others else []
        # A range and what is chosen beside it belong together: half of it would be another text.
        if chosen and not (key == "select" and ranges):
            lines.append(f"{key} = {_list(chosen)}")
    scripts = page.get("executeClientScripts")
    if isinstance(scripts, bool):
        lines.append(f'render = "{"browser" if scripts else "http"}"')
    lines.append(f"history = {_string(f'{service.id}/{type_}{several}')}")
    if several:
        remarks.append(f"page{several} of several that are put together there; here each is a document")
    return Entry(id, url, tuple(lines), tuple(remarks))


def _selectors(value: object) -> tuple[list[str], list[Json], list[object]]:
    """The selectors and ranges as a watchlist writes them, ranges that lack an end, and what is neither."""
    listed = [_as_range(one) or one if isinstance(one, dict) else one for one in _listed(value)]
    texts = [one for one in listed if isinstance(one, str)]
    ranges = [one for one in listed if isinstance(one, dict)]
    return texts, ranges, [one for one in listed if not isinstance(one, str | dict)]


def _as_range(found: Json) -> str:
    """A range from one selector to another as a watchlist writes it; "" for one that lacks an end."""
    starts = [
        f"{way} {at}"
        for way in ("before", "after")
        if isinstance(at := found.get(f"start{way.title()}"), str)
    ]
    ends = [
        f"{way} {at}" for way in ("before", "after") if isinstance(at := found.get(f"end{way.title()}"), str)
    ]
    return f"from {starts[0]} to {ends[0]}" if len(starts) == len(ends) == 1 else ""


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _of_range(key: str, found: Json) -> str:
    ends = ", ".join(f"{name} {found[name]}" for name in RANGES if name in found)
    instead = "the main text is found by itself" if key == "select" else "look whether it is still there"
    return f"{key} from one place to another ({ends}) cannot be said here: {instead}"


def _unmapped(service: Service, page: Json) -> Iterator[str]:
    for one in _listed(page.get("filter")):
        name = (
            next(iter(one)) if isinstance(one, dict) and one else one if isinstance(one, str) else _json(one)
        )
        if name == "removeQueryParams":
            yield "the filter removeQueryParams is not needed: where links lead never makes a change here"
            continue
        yield f"the filter {name} is a program ({service.id}.filters.js) and is not run here"
    scripts = page.get("executeClientScripts")
    if scripts is not None and not isinstance(scripts, bool):
        yield f"executeClientScripts = {_json(scripts)} is neither true nor false"
    for key in sorted(page.keys() - KNOWN):
        yield _unknown(key, page[key])


def _former(service: Service, type_: str) -> Iterator[str]:
    """How these terms were declared before, which a watchlist does not keep."""
    for one in _listed(service.former.get(type_)):
        pages = _pages(one)
        told = [
            f"{key} = {_json(one[key])}"
            for key in ("select", "remove")
            if isinstance(one, dict) and key in one
        ]
        where = ", ".join(str(page["fetch"]) for page in pages if page.get("fetch")) or "the same address"
        until = one.get("validUntil", "an unknown time") if isinstance(one, dict) else ""
        if pages:
            yield f"until {until}: {', '.join((where, *told))}"


# --- reading and writing ---------------------------------------------------------------------------


def _service(path: Path) -> Service:
    former = path.with_name(f"{path.stem}.history.json")
    try:
        data, past = _load(path), _load(former) if former.exists() else {}
    except ValueError as error:
        return Service(path.stem, {}, {}, str(error))
    terms = data.get("terms", data.get("documents"))
    if not isinstance(terms, dict):
        return Service(path.stem, {}, {}, 'is no declaration; it has no "terms"')
    return Service(path.stem, data, past)


def _load(path: Path) -> Json:
    """The object in a file; ValueError with what to say of any other."""
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"cannot be read ({error})") from error
    if not isinstance(data, dict):
        raise ValueError("is no declaration; write an object")
    return data


def _unknown(key: str, value: object) -> str:
    return f"{key} = {_json(value)} has no meaning here"


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _free(id: str, taken: set[str]) -> str:
    """The id, or one with a number where another document has it."""
    found, number = id, 1
    while found in taken:
        number += 1
        found = f"{id}-{number}"
    taken.add(found)
    return found


def _string(text: str) -> str:
    """A text as TOML writes it: as JSON does, but for one control character that JSON leaves as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: list[str]) -> str:
    return _string(texts[0]) if len(texts) == 1 else f"[{', '.join(map(_string, texts))}]"


def _comment(text: str) -> str:
    return "# " + "".join(letter if letter.isprintable() else " " for letter in text)
