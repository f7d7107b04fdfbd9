"""A new database is made, an old one upgraded with all its data, a newer one refused."""

import multiprocessing
import resource
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import monitor.store
from monitor.errors import StoreError, StoreTooNew, UsageError
from monitor.model import StepKind
from monitor.store import Store, tables
from monitor.store.engine import connect, reading, writing
from tests.store_samples import HOUR, NO, START, YES, Story, doubt

MIGRATIONS = Path(monitor.store.__file__).parent / "migrations"


def migrations() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def migrate(path, revision):
    """An empty database as a program of that revision made it."""
    engine = connect(f"sqlite:///{path}")
    config = migrations()
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def rows(path, sql):
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(sql).fetchall()


def columns(path, table):
    return [row[0] for row in rows(path, f"SELECT name FROM pragma_table_info('{table}')")]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "store.db"


@pytest.fixture
def old(tmp_path, file):
    """A file as the first schema's program left it: two versions, a change, a doubt of every kind."""
    newest = tmp_path / "newest.db"
    with Store.open(f"sqlite:///{newest}") as store:
        story = Story(store)
        story.first(NO)
        story.changed(YES, doubts=(doubt(),))
        story.changed(NO, doubts=(doubt(), doubt("acme/chat")))
        story.changed(YES, doubts=(doubt(),))
    migrate(file, "0001")
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("ATTACH ? AS newest", (str(newest),))
        for (table,) in rows(file, "SELECT name FROM sqlite_master WHERE type = 'table'"):
            if not table.startswith(("sqlite_", "alembic_")):
                known = set(columns(newest, table))
                names = [name for name in columns(file, table) if name in known | set(SINCE_GONE)]
                values = ", ".join(f'"{name}"' if name in known else SINCE_GONE[name] for name in names)
                quoted = ", ".join(f'"{name}"' for name in names)
                connection.execute(f"INSERT INTO {table} ({quoted}) SELECT {values} FROM newest.{table}")
        for answered in ANSWERED:
            connection.execute(answered)
    return file


SINCE_GONE = {"closed_by": "NULL", "dismissed": "0", "decided_by": "''", "why": "''"}
ANSWERED = (
    "INSERT INTO verifications VALUES (1, 'acme/api', 'training', 'yes', NULL,"
    " '2026-05-05T15:00:00.000000+00:00', 'ada', 'read it', 2, '')",
    "UPDATE doubts SET closed_by = 1 WHERE change = 2 AND product = 'acme/api'",
    "UPDATE doubts SET dismissed = 1 WHERE change = 3",
    "UPDATE changes SET state = 'dismissed', why = 'a slip', decided_by = 'bob',"
    " decided_at = '2026-05-05T16:00:00.000000+00:00' WHERE id = 3",
)


# --- upgrading ---------------------------------------------------------------------------------


def test_an_old_database_is_upgraded_and_keeps_its_data(old):
    with Store.open(f"sqlite:///{old}", now=START) as store:
        story = Story(store, texts=[YES], at=START + 9 * HOUR)
        assert [info.id for info in store.versions("acme/terms")] == [1, 2, 3, 4]
        assert store.change(1).doubts == (doubt(change=1, id=1),)
        assert story.known().validators.url == ""
        story.same(YES)
        assert story.known().validators.url == "https://acme.test/terms"

    assert rows(old, "SELECT * FROM upgrades") == [(tables.SCHEMA, "2026-05-05T12:00:00.000000+00:00")]
    assert rows(old, "PRAGMA foreign_key_check") == []


