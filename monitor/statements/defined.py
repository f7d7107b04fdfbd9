"""Terms that a document defines: "Materials" means inputs; (together, "Content"); "Unpaid Services" means."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from monitor.statements.sentences import Sentence

_TERM = r"[\"“”'‘]\s*(?P<{}>[A-Z][^\"“”'’\n]{{1,50}}?)\s*[\"“”'’]"
_MEANS = re.compile(
    rf"{_TERM.format('meant')}(?: \([^)]{{1,60}}\))? (?:shall |will |also |collectively )?"
    r"(?:means?|refers? to|includes?|comprises?|consists? of|is|are|stands for|covers?)\b[: ]"
)
_TOGETHER = re.compile(
    r"\((?:(?:collectively|together|each|jointly|hereinafter|herein|referred to|as|and|an?|the|our|your|or)"
    r"[ ,]+){0,6}"
    rf"{_TERM.format('term')}[^()]{{0,60}}\)"
)
_QUOTED = re.compile("[\"“”'‘]")
_OF_DATA = re.compile(
    r"(?:content|contents|data|materials?|inputs?|outputs?|information|records?|submissions?|property|prompts?"
    r"|files?|contributions?|feedback|works?|media|interactions|conversations|transcripts|recordings|uploads"
    r"|posts|messages|documents|images|creations|assets)$",
    re.IGNORECASE,
)

_OF_WHOM = re.compile(
    r"(?:un|non-?)?(?:paid|free|trial|beta|preview|evaluation|business|enterprise|consumer|commercial|personal"
    r"|team|eligible|covered|excluded|exempt|restricted|included|qualifying|participating|select(?:ed)?|opted-(?:in|out))"
    r"(?: \w+)? (?:services?|plans?|products?|offerings?|tiers?|users?|customers?|accounts?|features?"
    r"|members?|organi[sz]ations?|countr(?:y|ies)|regions?|territor(?:y|ies)|jurisdictions?)$",
    re.IGNORECASE,
)

Terms = tuple[tuple[str, str], ...]
"""Terms for data as written, each with the words that say what it means."""
NO_TERMS: Terms = ()


@dataclass(frozen=True)
class Definition:
    """A sentence that says what a term for data means, or which plans, people or places one stands for."""

    term: str
    means: str
    sentence: Sentence
    of_data: bool = True


def definitions(sentences: Iterable[Sentence]) -> tuple[Definition, ...]:
    """The definitions of a document's terms for data and for whom it treats alike, in reading order."""
    return tuple(one for sentence in sentences for one in _defined(sentence))


def terms(found: Iterable[Definition]) -> Terms:
    """Each term for data with all that is said of it."""
    meant: dict[str, str] = {}
    for one in found:
        if not one.of_data:
            continue
        meant[one.term] = f"{meant[one.term]} {one.means}" if one.term in meant else one.means
    return tuple(meant.items())


def _defined(sentence: Sentence) -> Iterable[Definition]:
    text = sentence.text
    if not _QUOTED.search(text):
        return
    for match in _MEANS.finditer(text):
        of_data = bool(_OF_DATA.search(match["meant"]))
        if of_data or _OF_WHOM.search(match["meant"]):
            yield Definition(match["meant"], text[match.end() :], sentence, of_data)
    for match in _TOGETHER.finditer(text):
        if _OF_DATA.search(match["term"]):
            yield Definition(match["term"], text[: match.start()], sentence)
