"""Open Terms Archive's declarations as entries of a watchlist."""

import json

import pytest

from monitor.watchlist import parse_watchlist
from tests.program import program_in

DECLARED = {
    "name": "Acme Chat",
    "terms": {
        "Terms of Service": {
            "fetch": "https://acme.test/terms",
            "select": ["main", ".annex"],
            "remove": ".share",
            "executeClientScripts": True,
        }
    },
}


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "watching"
    folder.mkdir()
    with program_in(folder) as made:
        yield made


def printed(program, declared, *words, former=None, service="Acme Chat"):
    folder = program.folder / "declarations"
    folder.mkdir(exist_ok=True)
    (folder / f"{service}.json").write_text(json.dumps(declared))
    if former:
        (folder / f"{service}.history.json").write_text(json.dumps(former))
    came, out = program.run("history", "declarations", str(program.folder), *words)
    assert came == 0, program.said
    return out


def with_terms(**page):
    return {"name": "Acme", "terms": {"Privacy Policy": {"fetch": "https://acme.test/privacy", **page}}}


def test_a_declaration_becomes_an_entry_that_the_watchlist_takes(program):
    found = parse_watchlist(printed(program, DECLARED)).documents["acme-chat/terms-of-service"]

    assert (found.url, found.select, found.remove) == (
        "https://acme.test/terms",
        ("main", ".annex"),
        (".share",),
    )
    assert (found.type, found.render) == ("Terms of Service", "browser")
    assert found.history == ("Acme Chat/Terms of Service",)


def test_pages_that_are_combined_there_are_a_document_each_with_what_they_share(program):
    pages = [{"fetch": "https://acme.test/a"}, {"fetch": "https://acme.test/b", "select": "article"}]
    declared = {"name": "Acme", "terms": {"Privacy Policy": {"combine": pages, "select": "main"}}}

    documents = parse_watchlist(printed(program, declared)).documents.values()

    assert [(one.url, one.select) for one in documents] == [
        ("https://acme.test/a", ("main",)),
        ("https://acme.test/b", ("article",)),
    ]
    assert [one.history for one in documents] == [
        ("Acme Chat/Privacy Policy #1",),
        ("Acme Chat/Privacy Policy #2",),
    ]


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            {"select": {"startBefore": "#top", "endAfter": "#end"}},
            "select from one place to another (startBefore #top, endAfter #end) cannot be said here",
        ),
        ({"filter": ["tidyUp"]}, "the filter tidyUp is a program (Acme Chat.filters.js) and is not run here"),
        ({"filter": [{"removeQueryParams": ["sid"]}]}, "the filter removeQueryParams is not needed"),
        ({"jurisdiction": "EU"}, 'jurisdiction = "EU" has no meaning here'),
        ({"select": "main:::x"}, 'select = "main:::x" is not a CSS selector'),
        ({"fetch": "ftp://acme.test/x"}, "is not a web address"),
    ],
)
def test_what_cannot_be_said_is_named_with_its_reason(program, page, said):
    out = printed(program, with_terms(**page))

    assert any(line.startswith("# ") and said in line for line in out.splitlines()), out
    parse_watchlist(out)


def test_former_addresses_are_named_with_the_day_they_ended(program):
    former = {"Privacy Policy": [{"fetch": "https://acme.test/old", "validUntil": "2024-01-01T00:00:00Z"}]}

    assert "until 2024-01-01T00:00:00Z: https://acme.test/old" in printed(
        program, with_terms(), former=former
    )


def test_what_is_watched_already_is_commented_out(program):
    (program.folder / "watchlist.toml").write_text(printed(program, with_terms()))

    out = printed(program, with_terms())

    assert "is watched already as acme-chat/privacy-policy" in out
    assert all(not line or line.startswith("#") for line in out.splitlines())


def test_a_service_that_is_not_declared_is_named(program):
    printed(program, with_terms())
    came, _ = program.run("history", "declarations", str(program.folder), "--service", "Zeta")

    assert came == 3
    assert 'no service "Zeta"; there is: Acme Chat' in program.said
