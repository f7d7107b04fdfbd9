"""For machines that watch this one: whether it lives, whether it keeps up, and its work in numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from threading import Lock

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from monitor import __version__
from monitor.errors import StoreError
from monitor.model import Document
from monitor.report.wording import counted
from monitor.schedule import regular_check
from monitor.store.jobs import Line
from monitor.store.pulse import Pulse
from monitor.tickets import Queue
from monitor.web.desk import monitor
from monitor.wiring import Monitor, clock

GRACE = timedelta(hours=1)
"""How long after a whole interval was missed a document may still be due before it counts as forgotten."""

OUTCOMES = ("first", "unchanged", "changed", "doubtful", "failed")
TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)
"""Seconds: a check without a change takes one or two, one that looks twice more than half a minute."""

Labels = tuple[tuple[str, str], ...]
Sample = tuple[Labels, float]


class Tally:
    """Checks that ended since this process began to count; safe to use from several threads.

    They are read from the database, so those of a daemon or a cron job beside this process count as well.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: int | None = None
        self._checks = dict.fromkeys(OUTCOMES, 0.0)
        self._seconds = dict.fromkeys(OUTCOMES, 0.0)
        self._within = dict.fromkeys(BOUNDS, 0.0)

    def count(self, now: Monitor) -> Pulse:
        """The pulse now; the checks since the last one are counted."""
        with self._lock:
            pulse = now.store.pulse(self._last)
            self._last = pulse.last
            for one in pulse.finished:
                self._checks[one.outcome] += 1
                self._seconds[one.outcome] += one.seconds
                for bound in BOUNDS:
                    self._within[bound] += one.seconds <= bound
            return pulse

    def checks(self) -> dict[str, float]:
        """How many checks ended in each outcome."""
        return dict(self._checks)

    def seconds(self) -> dict[str, float]:
        """How long they took, by outcome."""
        return dict(self._seconds)

    def within(self) -> dict[float, float]:
        """How many took no longer than each of these times in seconds."""
        return dict(self._within)


async def healthz(request: Request) -> Response:
    """The process lives and answers."""
    return PlainTextResponse("alive\n")


def readyz(request: Request) -> Response:
    """200 when the database answers and no document missed a whole interval; else 503 with the reason."""
    now = monitor(request)
    try:
        pulse = now.store.pulse(None)
    except StoreError:
        return _no_answer()
    late = tuple(missed(now.watchlist.documents.values(), pulse, clock()))
    if late:
        return PlainTextResponse(f"{counted(len(late), 'document')} missed a check\n", status_code=503)
    return PlainTextResponse("ready\n")


def missed(documents: Iterable[Document], pulse: Pulse, now: datetime) -> Iterator[Document]:
    """The documents whose check after the one that is due would be over as well."""
    for document in documents:
        turn = pulse.turns.get(document.id)
        if turn is None or turn.next_check is None or turn.next_check >= now:
            continue
        if regular_check(document, turn.next_check) + GRACE < now:
            yield document


def metrics(request: Request) -> Response:
    """The work in numbers, in the text format of Prometheus; 503 where the database does not answer."""
    now = monitor(request)
    tally: Tally = request.app.state.tally
    try:
        pulse = tally.count(now)
        return Response("".join(_lines(now, pulse, tally)), media_type=TYPE)
    except StoreError:
        return _no_answer()


def _no_answer() -> Response:
    """Without the database's name: whoever asks may be anybody."""
    return PlainTextResponse("the database does not answer\n", status_code=503)


def _lines(now: Monitor, pulse: Pulse, tally: Tally) -> Iterator[str]:
    at = clock()
    turns = {name: pulse.turns.get(name) for name in now.watchlist.documents}
    states = Counter(turn.outcome if turn and turn.outcome else "never" for turn in turns.values())
    due = [turn.next_check for turn in turns.values() if turn and turn.next_check]
    overdue = [(at - one).total_seconds() for one in due if one < at]
    last = max((turn.last_check for turn in turns.values() if turn and turn.last_check), default=None)
    message = pulse.oldest_message
    yield from _metric("build_info", "gauge", "Which version answers.", [((("version", __version__),), 1)])
    yield from _metric(
        "checks_total", "counter", "Checks that ended since this process began to count.", _by(tally.checks())
    )
    yield from _metric(
        "check_seconds_total",
        "counter",
        "Seconds that these checks took, with the wait for a second look.",
        _by(tally.seconds()),
    )
    yield from _durations(tally)
    if now.store.shared:
        yield from _queue(now.store.line())
    yield from _metric(
        "documents",
        "gauge",
        "Watched documents by what their last check ended in.",
        _by({outcome: float(states[outcome]) for outcome in (*OUTCOMES, "never")}),
    )
    plain = (
        ("overdue_documents", "Documents whose next check is due or past.", len(overdue)),
        ("oldest_overdue_seconds", "Age of the document that is due for longest.", max(overdue, default=0)),
        ("last_check_timestamp_seconds", "When the last check ended.", last.timestamp() if last else 0),
        ("waiting_changes", "Changes that wait for a reviewer.", pulse.waiting),
        ("open_doubts", "Doubts on published claims that nobody has answered.", pulse.doubts),
        ("waiting_messages", "Messages to channels that wait to be sent.", pulse.messages),
        (
            "oldest_message_seconds",
            "Age of the message that waits for longest.",
            (at - message).total_seconds() if message else 0,
        ),
    )
    for name, told, value in plain:
        yield from _metric(name, "gauge", told, [((), value)])


def _durations(tally: Tally) -> Iterator[str]:
    """How long checks took, as a histogram."""
    name, count = "tos_monitor_check_duration_seconds", sum(tally.checks().values())
    yield f"# HELP {name} How long these checks took.\n# TYPE {name} histogram\n"
    for bound, within in tally.within().items():
        yield f'{name}_bucket{{le="{bound:g}"}} {within:.15g}\n'
    yield f'{name}_bucket{{le="+Inf"}} {count:.15g}\n'
    yield f"{name}_sum {sum(tally.seconds().values()):.15g}\n{name}_count {count:.15g}\n"


def _queue(line: Line) -> Iterator[str]:
    """How the queues stand that workers take checks from."""
    for name, told, found in (
        ("queued_checks", "Checks that wait for a worker.", line.waiting),
        ("workers", "Workers that take checks.", line.workers),
    ):
        samples = [((("queue", queue),), float(found.get(queue, 0))) for queue in Queue]
        yield from _metric(name, "gauge", told, samples)


def _by(counts: dict[str, float]) -> list[Sample]:
    return [((("outcome", outcome),), value) for outcome, value in counts.items()]


def _metric(name: str, kind: str, told: str, samples: Iterable[Sample]) -> Iterator[str]:
    """A metric in the text format: its help, its type, a line a sample."""
    name = f"tos_monitor_{name}"
    yield f"# HELP {name} {told}\n# TYPE {name} {kind}\n"
    for labels, value in samples:
        inside = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels)
        yield f"{name}{{{inside}}} {value:.15g}\n" if inside else f"{name} {value:.15g}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


ROUTES = (Route("/healthz", healthz), Route("/readyz", readyz), Route("/metrics", metrics))
