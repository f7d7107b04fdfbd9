"""Reports for programs. Keys are stable: they may be added to, never renamed or given another meaning.

A report (`report`):

    {"schema": 1, "title", "at",            # instants are ISO 8601 in UTC, dates are ISO 8601
     "summary",                             # the sentence that people read
     "results": [{"document", "at", "outcome", "reasons", "change", "words",    # change: its id or null
                  "unseen",                 # "started", "reminded" or "still"; null when it was seen
                  "recovered"}],            # {"checks", "days"} that it was away; null when it was not
     "changes": [CHANGE …], "links": [LINK …], "health": [HEALTH …], "claims": [CLAIM …]}

LINK: {"document", "at", "kind": "new|vanished|moved", "text", "url", "former_url", "watched", "entry"};
watched: the id of the document at that address; entry: lines of a watchlist that would add it; or null.

CHANGE, as `show` gives it too:

    {"id", "document", "at", "confirmed", "reverted", "topics", "state",   # as in `changes`
     "alert",                               # announced as a change of the terms
     "technical", "withdrawn",              # booleans
     "restores",                            # id of the earlier version whose text came back, or null
     "source",                              # where an imported one comes from, or null
     "reverted_at", "dismissed_because",    # null when not
     "same_as": [id …],                     # changes of this report with the same edit in other documents
     "reasons",             # why it was not announced, who accepted it, that it is not understood
     "provider", "type", "products": [id …],
     "before", "after": {"version", "at", "url", "effective", "sha256", "title"},
     "flags": [{"topic", "flag", "direction", "summary", "section": [heading …], "before", "after",
                "rules": [id …], "words": [text …]}],
     "doubts": [{"id", "product", "topic", "summary", "via", "open", "verify"}],   # verify: the command
     "opinions": [OPINION …],               # second opinions, the newest on each topic; nothing rests on them
     "clauses": [{"kind", "section", "before", "after", "words": [["=", text], ["-", text], ["+", text]],
                  "topics": [topic …]}]}

`topics` is {topic: {"flag": "none|editorial|substantive", "direction": code or null}} and always has
training and retention. `reasons` are strings, "code: what a person reads".

OPINION: {"change", "topic", "model", "at", "position", "summary"}: what a model said, verified by nobody.
HEALTH: {"document", "outcome", "ok", "last_check", "last_good", "last_change", "next_check", "since",
"failures", "reasons", "versions", "words", "alarms", "understood"}; understood: rules read its language.
CLAIM: {"product", "provider", "name", "audience", "topic", "position", "period", "period_days", "clarity",
"verified", "by", "evidence", "source", "note", "state", "doubts": [change id …], "sources": [{"position",
"period", "period_days", "verified", "source", "note"} …]}; position is null where nothing is claimed;
evidence is {"version", "text"} of the clause that a person pinned, or null.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from monitor.health import alarms, in_trouble, recovery, telling
from monitor.links import watched
from monitor.model import (
    RETENTION,
    TRAINING,
    Block,
    Change,
    CheckResult,
    Claim,
    Clause,
    Doubt,
    Flag,
    FlagKind,
    Health,
    LinkFinding,
    Opinion,
    Reason,
    RecordedChange,
    Report,
    Standing,
    Verification,
    VersionInfo,
    Watchlist,
)
from monitor.report.alike import same
from monitor.report.linked import entry
from monitor.report.view import is_held, ordered, summary
from monitor.report.wording import command
from monitor.severity import verdicts

SCHEMA = 1
TOPICS = (TRAINING, RETENTION)

Json = dict[str, object]

# JSON lets these through as they are; a terminal or an editor would act on them.
ACTING = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def report(report: Report) -> str:
    """A whole report."""
    changes = ordered(report)
    told = [change for change in changes if not is_held(change)]
    return dumped(
        {
            "schema": SCHEMA,
            "title": report.title,
            "at": instant(report.at),
            "summary": summary(report, told),
            "results": [_result(result, report.watchlist) for result in report.results],
            "changes": changes_in_full(report),
            "links": links_json(report),
            "health": [health_json(health, report) for health in report.health],
            "claims": [_claim(standing) for standing in report.standings.values()],
        }
    )


def show(report: Report) -> str:
    """The change of a report about one; a list when it has several."""
    found = changes_in_full(report)
    return dumped(found[0] if len(found) == 1 else found)


def status(report: Report) -> str:
    """The positions and the health of every document."""
    return dumped(
        {
            "schema": SCHEMA,
            "at": instant(report.at),
            "claims": [_claim(standing) for standing in report.standings.values()],
            "health": [health_json(health, report) for health in report.health],
        }
    )


def claims(report: Report) -> str:
    """A list of CLAIM."""
    return dumped([_claim(standing) for standing in report.standings.values()])


def opinions(report: Report) -> str:
    """A list of OPINION."""
    found = [opinion for change in ordered(report) for opinion in change.opinions]
    return dumped([_opinion(opinion) for opinion in found])


def changes(report: Report) -> str:
    """The list that `changes_json` gives, oldest first."""
    found = sorted(ordered(report), key=lambda change: (change.change.at, change.id))
    return dumped(changes_json(found))


def changes_json(changes: Iterable[RecordedChange], topics: Iterable[str] = TOPICS) -> list[Json]:
    """One short object a change: {"id", "document", "at", "confirmed", "reverted", "topics", "state", …}."""
    asked, listed = tuple(topics), tuple(changes)
    twins = same(listed)
    return [_listed(change, asked) | {"same_as": twins[change.id]} for change in listed]


def dumped(value: object, *, one_line: bool = False) -> str:
    """JSON in which no character acts on a terminal; one line for JSON Lines."""
    text = json.dumps(value, ensure_ascii=False, indent=None if one_line else 2)
    return ACTING.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"


# --- parts ---------------------------------------------------------------------------------------


def instant(at: datetime | None) -> str | None:
    """ISO 8601 in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def links_json(report: Report) -> list[Json]:
    return [_link(finding, report.watchlist) for finding in report.links]


