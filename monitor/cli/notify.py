"""`tos-monitor notify`: who is told of changes, what waits to be sent, and whether it arrives."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli.exits import Exit
from monitor.cli.options import DatabaseOption, WatchlistOption
from monitor.errors import DeliveryError, MissingExtra, StoreError, UsageError
from monitor.logs import configure
from monitor.model import Backlog, Channel, ChannelKind, When
from monitor.notices import UNDELIVERABLE_AFTER
from monitor.report.wording import counted, instant, span, visible
from monitor.settings import settings
from monitor.watchlist import nearest
from monitor.wiring import Monitor, clock, delivery, open_monitor

if TYPE_CHECKING:
    from monitor.delivery import Delivered

NONE = "No channel is on the watchlist; write a [notify.NAME] table to be told of changes."

notify = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@notify.callback()
def about() -> None:
    """Say who is told of changes, what waits to be sent, and try it out.

    Example: tos-monitor notify test
    """


@notify.command("list")
def list_(watchlist: WatchlistOption = None, database: DatabaseOption = None) -> None:
    """List the channels, what each is told of, and what waits to be sent.

    Exit code 2 when something waits that could not be sent.

    Example: tos-monitor notify list
    """
    with open_monitor(settings(watchlist=watchlist, database=database)) as monitor:
        channels = monitor.watchlist.channels
        backlog = {one.channel: one for one in monitor.store.backlog()}
    for channel in channels.values():
        typer.echo("\n".join(_described(channel, backlog.get(channel.name))))
    for name, one in backlog.items():
        if name not in channels:
            typer.echo(f"{name}: not on the watchlist any more, so what waits for it is not sent")
            typer.echo(f"  {_waits(one)}")
    if not channels:
        typer.echo(NONE, err=True)
    failing = any(one.failing for one in backlog.values())
    raise typer.Exit(Exit.FAILED if failing else Exit.NOTHING)


@notify.command("test")
def try_out(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Only these channels; default all.")
    ] = None,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Send a test message to the channels, and say what went wrong.

    Exit code 2 when one did not arrive.

    Example: tos-monitor notify test team
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    with open_monitor(chosen) as monitor:
        channels = _named(monitor, names or ())
        failed = asyncio.run(_test(monitor, channels))
    raise typer.Exit(Exit.FAILED if failed else Exit.NOTHING)


@notify.command("send")
def send(watchlist: WatchlistOption = None, database: DatabaseOption = None) -> None:
    """Send what is due, as every check and the daemon do.

    Exit code 2 when something could not be sent; it waits.

    Example: tos-monitor notify send
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen)
    with open_monitor(chosen) as monitor:
        done = _deliver(monitor)
    typer.echo(f"{counted(done.sent, 'message')} sent.")
    raise typer.Exit(Exit.FAILED if done.failed else Exit.NOTHING)


def send_waiting(monitor: Monitor) -> None:
    """Send what is due after a round; what cannot be sent is said, waits, and changes nothing else."""
    if not monitor.watchlist.channels:
        return
    try:
        _deliver(monitor)
    except StoreError as error:
        typer.echo(f"not notified: {error}", err=True)


def undelivered(monitor: Monitor) -> tuple[str, ...]:
    """A line for each channel that could not be reached for days, or is gone while something waits for it."""
    now = clock()
    return tuple(
        f"NOT notified for {span(now - one.oldest)}: channel {visible(one.channel)}, {_waits(one)}"
        for one in monitor.store.backlog()
        if _is_stuck(one, monitor, now)
    )


def _is_stuck(one: Backlog, monitor: Monitor, now: datetime) -> bool:
    stuck = one.failing or one.channel not in monitor.watchlist.channels
    return bool(stuck) and now - one.oldest >= UNDELIVERABLE_AFTER


def _deliver(monitor: Monitor) -> Delivered:
    # The round that could find the same edit in other documents is over.
    monitor.store.hurry(clock())
    done = asyncio.run(delivery(monitor).deliver(monitor.watchlist.channels.values()))
    for channel, error in done.failed:
        typer.echo(f"not notified: channel {channel}: {error}; it is sent later", err=True)
    return done


async def _test(monitor: Monitor, channels: Iterable[Channel]) -> bool:
    """Whether a test message did not arrive somewhere."""
    failed = False
    for channel in channels:
        try:
            refused = await delivery(monitor).test(channel)
        except (DeliveryError, MissingExtra) as error:
            failed = True
            typer.echo(f"{channel.name}: {error}")
            continue
        failed = failed or bool(refused)
        typer.echo(f"{channel.name}: refuses {', '.join(refused)}" if refused else _arrived(channel))
    return failed


def _arrived(channel: Channel) -> str:
    unsigned = channel.kind is ChannelKind.WEBHOOK and not channel.secret_env
    return f"{channel.name}: sent" + ("; it is not signed: no secret_env is given" if unsigned else "")


def _named(monitor: Monitor, names: Iterable[str]) -> tuple[Channel, ...]:
    channels = monitor.watchlist.channels
    if not channels:
        raise UsageError(NONE)
    for name in names:
        if name not in channels:
            near = nearest(name, list(channels))
            known = f'did you mean "{near}"?' if near else f"there is: {', '.join(channels)}"
            raise UsageError(f'"{name}" is not a channel of {monitor.settings.watchlist}; {known}')
    return tuple(channels[name] for name in names) or tuple(channels.values())


def _described(channel: Channel, waiting: Backlog | None) -> Iterator[str]:
    yield f"{channel.name}: {channel.kind}"
    yield f"  flagged {channel.flagged}, others {channel.others}, health {channel.health}{_digest(channel)}"
    narrowed = [
        f"{kind} {', '.join(names)}"
        for kind, names in (
            ("providers", channel.providers),
            ("products", channel.products),
            ("topics", channel.topics),
        )
        if names
    ]
    if narrowed:
        yield f"  only {'; '.join(narrowed)}"
    yield f"  {_waits(waiting)}" if waiting else "  nothing waits"


def _digest(channel: Channel) -> str:
    gathered = {When.DAILY, When.WEEKLY} & {channel.flagged, channel.others, channel.health}
    return f"; digest at {channel.digest_at:%H:%M} {channel.timezone}" if gathered else ""


def _waits(one: Backlog) -> str:
    waits = "waits" if one.letters == 1 else "wait"
    line = f"{counted(one.letters, 'message')} {waits}, the oldest since {instant(one.oldest)}"
    line += f", next at {instant(one.next)}"
    return f"{line}; {one.failing} failed: {visible(one.error)}" if one.failing else line
