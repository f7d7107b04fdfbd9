"""The application on a port: alone with `serve`, or in the daemon's process with `daemon --serve`."""

from __future__ import annotations

import asyncio
import errno
import socket
import threading
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
    refuse_strangers(access, host)
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


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens there; UsageError where it cannot."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family)
    except OSError as error:
        elsewhere = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
        other = "--host" if elsewhere else "--port"
        raise UsageError(
            f"cannot listen at {host}:{port} ({error.strerror}); choose another {other}"
        ) from error
    # Connections inherit it. Without it the body of each answer waits 40 ms for its head to be acknowledged.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


@contextmanager
def beside(running: uvicorn.Server, listening: socket.socket) -> Iterator[None]:
    """A server on a thread and an event loop of its own until the end of the block.

    So no page waits for a check that reads a long document, and no check for a page.
    """
    thread = threading.Thread(
        target=lambda: asyncio.run(running.serve(sockets=[listening])), name="pages", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        running.should_exit = True
        thread.join()


def refuse_strangers(access: Access, host: str) -> None:
    """UsageError where others could reach the pages without a password."""
    if access.is_open and not stays_here(host):
        raise UsageError(
            f"--host {host} lets others in: set MONITOR_PASSWORD, or leave --host out and serve this machine"
        )


def stays_here(host: str) -> bool:
    """Whether an address to listen at can be reached from this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() in LOOPBACK
