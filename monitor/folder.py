"""A folder of published files: written so that readers never see half of one, and nobody else's is touched.

What was written here is kept in a list beside it (`MANIFEST`), with a hash of each file. A file of an
earlier time that is no longer asked for is removed only if it is on that list and still as it was written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from monitor.errors import UsageError

MANIFEST = ".tos-monitor.json"

Hashes = dict[str, str]
"""SHA-256 by path, relative to the folder."""


@dataclass(frozen=True)
class Written:
    """What came of writing: the paths that are new or different, that are as they were, and that went."""

    written: tuple[str, ...]
    same: tuple[str, ...]
    removed: tuple[str, ...]


def write(folder: Path, contents: Mapping[str, bytes]) -> Written:
    """Make the folder hold exactly these files of ours, beside whatever others have in it.

    A file that is as it should be is left alone, so that its time stays. UsageError, before anything is
    written, where somebody else's file is in the way, and where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _write(folder, contents)
    except OSError as error:
        place = error.filename or folder
        raise UsageError(f"{place} cannot be written ({error.strerror}); name another folder") from error


def _write(folder: Path, contents: Mapping[str, bytes]) -> Written:
    known = _known(folder)
    hashes = {path: _hash(content) for path, content in contents.items()}
    different = [path for path, expected in hashes.items() if _hash_of(folder / path) != expected]
    _refuse_to_overwrite(folder, [path for path in different if path not in known])
    # Whatever is cut off from here on, the list names every file that may be ours.
    _keep(folder, {**known, **{path: hashes[path] for path in different}})
    for path in different:
        _replace(folder, path, contents[path])
    removed = _remove(folder, {path: known[path] for path in known if path not in hashes})
    _keep(folder, hashes)
    same = tuple(path for path in hashes if path not in set(different))
    return Written(written=tuple(different), same=same, removed=removed)


def _known(folder: Path) -> Hashes:
    """What an earlier time wrote here; UsageError where the list cannot be understood."""
    path = folder / MANIFEST
    if not path.exists():
        return {}
    try:
        listed = json.loads(path.read_text("utf-8"))["files"]
        return {str(name): str(expected) for name, expected in listed.items() if _is_inside(str(name))}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(
            f"{path} is not the list of files that publish wrote; mend it, or name another folder"
        ) from error


def _is_inside(name: str) -> bool:
    """Whether a listed path stays in the folder, whoever wrote the list."""
    path = PurePosixPath(name)
    return bool(path.parts) and not path.is_absolute() and ".." not in path.parts


def _refuse_to_overwrite(folder: Path, paths: Iterable[str]) -> None:
    for path in paths:
        if os.path.lexists(folder / path):
            raise UsageError(
                f"{folder / path} was not written by publish; move it away, or name another folder"
            )


def _keep(folder: Path, hashes: Hashes) -> None:
    text = json.dumps({"files": dict(sorted(hashes.items()))}, indent=1) + "\n"
    content = text.encode()
    if _hash_of(folder / MANIFEST) != _hash(content):
        _replace(folder, MANIFEST, content)


def _replace(folder: Path, path: str, content: bytes) -> None:
    """Write a file so that whoever reads it meanwhile has the old one or the new one whole."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = folder / f"{MANIFEST}.{os.getpid()}"
    try:
        beside.write_bytes(content)
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def _remove(folder: Path, stale: Hashes) -> tuple[str, ...]:
    """Remove files that are as we wrote them, and the folders that this leaves empty."""
    gone = [path for path, expected in stale.items() if _hash_of(folder / path) == expected]
    for path in gone:
        (folder / path).unlink()
        for above in (folder / path).relative_to(folder).parents:
            if above == Path() or any((folder / above).iterdir()):
                break
            (folder / above).rmdir()
    return tuple(gone)


def _hash_of(path: Path) -> str:
    """The hash of a file; "" where there is none, or something else than a file."""
    return _hash(path.read_bytes()) if path.is_file() and not path.is_symlink() else ""


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
