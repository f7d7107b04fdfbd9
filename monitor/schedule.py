"""When a document is due next: intervals, crontab expressions, jitter, and back-off after failures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from monitor.model import Document, Doubtful, Failed, Outcome, Schedule

JITTER_SHARE = 0.1  # of the interval
INTERVAL_JITTER_LIMIT = timedelta(minutes=30)
CRON_JITTER_LIMIT = timedelta(minutes=10)
FIRST_RETRY_SHARE = 1 / 8  # of the interval; doubled with every further failure
SHORTEST_RETRY = timedelta(minutes=5)
LOOKING_SHARE = 20
LONGEST_REST = 30.0  # seconds
# A server that asks for more is not forgotten for longer than a week.
LONGEST_RETRY_AFTER = timedelta(days=7)

_INTERVAL = re.compile(
    r"(?:(?P<weeks>[0-9]{1,4})w)?(?:(?P<days>[0-9]{1,4})d)?(?:(?P<hours>[0-9]{1,5})h)?"
    r"(?:(?P<minutes>[0-9]{1,6})m)?(?:(?P<seconds>[0-9]{1,6})s)?"
)

# The names that crontab(5) gives to common expressions; @reboot has no meaning here.
_CRON_NAMES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}


def interval(text: str) -> timedelta | None:
    """The length of time that "90s", "30m", "12h", "1d", "2w" or "1h30m" says, or None."""
    match = _INTERVAL.fullmatch("".join(text.lower().split()))
    if match is None or not match[0]:
        return None
    return timedelta(**{unit: int(count) for unit, count in match.groupdict("0").items()})


def time_zone(name: str) -> tzinfo:
    """The time zone of that name in the IANA database; ValueError when there is none."""
    if name == "UTC":
        return UTC  # needs no time zone database
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def cron_mistake(expression: str) -> str:
    """What is wrong with a crontab expression, or ""."""
    fields = _CRON_NAMES.get(expression.lower(), expression).split()
    if len(fields) != 5:
        return f"has {len(fields)} field{'s' if len(fields) != 1 else ''} instead of 5"
    try:
        next(CronSim(" ".join(fields), datetime(2000, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return f"has a {str(error)[:1].lower()}{str(error)[1:]} field"
    except StopIteration:
        return "names a date that never comes"
    return ""


def next_slot(expression: str, zone: str, after: datetime) -> datetime:
    """The next time that a crontab expression names, in UTC.

    As in Debian's cron: a fixed time of day comes once in the night when the clocks go back (the first
    time), and right after the gap when they go forward and skip it.
    """
    fields = _CRON_NAMES.get(expression.lower(), expression)
    slots = CronSim(fields, after.astimezone(time_zone(zone)))
    # In the repeated hour cronsim, which then counts local time, first names times already past.
    return next(slot for slot in (local.astimezone(UTC) for local in slots) if slot > after)


def next_check(document: Document, outcome: Outcome, now: datetime, failures: int) -> datetime:
    """When a document is due after a check that ended now; `failures` in a row include this one."""
    regular = regular_check(document, now)
    if not isinstance(outcome, Failed | Doubtful):
        return regular
    retry = now + _back_off(document, now, failures)
    asked = min(outcome.retry_after or timedelta(0), LONGEST_RETRY_AFTER)
    return max(min(retry, regular), now + asked)


def spread(due: Mapping[str, datetime | None], now: datetime, over: timedelta) -> dict[str, datetime]:
    """When the overdue of these documents are checked: the latest first, evenly over that time.

    A document without a time was never checked and comes before all others.
    """
    late = [(at, document) for document, at in due.items() if at is not None and at <= now]
    never = [document for document, at in due.items() if at is None]
    order = [*sorted(never), *(document for _, document in sorted(late))]
    return {document: now + over * place / len(order) for place, document in enumerate(order)}


def rest_after(look: float) -> float:
    """Seconds to wait after a look at what is due that took so long: looking takes a twentieth of the time.

    With 100,000 documents that is less than the second between two looks, with a million some 12 seconds.
    """
    return min(look * LOOKING_SHARE, LONGEST_REST)


def regular_check(document: Document, now: datetime) -> datetime:
    """When a document is due after a check that ended now and saw it."""
    schedule = document.schedule
    every = gap(schedule, now)
    if schedule.cron is None:
        return now + every + _width(schedule, every, INTERVAL_JITTER_LIMIT) * (2 * _share(document.id) - 1)
    # Less than the gap to the slot behind it, so that no slot is passed over.
    delay = _width(schedule, every, CRON_JITTER_LIMIT) * _share(document.id)
    return next_slot(schedule.cron, schedule.timezone, now) + delay


def gap(schedule: Schedule, now: datetime) -> timedelta:
    """The time from the next regular check after `now` to the one behind it."""
    if schedule.cron is None:
        return schedule.every or timedelta(0)
    first = next_slot(schedule.cron, schedule.timezone, now)
    return next_slot(schedule.cron, schedule.timezone, first) - first


def _width(schedule: Schedule, every: timedelta, limit: timedelta) -> timedelta:
    return min(every * JITTER_SHARE, limit) if schedule.jitter is None else min(schedule.jitter, every / 2)


def _share(document: str) -> float:
    """A number from 0 to 1 that is always the same for a document and differs between documents."""
    return int.from_bytes(hashlib.sha256(document.encode()).digest()[:8]) / 2**64


def _back_off(document: Document, now: datetime, failures: int) -> timedelta:
    every = gap(document.schedule, now)
    doublings = min(max(failures, 1) - 1, 8)  # beyond any interval, and within what a date can hold
    wait = max(every * FIRST_RETRY_SHARE, SHORTEST_RETRY) * float(2**doublings)
    return wait * (1 + JITTER_SHARE * _share(document.id))
