"""`tos-monitor db`: what is damaged is named, copies are whole, and nothing goes that something rests on."""

import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine

from monitor.errors import StoreError, StoreLocked, UsageError
from monitor.store import Store, upkeep
from monitor.store.prune import Ages
from tests.program import program_in
from tests.store_samples import START, Story, doubt
from tests.test_store_blobs import prose

YEAR_LATER = START + timedelta(days=500)
ALL = Ages(captures=timedelta(days=90))


@pytest.fixture
def program(tmp_path):
    with program_in(tmp_path) as program:
        program.watch({"terms": "http://127.0.0.1:9/terms"})
        yield program


@pytest.fixture
def file(tmp_path):
    return tmp_path / "watchlist.db"


@pytest.fixture
def url(file):
    return f"sqlite:///{file}"


@pytest.fixture
def story(url):
    """A document with three versions, two of them against the first, and a doubtful capture."""
    with Store.open(url, now=START) as store:
        told = Story(store)
        told.first(prose("terms"))
        told.changed(prose("terms") + " and more", doubts=(doubt(),))
        told.doubtful()
        told.changed(prose("terms") + " and less")
        yield told


def altered(file, statement, *values):
    with closing(sqlite3.connect(file)) as database:
        count = database.execute(statement, values).rowcount
        database.commit()
    assert count


def rows(file, query):
    with closing(sqlite3.connect(file)) as database:
        return database.execute(query).fetchall()


# --- nothing there, and what leads there ---


def test_there_is_nothing_to_prove_where_no_database_is(program, file):
    code, _ = program.run("db", "verify")

    assert (code, file.exists()) == (3, False)
    assert "there is no database" in program.said


def test_a_reference_that_leads_nowhere_is_named(story, file, url):
    altered(file, "UPDATE checks SET capture = 99 WHERE id = 1")

    (problem,) = upkeep.verify(url).problems

    assert problem == "checks, row 1: refers to a row of captures that is not there"


# --- backup and restore ------------------------------------------------------------------------


def test_a_copy_is_made_while_another_writes_and_holds_one_state(story, url, tmp_path):
    stop = threading.Event()

    def write():
        while not stop.is_set():
            story.same()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        upkeep.backup(url, tmp_path / "copy.db")
    finally:
        stop.set()
        writer.join()

    assert upkeep.verify(f"sqlite:///{tmp_path / 'copy.db'}").problems == []
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]


def test_a_copy_replaces_another_file_only_on_request(program, story, tmp_path):
    copy = tmp_path / "copy.db"
    copy.write_text("last week's")

    assert program.run("db", "backup", str(copy))[0] == 3
    assert copy.read_text() == "last week's"
    assert program.run("db", "backup", str(copy), "--force")[0] == 0
    assert upkeep.stats(f"sqlite:///{copy}").rows["versions"] == 3


def test_the_database_is_never_its_own_copy(story, url, file):
    with pytest.raises(UsageError, match="is the database itself"):
        upkeep.backup(url, file, force=True)


def test_a_copy_that_cannot_be_written_leaves_nothing(story, url, tmp_path):
    with pytest.raises(StoreError, match="cannot be written"):
        upkeep.backup(url, tmp_path / "nowhere" / "copy.db")


def test_a_database_that_cannot_be_read_is_not_told_of_as_its_copy(program, story, file):
    story.store.close()
    with closing(sqlite3.connect(file)) as alone:
        alone.execute("PRAGMA locking_mode = EXCLUSIVE")
        alone.execute("BEGIN EXCLUSIVE")

        assert program.run("db", "backup", "copy.db")[0] == 3

    assert f"{file} is kept locked by another process" in program.said


def test_a_folder_is_no_name_for_a_copy(program, story, tmp_path):
    (tmp_path / "copies").mkdir()

    assert program.run("db", "backup", "copies", "--force")[0] == 3
    assert "copies is a folder; name a file in it, e.g. copies/copy.db" in program.said
    assert not list(tmp_path.glob("*.part"))


def test_a_copy_takes_the_place_of_a_database_that_is_kept_beside_it(program, story, file, tmp_path):
    program.run("db", "backup", "copy.db")
    story.changed(prose("privacy"))
    story.store.close()

    code, out = program.run("db", "restore", "copy.db", "--force")

    (old,) = tmp_path.glob("watchlist.db.replaced-*")
    assert code == 0
    assert str(old) in out
    assert rows(file, "SELECT count(*) FROM versions") == [(3,)]
    assert rows(old, "SELECT count(*) FROM versions") == [(4,)]
    assert rows(file, "PRAGMA journal_mode") == [("wal",)]


