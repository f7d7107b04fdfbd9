"""Statements in one plain line each: "API inputs: not used for training"."""

from __future__ import annotations

import re

from monitor.model import RETENTION, TRAINING, Statement
from monitor.statements.read import CONDITIONAL, PROHIBITS

_TRAINING = {
    "no": "not used {purpose}",
    "opt-in": "used {purpose} only with consent or opt-in",
    "opt-out": "may be used {purpose} unless opted out",
    "yes": "may be used {purpose}",
}
_RETENTION = {
    "not-stored": "not stored",
    "period": "{verb} {bound}{periods}",
    "indefinite": "kept indefinitely",
    "criterion": "{verb} depending on {criterion}",
    "legal-safety": "{verb} for legal or safety reasons",
    "none-stated": "{verb}, no period stated",
    "other": "{verb}",
}
_BOUNDS = {
    "up-to": "up to ",
    "at-least": "at least ",
    "later-of": "the later of ",
    "earlier-of": "the earlier of ",
}
_DELETED_BOUNDS = {
    "up to ": "within ",
    "at least ": "after at least ",
    "the later of ": "after the later of ",
    "the earlier of ": "after the earlier of ",
}
"""Keeping goes on up to a day; deleting is done within it."""
_UNTIL_DELETED = re.compile(
    r"\buntil (?:you|they|the (?:customer|user|owner)|customer|users?|an? (?:user|administrator))"
    r"(?: \w+){0,3}? (?:delete|remove|erase|clear)s?\b",
    re.IGNORECASE,
)
_CRITERIA = {
    "necessary": "need",
    "account": "the account or agreement",
    "transient": "the processing alone",
    "request": "a request",
    "factors": "stated factors",
    "schedule": "a retention policy",
}
_EXCEPTIONS = {
    "feedback": "feedback",
    "safety": "safety or abuse",
    "backup": "backups",
    "support": "support",
}
_MOST_NAMES = 4


def summarise(before: Statement | None, after: Statement | None) -> str:
    """What was said -> what is said; a statement that came or went stands beside "nothing"."""
    return f"{describe(before) if before else '(nothing)'} → {describe(after) if after else '(nothing)'}"


def describe(statement: Statement) -> str:
    """One statement in plain words: whom and what it is about, and what it says."""
    return f"{_subject(statement)}: {_says(statement)}{_excepting(statement)}"


def _subject(statement: Statement) -> str:
    audience = ["API" if name == "api" else name for name in statement.audience]
    objects = statement.objects or ("data",)
    if len(objects) > 1:
        objects = tuple(name for name in objects if name != "data")
    named = ", ".join(name.replace("-", " ") for name in objects[:_MOST_NAMES])
    more = " and more" if len(objects) > _MOST_NAMES else ""
    subject = f"{'/'.join(audience)} {named}{more}".strip()
    return subject[0].upper() + subject[1:]


def _says(statement: Statement) -> str:
    if statement.topic == RETENTION:
        return _retention(statement)
    if statement.topic != TRAINING:
        return statement.modality
    if statement.modality == CONDITIONAL:
        return f"people can choose about use {_purpose(statement)}"
    words = _TRAINING.get(statement.position, statement.position).format(purpose=_purpose(statement))
    return f"{words} (only as stated)" if "only" in statement.conditions else words


def _purpose(statement: Statement) -> str:
    names = {"train": "training", "learn": "learning", "improve": "improvement", "develop": "development"}
    actions = [names.get(action, action) for action in statement.action.split(", ") if action]
    return f"for {' and '.join(actions)}" if actions else "for that"


def _retention(statement: Statement) -> str:
    actions = set(statement.action.split(", "))
    deletes = bool(actions & {"delete", "remove", "return"}) and not actions & {"keep", "store"}
    verb = "deleted" if deletes else "kept"
    if statement.modality == PROHIBITS:
        verb = f"not {verb}"
    bound = next((_BOUNDS.get(period.bound, "") for period in statement.periods), "")
    if deletes:
        bound = _DELETED_BOUNDS.get(bound, bound) or "after "
    criteria = [_CRITERIA[name] for name in statement.conditions if name in _CRITERIA]
    if statement.position == "criterion" and not deletes and _UNTIL_DELETED.search(statement.text):
        return f"{verb} until the customer deletes it"
    return _RETENTION.get(statement.position, statement.position).format(
        verb=verb,
        bound=bound,
        periods=" / ".join(dict.fromkeys(period.text for period in statement.periods)),
        criterion=" and ".join(criteria) or "what is stated",
    )


def _excepting(statement: Statement) -> str:
    named = [
        says
        for name, says in _EXCEPTIONS.items()
        if name in statement.exceptions and name not in statement.objects
    ]
    return f" (mentions {', '.join(named)})" if named else ""
