"""A day of many documents, compressed: the real daemon, store and outbox, and a site as slow as real ones.

usage: python -m benchmarks.scale [--documents 1000] [--day 10m] [--database URL --workers N] [--keep FOLDER]

The day begins when every document was seen once. Each is then checked twice in the day, which is as long as
`--day` says; the site answers as slowly as ever, so a compressed day asks of the machine what so many more
documents do in a whole one. Documents change, and fail in every way (`benchmarks.slow_pages` says which and
when). At the end every message that a webhook got is held against what did change: exit code 1 if an alert is
missed, false or told twice, if anything was logged as an error, or if the database cannot be proven.

With `--workers` the daemon only hands out checks, through the queue of a PostgreSQL database, and as many
`tos-monitor worker` take them; what the server itself takes is not counted. The database must be empty.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import httpx

from benchmarks.slow_pages import OF_A_HOST, Plan, plan
from monitor.schedule import interval

COMMAND = str(Path(sys.executable).with_name("tos-monitor"))
LOOK = 5.0  # seconds between two looks at the metrics
TICKS = os.sysconf("SC_CLK_TCK")
SAMPLE = re.compile(r"^tos_monitor_(\w+)(?:\{outcome=\"(\w+)\"\})? (\S+)$", re.MULTILINE)
OUTCOMES = ("first", "unchanged", "changed", "doubtful", "failed")

HEAD = """\
[defaults]
every = "{every}s"
confirm_after = "5s"
render = "http"
allow_addresses = ["127.0.0.0/8"]
[notify.all]
kind = "webhook"
url = "{hook}"
others = "at once"
"""
PROVIDER = '[providers.company-{0}]\nname = "Company {0}"\n'
DOCUMENT = """\
[providers.company-{host}.documents.terms-{number}]
type = "Terms of Service"
url = "http://{address}:{port}{path}"
"""
PRODUCT = """\
[providers.company-{host}.products.api]
name = "Company {host}"
audience = "api"
documents = [{documents}]
training = {{ position = "no", verified = 2026-05-05, source = "simulation" }}
retention = {{ position = "period", period = "30 days", verified = 2026-05-05, source = "simulation" }}
"""


@dataclass
class Used:
    """What processes have used until now: seconds of processor, and each one's peak memory in MB."""

    cpu: float = 0.0
    memory: dict[str, float] = field(default_factory=dict)


@dataclass
class Day:
    """What a run came to."""

    documents: int
    first_round: float = 0.0  # seconds
    first_cpu: float = 0.0
    seconds: float = 0.0  # of the day
    cpu: float = 0.0
    overdue: float = 0.0  # the longest that any document was due, as seen every few seconds
    checks: Counter[str] = field(default_factory=Counter)
    memory: dict[str, float] = field(default_factory=dict)
    errors: int = 0
    warnings: Counter[str] = field(default_factory=Counter)


@dataclass
class Verdict:
    """What was told, held against what changed."""

    edits: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    again: int = 0  # messages that came again under the same event id


class Running:
    """The processes of one run, and a client for the site and the metrics."""

    def __init__(self, folder: Path, port: int, site: str) -> None:
        self.folder, self.metrics_at, self.site = folder, f"http://127.0.0.1:{port}/metrics", site
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.client = httpx.Client(trust_env=False, timeout=60)

    def start(self, name: str, *words: str) -> None:
        environment = {key: value for key, value in os.environ.items() if not key.startswith("MONITOR_")}
        environment |= {"MONITOR_LOG": "warning", "MONITOR_LOG_FORMAT": "json"}
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [COMMAND, *words], cwd=self.folder, env=environment, stdout=subprocess.DEVNULL, stderr=log
            )

    def used(self) -> Used:
        found = Used()
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise SystemExit(f"{name} ended with exit code {process.returncode}; see {self.folder}")
            found.cpu += cpu_of(process.pid)
            found.memory[name] = peak_of(process.pid)
        return found

    def metrics(self) -> dict[str, float]:
        """The numbers of the daemon, by name or outcome."""
        text = self.client.get(self.metrics_at).raise_for_status().text
        found = {}
        for name, outcome, value in SAMPLE.findall(text):
            found[f"{name} {outcome}".strip()] = float(value)
        return found

    def told(self) -> list[dict[str, object]]:
        answer = self.client.get(f"{self.site}/told").raise_for_status().json()
        found: list[dict[str, object]] = answer["told"]
        return found

    def stop(self) -> None:
        self.client.close()
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--day", default="10m", help="the length of the compressed day, as in 40m")
    parser.add_argument("--database", default="", help="a URL; a SQLite file in the folder by default")
    parser.add_argument(
        "--workers", type=int, default=0, help="worker processes that take checks from a queue"
    )
    parser.add_argument("--keep", type=Path, help="a folder for the database and the logs, which then stay")
    options = parser.parse_args()
    length = interval(options.day)
    if not length:
        raise SystemExit(f"--day {options.day}: write e.g. 40m")
    if options.workers and not options.database:
        raise SystemExit("--workers take checks from a queue; name an empty PostgreSQL with --database")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))  # and what was started is ended, too
    with ExitStack() as stack:
        folder = options.keep or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        site = stack.enter_context(serving(options.documents, length))
        running = Running(folder, free_port(), f"http://127.0.0.1:{site}")
        stack.callback(running.stop)
        write_watchlist(folder / "watchlist.toml", options.documents, site, length / 2)
        start(running, options.database, options.workers)
        day = live(running, options.documents, length)
        verdict = judged(options.documents, running.told())
        running.stop()
        day.errors, day.warnings = logged(folder)
        sound = report(day, verdict, folder, options.database)
    raise SystemExit(0 if sound else 1)


