"""What differs between two versions, and what is only layout."""

from __future__ import annotations

import time
from collections import Counter
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.diff import apply, diff
from monitor.extract.plain import read_markdown, row, with_sections
from monitor.model import Block, BlockKind, ClauseKind, Mark
from monitor.normal import key, normal
from monitor.words import mark, tokens

ADDED, EDITED, MOVED = ClauseKind.ADDED, ClauseKind.EDITED, ClauseKind.MOVED
REMOVED, RENUMBERED = ClauseKind.REMOVED, ClauseKind.RENUMBERED

POLICY = """# Data policy

Effective: May 1, 2025

We keep the inputs that you send to the service for 30 days and then delete them.

We may share reports with our auditors when the law of your country asks us to do so.

## Choices

You can switch off the use of your conversations in the settings of your account.

We do not use for improvement:

- Team workspaces
- Enterprise workspaces
- Education workspaces

## Contact

Write to privacy@service.example with any question about this policy.
"""


def blocks(markdown):
    return read_markdown(markdown).blocks


def compared(old, new):
    return [(clause.kind, clause.alters) for clause in diff(blocks(old), blocks(new))]


def marked(clause):
    notes = {Mark.SAME: "{}", Mark.REMOVED: "[-{}-]", Mark.ADDED: "{{+{}+}}"}
    return "".join(notes[kind].format(text) for kind, text in clause.words)


# --- what changed ------------------------------------------------------------------------------


def test_an_edited_clause_shows_the_words_that_differ_and_its_section():
    (clause,) = diff(blocks(POLICY), blocks(POLICY.replace("switch off", "no longer switch off")))

    assert clause.kind is EDITED
    assert clause.section == ("Data policy", "Choices")
    assert marked(clause).startswith("You can {+no longer +}switch off the use")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("30 days", "90 days"),
        ("May 1, 2025", "May 2, 2025"),
        ("can switch", "cannot switch"),
        ("- Enterprise workspaces\n", ""),
        ("- Education workspaces", "- Education workspaces\n- Free accounts"),
        ("## Choices", "## Choices of businesses"),
        ("privacy@service.example", "legal@service.example"),
        ("Team workspaces", "Terms workspaces"),
    ],
)
def test_one_edit_anywhere_is_one_clause_that_alters(old, new):
    assert [alters for _, alters in compared(POLICY, POLICY.replace(old, new))] == [True]


def test_clauses_come_in_reading_order_with_removed_ones_where_they_stood():
    old = "Alpha says.\n\nBeta speaks.\n\nGamma tells.\n\nDelta ends."
    new = "New one opens.\n\nAlpha says.\n\nGamma tells.\n\nAnother closes it.\n\nDelta ends."

    found = [(clause.kind, clause.before_at, clause.after_at) for clause in diff(blocks(old), blocks(new))]

    assert found == [(ADDED, None, 0), (REMOVED, 1, None), (ADDED, None, 3)]


def test_a_paragraph_that_gained_sentences_is_edited_and_not_replaced():
    more = (
        "we do so. In that case we tell you first. You may object. We then wait for an answer of the court."
    )

    (clause,) = diff(blocks(POLICY), blocks(POLICY.replace("us to do so.", more)))

    assert clause.kind is EDITED
    assert clause.words[0][0] is Mark.SAME


def test_a_table_row_is_compared_as_a_whole():
    table = "| Data | Kept |\n|---|---|\n| Logs | 30 days |\n| Files | 90 days |"

    (clause,) = diff(blocks(table), blocks(table.replace("30 days", "60 days")))

    assert marked(clause) == "Logs | [-30-]{+60+} days"


# --- moved and renumbered ----------------------------------------------------------------------


def test_a_moved_section_is_moved_and_alters_nothing():
    head, choices = POLICY.split("## Choices")
    choices, contact = choices.split("## Contact")

    found = compared(POLICY, f"{head}## Contact{contact}\n## Choices{choices}")

    assert {kind for kind, _ in found} == {MOVED}
    assert not any(alters for _, alters in found)


