"""What comparing two texts came to, for programs."""

from __future__ import annotations

from collections.abc import Iterable

from monitor.model import Changed, Doubtful, Failed, Outcome
from monitor.report.json import TOPICS, Json, clauses_json, reasons_json, topics_json


def comparison_json(pair: str, outcome: Outcome, topics: Iterable[str] = TOPICS) -> Json:
    """What comparing two texts came to.

    {"id", "outcome": "unchanged|changed|doubtful", "reasons", "alert", "topics", "clauses"}; whatever
    could not be read as a document is doubtful.
    """
    change = outcome.change if isinstance(outcome, Changed) else None
    return {
        "id": pair,
        "outcome": _compared(outcome),
        "reasons": _outcome_reasons(outcome),
        "alert": bool(change and change.alert),
        "topics": topics_json(change.flags if change else (), tuple(topics)),
        "clauses": clauses_json(change) if change else [],
    }


def _compared(outcome: Outcome) -> str:
    if isinstance(outcome, Doubtful | Failed):
        return "doubtful"
    return "changed" if isinstance(outcome, Changed) else "unchanged"


def _outcome_reasons(outcome: Outcome) -> list[str]:
    if isinstance(outcome, Changed):
        return reasons_json(outcome.change.reasons)
    return reasons_json(getattr(outcome, "reasons", ()))
