"""HTML to blocks: what is kept, what is dropped, and how it is written."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import ExtractError
from monitor.extract import read
from monitor.extract.listing import flatten, listed, parsed
from monitor.extract.tree import measured
from monitor.model import BlockKind, Capture, Page

AT = datetime(2026, 3, 1, tzinfo=UTC)
CLAUSE = (
    "We keep the messages that you send us for as long as your account exists, and we delete them "
    "within thirty days after you close it."
)


XHTML = (
    "<?xml version='1.0' encoding='utf-8'?><html "
    "xmlns='http://www.w3.org/1999/xhtml'><p>Données – café</p></html>"
)


def page(markup, *, url="https://acme.example/legal/terms", content_type="text/html", **selectors) -> Page:
    body = markup if isinstance(markup, bytes) else markup.encode()
    capture = Capture(
        url=url, final_url=url, status=200, headers=(("content-type", content_type),), body=body, at=AT
    )
    return read(capture, **selectors)


def texts(markup, **options):
    return [block.text for block in page(markup, **options).blocks]


def clauses(count):
    return "".join(f"<p>Clause {number}. {CLAUSE}</p>" for number in range(1, count + 1))


# --- blocks ------------------------------------------------------------------------------------


def test_headings_give_each_block_its_section():
    read_page = page(f"<h1>Terms</h1><h2>Data</h2><p>{CLAUSE}</p><h2>Fees</h2><p>None.</p>")

    assert [(b.kind, b.level, b.section) for b in read_page.blocks] == [
        (BlockKind.HEADING, 1, ()),
        (BlockKind.HEADING, 2, ("Terms",)),
        (BlockKind.PARAGRAPH, 0, ("Terms", "Data")),
        (BlockKind.HEADING, 2, ("Terms",)),
        (BlockKind.PARAGRAPH, 0, ("Terms", "Fees")),
    ]


def test_inline_elements_neither_split_words_nor_join_them():
    assert texts("<p>per<b>sonal</b> <i>data</i>, e<span>-</span>mail<br>and</p><div>more</div>end") == [
        "personal data, e-mail and",
        "more",
        "end",
    ]


def test_bare_text_and_double_breaks_make_paragraphs():
    assert texts("<div>First.<br><br>Second <b>still</b> second.<br/> <br/>Third.</div>") == [
        "First.",
        "Second still second.",
        "Third.",
    ]


def test_typed_numbers_after_breaks_are_items_of_their_own():
    assert texts("<p>You may not:<br>(a) copy it;<br>(b) sell it.</p>") == [
        "You may not:",
        "(a) copy it;",
        "(b) sell it.",
    ]


def test_list_numbers_are_markers_as_browsers_count_them():
    markup = (
        '<ol start="3"><li>three<ol type="a"><li>first</li><li>second</li></ol></li><li '
        'value="9">nine</li></ol>'
    )

    assert [(b.marker, b.level, b.text) for b in page(markup).blocks] == [
        ("3.", 1, "three"),
        ("a.", 2, "first"),
        ("b.", 2, "second"),
        ("9.", 1, "nine"),
    ]


def test_roman_and_reversed_lists():
    markup = '<ol type="I" start="4"><li>x<li>y</ol><ol reversed start="2"><li>z<li>w</ol><ul><li>v</ul>'

    assert [b.marker for b in page(markup).blocks] == ["IV.", "V.", "2.", "1.", "•"]


def test_only_the_first_block_of_an_item_carries_the_marker():
    blocks = page("<ol><li><p>Rule.</p><p>Its reason.</p></li></ol>").blocks

    assert [(b.kind, b.marker) for b in blocks] == [(BlockKind.ITEM, "1."), (BlockKind.PARAGRAPH, "")]


def test_a_heading_inside_an_item_takes_its_number():
    (heading, paragraph) = page(f"<ol><li><h2>Data</h2><p>{CLAUSE}</p></li></ol>").blocks

    assert (heading.kind, heading.marker, paragraph.section) == (BlockKind.HEADING, "1.", ("Data",))


def test_a_bold_line_is_a_title_but_a_bold_sentence_is_not():
    blocks = page("<p><b>1. Your data</b></p><p><b>We never sell it.</b></p>").blocks

    assert [b.kind for b in blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH]


def test_table_rows_have_cells_under_their_headers():
    markup = (
        "<table><thead><tr><th>Data<th>Kept for</thead><tr><td rowspan=2>Chats<td>30 days"
        "<tr><td>60 days<br>in backups<tr><td colspan=2>Nothing else</table>"
    )

    rows = page(markup).blocks
    assert [row.cells for row in rows] == [
        ("Data", "Kept for"),
        ("Chats", "30 days"),
        ("", "60 days in backups"),
        ("Nothing else",),
    ]
    assert rows[1].headers == ("Data", "Kept for")
    assert rows[1].text == "Chats | 30 days"


def test_a_title_above_a_single_paragraph_is_kept():
    assert texts(f"<div><h3>Data</h3><p>{CLAUSE}</p></div>") == ["Data", CLAUSE]


def test_a_table_that_lays_out_the_page_is_no_data():
    blocks = page(
        f"<table><tr><td><h2>Data</h2><p>{CLAUSE}</p></td><td><p>{CLAUSE}</p></td></tr></table>"
    ).blocks

    assert [b.kind for b in blocks] == [BlockKind.HEADING, BlockKind.PARAGRAPH, BlockKind.PARAGRAPH]


def test_short_definitions_are_rows_and_long_ones_paragraphs():
    short = page("<dl><dt>Chats</dt><dd>30 days</dd><dt>Logs</dt><dd>one year</dd></dl>").blocks
    long = page(f"<dl><dt>Chats</dt><dd><p>{CLAUSE}</p><p>{CLAUSE}</p></dd></dl>").blocks

    assert [row.cells for row in short] == [("Chats", "30 days"), ("Logs", "one year")]
    assert {b.kind for b in long} == {BlockKind.PARAGRAPH}


def test_preformatted_text_keeps_its_paragraphs():
    assert texts("<pre>One line\ngoes on.\n\nAnother.</pre>") == ["One line goes on.", "Another."]


def test_obfuscated_addresses_are_decoded():
    key, address = 0x5A, "privacy@acme.example"
    code = f"{key:02x}" + "".join(f"{byte ^ key:02x}" for byte in address.encode())
    markup = (
        f'<p>Write to <a href="/cdn-cgi/l/email-protection" class="__cf_email__" data-cfemail="{code}">'
        f'[email&#160;protected]</a> or <a href="/cdn-cgi/l/email-protection#{code}">[email '
        f"protected]</a>.</p>"
    )

    assert texts(markup) == [f"Write to {address} or {address}."]


def test_a_footnote_number_does_not_run_into_a_figure():
    assert texts('<p>within 30<sup><a href="#n1">1</a></sup> days, the 1<sup>st</sup></p>') == [
        "within 30 [1] days, the 1st"
    ]


def test_footnotes_are_kept():
    markup = f'<main>{clauses(5)}<aside role="doc-footnote"><p>1. Except in backups.</p></aside></main>'

    assert "1. Except in backups." in texts(markup)


def test_link_signs_of_headings_are_left_out():
    assert texts('<h2 id="data">Data <a href="#data">#</a></h2>') == ["Data"]


# --- what is not the document ------------------------------------------------------------------


def test_menus_banners_and_footers_are_dropped():
    markup = f"""
      <div class="cookie-banner"><p>Cookies make it better for all who come here, now and later on.</p>
        <button>Accept all</button></div>
      <nav><a href="/">Home</a><a href="/pricing">Pricing</a></nav>
      <main><h1>Terms</h1>{clauses(4)}<div class="share-buttons"><a href="x">Post this</a></div></main>
      <section class="newsletter"><h3>Stay in touch</h3><form><input type="email"><button>Go</button></form>
      </section>
      <footer><ul><li><a href="/a">About</a><li><a href="/j">Jobs</a></ul>© Acme 2026</footer>"""

    assert texts(markup) == ["Terms", *texts(clauses(4))]


def test_all_sibling_sections_are_kept():
    markup = (
        "<main>" + "".join(f"<article><h2>Part {n}</h2>{clauses(2)}</article>" for n in range(6)) + "</main>"
    )

    assert len(texts(markup)) == 18


def test_a_short_section_beside_the_bulk_is_kept():
    markup = f"<main><div>{clauses(30)}</div><div><p>{CLAUSE} This is an annex.</p></div></main>"

    assert texts(markup)[-1].endswith("This is an annex.")


@pytest.mark.parametrize(
    "identity", ["social-media", "sharing", "related-companies", "newsletter", "comments"]
)
def test_a_clause_named_like_chrome_is_kept(identity):
    markup = (
        f'<main>{clauses(6)}<section id="{identity}"><h2>Others</h2><p>{CLAUSE} Of '
        f"others.</p></section></main>"
    )

    assert texts(markup)[-1].endswith("Of others.")


def test_a_page_wrapped_in_a_name_of_chrome_is_kept_whole():
    assert len(texts(f'<body class="nav-open"><div class="has sidebar modal" hidden>{clauses(3)}</div>')) == 3


def test_text_that_react_streams_into_hidden_containers_is_kept():
    markup = (
        f'<main>{clauses(2)}<template id="B:0"></template></main><div hidden '
        f'id="S:0"><p>{CLAUSE} Late.</p></div>'
    )

    assert texts(markup)[-1].endswith("Late.")


def test_collapsed_clauses_are_kept_with_their_titles():
    items = "".join(
        f'<div><h3><button aria-expanded="false" aria-controls="p{n}">Question {n}</button></h3>'
        f'<div id="p{n}" role="region" hidden><p>{CLAUSE}</p></div></div>'
        for n in range(4)
    )
    markup = (
        f"<main><h1>Terms</h1>{items}<details><summary>More</summary><p>{CLAUSE} More.</p></details></main>"
    )

    found = texts(markup)
    assert found[1:3] == ["Question 0", CLAUSE]
    assert found[-2:] == ["More", f"{CLAUSE} More."]


def test_a_hidden_tab_of_another_document_is_dropped():
    tabs = "".join(
        f'<div class="tab-panel" style="display: {shown}"><p>{CLAUSE} {name}</p></div>'
        for name, shown in (("Terms.", "block"), ("Privacy.", "none"), ("Cookies.", "none"))
    )

    assert texts(f"<main><h1>Legal</h1>{tabs}</main>") == ["Legal", f"{CLAUSE} Terms."]


def test_hidden_dialogs_are_dropped():
    markup = (
        f'<main>{clauses(4)}</main><div aria-hidden="true" role="dialog" '
        f'class="panel"><p>{CLAUSE} Dialog.</p></div>'
    )

    assert len(texts(markup)) == 4


def test_title_and_date_above_the_body_are_kept():
    markup = f"""<div class="page"><section class="hero"><div><h1>Privacy Policy</h1>
      <p>Last updated: <span>May 3, 2026</span></p><a href="/contact">Contact</a></div></section>
      <section class="body"><div><p>This is our privacy policy.</p>{clauses(20)}</div></section></div>"""

    assert texts(markup)[:2] == ["Privacy Policy", "Last updated: May 3, 2026"]


def test_a_date_in_a_footer_of_the_text_is_kept():
    markup = f'<main>{clauses(5)}<div class="page-footer">Latest update: 3 May 2026</div></main>'

    assert texts(markup)[-1] == "Latest update: 3 May 2026"


def test_contents_go_but_introduced_links_stay():
    toc = "".join(f'<li><a href="#s{n}">Section number {n}</a></li>' for n in range(5))
    browsers = "".join(
        f'<li><a href="https://browser{n}.example/help">Browser {n}</a></li>' for n in range(5)
    )
    markup = f"<main><ul>{toc}</ul>{clauses(12)}<p>Turn cookies off here:</p><ul>{browsers}</ul></main>"

    found = texts(markup)
    assert "Section number 3" not in found
    assert found[-5:] == [f"Browser {n}" for n in range(5)]


PIECES = st.sampled_from(
    [
        *("<p>", "</p>", "<div>", "</div>", "<li>", "<ul>", "</ul>", "<b>", "</b>", "<a href=x>", "</a>"),
        *("<table><tr><td>", "</table>", "<pre>\n\n", "</pre>", "<br>", "<select><option>", "</select>"),
        *("<h2 class='a b' id=c>", "</h2>", "<!-- x -->", "<!DOCTYPE html>", "<?pi?>", "<body>", "</body>"),
        *("<head>", "</head>", "<title>", "</title>", "<ruby>", "<rt>", "</rt>", "<script>", "</script>"),
        *("  \n ", "text &amp; more", "\u00a0", "&lt;", "<", "</", "<x-y>", "</x-y>", "<frameset><frame>"),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_the_tree_is_the_one_that_beautiful_soup_makes(markup):
    soup = parsed(f"<main>{markup}")

    assert measured(listed(f"<main>{markup}")) == flatten(soup)


# --- selectors ---------------------------------------------------------------------------------


def test_selectors_choose_and_remove_in_document_order():
    markup = (
        f'<div id="b"><p>{CLAUSE} B.</p><p class="x">gone</p></div><div '
        f'id="a"><p>{CLAUSE} A.</p></div><p>no</p>'
    )

    found = page(markup, select=("#a", "#b", "div p"), remove=(".x",))
    assert [block.text[-2:] for block in found.blocks] == ["B.", "A."]
    assert found.missing == ()


RANGED = """\
<main><p>Menu of the page.</p><h1>Terms</h1>Bare words <b>of it</b>.<section><h2>One</h2><p>First clause.</p>
<p>Second clause.</p><p class="middle">Middle clause.</p><p>Third clause.</p></section>
<footer>End.</footer></main>
"""


@pytest.mark.parametrize(
    ("selector", "read"),
    [
        ("from before h1 to before section", ["Terms", "Bare words of it."]),
        ("from after h1 to before h2", ["Bare words of it."]),
        ("from before h2 to before .middle", ["One", "First clause.", "Second clause."]),
        ("from after .middle to after footer", ["Third clause.", "End."]),
        ("from before h2 to after .middle", ["One", "First clause.", "Second clause.", "Middle clause."]),
        (
            "from before section to before footer",
            ["One", "First clause.", "Second clause.", "Middle clause.", "Third clause."],
        ),
    ],
)
def test_a_range_is_read_from_one_place_to_another(selector, read):
    assert texts(RANGED, select=(selector,)) == read


def test_a_range_is_removed_from_one_place_to_another():
    removed = ("from before p to before h1", "from after .middle to after footer")

    assert texts(RANGED, select=("main",), remove=removed) == [
        *("Terms", "Bare words of it.", "One", "First clause.", "Second clause.", "Middle clause."),
    ]


@pytest.mark.parametrize(
    "selector",
    [
        "from before .gone to before footer",
        "from before h1 to after .gone",
        "from before footer to before h1",
        "from before h1 to before h1",
    ],
)
def test_a_range_that_is_not_there_matches_nothing(selector):
    found = page(RANGED, select=("h1", selector))

    assert ([block.text for block in found.blocks], found.missing) == (["Terms"], (selector,))


def test_selectors_that_match_nothing_are_named():
    found = page(f"<main>{clauses(1)}</main>", select=("main", ".gone"), remove=("#also-gone",))

    assert found.missing == (".gone", "#also-gone")


def test_a_selector_that_is_no_css_says_so():
    with pytest.raises(ExtractError, match=r"'p\[\[' is not a CSS selector"):
        page("<p>x</p>", select=("p[[",))


# --- facts of the page -------------------------------------------------------------------------


def test_facts_of_the_page():
    found = page(
        '<html lang="de-AT"><head><title> Acme |\n Terms </title><base href="https://acme.example/en/">'
        '<meta http-equiv="Refresh" content="0; '
        "url='/new'\"></head><body><script>1</script><SCRIPT src=x></SCRIPT>"
        '<form><input type="password"></form><p>See <a href="privacy?x=1">our <b>privacy</b> policy</a>, '
        '<a href="#top">top</a>, <a href="mailto:a@b.c">mail</a>.</p></body></html>'
    )

    assert (found.title, found.language, found.scripts, found.passwords) == ("Acme | Terms", "de-AT", 2, 1)
    assert found.refresh == "https://acme.example/new"
    assert [(link.text, link.url) for link in found.links] == [
        ("our privacy policy", "https://acme.example/en/privacy?x=1")
    ]


def test_a_head_that_is_never_closed_does_not_swallow_the_body():
    assert texts(f"<html><head><title>T</title><meta charset=utf-8><body>{clauses(2)}") == texts(clauses(2))


@pytest.mark.parametrize(
    "markup",
    [
        "<!doctype html><title>T</title><main>{}</main>",
        "<!doctype html><html lang=en><meta charset=utf-8><title>T</title><article>{}</article><p></p>",
        "<title>T</title><header><a href=/>Acme</a></header><section>{}</section><div></div>",
        "<html><head><title>T</title></head><body><div></div></body><body>{}</body></html>",
        "<html><head><title>T</title></head><body><div></div></body></html>{}",
        "<html><title>T</title><main>{}</main><body><div></div></body>",
    ],
)
def test_a_page_that_leaves_out_its_tags_or_ends_its_body_early_is_read_whole(markup):
    found = page(markup.format(clauses(3)))

    assert [block.text for block in found.blocks] == texts(clauses(3))
    assert found.title == "T"
    assert texts(markup.format(clauses(3)), remove=("div",)) == texts(clauses(3))


def test_scripts_styles_and_comments_never_become_text():
    markup = (
        "<!-- a --><p>One<!--->two--&gt;</p><script>if (a < b) "
        "document.write('<p>x</p>')</script ><style>p{}</style>"
        "<svg><title>icon</title></svg><svg "
        "class='x'/><noscript>n</noscript><template><p>t</p></template><p>three</p>"
    )

    assert texts(markup) == ["Onetwo-->", "three"]


def test_an_unclosed_script_does_not_hide_the_page():
    assert texts(f"{clauses(2)}<style>p {{}}")[:1] == texts(clauses(1))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("<p>Données – café".encode(), "text/html"),
        ("<p>Données – café".encode("cp1252"), "text/html; charset=iso-8859-1"),
        ("<meta charset=windows-1252><p>Données – café".encode("cp1252"), "text/html"),
        ("<p>Données – café".encode("utf-16"), "text/html"),
        ("\ufeff<p>Données – café".encode(), "text/html; charset=latin1"),
        (XHTML.encode(), "application/xhtml+xml"),
        ("<p>Données – café".encode("utf-16-le"), "text/html"),
    ],
)
def test_charsets(body, content_type):
    assert texts(body, content_type=content_type) == ["Données – café"]


def test_wide_letters_in_two_bytes_each_are_no_binary_data():
    text = "我们不会将您的内容用于训练模型。" * 20

    assert texts(f"<p>{text}".encode("utf-16")) == [text]


def test_a_page_of_frames_names_what_to_watch_instead():
    markup = "<frameset cols='1,4'><frame src=menu.html><frame src=text.html></frameset>"

    with pytest.raises(ExtractError, match=r"frames.*https://acme\.example/legal/text\.html"):
        page(markup)


def test_deep_nesting_neither_fails_nor_loses_text():
    markup = "<div>" * 20_000 + "deep" + "</div>" * 20_000 + "<p>after</p>"

    assert texts(markup) == ["deep", "after"]


@pytest.mark.parametrize(
    "hostile",
    [
        "<script" * 50_000,
        "<!--" * 50_000,
        "<svg><" * 30_000,
        "<a href='x" * 20_000,
        '<p class="' + "-nav" * 50_000 + '">x',
        "<li>x" * 20_000,
        "<ul><li>x" * 5_000,
        "<table><tr><td>x" * 2_000,
        "<p>" + "1. " * 50_000,
        "\n" * 200_000 + "x",
        f"<p hidden class=a>{CLAUSE}</p>" * 5_000,
        "<div id=toc class=toc><h2>toc</h2>" * 5_000,
        "<div class=header><h2>x</h2>" * 5_000,
        "<div role=tab href=#a id=a>x" * 5_000,
        "<h1>x</h1>" * 10_000 + f"<div><p>{CLAUSE * 3}</p></div>",
        "<div><a href=/x><h3>x</h3></a>" * 5_000,
    ],
)
def test_hostile_markup_is_read_in_reasonable_time(hostile):
    started = datetime.now(UTC)

    page(hostile)
    assert (datetime.now(UTC) - started).total_seconds() < 10
