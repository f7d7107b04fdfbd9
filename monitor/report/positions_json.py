"""The positions found in a text, and claims beside them, for programs. Keys are added to, never renamed.

What `statements` gives:

    {"schema": 1, "source", "version",   # source: document or file; version: its number, null for a file
     "at", "language",                   # at: when the version was first seen; language: null if not known
     "seen", "understood",               # booleans; neither of them means silent
     "topics": {TOPIC: number of statements},
     "statements": [STATEMENT …]}        # in reading order

STATEMENT:

    {"topic", "position", "summary",     # summary: the plain line that people read
     "text", "section": [heading …], "block",   # block: position in the text, from 0
     "actor", "action": [what is done …], "objects", "modality", "negated",
     "conditions", "exceptions", "audience",
     "periods": [{"text", "days", "shortest_days", "bound"}],
     "rules": [id …], "words": [text …]}

What `explain` gives:

    {"schema": 1, "product", "name",
     "read_instead": [product …],        # whose documents are read, where it has none of its own
     "claims": [{"topic", "position", "period", "period_days", "verified", "source", "note", "state",
                 "bearing",              # of all documents together, as below
                 "documents": [{"document", "version", "at", "language", "bearing",
                                "evidence": [{"bearing", "note", "statement": STATEMENT}],
                                "others"}]}]}   # number of statements on the topic without bearing

`bearing` is "supports", "contradicts", "supports and contradicts", "silent", "not understood" or "not yet
seen"; of a piece of evidence it is one of the first two. A topic on which nothing is claimed has one entry
with position and bearing null and no documents.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.evidence import Answer, Evidence, Explanation
from monitor.model import Standing, Statement
from monitor.report.json import SCHEMA, Json, dumped, instant, published
from monitor.report.positions_view import Explained, Listing
from monitor.statements.summary import describe


def statements(listing: Listing) -> str:
    """The statements of a text on the topics asked for."""
    reading = listing.reading
    return dumped(
        {
            "schema": SCHEMA,
            "source": reading.source,
            "version": reading.version,
            "at": instant(reading.at),
            "language": reading.language or None,
            "seen": reading.seen,
            "understood": reading.understood,
            "topics": {topic: len(reading.on(topic)) for topic in listing.topics},
            "statements": [_statement(one) for one in reading.statements if one.topic in listing.topics],
        }
    )


def explained(explained: Explained) -> str:
    """The claims of a product path beside the texts of its documents."""
    return dumped(
        {
            "schema": SCHEMA,
            "product": explained.product.id,
            "name": explained.product.name,
            "read_instead": list(explained.asked_of),
            "claims": [
                claim
                for topic, (standing, found) in explained.topics.items()
                for claim in _claims(topic, standing, found)
            ],
        }
    )


def _claims(topic: str, standing: Standing, found: tuple[Explanation, ...]) -> Iterator[Json]:
    if not found:
        yield _claim(topic, standing, None)
    for explanation in found:
        yield _claim(topic, standing, explanation)


def _claim(topic: str, standing: Standing, explanation: Explanation | None) -> Json:
    return {
        "topic": topic,
        **published(explanation.claim if explanation else None),
        "state": standing.state.value,
        "bearing": explanation.bearing.value if explanation else None,
        "documents": [_answer(answer) for answer in explanation.answers] if explanation else [],
    }


def _answer(answer: Answer) -> Json:
    reading = answer.reading
    return {
        "document": reading.source,
        "version": reading.version,
        "at": instant(reading.at),
        "language": reading.language or None,
        "bearing": answer.bearing.value,
        "evidence": [_evidence(one) for one in answer.evidence],
        "others": answer.others,
    }


def _evidence(evidence: Evidence) -> Json:
    return {
        "bearing": evidence.bearing.value,
        "note": evidence.note,
        "statement": _statement(evidence.statement),
    }


def _statement(statement: Statement) -> Json:
    return {
        "topic": statement.topic,
        "position": statement.position,
        "summary": describe(statement),
        "text": statement.text,
        "section": list(statement.section),
        "block": statement.block,
        "actor": statement.actor,
        "action": [action for action in statement.action.split(", ") if action],
        "objects": list(statement.objects),
        "modality": statement.modality,
        "negated": statement.negated,
        "conditions": list(statement.conditions),
        "exceptions": list(statement.exceptions),
        "audience": list(statement.audience),
        "periods": [
            {"text": one.text, "days": one.days, "shortest_days": one.shortest_days, "bound": one.bound}
            for one in statement.periods
        ],
        "rules": list(statement.rules),
        "words": list(statement.words),
    }
