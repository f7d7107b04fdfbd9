"""The queue of checks on a real PostgreSQL: what waits in it, who comes first, what is taken up again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import make_url

from monitor.cli.queued import Round
from monitor.errors import NoWorker, StoreTooNew, UsageError
from monitor.fetch.clock import SYSTEM_CLOCK
from monitor.fetch.politeness import Hosts
from monitor.fetch.trouble import Trouble
from monitor.hosts import SharedHosts
from monitor.model import Document, Reason, Render, Schedule, Unchanged
from monitor.store import Store, queue_tables
from monitor.store.engine import connect, disposing, reading
from monitor.store.jobs import claimant
from monitor.tickets import Priority, Queue, Standing, queue_of, read_ticket, ticket
from tests.store_samples import HOUR, NO, START, Story

MINUTE = timedelta(minutes=1)


@pytest.fixture
def store(postgres, at):
    postgres.empty("emptied")
    with Store.open(postgres.url_of("emptied"), now=at) as opened:
        yield opened


@pytest.fixture
def ask(postgres):
    """Asks the database behind the store's back."""
    return lambda statement: postgres.run(statement, "emptied")


def document(name="acme/terms", url="https://acme.example/terms", **more):
    return Document(id=name, provider="acme", type="Terms", url=url, schedule=Schedule(every=HOUR), **more)


def named(*names):
    return {name: document(name) for name in names}


def defer(store, documents, now=START, per_host=1):
    return [one.document for one in store.defer_due(documents, now, per_host=per_host)]


def keys(ask, *, order="id", where="true"):
    rows = ask(f"SELECT queueing_lock FROM procrastinate_jobs WHERE {where} ORDER BY {order}")
    return [key.removeprefix("doc:") for (key,) in rows]


def fetch(ask, worker, queues="NULL"):
    """What Procrastinate gives a worker next: the document, and the number of its job."""
    query = f"SELECT queueing_lock, id FROM procrastinate_fetch_job_v2({queues}, {worker})"
    ((key, job),) = ask(query)
    return (key.removeprefix("doc:"), job) if key else None


def worker(ask):
    ((number,),) = ask("SELECT worker_id FROM procrastinate_register_worker_v1()")
    return number


def die(ask, number):
    ask(f"UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' WHERE id = {number}")


# --- what is queued ----------------------------------------------------------------------------


def test_what_is_due_is_queued_once_however_often_it_is_looked_at(store, ask):
    documents = named("acme/a", "acme/b")

    assert defer(store, documents) == ["acme/a", "acme/b"]
    assert defer(store, documents) == []
    assert keys(ask) == ["acme/a", "acme/b"]


def test_what_is_not_due_or_is_being_checked_is_not_queued(store):
    Story(store, "acme/later").first(NO)
    store.claim("acme/busy", by="another", now=START, until=START + MINUTE)

    assert defer(store, named("acme/later", "acme/busy", "acme/new")) == ["acme/new"]


def many(number, hosts):
    """So many documents, spread over so many hosts."""
    urls = (f"https://{place % hosts}.example/{place}" for place in range(number))
    return {f"acme/{place}": document(f"acme/{place}", url) for place, url in enumerate(urls)}


def test_a_queue_is_kept_short_and_what_found_no_room_comes_once_there_is_some(store, ask):
    documents = many(1300, hosts=400)

    assert len(defer(store, documents)) == 1000
    assert store.line().waiting == {"checks": 1000}
    assert defer(store, documents) == []

    ask("DELETE FROM procrastinate_jobs WHERE id % 2 = 0 RETURNING id")
    assert len(defer(store, documents)) == 500


def test_of_one_host_a_few_pages_are_queued_at_a_time_those_that_wait_for_longest_first(store, ask):
    documents = many(30, hosts=1) | {"bolt/a": document("bolt/a", "https://bolt.example/a")}
    for place, name in enumerate(reversed(documents)):
        store.set_next_check(name, START - place * MINUTE)

    assert defer(store, documents) == [*(f"acme/{place}" for place in range(10)), "bolt/a"]
    assert len(defer(store, documents, per_host=2)) == 10


def test_a_person_comes_first_and_what_waits_already_is_brought_forward(store, ask):
    documents = named("acme/a", "acme/b", "acme/c")
    defer(store, documents)

    store.ask([documents["acme/c"]], per_host=1)
    store.ask([documents["acme/c"]], per_host=1)

    assert fetch(ask, worker(ask))[0] == "acme/c"
    assert len(keys(ask)) == 3


def test_pages_of_one_host_wait_for_each_other_and_those_of_another_do_not(store, ask):
    documents = named("acme/a", "acme/b") | {"bolt/c": document("bolt/c", "https://bolt.example/c")}
    defer(store, documents)
    one = worker(ask)

    assert [fetch(ask, one)[0], fetch(ask, one)[0]] == ["acme/a", "bolt/c"]
    assert fetch(ask, one) is None


def test_a_host_that_may_be_asked_for_several_pages_at_once_is(store, ask):
    defer(store, named(*(f"acme/{number}" for number in range(40))), per_host=3)
    one = worker(ask)

    assert len([found for _ in range(5) if (found := fetch(ask, one))]) == 3


def test_a_page_that_waits_for_a_browser_that_nobody_runs_holds_up_no_other_page_of_its_host(store, ask):
    shown = document("acme/shown", render=Render.BROWSER)
    defer(store, {"acme/shown": shown, **named("acme/plain")})

    assert store.line().waiting == {"browser": 1, "checks": 1}
    assert fetch(ask, worker(ask), queues="ARRAY['checks']")[0] == "acme/plain"


@pytest.mark.parametrize(
    ("render", "standing", "queue"),
    [
        (Render.HTTP, Standing(), Queue.CHECKS),
        (Render.HTTP, Standing(rendered=True), Queue.CHECKS),
        (Render.BROWSER, Standing(), Queue.BROWSER),
        (Render.AUTO, Standing(), Queue.CHECKS),
        (Render.AUTO, Standing(rendered=True), Queue.BROWSER),
        (Render.AUTO, Standing(reasons=(Reason("needs-browser", "no Chromium"),)), Queue.BROWSER),
        (Render.AUTO, Standing(reasons=(Reason("empty", "no text"),)), Queue.CHECKS),
    ],
)
def test_what_needs_a_browser_waits_apart(render, standing, queue):
    assert queue_of(document(render=render), standing) is queue


def test_a_ticket_is_the_same_after_its_way_through_a_job():
    stood = Standing(due_at=START, last_check=START - HOUR)
    for asked in (False, True):
        one = ticket(document(), stood, per_host=1, asked=asked)
        again = read_ticket(one.arguments(), queue=one.queue, lock=one.lock, priority=one.priority)
        assert again == one
        assert one.priority is (Priority.ASKED if asked else Priority.DUE)


# --- none twice --------------------------------------------------------------------------------


def take(store, one, by="job 1"):
    return store.take(one, by=by, now=START + HOUR, until=START + 2 * HOUR)


def test_a_ticket_whose_due_time_is_no_longer_the_documents_is_not_worked_on(store):
    (one,) = store.defer_due(named("acme/terms"), START, per_host=1)
    Story(store).first(NO)

    assert not take(store, one)
    assert store.claims() == {}


def test_a_ticket_is_worked_on_by_one(store):
    (one,) = store.defer_due(named("acme/terms"), START, per_host=1)

    assert take(store, one)
    assert not take(store, one, by="job 2")
    assert store.claims() == {"acme/terms": "job 1"}


def test_what_a_person_asked_for_is_checked_though_it_is_not_due_and_once(store):
    story = Story(store)
    story.first(NO)
    (one,) = store.ask([document()], per_host=1)

    assert take(store, one)
    store.record(
        Unchanged(document="acme/terms", at=START + HOUR, capture=None),
        next_check=START + 12 * HOUR,
        started=START + HOUR,
        claimed_by="job 1",
    )
    assert not take(store, one)


# --- who asks ----------------------------------------------------------------------------------


