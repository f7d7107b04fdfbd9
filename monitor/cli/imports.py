"""`tos-monitor import`: captures that were made elsewhere, through the very same check."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor.check import Parts, check
from monitor.claimants import this_process
from monitor.cli.exits import Exit, exit_code, fail_conditions
from monitor.cli.options import DatabaseOption, WatchlistOption, bytes_of, deliver
from monitor.errors import MonitorError, UsageError
from monitor.history.mapping import page_of
from monitor.history.warc import is_warc, read
from monitor.logs import configure
from monitor.model import Capture, CheckResult, Confirm, Document, Fetched, Reason, Render, Validators
from monitor.report.json import dumped
from monitor.report.wording import counted, instant
from monitor.settings import settings
from monitor.wiring import Monitor, open_monitor

FORM = (
    '{"document": "provider/slug", "url": ..., "at": "2026-05-05T12:00:00Z", '
    '"status": 200, "headers": {...}, "path": FILE}'
)


class BadLine(MonitorError):
    """A line of a captures file that cannot be used."""


@dataclass(frozen=True)
class Entry:
    """One line: a capture, and the document it is of."""

    document: str
    capture: Capture


def import_(
    captures: Annotated[
        Path,
        typer.Argument(
            metavar="CAPTURES.jsonl|FILE.warc", help=f"Lines {FORM}; paths may end in .gz. Or a WARC file."
        ),
    ],
    fail_on: Annotated[
        str,
        typer.Option("--fail-on", help="What makes the exit code 1 or 2: flagged, changed, failed, never."),
    ] = "failed",
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Take captures from elsewhere as if they had been fetched when they were.

    Prints one JSON outcome a line. There is nothing to fetch again from, so a change counts as seen once,
    or, with confirm = "next-check", when the next capture shows it too. A capture from before the
    document's last check is skipped: history is not rewritten, and an import may be run again.

    Example: tos-monitor import captures.jsonl --watchlist watchlist.toml
    """
    conditions = fail_conditions(fail_on)
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    results: list[CheckResult] = []
    broken = False
    others: Counter[str] = Counter()
    with open_monitor(chosen) as monitor:
        for number, found in _entries(monitor, captures, others):
            try:
                entry = found()
                document = _document(monitor, entry.document)
            except BadLine as error:
                broken = True
                typer.echo(f"{captures}:{number}: {error}", err=True)
                continue
            result = _overtaken(monitor, entry) or asyncio.run(_replay(monitor, document, entry.capture))
            deliver(dumped(outcome_json(result), one_line=True), None)
            results.append(result)
    if others:
        _say_others(captures, others, chosen.watchlist)
        broken = broken or not results
    code = exit_code(results, conditions)
    raise typer.Exit(Exit.FAILED if broken and code is Exit.NOTHING else code)


def outcome_json(result: CheckResult) -> dict[str, Any]:
    """What came of one capture, as printed."""
    change = result.change
    return {
        "document": result.document,
        "at": result.at.isoformat().replace("+00:00", "Z"),
        "outcome": result.outcome,
        "reasons": [f"{reason.code}: {reason.detail}" for reason in result.reasons],
        "change": change.id if change else None,
        "alert": bool(change and change.change.alert and change.change.confirmed),
    }


def _entries(
    monitor: Monitor, captures: Path, others: Counter[str]
) -> Iterator[tuple[int, Callable[[], Entry]]]:
    """Each line or capture by number, with what reads it; BadLine then for one that cannot be used.

    Of a WARC file, answers at addresses of no document are counted in `others`.
    """
    if is_warc(captures):
        yield from enumerate(_recorded(monitor, captures, others), 1)
        return
    # JSON may hold line separators of Unicode as they are.
    for number, line in enumerate(_text(captures).split("\n"), 1):
        if line.strip():
            yield number, partial(_entry, line, captures.parent)


def _recorded(monitor: Monitor, path: Path, others: Counter[str]) -> Iterator[Callable[[], Entry]]:
    """What a web archive captured, for each document with its address."""
    named: dict[tuple[str, str, str], list[Document]] = {}
    for document in monitor.watchlist.documents.values():
        named.setdefault(page_of(document.url), []).append(document)
    for found in read(path, lambda url: page_of(url) in named):
        if isinstance(found, Capture):
            alike = named[page_of(found.url)]
            same = [one for one in alike if one.url == found.url] or alike
            yield from (partial(Entry, one.id, found) for one in same)
        elif found.why:
            yield partial(_refused, f"{found.url}: {found.why}")
        else:
            others[found.url] += 1


def _refused(why: str) -> Entry:
    raise BadLine(why)


def _say_others(captures: Path, others: Counter[str], watchlist: Path) -> None:
    """What a WARC file holds beside documents, in a line."""
    few = ", ".join(list(others)[:3]) + (", …" if len(others) > 3 else "")
    typer.echo(
        f"{captures}: {counted(others.total(), 'answer')} passed over, at addresses of no document: {few}; "
        f"to take one, add it to {watchlist}",
        err=True,
    )


def _overtaken(monitor: Monitor, entry: Entry) -> CheckResult | None:
    """That a capture is skipped because its document was checked after it was made, or None."""
    (health,) = monitor.store.health([entry.document])
    if health.last_check is None or health.last_check <= entry.capture.at:
        return None
    reason = Reason("older", f"the document was checked since, at {instant(health.last_check)}")
    return CheckResult(document=entry.document, at=entry.capture.at, outcome="skipped", reasons=(reason,))


async def _replay(monitor: Monitor, document: Document, capture: Capture) -> CheckResult:
    """The same check as ever, with this capture in place of the network and its time as now."""

    async def fetch(_: Document, __: Validators | None) -> Fetched:
        return capture

    parts = Parts(
        watchlist=replace(monitor.watchlist, channels={}),  # what happened long ago is told to nobody
        rules=lambda: monitor.rules,
        store=monitor.store,
        fetch=fetch,
        clock=lambda: capture.at,
        pause=asyncio.sleep,
        claimant=str(this_process()),
    )
    return await check(document, parts)


def _document(monitor: Monitor, name: str) -> Document:
    document = monitor.watchlist.documents.get(name)
    if document is None:
        raise BadLine(f'"{name}" is not in {monitor.settings.watchlist}; add it there, or name one that is')
    # There is nothing to be fetched again, and nothing to be rendered.
    confirm = Confirm.OFF if document.confirm is Confirm.REFETCH else document.confirm
    return replace(document, confirm=confirm, render=Render.HTTP)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error


def _entry(line: str, folder: Path) -> Entry:
    try:
        raw = json.loads(line)
        at = datetime.fromisoformat(raw["at"])
        path = folder / raw["path"]
        body = bytes_of(path)
        capture = Capture(
            url=str(raw["url"]),
            final_url=str(raw.get("final_url") or raw["url"]),
            status=int(raw.get("status") or 200),
            headers=tuple(_headers(raw.get("headers") or {})),
            body=body,
            at=at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC),
        )
    except (json.JSONDecodeError, KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        wrong = f"{error.args[0]} is missing" if isinstance(error, KeyError) else str(error)
        raise BadLine(f"{wrong}; write {FORM}") from error
    except OSError as error:
        raise BadLine(f"{raw['path']} cannot be read ({error.strerror or error})") from error
    return Entry(str(raw["document"]), capture)


def _headers(headers: dict[str, str] | list[list[str]]) -> Iterator[tuple[str, str]]:
    pairs = headers.items() if isinstance(headers, dict) else headers
    for name, value in pairs:
        yield str(name).lower(), str(value)
