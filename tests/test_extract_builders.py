"""HTML as site builders, help centres and wikis make it: nothing of the document lost, nothing else kept."""

from datetime import UTC, datetime

import pytest

from monitor.extract import read
from monitor.model import BlockKind, Capture, Page

CLAUSE = (
    "We keep the messages that you send us for as long as your account exists, and we delete them "
    "within thirty days after you close it."
)


def page(markup) -> Page:
    url = "https://acme.example/legal/terms"
    headers = (("content-type", "text/html; charset=utf-8"),)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    return read(Capture(url=url, final_url=url, status=200, headers=headers, body=markup.encode(), at=at))


def texts(markup):
    return [block.text for block in page(markup).blocks]


def clauses(count):
    return "".join(f"<p>Clause {number}. {CLAUSE}</p>" for number in range(1, count + 1))


def headings(markup):
    return [(block.level, block.text) for block in page(markup).blocks if block.kind is BlockKind.HEADING]


# --- what must stay ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrap",
    [
        '<div class="intercom-interblocks-paragraph no-margin"><p>{}</p></div>',
        '<div class="cmp-text" id="text-1"><p>{}</p></div>',
        '<div class="modal"><p>{}</p></div>',
        '<div style="visibility: hidden; animation-name: none"><p>{}</p></div>',
        '<section style="display:none"><p>{}</p></section>',
    ],
)
def test_what_a_page_uses_for_every_block_tells_nothing(wrap):
    markup = "".join(wrap.format(f"Clause {number}. {CLAUSE}") for number in range(12))

    assert len(texts(f"<div>{markup}</div>")) == 12


@pytest.mark.parametrize("name", ["notion-header-block", "section-header", "card__header", "header"])
def test_the_header_of_a_section_is_kept(name):
    section = f'<div class="{name}"><div><h2>Fees</h2></div></div><p>{CLAUSE}</p>'

    assert headings(f"<main>{section * 3}</main>") == [(2, "Fees")] * 3


@pytest.mark.parametrize("identity", ["cookie-notice", "consent-notice", "permalink", "popup"])
def test_an_id_made_of_the_words_of_a_heading_tells_nothing(identity):
    title = identity.replace("-", " ").capitalize()
    markup = f'{clauses(20)}<section id="{identity}"><h2>{title}</h2><p>{CLAUSE} Late.</p></section>'

    assert texts(f"<main>{markup}</main>")[-2:] == [title, f"{CLAUSE} Late."]
    assert title in texts(f'<main>{clauses(20)}<h2 id="{identity}">{title}</h2>{clauses(1)}</main>')


@pytest.mark.parametrize(
    "name", ["sharing", "social", "newsletter", "feedback", "comments", "ads", "download"]
)
@pytest.mark.parametrize(
    "wrap",
    ['<p id="{}-2">We do not.</p>', '<div class="{}">We do not.</div>', '<ul class="{}"><li>We do not.</ul>'],
)
def test_a_short_sentence_with_a_name_of_chrome_is_kept_where_nothing_can_be_pressed(name, wrap):
    markup = f"<main>{clauses(9)}<h2>Title</h2>{wrap.format(name)}{clauses(2)}</main>"

    assert texts(markup)[9:11] == ["Title", "We do not."]
    pressed = wrap.format(name).replace("We do not.", '<a href="/x">Share on X</a>.')
    assert len(texts(f"<main>{clauses(9)}<div>{pressed}</div>{clauses(2)}</main>")) == 11


@pytest.mark.parametrize("name", ["popup-terms", "modal-content", "toc-content", "no-print"])
def test_prose_with_a_name_of_chrome_is_kept_where_nothing_can_be_pressed(name):
    markup = f'<main>{clauses(9)}<div class="{name}"><h2>Special</h2>{clauses(2)}</div>{clauses(2)}</main>'

    assert len(texts(markup)) == 14


def test_a_title_in_a_section_of_its_own_is_kept_though_the_text_never_repeats_it():
    hero = '<div class="s1"><h1>How long do chats stay?</h1><div>For everybody</div></div>'

    found = texts(f'<div class="s0"><a href="/">Acme</a></div>{hero}<div class="s2">{clauses(20)}</div>')
    assert found[0] == "How long do chats stay?"
    assert len(found) == 21


def test_a_lead_beside_the_title_is_kept():
    lead = "This page is for those who use the interface in their own products."
    header = f"<header><h1>Data</h1><p>{lead}</p></header>"

    assert texts(f"<main>{header}<div>{clauses(20)}</div></main>")[:2] == ["Data", lead]


def test_a_date_below_the_document_is_kept_where_none_stands_above():
    date = "Latest update: March 1, 2026"
    markup = f'<div class="a">{clauses(20)}</div><div class="policy-footer"><p>{date}</p></div>'

    assert texts(markup)[-1] == date
    assert len(texts(f"<p>Effective 2 May 2025</p>{markup}")) == 21


def test_an_accordion_made_by_hand_is_kept():
    item = '<div class="x7"><div class="x8">Question</div><div class="x9" style="display:none">{}</div></div>'

    assert len(texts(f"<main>{item.format(clauses(2)) * 4}{clauses(5)}</main>")) == 4 * 3 + 5


def test_what_read_more_shows_is_kept():
    button = '<button onclick="more()">Read more</button>'
    markup = f'<div><p>{CLAUSE} <span style="display:none">Hidden: {CLAUSE}</span>{button}</p></div>'

    assert texts(f"<main>{clauses(5)}{markup}</main>")[-1] == f"{CLAUSE} Hidden: {CLAUSE}"


def test_a_button_inside_a_sentence_is_a_part_of_it():
    sentence = "<p>You can <button>manage your choices</button> at any time.</p>"

    assert texts(f"<main>{clauses(5)}{sentence}</main>")[-1] == "You can manage your choices at any time."


