"""What is PostgreSQL's own: its troubles in one clear line, who waits for whom, how words are cut."""

import multiprocessing
import re
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from functools import partial

import psycopg
import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import MissingExtra, StoreError, StoreFull, StoreLocked, StoreTooNew, UsageError
from monitor.model import Page, Seen, Verification
from monitor.store import Store, upkeep, words
from monitor.store.engine import connect, disposing, reading, writing
from monitor.store.postgres import unfit
from monitor.store.prune import Ages
from tests.postgres import STRANGER, start_postgres
from tests.store_samples import NO, START, YES, Story, block, capture, doubt, version
from tests.test_store_schema import migrations


@pytest.fixture
def url(postgres):
    """A database at this program's schema with nothing in it."""
    postgres.empty("emptied")
    return postgres.url_of("emptied")


@pytest.fixture
def fresh(postgres):
    """A database that nobody made anything in yet."""
    with postgres.database() as url:
        yield url


def name_in(url):
    return re.search(r"@/(\w+)", url)[1]


# --- connecting --------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_way_to_write_the_url_is_taken(url, scheme):
    with Store.open(url.replace("postgresql+psycopg", scheme)) as store:
        assert Story(store).first(NO).outcome == "first"


def test_another_driver_is_refused_with_what_to_write():
    with pytest.raises(UsageError, match=r"psycopg2 is not supported; write postgresql://"):
        Store.open("postgresql+psycopg2://me:secret@db.example/terms")


def test_without_the_driver_the_extra_that_brings_it_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "psycopg", None)

    with pytest.raises(MissingExtra, match=r"pip install 'tos-monitor\[postgres\]'"):
        Store.open("postgresql://me@db.example/terms")


def refusal(url, kind=StoreError):
    with pytest.raises(kind) as refused:
        Store.open(url)
    said = str(refused.value)
    assert "\n" not in said
    return said


def test_a_server_that_is_not_there_is_named(url):
    said = refusal("postgresql://me:secret@127.0.0.1:1/terms")

    assert said.startswith("the PostgreSQL database terms on 127.0.0.1:1 cannot be reached (")
    assert "secret" not in said


@pytest.mark.parametrize(
    "where",
    ["me:secret@db.example:none/terms", "me:s@secret@db.example/terms", "me:s@secret/s@db.example/terms"],
)
def test_a_url_that_cannot_be_read_is_told_and_not_repeated(where):
    said = refusal(f"postgresql://{where}", UsageError)

    assert said.startswith("the database's URL cannot be read")
    assert "secret" not in said
    assert "%40" in said


@pytest.fixture
def stranger(postgres):
    postgres.run(f"CREATE ROLE {STRANGER} LOGIN PASSWORD 'open sesame'")
    yield STRANGER
    postgres.run(f"DROP ROLE {STRANGER}")


@pytest.mark.parametrize("password", ["", ":swordfish"])
def test_a_wrong_password_is_told_and_not_repeated(postgres, url, stranger, password):
    said = refusal(url.replace("postgres@", f"{stranger}{password}@"))

    assert "does not let this user in (" in said
    assert said.endswith("check user and password")
    assert "swordfish" not in said


def test_a_database_that_does_not_exist_is_told_with_how_to_make_it(postgres):
    said = refusal(postgres.url_of("nowhere"))

    assert said.endswith(
        "does not exist; make one with: createdb --encoding UTF8 --template template0 nowhere"
    )


def test_a_user_who_may_make_no_tables_is_told_what_right_is_missing(fresh, stranger):
    said = refusal(fresh.replace("postgres@", f"{stranger}:open%20sesame@"), StoreFull)

    assert "permission denied for schema public" in said
    assert "GRANT USAGE, CREATE ON SCHEMA public" in said


def test_a_user_of_tables_that_belong_to_another_is_told_whose_they_are(url, stranger):
    said = refusal(url.replace("postgres@", f"{stranger}:open%20sesame@"), StoreFull)

    assert "permission denied for table" in said
    assert said.endswith("name the user that its tables belong to")


def test_a_database_that_is_not_unicode_is_refused(postgres):
    with postgres.database(more="ENCODING 'LATIN1'") as latin:
        assert "encoded in LATIN1; make one with: createdb --encoding UTF8" in refusal(latin)


