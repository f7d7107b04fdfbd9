"""The review application over a real database, on a real port of this machine."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from monitor.cli.demo import twice
from monitor.settings import settings
from monitor.web.access import Access
from monitor.web.server import listen, server
from monitor.wiring import Monitor, open_monitor


@dataclass
class Served:
    """A running application, and what it works on."""

    url: str
    monitor: Monitor

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    def client(self, **headers: str) -> httpx.Client:
        """A client that keeps cookies, and says where its forms come from, as browsers do."""
        return httpx.Client(
            base_url=self.url,
            headers={"origin": self.url, "sec-fetch-site": "same-origin", **headers},
            trust_env=False,
            timeout=20,
        )


def demonstration(folder: Path) -> Path:
    """A folder with the demonstration's watchlist and its database after two checks."""
    twice(folder)
    return folder


@contextmanager
def serving(
    folder: Path, *, password: str = "", user: str = "robin", database: str | None = None
) -> Iterator[Served]:
    """The application over the watchlist and database of a folder, until the end of the block."""
    chosen = settings(watchlist=folder / "watchlist.toml", database=database, environ={})
    with open_monitor(chosen) as monitor, listen("127.0.0.1", 0) as listening:
        port = listening.getsockname()[1]
        app = server(lambda: monitor, Access(password, user=user), host="127.0.0.1", port=port, alone=False)
        thread = threading.Thread(target=lambda: asyncio.run(app.serve(sockets=[listening])))
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{port}", monitor)
        finally:
            app.should_exit = True
            thread.join()


def copied(folder: Path, target: Path) -> Path:
    """A copy of a folder's watchlist and database, to change."""
    shutil.copytree(folder, target)
    return target
