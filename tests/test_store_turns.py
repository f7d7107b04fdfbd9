"""Claims and due times, also between threads and processes."""

import multiprocessing
import threading
from datetime import timedelta

import pytest

from monitor.errors import TakenOver
from monitor.model import Unchanged
from monitor.store import Store
from tests.store_samples import HOUR, NO, START, Story, capture

MINUTE = timedelta(minutes=1)


def claim(store, by, now=START, document="acme/terms"):
    return store.claim(document, by=by, now=now, until=now + 15 * MINUTE)


# --- claims ------------------------------------------------------------------------------------


def test_a_claimed_document_is_refused_to_others_and_to_a_second_task_of_the_same(store):
    assert claim(store, "daemon")
    assert not claim(store, "cron")
    assert not claim(store, "daemon")
    assert claim(store, "cron", document="acme/privacy")
    assert store.claims() == {"acme/terms": "daemon", "acme/privacy": "cron"}


def test_a_released_document_is_free(store):
    claim(store, "daemon")

    store.release("acme/terms", by="daemon")

    assert store.claims() == {}
    assert claim(store, "cron")


def test_nobody_releases_what_another_claimed(store):
    claim(store, "daemon")

    store.release("acme/terms", by="cron")

    assert store.claims() == {"acme/terms": "daemon"}


def test_a_claim_that_ran_out_can_be_taken(store):
    claim(store, "killed", now=START)

    assert not claim(store, "cron", now=START + 15 * MINUTE)
    assert claim(store, "cron", now=START + 15 * MINUTE + timedelta(microseconds=1))
    assert store.claims() == {"acme/terms": "cron"}


def test_recording_a_check_frees_its_document(store):
    story = Story(store)
    claim(store, "daemon")

    story.first(NO)

    assert store.claims() == {}


def test_what_a_check_brings_that_lost_its_document_to_another_is_not_kept(store):
    Story(store).first(NO)
    claim(store, "lost")
    store.release("acme/terms", by="lost")
    claim(store, "finder")
    seen = Unchanged(document="acme/terms", at=START + MINUTE)

    with pytest.raises(TakenOver, match="acme/terms was taken over by another process"):
        store.record(seen, next_check=START + HOUR, started=START, claimed_by="lost")
    assert len(store.checks("acme/terms")) == 1

    store.record(seen, next_check=START + HOUR, started=START, claimed_by="finder")
    assert len(store.checks("acme/terms")) == 2


def test_of_many_threads_one_gets_the_document(store):
    got = []
    start = threading.Barrier(8)

    def compete(name):
        start.wait()
        if claim(store, name):
            got.append(name)

    run_all(threading.Thread(target=compete, args=(str(number),)) for number in range(8))

    assert len(got) == 1
    assert store.claims() == {"acme/terms": got[0]}


def run_all(threads):
    threads = list(threads)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)


# --- due ---------------------------------------------------------------------------------------


def test_documents_never_checked_or_past_their_time_are_due_in_the_order_given(store):
    store.set_next_check("acme/later", START + HOUR)
    store.set_next_check("acme/now", START)
    store.set_next_check("acme/past", START - HOUR)
    claim(store, "daemon", document="acme/claimed")

    names = ["acme/past", "acme/later", "acme/never", "acme/now", "acme/claimed"]
    assert store.due(names, START) == ("acme/past", "acme/never", "acme/now", "acme/claimed")


def test_a_recorded_check_sets_when_its_document_is_due_next(store):
    story = Story(store)
    story.first(NO)

    assert store.due(["acme/terms"], START + 11 * HOUR) == ()
    assert store.due(["acme/terms"], START + 12 * HOUR) == ("acme/terms",)


def test_the_next_checks_of_very_many_documents_are_moved_at_once(store):
    for name in ("acme/one", "acme/two"):
        Story(store, document=name).first(NO)
    many = {f"acme/{number}": START for number in range(2500)}

    store.reschedule({**many, "acme/one": START, "acme/two": START + HOUR})

    health = store.health(["acme/one", "acme/two", "acme/7"])
    assert [one.next_check for one in health] == [START, START + HOUR, None]


def test_what_is_overdue_is_told_with_since_when(store):
    store.set_next_check("acme/past", START - HOUR)
    store.set_next_check("acme/later", START + HOUR)
    claim(store, "daemon", document="acme/never")

    assert store.overdue(START) == {"acme/past": START - HOUR}


def test_the_next_check_can_be_moved(store):
    Story(store).first(NO)

    store.set_next_check("acme/terms", START + HOUR)

    assert store.health(["acme/terms"])[0].next_check == START + HOUR


# --- several processes on one database ---------------------------------------------------------


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """A database that nobody made anything in yet."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'shared.db'}"
    else:
        with request.getfixturevalue("postgres").database() as url:
            yield url


def in_processes(work, arguments):
    """Run a function in a fresh process for each argument; what they returned."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(len(arguments)) as pool:
        return pool.map(work, arguments, chunksize=1)


def _open_and_claim(url):
    with Store.open(url) as store:
        return claim(store, multiprocessing.current_process().name)


def test_of_several_processes_that_make_the_database_one_gets_the_document(url):
    results = in_processes(_open_and_claim, [url] * 4)

    assert sorted(results) == [False, False, False, True]


def _write_much(task):
    url, document = task
    with Store.open(url) as store:
        story = Story(store, document=document)
        story.first(NO)
        for number in range(40):
            claim(store, document, now=story.at, document=document)
            taken = capture(NO, story.at, body=str(number).encode())
            story.tell(Unchanged(document=document, at=story.at, capture=taken))
            store.previous(document, with_capture=True)
    return story.at


def test_three_processes_write_at_full_speed_and_none_is_refused(url):
    names = ["acme/a", "acme/b", "acme/c"]

    ends = in_processes(_write_much, [(url, name) for name in names])

    with Store.open(url) as store:
        assert [one.last_check for one in store.health(names)] == [end - HOUR for end in ends]
        with store._engine.connect() as connection:
            checks = connection.exec_driver_sql("SELECT count(*) FROM checks").scalar_one()
    assert checks == 123


def test_threads_of_one_process_share_a_store_in_memory():
    with Store.open("sqlite://") as store:

        def work(name):
            story = Story(store, document=name)
            story.first(NO)
            for _ in range(20):
                story.same(NO)

        run_all(threading.Thread(target=work, args=(f"acme/{number}",)) for number in range(6))

        names = [f"acme/{number}" for number in range(6)]
        assert {one.last_check for one in store.health(names)} == {START + 20 * HOUR}
