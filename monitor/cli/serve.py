"""`tos-monitor serve`: the review application in a browser."""

from __future__ import annotations

import getpass
import socket
from typing import Annotated

import typer

from monitor.cli.options import DatabaseOption, WatchlistOption
from monitor.errors import MissingExtra, UsageError
from monitor.logs import configure
from monitor.settings import settings
from monitor.wiring import open_monitor

HostOption = Annotated[
    str, typer.Option("--host", help="The address to listen at; others than this machine need a password.")
]
PortOption = Annotated[int, typer.Option("--port", min=0, max=65535, help="The port to listen at.")]


def serve(
    host: HostOption = "127.0.0.1",
    port: PortOption = 8400,
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
    try:
        from monitor.web.access import Access  # noqa: PLC0415  an optional part
        from monitor.web.server import server  # noqa: PLC0415  an optional part
    except ModuleNotFoundError as error:
        raise MissingExtra("Serving pages", "web") from error
    with open_monitor(chosen) as monitor:
        access = Access(chosen.password, user=getpass.getuser())
        served = server(lambda: monitor, access, host=host, port=port, alone=True)
        listening = _listen(host, port)
        typer.echo(f"Serving http://{_name(host)}:{listening.getsockname()[1]}/ (stop with Ctrl-C)")
        served.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise UsageError(
            f"cannot listen at {host}:{port} ({error.strerror}); choose another --port"
        ) from error


def _name(host: str) -> str:
    return f"[{host}]" if ":" in host else host
