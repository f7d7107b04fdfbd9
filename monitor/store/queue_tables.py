"""Procrastinate's own tables: made with ours, and brought to the installed version by its own migrations.

The name of the newest migration is kept among our upgrades, as "procrastinate NAME".
"""

from __future__ import annotations

import logging
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import Connection, func, insert, select

from monitor.errors import StoreTooNew
from monitor.store.tables import upgrades

log = logging.getLogger(__name__)

_PREFIX = "procrastinate "


def installed() -> str | None:
    """The newest migration of the installed Procrastinate; None where there is none."""
    folder = _folder()
    return _migrations(folder)[-1].stem if folder else None


def recorded(connection: Connection) -> str | None:
    """The migration that the tables are at; None where there are none."""
    query = select(func.max(upgrades.c.revision)).where(upgrades.c.revision.startswith(_PREFIX))
    found = connection.execute(query).scalar_one()
    return found.removeprefix(_PREFIX) if found else None


def behind(connection: Connection) -> bool:
    """Whether the tables are to be made, or brought to the installed version."""
    newest = installed()
    return newest is not None and (recorded(connection) or "") < newest


def upgrade(connection: Connection, now: datetime) -> None:
    """Make the tables, or bring them to the installed version, in the transaction of the connection."""
    folder, newest, at = _folder(), installed(), recorded(connection)
    if folder is None or newest is None or (at or "") >= newest:
        return
    scripts = [one for one in _migrations(folder) if at and one.stem > at] if at else [folder / "schema.sql"]
    log.info("upgrading the queue", extra={"from": at or "none", "to": newest})
    raw = connection.connection.cursor()
    for script in scripts:
        raw.execute(script.read_text(encoding="utf-8"))
    connection.execute(insert(upgrades), {"revision": _PREFIX + newest, "at": now})


def refuse_newer(connection: Connection) -> None:
    """StoreTooNew where a newer Procrastinate made the tables than is installed here."""
    at, newest = recorded(connection), installed()
    if at and newest and at > newest:
        raise StoreTooNew(
            f"the queue was made by a newer Procrastinate ({at}; this one knows {newest}); upgrade it with:"
            " pip install --upgrade 'tos-monitor[postgres]'"
        )


def _folder() -> Path | None:
    # Without an import, which takes a tenth of a second that most commands have no use for.
    found = find_spec("procrastinate")
    return Path(found.origin).parent / "sql" if found and found.origin else None


def _migrations(folder: Path) -> list[Path]:
    return sorted((folder / "migrations").glob("*.sql"))
