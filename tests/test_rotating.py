"""Blocks that toggle between fetches are left out, and take nothing else with them."""

import itertools
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.diff import diff
from monitor.model import Block, BlockKind, Text
from monitor.report.view import view
from monitor.rotating import Comparison, bears
from tests.store_samples import START
from tests.test_check import World
from tests.test_health import report_of

DAY = timedelta(days=1)
CLAUSES = [
    "These terms apply to every customer of the service.",
    "We may train our models on what you send us unless you opt out in the settings.",
    "You may reach our office by letter at the address below.",
    "We delete the content of a conversation 30 days after it has ended.",
    "The law of the country in which we have our seat governs this agreement.",
]
QUOTES = [
    f"Customer number {word} tells how much the product means to them." for word in ("one", "two", "six")
]


@pytest.fixture
def world(store, rules, at):
    return World(store, rules, at)


def page(quote, clauses=CLAUSES, place=3):
    texts = [*clauses[:place], quote, *clauses[place:]] if quote else clauses
    body = "".join(f"<p>{text}</p>" for text in texts)
    return f"<html><body><main><h1>Terms of Service</h1>{body}</main></body></html>".encode()


def edited(at, old, new):
    return [text.replace(old, new) if number == at else text for number, text in enumerate(CLAUSES)]


def toggled(world, *quotes):
    """A document whose quote was each of these at a check, and stayed for the second look."""
    world.check(page(quotes[0]))
    for quote in quotes[1:]:
        world.check(page(quote), page(quote))


# --- as people see it --------------------------------------------------------------------------


def test_a_block_that_comes_and_goes_is_left_out_from_its_third_turn_on_with_its_words(world, store):
    toggled(world, QUOTES[0], QUOTES[1], QUOTES[0])

    result = world.check(page(QUOTES[1]))

    assert result.outcome == "unchanged"
    assert [reason.code for reason in result.reasons] == ["same-words", "rotating"]
    assert QUOTES[1] in result.reasons[1].detail
    (held,) = view(report_of(world, result)).held
    assert (held.what, QUOTES[1] in held.why) == ("left out", True)
    assert len(store.changes()) == 2


def test_a_block_that_is_new_each_time_is_left_out_too_and_no_longer_keeps_changes_unconfirmed(world):
    numbers = (f"Request number {number}f3a served by the node in the north." for number in itertools.count())
    world.check(page(next(numbers)))
    for _ in range(2):
        assert not world.check(page(next(numbers)), page(next(numbers))).change.change.confirmed
    assert world.check(page(next(numbers)), page(next(numbers))).outcome == "unchanged"

    clauses = edited(1, "unless you opt out in the settings", "in all cases")
    result = world.check(page(next(numbers), clauses), page(next(numbers), clauses))

    assert result.change.change.confirmed
    assert [clause.after.text for clause in result.change.change.clauses] == [clauses[1]]
    assert [doubt.topic for doubt in result.change.doubts] == ["training"]
    (item,) = view(report_of(world, result)).flagged
    assert item.tags == ("rotating",)


@pytest.mark.parametrize("number", range(len(CLAUSES)))
def test_a_change_of_any_other_block_is_reported_as_if_the_rotating_one_were_not_there(world, number):
    toggled(world, QUOTES[0], QUOTES[1], QUOTES[0])
    clauses = [text.replace(".", ", always.") if at == number else text for at, text in enumerate(CLAUSES)]

    result = world.check(page(QUOTES[2], clauses), page(QUOTES[1], clauses))

    change = result.change.change
    assert (change.alert, change.confirmed) == (True, True)
    assert [clause.after.text for clause in change.clauses] == [clauses[number]]


def test_a_clause_that_binds_in_place_of_a_rotating_block_is_reported(world):
    toggled(world, QUOTES[0], QUOTES[1], QUOTES[0])
    clause = "Disputes are settled by arbitration in Zurich, and you may not join a class action."

    change = world.check(page(clause), page(clause)).change.change

    assert (change.alert, change.confirmed) == (True, True)
    assert clause in [found.after.text for found in change.clauses if found.after]


def test_an_edit_right_beside_a_block_that_is_new_each_time_is_reported_and_confirmed(world):
    numbers = (f"Request number {number}f3a served by the node in the north." for number in itertools.count())
    world.check(page(next(numbers)))
    for _ in range(3):
        world.check(page(next(numbers)), page(next(numbers)))
    clauses = edited(3, "30 days", "90 days")

    result = world.check(page(next(numbers), clauses), page(next(numbers), clauses))

    assert result.change.change.confirmed
    assert [clause.after.text for clause in result.change.change.clauses] == [clauses[3]]


