"""The whole program against every fault: a page, the fault twice, the page again, and then a real change.

Nothing of a fault may become a version or a change, and nothing real may be lost to it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from backports import zstd

from tests import faults
from tests.faults import HTML, Behaviour, FaultServer, Request, answer, head, in_turn, numbered, raw, redirect
from tests.program import CHANGED, CLAUSES, COMMAND, GOOD, Program, in_little_time, page, program_in


def stub(title: str, text: str, head: str = "") -> bytes:
    """A short page in place of the document."""
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>{head}</head>"
        f"<body><h1>{title}</h1><p>{text}</p></body></html>"
    ).encode()


def without(section: str, instead: str) -> bytes:
    """The page with one section replaced by what stands there when it could not be loaded."""
    return page(CLAUSES | {section: instead})


def challenge(visit: int) -> bytes:
    text = f"Verify you are human by completing the action below. Ray ID: 8f{visit:06x}"
    return stub("Just a moment...", text, "<script src=/cdn-cgi/challenge-platform/x.js></script>")


# --- the faults --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Fault:
    """How a server fails, and what the program is to say of it."""

    name: str
    play: Behaviour
    outcome: str  # failed | doubtful
    code: str  # of a reason
    says: str  # words that a person finds in that reason or another
    elsewhere: dict[str, Behaviour] = field(default_factory=dict)  # other paths that it needs


def failed(name: str, play: Behaviour, code: str, says: str, **elsewhere: Behaviour) -> Fault:
    return Fault(name, play, "failed", code, says, {f"/{path}": one for path, one in elsewhere.items()})


def doubtful(name: str, play: Behaviour, code: str, says: str, **elsewhere: Behaviour) -> Fault:
    return Fault(name, play, "doubtful", code, says, {f"/{path}": one for path, one in elsewhere.items()})


def status(code: int, *headers: tuple[str, str]) -> Fault:
    body = stub(f"Error {code}", "Sorry about that.")
    return doubtful(f"status {code}", answer(body, *headers, status=code), "http-error", f"status {code}")


PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40
OTHER_DOCUMENT = page(
    {
        "What cookies are": "Cookies are small files that a site leaves in the browser to know it again.",
        "Which we set": "One remembers the language, one the basket, and one counts visits per page.",
        "How long": "The first two stay for a year and the third for as long as the browser window is open.",
        "Your choice": "Every browser can refuse them, and the banner at the bottom lets you choose.",
    },
    title="Cookie Policy",
)
HOME = stub("Acme", "Build with the models that teams like yours rely on. Talk to sales. See the prices.")
GERMAN = page(
    {
        "Ihre Inhalte": "Sie behalten alle Rechte an den Eingaben, die Sie uns senden, und an den Antworten.",
        "Training": "Wir verwenden Ihre Eingaben und die Antworten nicht, um unsere Modelle zu trainieren.",
        "Speicherung": "Wir löschen Eingaben und Antworten innerhalb von dreißig Tagen, sofern nicht das"
        " Gesetz eine längere Aufbewahrung verlangt oder Sie uns schriftlich darum gebeten haben.",
        "Entgelte": "Die Entgelte stehen im Bestellformular. Rechnungen sind nach einem Monat fällig.",
        "Haftung": "Keine Seite haftet für entgangenen Gewinn, es sei denn, der Schaden wurde mit Absicht"
        " verursacht oder das Gesetz verbietet eine solche Beschränkung.",
    },
    title="Nutzungsbedingungen",
    language="de",
)
DEEP = b"<html><body>" + b"<div>" * 20_000 + b"x" + b"</div>" * 20_000

FAULTS = (
    *(status(code) for code in (403, 404, 410, 451, 500, 502, 503, 504)),
    status(429, ("Retry-After", "7200")),
    status(206),
    doubtful("challenge with 403", numbered(challenge, status=403), "http-error", "status 403"),
    doubtful("challenge with 200", numbered(challenge), "challenge", "Just a moment"),
    doubtful("challenge by header", answer(HOME, ("cf-mitigated", "challenge")), "challenge", "challenge"),
    doubtful("captcha", answer(stub("Acme", "Please solve this captcha to go on.")), "challenge", "captcha"),
    doubtful("empty body", answer(b""), "empty", "no text"),
    doubtful("blank page", answer(b"<html><head></head><body></body></html>"), "empty", "no text"),
    doubtful(
        "script shell",
        answer(b"<html><body><div id=root>Loading</div><script src=a.js></script><script src=b.js></script>"),
        "script-shell", "script",
    ),
    doubtful("soft 404", answer(stub("Page not found", "We looked everywhere.")), "not-found", "not found"),
    doubtful("gone page", answer(stub("Acme", "This page isn't available.")), "not-found", "isn't available"),
    doubtful("access denied", answer(stub("Access Denied", "Reference 18.2f.")), "access-denied", "Denied"),
    doubtful(
        "log-in wall",
        answer(stub("Acme", "<form><input name=mail><input type=password name=key>Welcome back</form>")),
        "login", "password",
    ),
    doubtful("log-in elsewhere", redirect("/login?next=terms"), "login", "log-in",
        **{"login?next=terms": answer(stub("Acme", "Welcome back. Mail."))}),
    doubtful(
        "consent wall",
        answer(stub("Before you continue", "We use cookies. Accept all or choose.")), "consent", "Before you",
    ),
    doubtful(
        "application error",
        answer(stub("Acme", "Application error: a client-side exception has occurred.")),
        "application-error", "pplication error",
    ),
    doubtful(
        "maintenance", answer(stub("Maintenance", "We'll be back soon.")), "maintenance", "aintenance"
    ),
    doubtful(
        "meta refresh",
        answer(stub("Acme", "One moment.", "<meta http-equiv=refresh content='0; url=/legal/new'>")),
        "redirect-stub", "/legal/new",
    ),
    doubtful(
        "redirect by script",
        answer(stub("Acme", "Redirecting", "<script>location.replace('/legal/new')</script>")),
        "too-short", "words",
    ),
    doubtful("redirect to home", redirect("/"), "redirect-home", "home page", **{"": answer(HOME)}),
    doubtful("other language", answer(GERMAN), "other-language", "'de'"),
    doubtful("other document", answer(OTHER_DOCUMENT), "other-document", "another"),
    doubtful("page cut off", answer(GOOD[: len(GOOD) * 2 // 3]), "truncated", "breaks off"),
    doubtful("length too small",
        raw(head(200, HTML, ("Content-Length", str(len(GOOD) // 2))) + GOOD), "truncated", "breaks off"),
    doubtful("picture as page", answer(PNG, ("Content-Type", "image/png")), "wrong-type", "image/png"),
    doubtful("binary as page", answer(PNG), "unreadable", "text"),
    doubtful("data as page", answer(b'{"error": "none"}', ("Content-Type", "application/json")),
        "wrong-type", "application/json"),
    doubtful("section loading", answer(without("Retention", "Loading…")), "part-failed", "Loading"),
    doubtful("section failed", answer(without("Fees", "Something went wrong.")), "part-failed", "went wrong"),
    doubtful("nested without end", answer(DEEP), "too-short", "word"),
    failed("silence", faults.stall, "timeout", "sent nothing"),
    failed("dripping", faults.drip, "timeout", "not complete within"),
    failed("interim answers without end", faults.interim_flood, "timeout", "not complete within"),
    failed("no answer", faults.hang_up, "protocol", "did not answer"),
    failed("reset", lambda request, wire: wire.reset(), "protocol", "broken off"),
    failed("reset in the middle", faults.reset_in_body, "incomplete", "broken off"),
    failed("length too great",
        raw(head(200, HTML, ("Content-Length", "90000")) + GOOD), "incomplete", "ended in the middle"),
    failed("gzip cut off", faults.cut_gzip(GOOD), "incomplete", "stopped in the middle"),
    failed("false gzip", faults.encoded(GOOD, "gzip"), "bad-encoding", "cannot be decoded"),
    failed("body without end", faults.endless, "too-large", "larger than"),
    failed("great length", raw(head(200, HTML, ("Content-Length", "9" * 10))), "too-large", "larger than"),
    failed("gzip bomb", faults.gzip_bomb(512), "too-large", "larger than"),
    failed("brotli bomb", faults.encoded(bytes.fromhex("5bffffffff01"), "br"), "bad-encoding", "'br'"),
    failed("zstd bomb", faults.encoded(zstd.compress(bytes(64 << 20)), "zstd"), "bad-encoding", "'zstd'"),
    failed("great headers", faults.header_bomb, "protocol", "did not answer"),
    failed("redirect loop", redirect("/terms"), "redirect-loop", "back to itself"),
    failed("too many redirects", redirect("/1"), "too-many-redirects", "redirects",
        **{str(n): redirect(f"/{n + 1}") for n in range(1, 9)}),
    failed("redirect inside", redirect("http://10.0.0.1/"), "refused-address", "10.0.0.1"),
    failed("redirect to a file", redirect("file:///etc/passwd"), "refused-scheme", "only http and https"),
    failed("name without address", redirect("http://nobody..example/"), "dns", "resolved"),
    failed("304 unasked", raw(head(304)), "unasked-304", "not asked"),
)  # fmt: skip

TEXT = ("Content-Type", "text/plain")
OF_ROBOTS = (
    failed("robots with 503", answer(GOOD), "robots-unreachable", "nothing may be fetched",
        **{"robots.txt": answer(b"down", TEXT, status=503)}),
    failed("robots forbids", answer(GOOD), "robots", "does not allow",
        **{"robots.txt": answer(b"User-agent: *\nDisallow: /", TEXT)}),
    failed("robots silent", answer(GOOD), "timeout", "robots.txt is read before the page",
        **{"robots.txt": faults.stall}),
    failed("robots breaks off", answer(GOOD), "incomplete", "robots.txt is read before the page",
        **{"robots.txt": faults.reset_in_body}),
    failed("robots leads inside", answer(GOOD), "refused-address", "10.0.0.1",
        **{"robots.txt": redirect("http://10.0.0.1/robots.txt")}),
)  # fmt: skip
ALL = (*FAULTS, *OF_ROBOTS)


# --- side by side ------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path):
    with program_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def server():
    with FaultServer() as running:
        yield running


def at_home(fault: Fault) -> FaultServer:
    """A server at a loopback address of the fault's own."""
    return FaultServer(host=f"127.0.1.{ALL.index(fault) + 1}")


