"""Which reader a capture gets, and that no bytes can break one."""

import contextlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import ExtractError
from monitor.extract import read
from monitor.model import BlockKind, Capture, Page

AT = datetime(2026, 3, 1, tzinfo=UTC)
PIECES = """
<p>|</p>|<div hidden>|<table>|<tr>|<td colspan=9>|<li>|<ol start=x>|<h2>|<pre>|
<a href='//['>|<!--|-->|<script>
</script>|<svg/>|<b>|<br>|<dl>|<dt>|<dd>|text |<sup>|<base href='http://['>|<body>|</html>|&#0;|&#xD800;
<meta http-equiv=refresh content=';url=http://['>|
<div class=nav>|<aside>|<button aria-controls=x>|<div id=x hidden>
""".replace("\n", "|").split("|")
MARKUP = st.text(
    alphabet=st.sampled_from(list("<>/=\"'! -&;#xabp1\n\x0bé数\u202e")), max_size=200
) | st.lists(
    st.sampled_from(PIECES),
    max_size=40,
).map("".join)


def capture(body: bytes, content_type: str = "", url: str = "https://acme.example/terms") -> Capture:
    headers = (("content-type", content_type),) if content_type else ()
    return Capture(url=url, final_url=url, status=200, headers=headers, body=body, at=AT)


@pytest.mark.parametrize(
    ("body", "content_type", "url", "media"),
    [
        (b"<p>x</p>", "text/html; charset=utf-8", "https://acme.example/terms", "html"),
        (b"# Terms", "text/markdown", "https://acme.example/terms", "markdown"),
        (b"# Terms", "text/markdown", "https://acme.example/terms.html", "markdown"),
        (b"# Terms", "text/plain", "https://acme.example/terms.md", "markdown"),
        (b"# Terms", "", "file:///home/me/old.md", "markdown"),
        (b"Terms", "text/plain", "https://acme.example/terms", "text"),
        (b"Terms", "", "file:///home/me/old.txt", "text"),
        (b"<!DOCTYPE html><p>x", "text/plain", "https://acme.example/terms", "html"),
        (b"<!DOCTYPE html><p>x", "text/markdown", "https://acme.example/terms.md", "html"),
        (b"<html><p>x", "", "file:///home/me/old", "html"),
    ],
)
def test_content_type_suffix_and_bytes_choose_the_reader(body, content_type, url, media):
    assert read(capture(body, content_type, url)).media == media


@pytest.mark.parametrize(
    "body",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"\xff\xd8\xff\xe0JFIF",
        b"PK\x03\x04" + bytes(50),
        b"\x1f\x8b\x08 not decoded",
        b"\x7fELF\x02\x01\x01",
        bytes(range(256)) * 4,
        b"<html>" + bytes(1000),
    ],
)
def test_binary_data_is_no_document_whatever_the_server_says(body):
    with pytest.raises(ExtractError, match="not a document"):
        read(capture(body, "text/html"))


def test_an_empty_body_is_an_empty_page():
    assert read(capture(b"", "text/html")).blocks == ()


@settings(max_examples=150)
@given(
    st.binary(max_size=300),
    st.sampled_from(["", "text/html", "text/html; charset=utf-16", "text/plain; charset=nonsense"]),
)
def test_arbitrary_bytes_raise_nothing_but_extract_errors(body, content_type):
    with contextlib.suppress(ExtractError):
        assert isinstance(read(capture(body, content_type)), Page)


@settings(max_examples=150)
@given(MARKUP)
def test_arbitrary_markup_is_read(markup):
    page = read(capture(markup.encode(), "text/html"))
    assert all(block.text == " ".join(block.text.split()) != "" for block in page.blocks)
    assert all(1 <= block.level <= 6 for block in page.blocks if block.kind is BlockKind.HEADING)
    assert all(block.level >= 1 for block in page.blocks if block.kind is BlockKind.ITEM)


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(["keep", "store", "delete", "your", "data", "30", "days", "not"]),
        min_size=1,
        max_size=60,
    ),
    st.data(),
)
def test_no_word_of_a_plain_document_is_lost(words, data):
    tags = [data.draw(st.sampled_from(["p", "li", "h2", "div", "td", "section", "dd"])) for _ in words]
    body = "".join(f"<{tag}>{word}</{tag}>" for tag, word in zip(tags, words, strict=True))

    page = read(capture(f"<html><body><main>{body}</main></body></html>".encode(), "text/html"))
    assert " ".join(block.text for block in page.blocks).split() == words
