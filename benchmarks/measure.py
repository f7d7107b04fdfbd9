"""Running commands and calls in turn, and printing medians with their ratio."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What one run of a command took: seconds of processor and of the clock, peak memory in MB."""

    cpu: float
    wall: float
    memory: float


def cost_of(command: Sequence[str], codes: Sequence[int] = (0,), cwd: str | None = None) -> Cost:
    """Run a command to its end, from outside; its exit code must be one of these."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert process.stderr
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise SystemExit(f"{' '.join(command)}: exit {process.returncode}\n{complaint.decode()}")
    wall = time.perf_counter() - started
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss / 1024)


def cpu_of(call: Callable[[], object]) -> float:
    """Seconds of processor that a call takes in this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    call()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def print_costs(rows: dict[str, list[Cost]], baseline: str) -> None:
    """A line a command: medians, and the ratio of processor time to the baseline's."""
    base = statistics.median(cost.cpu for cost in rows[baseline])
    print(f"{'':34} {'CPU s':>8} {'wall s':>8} {'MB':>6} {'CPU ratio':>10}")
    for name, costs in rows.items():
        cpu, wall, memory = (
            statistics.median(getattr(cost, field) for cost in costs) for field in ("cpu", "wall", "memory")
        )
        print(f"{name:34} {cpu:8.2f} {wall:8.2f} {memory:6.0f} {cpu / base:9.2f}x")
