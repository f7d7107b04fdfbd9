"""Where every key, value and list item of a TOML text stands, because no maintained parser says so."""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from dataclasses import dataclass

Path = tuple[str | int, ...]

_STRING = re.compile(
    r'"""(?:[^"\\]|\\[\s\S]|"{1,2}(?!"))*"{3,5}'
    r"|'''(?:[^']|'{1,2}(?!'))*'{3,5}"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_VALUE = re.compile(r"[^,\]}\r\n#]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_DOT = re.compile(r"[ \t]*\.[ \t]*")
_SPACE = re.compile(r"[ \t]*")


@dataclass(frozen=True)
class Pair:
    """A `key = value` as it is written: the characters from and up to which its key and its value stand."""

    path: Path
    key: tuple[int, int]  # with the parts before its dots
    value: tuple[int, int]
    inline: bool  # inside of braces


def lines(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every key path in a TOML text that `tomllib` accepts.

    A table has the line of its header if it has one, otherwise that of the first key in it.
    """
    return _Scanner(text).scan()


def pairs(text: str) -> tuple[Pair, ...]:
    """Every pair of a TOML text that `tomllib` accepts, in the order in which the keys are written."""
    scanner = _Scanner(text)
    scanner.scan()
    return tuple(sorted(scanner.pairs, key=lambda pair: pair.key))


class _Scanner:
    """Walks through valid TOML; what it would not understand, `tomllib` has refused before."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.newlines = [match.start() for match in re.finditer("\n", text)]
        self.found: dict[Path, int] = {}
        self.pairs: list[Pair] = []
        self.arrays: dict[Path, int] = {}  # arrays of tables: the index of the last table

    def scan(self) -> dict[Path, int]:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.found

    def header(self) -> Path:
        line = self.line()
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        self.skip(_SPACE)
        *parents, last = self.key()
        path: Path = ()
        for part in parents:
            path = self.newest((*path, part))
            self.found.setdefault(path, line)
        path = (*path, last)
        if many:
            self.found.setdefault(path, line)
            self.arrays[path] = self.arrays.get(path, -1) + 1
            path = self.newest(path)
        self.found[path] = line
        self.skip(_SPACE)
        self.at += 2 if many else 1
        return path

    def newest(self, path: Path) -> Path:
        """The last table of an array of tables, or the path itself."""
        return (*path, self.arrays[path]) if path in self.arrays else path

    def pair(self, table: Path, *, inline: bool = False) -> None:
        line = self.line()
        start = self.at
        path = table
        for part in self.key():
            path = (*path, part)
            self.found.setdefault(path, line)
        end = self.at
        self.skip(_SPACE)
        self.at += len("=")
        self.skip(_SPACE)
        opening = self.at
        self.value(path)
        closing = opening + len(self.text[opening : self.at].rstrip())
        self.pairs.append(Pair(path, (start, end), (opening, closing), inline))

    def key(self) -> list[str]:
        parts = [self.key_part()]
        while dot := _DOT.match(self.text, self.at):
            self.at = dot.end()
            parts.append(self.key_part())
        return parts

    def key_part(self) -> str:
        if quoted := _STRING.match(self.text, self.at):
            self.at = quoted.end()
            return str(tomllib.loads(f"key = {quoted[0]}")["key"])
        return self.skip(_BARE_KEY)

    def value(self, path: Path) -> None:
        opening = self.text[self.at]
        if opening in "\"'":
            self.skip(_STRING)
        elif opening == "[":
            self.array(path)
        elif opening == "{":
            self.inline_table(path)
        else:
            self.skip(_BARE_VALUE)

    def array(self, path: Path) -> None:
        index = 0
        self.at += len("[")
        while self.next_item("]"):
            self.found[(*path, index)] = self.line()
            self.value((*path, index))
            index += 1

    def inline_table(self, path: Path) -> None:
        self.at += len("{")
        while self.next_item("}"):
            self.pair(path, inline=True)

    def next_item(self, closing: str) -> bool:
        """Moves on to the next item, or behind the closing bracket: then False."""
        self.skip(_BLANK)
        if self.text[self.at] == ",":
            self.at += 1
            self.skip(_BLANK)
        if self.text[self.at] != closing:
            return True
        self.at += 1
        return False

    def skip(self, pattern: re.Pattern[str]) -> str:
        """Moves behind what matches here, and returns it."""
        match = pattern.match(self.text, self.at)
        if match is None:
            raise AssertionError(f"not valid TOML at {self.at}")
        self.at = match.end()
        return match[0]

    def line(self) -> int:
        return bisect_left(self.newlines, self.at) + 1