def _link(finding: LinkFinding, watchlist: Watchlist) -> Json:
    return {
        "document": finding.document,
        "at": instant(finding.at),
        "kind": finding.kind.value,
        "text": finding.text,
        "url": finding.url,
        "former_url": finding.former_url or None,
        "watched": watched(finding.url, watchlist) or None,
        "entry": entry(finding, watchlist) or None,
    }


def reasons_json(reasons: Iterable[Reason]) -> list[str]:
    return [f"{reason.code}: {reason.detail}" if reason.detail else reason.code for reason in reasons]


def _result(result: CheckResult, watchlist: Watchlist) -> Json:
    back = recovery(result)
    return {
        "document": result.document,
        "at": instant(result.at),
        "outcome": result.outcome,
        "reasons": reasons_json(result.reasons),
        "change": result.change.id if result.change else None,
        "words": result.words,
        "unseen": telling(result, watchlist.documents.get(result.document)),
        "recovered": {"checks": back.checks, "days": back.after / timedelta(days=1)} if back else None,
    }


def topics_json(flags: tuple[Flag, ...], asked: tuple[str, ...]) -> Json:
    """The verdict on every topic: those always given, those asked for and those flagged."""
    flags = tuple(flag for flag in flags if flag.kind is not FlagKind.NONE)
    topics = dict.fromkeys((*TOPICS, *asked, *(flag.topic for flag in flags)))
    found = verdicts(flags, topics)
    return {topic: {"flag": found[topic][0].value, "direction": found[topic][1]} for topic in topics}


def _listed(change: RecordedChange, asked: tuple[str, ...]) -> Json:
    return {
        "id": change.id,
        "document": change.change.document,
        "at": instant(change.change.at),
        "confirmed": change.change.confirmed,
        "reverted": change.reverted_at is not None,
        "topics": topics_json(change.change.flags, asked),
        "state": change.state.value,
        "alert": change.change.alert,
        "technical": change.change.technical,
        "withdrawn": change.withdrawn,
        "restores": change.change.restores,
        "source": change.change.source or None,
    }


def changes_in_full(report: Report) -> list[Json]:
    """Every CHANGE of a report."""
    changes = ordered(report)
    twins = same(changes)
    return [_change(change, report) | {"same_as": twins[change.id]} for change in changes]


