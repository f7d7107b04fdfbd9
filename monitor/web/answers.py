"""Answers: the form for a claim, keeping what a reviewer says of it, and taking a step back."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from monitor.errors import UsageError
from monitor.model import Claim, RecordedChange, Seen, Standing
from monitor.report.wording import value as worded
from monitor.report.wording import verified, visible
from monitor.review import Choice, Review, seen_of, value
from monitor.watchlist import POSITIONS
from monitor.web.desk import inside, monitor, number, numbers, page, reviewer
from monitor.wiring import Monitor, clock

NO_CLAUSE = "none"
STEPS = 100
"""Steps that one page lists."""

QUOTE = 160
"""Characters of a clause that a choice shows."""


@dataclass(frozen=True, kw_only=True)
class Option:
    """A clause that the answer may rest on."""

    key: str
    words: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """What is asked about a claim; `doubts` and `answer` go with it, so that nobody answers unread."""

    standing: Standing
    says: tuple[str, ...]  # what is published, each with when it was verified
    confirms: str  # the value that is confirmed as it stands; "" where there is none to confirm
    positions: tuple[str, ...]
    position: str
    period: str
    options: tuple[Option, ...]
    doubts: str
    answer: int
    suggested: str = ""  # what a changed clause says instead, in words; "" where it says no other
    change: int | None = None  # that the form belongs to
    via: str = ""


def review_of(now: Monitor) -> Review:
    """What answers are given with."""
    return Review(now.watchlist, now.rules, now.store, now.readings)


def form_of(
    review: Review, standing: Standing, *, change: RecordedChange | None = None, via: str = ""
) -> Form:
    """The form for a claim; of a change it settles that change's doubts alone, and suggests what it says."""
    claim = standing.claim
    published = standing.sources or ((claim,) if claim else ())
    says_now = suggestion(standing, change) if change else None
    shown = says_now or claim or Claim(product=standing.product.id, topic=standing.topic, position="")
    seen = seen_of(standing, [change.id] if change else None)
    return Form(
        standing=standing,
        says=tuple(f"{worded(one)}, {verified(one)}" for one in published),
        confirms=worded(claim) if claim and not standing.sources else "",
        positions=POSITIONS.get(standing.topic, ()),
        position=shown.position,
        period=shown.period.text if shown.period else "",
        suggested=worded(says_now) if says_now else "",
        options=tuple(_option(choice, worded(shown)) for choice in review.choices(standing, shown)),
        doubts=" ".join(map(str, seen.doubts)),
        answer=seen.answer,
        change=change.id if change else None,
        via=via,
    )


def suggestion(standing: Standing, change: RecordedChange) -> Claim | None:
    """What the change says on the topic now, where that is one clear value and another than claimed."""
    flags = [flag for flag in change.change.flags if flag.topic == standing.topic]
    said = {(one.position, one.periods[:1]) for flag in flags for one in flag.after if len(one.periods) < 2}
    if len(said) != 1:
        return None
    ((position, periods),) = said
    if position not in POSITIONS.get(standing.topic, ()) or (position == "period") != bool(periods):
        return None
    found = Claim(
        product=standing.product.id,
        topic=standing.topic,
        position=position,
        period=periods[0] if position == "period" else None,
    )
    claim = standing.claim
    same = claim and (claim.position, claim.period and claim.period.days) == (
        found.position,
        found.period and found.period.days,
    )
    return None if same else found


async def verify(request: Request) -> Response:
    """Keep an answer, and go back to where it was given."""
    given = await request.form()
    now, by = monitor(request), reviewer(request)
    product = f"{request.path_params['provider']}/{request.path_params['slug']}"
    topic = request.path_params["topic"]
    step = await run_in_threadpool(_keep, now, product, topic, given, by)
    return RedirectResponse(f"{_back(now, given)}?done={step}", status_code=303)


def _keep(now: Monitor, product: str, topic: str, given: FormData, by: str) -> int:
    """Keep what the form says; the number of its step."""
    review, at = review_of(now), clock()
    standing = review.standing(product, topic, at)
    confirms = given.get("does") == "confirm"
    position, period = (_text(given, "position"), _text(given, "period")) if not confirms else ("", "")
    claim = value(standing, position or None, period if position == "period" else None)
    choice = _choice(review, standing, claim, _text(given, "clause"))
    answer = review.verify(claim, seen=_seen(given), by=by, at=at, note=_text(given, "note"), choice=choice)
    return answer.id


def _choice(review: Review, standing: Standing, claim: Claim, key: str) -> Choice | None:
    """The clause that was chosen in the form; UsageError when its text is another by now."""
    if key in ("", NO_CLAUSE):
        return None
    for choice in review.choices(standing, claim):
        if _key(choice) == key:
            return choice
    raise UsageError("the document has another text since the form was opened; read it, and choose again")


def _seen(given: FormData) -> Seen:
    return Seen(numbers(_text(given, "doubts")), sum(numbers(_text(given, "answer"))[:1]))


def _text(given: FormData, name: str) -> str:
    return str(given.get(name, "")).strip()


def _option(choice: Choice, answer: str) -> Option:
    """A clause to choose, with how it bears on this answer."""
    bearing = f"{choice.bearing.value} {answer}" if choice.bearing else "may bear on it"
    words = visible(choice.text)
    words = words if len(words) <= QUOTE else words[: QUOTE - 1] + "…"
    return Option(key=_key(choice), words=f"{choice.document} ({bearing}): {words}")


def _key(choice: Choice) -> str:
    text = f"{choice.document}\0{choice.version}\0{choice.text}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _back(now: Monitor, given: FormData) -> str:
    """Where the form was: onward from its change, or the page that it names."""
    named = numbers(_text(given, "change"))
    return onward(now, named[0]) if named else inside(_text(given, "back") or "/positions")


def onward(now: Monitor, answered: int) -> str:
    """Where to go after an answer on a change: to it again, to the next that waits, or to the inbox."""
    in_line = now.store.waiting_numbers()
    if answered in in_line:
        return f"/changes/{answered}"
    return f"/changes/{in_line[0]}" if in_line else "/"


async def undo(request: Request) -> Response:
    """Take a step back, and show where that leads."""
    given = await request.form()
    now, by, taken = monitor(request), reviewer(request), number(request)
    step = await run_in_threadpool(now.store.undo, taken, by=by, at=clock(), why=_text(given, "why"))
    return RedirectResponse(f"{inside(_text(given, 'back') or '/')}?done={step.id}", status_code=303)


def steps(request: Request) -> Response:
    """What people did, newest first, each to be taken back; further back by the number of a step."""
    before = numbers(request.query_params.get("before", ""))[:1]
    found = tuple(step for step in monitor(request).store.steps()[::-1] if not before or step.id < before[0])
    return page(request, "steps.html", steps=found[:STEPS], more=len(found) > STEPS, earlier=bool(before))


ROUTES = (
    Route("/claims/{provider}/{slug}/{topic}/verify", verify, methods=["POST"]),
    Route("/steps/{number:int}/undo", undo, methods=["POST"]),
    Route("/steps", steps),
)