def test_who_asks_for_very_much_has_it_queued_in_portions(store, ask):
    asked = Round(store, many(700, hosts=50).values(), per_host=1)
    asked.ask(asked.queued())
    asked.ask(asked.queued())
    assert store.line().waiting == {"checks": 500}

    for name in list(named(*(f"acme/{place}" for place in range(3)))):
        Story(store, name).first(NO)
    ask("DELETE FROM procrastinate_jobs WHERE queueing_lock ~ '/[012]$' RETURNING id")
    queued = asked.queued()
    assert [one.document for one in asked.news()] == ["acme/0", "acme/1", "acme/2"]
    asked.ask(queued)
    assert store.line().waiting == {"checks": 500}


def test_a_check_that_another_process_runs_is_waited_for_by_who_asks(store, ask):
    store.claim("acme/terms", by="host:12", now=START, until=START + HOUR)
    asked = Round(store, [document()], 1, lambda: START)
    asked.ask(asked.queued())
    for _ in range(5):
        ask("DELETE FROM procrastinate_jobs RETURNING id")
        asked.ask(asked.queued())

    Story(store).first(NO)
    assert [one.outcome for one in asked.news()] == ["first"]
    assert asked.over


def test_a_document_whose_claim_ran_out_is_asked_for_again(store, ask):
    store.claim("acme/terms", by="elsewhere", now=START, until=START + MINUTE)
    now = START
    asked = Round(store, [document()], 1, lambda: now)
    asked.ask(asked.queued())
    ask("DELETE FROM procrastinate_jobs RETURNING id")  # as the worker does that finds it claimed
    asked.ask(asked.queued())
    assert keys(ask) == []

    now += 2 * MINUTE
    asked.ask(asked.queued())

    assert keys(ask) == ["acme/terms"]


def test_a_check_that_began_before_it_was_asked_for_is_followed_by_one_that_was_asked_for(store, ask):
    story = Story(store)
    story.first(NO)
    story.failed()
    store.claim("acme/terms", by="host:12", now=story.at, until=story.at + HOUR)
    asked = Round(store, [document()], 1, lambda: START)
    asked.ask(asked.queued())

    story.failed()
    ask("DELETE FROM procrastinate_jobs RETURNING id")  # as the worker does that finds it checked
    assert (asked.news(), asked.news()) == ((), ())
    asked.ask(asked.queued())
    assert keys(ask) == ["acme/terms"]

    story.failed()
    (result,) = asked.news()
    assert result.before.failures == 2
    assert asked.over


def test_a_change_that_a_check_finds_which_began_before_it_was_asked_for_is_told_at_once(store):
    story = Story(store)
    story.first(NO)
    store.claim("acme/terms", by="host:12", now=story.at, until=story.at + HOUR)
    asked = Round(store, [document()], 1, lambda: START)

    story.changed()

    assert [one.outcome for one in asked.news()] == ["changed"]
    assert asked.over


def test_a_check_that_came_to_nothing_while_it_was_asked_for_is_not_waited_for(store):
    story = Story(store)
    story.first(NO)
    store.claim("acme/terms", by="host:12", now=story.at, until=story.at + HOUR)
    asked = Round(store, [document()], 1, lambda: START)
    store.release("acme/terms", by="host:12")
    assert asked.news() == ()

    story.same()

    assert [one.outcome for one in asked.news()] == ["unchanged"]


def test_who_asks_is_told_of_a_check_that_workers_take_and_never_make(store, ask):
    asked = Round(store, [document()], 1, lambda: START)
    for _ in range(3):
        asked.ask(asked.queued())
        ask("DELETE FROM procrastinate_jobs RETURNING id")

    with pytest.raises(NoWorker, match="acme/terms was taken by a worker and not checked"):
        asked.ask(asked.queued())


# --- what is taken up again --------------------------------------------------------------------


