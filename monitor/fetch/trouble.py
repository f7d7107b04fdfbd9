"""Why a fetch brought nothing: one exception inside this package, a FetchFailure outside of it.

Codes are stable, so that health, schedule and reports can rely on them:

    timeout             no connection, no byte or no end within the limits
    dns                 the name has no address
    connect             nobody answers at the address
    tls                 the certificate or the handshake is not right
    proxy               the configured proxy refused or failed
    protocol            what came is not HTTP
    incomplete          the answer ended in the middle
    too-large           the body is larger than a terms page can be
    bad-encoding        the body is encoded in a way that was not asked for, or is damaged
    bad-url             an address that cannot be used, in the watchlist or in a redirect
    refused-scheme      an address that is neither http nor https
    refused-address     a loopback, private or link-local address that the watchlist does not allow
    redirect-loop       redirects that come back to where they were
    too-many-redirects  more redirects than are followed
    robots              robots.txt does not want this page to be fetched
    robots-unreachable  robots.txt answers with a server error, which means "stay away for now"
    rate-limited        the host asked for a pause that is not over yet
    unasked-304         "not modified" without having been asked
    needs-browser       the document is to be rendered in a browser, and there is none that works
    browser-crash       the page or the browser crashed while it was shown
"""

from __future__ import annotations

from datetime import timedelta


class Trouble(Exception):
    """Nothing usable came; `again` says whether a repeat soon may help."""

    def __init__(
        self, code: str, detail: str, *, again: bool = False, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.again = again
        self.retry_after = retry_after
