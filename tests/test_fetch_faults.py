"""Every fault a server can play, over real sockets: nothing raises, hangs, or grows beyond its limit."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from datetime import timedelta
from ipaddress import ip_network

import pytest
from backports import zstd
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from monitor.fetch import Clock, Fetcher, Limits
from monitor.model import Capture, Document, FetchFailure, NotModified, Validators
from tests import faults
from tests.faults import HTML, FaultServer, answer, head, in_turn, raw, redirect

TERMS = b"<h1>Terms</h1><p>We keep prompts for 30 days.</p>"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
FAST = Limits(seconds=5, quiet_seconds=2, connect_seconds=2, page_bytes=2_000_000, pauses=())
PATIENT = Limits(seconds=50, pauses=(1.0, 2.0))


async def no_sleep(seconds: float) -> None:
    await asyncio.sleep(0)


NO_SLEEP = Clock(sleep=no_sleep, chance=lambda: 0.0)


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


def document(url, **more):
    return Document(
        **{"id": "acme/terms", "provider": "acme", "type": "Terms", "robots": False, "url": url} | more
    )


def fetch(url, validators=None, *, limits=FAST, allow=LOOPBACK, ca_file=None, **more):
    async def run():
        async with Fetcher(
            per_host=1,
            delay=timedelta(0),
            allow_addresses=allow,
            limits=limits,
            clock=NO_SLEEP,
            ca_file=ca_file,
        ) as fetcher:
            return await fetcher.fetch(document(url, **more), validators)

    return asyncio.run(run())


def failure_code(fetched):
    assert isinstance(fetched, FetchFailure), fetched
    return fetched.reason.code


def test_a_sound_page_becomes_a_capture_with_its_evidence(server):
    url = server.on(
        "/terms", answer(TERMS, ("Content-Type", "text/html; charset=GB2312"), ("X-Served-By", "a"))
    )
    capture = fetch(url)
    assert isinstance(capture, Capture)
    assert (capture.url, capture.final_url, capture.status, capture.body) == (url, url, 200, TERMS)
    assert capture.header("content-type") == "text/html; charset=GB2312"
    assert ("x-served-by", "a") in capture.headers
    assert capture.at.utcoffset() == timedelta(0)
    assert capture.redirects == ()


def test_requests_name_the_program_and_ask_for_the_documents_language_and_gzip(server):
    url = server.on("/terms", answer(TERMS))
    fetch(url, language="zh-CN")
    sent = server.asked("/terms")[0].headers
    assert sent["user-agent"].startswith("tos-monitor/")
    assert sent["accept-language"] == "zh-CN,zh;q=0.9"
    assert sent["accept-encoding"] == "gzip"
    assert "if-none-match" not in sent


# --- slow, broken and endless answers ----------------------------------------------------------


def test_a_server_that_drips_bytes_cannot_outlast_the_time_limit(server):
    url = server.on("/terms", faults.drip)
    assert failure_code(fetch(url, limits=Limits(seconds=0.3, quiet_seconds=5))) == "timeout"


def test_a_server_that_floods_interim_answers_cannot_outlast_the_time_limit(server):
    url = server.on("/terms", faults.interim_flood)
    assert failure_code(fetch(url, limits=Limits(seconds=0.3, quiet_seconds=5))) == "timeout"


def test_a_silent_server_is_given_up_and_tried_again(server):
    url = server.on("/terms", in_turn(faults.stall, answer(TERMS)))
    fetched = fetch(url, limits=Limits(seconds=30, quiet_seconds=0.2, pauses=(1.0,)))
    assert isinstance(fetched, Capture)
    assert len(server.asked("/terms")) == 2


def test_a_timed_out_fetch_leaves_the_fetcher_usable(server):
    slow, sound = server.on("/slow", faults.drip), server.on("/sound", answer(TERMS))

    async def run():
        limits = Limits(seconds=0.3, pauses=())
        async with Fetcher(
            per_host=1, delay=timedelta(0), allow_addresses=LOOPBACK, limits=limits
        ) as fetcher:
            return [await fetcher.fetch(document(url)) for url in (slow, slow, sound)]

    first, second, third = asyncio.run(run())
    assert failure_code(first) == failure_code(second) == "timeout"
    assert isinstance(third, Capture)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        pytest.param(faults.reset_in_body, "incomplete", id="reset in the body"),
        pytest.param(raw(head(200, HTML, ("Content-Length", "500")) + TERMS), "incomplete", id="too short"),
        pytest.param(
            raw(head(200, HTML, ("Transfer-Encoding", "chunked")) + b"5\r\nhello\r\n"),
            "incomplete",
            id="no last chunk",
        ),
        pytest.param(
            raw(head(200, HTML, ("Transfer-Encoding", "chunked")) + b"zz\r\nhello\r\n"),
            "incomplete",
            id="bad chunk",
        ),
        pytest.param(faults.cut_gzip(TERMS * 50), "incomplete", id="cut gzip"),
        pytest.param(faults.hang_up, "protocol", id="no answer"),
        pytest.param(raw(b"220 mail.example ESMTP\r\n"), "protocol", id="not HTTP"),
        pytest.param(faults.header_bomb, "protocol", id="header bomb"),
        pytest.param(
            raw(head(200, HTML, ("Content-Length", "-5")) + TERMS), "protocol", id="negative length"
        ),
        pytest.param(answer(TERMS, ("Content-Encoding", "gzip")), "bad-encoding", id="not really gzip"),
        pytest.param(answer(zstd.compress(TERMS), ("Content-Encoding", "zstd")), "bad-encoding", id="zstd"),
        pytest.param(
            answer(b"\x0b\x02\x80terms\x03", ("Content-Encoding", "br")), "bad-encoding", id="brotli"
        ),
        pytest.param(
            answer(gzip.compress(gzip.compress(TERMS)), ("Content-Encoding", "gzip, gzip")),
            "bad-encoding",
            id="gzip twice",
        ),
        pytest.param(faults.endless, "too-large", id="endless"),
        pytest.param(raw(head(200, HTML, ("Content-Length", "9000000000"))), "too-large", id="huge length"),
        pytest.param(faults.gzip_bomb(64), "too-large", id="gzip bomb"),
        pytest.param(faults.deflate_bomb(64), "too-large", id="deflate bomb"),
        pytest.param(raw(head(304)), "unasked-304", id="304 to an unconditional request"),
        pytest.param(redirect("file:///etc/passwd"), "refused-scheme", id="redirect to a file"),
        pytest.param(redirect("http://[::g]/"), "bad-url", id="redirect to no URL"),
        pytest.param(redirect("/terms"), "redirect-loop", id="redirect to itself"),
        pytest.param(redirect("http://nobody..example/"), "dns", id="redirect to an impossible name"),
        pytest.param(redirect("http://169.254.169.254/latest"), "refused-address", id="redirect to metadata"),
        pytest.param(redirect("http://10.0.0.1/"), "refused-address", id="redirect to a private address"),
        pytest.param(redirect("http://0xa9fea9fe/"), "refused-address", id="redirect in hexadecimal"),
        pytest.param(
            redirect("http://[::ffff:10.0.0.1]/"), "refused-address", id="redirect to a mapped address"
        ),
    ],
)
def test_a_fault_is_a_failure_with_its_code(server, behaviour, code):
    fetched = fetch(server.on("/terms", behaviour))
    assert failure_code(fetched) == code
    assert fetched.reason.detail


def test_a_bomb_is_refused_before_it_fills_the_memory(server):
    url = server.on("/terms", faults.gzip_bomb(1024))
    tracemalloc.start()
    fetched = fetch(url)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert failure_code(fetched) == "too-large"
    assert peak < 16 * faults.MEBIBYTE


def test_a_body_may_be_as_large_as_the_limit_and_no_larger(server):
    fits = server.on("/fits", answer(bytes(FAST.page_bytes)))
    over = server.on("/over", answer(bytes(FAST.page_bytes + 1)))
    assert len(fetch(fits).body) == FAST.page_bytes
    assert failure_code(fetch(over)) == "too-large"


def test_a_pdf_may_be_larger_than_a_page(server):
    pdf = ("Content-Type", "application/pdf")
    url = server.on("/terms.pdf", answer(bytes(FAST.page_bytes + 1), pdf))
    assert len(fetch(url).body) == FAST.page_bytes + 1


def test_nobody_listening_is_a_failure_to_connect():
    with faults.closed_port() as port:
        assert failure_code(fetch(f"http://127.0.0.1:{port}/")) == "connect"


def test_an_http_1_0_answer_without_a_length_is_read_to_its_end(server):
    url = server.on("/terms", raw(head(200, HTML, version="1.0") + TERMS))
    assert fetch(url).body == TERMS


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "GZIP"])
def test_gzip_is_decoded(server, encoding):
    url = server.on("/terms", answer(gzip.compress(TERMS), ("Content-Encoding", encoding)))
    assert fetch(url).body == TERMS


def test_an_empty_body_that_claims_to_be_gzip_is_empty(server):
    url = server.on("/terms", answer(b"", ("Content-Encoding", "gzip"), status=403))
    assert (fetch(url).status, fetch(url).body) == (403, b"")


# --- status, retries and conditional requests --------------------------------------------------


@pytest.mark.parametrize("status", [403, 404, 410, 451, 500, 503])
def test_an_error_status_that_stays_is_a_capture_for_the_guard(server, status):
    url = server.on("/terms", answer(b"sorry", status=status))
    capture = fetch(url, limits=PATIENT)
    assert (capture.status, capture.body) == (status, b"sorry")
    assert len(server.asked("/terms")) == (3 if status >= 500 else 1)


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(answer(b"slow down", ("Retry-After", "1"), status=429), id="429"),
        pytest.param(answer(b"down", status=502), id="502"),
        pytest.param(faults.hang_up, id="no answer"),
        pytest.param(faults.reset_in_body, id="reset"),
        pytest.param(faults.cut_gzip(TERMS), id="cut gzip"),
    ],
)
def test_a_passing_fault_is_tried_again(server, first):
    url = server.on("/terms", in_turn(first, answer(TERMS)))
    assert fetch(url, limits=PATIENT).body == TERMS
    assert len(server.asked("/terms")) == 2


def test_a_known_etag_brings_not_modified_and_no_body(server):
    url = server.on("/terms", faults.validated(TERMS, '"v1"'))
    first = fetch(url)
    again = fetch(url, Validators(etag=first.header("etag"), url=first.final_url))
    assert isinstance(again, NotModified)
    assert again.url == url


def test_a_changed_page_is_fetched_although_an_etag_was_sent(server):
    url = server.on("/terms", faults.validated(TERMS, '"v2"'))
    assert fetch(url, Validators(etag='"v1"')).body == TERMS


def test_a_date_is_sent_only_where_there_is_no_etag(server):
    url = server.on("/terms", answer(TERMS))
    fetch(url, Validators(etag='"v1"', last_modified="Sat, 21 Nov 2026 10:00:00 GMT"))
    fetch(url, Validators(last_modified="Sat, 21 Nov 2026 10:00:00 GMT"))
    both, dated = (request.headers for request in server.asked("/terms"))
    assert "if-modified-since" not in both
    assert dated["if-modified-since"] == "Sat, 21 Nov 2026 10:00:00 GMT"


def test_an_etag_is_sent_to_the_address_that_gave_it_and_to_no_other(server):
    asked = server.on("/terms", redirect("/new"))
    final = server.on("/new", faults.validated(TERMS, '"v1"'))
    assert isinstance(fetch(asked, Validators(etag='"v1"', url=final)), NotModified)
    assert isinstance(fetch(asked, Validators(etag='"v1"', url=asked)), Capture)
    assert isinstance(fetch(asked, Validators(etag='"v1"')), Capture)
    assert ["if-none-match" in request.headers for request in server.asked("/terms")] == [False, True, True]


def test_an_etag_that_is_not_ascii_is_sent_back(server):
    url = server.on("/terms", faults.validated(TERMS, '"Fassung-für-Köln"'))
    first = fetch(url)
    assert isinstance(fetch(url, Validators(etag=first.header("etag"))), NotModified)


# --- redirects and cookies ---------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_and_recorded_in_order(server, status):
    asked = server.on("/a/terms", redirect("../b", status=status))
    middle = server.on("/b", redirect("/c?lang=en", status=status))
    final = server.on("/c?lang=en", answer(TERMS))
    capture = fetch(asked)
    assert (capture.url, capture.redirects, capture.final_url) == (asked, (middle, final), final)


def test_a_redirect_in_utf_8_is_followed_percent_encoded(server):
    asked = server.on("/terms", redirect("/bedingungen für alle"))
    final = server.on("/bedingungen%20f%C3%BCr%20alle", answer(TERMS))
    assert fetch(asked).final_url == final


def test_a_redirect_to_another_host_is_recorded(server):
    server.on("/there", answer(TERMS))
    asked = server.on("/terms", redirect(server.url("/there", host="localhost")))
    assert fetch(asked).final_url == server.url("/there", host="localhost")


def test_a_redirect_without_a_target_is_a_capture_for_the_guard(server):
    assert fetch(server.on("/terms", answer(b"moved", status=301))).status == 301


def test_redirects_that_never_end_are_given_up(server):
    for step in range(9):
        server.on(f"/{step}", redirect(f"/{step + 1}"))
    fetched = fetch(server.url("/0"))
    assert failure_code(fetched) == "too-many-redirects"
    assert len(server.requests) == 6


def test_a_redirect_to_a_part_of_the_same_page_is_a_loop_at_once(server):
    assert failure_code(fetch(server.on("/terms", redirect("/terms#privacy")))) == "redirect-loop"
    assert len(server.requests) == 1


def test_a_loop_over_two_addresses_is_named(server):
    server.on("/a", redirect("/b"))
    fetched = fetch(server.on("/b", redirect("/a")))
    assert failure_code(fetched) == "redirect-loop"
    assert server.url("/a") in fetched.reason.detail


def test_a_page_that_redirects_to_itself_to_set_a_cookie_is_read(server):
    url = server.on("/terms", faults.cookie_wall(TERMS))
    assert fetch(url).body == TERMS


def test_cookies_are_never_carried_to_the_next_fetch(server):
    url = server.on("/terms", answer(TERMS, ("Set-Cookie", "visitor=1; Path=/")))

    async def run():
        async with Fetcher(per_host=1, delay=timedelta(0), allow_addresses=LOOPBACK) as fetcher:
            await fetcher.fetch(document(url))
            await fetcher.fetch(document(url))

    asyncio.run(run())
    assert ["cookie" in request.headers for request in server.asked("/terms")] == [False, False]


def test_a_name_and_password_in_an_address_are_neither_sent_nor_kept(server):
    server.on("/terms", redirect(server.url("/new").replace("http://", "http://other:secret@")))
    server.on("/new", answer(TERMS))
    capture = fetch(server.url("/terms").replace("http://", "http://user:secret@"))
    assert capture.final_url == server.url("/new")
    assert not any("authorization" in request.headers for request in server.requests)


def test_two_cookies_of_one_name_do_no_harm(server):
    cookies = (("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "a=2; Path=/terms"))
    asked = server.on("/terms/old", redirect("/terms/new", *cookies))
    server.on("/terms/new", answer(TERMS))
    assert fetch(asked).body == TERMS
    assert "a=1" in server.asked("/terms/new")[0].headers["cookie"]


# --- whatever else -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lasting_server():
    with FaultServer() as running:
        yield running


@settings(max_examples=40, deadline=None)
@given(
    data=st.binary(max_size=200),
    start=st.sampled_from([b"", b"HTTP/1.1 200 OK\r\n", head(200, HTML), head(302)]),
)
def test_no_bytes_whatever_make_a_fetch_raise(lasting_server, data, start):
    url = lasting_server.on("/terms", raw(start + data))
    assert isinstance(fetch(url), Capture | FetchFailure)


@settings(max_examples=40, deadline=None)
@given(location=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=60))
@example(location="//[")
@example(location="http://127.0.0.1:99999/")
@example(location="?" * 70_000)
def test_no_redirect_whatever_makes_a_fetch_raise(lasting_server, location):
    assume("//" not in location or any(wrong in location for wrong in ("[", "99999")))  # asks no name server
    url = lasting_server.on("/terms", redirect(location))
    assert isinstance(fetch(url, allow=(ip_network("127.0.0.1/32"),)), Capture | FetchFailure)


# --- TLS ---------------------------------------------------------------------------------------


def test_a_certificate_that_nobody_signed_is_refused_before_anything_is_asked():
    with FaultServer(tls=True) as server:
        fetched = fetch(server.url("/terms", host="localhost"))
    assert failure_code(fetched) == "tls"
    assert server.requests == []


def test_a_certificate_for_another_name_is_refused(tmp_path):
    with FaultServer(tls=True) as server:
        fetched = fetch(server.url("/terms", host="127.0.0.1"), ca_file=faults.write_certificate(tmp_path))
    assert failure_code(fetched) == "tls"


def test_a_trusted_certificate_is_checked_against_the_name_although_an_address_is_connected_to(tmp_path):
    with FaultServer(tls=True) as server:
        server.on("/terms", answer(TERMS))
        capture = fetch(server.url("/terms", host="localhost"), ca_file=faults.write_certificate(tmp_path))
    assert capture.body == TERMS


def test_a_tls_handshake_that_never_ends_is_a_timeout():
    with faults.deaf_port() as port:
        fetched = fetch(f"https://127.0.0.1:{port}/", limits=Limits(connect_seconds=0.2, pauses=()))
    assert failure_code(fetched) == "timeout"
