"""`tos-monitor daemon`: every document at its own interval."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import Annotated

import typer

from monitor.cli.options import DatabaseOption, Dispatch, DispatchOption, WatchlistOption
from monitor.cli.serve import HOST, PORT, HostOption, PortOption, pages
from monitor.daemon import serve
from monitor.logs import configure
from monitor.orders import Orders
from monitor.settings import settings
from monitor.wiring import open_monitor


def daemon(
    grace: Annotated[
        float,
        typer.Option(
            "--grace",
            metavar="SECONDS",
            min=0,
            max=86_400,
            help="How long running checks may take to finish at the end.",
        ),
    ] = 60,
    with_pages: Annotated[
        bool, typer.Option("--serve", help="Serve the review application too, as `serve` does.")
    ] = False,
    host: HostOption = HOST,
    port: PortOption = PORT,
    dispatch: DispatchOption = Dispatch.DIRECT,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Check every document at its own interval until told to stop.

    SIGTERM lets running checks finish; SIGHUP, or a change of the file, reloads the watchlist. With
    --dispatch queue it runs none itself: it queues what is due for `tos-monitor worker`.

    Example: tos-monitor daemon --serve --watchlist /etc/tos-monitor/watchlist.toml
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen, default="info")
    orders = Orders(chosen.watchlist)
    with open_monitor(chosen) as monitor:
        monitor.store.require_writing()
        if dispatch is Dispatch.QUEUE:
            monitor.store.require_queue()
        beside = partial(pages, chosen, host, port) if with_pages else None
        queue = dispatch is Dispatch.QUEUE
        asyncio.run(serve(monitor, orders, timedelta(seconds=grace), beside=beside, queue=queue))
