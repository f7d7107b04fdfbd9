"""The installed command with pages beside its checks: one process, one watchlist, one end."""

from __future__ import annotations

import re
import signal
import socket
from contextlib import contextmanager

import httpx
import pytest

from monitor.errors import UsageError
from monitor.web.server import listen
from tests.test_end_to_end import AFTER, BEFORE, Program


@pytest.fixture
def program(tmp_path, site):
    site.put("/terms", BEFORE)
    return Program(tmp_path, site, every="1s")


@contextmanager
def started(program, *words):
    """The process, and a client of the pages that it says it serves."""
    process = program.start(*words, "--port", "0")
    try:
        url = re.search(r"http://\S+", process.stdout.readline())[0].rstrip("/")
        with httpx.Client(base_url=url, headers={"origin": url}, trust_env=False, timeout=20) as client:
            yield process, client
    finally:
        process.kill()
        process.communicate()


def logged(process, words):
    return next(line for line in process.stderr if words in line)


def test_the_daemon_serves_the_pages_and_a_change_that_it_finds_is_in_the_inbox(program, site):
    with started(program, "daemon", "--serve") as (process, client):
        assert "Nothing waits for a review." in client.get("/").text
        site.wait_for("/terms", times=2)
        site.put("/terms", AFTER)
        logged(process, "change=1")
        assert "1 change waits for a review" in client.get("/").text


def test_a_watchlist_that_the_daemon_reloaded_counts_on_the_pages_at_once(program, site):
    site.put("/new", BEFORE)
    with started(program, "daemon", "--serve") as (process, client):
        assert client.get("/documents/aurora/new").status_code == 404
        program.write(names=("terms", "new"))
        process.send_signal(signal.SIGHUP)
        logged(process, "watchlist reloaded")
        assert client.get("/documents/aurora/new").status_code == 200


def test_a_page_that_is_never_asked_for_to_the_end_holds_up_neither_checks_nor_the_end(program, site):
    with started(program, "daemon", "--serve", "--grace", "5") as (process, client):
        slow = [socket.create_connection((client.base_url.host, client.base_url.port)) for _ in range(60)]
        for one in slow:
            one.sendall(
                b"POST /changes/1/dismiss HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
                b"Origin: http://localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nwhy="
            )
        site.wait_for("/terms", times=len(site.arrived) + 2)
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
        for one in slow:
            one.close()
    assert process.returncode == 0, log


def test_sigterm_ends_pages_and_checks_together(program, site):
    with started(program, "daemon", "--serve") as (process, client):
        site.wait_for("/terms")
        assert client.get("/health").status_code == 200
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
        assert process.returncode == 0, log
        with pytest.raises(httpx.ConnectError):
            client.get("/")


def test_the_daemon_serves_nobody_else_without_a_password(program):
    process = program.start("daemon", "--serve", "--host", "0.0.0.0", "--port", "0")
    _, log = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "MONITOR_PASSWORD" in log


def test_an_address_of_another_machine_is_told_as_a_mistake_in_the_host():
    with pytest.raises(UsageError, match="choose another --host"):
        listen("192.0.2.1", 0)


def test_a_port_that_is_taken_is_told_before_anything_is_checked(program, site):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = program.start("daemon", "--serve", "--port", str(taken.getsockname()[1]))
        _, log = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "choose another --port" in log
    assert site.arrived == []


def test_serve_alone_reads_a_changed_watchlist_and_keeps_the_old_one_while_it_is_broken(program):
    with started(program, "serve") as (process, client):
        program.write(names=("terms", "new"))
        assert client.get("/documents/aurora/new").status_code == 200
        (program.folder / "watchlist.toml").write_text("[providers.aurora\n")
        assert client.get("/documents/aurora/new").status_code == 200
        assert "watchlist.toml:1" in logged(process, "not reloaded")
