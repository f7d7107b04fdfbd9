"""One change to review: its clauses, why it was flagged, and a form for each claim that it puts in doubt."""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.errors import UsageError
from monitor.model import RecordedChange, Report, ReviewState
from monitor.report.item import tell
from monitor.web.answers import Form, form_of, onward, review_of
from monitor.web.desk import done, monitor, number, numbers, page, reviewer
from monitor.wiring import Monitor, clock


def change(request: Request) -> Response:
    """The change with everything needed to answer it."""
    now = monitor(request)
    found = now.store.change(number(request))
    in_line = now.store.waiting_numbers()
    before, after = now.store.neighbours(found.change.document, found.id)
    report = now.report("Change", changes=(found,))
    return page(
        request,
        "change-page.html",
        change=found,
        item=tell(found, report, in_full=True),
        inline=request.query_params.get("view") == "inline",
        forms=_forms(now, found, report),
        lost=sorted({key for key in _asked(found) if key not in report.standings}),
        to_review=found.state is ReviewState.TO_REVIEW,
        before=before,
        after=after,
        next=_next(in_line, found.id),
        waiting=len(in_line),
        done=done(request),
    )


async def dismiss(request: Request) -> Response:
    """Close the change with a reason, and go on to the next."""
    given = await request.form()
    why, closed = str(given.get("why", "")).strip(), number(request)
    if not why:
        raise UsageError("give the reason, so that the next reader knows why no claim is affected")
    seen = numbers(given.get("seen", ""))
    now, by = monitor(request), reviewer(request)

    def close() -> str:
        step = now.store.dismiss(closed, why=why, by=by, at=clock(), seen=seen)
        return f"{onward(now, closed)}?done={step.id}"

    return RedirectResponse(await run_in_threadpool(close), status_code=303)


def _forms(now: Monitor, found: RecordedChange, report: Report) -> list[Form]:
    """One form a claim that this change keeps in doubt."""
    review = review_of(now)
    return [
        form_of(review, report.standings[product, topic], change=found, via=via)
        for (product, topic), via in _asked(found).items()
        if (product, topic) in report.standings
    ]


def _asked(found: RecordedChange) -> dict[tuple[str, str], str]:
    """The claims that it keeps in doubt, each with the product path that it depends on, if that is why."""
    return {(doubt.product, doubt.topic): doubt.via for doubt in found.doubts if doubt.open}


def _next(in_line: tuple[int, ...], shown: int) -> int | None:
    """The change that waits after this one, or from the start again; None when no other waits."""
    if shown in in_line:
        at = in_line.index(shown) + 1
        in_line = in_line[at:] + in_line[: at - 1]
    return in_line[0] if in_line else None


ROUTES = (
    Route("/changes/{number:int}", change),
    Route("/changes/{number:int}/dismiss", dismiss, methods=["POST"]),
)
