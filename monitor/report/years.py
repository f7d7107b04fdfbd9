"""What held over the years as one picture: a lane for each that said something, all on one scale of time.

SVG and a list to be put into a page, coloured by the page's style sheet; the list of keys says in words what
the numbers and colours of bands mean, and each band says it in its title.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from markupsafe import Markup

from monitor.report.picture import Step

MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600)
"""How far two ticks may be apart."""

MOST_YEARS, MOST_MONTHS = 6, 4
"""Ticks for whose labels, "2024" or "2024-07", a screen of 390 pixels has room."""

LEAST = 0.8
"""Percent of the scale that a band takes at least: what held for a day is seen in twenty years."""

ROOM = 5.0
"""Percent from which on a band has room for its number."""

EDGE = 6.0
"""Percent at each end where the label of a tick would stand out beyond the scale."""

COLOURS = 8

DOUBTFUL = "hatched: in doubt, and not yet verified"
"""What stripes over a band mean."""

UNSEEN = "faded: not seen since then; what it says now is not known"
"""What a veil over the end of a lane means."""

NOTHING = "nothing said"
"""The words of a step in which nothing held: its band is left empty."""


@dataclass(frozen=True)
class Lane:
    """Whose words, and what held from when on, oldest first; `seen`: nobody looked since, None: it stands."""

    name: str
    steps: tuple[Step, ...]
    seen: datetime | None = None


@dataclass(frozen=True)
class Scale:
    """The time that all lanes share."""

    first: datetime
    last: datetime

    def at(self, at: datetime) -> float:
        """Where an instant is, in percent."""
        whole = max(self.last - self.first, timedelta(days=1))
        return 100 * ((at - self.first) / whole)

    def ticks(self) -> list[tuple[datetime, str]]:
        """Beginnings of years or months, no more than there is room for, with their labels."""
        for months in MONTHS:
            found = [at for at in _beginnings(self.first.year, self.last, months) if at >= self.first]
            if len(found) <= (MOST_MONTHS if months < 12 else MOST_YEARS):
                break
        return [(at, f"{at:%Y}" if months >= 12 else f"{at:%Y-%m}") for at in found]


def _beginnings(year: int, last: datetime, months: int) -> Iterator[datetime]:
    """The first of every so many months; of whole years those that are round."""
    years = max(months // 12, 1)
    number = (year - year % years) * 12
    while (at := datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)) <= last:
        yield at
        number += months


def chart(lanes: Sequence[Lane], until: datetime) -> Markup:
    """All lanes over one another, the scale below them, and what their numbers mean; "" without any step."""
    lanes = [lane for lane in lanes if lane.steps]
    if not lanes:
        return Markup("")
    scale = Scale(min(lane.steps[0].at for lane in lanes), until)
    steps = sorted((step for lane in lanes for step in lane.steps), key=lambda step: step.at)
    keys = {words: number for number, words in enumerate(dict.fromkeys(step.words for step in steps), 1)}
    return Markup(
        '<figure class="years">{hatch}{lanes}{axis}'
        '<figcaption><ol class="keys">{keys}</ol></figcaption></figure>'
    ).format(
        hatch=Markup(
            '<svg class="defs" aria-hidden="true"><defs><pattern id="doubt" width="8" height="8" '
            'patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="3" height="8"/>'
            "</pattern></defs></svg>"
        ),
        lanes=Markup("").join(_lane(lane, scale, keys) for lane in lanes),
        axis=_axis(scale),
        keys=Markup("").join(_key(_kind(words, number), str(number), words) for words, number in keys.items())
        + (_key("hatched", "", DOUBTFUL) if any(step.doubtful for step in steps) else "")
        + (_key("unseen", "", UNSEEN) if any(lane.seen for lane in lanes) else ""),
    )


def _key(kind: str, number: str, words: str) -> Markup:
    return Markup('<li><span class="key {kind}">{number}</span> {words}</li>').format(
        kind=kind, number=number, words=words
    )


def _kind(words: str, number: int) -> str:
    """The class of a key's colour; where there are more keys than colours, the number tells."""
    return "blank" if words == NOTHING else f"k{(number - 1) % COLOURS + 1}"


