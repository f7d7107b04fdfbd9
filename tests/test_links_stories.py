"""Links to legal documents as a user meets them: the installed command against a real local site."""

from __future__ import annotations

import pytest

from monitor.watchlist import parse_watchlist
from tests.test_end_to_end import BEFORE, Program

AI_TERMS = '<a href="/legal/ai-terms">Supplemental AI Terms</a>'
DPA = '<a href="/legal/dpa{visit}">Data Processing Addendum</a>'


def with_links(*links, page=BEFORE):
    """The same text with these links at the foot of the page."""
    return page.replace(b"</body>", f"<footer>{' '.join(links)}</footer></body>".encode())


@pytest.fixture
def program(tmp_path, site):
    site.put("/terms", with_links(DPA))
    return Program(tmp_path, site)


def told(report):
    return [(one["kind"], one["text"]) for one in report["links"]]


def test_a_page_that_gains_a_link_while_its_text_stays_is_told_once_and_is_no_change(program, site):
    program.run("check")
    site.put("/terms", with_links(DPA, AI_TERMS))
    assert told(program.json("check")) == [], "one look is not enough"
    report = program.json("check")
    assert told(report) == [("new", "Supplemental AI Terms")]
    assert [one["outcome"] for one in report["results"]] == ["unchanged"]
    assert told(program.json("check")) == [], "told once"
    assert program.json("changes") == []
    assert told(program.json("report")) == [("new", "Supplemental AI Terms")]


@pytest.mark.parametrize("format", ["terminal", "markdown", "html"])
def test_the_finding_and_the_lines_that_add_the_document_are_in_every_format(program, site, format):
    program.run("check")
    site.put("/terms", with_links(DPA, AI_TERMS))
    program.run("check")
    text = program.run("check", "--format", format)
    assert "Linked documents" in text
    assert "Supplemental AI Terms" in text
    assert "not on the watchlist" in text
    assert "[providers.aurora.documents.ai-terms]" in text


def test_the_proposed_lines_load_with_the_watchlist_and_the_document_is_then_watched(program, site):
    program.run("check")
    site.put("/terms", with_links(DPA, AI_TERMS))
    program.run("check")
    (finding,) = program.json("check")["links"]
    file = program.folder / "watchlist.toml"
    file.write_text(file.read_text() + finding["entry"])
    assert "aurora/ai-terms" in parse_watchlist(file.read_text()).documents
    linked = {one["text"]: one["watched"] for one in program.json("status", "--links")["linked"]}
    assert linked["Data Processing Addendum"] is None
    assert linked["Supplemental AI Terms"] == "aurora/ai-terms"


def test_a_link_that_goes_away_is_told_when_a_second_look_misses_it(program, site):
    program.run("check")
    site.put("/terms", BEFORE)
    assert told(program.json("check")) == []
    assert told(program.json("check")) == [("vanished", "Data Processing Addendum")]
    assert program.json("changes") == []


def test_a_menu_that_flips_once_is_told_to_nobody(program, site):
    program.run("check")
    for page in (with_links(AI_TERMS), with_links(DPA), with_links(DPA), BEFORE, with_links(DPA)):
        site.put("/terms", page)
        assert told(program.json("check")) == []
    assert told(program.json("report")) == []


def test_parameters_of_each_visit_make_no_findings(program, site):
    for visit in ("?utm_source=a", "?sid=81f0", ";jsessionid=99AB", "#x", ""):
        site.put("/terms", with_links(DPA.format(visit=visit)))
        assert told(program.json("check")) == []


def test_a_link_that_waits_is_looked_at_again_although_the_server_would_say_304(program, site):
    program.run("check")
    site.put("/terms", with_links(DPA, AI_TERMS), headers={"ETag": '"2"'})
    program.run("check")
    assert told(program.json("check")) == [("new", "Supplemental AI Terms")]
    assert told(program.json("check")) == []
    assert site.asked("/terms") == [200, 200, 200, 304]


def test_a_link_whose_address_alone_changed_is_told_as_moved(program, site):
    program.run("check")
    site.put("/terms", with_links(DPA.replace("/legal/dpa", "/trust/dpa-2")))
    program.run("check")
    (finding,) = program.json("check")["links"]
    assert (finding["kind"], finding["former_url"]) == ("moved", f"{site.url}/legal/dpa{{visit}}")


def test_a_doubtful_capture_makes_no_link_vanish(program, site):
    program.run("check")
    site.put("/terms", "<html><body><h1>Just a moment...</h1></body></html>")
    for _ in range(3):
        assert told(program.json("check", "--fail-on", "never")) == []
    site.put("/terms", with_links(DPA))
    assert told(program.json("check")) == []


def test_other_selectors_make_no_findings(program, site):
    program.run("check")
    file = program.folder / "watchlist.toml"
    file.write_text(file.read_text().replace('/terms"\n', '/terms"\nremove = "footer"\n', 1))
    assert [told(program.json("check")) for _ in range(3)] == [[], [], []]


def test_the_links_that_a_change_altered_are_shown_on_demand(program, site):
    program.run("check")
    clause = b"<p>We tell you thirty days before these terms change.</p></main>"
    site.put("/terms", with_links(DPA, AI_TERMS, page=BEFORE.replace(b"</main>", clause)))
    assert told(program.json("check", "--fail-on", "never")) == [("new", "Supplemental AI Terms")]
    (change,) = program.json("changes")
    shown = program.json("show", str(change["id"]), "--links")
    assert [(one["kind"], one["after"]["text"]) for one in shown["changed"]] == [
        ("added", "Supplemental AI Terms")
    ]
    named = [one["text"] for one in shown["linked"]]
    assert named[-2:] == ["Data Processing Addendum", "Supplemental AI Terms"]


def test_links_of_two_files_are_compared_on_demand(program):
    (program.folder / "a.html").write_bytes(with_links(DPA, '<a href="https://acme.example/tea">Tea</a>'))
    (program.folder / "b.html").write_bytes(with_links(DPA, '<a href="https://acme.example/mate">Tea</a>'))
    shown = program.json("compare", "a.html", "b.html", "--links")
    assert [(one["kind"], one["after"]["url"]) for one in shown["changed"]] == [
        ("other target", "https://acme.example/mate")
    ]
    assert "other target" in program.run("compare", "a.html", "b.html", "--links")
