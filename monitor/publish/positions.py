"""The positions for programs and as tables: positions.json, positions.csv and positions.md.

`positions.json`. Keys are added to, never renamed or given another meaning; what is not known is null.

    {"schema": 1,
     "as_of",                    # the newest check or answer among what follows; instants are ISO 8601 in UTC
     "generator",                # "tos-monitor VERSION"
     "positions": [POSITION …]}  # one a product path

POSITION:

    {"product", "provider", "name",               # product: "PROVIDER/SLUG"
     "audience",                                  # api, consumer or business
     "models": [glob …], "clarity",               # clarity: high, moderate, low or null
     "depends_on": [product …],
     "documents": [{"document", "type", "url", "last_seen"}],
     "topics": {TOPIC: CLAIM},                    # always training and retention
     "trainsOnPrompts", "retainsPrompts",         # true, false or null; see below
     "retentionDays", "zdr"}

CLAIM; every value is null where nothing is claimed:

    {"position", "period", "period_days",         # period: as it is worded; days: its longer end
     "exceptions": [word …],                      # that the clause names; null where no clause is pinned
     "state",                  # verified, needs re-verification, contradicted, never verified, expired
     "in_doubt_since", "doubted_by": [change …],  # the first open doubt; the changes that raised them
     "as_of", "verified_by",                      # when it was last verified (a date), and by whom
     "source", "source_url", "note",
     "evidence": {"document", "version", "clause"},    # what the claim is pinned to, or null
     "sources": [{"position", "period", "period_days", "as_of", "source", "note"} …]}   # where they disagree

A claim in doubt keeps its last value, and says in `state` and `in_doubt_since` that it is in doubt. Where
sources disagree the newest is the value.

What customers send is used for training by default (`trainsOnPrompts`): "no" and "opt-in" are false,
"opt-out" and "yes" true. `retainsPrompts` is false where nothing is stored and true where the claim says
that data are kept; `retentionDays` is the claimed period, 0 where nothing is stored. `zdr`, zero data
retention, is true where nothing is stored; a topic of one's own named "zdr" with the position "yes" or "no"
says it for other paths. Each is null where the position says neither, and where sources disagree on it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

from monitor import __version__
from monitor.model import RETENTION, TRAINING, Claim, ClaimState, Product, Standing
from monitor.publish.facts import Facts
from monitor.report import markdown, wording
from monitor.report.html import LINKABLE
from monitor.report.json import Json, dumped, instant
from monitor.report.tables import NONE, Row, Table, needs_a_look
from monitor.report.wording import visible

SCHEMA = 1

TRAINS = {"no": False, "opt-in": False, "opt-out": True, "yes": True}
KEEPS = {"not-stored": False, "period": True, "indefinite": True, "criterion": True, "legal-safety": True}
OFFERED = {"yes": True, "no": False}

# What spreadsheets take for a formula, also behind white space, and what ends a cell in some of them.
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")


# --- JSON ---------------------------------------------------------------------------------------


def positions_json(facts: Facts) -> str:
    """Every position for programs."""
    return dumped(
        {
            "schema": SCHEMA,
            "as_of": instant(facts.as_of),
            "generator": f"tos-monitor {__version__}",
            "positions": [_position(product, facts) for product in facts.products],
        }
    )


def _position(product: Product, facts: Facts) -> Json:
    return {
        "product": product.id,
        "provider": product.provider,
        "name": product.name,
        "audience": product.audience.value,
        "models": list(product.models),
        "clarity": product.clarity or None,
        "depends_on": list(product.depends_on),
        "documents": _documents(product, facts),
        "topics": {
            topic: _claim(standing, facts)
            for topic in facts.topics
            if (standing := facts.standing(product.id, topic))
        },
        **customary(product, facts),
    }


def _documents(product: Product, facts: Facts) -> list[Json]:
    seen = {one.document: one.last_good for one in facts.report.health}
    watched = [facts.report.watchlist.documents[name] for name in product.documents]
    return [
        {"document": one.id, "type": one.type, "url": one.url, "last_seen": instant(seen.get(one.id))}
        for one in watched
    ]


def _claim(standing: Standing, facts: Facts) -> Json:
    claim = standing.claim
    version, clause = facts.evidence(standing)
    exceptions = facts.exceptions.get((standing.product.id, standing.topic))
    return {
        **_value(claim),
        "exceptions": None if exceptions is None else list(exceptions),
        "state": standing.state.value,
        "in_doubt_since": instant(min((doubt.at for doubt in standing.doubts), default=None)),
        "doubted_by": sorted({doubt.change for doubt in standing.doubts if doubt.change}),
        "verified_by": claim.by or None if claim else None,
        "source_url": source_url(standing, facts) or None,
        "evidence": {"document": version.document, "version": version.id, "clause": clause}
        if version
        else None,
        "sources": [_value(one) for one in standing.sources],
    }


def _value(claim: Claim | None) -> Json:
    period = claim.period if claim else None
    return {
        "position": claim.position if claim else None,
        "period": period.text if period else None,
        "period_days": _whole(period.days) if period else None,
        "as_of": claim.verified.isoformat() if claim and claim.verified else None,
        "source": claim.source or None if claim else None,
        "note": claim.note or None if claim else None,
    }


def _whole(days: float) -> float:
    """30 and not 30.0."""
    return int(days) if days == int(days) else days


def source_url(standing: Standing, facts: Facts) -> str:
    """Where the words stood that a claim rests on, or an address that its source names; else ""."""
    version, _ = facts.evidence(standing)
    named = version.url if version else standing.claim.source if standing.claim else ""
    found = LINKABLE.search(named)
    return found[0] if found else ""


# --- the names that people already use -----------------------------------------------------------


def customary(product: Product, facts: Facts) -> Json:
    """The four facts that comparisons of providers give, each null where it is not known."""
    training, retention = (facts.standing(product.id, topic) for topic in (TRAINING, RETENTION))
    nothing_kept = agreed(retention, lambda claim: True if claim.position == "not-stored" else None)
    offered = agreed(facts.standing(product.id, "zdr"), lambda claim: OFFERED.get(claim.position))
    return {
        "trainsOnPrompts": agreed(training, lambda claim: TRAINS.get(claim.position)),
        "retainsPrompts": agreed(retention, lambda claim: KEEPS.get(claim.position)),
        "retentionDays": agreed(retention, _days),
        "zdr": nothing_kept if nothing_kept is not None else offered,
    }


def agreed(standing: Standing | None, said: Callable[[Claim], float | bool | None]) -> float | bool | None:
    """What every source of a claim says; None where nothing is claimed, and where they disagree."""
    if standing is None or standing.claim is None:
        return None
    found = {said(claim) for claim in standing.sources or (standing.claim,)}
    return found.pop() if len(found) == 1 else None


def _days(claim: Claim) -> float | None:
    if claim.position == "not-stored":
        return 0
    return _whole(claim.period.days) if claim.period else None


# --- tables -------------------------------------------------------------------------------------


def positions_csv(facts: Facts) -> str:
    """One row a product path (RFC 4180), no cell of which acts on a spreadsheet; "" for what is not known."""
    columns = ["product", "provider", "name", "audience", "models", "clarity"]
    per_topic = ["", "_period", "_period_days", "_exceptions", "_state", "_last_verified", "_source", "_url"]
    columns += [topic + part for topic in facts.topics for part in (*per_topic, "_clause")]
    columns += ["trainsOnPrompts", "retainsPrompts", "retentionDays", "zdr"]
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for product in facts.products:
        writer.writerow([harmless(cell) for cell in _cells(product, facts)])
    return out.getvalue()


def _cells(product: Product, facts: Facts) -> list[object]:
    cells: list[object] = [product.id, product.provider, product.name, product.audience.value]
    cells += [" ".join(product.models), product.clarity]
    for topic in facts.topics:
        standing = facts.standing(product.id, topic)
        cells += _topic_cells(standing, facts) if standing else [""] * 9
    return [*cells, *customary(product, facts).values()]


def _topic_cells(standing: Standing, facts: Facts) -> list[object]:
    value = _value(standing.claim)
    exceptions = facts.exceptions.get((standing.product.id, standing.topic), ())
    _, clause = facts.evidence(standing)
    return [
        *(value[key] for key in ("position", "period", "period_days")),
        ", ".join(exceptions),
        standing.state.value,
        value["as_of"],
        value["source"],
        source_url(standing, facts),
        clause,
    ]


def harmless(cell: object) -> str:
    """A cell as text that no spreadsheet takes for a formula: an apostrophe goes before what could be one."""
    if cell is None or isinstance(cell, bool):
        return "" if cell is None else str(cell).lower()
    text = visible(str(cell))
    return f"'{text}" if FORMULA.match(str(cell)) else text


def positions_md(facts: Facts) -> str:
    """The comparison as a Markdown table, with when each position was last verified."""
    return markdown.listing([comparison(facts)])


def comparison(facts: Facts) -> Table:
    """One row a product path: every topic's value with its date and state."""
    return Table(
        title=visible(facts.title) + (f", as of {facts.as_of:%Y-%m-%d}" if facts.as_of else ""),
        columns=("product path", "audience", *facts.topics, "clarity", "last verified", "state"),
        rows=tuple(_compared(product, facts) for product in facts.products),
        empty="No product paths are watched here.",
    )


def _compared(product: Product, facts: Facts) -> Row:
    found = [(topic, facts.standing(product.id, topic)) for topic in facts.topics]
    values = [wording.value(one.claim) if one and one.claim else NONE for _, one in found]
    claimed = [one for _, one in found if one and one.claim]
    dates = [_dated(one) for one in claimed]
    states = [one.state.value for one in claimed] or [ClaimState.NEVER_VERIFIED.value]
    cells = (
        f"{visible(product.name)} ({product.id})",
        product.audience.value,
        *values,
        product.clarity or NONE,
        _joined(claimed, dates) or NONE,
        _joined(claimed, states) or states[0],
    )
    return Row(cells, alarm=any(map(needs_a_look, claimed)))


def _dated(standing: Standing) -> str:
    claim = standing.claim
    return str(claim.verified) if claim and claim.verified else "never"


def _joined(standings: list[Standing], words: list[str]) -> str:
    """One word where all topics share it, else each with its topic."""
    if len(set(words)) <= 1:
        return words[0] if words else ""
    return "; ".join(f"{one.topic} {word}" for one, word in zip(standings, words, strict=True))
