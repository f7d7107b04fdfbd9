"""What stands beside a document is no change of it, wherever it comes or goes; what looks alike is one."""

from dataclasses import replace

import pytest

from monitor.diff import diff
from monitor.extract.plain import read_markdown
from monitor.furniture import LINES, is_furniture
from monitor.normal import normal

TITLE = "# Privacy Policy\n\n"
BODY = """Last updated: 1 March 2026

We collect what you type, and keep it for 30 days. After that it is deleted for good.

## Your choices

You can turn off training in your settings. We then no longer use your conversations to improve our models.

- Export your data
- Delete your account
- Ask us to correct what is wrong

## Sharing

We share data with providers that host our service:

- [Hostwell](https://hostwell.example)
- [Mailbird](https://mailbird.example)
- [Paymore](https://paymore.example)

## Contact

Write to privacy@acme.example. We answer within one month, and sooner if we can.
"""
TERMS = TITLE + BODY
PLANS = TERMS + "\n## Not trained on\n\nWe never train on what is sent by:\n\n* Business\n"


def alters(before, after):
    return any(clause.alters for clause in diff(read_markdown(before).blocks, read_markdown(after).blocks))


ABOVE = {
    "a menu": "* [Products](/products)\n* [Pricing](/pricing)\n* [Docs](/docs)\n* [Log in](/login)",
    "a menu in one line": "[Products](/p) [Pricing](/q) [Docs](/d) [Blog](/b) [Log in](/l)",
    "a bar of the site's own words": "Start | Programm | Mediathek | Podcasts | Newsletter",
    "a consent banner with its buttons": "We and 90 partners use cookies. Accept all / Reject all",
    "a path": "[Home](/) > [Legal](/legal) > Privacy Policy",
    "a path with another sign": "[All Collections](/en) › [Privacy](/c)",
    "languages": "English\n\nDeutsch\n\nFrançais\n\nEspañol",
    "languages in one line": "English | Deutsch | Français | 日本語",
    "a consent banner": "We use cookies. By clicking Accept all you agree.\n\nAccept all\n\nReject all",
    "news": "Acme 4 is here. [Learn more](/news)",
    "the name of a part of the site": "Legal",
    "a search": "Search\n\nSearch articles...",
    "an old browser": "You are using an outdated browser. Please upgrade your browser.",
}
BELOW_TITLE = {
    "a reading time": "5 min read",
    "an author": "Written by Jo Doe\n\nUpdated over a week ago",
    "buttons": "Copy page\n\nOpen in ChatGPT",
    "contents": "1. [Your choices](#a)\n2. [Sharing](#b)\n3. [Contact](#c)",
}
BELOW = {
    "a foot": "* [About](/about)\n* [Careers](/careers)\n* [Status](/status)\n\n© 2026 Acme, Inc.",
    "other articles": "## Related articles\n\n* [How to export your data](/a)\n* [What are workspaces?](/b)",
    "other pages in a line": "You might also like: Offices | Advertising | Hotline",
    "older terms": "[View previous business terms](/archive)",
    "a vote": "Was this article helpful?\n\nYes\n\nNo\n\n12 out of 30 found this helpful",
    "a count of votes": "1,204 people found this article helpful",
    "buttons to share": "Share this article\n\n[Facebook](https://f.example) [Twitter](/t) [LinkedIn](/l)",
    "a newsletter": "## Stay up to date\n\nSubscribe to our newsletter\n\nEnter your email\n\nSubscribe",
    "a chat": "Chat with us\n\nHi! How can we help you today?",
    "the foot of a documentation": "Was this page helpful?\n\nYesNo\n\n[A](/q)[B](/t)\n\nPowered by Docsy",
    "an assistant": "Assistant\n\nResponses are generated using AI and may contain mistakes.",
    "a consent banner": "This website uses cookies to count visits.\n\n[Accept](#) [Decline](#)",
    "a call": "## Ready to get started?\n\nTry Acme for free\n\n[Get started](/signup)",
    "older versions": "[View previous versions](/archive)",
    "a request": "Request ID: 6f1e2d3c-aaaa-4bbb-8ccc-1234567890ab",
    "a country": "Choose your country or region: United States",
}
PAGES = (
    [(f"{name} above", f"{text}\n\n{TERMS}") for name, text in ABOVE.items()]
    + [(f"{name} below the title", f"{TITLE}{text}\n\n{BODY}") for name, text in BELOW_TITLE.items()]
    + [(f"{name} at the end", f"{TERMS}\n{text}\n") for name, text in BELOW.items()]
    + [
        ("the title again", f"{TITLE}{TERMS}"),
        ("an address spelled out", TERMS.replace("privacy@acme.example", "privacy [at] acme [dot] example")),
        ("an address in brackets", TERMS.replace("privacy@acme.example", "privacy(at)acme.example")),
        ("a numeric date", TERMS.replace("1 March 2026", "01/03/2026 (day/month/year)")),
        ("an American date", TERMS.replace("1 March 2026", "03/01/2026 (MM/DD/YYYY)")),
    ]
)


