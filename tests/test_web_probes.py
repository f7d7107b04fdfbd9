"""What machines ask: whether the program lives, whether it keeps up, and its work in numbers."""

import re
import time
from datetime import timedelta

import httpx
import pytest

from monitor.model import Unchanged
from monitor.store import Store
from monitor.wiring import clock
from tests.program import watchlist
from tests.served import serving
from tests.store_samples import HOUR, Story, doubt

SAMPLE = re.compile(r'([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\[\\"n])*",?)*)\})? (\S+)')
PART = re.compile("_(bucket|sum|count)$")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "watchlist.toml").write_text(watchlist({"terms": "http://127.0.0.1:9/t"}))
    return tmp_path


@pytest.fixture
def story(folder):
    """A document that was checked just now."""
    with Store.open(f"sqlite:///{folder / 'watchlist.db'}") as store:
        yield Story(store, at=clock())


def get(served, path, **headers):
    return httpx.get(served.url + path, headers=headers, trust_env=False, timeout=20)


def measured(text):
    """The samples of an exposition, by name and labels; every line is what the format allows."""
    found, typed = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            typed[name] = kind
            continue
        if line.startswith("# HELP "):
            continue
        sample = SAMPLE.fullmatch(line)
        assert sample, line
        name = sample[1] if sample[1] in typed else PART.sub("", sample[1])
        assert (typed[name] == "histogram") == (name != sample[1])
        assert typed[name] != "counter" or name.endswith("_total")
        labels = f"{{{sample[2]}}}" if sample[2] else ""
        found[sample[1].removeprefix("tos_monitor_") + labels] = float(sample[3])
    assert text.endswith("\n")
    return found


# --- alive and ready ---------------------------------------------------------------------------


def test_a_process_that_answers_is_alive(folder):
    with serving(folder) as served:
        answer = get(served, "/healthz")

    assert (answer.status_code, answer.text) == (200, "alive\n")


def test_a_round_that_keeps_up_is_ready(folder, story):
    story.first()
    with serving(folder) as served:
        assert get(served, "/readyz").text == "ready\n"


def test_a_document_that_is_new_or_only_just_due_is_no_reason_to_worry(folder, story):
    with serving(folder) as served:
        assert get(served, "/readyz").status_code == 200
        story.first()
        story.store.set_next_check("acme/terms", clock() - 10 * HOUR)
        assert get(served, "/readyz").status_code == 200


def test_a_document_that_missed_a_whole_interval_is_told(folder, story):
    story.first()
    story.store.set_next_check("acme/terms", clock() - 15 * HOUR)

    with serving(folder) as served:
        answer = get(served, "/readyz")

    assert (answer.status_code, answer.text) == (503, "1 document missed a check\n")


def test_a_document_that_is_watched_no_longer_is_missed_by_nobody(folder, story):
    gone = Story(story.store, document="acme/gone", at=clock() - 100 * HOUR)
    gone.first()

    with serving(folder) as served:
        assert get(served, "/readyz").status_code == 200


def test_a_database_that_cannot_be_read_is_told_without_its_name(folder, story):
    with serving(folder) as served:
        story.store.close()
        served.monitor.store.close()
        (folder / "watchlist.db").write_bytes(b"rubble" * 5000)
        (folder / "watchlist.db-wal").unlink(missing_ok=True)
        answers = [get(served, path) for path in ("/readyz", "/metrics")]
        alive = get(served, "/healthz")

    for answer in answers:
        assert (answer.status_code, answer.text) == (503, "the database does not answer\n")
        assert answer.headers["content-type"].startswith("text/plain")
    assert alive.status_code == 200


# --- who may ask -------------------------------------------------------------------------------


def test_probes_are_open_and_numbers_need_the_password(folder, story):
    with serving(folder, password="correct horse") as served:
        assert get(served, "/healthz").status_code == 200
        assert get(served, "/readyz").status_code == 200
        refused = get(served, "/metrics")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert get(served, "/metrics", authorization="Bearer wrong").status_code == 401
        assert get(served, "/metrics", authorization="Bearer correct horse").status_code == 200


# --- numbers -----------------------------------------------------------------------------------


def test_checks_that_end_while_we_count_are_counted_with_the_time_they_took(folder, story):
    story.first()
    with serving(folder) as served:
        before = measured(get(served, "/metrics").text)
        story.same()
        story.same()
        story.failed()
        after = measured(get(served, "/metrics").text)
        again = measured(get(served, "/metrics").text)

    assert before['checks_total{outcome="unchanged"}'] == 0
    assert (after['checks_total{outcome="unchanged"}'], after['checks_total{outcome="failed"}']) == (2, 1)
    assert again['checks_total{outcome="unchanged"}'] == 2
    assert after['check_seconds_total{outcome="unchanged"}'] == 0


def test_a_check_counts_with_its_seconds(folder, story):
    story.first()
    with serving(folder) as served:
        get(served, "/metrics")
        same = Unchanged(document=story.document, at=story.at)
        started = story.at - timedelta(seconds=2.5)
        story.store.record(same, next_check=story.at + HOUR, started=started)
        after = measured(get(served, "/metrics").text)

    assert after['check_seconds_total{outcome="unchanged"}'] == 2.5


def test_how_long_checks_take_is_told_by_how_many_were_no_longer_than_so_much(folder, story):
    story.first()
    with serving(folder) as served:
        get(served, "/metrics")
        for seconds in (0.2, 2.5, 2.6, 300):
            same = Unchanged(document=story.document, at=story.at)
            started = story.at - timedelta(seconds=seconds)
            story.store.record(same, next_check=story.at + HOUR, started=started)
        found = measured(get(served, "/metrics").text)

    name = "check_duration_seconds"
    counts = [found[f'{name}_bucket{{le="{most}"}}'] for most in ("0.5", "1", "2.5", "5", "60", "+Inf")]
    assert counts == [1, 1, 2, 3, 3, 4]
    assert (found[f"{name}_count"], found[f"{name}_sum"]) == (4, pytest.approx(305.3))


def test_what_waits_and_what_is_late_is_measured(folder, story):
    story.first()
    story.changed(doubts=(doubt(),))
    story.failed()
    story.store.set_next_check("acme/terms", clock() - HOUR)

    with serving(folder) as served:
        found = measured(get(served, "/metrics").text)

    assert (found["waiting_changes"], found["open_doubts"], found["waiting_messages"]) == (1, 1, 0)
    assert (found['documents{outcome="failed"}'], found['documents{outcome="never"}']) == (1, 0)
    assert found["overdue_documents"] == 1
    assert 3600 <= found["oldest_overdue_seconds"] < 3700
    assert abs(found["last_check_timestamp_seconds"] - time.time()) < 3 * 3600 + 60


def test_the_queue_and_its_workers_are_counted_where_there_is_one(folder, postgres):
    postgres.empty("emptied")
    with serving(folder, database=postgres.url_of("emptied")) as served:
        before = measured(get(served, "/metrics").text)
        served.monitor.store.defer_due(served.monitor.watchlist.documents, clock(), per_host=1)
        after = measured(get(served, "/metrics").text)

    names = [f'queued_checks{{queue="{queue}"}}' for queue in ("checks", "browser")]
    assert ([before[name] for name in names], [after[name] for name in names]) == ([0, 0], [1, 0])
    assert after['workers{queue="checks"}'] == 0


def test_before_any_check_every_number_is_there(folder):
    with serving(folder) as served:
        answer = get(served, "/metrics")

    found = measured(answer.text)
    assert found['documents{outcome="never"}'] == 1
    assert found["oldest_overdue_seconds"] == found["last_check_timestamp_seconds"] == 0
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