def test_a_summary_beside_each_clause_is_kept():
    section = f"<section><h2>Fees</h2><p>{CLAUSE}</p><aside><p>In short: it is free.</p></aside></section>"

    assert texts(f"<main>{section * 3}</main>") == ["Fees", CLAUSE, "In short: it is free."] * 3


@pytest.mark.parametrize(
    ("style", "marker"),
    [
        ("list-style: none", "•"),
        ("list-style-type:lower-alpha", "a."),
        ("list-style: upper-roman inside", "I."),
    ],
)
def test_list_styles_draw_the_marker(style, marker):
    (item,) = page(f'<main><ol style="{style}"><li>{CLAUSE}</li></ol></main>').blocks

    assert item.marker == marker


def test_two_links_are_never_one_word():
    links = '<a href="/a">Fees</a><a href="/b">Refunds</a>'

    assert texts(f"<main>{clauses(3)}<p>See {links}.</p></main>")[-1] == "See Fees Refunds."


def test_the_document_may_stand_in_elements_of_its_own_name():
    markup = (
        f'<x-app><x-menu><a href="/a">A</a><a href="/b">B</a></x-menu><x-doc>{clauses(9)}</x-doc></x-app>'
    )

    assert len(texts(markup)) == 9


# --- tabs --------------------------------------------------------------------------------------

TABS = [
    """<ul class="nav nav-tabs" role="tablist">
    <li><button role="tab" aria-controls="a">Interface</button></li>
    <li><button role="tab" aria-controls="b">Chat</button></li></ul>
    <div class="tab-pane active" id="a" role="tabpanel">{}</div>
    <div class="tab-pane" id="b" role="tabpanel">{}</div>""",
    """<div role="tablist"><a role="tab" href="#a"><div>Interface</div></a>
    <a role="tab" href="#b">Chat</a></div><div class="w-tab-pane" id="a" role="tabpanel">{}</div>
    <div class="w-tab-pane" id="b" role="tabpanel" style="display:none">{}</div>""",
    """<ul role="tablist"><li role="tab">Interface</li><li role="tab">Chat</li></ul>
    <div role="tabpanel">{}</div><div role="tabpanel" hidden>{}</div>""",
    """<div role="tablist"><span id="t1" role="tab">Interface</span><span id="t2" role="tab">Chat</span></div>
    <div role="tabpanel" aria-labelledby="t1">{}</div>
    <div role="tabpanel" aria-labelledby="t2" hidden>{}</div>""",
]


@pytest.mark.parametrize("tabs", TABS)
def test_every_tab_is_kept_under_its_label(tabs):
    text = tabs.format(f"<h2>Data</h2>{clauses(3)}", f"<h2>Data</h2>{clauses(3)}")

    found = page(f"<main><h1>Terms</h1>{text}<h2>Law</h2>{clauses(1)}</main>").blocks
    assert [(b.level, b.text) for b in found if b.kind is BlockKind.HEADING] == [
        *((1, "Terms"), (2, "Interface"), (3, "Data"), (2, "Chat"), (3, "Data"), (2, "Law"))
    ]
    assert found[-4].section == ("Terms", "Chat", "Data")
    assert len(found) == 6 + 7


# --- what must go ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "chrome",
    [
        '<div class="x1"><div class="x2"><p>We use cookies to keep you signed in and to see how our pages are'
        ' used. You choose which ones.</p><div><a href="#" role="button">Accept all</a>'
        '<a href="#" role="button">Reject all</a></div></div></div>',
        '<div id="cookie-notice"><h2>Cookie notice</h2><p>We use cookies to keep you signed in and to see how'
        " our pages are used. Choose which ones you allow.</p><button>Accept</button></div>",
        '<header><a href="/"><h1>Acme Cloud</h1></a></header>',
        '<p class="article-votes"><span>Was this helpful?</span> <a href="">Yes</a> <a href="">No</a></p>',
    ],
)
@pytest.mark.parametrize("markup", ["{chrome}<main>{text}</main>", "<main>{text}</main>{chrome}"])
def test_what_stands_beside_the_document_is_dropped(chrome, markup):
    assert len(texts(markup.format(chrome=chrome, text=clauses(20)))) == 20


def test_a_menu_longer_than_a_short_document_is_dropped():
    menu = "".join(f'<a href="/{n}">Page number {n}</a> ' for n in range(9))
    markup = f"<nav>{menu}</nav><main><h1>Refunds</h1><p>Fees are not returned to anybody.</p></main>"

    assert texts(f"{markup}<footer>{menu}<p>All rights reserved.</p></footer>") == [
        "Refunds",
        "Fees are not returned to anybody.",
    ]


def test_cards_of_other_pages_below_the_text_are_dropped():
    card = '<a href="/{n}"><h3>How we work</h3><p>A look at the work of our team and what comes next.</p></a>'
    cards = f"<div><h2>Read on</h2>{card.format(n=1)}{card.format(n=2)}</div>"

    assert len(texts(f"<main>{clauses(20)}{cards}</main>")) == 20


def test_the_sign_that_leads_back_from_a_footnote_is_dropped():
    note = '<li id="n1">A year. <a href="#r1">\u21a9\ufe0e</a></li>'

    assert texts(f'<main>{clauses(3)}<ol class="footnotes">{note}</ol></main>')[-1] == "A year."


def test_the_link_for_editing_a_section_is_dropped():
    edit = '<span class="mw-editsection"><span>[</span><a href="/e">edit</a><span>]</span></span>'

    assert texts(f'<main><div class="mw-heading"><h2>Data</h2>{edit}</div>{clauses(5)}</main>')[:2] == [
        "Data",
        f"Clause 1. {CLAUSE}",
    ]
