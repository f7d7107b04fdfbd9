"""A person takes a doubtful capture for the document."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.accept import accept
from monitor.errors import UsageError
from monitor.model import Capture, Render
from tests.test_check import AFTER, BEFORE, CHALLENGE, TERMS, World

# The terms moved into a page of the provider's account area, and its titles say so.
MOVED = re.sub(rb"(?s)<(title|h1)\b.*?</\1>", rb"<\1>Sign in</\1>", AFTER)


@pytest.fixture
def world(store, rules, at):
    return World(store, rules, at, replace(TERMS, render=Render.HTTP))


def accepted(world, why="moved into the account area", by="ada"):
    return accept(world.document, world.parts, by=by, why=why)


def test_the_guard_asks_after_three_equal_captures_and_acceptance_is_reported_as_any_change(world, store):
    world.check(BEFORE)
    for _ in range(3):
        result = world.check(MOVED)
    assert [reason.code for reason in result.reasons] == ["login", "accept?"]

    result = accepted(world)

    assert result.outcome == "changed"
    assert result.change.change.confirmed
    assert result.change.change.alert
    assert [doubt.product for doubt in result.change.doubts] == ["aurora/api"]
    assert [reason.detail for reason in store.change(1).change.reasons] == [
        "accepted by ada: moved into the account area"
    ]


def test_the_same_text_served_again_is_unchanged_and_a_later_edit_is_a_change(world):
    world.check(BEFORE)
    world.check(MOVED)
    accepted(world)

    other_bytes = MOVED.replace(b"<p>", b"<p >")
    assert [world.check(answer).outcome for answer in (MOVED, other_bytes)] == ["unchanged", "unchanged"]
    edited = MOVED.replace(b"30 days' notice", b"45 days' notice")
    assert world.check(edited, edited).outcome == "changed"


def test_without_a_version_it_becomes_the_first_and_who_accepted_it_is_kept(world, store):
    world.check(MOVED)

    result = accepted(world, why="")

    assert result.outcome == "first"
    assert [reason.detail for reason in result.reasons] == ["accepted by ada"]
    (health,) = store.health([TERMS.id])
    assert (health.failures, health.versions) == (0, 1)
    assert health.reasons == result.reasons


def test_the_version_keeps_the_time_of_its_capture_and_the_change_that_of_the_decision(world, store, at):
    world.check(BEFORE)
    world.check(MOVED)
    captured = world.now
    world.now += timedelta(days=2)

    result = accepted(world)

    assert (result.at, result.change.after.at) == (world.now, captured)
    assert store.changes(since=world.now)[0].id == result.change.id


def test_the_newest_of_several_doubtful_captures_is_taken(world):
    world.check(BEFORE)
    world.check(CHALLENGE)
    world.check(MOVED)
    assert accepted(world).change.after.title == "Sign in"


def test_when_nothing_doubtful_waits_the_message_says_so_and_nothing_changes(world, store):
    with pytest.raises(UsageError, match="nothing doubtful is waiting; run: tos-monitor check aurora/terms"):
        accepted(world)
    world.check(BEFORE)
    world.check(MOVED)
    world.check(BEFORE)
    with pytest.raises(UsageError, match="nothing doubtful is waiting; the document was seen"):
        accepted(world)
    assert len(store.versions(TERMS.id)) == 1


def test_accepting_twice_finds_nothing_the_second_time(world):
    world.check(BEFORE)
    world.check(MOVED)
    accepted(world)
    with pytest.raises(UsageError, match="nothing doubtful"):
        accepted(world)


@pytest.mark.parametrize(
    ("body", "why"),
    [(bytes(range(256)) * 40, "cannot be accepted"), (b"<html><body></body></html>", "holds no text")],
)
def test_what_cannot_be_read_or_holds_no_text_is_never_accepted(world, store, body, why):
    world.check(BEFORE)
    world.check(body)
    with pytest.raises(UsageError, match=why):
        accepted(world)
    assert len(store.versions(TERMS.id)) == 1


def test_a_selector_that_matches_nothing_is_mended_and_not_accepted(store, rules, at):
    world = World(store, rules, at, replace(TERMS, select=("#nothing",), render=Render.HTTP))
    world.check(BEFORE)
    with pytest.raises(UsageError, match="#nothing"):
        accepted(world)


def test_the_capture_of_another_document_with_the_same_bytes_is_left_alone(world, store):
    other = replace(world.document, id="aurora/privacy", url="https://aurora.example/privacy")
    world.check(MOVED)
    world.document = other
    world.check(replace_url(MOVED, other.url, world.now))
    world.document = replace(TERMS, render=Render.HTTP)

    accepted(world)

    assert store.versions(TERMS.id)[0].url == TERMS.url


def replace_url(body, url, at):
    return Capture(
        url=url, final_url=url, status=200, headers=(("content-type", "text/html"),), body=body, at=at
    )


def test_a_document_that_another_run_checks_now_is_not_accepted(world, store):
    world.check(MOVED)
    store.claim(TERMS.id, by="elsewhere:2", now=world.now, until=world.now + timedelta(hours=1))
    with pytest.raises(UsageError, match="another run"):
        accepted(world)
