"""One fetch on its way: what it asks for, where it has been, what time and tries it has left."""

from __future__ import annotations

import httpx

from monitor.fetch.clock import Budget, Clock
from monitor.fetch.http import Headers
from monitor.fetch.limits import Limits
from monitor.fetch.trouble import Trouble
from monitor.model import Validators


class Journey:
    """The state of one fetch from the first address to the last. Cookies live as long as it does."""

    def __init__(  # noqa: PLR0913 - what differs between a page and its robots.txt
        self,
        name: str,
        limits: Limits,
        clock: Clock,
        *,
        headers: Headers = (),
        validators: Validators | None = None,
        robots: bool = True,
        start_only: int = 0,
    ) -> None:
        self.name = name  # for the log
        self.robots = robots  # whether robots.txt is asked first
        self.start_only = start_only  # bytes of the body that are read, 0 for all
        self.cookies = httpx.Cookies()  # some sites set one and redirect to the same address
        self.redirects: list[str] = []
        self.budget = Budget(limits.seconds, clock)
        self.pauses = list(limits.pauses)
        self._headers = headers
        self._validators = validators or Validators()
        self._most = limits.redirects
        self._seen: set[tuple[str, str]] = set()

    def enter(self, url: httpx.URL) -> None:
        """Notes an address that is about to be asked; raises Trouble when nothing changed since last time."""
        cookies = sorted((c.domain, c.path, c.name, c.value or "") for c in self.cookies.jar)
        visit = (_bare(url), repr(cookies))
        if visit in self._seen:
            raise Trouble("redirect-loop", f"{url} redirects back to itself, by way of {self._way()}")
        self._seen.add(visit)

    def follow(self, url: httpx.URL, location: str) -> httpx.URL:
        """The address that a redirect leads to; raises Trouble when it cannot be followed."""
        if len(self.redirects) >= self._most:
            raise Trouble(
                "too-many-redirects",
                f"more than {self._most} redirects, by way of {self._way()}; is the address still right?",
            )
        try:
            target = _without_login(url.join(location.strip()))
        except (httpx.InvalidURL, ValueError) as error:
            raise Trouble("bad-url", f"{url} redirects to {location[:200]!r}: {error}") from error
        if "#" not in location and url.fragment:
            target = target.copy_with(fragment=url.fragment)
        self.redirects.append(str(target))
        return target

    def headers(self, url: httpx.URL) -> Headers:
        """What is sent to this address besides what is always sent."""
        return self._headers + self.conditions(url)

    def conditions(self, url: httpx.URL) -> Headers:
        """The conditional headers for this address: none, if the validators are those of another one.

        An ETag alone is sent where there is one: a file that was put back with its old date is "not modified
        since" a newer one, and would stay unseen.
        """
        seen = self._validators.url
        if seen and seen != str(url) and _bare(httpx.URL(seen)) != _bare(url):
            return ()
        if not self._validators.url and self.redirects:
            return ()
        if self._validators.etag:
            return (("If-None-Match", self._validators.etag),)
        if self._validators.last_modified:
            return (("If-Modified-Since", self._validators.last_modified),)
        return ()

    def _way(self) -> str:
        return " -> ".join(self.redirects[-4:])


def _without_login(url: httpx.URL) -> httpx.URL:
    """A public page needs no name and password: they are not sent, and so not logged or kept either."""
    return url.copy_with(userinfo=b"") if url.userinfo else url


def _bare(url: httpx.URL) -> str:
    return str(url).partition("#")[0]


def parse_url(text: str, document: str) -> httpx.URL:
    """A document's address as a URL; raises Trouble that names the document."""
    try:
        return _without_login(httpx.URL(text))
    except (httpx.InvalidURL, ValueError) as error:
        raise Trouble("bad-url", f"{document} has an address that cannot be used: {error}") from error
