"""Markdown and plain text as blocks, and back."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.extract.plain import decode, read_markdown, read_text, row, to_markdown, with_sections
from monitor.model import Block, BlockKind, Link

HEADING, PARAGRAPH, ITEM, ROW = BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW


def shape(page):
    return [(block.kind.value, block.level, block.marker, block.text) for block in page.blocks]


def texts(markdown):
    return [block.text for block in read_markdown(markdown).blocks]


# --- bytes -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "declared", "text"),
    [
        ("Datenschutz für alle".encode(), "", "Datenschutz für alle"),
        ("Datenschutz für alle".encode(), "iso-8859-1", "Datenschutz für alle"),
        ("Datenschutz für alle".encode("cp1252"), "ISO-8859-1", "Datenschutz für alle"),
        ("\ufeffTerms".encode(), "", "Terms"),
        ("Terms “here”".encode("utf-16"), "utf-8", "Terms “here”"),
        ("Terms of use".encode("utf-16-be"), "", "Terms of use"),
        ("我们保留数据".encode("gb18030"), "gb2312", "我们保留数据"),
        ("利用規約".encode("iso2022_jp"), "iso-2022-jp", "利用規約"),
        ("<meta charset=gbk>我们不会训练模型".encode("gbk"), "", "<meta charset=gbk>我们不会训练模型"),
        (b"plain", "no-such-charset", "plain"),
    ],
)
def test_bytes_are_read_in_the_charset_that_they_are_written_in(body, declared, text):
    assert decode(body, declared) == text


CHINESE = "我们不会将您的内容用于训练模型，除非您同意。"
JAPANESE = "当社は、お客様が入力した内容を学習に使用しません。"


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        (CHINESE, "gb18030"),
        ("我們不會將您的內容用於訓練模型，除非您同意。", "big5"),
        (JAPANESE, "cp932"),
        (JAPANESE, "euc_jp"),
        (JAPANESE, "iso2022_jp"),
        ("당사는 이용자의 내용을 학습에 사용하지 않으며 삭제합니다.", "cp949"),
        ("Мы не используем ваши сообщения для обучения моделей.", "cp1251"),
        ("Wir löschen „alles“ nach dreißig Tagen – für immer.", "cp1252"),
    ],
)
@pytest.mark.parametrize("declared", ["", "iso-8859-1"])
def test_text_without_a_charset_or_with_the_servers_own_is_recognised_by_its_letters(text, charset, declared):
    assert decode(text.encode(charset), declared) == text


def test_a_broken_byte_does_not_change_the_charset_of_the_rest():
    body = f"{CHINESE}".encode()

    assert decode(body + b"\xe6\x88") == f"{CHINESE}\ufffd"
    assert decode(body[:30] + b"\xff" + body[30:]) == f"{CHINESE[:10]}\ufffd{CHINESE[10:]}"


@given(
    st.binary(max_size=400), st.sampled_from(["", "utf-8", "gbk", "utf-16", "hex", "rot13", "unicode_escape"])
)
def test_any_bytes_decode_to_text_that_can_be_written_again(body, declared):
    decode(body, declared).encode()


def test_an_escaped_half_of_a_character_never_reaches_the_text():
    assert decode("a😀b".encode("utf-16-le")[:4] + "b".encode("utf-16-le"), "utf-16-le").encode()


# --- Markdown ----------------------------------------------------------------------------------


def test_headings_in_both_notations_give_the_blocks_below_their_section():
    page = read_markdown(
        "Terms\n=====\n\nPrivacy\n-------\n\n### Keeping ###\n\nWe keep it.\n\n## Contact\n\nWrite."
    )

    assert page.title == "Terms"
    assert [block.section for block in page.blocks] == [
        (),
        ("Terms",),
        ("Terms", "Privacy"),
        ("Terms", "Privacy", "Keeping"),
        ("Terms",),
        ("Terms", "Contact"),
    ]


def test_lines_broken_by_their_width_are_one_paragraph():
    assert texts("We keep your\ndata for\n30 days.\n\nThen not.") == [
        "We keep your data for 30 days.",
        "Then not.",
    ]


def test_nested_lists_have_their_depth_and_drawn_markers():
    page = read_markdown("1.  One\n    *   Inner\n        - Deep\n2.  Two\n\n- Bullet")

    assert shape(page) == [
        ("item", 1, "1.", "One"),
        ("item", 2, "•", "Inner"),
        ("item", 3, "•", "Deep"),
        ("item", 1, "2.", "Two"),
        ("item", 1, "•", "Bullet"),
    ]


def test_a_number_that_was_typed_stays_in_the_text():
    assert shape(read_markdown("3\\. Retention\n\n2.1 Use")) == [
        ("paragraph", 0, "", "3. Retention"),
        ("paragraph", 0, "", "2.1 Use"),
    ]


def test_a_table_is_rows_under_their_headers():
    page = read_markdown("| Data | Kept |\n|---|---|\n| Logs | **30** days |\n| Files \\| notes | |")

    assert [(block.cells, block.headers) for block in page.blocks] == [
        (("Data", "Kept"), ()),
        (("Logs", "30 days"), ("Data", "Kept")),
        (("Files | notes", ""), ("Data", "Kept")),
    ]
    assert page.blocks[1].text == "Logs | 30 days"


def test_markup_is_dropped_and_its_words_are_kept():
    link = '[our *policy*](https://a.example/p "t")![x](y.png)'
    markdown = f"We **may *not*** use `API` <b>inputs</b>,&nbsp;see {link}<!-- no -->."

    page = read_markdown(markdown)

    assert page.blocks[0].text == "We may not use API inputs, see our policy."
    assert page.links == (Link("our policy", "https://a.example/p"),)


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("---\ntitle: Terms\ndate: 2025-01-01\n---\n\nText.", ["Text."]),
        ("---\n\nText.\n\n* * *\n\nMore.", ["Text.", "More."]),
        ("> Quoted\n> words.", ["Quoted words."]),
        ("```\nin a fence\n```", ["in a fence"]),
        ("<div>\n<script>no()</script>\n<p>Seen <i>too</i></p>\n</div>", ["Seen too"]),
        ("<!-- a\n\ncomment -->\n\nText", ["Text"]),
        ("line one<br>line two", ["line one line two"]),
        ("5 \\* 3 \\_x\\_ a_b_c", ["5 * 3 _x_ a_b_c"]),
        ("", []),
    ],
)
def test_what_is_not_text_of_the_document_is_left_out(markdown, expected):
    assert texts(markdown) == expected


# Texts as a reader sees them: white space collapsed, no control characters.
seen = (
    st.text(
        st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
        | st.sampled_from("*_`[]()<>#-+.|!&;~1a \\="),
        max_size=40,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(lambda text: text.strip(" |"))
)
blocks = st.lists(
    st.one_of(
        st.builds(Block, st.just(HEADING), seen, level=st.integers(1, 6)),
        st.builds(Block, st.just(PARAGRAPH), seen),
        st.builds(
            Block,
            st.just(ITEM),
            seen,
            level=st.integers(1, 4),
            marker=st.sampled_from(["•", "1.", "7)", "(a)"]),
        ),
        st.lists(seen, min_size=1, max_size=3).map(row),
    ),
    max_size=8,
).map(with_sections)


@given(blocks)
def test_blocks_printed_as_markdown_are_read_back_the_same(given_blocks):
    again = read_markdown(to_markdown(given_blocks)).blocks

    assert [(b.kind, b.text, b.section, b.level, b.cells) for b in again] == [
        (b.kind, b.text, b.section, b.level, b.cells) for b in given_blocks
    ]


def test_a_table_is_printed_with_its_headers():
    head = row(["Data", "Kept"])
    printed = to_markdown((head, row(["Logs", "30 days"], head.cells)))

    assert printed == "| Data | Kept |\n| --- | --- |\n| Logs | 30 days |\n"


def test_only_what_would_be_read_as_markup_is_escaped():
    blocks = (Block(PARAGRAPH, "3.2 snake_case & 5 * 3 [x]"), Block(PARAGRAPH, "4. *not* a list"))

    assert to_markdown(blocks) == "3.2 snake_case & 5 * 3 [x]\n\n4\\. \\*not\\* a list\n"


@pytest.mark.parametrize(
    "hostile", ["[", "*a ", "`a", ">", "- ", "_a __b", "<!-- ", "<a ", "[a](b", "![[]()", "&#", "~~a"]
)
def test_hostile_repetition_is_read_in_time(hostile):
    started = time.process_time()

    read_markdown(hostile * (20_000 // len(hostile)))

    assert time.process_time() - started < 3


# --- plain text --------------------------------------------------------------------------------


def test_plain_text_is_read_by_its_layout():
    text = (
        "TERMS OF USE\n\nWhat we keep\n------------\n\n"
        "We keep the things that you send to us for as long as thirty days and\nthen we delete them.\n\n"
        "* logs\n* files\n\n1. First rule\n2. Second rule\n"
    )

    assert shape(read_text(text)) == [
        ("heading", 2, "", "TERMS OF USE"),
        ("heading", 2, "", "What we keep"),
        (
            "paragraph",
            0,
            "",
            "We keep the things that you send to us for as long as thirty days and then we delete them.",
        ),
        ("item", 1, "•", "logs"),
        ("item", 1, "•", "files"),
        ("paragraph", 0, "", "1. First rule"),
        ("paragraph", 0, "", "2. Second rule"),
    ]


def test_a_text_with_a_paragraph_a_line_is_not_joined():
    lines = ["We may keep what you send to us. " * 6, "We do not train models on any of it. " * 5]

    assert [block.text for block in read_text("\n".join(lines)).blocks] == [line.strip() for line in lines]


@given(st.text(max_size=300))
def test_no_word_of_a_plain_text_is_lost(text):
    joined = "".join(block.text for block in read_text(text).blocks)

    assert [c for c in text if c.isalnum()] == [c for c in joined if c.isalnum()] or "o  " in text
