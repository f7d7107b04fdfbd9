"""A dead-man's switch: told of every round, not told where there was none, and its address never told."""

import asyncio
import logging
import signal
import subprocess
import threading

import pytest

from monitor.fetch.ping import Switch
from tests.conftest import Answer
from tests.program import COMMAND, GOOD, in_little_time, program_in

KEY = "/ping/5ecre7-key"


@pytest.fixture
def program(tmp_path, site):
    site.put(KEY, "OK")
    site.put("/terms", GOOD)
    with program_in(tmp_path) as program:
        program.watch({"terms": f"{site.url}/terms"})
        program.set("MONITOR_PING_URL", site.url + KEY)
        yield program


def ping(switch):
    asyncio.run(switch.ping())


# --- the switch --------------------------------------------------------------------------------


def test_a_failure_is_told_once_until_a_ping_arrives_again_and_never_with_the_address(site, caplog):
    caplog.set_level(logging.INFO, logger="monitor")
    switch = Switch(url=site.url + KEY)
    for answer in (Answer(status=500), Answer(status=500), Answer(b"OK"), Answer(b"OK"), Answer(status=404)):
        site.pages[KEY] = answer
        ping(switch)

    told = [(record.message, getattr(record, "error", "")) for record in caplog.records]
    assert told == [
        ("ping failed", "answered with status 500"),
        ("ping succeeds again", ""),
        ("ping failed", "answered with status 404"),
    ]
    assert "5ecre7" not in str([vars(record) for record in caplog.records]) + repr(switch)
    assert len(site.asked(KEY)) == 5


def test_a_switch_that_hangs_holds_nobody_up_for_long(site, caplog):
    site.pages[KEY] = Answer(b"OK", hold=threading.Event())

    ping(Switch(url=site.url + KEY, seconds=0.2))
    site.pages[KEY].hold.set()

    assert caplog.records[0].error == "no answer within 0.2 s"


def test_a_switch_that_is_not_there_or_whose_proxy_is_not_stops_nothing(caplog):
    ping(Switch(url="http://127.0.0.1:9" + KEY))
    ping(Switch(url="http://switch.example" + KEY, proxy="http://127.0.0.1:9"))

    assert [record.error for record in caplog.records] == ["ConnectError", "ConnectError"]


def test_a_redirect_is_not_followed(site, caplog):
    site.put(KEY, "", status=302, headers={"Location": f"{site.url}/elsewhere"})

    ping(Switch(url=site.url + KEY))

    assert caplog.records[0].error == "answered with status 302"
    assert site.asked("/elsewhere") == []


# --- rounds ------------------------------------------------------------------------------------


def test_a_check_of_all_documents_is_told_whatever_it_found(program, site):
    program.check(code=0)
    site.put("/terms", "", status=500)
    with program.in_a_hurry():
        program.check(code=2)

    assert site.asked(KEY) == [200, 200]


def test_a_check_with_nothing_due_is_told(program, site):
    program.check(code=0)

    assert program.run("check", "--due")[0] == 0
    assert len(site.asked(KEY)) == 2


def test_a_check_of_some_documents_proves_no_round(program, site):
    program.run("check", "acme/terms")

    assert site.asked(KEY) == []


def test_a_round_that_could_not_be_recorded_is_not_told(program, site):
    program.check(code=0)
    (program.folder / "watchlist.db").write_bytes(b"rubble" * 5000)

    assert program.run("check")[0] == 3
    assert len(site.asked(KEY)) == 1


def test_the_daemon_tells_that_it_looks_at_what_is_due(program, site, tmp_path):
    environ = in_little_time() | {"MONITOR_PING_URL": site.url + KEY}
    daemon = subprocess.Popen(
        [COMMAND, "daemon"], cwd=tmp_path, env=environ, stderr=subprocess.PIPE, text=True
    )
    site.wait_for(KEY)
    daemon.send_signal(signal.SIGTERM)
    _, log = daemon.communicate(timeout=30)

    assert daemon.returncode == 0
    assert "5ecre7" not in log


@pytest.mark.parametrize(
    "url", ["hc.example.com/5ecre7", "ftp://hc.example.com/5ecre7", "https://a b/5ecre7"]
)
def test_a_bad_address_is_explained_without_repeating_it(program, url):
    program.set("MONITOR_PING_URL", url)

    assert program.run("check")[0] == 3
    assert "MONITOR_PING_URL is not a web address" in program.said
    assert "5ecre7" not in program.said
