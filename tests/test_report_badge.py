"""Badges: what they say of a claim, always dated, and pictures that stand alone."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import Audience, Claim, ClaimState, Doubt, Duration, Product, Standing
from monitor.report.badge import COLORS, LABEL_COLOR, Badge, badge, shields, svg
from monitor.report.wording import visible

PRODUCT = Product(id="aurora/api", provider="aurora", name="Aurora API", audience=Audience.API)
NO = Claim(product="aurora/api", topic="training", position="no", verified=date(2026, 5, 5))
DAYS = replace(NO, topic="retention", position="period", period=Duration("30 days", 30, 30))
DOUBT = Doubt(
    product="aurora/api", topic="training", document="aurora/terms", summary="",
    at=datetime(2026, 8, 29, 12, tzinfo=UTC), change=4,
)  # fmt: skip


def standing(claim, state=ClaimState.VERIFIED, **facts):
    return Standing(
        product=PRODUCT, topic=claim.topic if claim else "training", claim=claim, state=state, **facts
    )


@pytest.mark.parametrize(
    ("stands", "message"),
    [
        (standing(NO), "no training · verified 2026-05-05"),
        (standing(DAYS), "kept 30 days · verified 2026-05-05"),
        (standing(replace(NO, position="opt-out")), "training opt-out · verified 2026-05-05"),
        (standing(NO, ClaimState.NEEDS_REVERIFICATION, doubts=(DOUBT,)), "re-verify since 2026-08-29"),
        (standing(NO, ClaimState.EXPIRED), "no training · stale, verified 2026-05-05"),
        (standing(replace(NO, verified=None), ClaimState.NEVER_VERIFIED), "no training · never verified"),
        (
            standing(NO, ClaimState.CONTRADICTED, sources=(NO, replace(NO, verified=date(2026, 3, 1)))),
            "training: sources disagree · 2026-05-05",
        ),
        (standing(None, ClaimState.NEVER_VERIFIED), "training: no claim"),
    ],
)
def test_a_badge_says_what_holds_and_since_when(stands, message):
    assert badge(stands) == Badge("Aurora API", message, COLORS[stands.state])


def test_what_is_stale_is_grey_and_says_so():
    stale = badge(standing(NO, ClaimState.EXPIRED))
    red, green, blue = (int(stale.color[at : at + 2], 16) for at in (1, 3, 5))
    assert max(red, green, blue) - min(red, green, blue) < 16
    assert "stale" in stale.message


def test_a_badge_of_a_model_carries_its_name():
    assert badge(standing(NO), name="aurora-large-2").label == "aurora-large-2"


def test_shields_gets_what_its_endpoint_asks_for():
    facts = json.loads(shields(badge(standing(NO))))
    assert facts["schemaVersion"] == 1
    assert (facts["label"], facts["message"]) == ("Aurora API", "no training · verified 2026-05-05")


@given(st.text(st.characters(codec="utf-8"), max_size=60).map(visible))
def test_any_words_make_a_picture_that_parses_and_has_them_as_its_title(text):
    tree = ElementTree.fromstring(svg(Badge("Label", text, "#17693a")))
    names = {"svg": "http://www.w3.org/2000/svg"}
    assert tree.find("svg:title", names).text == f"Label: {text}"
    assert [one.text or "" for one in tree.iterfind(".//svg:text", names)] == ["Label", text]


def test_nothing_is_loaded_from_elsewhere():
    picture = svg(badge(standing(NO)))
    assert picture.count("http") == 1  # the name of the format itself
    assert "<style" not in picture
    assert "<script" not in picture


@pytest.mark.parametrize("color", [*COLORS.values(), LABEL_COLOR])
def test_white_words_can_be_read_on_every_colour(color):
    def light(value):
        value = int(value, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    luminance = sum(
        weight * light(color[at : at + 2]) for weight, at in ((0.2126, 1), (0.7152, 3), (0.0722, 5))
    )
    assert 1.05 / (luminance + 0.05) >= 4.5  # WCAG 2.2, success criterion 1.4.3
