"""What a retention statement comes to: how long or until when it keeps, and which choice it leaves people."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Duration
from monitor.statements.denial import NO
from monitor.statements.facts import Facts

CHOICE, CHOICE_GONE = "choice", "choice gone"
"""Conditions of a statement by which people can have less kept, or can no longer."""

_DELETES = {"delete", "remove", "return"}
_KEEPS = ("action.keep", "action.store", "action.log")


def case(facts: Facts, periods: tuple[Duration, ...], *, denied: bool) -> str:
    """The case of a retention statement: not-stored, period, indefinite, criterion, legal-safety, ..."""
    criteria = set(facts.values("criterion"))
    actions = set(facts.values("action"))
    deletes = bool(actions) and actions <= _DELETES
    refuses_to_delete = bool(_DELETES.intersection(facts.actions()[:1]))
    if facts.row and _kept_for_no_time(facts):
        return "not-stored"
    zero = facts.spans("audience.zero-data-retention")
    if any(facts.answer(span) in NO for span in zero) or (zero and CHOICE_GONE in choice(facts)):
        return "period" if periods else "none-stated"
    if _zero_retention(facts, periods) or (denied and not refuses_to_delete and not criteria):
        return "not-stored"
    if "transient" in criteria and denied:
        return "not-stored"
    if periods:
        return "period"
    if "indefinite" in criteria:
        return "indefinite"
    if criteria - {"factors", "schedule", "immediate"}:
        return "criterion"
    if set(facts.values("condition")) & {"law", "legal-process"} or "safety" in facts.values("exception"):
        return "legal-safety"
    return "other" if deletes or criteria else "none-stated"


_NOTHING = frozenset(("none", "nothing", "never", "zero", "no", "not"))
"""What a cell says under "Kept for": "none"."""


def _kept_for_no_time(facts: Facts) -> bool:
    """Whether a table's row says "none" under a header that asks what is kept, or for how long."""
    zero = facts.spans("audience.zero-data-retention")
    kept = [span for span in facts.spans(*_KEEPS) if not any(a <= span[0] < b for a, b in zero)]
    return any(facts.answer(span) in _NOTHING for span in kept)


def done(facts: Facts) -> tuple[str, ...]:
    """What is done; that something stays until people delete it is keeping, and no deletion."""
    ends = [n for n, word in enumerate(facts.words.words) if word in ("until", "unless")]
    kept = [
        action
        for action in facts.actions()
        if action not in _DELETES
        or any(
            not any(0 < span[0] - end <= _UNTIL_REACHES for end in ends)
            for span in facts.spans(f"action.{action}")
            if span[0] >= facts.own[0]
        )
    ]
    return tuple(kept) if kept or not ends else ("keep",) if facts.actions() else ()


_UNTIL_REACHES = 5
"""So many words after "until" people delete what was kept until then."""


def capped(facts: Facts, periods: tuple[Duration, ...]) -> tuple[Duration, ...]:
    """The periods of "not kept for more than 30 days", which is a cap and no denial; or none."""
    if not facts.spans(*_KEEPS) or not any(period.bound == "at-least" for period in periods):
        return ()
    return tuple(replace(one, bound="up-to") if one.bound == "at-least" else one for one in periods)


def _zero_retention(facts: Facts, periods: tuple[Duration, ...]) -> bool:
    """Whether zero data retention is what the sentence offers, rather than an exception that it names."""
    overridden = facts.spans("zero_overridden")
    if facts.row and periods and facts.spans("condition.eligible"):
        return False  # a row that says how long something is kept, and who may ask for less
    return any(
        a <= span[0] < b and not any(over[0] <= span[0] < over[1] for over in overridden)
        for span in facts.spans("audience.zero-data-retention")
        for a, b in facts.main()
        if facts.answer(span) not in NO
    )


_AFTERWARDS = re.compile(
    r"(?:Then|Afterwards|Thereafter|After (?:that|this|which)(?: \w+)?|At that point|From then on"
    r"|(?:Once|When|After) (?:that|this|the) (?:time|period|window|delay|deadline|term)\b[^,]{0,30})[, ]"
)


