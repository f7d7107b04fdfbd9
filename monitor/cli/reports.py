"""Printing reports in the format asked for, and keeping them as files."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from monitor.cli.options import Format, deliver
from monitor.errors import UsageError
from monitor.model import Report
from monitor.report import FORMATS, Renderers
from monitor.settings import settings

WIDEST = 120
"""Columns of the widest text: longer lines are hard to read, however wide the terminal is."""


def show(report: Report, renderers: Renderers, format: Format, output: Path | None) -> None:
    """Print a report in this format, or write it to a file; colours only where a terminal shows them."""
    deliver(rendered(report, renderers, format, to_terminal=output is None), output)


def rendered(report: Report, renderers: Renderers, format: Format, *, to_terminal: bool) -> str:
    """The text of a report, as wide as the terminal that it goes to."""
    render = renderers[format]
    if format is not Format.TERMINAL or not (to_terminal and sys.stdout.isatty()):
        return render(report)
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return render(report, width=width, colour=settings().color)


def keep(report: Report, folder: Path) -> None:
    """Write a run's report into a folder that people read and keep, as Markdown and as an HTML page."""
    name = f"{report.at:%Y-%m-%dT%H%M%SZ}"
    for format, suffix in ((Format.MARKDOWN, ".md"), (Format.HTML, ".html")):
        path = folder / f"{name}{suffix}"
        if path.exists():
            raise UsageError(f"{path} exists and was left alone; two runs ended in the same second")
        deliver(FORMATS[format](report), path)
