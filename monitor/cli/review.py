"""`tos-monitor verify`, `dismiss`, `accept` and `undo`: what people answer, and take back."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from monitor.accept import accept as accept_capture
from monitor.cli import prompts
from monitor.cli.exits import DEFAULT, exit_code
from monitor.cli.options import DatabaseOption, Format, FormatOption, OutputOption, WatchlistOption
from monitor.cli.reports import show
from monitor.errors import UsageError
from monitor.logs import configure
from monitor.model import CheckResult, Claim, Document, Doubt, Standing, Step, StepKind, Verification
from monitor.report import FORMATS
from monitor.report.wording import value as worded
from monitor.report.wording import visible
from monitor.review import Choice, Review, seen_of, value
from monitor.settings import settings
from monitor.wiring import Monitor, clock, open_monitor, parts

ByOption = Annotated[str | None, typer.Option("--by", help="Who answers; default your user name.")]


def verify(
    product: Annotated[str, typer.Argument(metavar="PRODUCT", help='A product path, as in "anthropic/api".')],
    topic: Annotated[
        str, typer.Argument(metavar="TOPIC", help="training, retention, or a topic of your own.")
    ],
    position: Annotated[
        str | None,
        typer.Option("--position", help="The position now; default: the claim is confirmed as it is."),
    ] = None,
    period: Annotated[str | None, typer.Option("--period", help='For retention, as in "30 days".')] = None,
    evidence: Annotated[
        str | None,
        typer.Option(
            "--evidence",
            metavar="WORDS",
            help="Some words of the clause it rests on; default: the one that bears it out best.",
        ),
    ] = None,
    change: Annotated[
        list[int] | None,
        typer.Option("--change", metavar="ID", help="A change that you read and answer; repeatable."),
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Write the claim as answered into the watchlist, too.")
    ] = False,
    by: ByOption = None,
    note: Annotated[str, typer.Option("--note", help="What you saw, for the next reader.")] = "",
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Answer a doubt: confirm a claim, or give its new value.

    On a terminal it asks for what is missing. The answer is pinned to a clause of the present text, and
    settles the changes that were shown or named, and no other; in a script
    the only open one need not be named.

    Example: tos-monitor verify anthropic/api retention --position period --period "30 days"
    """
    given = Given(
        position, period, evidence, tuple(change or ()), write, by or getpass.getuser(), note.strip()
    )
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        review = Review(monitor.watchlist, monitor.rules, monitor.store)
        _answer(review, review.standing(product, topic, clock()), given, monitor.settings.watchlist)
        _tell_open(review.standing(product, topic, clock()).doubts)


@dataclass(frozen=True)
class Given:
    """What was typed for an answer."""

    position: str | None
    period: str | None
    evidence: str | None
    changes: tuple[int, ...]
    write: bool
    by: str
    note: str


def _answer(review: Review, standing: Standing, given: Given, file: Path) -> None:
    """Ask for what is missing, keep the answer, and tell what it settles."""
    asks = prompts.can_ask()
    if asks:
        prompts.tell(standing)
    seen = seen_of(standing, given.changes or _changes(standing, asks=asks))
    claim = _value(standing, given.position, given.period, asks=asks)
    choice = _choice(review, standing, claim, given.evidence, asks=asks)
    now = clock()
    waiting = None
    if given.write:
        # What cannot be written is said before anything is kept.
        waiting = review.rewritten(file, standing, claim, at=now, note=given.note, choice=choice)
    answer = review.verify(claim, seen=seen, by=given.by, at=now, note=given.note, choice=choice)
    _tell(answer, [doubt for doubt in standing.doubts if doubt.id in seen.doubts], choice)
    if waiting:
        waiting.keep()
        typer.echo(f"written to {file}")


def _changes(standing: Standing, *, asks: bool) -> tuple[int, ...] | None:
    """Which changes are answered, where there are several; None for the one that there is, if any."""
    numbers = sorted({doubt.change for doubt in standing.doubts})
    if len(numbers) < 2:
        return None
    if asks:
        return prompts.changes(numbers)
    named = " ".join(f"--change {number}" for number in numbers)
    claim = f"{standing.product.id} {standing.topic}"
    raise UsageError(f"{claim} is in doubt by {len(numbers)} changes; name those that you read: {named}")


def _value(standing: Standing, position: str | None, period: str | None, *, asks: bool) -> Claim:
    if not asks:
        return value(standing, position, period)
    if position is None and period is None:
        position = prompts.position(standing)
    if position == "period" and period is None:
        period = prompts.period(standing)
    return value(standing, position, period)


def _choice(
    review: Review, standing: Standing, claim: Claim, words: str | None, *, asks: bool
) -> Choice | None:
    """The clause to pin: as named, as chosen, or the one that supports the claim best, if one does."""
    if words is not None:
        return review.quoted(standing.product, words)
    choices = review.choices(standing, claim)
    if not asks:
        return choices[0] if choices and choices[0].supports else None
    if not review.documents(standing.product):
        return None
    while True:
        given = prompts.evidence(choices)
        if given == "0":
            return None
        if given.isdecimal() and int(given) <= len(choices):
            return choices[int(given) - 1]
        try:
            return review.quoted(standing.product, given)
        except UsageError as error:
            typer.echo(f"  {visible(str(error))}")


