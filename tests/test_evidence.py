"""What a text means for a claim: the tables of monitor/evidence.py, and what has no bearing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.evidence import Bearing, Reading, bears, explain, read
from monitor.extract.plain import read_markdown
from monitor.model import Audience, Claim, Duration, Product, Statement
from monitor.statements.durations import parse_duration

API = Product(id="acme/api", provider="acme", name="Acme API", audience=Audience.API)
FREE = replace(API, id="acme/chat-free", audience=Audience.CONSUMER)
INPUTS = ("inputs",)
POSITIONS = ("no", "opt-in", "opt-out", "yes")


def training(position, **more):
    facts = {"action": "train", "objects": INPUTS} | more
    return Statement(topic="training", text="…", position=position, **facts)


def retention(position, period="", **more):
    periods = (parse_duration(period),) if period else ()
    facts = {"action": "keep", "objects": INPUTS} | more
    return Statement(topic="retention", text="…", position=position, periods=periods, **facts)


def claim(position, period="", topic="training"):
    length = parse_duration(period) if period else None
    return Claim(product="acme/api", topic=topic, position=position, period=length)


def bearing(claimed, statement, product=API):
    found = bears(claimed, product, statement)
    return found and found.bearing.value


def kept(period):
    return claim("period", period, topic="retention")


@pytest.mark.parametrize(
    ("claimed", "row"),
    [
        ("no", "supports supports contradicts contradicts"),
        ("opt-in", "supports supports contradicts contradicts"),
        ("opt-out", "contradicts contradicts supports supports"),
        ("yes", "contradicts contradicts contradicts supports"),
        ("silent", "contradicts contradicts contradicts contradicts"),
        ("unclear", "None None None None"),
    ],
)
def test_the_table_of_training_positions(claimed, row):
    assert [str(bearing(claim(claimed), training(said))) for said in POSITIONS] == row.split()


@pytest.mark.parametrize(
    ("claimed", "said", "note"),
    [
        ("no", "opt-in", "unless opted in"),
        ("opt-in", "no", "while nobody opts in"),
        ("opt-out", "yes", "but it names no choice"),
    ],
)
def test_what_qualifies_a_support_is_said(claimed, said, note):
    assert bears(claim(claimed), API, training(said)).note == note


@pytest.mark.parametrize(
    "statement",
    [
        training("yes", actor="third-party"),
        training("yes", audience=("consumer",)),
        training("yes", audience=("children",)),
        training("yes", audience=("free",)),
        training("yes", objects=("feedback",)),
        training("yes", objects=("inputs", "public-data")),
        training("yes", objects=()),
        training("yes", objects=("data",)),
        training("yes", audience=("zero-data-retention",)),
        training("yes", action="improve"),
        training("yes", conditions=("de-identified",)),
        training("yes", conditions=("region europe",)),
        training("yes", exceptions=("feedback",)),
        retention("period", "90 days"),
    ],
)
def test_what_is_said_of_something_else_contradicts_no_claim(statement):
    assert bearing(claim("no"), statement) is None


def test_improvement_alone_supports():
    assert bearing(claim("no"), training("no", action="improve")) == "supports"


def test_a_tier_that_the_product_path_names_counts_for_it_alone():
    assert bearing(claim("yes"), training("yes", audience=("free",)), FREE) == "supports"
    assert bearing(claim("yes"), training("no", audience=("paid",)), FREE) is None


def test_a_difference_by_plan_is_supported_by_a_statement_for_one_plan():
    assert bearing(claim("plan-dependent"), training("yes", audience=("free",))) == "supports"
    assert bearing(claim("plan-dependent"), training("yes", conditions=("setting",))) == "supports"
    assert bearing(claim("plan-dependent"), training("yes")) == "contradicts"


def test_a_general_statement_beside_one_for_a_plan_contradicts_no_difference(rules):
    text = "We use your prompts to train our models.\n\nWe do not train on prompts of business customers."
    business = replace(API, audience=Audience.BUSINESS)
    found = explain(claim("plan-dependent"), business, [read("terms", read_markdown(text).blocks, rules)])
    assert found.bearing == "supports"


@pytest.mark.parametrize(
    ("claimed", "said", "comes_to"),
    [
        ("30 days", "30 days", "supports"),
        ("about 30 days", "one month", "supports"),
        ("90 days", "3 months", "supports"),
        ("30 days", "90 days", "contradicts"),
        ("30 days", "29 days", "contradicts"),
        ("5 years", "60 months", "supports"),
    ],
)
def test_periods_are_compared_by_their_length(claimed, said, comes_to):
    assert bearing(kept(claimed), retention("period", said)) == comes_to


def test_not_longer_than_a_period_is_that_period():
    assert bearing(kept("30 days"), retention("not-stored", "30 days", modality="prohibits")) == "supports"


@pytest.mark.parametrize(
    "more",
    [
        {"exceptions": ("safety",)},
        {"conditions": ("law",)},
        {"conditions": ("account",)},
        {"objects": ("user-data",)},
        {"objects": ("inputs", "logs")},
        {"audience": ("business",)},
        {"audience": ("zero-data-retention",)},
    ],
)
def test_another_period_for_another_case_contradicts_nothing(more):
    assert bearing(kept("30 days"), retention("period", "2 years", **more)) is None


@pytest.mark.parametrize(
    ("claimed", "said", "comes_to"),
    [
        ("not-stored", "not-stored", "supports"),
        ("not-stored", "indefinite", "contradicts"),
        ("indefinite", "indefinite", "supports"),
        ("indefinite", "not-stored", "contradicts"),
        ("criterion", "criterion", "supports"),
        ("criterion", "other", None),
        ("none-stated", "none-stated", "supports"),
        ("legal-safety", "criterion", None),
    ],
)
def test_positions_on_retention_that_cannot_both_be_true_contradict(claimed, said, comes_to):
    assert bearing(claim(claimed, topic="retention"), retention(said)) == comes_to


# --- texts -------------------------------------------------------------------------------------


def text(*statements, **more):
    return Reading(source="acme/terms", statements=statements, **more)


def together(claimed, *readings):
    return explain(claimed, API, readings).bearing


def test_texts_that_say_both_are_told_as_both():
    found = explain(claim("no"), API, [text(training("no")), text(training("yes"))])
    assert found.bearing is Bearing.BOTH
    assert [answer.bearing.value for answer in found.answers] == ["supports", "contradicts"]


def test_statements_without_bearing_are_counted():
    (answer,) = explain(claim("no"), API, [text(training("yes", objects=("feedback",)))]).answers
    assert (answer.bearing, answer.others) == (Bearing.SILENT, 1)


def test_silence_needs_every_text_to_be_read():
    silent, foreign, unseen = text(), text(understood=False), text(seen=False)
    assert together(claim("no"), silent) is Bearing.SILENT
    assert together(claim("no"), silent, foreign) is Bearing.NOT_UNDERSTOOD
    assert together(claim("no"), silent, unseen) is Bearing.NOT_SEEN
    assert together(claim("no"), text(training("no")), foreign) is Bearing.SUPPORTS


def test_a_claim_of_silence_is_borne_out_by_texts_that_are_read_and_say_nothing():
    assert together(claim("silent"), text()) is Bearing.SUPPORTS
    assert together(claim("silent"), text(), text(understood=False)) is Bearing.NOT_UNDERSTOOD
    assert together(claim("silent"), text(training("no"))) is Bearing.CONTRADICTS


def test_a_heading_says_whom_a_statement_is_for_and_the_title_does_not(rules):
    page = read_markdown(
        "# Business terms\n\nWe train on your inputs.\n\n## API\n\nWe do not train on your inputs."
    )
    found = read("terms", page.blocks, rules, "en")
    assert [statement.audience for statement in found.statements] == [(), ("api",)]


@pytest.mark.parametrize(
    ("language", "understood"), [("en", True), ("zh-CN", True), ("", True), ("ja", False)]
)
def test_a_language_without_rules_is_not_understood(rules, language, understood):
    found = read("terms", read_markdown("We train on your inputs.").blocks, rules, language)
    assert found.understood is understood
    assert bool(found.statements) is understood


@given(st.sampled_from(POSITIONS), st.sampled_from(POSITIONS), st.sampled_from([INPUTS, ("feedback",), ()]))
def test_a_statement_never_contradicts_a_claim_of_its_own_position(claimed, said, objects):
    if claimed == said:
        assert bearing(claim(claimed), training(said, objects=objects)) != "contradicts"


@given(st.floats(0.01, 4000), st.floats(0.01, 4000))
def test_periods_support_each_other_or_neither_does(one, other):
    lengths = [Duration("x", days, days) for days in (one, other)]
    said = [replace(retention("period"), periods=(length,)) for length in lengths]
    claimed = [replace(kept("1 day"), period=length) for length in lengths]
    assert bearing(claimed[0], said[1]) == bearing(claimed[1], said[0])
