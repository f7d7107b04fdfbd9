"""What is told of the positions in a text, and of claims beside them: the worded rows of every format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.evidence import Answer, Bearing, Evidence, Explanation, Reading
from monitor.model import Claim, Product, Standing, Statement
from monitor.report import wording
from monitor.report.wording import counted, instant, listed, visible
from monitor.statements.summary import describe

SIGNS = {
    Bearing.CONTRADICTS: "✗",
    Bearing.BOTH: "◆",
    Bearing.SUPPORTS: "✓",
    Bearing.SILENT: "–",
    Bearing.NOT_UNDERSTOOD: "?",
    Bearing.NOT_SEEN: "?",
}
"""A sign for the eye, always beside the words and never instead of them; in the order that is told."""

SAY = {Bearing.SUPPORTS: "support", Bearing.CONTRADICTS: "contradict"}

SHOWN = 3
"""Statements of one document that are shown for and against a claim; the rest are counted."""


@dataclass(frozen=True)
class Listing:
    """A text's statements on the topics asked for."""

    reading: Reading
    topics: tuple[str, ...]
    options: str = ""  # that commands repeat


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A product path's claims beside the texts of its documents; a topic without claims has none."""

    product: Product
    topics: dict[str, tuple[Standing, tuple[Explanation, ...]]]
    asked_of: tuple[str, ...] = ()  # the product paths whose documents are read, where it has none
    options: str = ""  # that commands repeat


@dataclass(frozen=True, kw_only=True)
class Told:
    """A statement: where it stands, what it says, its sentence, and what was read in it."""

    section: str
    says: str
    pieces: tuple[tuple[bool, str], ...]  # of the sentence, each with whether it made a rule fire
    facts: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Topic:
    """The statements on a topic, in reading order."""

    name: str
    statements: tuple[Told, ...]
    empty: str


@dataclass(frozen=True, kw_only=True)
class ListingView:
    """What `statements` tells; a text that is not read has a problem and no topics."""

    source: str
    remarks: tuple[str, ...]
    language: str
    problem: str
    command: str  # that mends the problem, if one does
    summary: str
    topics: tuple[Topic, ...]


@dataclass(frozen=True, kw_only=True)
class Piece:
    """A statement that bears on a claim."""

    bearing: Bearing
    note: str
    told: Told

    @property
    def sign(self) -> str:
        return SIGNS[self.bearing]

    @property
    def says(self) -> str:
        return self.told.says + (f" ({self.note})" if self.note else "")


@dataclass(frozen=True, kw_only=True)
class Side:
    """What of a document speaks for a claim, or against it, and how much more does."""

    pieces: tuple[Piece, ...]
    more: str


@dataclass(frozen=True, kw_only=True)
class AnswerView:
    """What one document says to a claim."""

    bearing: Bearing
    source: str
    language: str
    said: str
    sides: tuple[Side, ...]
    command: str  # to see more of it, where there is no evidence

    @property
    def rest(self) -> str:
        """What is said beyond the bearing: "with 2 other statements on the topic"."""
        return self.said.removeprefix(self.bearing.value).lstrip(", ")

    @property
    def sign(self) -> str:
        return SIGNS[self.bearing]


@dataclass(frozen=True, kw_only=True)
class ExplanationView:
    """A claim, and what the documents come to."""

    bearing: Bearing
    claim: str
    says: str
    answers: tuple[AnswerView, ...]
    command: str  # that answers the question, where a text contradicts the claim

    @property
    def sign(self) -> str:
        return SIGNS[self.bearing]


@dataclass(frozen=True, kw_only=True)
class ExplainedView:
    """What `explain` tells: the claims by topic, and what is said of a topic without one."""

    name: str
    note: str
    topics: tuple[tuple[str, tuple[ExplanationView, ...], str], ...]


# --- what a text says ----------------------------------------------------------------------------


def listing(found: Listing) -> ListingView:
    """The statements of a text, worded."""
    reading = found.reading
    topics = tuple(_topic(reading, name) for name in found.topics) if _is_read(reading) else ()
    return ListingView(
        source=visible(reading.source),
        remarks=tuple(_remarks(reading)),
        language=visible(reading.language),
        problem=_problem(reading),
        command="" if reading.seen else _check(reading, found.options),
        summary=_summary(topics),
        topics=topics,
    )


