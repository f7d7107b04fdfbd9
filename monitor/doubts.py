"""What a change puts in question: a flag only opens a doubt; only a person's verification closes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from monitor import evidence
from monitor.ledger import Verified, as_claim, pinned
from monitor.model import Blocks, Change, Doubt, Flag, FlagKind, Product, Watchlist

LONGEST_QUOTE = 80
"""Characters of a lost clause that a doubt repeats."""


def doubts_of(
    change: Change, watchlist: Watchlist, verified: Verified, text: Blocks = ()
) -> tuple[Doubt, ...]:
    """The doubts that a change opens, one a claim; `text` is what the document says now.

    A substantive flag touches the product paths of the document whose audience it speaks of, but for a claim
    whose pinned clause stands in `text` while nothing the flag says now may speak against it. A claim whose
    pinned clause is gone is touched without a flag. Paths that depend on a touched one inherit the doubt,
    naming where it came from. Where nothing is claimed on the topic, nothing is in doubt.
    """
    found: dict[tuple[str, str], Doubt] = {}
    for product, topic, summary in _touched(change, watchlist, verified, text):
        doubt = Doubt(
            product=product.id, topic=topic, document=change.document, summary=summary, at=change.at
        )
        found.setdefault((product.id, topic), doubt)
        for heir in watchlist.heirs_of(product.id):
            found.setdefault((heir.id, topic), replace(doubt, product=heir.id, via=product.id))
    claimed = {(claim.product, claim.topic) for one in watchlist.products.values() for claim in one.claims}
    return tuple(doubt for key, doubt in found.items() if key in claimed or key in verified)


def in_question(doubts: Iterable[Doubt], watchlist: Watchlist, verified: Verified) -> tuple[Doubt, ...]:
    """Of the doubts that a past change raises, those about claims that were verified before it.

    What somebody verified since holds in spite of it, and a claim without a date is not verified anyway.
    """
    return tuple(doubt for doubt in doubts if _last_verified(doubt, watchlist, verified) < doubt.at.date())


def _last_verified(doubt: Doubt, watchlist: Watchlist, verified: Verified) -> date:
    """When the claim that is doubted was verified last; the end of time where it never was."""
    product = watchlist.products.get(doubt.product)
    claims = [claim for claim in (product.claims if product else ()) if claim.topic == doubt.topic]
    dates = [claim.verified for claim in claims if claim.verified]
    if answer := verified.get((doubt.product, doubt.topic)):
        dates.append(answer.at.date())
    return max(dates, default=date.max)


Touched = Iterator[tuple[Product, str, str]]
"""Product paths, with the topic and what puts the claim on it in doubt."""


def _touched(change: Change, watchlist: Watchlist, verified: Verified, text: Blocks) -> Touched:
    products = watchlist.products_of(change.document)
    for flag in change.flags:
        if flag.kind is not FlagKind.SUBSTANTIVE:
            continue
        for product in products:
            if concerns(flag, product) and not _is_borne_out(flag, product, verified, text):
                yield product, flag.topic, flag.summary
    for product in products:
        for topic in {topic for path, topic in verified if path == product.id}:
            if quote := _lost(change, product, topic, verified, text):
                yield product, topic, f"the clause it rests on is gone: {_shortened(quote)}"


def concerns(flag: Flag, product: Product) -> bool:
    """Whether a flag speaks of the audience a product path serves; a statement without one speaks to all."""
    statements = (*flag.before, *flag.after)
    named = [{"api", "consumer", "business"} & set(statement.audience) for statement in statements]
    return not named or any(not one or product.audience.value in one for one in named)


def _is_borne_out(flag: Flag, product: Product, verified: Verified, text: Blocks) -> bool:
    """Whether the claim's clause stands unchanged, and nothing that came beside it may say otherwise."""
    pin = pinned(product, flag.topic, verified)
    if pin is None or not (flag.before or flag.after) or not evidence.stands(pin.evidence, text):
        return False
    claim = as_claim(pin)
    return not any(evidence.may_speak_against(claim, product, statement) for statement in flag.after)


def _lost(change: Change, product: Product, topic: str, verified: Verified, text: Blocks) -> str:
    """The pinned clause that this change took away, but for one known to say the same in other words."""
    pin = pinned(product, topic, verified)
    if pin is None or not text or evidence.stands(pin.evidence, text):
        return ""
    for clause in change.clauses:
        if clause.before is None or not evidence.overlap(pin.evidence, clause.before):
            continue
        reworded = any(
            flag.kind is FlagKind.EDITORIAL and flag.topic == topic and flag.clause == clause
            for flag in change.flags
        )
        return "" if reworded else pin.evidence
    return ""


def _shortened(quote: str) -> str:
    return f"“{quote}”" if len(quote) <= LONGEST_QUOTE else f"“{quote[: LONGEST_QUOTE - 1].rstrip()}…”"
