"""Markdown as documentation sites serve it beside their pages."""

from datetime import UTC, datetime

import pytest

from monitor.extract import read
from monitor.model import BlockKind, Capture


def page(text, *, content_type="text/markdown; charset=utf-8", url="https://acme.example/docs/data.md"):
    headers = (("content-type", content_type),)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return read(Capture(url=url, final_url=url, status=200, headers=headers, body=text.encode(), at=at))


def texts(text):
    return [block.text for block in page(text).blocks]


@pytest.mark.parametrize(
    "matter", ["---\ntitle: 'Data use'\nicon: lock\n---\n", '+++\ntitle = "Data use"\n+++\n']
)
def test_the_title_of_the_front_matter_heads_a_text_without_one(matter):
    found = page(f"{matter}\n## Logs\n\nWe keep them for a year.\n")

    assert found.title == "Data use"
    assert [b.text for b in found.blocks] == ["Data use", "Logs", "We keep them for a year."]
    assert found.blocks[2].section == ("Data use", "Logs")


def test_a_title_in_the_text_is_not_repeated():
    assert texts("---\ntitle: Data use\n---\n# How we use data\n\nRarely.\n") == [
        "How we use data",
        "Rarely.",
    ]


def test_components_leave_their_titles_and_their_text():
    markup = """<AccordionGroup>
  <Accordion title="Can I opt out?" icon="lock">
    Yes, in the **settings**.

    - For chats
    - For files
  </Accordion>
</AccordionGroup>

<Tab title="API">
  We do not train on it.
</Tab>
"""

    found = page(markup).blocks
    assert [b.text for b in found] == [
        *("Can I opt out?", "Yes, in the settings.", "For chats", "For files"),
        *("API", "We do not train on it."),
    ]
    assert [b.kind for b in found[2:4]] == [BlockKind.ITEM, BlockKind.ITEM]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (":::note Mind this", "Mind this"),
        ("## Fees {#fees}", "Fees"),
        ("It is free. {/* check with legal */}", "It is free."),
        ("import Note from '../note.mdx'", None),
        ("import goods from abroad as you like", "import goods from abroad as you like"),
        ("<br />", None),
    ],
)
def test_notation_of_the_site_builder_is_left_out(line, text):
    assert texts(f"First.\n\n{line}\n\nLast.\n") == [t for t in ("First.", text, "Last.") if t]


def test_code_stays_as_it_is():
    assert texts("```\n<Tab title='x'>\n:::note\n```\n") == ["<Tab title='x'> :::note"]


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/octet-stream"])
def test_markdown_is_recognised_by_its_headings(content_type):
    text = "# Terms\n\nWe keep data.\n\n## Fees\n\nNone.\n"

    found = page(text, content_type=content_type, url="https://acme.example/terms")
    assert found.media == "markdown"
    assert found.blocks[-1].section == ("Terms", "Fees")


def test_a_text_with_one_number_sign_stays_a_text():
    assert (
        page("# 5 of the list\n\nWe keep data.\n", content_type="text/plain", url="https://a.example/t").media
        == "text"
    )
