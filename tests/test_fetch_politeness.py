"""How hosts and robots.txt are respected, and how long retries wait, on a clock that only sleeping moves."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from monitor.fetch import Clock, Fetcher, Limits, limits_within, retry_after
from monitor.fetch.limits import DEFAULT_LIMITS
from monitor.fetch.politeness import Hosts
from monitor.fetch.retry import parse_retry_after
from monitor.fetch.robots import parse_rules
from monitor.model import Capture, Document, FetchFailure

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PAGE = httpx.URL("https://acme.example/legal/terms")


class FakeTime:
    """A clock that only sleeping moves, noting each sleep."""

    def __init__(self):
        self.seconds = 1000.0
        self.slept = []

    async def sleep(self, seconds):
        self.slept.append(round(seconds, 3))
        self.seconds += seconds
        await asyncio.sleep(0)

    def clock(self):
        return Clock(lambda: NOW, lambda: self.seconds, self.sleep, lambda: 0.0)


class Web:
    """Sites by URL: a list of answers is used up one a request, its last one stays."""

    def __init__(self, pages, time, takes=0.0):
        self.takes = takes  # seconds of each request
        self.pages = {url: list(answers) for url, answers in pages.items()}
        self.time = time
        self.asked = []

    async def __call__(self, request):
        await asyncio.sleep(0)  # others run meanwhile, as they do while a real network is waited for
        url = str(request.url)
        self.asked.append((self.time.seconds, url))
        self.time.seconds += self.takes
        answers = self.pages.get(url, [httpx.Response(404)])
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(found, Exception):
            raise found
        # A copy each time, because a stream is read once.
        return httpx.Response(
            found.status_code, headers=found.headers, stream=httpx.ByteStream(found.content)
        )


def page(body=b"<p>Terms</p>", status=200, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(status, headers=names, content=body)


def text(body):
    return [page(body.encode(), content_type="text/plain")]


def document(url, **more):
    return Document(**{"id": "acme/terms", "provider": "acme", "type": "Terms", "url": url} | more)


def fetch_all(pages, *urls, per_host=1, delay=0.0, limits=DEFAULT_LIMITS, at_once=False, takes=0.0, **more):
    """The outcomes of fetching the URLs with one fetcher, the web that was asked, and the time."""
    time = FakeTime()
    web = Web(pages, time, takes)

    async def run():
        async with Fetcher(
            per_host=per_host,
            delay=timedelta(seconds=delay),
            allow_addresses=(),
            limits=limits,
            clock=time.clock(),
            transport=httpx.MockTransport(web),
        ) as fetcher:
            tasks = [fetcher.fetch(document(url, **more)) for url in urls]
            return await asyncio.gather(*tasks) if at_once else [await task for task in tasks]

    return asyncio.run(run()), web, time


# --- turns -------------------------------------------------------------------------------------


def test_requests_to_one_host_keep_the_pause_between_them():
    urls = [f"https://acme.example/{n}" for n in range(3)]
    _, web, _ = fetch_all({}, *urls, delay=5, robots=False)
    assert [at for at, _ in web.asked] == [1000, 1005, 1010]


def test_the_pause_begins_when_the_answer_is_there():
    urls = ["https://acme.example/1", "https://acme.example/2"]
    _, web, _ = fetch_all({}, *urls, delay=5, takes=3.0, robots=False)
    assert [at for at, _ in web.asked] == [1000, 1008]


def test_requests_to_different_hosts_do_not_wait_for_each_other():
    _, _, time = fetch_all({}, "https://a.example/", "https://b.example/", delay=5, robots=False)
    assert time.slept == []


def at_once(per_host, requests):
    """The most requests that one host saw at a time."""
    running, most = 0, 0

    async def request(hosts):
        nonlocal running, most
        async with hosts.turn("acme.example"):
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1

    async def run():
        hosts = Hosts(per_host, 0.0, 20.0, FakeTime().clock())
        await asyncio.gather(*(request(hosts) for _ in range(requests)))

    asyncio.run(run())
    return most


@pytest.mark.parametrize("per_host", [1, 2])
def test_a_host_sees_no_more_requests_at_once_than_configured(per_host):
    assert at_once(per_host, 6) == per_host


def test_a_crawl_delay_longer_than_the_pause_is_kept():
    pages = {"https://acme.example/robots.txt": text("User-agent: *\nCrawl-delay: 7")}
    _, web, _ = fetch_all(pages, "https://acme.example/1", "https://acme.example/2", delay=1)
    assert [at for at, _ in web.asked] == [1000, 1001, 1008]


def test_an_absurd_crawl_delay_is_capped():
    pages = {"https://acme.example/robots.txt": text("User-agent: *\nCrawl-delay: 86400")}
    _, _, time = fetch_all(pages, "https://acme.example/1", "https://acme.example/2")
    assert time.slept == [Limits().crawl_delay]


def test_waiting_for_a_turn_does_not_use_up_the_time_of_a_fetch():
    urls = [f"https://acme.example/{n}" for n in range(10)]
    fetched, _, _ = fetch_all({}, *urls, delay=15, limits=Limits(seconds=20), robots=False, at_once=True)
    assert all(isinstance(one, Capture) for one in fetched)


# --- retries -----------------------------------------------------------------------------------


def test_retries_back_off_and_then_give_the_last_answer():
    (capture,), web, time = fetch_all({str(PAGE): [page(status=503)]}, str(PAGE), robots=False)
    assert capture.status == 503
    assert time.slept == [2, 8]
    assert len(web.asked) == 3


def test_retries_after_a_lost_connection_end_in_a_failure():
    (failure,), web, _ = fetch_all({str(PAGE): [httpx.ConnectError("gone")]}, str(PAGE), robots=False)
    assert failure.reason.code == "connect"
    assert len(web.asked) == 3


def test_a_short_retry_after_is_slept():
    pages = {str(PAGE): [page(status=429, retry_after="11"), page()]}
    (capture,), _, time = fetch_all(pages, str(PAGE), robots=False)
    assert capture.status == 200
    assert time.slept == [11]


def test_a_long_retry_after_is_given_back_instead_of_slept():
    pages = {str(PAGE): [page(status=503, retry_after="30")]}
    (capture,), _, time = fetch_all(pages, str(PAGE), robots=False)
    assert time.slept == []
    assert retry_after(capture) == timedelta(seconds=30)


def test_a_host_that_asked_for_a_long_pause_is_not_asked_for_its_other_documents():
    pages = {str(PAGE): [page(status=429, retry_after="3600")]}
    (_, failure), web, _ = fetch_all(pages, str(PAGE), "https://acme.example/other", robots=False)
    assert isinstance(failure, FetchFailure)
    assert failure.reason.code == "rate-limited"
    assert failure.retry_after == timedelta(hours=1)
    assert len(web.asked) == 1


def test_retries_never_outlast_the_time_of_the_fetch():
    pages = {str(PAGE): [page(status=503)]}
    _, _, time = fetch_all(pages, str(PAGE), limits=Limits(seconds=5, pauses=(2.0, 4.0)), robots=False)
    assert time.slept == [2]


def test_a_retry_that_would_have_little_time_left_is_not_made():
    pages = {str(PAGE): [page(status=503)]}
    _, _, time = fetch_all(pages, str(PAGE), limits=Limits(seconds=3, pauses=(2.0,)), robots=False)
    assert time.slept == []


def test_retries_are_shared_by_all_redirects_of_a_fetch():
    pages = {
        str(PAGE): [page(status=502), page(status=301, location="/new")],
        "https://acme.example/new": [page(status=502), page(status=502), page()],
    }
    (capture,), _, time = fetch_all(pages, str(PAGE), robots=False)
    assert capture.status == 502
    assert time.slept == [2, 8]


@pytest.mark.parametrize(
    ("value", "pause"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("Sat, 21 Nov 2026 12:01:30 GMT", timedelta(seconds=90)),
        ("Saturday, 21-Nov-26 12:01:30 GMT", timedelta(seconds=90)),
        ("Sat Nov 21 12:01:30 2026", timedelta(seconds=90)),
        ("Sat, 21 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("9" * 400, timedelta(days=365)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(days=365)),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("soon", None),
        ("Sat, 99 Nov 2026 12:00:00 GMT", None),
        ("", None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(value, pause):
    assert parse_retry_after(value, "", NOW) == pause


def test_a_date_counts_from_the_servers_own_clock():
    value, own = "Sat, 21 Nov 2026 15:00:30 GMT", "Sat, 21 Nov 2026 15:00:00 GMT"
    assert parse_retry_after(value, own, NOW) == timedelta(seconds=30)


def capture_with(status, **headers):
    pairs = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Capture(url="u", final_url="u", status=status, headers=pairs, body=b"", at=NOW)


def test_only_an_error_asks_for_a_pause():
    assert retry_after(capture_with(429, retry_after="60")) == timedelta(minutes=1)
    assert retry_after(capture_with(503)) is None
    assert retry_after(capture_with(200, retry_after="60")) is None


# --- robots.txt --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        "User-agent: *\nDisallow: /legal",
        "User-agent: tos-monitor\nDisallow: /",
        "User-agent: TOS-Monitor # all of it\nDisallow: /",
        "\ufeffUser-agent: *\nDisallow: /legal",
        "User-agent: other\nAllow: /\n\nUser-agent: *\nDisallow: /*/terms$",
        "User-agent: a\nUser-agent: *\nUser-agent: b\nDisallow: /",
    ],
)
def test_a_page_that_robots_txt_forbids_is_not_allowed(rules):
    assert not parse_rules(rules.encode()).allow(PAGE)


@pytest.mark.parametrize(
    "rules",
    [
        "",
        "User-agent: *\nDisallow:",
        "User-agent: *\nDisallow: /\nAllow: /legal/terms",
        "User-agent: *\nDisallow: /\n\nUser-agent: tos-monitor\nDisallow: /private",
        "User-agent: other\nDisallow: /",
        "User-agent: a\nDisallow: /\n\nUser-agent: b\nDisallow: /\n\nUser-agent: *\nDisallow: /x",
        "<!doctype html><pre>\nUser-agent: *\nDisallow: /",
        "\x00\xff\xfe",
    ],
)
def test_a_page_that_robots_txt_does_not_forbid_is_allowed(rules):
    assert parse_rules(rules.encode("utf-8")).allow(PAGE)


def test_a_robots_txt_made_to_be_slow_is_read_in_a_moment():
    agents = "".join(f"User-agent: t{'*' * (n % 9)}{n}\n" for n in range(10_000))
    rules = "".join(f"Disallow: /{n}\n" for n in range(10_000))
    parsed = parse_rules(("User-agent: *\nDisallow: /legal\n" + agents + rules).encode())
    assert not parsed.allow(PAGE)
    assert len(parsed.parsed._user_agents) < 20


def test_a_forbidden_page_is_a_failure_that_names_the_override():
    pages = {"https://acme.example/robots.txt": text("User-agent: *\nDisallow: /legal")}
    (failure,), web, _ = fetch_all(pages, str(PAGE))
    assert failure.reason.code == "robots"
    assert "robots = false" in failure.reason.detail
    assert [url for _, url in web.asked] == ["https://acme.example/robots.txt"]


def test_robots_txt_is_not_asked_when_the_document_says_so_and_that_is_logged(caplog):
    caplog.set_level(logging.INFO, "monitor.fetch")
    pages = {"https://acme.example/robots.txt": text("User-agent: *\nDisallow: /"), str(PAGE): [page()]}
    (capture,), web, _ = fetch_all(pages, str(PAGE), robots=False)
    assert capture.status == 200
    assert len(web.asked) == 1
    assert [record.document for record in caplog.records] == ["acme/terms"]
    assert "robots" in caplog.text


def test_a_redirect_asks_the_robots_txt_of_the_site_it_leads_to():
    pages = {
        str(PAGE): [page(status=302, location="https://other.example/terms")],
        "https://other.example/robots.txt": text("User-agent: *\nDisallow: /"),
    }
    (failure,), web, _ = fetch_all(pages, str(PAGE))
    assert failure.reason.code == "robots"
    assert "https://other.example/terms" not in [url for _, url in web.asked]


def test_robots_txt_is_read_once_for_all_documents_of_a_site():
    urls = [f"https://acme.example/{n}" for n in range(5)]
    _, web, _ = fetch_all({}, *urls, at_once=True)
    assert [url for _, url in web.asked].count("https://acme.example/robots.txt") == 1


def test_robots_txt_is_read_again_after_a_day():
    time = FakeTime()
    web = Web({}, time)

    async def run():
        transport = httpx.MockTransport(web)
        fetcher = Fetcher(
            per_host=1, delay=timedelta(0), allow_addresses=(), clock=time.clock(), transport=transport
        )
        await fetcher.fetch(document(str(PAGE)))
        time.seconds += 24 * 3600 + 1
        await fetcher.fetch(document(str(PAGE)))

    asyncio.run(run())
    assert [url for _, url in web.asked].count("https://acme.example/robots.txt") == 2


@pytest.mark.parametrize(
    "answer",
    [
        page(status=404),
        page(status=403),
        page(b"User-agent: *\nDisallow: /", content_type="text/html"),
        page(status=302, location="/robots.txt"),
    ],
    ids=["missing", "forbidden", "a page of HTML", "a redirect loop"],
)
def test_a_site_without_readable_rules_allows_all(answer):
    pages = {"https://acme.example/robots.txt": [answer], str(PAGE): [page()]}
    (capture,), _, _ = fetch_all(pages, str(PAGE))
    assert isinstance(capture, Capture)


def test_robots_txt_behind_a_redirect_counts():
    pages = {
        "https://acme.example/robots.txt": [page(status=301, location="https://www.acme.example/robots.txt")],
        "https://www.acme.example/robots.txt": text("User-agent: *\nDisallow: /legal"),
    }
    (failure,), _, _ = fetch_all(pages, str(PAGE))
    assert failure.reason.code == "robots"


def test_a_robots_txt_with_a_server_error_forbids_all_for_now():
    pages = {"https://acme.example/robots.txt": [page(status=500)], str(PAGE): [page()]}
    (first, second), web, _ = fetch_all(pages, str(PAGE), "https://acme.example/other")
    assert first.reason.code == second.reason.code == "robots-unreachable"
    assert len(web.asked) == 3


def test_a_robots_txt_that_cannot_be_reached_fails_with_the_cause():
    pages = {"https://acme.example/robots.txt": [httpx.ReadTimeout("")], str(PAGE): [page()]}
    (failure,), _, _ = fetch_all(pages, str(PAGE))
    assert failure.reason.code == "timeout"
    assert "robots = false" in failure.reason.detail


# --- time limits -------------------------------------------------------------------------------


def test_a_shorter_time_for_a_fetch_shortens_each_wait_in_it_and_a_longer_one_none():
    usual, short, long = Limits(), limits_within(6), limits_within(600)
    assert (short.seconds, short.connect_seconds, short.quiet_seconds) == (6, 1.5, 2)
    assert (long.seconds, long.connect_seconds, long.quiet_seconds) == (600, 15, 20)
    assert short.page_bytes == usual.page_bytes
