"""What went on over time as pictures: a document's checks, its length, and how a position moved.

Each picture is SVG to be put into a page: sized by its box, coloured by the page's style sheet, with its
words in a title for those who do not see it. None says anything that the page does not say in words too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from monitor.model import CheckResult
from monitor.report.wording import counted, instant, listed

WIDTH, HEIGHT = 800, 60

FEWEST = 60
"""Bars that a picture of checks has room for at least, so that a few do not look like a flag."""

CHARACTER = 9
"""Pixels for a character of a timeline with its share of the margins; what does not fit is in the title."""

NARROWEST = 0.04
"""The part of a timeline that a step takes at least, so that what is a day old is seen beside a year."""

CLASSES = {
    "first": "good", "unchanged": "good", "changed": "changed", "doubtful": "doubtful", "failed": "failed"
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What held from a time on."""

    at: datetime
    words: str
    doubtful: bool = False  # told, and not yet verified


def checks(found: Sequence[CheckResult]) -> Markup:
    """One bar a check, oldest first: seen, changed, doubtful or failed, by height as well as by colour."""
    if not found:
        return Markup("")
    wide = WIDTH / max(len(found), FEWEST)
    bars = Markup("").join(_bar(number * wide, wide, one) for number, one in enumerate(found))
    counts = Counter(one.outcome for one in found)
    said = listed([f"{count} {outcome}" for outcome, count in counts.most_common()], most=len(counts))
    words = f"{counted(len(found), 'check')} from {instant(found[0].at)} to {instant(found[-1].at)}: {said}"
    return _picture("checks", words, bars)


def _bar(x: float, wide: float, check: CheckResult) -> Markup:
    kind = CLASSES.get(check.outcome, "failed")
    high = {"good": 0.35, "changed": 1.0, "doubtful": 0.7, "failed": 0.7}[kind] * HEIGHT
    return Markup(
        '<rect class="{kind}" x="{x:.2f}" y="{y:.2f}" width="{width:.2f}" height="{high:.2f}">'
        "<title>{words}</title></rect>"
    ).format(
        kind=kind,
        x=x,
        y=HEIGHT - high,
        width=max(wide * 0.8, 0.5),
        high=high,
        words=f"{instant(check.at)}: {check.outcome}",
    )


def lengths(found: Sequence[tuple[datetime, int]]) -> Markup:
    """How many words the text had, version by version, from nothing to its longest."""
    if len(found) < 2:
        return Markup("")
    first, last = found[0][0], found[-1][0]
    most = max(words for _, words in found) or 1
    span = (last - first).total_seconds() or 1
    corners: list[str] = []
    for at, words in found:
        x = (at - first).total_seconds() / span * WIDTH
        y = HEIGHT - words / most * (HEIGHT - 4)
        corners.append(f"{x:.1f},{y:.1f}")
    line = Markup('<polyline points="{points}"/>').format(points=" ".join(corners))
    said = f"{found[0][1]:,} words at first, {found[-1][1]:,} now, {most:,} at most"
    return _picture("lengths", said, line)


def timeline(steps: Sequence[Step], until: datetime) -> Markup:
    """What held when: a band a step, as long as it held, with its words; doubtful ones are hatched."""
    if not steps:
        return Markup("")
    ends = [*(step.at for step in steps[1:]), until]
    lasted = [(end - step.at).total_seconds() for step, end in zip(steps, ends, strict=True)]
    least = max(sum(lasted), 1) * NARROWEST
    wide = [max(seconds, least) for seconds in lasted]
    starts = [sum(wide[:number]) / sum(wide) for number in range(len(wide))]
    bands = Markup("").join(
        _band(step, start, width / sum(wide)) for step, start, width in zip(steps, starts, wide, strict=True)
    )
    said = "; ".join(map(_held_from, steps))
    return Markup(
        '<figure><svg class="picture timeline" role="img" aria-label="{words}">'
        '<defs><pattern id="doubt" width="8" height="8" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><rect width="3" height="8"/></pattern></defs>'
        "{bands}</svg><figcaption>{words}</figcaption></figure>"
    ).format(words=said, bands=bands)


def _held_from(step: Step) -> str:
    return f"from {step.at.date()}: {step.words}{', in doubt' if step.doubtful else ''}"


def _band(step: Step, start: float, wide: float) -> Markup:
    """A band as a picture of its own, which cuts off words that do not fit and never stretches them."""
    return Markup(
        '<svg class="{kind}" x="{x:.2f}%" width="{wide:.2f}%" height="100%"><title>{title}</title>'
        '<rect width="100%" height="100%"/>{hatch}<text x="6" y="60%">{words}</text></svg>'
    ).format(
        kind="doubtful" if step.doubtful else "held",
        title=_held_from(step),
        x=start * 100,
        wide=wide * 100,
        hatch=Markup('<rect class="hatch" width="100%" height="100%" fill="url(#doubt)"/>')
        if step.doubtful
        else "",
        words=step.words if len(step.words) * CHARACTER <= wide * WIDTH else "",
    )


def _picture(kind: str, words: str, content: Markup) -> Markup:
    return Markup(
        '<figure><svg class="picture {kind}" viewBox="0 0 {width} {height}" preserveAspectRatio="none" '
        'role="img" aria-label="{words}">{content}</svg><figcaption>{words}</figcaption></figure>'
    ).format(kind=kind, width=WIDTH, height=HEIGHT, words=words, content=content)