@dataclass
class Story:
    """What the program said of all documents, round by round."""

    first: dict[str, dict]
    bad: tuple[dict[str, dict], dict[str, dict]]
    health: dict[str, dict]
    kept: Counter[str]  # doubtful captures
    back: dict[str, dict]
    changes_before: list[dict]
    changed: dict[str, dict]
    changes: dict[str, list[dict]]


def slug(fault: Fault) -> str:
    return fault.name.replace(" ", "-")


def id_of(fault: Fault) -> str:
    return f"acme/{slug(fault)}"


def play(program: Program, servers: dict[str, FaultServer]) -> Story:
    """Good page, fault, fault again, the good page, a changed one: for all faults side by side.

    Each fault has an address of its own, so that the paths it needs and the pauses it asks for are its own.
    """

    def serve(choose: Callable[[Fault], Behaviour]) -> None:
        for fault in ALL:
            servers[fault.name].forget()
            servers[fault.name].on("/terms", choose(fault))

    program.watch({slug(fault): servers[fault.name].url("/terms") for fault in ALL})
    serve(lambda fault: answer(GOOD))
    first = program.check(code=0)
    serve(lambda fault: fault.play)
    for fault in ALL:
        for path, behaviour in fault.elsewhere.items():
            servers[fault.name].on(path, behaviour)
    with program.in_a_hurry():
        bad = program.check(code=2), program.check(code=2)
    health = program.health()
    kept = Counter(document for (document,) in program.select("SELECT document FROM captures WHERE doubtful"))
    serve(lambda fault: answer(GOOD))
    back = program.check(code=0)
    before = program.json("changes")
    serve(lambda fault: answer(CHANGED))
    changed = program.check(code=1)
    changes: dict[str, list[dict]] = {}
    for change in program.json("changes"):
        changes.setdefault(change["document"], []).append(change)
    return Story(first, bad, health, kept, back, before, changed, changes)


