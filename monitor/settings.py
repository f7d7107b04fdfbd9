"""Environment and options -> Settings; the only reader of os.environ."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from monitor.errors import UsageError

WATCHLIST = Path("watchlist.toml")

ARCHIVE = "https://web.archive.org/web"
"""The Internet Archive's, of all web archives the one that has most."""

LONGEST_OPINION = 600
"""Seconds that one answer may take at most; a round waits for no more after its last document."""

LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")
_DATABASE_URL = re.compile(r"[A-Za-z][\w+]*:")
_SECRETS = re.compile(r"(?<=:)[^:/]*(?=@)|(?<=password=)[^&]*")
_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")
_SECONDS = re.compile(r"[0-9]{1,4}(?:\.[0-9]{1,3})?")


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What is chosen outside the watchlist; `database` is an SQLAlchemy URL."""

    watchlist: Path
    database: str
    log_level: str = ""  # debug | info | warning | error, or "" for what the command finds right
    log_format: str = "text"  # text | json
    proxy: str = ""
    browser: Path | None = None  # the Chromium that renders pages, where it is not to be looked for
    contact: str = ""  # a mail or web address for the operators of watched sites
    ca_file: Path | None = None  # certificates that are trusted besides the public ones
    fetch_seconds: float = 60.0  # how long one fetch may take, whatever it meets
    heartbeat: float = 10.0  # seconds between two signs of life of a worker
    rules: tuple[Path, ...] = ()
    password: str = ""  # asked for by the review application
    options: str = ""  # --watchlist and --database as they were given, for commands that are printed
    opinion_url: str = ""  # of an OpenAI-compatible endpoint that words second opinions; "" asks none
    opinion_model: str = ""
    opinion_key: str = field(default="", repr=False)
    opinion_seconds: float = 60.0  # how long one answer may take
    url: str = ""  # where the review application is reached, for links in messages
    ping_url: str = field(default="", repr=False)  # of a dead-man's switch that is told of rounds
    archive: str = ARCHIVE  # what the captures of the web archive begin with that is asked for the past
    color: bool = True  # False when NO_COLOR is set, see https://no-color.org


def settings(
    *,
    watchlist: str | Path | None = None,
    database: str | Path | None = None,
    rules: Iterable[Path] = (),
    archive: str | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """The options given, else MONITOR_* of the environment, else defaults; UsageError for a bad value."""
    file = Path(watchlist or environ.get("MONITOR_WATCHLIST") or WATCHLIST).expanduser()
    given = database or environ.get("MONITOR_DATABASE") or file.with_suffix(".db")
    return Settings(
        watchlist=file,
        database=_database_url(str(given)),
        log_level=_one_of("MONITOR_LOG", environ, LEVELS, ""),
        log_format=_one_of("MONITOR_LOG_FORMAT", environ, LOG_FORMATS, "text"),
        proxy=_proxy(environ.get("MONITOR_PROXY", "")),
        browser=_browser(environ.get("MONITOR_BROWSER", "")),
        contact=_contact(environ.get("MONITOR_CONTACT", "")),
        ca_file=_ca_file(environ.get("MONITOR_CA_FILE", "")),
        fetch_seconds=_seconds("MONITOR_TIMEOUT", environ, Settings.fetch_seconds),
        heartbeat=_heartbeat(environ),
        rules=(*rules, *_paths(environ.get("MONITOR_RULES", ""))),
        password=environ.get("MONITOR_PASSWORD", ""),
        options=_options(watchlist, database),
        opinion_url=_endpoint(environ),
        opinion_model=environ.get("MONITOR_OPINION_MODEL", "").strip(),
        opinion_key=_key(environ.get("MONITOR_OPINION_KEY", "")),
        opinion_seconds=_patience(environ.get("MONITOR_OPINION_TIMEOUT", "")),
        url=_own_url(environ.get("MONITOR_URL", "")),
        ping_url=_ping_url(environ.get("MONITOR_PING_URL", "")),
        archive=archive or environ.get("MONITOR_ARCHIVE", "").strip() or ARCHIVE,
        color=not environ.get("NO_COLOR"),
    )


def secret(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """What a variable that the watchlist names holds; "" where it is not set."""
    return environ.get(name, "").strip()


def _database_url(database: str) -> str:
    """A database URL; a plain path becomes that of a SQLite file."""
    if _DATABASE_URL.match(database) and "://" in database:
        return database
    if database.startswith(("postgres:", "postgresql:", "postgresql+")):
        raise UsageError("the database's URL is cut short; write it as postgresql://user@host/database")
    path = Path(database).expanduser()
    if path.is_dir():
        raise UsageError(
            f"the database {database} is a folder; name a file in it, e.g. {path / 'monitor.db'}"
        )
    if "?" in str(path.absolute()):
        raise UsageError(
            f"the database {database} has a question mark in its path; choose another place for it"
        )
    return f"sqlite:///{path.absolute()}"


def _options(watchlist: str | Path | None, database: str | Path | None) -> str:
    """The options that say where, so that they work in any folder; without the password of a URL."""
    words: list[str] = []
    if watchlist:
        words += ["--watchlist", str(Path(watchlist).expanduser().absolute())]
    if database and _DATABASE_URL.match(str(database)) and "://" in str(database):
        words += ["--database", _SECRETS.sub("***", str(database))]
    elif database:
        words += ["--database", str(Path(database).expanduser().absolute())]
    return shlex.join(words)


def _one_of(name: str, environ: Mapping[str, str], known: tuple[str, ...], default: str) -> str:
    value = environ.get(name, "").strip().lower() or default
    if value and value not in known:
        raise UsageError(f'{name}="{environ[name]}" is not one of its values; use {", ".join(known)}')
    return value


def _proxy(url: str) -> str:
    """A proxy's URL as given; the message about a bad one does not repeat it, for it may hold a password."""
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        complete = parts.scheme in _PROXY_SCHEMES and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete:
        raise UsageError("MONITOR_PROXY is not a proxy's address; use e.g. http://proxy.example:3128")
    return url


