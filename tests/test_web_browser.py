"""The review application in real Chromium: the whole story, without scripts too, by keyboard, unharmed."""

from __future__ import annotations

import re
import shutil
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from tests.served import copied, demonstration, serving
from tests.test_end_to_end import AFTER, BEFORE, Program

AXE = Axe()


@pytest.fixture(scope="module")
def browser(folder):  # what makes the folder runs an event loop, which it cannot beside the driver's
    with sync_playwright() as driver:
        found = shutil.which("chromium-headless-shell") or shutil.which("chromium")
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def window(browser):
    """Opens a page as a reader has it set up; closed afterwards."""
    opened = []

    def open_page(**how):
        context = browser.new_context(**how)
        context.set_default_timeout(20_000)
        opened.append(context)
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture
def served(folder, tmp_path):
    with serving(copied(folder, tmp_path / "own")) as running:
        yield running


# --- the story -----------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_change_arrives_is_read_and_verified_and_badge_feed_and_table_follow(
    tmp_path, site, window, scripts
):
    site.put("/terms", BEFORE)
    program = Program(tmp_path, site)
    program.run("check")
    with serving(tmp_path) as served:
        page = window(java_script_enabled=scripts, base_url=served.url)
        page.goto("/")
        expect(page.get_by_text("Nothing waits for a review.")).to_be_visible()
        site.put("/terms", AFTER)
        program.run("check", code=1)
        badge = page.request.get("/badges/aurora/api/training.svg").text()
        feed = page.request.get("/feeds/all.atom").text()
        assert "re-verify since" in badge
        assert "change:1" in feed or "changes/1" in feed

        page.reload()
        page.get_by_role("link", name="Aurora · Commercial Terms").click()
        expect(page.locator("ins, del, mark").first).to_be_visible()
        page.get_by_label("Note, for the next reader").fill("read twice")
        page.get_by_role("button", name="Save the new value").click()

        expect(page.get_by_role("status")).to_contain_text("verified as opt-out: read twice")
        expect(page.get_by_text("Nothing waits for a review.")).to_be_visible()
        page.get_by_role("link", name="Positions").click()
        expect(page.get_by_role("link", name="opt-out", exact=True)).to_be_visible()
        badge = page.request.get("/badges/aurora/api/training.svg").text()
        assert "opt-out" in badge
        assert "re-verify" not in badge
        assert page.request.get("/positions.json").json() != {}
        page.get_by_role("link", name="opt-out", exact=True).click()
        expect(page.locator("figure blockquote")).to_contain_text("unless Customer opts out")


# --- the keyboard --------------------------------------------------------------------------------


def test_a_reviewer_needs_no_mouse(served, window):
    page = window(base_url=served.url)
    page.goto("/")
    page.keyboard.press("n")
    page.wait_for_url("**/changes/1")
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Save the new value")).to_be_hidden()
    page.keyboard.press("v")
    page.wait_for_url("**/changes/3?done=*")
    expect(page.get_by_role("status")).to_contain_text("verified as opt-out")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).to_contain_text("undone")
    page.keyboard.press("d")
    page.keyboard.type("no v u n here")
    expect(page.get_by_label("Why it affects none")).to_have_value("no v u n here")
    page.keyboard.press("Enter")
    page.wait_for_url("**/changes/1?done=*")
    page.keyboard.press("/")
    page.wait_for_url("**/search")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()


def test_the_keys_lead_back_to_the_change_before(tmp_path, site, window):
    site.put("/terms", BEFORE)
    program = Program(tmp_path, site)
    program.run("check")
    site.put("/terms", AFTER)
    program.run("check", code=1)
    site.put("/terms", AFTER.replace(b"improve its models", b"improve all its models"))
    program.run("check", "--fail-on", "never")
    with serving(tmp_path) as served:
        page = window(base_url=served.url)
        page.goto("/changes/2")
        page.keyboard.press("p")
        page.wait_for_url("**/changes/1")


