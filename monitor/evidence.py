"""A claim beside the texts it is about: whether each supports it, contradicts it, or is silent.

Pure, and cautious: a statement that could be read otherwise has no bearing. It counts only when

- it speaks of the provider, to the audience and tier of the product path, or to nobody in particular,
  and of what customers send: not of feedback, public data, logs, children or zero data retention;
- to contradict, it also names no special case (feedback, safety, a region, data that is not identified; on
  retention also law, consent, the end of an account, backups), and it is about training itself, on data
  that is named: improvement of services alone supports a claim, and never contradicts one.

Training, by what is claimed and what a statement says (S supports, C contradicts, · has no bearing):

    claim \\ text      no   opt-in   opt-out   yes
    no                 S    S*       C         C      * unless opted in
    opt-in             S*   S        C         C      * while nobody opts in
    opt-out            C    C        S         S*     * but it names no choice
    yes                C    C        C         S
    plan-dependent     a statement for one audience, tier, region or setting supports; one that holds for
                       all contradicts, where no other in the text makes such a difference
    silent             any of these contradicts; a text with none supports

Retention: the same position supports, a stated period by its length (within 2%, so that a month is 30 days).
Another period for inputs, outputs, conversations or content contradicts, and so do the positions that
cannot both be true: not stored, indefinitely, for a period. A claim that is "unclear" can neither be
supported nor contradicted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache

from monitor.guard.language import language_of
from monitor.model import RETENTION, TRAINING, Block, BlockKind, Blocks, Claim, Duration, Product, Statement
from monitor.normal import bare, key, normal
from monitor.statements.lexicon import tokens
from monitor.statements.rules import Rules
from monitor.statements.texts import statements


class Bearing(StrEnum):
    """What a text, or a statement of it, means for a claim."""

    SUPPORTS = "supports"
    CONTRADICTS = "contradicts"
    BOTH = "supports and contradicts"
    SILENT = "silent"
    NOT_UNDERSTOOD = "not understood"
    NOT_SEEN = "not yet seen"


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A text with the statements found in it; without rules for its language it is not understood."""

    source: str  # a document's id, or a file's name
    language: str = ""  # "" too short or mixed to tell: read as English
    understood: bool = True
    seen: bool = True
    at: datetime | None = None  # of the version
    version: int | None = None
    statements: tuple[Statement, ...] = ()

    def on(self, topic: str) -> tuple[Statement, ...]:
        """The statements on a topic, in reading order."""
        return tuple(statement for statement in self.statements if statement.topic == topic)


@dataclass(frozen=True)
class Evidence:
    """A statement that bears on a claim, and what qualifies that."""

    statement: Statement
    bearing: Bearing
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one text says to a claim; `others` counts its statements on the topic that have no bearing."""

    reading: Reading
    bearing: Bearing
    evidence: tuple[Evidence, ...] = ()
    others: int = 0


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A claim beside every text of its product path."""

    claim: Claim
    bearing: Bearing
    answers: tuple[Answer, ...]


# --- reading -----------------------------------------------------------------------------------


def read(source: str, blocks: Blocks, rules: Rules, language: str = "") -> Reading:
    """The statements of a text in this language, or in the one that its words tell.

    A statement that names no audience has that of the nearest heading that names one; the text's title does
    not count, for it names what the whole text is for.
    """
    language = language or language_of("\n".join(block.text for block in blocks))
    if not understands(rules, language):
        return Reading(source=source, language=language, understood=False)
    found = statements(blocks, rules, language)
    title = next((block.text for block in blocks if block.kind is BlockKind.HEADING), "")
    return Reading(
        source=source,
        language=language,
        statements=tuple(_addressed(one, title, rules, language or "en") for one in found),
    )


def understands(rules: Rules, language: str) -> bool:
    """Whether there are rules for a language; one that is not known is read as English."""
    return not language or rules.understands(language)


def _addressed(statement: Statement, title: str, rules: Rules, language: str) -> Statement:
    if statement.audience:
        return statement
    for heading in reversed(statement.section):
        if heading != title and (audience := _named(heading, statement.topic, rules, language)):
            return replace(statement, audience=audience)
    return statement


@lru_cache(maxsize=4096)  # most statements of a version stand under headings of the one before it
def _named(heading: str, topic: str, rules: Rules, language: str) -> tuple[str, ...]:
    lexicon = rules.topics[topic].words[language.lower().split("-")[0]]
    found = lexicon.find(tokens(heading))
    return tuple(sorted(name.partition(".")[2] for name in found if name.startswith("audience.")))


# --- comparing ---------------------------------------------------------------------------------


def explain(claim: Claim, product: Product, readings: Iterable[Reading]) -> Explanation:
    """The claim beside each of the product's texts, and what they come to together."""
    answers = tuple(_answer(claim, product, reading) for reading in readings)
    return Explanation(claim=claim, bearing=_together(claim, answers), answers=answers)


