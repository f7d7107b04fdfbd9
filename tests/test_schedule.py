"""When a document is due next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Capture, Document, Doubtful, Failed, Schedule, Unchanged
from monitor.schedule import cron_mistake, interval, next_check, next_slot, rest_after, spread, time_zone

BERLIN = "Europe/Berlin"
NOW = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)  # a Tuesday


def page(schedule: Schedule, name: str = "acme/terms") -> Document:
    return Document(
        id=name, provider="acme", type="Terms of Service", url="https://acme.example", schedule=schedule
    )


def every(length: timedelta, jitter: timedelta | None = timedelta(0), name: str = "acme/terms") -> Document:
    return page(Schedule(every=length, jitter=jitter), name)


def cron(expression: str, jitter: timedelta | None = timedelta(0), zone: str = "UTC") -> Document:
    return page(Schedule(every=None, cron=expression, timezone=zone, jitter=jitter))


UNCHANGED = Unchanged(document="acme/terms", at=NOW)


def failed(retry_after: timedelta | None = None) -> Failed:
    return Failed(document="acme/terms", at=NOW, reasons=(), retry_after=retry_after)


def local(instant: datetime, zone: str = BERLIN) -> str:
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M")


def slots(expression: str, zone: str, start: datetime, count: int) -> list[datetime]:
    found = [next_slot(expression, zone, start)]
    while len(found) < count:
        found.append(next_slot(expression, zone, found[-1]))
    return found


# --- intervals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("1h30m", timedelta(minutes=90)),
        ("1d 12h", timedelta(hours=36)),
        ("2W", timedelta(weeks=2)),
        ("0s", timedelta(0)),
        *((text, None) for text in ("", "12", "m", "dayly", "-1d", "1.5h", "30m1h", "١h", "999999999d")),
    ],
)
def test_a_length_of_time_has_numbers_with_units(text, length):
    assert interval(text) == length


def test_without_jitter_the_next_check_is_one_interval_away():
    assert next_check(every(timedelta(hours=6)), UNCHANGED, NOW, 0) == NOW + timedelta(hours=6)


def test_jitter_is_stable_for_a_document_and_spreads_documents_over_a_tenth_of_the_interval():
    documents = [every(timedelta(hours=1), None, f"acme/{number}") for number in range(200)]

    first = [next_check(document, UNCHANGED, NOW, 0) - NOW for document in documents]

    assert first == [next_check(document, UNCHANGED, NOW, 0) - NOW for document in documents]
    assert timedelta(minutes=54) <= min(first) < timedelta(minutes=55)
    assert timedelta(minutes=65) < max(first) <= timedelta(minutes=66)


def test_jitter_of_a_long_interval_is_at_most_half_an_hour():
    lengths = [
        next_check(every(timedelta(days=7), None, f"acme/{number}"), UNCHANGED, NOW, 0) - NOW
        for number in range(200)
    ]

    assert max(abs(length - timedelta(days=7)) for length in lengths) <= timedelta(minutes=30)


# --- failures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("failures", "hours"), [(0, 1.5), (1, 1.5), (2, 3), (3, 6), (4, 12), (5, 12), (10_000, 12)]
)
def test_a_failure_is_tried_again_early_and_then_less_and_less_often(failures, hours):
    wait = next_check(every(timedelta(hours=12)), failed(), NOW, failures) - NOW

    assert timedelta(hours=hours) <= wait <= min(timedelta(hours=hours) * 1.1, timedelta(hours=12))


def test_a_doubtful_capture_is_tried_again_like_a_failure():
    capture = Capture(url="", final_url="", status=403, headers=(), body=b"", at=NOW)
    doubtful = Doubtful(document="acme/terms", at=NOW, capture=capture, reasons=())

    document = every(timedelta(hours=12))

    assert next_check(document, doubtful, NOW, 1) == next_check(document, failed(), NOW, 1)


def test_the_first_retry_waits_five_minutes_but_never_longer_than_the_interval():
    assert timedelta(minutes=5) <= next_check(every(timedelta(minutes=20)), failed(), NOW, 1) - NOW
    assert next_check(every(timedelta(seconds=2)), failed(), NOW, 1) - NOW == timedelta(seconds=2)


def test_a_server_that_asks_for_a_longer_pause_gets_it_within_reason():
    document = every(timedelta(hours=12))

    assert next_check(document, failed(timedelta(days=2)), NOW, 1) == NOW + timedelta(days=2)
    assert next_check(document, failed(timedelta(seconds=1)), NOW, 1) > NOW + timedelta(hours=1)
    assert next_check(document, failed(timedelta(days=9_999)), NOW, 1) == NOW + timedelta(days=7)


def test_a_failure_between_two_slots_is_tried_again_before_the_next_one():
    due = next_check(cron("0 0 * * *"), failed(), NOW, 1)

    assert NOW + timedelta(hours=3) <= due <= NOW + timedelta(hours=3.3)
    assert next_check(cron("0 0 * * *"), failed(), NOW, 9) == datetime(2026, 5, 6, tzinfo=UTC)


# --- crontab expressions -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 3 * * 0", ["Sun 10 03:00", "Sun 17 03:00"]),
        ("0 3 * * 7", ["Sun 10 03:00", "Sun 17 03:00"]),
        ("0 3 * * 1", ["Mon 11 03:00", "Mon 18 03:00"]),
        ("0 3 * * mon-wed", ["Wed 06 03:00", "Mon 11 03:00"]),
        ("0 */6 * * 1-5", ["Tue 05 18:00", "Wed 06 00:00", "Wed 06 06:00"]),
        ("15,45 8-10/2 * * *", ["Wed 06 08:15", "Wed 06 08:45", "Wed 06 10:15", "Wed 06 10:45"]),
        ("0 0 13 * fri", ["Fri 08 00:00", "Wed 13 00:00", "Fri 15 00:00"]),
        ("0 0 */2 * fri", ["Fri 15 00:00", "Fri 29 00:00"]),
        ("0 0 1 JUN,aug *", ["Mon 01 00:00", "Sat 01 00:00"]),
        ("@daily", ["Wed 06 00:00", "Thu 07 00:00"]),
        ("@weekly", ["Sun 10 00:00"]),
    ],
)
def test_a_crontab_expression_means_what_crontab_says(expression, expected):
    assert [local(slot, "UTC") for slot in slots(expression, "UTC", NOW, len(expected))] == expected


def test_a_slot_is_a_local_time():
    assert next_slot("0 9 * * *", "Asia/Tokyo", NOW) == datetime(2026, 5, 6, 0, 0, tzinfo=UTC)


def test_a_fixed_time_comes_once_in_the_night_when_the_clocks_go_back():
    found = slots("30 2 * * *", BERLIN, datetime(2026, 10, 24, 12, tzinfo=UTC), 3)

    assert [local(slot) for slot in found] == ["Sun 25 02:30", "Mon 26 02:30", "Tue 27 02:30"]
    assert found[0] == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # the first of the two


@pytest.mark.parametrize("minute", range(0, 120, 5))
def test_a_check_within_the_repeated_hour_does_not_bring_the_slot_back(minute):
    during = datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(minutes=minute)

    assert local(next_slot("30 2 * * *", BERLIN, during)) == "Mon 26 02:30"


def test_a_time_that_the_spring_night_skips_comes_right_after_the_gap_and_once():
    found = slots("30 2 * * *", BERLIN, datetime(2026, 3, 28, 12, tzinfo=UTC), 2)

    assert [local(slot) for slot in found] == ["Sun 29 03:00", "Mon 30 02:30"]


def test_every_half_hour_goes_on_through_the_repeated_hour():
    found = slots("*/30 * * * *", BERLIN, datetime(2026, 10, 24, 23, 45, tzinfo=UTC), 6)

    assert {after - before for before, after in pairwise(found)} == {timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("expression", "mistake"),
    [
        ("* * * *", "has 4 fields instead of 5"),
        ("0 0 0 * * *", "has 6 fields instead of 5"),
        ("", "has 0 fields instead of 5"),
        ("@reboot", "has 1 field instead of 5"),
        ("60 * * * *", "has a bad minute field"),
        ("* 24 * * *", "has a bad hour field"),
        ("* * 0 * *", "has a bad day-of-month field"),
        ("* * * 13 *", "has a bad month field"),
        ("* * * * 8", "has a bad day-of-week field"),
        ("*/0 * * * *", "has a bad minute field"),
        ("10-5 * * * *", "has a bad minute field"),
        ("0 0 30 2 *", "has a bad day-of-month field"),
        ("0 0 29 2 *", ""),
        ("0 0 30 2 MON", ""),
        ("@hourly", ""),
    ],
)
def test_a_bad_crontab_expression_is_explained(expression, mistake):
    assert cron_mistake(expression) == mistake


def field(lowest: int, highest: int) -> st.SearchStrategy[str]:
    number = st.integers(lowest, highest)
    ranges = st.tuples(number, number).map(lambda pair: f"{min(pair)}-{max(pair)}")
    steps = st.integers(1, highest).map(lambda step: f"*/{step}")
    lists = st.lists(number, min_size=1, max_size=3).map(lambda numbers: ",".join(map(str, numbers)))
    return st.one_of(st.just("*"), ranges, steps, lists)


def numbers(text: str, lowest: int, highest: int) -> set[int]:
    """What a field as made above stands for."""
    if text.startswith("*"):
        return set(range(lowest, highest + 1, int(text[2:] or 1)))
    if "-" in text:
        first, last = map(int, text.split("-"))
        return set(range(first, last + 1))
    return set(map(int, text.split(",")))


EXPRESSIONS = st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 6))
INSTANTS = st.integers(0, 15 * 366 * 24 * 3600).map(
    lambda seconds: datetime(2020, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)


@given(EXPRESSIONS, INSTANTS)
def test_the_next_slot_is_later_and_matches_its_expression(fields, now):
    minute, hour, day, month, weekday = fields

    slot = next_slot(" ".join(fields), "UTC", now)

    on_day = slot.day in numbers(day, 1, 31)
    on_weekday = slot.isoweekday() % 7 in numbers(weekday, 0, 6)
    either = not day.startswith("*") and not weekday.startswith("*")
    assert slot > now
    assert slot.second == slot.microsecond == 0
    assert slot.minute in numbers(minute, 0, 59)
    assert slot.hour in numbers(hour, 0, 23)
    assert slot.month in numbers(month, 1, 12)
    assert (on_day or on_weekday) if either else (on_day and on_weekday)


@given(
    EXPRESSIONS, INSTANTS, st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
)
def test_a_slot_is_never_passed_over_whatever_the_time_zone(fields, now, zone):
    slot = next_slot(" ".join(fields), zone, now)

    assert slot > now
    assert next_slot(" ".join(fields), zone, slot - timedelta(seconds=1)) == slot
    assert next_slot(" ".join(fields), zone, slot) > slot


@given(EXPRESSIONS, INSTANTS)
def test_jitter_delays_a_slot_by_at_most_ten_minutes_and_skips_none(fields, now):
    document = cron(" ".join(fields), jitter=None)

    first = next_check(document, UNCHANGED, now, 0)
    second = next_check(document, UNCHANGED, first, 0)

    slot = next_slot(" ".join(fields), "UTC", now)
    assert slot <= first <= slot + timedelta(minutes=10)
    following = next_slot(" ".join(fields), "UTC", slot)
    assert following <= second <= following + timedelta(minutes=10)


@pytest.mark.parametrize("name", ["Mars/Base", "", "../etc/passwd", "/etc/passwd", "Europe", "a\0b"])
def test_a_name_that_is_no_time_zone_is_refused(name):
    with pytest.raises(ValueError, match="is not a time zone"):
        time_zone(name)


# --- after a restart -----------------------------------------------------------------------------


def test_overdue_documents_are_spread_out_with_the_latest_first():
    due = {
        "acme/yesterday": NOW - timedelta(days=1),
        "acme/now": NOW,
        "acme/never": None,
        "acme/tomorrow": NOW + timedelta(days=1),
        "acme/last-week": NOW - timedelta(days=7),
    }

    spread_out = spread(due, NOW, over=timedelta(minutes=20))

    assert spread_out == {
        "acme/never": NOW,
        "acme/last-week": NOW + timedelta(minutes=5),
        "acme/yesterday": NOW + timedelta(minutes=10),
        "acme/now": NOW + timedelta(minutes=15),
    }


def test_nothing_overdue_is_nothing_to_spread():
    assert spread({"acme/tomorrow": NOW + timedelta(days=1)}, NOW, over=timedelta(minutes=20)) == {}


# --- looking at what is due --------------------------------------------------------------------


@pytest.mark.parametrize(("look", "rest"), [(0.0, 0.0), (0.6, 12.0), (5.0, 30.0)])
def test_looking_at_what_is_due_takes_a_small_share_of_the_time(look, rest):
    assert rest_after(look) == pytest.approx(rest)
