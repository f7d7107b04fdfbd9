"""Whether the verb that counts in a sentence is denied: "not", "no data", "is something we never do"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from monitor.statements.lexicon import Span

if TYPE_CHECKING:
    from monitor.statements.facts import Facts

NO = frozenset("no not never none off disabled nein non 否 ✗ ✘ × – — -".split())
"""What a table's cell begins with that denies its header."""
_REACH = 40
"""So many words before the verb a denial may stand."""
_SAYS = frozenset(
    "confirm confirms agree agrees ensure ensures commit commits promise promises state states warrant"
    " warrants guarantee guarantees certify means understand acknowledge know note make assure assures so"
    " such".split()
)
"""Words after which "that" begins what is said, and no clause about a thing."""
_ABOUT_A_THING = frozenset(("that", "which", "who", "whom", "whose"))
_WHOLE_CLAUSE = frozenset(("no", "none", "nothing", "neither", "nor"))
"""Denials of a thing, which reach over what is told about the thing: "no data that you delete is used"."""
_FINITE = frozenset("is are was were may can will shall might could would must has have".split())


def negated(facts: Facts) -> bool:
    """Whether the first of the verbs that count is denied."""
    verb = _verb_that_counts(facts)
    if answer := facts.answer(verb):
        return answer in NO
    return _denied(facts, verb) is not _only_excepted(facts, verb)


_BUT_FOR = frozenset("except excepting other apart aside save".split())
"""What begins an exception that turns a statement round: "for any purpose other than training"."""


def _only_excepted(facts: Facts, verb: Span) -> bool:
    """Whether the verb stands in an exception of what may, or may not, be done for any purpose."""
    if facts.language != "en":
        return False
    named = [span[0] for span in facts.spans("object")]
    return any(
        verb[0] <= span[0] < verb[1]
        or (0 <= verb[0] - span[1] <= _NEAR and not any(span[1] <= n < verb[0] for n in named))
        for span in facts.spans("except")
        if facts.words.words[span[0]] in _BUT_FOR and span[0] > facts.own[0]
    )


_REASONS = ("because", "since")
"""What follows tells why, and is denied by itself."""
_NEAR = 5
"""So many words behind "except" the verb stands that is excepted."""


def _denied(facts: Facts, verb: Span) -> bool:
    denied = facts.hits.get("not_negating", [])
    limits = {span[0] for span in denied}  # "but not limited to"
    breaks = [span for span in facts.spans("unless", "but") if span[1] not in limits]
    breaks += [(n, n + 1) for n, word in enumerate(facts.words.words) if word in _REASONS]
    return (
        any(
            _denies(facts, span, verb, breaks)
            for span in _standing(facts)
            if not any(a <= span[0] < b for a, b in denied)
        )
        or _ruled_out(facts, verb)
        or _of_nothing(facts, verb)
    )


_KEEPING_OUT = re.compile(
    r"(?:keep|kept|exclu|prevent|prohibit|forbid|bar|stop|refrain|preclud|ceas|withh|discontinu|leav|left|stay"
    r"|avoid|disallow|off$)"
)
_NEXT = 2


def _standing(facts: Facts) -> list[Span]:
    """The denials that no other denial lifts: "does not keep it out of training" trains on it."""
    found = facts.spans("not")
    lifted = set[Span]()
    for first in found:
        for second in found:
            near = 0 <= second[0] - first[1] <= _NEXT and facts.words.words[first[0]] != "no"
            if near and _KEEPING_OUT.match(facts.words.words[second[0]]):
                lifted |= {first, second}
    return [span for span in found if span not in lifted]


_NOTHING = frozenset(("no", "none", "nothing", "zero"))
_COMPARED = frozenset("longer more later less earlier fewer sooner matter".split())


def _of_nothing(facts: Facts, verb: Span) -> bool:
    """Whether a deed is done to nothing: "we keep no copies", but not "keep no longer than"."""
    behind = facts.words.words[verb[1] : verb[1] + 2]
    return (
        facts.language == "en" and behind[:1] != () and behind[0] in _NOTHING and behind[-1] not in _COMPARED
    )


def _verb_that_counts(facts: Facts) -> Span:
    main = [t for t in facts.triggers if not facts.excepts(t)] or [facts.triggers[0]]
    # "Even if you do not delete it, we ...": what counts comes after the condition.
    later = [t for t in facts.spans("action") if t > main[0] and not facts.excepts(t)]
    return next((t for t in [*main, *later] if not _in_condition(facts, t)), main[0])


def _in_condition(facts: Facts, span: Span) -> bool:
    """Whether words stand in a clause that only says when: "even if you do not delete it, we ..."."""
    return any(i[0] < span[0] < facts.comma_after(i[1]) < len(facts.words) for i in facts.spans("if"))