@pytest.mark.parametrize("path", ["/", "/changes/1", "/positions", "/documents/aurora/commercial-terms"])
def test_tab_goes_through_everything_in_the_order_it_is_read_and_shows_where_it_is(served, window, path):
    page = window(base_url=served.url)
    page.goto(path)
    order, unseen = [], []
    for _ in range(60):
        page.keyboard.press("Tab")
        at = page.evaluate(
            """() => { const on = document.activeElement; if (on === document.body) return null;
            const style = getComputedStyle(on), box = on.getBoundingClientRect();
            const all = [...document.querySelectorAll('*')];
            return {at: all.indexOf(on), name: on.outerHTML.slice(0, 80),
                    seen: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 1
                          && box.width > 0 && box.left >= 0} }"""
        )
        if at is None or at["at"] in order:
            break
        order.append(at["at"])
        unseen += [] if at["seen"] else [at["name"]]
    assert len(order) > 6
    assert order == sorted(order)
    assert unseen == []


def test_the_first_tab_skips_to_the_content(served, window):
    page = window(base_url=served.url)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


# --- hostile terms -------------------------------------------------------------------------------

EVIL = """<!doctype html><html lang=en><head><meta charset=utf-8><title>
Terms {mark} &lt;script&gt;hacked()&lt;/script&gt;</title>
<script>window.hacked = 1; fetch("{site}/stolen"); parent.hacked = 1; top.location = "{site}/stolen"</script>
<meta http-equiv=refresh content="0; url={site}/stolen"><base href="{site}/"></head>
<body onload="window.hacked = 1; fetch('{site}/stolen')"><main>
<h1>Terms &lt;img src=x onerror="top.hacked = 1"&gt;</h1>
<h2>1. &lt;/h2&gt;&lt;script&gt;top.hacked = 1&lt;/script&gt;</h2>
<p>{training} &lt;svg onload="top.hacked = 1"&gt; \u202eliated ni uoy nrut siht\u202c and
&#8294;more&#8297; \u0000 stays.</p>
<p>See <a href="javascript:top.hacked = 1">our policy</a>,
<a href="data:text/html,<script>top.hacked = 1</script>">its annex</a>,
&lt;a href="javascript:top.hacked = 1"&gt;this&lt;/a&gt; and {{{{ 7 * 7 }}}} or {{% raw %}}.</p>
<img src="{site}/stolen" onerror="top.hacked = 1"><iframe src="javascript:top.hacked = 1"></iframe>
<form action="{site}/stolen"><button autofocus onfocus="top.hacked = 1">Accept</button></form>
<ul><li>&quot;&gt;&lt;script&gt;top.hacked = 1&lt;/script&gt;</li><li>' onmouseover='top.hacked = 1</li></ul>
{filler}</main></body></html>"""
FILLER = "".join(
    f"<p>Clause {number} says what the customer owes for the service, and when it is to be paid.</p>"
    for number in range(20)
)


def evil(site, training):
    return EVIL.format(site=site.url, training=training, filler=FILLER, mark="\u202e")


def test_terms_full_of_scripts_and_hostile_links_do_nothing_anywhere(tmp_path, site, window):
    site.put("/terms", evil(site, "We will not use Customer Content to train our models"))
    program = Program(tmp_path, site)
    program.run("check")
    site.put("/terms", evil(site, "We may use Customer Content to train our models"))
    program.run("check", code=1)
    program.run("publish", "public")
    with serving(tmp_path) as served:
        change = served.monitor.store.change(1)
        capture = f"/captures/{change.after.capture_sha256}"
        paths = (
            "/", "/changes/1", "/changes/1?view=inline", "/positions", "/positions/aurora/api/training",
            "/documents", "/documents/aurora/terms", f"/versions/{change.after.id}", "/health", "/steps",
            f"/documents/aurora/terms/compare?before={change.before.id}&after={change.after.id}",
            "/search?q=hacked", '/search?q="><script>top.hacked=1</script>', capture, f"{capture}/body",
            "/changes/1?done=<script>", "/documents/<script>alert(1)</script>/x",
        )  # fmt: skip
        page = window(base_url=served.url)
        asked, dialogs, found = [], [], {}
        page.context.on("response", lambda response: asked.append(response.url))
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        for path in paths:
            page.goto(path)
            page.wait_for_load_state("networkidle")
            found[path] = harm(page)
        page.goto(f"{capture}/body")
        page.get_by_role("link", name="our policy").click()
        found["a hostile link in the capture"] = harm(page)
        feeds = [page.request.get(f"/feeds/all.{kind}").text() for kind in ("atom", "json")]
    for file in sorted((tmp_path / "public").rglob("*.html")):
        page.goto(file.as_uri())
        found[file.name] = harm(page)
    assert {path: harms for path, harms in found.items() if harms} == {}
    assert dialogs == []
    elsewhere = [url for url in asked if not url.startswith((served.url, "file:", "data:"))]
    assert elsewhere == []
    assert "/stolen" not in site.arrived
    assert all("<script" not in feed and "javascript:" not in links(feed) for feed in feeds)
    assert all("\u202e" not in feed for feed in feeds)


