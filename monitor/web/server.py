"""The application on a port: alone with `serve`, or in the daemon's process with `daemon --serve`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import uvicorn

from monitor.errors import UsageError
from monitor.web import application
from monitor.web.access import LOOPBACK, Access
from monitor.wiring import Monitor


class Server(uvicorn.Server):
    """A server that leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def server(
    monitor: Callable[[], Monitor], access: Access, *, host: str, port: int, alone: bool
) -> uvicorn.Server:
    """A server ready to run; UsageError where others could reach it without a password.

    `alone` lets it end at SIGTERM and SIGINT by itself.
    """
    if access.is_open and not stays_here(host):
        raise UsageError(
            f"--host {host} lets others in: set MONITOR_PASSWORD, or leave --host out and serve this machine"
        )
    config = uvicorn.Config(
        application(monitor, access),
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
    return uvicorn.Server(config) if alone else Server(config)


def stays_here(host: str) -> bool:
    """Whether an address to listen at can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK
