"""How a position moved over the years, as told from imported and own versions and from what was claimed."""

import json
import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from monitor.report.picture import Step
from monitor.report.years import LEAST, Lane, Scale, chart
from tests.history_archive import YES, Archive, imported, markdown, watch
from tests.program import page, program_in


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "acme-versions")


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "watching"
    folder.mkdir()
    with program_in(folder) as made:
        watch(made)
        yield made


def moved(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Fees="Fees are due at once and in gold, and are never paid back to anybody."))
    archive.record(markdown(Training=YES))
    imported(program, archive)


def told(program, *words):
    came, out = program.run("timeline", "acme/chat", *words)
    assert came == 0, program.said
    return out


def test_a_position_is_told_where_it_moved_and_nowhere_else(program, archive):
    moved(program, archive)

    (topic,) = json.loads(told(program, "training", "--format", "json"))["topics"]

    assert [one["at"] for one in topic["said"]] == ["2024-03-01T12:00:00Z", "2024-03-03T12:00:00Z"]
    assert topic["said"][0]["source"].startswith("open terms archive: acme-versions")
    assert topic["said"][1]["sentences"] == [YES]
    assert [one["event"] for one in topic["claimed"]] == ["published"]


def test_what_was_said_stands_beside_what_was_claimed(program, archive):
    moved(program, archive)

    lines = told(program, "training").splitlines()

    days = [line.split()[0] for line in lines if line.startswith("  20")]
    assert days == ["2024-03-01", "2024-03-03", "2024-03-03", "2026-05-05"]
    assert "unless opted out" in " ".join(" ".join(lines).split())


def test_a_document_that_nobody_looked_at_since_is_not_told_to_say_the_same_today(program, archive):
    moved(program, archive)

    lines = " ".join(told(program, "training").split())
    page = told(program, "training", "--format", "html")
    documents = json.loads(told(program, "training", "--format", "json"))["documents"]

    assert "2024-03-03 acme/terms was last seen" in lines
    assert "not seen since 2024-03-03" in page
    assert documents == [{"document": "acme/terms", "seen": "2024-03-03T12:00:00Z"}]


def test_a_document_that_was_seen_today_is_told_to_stand(program, archive, site):
    site.put("/terms", page())
    watch(program, url=f"{site.url}/terms")
    program.run("check")

    assert "was last seen" not in told(program, "training")
    assert "not seen since" not in told(program, "training", "--format", "html")


def test_a_line_with_a_date_is_as_wide_as_those_below_it(program, archive):
    moved(program, archive)
    note = ("--note", "word " * 60)
    assert program.run("verify", "acme/chat", "training", "--position", "opt-out", *note)[0] == 0, (
        program.said
    )

    dated, below, *_ = [line for line in told(program, "training").splitlines() if "word word" in line]

    assert dated.startswith("  20")
    assert abs(len(dated) - len(below)) < len("word ")


def test_the_page_has_a_picture_with_a_lane_for_what_was_said_and_one_for_what_was_claimed(program, archive):
    moved(program, archive)

    page = told(program, "training", "--format", "html")

    assert re.findall(r'<p class="of">(.*?)</p>', page) == ["acme/terms", "claimed"]
    assert "<script" not in page


# --- the picture -----------------------------------------------------------------------------------


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def bands(picture):
    """Where each band begins and how wide it is, in percent, with its number; lane by lane."""
    lanes = BeautifulSoup(str(picture), "html.parser").select("svg.timeline")
    return [
        [
            (
                float(one["x"][:-1]),
                float(one["width"][:-1]),
                one.find("text").text if one.find("text") else "",
            )
            for one in reversed(lane.select("svg"))
        ]
        for lane in lanes
    ]


def test_all_lanes_share_one_scale_of_time():
    lanes = [
        Lane("a", (Step(at("2014-01-01"), "yes"), Step(at("2019-01-01"), "no"))),
        Lane("b", (Step(at("2019-01-01"), "yes"),)),
    ]

    one, other = bands(chart(lanes, at("2024-01-01")))

    assert [(round(x), round(wide), number) for x, wide, number in one] == [(0, 50, "1"), (50, 50, "2")]
    assert [(round(x), round(wide), number) for x, wide, number in other] == [(50, 50, "1")]


def test_what_held_for_a_day_is_seen_in_twenty_years_and_has_no_number():
    days = ("2004-01-01", "2010-06-01", "2010-06-02")
    steps = tuple(Step(at(day), words) for day, words in zip(days, ("yes", "no", "maybe"), strict=True))

    ((_, (_, wide, number), last),) = bands(chart([Lane("a", steps)], at("2024-01-01")))

    assert (wide >= LEAST, number, last[2]) == (True, "", "3")


def test_what_is_new_today_is_seen_at_the_end_of_the_years():
    days = ("2004-01-01", "2023-12-30", "2023-12-31")
    steps = tuple(Step(at(day), words) for day, words in zip(days, ("yes", "no", "maybe"), strict=True))

    (found,) = bands(chart([Lane("a", steps)], at("2024-01-01")))

    assert [round(x + wide, 1) for x, wide, _ in found] == [round(100 - 2 * LEAST, 1), 100 - LEAST, 100]


@given(st.integers(0, 35 * 365), st.integers(0, 60 * 365))
def test_labels_of_the_scale_never_stand_on_each_other(start, days):
    first = at("1995-01-01") + timedelta(days=start)
    scale = Scale(first, first + timedelta(days=days))

    ticks = scale.ticks()

    width = 330  # of the picture on a narrow screen, in pixels
    places = [scale.at(when) * width / 100 for when, _ in ticks]
    least = 56 if ticks and "-" in ticks[0][1] else 32
    assert all(b - a >= least for a, b in pairwise(places))
    assert len({label for _, label in ticks}) == len(ticks)


def test_a_key_says_what_is_hatched_only_where_something_is():
    steps = (Step(at("2014-01-01"), "yes"), Step(at("2019-01-01"), "no", doubtful=True))

    assert "hatched: in doubt" in str(chart([Lane("a", steps)], at("2024-01-01")))
    assert "hatched" not in str(chart([Lane("a", steps[:1])], at("2024-01-01")))


def test_what_was_not_seen_since_is_faded_to_the_end_of_the_scale():
    lane = Lane("a", (Step(at("2014-01-01"), "yes"),), seen=at("2019-01-01"))

    drawn = BeautifulSoup(str(chart([lane], at("2024-01-01"))), "html.parser")

    (faded,) = drawn.select("rect.unseen")
    assert (round(float(faded["x"][:-1])), round(float(faded["width"][:-1]))) == (50, 50)
    assert drawn.select_one(".keys .unseen") is not None


def test_words_of_a_page_are_only_words_in_the_picture():
    drawn = str(chart([Lane("<b>", (Step(at("2020-01-01"), "<script>"),))], at("2024-01-01")))

    assert "<script>" not in drawn
    assert "<b>" not in drawn


def test_a_product_without_a_past_says_so(program):
    assert "Nothing was ever said or claimed." in told(program, "retention")


def test_a_product_that_there_is_not_is_named(program):
    came, _ = program.run("timeline", "acme/nothing")

    assert came == 3
    assert "acme/nothing" in program.said
