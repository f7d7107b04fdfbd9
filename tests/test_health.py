"""What is told of a document that is not seen, when it is told, and what is an alarm."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.health import Telling, alarms, new_alarms, recovery, telling
from monitor.model import CheckResult, Health, Reason, Render, Report, Schedule
from monitor.report import FORMATS, STATUS
from monitor.report.view import view
from tests.test_check import AFTER, BEFORE, CHALLENGE, TERMS, WATCHLIST, World

DAY = timedelta(days=1)
SHORT = (
    b"<html><body><h1>Terms</h1><p>We keep nothing, we sell nothing, we train on nothing.</p></body></html>"
)


@pytest.fixture
def world(store, rules, at):
    return World(store, rules, at, replace(TERMS, render=Render.HTTP))


def missed(at, outcome="doubtful", *, failures=3, last_good, last_check):
    """A check that does not see a document, and what was known until then."""
    before = Health(
        document=TERMS.id, outcome="failed", failures=failures, last_good=last_good, last_check=last_check
    )
    return CheckResult(document=TERMS.id, at=at, outcome=outcome, before=before)


def codes(health, at, document=TERMS):
    return [alarm.code for alarm in alarms(health, document, at)]


# --- deciding ----------------------------------------------------------------------------------


def test_trouble_is_told_in_full_when_it_starts_and_then_only_counted(at):
    start = missed(at, failures=0, last_good=at - DAY, last_check=at - DAY)
    later = missed(at, failures=1, last_good=at - DAY, last_check=at - DAY / 2)
    assert telling(start, TERMS) is Telling.STARTED
    assert telling(later, TERMS) is Telling.STILL


def test_it_is_told_in_full_again_every_seven_days(at):
    checks = [at + day * DAY for day in range(1, 23)]
    told = [
        telling(missed(now, last_good=at, last_check=now - DAY), TERMS) is Telling.REMINDED for now in checks
    ]
    assert [day for day, reminded in enumerate(told, 1) if reminded] == [7, 14, 21]


def test_a_document_that_was_never_seen_counts_from_its_first_check(at):
    before = Health(document=TERMS.id, outcome="failed", failures=9, since=at, last_check=at + 6 * DAY)
    result = CheckResult(document=TERMS.id, at=at + 7 * DAY, outcome="failed", before=before)
    assert telling(result, TERMS) is Telling.REMINDED
    assert alarms(before, TERMS, at + 7 * DAY) == (Reason("unseen", "never seen for 7 days"),)


@pytest.mark.parametrize("outcome", ["unchanged", "changed", "first"])
def test_a_document_that_is_seen_again_has_recovered(at, outcome):
    back = recovery(missed(at, outcome, last_good=at - 2 * DAY, last_check=at - DAY))
    assert (back.checks, back.after) == (3, 2 * DAY)


@pytest.mark.parametrize(("outcome", "failures"), [("doubtful", 3), ("busy", 3), ("unchanged", 0)])
def test_what_is_not_seen_or_was_not_missed_has_not_recovered(at, outcome, failures):
    assert recovery(missed(at, outcome, failures=failures, last_good=at - DAY, last_check=at - DAY)) is None


@pytest.mark.parametrize(
    ("every", "days", "alarmed"), [("12h", 6.9, False), ("12h", 7, True), ("7d", 27, False), ("7d", 28, True)]
)
def test_an_alarm_waits_for_seven_days_or_four_intervals(at, every, days, alarmed):
    length = {"12h": timedelta(hours=12), "7d": 7 * DAY}[every]
    document = replace(TERMS, schedule=Schedule(every=length))
    health = Health(document=TERMS.id, last_good=at, last_check=at)
    assert codes(health, at + days * DAY, document) == ["unseen"] * alarmed


def test_a_crontab_expression_has_intervals_too(at):
    monthly = replace(TERMS, schedule=Schedule(every=None, cron="0 0 1 * *"))
    assert codes(Health(document=TERMS.id, last_good=at), at + 60 * DAY, monthly) == []
    assert codes(Health(document=TERMS.id, last_good=at), at + 130 * DAY, monthly) == ["unseen"]


@pytest.mark.parametrize(
    ("words", "longest", "ago", "alarmed"),
    [(499, 1000, 10, True), (500, 1000, 10, False), (100, 1000, 181, False), (1000, 100, 10, False)],
)
def test_a_version_of_less_than_half_the_words_within_180_days_is_an_alarm(at, words, longest, ago, alarmed):
    lengths = ((at - ago * DAY, longest), (at, words))
    health = Health(document=TERMS.id, last_good=at, words=words, lengths=lengths)
    assert codes(health, at) == ["shrunk"] * alarmed


def test_a_check_tells_an_alarm_once(at):
    before = Health(
        document=TERMS.id, last_good=at, last_check=at, words=100, lengths=((at, 1000), (at, 100))
    )
    again = CheckResult(document=TERMS.id, at=at + DAY, outcome="unchanged", before=before)
    new = replace(again, before=replace(before, words=1000, lengths=((at, 1000),)))
    assert new_alarms(again, before, TERMS) == ()
    assert [alarm.code for alarm in new_alarms(new, before, TERMS)] == ["shrunk"]


# --- as it is read -----------------------------------------------------------------------------


def report_of(world, *results, title="Check"):
    health = world.parts.store.health([TERMS.id])
    return Report(at=world.now, title=title, watchlist=WATCHLIST, results=results, health=health)


def test_a_blocked_document_is_told_counted_reminded_of_and_told_to_be_back(world):
    world.check(BEFORE)

    start = view(report_of(world, world.check(CHALLENGE)))
    assert "NOT seen: aurora/terms (since 2026-05-06 00:00 UTC)" in start.summary
    assert (len(start.held), len(start.troubles)) == (1, 1)

    later = view(report_of(world, world.check(CHALLENGE)))
    assert "Still not seen: 1 document, aurora/terms (since 2026-05-06 00:00 UTC)" in later.summary
    assert "told in full every 7 days" in later.summary
    assert (later.held, later.troubles) == ((), ())

    reminder = view(report_of(world, world.check(CHALLENGE, after=6.5 * DAY)))
    assert "ALARM: not seen for 7 days" in reminder.troubles[0].says

    back = view(report_of(world, world.check(BEFORE)))
    assert back.notes[0] == "Seen again: aurora/terms (after 3 checks, 8 days)."
    assert "NOT seen" not in back.summary


def test_status_tells_in_full_whatever_the_checks_told_before(world):
    world.check(BEFORE)
    for _ in range(3):
        world.check(CHALLENGE)
    text = STATUS["markdown"](report_of(world, title="Status"))
    assert "doubtful, 3 checks in a row" in text


def test_a_document_that_nobody_checks_is_an_alarm_too(world):
    world.check(BEFORE)
    world.now += 8 * DAY
    for name in ("terminal", "markdown", "html"):
        assert "ALARM: not seen for 8 days" in STATUS[name](report_of(world)) + FORMATS[name](
            report_of(world)
        )
    assert '"unseen: not seen for 8 days"' in STATUS["json"](report_of(world))


def test_a_document_that_lost_most_of_its_text_is_an_alarm_when_it_does_and_in_the_status(world):
    world.check(BEFORE)
    world.document = replace(TERMS, remove=("h2",))  # an edited selector is no shrinking of the terms
    world.check(BEFORE)
    assert "ALARM" not in STATUS["terminal"](report_of(world))
    result = world.check(SHORT, SHORT)
    told = view(report_of(world, result))
    assert "ALARM: aurora/terms (" in told.summary + told.unseen
    again = world.check(SHORT)
    assert "ALARM" not in FORMATS["terminal"](report_of(world, again))
    assert "ALARM" in STATUS["terminal"](report_of(world))


def test_the_state_of_each_document_is_in_the_json_of_a_check(world):
    world.check(BEFORE)
    world.check(CHALLENGE)
    still = FORMATS["json"](report_of(world, world.check(CHALLENGE)))
    back = FORMATS["json"](report_of(world, world.check(AFTER, AFTER)))
    assert '"unseen": "still"' in still
    assert '"checks": 2' in back
