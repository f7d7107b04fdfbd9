"""Sentences are split as lawyers write them, and statements carry who, what, when and how long."""

from __future__ import annotations

import pytest

from monitor.model import Block, BlockKind
from monitor.statements.sentences import sentences, split
from monitor.statements.texts import statements


def paragraph(text, **more):
    return Block(BlockKind.PARAGRAPH, text, **more)


def item(text, level=1):
    return Block(BlockKind.ITEM, text, level=level)


def one(text, rules, topic):
    [found] = [s for s in statements((paragraph(text),), rules) if s.topic == topic]
    return found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("We keep it. You own it.", ["We keep it.", "You own it."]),
        ("See Sec. 4.2 of the terms. It applies.", ["See Sec. 4.2 of the terms.", "It applies."]),
        (
            "Some data (e.g. U.S. data) is kept. We tell you.",
            ["Some data (e.g. U.S. data) is kept.", "We tell you."],
        ),
        ("1. Scope of these terms. They apply.", ["1. Scope of these terms.", "They apply."]),
        ("Acme Inc. keeps logs. They expire.", ["Acme Inc. keeps logs.", "They expire."]),
        ("We process it in the U.S. We keep it.", ["We process it in the U.S.", "We keep it."]),
        ("Version 1.1 is here. See art. 6 GDPR.", ["Version 1.1 is here.", "See art. 6 GDPR."]),
        (
            "Daten, z. B. Logs, werden gelöscht. Das gilt.",
            ["Daten, z. B. Logs, werden gelöscht.", "Das gilt."],
        ),
        (
            "我们保存信息。您可以删除！第1.2条适用；如下",
            ["我们保存信息。", "您可以删除！", "第1.2条适用；", "如下"],
        ),
        ("Why? Because. “We said so.” Then more.", ["Why?", "Because.", "“We said so.”", "Then more."]),
        ("Use it at acme.com or write to a.b@acme.com.", ["Use it at acme.com or write to a.b@acme.com."]),
        ("", []),
    ],
)
def test_sentences_end_where_they_end(text, parts):
    assert list(split(text)) == parts


def test_a_list_item_goes_on_from_the_words_that_introduce_it():
    found = sentences((paragraph("Hello. We will not:"), item("train on your data;"), item("sell it.")))
    assert [(s.lead, s.text) for s in found[2:]] == [
        ("We will not:", "train on your data;"),
        ("We will not:", "sell it."),
    ]


def test_an_inner_list_has_both_introductions():
    found = sentences(
        (paragraph("We may:"), item("use inputs to:"), item("improve.", level=2), item("stop."))
    )
    assert [s.lead for s in found] == ["", "We may:", "We may: use inputs to:", "We may:"]


def test_a_list_that_the_page_does_not_indent_is_known_by_its_numbers():
    texts = (
        ("1.", "Scope."),
        ("2.", "You may not:"),
        ("1.", "copy it;"),
        ("2.", "sell it."),
        ("3.", "Fees."),
    )
    items = tuple(Block(BlockKind.ITEM, text, level=1, marker=marker) for marker, text in texts)
    assert [s.lead for s in sentences(items)] == ["", "", "You may not:", "You may not:", ""]


def test_a_label_alone_takes_no_position(rules):
    assert statements((paragraph("Retention of customer data:"),), rules) == ()


def test_a_paragraph_after_a_list_has_no_introduction():
    found = sentences((paragraph("We may:"), item("stop."), paragraph("You own it."), item("Alone.")))
    assert [s.lead for s in found] == ["", "We may:", "", ""]


def test_a_table_row_reads_each_cell_behind_its_header():
    row = Block(
        BlockKind.ROW, "Logs | 30 days", cells=("Logs", "30 days"), headers=("Data", "Retention period")
    )
    assert [s.text for s in sentences((row,))] == ["Data: Logs; Retention period: 30 days"]


def test_a_table_row_is_a_statement_with_its_period(rules):
    row = Block(
        BlockKind.ROW, "Logs | 30 days", cells=("Logs", "30 days"), headers=("Data", "Retention period")
    )
    [found] = statements((row,), rules)
    assert (found.topic, found.position, found.periods[0].days) == ("retention", "period", 30)


