"""Two statements side by side: what of the position differs, and in whose favour."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from monitor.model import RETENTION, Statement
from monitor.statements.choices import limited
from monitor.statements.difference import (
    DELETES,
    LEARNS,
    LESS,
    MORE,
    UNCLEAR,
    Difference,
    deeds,
    only_deletes,
    regions,
    sign,
)
from monitor.statements.firmness import decider, firmness
from monitor.statements.keeping import CHOICE, CHOICE_GONE
from monitor.statements.periods import changed_default, changed_periods, start_and_place, turned
from monitor.statements.read import CONDITIONAL, PERMITS, PROHIBITS
from monitor.statements.whom import ages
from monitor.statements.wording import EXCEPTS, content, wording


def differences(before: Statement, after: Statement) -> tuple[Difference, ...]:
    """What differs between two statements of a topic; nothing when the position is the same."""
    allowed = tuple(_permission(before, after))
    # Beside a lifted or new ban, what else differs only says how far the new position goes.
    flips = any(difference.what == "permission" for difference in allowed)
    scope = UNCLEAR if flips else _scope(after)
    found = [*allowed, *_actions(before, after, scope)]
    found += _unweighed(_conditions(before, after, scope), flips)
    # Deleting in place of keeping: a period on one side alone is no cap that came or went.
    turns = only_deletes(before) != only_deletes(after) and not (before.periods and after.periods)
    found += _unweighed(changed_periods(before, after), flips or turns)
    found += changed_default(before, after)
    if after.topic == RETENTION:
        found += [*turned(before, after), *start_and_place(before, after)]
        found += [*firmness(before, after), *decider(before, after)]
    found += _data(before, after, scope)
    listed = _CARVE_OUT in before.rules and _CARVE_OUT in after.rules
    whom = _members if listed else _audience  # whoever is excepted stands in one list
    fewer = after.topic == RETENTION and ALL_OF.search(before.text) and not ALL_OF.search(after.text)
    whole = scope if not _is_longer(before, after) else UNCLEAR  # a new item names its own people
    found += whom("audience", before.audience, after.audience, -scope if fewer else whole)
    places = UNCLEAR if after.topic == RETENTION else scope
    found += whom("region", regions(before), regions(after), places)
    if before.actor != after.actor:
        found.append(Difference("actor"))
    found += [*ages(before, after, scope), *limited(before, after)]
    found += _exceptions(before, after, scope)
    if after.topic == RETENTION:
        found = list(_by_importance(found))
    return tuple(found) or tuple(_denials(before, after)) or wording(before, after, scope)


_DECIDES = ("period", "permission", "position", "kept ->", "deleted ->", "start of", "reason", "exception")
_BESIDE = ("data", "audience", "region", "action", "request")


def _by_importance(found: Iterable[Difference]) -> Iterable[Difference]:
    """Beside how long or whether something is kept, what and whose it is says less about the direction."""
    found = tuple(found)
    if not any(one.towards and one.what.startswith(_DECIDES) for one in found):
        return found
    return (replace(one, weight=one.weight * _LESS) if one.what.startswith(_BESIDE) else one for one in found)


_LESS = 0.4
_CARVE_OUT = "carve-out"
"""The rule for sentences that only say whom or what a position stated before does not concern."""

_NOT = r"\b(?:not|never|cannot|(?:do|does|is|are|was|wo|ca)n['’]t)(?: \w+){0,2}? "
_NOT_DELETED = re.compile(rf"{_NOT}(?:delet|eras|remov|purg|destroy|wip|discard|overwrit|dispos)", re.I)
_NOT_KEPT = re.compile(
    rf"{_NOT}(?:keep|kept|retain|stor|log|persist|sav|preserv|remain|held|hold|archiv)", re.I
)
_CAPS = re.compile(r"\b(?:longer|more than|past|beyond|later)\b", re.I)


def _denials(before: Statement, after: Statement) -> Iterable[Difference]:
    """A denial more or less at a verb other than the one that counts."""
    if after.topic != RETENTION or _CAPS.search(before.text) or _CAPS.search(after.text):
        return
    if before.negated or after.negated:
        return
    for pattern, towards in ((_NOT_DELETED, MORE), (_NOT_KEPT, LESS)):
        more = len(pattern.findall(after.text)) - len(pattern.findall(before.text))
        if more:
            yield Difference("denial", towards * sign(more))


def _exceptions(before: Statement, after: Statement, scope: int) -> Iterable[Difference]:
    """An exception more or less, whatever it names."""
    named = set(before.exceptions) ^ set(after.exceptions)
    if after.topic == RETENTION and before.periods and after.periods:
        named &= _REASONS_TO_KEEP  # what else is excepted from a period shows no direction by its name
    if named or (before.topic != RETENTION and before.conditions != after.conditions):
        return  # seen by what it names
    if before.position != after.position and not only_deletes(after):
        return  # what follows "unless" made the position
    more = len(EXCEPTS.findall(after.text)) - len(EXCEPTS.findall(before.text))
    if more and after.topic == RETENTION and after.position in ("period", "criterion"):
        scope = LESS  # what is exempt from a cap may be kept longer
    if more:
        yield Difference("exception", -scope * sign(more))


def _unweighed(found: Iterable[Difference], when: bool) -> Iterable[Difference]:
    """The differences, without their direction when it would mislead."""
    return (Difference(one.what) if when else one for one in found)


_FREEDOM = {"no": 0, "opt-in": 1, "opt-out": 2, "yes": 3, "not-stored": 0, "none-stated": 2, "indefinite": 3}
"""How free each position leaves the provider; the cases of retention that are not named come to 1."""


def _permission(before: Statement, after: Statement) -> Iterable[Difference]:
    cases = (before.position, after.position)
    if before.position != after.position and "not-stored" in cases:
        yield Difference("permission", LESS if after.position == "not-stored" else MORE)
        return
    step = sign(_FREEDOM.get(after.position, 1) - _FREEDOM.get(before.position, 1))
    if before.modality != after.modality and CONDITIONAL in (before.modality, after.modality) and step:
        yield Difference("permission", step)
        return
    if before.modality != after.modality and {before.modality, after.modality} == {PERMITS, PROHIBITS}:
        deletes = after.topic == RETENTION and only_deletes(after)
        towards = MORE if (after.modality == PERMITS) is not deletes else LESS
        # A ban that went outweighs one that came beside the new use: "whereas that of others is not".
        yield Difference("permission", towards, 1 if after.topic == RETENTION else 2)
    elif before.modality != after.modality:
        yield Difference("permission", LESS if after.modality == CONDITIONAL else UNCLEAR)
    elif before.position != after.position:
        if only_deletes(before) or only_deletes(after):
            step = UNCLEAR
        yield Difference("position", step)


def _scope(statement: Statement) -> int:
    """Whether more data, purposes or people in this statement give the provider more."""
    if statement.topic == RETENTION and only_deletes(statement):
        return MORE if statement.negated else LESS
    if statement.position == "not-stored":
        return LESS
    return MORE if statement.modality == PERMITS else LESS


_NOUNS = {"log"}
"""Deeds whose word is more often the name of a thing."""


def _actions(before: Statement, after: Statement, scope: int) -> Iterable[Difference]:
    """Purposes or deeds more or fewer; keeping one thing less and deleting it is the same deed."""
    old, new = before.action.split(", "), after.action.split(", ")
    if after.topic != RETENTION or not scope or after.negated:
        return _members("action", old, new, scope)
    # "Even after you delete it" deletes nothing.
    gone_from, come_to = (
        set() if "survival" in one.exceptions else DELETES & deeds(one) for one in (before, after)
    )
    return (
        *_members("action", set(old) - DELETES - _NOUNS, set(new) - DELETES - _NOUNS, MORE),
        *_members("action", gone_from, come_to, LESS),
    )


def _only_chooses(statement: Statement) -> bool:
    """Whether it tells how to choose, and not what follows: "if you opt out, we will not use it"."""
    return statement.modality == CONDITIONAL and not statement.negated


_RECIPIENTS = {"third parties"}
_TARGETS = {"models"}
"""What is improved, beside services."""
_AT_ONCE = {"immediate"}
_TELLS_NOTHING = {"duration", "servers"}
"""That something lasts "for as long as", and that it stands on servers."""
_ALONE = {"only"}
_PURPOSES = {"safety", "support"}
_BASES = {"legitimate-interest", "law"}
_REASONS_TO_KEEP = {
    "law",
    "legal-process",
    "legitimate-interest",
    "safety",
    "support",
    "survival",
    "backup",
    "indefinite",
    CHOICE_GONE,
}
_ASKED = {"request"}
_DEFAULTS = {"default-on", "default-off"}
_REASONS_TO_DELETE = {
    CHOICE,
    "device",
    "transient",
    "only",
    "consent",
    "opt-out",
    "zero-data-retention",
}


def _defaults(before: Statement, after: Statement) -> Iterable[Difference]:
    """What is on by default and was off, or the other way round."""
    on = MORE if not only_deletes(after) else LESS
    for state, towards in (("default-on", on), ("default-off", -on)):
        yield from _members(
            "default", {state} & set(before.conditions), {state} & set(after.conditions), towards
        )


def _asked(statement: Statement) -> int | None:
    """How far people are asked before something is kept: 0 it takes their consent, 1 they may refuse."""
    said = set(statement.conditions)
    if statement.negated or only_deletes(statement):
        return None
    return 0 if "opt-in" in said else 1 if said & {"opt-out", "default", "default-on"} else None


def _conditions(before: Statement, after: Statement, scope: int) -> Iterable[Difference]:
    old, new = ({*one.conditions, *one.exceptions} - {*regions(one)} for one in (before, after))
    if after.topic != RETENTION:
        yield from _members("recipient", old & _RECIPIENTS, new & _RECIPIENTS, scope)
        if not LEARNS & (deeds(before) | deeds(after)) and CONDITIONAL not in (
            before.modality,
            after.modality,
        ):
            yield from _members("target", old & _TARGETS, new & _TARGETS, scope)
    old, new = (one - _RECIPIENTS - _TARGETS - _AT_ONCE - _TELLS_NOTHING for one in (old, new))
    if after.topic != RETENTION or after.position == before.position == "not-stored":
        # What a use rests on is no limit of it.
        yield from _members("basis", old & _BASES, new & _BASES, UNCLEAR)
        limits = UNCLEAR if _only_chooses(before) and _only_chooses(after) else -scope
        yield from _members("condition", old & _ALONE, new & _ALONE, limits)  # no other limit takes its place
        old, new = old - _ALONE, new - _ALONE
        if before.modality == after.modality == PERMITS:
            # "To train models that moderate content": a purpose, and no limit.
            yield from _members("purpose", old & _PURPOSES, new & _PURPOSES, UNCLEAR)
            old, new = old - _PURPOSES, new - _PURPOSES
        if limits is UNCLEAR:
            # What no choice reaches.
            yield from _members("exception", before.exceptions, after.exceptions, MORE)
            old, new = old - set(before.exceptions), new - set(after.exceptions)
        yield from _members("condition", old - _BASES, new - _BASES, limits)
        return
    if not before.periods and not after.periods:
        yield from _members(
            "at once", _AT_ONCE & set(before.conditions), _AT_ONCE & set(after.conditions), LESS
        )
    yield from _defaults(before, after)
    was, now = _asked(before), _asked(after)
    if was is not None and now is not None and was != now:
        yield Difference("permission asked", MORE if now > was else LESS)
    old, new = old - _DEFAULTS, new - _DEFAULTS
    # Reasons to keep, and limits of a duty to delete, both let more be kept.
    yield from _members("reason", old & _REASONS_TO_KEEP, new & _REASONS_TO_KEEP, MORE)
    asked = LESS
    if only_deletes(before) and only_deletes(after):
        asked = MORE  # what was deleted anyway is deleted for those who ask
    yield from _members("request", old & _ASKED, new & _ASKED, asked)
    old, new = old - _ASKED, new - _ASKED
    yield from _members("limit", old & _REASONS_TO_DELETE, new & _REASONS_TO_DELETE, LESS)
    others = _REASONS_TO_KEEP | _REASONS_TO_DELETE
    yield from _members("condition", old - others, new - others, UNCLEAR)


_ANY_DATA = {"data", "text", "content", "information"}


def _data(before: Statement, after: Statement, scope: int) -> Iterable[Difference]:
    """Kinds of data more or fewer; a name for all of them gives way to the kinds without a loss."""
    came, gone = set(after.objects) - set(before.objects), set(before.objects) - set(after.objects)
    spelt_out = _ANY_DATA if came and gone <= _ANY_DATA else set[str]()
    return _members("data", set(before.objects) - spelt_out, set(after.objects) - spelt_out, scope)


def _members(what: str, before: Iterable[str], after: Iterable[str], towards: int) -> Iterable[Difference]:
    new, old = set(after) - set(before) - {""}, set(before) - set(after) - {""}
    # One thing in place of another gives neither more nor less.
    swapped = bool(new and old)
    if new:
        yield Difference(f"{what} added: {', '.join(sorted(new))}", UNCLEAR if swapped else towards)
    if old:
        yield Difference(f"{what} dropped: {', '.join(sorted(old))}", UNCLEAR if swapped else -towards)


_ANOTHER_ITEM = 6
"""So many more words of content are more than a limit."""


def _is_longer(before: Statement, after: Statement) -> bool:
    """Whether one text says all that the other says and a good deal more, first of some people."""
    if after.topic != RETENTION or bool(before.audience) == bool(after.audience):
        return False
    return abs(len(content(after.text)) - len(content(before.text))) >= _ANOTHER_ITEM


ALL_OF = re.compile(r"\b(?:all|any|every|each|everyone|anyone)\b", re.IGNORECASE)


def _audience(what: str, before: tuple[str, ...], after: tuple[str, ...], scope: int) -> Iterable[Difference]:
    """Naming the first audience or region narrows a statement, naming another one widens it."""
    if (before, after) in _NARROWER or (after, before) in _NARROWER:
        yield Difference(what, -scope if (before, after) in _NARROWER else scope)
        return
    yield from _members(what, before, after, scope if bool(before) == bool(after) else -scope)


_NARROWER = {(("paid",), ("business",)), (("business", "paid"), ("business",))}
"""Audiences of which the second is a part of the first."""
