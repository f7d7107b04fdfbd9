"""What goes wrong in the browser, in the words of fetching."""

from __future__ import annotations

import re

import httpx

from monitor.fetch.browser_proxy import PageProxy
from monitor.fetch.trouble import Trouble

PIP = "pip install 'tos-monitor[browser]'"
APT = "apt-get install -y --no-install-recommends chromium-headless-shell libatomic1"

_NO_SANDBOX = "No usable sandbox"  # what Chromium writes on standard error

_NET_ERROR = re.compile(r"net::(ERR_\w+)")
_CODES = (
    ("tls", ("ERR_CERT", "ERR_SSL", "ERR_BAD_SSL")),
    ("timeout", ("ERR_TIMED_OUT", "ERR_CONNECTION_TIMED_OUT")),
    ("refused-scheme", ("ERR_UNSAFE_REDIRECT", "ERR_UNKNOWN_URL_SCHEME", "ERR_DISALLOWED_URL_SCHEME")),
    ("too-many-redirects", ("ERR_TOO_MANY_REDIRECTS",)),
    ("incomplete", ("ERR_CONTENT_LENGTH", "ERR_INCOMPLETE", "ERR_CONNECTION_RESET", "ERR_CONNECTION_CLOSED")),
    ("connect", ("ERR_TUNNEL", "ERR_PROXY", "ERR_CONNECTION")),
)


class BrowserGone(Exception):
    """The browser itself ended; the page may be as sound as any."""


class NotAPage(Exception):
    """The address leads to a file that the browser does not show, as a PDF."""


def explain(error: Exception, url: httpx.URL, proxy: PageProxy) -> Trouble:
    """Why a page was not shown: what the proxy knows of it, else what the browser says."""
    if known := proxy.trouble(url):
        return known
    first = str(error).strip().splitlines()[0]
    found = _NET_ERROR.search(str(error))
    name = found[1] if found else ""
    code = next((code for code, starts in _CODES if name.startswith(starts)), "protocol")
    return Trouble(code, f"{url} was not shown by the browser: {name or first}")


def missing(document: str, what: str, remedy: str) -> Trouble:
    return Trouble("needs-browser", f"{document} is to be read in a browser, but {what}; {remedy}")


def not_started(document: str, error: Exception) -> Trouble:
    """Why the browser did not start: the first line of what Playwright says, or what is behind it."""
    if _NO_SANDBOX in str(error):
        remedy = "let this user make user namespaces, which a container or AppArmor may forbid"
        return missing(document, "its sandbox cannot be made here", f"{remedy} (see docs/browser.md)")
    # Playwright raises a bare Exception where its driver does not run, as without libatomic1.
    why = next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return missing(document, f"it could not be started ({why})", f"see whether something is missing: {APT}")