def test_a_ban_in_the_introduction_is_negated_in_every_item(rules):
    blocks = (paragraph("We will not:"), item("use your content to train our models;"))
    [found] = statements(blocks, rules)
    assert (found.position, found.negated) == ("no", True)


def test_what_customers_may_not_do_is_no_position_in_a_list_either(rules):
    blocks = (paragraph("For example, you may not:"), item("use output data to develop and train models."))
    assert statements(blocks, rules) == ()


def test_a_heading_gives_the_purpose_to_its_items(rules):
    section = ("How we use your information",)
    [found] = statements((paragraph("To improve our services.", section=section),), rules)
    assert found.topic == "training"


def test_a_heading_alone_takes_no_position(rules):
    assert statements((Block(BlockKind.HEADING, "Retention of your personal data", level=2),), rules) == ()


def test_a_choice_leans_on_the_sentence_before_it(rules):
    text = (
        "We use your inputs to train our models. You have the right to object to this processing by e-mail."
    )
    assert [s.position for s in statements((paragraph(text),), rules)] == ["yes", "opt-out"]


def test_a_choice_about_something_else_is_none(rules):
    text = "We send you our newsletter. You have the right to object to this processing by e-mail."
    assert statements((paragraph(text),), rules) == ()


def test_a_statement_names_who_does_what_with_which_data(rules):
    found = one("We may use your prompts and files to train our models.", rules, "training")
    assert (found.actor, found.action, found.modality) == ("provider", "train", "permits")
    assert found.objects == ("files", "inputs")


def test_a_third_party_is_told_from_the_provider(rules):
    found = one("Our subprocessors do not train their models on your data.", rules, "training")
    assert (found.actor, found.position) == ("third-party", "no")


def test_an_audience_is_named(rules):
    found = one("We do not train on data of API and Enterprise customers.", rules, "training")
    assert found.audience == ("api", "business")


def test_conditions_and_exceptions_are_kept_apart(rules):
    text = "By default, we do not train on your content, except for feedback."
    found = one(text, rules, "training")
    assert "default" in found.conditions
    assert "feedback" in found.exceptions
    assert "feedback" not in found.objects


def test_a_period_comes_with_its_bound(rules):
    found = one("We keep logs for at least 30 days.", rules, "retention")
    assert [(p.days, p.bound) for p in found.periods] == [(30, "at-least")]


def test_a_statement_names_its_rules_and_words(rules):
    found = one("We may use your prompts to train our models.", rules, "training")
    assert "train-on-data" in found.rules
    assert "train" in found.words


def test_a_chinese_sentence_is_read_by_its_script(rules):
    [found] = statements((paragraph("我们不会将您的对话用于模型训练。"),), rules, "en")
    assert (found.topic, found.position) == ("training", "no")


@pytest.mark.parametrize(
    ("plain", "denied"),
    [
        ("We use your content to train our models.", "We do not use your content to train our models."),
        ("Your data may be used for training.", "Your data may not be used for training."),
        ("Customer data is used to improve our models.", "No customer data is used to improve our models."),
        ("We store your prompts.", "We never store your prompts."),
        (
            "Nous utilisons vos données pour entraîner nos modèles.",
            "Nous n'utilisons pas vos données pour entraîner nos modèles.",
        ),
        ("Wir nutzen Ihre Daten zum Training.", "Wir nutzen Ihre Daten nicht zum Training."),
        ("Usamos sus datos para entrenar modelos.", "No usamos sus datos para entrenar modelos."),
        ("我们会将您的数据用于训练。", "我们不会将您的数据用于训练。"),
    ],
)
def test_a_denial_turns_a_statement_round(plain, denied, rules):
    language = {"N": "fr", "U": "es"}.get(plain[0], "de" if plain.startswith("Wir") else "en")
    [first] = statements((paragraph(plain),), rules, language)
    [second] = statements((paragraph(denied),), rules, language)
    assert (first.modality, second.modality) == ("permits", "prohibits")


def test_an_entry_of_the_contents_list_takes_no_position(rules):
    blocks = (
        Block(BlockKind.ITEM, "Retention of your personal data", level=1),
        Block(BlockKind.HEADING, "4. Retention of your personal data", level=2),
        Block(BlockKind.PARAGRAPH, "We retain your personal data for 30 days."),
    )
    assert [statement.block for statement in statements(blocks, rules)] == [2]
