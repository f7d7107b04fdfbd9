"""The story of a position over the years: what the texts said from when on, and what was claimed.

As JSON:

    {"schema": 1, "product", "name", "documents": [{"document", "seen": when last}],
     "topics": [{"topic", "state", "position", …,
      "said": [{"document", "at", "version", "source", "positions": [text …], "sentences": [text …]}],
      "claimed": [EVENT …]}]}      # both oldest first; EVENT as in `claims --history`
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from rich.text import Text

from monitor.health import LONG
from monitor.ledger import Event
from monitor.model import Standing
from monitor.report import wording
from monitor.report.history import Histories, event_json, told
from monitor.report.html import page
from monitor.report.json import SCHEMA, Json, dumped, instant, published
from monitor.report.lines import BAR, INDENT, Line, heading, printed, wrapped
from monitor.report.moves import moves
from monitor.report.picture import Step
from monitor.report.wording import counted, visible
from monitor.report.years import NOTHING, Lane, chart


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a document said on a topic from a version on; no positions: nothing."""

    document: str
    at: datetime
    version: int
    topic: str
    source: str = ""  # of a version that was imported
    positions: tuple[str, ...] = ()  # in plain words
    sentences: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        return "; ".join(self.positions) or NOTHING


@dataclass(frozen=True)
class Timeline:
    """What was claimed of a product path, and what its documents said, each where it changed."""

    histories: Histories
    said: tuple[Said, ...]
    until: datetime
    seen: Mapping[str, datetime] = field(default_factory=dict)  # when each document was seen last

    def unseen_since(self, document: str) -> datetime | None:
        """When a document was seen last, where that is so long ago that it may say something else today."""
        seen = self.seen.get(document)
        return seen if seen and self.until - seen > LONG else None

    def on(self, topic: str) -> tuple[Said, ...]:
        """What was said on a topic, oldest first."""
        mine = (one for one in self.said if one.topic == topic)
        return tuple(sorted(mine, key=lambda one: (one.at, one.version)))

    def by_document(self, topic: str) -> dict[str, list[Said]]:
        found: dict[str, list[Said]] = {}
        for one in self.on(topic):
            found.setdefault(one.document, []).append(one)
        return found


def terminal(timeline: Timeline, width: int = 100, colour: bool = False) -> str:
    """Each topic's story, oldest first, a date a line."""
    return printed(_lines(timeline, width), width, colour)


def html(timeline: Timeline) -> str:
    """The story as a page: a picture for each document, and every step with its sentences."""
    topics = [
        {
            "name": standing.topic,
            "now": f"{wording.value(standing.claim)}, {standing.state}",
            "picture": chart(list(_lanes(timeline, standing, events)), timeline.until),
            "rows": list(_rows(timeline, standing, events)),
        }
        for standing, events in timeline.histories.claims
    ]
    product = timeline.histories.product
    return page("timeline.html", product=product.id, name=visible(product.name), topics=topics)


def _lanes(timeline: Timeline, standing: Standing, events: Iterable[Event]) -> Iterator[Lane]:
    """What each document said, and what was claimed."""
    for document, said in timeline.by_document(standing.topic).items():
        steps = tuple(Step(one.at, visible(one.words)) for one in said)
        yield Lane(visible(document), steps, timeline.unseen_since(document))
    claimed = (replace(step, words=f"claimed: {visible(step.words)}") for step in moves(events))
    yield Lane("claimed", tuple(claimed))


def json(timeline: Timeline) -> str:
    """The same for programs."""
    histories = timeline.histories
    return dumped(
        {
            "schema": SCHEMA,
            "product": histories.product.id,
            "name": histories.product.name,
            "documents": [{"document": name, "seen": instant(at)} for name, at in timeline.seen.items()],
            "topics": [
                {
                    "topic": standing.topic,
                    "state": standing.state.value,
                    **published(standing.claim),
                    "said": [_said_json(one) for one in timeline.on(standing.topic)],
                    "claimed": [event_json(event, histories) for event in events],
                }
                for standing, events in histories.claims
            ],
        }
    )


def _said_json(said: Said) -> Json:
    return {
        "document": said.document,
        "at": instant(said.at),
        "version": said.version,
        "source": said.source or None,
        "positions": list(said.positions),
        "sentences": list(said.sentences),
    }


@dataclass(frozen=True)
class Row:
    """One line of a story."""

    at: datetime
    words: str
    sentences: tuple[str, ...] = ()

    @property
    def day(self) -> str:
        return f"{self.at:%Y-%m-%d}"


def _rows(timeline: Timeline, standing: Standing, events: Iterable[Event]) -> Iterator[Row]:
    said = [_row(one) for one in timeline.on(standing.topic)]
    claimed = [Row(event.at, told(event)) for event in events]
    unseen = [
        Row(at, f"{visible(name)} was last seen; what it says since then is not known")
        for name in timeline.by_document(standing.topic)
        if (at := timeline.unseen_since(name))
    ]
    yield from sorted((*said, *claimed, *unseen), key=lambda row: row.at)


def _row(said: Said) -> Row:
    imported = " (imported)" if said.source else ""
    words = f"{visible(said.document)}, version {said.version}{imported}: {visible(said.words)}"
    return Row(said.at, words, tuple(map(visible, said.sentences)))


def _lines(timeline: Timeline, width: int) -> Iterator[Line]:
    product = timeline.histories.product
    yield Text.assemble((product.id, "bold"), f" · {visible(product.name)}")
    for standing, events in timeline.histories.claims:
        yield from heading(f"{standing.topic}: {wording.value(standing.claim)}, {standing.state}", width)
        rows = list(_rows(timeline, standing, events))
        if not rows:
            yield Text(f"{INDENT}Nothing was ever said or claimed.")
        for row in rows:
            later = INDENT + " " * (len(row.day) + 2)
            yield from wrapped(Text(row.words), width, f"{INDENT}{row.day}  ", later)
            for sentence in row.sentences[:2]:
                yield from wrapped(Text(sentence), width, later + BAR)
            if len(row.sentences) > 2:
                yield Text(f"{later}and {counted(len(row.sentences) - 2, 'more sentence')}")
