"""The site: valid pages that stand alone, stable JSON, harmless tables, a badge a claim, feeds that parse."""

import csv
import io
import json
import os
import re
import shutil
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree import ElementTree

import feedparser
import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import sync_playwright

from monitor import folder
from monitor.cli import main
from monitor.errors import UsageError
from monitor.publish import feeds, site
from monitor.publish.badges import file_name, model_named, of_model
from monitor.publish.facts import AUTHORITY
from monitor.publish.positions import harmless, positions_csv, positions_json, positions_md
from tests.publish_samples import CLAUSE, MONTH, answer, claim, doubt, everything, facts, hostile, product
from tests.report_samples import AT
from tests.served import demonstration

API = product(
    "api", claim("nord/api", "training", "no"), claim("nord/api", "retention", "period", period=MONTH)
)


class Links(HTMLParser):
    """The addresses that a page links to or loads, the ids in it, and the elements that it has."""

    def __init__(self, text):
        super().__init__()
        self.targets, self.ids, self.tags = [], set(), []
        self.handlers = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("href", "src"):
                self.targets.append(value)
            if name == "id":
                self.ids.add(value)
            if name.startswith("on") or name == "style":
                self.handlers.append(name)


def pages(files):
    return {path: content.decode() for path, content in files.items() if path.endswith(".html")}


@pytest.fixture(scope="module")
def whole():
    return site(everything())


@pytest.fixture(scope="module")
def attacked():
    return site(hostile())


# --- pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [everything, hostile], ids=["everything", "hostile"])
def test_every_page_is_valid_html(made):
    for text in pages(site(made())).values():
        html5lib.HTMLParser(strict=True).parse(text)


def test_there_is_a_page_for_every_position_change_and_document(whole):
    assert {path for path in whole if path.endswith(".html")} == {
        "index.html",
        "about.html",
        "changes/index.html",
        *(f"changes/{number}.html" for number in (12, 13, 14, 15)),  # 16 is technical
        "documents/index.html",
        *(
            f"documents/borealis/{name}.html"
            for name in ("commercial-terms", "privacy-policy", "help-retention")
        ),
        "documents/yun/privacy.html",
        *(f"positions/{name}.html" for name in ("borealis/api", "borealis/desk", "yun/chat")),
    }


@pytest.mark.parametrize("made", [everything, hostile], ids=["everything", "hostile"])
def test_every_link_within_the_site_leads_to_something_that_is_there(made):
    files = site(made())
    ids = {path: Links(text).ids for path, text in pages(files).items()}
    for path, text in pages(files).items():
        for target in Links(text).targets:
            parts = urlsplit(target)
            if parts.scheme:
                continue
            assert not target.startswith("/"), f"{path} would not work from a folder: {target}"
            there = urljoin(path, unquote(parts.path)) if parts.path else path
            assert there in files, f"{path} links to {target}"
            assert not parts.fragment or parts.fragment in ids[there], f"{path} links to {target}"


def test_no_page_has_a_script_or_loads_anything_from_elsewhere(whole):
    for text in pages(whole).values():
        page = Links(text)
        assert not page.handlers
        assert "script" not in page.tags
        assert not [one for one in re.findall(r'src="([^"]*)"', text) if urlsplit(one).scheme]
        assert re.findall(r'rel="stylesheet" href="([^"]*)"', text)[0].endswith("style.css")


def test_page_text_is_only_ever_text(attacked):
    for path, text in pages(attacked).items():
        page = Links(text)
        assert not page.handlers, path
        assert "script" not in page.tags
        assert not [one for one in page.targets if one.lower().startswith(("javascript:", "data:"))]
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_a_position_tells_its_value_its_date_and_since_when_it_is_in_doubt():
    text = site(facts(API, doubts=[doubt()]))["index.html"].decode()
    row = text[text.index("nord/api.html#training") :].split("</td>")[0]
    assert ">no<" in row
    assert "last verified 2026-09-01" in row
    assert "needs re-verification since 2026-11-19" in row


