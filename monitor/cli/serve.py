"""`tos-monitor serve`: the review application in a browser; and the same beside the daemon's checks."""

from __future__ import annotations

import getpass
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import typer

from monitor.cli.options import DatabaseOption, WatchlistOption
from monitor.errors import MissingExtra
from monitor.logs import configure
from monitor.settings import Settings, settings
from monitor.store import Store
from monitor.wiring import Monitor, open_monitor

HOST = "127.0.0.1"
PORT = 8400

HostOption = Annotated[
    str, typer.Option("--host", help="The address to listen at; others than this machine need a password.")
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen at.")]


def serve(
    host: HostOption = HOST,
    port: PortOption = PORT,
    watchlist: WatchlistOption = None,
    database: DatabaseOption = None,
) -> None:
    """Review in a browser: the inbox, every change, every position.

    Answers to this machine only. With MONITOR_PASSWORD set, --host may open it to others, who sign in with
    it; put a server that speaks HTTPS before it then.

    Example: tos-monitor serve --port 8400
    """
    chosen = settings(watchlist=watchlist, database=database)
    configure(chosen, default="info")
    _require_web()
    from monitor.web.access import Access  # noqa: PLC0415  an optional part
    from monitor.web.fresh import Fresh  # noqa: PLC0415  an optional part
    from monitor.web.server import server  # noqa: PLC0415  an optional part

    with open_monitor(chosen) as monitor:
        access = Access(chosen.password, user=getpass.getuser())
        served = server(Fresh(monitor), access, host=host, port=port, alone=True)
        with _listening(host, port) as listening:
            served.run(sockets=[listening])


@contextmanager
def pages(settings: Settings, host: str, port: int, monitor: Callable[[], Monitor]) -> Iterator[None]:
    """The application beside other work of this process, over what `monitor` gives at each request."""
    _require_web()
    from monitor.web.access import Access  # noqa: PLC0415  an optional part
    from monitor.web.server import beside, server  # noqa: PLC0415  an optional part

    # Connections of its own: however many pages are read at once, a check finds one free.
    with Store.open(settings.database) as store:
        access = Access(settings.password, user=getpass.getuser())
        served = server(lambda: replace(monitor(), store=store), access, host=host, port=port, alone=False)
        with _listening(host, port) as listening, beside(served, listening):
            yield


def _require_web() -> None:
    try:
        import monitor.web.server  # noqa: F401, PLC0415  an optional part
    except ModuleNotFoundError as error:
        raise MissingExtra("Serving pages", "web") from error


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that listens there, told to whoever started us."""
    from monitor.web.server import listen  # noqa: PLC0415  an optional part

    with listen(host, port) as listening:
        typer.echo(f"Serving http://{_name(host)}:{listening.getsockname()[1]}/ (stop with Ctrl-C)")
        yield listening


def _name(host: str) -> str:
    return f"[{host}]" if ":" in host else host
