"""What the looks at a page agree on about its links: new, vanished and moved legal documents, each told once.

A link counts once two looks in a row show it, and is gone once two in a row do not: menus flip. The first
look is the baseline, and so is the first with another reader, which sees other links in the same page.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.links import RULES, LegalLink, legal_links
from monitor.links.addresses import identity
from monitor.model import (
    Capture,
    Document,
    LinkFinding,
    LinkFindingKind,
    Page,
    Previous,
    SeenLink,
    SeenLinks,
    Version,
)

FLAPPING = timedelta(days=14)
"""A link that comes back, or leaves again, within this time of leaving is a flip; later it is news."""


@dataclass(frozen=True)
class Look:
    """What one look at a page showed: the legal documents that it links to, by identity."""

    at: datetime
    links: dict[str, LegalLink]


def look(document: Document, version: Version, capture: Capture, previous: Previous) -> SeenLinks:
    """What is known of a page's links after one more look at it, and what that look made certain."""
    before, waiting = previous.links, previous.candidate
    reader = _reader(document, version, capture)
    now = _look(version.page, version.at, document, capture)
    if before is None or before.reader != reader:
        return SeenLinks(reader=reader, links=_baseline(now, before))
    looks = [now]
    if waiting is not None and not waiting.id:  # read moments ago and not recorded: a look of its own
        looks.insert(0, _look(waiting.page, waiting.at, document, capture))
    links = before.links
    findings: list[LinkFinding] = []
    for one in looks:
        links, found = _after(links, one)
        findings += found
    return SeenLinks(
        reader=reader,
        links=links,
        findings=tuple(replace(one, document=document.id) for one in _with_moves(findings)),
    )


def _reader(document: Document, version: Version, capture: Capture) -> str:
    """A key that changes when other links may be seen in the very same page."""
    how = "browser" if capture.rendered else "http"
    return " ".join((version.extractor, RULES, version.reader, how, version.page.media, document.url))


def _look(page: Page, at: datetime, document: Document, capture: Capture) -> Look:
    found = legal_links(page, document.url)
    own = identity(capture.final_url)
    return Look(at, {identity(link.url): link for link in found if identity(link.url) != own})


def _baseline(now: Look, before: SeenLinks | None) -> tuple[SeenLink, ...]:
    known = {identity(link.url): link.first_seen for link in before.links} if before else {}
    return tuple(
        SeenLink(
            text=link.text,
            url=link.url,
            first_seen=known.get(named, now.at),
            since=now.at,
            present=True,
            settled=True,
        )
        for named, link in now.links.items()
    )


def _after(links: tuple[SeenLink, ...], now: Look) -> tuple[tuple[SeenLink, ...], list[LinkFinding]]:
    """The links after one look, and what it settled."""
    after: list[SeenLink] = []
    findings: list[LinkFinding] = []
    known = {identity(link.url): link for link in links}
    for named in dict.fromkeys((*known, *now.links)):
        link = _renewed(known.get(named), now.links.get(named), now.at)
        second = named in known and known[named].present == link.present
        if second and link.present != link.settled:
            link, found = _settled(link, now.at)
            findings += found
        if link.present or link.settled or link.vanished_at:
            after.append(link)
    return tuple(after), findings


def _renewed(link: SeenLink | None, shown: LegalLink | None, at: datetime) -> SeenLink:
    """The link as this look shows it: a new name or spelling of its address is no news."""
    if link is None:
        assert shown is not None
        return SeenLink(text=shown.text, url=shown.url, first_seen=at, since=at, present=True, settled=False)
    since = link.since if link.present == (shown is not None) else at
    if shown is None:
        return replace(link, present=False, since=since)
    return replace(link, present=True, since=since, text=shown.text, url=shown.url)


def _settled(link: SeenLink, at: datetime) -> tuple[SeenLink, list[LinkFinding]]:
    """The link once two looks agree on it, and what is told: nothing of one that flips back and forth."""
    flips = link.vanished_at is not None and link.since - link.vanished_at <= FLAPPING
    kind = LinkFindingKind.NEW if link.present else LinkFindingKind.VANISHED
    settled = replace(link, settled=link.present, vanished_at=link.vanished_at if link.present else at)
    if flips:
        return settled, []
    return settled, [LinkFinding(document="", at=at, kind=kind, text=link.text, url=link.url)]


def _with_moves(findings: Iterable[LinkFinding]) -> Iterator[LinkFinding]:
    """A link that vanished while one of the same name is new only moved."""
    findings = tuple(findings)
    gone = _by_name(findings, LinkFindingKind.VANISHED)
    came = _by_name(findings, LinkFindingKind.NEW)
    for one in findings:
        name = _name(one)
        moved = len(gone.get(name, ())) == len(came.get(name, ())) == 1
        if not moved:
            yield one
        elif one.kind is LinkFindingKind.NEW:
            yield replace(one, kind=LinkFindingKind.MOVED, former_url=gone[name][0].url)


def _by_name(findings: Iterable[LinkFinding], kind: LinkFindingKind) -> dict[str, list[LinkFinding]]:
    named: dict[str, list[LinkFinding]] = {}
    for one in findings:
        if one.kind is kind:
            named.setdefault(_name(one), []).append(one)
    return named


def _name(finding: LinkFinding) -> str:
    return " ".join(finding.text.lower().split())