@contextmanager
def serving(documents: int, day: timedelta) -> Iterator[int]:
    """The port of a site in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.slow_site", str(documents), str(day.total_seconds())]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def write_watchlist(path: Path, documents: int, port: int, every: timedelta) -> None:
    """A watchlist of the site's documents, a few for each provider, with a claim on each topic."""
    lines = [HEAD.format(every=round(every.total_seconds()), hook=f"http://127.0.0.1:{port}/hook")]
    for host in range(-(-documents // OF_A_HOST)):
        numbers = range(host * OF_A_HOST, min((host + 1) * OF_A_HOST, documents))
        lines.append(PROVIDER.format(host))
        for one in map(plan, numbers):
            facts = {"host": host, "number": one.number, "address": one.host, "path": one.path}
            lines.append(DOCUMENT.format(**facts, port=port))
        named = ", ".join(f'"terms-{number}"' for number in numbers)
        lines.append(PRODUCT.format(host=host, documents=named))
    path.write_text("".join(lines))


def start(running: Running, database: str, workers: int) -> None:
    """The daemon with its metrics, and the workers that it may have."""
    where = ("--database", database) if database else ()
    port = running.metrics_at.split(":")[-1].removesuffix("/metrics")
    dispatch = ("--dispatch", "queue") if workers else ()
    running.start("daemon", "daemon", "--serve", "--port", port, *dispatch, *where)
    for number in range(workers):
        running.start(f"worker-{number + 1}", "worker", *where)


def live(running: Running, documents: int, length: timedelta) -> Day:
    """The first round, the day, and what is still on its way at its end."""
    day = Day(documents)
    started = time.monotonic()
    wait_for_metrics(running)
    while running.metrics()["documents never"]:
        running.used()
        time.sleep(LOOK / 5)
    day.first_round, before = time.monotonic() - started, running.used()
    day.first_cpu = before.cpu
    counted = running.metrics()
    print(f"first round over after {day.first_round:.0f} s", flush=True)
    running.client.post(f"{running.site}/begin").raise_for_status()
    began = time.monotonic()
    while time.monotonic() - began < length.total_seconds():
        day.overdue = max(day.overdue, running.metrics()["oldest_overdue_seconds"])
        time.sleep(LOOK)
    after, now = running.used(), running.metrics()
    day.seconds, day.cpu = time.monotonic() - began, after.cpu - before.cpu
    for outcome in OUTCOMES:
        name = f"checks_total {outcome}"
        day.checks[outcome] = int(now[name] - counted[name])
    wait_for_the_last(running, documents, length)
    day.memory = running.used().memory
    return day


def wait_for_metrics(running: Running) -> None:
    end = time.monotonic() + 600
    while time.monotonic() < end:
        running.used()
        try:
            running.metrics()
        except httpx.TransportError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("the daemon does not answer")


def wait_for_the_last(running: Running, documents: int, length: timedelta) -> None:
    """Until all that changed was told, at most for half a day and the time that messages are held for."""
    end = time.monotonic() + length.total_seconds() / 2 + 150
    while time.monotonic() < end:
        if not judged(documents, running.told()).missed:
            break
        time.sleep(LOOK)
    while running.metrics()["waiting_messages"] and time.monotonic() < end + 90:
        time.sleep(LOOK)


# --- what was told -----------------------------------------------------------------------------


def judged(documents: int, told: list[dict[str, object]]) -> Verdict:
    """Every message held against what the site showed."""
    verdict = Verdict()
    events = Counter(str(one["event"]) for one in told)
    verdict.again = sum(count - 1 for count in events.values())
    changes: dict[int, dict[int, list[str]]] = defaultdict(dict)  # number of a document -> change -> topics
    times: Counter[int] = Counter()
    for one in {str(one["event"]): one for one in told}.values():
        verdict.kinds[str(one["kind"])] += 1
        found = one["changes"]
        assert isinstance(found, list)
        for change in found:
            number = int(change["document"].rpartition("-")[2])
            changes[number][change["id"]] = substantive(change)
            times[number] += 1
    for planned in map(plan, range(documents)):
        hold(planned, changes.get(planned.number, {}), times[planned.number], verdict)
    return verdict


def substantive(change: dict[str, object]) -> list[str]:
    """The topics on which a change was told to alter a position."""
    topics = change["topics"]
    assert isinstance(topics, dict)
    return [topic for topic, found in topics.items() if found["flag"] == "substantive"]


def hold(planned: Plan, changes: dict[int, list[str]], times: int, verdict: Verdict) -> None:
    """What was told of one document against its plan."""
    name = f"document {planned.number} ({planned.edit or 'not edited'})"
    wanted = [] if planned.edit in ("", "other") else [planned.edit]
    if planned.edit:
        verdict.edits[planned.edit] += 1
    right = [topics for topics in changes.values() if planned.edit and topics == wanted]
    wrong = [topics for topics in changes.values() if not planned.edit or topics != wanted]
    if planned.edit and not right:
        verdict.missed.append(name)
    if right:
        verdict.told[planned.edit] += 1
    if wrong:
        verdict.false.append(f"{name}: told {', '.join(map(str, wrong))}")
    if len(right) > 1 or times > len(changes):
        verdict.doubled.append(name)


def logged(folder: Path) -> tuple[int, Counter[str]]:
    """How many errors were logged, and what the warnings and errors were."""
    errors, events = 0, Counter[str]()
    for path in folder.glob("*.log"):
        for line in path.read_text().splitlines():
            event = json.loads(line) if line.startswith("{") else {"level": "error", "event": line}
            errors += event["level"] == "error"
            events[f"{event['level']}: {event['event']}"] += 1
    return errors, events


# --- processes ---------------------------------------------------------------------------------


def cpu_of(pid: int) -> float:
    """Seconds of processor of a process and of its children that ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def peak_of(pid: int) -> float:
    """The most memory that a process ever had, in MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


# --- the result --------------------------------------------------------------------------------


def report(day: Day, verdict: Verdict, folder: Path, database: str) -> bool:
    """Print what the day came to; whether it was as it should be."""
    checks = sum(day.checks.values())
    print(f"\n{day.documents:,} documents; the first round took {day.first_round:.0f} s and", end=" ")
    print(f"{1000 * day.first_cpu / day.documents:.1f} ms of processor a document")
    print(f"a day of {day.seconds:.0f} s: {checks:,} checks, {checks / day.seconds:.1f} a second")
    print("  " + ", ".join(f"{name} {day.checks[name]:,}" for name in OUTCOMES))
    print(f"  processor: {1000 * day.cpu / max(checks, 1):.1f} ms a check,", end=" ")
    print(f"{day.cpu / day.seconds:.0%} of a core")
    print("  peak memory: " + ", ".join(f"{name} {size:.0f} MB" for name, size in day.memory.items()))
    print(f"  longest overdue: {day.overdue:.0f} s")
    edits, told = verdict.edits, verdict.told
    print(f"positions changed: {edits['training'] + edits['retention']},", end=" ")
    print(f"told: {told['training'] + told['retention']};", end=" ")
    print(f"other edits: {edits['other']}, told: {told['other']}")
    for kind in ("missed", "false", "doubled"):
        found: list[str] = getattr(verdict, kind)
        print(f"  {kind}: {len(found)}" + "".join(f"\n    {line}" for line in found[:20]))
    print(f"  messages: {dict(verdict.kinds)}; the same one again: {verdict.again}")
    print(f"logged: {dict(day.warnings)}")
    where = ("--database", database) if database else ()
    proof = subprocess.run(
        [COMMAND, "db", "verify", *where], cwd=folder, check=False, capture_output=True, text=True
    )
    print(f"db verify: {proof.stdout.strip() or proof.stderr.strip()} (exit code {proof.returncode})")
    held = subprocess.run(
        [COMMAND, "db", "stats", *where], cwd=folder, check=False, capture_output=True, text=True
    )
    print(held.stdout)
    wrong = verdict.missed or verdict.false or verdict.doubled or day.errors or proof.returncode
    return not wrong


if __name__ == "__main__":
    main()
