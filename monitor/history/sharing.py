"""Sharing work among processes that never outlive the one that shares it out."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.connection import wait
from typing import Any, TypeVar

Done = TypeVar("Done")


def shared(work: Callable[..., Done], shares: Iterable[tuple[Any, ...]], processes: int) -> Iterator[Done]:
    """What `work` makes of each share, as it comes; the shares are begun in their order.

    However the caller ends (Ctrl-C, an error of one share, no more interest), no process is left behind.
    """
    others = set(active_children())
    pool = ProcessPoolExecutor(processes, get_context("spawn"), initializer=_begin)
    try:
        for task in as_completed([pool.submit(work, *share) for share in shares]):
            yield task.result()
    except BaseException:
        # What they are in the middle of is a transaction that is kept whole or not at all.
        for process in set(active_children()) - others:
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    """Leave Ctrl-C to the process that shares out, and end with it however that ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    if parent := parent_process():
        wait([parent.sentinel])
    os._exit(1)
