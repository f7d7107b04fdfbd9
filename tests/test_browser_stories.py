"""The whole program with real Chromium: pages that scripts write, and pages that never come."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

import pytest

from tests import faults
from tests.faults import FaultServer, answer
from tests.program import CHANGED, COMMAND, GOOD, in_little_time, program_in

UNITS = Path(__file__).parent.parent / "docs" / "systemd"
SHELL = (
    b"<!doctype html><html lang=en><head><meta charset=utf-8><title>Terms of Service | Acme</title>"
    b"<script>window.app = {}</script></head><body><div id=root></div><script>%s</script></body></html>"
)
WRITE = b"root.innerHTML = new DOMParser().parseFromString(text, 'text/html').body.innerHTML"
# As applications do it: the text comes from elsewhere, after the page itself.
FETCHED = SHELL % (b"fetch('/text').then(got => got.text()).then(text => {" + WRITE + b"})")
# Beyond the end of the screen, and only once that comes into view.
LAZY = SHELL % (
    b"root.innerHTML = '<main><h1>Terms of Service</h1><p>These are the terms of Acme. "
    b"Please read all of them before you use the service. " + b"Every section counts. " * 25 + b"</p></main>"
    b"<div style=height:4000px></div><div id=more></div>';"
    b"new IntersectionObserver((seen, one) => { if (!seen[0].isIntersecting) return; one.disconnect();"
    b"fetch('/text').then(got => got.text()).then(text => {" + WRITE + b"}) }).observe(more)"
)
CHALLENGE = (
    b"<!doctype html><title>Just a moment...</title><h1>Checking your browser</h1>"
    b"<script>setInterval(() => document.title, 50)</script>"
)
HANGING = SHELL % b"for (;;);"


@pytest.fixture
def program(tmp_path):
    with program_in(tmp_path) as opened:
        opened.set("MONITOR_TIMEOUT", "9")
        yield opened


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


@pytest.mark.parametrize(
    ("shell", "render"),
    [(FETCHED, "auto"), (FETCHED, "browser"), (LAZY, "browser")],
    ids=["fetched", "fetched, always in the browser", "lazily loaded"],
)
def test_a_page_that_scripts_write_is_watched_like_any_other(program, server, shell, render):
    server.on("/text", answer(GOOD))
    program.watch({"terms": server.on("/terms", answer(shell))}, render=render)
    first = program.check(code=0)["acme/terms"]
    assert (first["outcome"], first["words"] > 300) == ("first", True)
    assert program.check(code=0)["acme/terms"]["outcome"] == "unchanged"
    server.on("/text", answer(CHANGED))
    program.check(code=1)
    (change,) = program.json("changes")
    assert change["topics"]["training"] == {"flag": "substantive", "direction": "more_permissive"}
    assert program.select("SELECT DISTINCT rendered FROM captures") == [(1,)]


def test_text_that_a_script_could_not_load_is_held_apart_and_its_return_is_no_change(program, server):
    server.on("/text", answer(GOOD))
    program.watch({"terms": server.on("/terms", answer(FETCHED))}, render="auto")
    program.check(code=0)
    server.on("/text", faults.hang_up)
    program.check(code=2)
    server.on("/text", answer(GOOD))
    assert program.check(code=0)["acme/terms"]["outcome"] == "unchanged"
    assert program.json("changes") == []


@pytest.mark.parametrize("render", ["auto", "browser"])
def test_a_challenge_that_never_clears_is_doubtful_in_the_browser_too(program, server, render):
    program.watch({"terms": server.on("/terms", answer(GOOD))}, render=render)
    program.check(code=0)
    server.on("/terms", answer(CHALLENGE, status=403))
    for _ in range(2):
        result = program.check(code=2)["acme/terms"]
        assert result["outcome"] == "doubtful"
    server.on("/terms", answer(GOOD))
    assert program.check(code=0)["acme/terms"]["recovered"]["checks"] == 2
    assert program.json("changes") == []


def test_a_challenge_that_clears_brings_the_document(program, server):
    cleared = CHALLENGE.replace(b"setInterval(", b"setTimeout(() => location.replace('/real'), 300); (")
    server.on("/real", answer(GOOD))
    program.watch({"terms": server.on("/terms", answer(cleared))}, render="auto")
    first = program.check(code=0)["acme/terms"]
    assert (first["outcome"], first["words"] > 300) == ("first", True)


def test_a_page_that_hangs_is_given_up_in_time_and_the_others_are_seen(program, server):
    pages = {"hangs": HANGING, "shell": FETCHED, "plain": GOOD}
    server.on("/text", answer(GOOD))
    program.set("MONITOR_TIMEOUT", "6")
    program.watch(
        {name: server.on(f"/{name}", answer(body)) for name, body in pages.items()}, render="browser"
    )
    started = time.monotonic()
    results = program.check(code=2)
    assert {name: one["outcome"] for name, one in results.items()} == {
        "acme/hangs": "failed", "acme/shell": "first", "acme/plain": "first",
    }  # fmt: skip
    assert results["acme/hangs"]["reasons"][0].startswith("timeout: ")
    assert time.monotonic() - started < 40


def test_the_browser_is_left_alone_where_http_brings_the_text(program, server):
    program.set("MONITOR_BROWSER", "/bin/false")
    program.watch({"terms": server.on("/terms", answer(GOOD))}, render="auto")
    assert program.check(code=0)["acme/terms"]["outcome"] == "first"
    server.on("/terms", answer(FETCHED))
    reasons = program.check(code=2)["acme/terms"]["reasons"]
    assert any("chromium-headless-shell" in reason for reason in reasons)


# --- a page that is not watched ----------------------------------------------------------------


@pytest.mark.parametrize("render", ["auto", "browser"])
def test_extract_prints_what_the_browser_shows_of_an_address(program, server, render):
    server.on("/text", answer(GOOD))
    url = server.on("/terms", answer(FETCHED))
    code, text = program.run("extract", url, "--render", render, "--allow-address", "127.0.0.0/8")
    assert code == 0, program.said
    assert "We delete prompts and answers within 30 days" in text


def test_extract_leaves_the_browser_alone_where_it_is_told_to_or_http_brings_the_text(program, server):
    program.set("MONITOR_BROWSER", "/bin/false")
    plain, shell = server.on("/plain", answer(GOOD)), server.on("/shell", answer(FETCHED))
    local = ("--allow-address", "127.0.0.0/8")
    assert program.run("extract", plain, *local)[0] == 0
    assert program.run("extract", shell, "--render", "http", *local) == (0, "\n")
    assert program.run("extract", shell, *local)[0] == 2
    assert "chromium-headless-shell" in program.said


# --- the shipped units -------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["tos-monitor.service", "tos-monitor-check.service"])
def test_the_shipped_units_let_the_browser_have_its_sandbox_and_finish_its_pages(unit):
    lines = (UNITS / unit).read_text().splitlines()
    assert "RestrictNamespaces=user pid net" in lines
    assert "KillMode=mixed" in lines


def test_without_libatomic_the_failure_says_what_to_install(program, server):
    program.watch({"terms": server.on("/terms", answer(GOOD))}, render="browser")
    # A process of its own: Playwright leaves the pipes to a driver that died to the garbage collector.
    ended = subprocess.run(
        [COMMAND, "check"],
        cwd=program.folder,
        env=in_little_time() | {"PLAYWRIGHT_NODEJS_PATH": "/bin/false"},  # a driver that does not run
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert "libatomic1" in ended.stdout + ended.stderr