def test_a_position_shows_the_clause_it_rests_on_and_where_it_stood():
    text = site(facts(API, answers=[answer()]))["positions/nord/api.html"].decode()
    assert f'<blockquote dir="auto">{CLAUSE}</blockquote>' in text
    assert "documents/nord/terms.html" in text
    assert "Last verified 2026-09-01 by Ana." in text


def test_a_change_shows_its_clauses_and_the_claims_it_put_in_doubt(whole):
    text = whole["changes/12.html"].decode()
    assert "<del>30</del>" in text
    assert "<ins>90</ins>" in text
    assert 'href="../positions/borealis/api.html#training"' in text
    assert "tos-monitor verify" not in text


def test_equal_facts_give_equal_bytes_whenever_they_are_published():
    later = facts(API, at=AT + timedelta(hours=5))
    assert site(facts(API)) == site(later)


def test_a_ledger_of_which_nothing_was_checked_says_so_and_stays_as_it_is():
    found = facts(API)
    unseen = replace(found, report=replace(found.report, health=()))
    made = site(unseen)
    assert b"Nothing was checked yet." in made["index.html"]
    assert json.loads(made["positions.json"])["as_of"] is None
    assert made == site(replace(unseen, report=replace(unseen.report, at=AT + timedelta(minutes=5))))


def test_a_claim_that_is_contradicted_and_in_doubt_says_both():
    text = site(everything())["positions/borealis/desk.html"].decode()
    assert "Contradicted, in doubt since 2026-11-21; last verified 2026-06-01." in text


# --- positions ---------------------------------------------------------------------------------


def position(found, number=0):
    return json.loads(positions_json(found))["positions"][number]


def test_a_claim_is_told_with_its_evidence():
    found = facts(API, answers=[answer()], exceptions={("nord/api", "training"): ("feedback",)})
    assert position(found)["topics"]["training"] == {
        "position": "no",
        "period": None,
        "period_days": None,
        "as_of": "2026-09-01",
        "source": CLAUSE,
        "note": None,
        "exceptions": ["feedback"],
        "state": "verified",
        "in_doubt_since": None,
        "doubted_by": [],
        "verified_by": "Ana",
        "source_url": "https://nord.example/terms",
        "evidence": {"document": "nord/terms", "version": 7, "clause": CLAUSE},
        "sources": [],
    }


def test_every_field_is_documented():
    told = position(facts(API, answers=[answer()]))
    named = {
        *told,
        *told["documents"][0],
        *told["topics"]["training"],
        *told["topics"]["training"]["evidence"],
    }
    text = (Path(__file__).parent.parent / "docs" / "publishing.md").read_text()
    assert {name for name in named if f'"{name}"' not in text or f"`{name}`" not in text} <= {
        *(
            "product",
            "provider",
            "name",
            "audience",
            "models",
            "clarity",
            "depends_on",
            "documents",
            "topics",
        ),
        *("document", "type", "url", "last_seen", "version", "clause"),  # shown in the example, and plain
    }


def test_a_claim_in_doubt_says_so_and_keeps_its_last_value():
    told = position(facts(API, doubts=[doubt(change=9, days_ago=1), doubt(change=4)]))
    training = told["topics"]["training"]
    assert (training["position"], training["as_of"]) == ("no", "2026-09-01")
    assert training["state"] == "needs re-verification"
    assert training["in_doubt_since"] == "2026-11-19T14:03:00Z"
    assert training["doubted_by"] == [4, 9]
    assert told["trainsOnPrompts"] is False


