"""Reading a version after others of its document gives what reading it alone gives, in whatever order."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor import evidence, extract
from monitor.extract.plain import read_markdown
from monitor.model import Capture
from monitor.statements.heard import heading_above
from monitor.statements.rules import Rules, load_rules
from monitor.statements.texts import statements
from tests.conftest import FIXTURES

WARM = load_rules()
CASES = Path(__file__).parent / "statements"


def anew():
    """Rules that have read nothing yet: what was read is remembered for the very same rules alone."""
    return Rules(WARM.topics)


def wordings():
    """Pieces of texts that take positions, with the lists, tables and questions they take them in."""
    for path in sorted(CASES.glob("texts*.toml")):
        file = tomllib.loads(path.read_text(encoding="utf-8"))
        cases = [table["cases"] for kinds in file.values() for table in kinds.values() if "cases" in table]
        yield from dict.fromkeys(side for pairs in cases for pair in pairs for side in pair if side)


LEANING = (
    "This includes your prompts and files.",
    "The same applies to business customers.",
    "It is kept for 30 days.",
    "Then we delete them.",
    "These include the chats of free users.",
    "This does not apply to enterprise customers.",
    "“Your Materials” means your prompts and outputs.",
    "We use Your Materials to train our models.",
    "“Your Materials” means the name of your account.",
    "Do we train on your files?",
    "No, unless you opt in.",
    "Yes.",
    "For example, we do so with:\n\n- your voice recordings;\n- what you upload.",
    "We may use it to:\n\n1. train our models;\n2. keep it for 90 days.",
)
HEADINGS = ("Fees", "Training", "18 Children", "Retention of your data", "What we never use for training", "")

piece = st.one_of(st.sampled_from(LEANING), st.sampled_from(tuple(wordings())))
section = st.tuples(st.sampled_from(HEADINGS), st.lists(piece, min_size=1, max_size=4))
text = st.lists(section, min_size=1, max_size=4)


def blocks(sections, first=1):
    """A text with its headings counted from `first` on."""
    parts = [
        part
        for number, (heading, pieces) in enumerate(sections, first)
        for part in ((f"## {number}. {heading}" if heading else "## The rest"), *pieces)
    ]
    return read_markdown("\n\n".join(parts)).blocks


@st.composite
def histories(draw):
    """A text and what became of it: pieces and sections that came, went, changed or moved."""
    sections = draw(text)
    versions = [sections]
    for _ in range(draw(st.integers(1, 4))):
        sections = [(heading, list(pieces)) for heading, pieces in sections]
        _, pieces = sections[draw(st.integers(0, len(sections) - 1))]
        at = draw(st.integers(0, len(pieces)))
        what = draw(st.sampled_from(("insert", "replace", "move", "insert section", "move section")))
        if what.endswith("section"):
            moved = sections.pop() if what == "move section" else draw(section)
            sections.insert(draw(st.integers(0, len(sections))), moved)
        elif what == "insert":
            pieces.insert(at, draw(piece))
        elif what == "replace":
            pieces[at : at + 1] = [draw(piece)]
        else:
            pieces[at:] = reversed(pieces[at:])
        versions.append(sections)
    return versions


@settings(max_examples=40)
@given(histories())
def test_a_version_says_the_same_whatever_was_read_before_it(versions):
    for sections in versions:
        found = blocks(sections)
        assert statements(found, WARM) == statements(found, anew())


@settings(max_examples=40)
@given(text, st.integers(2, 130))
def test_the_number_of_a_heading_is_heard_only_by_rules_that_know_it(sections, first):
    class Knowing(Rules):
        def know(self, word):
            return bool(word)

    for found in (blocks(sections), blocks(sections, first)):
        assert statements(found, WARM) == statements(found, Knowing(WARM.topics))


@pytest.mark.parametrize(
    ("heading", "read_as"),
    [
        ("4.2 Fees", "0.0 Fees"),
        ("(3) Fees", "(0) Fees"),
        ("18 or older", "18 or older"),
        ("3rd parties", "3rd parties"),
        ("Article 6", "Article 6"),
        ("30-day trial", "30-day trial"),
    ],
)
def test_a_heading_loses_the_number_that_counts_it_and_no_other(heading, read_as):
    assert heading_above(("Terms", heading), WARM) == (read_as,)
    assert heading_above((), WARM) == ()


@pytest.mark.parametrize(
    "versions",
    [
        pytest.param(
            [
                f"We {word} train our models on your chats.\n\nFees are due.\n\nThe same applies to {whom}."
                for word in ("may", "never")
                for whom in ("business customers", "free users")
            ],
            id="what was stated before",
        ),
        pytest.param(
            [
                f"We {word}:\n\n- sell seats;\n- train our models on your chats."
                for word in ("may", "will not")
            ],
            id="what introduces a list",
        ),
        pytest.param(
            [
                "Setting: Training on your chats; Default: No",
                "| Setting | Default |\n|---|---|\n| Training on your chats | No |",
            ],
            id="a row or a paragraph",
        ),
        pytest.param(
            [
                f"Fees\n\nWe train our models on your chats{rest}"
                for rest in ("", "\n\n## We train our models on your chats\n\nYes.")
            ],
            id="a heading's words in a list of contents",
        ),
        pytest.param(
            [f"Do you {what} my files?\n\nNo, never." for what in ("train on", "delete")], id="what is asked"
        ),
        pytest.param(
            [f"We may store {what}. We use it to train our models." for what in ("your chats", "cookies")],
            id="what a pronoun stands for",
        ),
    ],
)
def test_an_equal_sentence_among_others_is_read_anew(versions):
    told = [statements(read_markdown(text).blocks, WARM) for text in versions]

    assert told == [statements(read_markdown(text).blocks, anew()) for text in versions]
    assert len(set(told)) == len(versions)


def test_a_statement_stands_where_its_sentence_stands_in_this_version():
    kept = ("Retention", ["We keep your prompts for 30 days."])
    first, second = (
        statements(blocks(sections), WARM)[-1] for sections in ([kept], [("Fees", ["You pay."]), kept])
    )

    assert (first.section, second.section) == (("1. Retention",), ("2. Retention",))
    assert second.block == first.block + 2


@pytest.mark.parametrize("folder", sorted(path.name for path in FIXTURES.iterdir()))
def test_pages_say_the_same_read_alone_and_after_all_others(folder, at):
    for path in sorted((FIXTURES / folder).rglob("*.html")):
        capture = Capture(
            url=f"https://{folder}.example/terms",
            final_url=f"https://{folder}.example/terms",
            status=200,
            headers=(("content-type", "text/html; charset=utf-8"),),
            body=path.read_bytes(),
            at=at,
        )
        found = extract.read(capture).blocks
        assert evidence.read("", found, WARM) == evidence.read("", found, anew()), path
