"""The positions found in a text, and claims beside them, for a terminal: with the words marked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.text import Text

from monitor.evidence import Answer, Bearing, Evidence, Explanation, Reading
from monitor.model import Claim, Product, Standing, Statement
from monitor.report import wording
from monitor.report.lines import BAR, INDENT, NARROWEST, Line, heading, printed, wrapped
from monitor.report.wording import counted, instant, listed, visible
from monitor.statements.summary import describe

MARK = "*"
"""Stands on both sides of words that made a rule fire."""

SIGNS = {
    Bearing.CONTRADICTS: ("✗", "bold red"),
    Bearing.BOTH: ("◆", "bold yellow"),
    Bearing.SUPPORTS: ("✓", "bold green"),
    Bearing.SILENT: ("–", ""),
    Bearing.NOT_UNDERSTOOD: ("?", "bold yellow"),
    Bearing.NOT_SEEN: ("?", "bold yellow"),
}
"""A sign for the eye, always beside the words and never instead of them; in the order that is told."""

SHOWN = 3
"""Statements of one document that are shown for and against a claim; the rest are counted."""


@dataclass(frozen=True)
class Listing:
    """A text's statements on the topics asked for."""

    reading: Reading
    topics: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A product path's claims beside the texts of its documents; a topic without claims has none."""

    product: Product
    topics: dict[str, tuple[Standing, tuple[Explanation, ...]]]
    asked_of: tuple[str, ...] = ()  # the product paths whose documents are read, where it has none


# --- what a text says ----------------------------------------------------------------------------


def statements(listing: Listing, *, width: int = 80, colour: bool = False) -> str:
    """Every statement with its section, its plain line, its sentence and what was read in it."""
    return printed(_listing(listing, max(width, NARROWEST)), width, colour)


def _listing(listing: Listing, width: int) -> Iterator[Line]:
    reading = listing.reading
    yield from wrapped(Text(_title(reading), style="bold"), width)
    if not reading.seen:
        yield from wrapped(Text(unseen(reading), style="bold yellow"), width)
        return
    if not reading.understood:
        yield from wrapped(Text(not_understood(reading.language), style="bold yellow"), width)
        return
    for topic in listing.topics:
        found = reading.on(topic)
        yield from heading(f"{topic} ({len(found)})", width)
        if not found:
            yield Text(f"No statement on {topic} was found.")
        section: tuple[str, ...] | None = None
        for statement in found:
            yield Text()
            yield from _statement(statement, width, section)
            section = statement.section


def not_understood(language: str) -> str:
    """Says that a text is neither silent nor read."""
    return f"Not understood: no rules are written for its language ({visible(language)}), so it is not read."


def unseen(reading: Reading) -> str:
    """Says that there is no text yet, and what brings one."""
    return f"Not yet seen: tos-monitor check {visible(reading.source)}"


def _title(reading: Reading) -> str:
    parts = [visible(reading.source)]
    if reading.version:
        parts.append(f"version {reading.version}, seen {instant(reading.at)}")
    if reading.language:
        parts.append(f"language {visible(reading.language)}")
    return " · ".join(parts)


def _statement(statement: Statement, width: int, before: tuple[str, ...] | None) -> Iterator[Text]:
    """One statement; its section where it is another than that of the statement before."""
    if statement.section and statement.section != before:
        yield from _section(statement, width, "")
    yield from wrapped(Text(visible(describe(statement)), style="bold"), width, INDENT)
    yield from wrapped(_sentence(statement), width, INDENT + BAR)
    yield from wrapped(Text(facts(statement)), width, INDENT)
    yield from wrapped(Text(_why(statement), style="dim"), width, INDENT)


def _section(statement: Statement, width: int, indent: str) -> Iterator[Text]:
    line = Text(f"§ {wording.path(statement.section)}", style="italic")
    yield from wrapped(line, width, indent, indent + INDENT)


def _sentence(statement: Statement) -> Text:
    line = Text()
    for is_marked, part in marked(statement.text, statement.words):
        if is_marked:
            line.append(f"{MARK}{_plain(part)}{MARK}", style="bold yellow")
        else:
            line.append(_plain(part))
    return line


def _plain(text: str) -> str:
    """Page text in which no sign of its own can pass for our marks."""
    return visible_inside(text).replace(MARK, f"\\{MARK}")


def visible_inside(text: str) -> str:
    """Page text made safe to show, with the white space at its ends."""
    return visible(f"|{text}|")[1:-1]