@pytest.fixture(scope="module")
def story(tmp_path_factory) -> Iterator[Story]:
    with ExitStack() as open_, program_in(tmp_path_factory.mktemp("faults")) as program:
        yield play(program, {fault.name: open_.enter_context(at_home(fault)) for fault in ALL})


every_fault = pytest.mark.parametrize("fault", ALL, ids=lambda fault: fault.name)


@every_fault
def test_a_fault_is_held_apart_or_failed_with_a_reason_that_names_it(story, fault):
    assert story.first[id_of(fault)]["outcome"] == "first"
    for round_ in story.bad:
        result = round_[id_of(fault)]
        assert result["outcome"] == fault.outcome
        assert fault.code in {reason.partition(":")[0] for reason in result["reasons"]}, result["reasons"]
        assert fault.says in "; ".join(result["reasons"])
    assert bool(story.kept[id_of(fault)]) == (fault.outcome == "doubtful")


@every_fault
def test_health_tells_of_a_fault_since_when_and_once(story, fault):
    health = story.health[id_of(fault)]
    assert (health["failures"], health["versions"], health["ok"]) == (2, 1, False)
    assert health["last_good"] == story.first[id_of(fault)]["at"]
    assert health["since"] == story.bad[0][id_of(fault)]["at"]
    assert [round_[id_of(fault)]["unseen"] for round_ in story.bad] == ["started", "still"]


