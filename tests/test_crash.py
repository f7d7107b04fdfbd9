"""What a crash says: what broke and where, in one line; never a secret, never a word of a page."""

import json
import logging
import re
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from monitor.logs import JsonFormatter, TextFormatter, configure, crash
from monitor.settings import settings
from monitor.store import Store
from tests.program import CHANGED, CLAUSES, GOOD, page, program_in
from tests.store_samples import Story

SECRET = "We may use your content; key=5ecre7"


def raised(call):
    try:
        call()
    except Exception as error:  # noqa: BLE001  the test says which
        return error
    raise AssertionError("nothing was raised")


def fail():
    int(SECRET)


def fail_again():
    try:
        fail()
    except ValueError as error:
        raise KeyError(SECRET) from error


def record(error, message="mistake of ours", name="monitor.check"):
    facts = (type(error), error, error.__traceback__)
    return logging.LogRecord(name, logging.ERROR, __file__, 1, message, None, facts)


# --- what is said ------------------------------------------------------------------------------


def test_a_crash_names_each_exception_and_its_places_innermost_first():
    said = crash(raised(fail_again))

    first, second = said.split("; after ")
    assert re.fullmatch(
        r"KeyError at tests/test_crash\.py:\d+ fail_again < tests/test_crash\.py:\d+ raised", first
    )
    assert re.match(r"ValueError at tests/test_crash\.py:\d+ fail < ", second)


def test_a_crash_in_a_group_of_tasks_names_what_broke():
    inner = raised(fail)

    assert "; after ValueError at tests/test_crash.py" in crash(ExceptionGroup(SECRET, [inner]))


def test_a_crash_of_deep_recursion_is_still_one_short_line():
    def deeper(n):
        return deeper(n - 1) if n else fail()

    said = crash(raised(lambda: deeper(300)))

    assert said.count(" < ") == 11


@pytest.mark.parametrize("formatter", [TextFormatter(), JsonFormatter()])
def test_an_event_with_an_exception_is_one_line_without_its_words(formatter):
    line = formatter.format(record(raised(fail_again)))

    assert "\n" not in line
    assert "KeyError" in line
    assert "5ecre7" not in line
    assert "content" not in line


def test_what_a_library_puts_behind_a_line_break_is_left_out():
    message = f"Task exception was never retrieved\nfuture: <Task exception=ValueError({SECRET!r})>"
    line = TextFormatter().format(record(raised(fail), message, "asyncio"))

    assert "Task exception was never retrieved crash=" in line
    assert "5ecre7" not in line


# --- where it is said --------------------------------------------------------------------------


@pytest.fixture
def quiet():
    """The loggers as they were, afterwards."""
    ours, everyone = logging.getLogger("monitor"), logging.getLogger()
    before = ours.handlers[:], ours.level, everyone.handlers[:]
    yield
    ours.handlers[:], ours.level, everyone.handlers[:] = before


def test_warnings_of_libraries_are_events_too_and_ours_come_once(tmp_path, capsys, quiet):
    environ = {"MONITOR_LOG_FORMAT": "json"}
    for _ in range(2):
        configure(settings(watchlist=tmp_path / "w.toml", environ=environ))
    logging.getLogger("monitor.check").warning("changed")
    logging.getLogger("asyncio").error("slow\nwith details")
    logging.getLogger("httpx").info("GET https://hc.example.com/ping/5ecre7")

    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(one["level"], one["event"]) for one in lines] == [("warning", "changed"), ("error", "slow")]


def test_a_mistake_of_ours_ends_the_program_with_one_line_and_no_words_of_pages(tmp_path, site):
    site.put("/terms", GOOD)
    with program_in(tmp_path) as program:
        program.watch({"terms": f"{site.url}/terms"})
        program.check(code=0)
        with closing(sqlite3.connect(tmp_path / "watchlist.db")) as database:
            database.execute("ALTER TABLE captures RENAME COLUMN rendered TO drawn")
            database.commit()
        site.put("/terms", CHANGED)
        command = [sys.executable, "-m", "monitor", "check"]
        done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    last = done.stderr.strip().splitlines()[-1]
    assert done.returncode == 3
    assert last.startswith(
        "tos-monitor stopped by a mistake of its own; please report this: OperationalError at"
    )
    assert "Traceback" not in done.stderr
    assert "your prompts" not in done.stderr + done.stdout


def test_a_damaged_page_stops_the_check_of_its_own_document_alone(tmp_path, site):
    with program_in(tmp_path) as program:
        for name in ("terms", "privacy"):
            site.put(f"/{name}", page(title=name))
        program.watch({name: f"{site.url}/{name}" for name in ("terms", "privacy")})
        program.check(code=0)
        with closing(sqlite3.connect(tmp_path / "watchlist.db")) as database:
            damaged = "(SELECT page FROM versions WHERE document = 'acme/terms')"
            database.execute(f"UPDATE blobs SET data = x'00' WHERE sha256 = {damaged}")
            database.commit()
        for name in ("terms", "privacy"):
            site.put(f"/{name}", page(CLAUSES | {"Fees": "There are no fees."}, title=name))

        results = program.check(code=2)

    assert (results["acme/terms"]["outcome"], results["acme/privacy"]["outcome"]) == ("failed", "changed")
    (reason,) = results["acme/terms"]["reasons"]
    assert reason.endswith("are damaged; restore the database from a copy")


def test_an_error_of_the_database_does_not_quote_what_was_to_be_stored(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'store.db'}") as store:
        story = Story(store)
        story.first(SECRET)
        with closing(sqlite3.connect(tmp_path / "store.db")) as database:
            database.execute("ALTER TABLE versions RENAME COLUMN title TO name")
            database.commit()

        error = raised(lambda: story.changed(SECRET + "!"))

    assert "no such column" in str(error)
    assert "5ecre7" not in str(error)