def _change(change: RecordedChange, report: Report) -> Json:
    judged, watchlist = change.change, report.watchlist
    document = watchlist.documents.get(judged.document)
    return {
        **_listed(change, ()),
        "reverted_at": instant(change.reverted_at),
        "dismissed_because": change.why or None,
        "reasons": reasons_json(judged.reasons),
        "provider": judged.document.partition("/")[0],
        "type": document.type if document else None,
        "products": [product.id for product in watchlist.products_of(judged.document)],
        "before": version_json(change.before),
        "after": version_json(change.after),
        "flags": [_flag(flag) for flag in judged.flags],
        "doubts": [_doubt(doubt, report.options) for doubt in change.doubts],
        "opinions": [_opinion(opinion) for opinion in change.opinions],
        "clauses": clauses_json(judged),
    }


def version_json(version: VersionInfo) -> Json:
    return {
        "version": version.id or None,
        "at": instant(version.at),
        "url": version.url,
        "effective": version.effective.isoformat() if version.effective else None,
        "sha256": version.capture_sha256,
        "title": version.title,
    }


def _flag(flag: Flag) -> Json:
    return {
        "topic": flag.topic,
        "flag": flag.kind.value,
        "direction": flag.direction,
        "summary": flag.summary,
        "section": list(flag.clause.section),
        "before": _text(flag.clause.before),
        "after": _text(flag.clause.after),
        "rules": list(flag.rules),
        "words": list(flag.words),
    }


def _doubt(doubt: Doubt, options: str) -> Json:
    return {
        "id": doubt.id,
        "product": doubt.product,
        "topic": doubt.topic,
        "summary": doubt.summary,
        "via": doubt.via or None,
        "open": doubt.open,
        "verify": command(f"verify {doubt.product} {doubt.topic}", options),
    }


def _opinion(opinion: Opinion) -> Json:
    return {
        "change": opinion.change,
        "topic": opinion.topic,
        "model": opinion.model,
        "at": instant(opinion.at),
        "position": opinion.position,
        "summary": opinion.summary,
    }


def clauses_json(change: Change) -> list[Json]:
    topics: dict[Clause, list[str]] = {}
    for flag in change.flags:
        if flag.kind is not FlagKind.NONE:
            topics.setdefault(flag.clause, []).append(flag.topic)
    return [_clause(clause, topics.get(clause, [])) for clause in change.clauses]


def _clause(clause: Clause, topics: list[str]) -> Json:
    return {
        "kind": clause.kind.value,
        "section": list(clause.section),
        "before": _text(clause.before),
        "after": _text(clause.after),
        "words": [[mark.value, text] for mark, text in clause.words],
        "topics": list(dict.fromkeys(topics)),
    }


def _text(block: Block | None) -> str | None:
    return block.text if block else None


def health_json(health: Health, report: Report) -> Json:
    document = report.watchlist.documents.get(health.document)
    return {
        "document": health.document,
        "outcome": health.outcome or None,
        "ok": not in_trouble(health) and health.last_check is not None,
        "understood": not health.unread,
        "last_check": instant(health.last_check),
        "last_good": instant(health.last_good),
        "last_change": instant(health.last_change),
        "next_check": instant(health.next_check),
        "since": instant(health.since),
        "failures": health.failures,
        "reasons": reasons_json(health.reasons),
        "versions": health.versions,
        "words": health.words,
        "alarms": reasons_json(alarms(health, document, report.at)),
    }


def _claim(standing: Standing) -> Json:
    product = standing.product
    return {
        "product": product.id,
        "provider": product.provider,
        "name": product.name,
        "audience": product.audience.value,
        "topic": standing.topic,
        **published(standing.claim),
        "by": standing.claim.by or None if standing.claim else None,
        "evidence": _pinned(standing.evidence),
        "clarity": product.clarity or None,
        "state": standing.state.value,
        "doubts": [doubt.change for doubt in standing.doubts],
        "sources": [published(claim) for claim in standing.sources],
    }


def _pinned(answer: Verification | None) -> Json | None:
    return {"version": answer.version, "text": answer.evidence} if answer else None


def published(claim: Claim | None) -> Json:
    """A claim's value and where it comes from; every value null where nothing is claimed."""
    period = claim.period if claim else None
    return {
        "position": claim.position if claim else None,
        "period": period.text if period else None,
        "period_days": period.days if period else None,
        "verified": claim.verified.isoformat() if claim and claim.verified else None,
        "source": claim.source if claim else None,
        "note": claim.note if claim else None,
    }
