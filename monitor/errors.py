"""The error tree.

    MonitorError                 everything that this program raises on purpose
    ├── UsageError               a command was given something it cannot use
    │   ├── AnsweredMeanwhile    another person settled what this one was about; nothing was kept
    │   └── WatchlistError       the watchlist has mistakes: all of them, each with its line
    ├── ExtractError             bytes that cannot be read as a document
    ├── MissingExtra             an optional part is not installed; names the command that installs it
    ├── OpinionError             no second opinion came, or none that counts
    ├── DeliveryError            a message did not reach its receiver; it is sent again later
    ├── NoWorker                 a check was queued, and nobody takes it
    └── StoreError               the database cannot be used
        ├── StoreLocked          another process kept it locked for too long
        ├── StoreTooNew          written by a newer version of this program
        ├── Damaged              stored bytes are not what they were
        ├── TakenOver            a check lost its document to another process; nothing of it was kept
        └── StoreFull            no space, or a file or folder that cannot be written

`str()` of each is a message for people: what, where, and what to do.
"""

from __future__ import annotations

import shlex
import sys


class MonitorError(Exception):
    """Something went wrong that a person can understand and mend."""


class UsageError(MonitorError):
    """A command was given something it cannot use."""


class AnsweredMeanwhile(UsageError):
    """Another person settled what this answer is about since its giver looked; nothing of it was kept."""


class WatchlistError(UsageError):
    """The watchlist has mistakes; `mistakes` lists every one as "file:line: what, and how to write it"."""

    def __init__(self, mistakes: tuple[str, ...]) -> None:
        self.mistakes = mistakes
        super().__init__("\n".join(mistakes))


class ExtractError(MonitorError):
    """These bytes cannot be read as a document."""


class MissingExtra(MonitorError):
    """An optional part is not installed; the message names the Python that runs this program."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs an optional part; install it with: "
            f"{shlex.quote(sys.executable)} -m pip install 'tos-monitor[{extra}]'"
        )


class OpinionError(MonitorError):
    """No second opinion came, or none that counts; nothing else is the worse for it."""


class DeliveryError(MonitorError):
    """A message did not reach its receiver; `refused` where it took this one and did not want it."""

    def __init__(self, message: str, *, refused: bool = False) -> None:
        super().__init__(message)
        self.refused = refused


class NoWorker(MonitorError):
    """A check was queued, and nobody takes it."""


class StoreError(MonitorError):
    """The database cannot be used."""


class StoreLocked(StoreError):
    """Another process kept the database locked for too long."""


class StoreTooNew(StoreError):
    """The database was written by a newer version of this program."""


class Damaged(StoreError):
    """Stored bytes are not what was stored; whatever does not need them goes on."""


class TakenOver(StoreError):
    """A check lost its document to another process, which checks it again; nothing of it was kept."""


class StoreFull(StoreError):
    """No space is left, or the file or its folder cannot be written."""
