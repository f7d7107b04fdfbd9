"""The installed command in a subprocess against a real local site, as a user would."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.conftest import FIXTURES, Site
from tests.fleet import until

COMMAND = Path(sys.executable).with_name("tos-monitor")

HEAD = """\
[defaults]
every = "{every}"
delay = "0s"
render = "http"
confirm = "refetch"
confirm_after = "0s"
allow_addresses = ["127.0.0.0/8"]
[providers.aurora]
name = "Aurora"
"""
DOCUMENT = """\
[providers.aurora.documents.{name}]
type = "Commercial Terms"
url = "{url}/{name}"
"""
PRODUCT = """\
[providers.aurora.products.api]
name = "Aurora API"
audience = "api"
documents = ["terms"]
training = { position = "no", verified = 2026-05-05, source = "test" }
"""


def page(case, side):
    return (FIXTURES / case / f"{side}.html").read_bytes()


BEFORE = page("aurora/training-by-default", "before")
AFTER = page("aurora/training-by-default", "after")


class Program:
    """The command in a folder with a watchlist of these documents."""

    def __init__(self, folder: Path, site: Site, names=("terms",), every="12h"):
        self.folder, self.site = folder, site
        self.write(names, every)

    def write(self, names=("terms",), every="12h"):
        documents = "".join(DOCUMENT.format(name=name, url=self.site.url) for name in names)
        text = HEAD.format(every=every) + documents + PRODUCT
        (self.folder / "watchlist.toml").write_text(text)

    def start(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
        return subprocess.Popen(
            [COMMAND, *words], cwd=self.folder, env=environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *words, code=0):
        process = self.start(*words)
        out, err = process.communicate(timeout=60)
        assert process.returncode == code, f"exit {process.returncode}\n{out}\n{err}"
        return out

    def json(self, *words, code=0):
        return json.loads(self.run(*words, "--format", "json", code=code))


@pytest.fixture
def program(tmp_path, site):
    site.put("/terms", BEFORE, headers={"ETag": '"1"'})
    return Program(tmp_path, site)


def test_a_first_check_stores_a_baseline_and_alarms_nobody(program):
    out = program.run("check")
    assert "Baseline: 1 document" in out
    assert program.json("changes") == []
    assert (program.folder / "watchlist.db").exists()


def test_a_page_that_is_not_modified_is_asked_for_conditionally_and_stays_silent(program, site):
    program.run("check")
    out = program.run("check")
    assert site.asked("/terms") == [200, 304]
    assert "nothing to review" in out.lower()


def test_identical_bytes_without_validators_stay_silent(program, site):
    site.put("/terms", BEFORE)
    program.run("check")
    program.run("check")
    assert site.asked("/terms") == [200, 200]
    assert program.json("changes") == []


def test_a_changed_clause_is_confirmed_flagged_reported_and_its_claim_re_verified(program, site):
    program.run("check")
    site.put("/terms", AFTER, headers={"ETag": '"2"'})
    report = program.run("check", "--format", "markdown", code=1)
    assert site.asked("/terms") == [200, 200, 200], "a change is looked at twice before anyone is disturbed"
    assert "more permissive" in report
    assert "tos-monitor verify aurora/api training" in report
    (change,) = program.json("changes")
    assert change["topics"]["training"] == {"flag": "substantive", "direction": "more_permissive"}
    assert change["confirmed"]
    assert not change["reverted"]
    claims = {(one["product"], one["topic"]): one for one in program.json("claims")}
    assert claims["aurora/api", "training"]["state"] == "needs re-verification"

    program.run("verify", "aurora/api", "training", "--position", "opt-out", "--by", "ada")

    claims = {(one["product"], one["topic"]): one for one in program.json("claims")}
    assert claims["aurora/api", "training"]["state"] == "verified"
    assert claims["aurora/api", "training"]["position"] == "opt-out"
    assert program.json("changes")[0]["state"] == "verified"
    program.run("check")


def test_a_change_that_a_second_look_does_not_show_is_announced_to_nobody(program, site):
    program.run("check")
    site.put("/terms", AFTER)
    site.then("/terms", BEFORE)
    program.run("check")
    assert program.json("changes") == []


def test_an_error_page_with_status_200_never_becomes_a_version(program, site):
    program.run("check")
    site.put("/terms", page("dune/challenge-page", "after"))
    program.run("check", code=2)
    site.put("/terms", BEFORE)
    program.run("check")
    assert program.json("changes") == []


def test_a_doubtful_capture_that_a_person_accepts_is_reported_like_any_change(program, site):
    program.run("check")
    site.put("/terms", re.sub(rb"(?s)<(title|h1)\b.*?</\1>", rb"<\1>Sign in</\1>", AFTER))
    program.run("check", code=2)
    report = program.run("accept", "aurora/terms", "--why", "moved", "--by", "ada", code=1)
    assert "more permissive" in report
    assert "accepted by ada: moved" in report
    assert "Nothing to review" in program.run("check")
    assert [one["confirmed"] for one in program.json("changes")] == [True]


def test_one_failing_document_does_not_stop_the_others(tmp_path, site):
    site.put("/terms", BEFORE)
    program = Program(tmp_path, site, names=("gone", "terms"))
    out = program.json("check", code=2)
    assert {one["document"]: one["outcome"] for one in out["results"]} == {
        "aurora/gone": "doubtful",
        "aurora/terms": "first",
    }


def test_a_check_killed_in_the_middle_loses_nothing_and_a_repeat_takes_it_up(tmp_path, site):
    names = ("terms", "slow")
    site.put("/terms", BEFORE)
    site.put("/slow", BEFORE)
    program = Program(tmp_path, site, names=names)
    program.run("check", "aurora/terms")
    hold = threading.Event()
    site.put("/terms", AFTER)
    site.put("/slow", BEFORE, hold=hold)
    process = program.start("check")
    site.wait_for("/slow")
    process.send_signal(signal.SIGKILL)
    process.communicate()
    hold.set()

    out = program.json("check", "--fail-on", "never")

    outcomes = {one["document"]: one["outcome"] for one in out["results"]}
    assert outcomes["aurora/slow"] == "first"
    changes = program.json("changes")
    assert len(changes) == 1, "the change of the other page was recorded once, before or after the kill"
    assert changes[0]["topics"]["training"]["flag"] == "substantive"


def test_a_database_that_fails_in_the_middle_still_reports_what_was_recorded(tmp_path, site):
    site.put("/terms", BEFORE)
    site.put("/slow", BEFORE)
    program = Program(tmp_path, site, names=("terms", "slow"))
    program.run("check")
    site.put("/terms", AFTER)
    held = threading.Event()
    site.put("/slow", BEFORE + b" ", hold=held)
    process = program.start("check", "--database", f"sqlite:///{tmp_path}/watchlist.db?timeout=0.1")
    assert process.stderr.readline() == "aurora/terms: changed\n"
    with closing(sqlite3.connect(tmp_path / "watchlist.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        held.set()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 3
    assert "1 substantive change to review" in out
    assert "locked" in err


@pytest.mark.parametrize("option", ["--output", "--reports"])
def test_a_report_that_could_not_be_written_is_refused_before_any_page_is_fetched(program, site, option):
    (program.folder / "file").write_text("")
    program.run("check", option, "file/report", code=3)
    assert site.asked("/terms") == []


def test_check_and_daemon_share_one_database_without_checking_a_document_twice_at_once(tmp_path, site):
    names = ("terms", "b", "c")
    for name in names:
        site.put(f"/{name}", BEFORE)
    program = Program(tmp_path, site, names=names, every="1s")
    daemon = program.start("daemon")
    site.wait_for("/c", times=2)
    for _ in range(3):
        program.run("check")
    daemon.send_signal(signal.SIGTERM)
    _, log = daemon.communicate(timeout=30)
    assert daemon.returncode == 0, log
    assert site.most_at_once <= 1, "one document was fetched by two runs at the same time"
    assert "Traceback" not in log
    assert program.json("changes") == []


def test_sigterm_lets_a_running_check_finish(tmp_path, site):
    hold = threading.Event()
    site.put("/terms", BEFORE, hold=hold)
    program = Program(tmp_path, site)
    daemon = program.start("daemon", "--grace", "30")
    site.wait_for("/terms")
    daemon.send_signal(signal.SIGTERM)
    hold.set()
    _, log = daemon.communicate(timeout=30)
    assert daemon.returncode == 0, log
    health = program.json("status")["health"]
    assert [one["versions"] for one in health] == [1]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_check_that_is_told_to_stop_reports_what_it_recorded(tmp_path, site, number):
    program = Program(tmp_path, site, names=("terms", "b"))
    watchlist = tmp_path / "watchlist.toml"
    watchlist.write_text(watchlist.read_text().replace('confirm = "refetch"', 'confirm = "off"'))
    for name in ("terms", "b"):
        site.put(f"/{name}", BEFORE)
    program.run("check")
    hold = threading.Event()
    site.put("/terms", AFTER)
    site.put("/b", BEFORE, hold=hold)
    check = program.start("check")
    site.wait_for("/b", times=2)
    recorded = check.stderr.readline()
    check.send_signal(number)
    try:
        said, _ = check.communicate(timeout=60)
    finally:
        hold.set()
    assert recorded.startswith("aurora/terms: changed")
    assert check.returncode == 130
    assert "1 substantive change to review" in said


@pytest.mark.parametrize("command", ["daemon", "worker"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_told_to_stop_while_it_only_starts_ends_as_it_does_later(program, command, number):
    watchlist = program.folder / "watchlist.toml"
    watchlist.unlink()
    os.mkfifo(watchlist)
    opened = []

    def is_being_read():
        with suppress(OSError):  # nobody reads it
            opened.append(os.open(watchlist, os.O_WRONLY | os.O_NONBLOCK))
        return opened or starting.poll() is not None

    starting = program.start(command)
    try:
        until("the watchlist is being read", is_being_read)
        starting.send_signal(signal.SIGHUP)  # it reads the file anyway
        starting.send_signal(number)
        os.close(*opened)  # a read that begins just after the signal came would wait for ever
        _, log = starting.communicate(timeout=60)
    finally:
        starting.kill()
        starting.communicate()
    assert (starting.returncode, log) == (0, "")
    assert not (program.folder / "watchlist.db").exists()


def test_a_daemon_that_may_only_read_the_database_says_so_and_does_not_start(program, site):
    program.run("check")
    url = f"sqlite:///file:{program.folder / 'watchlist.db'}?mode=ro&uri=true"
    daemon = program.start("daemon", "--database", url)
    _, log = daemon.communicate(timeout=60)
    assert daemon.returncode == 3
    assert "watchlist.db or its folder cannot be written; give this user the right to write both" in log
    assert site.asked("/terms") == [200]


def test_a_broken_watchlist_leaves_the_daemon_running_with_the_old_one(tmp_path, site):
    site.put("/terms", BEFORE)
    site.put("/new", BEFORE)
    program = Program(tmp_path, site)
    daemon = program.start("daemon")
    site.wait_for("/terms")
    (tmp_path / "watchlist.toml").write_text("[providers.aurora\n")
    daemon.send_signal(signal.SIGHUP)
    line = next(line for line in daemon.stderr if "not reloaded" in line)
    program.write(names=("terms", "new"))
    daemon.send_signal(signal.SIGHUP)
    site.wait_for("/new")
    daemon.send_signal(signal.SIGTERM)
    daemon.communicate(timeout=30)
    assert "watchlist.toml:1" in line
    assert daemon.returncode == 0


def test_a_watchlist_with_mistakes_names_each_with_its_line_and_exits_3(program):
    path = program.folder / "watchlist.toml"
    path.write_text(path.read_text().replace('audience = "api"', 'audience = "apis"').replace("12h", "dayly"))
    process = program.start("check")
    _, err = process.communicate()
    assert process.returncode == 3
    assert "watchlist.toml:2:" in err
    assert "audience" in err


def test_captures_from_elsewhere_go_through_the_same_check(program):
    lines = []
    for number, body in enumerate((BEFORE, BEFORE, AFTER, page("dune/challenge-page", "after"))):
        (program.folder / f"{number}.html").write_bytes(body)
        lines.append(
            {
                "document": "aurora/terms",
                "url": f"{program.site.url}/terms",
                "at": f"2026-0{number + 1}-01T00:00:00Z",
                "status": 200,
                "headers": {"Content-Type": "text/html"},
                "path": f"{number}.html",
            }
        )
    (program.folder / "captures.jsonl").write_text("\n".join(map(json.dumps, lines)))
    out = [json.loads(line) for line in program.run("import", "captures.jsonl", code=2).splitlines()]
    assert [one["outcome"] for one in out] == ["first", "unchanged", "changed", "doubtful"]
    assert [one["alert"] for one in out] == [False, False, True, False]
    assert out[2]["at"] == "2026-03-01T00:00:00Z"


def test_reports_are_kept_as_files(program, site):
    program.run("check")
    site.put("/terms", AFTER)
    program.run("check", "--reports", "kept", code=1)
    kept = sorted(path.suffix for path in (program.folder / "kept").iterdir())
    assert kept == [".html", ".md"]


def test_the_demonstration_shows_a_training_change_a_retention_change_silence_and_a_blocked_page(tmp_path):
    process = subprocess.run(
        [COMMAND, "demo", "--format", "json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert process.returncode == 0, process.stderr
    report = json.loads(process.stdout)
    assert {one["document"]: one["outcome"] for one in report["results"]} == {
        "aurora/commercial-terms": "changed",
        "aurora/notices": "changed",
        "borealis/retention": "changed",
        "cirrus/privacy-policy": "unchanged",
        "dune/terms": "doubtful",
    }
    topics = {one["document"]: one["topics"] for one in report["changes"]}
    assert topics["aurora/commercial-terms"]["training"]["direction"] == "more_permissive"
    assert topics["borealis/retention"]["retention"]["direction"] == "longer"
    assert topics["aurora/notices"]["training"]["flag"] == "none"


def test_a_reader_that_goes_away_changes_no_exit_code(program, site):
    program.run("check")
    process = program.start("status")
    process.stdout.close()
    process.stdout = None
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")


def test_a_due_check_with_nothing_due_says_so_and_keeps_no_report(program):
    program.run("check")
    assert program.run("check", "--due", "--reports", "kept") == ""
    assert list((program.folder / "kept").iterdir()) == []