def bears(claim: Claim, product: Product, statement: Statement) -> Evidence | None:
    """What a statement means for a claim, by the tables above; None where it has no bearing."""
    if statement.topic != claim.topic or not _is_about(statement, product):
        return None
    bearing, note = _compared(claim, statement)
    if bearing is None or (bearing is Bearing.CONTRADICTS and not _is_plain(statement)):
        return None
    return Evidence(statement, bearing, note)


def about(product: Product, found: Iterable[Statement]) -> tuple[Statement, ...]:
    """Of these statements those of the provider on what the customers of a product path send."""
    return tuple(statement for statement in found if _is_about(statement, product))


def _answer(claim: Claim, product: Product, reading: Reading) -> Answer:
    if not reading.seen:
        return Answer(reading=reading, bearing=Bearing.NOT_SEEN)
    if not reading.understood:
        return Answer(reading=reading, bearing=Bearing.NOT_UNDERSTOOD)
    spoken = reading.on(claim.topic)
    found = tuple(one for statement in spoken if (one := bears(claim, product, statement)))
    if claim.position == "plan-dependent" and any(one.bearing is Bearing.SUPPORTS for one in found):
        found = tuple(one for one in found if one.bearing is Bearing.SUPPORTS)
    bearing = _sum({one.bearing for one in found})
    if claim.position == "silent" and not found:
        bearing = Bearing.SUPPORTS
    return Answer(reading=reading, bearing=bearing, evidence=found, others=len(spoken) - len(found))


def _together(claim: Claim, answers: tuple[Answer, ...]) -> Bearing:
    """What all texts come to: silence, and a claim of it, need every one of them to be read."""
    found = {answer.bearing for answer in answers}
    unread = next((one for one in (Bearing.NOT_UNDERSTOOD, Bearing.NOT_SEEN) if one in found), None)
    summed = _sum(found)
    if unread and (summed is Bearing.SILENT or (claim.position == "silent" and summed is Bearing.SUPPORTS)):
        return unread
    return summed


def _sum(found: set[Bearing]) -> Bearing:
    if Bearing.BOTH in found or {Bearing.SUPPORTS, Bearing.CONTRADICTS} <= found:
        return Bearing.BOTH
    return next((one for one in (Bearing.CONTRADICTS, Bearing.SUPPORTS) if one in found), Bearing.SILENT)


# --- what stands -------------------------------------------------------------------------------


def stands(quote: str, blocks: Blocks) -> bool:
    """Whether a text holds these words; typography, and where its paragraphs break, are no matter."""
    words = bare(normal(quote))
    text = " ".join(key(block) for block in blocks)
    return bool(words) and re.search(rf"(?<![a-z0-9]){re.escape(words)}(?![a-z0-9])", text) is not None


def overlap(quote: str, block: Block) -> bool:
    """Whether a block is the place of a quotation, or a part of it."""
    words, text = bare(normal(quote)), key(block)
    return bool(words and text) and (words in text or text in words)


def may_speak_against(claim: Claim, product: Product, statement: Statement) -> bool:
    """Whether a statement could be read against a claim: it is not plainly for it, nor on something else.

    The opposite caution of `bears`: what is not understood for sure counts here.
    """
    if _is_apart(statement, product):
        return False
    found = bears(claim, product, statement)
    return found is None or found.bearing is not Bearing.SUPPORTS or bool(found.note)


def _is_apart(statement: Statement, product: Product) -> bool:
    """Whether a statement is on none of what the customers of this product path send."""
    audience, objects = set(statement.audience), set(statement.objects)
    if statement.actor == "customer" or (audience and audience <= _APART_FROM_ALL):
        return True
    if objects and not objects - _NOT_SENT:
        return True
    return _is_for_others(audience, product)


# --- which statements count --------------------------------------------------------------------

_APART_FROM_ALL = frozenset(("children", "zero-data-retention"))
"""Audiences that no product path stands for."""
_AUDIENCES = frozenset(("api", "consumer", "business"))
_TIERS = frozenset(("free", "paid"))
_ASIDE = frozenset(("feedback", "public-data", "training-data", "google-data", "logs", "models"))
_NOT_SENT = _ASIDE | {"interactions", "location", "contacts"}
"""Data that customers do not send, or not for the answer; all other data is theirs, under any name."""
_MAIN = frozenset(("inputs", "outputs", "content", "conversations", "customer-data"))
"""Data whose period is the claim's; files or an account may have one of their own."""
_SPECIAL = {
    TRAINING: frozenset("de-identified request feedback safety zero-data-retention".split()),
    RETENTION: frozenset(
        "de-identified law legal-process legitimate-interest consent opt-in opt-out setting".split()
        + "privacy-mode account request factors region feedback safety backup support".split()
        + "zero-data-retention free paid".split()
    ),
}
"""Conditions, exceptions and audiences under which a statement is for a special case."""


