"""Logging: one event a line on standard error, as text or JSON, without secrets or page text."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

from monitor.settings import Settings

STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class TextFormatter(logging.Formatter):
    """`2026-05-05T12:00:00Z info checked document=anthropic/privacy outcome=unchanged`"""

    def format(self, record: logging.LogRecord) -> str:
        fields = "".join(f" {name}={_quote(value)}" for name, value in _fields(record).items())
        line = f"{_instant(record)} {record.levelname.lower()} {record.getMessage()}{fields}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class JsonFormatter(logging.Formatter):
    """The same as one JSON object."""

    def format(self, record: logging.LogRecord) -> str:
        event = {"at": _instant(record), "level": record.levelname.lower(), "event": record.getMessage()}
        event |= {name: str(value) for name, value in _fields(record).items()}
        if record.exc_info:
            event["error"] = self.formatException(record.exc_info)
        return json.dumps(event, ensure_ascii=False)


def configure(settings: Settings, default: str = "warning") -> None:
    """Send this program's events to standard error, at the level of the settings or this default."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if settings.log_format == "json" else TextFormatter())
    logger = logging.getLogger("monitor")
    logger.handlers[:] = [handler]
    logger.setLevel((settings.log_level or default).upper())


def _instant(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return {name: value for name, value in vars(record).items() if name not in STANDARD}


def _quote(value: object) -> str:
    text = str(value)
    plain = text.isprintable() and not set(text) & set(' "=')
    return text if plain else json.dumps(text, ensure_ascii=False)