def harm(page):
    """What terms achieved on the page that is open; the capture itself may hold anything, behind glass."""
    return page.evaluate(
        """() => {
          const ran = window.hacked ? ['a script ran'] : [];
          if (location.pathname.endsWith('/body')) return ran;
          const links = [...document.querySelectorAll('a[href], form[action], iframe[src], img[src]')]
            .flatMap(one => ['href', 'action', 'src'].map(name => one.getAttribute(name) || ''))
            .filter(url => /^\\s*(javascript|data):/i.test(url));
          const made = [...document.querySelectorAll('main script, main svg[onload], main img[onerror]')]
            .map(one => one.outerHTML);
          const turned = document.body.innerText.includes('\\u202e') ? ['text runs backwards'] : [];
          return [...ran, ...links, ...made, ...turned];
        }"""
    )


def links(feed):
    return " ".join(re.findall(r'(?:href|src)=(?:"|&quot;|\\")([^"&\\]*)', feed))


# --- everyone can read it ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reviewed(folder, tmp_path_factory):
    """The demonstration after some answers."""
    target = copied(folder, tmp_path_factory.mktemp("reviewed") / "own")
    with serving(target) as running, running.client() as client:
        page = client.get("/changes/3").text
        seen = re.search(r'name="seen" value="([^"]*)"', page)[1]
        answer = client.post("/changes/3/dismiss", data={"why": "for resellers only", "seen": seen})
        assert answer.status_code == 303
        yield running


def every_page(served):
    """A path of each kind of page."""
    change = served.monitor.store.change(1)
    return (
        "/", "/?done=1", "/changes/1", "/changes/1?view=inline", "/changes/3", "/steps", "/positions",
        "/positions?state=expired", "/positions/aurora/api/training", "/positions/dune/app/retention",
        "/documents", "/documents/aurora/commercial-terms", "/documents/dune/terms",
        f"/documents/aurora/commercial-terms/compare?before={change.before.id}&after={change.after.id}",
        f"/versions/{change.after.id}", f"/captures/{change.after.capture_sha256}", "/health", "/search",
        "/search?q=customer", "/search?q=nothinglikethis", "/sign-in", "/not-there", "/changes/99",
    )  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1200, 390])
def test_a_checker_of_accessibility_finds_nothing_on_any_page(reviewed, window, scheme, width):
    page = window(
        base_url=reviewed.url, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True
    )
    found, wide = {}, {}
    for path in every_page(reviewed):
        page.goto(path)
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        results = AXE.run(page, options={"resultTypes": ["violations"], "iframes": False})
        found[path] = [
            f"{one['id']} ({one['impact']}): {node['html'][:200]}"
            for one in results.response["violations"]
            for node in one["nodes"]
        ]
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
    assert {path: broken for path, broken in found.items() if broken} == {}
    assert {path: one for path, one in wide.items() if one > width} == {}


def test_what_is_said_with_colour_is_said_in_words_too(reviewed, window):
    page = window(base_url=reviewed.url, forced_colors="active")
    page.goto("/positions")
    expect(page.get_by_role("row", name="Aurora API")).to_contain_text("needs re-verification")
    page.goto("/changes/1")
    expect(page.locator(".chip, .verdicts li").first).to_contain_text("more permissive")


def test_pages_fit_a_phone_and_the_navigation_stays_on_one_line(reviewed, window):
    page = window(base_url=reviewed.url, viewport={"width": 390, "height": 800})
    page.goto("/")
    tops = page.evaluate("[...document.querySelectorAll('.top nav a')].map(one => one.offsetTop)")
    assert len(set(tops)) == 1
    assert urlsplit(page.url).path == "/"