def test_what_is_not_known_is_null():
    told = position(facts(product("api")))
    assert told["topics"]["training"]["position"] is None
    assert told["topics"]["training"]["evidence"] is None
    assert told["topics"]["training"]["state"] == "never verified"
    assert [told[name] for name in ("trainsOnPrompts", "retainsPrompts", "retentionDays", "zdr")] == [
        None
    ] * 4


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"training": "no"}, (False, None, None, None)),
        ({"training": "opt-in"}, (False, None, None, None)),
        ({"training": "opt-out"}, (True, None, None, None)),
        ({"training": "yes"}, (True, None, None, None)),
        ({"training": "plan-dependent"}, (None, None, None, None)),
        ({"training": "silent"}, (None, None, None, None)),
        ({"retention": "period"}, (None, True, 30, None)),
        ({"retention": "not-stored"}, (None, False, 0, True)),
        ({"retention": "indefinite"}, (None, True, None, None)),
        ({"retention": "none-stated"}, (None, None, None, None)),
        ({"retention": "period", "zdr": "yes"}, (None, True, 30, True)),
        ({"retention": "period", "zdr": "no"}, (None, True, 30, False)),
    ],
)
def test_the_customary_names_say_what_follows_from_a_position(claims, expected):
    found = [
        claim("nord/api", topic, said, period=MONTH if said == "period" else None)
        for topic, said in claims.items()
    ]
    told = position(facts(product("api", *found)))
    assert (
        tuple(told[name] for name in ("trainsOnPrompts", "retainsPrompts", "retentionDays", "zdr"))
        == expected
    )


def test_sources_that_disagree_are_all_told_and_nothing_is_concluded_from_them():
    both = product(
        "api", claim("nord/api", "training", "no"), claim("nord/api", "training", "yes", "2026-05-05")
    )
    told = position(facts(both))
    assert told["trainsOnPrompts"] is None
    assert told["topics"]["training"]["state"] == "contradicted"
    assert [(one["position"], one["as_of"]) for one in told["topics"]["training"]["sources"]] == [
        ("no", "2026-09-01"),
        ("yes", "2026-05-05"),
    ]


def test_an_address_that_a_source_names_is_its_link():
    sourced = product(
        "api", claim("nord/api", "training", "no", source="audit, https://audit.example/2026 p. 3")
    )
    assert position(facts(sourced))["topics"]["training"]["source_url"] == "https://audit.example/2026"


def test_the_table_for_spreadsheets_has_the_same_values():
    told = list(csv.DictReader(io.StringIO(positions_csv(facts(API, answers=[answer()])), newline="")))
    assert [row["product"] for row in told] == ["nord/api"]
    assert told[0]["training"] == "no"
    assert told[0]["training_last_verified"] == "2026-09-01"
    assert told[0]["training_clause"] == CLAUSE
    assert told[0]["retention_period_days"] == "30"
    assert (told[0]["trainsOnPrompts"], told[0]["zdr"]) == ("false", "")


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\r=1", "\n@x", "＝1"])
def test_a_cell_that_a_spreadsheet_would_run_is_text(cell):
    hostile_ = product("api", claim("nord/api", "training", "no", source=cell), name=cell)
    (row,) = csv.DictReader(io.StringIO(positions_csv(facts(hostile_)), newline=""))
    assert row["name"].startswith("'")
    assert row["training_source"].startswith("'")


@given(st.text())
def test_every_row_of_the_table_for_spreadsheets_has_as_many_cells_as_the_first(text):
    rows = list(csv.reader(io.StringIO(positions_csv(facts(product("api", name=text))), newline="")))
    assert len({len(row) for row in rows}) == 1
    assert rows[1][2] == harmless(text)


def test_the_markdown_table_has_values_dates_and_states():
    lines = positions_md(facts(API, doubts=[doubt()])).splitlines()
    assert "| product path | audience | training | retention | clarity | last verified | state |" in lines
    assert lines[-1] == (
        "| Api (nord/api) | api | no | about 30 days | – | 2026-09-01 "
        "| training needs re-verification; retention verified |"
    )


