"""`tos-monitor db`: what is damaged is named, copies are whole, and nothing goes that something rests on."""

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import timedelta

import pytest
import time_machine

from monitor.errors import StoreError, StoreLocked, UsageError
from monitor.model import Keep, Verification
from monitor.store import Store, upkeep
from monitor.store.prune import Ages
from tests.program import program_in
from tests.store_samples import NO, START, Story, capture, doubt
from tests.test_store_blobs import prose, unchanged
from tests.test_store_review import seen

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


# --- verify ------------------------------------------------------------------------------------


def test_a_whole_database_is_proven(program, story):
    code, out = program.run("db", "verify")

    assert code == 0
    assert out.startswith("All 9 blobs (")
    assert "5 pages and changes are whole." in out


def test_one_altered_byte_is_named_with_what_it_belonged_to(program, story, file):
    sha256 = capture(prose("terms") + " and less").sha256
    (data,) = rows(file, f"SELECT data FROM blobs WHERE sha256 = '{sha256}'")[0]
    altered(file, "UPDATE blobs SET data = ? WHERE sha256 = ?", data[:-6] + b"rubble", sha256)

    code, out = program.run("db", "verify")

    assert code == 3
    assert f"a capture of acme/terms of 2026-05-05: the bytes with SHA-256 {sha256} are damaged" in out
    assert "1 problem; 8 blobs" in out


def test_a_damaged_keyframe_is_named_with_all_that_rests_on_it(story, file, url):
    sha256 = capture(prose("terms")).sha256
    altered(file, "UPDATE blobs SET data = x'00' WHERE sha256 = ?", sha256)

    problems = upkeep.verify(url).problems

    assert len(problems) == 3
    assert any("the keyframe of 2 others" in problem for problem in problems)


def test_a_version_whose_bytes_are_no_page_is_named(story, file, url):
    other = capture(prose("terms")).sha256
    altered(file, "UPDATE versions SET page = ? WHERE id = 2", other)

    (problem,) = upkeep.verify(url).problems

    assert problem.startswith("version 2: its bytes are whole but cannot be read")


def test_a_reference_that_leads_nowhere_is_named(story, file, url):
    altered(file, "UPDATE checks SET capture = 99 WHERE id = 1")

    (problem,) = upkeep.verify(url).problems

    assert problem == "checks, row 1: refers to a row of captures that is not there"


def test_there_is_nothing_to_prove_where_no_database_is(program, file):
    code, _ = program.run("db", "verify")

    assert (code, file.exists()) == (3, False)
    assert "there is no database" in program.said


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

    user.communicate()
    assert upkeep.restore(url, tmp_path / "copy.db", START, force=True)
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_database_is_replaced_and_kept(story, url, file, tmp_path):
    upkeep.backup(url, tmp_path / "copy.db")
    story.store.close()
    file.write_bytes(b"SQLite format 3\0" + b"rubble" * 5000)
    file.with_name("watchlist.db-wal").write_bytes(b"its log")

    old = upkeep.restore(url, tmp_path / "copy.db", START, force=True)

    assert old
    assert old.read_bytes().endswith(b"rubble")
    assert upkeep.verify(url).problems == []


@pytest.mark.parametrize("spoil", ["cut", "empty", "other", "missing"])
def test_what_is_no_whole_copy_is_not_restored(story, url, file, tmp_path, spoil):
    copy = tmp_path / "copy.db"
    upkeep.backup(url, copy)
    if spoil == "cut":
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


# --- stats -------------------------------------------------------------------------------------


def test_stats_say_what_there_is_and_what_it_takes(program, story):
    found = json.loads(program.run("db", "stats", "--json")[1])
    rows = found["rows"]

    assert (rows["documents"], rows["versions"], rows["changes"], rows["checks"]) == (1, 3, 2, 4)
    assert (rows["captures"], rows["doubtful captures"], rows["doubts"]) == (3, 1, 1)
    kinds = {one["kind"]: one for one in found["bytes"]}
    assert kinds["captures"]["count"] == 4
    assert kinds["captures"]["plain"] > 2.5 * kinds["captures"]["stored"]
    assert found["file"] > sum(one["stored"] for one in found["bytes"])
    assert "doubtful captures" in program.run("db", "stats")[1]


# --- prune -------------------------------------------------------------------------------------


def test_of_checks_in_a_row_with_the_same_result_the_first_and_the_last_stay(story, file, url):
    for _ in range(5):
        story.same()
    for _ in range(4):
        story.failed()
    story.same()
    before = rows(file, "SELECT id FROM checks ORDER BY id")

    gone = upkeep.prune(url, Ages(), YEAR_LATER, dry_run=False)

    assert gone.checks == 5
    after = rows(file, "SELECT outcome FROM checks ORDER BY id")
    outcomes = ["first", "changed", "doubtful", "changed", "unchanged", "unchanged", "failed", "failed"]
    assert [one for (one,) in after] == [*outcomes, "unchanged"]
    assert rows(file, "SELECT id FROM checks ORDER BY id")[-1] == before[-1]


