"""What a sentence leans on: defined terms, pronouns, lists, cells, clauses; and words of equal meaning."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.diff import diff
from monitor.extract.plain import read_markdown
from monitor.flag import flag
from monitor.model import FlagKind
from monitor.severity import verdicts
from monitor.statements.defined import definitions, terms
from monitor.statements.lexicon import lexicon, tokens
from monitor.statements.rules import load_rules
from monitor.statements.sentences import sentences
from monitor.statements.texts import statements

RULES = load_rules()


def read(text, topic="training"):
    return [one for one in statements(read_markdown(text).blocks, RULES) if one.topic == topic]


def change(before, after, topic="training"):
    old, new = read_markdown(before).blocks, read_markdown(after).blocks
    return verdicts(flag(old, new, diff(old, new), RULES), [topic])[topic]


# --- defined terms -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("“Materials” means your prompts and our answers.", "Materials"),
        ("Your prompts and files (together, the “Customer Content”) stay yours.", "Customer Content"),
        ("Your songs (collectively, “User Submissions”) stay yours.", "User Submissions"),
    ],
)
def test_a_term_for_data_is_known_by_its_definition(text, term):
    assert list(dict(terms(definitions(sentences(read_markdown(text).blocks))))) == [term]


def test_a_term_for_something_else_is_not_looked_at():
    assert definitions(sentences(read_markdown("“Services” means the app and its content.").blocks)) == ()


def test_a_defined_term_stands_for_what_it_means():
    found = read("“Study Records” means voice recordings of pupils.\n\nWe do not train on Study Records.")
    assert "voice" in found[-1].objects


def test_a_wider_definition_widens_the_clause_that_uses_it():
    clause = "We use Learning Material to train our models."
    before = f"“Learning Material” means the ratings that you give.\n\n{clause}"
    after = f"“Learning Material” means the ratings that you give and the files around them.\n\n{clause}"
    assert change(before, after) == (FlagKind.SUBSTANTIVE, "more_permissive")


def test_a_wider_definition_widens_a_promise_too():
    clause = "We do not train models on Client Materials."
    before = f"“Client Materials” means files.\n\n{clause}"
    after = f"“Client Materials” means files and messages.\n\n{clause}"
    assert change(before, after) == (FlagKind.SUBSTANTIVE, "less_permissive")


def test_a_definition_that_no_clause_uses_raises_no_flag():
    assert change("“Client Materials” means files.", "“Client Materials” means messages.")[0] is FlagKind.NONE


# --- what a sentence names ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("We use your blueprints to train our models.", "blueprints"),
        ("The sketches that you upload are used to train our models.", "sketches"),
        ("Bookings are used to train our models.", "bookings"),
        ("We use footage to train our models.", "footage"),
    ],
)
def test_data_that_no_list_names_is_seen(text, data):
    assert [one.objects for one in read(text)] == [(data,)]


def test_the_longer_name_of_data_counts():
    assert read("We train on Customer Content.")[0].objects == ("customer-data",)


def test_a_pronoun_stands_for_the_data_of_the_sentence_before():
    found = read("Your photos belong to you. We never train on them.")
    assert [(one.position, one.objects) for one in found] == [("no", ("images",))]


def test_a_pronoun_in_another_section_stands_for_nothing():
    assert read("# One\n\nYour photos belong to you.\n\n# Two\n\nWe never train on them.") == []


def test_an_item_belongs_to_the_promise_that_introduces_it():
    found = read("We never train on content of these plans:\n\n- Team\n- Enterprise")
    assert [(one.text, one.position) for one in found[-2:]] == [("Team", "no"), ("Enterprise", "no")]


def test_a_cell_answers_its_header():
    found = read("| Plan | Used for training |\n|---|---|\n| Free | Yes |\n| Pro | No |")
    assert [one.position for one in found] == ["yes", "no"]


def test_zero_retention_that_a_cell_denies_is_not_offered():
    row = "| Endpoint | Zero data retention of prompts |\n|---|---|\n| Batch | no |"
    assert [one.position for one in read(row, "retention")] != ["not-stored"]


# --- what is denied ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("Content that you have not hidden may be used to train our models.", "yes"),
        ("We confirm that we do not train on your content.", "no"),
        ("No content that you upload is used to train our models.", "no"),
        ("Training on data of schools is something we never do.", "no"),
        ("We use your content to train our models, unless you tell us not to.", "opt-out"),
        ("Model training on your chats is on unless you switch it off.", "opt-out"),
        ("We train on your chats when you have switched on “Help others”.", "opt-in"),
    ],
)
def test_a_denial_reaches_as_far_as_it_is_meant(text, position):
    assert [one.position for one in read(text)] == [position]


# --- equal meaning -----------------------------------------------------------------------------

DATA = ("prompts", "messages", "recordings", "files")
SAME_TRAINING = (
    "We do not use your {data} to train our models.",
    "Your {data} are not used to train our models.",
    "We don't use your {data} to train our models.",
    "We will not use your {data} to train our models.",
    "Your {data} will not be used by us to train our models.",
    "We never use your {data} to train our models.",
)
SAME_RETENTION = (
    "We keep your {data} for 30 days.",
    "We retain your {data} for thirty (30) days.",
    "Your {data} are retained for 30 days.",
    "Your {data} will be kept by us for 30 days.",
    "We will retain your {data} for thirty days.",
)


@given(st.sampled_from(DATA), st.sampled_from(SAME_TRAINING), st.sampled_from(SAME_TRAINING))
def test_other_words_of_equal_meaning_are_no_change_of_position(data, before, after):
    assert change(before.format(data=data), after.format(data=data))[0] is not FlagKind.SUBSTANTIVE


@given(st.sampled_from(DATA), st.sampled_from(SAME_RETENTION), st.sampled_from(SAME_RETENTION))
def test_other_words_for_keeping_are_no_change_of_position(data, before, after):
    verdict = change(before.format(data=data), after.format(data=data), "retention")
    assert verdict[0] is not FlagKind.SUBSTANTIVE


@given(st.sampled_from(DATA), st.sampled_from(SAME_TRAINING))
def test_the_opposite_flips_the_position(data, denied):
    granted = f"We may use your {data} to train our models."
    assert change(denied.format(data=data), granted) == (FlagKind.SUBSTANTIVE, "more_permissive")
    assert change(granted, denied.format(data=data)) == (FlagKind.SUBSTANTIVE, "less_permissive")


@given(st.sampled_from(DATA), st.integers(2, 400), st.integers(2, 400))
def test_the_longer_period_is_longer(data, first, second):
    text = "We delete your {} within {} days."
    kind, direction = change(text.format(data, first), text.format(data, second), "retention")
    if first != second:
        assert (kind, direction) == (FlagKind.SUBSTANTIVE, "longer" if second > first else "shorter")


# --- phrases with gaps -------------------------------------------------------------------------


def test_a_phrase_may_span_other_words():
    words = lexicon({"off": ["turn* ..3 off"]})
    assert words.find(tokens("turning all of it off"))["off"] == [(0, 5)]
    assert words.find(tokens("turn the big red setting off")) == {}
