"""New values in the watchlist's text: nothing else changes, to the last blank and comment."""

from __future__ import annotations

import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from monitor import toml_lines
from monitor.errors import UsageError
from monitor.model import Claim
from monitor.toml_lines import Pair
from monitor.watchlist import parse_watchlist

KEYS = ("position", "period", "verified", "source", "note")

_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_INDENT = re.compile(r"[ \t]*")


def written(path: Path, claim: Claim, published: Iterable[Claim]) -> Written:
    """The file with a claim's new value, ready to be kept; `published` is what its reader was shown.

    UsageError when the file says something else by now, when several sources disagree, or when it cannot
    be read.
    """
    before = _read(path)
    text = before.decode("utf-8-sig")
    product = parse_watchlist(text, str(path)).products.get(claim.product)
    where = f"{claim.product} {claim.topic}"
    if product is None:
        raise UsageError(f"{path}: {claim.product} is not there any more; nothing was written")
    now = tuple(one for one in product.claims if one.topic == claim.topic)
    if now != tuple(published):
        raise UsageError(f"{path}: the claim on {where} was edited meanwhile; read it, and answer again")
    after = with_claim(text, claim, str(path))
    mark = "\ufeff" if before.startswith(b"\xef\xbb\xbf") else ""
    return Written(path, before, (mark + after).encode("utf-8"))


@dataclass(frozen=True)
class Written:
    """A watchlist that was edited and waits to replace the one it was made from."""

    path: Path
    before: bytes
    after: bytes

    def keep(self) -> None:
        """Put it in the file's place, whole or not at all; UsageError when that changed meanwhile."""
        # A link to the watchlist stays a link.
        path = self.path.resolve()
        try:
            handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(self.after)
                    file.flush()
                    os.fsync(file.fileno())
                os.chmod(name, path.stat().st_mode & 0o7777)
                if _read(path) != self.before:
                    raise UsageError(f"{self.path} was edited meanwhile; it was not written, try again")
                os.replace(name, path)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(name)
        except OSError as error:
            raise UsageError(f"{self.path} cannot be written ({error.strerror})") from error


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror})") from error


def with_claim(text: str, claim: Claim, name: str = "watchlist.toml") -> str:
    """A watchlist's text with the new value of a claim; UsageError when several sources publish it."""
    provider, _, slug = claim.product.partition("/")
    product: toml_lines.Path = ("providers", provider, "products", slug)
    raw = _at(tomllib.loads(text), product)
    published = raw.get(claim.topic)
    if isinstance(published, list) and len(published) > 1:
        raise UsageError(
            f"{name}: {len(published)} sources publish {claim.product} {claim.topic}; leave the one that"
            " holds, and answer again"
        )
    table = (
        (*product, claim.topic, 0) if isinstance(published, list) and published else (*product, claim.topic)
    )
    if not published:
        after = _insert(text, product, claim.topic, _inline(claim))
    else:
        after = text
        for key in KEYS:
            after = _set(after, table, key, _value(claim, key))
    _prove(text, after, claim, name)
    return after


def _prove(before: str, after: str, claim: Claim, name: str) -> None:
    """UsageError unless the new text says the new value, and all else as before."""
    provider, _, slug = claim.product.partition("/")
    texts = [tomllib.loads(text) for text in (before, after)]
    for text in texts:
        _at(text, ("providers", provider, "products", slug)).pop(claim.topic, None)
    product = parse_watchlist(after, name).products[claim.product]
    if texts[0] != texts[1] or [one for one in product.claims if one.topic == claim.topic] != [claim]:
        raise UsageError(
            f"{name}: {claim.product} {claim.topic} is written in a way that cannot be edited here"
        )


def _at(table: dict[str, Any], path: toml_lines.Path) -> dict[str, Any]:
    for key in path:
        table = table[str(key)]
    return table


# --- single keys -------------------------------------------------------------------------------


def _set(text: str, table: toml_lines.Path, key: str, value: str | None) -> str:
    """The text with a key of a table set, put in, or (None) taken out."""
    pairs = toml_lines.pairs(text)
    found = next((pair for pair in pairs if pair.path == (*table, key)), None)
    if found is None:
        return text if value is None else _insert(text, table, key, value)
    start, end = found.value
    if value is not None:
        return text[:start] + _quoted_as(value, text[start:end]) + text[end:]
    beside = [pair for pair in pairs if pair.path[:-1] == table and pair.inline == found.inline]
    return _without(text, found, beside)


