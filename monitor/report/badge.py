"""A claim as a badge: a self-contained SVG, and the JSON that shields.io draws one from.

The date is always on it, what is in doubt says so in words, and colour only repeats them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

from monitor.model import TRAINING, ClaimState, Standing
from monitor.report.wording import value, visible

COLORS = {
    ClaimState.VERIFIED: "#17693a",
    ClaimState.NEEDS_REVERIFICATION: "#9a4a00",
    ClaimState.CONTRADICTED: "#9a4a00",
    ClaimState.EXPIRED: "#5c6166",
    ClaimState.NEVER_VERIFIED: "#5c6166",
}
"""All dark enough for white words (contrast at least 5:1)."""

LABEL_COLOR = "#33373b"

CERTAINTY = (
    ClaimState.VERIFIED,
    ClaimState.EXPIRED,
    ClaimState.NEVER_VERIFIED,
    ClaimState.CONTRADICTED,
    ClaimState.NEEDS_REVERIFICATION,
)
"""From what is most certain to what is least."""

TRAINS = {
    "no": "no training",
    "opt-in": "training opt-in",
    "opt-out": "training opt-out",
    "yes": "used for training",
    "plan-dependent": "training by plan",
    "unclear": "training unclear",
    "silent": "training not stated",
}
KEEPS = {
    "none-stated": "no period stated",
    "not-stored": "not stored",
    "indefinite": "kept indefinitely",
    "criterion": "kept as needed",
    "legal-safety": "kept for legal reasons",
    "other": "retention: see source",
    "unclear": "retention unclear",
    "silent": "retention not stated",
}

HEIGHT = 20
PAD = 6
NARROW, WIDE = frozenset("fijlrtI1.,:;|!'()[] -"), frozenset("mwMW@%—")


@dataclass(frozen=True)
class Badge:
    """What a badge says: whose claim, what holds and since when, and the colour that repeats it."""

    label: str
    message: str
    color: str

    @property
    def text(self) -> str:
        return f"{self.label}: {self.message}"


def badge(standing: Standing, name: str = "") -> Badge:
    """The badge of a claim, labelled with the product's name, or with `name`, as of a model."""
    label = visible(name or standing.product.name or standing.product.id)
    return Badge(label, _message(standing), COLORS[standing.state])


def shared(standings: Sequence[Standing], name: str) -> Badge:
    """The badge of what several product paths offer, as a model: what all say, or that they differ.

    Where all say the same it is that of the least certain of them; a doubt about one is a doubt about all.
    """
    least = max(standings, key=_uncertainty)
    if least.doubts or len({_value(one) for one in standings}) == 1:
        return badge(least, name)
    dates = [one.claim.verified if one.claim else None for one in standings]
    known = [date for date in dates if date]
    since = f"verified {min(known)}" if len(known) == len(dates) else "never verified"
    return Badge(visible(name), f"{least.topic}: differs by product · {since}", COLORS[least.state])


def _uncertainty(standing: Standing) -> tuple[bool, int, int]:
    """Sorts what is least certain last: first by doubt, then by state, then by age."""
    verified = standing.claim.verified if standing.claim else None
    since = min((doubt.at.date() for doubt in standing.doubts), default=verified or date.min)
    return bool(standing.doubts), CERTAINTY.index(standing.state), -since.toordinal()


def _value(standing: Standing) -> tuple[str, float] | None:
    claim = standing.claim
    return (claim.position, claim.period.days if claim.period else 0) if claim else None


def _message(standing: Standing) -> str:
    claim = standing.claim
    if standing.state is ClaimState.NEEDS_REVERIFICATION and standing.doubts:
        since = min(doubt.at for doubt in standing.doubts).date()
        return f"re-verify since {since}"
    if claim is None:
        return f"{standing.topic}: no claim"
    said = _said(standing)
    if standing.state is ClaimState.CONTRADICTED:
        return f"{standing.topic}: sources disagree{_dated(' · ', _newest(standing))}"
    if standing.state is ClaimState.EXPIRED:
        return f"{said} · stale, verified {claim.verified}"
    return f"{said} · verified {claim.verified}" if claim.verified else f"{said} · never verified"


def _said(standing: Standing) -> str:
    """ "no training", "kept 30 days", "kept as needed"."""
    claim = standing.claim
    assert claim is not None
    if claim.period:
        return f"kept {visible(claim.period.text)}"
    words = TRAINS if standing.topic == TRAINING else KEEPS
    return words.get(claim.position, f"{standing.topic}: {value(claim)}")


def _newest(standing: Standing) -> date | None:
    return max((claim.verified for claim in standing.sources if claim.verified), default=None)


def _dated(before: str, day: date | None) -> str:
    return f"{before}{day}" if day else ""


def shields(badge: Badge) -> str:
    """The JSON of a shields.io endpoint badge, see https://shields.io/badges/endpoint-badge."""
    facts = {
        "schemaVersion": 1,
        "label": badge.label,
        "message": badge.message,
        "color": badge.color.removeprefix("#"),
        "labelColor": LABEL_COLOR.removeprefix("#"),
    }
    return json.dumps(facts, ensure_ascii=False) + "\n"


def svg(badge: Badge) -> str:
    """A picture that stands alone: no font, script or picture from elsewhere, and its words as its title."""
    left, right = _width(badge.label), _width(badge.message)
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img">
<title>{escape(badge.text)}</title>
<clipPath id="round"><rect width="{left + right}" height="{HEIGHT}" rx="3"/></clipPath>
<g clip-path="url(#round)">
<rect width="{left}" height="{HEIGHT}" fill="{LABEL_COLOR}"/>
<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{badge.color}"/>
</g>
<g fill="#fff" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
{_words(badge.label, PAD, left)}
{_words(badge.message, left + PAD, right)}
</g>
</svg>
"""


def _words(text: str, x: int, width: int) -> str:
    # `textLength` keeps the words within their box whatever font the reader's machine has.
    fit = f'textLength="{width - 2 * PAD}" lengthAdjust="spacingAndGlyphs"'
    return f'<text x="{x}" y="14" {fit}>{escape(text)}</text>'


def _width(text: str) -> int:
    """How many pixels a text takes at 11 px, about as Verdana would set it, with its margins."""
    return round(sum(_advance(character) for character in text)) + 2 * PAD


def _advance(character: str) -> float:
    if ord(character) > 0x2E80:  # from here on characters are as wide as they are high
        return 11.0
    if character in NARROW:
        return 4.4
    return 9.6 if character in WIDE else 6.9 if not character.isupper() else 7.6