def test_a_copy_of_the_old_file_stays_beside_it(old):
    before = rows(old, "SELECT * FROM documents")

    Store.open(f"sqlite:///{old}").close()

    copy = old.with_name("store.db.bak-0001")
    assert rows(copy, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert rows(copy, "SELECT * FROM documents") == before
    assert sorted(path.name for path in old.parent.glob("store.db*")) == ["store.db", copy.name]


def test_a_database_at_todays_schema_is_not_copied(file):
    Store.open(f"sqlite:///{file}").close()
    Store.open(f"sqlite:///{file}").close()

    assert list(file.parent.iterdir()) == [file]


def test_an_upgrade_that_cannot_make_its_copy_changes_nothing(old):
    old.with_name("store.db.bak-0001.part").mkdir()

    with pytest.raises(StoreError, match=r"bak-0001 cannot be written .* was not upgraded"):
        Store.open(f"sqlite:///{old}")
    assert rows(old, "SELECT version_num FROM alembic_version") == [("0001",)]


def test_an_upgrade_without_room_for_its_copy_leaves_no_half_of_one(old):
    least = old.stat().st_size // 2
    done = subprocess.run(
        [sys.executable, "-c", f"from monitor.store import Store; Store.open('sqlite:///{old}')"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (least, least)),
    )

    assert "bak-0001 cannot be written" in done.stderr.splitlines()[-1]
    assert "the database was not upgraded" in done.stderr.splitlines()[-1]
    assert rows(old, "SELECT version_num FROM alembic_version") == [("0001",)]
    assert not list(old.parent.glob("*.bak-*"))


def test_an_upgrade_waits_for_nobody_who_only_reads(old):
    with closing(sqlite3.connect(old, isolation_level=None)) as reader:
        reader.execute("PRAGMA journal_mode=WAL")
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM documents").fetchone()

        Store.open(f"sqlite:///{old}").close()

        assert reader.execute("SELECT version_num FROM alembic_version").fetchone() == ("0001",)


def _known_of(url):
    with Store.open(url) as store:
        return Story(store).known().version_id


def test_processes_that_open_an_old_database_at_once_all_find_it_upgraded(old):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(_known_of, [f"sqlite:///{old}"] * 3, chunksize=1) == [4, 4, 4]

    assert len(rows(old, "SELECT * FROM upgrades")) == 1


def test_what_people_answered_before_steps_were_kept_is_told_as_steps_and_can_be_undone(old):
    with Store.open(f"sqlite:///{old}", now=START) as store:
        assert [(one.kind, one.by, one.note, one.change, one.settled) for one in store.steps()] == [
            (StepKind.VERIFICATION, "ada", "read it", None, (2,)),
            (StepKind.DISMISSAL, "bob", "a slip", 3, (4,)),
        ]
        assert [one.id for one in store.doubts()] == [1, 3]
        assert [store.change(number).state for number in (1, 2, 3)] == ["to review", "to review", "dismissed"]

        for step in store.steps():
            store.undo(step.id, by="ada", at=START)

        assert [one.id for one in store.doubts()] == [1, 2, 3, 4]
        assert store.change(3).state == "to review"
        assert set(store.waiting_numbers()) == {1, 2, 3}


# --- refusing ----------------------------------------------------------------------------------


def test_a_database_of_a_newer_program_is_refused_untouched(file):
    Store.open(f"sqlite:///{file}").close()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(StoreTooNew, match=r"store\.db was written by a newer version .* pip install"):
        Store.open(f"sqlite:///{file}")
    assert rows(file, "SELECT version_num FROM alembic_version") == [("9999",)]


def test_a_database_of_another_program_is_refused_untouched(file):
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (id INTEGER)")

    with pytest.raises(StoreError, match="is a database of another program"):
        Store.open(f"sqlite:///{file}")
    assert rows(file, "SELECT name FROM sqlite_master") == [("bookmarks",)]


@pytest.mark.parametrize(
    "url", ["store.db", "", "mysql://me:secret@host/db", "postgresql:/me:secret@host/db"]
)
def test_what_is_no_database_url_is_refused_with_an_example(url):
    with pytest.raises(UsageError, match=r"write e\.g\. sqlite:///monitor.db") as refused:
        Store.open(url)
    assert "secret" not in str(refused.value)


# --- one schema --------------------------------------------------------------------------------


def test_the_newest_migration_is_the_schema_of_the_tables():
    assert ScriptDirectory.from_config(migrations()).get_current_head() == tables.SCHEMA


@pytest.mark.parametrize("make", ["migrations", "tables"])
def test_both_ways_to_make_a_database_give_the_tables(file, make):
    if make == "migrations":
        migrate(file, "head")
    else:
        Store.open(f"sqlite:///{file}").close()

    engine = connect(f"sqlite:///{file}")
    with reading(engine) as connection:
        options = {
            "compare_type": True,
            "include_name": lambda name, kind, _: not is_of_the_index(name),
            "include_object": is_of_sqlite,
        }
        context = MigrationContext.configure(connection, opts=options)
        differences = compare_metadata(context, tables.metadata)
    engine.dispose()
    assert differences == []


def test_both_ways_to_make_a_database_give_equal_columns_keys_and_indexes(tmp_path):
    migrated, made = tmp_path / "migrated.db", tmp_path / "made.db"
    migrate(migrated, "head")
    Store.open(f"sqlite:///{made}").close()

    for table in tables.metadata.tables:
        for pragma in ("table_info", "foreign_key_list", "index_list"):
            assert facts(migrated, pragma, table) == facts(made, pragma, table)
    assert autoincremented(migrated) == autoincremented(made)


def facts(path, pragma, table):
    """What SQLite says of a table, without the numbers that say only in what order it was made."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        found = connection.execute(f"PRAGMA {pragma}({table})").fetchall()
    return {
        frozenset((key, row[key]) for key in row.keys() if key not in ("cid", "id", "seq"))  # noqa: SIM118  a Row iterates its values
        for row in found
    }


def autoincremented(path):
    return set(rows(path, "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'"))


def test_every_table_is_strict_after_all_migrations(file):
    migrate(file, "head")

    loose = rows(file, "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict")
    ours = {name for (name,) in loose if not is_of_the_index(name)}
    assert ours - {"sqlite_schema", "sqlite_sequence"} == {"alembic_version"}


def is_of_sqlite(item, name, kind, reflected, other):
    """Whether SQLite has it too; the other indexes are PostgreSQL's alone."""
    return getattr(item, "_ddl_if", None) is None


def is_of_the_index(name):
    """Whether a table belongs to the index of words, whose tables SQLite makes itself."""
    return str(name).startswith("clauses_words")


@pytest.mark.parametrize("make", ["migrations", "tables"])
def test_both_ways_to_make_a_database_give_the_index_of_words(file, make):
    if make == "migrations":
        migrate(file, "head")
    else:
        Store.open(f"sqlite:///{file}").close()

    ((sql,),) = rows(file, "SELECT sql FROM sqlite_master WHERE name = 'clauses_words'")
    assert (sql,) == tables.WORDS_TABLE["sqlite"]


def test_what_an_old_database_holds_can_be_searched_after_the_upgrade(old):
    with Store.open(f"sqlite:///{old}", now=START) as store:
        found = sorted(store.search("train our models"), key=lambda one: one.since)
        assert [one.text for one in found] == [NO, YES, NO, YES]
        assert [one.until for one in found] == [one.since for one in found[1:]] + [None]


def test_writers_and_readers_do_not_wait_for_each_other(file):
    Store.open(f"sqlite:///{file}").close()

    assert rows(file, "PRAGMA journal_mode") == [("wal",)]


def test_an_existing_database_opens_without_importing_alembic_or_the_orm(file):
    Store.open(f"sqlite:///{file}").close()

    code = (
        "import sys; from monitor.store import Store; Store.open(sys.argv[1]).close();"
        "print([name for name in ('alembic', 'sqlalchemy.orm', 'httpx', 'bs4', 'psycopg', 'procrastinate',"
        " 'sqlalchemy.dialects.postgresql') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, f"sqlite:///{file}"], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