@every_fault
def test_a_page_that_is_back_is_no_change_and_told_as_recovered(story, fault):
    back = story.back[id_of(fault)]
    assert back["outcome"] == "unchanged"
    assert back["recovered"]["checks"] == 2
    assert [one for one in story.changes_before if one["document"] == id_of(fault)] == []


@every_fault
def test_a_real_change_after_a_fault_is_reported(story, fault):
    assert story.changed[id_of(fault)]["outcome"] == "changed"
    (change,) = story.changes[id_of(fault)]
    assert change["confirmed"]
    assert change["topics"]["training"] == {"flag": "substantive", "direction": "more_permissive"}


# --- one page among many -----------------------------------------------------------------------


def test_pages_of_a_host_that_hangs_hold_up_no_page_of_another(program, server):
    other_was_asked = threading.Event()

    def wait_for_the_other(request: Request, wire: faults.Wire) -> bool | None:
        other_was_asked.wait(timeout=10)
        return answer(GOOD)(request, wire)

    def let_them_go(request: Request, wire: faults.Wire) -> bool | None:
        other_was_asked.set()
        return answer(GOOD)(request, wire)

    with FaultServer(host="127.0.0.2") as other:
        slow = {f"slow-{n}": server.on(f"/{n}", wait_for_the_other) for n in range(20)}
        program.watch(slow | {"sound": other.on("/terms", let_them_go)})
        with program.in_a_hurry():
            results = program.check(code=0)
    assert {one["outcome"] for one in results.values()} == {"first"}


def test_a_configured_proxy_and_a_contact_are_used_for_every_request(program, server):
    server.on("http://terms.example/terms", answer(GOOD))
    program.set("MONITOR_PROXY", server.url(""))
    program.set("MONITOR_CONTACT", "ops@watch.example")
    program.watch({"terms": "http://terms.example/terms"})
    assert program.check(code=0)["acme/terms"]["outcome"] == "first"
    asked = {request.path: request.headers["user-agent"] for request in server.requests}
    assert set(asked) == {"http://terms.example/robots.txt", "http://terms.example/terms"}
    assert all(agent.endswith(" (+ops@watch.example)") for agent in asked.values())


def test_a_304_never_hides_what_edited_selectors_would_read(program, server):
    url = server.on("/terms", faults.validated(GOOD, '"1"'))
    program.watch({"terms": url})
    program.check(code=0)
    program.check(code=0)
    path = program.folder / "watchlist.toml"
    path.write_text(path.read_text() + 'select = ["main"]\n')
    program.check(code=0)
    program.check(code=0)
    conditional = ["if-none-match" in request.headers for request in server.asked("/terms")]
    assert conditional == [False, True, False, True]
    assert program.json("changes") == []


# --- as a process --------------------------------------------------------------------------------