def _denies(facts: Facts, negation: Span, verb: Span, breaks: list[Span]) -> bool:
    if verb[0] < negation[0] < verb[1]:  # "derive no models"
        return True
    if _of_an_adjective(facts, negation):
        return False
    distance = verb[0] - negation[0]
    reach = -8 if facts.language == "de" else 0
    if not reach <= distance <= _REACH:
        return False
    if any(negation[0] < b[0] < verb[0] for b in breaks) or _of_the_past(facts, negation, verb):
        return False
    if _lacks(facts, negation) or _about_a_thing(facts, negation, verb):
        return False
    chosen = facts.spans("condition.opt-out", "condition.opt-in")
    if any(0 <= c[0] - negation[0] <= 3 for c in chosen):
        return False
    if any(a <= negation[0] < b for a, b in facts.spans("want_not")) or _new_clause(facts, negation, verb):
        return False
    # "If you have not opted out, we use it": what is denied stands in the condition alone.
    return not any(
        i[0] < negation[0] < facts.comma_after(i[1]) <= verb[0] and _comma_between(facts, negation, verb)
        for i in facts.spans("if")
        if facts.words.words[i[0]] != "provided"
        or negation[0] - i[1] > 1  # a proviso: "provided that nothing"
    )


_PARTICIPLE = {
    "de": re.compile(
        r"(?:ab|an|auf|aus|be|ein|ent|er|ge|mit|ver|vor|weg|zer|zu)\w{3,}(?:te|ne)[nmrs]?$"  # inflected
    ),
    "es": re.compile(r"\w{4,}[ai]d[oa]s?$"),
}
_CHINESE_ADJECTIVE = re.compile(r"未(?!经)[\u3400-\u9fff]{1,4}的")


def _of_an_adjective(facts: Facts, negation: Span) -> bool:
    """Whether it only says which things are meant: "nicht gespeicherte Chats", "chats no guardados"."""
    if facts.language == "zh":
        return bool(_CHINESE_ADJECTIVE.match(facts.words.text, facts.words.starts[negation[0]]))
    participle = _PARTICIPLE.get(facts.language)
    after = facts.words.words[negation[1]] if negation[1] < len(facts.words) else ""
    return bool(participle and facts.words.words[negation[0]] in ("nicht", "no") and participle.match(after))


def _lacks(facts: Facts, negation: Span) -> bool:
    """Whether it denies a thing beside the verb: "may use it without payment", not "without using it"."""
    if facts.words.words[negation[0]] not in ("without", "sans", "ohne", "sin"):
        return False
    return not any(0 <= deed[0] - negation[1] <= 2 for deed in facts.spans("action", "use"))


def _of_the_past(facts: Facts, negation: Span, verb: Span) -> bool:
    """Whether it denies what happened before: "files that have not been opened will be deleted"."""
    perfect = facts.words.words[max(negation[0] - 1, 0)] in ("has", "have", "had")
    return perfect and any(negation[1] < may[0] < verb[0] for may in facts.spans("may"))


def _about_a_thing(facts: Facts, negation: Span, verb: Span) -> bool:
    """Whether it stands in a clause about a thing, before the verb: "data that is not hidden may be used"."""
    words = facts.words.words
    longer = words[negation[0] : negation[0] + 2] == ("no", "longer")
    if (words[negation[0]] in _WHOLE_CLAUSE and not longer) or not any(
        words[n] in _FINITE for n in range(negation[1] + 1, verb[0])
    ):
        return False
    begins = range(max(negation[0] - 4, 1), negation[0])
    return any(words[n] in _ABOUT_A_THING and words[n - 1] not in _SAYS for n in begins)


def _new_clause(facts: Facts, negation: Span, verb: Span) -> bool:
    """Whether a clause with its own subject begins between them: "is not public, and we may use it"."""
    after = facts.comma_after(negation[1])
    modals = [span[0] for span in facts.spans("may", "use", "action")]
    return any(
        after <= who[0] < verb[0] and any(0 <= modal - who[1] <= 1 for modal in modals)
        for who in facts.spans("we", "they")
        if facts.words.words[who[0]] not in _NO_SUBJECT
    )


_NO_SUBJECT = frozenset(("our", "ours", "us", "ourselves"))


def _comma_between(facts: Facts, one: Span, other: Span) -> bool:
    return one[0] < facts.comma_after(one[0]) <= other[0]


_AFTER_A_NOUN = 10
"""So many words after a deed its denial may stand: "training on data of customers is switched off"."""


def _ruled_out(facts: Facts, verb: Span) -> bool:
    """Whether a deed that is the subject of the sentence is denied behind it: "training on it is off"."""
    if any(verb[1] <= span[0] for span in facts.spans("holds_none")):  # "what we train on contains no files"
        return True
    if facts.spans("condition.default-off", "condition.default-on", "unless", "if"):
        return False
    subject = facts.words.words[verb[0]].endswith(("ing", "ment", "tion", "use"))
    before = [s for s in facts.spans("may", "use", "not", "we") if facts.own[0] <= s[0] < verb[0]]
    if not subject or before:
        return False
    return any(0 <= span[0] - verb[1] <= _AFTER_A_NOUN for span in facts.spans("ruled_out"))