def _endpoint(environ: Mapping[str, str]) -> str:
    """The address of an endpoint as given; a message about a bad one does not repeat it."""
    url = environ.get("MONITOR_OPINION_URL", "").strip()
    if not url:
        return ""
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if not complete or not url.isascii() or not url.isprintable() or set(" @") & set(parts.netloc):
        raise UsageError(
            "MONITOR_OPINION_URL is not an endpoint's address; use e.g. http://127.0.0.1:11434/v1, and"
            " MONITOR_OPINION_KEY for a key"
        )
    if not environ.get("MONITOR_OPINION_MODEL", "").strip():
        raise UsageError("MONITOR_OPINION_MODEL is missing; name the model that the endpoint is to ask")
    return url


def _own_url(url: str) -> str:
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        complete = False
    if url and (not complete or not url.isascii() or not url.isprintable() or " " in url):
        raise UsageError("MONITOR_URL is not a web address; use e.g. https://terms.example.com")
    return url


def _ping_url(url: str) -> str:
    """The address of a dead-man's switch as given; a message about a bad one does not repeat it."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        complete = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        complete = False
    if url and (not complete or not url.isascii() or not url.isprintable() or " " in url):
        raise UsageError("MONITOR_PING_URL is not a web address; use e.g. https://hc.example.com/ping/KEY")
    return url


def _key(key: str) -> str:
    key = key.strip()
    if not key.isascii() or not key.isprintable() or " " in key:
        raise UsageError("MONITOR_OPINION_KEY is sent in a header; use the key alone, without spaces")
    return key


def _patience(text: str) -> float:
    """Seconds to wait for an answer."""
    text = text.strip()
    if not text:
        return Settings.opinion_seconds
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:6]) <= LONGEST_OPINION:
        raise UsageError(
            f'MONITOR_OPINION_TIMEOUT="{text}" is no time to wait; use seconds, from 1 to {LONGEST_OPINION}'
        )
    return float(text)


def _browser(path: str) -> Path | None:
    if path and not Path(path).expanduser().is_file():
        raise UsageError(
            f"MONITOR_BROWSER names {path}, which is not a file; name a Chromium, or leave it out"
        )
    return Path(path).expanduser() if path else None


def _ca_file(path: str) -> Path | None:
    if path and not Path(path).expanduser().is_file():
        raise UsageError(f"MONITOR_CA_FILE names {path}, which is not a file; name certificates in PEM")
    return Path(path).expanduser() if path else None


def _seconds(name: str, environ: Mapping[str, str], default: float) -> float:
    value = environ.get(name, "").strip()
    if not value:
        return default
    if not _SECONDS.fullmatch(value) or not float(value):
        raise UsageError(f'{name}="{value}" is no time; give seconds, as in 60')
    return float(value)


def _heartbeat(environ: Mapping[str, str]) -> float:
    """Seconds between two signs of life; shorter ones would be missed by any machine that is busy."""
    seconds = _seconds("MONITOR_HEARTBEAT", environ, Settings.heartbeat)
    if seconds < 1:
        raise UsageError(f"MONITOR_HEARTBEAT={seconds:g} is too short; give seconds, from 1 on")
    return seconds


def _contact(contact: str) -> str:
    contact = contact.strip()
    if not contact.isascii() or not contact.isprintable():
        raise UsageError("MONITOR_CONTACT is sent in a header; use a plain mail or web address")
    return contact


def _paths(text: str) -> tuple[Path, ...]:
    paths = tuple(Path(part).expanduser() for part in text.split(os.pathsep) if part.strip())
    for path in paths:
        if not path.is_file():
            raise UsageError(f"MONITOR_RULES names {path}, which is not a file; name rule files (*.toml)")
    return paths
