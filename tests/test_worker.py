"""Workers, a scheduler and a PostgreSQL as processes: who is killed loses nothing and repeats nothing."""

from __future__ import annotations

import shlex
import signal
import threading
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from monitor.store import Store
from monitor.watchlist import load_watchlist
from tests.fleet import CHANNEL, PATIENCE, fleet, sites, until
from tests.postgres import start_postgres
from tests.program import CLAUSES, GOOD, page, program_in
from tests.receivers import hooks

HOSTS = 4


def changed(name):
    """A page whose change is like that of no other one, and so told in a message of its own."""
    training = f"We use your prompts to train our models, the {name} ones among them, unless you opt out."
    return page(CLAUSES | {"Training": training})


@pytest.fixture
def web():
    with sites(HOSTS) as opened:
        yield opened


@pytest.fixture
def receiver():
    with hooks() as opened:
        yield opened


@pytest.fixture(scope="module")
def server():
    """A server of these tests' own, for they restart it."""
    started = start_postgres()
    yield started
    started.remove()


@pytest.fixture
def work(tmp_path, server):
    with server.database() as url, fleet(tmp_path, server, url) as made:
        Store.open(url).close()
        yield made


def put(web, number):
    """So many pages, one host after the other; their addresses by document."""
    urls = {}
    for place in range(number):
        site = web[place % len(web)]
        site.put(f"/d{place}", GOOD)
        urls[f"d{place}"] = f"{site.url}/d{place}"
    return urls


def change(web, names, *, hold=None):
    for place, name in enumerate(names):
        web[place % len(web)].put(f"/{name}", changed(name), hold=hold)


def held(web, fleet):
    """The documents whose pages are being asked for at this moment."""
    return [name for place, name in enumerate(fleet.names) if web[place % len(web)].open[f"/{name}"]]


def told_once(work, receiver):
    """Every document's one change was written for the channel once, and came there once."""
    rows = work.ask("SELECT document, kind FROM outbox ORDER BY document")
    assert rows == sorted((f"acme/{name}", "change") for name in work.names)
    sent = work.run("notify", "send")
    until("all was sent", lambda: work.ask("SELECT 1 FROM outbox WHERE sent_at IS NULL") == [])
    # One that was sent and could not be marked comes again under the same event.
    told = {one["event"]: [change["document"] for change in one["changes"]] for one in receiver.told}
    documents = sorted(name for names in told.values() for name in names)
    assert documents == sorted(f"acme/{name}" for name in work.names), sent.said


def now():
    return datetime.now(UTC)


# --- who is killed -----------------------------------------------------------------------------


def test_a_worker_that_is_killed_in_the_middle_leaves_its_checks_to_the_others(work, web, receiver):
    work.watch(put(web, 8), more=CHANNEL.format(url=receiver.url))
    workers = [work.worker("--concurrency", "2") for _ in range(3)]
    work.scheduler()
    work.all_checked(1)

    release = threading.Event()
    change(web, work.names, hold=release)
    begun = [one.said for one in workers]
    work.make_due()

    def victim():
        """A worker that waits for a page's answer."""
        waiting = held(web, work)
        for one, before in zip(workers, begun, strict=True):
            since = one.said[len(before) :]
            if any(f"document=acme/{name}" in since and "checked" not in since for name in waiting):
                return one
        return None

    until("a worker is in the middle of a check", victim)
    victim().kill()
    release.set()

    work.all_checked(2)
    assert "taken up again, its worker is silent" in "".join(one.said for one in workers)
    told_once(work, receiver)


def test_a_database_that_is_restarted_in_the_middle_loses_and_repeats_nothing(work, web, receiver, server):
    work.watch(put(web, 8), more=CHANNEL.format(url=receiver.url))
    workers = [work.worker() for _ in range(2)]
    scheduler = work.scheduler()
    work.all_checked(1)

    release = threading.Event()
    change(web, work.names, hold=release)
    work.make_due()
    until("pages are being asked for", lambda: held(web, work))
    server.stop()
    release.set()
    until("workers noticed", lambda: all("lost the database" in one.said for one in workers))
    until("the scheduler noticed", lambda: "cannot see what is due" in scheduler.said)
    server.start()

    work.all_checked(2)
    told_once(work, receiver)
    for one in workers:
        assert one.said.count("lost the database") == 1, one.said
        assert one.said.count("the database is back") == 1, one.said
    assert scheduler.said.count("cannot see what is due") == 1
    assert [one.stop() for one in (*workers, scheduler)] == [0, 0, 0]


