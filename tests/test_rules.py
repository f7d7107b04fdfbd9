"""Rule files: their own examples hold, a user can add a topic, and mistakes are told with their place."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.extract.plain import read_markdown
from monitor.statements.examples import examples, failure
from monitor.statements.languages import LANGUAGES, is_ruled
from monitor.statements.lexicon import PatternError, lexicon, tokens
from monitor.statements.patterns import pattern, search
from monitor.statements.rules import BUILT_IN, built_in_topics, load_rules
from monitor.statements.texts import statements

SUBPROCESSORS = """
topic = "subprocessors"
says = "whom data is handed to"

[words.en]
helper = ["subprocessor*", "sub processor*"]

[[rules]]
id = "names-a-subprocessor"
says = "Data goes to a subprocessor."
en = ["{we} ..6 share|engage ~8 {helper}"]
match.en = ["We engage subprocessors in Ireland."]
no_match.en = ["A subprocessor is bound by law."]
"""


def read(text, rules, language="en", topic=None):
    found = statements(read_markdown(text).blocks, rules, language)
    return [statement for statement in found if topic in (None, statement.topic)]


EXAMPLES = [
    pytest.param(topic, example, id=f"{example.rule.id} {example.wanted}: {example.text[:50]}")
    for topic in built_in_topics()
    for example in examples(topic)
]


@pytest.mark.parametrize(("topic", "example"), EXAMPLES)
def test_a_rule_matches_what_it_must_and_leaves_what_it_must_not(topic, example):
    assert failure(example, topic) is None


def test_every_rule_has_an_example_in_english(rules):
    bare = [r.id for t in rules.topics.values() for r in (*t.rules, *t.confusers) if not r.match.get("en")]
    assert bare == []


def test_a_topic_of_the_users_own_needs_a_rule_file_alone(tmp_path):
    file = tmp_path / "subprocessors.toml"
    file.write_text(SUBPROCESSORS)
    rules = load_rules((file,))
    [statement] = read("We engage subprocessors in Ireland.", rules, topic="subprocessors")
    assert statement.rules == ("names-a-subprocessor",)
    assert set(rules.topics) == {"training", "retention", "subprocessors"}


def test_a_file_of_the_users_own_replaces_a_built_in_topic(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(SUBPROCESSORS.replace('"subprocessors"', '"training"', 1))
    assert [rule.id for rule in load_rules((file,)).topics["training"].rules] == ["names-a-subprocessor"]


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (("{helper}", "{helpers}"), 'no word class is named "helpers"'),
        (("{helper}", "{helpr}"), "did you mean {helper}?"),
        (("{helper}", "{zzz}"), "known are a"),
        (("helper = [", '"objct.inputs" = ["prompt"]\nhelper = ['), 'did you mean "object.inputs"?'),
        (("..6 share", ".. ..6 share"), "a distance stands between two words"),
        (("..6 share", "..600 share"), "too far"),
        (("share|engage", "(share)+"), "is not a word"),
        (('id = "names-a-subprocessor"', ""), "id is missing"),
        (('says = "Data goes to a subprocessor."', ""), "says is missing"),
        (('en = ["{we}', 'pt = ["{we}'), '"pt" is not known here'),
        (("[words.en]", "[words.pt]"), "[words.LANGUAGE] knows the languages"),
        (("match.en = [", "match = ["), 'write match.en = ["…"]'),
        (('topic = "subprocessors"', ""), "topic is missing"),
        (("[[rules]]", "[[rule]]"), '"rule" is not known here'),
        (("[words.en]", "[words.en"), "not valid TOML"),
        (('helper = ["subprocessor*", "sub processor*"]', 'helper = ["***"]'), "holds no word"),
    ],
)
def test_a_mistake_is_told_with_file_and_remedy(tmp_path, mistake, told):
    file = tmp_path / "mine.toml"
    file.write_text(SUBPROCESSORS.replace(*mistake, 1))
    with pytest.raises(UsageError) as error:
        load_rules((file,))
    assert told in str(error.value)
    assert str(error.value).startswith(str(file))


def test_two_rules_of_one_name_are_a_mistake(tmp_path):
    file = tmp_path / "mine.toml"
    rule = SUBPROCESSORS[SUBPROCESSORS.index("[[rules]]") :]
    file.write_text(SUBPROCESSORS + rule)
    with pytest.raises(UsageError, match="two rules are named"):
        load_rules((file,))


SPARED = """
[[confusers]]
id = "a-list"
says = "A list is named in passing."
hides = "sentence"
en = ["list"]
unless.en = ["{helper} ..3 new"]
match.en = ["We engage subprocessors from a list."]
no_match.en = ["We engage subprocessors, new ones, from a list."]
"""


def test_a_confuser_hides_nothing_where_what_spares_the_sentence_stands_too(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(SUBPROCESSORS + SPARED)
    rules = load_rules((file,))
    assert read("We engage subprocessors from a list.", rules, topic="subprocessors") == []
    assert read("We engage subprocessors, new ones, from a list.", rules, topic="subprocessors")


def test_a_folder_is_no_rule_file(tmp_path):
    with pytest.raises(UsageError, match="name the file in it"):
        load_rules((tmp_path,))


def test_a_rule_file_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load_rules((tmp_path / "none.toml",))


def test_the_built_in_rules_read_every_language_that_a_rule_can_be_written_for(rules):
    assert tuple(rules.topics) == BUILT_IN
    assert rules.languages == set(LANGUAGES)
    assert all(is_ruled(one) == rules.understands(one) for one in (*LANGUAGES, "zh-CN", "it", "ja"))


def test_a_language_without_rules_is_not_understood(rules):
    assert rules.understands("en-GB")
    assert not rules.understands("fi")
    assert read("Emme käytä tietojasi mallien kouluttamiseen.", rules, "fi") == []


# --- the pattern language ------------------------------------------------------------------------

CLASSES = {"use": ("use", "uses"), "train": ("train*",), "data": ("data", "personal data"), "us": ("US",)}


def finds(written, text):
    wanted = pattern(written, CLASSES)
    words = tokens(text)
    hits = lexicon({**CLASSES, **wanted.literals}).find(words)
    return search(wanted, hits, (0, len(words))) is not None


@pytest.mark.parametrize(
    ("written", "text", "found"),
    [
        ("{use} {data}", "we use data", True),
        ("{use} {data}", "we use your data", False),
        ("{use} ..2 {train}", "use it for training", True),
        ("{use} ..1 {train}", "use it for training", False),
        ("{use} ..5 {train}", "training is of use", False),
        ("{use} ~5 {train}", "training is of use", True),
        ("{use} & {train}", "Use of this and that and those and these leads, in the end, to training", True),
        ("we|they ..3 {use}", "they never use it", True),
        ("opt_out", "you may opt out", True),
        ("{us}", "in the US", True),
        ("{us}", "tell us", False),
        ("{data}", "l'entraînement de data", True),
        ("n't", "don't", False),
    ],
)
def test_a_pattern_finds_what_it_says(written, text, found):
    assert finds(written, text) is found


def test_words_are_found_where_they_stand():
    words = tokens("We'll use Your  data.")
    assert [words.slice((n, n + 1)) for n in range(len(words))] == ["We", "ll", "use", "Your", "data"]


@given(st.text(max_size=300))
def test_any_text_is_taken_apart_in_order(text):
    words = tokens(text)
    assert all(text[a:b] == raw for a, b, raw in zip(words.starts, words.ends, words.raw, strict=True))
    assert list(words.starts) == sorted(words.starts)


@given(st.text(alphabet="abc{}|.~&*1 ", max_size=30))
def test_any_pattern_is_understood_or_refused(written):
    with suppress(PatternError):
        assert pattern(written, ("a", "b")).chains


def test_no_text_makes_a_pattern_hang(rules):
    text = "we use your data and may train and improve our models and services unless you opt out " * 400
    started = time.process_time()
    read(text, rules)
    assert time.process_time() - started < 5
