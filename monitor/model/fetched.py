"""What fetches bring, and why they bring nothing."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What one fetch brought: decoded bytes with their evidence. Header names are lower-case."""

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: datetime
    redirects: tuple[str, ...] = ()
    rendered: bool = False
    seconds: float = 0.0
    source: str = ""  # where it was imported from; "" fetched here

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str:
        """The value of the first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name.lower()), "")


@dataclass(frozen=True)
class Validators:
    """What a conditional request sends: the ETag and Last-Modified of the last good answer."""

    etag: str = ""
    last_modified: str = ""
    url: str = ""  # the final URL of that answer: they mean nothing at another one


@dataclass(frozen=True)
class NotModified:
    """The server said 304: the document is as it was."""

    url: str
    at: datetime
    seconds: float = 0.0


@dataclass(frozen=True)
class Reason:
    """Why something was held back or failed: a stable code and a sentence for people."""

    code: str
    detail: str


@dataclass(frozen=True)
class FetchFailure:
    """Nothing usable came: no connection, a time-out, a refused address, a body too large."""

    url: str
    at: datetime
    reason: Reason
    retry_after: timedelta | None = None
    seconds: float = 0.0


Fetched = Capture | NotModified | FetchFailure
