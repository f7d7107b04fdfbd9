"""The inbox: what waits for a reviewer, most serious first."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor.model import Health
from monitor.report.item import tell
from monitor.report.wording import counted
from monitor.web.desk import done, monitor, page

SHOWN = 50
"""Changes that the inbox lists at once; answering them brings the next."""


def inbox(request: Request) -> Response:
    """Flagged changes that nobody answered yet."""
    now = monitor(request)
    numbers = now.store.waiting_numbers()
    found = now.store.waiting(limit=SHOWN)
    report = now.report("Inbox")
    items = [tell(change, report) for change in found]
    health = now.store.health(list(now.watchlist.documents))
    doubts = {(doubt.product, doubt.topic) for change in found for doubt in change.doubts if doubt.open}
    return page(
        request,
        "inbox.html",
        says=_says(len(numbers), len(doubts)),
        more=len(numbers) - len(items),
        items=items,
        unseen=_unseen(health),
        fresh=all(one.last_check is None for one in health),
        done=done(request),
    )


def _says(waiting: int, doubts: int) -> str:
    if not waiting:
        return "Nothing waits for a review."
    doubted = f"; {counted(doubts, 'claim')} in doubt" if doubts else ""
    return f"{counted(waiting, 'change')} {'waits' if waiting == 1 else 'wait'} for a review{doubted}."


def _unseen(health: tuple[Health, ...]) -> int:
    """How many documents their last check did not see."""
    return sum(bool(one.failures) for one in health)


ROUTES = (Route("/", inbox),)
