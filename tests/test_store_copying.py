"""A database copied whole, SQLite and PostgreSQL either way: equal, counting on, or nothing at all."""

import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from monitor.errors import StoreError, UsageError
from monitor.model import (
    Claim,
    ImportMark,
    Keep,
    LinkFinding,
    LinkFindingKind,
    Opinion,
    Seen,
    SeenLink,
    SeenLinks,
    Verification,
)
from monitor.store import Store, copying, upkeep
from monitor.store.engine import connect, disposing, reading, writing
from monitor.store.prune import Ages
from monitor.store.tables import hosts, metadata, outbox
from tests.store_samples import HOUR, NO, START, YES, Story, capture, doubt, version
from tests.test_store_blobs import prose, unchanged

BOTH = [
    ("sqlite", "postgresql"),
    ("postgresql", "sqlite"),
    ("sqlite", "sqlite"),
    ("postgresql", "postgresql"),
]


@pytest.fixture
def place(tmp_path, postgres):
    """The URL of a database that nobody made anything in yet, by its engine."""
    with ExitStack() as places:

        def make(engine):
            if engine == "sqlite":
                return f"sqlite:///{tmp_path / f'{len(list(tmp_path.iterdir()))}.db'}"
            return places.enter_context(postgres.database())

        yield make


def filled(url):
    """A database with something in every table, and with numbers that were given and are gone."""
    with Store.open(url, now=START) as store:
        story = Story(store)
        story.first(prose("terms"))
        links = (
            SeenLink(
                text="é\u2028\U0001f600", url="u", first_seen=START, since=START, present=True, settled=False
            ),
        )
        found = LinkFinding(
            document="acme/terms", at=START, kind=LinkFindingKind.NEW, text="é\u2028 \U0001f600", url="u"
        )
        story.same(links=SeenLinks(reader="1", links=links, findings=(found,)))
        story.changed(prose("terms") + " and more", doubts=(doubt(), doubt("acme/chat")))
        story.same(reread=version(prose("terms") + " and less", capture("x"), id=2))
        story.doubtful()
        story.failed()
        story.changed(NO, confirmed=False)
        store.record(
            unchanged(story, YES), next_check=START, started=START - timedelta(microseconds=1), keep=Keep.ALL
        )
        answer = Verification(
            product="acme/api", topic="training", position="no", at=START, by="ada", version=2
        )
        store.verify(answer, Seen((1,)))
        step = store.dismiss(1, why="seen", by="bob", at=START, seen=(2,))
        store.undo(step.id, by="ada", at=START + HOUR)
        store.keep_opinion(
            Opinion(change=1, topic="training", model="m", at=START, position="no", summary="s")
        )
        claim = Claim(product="acme/api", topic="training", position="no")
        store.publish({("acme/api", "training"): (claim,)}, START)
        past = Story(store, document="acme/past")
        past.first("long ago")
        mark = ImportMark(source="archive", document="acme/past", done="abc", at=START)
        store.record_past(unchanged(past, "long ago"), started=START, reached=mark)
        _send(store)
        for number in range(3):
            story.doubtful(prose(f"robot {number}"))
        story.at += timedelta(days=200)
        story.doubtful("Are you a robot at all?")
        story.doubtful("gone")
    gone = story.at + timedelta(days=200)
    upkeep.prune(url, Ages(), gone, dry_run=False)
    return url


def _send(store):
    message = {
        "kind": "change",
        "channel": "ops",
        "at": START,
        "failures": 0,
        "not_before": START,
        "change": 1,
    }
    with writing(store._engine) as connection:
        connection.execute(insert(outbox), [message | {"event": "a"}])
        connection.execute(insert(outbox), [message | {"event": "b", "told_with": 1}])
        times = {"next_allowed_at": 1.1, "held_until": 0.1 + 0.2, "promised_at": 0.0, "pause": 5.0}
        connection.execute(insert(hosts), {"host": "acme.test", **times})


def everything(url):
    """Every row of every table, as the program reads them."""
    engine = connect(url)
    with disposing(engine), reading(engine) as connection:
        return {
            name: sorted(repr(tuple(row)) for row in connection.execute(select(table)) if is_ours(row))
            for name, table in metadata.tables.items()
        }


def is_ours(row):
    return not str(row[0]).startswith("procrastinate")


