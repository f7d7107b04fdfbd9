"""Exit codes: what a script that calls us may rely on."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

from monitor.errors import UsageError
from monitor.model import CheckResult, FlagKind

CONDITIONS = ("flagged", "changed", "failed", "never")
DEFAULT = frozenset(("flagged", "failed"))


class Exit(IntEnum):
    NOTHING = 0
    FLAGGED = 1
    FAILED = 2
    USAGE = 3


def fail_conditions(text: str) -> frozenset[str]:
    """The conditions of `--fail-on`, as in "flagged,failed"."""
    wanted = frozenset(part.strip() for part in text.split(",") if part.strip())
    if unknown := wanted - set(CONDITIONS):
        raise UsageError(f"--fail-on: {', '.join(sorted(unknown))} is not one of {', '.join(CONDITIONS)}")
    return wanted


def exit_code(results: Iterable[CheckResult], conditions: frozenset[str]) -> Exit:
    """1 before 2: what asks for a person comes before what a later check may mend by itself."""
    results = tuple(results)
    if "flagged" in conditions and any(map(is_flagged, results)):
        return Exit.FLAGGED
    if "changed" in conditions and any(map(is_announced, results)):
        return Exit.FLAGGED
    if "failed" in conditions and any(result.outcome in ("failed", "doubtful") for result in results):
        return Exit.FAILED
    return Exit.NOTHING


def is_announced(result: CheckResult) -> bool:
    """Whether a confirmed change of the terms was announced."""
    return bool(result.change and result.change.change.alert and result.change.change.confirmed)


def is_flagged(result: CheckResult) -> bool:
    """Whether an announced change altered a position."""
    if not is_announced(result) or result.change is None:
        return False
    return any(flag.kind is FlagKind.SUBSTANTIVE for flag in result.change.change.flags)
