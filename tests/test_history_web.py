"""The past of documents from a web archive: each test has a small one of its own, over HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from monitor.store import Store
from tests.history_archive import YES, Archive, imported, markdown, watch
from tests.program import CLAUSES, page, program_in
from tests.web_archive import DAY, START, URL, archive_of

DIALECTS = ("wayback", "wayback-text", "cdxj", "json-lines", "memento", "outback")
TRAINS = page(CLAUSES | {"Training": YES})
LONGER = page(CLAUSES | {"Retention": "We keep prompts and answers for 90 days after you sent them."})


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "watching"
    folder.mkdir()
    with program_in(folder) as made:
        watch(made)
        yield made


@pytest.fixture
def archive():
    with archive_of("wayback") as server:
        yield server


def bring(program, archive, *words, code=0):
    options = ["--archive", archive.home, "--pause", "0", *words]
    if archive.dialect == "outback":
        options += ["--index", f"{archive.url}/index"]
    came, out = program.run("history", "web", "acme/terms", *options)
    assert came == code, out + program.said
    return out


def versions(program):
    with Store.open(f"sqlite:///{program.folder / 'watchlist.db'}") as store:
        return store.versions("acme/terms")


# --- what an archive says it has ------------------------------------------------------------------


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_captures_of_an_archive_become_the_past_whatever_it_speaks(program, dialect):
    with archive_of(dialect) as archive:
        for body in (page(), TRAINS, TRAINS, LONGER):
            archive.hold(body, at=START + len(archive.held) * 20 * DAY)

        out = bring(program, archive)

    assert "acme/terms: 1 first, 2 changed" in out or "2 changed, 1 first" in out
    assert [one.at for one in versions(program)] == [START, START + 20 * DAY, START + 60 * DAY]
    first, *_ = sorted(program.json("changes"), key=lambda one: one["at"])
    assert first["at"] == "2023-03-21T12:00:00Z"
    where = f"{archive.home}/20230321120000id_/{URL}"
    assert first["source"] == f"web archive: 127.0.0.1:{archive.server_port} 2023-03-21T12:00:00Z {where}"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_an_archive_without_a_capture_of_the_address_brings_nothing(program, dialect):
    with archive_of(dialect) as archive:
        archive.hold(page(), url="https://other.test/")

        assert "acme/terms: no capture found there" in bring(program, archive)


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_an_address_at_which_no_archive_answers_is_told_with_what_was_tried(program, site, words):
    home = f"{site.url}/web"

    came, out = program.run("history", "web", "acme/terms", "--archive", home, "--pause", "0", *words)

    assert (came, out) == (2, "acme/terms: no index found there\n")
    assert f"no index of a web archive was found at {home}" in program.said
    for tried in (f"{site.url}/cdx/search/cdx", f"{home}/cdx", f"{home}/timemap/link/{URL}"):
        assert f"  {tried}" in program.said
    assert program.said.count("answers with status 404") == 3
    assert "--archive" in program.said
    assert "--index" in program.said


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_a_port_at_which_nothing_listens_is_told_with_what_to_do(program, words):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        home = f"http://127.0.0.1:{bound.getsockname()[1]}/web"
        came, out = program.run("history", "web", "acme/terms", "--archive", home, "--pause", "0", *words)

    assert (came, out) == (2, "")
    assert "does not answer: 127.0.0.1 could not be connected to" in program.said
    assert "is --archive its address?" in program.said


def test_a_time_that_ends_before_it_begins_is_refused(program, archive):
    bring(program, archive, "--from", "2024-01-01", "--until", "2023-01-01", code=3)

    assert "--until is before --from" in program.said
    assert not archive.asked


@pytest.mark.parametrize("dialect", ["wayback", "wayback-text", "cdxj", "json-lines", "memento"])
def test_garbage_in_an_index_is_counted_and_the_rest_is_read(program, dialect):
    with archive_of(dialect) as archive:
        archive.hold(page())
        archive.garbage = "\n<br>The server is busy\n"

        assert "1 first" in bring(program, archive)
    assert "of the archive's index could not be read" in program.said


def test_a_page_of_an_error_is_no_index(program, archive):
    archive.troubles["/cdx"] = [(200, {})] * 9
    archive.troubles["/timemap"] = [(200, {})] * 9

    assert bring(program, archive, "--index", f"{archive.url}/cdx/search/cdx", code=2) == ""

    assert "answers with no index; is it a CDX server or a TimeMap?" in program.said


def test_a_timemap_of_several_pages_is_read_to_its_end(program):
    with archive_of("memento") as archive:
        archive.page = 2
        for _ in range(5):
            archive.hold(page())

        bring(program, archive)

        assert len(archive.fetched()) == 5


@pytest.mark.parametrize("home", ["", "/web"])
def test_the_index_of_a_wayback_machine_is_found_from_its_bare_address_too(program, archive, home):
    archive.hold(page())

    came, out = program.run("history", "web", "acme/terms", "--archive", archive.url + home, "--pause", "0")

    assert (came, "1 first" in out) == (0, True)


def test_a_dry_run_says_what_there_is_and_fetches_nothing(program, archive):
    archive.hold(page())
    archive.hold(b"", status=302)

    out = bring(program, archive, "--dry-run")

    assert "acme/terms: 1 capture to fetch, 2023-03-01 to 2023-03-01; skipped: 1 redirect" in out
    assert archive.fetched() == []


# --- which captures are fetched -------------------------------------------------------------------


def test_captures_of_the_same_bytes_are_fetched_once_and_count_as_seen_again(program, archive):
    for _ in range(4):
        archive.hold(page())

    assert "1 first" in bring(program, archive)

    assert archive.fetched() == ["20230301120000"]
    assert program.select("SELECT last_seen FROM versions")[0][0].startswith("2023-03-04")


def test_at_most_one_capture_of_a_week_is_fetched_where_that_is_wished(program, archive):
    for number in range(20):
        archive.hold(page() + b"<!-- %d -->" % number)

    bring(program, archive, "--every", "1w")

    assert archive.fetched() == ["20230301120000", "20230308120000", "20230315120000"]


def test_only_captures_of_the_time_that_is_wished_are_fetched(program, archive):
    for number in range(9):
        archive.hold(page() + b"<!-- %d -->" % number)

    bring(program, archive, "--from", "2023-03-03", "--until", "2023-03-05")

    assert archive.fetched() == ["20230303120000", "20230304120000"]


def test_a_former_address_counts_until_the_present_one_was_captured(program, archive):
    archive.hold(page(), url="https://acme.test/old")
    archive.hold(TRAINS, at=START + 30 * DAY)
    archive.hold(page(), at=START + 60 * DAY, url="https://acme.test/old")

    out = bring(program, archive, "--url", "https://acme.test/old")

    assert "1 first, 1 changed; 1 of them flagged; skipped: 1 former address" in out
    assert archive.fetched() == ["20230301120000", "20230331120000"]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"status": 301, "headers": {"Location": "https://acme.test/new"}}, "1 redirect"),
        ({"status": 404}, "1 status 404"),
        ({"status": 503, "headers": {"Retry-After": "86400"}}, "1 status 503"),
        ({"media": "image/png"}, "1 no page"),
        ({"headers": {"X-Archive-Orig-Content-Length": "99999"}}, "1 broken"),
        ({"headers": {"Content-Encoding": "gzip"}}, "1 broken"),
        ({"shown": START + 400 * DAY}, "1 another time"),
    ],
)
def test_what_is_no_whole_page_is_skipped_and_named(program, more, why):
    with archive_of("memento") as archive:
        archive.hold(page())
        archive.hold(TRAINS, **more)
        archive.hold(LONGER)

        out = bring(program, archive)

        assert f"1 first, 1 changed; 1 of them flagged; skipped: {why}" in out
        assert len(archive.fetched()) == 3


def test_what_the_index_says_to_be_no_page_is_not_asked_for(program, archive):
    archive.hold(page())
    archive.hold(b"", status=302)
    archive.hold(b"gone", status=404)
    archive.hold(b"PNG", media="image/png")

    out = bring(program, archive)

    assert "1 first; skipped: 1 redirect, 1 status 404, 1 no page" in out
    assert len(archive.fetched()) == 1


def test_a_redirect_to_the_same_capture_is_followed_and_one_in_a_circle_is_not(program):
    with archive_of("memento") as archive:
        for body in (page(), TRAINS):
            archive.hold(body, at=START + len(archive.held) * 20 * DAY)
        first, second = (f"/coll/{one.stamp}id_/{URL}" for one in archive.held)
        archive.troubles["20230301120000id_"] = [(302, {"Location": f"{first}/"})]
        there_and_back = [(302, {"Location": f"{second}/"}), (302, {"Location": second})]
        archive.troubles["20230321120000id_"] = there_and_back * 9

        assert "1 first; skipped: 1 redirect" in bring(program, archive)


def test_an_archive_never_leads_to_the_site_of_today(program, archive, site):
    site.put("/terms", TRAINS)
    archive.hold(page())
    archive.troubles["id_/"] = [(302, {"Location": f"{site.url}/terms"})]

    assert "skipped: 1 redirect" in bring(program, archive)
    assert site.asked("/terms") == []


def test_a_challenge_that_was_captured_is_held_back_and_no_change(program, archive):
    wall = b"<title>Just a moment...</title><h1>Just a moment...</h1><p>Verify you are human.</p>"
    for body in (page(), wall, TRAINS):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY)

    assert "1 first, 1 doubtful, 1 changed" in bring(program, archive)


def test_a_text_that_lost_half_its_length_once_is_not_believed(program, archive):
    short = page(dict(list(CLAUSES.items())[:4]))
    for body in (page(), short, page() + b"<!-- again -->"):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY)

    assert "1 doubtful" in bring(program, archive)
    assert len(versions(program)) == 1


def test_a_text_that_the_next_day_did_not_show_is_withdrawn(program, archive):
    for body in (page(), TRAINS, page()):
        archive.hold(body)

    bring(program, archive)

    (change,) = program.json("changes")
    assert change["withdrawn"]


# --- how it is asked ------------------------------------------------------------------------------


def test_the_archive_is_asked_one_thing_at_a_time_by_name(program, archive):
    for number in range(5):
        archive.hold(page() + b"<!-- %d -->" % number)

    bring(program, archive)

    assert archive.most_at_once == 1
    assert all(agent.startswith("tos-monitor/") for agent in archive.agents)


@pytest.mark.parametrize("status", [429, 503])
def test_an_archive_that_asks_for_a_pause_is_asked_again_after_it(program, archive, status):
    archive.hold(page())
    archive.troubles["id_/"] = [(status, {"Retry-After": "0"})]

    assert "1 first" in bring(program, archive)
    assert len(archive.fetched()) == 2


def test_an_archive_that_asks_for_a_long_pause_is_left_alone_and_the_next_run_goes_on(program, archive):
    for number in range(4):
        archive.hold(page() + b"<!-- %d -->" % number)
    archive.troubles["20230303"] = [(429, {"Retry-After": "7200"})]

    out = bring(program, archive, code=2)

    assert "1 first, 1 unchanged" in out
    assert "asks for a pause of 7200 s; run it again to go on" in program.said
    assert len(archive.fetched()) == 3
    assert "2 unchanged; 2 known from an earlier run" in bring(program, archive)


def test_an_address_that_is_no_archives_is_refused_in_a_line(program):
    came, _ = program.run("history", "web", "acme/terms", "--archive", "archive.test")

    assert came == 3
    assert '"archive.test" is no archive\'s address' in program.said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--every", "often"), '--every: "often" is no span of time'),
        (("--pause", "long"), '--pause: "long" is no number of seconds'),
        (("--from", "then"), '--from: "then" is no time'),
    ],
)
def test_options_that_mean_nothing_are_named(program, archive, words, said):
    bring(program, archive, *words, code=3)

    assert said in program.said


# --- beside what is there -------------------------------------------------------------------------


def test_a_second_run_fetches_nothing_again_and_adds_what_came_since(program, archive):
    for body in (page(), TRAINS):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY)
    bring(program, archive)
    asked = len(archive.fetched())

    assert "nothing new; 2 known from an earlier run" in bring(program, archive)
    assert len(archive.fetched()) == asked
    archive.hold(LONGER, at=START + 80 * DAY)
    assert "1 changed" in bring(program, archive)


def test_what_was_skipped_is_not_asked_for_again(program):
    with archive_of("memento") as archive:
        archive.hold(page())
        archive.hold(b"gone", status=404)
        bring(program, archive)
        asked = len(archive.fetched())

        assert "2 known from an earlier run" in bring(program, archive)
        assert len(archive.fetched()) == asked


def test_captures_go_before_the_first_version_seen_here(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    here = f"{site.url}/terms"
    for body in (TRAINS, LONGER):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY, url=here)

    assert "1 first, 1 changed" in bring(program, archive)

    assert [one.source != "" for one in versions(program)] == [True, True, False]
    assert program.select("SELECT id FROM documents WHERE id LIKE '%past'") == []
    assert program.select("SELECT document FROM imports") == [("acme/terms",)]
    assert "2 known from an earlier run" in bring(program, archive)


def test_older_captures_go_before_those_that_are_there_and_newer_ones_after(program, archive):
    for body in (page(), TRAINS, LONGER):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY)

    bring(program, archive, "--from", "2023-03-20", "--until", "2023-03-25")
    bring(program, archive)

    assert [one.at for one in versions(program)] == [START, START + 20 * DAY, START + 40 * DAY]


def test_a_past_change_opens_no_doubt_of_a_claim_verified_since(program, archive):
    for body in (page(), TRAINS):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY)

    bring(program, archive)

    (change,) = program.json("changes")
    assert (change["state"], change["topics"]["training"]["flag"]) == ("nothing to review", "substantive")
    assert program.select("SELECT count(*) FROM doubts") == [(0,)]
    assert program.select("SELECT count(*) FROM outbox") == [(0,)]


def test_the_first_captures_after_a_history_that_another_program_read_are_no_alert(
    program, archive, tmp_path
):
    other = Archive(tmp_path / "acme-versions")
    other.at = START - 30 * DAY
    other.record(markdown(), "First record of Acme Terms of Service")
    imported(program, other)
    archive.hold(TRAINS)

    bring(program, archive)

    assert program.select("SELECT technical, alert FROM changes") == [(1, 0)]


def test_evidence_of_an_imported_change_names_archive_time_and_address(program, archive):
    for body in (page(), TRAINS):
        headers = {"X-Archive-Orig-Server": "acme", "X-Archive-Src": "a.warc.gz"}
        archive.hold(body, at=START + len(archive.held) * 20 * DAY, headers=headers)
    bring(program, archive)
    (change,) = program.json("changes")

    program.run("evidence", str(change["id"]), "out")

    _, after = json.loads((program.folder / "out" / "captures.json").read_text())["captures"]
    assert after["at"] == "2023-03-21T12:00:00Z"
    assert after["source"].endswith(f"{archive.home}/20230321120000id_/{URL}")
    assert ["server", "acme"] in after["headers"]
    assert not [name for name, _ in after["headers"] if name.startswith("x-archive-")]


def test_an_answer_that_breaks_off_is_tried_again_and_then_skipped(program, archive):
    for body in (page(), TRAINS):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY)
    archive.held[0].cut = 100

    out = bring(program, archive)

    assert "1 first; skipped: 1 broken" in out


# --- cut off ---------------------------------------------------------------------------------------


def cut_off(program, archive, how):
    """Start an import, and end it by a signal while it waits for a capture; its exit code and complaint."""
    command = [sys.executable, "-m", "monitor", "history", "web", "acme/terms", "--archive", archive.home]
    process = subprocess.Popen(
        [*command, "--pause", "0"], cwd=program.folder, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    with process:
        reached = archive.reached.wait(timeout=60)
        process.send_signal(how if reached else signal.SIGKILL)
        _, said = process.communicate(timeout=60)
    assert reached, said
    for held in archive.held:
        if held.hold:
            held.hold.set()
            held.hold = None
    return process.returncode, said


def held_at_the_third(archive, url=URL):
    for body in (page(), TRAINS, LONGER, page() + b"<!-- back -->"):
        archive.hold(body, at=START + len(archive.held) * 20 * DAY, url=url)
    archive.held[2].hold = threading.Event()


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_an_import_that_is_cut_off_goes_on_where_it_was(program, archive, how):
    held_at_the_third(archive)

    code, said = cut_off(program, archive, how)

    assert "Traceback" not in said
    assert code == (-9 if how is signal.SIGKILL else 130)
    asked = archive.fetched()
    assert "2 known from an earlier run" in bring(program, archive)
    assert archive.fetched() == [*asked, asked[-1], "20230430120000"]
    assert [one.at for one in versions(program)] == [START + n * 20 * DAY for n in range(4)]


def test_a_past_that_is_cut_off_is_put_before_what_is_there_by_the_next_run(program, archive, site):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    held_at_the_third(archive, f"{site.url}/terms")

    cut_off(program, archive, signal.SIGKILL)

    assert [one.source for one in versions(program)] == [""]
    assert "2 known from an earlier run" in bring(program, archive)
    assert [one.source != "" for one in versions(program)] == [True] * 4 + [False]
    assert program.select("SELECT id FROM documents WHERE id LIKE '%past'") == []
    assert program.select("SELECT count(*) FROM changes WHERE source = ''") == [(0,)]


def test_a_past_that_was_cut_off_is_not_mixed_with_another(program, archive, site, tmp_path):
    site.put("/terms", page())
    watch(program, f"{site.url}/terms")
    program.check(code=2)
    held_at_the_third(archive, f"{site.url}/terms")
    cut_off(program, archive, signal.SIGKILL)
    other = Archive(tmp_path / "acme-versions")
    other.record(markdown(), "First record of Acme Terms of Service")

    imported(program, other, code=3)

    assert "acme/terms: an import was cut off before its end, from web archive: 127.0.0.1" in program.said
