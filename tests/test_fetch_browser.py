"""Pages in real Chromium: what they show is captured, and they reach nothing that they should not."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
import tempfile
import threading
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path

import pytest

from monitor import extract, judge
from monitor.fetch import Fetcher, Limits
from monitor.fetch.browser_proxy import PageProxy
from monitor.fetch.browser_settling import Settling
from monitor.fetch.browser_trust import can_trust
from monitor.fetch.clock import Clock
from monitor.fetch.safety import Addresses
from monitor.model import Capture, Document, Doubtful, FetchFailure, Previous, Render, Watchlist
from tests import faults
from tests.faults import FaultServer, Request, answer, redirect

LOOPBACK = (ip_network("127.0.0.0/8"),)
LIMITS = Limits(seconds=30, settle_seconds=3, pauses=())
CLAUSES = "".join(
    f"<p>Clause {n} says which records of your use the service keeps, for whom and for how many days.</p>"
    for n in range(12)
)


def page(body: str, head: str = "<title>Terms</title>") -> faults.Behaviour:
    return answer(f"<!doctype html><html lang=en><head>{head}</head><body>{body}</body></html>".encode())


def script(code: str, body: str = CLAUSES) -> faults.Behaviour:
    return page(f"<main id=m>{body}</main><script>{code}</script>")


class Browsing:
    """A fetcher with its browser, used from tests that are not coroutines."""

    def __init__(self, **more) -> None:
        options = {"per_host": 1, "delay": timedelta(0), "allow_addresses": LOOPBACK, "limits": LIMITS}
        self._fetcher = Fetcher(**(options | more))
        self._runner = asyncio.Runner()

    def __enter__(self):
        self._runner.run(self._fetcher.__aenter__())
        return self

    def __exit__(self, *_):
        self._runner.run(self._fetcher.__aexit__(None, None, None))
        self._runner.close()

    def __call__(self, url: str, **more) -> Capture | FetchFailure:
        return self.all(url, **more)[0]

    def all(self, *urls: str, **more) -> list[Capture | FetchFailure]:
        async def run():
            return await asyncio.gather(*(self._fetcher.fetch(document(url, **more)) for url in urls))

        return self._runner.run(run())


def document(url: str, **more) -> Document:
    return Document(
        **{"id": "acme/terms", "provider": "acme", "type": "Terms", "render": Render.BROWSER, "url": url}
        | more
    )


@pytest.fixture(scope="module")
def browse():
    with Browsing() as shared:
        yield shared


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


def shown(capture) -> str:
    assert isinstance(capture, Capture), capture
    return "\n".join(block.text for block in extract.read(capture).blocks)


def code(failure) -> str:
    assert isinstance(failure, FetchFailure), failure
    return failure.reason.code


def paths(server: FaultServer) -> set[str]:
    return {request.path for request in server.requests}


def processes_below(parent: int) -> dict[int, str]:
    """The running descendants of a process, with their command lines."""
    parents, lines = {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            lines[int(folder.name)] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
            parents[int(folder.name)] = int(fields[1]) if fields[0] != "Z" else 0
        except OSError:
            continue
    found = {parent}
    while more := {one for one, up in parents.items() if up in found} - found:
        found |= more
    return {one: lines[one] for one in found - {parent}}


def kill_own(pattern: str) -> int:
    """Kills this process's descendants with such a command line; gives how many."""
    chosen = [one for one, line in processes_below(os.getpid()).items() if re.search(pattern, line)]
    for one in chosen:
        os.kill(one, signal.SIGKILL)
    return len(chosen)


def browsers() -> set[int]:
    """The processes of this process's browsers, without their renderers."""
    return {one for one, line in processes_below(os.getpid()).items() if "--remote-debugging" in line}


# --- what is captured --------------------------------------------------------------------------


def test_a_page_that_scripts_write_is_captured_as_it_is_shown(browse, server):
    server.on("/text", answer(CLAUSES.encode()))
    url = server.on("/terms", script("fetch('/text').then(r => r.text()).then(t => m.innerHTML = t)", ""))

    capture = browse(url)

    assert shown(capture).count("Clause") == 12
    assert (capture.rendered, capture.status, capture.final_url, capture.url) == (True, 200, url, url)
    assert capture.header("content-type") == "text/html; charset=utf-8"
    assert capture.body.startswith(b"<!DOCTYPE html><html")
    assert capture.seconds > 0


