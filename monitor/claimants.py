"""Who claims a document: a process, named so that others on the same database know whether it still runs."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_FIRST = 0xEFFFFFFC
"""The inode of the namespace that a machine's own processes are numbered in; containers have others."""


@dataclass(frozen=True, kw_only=True)
class Claimant:
    """A process, and where its number means it; "" is what a system does not tell, as all but Linux."""

    host: str
    machine: str = ""  # that the host is; of a container nothing is known that outlasts it
    boot: str = ""  # since when the machine runs
    space: str = ""  # that its number counts in
    pid: int
    started: str = ""  # in ticks after the boot: a number is given again

    def __str__(self) -> str:
        return f"{self.host}:{self.machine}:{self.boot}:{self.space}:{self.pid}:{self.started}"


def this_process() -> Claimant:
    """Ourselves, as a claimant."""
    space = ""
    with suppress(OSError):
        space = str(Path("/proc/self/ns/pid").stat().st_ino)
    return Claimant(
        host=socket.gethostname(),
        machine=_machine() if space == str(_FIRST) else "",
        boot=_said_by("/proc/sys/kernel/random/boot_id"),
        space=space,
        pid=os.getpid(),
        started=_started(os.getpid()) or "",
    )


def is_gone(name: str, here: Claimant) -> bool:
    """Whether a claimant runs no more; False also where that cannot be known here, and its claim runs out."""
    other = _read(name)
    if other is None or other.host != here.host:
        return False
    if other.boot != here.boot:
        # Two machines may carry one name; this one was started anew since.
        return other.machine == here.machine != ""
    if other.space != here.space:
        return False
    started = _started(other.pid)
    return started is None or bool(started and other.started and started != other.started)


def _read(name: str) -> Claimant | None:
    """The claimant of that name; None for what is no process, and for names that older versions gave."""
    try:
        host, machine, boot, space, pid, started = name.split(":")
        return Claimant(host=host, machine=machine, boot=boot, space=space, pid=int(pid), started=started)
    except ValueError:
        return None


def _started(pid: int) -> str | None:
    """When a process began, "" where that is not told; None when there is none of that number."""
    with suppress(PermissionError):  # it is another user's
        try:
            os.kill(pid, 0)
        except (ProcessLookupError, OverflowError):
            return None
    # The second of its fields is a name in brackets, which may hold spaces and brackets.
    fields = _said_by(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return fields[19] if len(fields) > 19 else ""


def _machine() -> str:
    """The machine's own number in a form that tells nobody which machine it is."""
    number = _said_by("/etc/machine-id")
    return sha256(f"tos-monitor {number}".encode()).hexdigest()[:12] if number else ""


def _said_by(file: str) -> str:
    try:
        return Path(file).read_text(encoding="ascii", errors="replace").strip()
    except OSError:
        return ""
