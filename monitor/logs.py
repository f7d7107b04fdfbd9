"""Logging: one event a line on standard error, as text or JSON, without secrets or page text."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TextIO

from monitor.errors import MonitorError
from monitor.settings import Settings

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


MOST_PLACES = 12
"""Places of an exception that are named."""


class OfOthers(logging.StreamHandler[TextIO]):
    """Where the warnings of libraries go; our own events have a handler of their own."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING and record.name.partition(".")[0] != "monitor"


class TextFormatter(logging.Formatter):
    """`2026-05-05T12:00:00Z info checked document=anthropic/privacy outcome=unchanged`"""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_quote(value)}" for name, value in _fields(record).items())
        return f"{_instant(record)} {record.levelname.lower()} {_event(record)}{fields}"


class JsonFormatter(logging.Formatter):
    """The same as one JSON object, with numbers as numbers."""

    def format(self, record: logging.LogRecord) -> str:
        event: dict[str, object] = {
            "at": _instant(record),
            "level": record.levelname.lower(),
            "event": _event(record),
        }
        event |= {name: _plain(value) for name, value in _fields(record).items()}
        return json.dumps(event, ensure_ascii=False)


def configure(settings: Settings, default: str = "warning") -> None:
    """Send this program's events to standard error, at the level of the settings or this default.

    Warnings of libraries go there in the same form, and so without what an exception of theirs quotes.
    """
    formatter = JsonFormatter() if settings.log_format == "json" else TextFormatter()
    logger, everyone = logging.getLogger("monitor"), logging.getLogger()
    logger.handlers[:] = [logging.StreamHandler(sys.stderr)]
    logger.setLevel((settings.log_level or default).upper())
    others = OfOthers(sys.stderr)
    everyone.handlers[:] = [*(one for one in everyone.handlers if not isinstance(one, OfOthers)), others]
    for handler in (*logger.handlers, others):
        handler.setFormatter(formatter)


def crash(error: BaseException) -> str:
    """An exception and its causes in one line: what and where, the innermost place first.

    Never in its words: they may quote a page, an address with a key, or what was to be stored.
    """
    return "; after ".join(_places(one) for one in _chain(error))


def told(error: Exception) -> str:
    """What an event says of an error; one that was not made for people may quote a page."""
    return str(error) if isinstance(error, MonitorError) else type(error).__name__


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exception, and those that led to it."""
    found: BaseException | None = error
    while found is not None:
        yield found
        inner = found.exceptions[0] if isinstance(found, BaseExceptionGroup) else None
        found = inner or found.__cause__ or (None if found.__suppress_context__ else found.__context__)


def _places(error: BaseException) -> str:
    places = [
        f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    name = type(error).__name__
    return f"{name} at {' < '.join(places[::-1][:MOST_PLACES])}" if places else name


def _short(file: str) -> str:
    """A file's name with its folder: enough to find it, and none of the paths of this machine."""
    return "/".join(file.replace("\\", "/").split("/")[-2:])


def _event(record: logging.LogRecord) -> str:
    """What happened; libraries put the words of exceptions behind a line break."""
    return record.getMessage().partition("\n")[0]


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    fields = {name: value for name, value in vars(record).items() if name not in STANDARD}
    if record.exc_info and record.exc_info[1]:
        fields["crash"] = crash(record.exc_info[1])
    return fields


def _plain(value: object) -> object:
    return value if value is None or type(value) in (bool, int, float) else str(value)


def _quote(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and not set(text) & set(' "=')
    return text if plain else json.dumps(text, ensure_ascii=False)
