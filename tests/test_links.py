"""Which links lead to legal documents, in which form addresses are compared, and what looks agree on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.links import legal_links, type_of, watched, with_legal_only
from monitor.links.addresses import identity, normal, tidy
from monitor.links.looks import FLAPPING, look
from monitor.model import Capture, Document, Link, Page, Previous, Provider, Version, Watchlist

HOME = "https://acme.example/legal/terms"


# --- which links -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "url", "type"),
    [
        ("Privacy Policy", "https://acme.example/privacy", "Privacy Policy"),
        ("Read more", "https://acme.example/legal/privacy-notice", "Privacy Policy"),
        ("Privacy", "https://acme.example/p/17", "Privacy Policy"),
        ("Supplemental AI Terms", "https://acme.example/ai", "Terms of Service"),
        ("Terms", "https://acme.example/terms", "Terms of Service"),
        ("Data Processing Addendum", "https://acme.example/files/12.pdf", "Data Processor Agreement"),
        ("DPA", "https://acme.example/x", "Data Processor Agreement"),
        ("List of sub-processors", "https://trust.acme.example/list", "Subprocessor List"),
        ("Cookie Notice", "https://acme.example/cookies", "Trackers Policy"),
        ("How your data is used to improve our models", "https://help.acme.example/a/1", "Data Usage Policy"),
        ("Data retention", "https://docs.acme.example/retention", "Data Usage Policy"),
        ("Usage policies", "https://acme.example/up", "Acceptable Use Policy"),
        ("Enterprise Agreement", "https://acme.example/enterprise", "Commercial Terms"),
        ("API Terms", "https://acme.example/api", "Developer Terms"),
        ("Service Specific Terms", "https://acme.example/sst", "Terms of Service"),
        ("Refund policy", "https://acme.example/refunds", "Legal Document"),
        ("隐私政策", "https://acme.example/a", "Privacy Policy"),
        ("《用户协议》", "https://acme.example/b", "Terms of Service"),
        ("Datenschutzerklärung", "https://acme.example/c", "Privacy Policy"),
        ("Politique de confidentialité", "https://acme.example/d", "Privacy Policy"),
        ("Conditions générales", "https://acme.example/e", "Terms of Service"),
        ("details", "https://acme.example/policies/robots-and-people", "Legal Document"),
        ("our rules", "https://www.facebook.com/legal/terms", "Terms of Service"),
    ],
)
def test_a_legal_document_is_known_by_its_name_or_its_address(text, url, type):
    assert type_of(Link(text, url)) == type


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("Pricing", "https://acme.example/pricing"),
        ("Sign in to read the terms", "https://acme.example/login"),
        ("Terms", "https://acme.example/signin?next=/terms"),
        ("Privacy Policy", "https://twitter.com/intent/tweet?text=Privacy%20Policy"),
        ("Follow us for policy news", "https://www.linkedin.com/company/acme"),
        ("An update to our privacy policy", "https://acme.example/blog/privacy-policy-update"),
        ("Long-term memory for agents", "https://acme.example/memory"),
        ("Manage cookies", "https://acme.example/cookie-settings"),
        ("Model training course", "https://acme.example/courses/model-training-course"),
        ("Archived versions of this policy", "https://acme.example/old"),
        ("March 4, 2025", "https://acme.example/legal/editions/9"),
        ("Data protection law", "https://commission.europa.eu/law/data-protection_en"),
        ("Contact", "https://acme.example/contact/privacy"),
        ("Logo", "https://acme.example/legal/logo.svg"),
        ("Privacy Policy", "mailto:privacy@acme.example"),
        (
            "Why we think that the agreement of our users matters, and what a policy of openness "
            "about data has brought them in the last year",
            "https://acme.example/essays/openness",
        ),
    ],
)
def test_what_only_speaks_of_such_matters_is_no_legal_document(text, url):
    assert type_of(Link(text, url)) == ""


def test_a_page_lists_each_other_document_once_by_its_best_name_and_never_itself():
    page = Page(
        blocks=(),
        links=(
            Link("here", "https://acme.example/privacy?utm_source=terms"),
            Link("section 4", "https://acme.example/legal/terms#s4"),
            Link("Privacy Policy", "http://www.acme.example/privacy/#top"),
        ),
        elsewhere=(Link("DPA", "https://acme.example/dpa"), Link("Careers", "https://acme.example/jobs")),
    )
    assert [(one.text, one.url) for one in legal_links(page, HOME)] == [
        ("Privacy Policy", "http://www.acme.example/privacy/"),
        ("DPA", "https://acme.example/dpa"),
    ]
    assert [link.text for link in with_legal_only(page, HOME).elsewhere] == ["DPA"]


def test_the_same_page_in_another_language_is_the_same_document():
    menu = ("https://acme.example/de/legal/terms", "https://acme.example/legal/terms?hl=fr")
    page = Page(blocks=(), elsewhere=tuple(Link("Terms of Service", url) for url in menu))
    assert legal_links(page, HOME) == ()


# --- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://acme.example/terms?hl=en",
        "http://ACME.example:80/terms/?hl=en",
        "https://acme.example:443/terms?utm_source=x&hl=en&gclid=3",
        "https://acme.example/terms;jsessionid=1F2E?hl=en#part",
        "https://acme.example//terms/index.html?sid=99&hl=en",
        "https://acme.example/%74erms?hl=en&_ga=2.1",
    ],
)
def test_spellings_of_one_address_have_one_normal_form(url):
    assert normal(url) == "https://acme.example/terms?hl=en"


@pytest.mark.parametrize(
    "url", ["", "javascript:void(0)", "mailto:a@b.example", "https://", "http://[1:2/x", "https://a:99999/"]
)
def test_what_is_no_web_address_has_no_form(url):
    assert (tidy(url), normal(url), identity(url)) == ("", "", "")


def test_an_address_to_keep_is_as_the_page_wrote_it_less_what_differs_by_visitor():
    assert tidy("http://Acme.example/Terms/?b=2&a=1&fbclid=x#s") == "http://acme.example/Terms/?b=2&a=1"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("https://acme.example/en-us/terms", "https://www.acme.example/terms"),
        ("https://acme.example/zh_Hans/terms?lang=zh", "https://acme.example/terms"),
        ("https://acme.example/f/terms-2025-03-04.pdf", "https://acme.example/f/terms-2026-01-01.pdf"),
        ("https://cdn.acme.example/terms.8f3a2b9c.pdf", "https://cdn.acme.example/terms.0a1b2c3d.pdf"),
        ("https://acme.example/terms?ref=menu&v=3", "https://acme.example/terms"),
    ],
)
def test_language_edition_and_build_do_not_make_another_document(left, right):
    assert identity(left) == identity(right) != ""


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("https://acme.example/terms", "https://acme.example/privacy"),
        ("https://acme.example/articles/7996866", "https://acme.example/articles/7996868"),
        ("https://acme.example/doc?id=1", "https://acme.example/doc?id=2"),
        ("https://a.acme.example/terms", "https://b.acme.example/terms"),
    ],
)
def test_other_documents_keep_other_identities(left, right):
    assert identity(left) != identity(right)


@given(st.text(max_size=60))
def test_any_text_has_a_normal_form_that_stays_as_it_is(text):
    for url in (text, f"https://{text}", f"https://acme.example/{text}"):
        assert normal(normal(url)) == normal(url)
        assert identity(url) == identity(normal(url))


# --- looks -------------------------------------------------------------------------------------

TERMS = Document(id="acme/terms", provider="acme", type="Terms of Service", url=HOME)
DPA = ("DPA", "https://acme.example/dpa")
PRIVACY = ("Privacy Policy", "https://acme.example/privacy")


class Looks:
    """One look after another at a page, a day apart."""

    def __init__(self, at, document=TERMS):
        self.at, self.document, self.seen, self.told = at, document, None, []

    def see(self, *links, after=timedelta(days=1), waiting=None, **read):
        self.at += after
        version = self.version(*links, **read)
        capture = Capture(url=HOME, final_url=HOME, status=200, headers=(), body=b"", at=self.at)
        previous = Previous(links=self.seen, candidate=waiting)
        self.seen = look(self.document, version, capture, previous)
        self.told = [(one.kind.value, one.text) for one in self.seen.findings]
        return self.told

    def version(self, *links, **read):
        facts = {"extractor": "1", "reader": "r", **read}
        page = Page(blocks=(), links=tuple(Link(*link) for link in links))
        return Version(
            document=TERMS.id, at=self.at, page=page, fingerprint="", capture_sha256="", **facts
        )  # fmt: skip


@pytest.fixture
def looks(at):
    return Looks(at)


def test_the_first_look_is_the_baseline(looks):
    assert looks.see(PRIVACY, DPA) == []
    assert looks.see(PRIVACY, DPA) == []


def test_a_new_link_is_told_once_when_a_second_look_shows_it(looks):
    looks.see(PRIVACY)
    assert looks.see(PRIVACY, DPA) == []
    assert looks.see(PRIVACY, DPA) == [("new", "DPA")]
    assert looks.see(PRIVACY, DPA) == []


def test_a_vanished_link_is_told_once_when_a_second_look_misses_it(looks):
    looks.see(PRIVACY, DPA)
    assert looks.see(PRIVACY) == []
    assert looks.see(PRIVACY) == [("vanished", "DPA")]
    assert looks.see(PRIVACY) == []


def test_a_link_that_one_look_shows_or_misses_is_no_finding(looks):
    looks.see(PRIVACY)
    told = [looks.see(PRIVACY, DPA), looks.see(PRIVACY), looks.see(), looks.see(PRIVACY)]
    assert told == [[], [], [], []]


def test_a_menu_that_alternates_is_never_told(looks):
    looks.see(PRIVACY)
    assert [looks.see(*links) for links in ((DPA,), (PRIVACY,)) * 6] == [[]] * 12


def test_a_menu_that_changes_every_few_looks_is_told_at_most_once_each_way(looks):
    looks.see(PRIVACY)
    told = [
        found for links in ((PRIVACY, DPA), (PRIVACY,)) * 6 for _ in range(3) for found in looks.see(*links)
    ]
    assert told == [("new", "DPA"), ("vanished", "DPA")]


def test_a_link_that_comes_back_after_long_is_news_again(looks):
    looks.see(PRIVACY, DPA)
    looks.see(PRIVACY)
    looks.see(PRIVACY)
    looks.see(PRIVACY, DPA, after=FLAPPING + timedelta(days=1))
    assert looks.see(PRIVACY, DPA) == [("new", "DPA")]


def test_a_link_whose_address_alone_changed_is_told_as_moved(looks):
    moved = ("DPA", "https://acme.example/trust/data-processing-addendum")
    looks.see(PRIVACY, DPA)
    looks.see(PRIVACY, moved)
    assert looks.see(PRIVACY, moved) == [("moved", "DPA")]
    (finding,) = looks.seen.findings
    assert (finding.former_url, finding.url) == (DPA[1], moved[1])


@pytest.mark.parametrize("suffix", ["?utm_campaign=7", "?sid=8f3a", "?visitor=8f3a", "#top", "?hl=de", "/"])
def test_another_spelling_of_the_same_address_is_no_finding(looks, suffix):
    looks.see(PRIVACY, DPA)
    again = ("Data Processing Addendum", DPA[1] + suffix)
    assert [looks.see(PRIVACY, again), looks.see(PRIVACY, again)] == [[], []]


@pytest.mark.parametrize("read", [{"extractor": "2"}, {"reader": "other"}])
def test_another_reader_makes_a_new_baseline_and_no_findings(looks, read):
    looks.see(PRIVACY)
    assert [looks.see(DPA, **read), looks.see(DPA, **read)] == [[], []]
    assert [looks.see(PRIVACY), looks.see(PRIVACY)] == [[], []]


def test_a_text_read_moments_before_counts_as_a_look(looks):
    looks.see(PRIVACY)
    waiting = looks.version(PRIVACY, DPA)
    assert looks.see(PRIVACY, DPA, waiting=waiting) == [("new", "DPA")]


# --- the watchlist -----------------------------------------------------------------------------


def test_a_link_is_watched_when_a_document_has_its_address_in_any_spelling():
    documents = {TERMS.id: TERMS}
    watchlist = Watchlist(providers={"acme": Provider("acme", "Acme")}, documents=documents, products={})
    assert watched("http://www.acme.example/en/legal/terms/?utm_source=x", watchlist) == TERMS.id
    assert watched(DPA[1], watchlist) == ""
