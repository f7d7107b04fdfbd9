"""The store's verbs for how far histories from elsewhere were brought in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Engine

from monitor.model import ImportMark
from monitor.store import history, imports
from monitor.store.engine import reading, write


class Importing:
    """The part of the store that knows which records of a history are in it."""

    _engine: Engine

    def import_mark(self, source: str, document_id: str) -> ImportMark | None:
        """How far the import of a document's history from that source got; None where none began."""
        with reading(self._engine) as connection:
            return imports.mark(connection, source, document_id)

    def keep_import_mark(self, reached: ImportMark) -> None:
        """Keep that an import got so far, where that left nothing else to keep."""
        write(self._engine, imports.keep_mark, reached)

    def check_times(self, document_id: str) -> frozenset[datetime]:
        """When each check of a document was, imported ones included."""
        with reading(self._engine) as connection:
            return history.check_times(connection, document_id)
