"""`tos-monitor init`: a watchlist to begin with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from monitor.errors import UsageError
from monitor.watchlist import shipped_watchlist


def init(
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="Where to write it.")] = Path(
        "watchlist.toml"
    ),
) -> None:
    """Write the shipped watchlist here, to edit.

    Example: tos-monitor init
    """
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(shipped_watchlist())
    except FileExistsError as error:
        raise UsageError(f"{path} exists and was left alone; name another file, or edit that one") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error
    typer.echo(f"{path} written; now run: tos-monitor check --watchlist {path}")
