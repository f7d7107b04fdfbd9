"""The positions found in a text, and claims beside them, as Markdown: with the words in bold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.report import positions_view as view
from monitor.report.markdown import code, escape
from monitor.report.positions_view import Explained, Listing, Told


def _joined(paragraphs: Iterable[str]) -> str:
    """Blocks of Markdown, an empty line between them."""
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def statements(listing: Listing) -> str:
    """Every statement with its section, its plain line, its sentence and what was read in it."""
    return _joined(_listing(view.listing(listing)))


def _listing(found: view.ListingView) -> Iterator[str]:
    yield f"# Positions in {escape(found.source)}"
    yield escape(" · ".join(found.remarks))
    if found.problem:
        command = f": {code(found.command)}" if found.command else ""
        yield f"**{escape(found.problem)}**{command}"
    for topic in found.topics:
        yield from _topic(topic)


def _topic(topic: view.Topic) -> Iterator[str]:
    yield f"## {escape(topic.name)} ({len(topic.statements)})"
    if not topic.statements:
        yield topic.empty
    section = ""
    for told in topic.statements:
        if told.section != section:
            yield _section(told)
        yield f"**{escape(told.says)}**"
        yield _sentence(told)
        yield "  \n".join(filter(None, (escape(told.facts), escape(told.why))))
        section = told.section


def _section(told: Told) -> str:
    return f"§ *{escape(told.section)}*" if told.section else ""


def _sentence(told: Told) -> str:
    """The sentence as a quotation; a tag, because stars mark nothing inside a word."""
    return "> " + "".join(
        f"<strong>{escape(part)}</strong>" if is_marked else escape(part) for is_marked, part in told.pieces
    )


def explained(explained: Explained) -> str:
    """Each claim with what every document of the product path says to it."""
    return _joined(_explained(view.explained(explained)))


def _explained(found: view.ExplainedView) -> Iterator[str]:
    yield f"# {escape(found.name)}"
    yield escape(found.note)
    for topic, explanations, empty in found.topics:
        yield f"## {escape(topic)}"
        if not explanations:
            yield empty
        for explanation in explanations:
            yield from _explanation(explanation)


def _explanation(explanation: view.ExplanationView) -> Iterator[str]:
    yield f"### Claim: {escape(explanation.claim)}"
    yield f"{explanation.sign} **{escape(explanation.says)}**"
    for answer in explanation.answers:
        yield from _answer(answer)
    yield code(explanation.command) if explanation.command else ""


def _answer(answer: view.AnswerView) -> Iterator[str]:
    command = f": {code(answer.command)}" if answer.command else ""
    yield f"{answer.sign} **{escape(answer.source)}**: {escape(answer.said)}{command}"
    for side in answer.sides:
        for piece in side.pieces:
            yield _section(piece.told)
            yield f"{piece.sign} {escape(piece.says)}"
            yield _sentence(piece.told)
        yield escape(side.more)
