"""What a channel is sent: a subject, the same in text, HTML and JSON; the wording is that of the reports.

The JSON of a webhook; keys may be added to, never renamed or given another meaning:

    {"schema": 1, "event",     # a UUID, the same at every attempt to deliver this message
     "kind",    # change | reverted | unseen | reminder | recovered | alarm | linked | digest | test
     "at", "channel", "subject",
     "changes": [CHANGE …],    # as in reports (monitor/report/json.py), each with "url" of its page or null
     "links": [LINK …],        # as in reports: legal documents that a page newly links to, or no longer
     "health": [{"kind", "document", "at", "since", "failures", "reasons"} …]}

`since` is when the document was seen last, null for never; `failures` counts the checks in a row that did not
see it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from monitor.model import Letter, Notice, NoticeKind, Report
from monitor.report import html, terminal
from monitor.report import json as report_json
from monitor.report.item import Item
from monitor.report.view import View, view
from monitor.report.wording import because, counted, instant, listed, visible

SCHEMA = 1
LONGEST_SUBJECT = 200
WIDTH = 78
"""Columns of the text: mail programs break longer lines where they like."""

DIGEST = "digest"
NOTHING_TO_SEND = "This is a test. Messages from tos-monitor reach you on this channel."

COUNTED = {
    NoticeKind.UNSEEN: "not seen",
    NoticeKind.REMINDER: "still not seen",
    NoticeKind.RECOVERED: "seen again",
    NoticeKind.ALARM: "to look at",
}


@dataclass(frozen=True, kw_only=True)
class Message:
    """A letter as its receiver reads it."""

    event: str
    at: datetime
    subject: str
    text: str
    html: str
    json: str


@dataclass(frozen=True)
class Line:
    """How one document goes, worded."""

    document: str
    says: str


def message(letter: Letter, report: Report, url: str = "") -> Message:
    """A letter about the changes of a report; `url` is where the review application is reached, if it is."""
    at = max(notice.at for notice in letter.notices)
    report = replace(report, at=at, title="")
    shown = view(report)
    kind = kind_of(letter)
    subject = _subject(letter, kind, shown)
    report = replace(report, title=subject)
    lines = tuple(_line(notice) for notice in letter.notices if notice.kind in COUNTED)
    pages = tuple(f"{url}/changes/{change.id}" for change in report.changes) if url else ()
    test = NOTHING_TO_SEND if kind == NoticeKind.TEST else ""
    foot = f"tos-monitor, channel {letter.notices[0].channel}, event {letter.event}"
    return Message(
        event=letter.event,
        at=at,
        subject=subject,
        text=_text(report, subject, (test, *_bullets(lines)), pages, foot),
        html=html.message(view(report), subject=subject, test=test, lines=lines, pages=pages, foot=foot),
        json=_json(letter, kind, subject, report, url),
    )


def kind_of(letter: Letter) -> str:
    """What a message is: a digest, or what its first notice is."""
    return DIGEST if letter.notices[0].digest else letter.notices[0].kind.value


# --- subject -------------------------------------------------------------------------------------


def _subject(letter: Letter, kind: str, shown: View) -> str:
    subject = visible(_subject_of(letter, kind, shown)).strip()
    return subject if len(subject) <= LONGEST_SUBJECT else f"{subject[: LONGEST_SUBJECT - 1]}…"


def _subject_of(letter: Letter, kind: str, shown: View) -> str:
    items = (*shown.flagged, *shown.others)
    documents = list(dict.fromkeys(notice.document for notice in letter.notices))
    match kind:
        case NoticeKind.TEST:
            return "Test of tos-monitor"
        case NoticeKind.CHANGE:
            return _said(items) or f"Changed: {listed(documents)}"
        case NoticeKind.REVERTED:
            return f"Reverted: {_named(items) or listed(documents)}"
        case NoticeKind.UNSEEN:
            return f"Not seen: {listed(documents)}"
        case NoticeKind.REMINDER:
            return f"Still not seen: {listed(documents)}"
        case NoticeKind.RECOVERED:
            return f"Seen again: {listed(documents)}"
        case NoticeKind.ALARM:
            return f"Alarm: {listed(documents)}"
        case NoticeKind.LINKED:
            return f"Links changed: {listed(documents)}"
    return f"Digest: {', '.join(_contents(letter))}"


def _said(items: Iterable[Item]) -> str:
    """ "Acme · Privacy Policy: training more permissive to the provider (change 12)"."""
    return "; ".join(f"{_titles(item)}: {_verdicts(item)} ({_numbers([item])})" for item in items)


def _named(items: Iterable[Item]) -> str:
    found = list(items)
    return f"{'; '.join(map(_titles, found))} ({_numbers(found)})" if found else ""


def _titles(item: Item) -> str:
    return listed(list(dict.fromkeys(one.title for one in item.all)))


def _verdicts(item: Item) -> str:
    said = (f"{one.topic} {one.course if one.substantive else one.kind}" for one in item.verdicts)
    return ", ".join(said) or item.counts or "changed"


def _numbers(items: Iterable[Item]) -> str:
    numbers = [str(one.number) for item in items for one in item.all]
    return f"{'change' if len(numbers) == 1 else 'changes'} {listed(numbers, most=len(numbers))}"


def _contents(letter: Letter) -> Iterator[str]:
    kinds = Counter(notice.kind for notice in letter.notices)
    if kinds[NoticeKind.CHANGE]:
        yield counted(kinds[NoticeKind.CHANGE], "change")
    if kinds[NoticeKind.REVERTED]:
        yield f"{kinds[NoticeKind.REVERTED]} reverted"
    if kinds[NoticeKind.LINKED]:
        yield f"links of {counted(kinds[NoticeKind.LINKED], 'document')}"
    yield from (f"{counted(kinds[kind], 'document')} {says}" for kind, says in COUNTED.items() if kinds[kind])


# --- text ----------------------------------------------------------------------------------------


def _line(notice: Notice) -> Line:
    missed = f"not seen since {instant(notice.since)}" if notice.since else "never seen"
    times = f", {counted(notice.failures, 'check')} in a row" if notice.failures else ""
    match notice.kind:
        case NoticeKind.RECOVERED:
            says = f"seen again at {instant(notice.at)}, {missed} before that{times}"
        case NoticeKind.ALARM:
            says = f"ALARM: {because(notice.reasons)}"
        case NoticeKind.REMINDER:
            says = f"still {missed}{times}: {because(notice.reasons)}"
        case _:
            says = f"{missed}{times}: {because(notice.reasons)}"
    return Line(notice.document, says)


def _bullets(lines: Iterable[Line]) -> Iterator[str]:
    yield from (f"- {line.document}: {line.says}" for line in lines)


def _text(report: Report, subject: str, lines: Iterable[str], pages: Iterable[str], foot: str) -> str:
    changes = terminal.report(report, width=WIDTH) if report.changes or report.links else ""
    head = "" if changes else subject
    where = "\n".join(f"Review: {page}" for page in pages)
    parts = (head, changes.strip("\n"), "\n".join(filter(None, lines)), where, f"-- \n{foot}")
    return "\n\n".join(filter(None, parts)) + "\n"


# --- JSON ----------------------------------------------------------------------------------------


def _json(letter: Letter, kind: str, subject: str, report: Report, url: str) -> str:
    told = report_json.changes_in_full(report)
    return json.dumps(
        {
            "schema": SCHEMA,
            "event": letter.event,
            "kind": kind,
            "at": report_json.instant(report.at),
            "channel": letter.notices[0].channel,
            "subject": subject,
            "changes": [one | {"url": f"{url}/changes/{one['id']}" if url else None} for one in told],
            "links": report_json.links_json(report),
            "health": [_health(notice) for notice in letter.notices if notice.kind in COUNTED],
        }
    )


def _health(notice: Notice) -> dict[str, object]:
    return {
        "kind": notice.kind.value,
        "document": notice.document,
        "at": report_json.instant(notice.at),
        "since": report_json.instant(notice.since),
        "failures": notice.failures,
        "reasons": [f"{reason.code}: {reason.detail}" for reason in notice.reasons],
    }
