"""What programs get: stable keys."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from monitor.model import (
    Capture,
    Change,
    Changed,
    Doubtful,
    Failed,
    FlagKind,
    Page,
    Reason,
    RecordedChange,
    Report,
    Unchanged,
    Version,
)
from monitor.report import CHANGES, FORMATS, SHOW, STATUS
from monitor.report.comparison_json import comparison_json
from monitor.report.json import changes_json, dumped
from tests import report_samples as samples
from tests.report_samples import AT, recorded

CAPTURE = Capture(url="u", final_url="u", status=200, headers=(), body=b"", at=AT)


def parsed(value: object) -> Any:
    """What a program reads."""
    return json.loads(dumped(value))


def reported(*changes: RecordedChange) -> Report:
    return Report(at=AT, title="Changes", watchlist=samples.watchlist(), changes=changes)


def changed() -> Changed:
    version = Version(
        document="d", at=AT, page=Page(blocks=()), fingerprint="", extractor="", reader="", capture_sha256=""
    )
    change = samples.training_change().change
    return Changed(document=change.document, at=AT, capture=CAPTURE, version=version, change=change)


def test_a_listed_change_names_its_verdict_on_every_topic():
    (listed,) = parsed(changes_json([samples.editorial_change()]))

    assert list(listed)[:7] == ["id", "document", "at", "confirmed", "reverted", "topics", "state"]
    assert listed["topics"] == {
        "training": {"flag": "none", "direction": None},
        "retention": {"flag": "editorial", "direction": None},
    }
    assert listed["at"] == "2026-11-21T14:03:00Z"


def test_topics_that_are_asked_for_and_those_that_were_flagged_are_added():
    change = samples.editorial_change()
    other = replace(change.change.flags[0], topic="arbitration", kind=FlagKind.EDITORIAL)
    change = replace(change, change=replace(change.change, flags=(other,)))

    (listed,) = parsed(changes_json([change], topics=["location"]))

    assert set(listed["topics"]) == {"training", "retention", "location", "arbitration"}


def test_changes_with_the_same_edit_in_several_documents_name_each_other():
    change = samples.training_change()
    copy = replace(change, id=30, change=replace(change.change, document="borealis/privacy-policy"))
    elsewhere = replace(change, id=31, change=replace(change.change, document="yun/privacy"))

    for render in (FORMATS["json"], CHANGES["json"], SHOW["json"]):
        found = json.loads(render(reported(change, copy, elsewhere, samples.editorial_change())))
        changes = found["changes"] if isinstance(found, dict) else found
        assert {one["id"]: one["same_as"] for one in changes} == {12: [30], 30: [12], 31: [], 14: []}


def test_changes_in_which_clauses_only_moved_are_not_the_same_for_that():
    moved = replace(samples.training_change().change.clauses[-1])
    changes = [
        recorded(number, Change(document=name, at=AT, clauses=(moved,), alert=False))
        for number, name in ((1, "borealis/privacy-policy"), (2, "borealis/commercial-terms"))
    ]
    assert [one["same_as"] for one in parsed(changes_json(changes))] == [[], []]


def test_the_commands_of_a_report_for_programs_repeat_the_options_too():
    report = replace(reported(samples.training_change()), options="--database /srv/t.db")
    (change,) = json.loads(FORMATS["json"](report))["changes"]
    assert change["doubts"][0]["verify"] == "tos-monitor verify borealis/api training --database /srv/t.db"


def test_a_reverted_change_says_so():
    change = replace(samples.editorial_change(), reverted_at=AT)

    assert [entry["reverted"] for entry in changes_json([samples.editorial_change(), change])] == [
        False,
        True,
    ]


def test_a_comparison_gives_the_verdict_and_every_clause_with_its_words():
    result = parsed(comparison_json("pair-1", changed()))

    assert list(result) == ["id", "outcome", "reasons", "alert", "topics", "clauses"]
    assert (result["outcome"], result["alert"]) == ("changed", True)
    assert result["topics"] == {
        "training": {"flag": "substantive", "direction": "more_permissive"},
        "retention": {"flag": "substantive", "direction": "longer"},
    }
    assert result["clauses"][1] == {
        "kind": "edited",
        "section": ["4. Customer Content", "4.3 Retention"],
        "before": "Borealis retains API inputs for 30 days.",
        "after": "Borealis retains API inputs for 90 days.",
        "words": [["=", "Borealis retains API inputs for "], ["-", "30"], ["+", "90"], ["=", " days."]],
        "topics": ["retention"],
    }


def test_a_comparison_of_equal_texts_is_unchanged_and_no_alert():
    reason = Reason("same-words", "the same words as before")

    result = parsed(comparison_json("p", Unchanged(document="d", at=AT, reasons=(reason,))))

    assert (result["outcome"], result["alert"], result["clauses"]) == ("unchanged", False, [])
    assert result["reasons"] == ["same-words: the same words as before"]
    assert result["topics"]["training"] == {"flag": "none", "direction": None}


def test_what_is_no_document_is_doubtful_and_no_alert():
    reasons = (Reason("challenge", "a bot check"),)
    outcomes = (
        Doubtful(document="d", at=AT, capture=CAPTURE, reasons=reasons),
        Failed(document="d", at=AT, reasons=reasons),
    )

    for outcome in outcomes:
        result = comparison_json("p", outcome)
        assert (result["outcome"], result["alert"]) == ("doubtful", False)
        assert result["reasons"] == ["challenge: a bot check"]


def test_one_line_of_json_lines_has_one_line_break():
    text = dumped({"text": "a\nb\u2028c\u0085d"}, one_line=True)

    assert text.count("\n") == len(text.splitlines()) == 1
    assert json.loads(text) == {"text": "a\nb\u2028c\u0085d"}


def test_json_keeps_every_character_and_prints_none_that_acts_on_a_terminal():
    text = FORMATS["json"](samples.hostile_report())

    assert not [character for character in text if character != "\n" and not character.isprintable()]
    assert json.loads(text)["changes"][0]["flags"][0]["summary"] == samples.EVIL


def test_the_list_of_changes_is_oldest_first():
    older = replace(samples.editorial_change(), id=99)
    older = replace(older, change=replace(older.change, at=AT - timedelta(days=9)))
    report = replace(samples.full_report(), changes=(samples.editorial_change(), older), results=())

    assert [entry["id"] for entry in json.loads(CHANGES["json"](report))] == [99, 14]


def test_show_gives_one_change_as_an_object():
    report = replace(samples.full_report(), changes=(samples.training_change(),), results=())

    shown = json.loads(SHOW["json"](report))

    assert shown["id"] == 12
    assert [doubt["verify"] for doubt in shown["doubts"]] == [
        "tos-monitor verify borealis/api training",
        "tos-monitor verify borealis/api retention",
        "tos-monitor verify borealis/desk training",
    ]


def test_status_has_null_where_nothing_is_claimed_and_days_beside_the_period():
    found = {
        (one["product"], one["topic"]): one
        for one in json.loads(STATUS["json"](samples.full_report()))["claims"]
    }

    assert found["borealis/api", "retention"]["period_days"] == 30
    assert found["borealis/api", "retention"]["state"] == "needs re-verification"
    assert found["yun/chat", "training"]["position"] is None
    assert [source["position"] for source in found["borealis/desk", "training"]["sources"]] == [
        "opt-out",
        "no",
    ]
