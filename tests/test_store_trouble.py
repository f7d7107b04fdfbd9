"""Locked, full, read-only or damaged databases, and a kill in the middle: one clear line, no loss."""

import os
import resource
import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import replace

import pytest

from monitor.errors import StoreError, StoreFull, StoreLocked
from monitor.model import Page, Seen, Verification
from monitor.store import Store
from tests.store_samples import NO, START, YES, Story, block, capture, doubt, version

ANSWER = Verification(product="acme/api", topic="training", position="no", at=START)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def url(file):
    """A store with one document, closed."""
    with Store.open(f"sqlite:///{file}") as store:
        Story(store).first(NO)
    return f"sqlite:///{file}"


def whole(file):
    """What SQLite itself finds wrong with the file, and how many checks are in it."""
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        return connection.execute("SELECT count(*) FROM checks").fetchone()[0]


# --- locked ------------------------------------------------------------------------------------


@pytest.fixture
def writer(file, url):
    """Another program that holds the write lock."""
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield connection


def test_a_database_that_stays_locked_is_one_clear_line(file, url, writer):
    with (
        Store.open(f"{url}?timeout=0.05") as store,
        pytest.raises(StoreLocked, match=r"store\.db is kept locked by another process; wait"),
    ):
        Story(store, texts=[NO]).same()
    assert whole(file) == 1


def test_reading_goes_on_while_another_writes(url, writer):
    with Store.open(f"{url}?timeout=0.05") as store:
        assert Story(store).known().version_id == 1


def test_a_lock_that_ends_is_waited_for(url, writer):
    with Store.open(f"{url}?timeout=30") as store, ThreadPoolExecutor(1) as pool:
        check = pool.submit(Story(store, texts=[NO]).same)
        assert not wait([check], timeout=0.2).done

        writer.execute("COMMIT")

        assert check.result(timeout=30).outcome == "unchanged"


# --- no space ----------------------------------------------------------------------------------


def test_a_full_disk_is_one_clear_line_and_nothing_is_half_written(file, url):
    with Store.open(url) as store:
        story = Story(store, texts=[NO])
        allow_no_more_pages(store)
        with pytest.raises(StoreFull, match=r"store\.db: no space is left; free some"):
            story.changed(f"{YES} {os.urandom(200_000).hex()}", doubts=(doubt(),))

        assert store.changes() == ()
        assert story.previous().version.id == 1
    assert whole(file) == 1


def allow_no_more_pages(store):
    """Let the file grow by ten pages at most: SQLite then behaves as on a full disk."""
    with store._engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 10}")


def test_a_limit_on_file_size_is_one_clear_line_and_nothing_is_lost(file, url):
    code = (
        "import os, sys; from tests.store_samples import *\n"
        "with Store.open(sys.argv[1]) as store:\n"
        "    Story(store, texts=[NO]).changed(os.urandom(300_000).hex())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, url],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000)),
    )

    last = done.stderr.splitlines()[-1]
    assert last.startswith(("monitor.errors.StoreError: ", "monitor.errors.StoreFull: "))
    assert "store.db" in last
    assert whole(file) == 1


# --- not writable ------------------------------------------------------------------------------


def test_a_read_only_file_can_be_read_and_refuses_writing_in_one_clear_line(file, url):
    with Store.open(f"sqlite:///file:{file}?mode=ro&uri=true") as store:
        assert Story(store).known().version_id == 1
        with pytest.raises(StoreFull, match=r"store\.db or its folder cannot be written; give"):
            Story(store, texts=[NO]).same()
        with pytest.raises(StoreFull, match=r"store\.db or its folder cannot be written; give"):
            store.require_writing()
    assert whole(file) == 1


def test_a_folder_that_takes_no_files_is_one_clear_line():
    with pytest.raises(StoreFull, match=r"/proc/store\.db cannot be opened; check that this user may write"):
        Store.open("sqlite:////proc/store.db")


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(StoreError, match=r"the folder .*/nowhere does not exist; create it"):
        Store.open(f"sqlite:///{tmp_path}/nowhere/store.db")


def test_a_folder_instead_of_a_file_is_named(tmp_path):
    with pytest.raises(StoreError, match="is a folder; name a file"):
        Store.open(f"sqlite:///{tmp_path}")


# --- damage ------------------------------------------------------------------------------------


def test_a_file_that_is_no_database_is_one_clear_line(file):
    file.write_text("Our terms of service, as saved by hand.\n" * 50)

    with pytest.raises(StoreError, match=r"store\.db is damaged or not a SQLite database; restore a copy"):
        Store.open(f"sqlite:///{file}")


def test_a_damaged_file_is_one_clear_line(file, url):
    with Store.open(url) as store:
        story = Story(store, texts=[NO])
        for number in range(20):
            story.changed(f"{number} {os.urandom(4000).hex()}")
    content = bytearray(file.read_bytes())
    content[8192:-4096] = b"\xff" * (len(content) - 12288)
    file.write_bytes(content)

    with pytest.raises(StoreError, match=r"store\.db is damaged"), Store.open(url) as store:
        store.changes()


@pytest.mark.parametrize("altered", ["x'00'", "substr(data, 1, length(data) - 1)"])
def test_captured_bytes_that_were_altered_are_refused(file, url, altered):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"UPDATE blobs SET data = {altered}")

    with Store.open(url) as store, pytest.raises(StoreError, match="are damaged; restore"):
        store.capture(capture(NO).sha256)


def test_a_mistake_of_ours_is_not_taken_for_trouble_with_the_database(url):
    with Store.open(url) as store, pytest.raises(Exception, match="FOREIGN KEY") as mistake:
        store.verify(replace(ANSWER, version=99), Seen())
    assert not isinstance(mistake.value, StoreError)


# --- killed ------------------------------------------------------------------------------------

WRITER = """
import sys
from tests.store_samples import Story, Store, doubt
with Store.open(sys.argv[1]) as store:
    story = Story(store)
    story.first("text 0")
    for number in range(1, 100_000):
        story.changed(f"text {number}", doubts=(doubt(),))
        print(number, flush=True)
"""


def test_a_kill_in_the_middle_loses_nothing_that_was_told_and_leaves_nothing_half(file):
    code = [sys.executable, "-c", WRITER, f"sqlite:///{file}"]
    with subprocess.Popen(code, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout
        told = [int(writer.stdout.readline()) for _ in range(40)]
        writer.send_signal(signal.SIGKILL)
        last = max([*told, *map(int, writer.stdout.read().split())])

    checks = whole(file)
    with Store.open(f"sqlite:///{file}") as store:
        changes = store.changes()
        assert checks - 1 == len(changes) == len(store.doubts()) == len(store.versions("acme/terms")) - 1
        assert last <= len(changes) <= last + 1
        assert Story(store).previous().version.id == changes[0].after.id
        assert len(changes[0].change.flags) == 1


def test_a_page_of_a_megabyte_is_kept_whole(url):
    page = Page(blocks=tuple(block(f"{number} " + "words " * 20) for number in range(8000)))
    taken = capture(YES)

    with Store.open(url) as store:
        story = Story(store, texts=[NO])
        story.changed(YES)
        reread = version(YES, taken, page=page, id=2)
        story.same(YES, reread=reread)

        assert story.previous().version.page == page
