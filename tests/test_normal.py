"""The normal form: what reads alike is equal, what does not is not."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.model import Block, BlockKind
from monitor.normal import effective_date, fingerprint, key, normal, number, without_number


def paragraph(text, **more):
    return Block(BlockKind.PARAGRAPH, text, **more)


SAME = [
    ("typography", "“We” don’t share — ever…", '"We" don\'t share - ever...'),
    ("ligatures and wide letters", "oﬃce Ｔｅｒｍｓ", "office Terms"),
    ("spaces", "30\u00a0days\u2009of  data", "30 days of data"),
    ("space before a sign", "keep it , then delete ( all ) .", "keep it, then delete (all)."),
    ("invisible characters", "re\u00adtain\u200b data\ufeff \u2060now", "retain data now"),
    ("capitals", "DATA RETENTION", "Data retention"),
    ("a bullet", "• We keep logs", "We keep logs"),
    ("the last stop", "logs;", "logs."),
    ("an anchor at a heading", "Retention ¶", "Retention"),
    ("a link sign", "Retention 🔗", "Retention #"),
    ("quotes around a term", "the “Services”", "the Services"),
    ("a screen reader's remark", "our policy (opens in a new window)", "our policy"),
    ("the remark in German", "Richtlinie (öffnet in neuem Fenster)", "Richtlinie"),
    ("the remark in French", "politique (s'ouvre dans une nouvelle fenêtre)", "politique"),
    ("the remark in Spanish", "política (se abre en una ventana nueva)", "política"),
    ("the remark in Chinese", "隐私政策（在新窗口中打开）", "隐私政策"),
    ("a date, American", "Effective August 28, 2025", "Effective 2025-08-28"),
    ("a date, British", "Effective 28 August 2025", "Effective 2025-08-28"),
    ("an ordinal date", "Effective 28th August 2025", "Effective August 28th, 2025"),
    ("a date, French", "Le 28 août 2025", "Le 2025-08-28"),
    ("a date, German", "Ab 28. August 2025", "Ab 28.08.2025"),
    ("a date, Spanish", "El 28 de agosto de 2025", "El 2025/8/28"),
    ("a date, Chinese", "2025年8月28日生效", "2025-08-28生效"),
    ("a date with its weekday", "Thursday, August 28, 2025", "Aug. 28, 2025"),
    ("a time that runs on", "Updated 3 days ago", "Last updated over a week ago"),
    ("the same in Chinese", "更新于3天前", "更新于2周前"),
    ("the same in German", "Zuletzt aktualisiert vor 3 Tagen", "Zuletzt aktualisiert vor einem Monat"),
    ("a time alone", "vor 3 Tagen", "vor 4 Tagen"),
    ("a trace id", "Trace Id: 7a40c1d2e3f4a5b6c7d8", "Trace Id: 0f1e2d3c4b5a69788796"),
    ("a random UUID", "ref 6f1c2b9e-8a7d-4c3b-9e2f-1a2b3c4d5e6f", "ref 00000000-8a7d-4c3b-9e2f-1a2b3c4d5e6f"),
]
OTHER = [
    ("a period", "We keep it for 30 days", "We keep it for 90 days"),
    ("a period ago", "what you deleted 30 days ago", "what you deleted 60 days ago"),
    ("a negation", "We may train on it", "We may not train on it"),
    ("one plan in a list", "Free, Plus and Team", "Free and Plus"),
    ("a later date", "Effective August 28, 2025", "Effective August 29, 2025"),
    ("a date that reads in two ways", "from 03/04/2025", "from 04/03/2025"),
    ("a decimal number", "1.5 hours", "15 hours"),
    ("a short heading", "Training", "Retention"),
    ("a footnote's number", "30¹ days", "301 days"),
    ("an amount", "US$100", "US$1000"),
    ("an e-mail address", "write to legal@a.example", "write to privacy@a.example"),
    (
        "a wallet address",
        "0x52908400098527886e0f7030069857d2e4169ee7",
        "0x8617e340b3d01fa5f11f306f4090fd50e238070d",
    ),
    ("a date typed anew by hand", "Effective May 7, 2025", "Effective May 7th, 2025"),
    ("one word made of two", "We can not delete it", "We cannot delete it"),
    ("a Chinese negation", "我们会训练", "我们不会训练"),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_what_reads_alike_is_equal(one, other):
    assert key(paragraph(one)) == key(paragraph(other))


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in OTHER], ids=[case[0] for case in OTHER])
def test_what_says_something_else_is_not_equal(one, other):
    assert key(paragraph(one)) != key(paragraph(other))


noisy = st.text(st.sampled_from("aZ1 2.-'\"(#)[]{}•¶—ﬁſßİ²年月日前x/:,;\u200b"), max_size=40)


@given(st.one_of(st.text(), noisy))
@example("#.#")
@example("ΰ ŉ ǰ")
def test_normalising_twice_is_normalising_once(text):
    assert normal(normal(text)) == normal(text)


@given(st.text())
def test_every_word_of_letters_stays(text):
    letters = [c for c in text if c.isascii() and c.isalpha()]

    assert not letters or any(c.isalpha() for c in normal("zz" + text))


def test_a_control_of_the_page_is_no_text_unless_it_stands_in_a_sentence():
    assert key(paragraph("Select language")) == key(paragraph("Share")) == ""
    assert key(paragraph("Share your data with us")) != ""


def test_the_words_decide_and_neither_kind_nor_drawn_marker():
    item = Block(BlockKind.ITEM, "We keep logs.", level=2, marker="(a)", section=("Data",))

    assert key(item) == key(paragraph("We keep logs"))


def test_the_fingerprint_follows_words_and_not_where_paragraphs_break():
    whole = (paragraph("We keep logs. We delete them."),)
    broken = (paragraph("We keep logs."), paragraph("We delete them."))
    other = (paragraph("We keep logs."), paragraph("We sell them."))

    assert fingerprint(whole) == fingerprint(broken) != fingerprint(other)
    assert len(fingerprint(())) == 64


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("3.2 retention", "3.2"),
        ("(b) retention", "b"),
        ("iv. retention", "iv"),
        ("section 4: retention", "section 4"),
        ("第三条 数据", "第三条"),
        ("1. retention", "1"),
        ("30 days of retention", ""),
        ("a retention period", ""),
        ("i keep it", ""),
    ],
)
def test_a_clause_number_is_told_from_words(words, said):
    assert number(words) == said
    assert without_number(words).endswith(words[-2:])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["Terms", "Effective: August 28, 2025"], date(2025, 8, 28)),
        (["Last updated 1 May 2024", "Effective date", "1 June 2024"], date(2024, 6, 1)),
        (["生效日期：2025年8月28日"], date(2025, 8, 28)),
        (["本政策自2025年8月28日起生效"], date(2025, 8, 28)),
        (["En vigueur à compter du 28 août 2025"], date(2025, 8, 28)),
        (["Gültig ab: 28.08.2025"], date(2025, 8, 28)),
        (["Last updated: August 28, 2025"], None),
        (["An effective means of deletion, since 2019"], None),
        ([], None),
    ],
)
def test_the_effective_date_is_found_where_the_text_states_one(texts, expected):
    assert effective_date(tuple(map(paragraph, texts))) == expected


def test_a_long_document_is_normalised_in_time():
    text = "We may keep the things that you send, e.g. inputs (and outputs), for 30 days – see Section 3.2. "
    blocks = [paragraph(f"{n} {text * 4}") for n in range(800)]
    started = time.process_time()

    fingerprint(tuple(blocks))

    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "cue",
    [
        *(
            "Effective",
            "In effect since",
            "Comes into effect on",
            "Takes effect",
            "IN FORCE FROM",
            "En vigueur le",
        ),
        *(
            "Entry into force:",
            "Prise d’effet le",
            "Gültig ab",
            "Wirksam zum",
            "In Kraft seit",
            "Inkrafttreten",
        ),
        *("En vigor desde el", "Vigente desde", "Entrada en vigor:", "Início da vigência:", "Decorrenza"),
    ],
)
def test_a_text_says_in_many_words_from_when_it_holds(cue):
    blocks = (Block(BlockKind.PARAGRAPH, f"{cue} 2025-05-01"),)

    assert effective_date(blocks) == date(2025, 5, 1)