def test_text_that_comes_long_after_the_menu_is_waited_for(browse, server):
    arrived = threading.Event()

    def late(request: Request, wire: faults.Wire):
        arrived.set()
        wire.pause(1.0)
        return answer(CLAUSES.encode())(request, wire)

    server.on("/text", late)
    menu = "<nav>" + "<a href=/>Products, prices, news and help</a> " * 40 + "</nav><main id=m></main>"
    load = "<script>fetch('/text').then(r => r.text()).then(t => m.innerHTML = t)</script>"
    capture = browse(server.on("/terms", page(menu + load)))
    assert "Clause 11" in shown(capture)
    assert arrived.is_set()


def test_text_that_is_loaded_when_it_comes_into_view_is_captured(browse, server):
    server.on("/more", answer(b"<p>The last clause: records are deleted after 30 days.</p>"))
    tall = f"{CLAUSES}<div style='height:6000px'></div><div id=end></div>"
    seen = "new IntersectionObserver((e, o) => { if (!e[0].isIntersecting) return; o.disconnect();"
    seen += "fetch('/more').then(r => r.text()).then(t => end.innerHTML = t) }).observe(end)"
    assert "deleted after 30 days" in shown(browse(server.on("/terms", script(seen, tall))))


def test_text_in_shadow_trees_is_captured(browse, server):
    attach = f"m.attachShadow({{mode: 'open'}}).innerHTML = `{CLAUSES}`"
    assert shown(browse(server.on("/terms", script(attach, "")))).count("Clause") == 12


def test_what_is_meant_for_browsers_without_scripts_is_not_captured(browse, server):
    url = server.on("/terms", page(f"<noscript><p>Switch scripts on.</p></noscript>{CLAUSES}"))
    assert b"Switch scripts on" not in browse(url).body


def test_every_character_comes_back_whatever_charset_the_page_is_in(browse, server):
    text = "<p>我们保留您的数据三十天。</p>" * 60
    markup = f"<meta charset=gb18030><title>条款</title>{text}"
    url = server.on("/terms", answer(markup.encode("gb18030"), ("Content-Type", "text/html")))
    assert "我们保留您的数据三十天。" in shown(browse(url, language="zh"))


def test_redirects_and_pages_that_go_on_by_themselves_are_recorded(browse, server):
    url = server.on("/old", redirect("/between"))
    server.on("/between", page("<script>location = '/terms'</script>"))
    final = server.on("/terms", page(CLAUSES))
    capture = browse(url)
    assert capture.final_url == final
    assert capture.redirects == (server.url("/between"), final)


def test_the_status_and_headers_are_those_of_the_page_but_not_its_validators(browse, server):
    body = f"<title>Gone</title>{CLAUSES}".encode()
    url = server.on("/terms", answer(body, ("ETag", '"x"'), ("X-Served-By", "a"), status=404))
    capture = browse(url)
    assert (capture.status, capture.header("x-served-by"), capture.header("etag")) == (404, "a", "")


def test_a_pdf_is_captured_as_the_file_that_it_is(browse, server):
    url = server.on("/terms.pdf", answer(b"%PDF-1.7 terms", ("Content-Type", "application/pdf")))
    capture = browse(url)
    assert (capture.body, capture.rendered) == (b"%PDF-1.7 terms", False)


def test_requests_say_honestly_who_asks_and_in_which_language(browse, server):
    server.on("/text", answer(b"-"))
    url = server.on("/terms", script("fetch('/text'); m.append(navigator.languages)"))
    capture = browse(url, language="pt-BR")
    for path in ("/terms", "/text"):
        sent = server.asked(path)[0].headers
        assert re.search(r"Chrom\S+ Safari/\S+ tos-monitor/[\d.]+$", sent["user-agent"])
        assert sent["accept-language"] == "pt-BR,pt;q=0.9"
    assert b"pt-BR,pt" in capture.body


def test_images_fonts_and_media_are_not_fetched(browse, server):
    style = (
        "<style>@font-face{font-family:f;src:url(/f.woff2)}p{font-family:f;background:url(/b.png)}</style>"
    )
    body = f"{CLAUSES}<img src=/i.png><video src=/v.mp4 autoplay></video><audio src=/a.mp3 autoplay></audio>"
    browse(server.on("/terms", page(body, style)))
    assert paths(server) == {"/robots.txt", "/terms"}


# --- what stays apart --------------------------------------------------------------------------


