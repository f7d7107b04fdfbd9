"""What differs between two statements outside the word classes: names, numbers, many new words."""

from __future__ import annotations

import re

from monitor.model import RETENTION, Statement
from monitor.statements.difference import Difference, sign
from monitor.statements.lexicon import tokens
from monitor.statements.read import CONDITIONAL, PERMITS

_EMPTY = frozenset(
    "a an the this that these those such of to in on at by for with from as and or nor our your"
    " their its his her we you us they it is are be been being was were will would shall may can"
    " could might must have has had do does did not any all other certain also more then than so if"
    " when where which who whom whose what how there here please e g i etc including include includes"
    " included e.g within upon via per into about under over both each data information".split()
)
_EMPTY |= frozenset(
    "no not never none neither don't doesn't won't isn't aren't cannot can't event elect elects proceed"
    " period case order respect regard regards such therefore hereby accordingly"
    " furthermore additionally moreover please note course thereafter afterwards following whenever once"
    " after before during while thus however only simply just currently generally typically always by"
    " us should ought".split()
)
_NO_NAMES = _EMPTY - {"data", "information"}
_LEARNS = {"train", "learn"}
_ENOUGH_NEW_WORDS = 3
"""So many content words on one side alone make a sentence say something else."""


def wording(before: Statement, after: Statement, scope: int) -> tuple[Difference, ...]:
    """A difference outside the word classes: a name more or less, another number, many new words."""
    first, second = _spelt_out(before.text), _spelt_out(after.text)
    old, new = content(first), content(second)
    came_names, gone_names = _new_names(first, second), _new_names(second, first)
    # One name in place of another is a rename.
    if bool(came_names) != bool(gone_names):
        return (_named(before, after, came_names or gone_names, scope if came_names else -scope),)
    numbers = [[int(word) for word in words if word.isdecimal()] for words in (old - new, new - old)]
    if any(numbers) and before.topic == RETENTION and not after.periods:
        step = sign(sum(numbers[1]) - sum(numbers[0]))
        # Under a higher age more people fall under what is done.
        return (Difference("number", step * scope if _AGE.search(second) else step),)
    if before.position == after.position == "none-stated":
        return ()  # where no case of keeping is stated, other words tell nothing about it
    surplus = len(new - old) - len(old - new)
    if surplus > 0 and _limited(before, after):
        scope = -scope  # "data of customers with an order" for "no data": the words that came narrow it
    least = 2 if after.modality == CONDITIONAL else 1  # how to choose is told in more words or fewer
    if surplus > 0 and _in_exception(new - old, second):
        scope = -scope  # another thing that is excepted
    if before.topic != RETENTION and (share := _share(first, second)):
        return (Difference("share", scope * share),)
    learns = _LEARNS & set(after.action.split(", ")) and abs(surplus) >= least
    learns = learns or (before.topic != RETENTION and _of_models(old ^ new, before, after))
    if learns and bool(new - old) != bool(old - new):
        return (Difference("wording", scope * sign(surplus)),)  # words that came or went, none in their place
    if abs(surplus) < _ENOUGH_NEW_WORDS:
        return _certainty(before, after) if before.topic != RETENTION and old == new else ()
    return (Difference("wording", scope if surplus > 0 else -scope),)


_AGE = re.compile(r"\b(?:under|below|younger than|ages? of|aged)\b[^.]{0,20}\b\d{1,2}\b", re.IGNORECASE)
EXCEPTS = re.compile(
    r"\b(?:except|unless|other than|excluding|apart from|aside from|save (?:for|where|that)|but not)\b", re.I
)


_MODELS = {"model", "models"}


def _of_models(differ: set[str], before: Statement, after: Statement) -> bool:
    """Whether models were named on one side alone, or only some kinds of them."""
    return bool(_MODELS & differ) or _more(_LIMIT, before, after) != 0


_SHARE = re.compile(r"(\d+(?:[.,]\d+)?) ?(?:%|per ?cent\b|Prozent\b)")


def _share(before: str, after: str) -> int:
    """Whether a larger share is meant now: 1, or a smaller one: -1; 0 where none differs."""
    old, new = (
        max((float(n.replace(",", ".")) for n in _SHARE.findall(text)), default=0) for text in (before, after)
    )
    return sign(new - old) if old and new else 0