def _lane(lane: Lane, scale: Scale, keys: Mapping[str, int]) -> Markup:
    seen = [*(None for _ in lane.steps[1:]), lane.seen]
    bands = [
        _band(step, place, scale, keys[step.words], since)
        for step, place, since in zip(lane.steps, _places(lane, scale), seen, strict=True)
    ]
    # A short band is drawn wider than it was, over the beginning of the next one.
    return Markup(
        '<div class="lane"><p class="of">{name}</p><svg class="timeline" role="img" aria-label="{words}">'
        "{ticks}{bands}</svg></div>"
    ).format(
        name=lane.name,
        words=f"{lane.name}: {'; '.join((*map(_told, lane.steps), *_unseen(lane)))}",
        ticks=Markup("").join(_tick(scale.at(at)) for at, _ in scale.ticks()),
        bands=Markup("").join(reversed(bands)),
    )


def _places(lane: Lane, scale: Scale) -> list[tuple[float, float]]:
    """Where each band begins and how wide it is, in percent; the end of the scale has room for the last."""
    left = range(len(lane.steps), 0, -1)
    starts = [
        max(min(scale.at(step.at), 100 - LEAST * n), 0) for step, n in zip(lane.steps, left, strict=True)
    ]
    return [(start, max(end - start, LEAST)) for start, end in zip(starts, [*starts[1:], 100], strict=True)]


def _unseen(lane: Lane) -> tuple[str, ...]:
    return (f"not seen since {lane.seen.date()}",) if lane.seen else ()


def _veil(seen: datetime, scale: Scale, start: float, wide: float) -> Markup:
    """What covers the end of a band that nobody looked at since; what was seen once shows its beginning."""
    covered = min(max(scale.at(seen) - start, LEAST) / wide * 100, 100)
    return Markup('<rect class="unseen" x="{x:.2f}%" width="{wide:.2f}%" height="100%"/>').format(
        x=covered, wide=100 - covered
    )


def _told(step: Step) -> str:
    return f"from {step.at.date()}: {step.words}{', in doubt' if step.doubtful else ''}"


def _band(step: Step, place: tuple[float, float], scale: Scale, number: int, seen: datetime | None) -> Markup:
    start, wide = place
    hatch = '<rect class="hatch" width="100%" height="100%" fill="url(#doubt)"/>' if step.doubtful else ""
    label = f'<text x="50%" y="50%">{number}</text>' if wide >= ROOM else ""
    return Markup(
        '<svg x="{x:.2f}%" width="{wide:.2f}%" height="100%"><title>{title}</title>'
        '<rect class="{kind}" width="100%" height="100%"/>{veil}{hatch}{label}</svg>'
    ).format(
        veil=_veil(seen, scale, start, wide) if seen else "",
        x=start,
        wide=wide,
        title=f"{_told(step)}, not seen since {seen.date()}" if seen else _told(step),
        kind=_kind(step.words, number),
        hatch=Markup(hatch),
        label=Markup(label),
    )


def _tick(x: float) -> Markup:
    return Markup('<line x1="{x:.2f}%" x2="{x:.2f}%" y1="0" y2="100%"/>').format(x=x)


def _axis(scale: Scale) -> Markup:
    labels = [
        Markup('<text x="{x:.2f}%" y="1em" text-anchor="{anchor}">{label}</text>').format(
            x=(x := scale.at(at)),
            anchor="start" if x < EDGE else "end" if x > 100 - EDGE else "middle",
            label=label,
        )
        for at, label in scale.ticks()
    ]
    return Markup('<svg class="axis" aria-hidden="true">{labels}</svg>').format(
        labels=Markup("").join(labels)
    )
