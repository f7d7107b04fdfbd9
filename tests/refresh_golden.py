"""Write tests/golden anew from the samples: `python -m tests.refresh_golden`, then read the difference."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from monitor import report as renderers
from monitor.model import Report
from monitor.report import terminal
from tests import report_samples as samples

GOLDEN = Path(__file__).parent / "golden"
ENDINGS = {"terminal": "txt", "markdown": "md", "html": "html", "json": "json"}
REPORTS: dict[str, Callable[[], Report]] = {
    "everything": samples.full_report,
    "nothing": samples.quiet_report,
    "first": samples.first_report,
    "remarks": samples.remarked_report,
    "hostile": samples.hostile_report,
}
LISTINGS = {
    "show": renderers.SHOW,
    "status": renderers.STATUS,
    "claims": renderers.CLAIMS,
    "changes": renderers.CHANGES,
}


def cases() -> Iterator[tuple[str, Callable[[], str]]]:
    """Every golden file's name, and what writes its text."""
    for form, ending in ENDINGS.items():
        for name, sample in REPORTS.items():
            yield f"{name}.{ending}", partial(_render, renderers.FORMATS[form], sample)
        for name, formats in LISTINGS.items():
            yield f"{name}.{ending}", partial(_render, formats[form], samples.full_report)
    yield "everything-120-colour.txt", partial(_wide, samples.full_report)


def _render(renderer: Callable[[Report], str], sample: Callable[[], Report]) -> str:
    return renderer(sample())


def _wide(sample: Callable[[], Report]) -> str:
    return terminal.report(sample(), width=120, colour=True)


def main() -> None:
    GOLDEN.mkdir(exist_ok=True)
    for stale in set(GOLDEN.iterdir()) - {GOLDEN / name for name, _ in cases()}:
        stale.unlink()
    for name, text in cases():
        (GOLDEN / name).write_text(text(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