def happens_afterwards(text: str) -> bool:
    """Whether a sentence tells what happens when the time of the sentence before is over."""
    return bool(_AFTERWARDS.match(text))


_EVERY = {
    "hourly": 1 / 24,
    "daily": 1.0,
    "nightly": 1.0,
    "overnight": 1.0,
    "every night": 1.0,
    "weekly": 7.0,
    "fortnightly": 14.0,
    "monthly": 365 / 12,
    "quarterly": 365 / 4,
    "yearly": 365.0,
    "annually": 365.0,
}
_DELETED_EVERY = re.compile(
    r"\b(?:delet|purg|clear|rotat|wip(?:e|ing)|empt|overwrit|eras|remov|flush|prun|clean|anonymi|discard)\w*"
    rf"(?:\W+\w+){{0,3}}?\W+(?P<every>{'|'.join(_EVERY)})\b",
    re.IGNORECASE,
)


def recurring(text: str) -> tuple[Duration, ...]:
    """The period of what is deleted again and again: "log files are rotated weekly"."""
    if not (match := _DELETED_EVERY.search(text)):
        return ()
    days = _EVERY[match["every"].lower()]
    return (Duration(match["every"], days, days),)


_LEAVES = re.compile(
    r"\b(?:options?|settings?|choices?|ability|possibility|opt-?outs?|toggles?|switch|control)\b",
    re.IGNORECASE,
)
_GONE = re.compile(
    r"\b(?:no longer|not any ?more|discontinu\w+|withdrawn|(?:has|have) been removed|retired|(?:is|are) not"
    r" available|unavailable|(?:has|have) ended)\b",
    re.IGNORECASE,
)


_HOW_LONG = (
    r"[^.;]{0,50}?\b(?:how long|(?:retention|storage|deletion) (?:period|time|settings?|window)s?|period)\b"
)
_SETS = r"(?:set|choose|configure|define|adjust|change|control|decide|select|shorten|reduce|manage|pick)s?"
_MAY_SET = re.compile(
    rf"\b(?:can|may|able to|lets? \w+|allows? \w+ to|ability to|option to) {_SETS}\b{_HOW_LONG}"
    rf"|\b(?:you|users?|members?|customers?|admin\w*|owners?) (?:{_SETS})\b{_HOW_LONG}",
    re.IGNORECASE,
)
_MAY_NOT_SET = re.compile(
    rf"\b(?:cannot|can['’]t|(?:can|may) no longer|may not|not (?:be )?able to|no longer able to) {_SETS}\b",
    re.IGNORECASE,
)
_NOT_OFFERED = re.compile(
    r"\bretention (?:\w+ ){0,4}?(?:is|are|will be|has been) (?:no longer|not|discontinued|withdrawn)\b"
    r"|\bno longer (?:offer|provide|support|grant|accept)\w*\b",
    re.IGNORECASE,
)


def choice(facts: Facts) -> tuple[str, ...]:
    """The choice to have less kept that a sentence offers or takes away, as a condition; or none."""
    kept = facts.spans(*_KEEPS)
    if facts.language != "en" or facts.row:
        return ()
    if not facts.actions():
        return (CHOICE,) if facts.offers_choice() else ()
    if _LEAVES.search(facts.words.text) and _GONE.search(facts.words.text):
        return (CHOICE_GONE,)
    if _MAY_NOT_SET.search(facts.words.text):
        return (CHOICE_GONE,)
    if _MAY_SET.search(facts.words.text):
        return (CHOICE,)
    if facts.spans("audience.zero-data-retention") and _NOT_OFFERED.search(facts.words.text):
        return (CHOICE_GONE,)
    chosen = facts.spans("condition.opt-out", "choosing", "chooses", "want_not")
    near = bool(kept) and any(abs(one[0] - other[0]) <= _NEAR for one in chosen for other in kept)
    return (CHOICE,) if near and facts.offers_choice() else ()


_NEAR = 12
"""Words between a choice and the keeping that it is about."""
