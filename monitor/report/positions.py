"""The positions found in a text, and claims beside them, for a terminal: with the words marked."""

from __future__ import annotations

from collections.abc import Iterator

from rich.text import Text

from monitor.evidence import Bearing
from monitor.report import positions_view as view
from monitor.report.lines import BAR, INDENT, NARROWEST, Line, heading, printed, wrapped
from monitor.report.positions_view import Explained, Listing, Told

MARK = "*"
"""Stands on both sides of words that made a rule fire."""

STYLES = {
    Bearing.CONTRADICTS: "bold red",
    Bearing.BOTH: "bold yellow",
    Bearing.SUPPORTS: "bold green",
    Bearing.SILENT: "",
    Bearing.NOT_UNDERSTOOD: "bold yellow",
    Bearing.NOT_SEEN: "bold yellow",
}


# --- what a text says ----------------------------------------------------------------------------


def statements(listing: Listing, *, width: int = 80, colour: bool = False) -> str:
    """Every statement with its section, its plain line, its sentence and what was read in it."""
    return printed(_listing(view.listing(listing), max(width, NARROWEST)), width, colour)


def _listing(found: view.ListingView, width: int) -> Iterator[Line]:
    yield from wrapped(Text(" · ".join((found.source, *found.remarks)), style="bold"), width)
    if found.problem:
        command = f": {found.command}" if found.command else ""
        yield from wrapped(Text(f"{found.problem}{command}", style="bold yellow"), width)
    for topic in found.topics:
        yield from _topic(topic, width)


def _topic(topic: view.Topic, width: int) -> Iterator[Line]:
    yield from heading(f"{topic.name} ({len(topic.statements)})", width)
    if not topic.statements:
        yield Text(topic.empty)
    section = ""
    for told in topic.statements:
        yield Text()
        if told.section != section:
            yield from _section(told, width, "")
        yield from _statement(told, width)
        section = told.section


def _statement(told: Told, width: int) -> Iterator[Text]:
    yield from wrapped(Text(told.says, style="bold"), width, INDENT)
    yield from wrapped(_sentence(told), width, INDENT + BAR)
    yield from wrapped(Text(told.facts), width, INDENT)
    yield from wrapped(Text(told.why, style="dim"), width, INDENT)


def _section(told: Told, width: int, indent: str) -> Iterator[Text]:
    if told.section:
        yield from wrapped(Text(f"§ {told.section}", style="italic"), width, indent, indent + INDENT)


def _sentence(told: Told) -> Text:
    line = Text()
    for is_marked, part in told.pieces:
        # No sign of the page's own can pass for our marks.
        plain = part.replace(MARK, f"\\{MARK}")
        line.append(f"{MARK}{plain}{MARK}" if is_marked else plain, style="bold yellow" if is_marked else "")
    return line


# --- claims beside it ----------------------------------------------------------------------------


def explained(explained: Explained, *, width: int = 80, colour: bool = False) -> str:
    """Each claim with what every document of the product path says to it."""
    return printed(_explained(view.explained(explained), max(width, NARROWEST)), width, colour)


def _explained(found: view.ExplainedView, width: int) -> Iterator[Line]:
    yield from wrapped(Text(found.name, style="bold"), width)
    if found.note:
        yield from wrapped(Text(found.note), width)
    for topic, explanations, empty in found.topics:
        yield from heading(topic, width)
        if not explanations:
            yield Text(empty)
        for at, explanation in enumerate(explanations):
            if at:
                yield Text()
            yield from _explanation(explanation, width)


def _explanation(explanation: view.ExplanationView, width: int) -> Iterator[Text]:
    style = STYLES[explanation.bearing]
    yield from wrapped(Text(f"claim {explanation.claim}"), width, "", INDENT)
    yield from wrapped(Text(f"{explanation.sign} {explanation.says}", style=style), width, "", INDENT)
    for answer in explanation.answers:
        if answer.sides:
            yield Text()
        yield from _answer(answer, width)
    if explanation.command:
        yield Text()
        yield Text(f"{INDENT}{explanation.command}", style="bold cyan")


def _answer(answer: view.AnswerView, width: int) -> Iterator[Text]:
    sign = (answer.sign, STYLES[answer.bearing])
    yield from wrapped(
        Text.assemble(sign, " ", (answer.source, "bold"), f": {answer.said}"), width, "", INDENT
    )
    for side in answer.sides:
        for piece in side.pieces:
            yield from _piece(piece, width)
        if side.more:
            yield Text(f"{INDENT}{side.more}")
    if answer.command:
        yield Text(f"{INDENT * 2}{answer.command}", style="bold cyan")


def _piece(piece: view.Piece, width: int) -> Iterator[Text]:
    yield from _section(piece.told, width, INDENT)
    line = Text(f"{piece.sign} {piece.says}", style=STYLES[piece.bearing])
    yield from wrapped(line, width, INDENT, INDENT * 2)
    yield from wrapped(_sentence(piece.told), width, INDENT + BAR)
