"""The history of claims as a story with dates, for a terminal and for programs.

What `claims --history` gives as JSON:

    {"schema": 1, "product", "name",
     "claims": [{"topic", "state", "position", "period", "period_days", "verified", "source", "note",
                 "events": [EVENT …]}]}     # oldest first

EVENT has `at` (an instant), `event`, and what belongs to it:

    "published": "claims": [{"position", "period", "period_days", "verified", "source", "note"}]
    "doubted":   "change", "document", "summary", "via", "doubt"
    "verified":  "step", "by", "note", "position", "period", "period_days", "version", "document", "evidence",
                 "settles": [change …], "undone": by which step, or null
    "dismissed": "step", "by", "note", "change", "settles", "undone"
    "taken back": "step", "by", "note", "undoes", "settles"    # an acceptance, with the doubts it had raised
    "undone":    "step", "by", "note", "undoes", "reopens": [change …]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rich.text import Text

from monitor.ledger import Event, EventKind, as_claim
from monitor.model import Claim, Product, Standing, VersionInfo
from monitor.report import wording
from monitor.report.json import SCHEMA, Json, dumped, instant, published
from monitor.report.lines import BAR, INDENT, Line, heading, printed, wrapped
from monitor.report.wording import visible


@dataclass(frozen=True, kw_only=True)
class Histories:
    """What happened to the claims of a product path, by topic; `versions` are those that answers rest on."""

    product: Product
    claims: tuple[tuple[Standing, tuple[Event, ...]], ...]
    versions: Mapping[int, VersionInfo]


def terminal(histories: Histories, width: int = 100, colour: bool = False) -> str:
    """Each claim's story, oldest first, a date a line."""
    return printed(_lines(histories, width), width, colour)


def json(histories: Histories) -> str:
    """The same for programs."""
    return dumped(
        {
            "schema": SCHEMA,
            "product": histories.product.id,
            "name": histories.product.name,
            "claims": [
                {
                    "topic": standing.topic,
                    "state": standing.state.value,
                    **published(standing.claim),
                    "events": [event_json(event, histories) for event in events],
                }
                for standing, events in histories.claims
            ],
        }
    )


# --- for a terminal ------------------------------------------------------------------------------


def _lines(histories: Histories, width: int) -> Iterator[Line]:
    yield Text.assemble((histories.product.id, "bold"), f" · {visible(histories.product.name)}")
    for standing, events in histories.claims:
        now = f"{standing.topic}: {wording.value(standing.claim)}, {standing.state}"
        yield from heading(now, width)
        if not events:
            yield Text(f"{INDENT}Nothing was ever claimed.")
        for event in events:
            day = f"{event.at:%Y-%m-%d}"
            later = INDENT + " " * (len(day) + 2)
            yield from wrapped(Text(f"{day}  {told(event)}"), width, INDENT, later)
            yield from _quoted(event, histories, width, later)


def _quoted(event: Event, histories: Histories, width: int, indent: str) -> Iterator[Text]:
    answer = event.step.verification if event.step else None
    if event.kind is not EventKind.VERIFIED or answer is None or not answer.evidence:
        return
    yield from wrapped(Text(visible(answer.evidence)), width, indent + BAR)
    if version := histories.versions.get(answer.version or 0):
        where = f"{visible(version.document)}, version {version.id} of {version.at:%Y-%m-%d}"
        yield from wrapped(Text(where, style="dim"), width, indent)


def told(event: Event) -> str:
    """One event in a sentence."""
    if event.kind is EventKind.PUBLISHED:
        return f"published: {'; or '.join(map(_published, event.claims)) or 'nothing any more'}"
    if event.doubt:
        via = f" via {visible(event.doubt.via)}" if event.doubt.via else ""
        where = f"change {event.doubt.change} of {visible(event.doubt.document)}{via}"
        return f"doubted by {where}: {visible(event.doubt.summary)}"
    return f"{_deed(event)}{_noted(event)}"


def _deed(event: Event) -> str:
    step = event.step
    assert step is not None
    by = f"by {visible(step.by)}" if step.by else "by somebody"
    number = f"step {step.id}" + (f", undone by step {step.undone_by}" if step.undone_by else "")
    if step.verification and event.kind is EventKind.VERIFIED:
        again = "verified again" if event.again else "verified"
        value = wording.value(as_claim(step.verification))
        return f"{again} {by}: {value}{_changes(', settles change', event)} ({number})"
    if event.kind is EventKind.DISMISSED:
        return f"change {step.change} dismissed {by} ({number})"
    if event.kind is EventKind.TAKEN_BACK:
        gone = _changes(", and with it change", event)
        return f"step {step.undoes} undone {by}: the accepted text was not the document{gone} ({number})"
    return f"step {step.undoes} undone {by}{_changes(', in doubt again by change', event)} ({number})"


def _changes(words: str, event: Event) -> str:
    return f"{words} {', '.join(map(str, event.changes))}" if event.changes else ""


def _noted(event: Event) -> str:
    return f": “{visible(event.step.note)}”" if event.step and event.step.note else ""


def _published(claim: Claim) -> str:
    facts = [wording.value(claim), wording.verified(claim), visible(claim.source), visible(claim.note)]
    return ", ".join(filter(None, facts))


# --- for programs --------------------------------------------------------------------------------


def event_json(event: Event, histories: Histories) -> Json:
    """One event of a claim's story, as the module describes it."""
    told: Json = {"at": instant(event.at), "event": event.kind.value}
    if event.kind is EventKind.PUBLISHED:
        return {**told, "claims": [published(claim) for claim in event.claims]}
    if doubt := event.doubt:
        return {
            **told,
            "change": doubt.change,
            "document": doubt.document,
            "summary": doubt.summary,
            "via": doubt.via or None,
            "doubt": doubt.id,
        }
    step = event.step
    assert step is not None
    told |= {"step": step.id, "by": step.by, "note": step.note}
    if event.kind is EventKind.VERIFIED and (answer := step.verification):
        version = histories.versions.get(answer.version or 0)
        told |= {
            "position": answer.position,
            "period": answer.period.text if answer.period else None,
            "period_days": answer.period.days if answer.period else None,
            "version": answer.version,
            "document": version.document if version else None,
            "evidence": answer.evidence or None,
        }
    elif event.kind is EventKind.DISMISSED:
        told["change"] = step.change
    else:
        told["undoes"] = step.undoes
        return {**told, ("reopens" if event.kind is EventKind.UNDONE else "settles"): list(event.changes)}
    return {**told, "settles": list(event.changes), "undone": step.undone_by}