def test_a_server_that_is_too_old_is_refused():
    assert unfit(130014, "UTF8") == (
        "the PostgreSQL server is of version 13, which is too old; upgrade it to 14 or newer"
    )
    assert unfit(140000, "UTF8") is None


def test_an_option_that_there_is_not_is_told(url):
    assert "invalid connection option" in refusal(f"{url}&colour=red", UsageError)


def test_the_database_of_another_program_is_refused_untouched(postgres, fresh):
    postgres.run("CREATE TABLE bookmarks (id INTEGER)", name_in(fresh))

    assert "is a database of another program" in refusal(fresh)
    assert postgres.run("SELECT tablename FROM pg_tables WHERE schemaname = 'public'", name_in(fresh)) == [
        ("bookmarks",)
    ]


# --- troubles ----------------------------------------------------------------------------------


@pytest.fixture
def own():
    """A server that a test may do with as it likes."""
    server = start_postgres()
    yield server
    server.remove()


def test_a_server_that_is_stopped_is_one_clear_line_and_one_that_is_back_is_no_trouble(own):
    with Store.open(own.url) as store:
        story = Story(store)
        story.first(NO)
        own.restart()
        assert story.same().outcome == "unchanged"

        own.stop()
        with pytest.raises(StoreError, match="cannot be reached"):
            story.same()

        own.start()
        assert story.same().outcome == "unchanged"


def test_a_server_that_is_killed_in_the_middle_of_a_transaction_keeps_nothing_of_it(own):
    engine = connect(own.url)
    with Store.open(own.url) as store:
        Story(store).first(NO)

    def write_twice():
        with writing(engine) as connection:
            connection.exec_driver_sql("UPDATE documents SET etag = 'half'")
            own.kill()
            connection.exec_driver_sql("UPDATE documents SET etag = 'whole'")

    with disposing(engine):
        with pytest.raises(StoreError, match=r"broke off|cannot be reached"):
            write_twice()
        own.start()
        with reading(engine) as connection:
            (etag,) = connection.exec_driver_sql("SELECT etag FROM documents").one()
    assert etag == '"47"'


# A server says by the same codes what a trigger can say.
RAISES = """
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'as in a test' USING ERRCODE = '{code}'; END IF;
    RETURN NEW;
END $$;
CREATE SEQUENCE tries;
CREATE TRIGGER fail BEFORE INSERT ON checks FOR EACH ROW EXECUTE FUNCTION fail();
"""
WELL_AGAIN = "DROP TRIGGER fail ON checks; DROP FUNCTION fail; DROP SEQUENCE tries"


@pytest.fixture
def failing(postgres, url):
    """Let the next checks fail with an error of PostgreSQL's; how many there were is in `tries`."""

    def fail(code, times=1000):
        postgres.run(RAISES.format(code=code, times=times), "emptied")

    yield fail
    postgres.run(WELL_AGAIN, "emptied")


@pytest.mark.parametrize(
    ("code", "kind", "said"),
    [
        ("53100", StoreFull, "no space is left; free some"),
        ("25006", StoreFull, "read-only"),
        ("42501", StoreFull, "GRANT"),
        ("55P03", StoreLocked, "kept locked by another process; wait"),
        ("57014", StoreLocked, "cancelled what took too long"),
        ("53300", StoreError, "no connection left"),
        ("57P01", StoreError, "broke off"),
        ("XX001", StoreError, "damaged"),
    ],
)
def test_trouble_at_the_server_is_one_clear_line_and_nothing_is_half_written(url, failing, code, kind, said):
    failing(code)
    with Store.open(url) as store:
        with pytest.raises(kind, match=said) as told:
            Story(store).first(NO)

        assert "\n" not in str(told.value)
        assert store.versions("acme/terms") == ()
        assert store.pulse(0).finished == ()


@pytest.mark.parametrize("code", ["40001", "40P01"])
def test_a_transaction_that_another_one_crossed_is_begun_again(url, failing, code):
    failing(code, times=3)
    with Store.open(url) as store:
        assert Story(store).first(NO).outcome == "first"
        assert len(store.pulse(0).finished) == 1