@pytest.mark.parametrize(("name", "page"), PAGES, ids=[name for name, _ in PAGES])
def test_what_stands_beside_the_document_is_no_change(name, page):
    assert not alters(TERMS, page)
    assert not alters(page, TERMS)


CLAUSES = {
    "a provider": ("- [Paymore](https://paymore.example)", "- Paymore\n- Trackify"),
    "providers at the end": (
        "if we can.",
        "if we can.\n\n## Subprocessors\n\n- Trackify\n- Cloudy\n- Nimbus",
    ),
    "plans at the end": ("if we can.", "if we can. Not trained on are:\n\n- API\n- Enterprise\n- Team"),
    "plans in a bar at the end": (
        "if we can.",
        "if we can. Not trained on are:\n\nApi | Enterprise | Team | Edu",
    ),
    "regions in a bar at the end": (
        "if we can.",
        "if we can.\n\nStored in: Norway | Iceland | Chile | Japan",
    ),
    "an item": ("- Delete your account", "- Delete your account\n- Opt out of human review"),
    "a review": ("- Delete your account", "- Delete your account\n- Reviewed by employees"),
    "a cookie clause": (
        "## Contact",
        "## Cookies\n\nWe use cookies. You can accept or reject them.\n\n## Contact",
    ),
    "an answer": ("## Contact", "## Is my data used for training?\n\nYes\n\n## Contact"),
    "an assistant": (
        "## Contact",
        "## Assistant\n\nThe assistant keeps what you say for 60 days.\n\n## Contact",
    ),
    "a notice above": ("# Privacy Policy", "We change this policy on 1 May. Learn more\n\n# Privacy Policy"),
    "a controller above": ("# Privacy Policy", "Acme Ireland Ltd is the controller.\n\n# Privacy Policy"),
    "another address": ("privacy@acme.example", "privacy [at] acme [dot] test"),
    "another numeric date": ("1 March 2026", "01/03/2026 (month/day/year)"),
    "items of a list at the end": (
        "if we can.",
        "if we can. Not covered are:\n\n* Research\n* API\n* Enterprise\n* Support",
    ),
    "a section with a common name": ("## Contact", "## Get started\n\nYou agree to be bound.\n\n## Contact"),
    "what answers do": ("## Contact", "Answers are generated by AI and used for training\n\n## Contact"),
}


@pytest.mark.parametrize(("old", "new"), CLAUSES.values(), ids=CLAUSES)
def test_what_looks_like_it_is_a_change_still(old, new):
    assert old in TERMS

    assert alters(TERMS, TERMS.replace(old, new, 1))
    assert alters(TERMS.replace(old, new, 1), TERMS)


def test_names_that_join_a_list_at_the_end_are_a_change():
    assert alters(PLANS, PLANS + "* API\n* Enterprise\n* Support\n")


def test_the_columns_of_a_foot_are_no_change_though_one_entry_is_long():
    foot = """
Product

* Overview
* Pricing
* Download
* What our assistants remember and why

Resources

* Blog
* Status

© 2026 Acme
"""
    assert not alters(TERMS, TERMS + foot)


def test_a_page_that_holds_its_text_twice_in_other_paragraphs_did_not_change():
    blocks = read_markdown(
        TERMS + "\n".join(f"\nClause {n} says what holds for service {n}.\n" for n in range(9))
    ).blocks
    glued = replace(blocks[2], text=f"{blocks[2].text} {blocks[3].text}")

    assert not any(clause.alters for clause in diff(blocks, (*blocks, *blocks[:2], glued, *blocks[4:])))


@pytest.mark.parametrize("words", ["enterprise", "no", "yes", "for 30 days", "we keep logs", "opt out"])
def test_a_short_clause_is_no_furniture(words):
    assert not is_furniture(normal(words))


def test_no_line_of_furniture_hangs():
    for hostile in ("1" * 100, "1, " * 33, "a " * 50, "accept " * 14, "share this " * 9):
        assert LINES.fullmatch(hostile) is None
