"""Tickets: a check that is wanted, as it waits in a queue until a worker takes it."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any
from urllib.parse import urlsplit

from monitor.model import Document, Reason, Render

TASK = "check_document"
"""What a job of the queue is for; every worker knows this one task."""

MOST, MOST_OF_A_HOST = 1000, 10
"""Tickets that wait or are worked on at most, and those of one host for each place that it has."""


class Queue(StrEnum):
    """Where tickets wait: those for the browser apart, so that workers that have one can be placed apart."""

    CHECKS = "checks"
    BROWSER = "browser"


class Priority(IntEnum):
    """Whose ticket is taken first: the higher one."""

    DUE = 0
    ASKED = 10


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How a document stood when a ticket was written for it."""

    due_at: datetime | None = None  # None before its first check
    last_check: datetime | None = None
    rendered: bool = False  # whether the version in force was shown by a browser
    reasons: tuple[Reason, ...] = ()  # of its last check


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A check of one document that is wanted, because it is due or because a person asked for it.

    It counts while the document stands as it did: a due one until its due time is another, one that a
    person asked for until the document was checked. So none is checked twice for one due time, or one wish.
    """

    document: str
    due_at: datetime | None
    last_check: datetime | None
    queue: Queue
    lock: str  # of tickets with the same one, no two are worked on at once
    priority: Priority = Priority.DUE

    @property
    def asked(self) -> bool:
        return self.priority is Priority.ASKED

    @property
    def key(self) -> str:
        """What the queue holds one of at most."""
        return key_of(self.document)

    def arguments(self) -> dict[str, Any]:
        """The ticket as the arguments of a job; what a job says of itself is not among them."""
        return {
            "document_id": self.document,
            "due_at": self.due_at and self.due_at.isoformat(),
            "last_check": self.last_check and self.last_check.isoformat(),
        }


def key_of(document: str) -> str:
    return f"doc:{document}"


def ticket(document: Document, stood: Standing, *, per_host: int, asked: bool = False) -> Ticket:
    """A ticket for a document that stood so."""
    queue = queue_of(document, stood)
    return Ticket(
        document=document.id,
        due_at=stood.due_at,
        last_check=stood.last_check,
        queue=queue,
        lock=_lock(document, queue, per_host),
        priority=Priority.ASKED if asked else Priority.DUE,
    )


def read_ticket(arguments: Mapping[str, Any], *, queue: str, lock: str, priority: int) -> Ticket:
    """The ticket that a job's arguments and its own columns hold."""
    due_at, last_check = arguments["due_at"], arguments["last_check"]
    return Ticket(
        document=arguments["document_id"],
        due_at=datetime.fromisoformat(due_at) if due_at else None,
        last_check=datetime.fromisoformat(last_check) if last_check else None,
        queue=Queue(queue),
        lock=lock,
        priority=Priority(priority),
    )


def queue_of(document: Document, stood: Standing) -> Queue:
    """Where a document's ticket waits: pages that need the browser, or that lacked it last time, apart."""
    if document.render is Render.BROWSER:
        return Queue.BROWSER
    lacked = any(reason.code == "needs-browser" for reason in stood.reasons)
    if document.render is Render.AUTO and (stood.rendered or lacked):
        return Queue.BROWSER
    return Queue.CHECKS


def _lock(document: Document, queue: Queue, per_host: int) -> str:
    """As many locks a host as it may be asked for pages at once.

    The queue is part of it: a ticket bars those behind it with the same lock, and one that waits for a worker
    with a browser that nobody runs would bar its host's other pages for ever.
    """
    place = zlib.crc32(document.id.encode()) % per_host
    return f"{queue}:{_host(document)}" + (f"#{place}" if place else "")


def chosen(due: Iterable[Document], locks: Iterable[str], *, per_host: int) -> list[Document]:
    """Those of the due documents, in that order, for which there is room beside the tickets with these locks.

    A queue that is short is quick: the engine compares tickets of one host with each other whenever it is
    asked for one. What finds no room is still due, and comes later.
    """
    of_host = Counter(lock.partition(":")[2].partition("#")[0] for lock in locks)
    room = MOST - of_host.total()
    found: list[Document] = []
    for document in due:
        host = _host(document)
        if len(found) >= room:
            break
        if of_host[host] < MOST_OF_A_HOST * per_host:
            of_host[host] += 1
            found.append(document)
    return found


def _host(document: Document) -> str:
    return urlsplit(document.url).hostname or ""


@dataclass(frozen=True)
class Turn:
    """The answer of a host's row: the mark that the turn taken is ended with, or how long to wait."""

    mark: float | None = None  # None: not yet
    seconds: float = 0.0  # until it is worth asking again
    held: bool = False  # the host itself asked to be left alone until then
