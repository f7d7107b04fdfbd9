"""Pages as sites serve them in place of a document, and short documents that speak of the same things."""

import tomllib

import pytest

from monitor.extract import read
from monitor.guard import suspect
from monitor.guard.phrases import PHRASES, SIGNATURES
from monitor.guard.titles import TITLES
from monitor.guard.walls import wall_title
from monitor.model import Previous
from tests.conftest import FIXTURES
from tests.test_guard import TERMS, accepted, captured, document

FOLDER = FIXTURES.parent / "walls"
WALLS = tomllib.loads((FOLDER / "walls.toml").read_text())["wall"]
DOCUMENTS = tomllib.loads((FOLDER / "documents.toml").read_text())["document"]


def named(case):
    return case["name"]


def suspected(body, previous=None):
    capture = captured(body)
    return suspect(document(), capture, read(capture), previous or Previous())


@pytest.mark.parametrize("wall", WALLS, ids=named)
def test_a_wall_is_told_for_what_it_is_where_the_document_was_and_at_the_first_fetch(wall):
    assert suspected(wall["page"], accepted(TERMS))[0].code == wall["code"]
    assert suspected(wall["page"])[0].code == wall["code"]


@pytest.mark.parametrize("short", DOCUMENTS, ids=named)
def test_a_short_document_that_speaks_of_walls_is_none(short):
    before = short["page"].replace("30", "14")

    assert suspected(short["page"]) == ()
    assert suspected(short["page"], accepted(before)) == ()


def test_a_wall_in_the_place_of_a_short_document_is_doubtful():
    short = accepted(DOCUMENTS[0]["page"])

    accepted_walls = [wall["name"] for wall in WALLS if not suspected(wall["page"], short)]
    assert accepted_walls == []


def test_what_is_told_of_a_challenge_in_the_markup_is_its_script_and_not_its_title():
    reason = suspected('<title>Acme</title><p>acme.example</p><div class="cf-turnstile"></div>')[0]

    assert reason.detail == "the page carries the script of a bot check (cf-turnstile) and hardly any text"


@pytest.mark.parametrize("patterns", [PHRASES, SIGNATURES], ids=["phrases", "signatures"])
def test_no_pattern_of_walls_hangs_on_a_long_text(patterns):
    for hostile in ("page " * 2000, "the page you " * 800, "a" * 9000, "error 5" * 1500, "the " * 3000):
        assert wall_title(hostile[:200]) in ("", *TITLES)
        assert [pattern.search(hostile) for pattern in patterns.values()]