def test_the_job_of_a_worker_that_died_is_taken_again_and_its_claim_is_free(store, ask):
    (one,) = store.defer_due(named("acme/terms"), START, per_host=1)
    dead = worker(ask)
    _, job = fetch(ask, dead)
    take(store, one, by=claimant(job))

    assert store.reap(30.0) == ()
    assert store.claims() == {"acme/terms": claimant(job)}

    die(ask, dead)
    assert store.reap(30.0) == ("acme/terms",)
    assert store.claims() == {}
    name, again = fetch(ask, worker(ask))
    assert name == "acme/terms"
    # Were it the same, a worker that was only slow would end it for the one that has it now.
    assert again != job


def test_the_job_of_a_worker_that_left_without_finishing_it_is_taken_again(store, ask):
    defer(store, named("acme/terms"))
    left = worker(ask)
    fetch(ask, left)

    ask(f"SELECT procrastinate_unregister_worker_v1({left})")

    assert store.reap(30.0) == ("acme/terms",)


def test_of_a_dead_workers_job_and_one_that_waits_for_the_same_document_one_stays(store, ask):
    defer(store, named("acme/terms"))
    dead = worker(ask)
    fetch(ask, dead)
    store.ask([document()], per_host=1)

    die(ask, dead)

    assert store.reap(30.0) == ()
    assert keys(ask) == ["acme/terms"]
    assert fetch(ask, worker(ask))[0] == "acme/terms"


def test_the_claim_of_a_job_that_is_gone_is_free_and_that_of_others_stays(store):
    store.claim("acme/a", by=claimant(7), now=START, until=START + HOUR)
    store.claim("acme/b", by="host:12", now=START, until=START + HOUR)

    store.reap(30.0)

    assert store.claims() == {"acme/b": "host:12"}


def test_a_queue_is_deserted_where_no_worker_takes_from_it(store, ask):
    defer(store, {"acme/shown": document("acme/shown", render=Render.BROWSER), **named("acme/plain")})

    assert store.line().deserted == {"browser": 1, "checks": 1}


# --- turns at hosts ----------------------------------------------------------------------------


def test_a_host_has_one_turn_at_a_time_and_the_next_after_the_pause(store):
    turn = store.take_turn("acme.example", 60)
    assert turn.mark is not None
    waiting = store.take_turn("acme.example", 60)
    assert (waiting.mark, waiting.held) == (None, False)
    assert 0 < waiting.seconds <= 60

    store.end_turn("acme.example", turn.mark, 5)

    waiting = store.take_turn("acme.example", 60)
    assert waiting.mark is None
    assert 0 < waiting.seconds <= 5
    assert store.take_turn("bolt.example", 60).mark is not None


def test_a_turn_that_is_never_ended_runs_out(store):
    assert store.take_turn("acme.example", 0).mark is not None
    assert store.take_turn("acme.example", 60).mark is not None


def test_a_turn_that_ran_out_takes_nothing_from_the_next_ones_when_it_ends_after_all(store):
    late = store.take_turn("acme.example", 0)
    store.take_turn("acme.example", 60)

    store.end_turn("acme.example", late.mark, 0)

    assert store.take_turn("acme.example", 60).mark is None


def test_a_host_that_asked_to_be_left_alone_is_for_as_long_as_it_said_longest(store):
    store.hold_host("acme.example", 600)
    store.hold_host("acme.example", 5)

    turn = store.take_turn("acme.example", 60)

    assert (turn.mark, turn.held) == (None, True)
    assert 590 < turn.seconds <= 600


def test_who_must_wait_for_long_is_told_when_to_come_again_one_after_the_other(store):
    assert store.promised("acme.example") == 0
    turn = store.take_turn("acme.example", 60)
    store.end_turn("acme.example", turn.mark, 30)

    first, second = store.promised("acme.example"), store.promised("acme.example")

    assert 20 < first <= 30
    assert 50 < second <= 60


def test_a_wait_that_is_short_is_no_reason_to_come_again(store):
    turn = store.take_turn("acme.example", 60)
    store.end_turn("acme.example", turn.mark, 5)

    assert store.promised("acme.example") == 0


def machines(store, delay=0.0):
    """The politeness of two processes over one database."""
    return [Hosts(1, delay, 20.0, SYSTEM_CLOCK, SharedHosts(store)) for _ in range(2)]


