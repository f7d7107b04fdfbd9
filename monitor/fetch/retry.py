"""When a server wishes to be asked again, and how long to pause before that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from monitor.model import Capture

_LONGEST = timedelta(days=365)  # so that an absurd number cannot overflow


def retry_after(capture: Capture) -> timedelta | None:
    """The pause that a server wished for with an error status, such as 429 or 503, or None."""
    if capture.status < 400:
        return None
    return parse_retry_after(capture.header("retry-after"), capture.header("date"), capture.at)


def parse_retry_after(value: str, date: str, now: datetime) -> timedelta | None:
    """The pause in a Retry-After header (RFC 9110, 10.2.3): seconds, or a date.

    A date counts from the server's own Date header, which agrees with its clock, or else from `now`.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), _LONGEST)
    until, since = _http_date(value), _http_date(date) or now
    if until is None:
        return None
    return min(max(until - since, timedelta(0)), _LONGEST)


def _http_date(value: str) -> datetime | None:
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def pause(back_off: float, asked: timedelta | None, chance: float) -> float:
    """Seconds to the next try: the back-off and up to half as much again, or what was asked for if longer."""
    jittered = back_off * (1 + chance / 2)
    return max(jittered, asked.total_seconds()) if asked is not None else jittered
