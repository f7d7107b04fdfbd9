"""Listing changes, and what people's answers close."""

from datetime import timezone

import pytest
from sqlalchemy import insert, select

from monitor.errors import UsageError
from monitor.model import Duration, ReviewState, Verification
from monitor.store.engine import writing
from monitor.store.tables import changes
from tests.store_samples import HOUR, NO, START, YES, Story, doubt


@pytest.fixture
def story(store):
    told = Story(store)
    told.first(NO)
    return told


def answer(product="acme/api", topic="training", **more):
    facts = {"position": "opt-out", "at": START + 9 * HOUR, "by": "ada", "note": "read it", "evidence": YES}
    return Verification(product=product, topic=topic, **{**facts, **more})


# --- answers -----------------------------------------------------------------------------------


def test_an_answer_is_kept_whole_and_gets_a_number(story):
    period = Duration("30 to 60 days", 60, 30, "up-to")

    kept = story.store.verify(answer(period=period, version=1))

    assert kept == answer(period=period, version=1, id=1)
    assert story.store.verifications() == (kept,)


def test_answers_are_only_ever_added_oldest_first(story):
    story.store.verify(answer(position="no"))
    story.store.verify(answer(position="yes"))

    assert [one.position for one in story.store.verifications()] == ["no", "yes"]


def test_an_answer_closes_the_open_doubts_about_its_claim_and_no_other(story):
    others = (doubt("acme/chat"), doubt("acme/api", "retention"))
    story.changed(YES, doubts=(doubt("acme/api"), *others))

    kept = story.store.verify(answer("acme/api", "training"))

    assert [(one.product, one.topic) for one in story.store.doubts()] == [
        ("acme/chat", "training"),
        ("acme/api", "retention"),
    ]
    closed = story.store.doubts(open_only=False)[0]
    assert (closed.closed_by, closed.open) == (kept.id, False)


def test_a_change_is_verified_once_all_its_doubts_are_closed(story):
    story.changed(YES, doubts=(doubt("acme/api"), doubt("acme/chat")))

    story.store.verify(answer("acme/api"))
    assert story.store.change(1).state is ReviewState.TO_REVIEW

    story.store.verify(answer("acme/chat"))
    assert story.store.change(1).state is ReviewState.VERIFIED


def test_one_answer_closes_doubts_of_several_changes(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    story.changed("Ask us.", doubts=(doubt("acme/api"),))

    story.store.verify(answer("acme/api"))

    assert [change.state for change in story.store.changes()] == [ReviewState.VERIFIED] * 2


def test_a_later_change_opens_a_doubt_that_an_earlier_answer_does_not_close(story):
    story.store.verify(answer("acme/api"))

    story.changed(YES, doubts=(doubt("acme/api"),))

    assert len(story.store.doubts()) == 1


def test_dismissing_a_change_closes_its_doubts_and_keeps_the_reason(story):
    story.changed(YES, doubts=(doubt("acme/api"),))

    story.store.dismiss(1, why="only reworded", by="ada", at=START)

    change = story.store.change(1)
    assert (change.state, change.why) == (ReviewState.DISMISSED, "only reworded")
    assert change.doubts == (doubt("acme/api", change=1, id=1, dismissed=True),)
    assert story.store.doubts() == ()


def test_a_change_dismissed_while_unconfirmed_comes_up_again_without_the_reason_once_it_is_confirmed(story):
    story.changed(YES, confirmed=False)
    story.store.dismiss(1, why="let us see", by="ada", at=START)

    story.changed(YES, confirmed=True)

    change = story.store.change(1)
    assert (change.state, change.why) == (ReviewState.TO_REVIEW, "")


def test_an_answer_leaves_a_dismissed_change_dismissed(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    story.store.dismiss(1, why="only reworded", by="ada", at=START)

    story.store.verify(answer("acme/api"))

    assert story.store.change(1).state is ReviewState.DISMISSED


def test_an_answer_leaves_a_change_without_substantive_flag_as_it_is(story):
    story.changed(YES, flagged=False, doubts=(doubt("acme/api"),))

    story.store.verify(answer("acme/api"))

    assert story.store.change(1).state is ReviewState.NOTHING


def test_dismissing_a_change_keeps_what_an_answer_closed(story):
    story.changed(YES, doubts=(doubt("acme/api"), doubt("acme/chat")))
    story.store.verify(answer("acme/api"))

    story.store.dismiss(1, why="only reworded", by="ada", at=START)

    closed, dismissed = story.store.change(1).doubts
    assert (closed.closed_by, closed.dismissed) == (1, False)
    assert (dismissed.closed_by, dismissed.dismissed) == (None, True)


def test_a_verified_change_cannot_be_dismissed(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    story.store.verify(answer("acme/api"))

    with pytest.raises(UsageError, match="change 1 is verified already"):
        story.store.dismiss(1, why="no", by="ada", at=START)


def test_dismissing_an_unknown_change_names_the_highest(story):
    story.changed(YES)

    with pytest.raises(UsageError, match="no change 2; the highest number is 1"):
        story.store.dismiss(2, why="no", by="ada", at=START)


def test_text_that_no_database_takes_is_made_storable(story):
    kept = story.store.verify(answer(evidence="half \ud83d and NUL \0 and whole 😀 训练"))

    assert story.store.verifications()[0].evidence == "half \ufffd and NUL \ufffd and whole 😀 训练"
    assert kept.id == 1


# --- listing -----------------------------------------------------------------------------------


@pytest.fixture
def busy(store):
    """Two documents: changes 1 and 2 of terms at 13:00 and 14:00, change 3 of privacy at 18:00."""
    terms = Story(store)
    terms.first("A")
    terms.changed("B")
    terms.changed("C")
    privacy = Story(store, document="acme/privacy", at=START + 5 * HOUR)
    privacy.first("A")
    privacy.changed("B")
    return store


def listed(store, **narrow):
    return [change.id for change in store.changes(**narrow)]


def test_changes_are_listed_newest_first(busy):
    assert listed(busy) == [3, 2, 1]


@pytest.mark.parametrize(
    ("narrow", "expected"),
    [
        ({"document_ids": ["acme/terms"]}, [2, 1]),
        ({"document_ids": []}, []),
        ({"since": START + 2 * HOUR}, [3, 2]),
        ({"until": START + 2 * HOUR}, [1]),
        ({"since": START + 2 * HOUR, "until": START + 6 * HOUR}, [2]),
        ({"change_id": 2}, [2]),
        ({"limit": 2}, [3, 2]),
        ({"document_ids": ["acme/terms"], "limit": 1}, [2]),
    ],
)
def test_a_listing_can_be_narrowed(busy, narrow, expected):
    assert listed(busy, **narrow) == expected


def test_a_period_given_in_another_zone_means_the_same_instants(busy):
    tokyo = (START + 2 * HOUR).astimezone(timezone(9 * HOUR))

    assert listed(busy, since=tokyo) == [3, 2]


def test_a_change_confirmed_later_is_news_of_the_time_it_was_confirmed(story):
    story.changed(YES, confirmed=False)
    story.changed(YES, confirmed=True)

    assert listed(story.store, since=START + 2 * HOUR) == [1]


def test_more_changes_than_one_query_can_name_are_listed(story):
    story.changed(YES)
    copy_the_change(story.store, times=1100)

    assert listed(story.store) == list(range(1101, 0, -1))


def copy_the_change(store, times):
    with writing(store._engine) as connection:
        row = dict(connection.execute(select(changes)).one()._mapping)
        connection.execute(insert(changes), [row | {"id": number + 2} for number in range(times)])
