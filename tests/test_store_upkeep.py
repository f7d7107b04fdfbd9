"""Proving, counting and pruning what a database holds, on either engine."""

import json
import shlex
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import text

from monitor.errors import UsageError
from monitor.model import Keep, Verification
from monitor.store import Store, upkeep
from monitor.store.engine import connect, disposing, reading, writing
from monitor.store.prune import Ages
from tests.program import program_in
from tests.store_samples import NO, START, Story, capture, doubt
from tests.test_store_blobs import prose, unchanged
from tests.test_store_review import seen

YEAR_LATER = START + timedelta(days=500)
ALL = Ages(captures=timedelta(days=90))


@pytest.fixture
def program(tmp_path, database):
    with program_in(tmp_path) as program:
        program.watch({"terms": "http://127.0.0.1:9/terms"})
        program.set("MONITOR_DATABASE", database)
        yield program


@pytest.fixture
def story(database):
    """A document with three versions, two of them against the first, and a doubtful capture."""
    with Store.open(database, now=START) as store:
        told = Story(store)
        told.first(prose("terms"))
        told.changed(prose("terms") + " and more", doubts=(doubt(),))
        told.doubtful()
        told.changed(prose("terms") + " and less")
        yield told


def altered(database, statement, **values):
    engine = connect(database)
    with disposing(engine), writing(engine) as connection:
        assert connection.execute(text(statement), values).rowcount


def rows(database, query):
    engine = connect(database)
    with disposing(engine), reading(engine) as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


# --- verify ------------------------------------------------------------------------------------


def test_a_whole_database_is_proven(program, story):
    code, out = program.run("db", "verify")

    assert code == 0
    assert out.startswith("All 9 blobs (")
    assert "5 pages and changes are whole." in out


def test_one_altered_byte_is_named_with_what_it_belonged_to(program, story, database):
    sha256 = capture(prose("terms") + " and less").sha256
    (data,) = rows(database, f"SELECT data FROM blobs WHERE sha256 = '{sha256}'")[0]
    rubble = data[:-6] + b"rubble"
    altered(database, "UPDATE blobs SET data = :data WHERE sha256 = :sha256", data=rubble, sha256=sha256)

    code, out = program.run("db", "verify")

    assert code == 3
    assert f"a capture of acme/terms of 2026-05-05: the bytes with SHA-256 {sha256} are damaged" in out
    assert "1 problem; 8 blobs" in out


def test_whose_page_or_change_was_damaged_is_told_with_its_document_and_day(program, story, database):
    for table, column in (("versions", "page"), ("changes", "content")):
        named = f"(SELECT max({column}) FROM {table} WHERE id = 1)"
        altered(database, f"UPDATE blobs SET data = :data WHERE sha256 = {named}", data=b"rubble")

    out = program.run("db", "verify")[1]

    assert "version 1 of acme/terms of 2026-05-05" in out
    assert "change 1 of acme/terms of 2026-05-05: the bytes with SHA-256" in out


def test_a_damaged_keyframe_is_named_with_all_that_rests_on_it(story, database):
    sha256 = capture(prose("terms")).sha256
    altered(database, "UPDATE blobs SET data = :data WHERE sha256 = :sha256", data=b"\0", sha256=sha256)

    problems = upkeep.verify(database).problems

    assert len(problems) == 3
    assert any("the keyframe of 2 others" in problem for problem in problems)


def test_a_version_whose_bytes_are_no_page_is_named(story, database):
    other = capture(prose("terms")).sha256
    altered(database, "UPDATE versions SET page = :page WHERE id = 2", page=other)

    (problem,) = upkeep.verify(database).problems

    assert problem.startswith("version 2 of acme/terms of 2026-05-05: its bytes are whole but cannot be read")


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


