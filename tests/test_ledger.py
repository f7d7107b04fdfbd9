"""Doubts open on the claims a flag touches, and only a person's answer closes them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.ledger import doubts_of, standings
from monitor.model import (
    Audience,
    Block,
    BlockKind,
    Change,
    Claim,
    ClaimState,
    Clause,
    ClauseKind,
    Doubt,
    Flag,
    FlagKind,
    Product,
    Provider,
    Statement,
    Verification,
    Watchlist,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
TOPICS = ("training", "retention")


def claim(product, topic="training", position="no", verified=date(2026, 5, 5), **more):
    return Claim(product=product, topic=topic, position=position, verified=verified, **more)


def product(name, *claims, audience=Audience.API, documents=("acme/terms",), depends_on=()):
    return Product(
        id=name,
        provider="acme",
        name=name,
        audience=audience,
        documents=documents,
        depends_on=depends_on,
        claims=claims,
    )


def claimed(name, **more):
    return product(name, claim(name), **more)


def watchlist(*products):
    return Watchlist(
        providers={"acme": Provider("acme", "Acme")}, documents={}, products={one.id: one for one in products}
    )


def flag(kind=FlagKind.SUBSTANTIVE, audience=()):
    clause = Clause(ClauseKind.ADDED, None, Block(BlockKind.PARAGRAPH, "We may use inputs to train."))
    said = Statement(topic="training", text="We may use inputs to train.", position="yes", audience=audience)
    return Flag(
        topic="training",
        kind=kind,
        direction="more_permissive",
        clause=clause,
        rules=("t",),
        words=("train",),
        summary="inputs: may be used for training",
        after=(said,),
    )


def change(*flags):
    return Change(document="acme/terms", at=NOW, clauses=(), flags=flags)


def opened(watched, *flags, verified=None):
    return doubts_of(change(*(flags or (flag(),))), watched, verified or {})


def answered(position="no", evidence="", **more):
    """What people answered for the claim on training of acme/api, by claim."""
    facts = {"at": NOW, "by": "ada"} | more
    answer = Verification(
        product="acme/api", topic="training", position=position, evidence=evidence, id=1, **facts
    )
    return {(answer.product, answer.topic): answer}


def standing_of(watched, topic="training", verifications=(), doubts=(), name="acme/api", now=NOW):
    return standings(watched, verifications, doubts, now, TOPICS)[name, topic]


def test_a_substantive_flag_opens_a_doubt_on_the_products_of_its_document():
    watched = watchlist(claimed("acme/api"), claimed("acme/other", documents=("acme/privacy",)))
    assert [doubt.product for doubt in opened(watched)] == ["acme/api"]


def test_an_editorial_flag_opens_no_doubt():
    assert opened(watchlist(claimed("acme/api")), flag(FlagKind.EDITORIAL)) == ()


def test_a_flag_on_one_audience_leaves_the_others_alone():
    watched = watchlist(claimed("acme/api"), claimed("acme/app", audience=Audience.CONSUMER))
    assert [doubt.product for doubt in opened(watched, flag(audience=("consumer",)))] == ["acme/app"]


def test_a_product_that_depends_on_a_doubted_one_inherits_the_doubt_through_any_number_of_steps():
    watched = watchlist(
        claimed("acme/api"),
        claimed("shop/bot", documents=(), depends_on=("acme/api",)),
        claimed("shop/site", documents=(), depends_on=("shop/bot",)),
    )
    assert [(doubt.product, doubt.via) for doubt in opened(watched)] == [
        ("acme/api", ""), ("shop/bot", "acme/api"), ("shop/site", "acme/api"),
    ]  # fmt: skip


def test_products_that_depend_on_each_other_do_not_loop():
    watched = watchlist(
        product("a/a", depends_on=("a/b",)), product("a/b", documents=(), depends_on=("a/a",))
    )
    assert [one.id for one in watched.heirs_of("a/a")] == ["a/b"]


def test_a_product_without_a_claim_on_the_topic_has_nothing_in_doubt_until_a_person_answered():
    watched = watchlist(product("acme/api"))
    assert opened(watched) == ()
    assert len(opened(watched, verified=answered())) == 1


def test_two_flags_on_one_topic_open_one_doubt():
    assert len(opened(watchlist(claimed("acme/api")), flag(), flag())) == 1


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(days=10), ClaimState.VERIFIED), (timedelta(days=200), ClaimState.EXPIRED)],
)
def test_a_claim_expires_with_age(age, state):
    watched = watchlist(product("acme/api", claim("acme/api", verified=(NOW - age).date())))
    assert standing_of(watched).state is state


def test_a_claim_without_a_date_was_never_verified():
    watched = watchlist(product("acme/api", claim("acme/api", verified=None)))
    assert standing_of(watched).state is ClaimState.NEVER_VERIFIED


def test_a_topic_without_a_claim_was_never_verified():
    assert standing_of(watchlist(product("acme/api"))).state is ClaimState.NEVER_VERIFIED


def test_two_published_values_that_differ_contradict_each_other_until_a_person_decides():
    watched = watchlist(
        product(
            "acme/api", claim("acme/api", position="opt-out"), claim("acme/api", position="no", verified=None)
        )
    )
    answer = Verification(product="acme/api", topic="training", position="opt-out", at=NOW, by="ada")
    assert standing_of(watched).state is ClaimState.CONTRADICTED
    assert {one.position for one in standing_of(watched).sources} == {"opt-out", "no"}
    assert standing_of(watched, verifications=[answer]).state is ClaimState.VERIFIED


def test_an_open_doubt_asks_for_re_verification_and_a_closed_one_does_not():
    watched = watchlist(product("acme/api", claim("acme/api")))
    doubt = Doubt(product="acme/api", topic="training", document="acme/terms", summary="", at=NOW)
    assert standing_of(watched, doubts=[doubt]).state is ClaimState.NEEDS_REVERIFICATION
    assert standing_of(watched, doubts=[replace(doubt, closed_by=1)]).state is ClaimState.VERIFIED
    assert standing_of(watched, doubts=[replace(doubt, dismissed=True)]).state is ClaimState.VERIFIED


def test_a_newer_date_in_the_watchlist_wins_over_an_older_answer():
    watched = watchlist(product("acme/api", claim("acme/api", position="opt-in", verified=date(2026, 5, 20))))
    answer = Verification(
        product="acme/api", topic="training", position="yes", at=datetime(2026, 5, 10, tzinfo=UTC)
    )
    found = standing_of(watched, verifications=[answer])
    assert found.claim
    assert found.claim.position == "opt-in"
