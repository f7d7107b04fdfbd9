"""Claims and verification: where each claim stands, and what happened to it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from enum import StrEnum

from monitor.model import (
    Claim,
    ClaimState,
    Doubt,
    Product,
    Publication,
    Standing,
    Step,
    StepKind,
    Verification,
    Watchlist,
)

Verified = Mapping[tuple[str, str], Verification]
"""The last answer that counts, by (product, topic)."""


def pinned(product: Product, topic: str, verified: Verified) -> Verification | None:
    """The answer in force on a claim, where it is pinned to a clause."""
    answer = verified.get((product.id, topic))
    return answer if answer and answer.evidence and _is_in_force(answer, product) else None


def _is_in_force(answer: Verification, product: Product) -> bool:
    """A person's answer is in force unless the watchlist has a newer date."""
    dates = [claim.verified for claim in product.claims if claim.topic == answer.topic and claim.verified]
    return answer.at.date() >= max(dates, default=date.min)


def answers_that_count(verifications: Iterable[Verification]) -> dict[tuple[str, str], Verification]:
    """The last answer on each (product, topic)."""
    ordered = sorted(verifications, key=lambda one: (one.at, one.id))
    return {(answer.product, answer.topic): answer for answer in ordered}


# --- where claims stand ------------------------------------------------------------------------


def standings(
    watchlist: Watchlist,
    verifications: Iterable[Verification],
    doubts: Iterable[Doubt],
    now: datetime,
    topics: Iterable[str],
) -> dict[tuple[str, str], Standing]:
    """Where every claim stands, by (product, topic); a topic without a claim stands as never verified."""
    answers = answers_that_count(verifications)
    oldest = now.date() - watchlist.expires_after
    waiting: dict[tuple[str, str], list[Doubt]] = {}
    for doubt in doubts:
        if doubt.open:
            waiting.setdefault((doubt.product, doubt.topic), []).append(doubt)
    table = {}
    for product in watchlist.products.values():
        claimed = dict.fromkeys([*topics, *(claim.topic for claim in product.claims)])
        for topic in claimed:
            key = (product.id, topic)
            table[key] = standing(product, topic, answers.get(key), tuple(waiting.get(key, ())), oldest)
    return table


def standing(
    product: Product, topic: str, answer: Verification | None, doubts: tuple[Doubt, ...], oldest: date
) -> Standing:
    """Where one claim stands; what was verified before `oldest` is expired."""
    published = tuple(claim for claim in product.claims if claim.topic == topic)
    newest = max(published, key=lambda claim: claim.verified or date.min, default=None)
    if answer and _is_in_force(answer, product):
        claim: Claim | None = as_claim(answer)
        sources: tuple[Claim, ...] = ()
    else:
        claim = newest
        sources = published if _disagree(published) else ()
    return Standing(
        product=product,
        topic=topic,
        claim=claim,
        state=_state(claim, sources, doubts, oldest),
        doubts=doubts,
        sources=sources,
        answer=answer,
    )


def as_claim(answer: Verification) -> Claim:
    """What a person's answer claims."""
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
    claim: Claim | None, sources: tuple[Claim, ...], doubts: tuple[Doubt, ...], oldest: date
) -> ClaimState:
    if sources:
        return ClaimState.CONTRADICTED
    if doubts:
        return ClaimState.NEEDS_REVERIFICATION
    if claim is None or claim.verified is None:
        return ClaimState.NEVER_VERIFIED
    if claim.verified < oldest:
        return ClaimState.EXPIRED
    return ClaimState.VERIFIED


# --- what happened to a claim ------------------------------------------------------------------


class EventKind(StrEnum):
    """What happened to a claim."""

    PUBLISHED = "published"
    DOUBTED = "doubted"
    VERIFIED = "verified"
    DISMISSED = "dismissed"
    UNDONE = "undone"
    TAKEN_BACK = "taken back"


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a claim's story."""

    kind: EventKind
    at: datetime
    claims: tuple[Claim, ...] = ()  # as published
    doubt: Doubt | None = None
    step: Step | None = None
    changes: tuple[int, ...] = ()  # that a step settled, or put in question again
    again: bool = False  # verified not for the first time


def history(
    standing: Standing,
    publications: Iterable[Publication],
    doubts: Iterable[Doubt],
    steps: Iterable[Step],
) -> tuple[Event, ...]:
    """Everything that happened to a claim, oldest first; what was undone later stays in its place."""
    key = (standing.product.id, standing.topic)
    raised = {doubt.id: doubt for doubt in doubts if (doubt.product, doubt.topic) == key}
    told = [
        *_published(one for one in publications if (one.product, one.topic) == key),
        *(Event(kind=EventKind.DOUBTED, at=doubt.at, doubt=doubt) for doubt in raised.values()),
        *_deeds(key, raised, tuple(steps)),
    ]
    return tuple(sorted(told, key=lambda event: event.at))


def _published(found: Iterable[Publication]) -> Iterator[Event]:
    """What was published, at the day it was verified where that is earlier than when it was first seen."""
    last: datetime | None = None
    for one in found:
        days = [claim.verified for claim in one.claims if claim.verified]
        at = one.at
        if days and max(days) < at.date():
            at = datetime.combine(max(days), time(), tzinfo=UTC)
        last = max(at, last) if last else at
        yield Event(kind=EventKind.PUBLISHED, at=last, claims=one.claims)


def _deeds(key: tuple[str, str], raised: Mapping[int, Doubt], steps: tuple[Step, ...]) -> Iterator[Event]:
    mine: dict[int, tuple[int, ...]] = {}  # steps about this claim, with the changes they settled
    verified_before = False
    for step in steps:
        changes = tuple(sorted({raised[number].change for number in step.settled if number in raised}))
        answer = step.verification
        about = answer is not None and (answer.product, answer.topic) == key
        if not (about or changes or step.undoes in mine):
            continue
        mine[step.id] = changes
        if step.undoes in mine:
            changes = mine[step.undoes]
        yield Event(kind=_kind(step, mine), at=step.at, step=step, changes=changes, again=verified_before)
        verified_before = verified_before or about


def _kind(step: Step, mine: Mapping[int, tuple[int, ...]]) -> EventKind:
    if step.kind is StepKind.VERIFICATION:
        return EventKind.VERIFIED
    if step.kind is StepKind.UNDO:
        return EventKind.UNDONE if step.undoes in mine else EventKind.TAKEN_BACK
    return EventKind.DISMISSED


def published(watchlist: Watchlist) -> dict[tuple[str, str], tuple[Claim, ...]]:
    """What the watchlist claims, by (product, topic)."""
    return {
        (product.id, topic): tuple(claim for claim in product.claims if claim.topic == topic)
        for product in watchlist.products.values()
        for topic in {claim.topic for claim in product.claims}
    }