def test_a_transaction_that_is_crossed_for_ever_is_given_up(url, failing):
    failing("40P01")
    with Store.open(url) as store, pytest.raises(StoreLocked, match="busy with others' writes"):
        Story(store).first(NO)


# --- who waits for whom ------------------------------------------------------------------------


@pytest.fixture
def other(url):
    """Another program with a transaction of its own."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        yield connection
        connection.rollback()


def test_a_document_that_another_transaction_holds_is_waited_for(url, other):
    with Store.open(url) as store, ThreadPoolExecutor(1) as pool:
        story = Story(store)
        story.first(NO)
        other.execute("SELECT 1 FROM documents WHERE id = 'acme/terms' FOR UPDATE")
        check = pool.submit(story.same)
        assert not wait([check], timeout=0.2).done

        other.rollback()

        assert check.result(timeout=60).outcome == "unchanged"


def test_a_document_that_stays_held_is_one_clear_line(url, other):
    with Store.open(f"{url}&options=-c%20lock_timeout%3D50ms") as store:
        story = Story(store)
        story.first(NO)
        other.execute("SELECT 1 FROM documents WHERE id = 'acme/terms' FOR UPDATE")

        with pytest.raises(StoreLocked, match="kept locked by another process; wait for it to end"):
            story.same()
        assert story.known().version_id == 1


def test_checks_of_other_documents_do_not_wait(url, other):
    with Store.open(f"{url}&options=-c%20lock_timeout%3D50ms") as store:
        Story(store).first(NO)
        other.execute("SELECT 1 FROM documents WHERE id = 'acme/terms' FOR UPDATE")

        assert Story(store, document="acme/privacy").first(NO).outcome == "first"


def test_many_threads_keep_the_same_texts_of_different_documents(url):
    with Store.open(url) as store, ThreadPoolExecutor(6) as pool:

        def work(name):
            story = Story(store, document=name)
            story.first(NO)
            for text in (YES, NO) * 5:
                story.changed(text, doubts=(doubt(document=name),))

        names = [f"acme/{number}" for number in range(6)]
        list(pool.map(work, names))

        assert [len(store.versions(name)) for name in names] == [11] * 6
        assert len(store.changes()) == len(store.doubts()) == 60
        assert len(store.search("content")) == 66
    assert upkeep.verify(url).problems == []


def test_what_people_answer_while_checks_go_on_is_kept_once(url):
    with Store.open(url) as store, ThreadPoolExecutor(3) as pool:
        story = Story(store)
        story.first(NO)
        for text in (YES, NO) * 3:
            story.changed(text, doubts=(doubt(),))
        start = threading.Barrier(3)

        def check():
            start.wait()
            for text in (YES, NO) * 5:
                story.changed(text, doubts=(doubt(),))

        def answer(name):
            start.wait()
            told = Verification(product="acme/api", topic="training", position="no", at=START, by=name)
            try:
                return store.verify(told, Seen((1, 2, 3, 4, 5, 6)))
            except UsageError:
                return None

        done = [pool.submit(check), *(pool.submit(answer, name) for name in ("ada", "bob"))]
        answers = [one.result(timeout=60) for one in done[1:]]
        done[0].result(timeout=60)

        (kept,) = [one for one in answers if one]
        assert store.verifications() == (kept,)
        assert {one.settled_by for one in store.doubts(open_only=False)[:6]} == {kept.id}
        assert len(store.doubts()) == 10


def test_pruning_waits_for_a_check_that_is_written_and_keeps_others_out(url):
    with Store.open(url) as store, ThreadPoolExecutor(4) as pool:
        stories = [Story(store, document=f"acme/{number}") for number in range(3)]
        for story in stories:
            story.first(NO)

        def check(story):
            for number in range(10):
                story.doubtful(f"Are you a robot? {number}")
                story.changed(f"{YES} {number}")

        work = [pool.submit(check, story) for story in stories]
        later = START.replace(year=2028)
        for _ in range(3):
            upkeep.prune(url, Ages(), later, dry_run=False)
        for one in work:
            one.result(timeout=60)

    assert upkeep.verify(url).problems == []


# --- one schema --------------------------------------------------------------------------------


def migrate(url, revision):
    engine, config = connect(url), migrations()
    with disposing(engine), writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def test_both_ways_to_make_a_database_give_the_same(postgres, fresh):
    migrate(fresh, "head")
    with postgres.database() as made:
        Store.open(made).close()
        ours = partial(filter, lambda line: "procrastinate" not in line)
        tables = set(postgres.schema(name_in(fresh)))
        assert tables <= set(postgres.schema(name_in(made)))
        assert len(tables) > 200
        assert set(ours(postgres.schema(name_in(emptied_of_the_queue(postgres, made))))) == tables


def emptied_of_the_queue(postgres, url):
    """The same database without what the queue keeps there."""
    postgres.run(
        "DO $$ DECLARE found record; BEGIN"
        " FOR found IN SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'procrastinate%'"
        " LOOP EXECUTE format('DROP TABLE %I CASCADE', found.name); END LOOP;"
        " FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%'"
        " LOOP EXECUTE format('DROP FUNCTION %s CASCADE', found.name); END LOOP;"
        " FOR found IN SELECT typname AS name FROM pg_type t WHERE typname LIKE 'procrastinate%'"
        " AND typtype IN ('e', 'c') LOOP EXECUTE format('DROP TYPE %I CASCADE', found.name); END LOOP;"
        " END $$",
        name_in(url),
    )
    return url


def _open(url):
    with Store.open(url) as store:
        return store.claims()


def test_processes_that_open_an_old_database_at_once_upgrade_it_once(postgres, fresh):
    migrate(fresh, "0009")

    with multiprocessing.get_context("spawn").Pool(2) as pool:
        assert pool.map(_open, [fresh] * 2, chunksize=1) == [{}] * 2

    count = "SELECT count(*) FROM upgrades WHERE revision NOT LIKE 'procrastinate%'"
    assert postgres.run(count, name_in(fresh)) == [(1,)]


def test_a_database_of_a_newer_program_is_refused_untouched(postgres, fresh):
    Store.open(fresh).close()
    postgres.run("UPDATE alembic_version SET version_num = '9999'", name_in(fresh))

    assert "was written by a newer version" in refusal(fresh, StoreTooNew)


# --- the index of words ------------------------------------------------------------------------

LETTERS = st.characters(
    codec="utf-8",
    categories=["L", "N", "P", "Zs", "Sm"],
    max_codepoint=0x24F,
    exclude_characters="\u01e0\u01e1",
)
OTHERS = st.sampled_from("ΑΩάςσЯйёа训练数据条款。、あアン가한ابא٣\u0301\u0308\u093f₹ﬁ①½")


@given(said=st.text(LETTERS | OTHERS, max_size=60))
def test_words_are_cut_and_folded_as_sqlite_does(said):
    with closing(sqlite3.connect(":memory:")) as database:
        database.execute("CREATE VIRTUAL TABLE f USING fts5(w, tokenize='unicode61 remove_diacritics 2')")
        database.execute("CREATE VIRTUAL TABLE v USING fts5vocab('f', 'instance')")
        database.execute("INSERT INTO f VALUES (?)", (said,))
        terms = database.execute("SELECT term FROM v ORDER BY offset").fetchall()

    assert words.cut(said) == [term for (term,) in terms]


def test_every_phrase_of_a_very_long_clause_is_found(url):
    said = [f"word{number % 700} the" for number in range(20_000)]
    text = " ".join([*said, "needle in a haystack", *said])
    taken = capture(NO)
    with Store.open(url) as store:
        story = Story(store)
        story.first(NO)
        story.same(reread=version(NO, taken, page=Page(blocks=(block(text),)), id=1))

        assert store.search('"needle in a haystack"')
        assert store.search(f'"{" ".join(said[300:340])}"')
        assert store.search('"the needle" "haystack word0"')
        assert not store.search('"haystack needle"')


def test_a_word_of_any_length_is_kept_and_found(url):
    word = "é" * 5000
    with Store.open(url) as store:
        Story(store).first(f"Behold {word} here")

        assert store.search(word)
        assert store.search(f'"behold {word} here"')