def facts(statement: Statement) -> str:
    """What was read in a statement, in one line."""
    parts = [
        ("position", (statement.position,)),
        ("by", (statement.actor,) if statement.actor not in ("", "provider") else ()),
        ("for", statement.audience),
        ("if", statement.conditions),
        ("mentions", statement.exceptions),
        ("period", tuple(_period(statement))),
    ]
    return " · ".join(f"{name} {visible(', '.join(values))}" for name, values in parts if values)


def _period(statement: Statement) -> Iterator[str]:
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


def explained(explained: Explained, *, width: int = 80, colour: bool = False) -> str:
    """Each claim with what every document of the product path says to it."""
    return printed(_explained(explained, max(width, NARROWEST)), width, colour)


def _explained(explained: Explained, width: int) -> Iterator[Line]:
    product = explained.product
    yield from wrapped(Text(f"{visible(product.name)} ({product.id})", style="bold"), width)
    if explained.asked_of:
        line = f"It has no documents of its own; those of {listed(list(explained.asked_of))} are read."
        yield from wrapped(Text(line), width)
    for topic, (standing, found) in explained.topics.items():
        yield from heading(topic, width)
        if not found:
            yield Text(f"Nothing is claimed on {topic}.")
        for at, explanation in enumerate(found):
            if at:
                yield Text()
            yield from _explanation(explanation, standing, width)


def _explanation(explanation: Explanation, standing: Standing, width: int) -> Iterator[Text]:
    claim = explanation.claim
    sign, style = SIGNS[explanation.bearing]
    yield from wrapped(Text(f"claim {_claim(claim, standing)}"), width, "", INDENT)
    yield from wrapped(Text(f"{sign} {says(explanation)}", style=style), width, "", INDENT)
    for answer in sorted(explanation.answers, key=lambda one: list(SIGNS).index(one.bearing)):
        if answer.evidence:
            yield Text()
        yield from _answer(answer, claim, width)
    if explanation.bearing in (Bearing.CONTRADICTS, Bearing.BOTH):
        yield Text()
        yield Text(f"{INDENT}tos-monitor verify {claim.product} {claim.topic}", style="bold cyan")


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
    told = [f"{number} {one if number == 1 else more}" for number, one, more in parts if number]
    documents = counted(len(explanation.answers), "document")
    return f"{documents}: {listed(told, most=5)}." if told else "There is no document to read."


def _answer(answer: Answer, claim: Claim, width: int) -> Iterator[Text]:
    sign, style = SIGNS[answer.bearing]
    title = Text.assemble((sign, style), " ", (visible(answer.reading.source), "bold"), f": {_said(answer)}")
    yield from wrapped(title, width, "", INDENT)
    for bearing in (Bearing.CONTRADICTS, Bearing.SUPPORTS):
        found = [one for one in answer.evidence if one.bearing is bearing]
        for one in found[:SHOWN]:
            yield from _evidence(one, width)
        if len(found) > SHOWN:
            yield Text(f"{INDENT}and {len(found) - SHOWN} more that {SAY[bearing]} it")
    if answer.others and not answer.evidence:
        source = visible(answer.reading.source)
        yield Text(f"{INDENT * 2}tos-monitor statements {source} --topic {claim.topic}", style="bold cyan")


SAY = {Bearing.SUPPORTS: "support", Bearing.CONTRADICTS: "contradict"}


def _said(answer: Answer) -> str:
    if answer.bearing is Bearing.NOT_UNDERSTOOD:
        return f"not understood, no rules are written for its language ({visible(answer.reading.language)})"
    if answer.bearing is Bearing.NOT_SEEN:
        return f"not yet seen; tos-monitor check {visible(answer.reading.source)}"
    others = counted(answer.others, "other statement") + " on the topic" if answer.others else ""
    said = answer.bearing.value
    if answer.bearing is Bearing.SILENT and others:
        return f"silent on this claim, with {others}"
    return f"{said} (and has {others})" if others else said


def _evidence(evidence: Evidence, width: int) -> Iterator[Text]:
    statement = evidence.statement
    if statement.section:
        yield from _section(statement, width, INDENT)
    sign, style = SIGNS[evidence.bearing]
    note = f" ({visible(evidence.note)})" if evidence.note else ""
    line = Text(f"{sign} {visible(describe(statement))}{note}", style=style)
    yield from wrapped(line, width, INDENT, INDENT * 2)
    yield from wrapped(_sentence(statement), width, INDENT + BAR)