def test_cookies_and_storage_are_not_carried_to_the_next_page(browse, server):
    remember = "m.append(`has <${document.cookie}${localStorage.x || ''}>`);"
    remember += "document.cookie = 'seen=1'; localStorage.x = 'stored'"
    url = server.on("/terms", script(remember))
    browse(url)
    assert b"has &lt;&gt;" in browse(url).body
    assert not any("cookie" in request.headers for request in server.asked("/terms"))


def test_robots_txt_holds_for_the_browser_and_can_be_overridden(browse, server):
    server.on("/robots.txt", answer(b"User-agent: *\nDisallow: /terms", ("Content-Type", "text/plain")))
    url = server.on("/terms", page(CLAUSES))
    assert code(browse(url)) == "robots"
    assert server.asked("/terms") == []
    assert isinstance(browse(url, robots=False), Capture)


def test_robots_txt_holds_where_a_page_leads_by_itself(browse, server):
    server.on("/robots.txt", answer(b"User-agent: *\nDisallow: /private", ("Content-Type", "text/plain")))
    assert code(browse(server.on("/a", redirect("/private")))) == "robots"
    assert code(browse(server.on("/b", page("<script>location = '/private'</script>")))) == "robots"
    assert server.asked("/private") == []


def test_a_host_is_asked_for_one_page_at_a_time(server):
    together = threading.Semaphore(1)

    def alone(request: Request, wire: faults.Wire):
        assert together.acquire(blocking=False), "two pages at once"
        wire.pause(0.1)
        together.release()
        return page(CLAUSES)(request, wire)

    with Browsing() as browse:
        urls = [server.on(f"/{n}", alone) for n in range(3)]
        assert [capture.status for capture in browse.all(*urls)] == [200, 200, 200]


# --- addresses inside --------------------------------------------------------------------------


@pytest.fixture
def inside():
    """A server at another address of this machine than the one that may be contacted."""
    with FaultServer(host="127.0.0.2") as running:
        running.on("/terms", page(CLAUSES))
        yield running


@pytest.fixture(scope="module")
def outside():
    with Browsing(allow_addresses=(ip_network("127.0.0.1/32"),)) as careful:
        yield careful


@pytest.mark.parametrize("robots", [True, False], ids=["robots asked", "robots not asked"])
def test_an_address_inside_is_refused_however_a_page_leads_there(outside, server, inside, robots):
    target = inside.url("/terms")
    urls = [
        target,
        server.on("/redirect", redirect(target)),
        server.on("/script", page(f"<script>location = '{target}'</script>")),
        server.on("/refresh", page("", f"<meta http-equiv=refresh content='0; url={target}'>")),
        server.on("/frame", page(f"<script>top.location.replace('{target}')</script>")),
    ]
    assert [code(one) for one in outside.all(*urls, robots=robots)] == ["refused-address"] * len(urls)
    assert inside.requests == []


def test_a_name_is_resolved_once_and_by_the_same_rule_as_over_http(outside, inside):
    failure = outside(inside.url("/terms", host="127.0.0.2.nip.invalid"), robots=False)
    assert code(failure) == "dns"
    assert code(outside(f"http://[::1]:{inside.port}/terms", robots=False)) == "refused-address"
    assert code(outside(f"http://0x7f000002:{inside.port}/terms", robots=False)) == "refused-address"


def test_nothing_on_a_page_reaches_an_address_inside(outside, server, inside):
    attempts = f"""
      const at = '{inside.url("")}';
      fetch(at + '/fetch', {{mode: 'no-cors'}}).catch(() => 0);
      fetch(at.replace('http', 'https') + '/tls').catch(() => 0);
      new WebSocket(at.replace('http', 'ws') + '/socket');
      new EventSource(at + '/events');
      new Worker(URL.createObjectURL(new Blob([`fetch('${{at}}/worker', {{mode: 'no-cors'}})`])));
      navigator.sendBeacon(at + '/beacon', 'x');
      for (const tag of ['iframe', 'script', 'embed', 'object']) {{
        const one = document.createElement(tag); document.body.append(one);
        one[tag == 'object' ? 'data' : 'src'] = at + '/' + tag;
      }}
      for (const rel of ['prefetch', 'preconnect', 'dns-prefetch', 'stylesheet', 'prerender']) {{
        const one = document.createElement('link'); one.rel = rel; one.href = at + '/' + rel;
        document.head.append(one);
      }}"""
    assert "Clause 11" in shown(outside(server.on("/terms", script(attempts))))
    assert inside.requests == []