def test_a_scheduler_that_is_killed_goes_on_where_it_was_and_two_do_no_harm(work, web, receiver):
    work.watch(put(web, 8), more=CHANNEL.format(url=receiver.url))
    work.scheduler()
    until("checks are queued", lambda: work.jobs() == 8)
    work.running[0].kill()
    work.worker()
    work.all_checked(1)

    change(web, work.names)
    work.make_due()
    for _ in range(2):
        work.scheduler()
    work.all_checked(2)
    told_once(work, receiver)


def test_a_worker_that_is_told_to_stop_gives_back_what_it_cannot_finish_in_time(work, web):
    release = threading.Event()
    work.watch(put(web, 1))
    web[0].put("/d0", GOOD, hold=release)
    late = work.worker("--grace", "0.1")
    work.scheduler()
    until("the page is being asked for", lambda: held(web, work))

    assert late.stop() == 0
    assert "given back document=acme/d0" in late.said
    assert work.ask("SELECT status::text FROM procrastinate_jobs") == [("todo",)]

    release.set()
    work.worker()
    work.all_checked(1)


# --- who comes first, and how often hosts are asked --------------------------------------------


def defer(work):
    """Queue what is due, as a scheduler does."""
    with work.store() as store:
        return store.defer_due(documents(work), now(), per_host=1)


def documents(work):
    return load_watchlist(work.folder / "watchlist.toml").documents


def test_a_person_comes_before_what_is_only_due_and_reads_what_came_of_it(work, web):
    release = threading.Event()
    work.watch({name: f"{web[0].url}/{name}" for name in ("a", "b", "c", "d")})
    for name in work.names:
        web[0].put(f"/{name}", GOOD, hold=release)
    defer(work)
    work.worker("--concurrency", "1")
    until("the first page is being asked for", lambda: web[0].arrived)
    with work.store() as store:
        store.ask([documents(work)["acme/d"]], per_host=1)
    release.set()
    work.all_checked(1)
    assert web[0].arrived == ["/a", "/d", "/b", "/c"]

    web[0].put("/d", changed("d"))
    asked = work.run("check", "acme/d", "--dispatch", "queue")
    assert asked.process.returncode == 1, asked.said
    assert "acme/d: changed" in asked.said
    assert "1 substantive change to review" in asked.printed
    assert work.outcomes()["acme/d"] == ["first", "changed"]


def test_a_host_is_left_its_pauses_by_all_workers_and_direct_checks_together(work, web):
    pause = 1.0
    names = [f"d{number}" for number in range(6)]
    for name in names:
        web[0].put(f"/{name}", GOOD)
    work.watch({name: f"{web[0].url}/{name}" for name in names}, delay="1s")
    for _ in range(2):
        work.worker()
    defer(work)

    assert work.run("check", "acme/d4", "acme/d5").process.returncode == 0

    until("all were checked", lambda: len(work.checks()) == len(names))
    times = sorted(web[0].times, key=lambda one: one[1])
    assert len(times) >= len(names)
    gaps = [later - ended for (_, _, ended), (_, later, _) in pairwise(times)]
    assert min(gaps) >= pause - 0.05, times


def test_pages_for_the_browser_wait_for_a_worker_that_has_one(work, web):
    work.watch(put(web[:1], 2), shown=("d0",))
    plain = work.worker("--queue", "checks")
    defer(work)
    until("the other page is checked", lambda: work.checks() == {"acme/d1": 1})
    with work.store() as store:
        assert store.line().deserted == {"browser": 1}

    shown = work.worker("--queue", "browser")
    work.all_checked(1)

    assert work.ask("SELECT document FROM captures WHERE rendered = 1") == [("acme/d0",)]
    assert "acme/d0" in shown.said
    assert "acme/d0" not in plain.said
    assert shown.stop() == 0  # and its browser with it


