"""A web archive: which captures of an address it has, and the bytes of each as they were captured."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode, urljoin, urlsplit

from monitor.errors import UsageError
from monitor.fetch.archive import ArchiveReader
from monitor.history.capture_index import Index, Listed, read_index
from monitor.history.warc import OF_THE_WAY
from monitor.model import Capture, FetchFailure

ORIGIN = "web archive"
"""How the source of what is brought in from one begins."""

AT_ONCE = 10_000
"""Captures that an index is asked for in one request."""

MOST_PAGES = 1_000
"""Of the index of one address; one that goes on for longer goes in circles."""

MOST_REDIRECTS = 5

OF_A_CAPTURE = frozenset(("incomplete", "too-large", "bad-encoding", "protocol"))
"""Troubles with the bytes of one capture: the next one may be whole."""

PASSING = frozenset(("archive-busy", "timeout"))
"""Troubles with one capture, or with the archive as a whole: what becomes of the next ones tells."""

NOT_THERE = frozenset(("connect", "dns", "tls", "protocol", "refused-address"))
"""Troubles that an address has where no archive is."""

NO_SUCH_THING = frozenset((400, 404, 405, 410))
"""What is answered where no index is; some indexes answer so too where they have no capture."""

UNANSWERED = "no answer"
"""Why a capture is left out that the archive could not give now."""

READABLE = re.compile(
    r"text/(?:html|plain|markdown|x-markdown)|application/(?:xhtml\+xml|pdf|octet-stream)|$"
)

_KNOWS_NOTHING = re.compile(
    r"\bno (?:captures?|mementos?|timemaps?)\b|\bnot (?:in (?:the |this )?archive|archived)\b"
    r'|rel="?(?:original|timegate|timemap)',
    re.IGNORECASE,
)
"""What an archive says with such a status, as pywb and OpenWayback do."""

_RAW = re.compile(r"/(\d{14})(?:[a-z]{2}_)?/(?=\w)")
_KEPT_AS = "x-archive-orig-"
_OF_THE_ARCHIVE = (
    "x-archive-",
    "x-ts",
    "x-tr",
    "x-rl",
    "x-na",
    "x-page-cache",
    "x-location",
    "server-timing",
)


class ArchiveError(UsageError):
    """The archive cannot be asked on; what was brought in so far is kept."""


@dataclass(frozen=True)
class Skipped:
    """A capture that is not brought in: why in a word or two for counting, and in full."""

    why: str
    detail: str


@dataclass(frozen=True)
class Place:
    """Where an archive may answer: its index, and what captures' addresses begin with."""

    index: str
    captures: str = ""

    def asks(self, url: str) -> str:
        """The index's address for the captures of an address, without what narrows it."""
        if "{url}" in self.index:
            return self.index.replace("{url}", url)
        if self.is_timemap:
            return f"{self.index.rstrip('/')}/{url}"
        return f"{self.index}{'&' if '?' in self.index else '?'}{urlencode({'url': url})}"

    @property
    def is_timemap(self) -> bool:
        return "timemap" in self.index


def places(home: str, index: str = "") -> tuple[Place, ...]:
    """Where the index of the archive at `home` may be, unless it is told; the likeliest first."""
    home = home.rstrip("/")
    parts = urlsplit(home)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(f'"{home}" is no archive\'s address; write e.g. https://web.archive.org/web')
    if index:
        return (Place(index, home),)
    found = [Place(f"{home}/cdx", home), Place(f"{home}/timemap/link", home)]
    if parts.path.endswith("/web"):
        found.insert(0, Place(f"{home.removesuffix('/web')}/cdx/search/cdx", home))
    elif not parts.path:
        found.insert(0, Place(f"{home}/cdx/search/cdx", f"{home}/web"))
        found.append(Place(f"{home}/web/timemap/link", f"{home}/web"))
    return tuple(found)