def test_a_page_sends_no_packets_past_the_proxy(browse, server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as packets:
        packets.bind(("127.0.0.1", 0))
        packets.setblocking(False)
        stun = f"stun:127.0.0.1:{packets.getsockname()[1]}"
        call = f"""
          const c = new RTCPeerConnection({{iceServers: [{{urls: '{stun}'}}]}});
          c.onicegatheringstatechange = () => {{ if (c.iceGatheringState == 'complete') fetch('/gathered') }};
          c.createDataChannel('x'); c.createOffer().then(o => c.setLocalDescription(o))"""
        server.on("/gathered", answer(b"-"))
        browse(server.on("/terms", script(call)))
        assert server.asked("/gathered")
        with pytest.raises(BlockingIOError):
            packets.recv(1)


@pytest.mark.parametrize(
    "target", ["file:///etc/hostname", "chrome://version", "data:text/html,x", "javascript:1"]
)
def test_a_redirect_to_something_else_than_the_web_is_refused(browse, server, target):
    assert code(browse(server.on("/terms", redirect(target)))) == "refused-scheme"


def test_a_page_cannot_show_or_open_files_of_this_machine(browse, server, tmp_path):
    (tmp_path / "secret.html").write_text("<p>the secret</p>")
    uri = (tmp_path / "secret.html").as_uri()
    grab = (
        f"location = '{uri}'; window.open('{uri}'); fetch('{uri}').then(r => r.text()).then(t => m.append(t))"
    )
    capture = browse(server.on("/terms", script(grab, f"{CLAUSES}<iframe src='{uri}'></iframe>")))
    assert capture.final_url == server.url("/terms")
    assert b"the secret" not in capture.body


def test_a_tunnel_through_the_proxy_reaches_the_checked_address(tmp_path):
    trusted = faults.write_certificate(tmp_path)

    async def run(port):
        async with PageProxy(Addresses(LOOPBACK), LIMITS) as proxy:
            reader, writer = await asyncio.open_connection("127.0.0.1", int(proxy.url.rpartition(":")[2]))
            writer.write(f"CONNECT localhost:{port} HTTP/1.1\r\n\r\n".encode())
            assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
            context = faults.ssl.create_default_context(cafile=trusted)
            await writer.start_tls(context, server_hostname="localhost")
            writer.write(b"GET /terms HTTP/1.1\r\n\r\n")
            return await reader.readuntil(b"the terms")

    with FaultServer(tls=True) as server:
        server.on("/terms", answer(b"the terms"))
        assert b"HTTP/1.1 200" in asyncio.run(run(server.port))


def test_a_certificate_that_nobody_vouches_for_is_a_failure(browse):
    with FaultServer(tls=True) as server:
        url = server.on("/terms", page(CLAUSES)).replace("127.0.0.1", "localhost")
        assert code(browse(url, robots=False)) == "tls"


def test_without_certutil_the_failure_says_how_the_browser_learns_to_trust_certificates(
    server, tmp_path, monkeypatch
):
    trusted = faults.write_certificate(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with Browsing(ca_file=trusted, browser=Path("/bin/sh")) as browse:
        failure = browse(server.on("/terms", page(CLAUSES)))
    assert code(failure) == "needs-browser"
    assert "libnss3-tools" in failure.reason.detail


@pytest.mark.skipif(not can_trust(), reason="certutil is not installed (libnss3-tools)")
def test_configured_certificates_are_trusted_by_the_browser_and_no_others(tmp_path, monkeypatch):
    folders = tmp_path / "temporary"
    folders.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folders))
    with FaultServer(tls=True) as server:
        url = server.on("/terms", page(CLAUSES)).replace("127.0.0.1", "localhost")
        with Browsing(ca_file=faults.write_certificate(tmp_path, "other-name", "expired")) as browse:
            assert "Clause 11" in shown(browse(url, robots=False))
            for certificate in ("stranger", "other-name", "expired"):
                server.present(certificate)
                assert code(browse(url, robots=False)) == "tls"
    assert not list(folders.glob("tos-monitor-*"))


