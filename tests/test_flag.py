"""Flags: moved words raise none, unrelated clauses change none, and each says why in one line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.diff import diff
from monitor.flag import flag
from monitor.model import Block, BlockKind, FlagKind
from monitor.severity import verdicts
from monitor.statements.rules import load_rules

RULES = load_rules()
TOPICS = ("training", "retention")

SENTENCES = [
    "We may use your content to train our models unless you opt out.",
    "We do not train our models on business data.",
    "We retain prompts for 30 days and then delete them.",
    "You can delete your conversations at any time in the settings.",
    "Zero data retention is available to Enterprise customers.",
    "We use the information we collect to improve our services.",
    "You retain all rights in your content.",
    "These terms are governed by the laws of Ireland.",
    "We will give you thirty days' notice of any change.",
]
UNRELATED = [
    "These terms are governed by the laws of Norway.",
    "The fee is due within fourteen days of the invoice.",
    "You must be at least eighteen years old.",
    "The parties settle disputes by arbitration in Oslo.",
]


def page(*texts):
    return tuple(Block(BlockKind.PARAGRAPH, text) for text in texts)


def flags(before, after):
    return flag(before, after, diff(before, after), RULES)


def verdict(before, after, topic):
    return verdicts(flags(before, after), TOPICS)[topic]


@pytest.mark.parametrize(
    ("sentence", "says"),
    [
        ("We delete your prompts within 30 days.", "Inputs: deleted within 30 days"),
        ("We keep your prompts for up to 30 days.", "Inputs: kept up to 30 days"),
        ("We delete your prompts after 30 days.", "Inputs: deleted after 30 days"),
        (
            "Conversations are kept until you delete them.",
            "Conversations: kept until the customer deletes it",
        ),
        ("We do not store prompts for more than 30 days.", "Inputs: kept up to 30 days"),
    ],
)
def test_a_flag_says_of_keeping_and_deleting_how_long(sentence, says):
    [found] = flags((), page(sentence))
    assert found.summary == f"(nothing) → {says}"


def test_a_flag_says_in_one_line_what_was_and_what_is():
    before = page("We do not use API inputs to train our models.")
    after = page("We may use API inputs to train our models unless you opt out.")
    [found] = flags(before, after)
    assert (
        found.summary
        == "API inputs: not used for training → API inputs: may be used for training unless opted out"
    )
    assert found.kind is FlagKind.SUBSTANTIVE
    assert found.direction == "more_permissive"
    assert "train-on-data" in found.rules
    assert "train" in found.words


def test_a_moved_paragraph_is_no_change_of_position():
    before = page(SENTENCES[0], *UNRELATED)
    after = page(*UNRELATED, SENTENCES[0])
    assert verdict(before, after, "training")[0] is not FlagKind.SUBSTANTIVE


def test_a_sentence_that_leaves_one_paragraph_for_another_is_no_change_of_position():
    before = page(f"{UNRELATED[0]} {SENTENCES[2]}", UNRELATED[1])
    after = page(UNRELATED[0], f"{UNRELATED[1]} {SENTENCES[2]}")
    assert verdict(before, after, "retention")[0] is not FlagKind.SUBSTANTIVE


def test_a_sentence_next_to_a_position_raises_no_flag():
    before = page(f"{SENTENCES[1]} Our office is in Oslo.")
    after = page(f"{SENTENCES[1]} Our office is in Bergen.")
    assert verdict(before, after, "training") == (FlagKind.NONE, None)


def test_the_words_that_introduce_a_list_change_all_its_items():
    items = tuple(
        Block(BlockKind.ITEM, text, level=1) for text in ("to train our models;", "to improve them.")
    )
    before = (*page("We use your content:"), *items)
    after = (*page("We never use your content:"), *items)
    assert verdict(before, after, "training") == (FlagKind.SUBSTANTIVE, "less_permissive")


def test_one_plan_dropped_from_a_promise_is_substantive():
    before = page("We do not train on data of the Solo, Duo and Trio plans.")
    after = page("We do not train on data of the Solo and Trio plans.")
    assert verdict(before, after, "training") == (FlagKind.SUBSTANTIVE, "more_permissive")


def test_a_renamed_plan_is_editorial():
    before = page("We do not train on data of the Solo plan.")
    after = page("We do not train on data of the Single plan.")
    assert verdict(before, after, "training") == (FlagKind.EDITORIAL, None)


def test_later_become_earlier_is_shorter():
    before = page(
        "We delete personal data at the later of 30 days after a request or the end of the contract."
    )
    after = page(
        "We delete personal data at the earlier of 30 days after a request or the end of the contract."
    )
    assert verdict(before, after, "retention") == (FlagKind.SUBSTANTIVE, "shorter")


def test_a_page_in_a_language_without_rules_gets_no_flag():
    before, after = page("Emme käytä tietojasi."), page("Käytämme tietojasi mallien kouluttamiseen.")
    assert flag(before, after, diff(before, after), RULES, "fi") == ()


def test_both_directions_about_even_are_mixed():
    before = page("We do not train on inputs.", "We train on your photos.")
    after = page("We train on inputs.", "We do not train on your photos.")
    assert verdict(before, after, "training") == (FlagKind.SUBSTANTIVE, "mixed")


@given(st.lists(st.sampled_from(SENTENCES), max_size=6))
def test_a_version_beside_itself_raises_no_flag(texts):
    assert flags(page(*texts), page(*texts)) == ()


@given(
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4, unique=True),
    st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=4, unique=True),
    st.sampled_from(UNRELATED),
)
def test_an_unrelated_clause_changes_no_verdict(before, after, unrelated):
    plain = verdicts(flags(page(*before), page(*after)), TOPICS)
    assert verdicts(flags(page(*before), page(*after, unrelated)), TOPICS) == plain


@given(st.lists(st.sampled_from(SENTENCES + UNRELATED), max_size=6), st.randoms())
def test_the_order_of_paragraphs_is_no_position(texts, random):
    shuffled = random.sample(texts, len(texts))
    found = flags(page(*texts), page(*shuffled))
    assert not any(one.kind is FlagKind.SUBSTANTIVE for one in found)
