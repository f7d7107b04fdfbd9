"""`tos-monitor worker`: checks taken from the queue that `daemon --dispatch queue` fills."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Annotated

import typer

from monitor.cli.options import DatabaseOption, WatchlistOption
from monitor.logs import configure
from monitor.orders import Orders
from monitor.settings import settings
from monitor.tickets import Queue
from monitor.wiring import open_monitor


def worker(
    queue: Annotated[
        list[Queue] | None,
        typer.Option(
            "--queue", help="Take only from this queue; may be repeated. Default: all that this machine can."
        ),
    ] = None,
    concurrency: Annotated[
        int | None,
        typer.Option(
            "--concurrency",
            min=1,
            max=64,
            help="Checks at once, besides up to 2 for the browser; default 8, or 2 where all are for it.",
        ),
    ] = None,
    grace: Annotated[
        float,
        typer.Option(
            "--grace",
            metavar="SECONDS",
            min=0,
            max=86_400,
            help="How long running checks may take to finish at the end; then they are given back.",
        ),
    ] = 60,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Run checks from the queue, on any number of machines.

    The queue is filled by `daemon --dispatch queue`, in the same PostgreSQL. SIGTERM lets running checks
    finish; SIGHUP, or a change of the file, reloads the watchlist.

    Example: tos-monitor worker --queue browser --concurrency 2
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen, default="info")
    orders = Orders(chosen.watchlist)
    with open_monitor(chosen) as monitor:
        monitor.store.require_queue()
        # What is an extra is there, for the queue was not refused.
        from monitor import worker as work  # noqa: PLC0415

        asyncio.run(
            work.serve(
                monitor,
                orders,
                places=work.places(queue or (), concurrency),
                heartbeat=chosen.heartbeat,
                grace=timedelta(seconds=grace),
            )
        )