def test_hostile_names_make_no_structure_in_the_markdown_table():
    found = facts(product("api", name="a | b <script> [x](javascript:1)"))
    (row,) = [line for line in positions_md(found).splitlines() if "nord/api" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 8
    assert "\\<script\\>" in row


# --- badges ------------------------------------------------------------------------------------


def test_there_is_a_badge_a_product_path_and_topic_and_a_badge_a_model():
    files = site(facts(replace(API, models=("nord-*", "vendor/large:free"))))
    assert {path for path in files if path.startswith("badges/")} == {
        f"badges/{whose}/{topic}.{ending}"
        for whose in ("nord/api", "models/nord-~2a", "models/vendor~2flarge~3afree")
        for topic in ("training", "retention")
        for ending in ("svg", "json")
    }


def test_every_badge_is_a_picture_and_the_json_that_shields_draws(whole):
    for path, content in whole.items():
        if path.startswith("badges/") and path.endswith(".svg"):
            assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
            told = json.loads(whole[path.removesuffix("svg") + "json"])
            assert f"{told['label']}: {told['message']}" in ElementTree.fromstring(content)[0].text


@given(st.text(min_size=1, max_size=12))
def test_the_file_name_of_a_model_is_safe_and_tells_it_apart(model):
    name = file_name(model)
    assert re.fullmatch(r"(?!\.)[a-z0-9._~-]+", name)
    assert model_named(name, facts()) == model.lower().encode("utf-8", "replace").decode()


def test_two_long_names_that_begin_alike_stay_apart():
    one, other = file_name("a" * 300 + "1"), file_name("a" * 300 + "2")
    assert one != other
    assert len(one) == len(other) < 200
    assert model_named(one, facts(replace(API, models=("a" * 300 + "1",)))) == "a" * 300 + "1"


def test_a_model_of_one_path_says_what_the_path_says():
    found = facts(replace(API, models=("nord-*",)))
    assert (
        of_model("Nord-Large-2", "training", found).text == "Nord-Large-2: no training · verified 2026-09-01"
    )
    assert of_model("other", "training", found) is None


def test_a_model_of_several_paths_says_what_all_say_as_of_the_oldest_date():
    free = product("free", claim("nord/free", "training", "no", "2026-07-01"), models=("nord-1",))
    found = facts(replace(API, models=("nord-*",)), free)
    assert of_model("nord-1", "training", found).message == "no training · verified 2026-07-01"


def test_a_model_whose_paths_differ_says_so():
    free = product("free", claim("nord/free", "training", "yes", "2026-07-01"), models=("nord-1",))
    found = facts(replace(API, models=("nord-*",)), free)
    assert (
        of_model("nord-1", "training", found).message == "training: differs by product · verified 2026-07-01"
    )


def test_a_doubt_about_one_path_is_a_doubt_about_the_model():
    free = product("free", claim("nord/free", "training", "yes", "2026-07-01"), models=("nord-1",))
    found = facts(replace(API, models=("nord-*",)), free, doubts=[doubt()])
    assert of_model("nord-1", "training", found).message == "re-verify since 2026-11-19"


# --- feeds -------------------------------------------------------------------------------------


def test_every_feed_passes_a_feed_parser_in_both_forms(whole):
    atoms = [path for path in whole if path.startswith("feeds/") and path.endswith(".atom")]
    assert sorted(atoms) == [
        "feeds/all.atom",
        "feeds/borealis.atom",
        "feeds/borealis/api.atom",
        "feeds/borealis/desk.atom",
        "feeds/yun.atom",
        "feeds/yun/chat.atom",
    ]
    for path in atoms:
        parsed = feedparser.parse(whole[path])
        assert not parsed.bozo
        assert parsed.version == "atom10"
        twin = json.loads(whole[path.removesuffix("atom") + "json"])
        assert twin["version"] == "https://jsonfeed.org/version/1.1"
        assert [one["id"] for one in twin["items"]] == [one.id for one in parsed.entries]


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("all", {12, 13, 14, 15}),
        ("borealis", {12, 14, 15}),
        ("borealis/api", {12, 14}),
        ("borealis/desk", {12, 14, 15}),  # it depends on the API
        ("yun/chat", {13}),
    ],
)
def test_a_feed_tells_the_changes_of_what_it_is_about_and_no_technical_ones(whole, name, changes):
    entries = feedparser.parse(whole[f"feeds/{name}.atom"]).entries
    assert {int(PurePosixPath(urlsplit(one.link).path).stem) for one in entries} == changes
    assert {urlsplit(one.link).path.removeprefix("/watch/") for one in entries} <= set(whole)


