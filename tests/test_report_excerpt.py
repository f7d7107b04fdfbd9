"""Marked words, shortened."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Block, BlockKind, Clause, ClauseKind, Mark
from monitor.report import excerpt
from monitor.report.excerpt import Words
from tests.report_samples import words

TEXTS = st.text(st.sampled_from("ab字 \u0301\n🙂"), max_size=400)
WORDS = st.lists(st.tuples(st.sampled_from(list(Mark)), TEXTS), max_size=12).map(tuple)


def marks(marked: Words) -> list[tuple[Mark, str]]:
    return [(mark, text) for mark, text in marked if mark is not Mark.SAME]


@settings(deadline=None)
@given(WORDS)
def test_shortening_never_loses_a_marked_word(marked):
    tidy = excerpt.tidy(marked)
    assert marks(excerpt.shorten(tidy, 20)) == marks(tidy)


@settings(deadline=None)
@given(WORDS)
def test_abridging_keeps_every_marked_place(marked):
    tidy = excerpt.tidy(marked)
    assert [mark for mark, _ in marks(excerpt.abridge(tidy, 20))] == [mark for mark, _ in marks(tidy)]


@settings(deadline=None)
@given(WORDS)
def test_tidying_keeps_every_character_that_is_not_space(marked):
    def letters(pieces: Words, mark: Mark) -> str:
        return "".join("".join(text.split()) for one, text in pieces if one is mark)

    for mark in Mark:
        assert letters(excerpt.tidy(marked), mark) == letters(marked, mark)


@settings(deadline=None)
@given(WORDS)
def test_tidying_twice_is_tidying_once(marked):
    once = excerpt.tidy(marked)
    assert excerpt.tidy(once) == once


def test_space_that_both_words_end_with_stands_outside_the_marks():
    assert excerpt.tidy(words("kept [-30 -]{+90 +}days")) == words("kept [-30-]{+90+} days")


def test_space_beside_a_lone_mark_stands_outside_it():
    assert excerpt.tidy(words("will [-not -]use it")) == words("will [-not-] use it")


@pytest.mark.parametrize(
    ("raw", "before"),
    [
        ("our models{+ unless you opt out+}.", "our models."),
        ("our models{+ unless you opt out.+}", "our models"),
        ("your prompts{+ or files+}, and answers", "your prompts, and answers"),
        ("keep it{+ for long+} (or not)", "keep it (or not)"),
        ("nos modèles{+ et produits+} : aucun", "nos modèles : aucun"),
    ],
)
def test_a_side_has_no_space_that_only_the_other_one_has(raw, before):
    assert excerpt.plain(excerpt.side(excerpt.tidy(words(raw)), Mark.REMOVED)) == before


def test_text_far_from_a_mark_is_cut_between_words_with_an_ellipsis():
    before = " ".join(f"word{number}" for number in range(20))

    shortened = excerpt.shorten(words(f"{before} [-x-]{{+y+}}"), 10)

    assert shortened == words("… word18 word19 [-x-]{+y+}")


def test_text_between_two_marks_is_cut_in_the_middle():
    between = " ".join(["word"] * 40)
    shortened = excerpt.shorten(words(f"[-x-] {between} [-y-]"), 10)

    assert shortened == words("[-x-] word word … word word [-y-]")


def test_a_long_added_clause_is_cut_only_where_it_is_told_in_brief():
    added = words("{+" + "word " * 100 + "end+}")

    assert excerpt.shorten(added, 10) == added
    assert excerpt.plain(excerpt.abridge(added, 40)) == "word word word word word … word word word word end"


def test_a_clause_without_marks_shows_its_whole_text_as_removed_and_added():
    before, after = (Block(BlockKind.PARAGRAPH, text) for text in ("Old text.", "New text."))

    assert excerpt.marked(Clause(ClauseKind.EDITED, before, after)) == words("[-Old text.-]{+New text.+}")


def test_a_moved_clause_shows_its_text_unmarked():
    block = Block(BlockKind.PARAGRAPH, "The same text.")

    assert excerpt.marked(Clause(ClauseKind.MOVED, block, block)) == ((Mark.SAME, "The same text."),)


def test_a_rewritten_clause_is_interwoven_and_one_changed_number_is_not():
    rewritten = words("[-a-]{+b+} file [-that-]{+which+} is [-erased-]{+kept+} [-now-]{+later+}")

    assert excerpt.interwoven(rewritten)
    assert not excerpt.interwoven(words("kept for [-30-]{+90+} days"))