def test_a_list_in_another_order_alters_nothing():
    shuffled = POLICY.replace("- Team workspaces\n- Enterprise", "- Enterprise").replace(
        "- Education workspaces", "- Education workspaces\n- Team workspaces"
    )

    assert compared(POLICY, shuffled) == [(MOVED, False)]


def test_an_item_that_went_to_another_list_alters():
    old = "We train on:\n\n- free chats\n- shared links\n\nWe never train on:\n\n- team chats\n- files"
    new = "We train on:\n\n- free chats\n- shared links\n- team chats\n\nWe never train on:\n\n- files"

    assert sorted(compared(old, new)) == [(ADDED, True), (REMOVED, True)]


def test_a_heading_that_now_stands_over_other_words_alters():
    old = "## Consumers\n\nNo.\n\nChats may be used for training.\n\n## Businesses\n\nFiles are kept."
    new = "## Consumers\n\nNo.\n\n## Businesses\n\nChats may be used for training.\n\nFiles are kept."

    assert any(alters for _, alters in compared(old, new))


def test_a_moved_and_edited_clause_shows_its_words():
    fees = "The first clause speaks about fees."
    upload = "We delete what you upload within thirty days after you close it."
    old = f"{fees}\n\n{upload}\n\n{POLICY}"
    new = f"{POLICY}\n\n## End\n\n{fees}\n\n{upload.replace('thirty', 'ninety')}"

    clauses = [clause for clause in diff(blocks(old), blocks(new)) if clause.alters]

    (moved,) = [clause for clause in clauses if clause.kind is MOVED]
    assert "[-thirty-]{+ninety+} days" in marked(moved)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3\\.2 We keep your logs.", "3\\.3 We keep your logs."),
        ("(a) We keep your logs.", "(b) We keep your logs."),
        ("Section 4: We keep your logs.", "Section 5: We keep your logs."),
        ("第三条 我们保留您的数据。", "第四条 我们保留您的数据。"),
        ("3. We keep your logs.", "4. We keep your logs."),
        ("3. We keep your logs.", "c\\. We keep your logs."),
    ],
)
def test_a_clause_with_another_number_is_renumbered(old, new):
    assert compared(old, new) == [(RENUMBERED, False)]


def test_a_number_that_counts_is_no_clause_number():
    assert compared("30 days after closing.", "90 days after closing.") == [(EDITED, True)]


# --- layout ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("We keep logs.\n\nWe delete files.", "We keep logs. We delete files."),
        ("We keep logs. We delete\n\nfiles.", "We keep\n\nlogs. We delete files."),
        ("(a) your use; (b) the content.", "(a) your use;\n\n(b) the content."),
        ("We keep logs.", "## We keep logs"),
        ("We keep logs.", "- We keep logs;"),
        ("1. We keep logs.", "- We keep logs."),
        ("1\\. We keep logs.", "1. We keep logs."),
        ("We keep logs.\n\nSelect language", "We keep logs."),
        ("# Terms of Use\n\nWe keep logs.", "# Terms of Use - Example AI\n\nWe keep logs."),
        ("# Terms of Use\n\nWe keep logs.", "Terms of Use | Example AI\n\n# Terms of Use\n\nWe keep logs."),
        ("Write to [email protected] now.", "Write to help@service.example now."),
        ("UpdatedMay 1, 2025\n\nText here.", "Updated: 2025-05-01\n\nText here."),
        ("Our organisation has a data centre.", "Our organization has a data center."),
    ],
)
def test_layout_is_no_difference(old, new):
    assert compared(old, new) == []
    assert compared(new, old) == []


def test_a_real_edit_is_seen_beside_hidden_addresses():
    old = "Write to [email protected] first.\n\nThen to legal@service.example again."
    new = "Write to help@service.example first.\n\nThen to privacy@service.example again."

    assert compared(old, new) == [(EDITED, True)]


