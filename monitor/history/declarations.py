"""Open Terms Archive's declarations as entries of a watchlist; what cannot be said there is named."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from monitor.errors import UsageError, WatchlistError
from monitor.model import Watchlist
from monitor.watchlist import parse_watchlist
from monitor.watchlist.spelling import slug_like

Json = dict[str, Any]
KNOWN = frozenset(("fetch", "select", "remove", "filter", "executeClientScripts", "combine"))
RANGES = ("startBefore", "startAfter", "endBefore", "endAfter")


@dataclass(frozen=True)
class Service:
    """One service's declaration with what stands beside it in its folder."""

    id: str
    data: Json
    former: Mapping[str, list[Json]]  # by terms type: how they were declared until when


@dataclass(frozen=True)
class Entry:
    """Lines of a watchlist for one page, and remarks on what they leave out; no lines: why there are none."""

    id: str
    url: str
    lines: tuple[str, ...]
    remarks: tuple[str, ...]


def services(folder: Path, only: str = "") -> tuple[Service, ...]:
    """The services declared in a folder, or in its folder "declarations"; UsageError for what is none."""
    inner = folder / "declarations"
    place = inner if inner.is_dir() else folder
    if not place.is_dir():
        raise UsageError(f"{folder}: there is no such folder")
    paths = [path for path in sorted(place.glob("*.json")) if not path.name.endswith(".history.json")]
    chosen = [path for path in paths if not only or path.stem.casefold() == only.casefold()]
    if not chosen:
        near = ", ".join(path.stem for path in paths[:8]) or "no JSON file at all"
        raise UsageError(f"{place}: " + (f'no service "{only}"; there is: {near}' if only else near))
    return tuple(_service(path) for path in chosen)


def watchlist_text(found: Iterable[Service], known: Watchlist) -> str:
    """Tables to append to a watchlist, with a comment for everything that they leave out."""
    watched = {one.url: one.id for one in known.documents.values()}
    taken = set(known.documents)
    lines: list[str] = []
    for service in found:
        provider = slug_like(service.id)
        name = str(service.data.get("name") or service.id)
        lines += ["", _comment(f"{service.id}, as declared for Open Terms Archive")]
        if provider not in known.providers:
            lines += [f"[providers.{provider}]", f"name = {_string(name)}"]
        for entry in _entries(service, provider, taken):
            lines += ["", *_told(entry, watched)]
    return "\n".join(lines).strip("\n") + "\n"


def _told(entry: Entry, watched: Mapping[str, str]) -> Iterator[str]:
    """An entry as text: commented out where it is watched already, or the watchlist would refuse it."""
    mistakes = _mistakes(entry)
    remarks = entry.remarks
    if entry.url in watched:
        remarks = (*remarks, f"left out: {entry.url} is watched already as {watched[entry.url]}")
    remarks = (*remarks, *(f"left out: {mistake}" for mistake in mistakes))
    yield from (_comment(f"{entry.id}: {remark}") for remark in remarks)
    out = entry.url in watched or bool(mistakes)
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
    terms = service.data.get("terms") or service.data.get("documents") or {}
    for type_, declared in terms.items():
        shared = {key: value for key, value in declared.items() if key != "combine"}
        pages = declared.get("combine") or [{}]
        for number, page in enumerate(pages, 1):
            several = f" #{number}" if len(pages) > 1 else ""
            id = _free(f"{provider}/{slug_like(type_)}", taken)
            yield _entry(service, id, type_, {**shared, **page}, several)


def _entry(service: Service, id: str, type_: str, page: Json, several: str) -> Entry:
    url = str(page.get("fetch") or "")
    provider, _, slug = id.partition("/")
    remarks = [*_unmapped(service, page), *_former(service, type_)]
    lines = [f"[providers.{provider}.documents.{slug}]", f"type = {_string(type_)}", f"url = {_string(url)}"]
    for key in ("select", "remove"):
        chosen, ranges = _selectors(page.get(key))
        remarks += [_of_range(key, one) for one in ranges]
        # A range and what is chosen beside it belong together: half of it would be another text.
        if chosen and not (key == "select" and ranges):
            lines.append(f"{key} = {_list(chosen)}")
    if "executeClientScripts" in page:
        lines.append(f'render = "{"browser" if page["executeClientScripts"] else "http"}"')
    lines.append(f"history = {_string(f'{service.id}/{type_}{several}')}")
    if several:
        remarks.append(f"page{several} of several that are put together there; here each is a document")
    return Entry(id, url, tuple(lines), tuple(remarks))


def _selectors(value: object) -> tuple[list[str], list[Json]]:
    """The CSS selectors, and the ranges from one to another."""
    listed = value if isinstance(value, list) else [value] if value else []
    return [one for one in listed if isinstance(one, str)], [one for one in listed if isinstance(one, dict)]


def _of_range(key: str, found: Json) -> str:
    ends = ", ".join(f"{name} {found[name]}" for name in RANGES if name in found)
    instead = "the main text is found by itself" if key == "select" else "look whether it is still there"
    return f"{key} from one place to another ({ends}) cannot be said here: {instead}"


def _unmapped(service: Service, page: Json) -> Iterator[str]:
    for one in page.get("filter") or ():
        name = next(iter(one)) if isinstance(one, dict) else str(one)
        if name == "removeQueryParams":
            yield "the filter removeQueryParams is not needed: where links lead never makes a change here"
            continue
        yield f"the filter {name} is a program ({service.id}.filters.js) and is not run here"
    for key in sorted(page.keys() - KNOWN):
        yield f"{key} = {json.dumps(page[key], ensure_ascii=False)} has no meaning here"


def _former(service: Service, type_: str) -> Iterator[str]:
    """How these terms were declared before, which a watchlist does not keep."""
    for one in service.former.get(type_, ()):
        pages = one.get("combine") or [one]
        where = ", ".join(str(page.get("fetch")) for page in pages if page.get("fetch")) or "the same address"
        yield f"until {one.get('validUntil', 'an unknown time')}: {where}"


# --- reading and writing ---------------------------------------------------------------------------


def _service(path: Path) -> Service:
    data, former = _load(path), path.with_name(f"{path.stem}.history.json")
    terms = data.get("terms") or data.get("documents")
    if not isinstance(terms, dict) or not all(isinstance(one, dict) for one in terms.values()):
        raise UsageError(f'{path}: is no declaration; it has no "terms"')
    return Service(path.stem, data, _load(former) if former.exists() else {})


def _load(path: Path) -> Json:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path}: is no declaration; write an object")
    return data


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