def _in_exception(words: set[str], text: str) -> bool:
    """Whether these words, by their beginnings, all stand in what is excepted."""
    exception = EXCEPTS.search(text)
    if not exception:
        return False
    return not words & content(text[: exception.start()])


def _named(before: Statement, after: Statement, names: set[str], towards: int) -> Difference:
    """A name more or less: of somebody excepted, or in place of "all", it says the opposite."""
    longer, one_more = (after, 1) if any(name in after.text for name in names) else (before, -1)
    exception = EXCEPTS.search(longer.text)
    excepted = exception and all(longer.text.find(name) > exception.start() for name in names)
    in_place_of_all = _more(_UNLIMITED, before, after) * one_more < 0
    return Difference("name", -towards if excepted or in_place_of_all else towards)


_LIMIT = re.compile(
    r"\b(?:who|whose|(?:customers|users|members|accounts|people|plans|those) (?:with|under|on|that|in|from)"
    r"|eligible|covered by|under a|with a signed|(?:over|under|aged|above|below) \d+|as long as"
    r"|provided that|left out|excluded|excluding"
    r"|(?:generative|foundation|generali[sz]ed|general-purpose|competing) (?:AI |ML )?models?)\b",
    re.IGNORECASE,
)
_UNLIMITED = re.compile(r"\b(?:no|none|any|all|every|each|nobody|anyone|everyone|ever)\b", re.IGNORECASE)


def _limited(before: Statement, after: Statement) -> bool:
    """Whether a sentence came to speak of some people, or no longer speaks of all."""
    return _more(_LIMIT, before, after) > _more(_UNLIMITED, before, after)


def _more(pattern: re.Pattern[str], before: Statement, after: Statement) -> int:
    return len(pattern.findall(after.text)) - len(pattern.findall(before.text))


_SHORT = {"AI": "artificial intelligence", "ML": "machine learning", "LLM": "large language model"}


_REFERENCE = re.compile(
    r"\b(?:sections?|articles?|clauses?|exhibits?|annex|appendix|schedules?|paragraphs?)\s+\(?[\dIVX][\w.()]{0,12}",
    re.IGNORECASE,
)


_ASIDE = re.compile(
    r",? nor (?:do|does|will|shall|is|are|may|can) (?:(?!train|learn|model|improv|develop)[^.;]){0,120}"
)
"""A second denial of something else: ", nor do we sell it"."""
_ELSEWHERE = re.compile(r"\((?:please )?(?:see|cf|more|learn more|details)\b[^()]{0,120}\)", re.IGNORECASE)


def _spelt_out(text: str) -> str:
    """A text with the field's abbreviations written out, without numbers of other clauses and asides."""
    text = _ELSEWHERE.sub("", _ASIDE.sub("", _REFERENCE.sub(" ", text)))
    return re.sub(r"\b(AI|ML|LLM)(?=s?\b)", lambda match: _SHORT[match[0]], text)


def _new_names(before: str, after: str) -> set[str]:
    """Words with a capital inside a sentence, as names of plans and products have, that are new in it."""
    words, known = tokens(_LINK_NOISE.sub(" ", after)).raw, set(tokens(before).words)
    return {
        word
        for word, previous in zip(words[1:], words, strict=False)
        if word[0].isupper() and word.lower() not in known | _NO_NAMES and previous.lower() not in ("e", "i")
    }


_LINK_NOISE = re.compile(r"\S+@\S+|\[email.protected\]|https?://\S+|\(opens in a new window\)", re.IGNORECASE)


def content(text: str) -> set[str]:
    """The beginnings of the words of a text that carry its meaning."""
    words = tokens(_LINK_NOISE.sub(" ", text)).words
    return {word[:6] for word in words if word not in _EMPTY}


_MAY = re.compile(r"\b(?:may|might)\b", re.I)
_WILL = re.compile(r"\b(?:will|shall)\b", re.I)


def _certainty(before: Statement, after: Statement) -> tuple[Difference, ...]:
    """What may be done will be done: "we may use your files", "we will use your files"."""
    surer = _more(_WILL, before, after)
    if after.modality != PERMITS or not surer or surer != -_more(_MAY, before, after):
        return ()
    return (Difference("certainty", sign(surer)),)
