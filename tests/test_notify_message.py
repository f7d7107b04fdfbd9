"""What a message says: subjects, text, HTML and JSON; and what hostile text cannot do in them."""

from __future__ import annotations

import email
import json
from dataclasses import replace
from datetime import timedelta
from email.policy import default

import html5lib
import pytest

from monitor.model import Letter, Notice, NoticeKind, Provider, Reason, Report
from monitor.notify.mail import Mail
from monitor.report.message import LONGEST_SUBJECT, message
from tests import report_samples as samples
from tests.report_samples import AT

HOSTILE = "Terms\r\nBcc: everybody@example.com\x1b[2J\u202e<script>alert(1)</script>"


def notice(kind=NoticeKind.CHANGE, **more):
    facts = {
        "channel": "team",
        "kind": kind,
        "at": AT,
        "not_before": AT,
        "document": "borealis/help-retention",
    }
    return Notice(**{**facts, **more})


def letter(*notices):
    return Letter(event="0f0c", notices=notices)


def report(*changes, watchlist=None):
    return Report(at=AT, title="", watchlist=watchlist or samples.watchlist(), changes=changes)


def unseen(kind=NoticeKind.UNSEEN, **more):
    reasons = (Reason("timeout", "no answer within 20 s"),)
    return notice(kind, since=AT - timedelta(days=2), failures=3, **{"reasons": reasons, **more})


@pytest.mark.parametrize(
    ("kind", "subject", "says"),
    [
        (
            NoticeKind.UNSEEN,
            "Not seen: borealis/help-retention",
            "not seen since 2026-11-19 14:03 UTC, 3 checks in a row: no answer within 20 s",
        ),
        (
            NoticeKind.REMINDER,
            "Still not seen: borealis/help-retention",
            "still not seen since 2026-11-19 14:03 UTC, 3 checks in a row: no answer within 20 s",
        ),
        (
            NoticeKind.RECOVERED,
            "Seen again: borealis/help-retention",
            "seen again at 2026-11-21 14:03 UTC, not seen since 2026-11-19 14:03 UTC before that",
        ),
        (NoticeKind.ALARM, "Alarm: borealis/help-retention", "ALARM: no answer within 20 s"),
    ],
)
def test_a_message_on_health_says_which_document_since_when_and_why(kind, subject, says):
    written = message(letter(unseen(kind)), report())

    assert written.subject == subject
    assert says in written.text
    assert says in written.html
    (health,) = json.loads(written.json)["health"]
    assert (health["kind"], health["since"], health["failures"]) == (kind, "2026-11-19T14:03:00Z", 3)


def test_a_change_is_told_with_its_clause_why_the_claims_in_doubt_and_what_to_do():
    written = message(
        letter(notice(change=12)), report(samples.training_change()), "https://terms.example.com"
    )

    assert written.subject == (
        "Borealis AI · Commercial Terms: training more permissive to the provider, retention kept longer "
        "(change 12)"
    )
    for part in (written.text, written.html):
        for words in (
            "training.states",
            "tos-monitor verify borealis/api training",
            "tos-monitor dismiss 12",
        ):
            assert words in part
    assert "Review: https://terms.example.com/changes/12" in written.text
    assert 'href="https://terms.example.com/changes/12"' in written.html
    (change,) = json.loads(written.json)["changes"]
    assert (change["id"], change["url"]) == (12, "https://terms.example.com/changes/12")
    assert {flag["topic"] for flag in change["flags"]} == {"training", "retention"}


def test_a_change_that_was_taken_back_says_so():
    taken_back = replace(samples.training_change(), reverted_at=AT)
    written = message(letter(notice(NoticeKind.REVERTED, change=12)), report(taken_back))

    assert written.subject == "Reverted: Borealis AI · Commercial Terms (change 12)"
    assert "reverted: the earlier text came back" in written.text
    assert json.loads(written.json)["changes"][0]["reverted"]


def test_a_digest_counts_what_it_holds():
    notices = (notice(change=12, digest=True), unseen(digest=True), unseen(NoticeKind.RECOVERED, digest=True))
    written = message(letter(*notices), report(samples.training_change()))

    assert written.subject == "Digest: 1 change, 1 document not seen, 1 document seen again"
    assert json.loads(written.json)["kind"] == "digest"


def test_without_the_address_of_the_application_there_are_no_links_to_it():
    written = message(letter(notice(change=12)), report(samples.training_change()))
    assert "Review:" not in written.text + written.html
    assert json.loads(written.json)["changes"][0]["url"] is None


def test_hostile_names_and_page_text_are_only_ever_text():
    known = samples.watchlist()
    document = replace(known.documents["borealis/commercial-terms"], type=HOSTILE)
    hostile = replace(
        known,
        documents={**known.documents, document.id: document},
        providers={"borealis": Provider("borealis", HOSTILE)},
    )
    notices = (notice(change=12), unseen(reasons=(Reason("odd", HOSTILE),)))
    written = message(letter(*notices), report(samples.training_change(), watchlist=hostile))
    mail = Mail(
        sender="monitor@example.com",
        to=("legal@example.com",),
        event=written.event,
        at=written.at,
        subject=written.subject,
        text=written.text,
        html=written.html,
    )

    parsed = email.message_from_bytes(mail.written(), policy=default)
    headers = "From To Subject Date Message-ID Auto-Submitted X-Tos-Monitor-Event MIME-Version Content-Type"
    assert sorted(parsed.keys()) == sorted(headers.split())
    assert not {"\r", "\n", "\x1b", "\u202e"} & set(parsed["Subject"])
    assert "\x1b" not in written.text + written.html
    tree = html5lib.parse(written.html, namespaceHTMLElements=False)
    assert list(tree.iter("script")) == []


def test_a_mail_writes_one_subject_line_whatever_it_is_given():
    facts = {
        "sender": "a@example.com",
        "to": ("b@example.com",),
        "event": "1",
        "at": AT,
        "text": "",
        "html": "",
    }
    raw = Mail(subject="Hi\r\nBcc: everybody@example.com", **facts).written()
    assert email.message_from_bytes(raw, policy=default)["Bcc"] is None


def test_a_long_subject_is_cut():
    known = samples.watchlist()
    long = replace(known.documents["borealis/commercial-terms"], type="Terms " * 100)
    watchlist = replace(known, documents={long.id: long})
    written = message(letter(notice(change=12)), report(samples.training_change(), watchlist=watchlist))
    assert len(written.subject) == LONGEST_SUBJECT
    assert written.subject.endswith("…")


def test_a_document_that_left_the_watchlist_is_still_told():
    watchlist = replace(samples.watchlist(), documents={}, products={}, providers={})
    written = message(letter(notice(change=12)), report(samples.training_change(), watchlist=watchlist))
    assert "training more permissive" in written.subject


def test_a_test_says_that_it_is_one():
    written = message(letter(notice(NoticeKind.TEST, document="")), report())
    assert written.subject == "Test of tos-monitor"
    assert "This is a test." in written.text
    assert "This is a test." in written.html
    assert json.loads(written.json)["changes"] == []
