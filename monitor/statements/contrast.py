"""Sentences that say one thing of some and the opposite of others, taken apart into what each half says."""

from __future__ import annotations

import re

_HALVES = re.compile(
    r"; (?:however|but|instead),? |; |,? (?:but|whereas|while|yet|though|although) |[—–] ?but "
    r"|,? (?:save|except) that "
)
_FIRST = re.compile(
    r"(?:While|Whereas|Although|Though|Even though) (?P<first>[^,;]{8,200}), (?P<second>.+)", re.S
)
_NO_HALF = re.compile(r"(?:not limited|only (?:if|with|when|where|to)|without|if|unless|for no|solely)\b")
_DENIES_ON = re.compile(
    r"(?P<denial>not|never|only not) (?=(?:on|with|for|from|in|by|those|that of|the|any|your|its)\b)", re.I
)
_BREAKS_OFF = re.compile(
    r"\b(?P<auxiliary>(?:is|are|was|were|be|being|do|does|may|can|will|shall|might)(?: not| never)?(?: be)?"
    r"|isn't|aren't|don't|doesn't|won't|cannot|can't|may not be|will not be)[.;\"”]?$",
    re.I,
)
_TO_BE = ("is", "are", "was", "were", "be", "being", "isn't", "aren't")
_IMPROVES = frozenset(("improve", "develop", "research", "evaluate"))


def halves(text: str) -> tuple[str, ...]:
    """The parts of an English sentence on either side of "but", "whereas" or a semicolon, or the whole."""
    leading = _FIRST.fullmatch(text)
    parts = (leading["first"], leading["second"]) if leading else tuple(_HALVES.split(text))
    parts = tuple(part.strip() for part in parts)
    if len(parts) < 2 or any(len(part.split()) < 3 or _NO_HALF.match(part) for part in parts):
        return (text,)
    return parts


def spelt_out(half: str, actions: str) -> str:
    """A half with the verb that it leaves out: "never on drafts", "those of others are not"."""
    first = actions.split(", ", maxsplit=1)[0]
    deed = "improve our services" if first in _IMPROVES else "train models"
    if denies := _DENIES_ON.match(half):
        return f"{denies['denial']} used to {deed} {half[denies.end() :]}"
    if breaks := _BREAKS_OFF.search(half):
        auxiliary = breaks["auxiliary"].lower().split()
        verb = "used" if auxiliary[0] in _TO_BE or auxiliary[-1] == "be" else "use them"
        return f"{half.rstrip('.;”')} {verb} to {deed}"
    return half


def excepts_what_follows(text: str) -> bool:
    """Whether a whole clause is excepted: "only on instructions, save that we may learn from it"."""
    return bool(_SAVE_THAT.search(text))


_SAVE_THAT = re.compile(r"\b(?:save|except) that\b", re.I)
