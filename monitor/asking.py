"""Asks for second opinions beside the checks: what comes is kept, what fails is left, none is waited for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime

from monitor import opinion
from monitor.errors import OpinionError, StoreError
from monitor.fetch.opinion import Adviser
from monitor.model import Opinion, RecordedChange
from monitor.store import Store

log = logging.getLogger(__name__)

Found = dict[int, tuple[Opinion, ...]]
"""What came, by the number of the change."""


class Asking:
    """Puts questions to a model, one at a time; trouble is logged when it begins, not at every question."""

    def __init__(self, adviser: Adviser, model: str, store: Store, clock: Callable[[], datetime]) -> None:
        self._adviser = adviser
        self._model = model
        self._store = store
        self._clock = clock
        self._turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_trouble = False
        self._found: Found = {}

    async def ask(self, change: int, question: opinion.Question) -> Opinion:
        """The opinion on one topic of a change, kept; raises OpinionError, or StoreError."""
        reply = await self._adviser.ask(*opinion.requests(question, self._model))
        answer = opinion.answer(reply, question)
        found = Opinion(
            change=change,
            topic=question.topic,
            model=self._model,
            at=self._clock(),
            position=answer.position,
            summary=answer.summary,
        )
        self._store.keep_opinion(found)
        return found

    def soon(self, change: RecordedChange | None) -> None:
        """Ask about a change as soon as its turn comes, if it is worth that."""
        if change is None or not opinion.is_wanted(change):
            return
        task = asyncio.create_task(self._ask_about(change))
        self._tasks.add(task)
        task.add_done_callback(self._done)

    async def finish(self, seconds: float) -> Found:
        """What came, after waiting for the rest at most this long; what is late is let go."""
        if self._tasks:
            _, late = await asyncio.wait(set(self._tasks), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        return self._found

    async def _ask_about(self, change: RecordedChange) -> None:
        async with self._turn:
            for question in opinion.questions(change.change):
                await self._ask_quietly(change.id, question)

    async def _ask_quietly(self, change: int, question: opinion.Question) -> None:
        try:
            found = await self.ask(change, question)
        except (OpinionError, StoreError) as error:
            level = logging.DEBUG if self._in_trouble else logging.WARNING
            log.log(level, "no second opinion", extra={"change": change, "error": str(error)})
            self._in_trouble = True
            return
        self._in_trouble = False
        self._found[change] = (*self._found.get(change, ()), found)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("mistake of ours in asking for a second opinion", exc_info=error)
