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
from monitor.web.desk import done, monitor, page, reviewer
from monitor.wiring import Monitor, clock


def change(request: Request) -> Response:
    """The change with everything needed to answer it."""
    now = monitor(request)
    found = now.store.change(int(request.path_params["number"]))
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
    why, number = str(given.get("why", "")).strip(), int(request.path_params["number"])
    if not why:
        raise UsageError("give the reason, so that the next reader knows why no claim is affected")
    seen = [int(one) for one in str(given.get("seen", "")).split() if one.isdecimal()]
    now, by = monitor(request), reviewer(request)

    def close() -> str:
        step = now.store.dismiss(number, why=why, by=by, at=clock(), seen=seen)
        return f"{onward(now, number)}?done={step.id}"

    return RedirectResponse(await run_in_threadpool(close), status_code=303)


def _forms(now: Monitor, found: RecordedChange, report: Report) -> list[Form]:
    """One form a claim that this change keeps in doubt."""
    review = review_of(now)
    asked = {(doubt.product, doubt.topic): doubt.via for doubt in found.doubts if doubt.open}
    return [
        form_of(review, report.standings[product, topic], change=found, via=via)
        for (product, topic), via in asked.items()
        if (product, topic) in report.standings
    ]


def _next(in_line: tuple[int, ...], number: int) -> int | None:
    """The change that waits after this one, or from the start again; None when no other waits."""
    if number in in_line:
        at = in_line.index(number) + 1
        in_line = in_line[at:] + in_line[: at - 1]
    return in_line[0] if in_line else None


ROUTES = (
    Route("/changes/{number:int}", change),
    Route("/changes/{number:int}/dismiss", dismiss, methods=["POST"]),
)