@pytest.mark.parametrize(
    ("site_", "url", "host"),
    [
        ("", "", AUTHORITY),
        ("", "https://terms.example:8080/watch/", "terms.example"),
        ("https://own.example/", "https://terms.example/", "own.example"),
    ],
)
def test_the_ids_are_vouched_for_by_the_site_wherever_it_is_published(site_, url, host):
    found = site(facts(API, site=site_, url=url, host=urlsplit(url).hostname or ""))["feeds/all.atom"]
    assert feedparser.parse(found).feed.id == f"tag:{host},2026:feeds/all"


def test_the_feed_of_a_path_goes_down_to_what_it_depends_on_through_others():
    ours = product("ours", depends_on=("nord/resold",), documents=())
    resold = product("resold", depends_on=("nord/api",), documents=())
    found = facts(API, resold, ours)
    assert feeds.documents("feeds/nord/ours", found) == ("nord/terms",)


# --- the folder --------------------------------------------------------------------------------


def times(place):
    return {path: path.stat().st_mtime_ns for path in place.rglob("*") if path.is_file()}


def test_a_file_that_did_not_change_is_left_alone(tmp_path):
    folder.write(tmp_path, {"a.html": b"1", "b/c.html": b"2"})
    for path in times(tmp_path):
        os.utime(path, ns=(0, 0))
    done = folder.write(tmp_path, {"a.html": b"1", "b/c.html": b"3"})
    assert (done.written, done.same) == (("b/c.html",), ("a.html",))
    assert (tmp_path / "a.html").stat().st_mtime_ns == 0
    assert (tmp_path / "b/c.html").read_bytes() == b"3"


def test_a_file_of_ours_that_is_no_longer_asked_for_goes_with_its_empty_folder(tmp_path):
    folder.write(tmp_path, {"a.html": b"1", "b/c/d.html": b"2"})
    assert folder.write(tmp_path, {"a.html": b"1"}).removed == ("b/c/d.html",)
    assert not (tmp_path / "b").exists()


def test_what_others_put_there_stays(tmp_path):
    folder.write(tmp_path, {"a.html": b"1", "b/c.html": b"2"})
    (tmp_path / "CNAME").write_text("terms.example")
    (tmp_path / "b/own.html").write_text("mine")
    (tmp_path / "b/c.html").write_text("mine too")
    folder.write(tmp_path, {"a.html": b"1"})
    assert (tmp_path / "CNAME").read_text() == "terms.example"
    assert (tmp_path / "b/own.html").read_text() == "mine"
    assert (tmp_path / "b/c.html").read_text() == "mine too"


def test_a_file_of_somebody_else_is_not_overwritten_and_then_nothing_is_written(tmp_path):
    (tmp_path / "index.html").write_text("mine")
    with pytest.raises(UsageError, match=r"index\.html was not written by publish"):
        folder.write(tmp_path, {"a.html": b"1", "index.html": b"2"})
    assert [path.name for path in tmp_path.iterdir()] == ["index.html"]


def test_a_list_that_names_files_outside_the_folder_removes_none(tmp_path):
    outside, place = tmp_path / "outside.txt", tmp_path / "site"
    outside.write_bytes(b"1")
    place.mkdir()
    digest = "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    listed = {"../outside.txt": digest, str(outside): digest}
    (place / folder.MANIFEST).write_text(json.dumps({"files": listed}))
    assert folder.write(place, {"a.html": b"1"}).removed == ()
    assert outside.exists()


