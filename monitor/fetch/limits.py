"""How long, how much and how often: the bounds of one fetch."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Times are in seconds, sizes in bytes; each size bounds a body both as received and as decoded.

    The largest of 161 real terms pages measured has 2.0 MB, so 10 MB leave room for a page that grows, and
    cost a second to parse at the very worst. A PDF with embedded fonts and images may be larger.
    """

    seconds: float = 60.0  # one fetch: connecting, reading, redirects and the pauses between retries
    connect_seconds: float = 15.0
    quiet_seconds: float = 20.0  # the longest time without a byte
    page_bytes: int = 10_000_000
    pdf_bytes: int = 32_000_000
    redirects: int = 5
    pauses: tuple[float, ...] = (2.0, 8.0)  # one retry after each
    longest_wait: float = 20.0  # a longer Retry-After is given back instead of slept
    crawl_delay: float = 30.0  # the longest Crawl-delay that is honoured
    settle_seconds: float = 20.0  # how long a page in the browser may take to come to rest
    pages_a_browser: int = 100  # then a new one takes over: what pages leave behind adds up
    rendered_bytes: int = 64_000_000  # all that such a page loads, scripts and frames with it


DEFAULT_LIMITS = Limits()


def limits_within(seconds: float) -> Limits:
    """The limits of a fetch that may take so long: no single wait takes more than its usual share."""
    share = min(1.0, seconds / DEFAULT_LIMITS.seconds)
    return replace(
        DEFAULT_LIMITS,
        seconds=seconds,
        connect_seconds=DEFAULT_LIMITS.connect_seconds * share,
        quiet_seconds=DEFAULT_LIMITS.quiet_seconds * share,
        settle_seconds=DEFAULT_LIMITS.settle_seconds * share,
    )