def test_a_paragraph_split_in_two_with_an_edit_shows_the_edit_alone():
    first, second = "We keep what you send for a month.", "We show it to people who review it for safety."
    edited = second.replace("people", "partners")

    (clause,) = diff(
        blocks(f"{first} {second} {first[:-1]} each."), blocks(f"{first}\n\n{edited} {first[:-1]} each.")
    )

    assert "[-people-]{+partners+}" in marked(clause)


def test_a_page_that_holds_its_text_twice_says_nothing_new():
    assert compared(POLICY, POLICY + POLICY) == []
    assert compared(POLICY + POLICY, POLICY) == []


def test_a_table_of_contents_says_nothing_new():
    names = ["What we keep", "What we share", "What you choose", "Whom you ask", "When this changes"]
    policy = "# Policy\n\n" + "".join(
        f"## {n}. {name}\n\nHere we say more on {name}.\n\n" for n, name in enumerate(names, 1)
    )
    contents = "# Policy\n\n" + "".join(f"- {name}\n" for name in names) + policy.removeprefix("# Policy")

    assert compared(policy, contents) == compared(contents, policy) == []
    assert compared(policy, contents.replace("- What you choose\n", "- What you lose\n")) != []


# --- properties --------------------------------------------------------------------------------

word = st.sampled_from(
    "we may not keep your data for 30 days unless delete train models people opt out API 我们 保留".split()
)
sentence = st.lists(word, min_size=1, max_size=9).map(lambda words: " ".join(words).capitalize() + ".")
block = st.one_of(
    st.builds(Block, st.just(BlockKind.PARAGRAPH), sentence),
    st.builds(Block, st.just(BlockKind.HEADING), sentence, level=st.integers(1, 3)),
    st.builds(
        Block,
        st.just(BlockKind.ITEM),
        sentence,
        level=st.integers(1, 2),
        marker=st.sampled_from(["•", "1.", "2."]),
    ),
    st.lists(sentence, min_size=1, max_size=2).map(row),
)
document = st.lists(block, max_size=12).map(with_sections)


@given(document)
def test_equal_versions_differ_in_nothing(version):
    assert diff(version, version) == ()


# One word a block: then no two blocks of one version can be a broken paragraph of the other.
names = st.lists(st.integers(0, 12), max_size=14).map(
    lambda numbers: tuple(Block(BlockKind.PARAGRAPH, f"Clause{n} says what clause{n} says.") for n in numbers)
)


@given(names, names)
def test_applying_the_difference_to_the_old_version_gives_the_new_one(before, after):
    assert apply(before, diff(before, after)) == tuple(map(key, after))


def said(version):
    return Counter("".join(map(key, version)).replace(" ", ""))  # a block that was split loses a space


@given(document, document)
@settings(max_examples=300)
def test_where_no_clause_alters_the_words_are_the_same(before, after):
    titles = [version[:1] for version in (before, after)]
    clauses = diff(before, after)

    if not any(clause.alters for clause in clauses) and titles[0] == titles[1]:
        assert said(before) == said(after)


@given(document, st.data())
def test_a_changed_word_in_any_block_is_never_missed(version, data):
    if len(version) < 2:
        return
    at = data.draw(st.integers(1, len(version) - 1))
    words = version[at].text.split()
    place = data.draw(st.integers(0, len(words) - 1))
    words[place] = "zzz"
    edited = (
        *version[:at],
        Block(version[at].kind, " ".join(words), level=version[at].level),
        *version[at + 1 :],
    )

    assert any(clause.alters for clause in diff(version, edited))


@given(document, document)
def test_clauses_name_their_blocks_in_reading_order(before, after):
    clauses = diff(before, after)

    assert all(before[c.before_at].kind is c.before.kind for c in clauses if c.before)
    assert all(after[c.after_at].kind is c.after.kind for c in clauses if c.after)
    places = [clause.after_at for clause in clauses if clause.after_at is not None]
    assert all(one <= other for one, other in pairwise(places))


# --- words -------------------------------------------------------------------------------------


