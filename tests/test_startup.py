"""What a process loads before it does anything: nothing that it does not use, for cron pays it each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from monitor import report
from tests.conftest import FIXTURES

RUN = """
import sys
from monitor.cli import main
try:
    main()
finally:
    print("loaded:", *(name for name, module in sys.modules.items() if module), file=sys.stderr)
"""

READS = frozenset(
    """
    bs4 lxml soupsieve pypdfium2 charset_normalizer diff_match_patch
    monitor.judge monitor.extract monitor.guard monitor.normal monitor.diff monitor.rotating monitor.evidence
    monitor.statements.rules monitor.statements.read monitor.statements.lexicon
    """.split()
)
"""What reads pages and judges them."""

SELDOM = frozenset(
    """
    alembic jinja2 markdown_it playwright apprise starlette warcio apscheduler psycopg procrastinate pygments
    sqlalchemy.dialects.postgresql monitor.delivery monitor.asking monitor.notify monitor.publish
    monitor.report.html monitor.report.markdown
    """.split()
)
"""What some commands use, or some settings."""

FETCHES = ("httpx", "httpcore", "anyio", "h11", "monitor.fetch", "monitor.report.json", "rich")

DATABASE = ("sqlalchemy", "pydantic", "tomllib", "monitor.store", "monitor.watchlist")


def loaded(*words, folder):
    """The modules that a run of the command ended with, and what it said."""
    command = [sys.executable, "-c", RUN, *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    said, _, modules = done.stderr.rpartition("loaded:")
    assert done.returncode == 0, done.stderr
    return frozenset(modules.split()), said


@pytest.fixture
def folder(tmp_path, site):
    """A watchlist of one document, which a first check saw."""
    page = (FIXTURES / "aurora/training-by-default/before.html").read_bytes()
    site.put("/terms", page, headers={"ETag": '"1"'})
    (tmp_path / "watchlist.toml").write_text(
        '[defaults]\nallow_addresses = ["127.0.0.0/8"]\n[providers.aurora.documents.terms]\n'
        f'type = "Terms of Service"\nurl = "{site.url}/terms"\n'
    )
    modules, said = loaded("check", "--format", "json", folder=tmp_path)
    assert "aurora/terms: first" in said
    assert READS - modules <= {"pypdfium2", "diff_match_patch", "soupsieve"}
    return tmp_path


def test_help_loads_no_more_than_the_command_line(tmp_path):
    modules, _ = loaded("--help", folder=tmp_path)

    assert modules & {*READS, *SELDOM, *FETCHES, *DATABASE} == frozenset()


def test_a_check_with_nothing_due_loads_nothing_that_fetches_reads_or_reports(folder):
    modules, said = loaded("check", "--due", folder=folder)

    assert "Nothing is due." in said
    assert modules & {*READS, *SELDOM, *FETCHES} == frozenset()


def test_a_round_in_which_nothing_changed_loads_nothing_that_reads_pages(folder, site):
    modules, said = loaded("check", "--format", "json", folder=folder)

    assert site.asked("/terms") == [200, 304]
    assert "aurora/terms: unchanged" in said
    assert modules & {*READS, *SELDOM} == frozenset()


def test_the_same_bytes_load_nothing_that_reads_pages(folder, site):
    del site.pages["/terms"].headers["ETag"]
    loaded("check", "--format", "json", folder=folder)

    modules, said = loaded("check", "--format", "json", folder=folder)

    assert site.asked("/terms") == [200, 200, 200]
    assert "aurora/terms: unchanged (the same bytes as before)" in said
    assert modules & {*READS, *SELDOM} == frozenset()


def test_every_format_of_every_report_has_its_renderer():
    tables = [table for table in vars(report).values() if isinstance(table, dict) and "json" in table]
    assert len(tables) == 11
    assert all(callable(renderer.render()) for table in tables for renderer in table.values())
