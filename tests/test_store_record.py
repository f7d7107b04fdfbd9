"""What each kind of outcome leaves in the store, and what the next check is told."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy.exc import StatementError

from monitor.errors import StoreError, UsageError
from monitor.model import First, Page, Reason, ReviewState, Validators
from tests.store_samples import (
    BLOCKED,
    HOUR,
    NO,
    START,
    TIMEOUT,
    YES,
    Story,
    block,
    capture,
    clause,
    doubt,
    flag,
    version,
)


@pytest.fixture
def story(store):
    return Story(store)


def _first(taken, shown):
    return First(document="acme/terms", at=START, capture=taken, version=shown)


def stored_bodies(store):
    """The hashes of all captured bodies that the store keeps, read from its file."""
    with store._engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM captures ORDER BY id")]


# --- first, unchanged --------------------------------------------------------------------------


def test_nothing_is_known_of_a_document_never_checked(store):
    assert store.known("acme/terms") is None
    assert store.previous("acme/terms", with_capture=True).version is None
    assert store.failures("acme/terms") == 0
    assert store.changes() == ()


def test_a_first_check_becomes_the_version_with_its_capture(story):
    result = story.first(NO)

    before = story.previous(with_capture=True)
    assert (result.outcome, result.change, result.words) == ("first", None, 12)
    assert before.version == version(NO, capture(NO), id=1)
    assert before.capture == capture(NO)
    assert before.candidate is None
    assert before.held == ()


def test_the_capture_is_read_only_when_asked_for(story):
    story.first()

    assert story.previous().capture is None


def test_the_next_check_gets_validators_hash_and_reading(story):
    story.first(NO)

    known = story.store.known("acme/terms")
    assert known.validators == Validators(f'"{len(NO)}"', "yesterday", "https://acme.test/terms")
    assert known.capture_sha256 == capture(NO).sha256
    assert (known.version_id, known.fingerprint) == (1, version(NO, capture(NO)).fingerprint)
    assert (known.extractor, known.reader, known.candidate) == ("1", "plain", False)


def test_an_unchanged_check_moves_last_seen_and_keeps_no_bytes(story):
    story.first(NO)

    result = story.same(NO)

    assert (result.outcome, result.words) == ("unchanged", 12)
    assert story.previous().history == ((1, version(NO, capture(NO)).fingerprint, START + HOUR),)
    assert len(stored_bodies(story.store)) == 1
    assert len(story.store.versions("acme/terms")) == 1


def test_new_bytes_of_the_same_words_are_what_the_next_check_compares_with(story):
    story.first(NO)
    rebuilt = capture(NO, START + HOUR, body=b"<p>same words</p>", headers=(("etag", '"new"'),))

    story.same(capture=rebuilt)

    known = story.store.known("acme/terms")
    assert known.capture_sha256 == rebuilt.sha256
    assert known.validators == Validators('"new"', "", "https://acme.test/terms")
    assert story.previous(with_capture=True).capture == capture(NO)


def test_a_not_modified_answer_leaves_the_validators(story):
    story.first()
    before = story.store.known("acme/terms")

    result = story.not_modified()

    assert story.store.known("acme/terms") == before
    assert result.reasons == (Reason("not-modified", "304"),)


def test_a_first_text_that_another_process_recorded_meanwhile_is_not_written_twice(story):
    story.first(NO)

    assert story.first(NO).outcome == "unchanged"
    assert len(story.store.versions("acme/terms")) == 1


def test_a_first_text_that_contradicts_what_another_process_recorded_is_refused(story):
    story.first(NO)

    with pytest.raises(StoreError, match="acme/terms was checked by another process"):
        story.first(YES)


def test_times_are_kept_to_the_microsecond_whatever_their_zone(story):
    story.at = datetime.fromisoformat("2026-05-05T12:00:00.000001+09:00")

    story.first()

    known = story.previous().version
    assert known.at == story.at - HOUR
    assert known.at.utcoffset() == timedelta(0)


def test_a_time_without_zone_is_refused(story):
    story.at = START.replace(tzinfo=None)

    with pytest.raises(StatementError, match="has no time zone"):
        story.first()
    assert story.store.known("acme/terms") is None


def test_past_captures_are_kept_at_their_own_time(story):
    story.at = datetime.fromisoformat("2019-02-03T04:05:06Z")

    story.first(NO)
    result = story.changed(YES)

    assert result.change.change.at == datetime.fromisoformat("2019-02-03T05:05:06Z")
    assert story.health().last_check == result.at


# --- changed -----------------------------------------------------------------------------------


def test_a_change_is_kept_with_clauses_flags_both_versions_and_doubts(story):
    story.first(NO)

    result = story.changed(YES, doubts=(doubt(), doubt("shop/bot", via="acme/api")))

    recorded = result.change
    edited = clause(NO, YES)
    assert recorded.change.clauses == (edited,)
    assert recorded.change.flags == (flag(edited),)
    assert (recorded.before.id, recorded.after.id) == (1, 2)
    assert recorded.after.capture_sha256 == capture(YES).sha256
    assert recorded.state is ReviewState.TO_REVIEW
    assert recorded.doubts == (
        doubt(change=1, id=1),
        doubt("shop/bot", via="acme/api", change=1, id=2),
    )
    assert story.store.change(1) == recorded
    assert story.store.changes() == (recorded,)
    assert story.store.doubts() == recorded.doubts


def test_a_changed_text_is_the_version_in_force(story):
    story.first(NO)
    story.changed(YES)

    before = story.previous(with_capture=True)
    assert before.version == version(YES, capture(YES, START + HOUR), id=2)
    assert before.capture == capture(YES, START + HOUR)
    assert [entry[0] for entry in before.history] == [1, 2]
    assert story.store.version(1).page.blocks[0].text == NO


def test_a_version_keeps_its_effective_date_and_whole_page(store):
    taken = capture(NO)
    page = Page(
        blocks=(block(NO),), title="T", all_text="menu\0 😀 训练 \ud800", missing=("main",), scripts=3
    )
    shown = version(NO, taken, page=page, effective=date(2025, 8, 28))

    store.record(_first(taken, shown), next_check=START, started=START)

    assert store.version(1) == replace(shown, id=1)
    assert store.versions("acme/terms")[0].effective == date(2025, 8, 28)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({}, ReviewState.TO_REVIEW),
        ({"flagged": False}, ReviewState.NOTHING),
        ({"alert": False}, ReviewState.NOTHING),
        ({"confirmed": False}, ReviewState.NOTHING),
        ({"technical": True}, ReviewState.NOTHING),
    ],
)
def test_only_a_confirmed_announced_substantive_change_is_to_review(story, facts, state):
    story.first(NO)

    assert story.changed(YES, **facts).change.state is state


def test_a_change_that_another_process_recorded_meanwhile_is_announced_once(story):
    story.first(NO)
    story.changed(YES, doubts=(doubt(),))

    again = story.changed(YES, doubts=(doubt(),))

    assert (again.outcome, again.change) == ("unchanged", None)
    assert len(story.store.changes()) == 1
    assert len(story.store.doubts()) == 1


def test_a_change_of_a_document_without_a_version_is_refused_whole(story):
    story.texts.append(NO)

    with pytest.raises(StoreError):
        story.changed(YES)
    assert story.health().last_check is None


def test_a_technical_change_is_listed_only_when_asked_for_and_is_no_change_of_the_terms(story):
    story.first(NO)
    story.changed(YES, technical=True)

    assert story.store.changes() == ()
    assert len(story.store.changes(include_technical=True)) == 1
    assert story.health().last_change is None


# --- confirmation ------------------------------------------------------------------------------


def test_an_unconfirmed_text_waits_and_the_confirmed_one_stays_in_force(story):
    story.first(NO)

    result = story.changed(YES, confirmed=False, doubts=(doubt(),))

    before = story.previous()
    assert result.change.change.confirmed is False
    assert before.version.id == 1
    assert before.candidate == version(YES, capture(YES, START + HOUR), id=2, confirmed=False)
    assert [entry[0] for entry in before.history] == [1]
    assert story.store.doubts() == ()
    known = story.store.known("acme/terms")
    assert (known.version_id, known.candidate) == (1, True)
    assert known.capture_sha256 == capture(NO).sha256


def test_a_waiting_text_seen_again_is_confirmed_and_opens_its_doubts(story):
    story.first(NO)
    story.changed(YES, confirmed=False)

    result = story.changed(YES, confirmed=True, doubts=(doubt(),))

    assert (result.change.id, result.change.change.confirmed) == (1, True)
    assert result.change.change.at == START + HOUR
    assert result.change.state is ReviewState.TO_REVIEW
    assert [opened.change for opened in story.store.doubts()] == [1]
    assert [info.id for info in story.store.versions("acme/terms")] == [1, 2]
    assert story.previous().candidate is None
    assert story.store.known("acme/terms").capture_sha256 == capture(YES).sha256
    assert len(stored_bodies(story.store)) == 2


def test_a_waiting_text_seen_again_but_not_yet_confirmed_goes_on_waiting(story):
    story.first(NO)
    story.changed(YES, confirmed=False)

    result = story.changed(YES, confirmed=False)

    assert result.change.id == 1
    assert story.previous().candidate.id == 2
    assert len(story.store.changes()) == 1


def test_a_waiting_text_that_does_not_show_again_is_withdrawn(story):
    story.first(NO)
    story.changed(YES, confirmed=False)

    story.same(NO, withdrawn=True)

    assert story.previous().candidate is None
    assert story.store.known("acme/terms").candidate is False
    assert story.store.change(1).withdrawn is True
    assert [info.id for info in story.store.versions("acme/terms")] == [1]


def test_another_waiting_text_replaces_the_first(story):
    story.first(NO)
    story.changed(YES, confirmed=False)

    story.changed("Ask us.", confirmed=False)

    assert story.previous().candidate.page.blocks[0].text == "Ask us."
    assert [change.withdrawn for change in story.store.changes()] == [False, True]


def test_a_confirmed_change_to_yet_another_text_withdraws_the_waiting_one(story):
    story.first(NO)
    story.changed("Ask us.", confirmed=False)

    story.changed(YES)

    assert story.previous().candidate is None
    assert story.previous().version.page.blocks[0].text == YES
    assert [change.withdrawn for change in story.store.changes()] == [False, True]


def test_doubtful_and_failed_checks_leave_a_waiting_text_waiting(story):
    story.first(NO)
    story.changed(YES, confirmed=False)

    story.doubtful()
    story.failed()

    assert story.previous().candidate.id == 2


# --- reverts -----------------------------------------------------------------------------------


def test_a_text_that_comes_back_marks_what_it_takes_back_as_reverted(story):
    story.first("A")
    story.changed("B")
    story.changed("C")

    result = story.changed("B", restores=2, alert=False)

    assert result.change.change.restores == 2
    reverted = {change.id: change.reverted_at for change in story.store.changes()}
    assert reverted == {1: None, 2: START + 3 * HOUR, 3: None}


def test_a_return_takes_back_no_change_of_another_document(story):
    story.first("A")
    story.changed("B")
    other = Story(story.store, document="acme/privacy")
    other.first("A")
    other.changed("B")

    story.changed("A", restores=1)

    assert {change.id: bool(change.reverted_at) for change in story.store.changes()} == {
        1: True,
        2: False,
        3: False,
    }


def test_what_was_taken_back_once_keeps_its_time_and_what_was_withdrawn_has_none(story):
    story.first("A")
    story.changed("B")
    story.changed("A", restores=1)
    story.changed("C", confirmed=False)
    story.same("A", withdrawn=True)
    story.changed("D")

    story.changed("A", restores=1)

    reverted = {change.id: change.reverted_at for change in story.store.changes()}
    assert (reverted[1], reverted[3], reverted[4]) == (START + 2 * HOUR, None, START + 6 * HOUR)


def test_an_unconfirmed_return_reverts_nothing_until_it_is_confirmed(story):
    story.first("A")
    story.changed("B")

    story.changed("A", restores=1, confirmed=False)
    assert story.store.change(1).reverted_at is None

    story.changed("A", restores=1, confirmed=True)
    assert story.store.change(1).reverted_at == START + 3 * HOUR


def test_a_text_of_the_past_and_its_return_are_both_in_the_history(story):
    story.first("A")
    story.changed("B")
    story.changed("A", restores=1)

    first, _, third = story.previous().history
    assert (first[0], third[0]) == (1, 3)
    assert first[1] == third[1]


# --- readings ----------------------------------------------------------------------------------


def test_a_newer_reading_replaces_the_stored_one_and_history_keeps_both(story):
    story.first(NO)
    page = Page(blocks=(block("read better"),), title="Terms")
    reread = replace(story.previous().version, page=page, fingerprint="new", extractor="2", reader="other")

    story.same(NO, reread=reread)

    before = story.previous()
    assert before.version == reread
    assert [(entry[0], entry[1]) for entry in before.history] == [
        (1, version(NO, capture(NO)).fingerprint),
        (1, "new"),
    ]
    assert story.store.known("acme/terms").extractor == "2"
    assert story.store.changes(include_technical=True) == ()
    assert story.health().words == 2


def test_a_change_that_comes_with_a_newer_reading_keeps_both(story):
    story.first(NO)
    reread = replace(story.previous().version, fingerprint="new", extractor="2")

    story.changed(YES, reread=reread)

    assert story.store.version(1) == reread
    assert story.store.version(2).page.blocks[0].text == YES


def test_bytes_that_only_the_former_reader_saw_prove_nothing_to_the_new_one(story):
    story.first(NO)
    story.same(capture=capture(NO, START + HOUR, body=b"<p>other bytes</p>"))
    reread = replace(story.previous().version, extractor="2")

    story.same(capture=None, reread=reread)

    known = story.store.known("acme/terms")
    assert known.capture_sha256 == capture(NO).sha256
    assert known.validators.etag == ""


# --- doubtful, failed, health ------------------------------------------------------------------


def test_a_doubtful_capture_is_kept_apart_with_its_reasons(story):
    story.first(NO)

    result = story.doubtful("Are you a robot?", fingerprint="robot")

    held = story.previous().held
    assert (result.outcome, result.reasons) == ("doubtful", (BLOCKED,))
    assert [(one.fingerprint, one.reasons, one.at) for one in held] == [("robot", (BLOCKED,), START + HOUR)]
    assert story.store.capture(held[0].sha256).status == 403
    assert story.previous().version.id == 1
    assert story.store.known("acme/terms").capture_sha256 == capture(NO).sha256


def test_equal_doubtful_bytes_are_kept_once_but_count_each_time(story):
    story.first(NO)

    for _ in range(3):
        story.doubtful()

    assert len(story.previous().held) == 3
    assert len(stored_bodies(story.store)) == 2


def test_bytes_that_are_known_as_good_or_from_another_document_are_held_with_their_own_evidence(story):
    story.first(NO)
    story.doubtful(NO)
    Story(story.store, document="acme/privacy").doubtful(NO)

    assert len(stored_bodies(story.store)) == 3
    assert story.store.capture(capture(NO).sha256).status == 403
    assert story.previous(with_capture=True).capture.status == 200


def test_what_was_held_is_past_once_the_document_is_seen_again(story):
    story.first(NO)
    story.doubtful()
    story.same(NO)
    story.doubtful("Something else")

    assert [one.at for one in story.previous().held] == [START + 3 * HOUR]


def test_a_judgement_looks_back_on_the_newest_fifty_doubtful_captures(story):
    for number in range(52):
        story.doubtful(fingerprint=str(number))

    held = story.previous().held
    assert [one.fingerprint for one in (held[0], held[-1])] == ["2", "51"]


def test_trouble_is_counted_from_its_first_check_and_ends_with_a_good_one(story):
    story.first(NO)
    story.failed()
    story.doubtful()

    ill = story.health()
    assert (ill.failures, ill.since, ill.outcome) == (2, START + HOUR, "doubtful")
    assert ill.last_good == START
    assert ill.reasons == (BLOCKED,)
    assert story.store.failures("acme/terms") == 2

    story.same(NO)

    well = story.health()
    assert (well.failures, well.since, well.outcome) == (0, None, "unchanged")
    assert well.last_good == START + 3 * HOUR


def test_a_failed_check_says_why(story):
    result = story.failed()

    assert (result.outcome, result.reasons, result.words) == ("failed", (TIMEOUT,), 0)
    assert story.health().last_good is None


def test_health_tells_times_versions_and_words_in_the_order_asked(story):
    story.first(NO)
    story.changed("Five words are in here.")

    health = story.store.health(["acme/other", "acme/terms"])

    assert [one.document for one in health] == ["acme/other", "acme/terms"]
    assert (health[0].last_check, health[0].versions) == (None, 0)
    assert (health[1].versions, health[1].words) == (2, 7)
    assert health[1].last_change == START + HOUR
    assert health[1].next_check == START + 13 * HOUR


def test_health_counts_no_text_that_is_not_confirmed(story):
    story.first(NO)
    story.changed("Five words are in here.", confirmed=False)

    assert (story.health().versions, story.health().words) == (1, 12)


def test_health_of_very_many_documents_is_told(story):
    story.first(NO)
    names = [f"acme/{number}" for number in range(40_000)]

    health = story.store.health([*names, "acme/terms"])

    assert (len(health), health[-1].versions) == (40_001, 1)


def test_very_many_versions_are_asked_for_at_once(story):
    story.first(NO)

    assert list(story.store.version_infos(range(70_000))) == [1]


def test_words_of_scripts_without_spaces_are_counted_by_character(story):
    assert story.first("我们不会使用您的数据训练模型").words == 14 + 2


# --- captures and versions ---------------------------------------------------------------------


def test_a_capture_is_found_by_its_hash_with_all_its_evidence(story, store):
    taken = capture(NO, redirects=("http://acme.test/a", "http://acme.test/b"), rendered=True, seconds=1.5)

    store.record(_first(taken, version(NO, taken)), next_check=START, started=START)

    assert store.capture(taken.sha256) == taken
    assert store.capture(taken.sha256).body == taken.body


def test_unknown_captures_versions_and_changes_are_named(story):
    with pytest.raises(UsageError, match="no change 7: none is recorded yet"):
        story.store.change(7)
    story.first(NO)
    story.changed(YES)

    with pytest.raises(UsageError, match="no change 7; the highest number is 1"):
        story.store.change(7)
    with pytest.raises(UsageError, match="no version 7; the highest number is 2"):
        story.store.version(7)
    with pytest.raises(UsageError, match="no capture with SHA-256 abc is kept"):
        story.store.capture("abc")