def test_a_database_is_not_replaced_without_force(program, story, file):
    program.run("db", "backup", "copy.db")
    story.changed(prose("privacy"))
    story.store.close()

    code, _ = program.run("db", "restore", "copy.db")

    assert code == 3
    assert "give --force" in program.said
    assert rows(file, "SELECT count(*) FROM versions") == [(4,)]


def test_a_database_in_use_by_another_process_is_not_replaced(story, url, file, tmp_path):
    upkeep.backup(url, tmp_path / "copy.db")
    story.store.close()
    use = f"import sqlite3, sys; c = sqlite3.connect({str(file)!r}); c.execute('SELECT * FROM documents')"
    user = subprocess.Popen(
        [sys.executable, "-c", f"{use}.fetchall(); print(flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert user.stdout
    user.stdout.readline()

    with pytest.raises(StoreLocked, match="stop the daemon"):
        upkeep.restore(url, tmp_path / "copy.db", START, force=True)
    assert not list(tmp_path.glob("*.part"))

    user.communicate()
    assert upkeep.restore(url, tmp_path / "copy.db", START, force=True)
    assert not list(tmp_path.glob("*.part"))


def test_what_is_put_back_belongs_to_whom_the_database_belonged(story, url, file, tmp_path):
    upkeep.backup(url, tmp_path / "copy.db")
    story.store.close()
    file.chmod(0o640)
    if os.geteuid() == 0:
        os.chown(file, 65534, 65534)
    before = file.stat()

    upkeep.restore(url, tmp_path / "copy.db", START, force=True)

    after = file.stat()
    assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_a_copy_that_is_not_there_is_told_apart_from_a_database_that_is_not(program, story):
    assert program.run("db", "restore", "nowhere.db", "--force")[0] == 3
    assert "there is no copy nowhere.db; name one that `db backup` made" in program.said


def test_a_damaged_database_is_replaced_and_kept(story, url, file, tmp_path):
    upkeep.backup(url, tmp_path / "copy.db")
    story.store.close()
    file.write_bytes(b"SQLite format 3\0" + b"rubble" * 5000)
    file.with_name("watchlist.db-wal").write_bytes(b"its log")

    old = upkeep.restore(url, tmp_path / "copy.db", START, force=True)

    assert old
    assert old.read_bytes().endswith(b"rubble")
    assert upkeep.verify(url).problems == []


@pytest.mark.parametrize("spoil", ["altered", "cut", "empty", "other", "missing"])
def test_what_is_no_whole_copy_is_not_restored(story, url, file, tmp_path, spoil):
    copy = tmp_path / "copy.db"
    upkeep.backup(url, copy)
    if spoil == "altered":
        altered(copy, "UPDATE blobs SET data = x'00' WHERE sha256 = (SELECT page FROM versions WHERE id = 2)")
    elif spoil == "cut":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    elif spoil == "missing":
        copy.unlink()
    else:
        copy.unlink()
        with closing(sqlite3.connect(copy)) as database:
            database.execute("CREATE TABLE songs (name)" if spoil == "other" else "PRAGMA user_version = 1")
    story.store.close()
    before = file.read_bytes()

    with pytest.raises((StoreError, UsageError)):
        upkeep.restore(url, copy, START, force=True)

    assert file.read_bytes() == before


def test_a_copy_is_restored_where_no_database_is(program, story, file):
    program.run("db", "backup", "copy.db")
    story.store.close()
    file.unlink()

    assert program.run("db", "restore", "copy.db") == (0, "Restored from copy.db.\n")
    assert program.run("db", "verify")[0] == 0


# --- prune and upgrade ---


def test_compacting_gives_the_space_back(program, story, file):
    for n in range(20):
        story.doubtful(prose(f"wall {n}"))
    story.store.close()
    before = upkeep.stats(f"sqlite:///{file}").file

    with time_machine.travel(YEAR_LATER):
        program.run("db", "prune", "--compact")

    after = upkeep.stats(f"sqlite:///{file}")
    assert (after.free, after.file < before - 100_000) == (0, True)


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (("--checks", "soon"), "write e.g. 90d, 26w or never"),
        (("--withdrawn", "7d"), "write at least 30d"),
        (("--doubtful", "2h"), "write at least 1d"),
    ],
)
def test_an_age_that_cannot_be_used_is_explained(program, story, option, message):
    assert program.run("db", "prune", *option)[0] == 3
    assert message in program.said


# --- upgrade -----------------------------------------------------------------------------------


def test_upgrading_says_from_where_to_where(program, story):
    code, out = program.run("db", "upgrade")

    assert code == 0
    assert out == f"The schema is {upkeep.SCHEMA}.\n"
