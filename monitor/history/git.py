"""A git repository as git itself tells of it: its commits, and files as they were."""

from __future__ import annotations

import re
import shlex
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar
from urllib.parse import urlsplit

from monitor.errors import UsageError

_ADDRESS = re.compile(r"^(\w+):/+(?=\w)")
"""How an address begins that was taken for a path, which has no two slashes in a row."""
_HEADER = "%x01%H%x1f%aI%x1f%s%x1f%b"
# What a foreign repository's configuration may start or change is switched off.
_LOG = (
    *("log", "--reverse", "--raw", "--no-abbrev", "-M100%", "-z"),
    *("--no-ext-diff", "--no-textconv", "--no-show-signature", "--no-color", f"--format={_HEADER}"),
)


@dataclass(frozen=True)
class Touched:
    """A file that a commit left behind; `former` is its path before, where it was only renamed."""

    path: str
    blob: str
    former: str = ""


@dataclass(frozen=True)
class Commit:
    """One commit with the files that it left behind; those that it deleted are not among them."""

    id: str
    at: datetime  # the author's date
    subject: str
    body: str
    files: tuple[Touched, ...]


class Repository:
    """A local repository, also a bare one; UsageError when there is none, or no git."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_dir():
            address = _ADDRESS.sub(r"\1://", str(path))
            command = f": git clone {address}" if "://" in address else ""
            raise UsageError(f"{path}: there is no such folder; clone the repository first{command}")
        self._folder = Path(self._git("rev-parse", "--absolute-git-dir").rstrip("\n"))

    @property
    def name(self) -> str:
        """What its origin calls it, or else its folder, whatever folder inside it was named."""
        origin = self._git("config", "--default", "", "--get", "remote.origin.url").strip()
        place = urlsplit(origin).path if "://" in origin else origin.rpartition(":")[2]
        around = next(
            (one.parent for one in (self._folder, *self._folder.parents) if one.name == ".git"), None
        )
        return Path(place or around or self._folder).name.removesuffix(".git")

    def commits(self) -> tuple[Commit, ...]:
        """Every commit that the checked out branch holds, the first one first.

        UsageError for a shallow clone: what is in its oldest commit may be much older than that.
        """
        if not self._git("for-each-ref", "--count=1").strip():
            return ()
        if self._git("rev-parse", "--is-shallow-repository").strip() == "true":
            remedy = f"get the rest with: git -C {shlex.quote(str(self.path))} fetch --unshallow"
            raise UsageError(
                f"{self.path}: is a shallow clone; its first records would have false dates; {remedy}"
            )
        return tuple(_commits(self._git(*_LOG, "HEAD")))

    def blobs(self) -> Blobs:
        """Files as they were, by their blobs; a context manager."""
        return Blobs(self._command("cat-file", "--batch"))

    def _git(self, *words: str) -> str:
        done = _started(lambda: subprocess.run(self._command(*words), capture_output=True, check=False))
        if done.returncode:
            said = done.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ")
            raise UsageError(f"{self.path}: git says: {said.splitlines()[0] if said else 'nothing'}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def _command(self, *words: str) -> Sequence[str]:
        return (
            "git",
            "-C",
            str(self.path),
            "-c",
            "core.fsmonitor=false",
            "-c",
            "core.quotepath=false",
            *words,
        )


class Blobs:
    """One `git cat-file --batch` that is asked for one file after the other."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = _started(
            lambda: subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def read(self, blob: str) -> bytes:
        """The bytes of a blob; UsageError when the repository lacks it, as a partial clone does."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{blob}\n".encode())
        self._process.stdin.flush()
        header = self._process.stdout.readline().split()
        if len(header) != 3:
            raise UsageError(f"the repository lacks the file {blob}; clone it whole, without --filter")
        body = self._process.stdout.read(int(header[2]))
        self._process.stdout.read(1)
        return body


Started = TypeVar("Started")


def _started(start: Callable[[], Started]) -> Started:
    try:
        return start()
    except FileNotFoundError as error:
        raise UsageError("git is not installed; install it, as with: apt-get install git") from error


def _commits(log: str) -> Iterator[Commit]:
    """The commits in the output of `git log --raw -z`."""
    header: list[str] = []
    files: list[Touched] = []
    parts = iter(log.split("\0"))
    for part in parts:
        if part.startswith("\x01"):
            yield from _commit(header, files)
            header, files = part[1:].split("\x1f", 3), []
        elif change := re.match(r"\n?:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) ([A-Z])", part):
            former = next(parts) if change[2] in "RC" else ""
            path = next(parts)
            if change[1].strip("0"):
                files.append(Touched(path, change[1], former))
    yield from _commit(header, files)


def _commit(header: list[str], files: list[Touched]) -> Iterator[Commit]:
    if header:
        name, at, subject, body = header
        yield Commit(name, datetime.fromisoformat(at).astimezone(UTC), subject, body, tuple(files))