def test_pages_that_wait_for_the_browser_hold_up_no_others(work, web):
    release = threading.Event()
    work.watch(put(web[:3], 3) | {"plain": f"{web[3].url}/plain"}, shown=("d0", "d1", "d2"))
    for place in range(3):
        web[place].put(f"/d{place}", GOOD, hold=release)
    web[3].put("/plain", GOOD)
    one = work.worker("--concurrency", "2")
    defer(work)

    until("the other page is checked", lambda: work.checks() == {"acme/plain": 1})
    release.set()
    work.all_checked(1)
    assert one.stop() == 0


def test_a_document_that_the_watchlist_gains_is_checked_by_a_worker_that_runs(work, web):
    urls = put(web, 2)
    work.watch({"d0": urls["d0"]})
    one = work.worker()
    defer(work)
    work.all_checked(1)

    work.watch(urls)
    defer(work)
    work.all_checked(1)
    assert "watchlist reloaded" in one.said


def test_a_document_that_the_watchlist_of_a_worker_lacks_is_put_off(work, web):
    urls = put(web, 2)
    work.watch(urls)
    defer(work)
    work.watch({"d0": urls["d0"]})
    one = work.worker()

    work.all_checked(1)

    assert "not in the watchlist of this worker document=acme/d1" in one.said
    ((due,),) = work.ask("SELECT next_check FROM documents WHERE id = 'acme/d1'")
    assert datetime.fromisoformat(due) > now()


def asked_for(work):
    """Whether a person's ticket is there."""
    return work.ask("SELECT 1 FROM procrastinate_jobs WHERE priority > 0")


def test_who_asks_while_a_check_is_under_way_has_the_page_looked_at_once_more(work, web):
    work.watch(put(web, 1))
    work.worker()
    defer(work)
    work.all_checked(1)
    release = threading.Event()
    web[0].put("/d0", GOOD, hold=release)
    work.make_due()
    defer(work)
    until("the page is being asked for", lambda: held(web, work))

    asked = work.start("check", "acme/d0", "--dispatch", "queue")
    until("it was asked for", lambda: asked_for(work))
    release.set()

    assert asked.process.wait(PATIENCE) == 0, asked.said
    assert work.outcomes()["acme/d0"] == ["first", "unchanged", "unchanged"]


def test_who_stops_waiting_is_told_what_becomes_of_the_checks(work, web):
    work.watch(put(web, 2))
    asked = work.start("check", "--dispatch", "queue")
    until("they were asked for", lambda: len(asked_for(work)) == 2)

    asked.process.send_signal(signal.SIGINT)

    assert asked.process.wait(PATIENCE) == 130
    assert asked.said == "no longer waiting; 2 checks stay in the queue, and workers take them\n"
    assert work.jobs() == 2


# --- what is told when it cannot be ------------------------------------------------------------


def test_whoever_asks_where_no_worker_runs_is_told_how_to_start_one(work, web):
    work.watch(put(web, 1))
    (work.folder / "watchlist.toml").rename(work.folder / "my terms.toml")

    asked = work.run("check", "--dispatch", "queue", "--watchlist", "my terms.toml", "--database", work.url)

    assert asked.process.returncode == 3
    where = ("--watchlist", str(work.folder / "my terms.toml"), "--database", work.url)
    assert f"start one with: {shlex.join(('tos-monitor', 'worker', *where))}\n" in asked.said
    assert "1 check waits" in asked.said
    assert work.ask("SELECT queueing_lock, priority FROM procrastinate_jobs") == [("doc:acme/d0", 10)]


@pytest.mark.parametrize(
    "words", [("worker",), ("daemon", "--dispatch", "queue"), ("check", "--dispatch", "queue")]
)
def test_a_queue_on_sqlite_is_refused_with_what_to_do(tmp_path, words):
    with program_in(tmp_path) as program:
        program.watch({"terms": "http://127.0.0.1:9/terms"})
        code, _ = program.run(*words)

    assert code == 3
    assert "a queue needs PostgreSQL" in program.said
    assert "MONITOR_DATABASE" in program.said