def test_two_processes_never_ask_a_host_at_once(store):
    inside, most = [0], [0]

    async def ask_once(hosts):
        async with hosts.turn("acme.example"):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            await asyncio.sleep(0.01)
            inside[0] -= 1

    async def ask_all():
        await asyncio.gather(*(ask_once(hosts) for hosts in machines(store, delay=0.01) * 4))

    asyncio.run(ask_all())
    assert most == [1]


def test_a_host_that_asked_one_process_for_a_pause_is_asked_by_no_other(store):
    async def ask_the_other():
        one, other = machines(store)
        await one.hold("acme.example", timedelta(hours=1))
        async with other.turn("acme.example"):
            """Nobody comes here."""

    with pytest.raises(Trouble) as refused:
        asyncio.run(ask_the_other())
    assert refused.value.code == "rate-limited"
    assert timedelta(minutes=59) < refused.value.retry_after <= timedelta(hours=1)


# --- its tables --------------------------------------------------------------------------------


WITHOUT = """
DO $$
DECLARE found record;
BEGIN
    FOR found IN SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'procrastinate%'
    LOOP EXECUTE format('DROP TABLE %I CASCADE', found.name); END LOOP;
    FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE proname LIKE 'procrastinate%'
    LOOP EXECUTE 'DROP FUNCTION ' || found.name || ' CASCADE'; END LOOP;
    FOR found IN SELECT typname AS name FROM pg_type WHERE typname LIKE 'procrastinate%' AND typelem = 0
    LOOP EXECUTE format('DROP TYPE %I CASCADE', found.name); END LOOP;
END $$
"""

MADE = """
SELECT 'function', proname FROM pg_proc WHERE proname LIKE 'procrastinate%' UNION
SELECT table_name, column_name FROM information_schema.columns WHERE table_name LIKE 'procrastinate%' UNION
SELECT 'trigger', tgname FROM pg_trigger WHERE tgname LIKE 'procrastinate%' UNION
SELECT 'index', indexname FROM pg_indexes WHERE tablename LIKE 'procrastinate%' ORDER BY 1, 2
"""


def recorded(url):
    engine = connect(url)
    with disposing(engine), reading(engine) as connection:
        return queue_tables.recorded(connection)


def test_a_database_is_made_with_the_tables_of_the_queue_and_knows_their_version(postgres, at):
    with postgres.database() as url:
        Store.open(url, now=at).close()
        assert recorded(url) == queue_tables.installed()


def test_the_tables_of_an_older_procrastinate_are_brought_to_this_one_by_its_own_migrations(postgres, at):
    older = "03.01.00_50_post_add_heartbeat"
    scripts = sorted((queue_tables._folder() / "migrations").glob("*.sql"))
    with postgres.database() as url:
        name = make_url(url).database
        Store.open(url, now=at).close()
        made = postgres.run(MADE, name)
        for statement in (
            WITHOUT,
            *(one.read_text() for one in scripts if one.stem <= older),
            f"UPDATE upgrades SET revision = 'procrastinate {older}' WHERE revision LIKE 'procrastinate%'",
        ):
            postgres.run(statement, name)
        assert postgres.run(MADE, name) != made

        with Store.open(url, now=at) as store:
            assert len(store.defer_due(named("acme/terms"), START, per_host=1)) == 1

        assert recorded(url) == queue_tables.installed()
        assert set(made) <= set(postgres.run(MADE, name))


def test_a_queue_of_a_newer_procrastinate_is_refused_with_what_to_do(store, ask):
    ask("INSERT INTO upgrades VALUES ('procrastinate 99.00.00_01_new', '2026-05-05T12:00:00.000000+00:00')")
    try:
        with pytest.raises(StoreTooNew, match="upgrade it with"):
            store.require_queue()
    finally:
        ask("DELETE FROM upgrades WHERE revision LIKE 'procrastinate 99%'")


def test_a_queue_on_sqlite_is_refused_with_what_to_do():
    with Store.open("sqlite://") as store, pytest.raises(UsageError, match="a queue needs PostgreSQL"):
        store.require_queue()
