"""The ledger: doubts, what people do, and where claims stand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from monitor.model.watched import Claim, Duration, Product


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """An open question that a flagged change raises about a claim."""

    product: str
    topic: str
    document: str
    summary: str
    at: datetime
    via: str = ""  # the product path it was inherited from
    change: int = 0  # given by the store
    id: int = 0
    closed_by: int | None = None  # a verification
    dismissed: bool = False
    settled_by: int | None = field(default=None, compare=False)  # the step, whatever its kind

    @property
    def open(self) -> bool:
        return self.closed_by is None and not self.dismissed


@dataclass(frozen=True, kw_only=True)
class Verification:
    """A person's answer to a doubt: confirmed or changed, by whom, when, on which version."""

    product: str
    topic: str
    position: str
    at: datetime
    period: Duration | None = None
    by: str = ""
    note: str = ""
    version: int | None = None
    evidence: str = ""  # the clause it rests on
    id: int = 0  # of its step


@dataclass(frozen=True)
class Seen:
    """What a reviewer had in view of a claim: its open doubts, and the answer in force (0: none)."""

    doubts: tuple[int, ...] = ()
    answer: int = 0


class StepKind(StrEnum):
    """What a person did."""

    VERIFICATION = "verification"
    DISMISSAL = "dismissal"
    ACCEPTANCE = "acceptance"
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a person did, by whom and when; kept for good, and it counts until another step undoes it."""

    id: int
    kind: StepKind
    at: datetime
    by: str = ""
    note: str = ""  # of a dismissal, an acceptance or an undo: why
    verification: Verification | None = None
    change: int | None = None  # dismissed, or made by an acceptance
    document: str = ""  # accepted
    version: int | None = None  # made by an acceptance
    undoes: int | None = None
    undone_by: int | None = None
    settled: tuple[int, ...] = ()  # the doubts that it closed


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What the watchlist said on a topic of a product path from some time on."""

    product: str
    topic: str
    at: datetime  # first seen
    claims: tuple[Claim, ...]


class ClaimState(StrEnum):
    VERIFIED = "verified"
    NEEDS_REVERIFICATION = "needs re-verification"
    CONTRADICTED = "contradicted"
    NEVER_VERIFIED = "never verified"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a claim stands now: the value in force, its state, and what puts it in doubt."""

    product: Product
    topic: str
    claim: Claim | None
    state: ClaimState
    doubts: tuple[Doubt, ...] = ()
    sources: tuple[Claim, ...] = ()  # every published value, when they disagree
    answer: Verification | None = None  # the last one that counts, also where the watchlist is newer

    @property
    def seen(self) -> Seen:
        """What somebody who sees this has in view."""
        return Seen(tuple(doubt.id for doubt in self.doubts), self.answer.id if self.answer else 0)

    @property
    def evidence(self) -> Verification | None:
        """The answer in force where it is pinned to a clause."""
        claim, answer = self.claim, self.answer
        in_force = answer and claim and claim.by == answer.by and claim.verified == answer.at.date()
        return answer if in_force and answer and answer.evidence else None


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What a model that the user named says of a flagged change on a topic: shown, never acted on."""

    change: int
    topic: str
    model: str
    at: datetime
    position: str
    summary: str
