"""What a report says and in which order, whatever its format."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.model import Change, CheckResult, Flag, FlagKind, Reason, RecordedChange, Report, ReviewState
from monitor.report import CHANGES, FORMATS, SHOW, STATUS, tables, terminal, terminal_tables
from monitor.report.item import tell
from monitor.report.tables import positions
from monitor.report.view import View, view
from tests import report_samples as samples
from tests.report_samples import AT, clause, flag, recorded


def reported(*changes: RecordedChange, **facts: object) -> Report:
    return Report(at=AT, title="Check", watchlist=samples.watchlist(), changes=changes, **facts)  # type: ignore[arg-type] # passed on


def seen(*changes: RecordedChange) -> View:
    return view(reported(*changes))


def change_with(direction: str | None, number: int, kind: FlagKind = FlagKind.SUBSTANTIVE) -> RecordedChange:
    on = clause(f"We may [-not-] keep file {number}.")
    flags: tuple[Flag, ...] = (flag("training", direction, on, "", kind),)
    change = Change(document="borealis/privacy-policy", at=AT, clauses=(on,), flags=flags)
    return recorded(number, change, state=ReviewState.TO_REVIEW)


def test_what_gives_the_provider_more_comes_first_and_editorial_changes_have_their_own_group():
    told = seen(
        change_with(None, 1, FlagKind.EDITORIAL),
        change_with("less_permissive", 2),
        change_with("unclear", 3),
        change_with("more_permissive", 4),
        change_with("mixed", 5),
    )

    assert [item.number for item in told.substantive] == [4, 5, 3, 2]
    assert [item.number for item in told.editorial] == [1]


def test_settled_changes_come_after_those_that_wait():
    dismissed = replace(change_with("more_permissive", 1), state=ReviewState.DISMISSED, why="other product")

    told = seen(dismissed, change_with("less_permissive", 2))

    assert [item.number for item in told.substantive] == [2, 1]
    assert told.substantive[1].remarks == ("dismissed: other product",)
    assert told.substantive[1].dismiss == ""


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
@pytest.mark.parametrize("listing", [FORMATS, STATUS], ids=["report", "status"])
def test_every_command_repeats_the_options_that_were_given(listing, form):
    options = "--watchlist /srv/terms.toml"

    told = listing[form](replace(samples.full_report(), options=options))

    commands = [line for line in told.splitlines() if "tos-monitor " in line]
    assert commands
    assert [line for line in commands if options not in line] == []


def test_a_contradicted_claim_also_names_the_changes_that_put_it_in_doubt():
    told = [note.text for note in positions(samples.full_report()).notes]
    assert (
        "borealis/desk training: contradicted (opt-out or no; in doubt since 2026-11-21 by change 12)" in told
    )


def test_the_summary_counts_what_waits_and_the_claims_in_doubt():
    told = seen(samples.training_change(), samples.editorial_change())

    assert told.summary == "1 substantive change to review; 3 claims in doubt."


def test_nothing_to_review_is_one_sentence_with_what_was_not_seen_and_since_when():
    told = view(samples.quiet_report())

    assert told.summary == (
        "Nothing to review: 4 documents checked, 3 seen, no change. "
        "NOT seen: yun/privacy (since 2026-11-19 14:03 UTC)."
    )


def test_a_period_without_changes_says_how_many_documents_were_watched():
    assert seen().summary == "Nothing to review: 4 documents watched, no change."


def test_what_was_not_seen_is_said_beside_what_waits_too():
    assert view(samples.full_report()).unseen == (
        "NOT seen: yun/terms (since 2026-11-18 14:03 UTC) and yun/help (never)."
    )


def test_first_versions_are_one_line():
    assert view(samples.first_report()).notes == ("Baseline: 4 documents.",)


def test_a_change_that_a_result_carries_is_told_once():
    change = samples.training_change()
    result = CheckResult(document=change.change.document, at=AT, outcome="changed", change=change)

    assert len(view(reported(change, results=(result,))).substantive) == 1
    assert len(view(reported(results=(result,))).substantive) == 1


@pytest.mark.parametrize(
    ("facts", "judged", "why"),
    [
        ({}, {"technical": True}, "our own reading changed, not the terms (technical)"),
        ({"withdrawn": True}, {"confirmed": False}, "it did not show again (withdrawn)"),
        ({}, {"alert": False, "reasons": (Reason("reverted", "version 1 is back"),)}, "version 1 is back"),
    ],
)
def test_what_is_no_news_is_held_back_with_its_reason(facts, judged, why):
    change = change_with("unclear", 7)

    told = seen(replace(change, change=replace(change.change, **judged), **facts))

    assert [held.why for held in told.held] == [why]
    assert not told.flagged


def test_clauses_that_only_moved_are_held_back_as_that():
    told = seen(recorded(7, Change(document="borealis/privacy-policy", at=AT, clauses=(), alert=False)))

    assert told.held[0].why == "clauses only moved or were renumbered"


def test_an_unconfirmed_flagged_change_is_shown_as_unconfirmed():
    change = change_with("more_permissive", 8)

    told = seen(replace(change, change=replace(change.change, confirmed=False, alert=False)))

    assert told.substantive[0].remarks == ("unconfirmed: seen once, a second look is still to come",)


def test_a_reverted_change_says_when_the_earlier_text_came_back():
    told = seen(replace(change_with("more_permissive", 8), reverted_at=AT + timedelta(days=2)))

    assert told.substantive[0].remarks == ("reverted: the earlier text came back 2026-11-23 14:03 UTC",)


def test_a_claim_in_doubt_comes_with_its_value_its_age_and_the_command_that_answers_it():
    question = seen(samples.training_change()).substantive[0].questions[1]

    assert question.claims == ("30 days, last verified 2026-05-05",)
    assert question.command == "tos-monitor verify borealis/api retention"


def test_sources_that_disagree_are_all_named():
    question = view(samples.full_report()).substantive[0].questions[2]

    assert question.claims == ("opt-out, last verified 2026-06-01", "no, never verified")
    assert question.via == "borealis/api"


def test_flags_on_one_clause_share_its_passage():
    on = clause("We may [-not-] keep your files and train on them.")
    flags = (flag("training", "more_permissive", on, ""), flag("retention", "longer", on, ""))
    change = Change(document="borealis/privacy-policy", at=AT, clauses=(on,), flags=flags)

    (finding,) = seen(recorded(9, change)).substantive[0].findings

    assert [verdict.topic for verdict in finding.verdicts] == ["training", "retention"]


def in_document(change: RecordedChange, document: str, number: int) -> RecordedChange:
    """The same change of another document."""
    doubts = tuple(replace(doubt, change=number) for doubt in change.doubts)
    return replace(change, id=number, change=replace(change.change, document=document), doubts=doubts)


def test_the_same_edit_in_several_documents_is_one_entry_that_names_them_all():
    change = replace(samples.training_change(), id=1)
    copies = [
        in_document(change, f"borealis/{name}", 2 + at) for at, name in enumerate(("help-retention", "eu"))
    ]

    report = reported(change, *copies)
    (item,) = view(report).substantive

    assert [one.number for one in item.all] == [1, 3, 2]
    assert len(item.asked) == 3, "each claim is asked for once"
    assert len(item.dismissals) == 3
    for name in ("terminal", "markdown", "html"):
        text = FORMATS[name](report)
        assert all(f"dismiss {number}" in text for number in (1, 2, 3)), name
        assert "borealis/eu" in text, name
        assert text.count("section nine says about feedback") == FORMATS[name](reported(change)).count(
            "section nine says about feedback"
        ), name


def test_the_same_unflagged_edit_in_several_documents_is_one_entry_too():
    change = samples.plain_change()
    copy = in_document(change, "borealis/commercial-terms", 16)

    (item,) = seen(change, copy).others

    assert (
        item.names
        == "Borealis AI · Commercial Terms (change 16) and Borealis AI · Privacy Policy (change 15)"
    )


def test_the_same_words_of_another_provider_are_another_entry():
    change = change_with("more_permissive", 1)

    assert len(seen(change, in_document(change, "yun/privacy", 2)).substantive) == 2


def test_a_change_that_is_dismissed_is_not_told_with_one_that_waits():
    change = change_with("more_permissive", 1)
    dismissed = replace(
        in_document(change, "borealis/commercial-terms", 2), state=ReviewState.DISMISSED, why="old"
    )

    assert len(seen(change, dismissed).substantive) == 2


def test_a_clause_that_two_changes_share_beside_others_names_the_other_change_in_each():
    shared = change_with("more_permissive", 1)
    own = clause("We may [-not-] sell file 9.")
    both = replace(
        shared.change,
        document="borealis/commercial-terms",
        flags=(*shared.change.flags, flag("training", "more_permissive", own, "")),
    )

    told = seen(shared, replace(shared, id=2, change=both))

    assert {item.number: item.findings[0].twins for item in told.substantive} == {
        1: ("Borealis AI · Commercial Terms (change 2)",),
        2: ("Borealis AI · Privacy Policy (change 1)",),
    }


def test_many_unflagged_clauses_are_told_in_brief_and_counted_and_show_tells_all():
    change = samples.plain_change()

    brief = FORMATS["terminal"](reported(change))
    full = SHOW["terminal"](reported(change))

    assert "and 4 more: tos-monitor show 15" in brief
    assert "Office 7" not in brief
    assert "Office 7" in full


def test_an_off_terminal_report_carries_marks_and_no_colour():
    text = FORMATS["terminal"](samples.full_report())

    assert "for [-30-]{+90+} days" in text
    assert "\x1b" not in text


def test_a_colour_report_carries_the_marks_too():
    text = terminal.report(samples.full_report(), width=100, colour=True)

    assert "[-30-]" in text
    assert "\x1b[" in text


@pytest.mark.parametrize("width", [1, 40, 80, 120])
def test_lines_keep_to_the_width_except_addresses_and_commands(width):
    text = terminal.report(samples.full_report(), width=width)

    long = [line for line in text.splitlines() if len(line) > max(width, 40)]
    assert all("https://" in line or "tos-monitor " in line for line in long)


def test_a_document_that_left_the_watchlist_is_still_reported():
    change = samples.training_change()
    gone = replace(change, change=replace(change.change, document="gone/terms"))

    for name, renderer in FORMATS.items():
        assert "gone/terms" in renderer(reported(gone)), name


def test_a_change_that_is_not_stored_has_no_number_and_no_commands_on_it():
    change = replace(samples.training_change(), id=0, doubts=())

    for name, renderer in {**FORMATS, **{f"show {key}": one for key, one in SHOW.items()}}.items():
        text = renderer(reported(change))
        assert "change 0" not in text, name
        assert "dismiss 0" not in text, name


def test_the_list_of_changes_has_the_newest_first():
    older = replace(change_with("unclear", 1))
    newer = replace(change_with("unclear", 2), change=replace(older.change, at=AT + timedelta(days=1)))

    text = CHANGES["markdown"](reported(older, newer))

    assert text.index("| 2 |") < text.index("| 1 |")


def test_a_run_that_saw_no_document_does_not_say_that_nothing_is_to_review():
    missed = CheckResult(document="yun/privacy", at=AT, outcome="failed")
    assert view(reported(results=(missed,))).summary.startswith("Nothing could be seen: 1 document checked.")


def test_the_status_of_some_providers_leaves_the_others_out():
    whole = samples.full_report()
    (key, one), *others = whole.standings.items()
    shown = positions(replace(whole, standings={key: one}))
    assert len(others) > 1
    assert [row.cells[0] for row in shown.rows] == [key[0]]


# --- tables on a terminal ------------------------------------------------------------------------

CLAIMED = tables.Table(
    title="Positions",
    columns=("product path", "training", "last verified", "state"),
    rows=(
        tables.Row(
            ("anthracite/claude-for-work", "plan-dependent", "2026-11-20 14:30", "training contradicted")
        ),
        tables.Row(("anthracite/api", "no", "never", "needs re-verification since 2026-11-22")),
    ),
    empty="",
    whole=("product path", "last verified"),
)


@pytest.mark.parametrize("width", [77, 80, 90])
def test_a_table_breaks_no_word_where_there_is_room_for_the_words(width):
    drawn = terminal_tables.listing([CLAIMED], width=width)

    assert max(map(len, drawn.splitlines())) <= width
    assert {"anthracite/claude-for-work", "plan-dependent", "contradicted", "re-verification"} <= set(
        drawn.split()
    )


def test_a_table_without_room_for_its_words_breaks_the_widest_that_may_be_broken():
    drawn = terminal_tables.listing([CLAIMED], width=70)

    assert max(map(len, drawn.splitlines())) <= 70
    assert "anthracite/claude-for-work" in drawn
    assert "2026-11-20 14:30" in drawn


def test_a_change_whose_acceptance_was_undone_does_not_say_that_it_did_not_show_again():
    change = samples.training_change()
    accepted = replace(change.change, reasons=(Reason("accepted", "accepted by ada"),))
    (taken_back,) = told_of(replace(change, change=accepted, withdrawn=True))
    assert "withdrawn: its acceptance was undone" in taken_back.remarks
    (gone,) = told_of(replace(change, withdrawn=True))
    assert "withdrawn: it did not show again" in gone.remarks


def told_of(*changes):
    """The changes as a report tells them."""
    return [tell(change, samples.full_report()) for change in changes]