@dataclass
class WebArchive:
    """An archive that is asked over a reader; which of its places answers is found by the first question."""

    reader: ArchiveReader
    places: tuple[Place, ...]
    garbage: int = 0  # lines of its index that could not be read
    is_one: bool = False  # whether an archive answered at all
    tried: dict[str, str] = field(default_factory=dict)  # addresses without an index, and what they answer
    _found: Place | None = field(default=None, repr=False)

    @property
    def host(self) -> str:
        return urlsplit(self.places[0].captures).netloc

    @property
    def origin(self) -> str:
        """How the sources of its captures begin."""
        return f"{ORIGIN}: {self.host}"

    async def captures(
        self, url: str, since: datetime | None = None, until: datetime | None = None
    ) -> tuple[Listed, ...]:
        """The captures of an address that the index lists, oldest first; raises ArchiveError."""
        listed = [one async for one in self._listed(url, since, until)]
        within = (one for one in listed if not (since and one.at < since) and not (until and one.at > until))
        return tuple(sorted(dict.fromkeys(within), key=lambda one: one.at))

    async def _listed(
        self, url: str, since: datetime | None, until: datetime | None
    ) -> AsyncIterator[Listed]:
        self.tried = {}
        for place in (self._found,) if self._found else self.places:
            pages = self._timemap(place, url) if place.is_timemap else self._cdx(place, url, since, until)
            answered = False
            async for index in pages:
                answered = True
                self.garbage += index.garbage
                for one in index.captures:
                    yield one
            if answered:
                self._found, self.is_one = place, True
                return

    async def _cdx(
        self, place: Place, url: str, since: datetime | None, until: datetime | None
    ) -> AsyncIterator[Index]:
        """The index by so many captures at a time, each page from the last one's end on."""
        seen: set[Listed] = set()
        narrow = {"output": "json", "limit": str(AT_ONCE)}
        narrow |= {"to": f"{until:%Y%m%d%H%M%S}"} if until else {}
        for _ in range(MOST_PAGES):
            narrow |= {"from": f"{since:%Y%m%d%H%M%S}"} if since else {}
            index = await self._index(f"{place.asks(url)}&{urlencode(narrow)}", url)
            if index is None:
                return
            new = [one for one in index.captures if one not in seen]
            seen.update(new)
            yield replace(index, captures=tuple(new))
            if not new or len(index.captures) + index.garbage < AT_ONCE:
                return
            since = max(one.at for one in new)

    async def _timemap(self, place: Place, url: str) -> AsyncIterator[Index]:
        """A TimeMap and all further ones that it names."""
        waiting, seen = [place.asks(url)], set[str]()
        while waiting and len(seen) < MOST_PAGES:
            address = waiting.pop(0)
            seen.add(address)
            if index := await self._index(address, url):
                yield index
                waiting += [page for page in index.pages if page not in seen and page not in waiting]

    async def _index(self, address: str, url: str) -> Index | None:
        """One answer of the index; None where there is none at this address, or nothing of that URL."""
        answer = await self._followed(address)
        if isinstance(answer, FetchFailure):
            doubt = " (is --archive its address?)" if answer.reason.code in NOT_THERE else ""
            raise ArchiveError(f"the index of {self.host} does not answer: {answer.reason.detail}{doubt}")
        if answer.status in NO_SUCH_THING and self._found is None:
            self.tried[address] = f"status {answer.status}"
            said = answer.body[:4000].decode("utf-8", "replace")
            self.is_one = self.is_one or bool(_KNOWS_NOTHING.search(said))
            return None
        if answer.status == 404:
            return Index(())
        if answer.status != 200:
            said = " ".join(answer.body[:300].decode("utf-8", "replace").split())[:120]
            raise ArchiveError(f"{address} answers with status {answer.status}: {said or 'nothing'}")
        index = read_index(answer.body, answer.final_url, url)
        if index.is_one:
            return index
        if self._found is None and len(self.places) > 1:
            self.tried[address] = "no index"
            return None
        raise ArchiveError(f"{address} answers with no index; is it a CDX server or a TimeMap?")

    # --- one capture ---

    async def capture(self, listed: Listed) -> Capture | Skipped:
        """The bytes and headers as they were captured, or why not; raises ArchiveError."""
        address = self.raw(listed)
        answer = await self._followed(address)
        if isinstance(answer, FetchFailure):
            if answer.reason.code in OF_A_CAPTURE:
                return Skipped("broken", answer.reason.detail)
            if answer.reason.code in PASSING and not answer.retry_after:
                return Skipped(UNANSWERED, answer.reason.detail)
            raise ArchiveError(f"{self.host} does not answer: {answer.reason.detail}")
        return _unusable(listed, answer) or Capture(
            url=listed.url,
            final_url=listed.url,
            status=200,
            headers=tuple(_as_captured(answer)),
            body=answer.body,
            at=listed.at,
            source=f"{self.origin} {listed.at:%Y-%m-%dT%H:%M:%SZ} {address}",
        )

    def raw(self, listed: Listed) -> str:
        """Where the archive gives the bytes of a capture without a banner and with its links as they were."""
        if listed.memento:
            return _RAW.sub(r"/\1id_/", listed.memento, count=1)
        place = self._found or self.places[0]
        return f"{place.captures}/{listed.at:%Y%m%d%H%M%S}id_/{listed.url}"

    async def _followed(self, address: str) -> Capture | FetchFailure:
        """The answer behind redirects that stay with the same thing, as from http to https."""
        answer = await self.reader.get(address)
        for _ in range(MOST_REDIRECTS):
            if isinstance(answer, FetchFailure) or not 300 <= answer.status < 400:
                return answer
            target = urljoin(address, answer.header("location"))
            if target == address or _thing(target) != _thing(address):
                return answer
            address = target
            answer = await self.reader.get(address)
        return answer


