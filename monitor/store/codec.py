"""Pages, clauses and flags as JSON and back; a value that equals its default is left out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from monitor.model import (
    Block,
    BlockKind,
    Change,
    Claim,
    Clause,
    ClauseKind,
    Clauses,
    Duration,
    Flag,
    FlagKind,
    Link,
    Mark,
    Page,
    Reason,
    Statement,
)

Json = dict[str, Any]


def page_to_bytes(page: Page) -> bytes:
    return _dump(_page(page))


# As many as a judgement looks back on: the texts of a document are asked for at each of its changes.
@lru_cache(maxsize=12)
def page_from_bytes(data: bytes) -> Page:
    return _to_page(_load(data))


def findings_to_bytes(change: Change) -> bytes:
    """What a change found: its clauses and its flags."""
    return _dump({"clauses": [_clause(c) for c in change.clauses], "flags": [_flag(f) for f in change.flags]})


def findings_from_bytes(data: bytes) -> tuple[Clauses, tuple[Flag, ...]]:
    found = _load(data)
    return tuple(map(_to_clause, found["clauses"])), tuple(map(_to_flag, found["flags"]))


def reasons_to_json(reasons: Iterable[Reason]) -> list[list[str]]:
    return [[reason.code, reason.detail] for reason in reasons]


def reasons_from_json(data: list[list[str]]) -> tuple[Reason, ...]:
    return tuple(Reason(code, detail) for code, detail in data)


def duration_to_json(duration: Duration) -> list[Any]:
    return [duration.text, duration.days, duration.shortest_days, duration.bound]


def duration_from_json(data: list[Any]) -> Duration:
    return Duration(*data)


def claims_to_json(claims: Iterable[Claim]) -> list[Any]:
    """Published claims without product and topic, which their row has."""
    return [
        {
            "position": claim.position,
            "period": duration_to_json(claim.period) if claim.period else None,
            "verified": claim.verified.isoformat() if claim.verified else None,
            "source": claim.source,
            "note": claim.note,
        }
        for claim in claims
    ]


def claims_from_json(product: str, topic: str, data: Iterable[Json]) -> tuple[Claim, ...]:
    return tuple(
        Claim(
            product=product,
            topic=topic,
            position=one["position"],
            period=duration_from_json(one["period"]) if one["period"] else None,
            verified=date.fromisoformat(one["verified"]) if one["verified"] else None,
            source=one["source"],
            note=one["note"],
        )
        for one in data
    )


# A page may hold lone surrogates (a script's half of an emoji): they are kept as they came.


def _dump(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def _load(data: bytes) -> Json:
    value: Json = json.loads(data.decode("utf-8", "surrogatepass"))
    return value


def _filled(value: Json) -> Json:
    """Without what is empty: the constructors give it back."""
    return {key: item for key, item in value.items() if item}


def _tuples(data: Json, *keys: str) -> Json:
    return data | {key: tuple(data[key]) for key in keys if key in data}


def _page(page: Page) -> Json:
    fields = dict(vars(page))
    fields["blocks"] = [_block(block) for block in page.blocks]
    fields["links"] = [[link.text, link.url] for link in page.links]
    fields["elsewhere"] = [[link.text, link.url] for link in page.elsewhere]
    return _filled(fields)


def _to_page(data: Json) -> Page:
    fields = _tuples(data, "missing")
    fields["blocks"] = tuple(map(_to_block, data.get("blocks", ())))
    fields["links"] = tuple(Link(*link) for link in data.get("links", ()))
    fields["elsewhere"] = tuple(Link(*link) for link in data.get("elsewhere", ()))
    return Page(**{"media": "", **fields})


def _block(block: Block) -> Json:
    return _filled(vars(block))


def _to_block(data: Json) -> Block:
    fields = _tuples(data, "section", "cells", "headers")
    return Block(**{"text": "", **fields, "kind": BlockKind(data["kind"])})


def _clause(clause: Clause) -> Json:
    fields = {
        "kind": clause.kind,
        "before": clause.before and _block(clause.before),
        "after": clause.after and _block(clause.after),
        "words": clause.words,
        "before_at": clause.before_at,
        "after_at": clause.after_at,
    }
    return {key: value for key, value in fields.items() if value is not None}


def _to_clause(data: Json) -> Clause:
    return Clause(
        kind=ClauseKind(data["kind"]),
        before=_to_block(data["before"]) if "before" in data else None,
        after=_to_block(data["after"]) if "after" in data else None,
        words=tuple((Mark(mark), text) for mark, text in data["words"]),
        before_at=data.get("before_at"),
        after_at=data.get("after_at"),
    )


def _statement(statement: Statement) -> Json:
    fields = dict(vars(statement))
    fields["periods"] = [duration_to_json(period) for period in statement.periods]
    return _filled(fields)


_STATEMENT_TUPLES = ("objects", "conditions", "exceptions", "audience", "rules", "words", "section")


def _to_statement(data: Json) -> Statement:
    fields = _tuples(data, *_STATEMENT_TUPLES)
    fields["periods"] = tuple(map(duration_from_json, data.get("periods", ())))
    return Statement(**{"topic": "", "text": "", "position": "", **fields})


def _flag(flag: Flag) -> Json:
    fields = dict(vars(flag))
    fields["clause"] = _clause(flag.clause)
    fields["before"] = [_statement(statement) for statement in flag.before]
    fields["after"] = [_statement(statement) for statement in flag.after]
    return fields


def _to_flag(data: Json) -> Flag:
    fields = _tuples(data, "rules", "words")
    fields["kind"] = FlagKind(data["kind"])
    fields["clause"] = _to_clause(data["clause"])
    fields["before"] = tuple(map(_to_statement, data["before"]))
    fields["after"] = tuple(map(_to_statement, data["after"]))
    return Flag(**fields)