def _tell(answer: Verification, doubts: Iterable[Doubt], choice: Choice | None) -> None:
    words = answer.position + (f", {answer.period.text}" if answer.period else "")
    typer.echo(
        f"{answer.product} {answer.topic}: {words}, verified {answer.at:%Y-%m-%d} by {answer.by}"
        f" ({settled(doubts)}); step {answer.id}"
    )
    if choice:
        typer.echo(f"rests on {choice.document}, version {choice.version}: “{visible(choice.text)}”")
    else:
        typer.echo("rests on no clause; name one with --evidence")


def settled(doubts: Iterable[Doubt]) -> str:
    """Which changes an answer settled, so that one that came in between is not settled unread."""
    numbers = sorted({doubt.change for doubt in doubts})
    if not numbers:
        return "it was not in doubt"
    return f"settles change{'s' if len(numbers) > 1 else ''} {', '.join(map(str, numbers))}"


def _tell_open(doubts: Sequence[Doubt]) -> None:
    if numbers := sorted({doubt.change for doubt in doubts}):
        typer.echo(f"still in doubt by change {', '.join(map(str, numbers))}")


def dismiss(
    change: Annotated[int, typer.Argument(metavar="CHANGE", help="The number of the change.")],
    why: Annotated[str, typer.Option("--why", help="The reason, for the next reader.")],
    by: ByOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Close a change that puts no claim in doubt, with the reason.

    Example: tos-monitor dismiss 12 --why "only the summary box was reworded"
    """
    if not why.strip():
        raise UsageError('--why: give the reason, as in --why "only reworded"')
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        seen = [doubt.id for doubt in monitor.store.change(change).doubts if doubt.open]
        who = by or getpass.getuser()
        step = monitor.store.dismiss(change, why=why.strip(), by=who, at=clock(), seen=seen)
    typer.echo(f"change {change} dismissed: {why.strip()}; step {step.id}")


def undo(
    step: Annotated[
        int | None,
        typer.Argument(metavar="[STEP]", help="Its number; default the last step.", show_default=False),
    ] = None,
    why: Annotated[str, typer.Option("--why", help="The reason, for the next reader.")] = "",
    by: ByOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Take back a verification, a dismissal or an acceptance; the doubts it settled are open again.

    Nothing is deleted: the step and its undoing both stay in the history (`tos-monitor claims --history`).
    Without a number the last step that counts is taken back, whoever made it.

    Example: tos-monitor undo 5 --why "read the wrong section"
    """
    chosen = settings(watchlist=watchlist, database=database)
    with open_monitor(chosen) as monitor:
        found = monitor.store.step(step) if step is not None else monitor.store.last_step()
        if found is None:
            raise UsageError("there is nothing to undo: no answer, dismissal or acceptance is in force")
        line = f"step {found.id}, {found.at:%Y-%m-%d %H:%M} UTC by {visible(found.by)}: {_deed(found)}"
        if step is None and prompts.can_ask() and not prompts.confirmed((f"undo {line}",)):
            raise typer.Abort
        undone = monitor.store.undo(found.id, by=by or getpass.getuser(), at=clock(), why=why.strip())
        typer.echo(f"undone {line}; that is step {undone.id}")
        if numbers := _reopened(monitor, found):
            typer.echo(f"in doubt again by change {', '.join(map(str, numbers))}")
        if found.verification and _is_published(found.verification, monitor):
            typer.echo(f"{chosen.watchlist} still says so; set it back there, or answer again with --write")


def _deed(step: Step) -> str:
    if step.verification:
        answer = step.verification
        claim = Claim(
            product=answer.product, topic=answer.topic, position=answer.position, period=answer.period
        )
        return f"{answer.product} {answer.topic} verified as {worded(claim)}"
    if step.kind is StepKind.DISMISSAL:
        return f"change {step.change} dismissed"
    if step.kind is StepKind.ACCEPTANCE:
        return f"{step.document} accepted"
    return f"step {step.undoes} undone"


def _reopened(monitor: Monitor, step: Step) -> list[int]:
    return sorted({doubt.change for doubt in monitor.store.doubts() if doubt.id in step.settled})


def _is_published(answer: Verification, monitor: Monitor) -> bool:
    """Whether the watchlist says what was answered, of the same day."""
    product = monitor.watchlist.products.get(answer.product)
    return any(
        (claim.topic, claim.position, claim.verified) == (answer.topic, answer.position, answer.at.date())
        for claim in (product.claims if product else ())
    )


def accept(
    document: Annotated[
        str, typer.Argument(metavar="PROVIDER/DOCUMENT", help="The document whose capture was held back.")
    ],
    why: Annotated[str, typer.Option("--why", help="What you saw, for the next reader.")] = "",
    by: ByOption = None,
    format: FormatOption = Format.TERMINAL,
    output: OutputOption = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Take the newest doubtful capture for the document after all.

    Its text becomes the next version, confirmed, and what changed with it is reported as by `check`,
    with the same exit codes.

    Example: tos-monitor accept openai/privacy-policy --why "moved into the new help centre"
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    with open_monitor(chosen) as monitor:
        watched = _document(monitor, document)
        results = (asyncio.run(_accept(monitor, watched, by or getpass.getuser(), why.strip())),)
        report = monitor.report("Accepted", results=results, documents=(watched,))
    show(report, FORMATS, format, output)
    raise typer.Exit(exit_code(results, DEFAULT))


async def _accept(monitor: Monitor, document: Document, by: str, why: str) -> CheckResult:
    async with parts(monitor) as work:
        return accept_capture(document, work, by=by, why=why)


def _document(monitor: Monitor, name: str) -> Document:
    (first, *others) = monitor.select((name,))
    if others or first.id != name:
        raise UsageError(f'"{name}" is a provider; name one document, as in {first.id}')
    return first