def test_a_list_that_cannot_be_understood_stops_everything(tmp_path):
    (tmp_path / folder.MANIFEST).write_text("[]")
    with pytest.raises(UsageError, match="not the list"):
        folder.write(tmp_path, {"a.html": b"1"})


def test_a_run_that_was_cut_off_is_finished_by_the_next(tmp_path):
    folder.write(tmp_path, {"a.html": b"1", "b.html": b"2"})
    (tmp_path / "c.html").mkdir()  # in the way of the third file
    with pytest.raises(UsageError):
        folder.write(tmp_path, {"a.html": b"9", "c.html": b"3"})
    (tmp_path / "c.html").rmdir()
    folder.write(tmp_path, {"a.html": b"9", "c.html": b"3"})
    assert sorted(path.name for path in tmp_path.iterdir()) == [folder.MANIFEST, "a.html", "c.html"]


def test_a_place_that_cannot_be_a_folder_is_one_clear_message(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot be written"):
        folder.write(tmp_path / "file", {"a.html": b"1"})


# --- the command -------------------------------------------------------------------------------


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*words):
        monkeypatch.setattr("sys.argv", ["tos-monitor", *words])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    return call


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


def test_publishing_twice_writes_the_second_time_nothing(run, demo, tmp_path):
    words = ("publish", tmp_path / "site", "--watchlist", demo / "watchlist.toml")
    code, out, _ = run(*map(str, words))
    assert code == 0
    assert "files written, 0 as they were, 0 removed" in out
    before = times(tmp_path)
    assert "0 files written" in run(*map(str, words))[1]
    assert times(tmp_path) == before


def test_the_site_of_the_demonstration_is_valid_and_shows_what_is_in_doubt(run, demo, tmp_path):
    run("publish", str(tmp_path), "--title", "Ours", "--watchlist", str(demo / "watchlist.toml"))
    for path in tmp_path.rglob("*.html"):
        html5lib.HTMLParser(strict=True).parse(path.read_text())
    assert "<title>Positions · Ours</title>" in (tmp_path / "index.html").read_text()
    assert "re-verify since" in (tmp_path / "badges/aurora/api/training.svg").read_text()


@pytest.mark.parametrize(
    "url", ["terms.example", "ftp://terms.example", "https://x.example/?a=1", "https://[", "https://a b/"]
)
def test_an_address_that_is_none_is_refused(run, demo, tmp_path, url):
    code, _, err = run(
        "publish", str(tmp_path / "s"), "--url", url, "--watchlist", str(demo / "watchlist.toml")
    )
    assert code == 3
    assert "https://terms.example.org/" in err
    assert not (tmp_path / "s").exists()


# --- in a browser ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as driver:
        found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_the_site_opens_from_disk_without_scripts_and_fits_the_window(browser, tmp_path, width, scheme):
    folder.write(tmp_path, site(everything()))
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=False
    )
    page, troubles, wide = context.new_page(), [], {}
    page.on("console", lambda message: troubles.append(message.text))
    page.on("requestfailed", lambda request: troubles.append(request.url))
    for path in sorted(tmp_path.rglob("*.html")):
        page.goto(path.as_uri())
        wide[path.name] = page.evaluate("document.documentElement.scrollWidth")
    assert troubles == []
    assert {name: found for name, found in wide.items() if found > width} == {}
    context.close()


def test_one_finds_from_a_position_to_the_change_that_puts_it_in_doubt(browser, tmp_path):
    folder.write(tmp_path, site(everything()))
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_role("row", name="Borealis API").get_by_role("link", name="30 days").click()
    assert page.get_by_role("heading", name="Retention").is_visible()
    page.locator("#retention").get_by_role("link", name="change 12").click()
    assert page.get_by_role("heading", level=1).inner_text().startswith("Borealis AI · Commercial Terms")
    page.get_by_role("link", name="borealis/commercial-terms", exact=True).click()
    assert page.get_by_role("heading", name="Versions").is_visible()
    page.context.close()
