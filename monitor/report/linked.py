"""What a report tells of links to other legal documents: findings of their own, beside the changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.links import LegalLink, type_of, watched
from monitor.links.proposals import as_toml, proposals
from monitor.model import Link, LinkFinding, LinkFindingKind, Report, Watchlist
from monitor.report.wording import instant, listed, visible


@dataclass(frozen=True)
class Linked:
    """One finding, worded; `documents` are those whose pages have the link."""

    documents: str
    says: str
    at: str


def worded(report: Report) -> tuple[Linked, ...]:
    """A line for each finding; what several documents' pages show is one."""
    groups: dict[tuple[str, ...], list[LinkFinding]] = {}
    for one in report.links:
        groups.setdefault((one.kind, one.url, one.former_url), []).append(one)
    return tuple(_worded(group, report.watchlist) for group in groups.values())


def entries(report: Report) -> str:
    """The lines of the watchlist that would add what was found and is not watched; "" where nothing is."""
    return "\n".join(_entries(report)).strip("\n")


def entry(finding: LinkFinding, watchlist: Watchlist) -> str:
    """The lines of the watchlist that would add this document; "" where there is nothing to add."""
    if not _is_to_add(finding, watchlist):
        return ""
    provider = finding.document.partition("/")[0]
    return as_toml(proposals((_link(finding),), provider, watchlist), watchlist)


def _entries(report: Report) -> Iterator[str]:
    by_provider: dict[str, list[LegalLink]] = {}
    for one in report.links:
        if _is_to_add(one, report.watchlist):
            by_provider.setdefault(one.document.partition("/")[0], []).append(_link(one))
    for provider, links in by_provider.items():
        yield as_toml(proposals(links, provider, report.watchlist), report.watchlist)


def _is_to_add(finding: LinkFinding, watchlist: Watchlist) -> bool:
    """Whether it leads to what may be one more document: not one that is gone, or watched where it was."""
    if finding.kind is LinkFindingKind.VANISHED:
        return False
    return not (finding.former_url and watched(finding.former_url, watchlist))


def _link(finding: LinkFinding) -> LegalLink:
    kind = type_of(Link(finding.text, finding.url))
    return LegalLink(finding.text, finding.url, kind or "Legal Document")


def _worded(group: Iterable[LinkFinding], watchlist: Watchlist) -> Linked:
    found = list(group)
    one = found[0]
    documents = list(dict.fromkeys(finding.document for finding in found))
    return Linked(listed(documents), f"{_says(one)} ({_standing(one, watchlist)})", instant(one.at))


def _says(one: LinkFinding) -> str:
    named = f'"{visible(one.text)}"'
    if one.kind is LinkFindingKind.MOVED:
        return f"moved: {named} from {visible(one.former_url)} to {visible(one.url)}"
    return f"{one.kind.value}: {named} {visible(one.url)}"


def _standing(one: LinkFinding, watchlist: Watchlist) -> str:
    """Whether the document is watched, and at which of its addresses."""
    former = watched(one.former_url, watchlist) if one.former_url else ""
    if known := watched(one.url, watchlist):
        return f"watched as {known}"
    return f"{former} is watched at its former address" if former else "not on the watchlist"
