"""Claims, doubts and verification: what a flagged change puts in question, and where each claim stands.

Pure: a flag only opens a doubt, and only a person's verification closes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from monitor.model import (
    Change,
    Claim,
    ClaimState,
    Doubt,
    Flag,
    FlagKind,
    Product,
    Standing,
    Verification,
    Watchlist,
)

EXPIRES_AFTER = timedelta(days=180)
"""A claim older than this is shown as expired: half a year is the longest that trackers call fresh."""

Verified = Mapping[tuple[str, str], datetime]
"""When a person last verified the claim of a (product, topic)."""


def doubts_of(change: Change, watchlist: Watchlist, verified: Verified) -> tuple[Doubt, ...]:
    """The doubts that a change's substantive flags open, one a claim.

    Product paths that depend on a touched one inherit the doubt, naming where it came from. Where nothing
    is claimed on the topic, nothing is in doubt.
    """
    found: dict[tuple[str, str], Doubt] = {}
    for flag in change.flags:
        if flag.kind is not FlagKind.SUBSTANTIVE:
            continue
        for product in watchlist.products_of(change.document):
            if not concerns(flag, product):
                continue
            found.setdefault((product.id, flag.topic), _doubt(change, flag, product))
            for heir in watchlist.heirs_of(product.id):
                found.setdefault((heir.id, flag.topic), _doubt(change, flag, heir, via=product.id))
    claimed = {(claim.product, claim.topic) for one in watchlist.products.values() for claim in one.claims}
    return tuple(doubt for key, doubt in found.items() if key in claimed or key in verified)


def concerns(flag: Flag, product: Product) -> bool:
    """Whether a flag speaks of the audience a product path serves; one that names none speaks to all."""
    named = {audience for statement in (*flag.before, *flag.after) for audience in statement.audience}
    named &= {"api", "consumer", "business"}
    return not named or product.audience.value in named


def _doubt(change: Change, flag: Flag, product: Product, via: str = "") -> Doubt:
    return Doubt(
        product=product.id,
        topic=flag.topic,
        document=change.document,
        summary=flag.summary,
        at=change.at,
        via=via,
    )


def verified_at(verifications: Iterable[Verification]) -> dict[tuple[str, str], datetime]:
    """When each (product, topic) was last verified by a person."""
    last: dict[tuple[str, str], datetime] = {}
    for verification in verifications:
        key = (verification.product, verification.topic)
        last[key] = max(verification.at, last.get(key, verification.at))
    return last


def standings(
    watchlist: Watchlist,
    verifications: Iterable[Verification],
    doubts: Iterable[Doubt],
    now: datetime,
    topics: Iterable[str],
) -> dict[tuple[str, str], Standing]:
    """Where every claim stands, by (product, topic); a topic without a claim stands as never verified."""
    answers: dict[tuple[str, str], Verification] = {}
    for verification in sorted(verifications, key=lambda one: (one.at, one.id)):
        answers[verification.product, verification.topic] = verification
    waiting: dict[tuple[str, str], list[Doubt]] = {}
    for doubt in doubts:
        if doubt.open:
            waiting.setdefault((doubt.product, doubt.topic), []).append(doubt)
    table = {}
    for product in watchlist.products.values():
        claimed = dict.fromkeys([*topics, *(claim.topic for claim in product.claims)])
        for topic in claimed:
            key = (product.id, topic)
            table[key] = standing(product, topic, answers.get(key), tuple(waiting.get(key, ())), now.date())
    return table


def standing(
    product: Product, topic: str, answer: Verification | None, doubts: tuple[Doubt, ...], today: date
) -> Standing:
    """Where one claim stands: a person's answer is in force unless the watchlist has a newer date."""
    published = tuple(claim for claim in product.claims if claim.topic == topic)
    newest = max(published, key=lambda claim: claim.verified or date.min, default=None)
    if answer and (newest is None or newest.verified is None or answer.at.date() >= newest.verified):
        claim: Claim | None = _as_claim(answer)
        sources: tuple[Claim, ...] = ()
    else:
        claim = newest
        sources = published if _disagree(published) else ()
    return Standing(
        product=product,
        topic=topic,
        claim=claim,
        state=_state(claim, sources, doubts, today),
        doubts=doubts,
        sources=sources,
    )


def _as_claim(answer: Verification) -> Claim:
    return Claim(
        product=answer.product,
        topic=answer.topic,
        position=answer.position,
        period=answer.period,
        verified=answer.at.date(),
        source=answer.evidence or "verified here",
        note=answer.note,
        by=answer.by,
    )


def _disagree(claims: tuple[Claim, ...]) -> bool:
    return len({(claim.position, claim.period and claim.period.days) for claim in claims}) > 1


def _state(
    claim: Claim | None, sources: tuple[Claim, ...], doubts: tuple[Doubt, ...], today: date
) -> ClaimState:
    if sources:
        return ClaimState.CONTRADICTED
    if doubts:
        return ClaimState.NEEDS_REVERIFICATION
    if claim is None or claim.verified is None:
        return ClaimState.NEVER_VERIFIED
    if today - claim.verified > EXPIRES_AFTER:
        return ClaimState.EXPIRED
    return ClaimState.VERIFIED