def test_the_configured_proxy_is_used_by_the_browser_too(server):
    seen = []

    def relay(request: Request, wire: faults.Wire):
        seen.append((request.path, request.headers.get("proxy-authorization")))
        return page(CLAUSES)(request, wire)

    url = "http://terms.example/terms"
    server.on(url, relay)
    with Browsing(proxy=f"http://me:secret@127.0.0.1:{server.port}") as browse:
        capture = browse(url, robots=False)
    assert "Clause 11" in shown(capture)
    assert (url, "Basic bWU6c2VjcmV0") in seen


# --- pages that misbehave ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "code_",
    [
        "for (;;);",
        "setTimeout(() => { for (;;); }, 50)",
        "onbeforeunload = onunload = () => { for (;;); }; for (;;);",
    ],
    ids=["at once", "later", "also when it is left"],
)
def test_a_page_that_hangs_is_given_up_and_the_browser_goes_on(server, code_):
    hanging, sound = server.on("/hangs", script(code_)), server.on("/sound", page(CLAUSES))
    with Browsing(limits=Limits(seconds=2.5, settle_seconds=9)) as browse:
        assert code(browse(hanging)) == "timeout"
        assert "Clause 11" in shown(browse(sound))


@pytest.mark.parametrize("behaviour", [faults.stall, faults.drip], ids=["silent", "dripping"])
def test_a_server_that_never_ends_cannot_outlast_the_time_limit(server, behaviour):
    with Browsing(limits=Limits(seconds=1.5, settle_seconds=0.2)) as browse:
        assert code(browse(server.on("/terms", behaviour), robots=False)) == "timeout"


def test_dialogs_and_popups_are_closed(browse, server):
    bother = "alert(1); confirm(2); prompt(3); window.open('/popup'); print()"
    assert "Clause 11" in shown(browse(server.on("/terms", script(bother))))
    assert server.asked("/popup") == []


def test_a_download_that_a_page_starts_does_not_replace_it(browse, server):
    server.on(
        "/file", answer(b"x", ("Content-Disposition", "attachment"), ("Content-Type", "application/zip"))
    )
    start = "const a = document.createElement('a'); a.href = '/file'; a.download = 'x'; a.click()"
    assert "Clause 11" in shown(browse(server.on("/terms", script(start))))


def test_a_page_cut_off_in_the_middle_is_a_failure(browse, server):
    assert code(browse(server.on("/terms", faults.reset_in_body))) == "incomplete"


@pytest.mark.parametrize("behaviour", [faults.endless, faults.gzip_bomb(200)], ids=["endless", "gzip bomb"])
def test_a_body_larger_than_a_page_may_be_is_a_failure(server, behaviour):
    with Browsing(limits=Limits(seconds=30, rendered_bytes=4_000_000)) as browse:
        assert code(browse(server.on("/terms", behaviour))) == "too-large"


def test_a_page_that_grows_without_end_by_script_is_a_failure(server):
    grow = "m.innerHTML = '<p>and so on</p>'.repeat(20000)"
    with Browsing(limits=Limits(seconds=30, page_bytes=200_000)) as browse:
        assert code(browse(server.on("/terms", script(grow)))) == "too-large"


def test_redirects_without_end_are_a_failure(browse, server):
    assert code(browse(server.on("/terms", redirect("/terms")))) == "too-many-redirects"


def test_a_page_that_reloads_itself_for_ever_is_captured_at_last(browse, server):
    url = server.on("/terms", script("location.reload()"))
    assert isinstance(browse(url), Capture)
    assert len(server.asked("/terms")) < 10


def test_a_challenge_that_never_clears_is_doubtful_and_not_a_version(browse, server, rules):
    wait = (
        "<title>Just a moment...</title><h1>Checking your browser</h1><script>setInterval(() => 0)</script>"
    )
    capture = browse(server.on("/terms", answer(wait.encode(), status=403)))
    watched = document(capture.url)
    knowledge = judge.Knowledge(
        rules=rules, watchlist=Watchlist(providers={}, documents={}, products={}), verified={}
    )
    assert isinstance(judge.judge(watched, capture, Previous(), knowledge), Doubtful)


# --- the browser itself ------------------------------------------------------------------------


def test_the_browser_is_started_again_when_it_was_killed(server):
    killed = []

    def kill_once(request: Request, wire: faults.Wire):
        if not killed:
            killed.append(kill_own(r"chrom\S* .*--remote-debugging"))
        return page(CLAUSES)(request, wire)

    with Browsing() as browse:
        assert "Clause 11" in shown(browse(server.on("/terms", kill_once)))
    assert killed[0]


