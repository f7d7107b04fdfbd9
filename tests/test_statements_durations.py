"""Durations are read in five languages and compare as lengths of time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.statements.durations import durations, parse_duration

MONTH = 365 / 12


def days(text):
    duration = parse_duration(text)
    assert duration is not None
    return duration.days


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("thirty (30) days", 30),
        ("30 (thirty) days", 30),
        ("30-day", 30),
        ("30 rolling days", 30),
        ("thirty calendar days", 30),
        ("5 business days", 7),
        ("72 hours", 3),
        ("twenty four (24) hours", 1),
        ("twenty-four hours", 1),
        ("one hundred and eighty days", 180),
        ("1,095 days", 1095),
        ("18 months", 18 * MONTH),
        ("3\u2011year", 1095),
        ("1.5 years", 547.5),
        ("half a year", 182.5),
        ("半年", 182.5),
        ("18个月", 18 * MONTH),
        ("六个月", 6 * MONTH),
        ("一年半", 547.5),
        ("一百八十天", 180),
        ("15个工作日", 21),
        ("30 jours", 30),
        ("trente (30) jours", 30),
        ("quatre-vingt-dix jours", 90),
        ("un an", 365),
        ("30 Tage", 30),
        ("30-tägige", 30),
        ("zwölf Monate", 365),
        ("treinta (30) días", 30),
        ("un año", 365),
        ("12h", 0.5),
        ("30d", 30),
    ],
)
def test_a_length_is_read_in_days(text, length):
    duration = parse_duration(text)
    assert duration is not None
    assert duration.days == duration.shortest_days == pytest.approx(length)


@pytest.mark.parametrize(
    ("text", "shortest", "longest"),
    [
        ("30 to 60 days", 30, 60),
        ("30-60 days", 30, 60),
        ("between 30 and 60 days", 30, 60),
        ("30 days to 18 months", 30, 547.5),
        ("two or three years", 730, 1095),
        ("30 à 60 jours", 30, 60),
        ("30 bis 60 Tage", 30, 60),
        ("30至60天", 30, 60),
    ],
)
def test_a_range_has_both_ends(text, shortest, longest):
    duration = parse_duration(text)
    assert duration is not None
    assert (duration.shortest_days, duration.days) == (shortest, longest)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("for up to 30 days", "up-to"),
        ("no later than ninety (90) days", "up-to"),
        ("within a period of 30 days", "up-to"),
        ("30 days or less", "up-to"),
        ("at least six months", "at-least"),
        ("for more than 30 days", "at-least"),
        ("no more than 30 days", "up-to"),
        ("for the later of 30 days after deletion", "later-of"),
        ("30 days after deletion, whichever is earlier", "earlier-of"),
        ("maximal 12 Monate", "up-to"),
        ("au moins 30 jours", "at-least"),
        ("hasta 30 días", "up-to"),
        ("不少于六个月", "at-least"),
        ("30天内", "up-to"),
        ("for 30 days", "exactly"),
    ],
)
def test_a_bound_is_read_with_its_length(text, bound):
    assert [duration.bound for duration in durations(text)] == [bound]


@pytest.mark.parametrize(
    "text",
    [
        "2025年8月28日",
        "生效日期：8月28日",
        "$30 daily",
        "section 30",
        "the year 2024",
        "Monday",
        "24/7",
        "",
        "1.2.3",
    ],
)
def test_dates_and_bare_numbers_are_no_durations(text):
    assert durations(text) == ()


def test_every_duration_of_a_sentence_is_found_in_order():
    text = "Logs are kept for 30 days, backups for up to 6 months and invoices for ten years."
    assert [d.text for d in durations(text)] == ["30 days", "6 months", "ten years"]


def test_a_rate_is_not_a_length():
    assert [d.text for d in durations("Support answers 24 hours a day for a year.")] == ["24 hours", "a year"]


def test_a_text_with_two_durations_is_not_one_duration():
    assert parse_duration("30 days after 6 months") is None


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("kept for no less than six months", "at-least"),
        ("kept for less than six months", "up-to"),
        ("not stored past thirty days", "at-least"),
    ],
)
def test_a_denied_bound_is_the_other_bound(text, bound):
    assert [duration.bound for duration in durations(text)] == [bound]


def test_twelve_months_are_a_year():
    assert days("12 months") == days("one year")


@given(st.integers(1, 999), st.integers(1, 999), st.sampled_from(["hour", "day", "week", "month", "year"]))
def test_durations_of_one_unit_order_like_their_numbers(one, other, unit):
    assert (days(f"{one} {unit}s") < days(f"{other} {unit}s")) == (one < other)


@given(st.text(alphabet="0123456789 abcdefghilmnorstuy-–,.()年月天个半十三", max_size=80))
def test_any_text_gives_durations_that_are_well_formed(text):
    assert all(0 <= duration.shortest_days <= duration.days for duration in durations(text))
