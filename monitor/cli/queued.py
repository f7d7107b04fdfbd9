"""Checks that a person asks for of the workers: queued before all that is only due, and waited for."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import datetime

from monitor.errors import NoWorker
from monitor.model import CheckResult, Document
from monitor.report.wording import command, counted
from monitor.store import Store
from monitor.tickets import Queue, Ticket
from monitor.wiring import clock

LOOK = 0.5
"""Seconds between two looks at what the workers have done."""

NOBODY = 15.0
"""Seconds for which a worker is waited for where there is none; one that was restarted is back by then."""

AT_ONCE = 500
"""Tickets that wait for one person at a time."""

NEWS = ("first", "changed")
"""What a check ended in that a person wants to know at once, also of one that began before they asked."""

TRIES = 3
"""How often a ticket is written that is gone without a check."""


class Round:
    """Documents that were asked for, and what came of them so far."""

    def __init__(
        self,
        store: Store,
        documents: Iterable[Document],
        per_host: int,
        now: Callable[[], datetime] = clock,
    ) -> None:
        self._store = store
        self._now = now
        self._per_host = per_host
        self._documents = {document.id: document for document in documents}
        # Checks that began before these were asked for, by whom; and when they were, once they are over.
        live = store.claimed(now()) & self._documents.keys()
        self._under_way = {name: by for name, by in store.claims().items() if name in live}
        self._early: dict[str, datetime] = {}
        self._since = store.last_number()
        self._before = {one.document: one for one in store.health(list(self._documents))}
        self._tickets: dict[str, Ticket] = {}
        self._tries = dict.fromkeys(self._documents, 0)

    @property
    def over(self) -> bool:
        return not self._documents

    def queued(self) -> frozenset[str]:
        """What waits or is worked on now; `news` tells later what came of the rest, or nobody does."""
        return self._store.queued() | self._store.claimed(self._now())

    def ask(self, queued: frozenset[str]) -> None:
        """Queue what is neither checked nor queued; NoWorker where that was tried too often."""
        lost = [one for name, one in self._documents.items() if name not in queued or not self._tries[name]]
        # No more at once than a queue is quick with.
        lost = lost[: max(0, AT_ONCE - len(self._documents) + len(lost))]
        for one in lost:
            if self._tries[one.id] >= TRIES:
                raise NoWorker(f"{one.id} was taken by a worker and not checked; see the workers' logs")
            self._tries[one.id] += 1
        self._tickets |= {one.document: one for one in self._store.ask(lost, per_host=self._per_host)}

    def news(self) -> tuple[CheckResult, ...]:
        """What came since the last look; of a check that began before it was asked for only what is new."""
        claims = self._store.claims()  # before the results: those of the checks that are over are among them
        found = self._store.results({name: self._before[name] for name in self._documents}, self._since)
        for result in found:
            if result.document in self._under_way and result.outcome not in NEWS:
                self._wait_for_another(result)
        self._under_way = {
            name: by
            for name, by in self._under_way.items()
            if claims.get(name) == by and name not in self._early
        }
        came = tuple(one for one in found if self._early.get(one.document) != one.at)
        for result in came:
            del self._documents[result.document]
        return came

    def _wait_for_another(self, result: CheckResult) -> None:
        self._early[result.document] = result.at
        (self._before[result.document],) = self._store.health([result.document])

    def left_behind(self) -> str:
        """What becomes of what is not checked yet when nobody waits for it any more."""
        match sum(self._tries[name] > 0 for name in self._documents):
            case 0:
                return "nothing is queued"
            case 1:
                return "1 check stays in the queue, and workers take it"
            case number:
                return f"{number} checks stay in the queue, and workers take them"

    def deserted(self) -> dict[Queue, int]:
        """How many of these wait where no worker takes them, by queue."""
        nobody = self._store.line().deserted
        queues = [self._tickets[name].queue for name in self._documents if name in self._tickets]
        return {queue: queues.count(queue) for queue in sorted(set(queues)) if queue in nobody}


def wait_for_workers(
    round: Round, results: dict[str, CheckResult], show: Callable[[CheckResult], None], options: str
) -> None:
    """Let workers check what was asked for; `results` is filled as they come.

    Raises NoWorker when nobody takes what is asked for; `options` say where, for the worker to start then.
    """
    alone = 0.0
    while True:
        queued = round.queued()
        for result in round.news():
            results[result.document] = result
            show(result)
        if round.over:
            return
        round.ask(queued)
        time.sleep(LOOK)
        deserted = round.deserted()
        alone = alone + LOOK if deserted else 0.0
        if alone >= NOBODY:
            raise NoWorker(_nobody(deserted, options))


def _nobody(deserted: dict[Queue, int], options: str) -> str:
    queue = next(iter(deserted))
    words = "worker --queue browser" if queue is Queue.BROWSER else "worker"
    return (
        f'no worker takes checks from the queue "{queue}"; start one with: {command(words, options)}\n'
        f"{_waiting(sum(deserted.values()))} in the queue until then"
    )


def _waiting(number: int) -> str:
    return f"{counted(number, 'check')} {'waits' if number == 1 else 'wait'}"
