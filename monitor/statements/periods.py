"""The periods of two statements compared: another length, bound, start or default, and in whose favour."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.model import RETENTION, Duration, Statement
from monitor.statements.difference import DELETES, LESS, MORE, UNCLEAR, Difference, deeds, only_deletes, sign
from monitor.statements.read import CONDITIONAL
from monitor.statements.starts import places, start_moved

_PERIODS_WEIGH = 3
"""Beside the length itself, what else differs says little about longer or shorter."""


def changed_periods(before: Statement, after: Statement) -> Iterable[Difference]:
    """Another length, or a period on one side alone."""
    old, new = {_length(p) for p in before.periods}, {_length(p) for p in after.periods}
    if old == new:
        return
    # A period that is no longer stated was a cap.
    towards = LESS if new else MORE
    if after.topic != RETENTION and after.modality == CONDITIONAL:
        towards = -towards  # a choice open for a time only
    elif new and not old:
        towards = _first_period(before, after)
    if old and new:
        gone, fresh = old - new or old, new - old or new  # what stayed says nothing
        towards = sign(max(fresh)[0] - max(gone)[0]) or sign(_bounds(new) - _bounds(old))
        towards = towards or sign(sum(p[2] for p in fresh) - sum(p[2] for p in gone))
    if after.topic != RETENTION and after.modality != CONDITIONAL and not (old and new):
        towards = UNCLEAR  # how long something is kept says nothing about what is learned from it
    weight = _PERIODS_WEIGH if old and new else 1
    yield Difference(f"period: {_texts(before.periods)} -> {_texts(after.periods)}", towards, weight)


def turned(before: Statement, after: Statement) -> Iterable[Difference]:
    """Deleting as soon as something is over in place of keeping, or the other way round."""
    if before.negated or after.negated or (before.periods and after.periods):
        return
    keeps, deletes = (before, after) if only_deletes(after) else (after, before)
    if only_deletes(keeps) or not only_deletes(deletes):
        return
    # For a number of days is less than until the account ends.
    if deletes.position == "criterion" and "account" in deletes.conditions and keeps.periods:
        return
    if keeps.periods or deletes.periods or keeps.position in ("indefinite", "criterion"):
        yield Difference(
            "kept -> deleted" if keeps is before else "deleted -> kept", LESS if keeps is before else MORE
        )


def start_and_place(before: Statement, after: Statement) -> Iterable[Difference]:
    """Another event from which the period runs, or other places where data is kept."""
    moved = start_moved(before, after)
    if moved is not None:
        yield Difference("start of the period", moved)
    old, new = places(before), places(after)
    if old and new and old != new:
        yield Difference("place")


_ENDS = {"account"}
_UNTIL = re.compile(r"\buntil\b", re.I)
_FROM_THEN = re.compile(r"\b(?:after|following|thereafter|from)\b", re.I)
_UPON = re.compile(
    r"\b(?:when|once|upon|on|as soon as|after|following|immediately|at|whenever|dès|sobald|nach|cuando"
    r"|tras)\b",
    re.I,
)


def _first_period(before: Statement, after: Statement) -> int:
    """What a period says where none was: a cap, or time on top of "at once" or of the account's life."""
    on_top = _ENDS & set(before.conditions) & set(after.conditions)
    ends_now = "setting" in after.conditions or deeds(after) & DELETES - deeds(before)
    # What stands beside "nothing is stored" is how long the exception is kept.
    if before.position == after.position == "not-stored":
        return MORE
    if "survival" in set(after.exceptions) - set(before.exceptions):
        return MORE  # kept that long even if people delete it
    both_delete = only_deletes(before) and only_deletes(after)
    later = both_delete and _UPON.search(before.text) and "necessary" not in before.conditions
    later = later and not deeds(after) & DELETES - deeds(before)
    at_once = "immediate" in before.conditions
    until = _UNTIL.search(before.text) and not _UNTIL.search(after.text)
    until = until and not {"necessary", "account"} & set(before.conditions)
    if until and _FROM_THEN.search(after.text):
        return MORE
    return MORE if at_once or later or (on_top and not ends_now and not _UNTIL.search(after.text)) else LESS


def changed_default(before: Statement, after: Statement) -> Iterable[Difference]:
    """The same periods to choose from, another one by default."""
    if {_length(p) for p in before.periods} != {_length(p) for p in after.periods}:
        return
    old, new = _by_default(before), _by_default(after)
    if old and new and _length(old) != _length(new):
        yield Difference(f"default: {old.text} -> {new.text}", sign(new.days - old.days))


def _by_default(statement: Statement) -> Duration | None:
    """The first period behind the word "default"."""
    at = statement.text.lower().find("default")
    places = {statement.text.find(period.text, at): period for period in statement.periods}
    return places[min(places)] if at >= 0 and places else None


_BOUND_ORDER = {"earlier-of": -2, "up-to": -1, "exactly": 0, "at-least": 1, "later-of": 2}


Length = tuple[float, str, float]


def _length(period: Duration) -> Length:
    return round(period.days, 3), period.bound, round(period.shortest_days, 3)


def _bounds(periods: Iterable[Length]) -> int:
    return sum(_BOUND_ORDER[bound] for _, bound, _ in periods)


def _texts(periods: Iterable[Duration]) -> str:
    return ", ".join(period.text for period in periods) or "none"