def test_a_daemon_amid_all_faults_at_once_sees_the_sound_pages_and_records_no_change(program):
    with ExitStack() as open_:
        servers = {fault: open_.enter_context(at_home(fault)) for fault in FAULTS}
        sound = open_.enter_context(FaultServer(host="127.0.0.2"))
        for fault, server in servers.items():
            for path, behaviour in fault.elsewhere.items():
                server.on(path, behaviour)
            server.on("/terms", in_turn(answer(GOOD), fault.play))
        urls = {slug(fault): server.url("/terms") for fault, server in servers.items()}
        # A robots.txt that a busy machine brings too late would keep its page away for ten minutes.
        program.watch(urls | {"sound": sound.on("/terms", answer(GOOD))}, every="2s", robots="false")
        daemon = subprocess.Popen(
            [COMMAND, "daemon", "--grace", "20"], env=in_little_time(), stderr=subprocess.PIPE, text=True
        )
        try:
            for server in servers.values():
                server.wait_for("/terms", times=2)
            met = len(sound.asked("/terms"))
            sound.wait_for("/terms", times=met + 2)
        finally:
            daemon.send_signal(signal.SIGTERM)
            _, log = daemon.communicate(timeout=60)

    assert daemon.returncode == 0, log
    assert "Traceback" not in log
    health = program.health()
    assert {name: one["versions"] for name, one in health.items()} == dict.fromkeys(health, 1)
    assert {name for name, one in health.items() if one["ok"]} == {"acme/sound"}
    for fault in FAULTS:
        assert health[id_of(fault)]["outcome"] == fault.outcome
    assert program.json("changes") == []
    assert program.select("SELECT id FROM documents WHERE claimed_by IS NOT NULL") == []


# --- faults that need more than a page ---------------------------------------------------------


@pytest.mark.parametrize("certificate", ["stranger", "other-name", "expired"])
def test_a_bad_certificate_is_a_failure_and_nothing_is_asked(program, tmp_path, certificate):
    # The other name and the expired one are trusted as such, so that nothing but that is wrong with them.
    trusted = {"stranger": ()}.get(certificate, (certificate,))
    program.set("MONITOR_CA_FILE", faults.write_certificate(tmp_path, *trusted))
    with FaultServer(tls=True) as server:
        server.on("/terms", answer(GOOD))
        program.watch({"terms": server.url("/terms", host="localhost")})
        assert program.check(code=0)["acme/terms"]["outcome"] == "first"
        server.present(certificate)
        server.requests.clear()
        for _ in range(2):
            (reason,) = program.check(code=2)["acme/terms"]["reasons"]
            assert reason.startswith("tls: the TLS certificate or handshake of localhost is not right")
        assert server.requests == []
        server.present()
        assert program.check(code=0)["acme/terms"]["recovered"]["checks"] == 2
        server.on("/terms", answer(CHANGED))
        assert program.check(code=1)["acme/terms"]["outcome"] == "changed"


def test_robots_txt_that_forbids_is_heeded_until_the_watchlist_overrules_it(program, server):
    program.watch({"terms": server.on("/terms", answer(GOOD))})
    program.check(code=0)
    server.on("/robots.txt", answer(b"User-agent: *\nDisallow: /terms", ("Content-Type", "text/plain")))
    server.on("/terms", answer(CHANGED))
    (reason,) = program.check(code=2)["acme/terms"]["reasons"]
    assert "robots = false" in reason
    assert len(server.asked("/terms")) == 1
    path = program.folder / "watchlist.toml"
    path.write_text(path.read_text().replace("robots = true", "robots = false"))
    program.set("MONITOR_LOG", "info")
    assert program.check(code=1)["acme/terms"]["outcome"] == "changed"
    assert "robots.txt is not asked, the watchlist says so document=acme/terms" in program.said


def test_a_server_is_left_alone_for_as_long_as_it_asks(program, server):
    program.watch({"terms": server.on("/terms", answer(GOOD))})
    program.check(code=0)
    server.on("/terms", answer(b"later", ("Retry-After", str(11 * 3600)), status=429))
    program.check(code=2)
    health = program.health()["acme/terms"]
    pause = datetime.fromisoformat(health["next_check"]) - datetime.fromisoformat(health["last_check"])
    assert pause >= timedelta(hours=11)


