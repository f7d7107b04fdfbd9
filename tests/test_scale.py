"""The simulated site: what it plans is what the program finds in its pages, and nothing else."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from benchmarks.scale import Verdict, hold, judged
from benchmarks.slow_pages import TROUBLE, page, plan, text_of
from benchmarks.slow_site import Site, converse
from monitor.judge import Knowledge, judge
from monitor.model import Capture, Changed, Confirm, Document, First, FlagKind, Previous, Unchanged, Watchlist

AT = datetime(2026, 5, 5, 12, tzinfo=UTC)
PLANS = [plan(number) for number in range(1500)]


def capture(one, *, edited, visit, at=AT):
    document = f"http://{one.host}{one.path}"
    body = page(one, text_of(one, edited=edited), visit).encode()
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Capture(url=document, final_url=document, status=200, headers=headers, body=body, at=at)


def seen_twice(one, rules):
    """What the program makes of a page, and of the same page after its edit on another visit."""
    document = Document(
        id="a/b", provider="a", type="Terms of Service", url="http://a/b", confirm=Confirm.OFF
    )
    knowledge = Knowledge(rules, Watchlist(providers={}, documents={document.id: document}, products={}), {})
    first = judge(document, capture(one, edited=False, visit="ab12"), Previous(), knowledge)
    assert isinstance(first, First)
    later = capture(one, edited=True, visit="cd34", at=AT + timedelta(hours=12))
    return judge(document, later, Previous(version=first.version), knowledge)


def flagged(change):
    return {flag.topic for flag in change.flags if flag.kind is FlagKind.SUBSTANTIVE}


@pytest.mark.parametrize("edit", ["training", "retention", "other"])
def test_an_edit_that_is_planned_is_found_and_flagged_on_its_topic_alone(edit, rules):
    edited = [one for one in PLANS if one.edit == edit][:8]
    assert len(edited) == 8
    for one in edited:
        outcome = seen_twice(one, rules)
        assert isinstance(outcome, Changed)
        assert flagged(outcome.change) == {edit} - {"other"}


def test_what_stands_around_a_document_is_no_change_however_it_varies(rules):
    for one in [one for one in PLANS if not one.edit][:8]:
        assert isinstance(seen_twice(one, rules), Unchanged)


def test_documents_have_hosts_of_their_own_and_trouble_of_every_kind():
    hosts = {plan(number).host for number in range(0, 40_000, 5)}

    assert len(hosts) == 8_000
    assert {spell.kind for one in PLANS for spell in one.spells} == set(TROUBLE)


# --- the site ----------------------------------------------------------------------------------


@asynccontextmanager
async def serving(site):
    async def serve(reader, writer):
        await converse(site, reader, writer)
        await writer.wait_closed()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
            yield client


def test_the_site_takes_messages_and_begins_its_day_when_told():
    async def story():
        site = Site(10, day=3600)
        async with serving(site) as client:
            before = site.share
            await client.post("/begin")
            await client.post("/hook", json={"event": "1", "kind": "change"})
            told = (await client.get("/told")).json()["told"]
            return before, site.share, told

    before, after, told = asyncio.run(story())
    assert before < 0 <= after
    assert told == [{"event": "1", "kind": "change"}]


# --- the verdict -------------------------------------------------------------------------------


def message(number, *, event, change=1, topic="training"):
    topics = {topic: {"flag": "substantive"}} if topic else {}
    found = {"document": f"company-0/terms-{number}", "id": change, "topics": topics}
    return {"event": event, "kind": "change", "changes": [found]}


def of_kind(edit):
    return next(one for one in PLANS if one.edit == edit)


def test_an_alert_that_never_came_is_missed():
    count = of_kind("training").number + 1

    assert judged(count, []).missed


def test_an_alert_that_came_once_is_right_and_its_repetition_no_second_one():
    one = of_kind("training")
    told = [message(one.number, event="1"), message(one.number, event="1")]
    verdict = judged(one.number + 1, told)

    assert verdict.told["training"] == 1
    assert (verdict.again, verdict.doubled, verdict.false) == (1, [], [])


def test_the_same_alert_in_two_messages_is_doubled_and_one_on_nothing_is_false():
    one, still = of_kind("training"), of_kind("")
    told = [message(one.number, event="1"), message(one.number, event="2"), message(still.number, event="3")]
    verdict = judged(max(one.number, still.number) + 1, told)

    assert len(verdict.doubled) == len(verdict.false) == 1


def test_an_alert_on_another_topic_is_false_and_the_right_one_missed():
    verdict = Verdict()
    hold(of_kind("training"), {1: ["retention"]}, 1, verdict)

    assert len(verdict.false) == len(verdict.missed) == 1
