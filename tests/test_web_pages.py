"""Every page answers sensibly: before there is anything, when something is gone, damaged or locked."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest

from monitor.demo import write_watchlist
from monitor.model import Block, BlockKind, Page
from monitor.settings import settings
from monitor.store import Store
from tests import store_samples
from tests.served import copied, demonstration, serving

PAGES = (
    "/", "/positions", "/documents", "/health", "/search", "/search?q=data", "/steps",
    "/documents/aurora/commercial-terms", "/positions/aurora/api/training", "/positions/dune/app/retention",
    "/positions.json", "/positions.csv", "/positions.md", "/feeds/all.atom", "/feeds/all.json",
    "/feeds/aurora.atom", "/badges/aurora/api/training.svg", "/badges/aurora/api/training.json",
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture
def own(folder, tmp_path):
    return copied(folder, tmp_path / "own")


@pytest.fixture
def served(own):
    with serving(own) as running:
        yield running


@contextmanager
def database(folder):
    with closing(sqlite3.connect(folder / "watchlist.db", isolation_level=None)) as opened:
        yield opened


def texts(served, paths):
    """What each of these pages says; each must be there."""
    with served.client() as client:
        answers = {path: client.get(path) for path in paths}
    assert {path: one.status_code for path, one in answers.items() if one.status_code != 200} == {}
    return {path: one.text for path, one in answers.items()}


# --- nothing yet -----------------------------------------------------------------------------------


def test_before_the_first_check_every_page_answers_and_the_inbox_says_how_to_begin(tmp_path, at):
    write_watchlist(tmp_path, "http://127.0.0.1:9", at.date())
    with serving(tmp_path) as served:
        said = texts(served, PAGES)
        with served.client() as client:
            compared = client.get("/documents/aurora/commercial-terms/compare?before=1&after=2")
    assert "tos-monitor check" in said["/"]
    assert "Never checked" in said["/health"]
    assert "Not yet seen" in said["/documents/aurora/commercial-terms"]
    assert compared.status_code == 404


def test_a_watchlist_without_anything_to_watch_is_said_to_be_empty(tmp_path):
    (tmp_path / "watchlist.toml").write_text('[providers.aurora]\nname = "Aurora"\n')
    with serving(tmp_path) as served:
        said = texts(served, ("/", "/positions", "/documents", "/health", "/search", "/steps"))
    assert "names no document" in said["/documents"]
    assert "has no product paths" in said["/positions"]


def test_a_document_added_since_is_shown_as_never_seen(own):
    path = own / "watchlist.toml"
    more = '[providers.aurora.documents.new]\ntype = "Privacy Policy"\nurl = "https://aurora.example/new"\n'
    path.write_text(path.read_text() + more)
    with serving(own) as served:
        said = texts(served, ("/", "/documents", "/documents/aurora/new", "/health"))
    assert "not yet checked" in said["/documents/aurora/new"]
    assert "aurora/new" in said["/health"]


# --- what is not there -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/changes/99", "/changes/99999999999999999999999", "/versions/99", "/versions/9223372036854775808",
        "/captures/" + "0" * 64, "/captures/" + "0" * 64 + "/body", "/captures/no-hash",
        "/documents/aurora/nothing",
        "/documents/nobody/terms", "/positions/aurora/nothing/training", "/positions/aurora/api/weather",
        "/documents/aurora/commercial-terms/compare?before=1&after=99", "/feeds/nobody.atom", "/feeds/x",
        "/badges/aurora/api/weather.svg", "/badges/x.svg", "/nothing", "/changes/x",
    ],
)  # fmt: skip
def test_what_is_not_there_is_said_in_a_page_with_a_way_back(served, path):
    with served.client() as client:
        answer = client.get(path)
    assert answer.status_code == 404
    assert "To the inbox" in answer.text


@pytest.mark.parametrize("number", ["99", "99999999999999999999999", "x", "-1", "²"])
def test_a_step_in_the_address_that_there_is_not_changes_nothing(served, number):
    said = texts(served, (f"/?done={number}", f"/steps?before={number}", f"/changes/1?done={number}"))
    assert "Undo" not in said[f"/?done={number}"]


def test_numbers_that_no_database_holds_are_refused_in_forms_too(served):
    huge = "9" * 40
    with served.client() as client:
        undone = client.post(f"/steps/{huge}/undo")
        dismissed = client.post(f"/changes/{huge}/dismiss", data={"why": "so"})
        kept = client.post(
            "/claims/aurora/api/training/verify",
            data={"does": "confirm", "doubts": huge, "answer": huge, "change": huge, "clause": "none"},
        )
    assert (undone.status_code, dismissed.status_code) == (404, 404)
    assert kept.status_code in (303, 409)


def test_a_product_that_left_the_watchlist_with_open_doubts_leaves_its_change_to_be_dismissed(own):
    path = own / "watchlist.toml"
    before, _, _ = path.read_text().partition("[providers.dune]")
    path.write_text(before)
    with serving(own) as served:
        said = texts(
            served, ("/", "/changes/3", "/positions", "/health", "/feeds/all.atom", "/positions.json")
        )
        assert 'action="/claims/dune/app' not in said["/changes/3"]
        assert "dune/app, retention, which the watchlist has no longer" in said["/changes/3"]
        seen = " ".join(str(doubt.id) for doubt in served.monitor.store.change(3).doubts)
        with served.client() as client:
            answer = client.post("/changes/3/dismiss", data={"why": "no longer offered", "seen": seen})
        assert answer.status_code == 303
        assert served.monitor.store.waiting_numbers() == (1,)


def test_changes_of_a_document_that_left_the_watchlist_are_still_shown(own):
    path = own / "watchlist.toml"
    _, _, rest = path.read_text().partition("[providers.borealis]")
    head = path.read_text().partition("[providers.aurora]")[0]
    path.write_text(head + "[providers.borealis]" + rest)
    with serving(own) as served:
        said = texts(served, ("/", "/changes/1", "/versions/1", "/steps", "/search?q=customer"))
    assert "Customer Content" in said["/changes/1"]


# --- what is broken ----------------------------------------------------------------------------------


def test_a_capture_whose_bytes_were_damaged_is_said_to_be_and_the_change_is_still_read(own):
    with serving(own) as served:
        sha256 = served.monitor.store.change(1).after.capture_sha256
        with database(own) as rows:
            rows.execute("UPDATE blobs SET data = zeroblob(length(data)) WHERE sha256 = ?", (sha256,))
        with served.client() as client:
            for path in (f"/captures/{sha256}", f"/captures/{sha256}/body"):
                answer = client.get(path)
                assert answer.status_code == 503
                assert "damaged" in answer.text
            assert client.get("/changes/1").status_code == 200


def test_a_locked_database_is_read_and_an_answer_is_told_to_be_given_again(own):
    chosen = settings(watchlist=own / "watchlist.toml", environ={})
    with serving(own) as served, Store.open(f"{chosen.database}?timeout=0.1") as hasty:
        object.__setattr__(served.monitor, "store", hasty)
        with database(own) as other, served.client() as client:
            other.execute("BEGIN IMMEDIATE")
            answer = client.post("/changes/3/dismiss", data={"why": "so", "seen": ""})
            assert answer.status_code == 503
            assert "locked by another process" in answer.text
            assert "wait for a review" in client.get("/").text


def test_half_a_character_in_a_text_is_shown_as_missing(own):
    text = "We keep \ud83d your data \u202efor 30 days."
    with serving(own) as served:
        told = store_samples.Story(served.monitor.store, "dune/half")
        taken = store_samples.capture("half", told.at)
        version = store_samples.version("half", taken, "dune/half")
        blocks = (Block(BlockKind.HEADING, text, level=1), Block(BlockKind.PARAGRAPH, text, section=(text,)))
        version = replace(version, page=Page(blocks=blocks, title=text))
        outcome = store_samples.First(document="dune/half", at=told.at, capture=taken, version=version)
        told.tell(outcome)
        number = served.monitor.store.known("dune/half").version_id
        said = texts(served, (f"/versions/{number}", "/search?q=data"))
    for page in said.values():
        assert "your data" in page
        assert "\u202e" not in page


# --- much of it --------------------------------------------------------------------------------------


def test_a_document_with_many_versions_lists_the_newest_and_all_on_request(own):
    with serving(own) as served:
        story = store_samples.Story(served.monitor.store, "dune/many")
        story.first()
        for number in range(60):
            story.changed(f"Text {number} of the terms.")
        (own / "watchlist.toml").write_text(
            (own / "watchlist.toml").read_text()
            + '[providers.dune.documents.many]\ntype = "Other"\nurl = "https://dune.example/many"\n'
        )
    with serving(own) as served:
        said = texts(served, ("/documents/dune/many", "/documents/dune/many?versions=all"))
    rows = {path: page.count('name="before"') for path, page in said.items()}
    assert list(rows.values()) == [50, 61]
    assert "All 61 versions" in said["/documents/dune/many"]


def test_steps_are_listed_a_hundred_at_a_time(own):
    with serving(own) as served:
        waiting = served.monitor.store.change(3)
        for _ in range(51):
            seen = [doubt.id for doubt in waiting.doubts]
            step = served.monitor.store.dismiss(3, why="so", by="robin", at=store_samples.START, seen=seen)
            served.monitor.store.undo(step.id, by="robin", at=store_samples.START)
        said = texts(served, ("/steps", "/steps?before=3", "/steps?before=1"))
    assert said["/steps"].count('<th scope="row"') == 100
    assert 'href="/steps?before=3"' in said["/steps"]
    assert said["/steps?before=3"].count('<th scope="row"') == 2
    assert "Nothing was answered before that" in said["/steps?before=1"]