def test_a_cookie_that_one_document_sets_is_not_sent_for_another_nor_at_the_next_check(program, server):
    cookie = ("Set-Cookie", "visitor=1; Path=/; Max-Age=9999")
    names = ("terms", "privacy")
    program.watch({name: server.on(f"/{name}", answer(GOOD, cookie)) for name in names})
    program.check(code=0)
    program.check(code=0)
    assert len(server.requests) > 4
    assert not any("cookie" in request.headers for request in server.requests)


def test_another_host_is_suspect_unless_the_document_is_what_came(program, server):
    program.watch({"terms": server.on("/terms", answer(GOOD))})
    program.check(code=0)
    with FaultServer(host="127.0.0.2") as other:
        server.on("/terms", redirect(other.on("/sale", answer(HOME))))
        program.check(code=2)
        server.on("/terms", redirect(other.on("/legal", answer(GOOD + b" "))))
        assert program.check(code=0)["acme/terms"]["outcome"] == "unchanged"
        server.on("/terms", redirect(other.on("/legal", answer(CHANGED))))
        program.check(code=1)
        ((addresses,),) = program.select("SELECT redirects FROM captures ORDER BY id DESC LIMIT 1")
        assert json.loads(addresses) == [other.url("/legal")]
    assert program.json("changes")[0]["topics"]["training"]["direction"] == "more_permissive"


@pytest.mark.parametrize(
    "headers",
    [
        (("Content-Type", "text/html; charset=utf-16"),),
        (("Content-Type", "text/html; charset=klingon"),),
        (("Content-Type", "text/html; charset=utf-8"), ("Content-Type", "image/png")),
        (("Content-Type", ""),),
        (("X-Padding", "x" * 60_000),),
        (("Last-Modified", "yesterday"), ("Date", "never"), ("Retry-After", "soon")),
        (("Set-Cookie", "a=" + "b" * 9000), ("Set-Cookie", "=; ;;"), ("ETag", "naked")),
    ],
    ids=["false charset", "unknown charset", "two types", "no type", "great header", "bad dates", "cookies"],
)
def test_headers_that_lie_change_nothing_and_hide_nothing(program, server, headers):
    program.watch({"terms": server.on("/terms", answer(GOOD))})
    program.check(code=0)
    server.on("/terms", answer(GOOD + b"<!-- -->", *headers))
    assert program.check(code=0)["acme/terms"]["outcome"] == "unchanged"
    server.on("/terms", answer(CHANGED, *headers))
    program.check(code=1)


def test_a_document_that_always_failed_is_never_seen_and_then_a_baseline(program, server):
    program.watch({"terms": server.on("/terms", numbered(challenge))})
    program.check(code=2)
    assert program.health()["acme/terms"]["last_good"] is None
    server.on("/terms", answer(GOOD))
    assert program.check(code=0)["acme/terms"]["outcome"] == "first"


def test_a_round_with_a_hang_a_reset_and_a_bomb_records_all_others_in_bounded_memory(program):
    bad = {"hangs": faults.stall, "resets": faults.reset_in_body, "bomb": faults.gzip_bomb(4096)}
    behaviours = bad | {f"sound-{n}": answer(GOOD) for n in range(27)}
    with ExitStack() as open_:
        servers = {
            name: open_.enter_context(FaultServer(host=f"127.0.2.{number}"))
            for number, name in enumerate(behaviours, 1)
        }
        program.watch({name: servers[name].on("/terms", play) for name, play in behaviours.items()})
        # Thirty hosts at once: on a busy machine a sound one must have more time to accept than one alone.
        time = {"MONITOR_TIMEOUT": "12"}
        process = subprocess.Popen(
            [COMMAND, "check", "--format", "json"], env=in_little_time() | time, stdout=subprocess.PIPE
        )
        with process.stdout:
            report = json.load(process.stdout)
        _, ended, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(ended)
    assert process.returncode == 2
    outcomes = {one["document"]: one["outcome"] for one in report["results"]}
    assert Counter(outcomes.values()) == {"first": 27, "failed": 3}
    assert {name for name, outcome in outcomes.items() if outcome == "failed"} == {
        f"acme/{name}" for name in bad
    }
    assert used.ru_maxrss < 400_000  # KiB, of a bomb of 4 GiB
