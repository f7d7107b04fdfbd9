"""Options that several commands share, and reading what was typed into them."""

from __future__ import annotations

import gzip
import os
import re
import sys
import zlib
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


class Dispatch(StrEnum):
    DIRECT = "direct"
    QUEUE = "queue"


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
DispatchOption = Annotated[
    Dispatch, typer.Option("--dispatch", help="Who runs the checks: this process, or workers by a queue.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="How to print it.")]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", metavar="FILE", help="Write it to this file and not to the terminal."),
]

SPAN = re.compile(r"(\d{1,6})\s*(m|h|d|w)")
UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def since(text: str | None, now: datetime, option: str = "--since") -> datetime | None:
    """The instant that "7d", "12h" or "2026-05-05" (midnight UTC) means."""
    if text is None:
        return None
    if span := SPAN.fullmatch(text.strip()):
        return now - timedelta(**{UNITS[span[2]]: int(span[1])})
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f'{option}: "{text}" is no time; write e.g. 7d, 12h or 2026-05-05') from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def bytes_of(path: Path) -> bytes:
    """A file's bytes, unpacked where its name ends in .gz; OSError also for what cannot be unpacked."""
    if path.suffix != ".gz":
        return path.read_bytes()
    try:
        return gzip.decompress(path.read_bytes())
    except (EOFError, zlib.error) as error:
        raise gzip.BadGzipFile(f"not a whole gzip file: {error}") from error


def deliver(text: str, output: Path | None) -> bool:
    """Write a finished text where it was asked for; False when nobody reads our output any more."""
    text = text if text.endswith("\n") else text + "\n"
    if output is None:
        return _print(text)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror}); name another place") from error
    return True


def _print(text: str) -> bool:
    """Print it; a reader that went away (as `head` does) changes nothing about what the command does."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return False
    return True