def test_what_is_younger_stays(story, url):
    for _ in range(5):
        story.same()

    gone = upkeep.prune(url, ALL, START + timedelta(days=60), dry_run=False)

    assert (gone.checks, gone.doubtful, gone.withdrawn, gone.blobs) == (0, 0, 0, 0)


def test_a_dry_run_tells_the_same_and_removes_nothing(program, story, file):
    story.doubtful("Are you sure?")
    before = rows(file, "SELECT count(*) FROM captures")

    with time_machine.travel(YEAR_LATER):
        _, would = program.run("db", "prune", "--dry-run")
        assert rows(file, "SELECT count(*) FROM captures") == before
        _, did = program.run("db", "prune", "--compact")

    assert "1 doubtful capture" in did
    assert would.replace("Would remove", "Removed") == did
    assert rows(file, "SELECT count(*) FROM captures") != before


def test_a_doubtful_capture_goes_with_its_bytes_and_its_check_stays(story, file, url):
    story.doubtful("Are you sure?")

    gone = upkeep.prune(url, Ages(), YEAR_LATER, dry_run=False)

    assert (gone.doubtful, gone.blobs) == (1, 1)
    assert gone.bytes > 0
    assert rows(file, "SELECT count(*) FROM checks WHERE outcome = 'doubtful'") == [(2,)]
    with pytest.raises(UsageError, match="no capture"):
        story.store.capture(capture("Are you a robot?").sha256)
    assert story.store.capture(capture("Are you sure?").sha256)  # the newest: it may be accepted yet
    assert upkeep.verify(url).problems == []


def test_a_doubtful_capture_that_still_shows_stays(story, url):
    story.doubtful("Are you sure?")
    story.at = YEAR_LATER - timedelta(days=1)
    story.doubtful("Are you a robot?")

    assert upkeep.prune(url, Ages(), YEAR_LATER, dry_run=False).doubtful == 0


def test_a_text_that_did_not_show_again_goes_with_its_change_and_capture(story, file, url):
    story.changed(prose("privacy"), confirmed=False)
    story.same(withdrawn=True)

    gone = upkeep.prune(url, Ages(), YEAR_LATER, dry_run=False)

    assert (gone.withdrawn, gone.blobs) == (1, 3)
    assert [one.id for one in story.store.versions("acme/terms")] == [1, 2, 3]
    assert rows(file, "SELECT count(*) FROM changes") == [(2,)]
    assert upkeep.verify(url).problems == []


def test_a_text_that_waits_stays(story, url):
    story.changed(prose("privacy"), confirmed=False)

    assert upkeep.prune(url, Ages(), YEAR_LATER, dry_run=False).withdrawn == 0


def test_a_withdrawn_text_that_a_person_dismissed_or_answered_on_stays(story, url):
    waiting = story.changed(prose("privacy"), confirmed=False)
    story.store.dismiss(waiting.change.id, why="an experiment", by="ada", at=story.at, seen=())
    story.same(withdrawn=True)

    assert upkeep.prune(url, Ages(), YEAR_LATER, dry_run=False).withdrawn == 0
    assert story.store.change(waiting.change.id)


def test_nothing_goes_that_a_verification_or_a_doubt_rests_on(story, url):
    held = story.store.version(2)
    answer = Verification(
        product="acme/api", topic="training", position="no", at=story.at, by="ada", version=2, evidence=NO
    )
    story.store.verify(answer, seen(story))
    story.doubtful("Are you sure?")

    upkeep.prune(url, ALL, YEAR_LATER, dry_run=False)

    assert story.store.version(2) == held
    assert story.store.capture(held.capture_sha256)
    assert all(story.store.change(one.id).doubts == one.doubts for one in story.store.changes())


def test_captures_of_unchanged_texts_go_only_on_request(story, url):
    story.store.record(
        unchanged(story, prose("terms") + " and less <!-- 7 -->"),
        next_check=START,
        started=START,
        keep=Keep.ALL,
    )

    assert upkeep.prune(url, Ages(), YEAR_LATER, dry_run=True).captures == 0
    assert upkeep.prune(url, ALL, YEAR_LATER, dry_run=False).captures == 1
    assert len(story.store.versions("acme/terms")) == 3


def test_a_keyframe_stays_while_others_rest_on_it(story, url):
    walls = [prose("robot", 300) + f" request {n}" for n in range(4)]
    for wall in walls:
        story.doubtful(wall)

    gone = upkeep.prune(url, Ages(), YEAR_LATER, dry_run=False)

    assert (gone.doubtful, gone.blobs) == (4, 3)  # the wall of before, and two that rest on the first
    assert story.store.capture_body(capture(walls[-1]).sha256) == capture(walls[-1]).body
    assert {one.kind: one.count for one in upkeep.stats(url).bytes}["keyframes alone"] == 1


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
