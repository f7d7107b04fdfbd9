"""A long history is brought in by several processes, none of which outlives the one that asked for it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from monitor.history import terms_archive
from monitor.history.git import Repository
from monitor.history.mapping import match
from monitor.history.terms_import import MANY, Plot, import_all
from monitor.store import Store
from monitor.watchlist import load_watchlist
from tests.history_archive import DAY, START, Archive, markdown, watch
from tests.program import program_in

PATIENCE = 60


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "watching"
    folder.mkdir()
    with program_in(folder) as made:
        watch(made)
        yield made


def long_history(folder: Path, records: int) -> Path:
    """A repository of two documents that change with each record, half of them each."""
    archive = Archive(folder / "acme-versions")
    stream = b"".join(map(commit, range(records)))
    subprocess.run(["git", "-C", str(archive.folder), "fast-import", "--quiet"], input=stream, check=True)
    return archive.folder


def commit(number: int) -> bytes:
    name = ("Terms of Service", "Privacy Policy")[number % 2]
    subject = f"{'Record new changes' if number > 1 else 'First record'} of Acme {name}".encode()
    text = markdown(Fees=f"You owe us {number} coins a month, and more where you use more.").encode()
    who = b"Archive <ota@example.org> %d +0000" % (START + number * DAY).timestamp()
    return b"commit refs/heads/main\nauthor %s\ncommitter %s\ndata %d\n%s\n" % (
        who,
        who,
        len(subject),
        subject,
    ) + b'M 100644 inline "Acme/%s.md"\ndata %d\n%s\n' % (name.encode(), len(text), text)


def plot_of(program, repository, rules, name):
    archive = terms_archive.read(Repository(repository))
    known = load_watchlist(program.folder / "watchlist.toml")
    plot = Plot(
        name=archive.name,
        series=archive.series,
        repository=repository,
        database=f"sqlite:///{program.folder / name}",
        rules=rules,
        watchlist=known,
    )
    return plot, match(archive, known, {})


def stored(program, name):
    """What an import left, but for the numbers of its rows."""
    queries = (
        "SELECT document, at, alert, technical, reasons, source FROM changes ORDER BY document, at",
        "SELECT document, at, fingerprint, confirmed FROM versions ORDER BY document, at",
    )
    with closing(sqlite3.connect(program.folder / name)) as database:
        return [database.execute(query).fetchall() for query in queries]


def test_several_processes_bring_in_what_one_does(program, tmp_path, rules):
    repository = long_history(tmp_path, 24)
    told = []
    for name, processes in (("one.db", 1), ("two.db", 2)):
        plot, matches = plot_of(program, repository, rules, name)
        with Store.open(plot.database):
            pass
        told.append(sorted(import_all(plot, matches, processes, many=2), key=lambda one: one.document))

    assert told[0] == told[1]
    assert [sum(one.outcomes.values()) for one in told[0]] == [12, 12]
    assert stored(program, "one.db") == stored(program, "two.db")


def test_an_error_of_one_document_ends_all_of_them(program, tmp_path, rules):
    plot, matches = plot_of(program, long_history(tmp_path, 24), rules, "no/such/folder.db")

    with pytest.raises(Exception, match="folder"):
        list(import_all(plot, matches, 2, many=2))

    assert others_of(os.getpid()) == set()


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_import_that_is_stopped_leaves_no_process_and_goes_on_where_it_was(program, tmp_path, how):
    repository = long_history(tmp_path, MANY + 20)
    command = [sys.executable, "-m", "monitor", "history", "import", str(repository)]
    with subprocess.Popen(
        command, cwd=program.folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        until(lambda: recorded(program) > 4 or process.poll() is not None)
        if how is signal.SIGINT:
            os.killpg(process.pid, how)  # as a terminal does: to all of them
        else:
            process.send_signal(how)
        said = process.communicate(timeout=PATIENCE)[1].decode()

    assert "Traceback" not in said
    assert ("run the same command again to go on" in said) == (how is signal.SIGINT)
    assert process.returncode == (-9 if how is signal.SIGKILL else 130), said
    until(lambda: not others_of(process.pid))
    came, out = program.run("history", "import", str(repository))
    assert came == 0, program.said
    assert "known from an earlier run" in out
    assert recorded(program) == MANY + 20


def recorded(program) -> int:
    """How many records are in the database by now."""
    path = program.folder / "watchlist.db"
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE)) as database:
            return database.execute("SELECT count(*) FROM checks").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


def others_of(group: int) -> set[int]:
    """The processes of a process group that run, but for its first."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, member = path.read_text().rpartition(")")[2].split()[:3]
            command = (path.parent / "cmdline").read_bytes()
        except (OSError, ValueError):
            continue  # it ended meanwhile
        runs = state not in "ZX" and b"resource_tracker" not in command
        if runs and int(member) == group and int(path.parent.name) != group:
            found.add(int(path.parent.name))
    return found


def until(holds) -> None:
    """Wait for a condition; fail when it does not come true."""
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)