def test_of_checks_in_a_row_with_the_same_result_the_first_and_the_last_stay(story, database):
    for _ in range(5):
        story.same()
    for _ in range(4):
        story.failed()
    story.same()
    before = rows(database, "SELECT id FROM checks ORDER BY id")

    gone = upkeep.prune(database, Ages(), YEAR_LATER, dry_run=False)

    assert gone.checks == 5
    after = rows(database, "SELECT outcome FROM checks ORDER BY id")
    outcomes = ["first", "changed", "doubtful", "changed", "unchanged", "unchanged", "failed", "failed"]
    assert [one for (one,) in after] == [*outcomes, "unchanged"]
    assert rows(database, "SELECT id FROM checks ORDER BY id")[-1] == before[-1]


def test_what_is_younger_stays(story, database):
    for _ in range(5):
        story.same()

    gone = upkeep.prune(database, ALL, START + timedelta(days=60), dry_run=False)

    assert (gone.checks, gone.doubtful, gone.withdrawn, gone.blobs) == (0, 0, 0, 0)


def test_a_dry_run_tells_the_same_and_removes_nothing(program, story, database):
    story.doubtful("Are you sure?")
    before = rows(database, "SELECT count(*) FROM captures")

    with time_machine.travel(YEAR_LATER):
        _, would = program.run("db", "prune", "--dry-run")
        assert rows(database, "SELECT count(*) FROM captures") == before
        _, did = program.run("db", "prune", "--compact")

    assert "1 doubtful capture" in did
    assert would.replace("Would remove", "Removed") == did
    assert rows(database, "SELECT count(*) FROM captures") != before


def test_a_doubtful_capture_goes_with_its_bytes_and_its_check_stays(story, database):
    story.doubtful("Are you sure?")

    gone = upkeep.prune(database, Ages(), YEAR_LATER, dry_run=False)

    assert (gone.doubtful, gone.blobs) == (1, 1)
    assert gone.bytes > 0
    assert rows(database, "SELECT count(*) FROM checks WHERE outcome = 'doubtful'") == [(2,)]
    with pytest.raises(UsageError, match="no capture"):
        story.store.capture(capture("Are you a robot?").sha256)
    assert story.store.capture(capture("Are you sure?").sha256)  # the newest: it may be accepted yet
    assert upkeep.verify(database).problems == []


def test_a_doubtful_capture_that_still_shows_stays(story, database):
    story.doubtful("Are you sure?")
    story.at = YEAR_LATER - timedelta(days=1)
    story.doubtful("Are you a robot?")

    assert upkeep.prune(database, Ages(), YEAR_LATER, dry_run=False).doubtful == 0


def test_a_text_that_did_not_show_again_goes_with_its_change_and_capture(story, database):
    story.changed(prose("privacy"), confirmed=False)
    story.same(withdrawn=True)

    gone = upkeep.prune(database, Ages(), YEAR_LATER, dry_run=False)

    assert (gone.withdrawn, gone.blobs) == (1, 3)
    assert [one.id for one in story.store.versions("acme/terms")] == [1, 2, 3]
    assert rows(database, "SELECT count(*) FROM changes") == [(2,)]
    assert upkeep.verify(database).problems == []


def test_a_text_that_waits_stays(story, database):
    story.changed(prose("privacy"), confirmed=False)

    assert upkeep.prune(database, Ages(), YEAR_LATER, dry_run=False).withdrawn == 0


def test_a_withdrawn_text_that_a_person_dismissed_or_answered_on_stays(story, database):
    waiting = story.changed(prose("privacy"), confirmed=False)
    story.store.dismiss(waiting.change.id, why="an experiment", by="ada", at=story.at, seen=())
    story.same(withdrawn=True)

    assert upkeep.prune(database, Ages(), YEAR_LATER, dry_run=False).withdrawn == 0
    assert story.store.change(waiting.change.id)


