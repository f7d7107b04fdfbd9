"""What it means that a statement came or went as a whole."""

from __future__ import annotations

import re

from monitor.model import RETENTION, Statement
from monitor.statements.choices import only_limits_choice
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
)
from monitor.statements.keeping import CHOICE, CHOICE_GONE
from monitor.statements.read import CONDITIONAL, PERMITS, PROHIBITS
from monitor.statements.wording import content


def came(statement: Statement) -> Difference:
    """What it means that a statement was added."""
    return Difference("added", _towards_when_added(statement), _weight(statement))


def went(statement: Statement, left: str = "") -> Difference:
    """What it means that a statement was removed; `left` is what its clause says now."""
    towards = -_towards_when_added(statement)
    if statement.topic != RETENTION and statement.modality == PERMITS and _mostly_left(statement, left):
        towards = LESS  # "solely to operate or improve it" without "or improve" permits less
    # What is no longer said to be kept may still be kept; what is no longer promised is not owed.
    if statement.topic == RETENTION and towards == LESS and statement.position != "indefinite":
        capped = statement.position == "period" and _STILL_KEPT.search(left)
        if capped or {"necessary", "duration", "only"} & set(statement.conditions):
            towards = MORE
        elif not _only_exception(statement, left) and _VERB.search(statement.text):
            towards = UNCLEAR
    return Difference("removed", towards, _weight(statement))


_VERB = re.compile(
    r"\b(?:stor|keep|kept|retain|retention|archiv|preserv|remain|log|sav|hold|held|cach|persist"
    r"|delet|eras|purg|remov|destroy|wip|discard|anonym|is|are|be)|[^\x00-\xff]",
    re.I,
)
"""Without a verb of its own a text is one item of a list of what is kept, which is shorter without it."""
_STILL_KEPT = re.compile(r"\b(?:stor(?:e|age|ed)|keep|kept|retain|archiv|preserv|remain)", re.I)


_STILL_DELETED = re.compile(r"\b(?:delet|eras|wip(?:e|ing)|purg|destroy|dispos|discard|overwrit)", re.I)


def _only_exception(statement: Statement, left: str) -> bool:
    """Whether something was kept beside what its clause, then as now, says to be deleted."""
    return not only_deletes(statement) and bool(_STILL_DELETED.search(left)) and not _STILL_KEPT.search(left)


def _mostly_left(statement: Statement, left: str) -> bool:
    said = content(statement.text)
    return len(said & content(left)) >= _MOST * max(len(said), 1)


_MOST = 0.7
"""Share of a sentence's words in the edited clause from which on the sentence is still there."""


def _weight(statement: Statement) -> float:
    """A choice that comes or goes together with the use it is about turns nothing round."""
    if statement.topic == RETENTION and _at_their_wish(statement):
        return 0.4
    limited = bool(statement.audience or regions(statement) or _OF_SOME.match(statement.text))
    limited = limited or _CARVES_OUT in statement.rules
    if statement.topic != RETENTION and statement.modality == PROHIBITS and limited:
        return 0.5  # whom a use spares says less than the use
    return 0.4 if statement.modality == CONDITIONAL else 1


_CARVES_OUT = "carve-out"
"""The rule for sentences that only say whom or what a position stated before does not concern."""
_OF_SOME = re.compile(r"(?:If|For|Where|When|In|On)\b")
"""How a sentence begins that is about some people or cases."""
_HOW_TO = re.compile(
    r"(?:To|In order to) (?:delete|remove|erase|clear|export|download)\b"
    r"|(?:Go to|Open|Select|Click|Choose|Tap|Press|Visit)\b"
)
_IF_YOU_TURN_ON = re.compile(
    r"\b(?:if|when|once|where) (?:you|users?|customers?|an? \w+) (?:\w+ )?"
    r"(?:turns? on|switch(?:es)? on|enables?|activates?|opts? in|joins?|subscribes?)\b",
    re.IGNORECASE,
)


def _at_their_wish(statement: Statement) -> bool:
    """Whether it tells people how to delete, or what is kept for those who switched something on."""
    return bool(_HOW_TO.match(statement.text) or _IF_YOU_TURN_ON.search(statement.text))


def _towards_when_added(statement: Statement) -> int:
    if statement.topic == RETENTION:
        return _kept(statement)
    if only_limits_choice(statement):
        return MORE
    if statement.modality != PERMITS or _only_limits(statement):
        return LESS
    return MORE


_LIMITED = re.compile(r"\b(?:limited|restricted|confined) to\b", re.I)


def _only_limits(statement: Statement) -> bool:
    """Whether "only" keeps other uses out, and does not name the one on which models are trained."""
    trains = LEARNS & deeds(statement) and not _LIMITED.search(statement.text)
    trains = trains and statement.position != "opt-in"
    return "only" in statement.conditions and not trains


_AS_IT_LIKES = re.compile(
    r"\b(?:may|can|reserves? the right)\b[^.;]{0,40}?"
    r"\b(?:at|in) our (?:sole |own |absolute )?(?:option|discretion)\b",
    re.IGNORECASE,
)


def _kept(statement: Statement) -> int:
    """Whether a retention statement lets more be kept; of several actions the first one counts."""
    if statement.position == "not-stored":
        return LESS
    if statement.periods and "backup" in statement.exceptions and only_deletes(statement):
        return MORE  # until then backups hold what is deleted elsewhere
    if CHOICE_GONE in statement.conditions:
        return MORE
    if not statement.periods and only_deletes(statement) and _AS_IT_LIKES.search(statement.text):
        return UNCLEAR  # a right of the provider, and no promise
    deletes = statement.action.split(", ")[0] in DELETES
    if "default-off" in statement.conditions:
        return MORE if deletes else LESS
    if CHOICE in statement.conditions and not deletes:
        return LESS  # whoever can say how long something is kept can have it kept for less
    return MORE if deletes is statement.negated else LESS
