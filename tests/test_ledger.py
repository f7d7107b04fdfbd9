"""Doubts open on the claims a flag touches, and only a person's answer closes them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from monitor.doubts import doubts_of
from monitor.ledger import standings
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
    Seen,
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


def paragraph(text):
    return Block(BlockKind.PARAGRAPH, text)


def said(position="yes", **more):
    facts = {"action": "train", "objects": ("inputs",)} | more
    return Statement(topic="training", text="We may use inputs to train.", position=position, **facts)


def flag(kind=FlagKind.SUBSTANTIVE, audience=(), **more):
    clause = Clause(ClauseKind.ADDED, None, paragraph("We may use inputs to train."))
    facts = {
        "topic": "training",
        "kind": kind,
        "direction": "more_permissive",
        "clause": clause,
        "rules": ("t",),
        "words": ("train",),
        "summary": "inputs: may be used for training",
        "after": (said(audience=audience),),
    }
    return Flag(**facts | more)


def change(*flags, clauses=()):
    return Change(document="acme/terms", at=NOW, clauses=clauses, flags=flags)


def opened(watched, *flags, verified=None, text=()):
    return doubts_of(change(*(flags or (flag(),))), watched, verified or {}, text)


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


@pytest.mark.parametrize(
    "statements",
    [
        {"before": (said(audience=("consumer",)),), "after": (said(),)},
        {"before": (said(),), "after": (said(audience=("consumer",)),)},
        {"after": (said(audience=("free",)),)},
        {"after": ()},
    ],
    ids=["no longer for consumers alone", "for consumers alone now", "names a tier alone", "no statement"],
)
def test_a_flag_with_a_statement_whose_audience_is_not_clear_touches_all(statements):
    watched = watchlist(claimed("acme/api"), claimed("acme/app", audience=Audience.CONSUMER))
    assert len(opened(watched, flag(**statements))) == 2


def test_a_product_that_depends_on_a_doubted_one_inherits_the_doubt_through_any_number_of_steps():
    watched = watchlist(
        claimed("acme/api"),
        claimed("shop/bot", documents=(), depends_on=("acme/api",)),
        claimed("shop/site", documents=(), depends_on=("shop/bot",)),
    )
    assert [(doubt.product, doubt.via) for doubt in opened(watched)] == [
        ("acme/api", ""), ("shop/bot", "acme/api"), ("shop/site", "acme/api"),
    ]  # fmt: skip


def test_a_document_touches_its_own_products_and_once_those_that_depend_on_them():
    watched = watchlist(
        product("a/a"), product("a/b", depends_on=("a/a",)), product("a/c", documents=(), depends_on=("a/b",))
    )
    (document,) = watched.products["a/a"].documents

    assert [one.id for one in watched.touched_by(document)] == ["a/a", "a/b", "a/c"]
    assert watched.touched_by("a/another") == ()


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


# --- pinned clauses ----------------------------------------------------------------------------

CLAUSE = "We do not train our models on your inputs."
TEXT = tuple(map(paragraph, ("Some words before.", CLAUSE, "Some words after.")))
REWORDED = tuple(map(paragraph, ("Some words before.", "Inputs are never used for training.", "After.")))


def pinned(*flags, clauses=(), text=TEXT, answer=None, heirs=()):
    """The doubts about a claim that a person answered with a clause of the document."""
    watched = watchlist(claimed("acme/api"), *heirs)
    answer = answer or answered(evidence=CLAUSE)
    return doubts_of(change(*flags, clauses=clauses), watched, answer, text)


@pytest.mark.parametrize(
    "statements",
    [
        {"before": (said(),), "after": ()},
        {"before": (said("opt-out"),), "after": (said("no"),)},
        {"after": (said(objects=("feedback",)),)},
        {"after": (said(audience=("children",)),)},
        {"after": (said(actor="customer"),)},
    ],
    ids=["something went", "the same is said twice", "on feedback", "on children", "on customers"],
)
def test_a_claim_whose_clause_stands_stays_verified_while_nothing_new_may_speak_against_it(statements):
    assert pinned(flag(**statements)) == ()
    assert len(pinned(flag(**statements), answer=answered())) == 1, "without a clause it is in doubt"
    assert len(pinned(flag(**statements), text=REWORDED)) == 1, "and when the clause does not stand"


@pytest.mark.parametrize(
    "statements",
    [
        {"after": (said("yes"),)},
        {"after": (said("opt-in"),)},
        {"after": (said("yes", objects=("inputs", "feedback")),)},
        {"after": (said("yes", objects=()),)},
        {"after": (said("yes", actor="third-party"),)},
        {"after": (said("no"), said("yes"))},
        {"after": ()},
    ],
    ids=["yes", "opt-in", "inputs too", "unnamed data", "third parties", "both", "not understood"],
)
def test_a_new_statement_that_may_speak_against_a_claim_puts_it_in_doubt_though_its_clause_stands(statements):
    assert [doubt.summary for doubt in pinned(flag(**statements))] == ["inputs: may be used for training"]


def test_typography_and_paragraphs_are_no_matter_to_whether_a_clause_stands():
    text = (paragraph("Intro: We do not TRAIN our models"), paragraph("on your “inputs”. More."))
    assert pinned(flag(before=(said(),), after=()), text=text) == ()


def edited(before=CLAUSE, after="We say nothing here any more."):
    return Clause(ClauseKind.EDITED, paragraph(before), paragraph(after))


GONE = (paragraph("We say nothing here any more."),)


def test_a_claim_whose_clause_is_gone_is_in_doubt_though_no_rule_understood_it():
    (doubt,) = pinned(clauses=(edited(),), text=GONE)
    assert doubt.summary == f"the clause it rests on is gone: “{CLAUSE}”"


def test_a_long_clause_is_quoted_in_brief_and_one_in_a_longer_paragraph_is_missed_too():
    answer = answered(evidence=CLAUSE * 4)
    (doubt,) = pinned(clauses=(edited(f"First. {CLAUSE * 4} Last."),), text=GONE, answer=answer)
    assert len(doubt.summary) < 120


def test_a_clause_that_says_the_same_in_other_words_leaves_the_claim_verified():
    clause = edited(after="Inputs are never used for training.")
    assert pinned(flag(FlagKind.EDITORIAL, clause=clause), clauses=(clause,), text=REWORDED) == ()


def test_a_change_elsewhere_does_not_miss_a_clause_that_was_not_there_before():
    assert pinned(clauses=(edited("Other words."),), text=GONE) == ()


def test_a_clause_pinned_by_an_answer_that_the_watchlist_overtook_protects_nothing():
    answer = answered(evidence=CLAUSE, at=datetime(2026, 5, 1, tzinfo=UTC))
    assert len(pinned(flag(before=(said(),), after=()), answer=answer)) == 1
    assert pinned(clauses=(edited(),), text=GONE, answer=answer) == ()


def test_paths_that_depend_on_one_inherit_the_doubt_about_its_lost_clause():
    heir = claimed("shop/bot", documents=(), depends_on=("acme/api",))
    found = pinned(clauses=(edited(),), text=GONE, heirs=(heir,))
    assert [(doubt.product, doubt.via) for doubt in found] == [("acme/api", ""), ("shop/bot", "acme/api")]


# --- where claims stand ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(days=10), ClaimState.VERIFIED), (timedelta(days=200), ClaimState.EXPIRED)],
)
def test_a_claim_expires_with_age(age, state):
    watched = watchlist(product("acme/api", claim("acme/api", verified=(NOW - age).date())))
    assert standing_of(watched).state is state


def test_the_age_at_which_a_claim_expires_is_the_watchlists():
    watched = watchlist(product("acme/api", claim("acme/api", verified=date(2026, 5, 1))))
    sooner = replace(watched, expires_after=timedelta(days=30))
    assert standing_of(watched).state is ClaimState.VERIFIED
    assert standing_of(sooner).state is ClaimState.EXPIRED
    assert standing_of(replace(sooner, expires_after=timedelta(days=31))).state is ClaimState.VERIFIED


def test_who_sees_a_claim_has_its_open_doubts_and_the_last_answer_in_view():
    doubt = Doubt(product="acme/api", topic="training", document="acme/terms", summary="", at=NOW, id=7)
    found = standing_of(watchlist(claimed("acme/api")), verifications=answered().values(), doubts=[doubt])
    assert found.seen == Seen((7,), 1)


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
