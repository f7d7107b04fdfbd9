"""Listing changes, and what people's answers close."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timezone

import pytest
from sqlalchemy import insert, select

from monitor.errors import AnsweredMeanwhile, UsageError
from monitor.model import (
    Acceptance,
    Change,
    Changed,
    Claim,
    Duration,
    ReviewState,
    Seen,
    StepKind,
    Validators,
    Verification,
)
from monitor.store import Store, tables
from monitor.store.engine import reading, writing
from monitor.store.tables import changes
from tests.store_samples import HOUR, NO, START, YES, Story, capture, clause, doubt, version


@pytest.fixture
def story(store):
    told = Story(store)
    told.first(NO)
    return told


def answer(product="acme/api", topic="training", **more):
    facts = {"position": "opt-out", "at": START + 9 * HOUR, "by": "ada", "note": "read it", "evidence": YES}
    return Verification(product=product, topic=topic, **{**facts, **more})


def seen(story, product="acme/api", topic="training"):
    """What somebody who looks at a claim now has in view."""
    store = story.store
    about = [one for one in store.doubts() if (one.product, one.topic) == (product, topic)]
    answers = [one for one in store.verifications() if (one.product, one.topic) == (product, topic)]
    return Seen(tuple(one.id for one in about), answers[-1].id if answers else 0)


def verify(story, given):
    return story.store.verify(given, seen(story, given.product, given.topic))


def dismiss(story, number, why="only reworded"):
    view = [one.id for one in story.store.doubts() if one.change == number]
    return story.store.dismiss(number, why=why, by="ada", at=START, seen=view)


# --- answers -----------------------------------------------------------------------------------


def test_an_answer_is_kept_whole_and_gets_a_number(story):
    period = Duration("30 to 60 days", 60, 30, "up-to")

    kept = verify(story, answer(period=period, version=1))

    assert kept == answer(period=period, version=1, id=1)
    assert story.store.verifications() == (kept,)


def test_answers_about_some_products_are_asked_for_alone(story):
    kept = verify(story, answer())
    verify(story, answer(product="acme/app"))

    assert story.store.verifications(["acme/api", "acme/web"]) == (kept,)
    assert story.store.verifications([]) == ()


def test_answers_are_only_ever_added_oldest_first(story):
    verify(story, answer(position="no"))
    verify(story, answer(position="yes"))

    assert [one.position for one in story.store.verifications()] == ["no", "yes"]


def test_an_answer_closes_the_open_doubts_about_its_claim_and_no_other(story):
    others = (doubt("acme/chat"), doubt("acme/api", "retention"))
    story.changed(YES, doubts=(doubt("acme/api"), *others))

    kept = verify(story, answer("acme/api", "training"))

    assert [(one.product, one.topic) for one in story.store.doubts()] == [
        ("acme/chat", "training"),
        ("acme/api", "retention"),
    ]
    closed = story.store.doubts(open_only=False)[0]
    assert (closed.closed_by, closed.open) == (kept.id, False)


def test_a_change_is_verified_once_all_its_doubts_are_closed(story):
    story.changed(YES, doubts=(doubt("acme/api"), doubt("acme/chat")))

    verify(story, answer("acme/api"))
    assert story.store.change(1).state is ReviewState.TO_REVIEW

    verify(story, answer("acme/chat"))
    assert story.store.change(1).state is ReviewState.VERIFIED


def test_one_answer_closes_doubts_of_several_changes(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    story.changed("Ask us.", doubts=(doubt("acme/api"),))

    verify(story, answer("acme/api"))

    assert [change.state for change in story.store.changes()] == [ReviewState.VERIFIED] * 2


def test_a_later_change_opens_a_doubt_that_an_earlier_answer_does_not_close(story):
    verify(story, answer("acme/api"))

    story.changed(YES, doubts=(doubt("acme/api"),))

    assert len(story.store.doubts()) == 1


def test_dismissing_a_change_closes_its_doubts_and_keeps_the_reason(story):
    story.changed(YES, doubts=(doubt("acme/api"),))

    dismiss(story, 1, "only reworded")

    change = story.store.change(1)
    assert (change.state, change.why) == (ReviewState.DISMISSED, "only reworded")
    assert change.doubts == (doubt("acme/api", change=1, id=1, dismissed=True),)
    assert story.store.doubts() == ()


def test_a_change_dismissed_while_unconfirmed_comes_up_again_without_the_reason_once_it_is_confirmed(story):
    story.changed(YES, confirmed=False)
    dismiss(story, 1, "let us see")

    story.changed(YES, confirmed=True)

    change = story.store.change(1)
    assert (change.state, change.why) == (ReviewState.TO_REVIEW, "")


def test_an_answer_leaves_a_dismissed_change_dismissed(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    dismiss(story, 1, "only reworded")

    verify(story, answer("acme/api"))

    assert story.store.change(1).state is ReviewState.DISMISSED


def test_a_change_that_put_a_claim_in_doubt_without_a_flag_is_to_review_as_well(story):
    story.changed(YES, flagged=False, doubts=(doubt("acme/api"),))
    assert story.store.change(1).state is ReviewState.TO_REVIEW

    verify(story, answer("acme/api"))

    assert story.store.change(1).state is ReviewState.VERIFIED


def test_dismissing_a_change_keeps_what_an_answer_closed(story):
    story.changed(YES, doubts=(doubt("acme/api"), doubt("acme/chat")))
    verify(story, answer("acme/api"))

    dismiss(story, 1, "only reworded")

    closed, dismissed = story.store.change(1).doubts
    assert (closed.closed_by, closed.dismissed) == (1, False)
    assert (dismissed.closed_by, dismissed.dismissed) == (None, True)


def test_a_verified_change_cannot_be_dismissed(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    verify(story, answer("acme/api"))

    with pytest.raises(UsageError, match="change 1 is verified already"):
        dismiss(story, 1, "no")


def test_dismissing_an_unknown_change_names_the_highest(story):
    story.changed(YES)

    with pytest.raises(UsageError, match="no change 2; the highest number is 1"):
        dismiss(story, 2, "no")


def test_text_that_no_database_takes_is_made_storable(story):
    kept = verify(story, answer(evidence="half \ud83d and NUL \0 and whole 😀 训练"))

    assert story.store.verifications()[0].evidence == "half \ufffd and NUL \ufffd and whole 😀 训练"
    assert kept.id == 1


# --- two reviewers -----------------------------------------------------------------------------


def test_an_answer_leaves_a_doubt_open_that_its_giver_did_not_see(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    view = seen(story)
    story.changed("Ask us.", doubts=(doubt("acme/api"),))

    story.store.verify(answer(), view)

    assert [one.change for one in story.store.doubts()] == [2]
    assert [story.store.change(number).state for number in (1, 2)] == [
        ReviewState.VERIFIED,
        ReviewState.TO_REVIEW,
    ]


def test_the_second_of_two_reviewers_is_told_what_the_first_answered_and_overwrites_nothing(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    view = seen(story)
    first = story.store.verify(answer(by="ada", note="section B"), view)

    with pytest.raises(AnsweredMeanwhile, match=r'opt-out, verified .* by ada \("section B"\)'):
        story.store.verify(answer(position="yes", by="bob"), view)
    with pytest.raises(AnsweredMeanwhile, match="by ada"):
        story.store.dismiss(1, why="no", by="bob", at=START, seen=view.doubts)

    assert story.store.verifications() == (first,)


def test_an_answer_to_a_doubt_that_was_dismissed_meanwhile_says_by_whom_and_why(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    view = seen(story)
    dismiss(story, 1)

    with pytest.raises(AnsweredMeanwhile, match=r"dismissed .* by ada: only reworded"):
        story.store.verify(answer(by="bob"), view)


def test_a_change_is_dismissed_once(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    dismiss(story, 1)

    with pytest.raises(AnsweredMeanwhile, match=r"change 1 is settled already: dismissed .* by ada"):
        dismiss(story, 1, "another reason")
    assert story.store.change(1).why == "only reworded"


def test_a_change_with_a_doubt_that_was_not_in_view_is_not_dismissed(story):
    story.changed(YES, doubts=(doubt("acme/api"),))

    with pytest.raises(AnsweredMeanwhile, match="acme/api training in doubt, which you did not see"):
        story.store.dismiss(1, why="no", by="bob", at=START, seen=())


def test_a_doubt_of_another_claim_cannot_be_settled_by_an_answer(story):
    story.changed(YES, doubts=(doubt("acme/chat"),))

    with pytest.raises(UsageError, match="doubt 1 is not about acme/api training"):
        story.store.verify(answer("acme/api"), Seen((1,)))
    assert story.store.verifications() == ()


def _answer_from_a_process(task):
    url, name, ready = task
    with Store.open(url) as store:
        ready.wait(timeout=60)
        try:
            store.verify(answer(by=name, note=f"read by {name}"), Seen((1,)))
        except AnsweredMeanwhile as error:
            return str(error)
        return ""


def test_of_two_processes_that_answer_at_once_one_is_kept_and_the_other_told_of_it(story, database):
    story.changed(YES, doubts=(doubt("acme/api"),))
    context = multiprocessing.get_context("spawn")
    with context.Manager() as manager, context.Pool(2) as pool:
        ready = manager.Barrier(2)
        said = pool.map(
            _answer_from_a_process, [(database, name, ready) for name in ("ada", "bob")], chunksize=1
        )

    (kept,) = story.store.verifications()
    assert sorted(map(bool, said)) == [False, True]
    assert f'by {kept.by} ("read by {kept.by}")' in max(said)


def test_of_many_threads_that_dismiss_at_once_one_does(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    start = threading.Barrier(6)

    def compete(name):
        start.wait()
        try:
            return story.store.dismiss(1, why=name, by=name, at=START, seen=(1,)).by
        except AnsweredMeanwhile:
            return None

    with ThreadPoolExecutor(6) as pool:
        done = [name for name in pool.map(compete, "abcdef") if name]

    assert len(done) == 1
    assert story.store.change(1).why == done[0]


# --- undoing -----------------------------------------------------------------------------------


def undo(story, number=None, **more):
    return story.store.undo(number or story.store.last_step().id, by="bob", at=START + 10 * HOUR, **more)


def test_undoing_an_answer_opens_its_doubts_again_and_the_answer_of_before_counts(story):
    verify(story, answer(position="no"))
    story.changed(YES, doubts=(doubt("acme/api"),))
    verify(story, answer(position="yes"))

    undone = undo(story, why="wrong section")

    assert [one.position for one in story.store.verifications()] == ["no"]
    assert [one.change for one in story.store.doubts()] == [1]
    assert story.store.change(1).state is ReviewState.TO_REVIEW
    assert [(one.kind, one.undone_by) for one in story.store.steps()] == [
        (StepKind.VERIFICATION, None),
        (StepKind.VERIFICATION, undone.id),
        (StepKind.UNDO, None),
    ]
    assert (undone.by, undone.note, undone.undoes) == ("bob", "wrong section", 2)


def test_undoing_a_dismissal_puts_the_change_back_to_review(story):
    story.changed(YES, doubts=(doubt("acme/api"),))
    step = dismiss(story, 1)

    undo(story, step.id)

    change = story.store.change(1)
    assert (change.state, change.why, change.doubts[0].open) == (ReviewState.TO_REVIEW, "", True)
    dismiss(story, 1, "now really")
    assert story.store.change(1).why == "now really"


def test_an_undo_only_opens_what_its_step_settled(story):
    story.changed(YES, doubts=(doubt("acme/api"), doubt("acme/chat")))
    first = verify(story, answer("acme/api"))
    verify(story, answer("acme/chat"))

    undo(story, first.id)

    assert [one.product for one in story.store.doubts()] == ["acme/api"]


def test_a_step_is_undone_once_and_an_undo_never(story):
    verify(story, answer())
    undone = undo(story)

    with pytest.raises(AnsweredMeanwhile, match=r"step 1 was undone already: .* by bob"):
        undo(story, 1)
    with pytest.raises(UsageError, match="step 2 is an undo itself"):
        undo(story, undone.id)
    with pytest.raises(UsageError, match="there is no step 7"):
        undo(story, 7)
    assert story.store.last_step() is None


def test_who_answers_on_what_was_undone_meanwhile_is_told(story):
    verify(story, answer())
    view = seen(story)
    undo(story)

    with pytest.raises(AnsweredMeanwhile, match="the answer that you saw was undone meanwhile"):
        story.store.verify(answer(position="yes"), view)


# --- undoing an acceptance ---------------------------------------------------------------------


def accept(story, text=YES, *, doubts=(), **more):
    """A person takes a doubtful capture for the document."""
    change = Change(document="acme/terms", at=story.at, clauses=(clause(story.texts[-1], text),), **more)
    taken = capture(text, story.at)
    outcome = Changed(
        document="acme/terms",
        at=story.at,
        capture=taken,
        version=version(text, taken),
        change=change,
        doubts=doubts,
    )
    word = Acceptance(sha256=taken.sha256, by="ada", why="it moved")
    story.at += HOUR
    due = story.at + HOUR
    return story.store.record(outcome, next_check=due, started=story.at, accepted=word)


def test_an_acceptance_is_a_step_with_what_it_made(story):
    accept(story)

    (step,) = story.store.steps()
    assert (step.kind, step.by, step.note) == (StepKind.ACCEPTANCE, "ada", "it moved")
    assert (step.document, step.version, step.change) == ("acme/terms", 2, 1)


def test_undoing_an_acceptance_puts_the_text_of_before_in_force_and_takes_its_doubts_back(story):
    accept(story, doubts=(doubt("acme/api"),))

    undo(story)

    assert [info.id for info in story.store.versions("acme/terms")] == [1]
    assert story.store.doubts() == ()
    change = story.store.change(1)
    assert (change.withdrawn, change.state, change.doubts[0].dismissed) == (True, ReviewState.NOTHING, True)
    assert story.previous().version.id == 1
    assert story.known().capture_sha256 == story.previous().version.capture_sha256
    assert story.known().validators == Validators()
    assert story.store.due(["acme/terms"], START + 10 * HOUR) == ("acme/terms",)


def test_a_capture_can_be_accepted_again_after_an_undo(story):
    accept(story)
    undo(story)

    accept(story)

    assert [info.id for info in story.store.versions("acme/terms")] == [1, 3]


def test_what_an_accepted_text_reverted_stands_again_after_an_undo(story):
    story.changed(YES)
    accept(story, NO, restores=1)
    assert story.store.change(1).reverted_at

    undo(story)

    assert story.store.change(1).reverted_at is None


def test_an_acceptance_that_something_rests_on_is_not_undone(story):
    accept(story)
    verify(story, answer(version=2))
    with pytest.raises(UsageError, match="step 2 rests on what was accepted; first run: tos-monitor undo 2"):
        undo(story, 1)

    undo(story, 2)
    story.changed("Ask us.")
    with pytest.raises(UsageError, match="step 1 cannot be undone: acme/terms has a newer version"):
        undo(story, 1)
    assert story.previous().version.id == 3


def test_a_text_that_waits_beside_an_accepted_one_is_withdrawn_with_it(story):
    accept(story)
    story.changed("Ask us.", confirmed=False)

    undo(story)

    assert story.previous().candidate is None
    assert story.store.change(2).withdrawn


def test_no_row_of_a_step_is_ever_changed_or_deleted(story):
    def rows():
        with reading(story.store._engine) as connection:
            return {
                table.name: set(map(tuple, connection.execute(select(table))))
                for table in (tables.steps, tables.settlements, tables.verifications, tables.publications)
            }

    story.changed(YES, doubts=(doubt("acme/api"),))
    verify(story, answer())
    before = rows()
    undo(story)
    dismiss(story, 1)
    undo(story)
    after = rows()

    assert all(before[name] <= after[name] for name in before)


# --- what is published -------------------------------------------------------------------------


def test_what_the_watchlist_says_is_kept_whenever_it_says_something_else(story):
    no = Claim(product="acme/api", topic="training", position="no", verified=START.date(), source="audit")
    yes = Claim(product="acme/api", topic="training", position="yes")
    for hours, claim in enumerate([no, no, yes, no]):
        story.store.publish({("acme/api", "training"): (claim,)}, START + hours * HOUR)

    assert [(one.at - START, one.claims) for one in story.store.publications()] == [
        (0 * HOUR, (no,)),
        (2 * HOUR, (yes,)),
        (3 * HOUR, (no,)),
    ]


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


def test_changes_of_more_documents_than_one_query_can_name_are_listed_newest_first(busy):
    names = [f"acme/none-{number}" for number in range(70_000)]
    asked = [names[0], "acme/privacy", *names, "acme/terms"]

    assert listed(busy, document_ids=asked) == [3, 2, 1]
    assert listed(busy, document_ids=asked, limit=2) == [3, 2]
    assert listed(busy, document_ids=names) == []


def test_more_changes_than_one_query_can_name_are_listed(story):
    story.changed(YES)
    copy_the_change(story.store, times=1100)

    assert listed(story.store) == list(range(1101, 0, -1))


def copy_the_change(store, times):
    with writing(store._engine) as connection:
        row = dict(connection.execute(select(changes)).one()._mapping)
        connection.execute(insert(changes), [row | {"id": number + 2} for number in range(times)])
