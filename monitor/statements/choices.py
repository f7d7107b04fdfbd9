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

_REFUSES = re.compile(
    r"\b(?:wider(?:rufen|sprechen|sprochen)|Widerspruch (?:einlegen|erheben|einzulegen)|abschalten"
    r"|(?:vous (?:y )?|s['’])opposer|retirer|révoquer|oponerse|revocar\w*|retirar)\b"
    r"|\bWiderspruch (?:berücksichtig|beacht)\w+",
    re.IGNORECASE,
)
"""Verbs of a choice: "for the future" is how laws word an objection, and no limit that the provider sets."""
_ONLY = re.compile(
    r"\b(?:nur|lediglich|allein|seulement|uniquement|que pour|solo|sólo|únicamente)\b", re.IGNORECASE
)


def limits_choice(statement: Statement) -> bool:
    """Whether it says how little a choice over training does: "opting out applies to future chats only"."""
    return statement.topic != RETENTION and _chooses(statement) and bool(_FROM_NOW_ON.search(statement.text))


def _chooses(statement: Statement) -> bool:
    return "opt-out" in statement.conditions or "consent" in statement.conditions


def only_limits_choice(statement: Statement) -> bool:
    """Whether it says so without offering the choice itself, as "you can opt out, going forward" does."""
    if not limits_choice(statement) or _OFFERS.search(statement.text):
        return False
    return not _REFUSES.search(statement.text) or bool(_ONLY.search(statement.text))


def limited(before: Statement, after: Statement) -> Iterable[Difference]:
    """A choice that no longer undoes what was learned, or undoes it now."""
    was, now = limits_choice(before), limits_choice(after)
    if was != now and _chooses(before) and _chooses(after):
        yield Difference("reach of the choice", MORE if now else LESS, _WEIGHS)


_WEIGHS = 2
"""Beside how far a choice reaches, how it is worded says little."""