def _thing(address: str) -> tuple[str, str, str]:
    """What an address of an archive is of, however its host and scheme are written."""
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    return host, parts.path.rstrip("/"), parts.query


def _unusable(listed: Listed, answer: Capture) -> Skipped | None:
    """Why what came is not the capture of a page, or None."""
    if 300 <= answer.status < 400:
        target = _RAW.split(answer.header("location"), maxsplit=1)[-1][:200]
        return Skipped("redirect", f"it leads on to {target}")
    if answer.status != 200:
        of_then = answer.header("memento-datetime")
        found = "an error was captured" if of_then else "the archive does not have it"
        return Skipped(f"status {answer.status}", f"{found}: status {answer.status}")
    shown = _time_of(answer)
    if shown and abs(shown - listed.at) > timedelta(minutes=1):
        return Skipped("another time", f"the archive gave its capture of {shown:%Y-%m-%d %H:%M} instead")
    media = answer.header("content-type").partition(";")[0].strip().lower()
    if not READABLE.match(media):
        return Skipped("no page", f"it is {media}")
    if not answer.body.strip():
        return Skipped("empty", "it holds no bytes")
    length = answer.header(f"{_KEPT_AS}content-length")
    coded = answer.header(f"{_KEPT_AS}content-encoding") or answer.header("content-encoding")
    if length.isdecimal() and not coded and len(answer.body) < int(length):
        return Skipped("broken", f"{len(answer.body)} of {length} bytes were captured")
    return None


def _time_of(answer: Capture) -> datetime | None:
    """The time of the capture that was given, where the archive says it."""
    try:
        at = parsedate_to_datetime(answer.header("memento-datetime"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=answer.at.tzinfo)


def _as_captured(answer: Capture) -> Iterator[tuple[str, str]]:
    """The headers of then, as far as the archive gives them; those of the archive itself are left out."""
    kept = [
        (name.removeprefix(_KEPT_AS), value) for name, value in answer.headers if name.startswith(_KEPT_AS)
    ]
    whole = kept or [one for one in answer.headers if not one[0].startswith(_OF_THE_ARCHIVE)]
    names = {name for name, _ in whole}
    own = [
        one
        for one in answer.headers
        if one[0] in ("content-type", "memento-datetime") and one[0] not in names
    ]
    yield from (one for one in (*whole, *own) if one[0] not in OF_THE_WAY)


# --- which of them ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Look:
    """A capture that is worth fetching, and how the archive looked on."""

    listed: Listed
    former: bool = False  # at an address that the document has no more
    again: datetime | None = None  # when the same bytes were captured last before others were
    following: datetime | None = None  # when the next look is

    @property
    def at(self) -> datetime:
        return self.listed.at


def looks(
    listed: Iterable[tuple[Listed, bool]], every: timedelta, skipped: dict[str, int]
) -> tuple[Look, ...]:
    """Those captures that may bring something new, at most one in `every`, oldest first.

    Each is given with whether its address is a former one; `skipped` counts those that the index says to be
    none of a page.
    """
    found: list[Look] = []
    for one, former in sorted(listed, key=lambda pair: (pair[0].at, pair[1])):
        if why := _useless(one):
            skipped[why] = skipped.get(why, 0) + 1
            continue
        last = found[-1] if found else None
        if last and one.digest and one.digest == last.listed.digest:
            found[-1] = replace(last, again=one.at)
        elif last is None or one.at - last.at >= max(every, timedelta(seconds=1)):
            found.append(Look(one, former))
    following = [*(look.at for look in found[1:]), None][: len(found)]
    return tuple(replace(look, following=at) for look, at in zip(found, following, strict=True))


def _useless(listed: Listed) -> str:
    """Why a capture is no page, by what its index says alone; "" where it may be one."""
    if 300 <= listed.status < 400:
        return "redirect"
    if listed.status and listed.status != 200:
        return f"status {listed.status}"
    return "" if READABLE.match(listed.media) else "no page"