def _is_about(statement: Statement, product: Product) -> bool:
    """Whether a statement is the provider's, on what the customers of this product path send."""
    if statement.actor not in ("", "provider") or _APART_FROM_ALL & set(statement.audience):
        return False
    objects = set(statement.objects)
    if objects and (objects & _ASIDE or not objects - _NOT_SENT):
        return False
    return not _is_for_others(set(statement.audience), product)


def _is_for_others(audience: set[str], product: Product) -> bool:
    """Whether an audience or tier is named, and not this product path's."""
    named, tiers, own = audience & _AUDIENCES, audience & _TIERS, _tiers(product)
    return bool((named and product.audience.value not in named) or (tiers and own and not tiers & own))


def _tiers(product: Product) -> set[str]:
    """The tiers that a product path's name tells: "google/gemini-api-free"."""
    words = set(product.id.partition("/")[2].split("-"))
    return {"free"} & words or ({"paid"} if words & {"paid", "pro", "plus", "max"} else set())


def _is_plain(statement: Statement) -> bool:
    """Whether a statement holds as it stands: for no special case, condition or tier alone."""
    special = {*statement.conditions, *statement.exceptions, *statement.audience}
    if special & _SPECIAL.get(statement.topic, frozenset()) or any(
        one.startswith("region ") for one in statement.conditions
    ):
        return False
    if statement.topic == RETENTION:
        return bool(_MAIN & set(statement.objects))
    # "Data" alone may be anybody's: collected from the internet, or kept on a device.
    return bool(set(statement.objects) - _NOT_SENT - {"data"}) and _is_training(statement)


def _is_training(statement: Statement) -> bool:
    """Whether models are trained, and not only services improved."""
    actions = {action for action in statement.action.split(", ") if action}
    return statement.topic != TRAINING or not actions or bool(actions & {"train", "learn"})


# --- what they come to -------------------------------------------------------------------------

Compared = tuple[Bearing | None, str]

_USES = ("no", "opt-in", "opt-out", "yes")
_QUALIFIED = {
    ("no", "opt-in"): "unless opted in",
    ("opt-in", "no"): "while nobody opts in",
    ("opt-out", "yes"): "but it names no choice",
}
_APART = {
    "not-stored": ("period", "indefinite"),
    "period": ("not-stored", "indefinite"),
    "indefinite": ("not-stored", "period"),
    "criterion": ("indefinite",),
    "none-stated": ("period",),
}
"""Positions on retention that cannot both be true of the same data."""

_ROUNDING = 0.02
"""Two lengths that differ by less are worded alike: a month is 30 to 31 days, a quarter 90 to 92."""


def _compared(claim: Claim, statement: Statement) -> Compared:
    if claim.position == "unclear":
        return None, ""
    if claim.position == "silent":
        return Bearing.CONTRADICTS, ""
    if claim.topic == RETENTION:
        return _retention(claim, statement)
    if claim.topic == TRAINING:
        return _training(claim.position, statement)
    return (Bearing.SUPPORTS if claim.position == statement.position else None), ""


def _training(claimed: str, statement: Statement) -> Compared:
    said = statement.position
    if claimed == "plan-dependent":
        names = [*statement.audience, *(one for one in statement.conditions if _makes_a_difference(one))]
        return (Bearing.SUPPORTS, f"it is for {', '.join(names)}") if names else (Bearing.CONTRADICTS, "")
    if claimed not in _USES or said not in _USES:
        return None, ""
    if claimed == said or (claimed, said) in _QUALIFIED:
        return Bearing.SUPPORTS, _QUALIFIED.get((claimed, said), "")
    only_some = set(statement.audience) & _TIERS
    return (None, "") if only_some else (Bearing.CONTRADICTS, "")


def _makes_a_difference(condition: str) -> bool:
    """Whether a condition tells some people or settings from others."""
    return condition.startswith("region") or condition in ("setting", "privacy-mode", "eligible")


def _retention(claim: Claim, statement: Statement) -> Compared:
    # "not kept for longer than 30 days" denies and names a period.
    said = "period" if statement.periods else statement.position
    if claim.position == "period" and said == "period" and claim.period:
        return _periods(claim.period, statement)
    if said == claim.position:
        return Bearing.SUPPORTS, ""
    if said in _APART.get(claim.position, ()):
        return Bearing.CONTRADICTS, ""
    return None, ""


def _periods(claimed: Duration, statement: Statement) -> Compared:
    lengths = [days for period in statement.periods for days in _ends(period)]
    alike = any(_alike(days, claimed) for days in lengths)
    return Bearing.SUPPORTS if alike else Bearing.CONTRADICTS, ""


def _ends(period: Duration) -> tuple[float, float]:
    return period.days, period.shortest_days


def _alike(days: float, claimed: Duration) -> bool:
    return any(abs(days - other) <= _ROUNDING * max(days, other) for other in _ends(claimed))
