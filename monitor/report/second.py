"""A second opinion as it is told: with its model, and marked as what nobody verified."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Opinion
from monitor.report.wording import visible


@dataclass(frozen=True, kw_only=True)
class Second:
    """What a model said of a change: never taken for anything but that."""

    topic: str
    model: str
    position: str
    summary: str

    @property
    def label(self) -> str:
        """ "Second opinion (llama3.2), not verified · training: opt-out"."""
        return f"Second opinion ({self.model}), not verified · {self.topic}: {self.position}"


def second(opinion: Opinion) -> Second:
    """A second opinion with its words made safe to show, as those of a page are."""
    return Second(
        topic=visible(opinion.topic),
        model=visible(opinion.model),
        position=visible(opinion.position),
        summary=visible(opinion.summary),
    )