def _is_read(reading: Reading) -> bool:
    return reading.seen and reading.understood


def _problem(reading: Reading) -> str:
    """Says that a text is neither silent nor read."""
    if not reading.seen:
        return "Not yet seen"
    if reading.understood:
        return ""
    language = visible(reading.language)
    return f"Not understood: no rules are written for its language ({language}), so it is not read."


def _check(reading: Reading, options: str) -> str:
    return wording.command(f"check {visible(reading.source)}", options)


def _remarks(reading: Reading) -> Iterator[str]:
    if reading.version:
        yield f"version {reading.version}, seen {instant(reading.at)}"
    if reading.language:
        yield f"language {visible(reading.language)}"


def _topic(reading: Reading, name: str) -> Topic:
    found = tuple(map(told, reading.on(name)))
    return Topic(name=name, statements=found, empty=f"No statement on {name} was found.")


def _summary(topics: tuple[Topic, ...]) -> str:
    """ "3 statements on training and 1 on retention."."""
    counts = [f"{len(topic.statements)} on {topic.name}" for topic in topics]
    if not counts:
        return ""
    noun = "statement" if len(topics[0].statements) == 1 else "statements"
    return f"{listed([counts[0].replace(' ', f' {noun} ', 1), *counts[1:]], most=len(counts))}."


def told(statement: Statement) -> Told:
    """A statement, worded."""
    return Told(
        section=wording.path(statement.section),
        says=visible(describe(statement)),
        pieces=tuple(
            (is_marked, _inside(text)) for is_marked, text in marked(statement.text, statement.words)
        ),
        facts=_facts(statement),
        why=_why(statement),
    )


def _inside(text: str) -> str:
    """Page text made safe to show, with the white space at its ends."""
    return visible(f"|{text}|")[1:-1]


def _facts(statement: Statement) -> str:
    """What was read in a statement, in one line."""
    parts = [
        ("position", (statement.position,)),
        ("by", (statement.actor,) if statement.actor not in ("", "provider") else ()),
        ("for", statement.audience),
        ("if", statement.conditions),
        ("mentions", statement.exceptions),
        ("period", tuple(_periods(statement))),
    ]
    return " · ".join(f"{name} {visible(', '.join(values))}" for name, values in parts if values)


def _periods(statement: Statement) -> Iterator[str]:
    for period in statement.periods:
        bound = "" if period.bound == "exactly" else f"{period.bound.replace('-', ' ')} "
        yield f"{bound}{period.text}"


def _why(statement: Statement) -> str:
    rules = f"{'rule' if len(statement.rules) == 1 else 'rules'} {', '.join(statement.rules)}"
    words = ", ".join(f"“{visible(word)}”" for word in statement.words)
    return f"{rules}, on the words {words}" if words else rules


