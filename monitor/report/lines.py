"""Lines of text for a terminal: wrapped, indented, printed without anything that acts on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from io import StringIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

Line = Text | Table

NARROWEST = 40
"""Columns below which lines run over rather than break further."""

INDENT = "  "
BAR = "│ "
"""Stands before every line of page text, so that no page can pass for our own words."""


def printed(lines: Iterable[Line], width: int, colour: bool) -> str:
    """The lines as a terminal shows them; without colour no line ends in spaces."""
    out = StringIO()
    console = Console(
        file=out,
        width=max(width, NARROWEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for line in lines:
        console.print(line, soft_wrap=isinstance(line, Text))
    return out.getvalue() if colour else "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


def wrapped(text: Text, width: int, first: str = "", later: str | None = None) -> Iterator[Text]:
    """A text in lines of `width` columns, each behind its indent."""
    later = first if later is None else later
    for at, line in enumerate(text.wrap(_console(), max(width - len(later), NARROWEST // 2))):
        line.rstrip()
        yield Text.assemble((later if at else first, "dim" if BAR in later else ""), line)


@cache
def _console() -> Console:
    """What rich measures and wraps with; nothing is ever printed on it."""
    return Console(file=StringIO(), _environ={})


def heading(title: str, width: int) -> Iterator[Text]:
    """An empty line, and a title on a rule."""
    yield Text()
    yield Text(f"── {title} ".ljust(width, "─"), style="bold")
