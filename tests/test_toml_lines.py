"""Every key of a TOML text is found on its line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.toml_lines import Path, lines, pairs


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("a = 1\nb = 2", ("b",), 2),
        ("[a.b]\nc = 1", ("a", "b", "c"), 2),
        ("[a.b]\nc = 1\n[a]\nd = 1", ("a",), 3),
        ("# [a]\n\n[ a . 'b.c' ]\n", ("a", "b.c"), 3),
        ("a.b.c = 1", ("a", "b"), 1),
        ('"ä\\u0062" = 1', ("äb",), 1),
        ("a = [\n  1,\n  # two\n  2, ]\nb = 1", ("a", 1), 4),
        ("a = [\n  [1],\n  [2,\n 3]]\nb = 1", ("a", 1, 1), 4),
        ("a = { b = 1, c.d = { e = '}' } }\nf = 1", ("a", "c", "d", "e"), 1),
        ("a = [{ b = 1 },\n { b = 2 }]", ("a", 1, "b"), 2),
        ("[[a]]\nb = 1\n[[a]]\nb = 2", ("a", 1, "b"), 4),
        ("[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\nc = 2\n[a.d]\n", ("a", 0, "b", 1, "c"), 5),
        ("[[a]]\n[[a]]\n[a.d]\n", ("a", 1, "d"), 3),
        ('a = """\n[b]\nc = "1"\n"""\nd = 1', ("d",), 5),
        ('a = """x\\"""" \nd = 1', ("d",), 2),
        ("a = '''x\n''y'''''\nd = 1", ("d",), 3),
        ("a = 1979-05-27 07:32:00 # x\r\nd = 'x' # y = 1\r\ne = 1", ("e",), 3),
        ("a = 'c:\\'\nb = \"[\\\\\"\nc = 1", ("c",), 3),
    ],
)
def test_a_key_is_found_on_its_line(text, path, line):
    assert lines(text)[path] == line


def paths(value: object, path: Path = ()) -> Iterator[Path]:
    """Every path in a parsed TOML text."""
    items: Iterable[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        items = value.items()
    if isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield (*path, key)
        yield from paths(inner, (*path, key))


def at(value, path: Path):
    for key in path:
        value = value[key]
    return value


def toml(value: object) -> str:
    """A value written as TOML, on as many lines as it may have."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{toml(key)} = {toml(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[\n" + "".join(f' {toml(inner)}, # ] , "\n' for inner in value) + "]"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return str(value).lower()


TEXTS = st.text("ab\"\\'[]{}=#.,ä ", max_size=5)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(0, 9), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=10,
)


@given(st.dictionaries(TEXTS, st.dictionaries(TEXTS, VALUES, max_size=3), max_size=3))
def test_every_path_of_any_text_has_a_line_within_it(tables):
    text = "".join(
        f"[{toml(name)}]\n" + "".join(f"{toml(key)} = {toml(value)}\n" for key, value in table.items())
        for name, table in tables.items()
    )
    assert tomllib.loads(text) == tables

    for pair in pairs(text):
        assert tomllib.loads(f"value = {text[slice(*pair.value)]}") == {"value": at(tables, pair.path)}
        assert text[: pair.value[0]].rstrip(" \t").endswith("=")

    found = lines(text)

    assert set(found) == set(paths(tables))
    assert all(1 <= line <= text.count("\n") for line in found.values())