def marked(text: str, words: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """A sentence in pieces, each with whether it made a rule fire.

    Words are looked for in their order; those that stand in the sentence's lead-in are not in it.
    """
    spans: list[tuple[int, int]] = []
    start = 0
    for word in words:
        at = _find(text, word, start)
        at = _find(text, word, 0) if at < 0 else at
        if at >= 0:
            spans.append((at, at + len(word)))
            start = at + len(word)
    done = 0
    for first, last in sorted(spans):
        if last <= done:
            continue
        yield False, text[done : max(first, done)]
        yield True, text[max(first, done) : last]
        done = last
    yield False, text[done:]


def _find(text: str, word: str, start: int) -> int:
    """Where a word stands from `start` on, not inside a longer one; -1 where it does not."""
    at = text.find(word, start) if word else -1
    while at >= 0 and _is_inside(text, at, at + len(word)):
        at = text.find(word, at + 1)
    return at


def _is_inside(text: str, first: int, last: int) -> bool:
    return any(
        0 < edge < len(text) and all(_is_letter(one) for one in text[edge - 1 : edge + 1])
        for edge in (first, last)
    )


def _is_letter(character: str) -> bool:
    """Whether it is part of a word that spaces divide from others; Chinese has none."""
    return character.isalnum() and character < "\u3000"


# --- claims beside it ----------------------------------------------------------------------------


def explained(found: Explained) -> ExplainedView:
    """The claims of a product path with what its documents say to each, worded."""
    product, asked_of = found.product, list(found.asked_of)
    return ExplainedView(
        name=f"{visible(product.name)} ({product.id})",
        note=f"It has no documents of its own; those of {listed(asked_of)} are read." if asked_of else "",
        topics=tuple(
            (
                topic,
                tuple(_explanation(one, standing, found.options) for one in explanations),
                f"Nothing is claimed on {topic}.",
            )
            for topic, (standing, explanations) in found.topics.items()
        ),
    )


def _explanation(explanation: Explanation, standing: Standing, options: str) -> ExplanationView:
    claim = explanation.claim
    answers = sorted(explanation.answers, key=lambda one: list(SIGNS).index(one.bearing))
    verify = wording.command(f"verify {claim.product} {claim.topic}", options)
    return ExplanationView(
        bearing=explanation.bearing,
        claim=_claim(claim, standing),
        says=says(explanation),
        answers=tuple(_answer(answer, claim, options) for answer in answers),
        command=verify if explanation.bearing in (Bearing.CONTRADICTS, Bearing.BOTH) else "",
    )


def _claim(claim: Claim, standing: Standing) -> str:
    parts = [wording.value(claim), wording.verified(claim)]
    if claim.source:
        parts.append(f"source: {visible(claim.source)}")
    return f"{', '.join(parts)} (now {standing.state})"


def says(explanation: Explanation) -> str:
    """What the documents come to together, in one sentence."""
    counts = {
        bearing: sum(answer.bearing is bearing for answer in explanation.answers) for bearing in Bearing
    }
    both = counts[Bearing.BOTH]
    parts = [
        (counts[Bearing.SUPPORTS] + both, "supports it", "support it"),
        (counts[Bearing.CONTRADICTS] + both, "contradicts it", "contradict it"),
        (counts[Bearing.SILENT], "is silent", "are silent"),
        (counts[Bearing.NOT_UNDERSTOOD], "is not understood", "are not understood"),
        (counts[Bearing.NOT_SEEN], "is not yet seen", "are not yet seen"),
    ]
    said = [f"{number} {one if number == 1 else more}" for number, one, more in parts if number]
    documents = counted(len(explanation.answers), "document")
    return f"{documents}: {listed(said, most=5)}." if said else "There is no document to read."


def _answer(answer: Answer, claim: Claim, options: str) -> AnswerView:
    return AnswerView(
        bearing=answer.bearing,
        source=visible(answer.reading.source),
        language=visible(answer.reading.language),
        said=_said(answer),
        sides=tuple(_sides(answer)),
        command=_command(answer, claim, options),
    )


def _sides(answer: Answer) -> Iterator[Side]:
    for bearing in (Bearing.CONTRADICTS, Bearing.SUPPORTS):
        found = [one for one in answer.evidence if one.bearing is bearing]
        if found:
            rest = len(found) - SHOWN
            more = f"and {rest} more that {SAY[bearing]} it" if rest > 0 else ""
            yield Side(pieces=tuple(map(_piece, found[:SHOWN])), more=more)


def _piece(evidence: Evidence) -> Piece:
    return Piece(bearing=evidence.bearing, note=visible(evidence.note), told=told(evidence.statement))


def _said(answer: Answer) -> str:
    if answer.bearing is Bearing.NOT_UNDERSTOOD:
        return f"not understood, no rules are written for its language ({visible(answer.reading.language)})"
    others = counted(answer.others, "other statement") + " on the topic" if answer.others else ""
    said = answer.bearing.value
    if answer.bearing is Bearing.SILENT and others:
        return f"silent on this claim, with {others}"
    return f"{said} (and has {others})" if others else said


def _command(answer: Answer, claim: Claim, options: str) -> str:
    if answer.bearing is Bearing.NOT_SEEN:
        return _check(answer.reading, options)
    if answer.evidence or not answer.others:
        return ""
    return wording.command(f"statements {visible(answer.reading.source)} --topic {claim.topic}", options)