def _insert(text: str, table: toml_lines.Path, key: str, value: str) -> str:
    """The text with another key at the end of a table."""
    beside = [pair for pair in toml_lines.pairs(text) if pair.path[:-1] == table]
    last = beside[-1]
    end = last.value[1]
    prefix = text[last.key[0] : last.key[1]]
    # A key after dots needs what stands before it: "training.position".
    name = prefix[: len(prefix) - len(_last_part(prefix))] + key
    if last.inline:
        return f"{text[:end]}, {name} = {value}{text[end:]}"
    rest = _REST_OF_LINE.match(text, end)
    end = rest.end() if rest else end
    start = text.rfind("\n", 0, last.key[0]) + 1
    indent = _INDENT.match(text, start)
    newline = "\r\n" if "\r\n" in text else "\n"
    return f"{text[:end]}{newline}{indent[0] if indent else ''}{name} = {value}{text[end:]}"


def _last_part(key: str) -> str:
    found = re.search(r"(?:\"(?:[^\"\\]|\\.)*\"|'[^']*'|[A-Za-z0-9_-]+)$", key)
    return found[0] if found else key


def _without(text: str, pair: Pair, beside: list[Pair]) -> str:
    """The text without a pair; a comment behind it stays."""
    at = beside.index(pair)
    if pair.inline:
        if at:
            return text[: beside[at - 1].value[1]] + text[pair.value[1] :]
        return text[: pair.key[0]] + text[beside[1].key[0] :]
    start = text.rfind("\n", 0, pair.key[0]) + 1
    rest = _REST_OF_LINE.match(text, pair.value[1])
    comment = rest[0].strip() if rest else ""
    end = rest.end() if rest else pair.value[1]
    if comment:
        return text[: pair.key[0]] + comment + text[end:]
    return text[:start] + re.sub(r"^\r?\n", "", text[end:], count=1)


# --- values ------------------------------------------------------------------------------------


def _value(claim: Claim, key: str) -> str | None:
    if key == "verified":
        return claim.verified.isoformat() if claim.verified else None
    text = (claim.period.text if claim.period else "") if key == "period" else str(getattr(claim, key))
    return _string(text) if text else None


def _inline(claim: Claim) -> str:
    values = {key: _value(claim, key) for key in KEYS}
    return "{ " + ", ".join(f"{key} = {value}" for key, value in values.items() if value) + " }"


def _string(text: str) -> str:
    escaped = re.sub(r'[\\"\n\r\t\b\f]', lambda found: _ESCAPES[found[0]], text)
    return '"' + _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", escaped) + '"'


def _quoted_as(value: str, before: str) -> str:
    """A value in the quotes of the one it replaces, where they can hold it."""
    if not value.startswith('"') or not before.startswith("'") or before.startswith("'''"):
        return value
    text = str(tomllib.loads(f"value = {value}")["value"])
    return value if "'" in text or _CONTROL.search(text) else f"'{text}'"


# --- names in histories --------------------------------------------------------------------------


def with_history(text: str, names: Mapping[str, tuple[str, ...]], name: str = "watchlist.toml") -> str:
    """A watchlist's text with the names of documents in histories made elsewhere, by document id.

    UsageError where a document is written in a way that cannot be edited here.
    """
    after = text
    for document, told in names.items():
        provider, _, slug = document.partition("/")
        table: toml_lines.Path = ("providers", provider, "documents", slug)
        value = _string(told[0]) if len(told) == 1 else f"[{', '.join(map(_string, told))}]"
        after = _set(after, table, "history", value)
    found, before = parse_watchlist(after, name).documents, parse_watchlist(text, name).documents
    wanted = {id: replace(one, history=names.get(id, one.history)) for id, one in before.items()}
    if found != wanted:
        raise UsageError(f'{name}: write history = "Service/Terms Type" by hand; it cannot be edited here')
    return after


def history_written(path: Path, names: Mapping[str, tuple[str, ...]]) -> Written:
    """The file with these names, ready to be kept."""
    before = _read(path)
    mark = "\ufeff" if before.startswith(b"\xef\xbb\xbf") else ""
    after = with_history(before.decode("utf-8-sig"), names, str(path))
    return Written(path, before, (mark + after).encode("utf-8"))
