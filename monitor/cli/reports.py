"""Printing reports in the format asked for, and keeping them as files."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import count
from pathlib import Path

from monitor.cli.options import Format, deliver
from monitor.errors import UsageError
from monitor.model import Report
from monitor.report import FORMATS, Renderers
from monitor.settings import settings

WIDEST = 120
"""Columns of the widest text: longer lines are hard to read, however wide the terminal is."""


def show(report: object, renderers: Renderers, format: Format, output: Path | None) -> None:
    """Print a report in this format, or write it to a file; colours only where a terminal shows them."""
    deliver(rendered(report, renderers, format, to_terminal=output is None), output)


def rendered(report: object, renderers: Renderers, format: Format, *, to_terminal: bool) -> str:
    """The text of a report, as wide as the terminal that it goes to."""
    render = renderers[format]
    if format is not Format.TERMINAL or not (to_terminal and sys.stdout.isatty()):
        return render(report)
    width = min(shutil.get_terminal_size().columns, WIDEST)
    return render(report, width=width, colour=settings().color)


def prepare(output: Path | None, reports: Path | None) -> None:
    """Make the folders that a report will go to; UsageError, before any work, where that fails."""
    if output:
        _prepare_folder(output.parent, "--output")
        if output.is_dir() or (output.exists() and not os.access(output, os.W_OK)):
            raise UsageError(f"--output {output} cannot be written; name another file")
    if reports:
        _prepare_folder(reports, "--reports")


def _prepare_folder(folder: Path, option: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{option}: the folder {folder} cannot be made ({error.strerror})") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UsageError(f"{option}: the folder {folder} cannot be written; name another one")


def keep(report: Report, folder: Path) -> None:
    """Write a run's report into a folder that people read and keep, as Markdown and as an HTML page."""
    name = _free_name(folder, f"{report.at:%Y-%m-%dT%H%M%SZ}")
    for format, suffix in ((Format.MARKDOWN, ".md"), (Format.HTML, ".html")):
        deliver(FORMATS[format](report), folder / f"{name}{suffix}")


def _free_name(folder: Path, name: str) -> str:
    """The name, or one with -2, -3, … where another run that ended in the same second has it."""
    for number in count(1):
        numbered = f"{name}-{number}" if number > 1 else name
        if not (folder / f"{numbered}.md").exists():
            break
    return numbered