def test_nothing_goes_that_a_verification_or_a_doubt_rests_on(story, database):
    held = story.store.version(2)
    answer = Verification(
        product="acme/api", topic="training", position="no", at=story.at, by="ada", version=2, evidence=NO
    )
    story.store.verify(answer, seen(story))
    story.doubtful("Are you sure?")

    upkeep.prune(database, ALL, YEAR_LATER, dry_run=False)

    assert story.store.version(2) == held
    assert story.store.capture(held.capture_sha256)
    assert all(story.store.change(one.id).doubts == one.doubts for one in story.store.changes())


def test_captures_of_unchanged_texts_go_only_on_request(story, database):
    story.store.record(
        unchanged(story, prose("terms") + " and less <!-- 7 -->"),
        next_check=START,
        started=START,
        keep=Keep.ALL,
    )

    assert upkeep.prune(database, Ages(), YEAR_LATER, dry_run=True).captures == 0
    assert upkeep.prune(database, ALL, YEAR_LATER, dry_run=False).captures == 1
    assert len(story.store.versions("acme/terms")) == 3


def test_a_keyframe_stays_while_others_rest_on_it(story, database):
    walls = [prose("robot", 300) + f" request {n}" for n in range(4)]
    for wall in walls:
        story.doubtful(wall)

    gone = upkeep.prune(database, Ages(), YEAR_LATER, dry_run=False)

    assert (gone.doubtful, gone.blobs) == (4, 3)  # the wall of before, and two that rest on the first
    assert story.store.capture(capture(walls[-1]).sha256).body == capture(walls[-1]).body
    assert {one.kind: one.count for one in upkeep.stats(database).bytes}["keyframes alone"] == 1


# --- on PostgreSQL -----------------------------------------------------------------------------


@pytest.fixture
def guarded(postgres):
    """The URL of a database with a password that nobody asks for."""
    postgres.empty("emptied")
    return postgres.url_of("emptied").replace("postgres@", "postgres:swordfish@")


@pytest.mark.parametrize("command", [("backup", "copy.dump"), ("restore", "copy.dump")])
def test_copies_are_left_to_the_tools_of_postgresql(program, guarded, command):
    program.set("MONITOR_DATABASE", guarded)

    assert program.run("db", *command)[0] == 3
    tool = {"backup": "pg_dump --format=custom --file=copy.dump", "restore": "pg_restore --clean --if-exists"}
    assert f"PostgreSQL's own tool does this: {tool[command[0]]}" in program.said
    assert "--dbname=postgresql://postgres@/emptied?host=" in program.said.replace("'", "")


def test_what_is_to_be_typed_instead_can_be_typed_in_a_shell(program, guarded):
    program.set("MONITOR_DATABASE", f"{guarded}&sslmode=prefer&password=swordfish")
    program.run("db", "backup", "my copy.dump")

    words = shlex.split(program.said.partition("does this: ")[2])
    assert words[:3] == ["pg_dump", "--format=custom", "--file=my copy.dump"]
    assert words[3].startswith("--dbname=postgresql://postgres@/emptied?host=")
    assert words[3].endswith("&sslmode=prefer")


def test_no_password_is_ever_told(program, guarded):
    program.set("MONITOR_DATABASE", guarded)

    said = [program.run("db", *command)[1] for command in (("stats",), ("stats", "--json"), ("verify",))]
    program.run("db", "backup", "copy.dump")

    assert "emptied on" in said[1]
    assert "swordfish" not in "".join(said) + program.said


def test_upgrading_an_empty_database_on_a_server_makes_the_tables(program, postgres):
    with postgres.database() as url:
        program.set("MONITOR_DATABASE", url)

        assert program.run("db", "upgrade") == (0, f"The schema is {upkeep.SCHEMA}; it was none.\n")
        assert program.run("db", "stats")[0] == 0


def test_an_empty_database_is_not_taken_for_one_of_this_program(program, postgres):
    with postgres.database() as url:
        program.set("MONITOR_DATABASE", url)
        code, _ = program.run("db", "stats")
        assert code == 3
    assert "is empty; name another one with --database" in program.said
