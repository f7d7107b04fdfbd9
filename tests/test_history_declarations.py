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


def test_ranges_are_taken_as_they_are_declared(program):
    ranges = [
        ".intro",
        {"startBefore": "#top", "endBefore": "#end"},
        {"startAfter": "h1 + p", "endAfter": "article > .end"},
    ]

    out = printed(program, with_terms(select=ranges, remove={"startBefore": ".nav", "endBefore": ".crumbs"}))

    found = parse_watchlist(out).documents["acme-chat/privacy-policy"]
    assert found.select == (
        ".intro",
        "from before #top to before #end",
        "from after h1 + p to after article > .end",
    )
    assert found.remove == ("from before .nav to before .crumbs",)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (
            {"select": ["main", {"startBefore": "#top"}]},
            "select from one place to another (startBefore #top) cannot be said here",
        ),
        ({"remove": {"startBefore": "#top", "endAfter": ["#end"]}}, "look whether it is still there"),
        ({"filter": ["tidyUp"]}, "the filter tidyUp is a program (Acme Chat.filters.js) and is not run here"),
        ({"filter": [{"removeQueryParams": ["sid"]}]}, "the filter removeQueryParams is not needed"),
        ({"jurisdiction": "EU"}, 'jurisdiction = "EU" has no meaning here'),
        ({"select": "main:::x"}, 'select = "main:::x" is not a CSS selector'),
        ({"fetch": "ftp://acme.test/x"}, "is not a web address"),
    ],
)
def test_what_cannot_be_said_is_named_with_its_reason(program, page, said):
    declared = with_terms(**page)
    declared["terms"] |= DECLARED["terms"]

    out = printed(program, declared)

    assert any(line.startswith("# ") and said in line for line in out.splitlines()), out
    parse_watchlist(out)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ({"fetch": 5}, "fetch = 5 is no address"),
        ({"fetch": None}, "fetch = null is no address"),
        ({"select": ["main", None, {"startBefore": "h1"}, 7]}, "select = [null, 7] is no selector"),
        ({"filter": "tidyUp"}, "the filter tidyUp is a program"),
        ({"filter": [None, {}]}, "the filter null is a program"),
        ({"executeClientScripts": "yes"}, 'executeClientScripts = "yes" is neither true nor false'),
        ({"combine": "both"}, "is no declaration of pages"),
        ({"combine": [{"fetch": "https://acme.test/a"}, None]}, "is no declaration of pages"),
    ],
)
def test_what_is_declared_wrongly_is_named_and_stops_nothing(program, page, said):
    declared = with_terms(**page)
    declared["terms"]["Terms of Service"] = {"fetch": "https://acme.test/terms"}

    out = printed(program, declared)

    assert any(line.startswith("# ") and said in line for line in out.splitlines()), out
    assert "acme-chat/terms-of-service" in parse_watchlist(out).documents


def test_a_service_that_ended_or_cannot_be_read_is_named_among_those_that_can(program):
    folder = program.folder / "declarations"
    folder.mkdir()
    (folder / "Broken.json").write_text("{oops")
    (folder / "Listed.json").write_text('{"name": "Listed", "terms": ["Terms of Service"]}')
    (folder / "Ended.json").write_text('{"name": "Ended", "terms": {}}')
    ended = {"fetch": "https://ended.test/terms", "select": "main", "validUntil": "2024-01-01T00:00:00Z"}
    (folder / "Ended.history.json").write_text(json.dumps({"Terms of Service": [ended]}))

    out = printed(program, DECLARED)

    assert "# Broken: left out: cannot be read" in out
    assert '# Listed: left out: is no declaration; it has no "terms"' in out
    assert "# Ended: nothing of it is tracked there any more" in out
    assert "# Ended/Terms of Service: until 2024-01-01T00:00:00Z: https://ended.test/terms" in out
    assert list(parse_watchlist(out).providers) == ["acme-chat"]


def test_a_folder_of_nothing_but_what_cannot_be_read_is_refused(program):
    (program.folder / "Broken.json").write_text("{oops")

    came, _ = program.run("history", "declarations", str(program.folder))

    assert came == 3
    assert "Broken.json: cannot be read" in program.said


@pytest.mark.parametrize(
    "names",
    [("Acme Chat", "Acme-Chat"), ("小红", "可灵"), ("Café Chat", "Cafe Chat")],
    ids=["same", "none", "é"],
)
def test_services_whose_names_make_one_id_are_providers_of_their_own(program, names):
    first = {"name": "First", "terms": {"Privacy Policy": {"fetch": "https://first.test/privacy"}}}
    second = {"name": "Second", "terms": {"Privacy Policy": {"fetch": "https://second.test/privacy"}}}
    printed(program, first, service=names[0])

    found = parse_watchlist(printed(program, second, service=names[1]))

    assert {one.name for one in found.providers.values()} == {"First", "Second"}


def test_an_accent_leaves_its_letter_in_an_id(program):
    found = parse_watchlist(printed(program, DECLARED, service="Café IA"))

    assert list(found.documents) == ["cafe-ia/terms-of-service"]


def test_former_addresses_are_named_with_the_day_they_ended(program):
    former = {"Privacy Policy": [{"fetch": "https://acme.test/old", "validUntil": "2024-01-01T00:00:00Z"}]}

    assert "until 2024-01-01T00:00:00Z: https://acme.test/old" in printed(
        program, with_terms(), former=former
    )


def test_former_selectors_and_terms_that_are_declared_no_more_are_named_too(program):
    ended = {"validUntil": "2024-01-01T00:00:00Z"}
    former = {
        "Privacy Policy": [
            {"fetch": "https://acme.test/privacy", "select": ["#old", {"startBefore": "h1"}], **ended}
        ],
        "Imprint": [{"combine": [{"fetch": "https://acme.test/imprint"}], "select": "main", **ended}],
        "Other": "nothing",
    }

    out = printed(program, with_terms(), former=former)

    assert (
        'until 2024-01-01T00:00:00Z: https://acme.test/privacy, select = ["#old", {"startBefore": "h1"}]'
        in out
    )
    assert (
        '# Acme Chat/Imprint: until 2024-01-01T00:00:00Z: https://acme.test/imprint, select = "main"' in out
    )
    assert "# Acme Chat/Other: until" not in out


def test_an_address_that_is_watched_in_another_spelling_is_watched(program):
    (program.folder / "watchlist.toml").write_text(printed(program, with_terms()))

    out = printed(program, with_terms(fetch="https://www.acme.test/privacy/"))

    assert "is watched already as acme-chat/privacy-policy" in out


def test_an_address_that_two_services_declare_is_watched_once(program):
    printed(program, with_terms(), service="Acme")

    found = parse_watchlist(printed(program, with_terms()))

    assert list(found.documents) == ["acme-chat/privacy-policy"]


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


@pytest.mark.parametrize("text", ["", "\n\n"], ids=["empty", "blank"])
def test_a_watchlist_can_begin_with_declarations(program, text):
    (program.folder / "watchlist.toml").write_text(text)

    assert list(parse_watchlist(printed(program, DECLARED)).documents) == ["acme-chat/terms-of-service"]


def test_a_watchlist_that_cannot_be_read_is_told_so(program):
    (program.folder / "watchlist.toml").mkdir()
    came, _ = program.run("history", "declarations", str(program.folder))

    assert (came, "watchlist.toml: cannot be read: Is a directory" in program.said) == (3, True)
