"""The words people read: topics, directions, times, positions, and page text made safe to show."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from monitor.model import Claim, FlagKind, Reason

DIRECTIONS = {
    "more_permissive": "more permissive to the provider",
    "less_permissive": "less permissive to the provider",
    "longer": "kept longer",
    "shorter": "kept shorter",
    "mixed": "in both directions",
    "unclear": "direction unclear",
}

LINKED = "Linked documents"
TO_ADD = "To watch what is not on the watchlist, append this to it:"

SIGNS = {"more_permissive": "▲", "longer": "▲", "less_permissive": "▼", "shorter": "▼", "mixed": "◆"}
"""A sign for the eye, always beside the words and never instead of them."""

# Control characters could drive the reader's terminal; embeddings and overrides could make text read
# as what it does not say. Letters of right-to-left scripts order themselves without either. The last two
# are no characters, and end an XML parser's work.
UNSEEN = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
SURROGATES = re.compile("[\ud800-\udfff]")
SPACE = re.compile(r"\s+")


def visible(text: str) -> str:
    """Text from a page on one line, without characters that act on a terminal or reorder what follows."""
    seen = UNSEEN.sub("", SPACE.sub(" ", text))
    return SURROGATES.sub("\ufffd", SPACE.sub(" ", seen))


def instant(at: datetime | None) -> str:
    """ "2026-11-21 14:03 UTC", or "never"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC" if at else "never"


def short(at: datetime | None, missing: str = "never") -> str:
    """ "2026-11-21 14:03", in UTC, for a table's cell."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else missing


def span(length: timedelta) -> str:
    """ "3 days", "12 hours", "40 minutes": days from a day and a half on."""
    hours = length // timedelta(hours=1)
    if hours >= 36:
        return counted(round(hours / 24), "day")
    return counted(hours, "hour") if hours else counted(length // timedelta(minutes=1), "minute")


def counted(count: int, noun: str, plural: str = "") -> str:
    """ "1 change", "2 changes", "1,204 documents"."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(names: list[str], most: int = 4) -> str:
    """ "a, b and c", or "a, b, c and 12 more"."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {len(names) - most + 1} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


def path(section: tuple[str, ...]) -> str:
    """The headings above a clause, outermost first."""
    return " › ".join(map(visible, section))


def course(kind: FlagKind, direction: str | None) -> str:
    """Where a flag says the position went: "kept longer", "same position in other words"."""
    if kind is FlagKind.EDITORIAL:
        return "same position in other words"
    return DIRECTIONS.get(direction or "unclear", visible(direction or ""))


def sign(kind: FlagKind, direction: str | None) -> str:
    return "=" if kind is FlagKind.EDITORIAL else SIGNS.get(direction or "", "?")


def value(claim: Claim | None) -> str:
    """What a claim says, as short as a table cell: "no", "opt-out", "30 days"."""
    if claim is None:
        return "no claim"
    if claim.period and claim.position == "period":
        return visible(claim.period.text)
    return f"{claim.position}, {visible(claim.period.text)}" if claim.period else claim.position


def verified(claim: Claim | None) -> str:
    """When a claim was last verified, and by whom where a person did it here."""
    if claim is None or claim.verified is None:
        return "never verified"
    return f"last verified {claim.verified}" + (f" by {visible(claim.by)}" if claim.by else "")


def command(words: str, options: str = "") -> str:
    """A command that a reader can paste, with the options that say which watchlist and database."""
    return " ".join(filter(None, ("tos-monitor", words, options)))


def because(reasons: tuple[Reason, ...]) -> str:
    """The reasons as people read them; their codes stay in the JSON."""
    return "; ".join(visible(reason.detail or reason.code) for reason in reasons)
