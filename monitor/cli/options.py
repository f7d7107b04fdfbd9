"""Options that several commands share, and reading what was typed into them."""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import UsageError


class Format(StrEnum):
    TERMINAL = "terminal"
    MARKDOWN = "markdown"
    HTML = "html"
    JSON = "json"


WatchlistOption = Annotated[
    Path | None,
    typer.Option(
        "--watchlist",
        metavar="FILE",
        help="The watchlist; default watchlist.toml here, or MONITOR_WATCHLIST.",
    ),
]
DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The database; default a SQLite file beside the watchlist, or MONITOR_DATABASE.",
    ),
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write it to this file and not to the terminal."),
]

SPAN = re.compile(r"(\d{1,6})\s*(m|h|d|w)")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str | None, now: datetime) -> datetime | None:
    """The instant that "7d", "12h" or "2026-05-05" (midnight UTC) means."""
    if text is None:
        return None
    if span := SPAN.fullmatch(text.strip()):
        return now - timedelta(**{UNITS[span[2]]: int(span[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'--since: "{text}" is no time; write e.g. 7d, 12h or 2026-05-05') from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def deliver(text: str, output: Path | None) -> None:
    """Write a finished text where it was asked for."""
    if output is None:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        return
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text if text.endswith("\n") else text + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror}); name another --output") from error