def test_a_page_that_crashes_is_a_failure_and_the_next_one_is_shown(server):
    def kill(request: Request, wire: faults.Wire):
        kill_own("--type=renderer")
        return page(CLAUSES)(request, wire)

    server.on("/kill", kill)
    crashing, sound = server.on("/terms", script("fetch('/kill')")), server.on("/sound", page(CLAUSES))
    with Browsing() as browse:
        assert code(browse(crashing)) == "browser-crash"
        assert "Clause 11" in shown(browse(sound))


def test_a_new_browser_takes_over_after_its_share_of_pages(server):
    url = server.on("/terms", page(CLAUSES))
    others = browsers()
    with Browsing(limits=Limits(seconds=30, settle_seconds=3, pages_a_browser=2)) as browse:
        browse(url)
        first = browsers() - others
        assert [capture.status for capture in browse.all(*[url] * 5)] == [200] * 5
        last = browsers() - others
    assert len(last) == len(first) > 0
    assert not last & first


def test_nothing_runs_before_the_first_page_and_nothing_after_the_last(server):
    before = set(processes_below(os.getpid()))
    with Browsing() as browse:
        assert set(processes_below(os.getpid())) == before
        browse(server.on("/terms", page(CLAUSES)))
        assert set(processes_below(os.getpid())) > before
    assert set(processes_below(os.getpid())) == before


def test_without_playwright_the_failure_says_what_to_install(server, monkeypatch):
    monkeypatch.setitem(sys.modules, "playwright.async_api", None)
    with Browsing() as browse:
        failure = browse(server.on("/terms", page(CLAUSES)))
    assert code(failure) == "needs-browser"
    assert "pip install 'tos-monitor[browser]'" in failure.reason.detail
    assert (
        "apt-get install -y --no-install-recommends chromium-headless-shell libatomic1"
        in failure.reason.detail
    )
    assert server.requests == []


@pytest.mark.parametrize("path", ["/nowhere/chromium", "/bin/false"])
def test_without_a_browser_that_works_the_failure_says_what_to_install(server, path):
    with Browsing(browser=Path(path)) as browse:
        failure = browse(server.on("/terms", page(CLAUSES)))
    assert code(failure) == "needs-browser"
    assert "chromium-headless-shell libatomic1" in failure.reason.detail


def test_where_the_system_allows_no_sandbox_the_failure_says_so(server, tmp_path):
    confined = tmp_path / "chromium"
    confined.write_text("#!/bin/sh\necho 'FATAL:zygote_host_impl_linux.cc No usable sandbox!' >&2\nexit 1\n")
    confined.chmod(0o755)
    with Browsing(browser=confined) as browse:
        failure = browse(server.on("/terms", page(CLAUSES)))
    assert code(failure) == "needs-browser"
    assert "let this user make user namespaces" in failure.reason.detail
    assert "apt-get" not in failure.reason.detail


# --- when a page has settled -------------------------------------------------------------------


class Moving:
    """A clock that stands where it is put."""

    def __init__(self):
        self.at = 0.0
        self.settling = Settling(Clock(monotonic=lambda: self.at), patience=20.0)

    def settled(self, at, length):
        self.at = at
        return self.settling.settled(length)


def test_text_has_settled_when_it_and_the_network_rest():
    clock = Moving()
    clock.settling.loaded = True
    assert not clock.settled(1.0, 900)
    clock.settling.begin("late")
    assert not clock.settled(2.0, 900)
    clock.settling.end("late")
    assert not clock.settled(2.2, 900)
    assert clock.settled(2.4, 900)


def test_a_page_that_never_stops_asking_settles_all_the_same():
    clock = Moving()
    clock.settling.loaded = True
    clock.settling.begin("poll")
    assert not clock.settled(1.0, 900)
    assert not clock.settled(3.9, 900)
    assert clock.settled(4.0, 900)


def test_a_page_of_few_words_is_given_more_time_and_all_of_it_while_it_loads():
    clock = Moving()
    clock.settling.loaded = True
    assert not clock.settled(1.0, 100)
    assert not clock.settled(5.9, 100)
    assert clock.settled(6.1, 100)
    clock.settling.begin("app.js")
    assert not clock.settled(19.9, 100)
    assert clock.settled(20.0, 100)


def test_a_page_that_has_not_come_to_its_end_has_not_settled():
    assert not Moving().settled(25.0, 9000)
