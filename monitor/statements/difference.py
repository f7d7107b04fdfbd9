"""One thing that differs between two positions, and what every comparison asks of a statement."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Statement

MORE, LESS, UNCLEAR = 1, -1, 0


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two positions, and whether it gives the provider more or less."""

    what: str
    towards: int = UNCLEAR
    weight: float = 1


DELETES = frozenset(("delete", "return", "remove"))
"""Actions that end keeping."""


LEARNS = frozenset(("train", "learn"))
"""Actions by which models come to be."""


def only_deletes(statement: Statement) -> bool:
    """Whether it speaks of deleting, and not of keeping."""
    actions = set(statement.action.split(", "))
    return bool(actions & DELETES) and not actions & {"keep", "store"}


def deeds(statement: Statement) -> set[str]:
    """What it says is done."""
    return set(statement.action.split(", "))


def regions(statement: Statement) -> tuple[str, ...]:
    """Where it holds: "region europe"."""
    return tuple(name for name in statement.conditions if name.startswith("region "))


def sign(number: float) -> int:
    """1, 0 or -1."""
    return (number > 0) - (number < 0)