def test_a_text_that_came_back_once_is_no_rotation(world, store):
    toggled(world, QUOTES[0], QUOTES[1])
    assert world.check(page(QUOTES[0]), page(QUOTES[0])).change.change.restores
    assert store.changes()[1].reverted_at


def test_a_clause_that_is_edited_three_times_in_two_weeks_is_an_edit_each_time(world):
    toggled(world, *QUOTES)
    last = "Customer number ten tells how much the product means to them."
    assert world.check(page(last), page(last)).change.change.confirmed


def test_the_same_turns_over_months_are_edits(world):
    world.check(page(QUOTES[0]))
    for quote in (QUOTES[1], QUOTES[0]):
        world.check(page(quote), page(quote), after=30 * DAY)
    assert world.check(page(QUOTES[1]), page(QUOTES[1]), after=30 * DAY).outcome == "changed"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("We never train on your files.", "We train on your files at all times."),
        ("Files are kept for 30 days.", "Files are kept for 90 days."),
        ("Training", "No training"),
    ],
)
def test_what_bears_on_a_topic_is_never_left_out(world, one, other):
    toggled(world, one, other, one)
    assert world.check(page(other), page(other)).outcome == "changed"


# --- the rule ----------------------------------------------------------------------------------


def blocks(texts):
    return tuple(Block(BlockKind.PARAGRAPH, text) for text in texts)


def left_out(rules, at, former, new, language="en"):
    """The words of what is left out, and of what is not, when a text follows others day by day."""
    texts = [Text(at + number * DAY, blocks(text)) for number, text in enumerate(former)]
    after = Text(at + len(former) * DAY, blocks(new))
    matters = partial(bears, rules=rules, language=language)
    found = Comparison(texts[-1].blocks, after, texts, matters)
    assert {*found.clauses, *found.left_out} == set(diff(texts[-1].blocks, after.blocks))
    return [(clause.after or clause.before).text for clause in found.left_out], found.clauses


def test_a_promotion_that_comes_and_goes_is_left_out(rules, at):
    with_it, without = [*CLAUSES[:3], QUOTES[0], *CLAUSES[3:]], CLAUSES
    assert left_out(rules, at, [without, with_it, without], with_it)[0] == [QUOTES[0]]
    assert left_out(rules, at, [with_it, without, with_it], without)[0] == [QUOTES[0]]


def test_a_clause_that_is_added_beside_a_rotating_block_takes_it_out_of_hiding(rules, at):
    former = [[CLAUSES[0], quote, CLAUSES[4]] for quote in QUOTES]
    assert left_out(rules, at, former, former[0])[0] == [QUOTES[0]]
    new = [CLAUSES[0], "You pay every invoice within the term that it names.", QUOTES[0], CLAUSES[4]]
    out, kept = left_out(rules, at, former, new)
    assert out == []
    assert kept


def test_a_clause_that_is_edited_beside_a_rotating_block_takes_it_out_of_hiding(rules, at):
    former = [[CLAUSES[0], quote, CLAUSES[2], CLAUSES[4]] for quote in QUOTES]
    new = [CLAUSES[0], QUOTES[0], CLAUSES[2].replace("letter", "telephone"), CLAUSES[4]]
    out, kept = left_out(rules, at, former, new)
    assert out == []
    assert len(kept) == 2


def test_a_text_in_a_language_without_rules_is_compared_whole(rules, at):
    former = [[CLAUSES[0], quote, CLAUSES[4]] for quote in QUOTES]
    assert left_out(rules, at, former, former[0])[0] == [QUOTES[0]]
    assert left_out(rules, at, former, former[0], language="tlh")[0] == []


@settings(max_examples=60)
@given(
    changed=st.sets(st.integers(0, 4), min_size=1),
    place=st.integers(0, 5),
    turn=st.integers(0, 2),
    word=st.sampled_from(["always", "gladly", "seldom"]),
)
def test_what_is_left_out_is_never_a_clause_that_stood_still(rules, changed, place, turn, word):
    def text(quote, clauses):
        return [*clauses[:place], quote, *clauses[place:]]

    new = [f"{one[:-1]} {word}." if number in changed else one for number, one in enumerate(CLAUSES)]
    out, kept = left_out(rules, START, [text(quote, CLAUSES) for quote in QUOTES], text(QUOTES[turn], new))
    assert set(out) <= set(QUOTES)
    said = {block.text for clause in kept for block in (clause.before, clause.after) if block}
    assert {new[number] for number in changed} <= said