def copied(source, target):
    return copying.copy(source, target, lambda *_: None)


@pytest.mark.parametrize(("source", "target"), BOTH)
def test_everything_arrives_as_it_was(place, source, target):
    origin, made = filled(place(source)), place(target)

    counts = copied(origin, made)

    before, after = everything(origin), everything(made)
    assert after == before
    assert counts == {name: len(rows) for name, rows in before.items()}
    assert min(counts.values()) > 0
    assert upkeep.verify(made).problems == []


@pytest.mark.parametrize(("source", "target"), BOTH)
def test_the_copy_goes_on_where_the_source_would_have(place, source, target):
    origin, made = filled(place(source)), place(target)
    copied(origin, made)

    def go_on(url):
        with Store.open(url) as store:
            story = Story(store, at=START + timedelta(days=900), texts=[prose("terms") + " and less"])
            story.changed(YES, doubts=(doubt(),))
            story.doubtful("another")
            found = store.search("content") + store.search('"long ago"')
            return store.changes(), store.doubts(), store.previous("acme/terms"), sorted(map(repr, found))

    assert go_on(made) == go_on(origin)


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
def test_there_and_back_again_is_the_same(place, source):
    origin = filled(place(source))
    other = place("postgresql" if source == "sqlite" else "sqlite")
    back = place(source)

    copied(origin, other)
    copied(other, back)

    assert everything(back) == everything(origin)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_nothing_is_copied_over_what_there_is(place, target):
    origin, made = filled(place("sqlite")), place(target)
    with Store.open(made) as store:
        Story(store, document="acme/other").first(NO)
    before = everything(made)

    with pytest.raises(UsageError, match="is not empty; name a new database"):
        copied(origin, made)

    assert everything(made) == before


def test_a_database_is_not_copied_onto_itself(place):
    origin = filled(place("sqlite"))

    with pytest.raises(UsageError, match="is not empty"):
        copied(origin, origin)


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_copy_that_is_cut_off_leaves_the_target_empty_for_the_next_one(place, target):
    origin, made = filled(place("sqlite")), place(target)

    def interrupt(verb, table, done, total):
        if verb == "comparing":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copying.copy(origin, made, interrupt)
    assert {len(rows) for name, rows in everything(made).items() if name != "upgrades"} == {0}

    copied(origin, made)
    assert everything(made) == everything(origin)


def test_a_row_that_arrives_otherwise_is_named_and_nothing_is_kept(place, postgres):
    origin, made = filled(place("sqlite")), place("postgresql")
    Store.open(made).close()
    postgres.run(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.etag = 'spoiled'; RETURN NEW; END $$;"
        "CREATE TRIGGER spoil BEFORE INSERT ON documents FOR EACH ROW EXECUTE FUNCTION spoil()",
        made.split("/")[3].partition("?")[0],
    )

    with pytest.raises(
        StoreError, match=r"documents acme/past is not what it was in the source; nothing was"
    ):
        copied(origin, made)
    assert everything(made)["documents"] == []


@pytest.mark.parametrize("source", ["sqlite", "postgresql"])
def test_a_database_in_use_is_copied_as_it_is_at_one_moment(place, source):
    origin, made = filled(place(source)), place("sqlite")
    before = everything(origin)
    wrote = threading.Event()

    def write(verb, table, done, total):
        if not wrote.is_set():
            with Store.open(origin) as store:
                Story(store, document="acme/meanwhile").first(NO)
            wrote.set()

    copying.copy(origin, made, write)

    assert everything(made) == before != everything(origin)


def test_a_copy_is_told_of_on_the_command_line(place, tmp_path):
    origin, made = filled(place("sqlite")), place("postgresql")
    told = [sys.executable, "-m", "monitor", "db", "copy"]

    done = subprocess.run(
        [*told, origin.removeprefix("sqlite:///"), made], capture_output=True, text=True, check=True
    )
    again = subprocess.run(
        [*told, origin, made.replace("postgres@", "postgres:hush@")],
        capture_output=True,
        text=True,
        check=False,
    )

    rows = sum(map(len, everything(made).values()))
    assert done.stdout == f"Copied {rows} rows of {len(metadata.tables)} tables, and compared every one.\n"
    assert again.returncode == 3
    assert "is not empty" in again.stderr
    assert "hush" not in again.stderr
