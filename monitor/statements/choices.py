"""How far a choice over training reaches: whether it undoes what was learned, or counts from now on alone."""

from __future__ import annotations

import re
from collections.abc import Iterable

from monitor.model import RETENTION, Statement
from monitor.statements.difference import LESS, MORE, Difference

_FROM_NOW_ON = re.compile(
    r"\b(?:only|solely|just) (?:to |for |with |in )?(?:\w+ )?future\b|\bfuture(?: \w+){0,2} (?:only|alone)\b"
    r"|\b(?:going forward|from then on|retroactive|retrospective)"
    r"|\bfrom that (?:moment|day|date) on\b"
    r"|\bnot (?:affect|undo|change|reverse|extend to|apply to|remove)\b[^.;]{0,60}"
    r"\b(?:already|past|previous|earlier|before|existing)\b"
    r"|\balready\b[^.;]{0,60}\b(?:unaffected|untouched|not (?:be )?(?:affected|removed|changed|deleted))"
    r"|\bfür die Zukunft\b|\bbleib\w+ (?:davon )?unberührt|\bdavon unberührt"
    r"|\bpour l['’]avenir\b|\bn['’]affecte pas\b|\bpara el futuro\b|\bno afecta\b"
    r"|不影响|仅对今后|仅适用于今后",
    re.IGNORECASE,
)

_OFFERS = re.compile(
    r"\b(?:you|users?|customers?|people|members?|anyone|everyone|admins?|administrators?|owners?) "
    r"(?:can|could|may|might|are able to|have the (?:choice|option|right))\b"
    r"|\b(?:können Sie|Sie können|vous pouvez|pouvez-vous|(?:usted )?puedes?)\b"
    r"|您?可以?(?:随时|通过|在|选择|关闭)",
    re.IGNORECASE,
)


def limits_choice(statement: Statement) -> bool:
    """Whether it says how little a choice over training does: "opting out applies to future chats only"."""
    chooses = "opt-out" in statement.conditions or "consent" in statement.conditions
    return statement.topic != RETENTION and chooses and bool(_FROM_NOW_ON.search(statement.text))


def only_limits_choice(statement: Statement) -> bool:
    """Whether it says so without offering the choice itself, as "you can opt out, going forward" does."""
    return limits_choice(statement) and not _OFFERS.search(statement.text)


def limited(before: Statement, after: Statement) -> Iterable[Difference]:
    """A choice that no longer undoes what was learned, or undoes it now."""
    was, now = limits_choice(before), limits_choice(after)
    if was != now:
        yield Difference("reach of the choice", MORE if now else LESS, _WEIGHS)


_WEIGHS = 2
"""Beside how far a choice reaches, how it is worded says little."""
