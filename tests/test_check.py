"""What a fetch means for a document, decided without touching anything, and recorded once."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from monitor.check import Parts, check, check_all
from monitor.judge import Knowledge, judge
from monitor.model import (
    Audience,
    Capture,
    Changed,
    Claim,
    Confirm,
    Document,
    Doubtful,
    Failed,
    FetchFailure,
    First,
    Known,
    NotModified,
    Previous,
    Product,
    Provider,
    Reason,
    Render,
    Unchanged,
    Validators,
    Verification,
    Watchlist,
)
from monitor.places import AT_ONCE
from monitor.reader import EXTRACTOR, unchanged_bytes
from tests.conftest import FIXTURES

BEFORE = (FIXTURES / "aurora/training-by-default/before.html").read_bytes()
AFTER = (FIXTURES / "aurora/training-by-default/after.html").read_bytes()
OTHER = AFTER.replace(b"30 days' notice", b"45 days' notice")
CHALLENGE = (FIXTURES / "dune/challenge-page/after.html").read_bytes()

SHELL = b"<!doctype html><title>Terms</title><div id=root></div><script src=/app.js></script>"
NO_BROWSER = Reason("needs-browser", "install it with: pip install 'tos-monitor[browser]'")

TERMS = Document(id="aurora/terms", provider="aurora", type="Terms", url="https://aurora.example/terms")
API = Product(
    id="aurora/api",
    provider="aurora",
    name="API",
    audience=Audience.API,
    documents=("aurora/terms",),
    claims=(Claim(product="aurora/api", topic="training", position="no", verified=date(2026, 5, 5)),),
)
WATCHLIST = Watchlist(
    providers={"aurora": Provider("aurora", "Aurora")},
    documents={TERMS.id: TERMS},
    products={API.id: API},
)


def capture(body, at, status=200):
    return Capture(
        url=TERMS.url,
        final_url=TERMS.url,
        status=status,
        headers=(("content-type", "text/html; charset=utf-8"), ("etag", '"x"')),
        body=body,
        at=at,
    )


@pytest.fixture
def knowledge(rules):
    return Knowledge(rules=rules, watchlist=WATCHLIST, verified={})


@pytest.fixture
def baseline(knowledge, at):
    first = judge(TERMS, capture(BEFORE, at), Previous(), knowledge)
    assert isinstance(first, First)
    return replace(first.version, id=1)


class World:
    """A document that answers what it is told, and a clock that stands still until it is moved."""

    def __init__(self, store, rules, at, document=TERMS):
        self.document, self.now = document, at
        self.answers, self.asked, self.pauses, self.renders = [], [], [], []
        self.parts = Parts(
            watchlist=WATCHLIST,
            rules=lambda: rules,
            store=store,
            fetch=self.fetch,
            clock=lambda: self.now,
            pause=self.pause,
            claimant="here:1",
        )

    async def fetch(self, document, validators):
        self.asked.append(validators)
        self.renders.append(document.render)
        answer = self.answers.pop(0)
        return capture(answer, self.now) if isinstance(answer, bytes) else answer

    async def pause(self, seconds):
        self.pauses.append(seconds)

    def check(self, *answers, after=timedelta(hours=12)):
        self.now += after
        self.answers = list(answers)
        result = asyncio.run(check(self.document, self.parts))
        assert not self.answers, "an answer was not fetched"
        return result


@pytest.fixture
def world(store, rules, at):
    return World(store, rules, at)


# --- judging -----------------------------------------------------------------------------------


def test_the_first_capture_is_a_baseline(knowledge, at):
    outcome = judge(TERMS, capture(BEFORE, at), Previous(), knowledge)
    assert isinstance(outcome, First)
    assert outcome.version.effective == date(2026, 5, 5)


def test_a_304_is_unchanged(knowledge, baseline, at):
    outcome = judge(TERMS, NotModified(TERMS.url, at), Previous(version=baseline), knowledge)
    assert isinstance(outcome, Unchanged)


def test_nothing_that_came_is_a_failure_with_its_reason(knowledge, baseline, at):
    failure = FetchFailure(TERMS.url, at, Reason("timeout", "took too long"), retry_after=timedelta(hours=1))
    outcome = judge(TERMS, failure, Previous(version=baseline), knowledge)
    assert outcome == Failed(
        document=TERMS.id, at=at, reasons=(failure.reason,), retry_after=timedelta(hours=1)
    )


def test_the_same_words_in_other_markup_are_unchanged(knowledge, baseline, at):
    body = BEFORE.replace(b"<p>", b'<p class="x">').replace(b"Aurora will", b"<b>Aurora</b>\n will")
    assert isinstance(judge(TERMS, capture(body, at), Previous(version=baseline), knowledge), Unchanged)


def test_a_challenge_page_is_doubtful_whatever_came_before(knowledge, baseline, at):
    for previous in (Previous(), Previous(version=baseline)):
        assert isinstance(judge(TERMS, capture(CHALLENGE, at), previous, knowledge), Doubtful)


def test_bytes_that_are_no_text_are_doubtful(knowledge, baseline, at):
    body = bytes(range(256)) * 40
    outcome = judge(TERMS, capture(body, at), Previous(version=baseline), knowledge)
    assert isinstance(outcome, Doubtful)
    assert outcome.reasons


def test_a_change_is_unconfirmed_at_first_sight_and_opens_no_doubt(knowledge, baseline, at):
    outcome = judge(TERMS, capture(AFTER, at), Previous(version=baseline), knowledge)
    assert isinstance(outcome, Changed)
    assert (outcome.change.confirmed, outcome.doubts) == (False, ())


def test_the_same_change_seen_again_is_confirmed_and_opens_the_doubt(knowledge, baseline, at):
    previous = Previous(version=baseline)
    seen = judge(TERMS, capture(AFTER, at), previous, knowledge)
    again = judge(TERMS, capture(AFTER, at), replace(previous, candidate=seen.version), knowledge)
    assert again.change.confirmed
    assert [doubt.product for doubt in again.doubts] == ["aurora/api"]


def test_without_confirmation_a_change_counts_at_once(knowledge, baseline, at):
    once = replace(TERMS, confirm=Confirm.OFF)
    assert judge(once, capture(AFTER, at), Previous(version=baseline), knowledge).change.confirmed


def test_a_quick_flip_back_is_linked_to_its_version_and_not_announced(knowledge, baseline, at):
    once = replace(TERMS, confirm=Confirm.OFF)
    changed = judge(once, capture(AFTER, at), Previous(version=baseline), knowledge)
    history = ((1, baseline.fingerprint, at), (2, changed.version.fingerprint, at + timedelta(days=1)))
    previous = Previous(version=replace(changed.version, id=2), history=history)
    back = judge(once, capture(BEFORE, at + timedelta(days=2)), previous, knowledge)
    assert (back.change.restores, back.change.alert, back.doubts) == (1, False, ())


def test_a_flip_back_puts_a_claim_in_doubt_that_was_verified_on_the_text_that_went(knowledge, baseline, at):
    once = replace(TERMS, confirm=Confirm.OFF)
    changed = judge(once, capture(AFTER, at), Previous(version=baseline), knowledge)
    previous = Previous(
        version=replace(changed.version, id=2),
        history=((1, baseline.fingerprint, at), (2, changed.version.fingerprint, at)),
    )
    answer = Verification(product="aurora/api", topic="training", position="no", at=at + timedelta(days=1))
    verified = replace(knowledge, verified={("aurora/api", "training"): answer})
    back = judge(once, capture(BEFORE, at + timedelta(days=2)), previous, verified)
    assert back.change.alert
    assert [doubt.product for doubt in back.doubts] == ["aurora/api"]


def test_a_text_that_comes_back_after_months_is_news(knowledge, baseline, at):
    once = replace(TERMS, confirm=Confirm.OFF)
    changed = judge(once, capture(AFTER, at), Previous(version=baseline), knowledge)
    previous = Previous(
        version=replace(changed.version, id=2),
        history=((1, baseline.fingerprint, at), (2, changed.version.fingerprint, at)),
    )
    back = judge(once, capture(BEFORE, at + timedelta(days=90)), previous, knowledge)
    assert (back.change.restores, back.change.alert) == (1, True)


def test_an_edited_selector_reads_the_old_bytes_again_and_is_no_change_of_the_terms(knowledge, baseline, at):
    narrowed = replace(TERMS, select=("main",), remove=("h2",))
    previous = Previous(version=baseline, capture=capture(BEFORE, at))
    outcome = judge(narrowed, capture(BEFORE, at), previous, knowledge)
    assert isinstance(outcome, Unchanged)
    assert outcome.reread
    assert outcome.reread.reader == narrowed.reader


def test_a_selector_mended_for_a_new_layout_makes_no_change_of_the_same_words(knowledge, at):
    old = replace(TERMS, select=("main",))
    first = judge(old, capture(BEFORE, at), Previous(), knowledge)
    mended = replace(TERMS, select=("article",))
    moved = capture(BEFORE.replace(b"<main", b"<article").replace(b"</main", b"</article"), at)
    outcome = judge(mended, moved, Previous(version=first.version, capture=capture(BEFORE, at)), knowledge)
    assert isinstance(outcome, Unchanged)
    assert outcome.reread
    assert outcome.reread.reader == mended.reader


@pytest.mark.parametrize(
    ("known", "answer"),
    [
        ({}, True),
        ({"capture_sha256": "other"}, False),
        ({"extractor": "older"}, False),
        ({"reader": "other"}, False),
        ({"candidate": True}, False),
    ],
)
def test_equal_bytes_need_no_reading_only_when_they_are_read_as_today(at, known, answer):
    got = capture(BEFORE, at)
    facts = {
        "version_id": 1,
        "fingerprint": "f",
        "capture_sha256": got.sha256,
        "extractor": EXTRACTOR,
        "reader": TERMS.reader,
    }
    assert bool(unchanged_bytes(TERMS, got, Known(**facts | known))) is answer


# --- doing -------------------------------------------------------------------------------------


def test_a_change_is_fetched_a_second_time_before_it_is_recorded_as_confirmed(world):
    world.check(BEFORE)
    result = world.check(AFTER, AFTER)
    assert world.pauses == [30.0]
    assert result.change
    assert result.change.change.confirmed
    assert [doubt.product for doubt in result.change.doubts] == ["aurora/api"]


def test_a_change_that_is_gone_at_the_second_look_is_recorded_as_unchanged(world, store):
    world.check(BEFORE)
    result = world.check(AFTER, BEFORE)
    assert result.outcome == "unchanged"
    assert [reason.code for reason in result.reasons] == ["not-confirmed", "same-words"]
    assert store.changes() == ()


def test_a_second_look_that_sees_nothing_leaves_the_change_to_the_next_check(world, store):
    world.check(BEFORE)
    result = world.check(AFTER, CHALLENGE, FetchFailure(url=TERMS.url, at=world.now, reason=NO_BROWSER))
    assert not result.change.change.confirmed
    assert store.doubts() == ()
    result = world.check(AFTER)
    assert result.change.change.confirmed
    assert len(store.changes()) == 1
    assert len(store.doubts()) == 1


def test_a_text_that_comes_back_is_confirmed_by_a_second_look_like_any_change(world, store):
    world.check(BEFORE)
    world.check(AFTER, AFTER)
    result = world.check(BEFORE, BEFORE)
    assert (result.change.change.confirmed, result.change.change.alert) == (True, False)
    assert [bool(change.reverted_at) for change in store.changes()] == [False, True]


def test_a_change_waits_for_the_next_check_when_the_document_says_so(store, rules, at):
    world = World(store, rules, at, replace(TERMS, confirm=Confirm.NEXT_CHECK))
    world.check(BEFORE)
    assert not world.check(AFTER).change.change.confirmed
    assert world.check(AFTER).change.change.confirmed


def test_a_waiting_change_that_did_not_show_again_is_withdrawn(store, rules, at):
    world = World(store, rules, at, replace(TERMS, confirm=Confirm.NEXT_CHECK))
    world.check(BEFORE)
    world.check(AFTER)
    world.check(BEFORE)
    (change,) = store.changes()
    assert change.withdrawn
    assert world.check(OTHER).outcome == "changed"


def test_validators_are_sent_only_where_a_304_would_hide_nothing(world):
    world.check(BEFORE)
    world.check(NotModified(TERMS.url, world.now))
    world.document = replace(TERMS, remove=("h2",))
    world.check(BEFORE)
    assert world.asked == [None, Validators(etag='"x"', url=TERMS.url), None]


def test_equal_words_carry_a_version_over_whose_own_bytes_cannot_be_read_with_the_mended_selectors(world):
    world.document = replace(TERMS, select=("main",))
    world.check(BEFORE)
    world.document = replace(TERMS, select=("article",))
    redesigned = BEFORE.replace(b"<main>", b"<article>").replace(b"</main>", b"</article>")
    assert world.check(redesigned).outcome == "unchanged"
    world.check(redesigned)
    world.check(NotModified(TERMS.url, world.now))
    assert world.asked[-1] == Validators(etag='"x"', url=TERMS.url)


def test_a_document_that_another_run_checks_now_is_left_to_it(world, store, at):
    store.claim(TERMS.id, by="elsewhere:2", now=at, until=at + timedelta(days=1))
    assert world.check().outcome == "busy"


def test_failures_are_counted_and_make_the_next_check_come_sooner_or_later_but_come(world, store, at):
    world.check(BEFORE)
    failure = FetchFailure(TERMS.url, world.now, Reason("timeout", "took too long"))
    world.check(failure)
    world.check(failure)
    (health,) = store.health([TERMS.id])
    assert health.failures == 2
    assert health.next_check
    assert health.next_check > at


def test_one_document_that_breaks_off_does_not_take_the_others_with_it(world, rules):
    other = replace(TERMS, id="aurora/privacy")
    world.answers = [BEFORE, FetchFailure(TERMS.url, world.now, Reason("dns", "no such name"))]

    async def run():
        return {result.document: result.outcome async for result in check_all([TERMS, other], world.parts)}

    assert sorted(asyncio.run(run()).values()) == ["failed", "first"]


# --- the browser -------------------------------------------------------------------------------


def rendered(body, at):
    return replace(capture(body, at), rendered=True)


@pytest.mark.parametrize("blocked", [SHELL, CHALLENGE], ids=["script shell", "challenge"])
def test_a_page_without_its_text_is_looked_at_in_the_browser(world, at, blocked):
    assert world.check(blocked, rendered(BEFORE, at)).outcome == "first"
    assert world.renders == [Render.AUTO, Render.BROWSER]
    assert world.asked[1] is None


def test_a_page_that_was_read_in_the_browser_stays_there_and_is_confirmed_there(world, at):
    world.check(SHELL, rendered(BEFORE, at))
    result = world.check(rendered(AFTER, at), rendered(AFTER, at))
    assert result.outcome == "changed"
    assert result.change.change.confirmed
    assert world.renders == [Render.AUTO, *[Render.BROWSER] * 3]


def test_a_challenge_that_stays_in_the_browser_is_doubtful(world, at):
    world.check(BEFORE)
    assert world.check(CHALLENGE, rendered(CHALLENGE, at)).outcome == "doubtful"


def test_without_a_browser_the_doubt_says_how_to_get_one(world, at):
    result = world.check(SHELL, FetchFailure(url=TERMS.url, at=at, reason=NO_BROWSER))
    assert result.outcome == "doubtful"
    assert [reason.code for reason in result.reasons] == ["script-shell", "needs-browser"]


@pytest.mark.parametrize("render", [Render.HTTP, Render.BROWSER])
def test_only_a_document_that_leaves_it_open_is_fetched_both_ways(store, rules, at, render):
    world = World(store, rules, at, replace(TERMS, render=render))
    assert world.check(SHELL).outcome == "doubtful"


def test_other_doubts_are_nothing_for_the_browser(world, at):
    world.check(BEFORE)
    assert world.check(capture(OTHER, at, status=503)).outcome == "doubtful"


def test_an_empty_page_without_scripts_is_nothing_for_the_browser(world):
    assert world.check(b"<!doctype html><title>Terms</title><p></p>").outcome == "doubtful"


# --- several side by side ----------------------------------------------------------------------


@pytest.mark.parametrize("render", [Render.BROWSER, Render.AUTO])
def test_pages_that_wait_for_the_browser_hold_up_no_others(store, rules, at, render):
    hosts = (f"https://{number}.acme.example/terms" for number in range(AT_ONCE + 8))
    shown = [replace(TERMS, id=url, url=url, render=render) for url in hosts]
    for one in shown:  # as a check without a browser left them
        lacked = Failed(document=one.id, at=at, reasons=(Reason("needs-browser", "no Chromium"),))
        store.record(lacked, next_check=at, started=at)
    plain = replace(TERMS, id="plain", url="https://plain.acme.example/terms", render=Render.HTTP)
    asked = asyncio.Event()

    async def fetch(document, validators):
        if document is plain:
            asked.set()
        await asked.wait()
        return FetchFailure(document.url, at, Reason("timeout", "no answer"))

    async def round():
        parts = replace(World(store, rules, at).parts, fetch=fetch)
        async with asyncio.timeout(60):
            return [one.document async for one in check_all([*shown, plain], parts)]

    assert sorted(asyncio.run(round())) == sorted(one.id for one in (*shown, plain))
