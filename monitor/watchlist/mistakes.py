"""Mistakes in a watchlist as lines for people: where, what is wrong, and how to write it."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import ErrorDetails

from monitor import toml_lines
from monitor.watchlist.form import EXAMPLES, Form, ProductForm
from monitor.watchlist.spelling import did_you_mean, nearest

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")

# What usually lies behind the parser's words.
_SYNTAX_REMEDIES = {
    "Invalid value": 'write text in double quotes: key = "value"',
    "Unclosed array": "close the list with ]",
    "Unclosed inline table": "keep { … } on one line and close it",
    "Illegal character": 'end the text on its line with ", and write a backslash as \\\\',
    "Unterminated string": "end the text with the quotes it began with",
    "Cannot overwrite a value": "this key or section was given before; keep one of them",
    "Cannot declare": "this section was given before; keep one of them",
    "Expected '=' after a key": 'write key = "value"',
    "Expected newline": "put every key on a line of its own and text in double quotes",
    "Unescaped '\\'": "write a backslash as \\\\, or the text in single quotes",
}


@dataclass(frozen=True)
class Mistake:
    """What is wrong in the table at `table`, at the path `key` in it."""

    table: toml_lines.Path
    key: toml_lines.Path
    text: str


def syntax_mistake(error: tomllib.TOMLDecodeError, text: str, name: str) -> str:
    """What the parser found wrong in a text, as a line for people."""
    place = _PLACE.search(str(error))
    what = _PLACE.sub("", str(error))
    last = len(text.rstrip().splitlines()) or 1
    line = int(place[1]) if place and place[1] else last
    column = f" (column {place[2]})" if place and place[2] else ""
    remedies = (remedy for start, remedy in _SYNTAX_REMEDIES.items() if what.startswith(start))
    remedy = next(remedies, "see https://toml.io for how it is written")
    return f"{name}:{line}: syntax: {what}{column}; {remedy}"


def messages(mistakes: list[Mistake], lines: Mapping[toml_lines.Path, int], name: str) -> tuple[str, ...]:
    """The mistakes as lines for people, in the order of the file."""
    placed = [(_line((*m.table, *m.key), lines), f"{_where(m.table)}: {m.text}") for m in mistakes]
    return tuple(f"{name}:{line}: {text}" for line, text in sorted(placed, key=lambda item: item[0]))


def _line(path: toml_lines.Path, lines: Mapping[toml_lines.Path, int]) -> int:
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


def _where(table: toml_lines.Path) -> str:
    match table:
        case ("providers", provider, "documents", slug, *_):
            return f"document {provider}/{slug}"
        case ("providers", provider, "products", slug):
            return f"product {provider}/{slug}"
        case ("providers", provider, "products", slug, topic, *_):
            return f"product {provider}/{slug}, {topic}"
        case ("providers", provider, *_):
            return f"provider {provider}"
        case ("notify", channel, *_):
            return f"channel {channel}"
        case (str(section), *_):
            return section
    return "watchlist"


def shown(value: object) -> str:
    """A value as TOML has it, shortened."""
    match value:
        case str():
            return json.dumps(value if len(value) <= 80 else f"{value[:79]}…", ensure_ascii=False)
        case bool():
            return str(value).lower()
        case dict():
            return "{…}"
        case list() | tuple():
            return "[…]"
    return str(value)


def explained(form: type[Form], error: ErrorDetails, topics: tuple[str, ...]) -> str:
    key = str(error["loc"][0])
    match error["type"]:
        case "missing":
            from monitor.watchlist import channels  # noqa: PLC0415  10 ms, only for who makes mistakes

            return f"{key} is missing; write {(EXAMPLES | channels.EXAMPLES)[key]}"
        case "extra_forbidden":
            fields = (field.alias or name for name, field in form.model_fields.items())
            known = [*fields, *(topics if form is ProductForm else ())]
            return f'unknown key "{key}"; {_remedy(form, key, error["input"], known)}'
    value = "…" if key in form.SECRET else shown(error["input"])
    return f"{key} = {value} {error['msg']}"


def _remedy(form: type[Form], key: str, value: object, known: list[str]) -> str:
    near = nearest(key, known)
    first = value[0] if isinstance(value, list) and value else value
    if form is ProductForm and not near and isinstance(first, dict) and "position" in first:
        return f'for a topic of your own write topics = ["{key}"] in [defaults]'
    return did_you_mean(key, known, f"known here: {', '.join(known)}")
