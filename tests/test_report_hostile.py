"""Whatever a page says stays text: no format lets it act on the reader's terminal, page or mail."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from monitor.report import CHANGES, CLAIMS, FORMATS, SHOW, STATUS, terminal
from monitor.report.markdown import escape
from monitor.report.wording import visible
from tests import report_samples as samples

EVERY = {"report": FORMATS, "show": SHOW, "status": STATUS, "claims": CLAIMS, "changes": CHANGES}
PAGES = [
    samples.full_report,
    samples.quiet_report,
    samples.first_report,
    samples.hostile_report,
    samples.remarked_report,
]
VOID = {"meta", "br"}


class Structure(HTMLParser):
    """Reads a page strictly: notes its elements, and each end tag must close the last one opened."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.headings: list[int] = []

    def handle_starttag(self, tag, attrs):
        self.elements.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"


def read(page: str) -> Structure:
    structure = Structure()
    structure.feed(page)
    structure.close()
    assert structure.open == []
    return structure


@pytest.mark.parametrize("kind", EVERY)
def test_no_text_output_has_a_character_that_acts(kind):
    for form in ("terminal", "markdown", "html", "json"):
        text = EVERY[kind][form](samples.hostile_report())
        assert not [one for one in text if one != "\n" and not one.isprintable()], form
        text.encode()


def test_a_colour_terminal_gets_no_escape_sequence_but_ours():
    text = terminal.report(samples.hostile_report(), colour=True)

    assert not re.search(r"[\x00-\x08\x0b-\x1a\x7f-\x9f]", re.sub(r"\x1b\[[0-9;]*m", "", text))
    assert "[red]markup[/red]" in re.sub(r"\x1b\[[0-9;]*m", "", text).replace("\n", " ")


def test_a_page_cannot_forge_marks_in_the_terminal():
    shown = terminal.show(samples.hostile_report(), width=4000)
    quoted = [line for line in shown.splitlines() if "│" in line]

    assert len(quoted) == 1
    assert len(re.findall(r"\[-|\{\+", quoted[0])) == 2


def test_every_line_of_page_text_in_a_finding_stands_behind_the_bar():
    lines = terminal.report(samples.hostile_report()).splitlines()
    start = next(at for at, line in enumerate(lines) if "│" in line)

    assert any("two" in line for line in lines[start:])
    assert all(line.startswith("  │ ") for line in lines[start:] if "{\\+forged" in line)


def test_markdown_from_a_page_renders_as_the_text_it_is():
    rendered = MarkdownIt("commonmark").render(escape(samples.EVIL))

    assert "<script>" not in rendered
    assert not re.search(r"<(?!/?p>|!-- -->)", rendered)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab1.)-+=#*_`~<>[]()!|\\&;:/@ \n\t\"'{}$^wW"), max_size=40))
def test_escaped_markdown_makes_one_paragraph_of_plain_text(text):
    tokens = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(escape("x" + text) or "x")
    start = MarkdownIt("commonmark").enable("table").enable("strikethrough").parse(escape(text + "x"))

    for parsed in (tokens, start):
        assert [token.type for token in parsed] == ["paragraph_open", "inline", "paragraph_close"]
        kinds = {child.type for child in parsed[1].children or ()}
        assert kinds <= {"text", "text_special", "html_inline"}
        assert {child.content for child in parsed[1].children or () if child.type == "html_inline"} <= {
            "<!-- -->"
        }


def test_a_hostile_report_has_only_our_own_structure_in_markdown():
    parser = MarkdownIt("commonmark").enable("table")
    tokens = parser.parse(FORMATS["markdown"](samples.hostile_report()))
    children = [child for token in tokens for child in token.children or ()]

    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2", "h3", "h2", "h2"]
    assert {child.attrs["href"] for child in children if child.type == "link_open"} == {
        "https://borealis.example/commercial-terms"
    }
    assert {child.content for child in children if child.type == "html_inline"} <= {
        "<del>",
        "</del>",
        "<ins>",
        "</ins>",
        "<!-- -->",
    }
    assert not [child for child in children if child.type in ("image", "code_inline")]


@pytest.mark.parametrize("kind", EVERY)
@pytest.mark.parametrize("sample", PAGES, ids=lambda sample: sample.__name__)
def test_pages_are_well_formed_with_headings_in_order_and_nothing_active(kind, sample):
    page = read(EVERY[kind]["html"](sample()))

    assert not {"script", "img", "iframe", "link", "object", "form"} & set(page.elements)
    assert page.headings[0] == page.headings.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in zip(page.headings, page.headings[1:], strict=False))
    ids = [value for _, name, value in page.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert not [
        value for _, name, value in page.attributes if name in ("href", "src") and value.startswith("java")
    ]


def test_pages_name_their_language_and_that_of_each_quote():
    page = read(FORMATS["html"](samples.full_report()))

    languages = {(tag, value) for tag, name, value in page.attributes if name == "lang"}
    assert languages == {("html", "en"), ("blockquote", "en"), ("blockquote", "zh")}


@settings(deadline=None)
@given(st.text())
def test_visible_text_is_one_printable_line_that_can_be_encoded(text):
    shown = visible(text)

    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown
