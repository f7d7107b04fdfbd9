"""Feeds: valid in both forms, the same bytes while nothing changes, and silent about our own doings."""

import json
from dataclasses import replace
from datetime import timedelta
from xml.etree import ElementTree

import pytest

from monitor.model import Change, ReviewState
from monitor.report.feed import MOST, atom, feed, json_feed
from tests.report_samples import (
    AT,
    clause,
    flag,
    full_report,
    plain_change,
    recorded,
    technical_change,
    training_change,
)

ATOM = {"a": "http://www.w3.org/2005/Atom"}
BASE = "https://terms.example/watch/"


def feed_of(*changes, base=BASE):
    report = replace(full_report(), changes=changes)
    return feed(report, title="All changes", authority="terms.example", path="feeds/all", base=base)


def parsed(*changes, **facts):
    return ElementTree.fromstring(atom(feed_of(*changes, **facts)))


def test_a_change_is_an_entry_with_its_clause_and_what_it_says():
    entry = parsed(training_change()).find("a:entry", ATOM)
    title = entry.findtext("a:title", namespaces=ATOM)
    content = entry.findtext("a:content", namespaces=ATOM)
    assert title.startswith("Borealis AI · Commercial Terms: ")
    assert "training: substantive, more permissive to the provider" in title
    assert "<del>30</del><ins>90</ins>" in content
    assert entry.findtext("a:summary", namespaces=ATOM) == (
        "30 days -> 90 days; no unless opted in -> yes unless opted out"
    )
    assert entry.find("a:link", ATOM).get("href") == "https://terms.example/watch/changes/12.html"


def test_the_id_of_an_entry_depends_on_the_document_and_the_time_alone():
    one = parsed(training_change()).findtext("a:entry/a:id", namespaces=ATOM)
    moved = parsed(replace(training_change(), id=99), base="https://elsewhere.example/").findtext(
        "a:entry/a:id", namespaces=ATOM
    )
    assert one == moved == "tag:terms.example,2026:change/borealis/commercial-terms/20261121T140300Z"


def test_both_forms_have_the_same_entries():
    made = feed_of(training_change(), plain_change())
    items = json.loads(json_feed(made))["items"]
    entries = ElementTree.fromstring(atom(made)).findall("a:entry", ATOM)
    assert [item["id"] for item in items] == [one.findtext("a:id", namespaces=ATOM) for one in entries]
    assert [item["title"] for item in items] == [one.findtext("a:title", namespaces=ATOM) for one in entries]


def test_a_feed_was_updated_when_its_newest_entry_was():
    older = recorded(
        3, Change(document="yun/privacy", at=AT - timedelta(days=9), clauses=(clause("{+New.+}"),))
    )
    assert parsed(older, training_change()).findtext("a:updated", namespaces=ATOM) == "2026-11-21T14:03:00Z"


def test_an_empty_feed_is_valid_and_never_looks_new():
    assert parsed().findtext("a:updated", namespaces=ATOM) == "1970-01-01T00:00:00Z"
    assert json.loads(json_feed(feed_of()))["items"] == []


def test_a_reverted_change_says_so_and_is_updated():
    back = replace(training_change(), reverted_at=AT + timedelta(days=2))
    entry = parsed(back).find("a:entry", ATOM)
    assert "(reverted)" in entry.findtext("a:title", namespaces=ATOM)
    assert entry.findtext("a:updated", namespaces=ATOM) == "2026-11-23T14:03:00Z"
    assert entry.findtext("a:published", namespaces=ATOM) == "2026-11-21T14:03:00Z"


@pytest.mark.parametrize(
    "change",
    [
        technical_change(),
        replace(training_change(), withdrawn=True),
        replace(training_change(), change=replace(training_change().change, confirmed=False)),
        replace(plain_change(), change=replace(plain_change().change, alert=False)),
    ],
    ids=["technical", "withdrawn", "unconfirmed", "not announced"],
)
def test_what_is_not_announced_is_in_no_feed(change):
    assert feed_of(change).entries == ()


def test_the_newest_are_kept_when_there_are_many():
    many = [
        recorded(
            number,
            Change(document="yun/privacy", at=AT + timedelta(hours=number), clauses=(clause("{+N.+}"),)),
        )
        for number in range(1, MOST + 20)
    ]
    entries = feed_of(*many).entries
    assert len(entries) == MOST
    assert entries[0].published == AT + timedelta(hours=MOST + 19)


def test_page_text_is_only_ever_text():
    hostile = clause("We keep {+<script>alert(1)</script>]]>&amp; \x1b[31m\ufffe+} your inputs.")
    change = Change(
        document="yun/privacy", at=AT, clauses=(hostile,), flags=(flag("training", "mixed", hostile, "x"),)
    )
    content = parsed(recorded(5, change)).findtext("a:entry/a:content", namespaces=ATOM)
    assert "<script>" not in content
    assert "&lt;script&gt;" in content


def test_without_an_address_of_the_site_nothing_is_linked():
    made = feed_of(training_change(), base="")
    assert ElementTree.fromstring(atom(made)).findall(".//a:link", ATOM) == []
    assert "url" not in json.loads(json_feed(made))["items"][0]


def test_what_people_make_of_a_change_leaves_its_entry_as_it_is():
    answered = replace(training_change(), state=ReviewState.DISMISSED, why="only reworded")
    assert feed_of(answered) == feed_of(training_change())