@given(st.text(max_size=60), st.text(max_size=60))
def test_marked_words_join_to_both_texts(before, after):
    words = mark(before, after)

    assert "".join(text for kind, text in words if kind is not Mark.REMOVED) == after
    assert normal("".join(text for kind, text in words if kind is not Mark.ADDED)) == normal(before)


latin = st.lists(
    st.sampled_from(["data", "database", "don't", "30", "300", "1,000", "naïve", "नमस्ते", "שלום"]), max_size=12
)


@given(latin, latin)
def test_no_word_is_cut(before, after):
    whole = {*before, *after}

    for kind, text in mark(" ".join(before), " ".join(after)):
        assert whole.issuperset(text.split()), (kind, text)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("keep 30 days", "keep 300 days", "keep [-30-]{+300+} days"),
        ("我们保留三十天", "我们保留九十天", "我们保留[-三-]{+九-}十天".replace("九-", "九+")),
        ("ok 👩‍💻 🇫🇷 done", "ok 👩‍🔬 🇫🇷 done", "ok [-👩‍💻-]{+👩‍🔬+} 🇫🇷 done"),
        ("אנו שומרים נתונים", "אנו מוחקים נתונים", "אנו [-שומרים-]{+מוחקים+} נתונים"),
        ("from “May 1, 2025” on", 'from "2025-05-01" off', 'from "2025-05-01" [-on-]{+off+}'),
        ("Use it", "use IT", "use IT"),
        ("𠀀𠀁 kept", "𠀀𠀂 kept", "[-𠀀𠀁-]{+𠀀𠀂+} kept"),
    ],
)
def test_words_are_marked_in_every_script(before, after, expected):
    class Shown:
        words = mark(before, after)

    assert marked(Shown) == expected


def test_more_words_than_characters_of_their_class_are_still_right():
    before = " ".join(f"w{n}" for n in range(90_000))
    after = before.replace("w44444 ", "changed ")

    words = mark(before, after)

    assert [text for kind, text in words if kind is not Mark.SAME] == ["w44444", "changed"]


def test_tokens_join_to_their_text():
    text = "On 28 août 2025, a@b.example kept 1,000 « files » — 我们’s 👩‍💻\u200b."

    assert "".join(word for word, _ in tokens(text)) == text


# --- size --------------------------------------------------------------------------------------


def paragraphs(count, length, prefix):
    choose = Random(7)
    texts = (" ".join(f"{prefix}{choose.randrange(9000)}" for _ in range(length)) for _ in range(count))
    return tuple(Block(BlockKind.PARAGRAPH, text) for text in texts)


def edited(version, every):
    return tuple(
        Block(BlockKind.PARAGRAPH, b.text.replace(" ", " not ", 1)) if at % every == 0 else b
        for at, b in enumerate(version)
    )


LARGE = paragraphs(2000, 80, "w")
ONE_LINE = (Block(BlockKind.PARAGRAPH, " ".join(b.text + "." for b in LARGE)),)


@pytest.mark.parametrize(
    ("before", "after", "seconds"),
    [
        (LARGE, paragraphs(2000, 80, "v"), 6),
        (LARGE, edited(LARGE, 200), 1),
        (ONE_LINE, (Block(BlockKind.PARAGRAPH, ONE_LINE[0].text.replace(" w77", " v77")),), 6),
        (LARGE[:200], tuple(Random(3).sample(LARGE[:200], 200)), 1),
        (tuple(Random(4).choices(LARGE[:5], k=9000)), tuple(Random(5).choices(LARGE[:5], k=9000)), 8),
    ],
    ids=["nothing shared", "ten clauses", "one line", "shuffled", "five paragraphs over and over"],
)
def test_a_large_document_is_compared_in_time(before, after, seconds):
    started = time.process_time()

    assert diff(before, after)

    assert time.process_time() - started < seconds


def test_the_same_pair_gives_the_same_difference_each_time():
    new = edited(LARGE[:100], 3)

    assert diff(LARGE[:100], new) == diff(LARGE[:100], new)
