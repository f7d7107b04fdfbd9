"""Two statements side by side: what of the position differs, and in whose favour."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.model import RETENTION, Duration, Statement
from monitor.statements.patterns import tokens
from monitor.statements.read import CONDITIONAL, PERMITS, PROHIBITS

MORE, LESS, UNCLEAR = 1, -1, 0


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two positions, and whether it gives the provider more or less."""

    what: str
    towards: int = UNCLEAR


def came(statement: Statement) -> Difference:
    """What it means that a statement was added."""
    return Difference("added", _towards_when_added(statement))


def went(statement: Statement) -> Difference:
    """What it means that a statement was removed."""
    return Difference("removed", -_towards_when_added(statement))


def _towards_when_added(statement: Statement) -> int:
    if statement.topic == RETENTION:
        return _kept(statement)
    if statement.modality != PERMITS or "only" in statement.conditions:
        return LESS
    return MORE


def _kept(statement: Statement) -> int:
    """Whether a retention statement lets more be kept: a bare period says neither."""
    actions = set(statement.action.split(", "))
    deletes = bool(actions & {"delete", "return", "remove"}) and not actions & {"keep", "store"}
    if statement.position == "not-stored":
        return LESS
    if deletes:
        return MORE if statement.negated else LESS
    if statement.position == "period" or actions & {"delete", "return"}:
        return UNCLEAR
    return LESS if statement.negated else MORE


def differences(before: Statement, after: Statement) -> tuple[Difference, ...]:
    """What differs between two statements of a topic; nothing when the position is the same."""
    found = [*_permission(before, after), *_periods(before.periods, after.periods)]
    scope = _scope(after)
    found += _members("action", before.action.split(", "), after.action.split(", "), scope)
    found += _members("data", before.objects, after.objects, scope)
    found += _audience(before.audience, after.audience, scope)
    found += _members("condition", before.conditions, after.conditions, _of_conditions(after, scope))
    found += _members("exception", before.exceptions, after.exceptions, _of_conditions(after, scope))
    if before.actor != after.actor:
        found.append(Difference("actor"))
    return tuple(found) or _wording(before, after)


_FREEDOM = {"no": 0, "opt-in": 1, "opt-out": 2, "yes": 3, "not-stored": 0, "indefinite": 3}


def _permission(before: Statement, after: Statement) -> Iterable[Difference]:
    if before.modality != after.modality and {before.modality, after.modality} == {PERMITS, PROHIBITS}:
        yield Difference("permission", MORE if after.modality == PERMITS else LESS)
    elif before.modality != after.modality:
        yield Difference("permission", LESS if after.modality == CONDITIONAL else UNCLEAR)
    elif before.position != after.position:
        step = _FREEDOM.get(after.position, 1) - _FREEDOM.get(before.position, 1)
        yield Difference("position", (step > 0) - (step < 0))


def _scope(statement: Statement) -> int:
    """Whether more data or purposes in this statement give the provider more."""
    if statement.topic == RETENTION and set(statement.action.split(", ")) <= {"delete", "return", "remove"}:
        return MORE if statement.negated else LESS
    return MORE if statement.modality == PERMITS else LESS


def _of_conditions(statement: Statement, scope: int) -> int:
    # Reasons to keep, and limits of a duty to delete, both let more be kept.
    return MORE if statement.topic == RETENTION else -scope


def _members(what: str, before: Iterable[str], after: Iterable[str], towards: int) -> Iterable[Difference]:
    new, old = set(after) - set(before) - {""}, set(before) - set(after) - {""}
    if new:
        yield Difference(f"{what} added: {', '.join(sorted(new))}", towards)
    if old:
        yield Difference(f"{what} dropped: {', '.join(sorted(old))}", -towards)


def _audience(before: tuple[str, ...], after: tuple[str, ...], scope: int) -> Iterable[Difference]:
    """Naming the first audience narrows a statement, naming another one widens it."""
    if bool(before) == bool(after):
        yield from _members("audience", before, after, scope)
        return
    yield from _members("audience", before, after, -scope)


def _periods(before: tuple[Duration, ...], after: tuple[Duration, ...]) -> Iterable[Difference]:
    old, new = {_length(p) for p in before}, {_length(p) for p in after}
    if old == new:
        return
    towards = UNCLEAR
    if old and new:
        towards = _sign(max(days for days, _ in new) - max(days for days, _ in old))
        towards = towards or _sign(_bounds(new) - _bounds(old))
    yield Difference(f"period: {_texts(before)} -> {_texts(after)}", towards)


_BOUND_ORDER = {"earlier-of": -2, "up-to": -1, "exactly": 0, "at-least": 1, "later-of": 2}


def _length(period: Duration) -> tuple[float, str]:
    return round(period.days, 3), period.bound


def _bounds(periods: Iterable[tuple[float, str]]) -> int:
    return sum(_BOUND_ORDER[bound] for _, bound in periods)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _texts(periods: Iterable[Duration]) -> str:
    return ", ".join(period.text for period in periods) or "none"


# --- words outside the word classes ----------------------------------------------------------------

_EMPTY = frozenset(
    "a an the this that these those such of to in on at by for with from as and or nor our your"
    " their its his her we you us they it is are be been being was were will would shall may can"
    " could might must have has had do does did not any all other certain also more then than so if"
    " when where which who whom whose what how there here please e g i etc including include includes"
    " included e.g within upon via per into about under over both each".split()
)
_ENOUGH_NEW_WORDS = 3
"""So many content words on one side alone make a sentence say something else."""


def _wording(before: Statement, after: Statement) -> tuple[Difference, ...]:
    """A difference outside the word classes: many new content words, or another number."""
    old, new = _content(before.text), _content(after.text)
    numbers = {word for word in old ^ new if word.isdigit()}
    if abs(len(new - old) - len(old - new)) >= _ENOUGH_NEW_WORDS:
        return (Difference("wording"),)
    return (Difference("number"),) if numbers and before.topic == RETENTION else ()


_LINK_NOISE = re.compile(r"\S+@\S+|\[email.protected\]|https?://\S+|\(opens in a new window\)", re.IGNORECASE)


def _content(text: str) -> set[str]:
    words = tokens(_LINK_NOISE.sub(" ", text)).words
    return {word[:6] for word in words if word not in _EMPTY}
