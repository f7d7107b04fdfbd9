"""A change as evidence: the page that shows it with the captures it rests on, and the same facts as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC

from monitor.model import Capture, RecordedChange, Report
from monitor.report.html import page
from monitor.report.item import tell
from monitor.report.json import Json, dumped, instant
from monitor.report.wording import visible


@dataclass(frozen=True)
class Exhibit:
    """A capture with the file that holds its bytes, and the number of the version that was read from it."""

    label: str
    file: str
    capture: Capture
    version: int


def shown(report: Report, change: RecordedChange, exhibits: Sequence[Exhibit]) -> str:
    """A page for people outside: the clauses before and after, and where and when each was captured."""
    item = tell(change, report, in_full=True)
    title = f"Evidence: {item.title}, change {change.id}"
    return page(
        "evidence.html", item=item, title=title, captures=[(one.label, _told(one)) for one in exhibits]
    )


def facts(change: RecordedChange, exhibits: Sequence[Exhibit]) -> str:
    """What is known of the captures, as JSON."""
    captures = [_json(one) for one in exhibits]
    return dumped({"change": change.id, "document": change.change.document, "captures": captures})


def _told(exhibit: Exhibit) -> list[tuple[str, str]]:
    """The facts of a capture by their names, without those that there are not."""
    capture = exhibit.capture
    told = [
        ("captured", f"{capture.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"),
        ("address", capture.url),
        ("redirected to", capture.final_url if capture.final_url != capture.url else ""),
        ("taken from", capture.source),
        ("how", "as a browser showed it, after its scripts had run" if capture.rendered else ""),
        ("status", str(capture.status)),
        ("file", f"{exhibit.file}, {len(capture.body):,} bytes"),
        ("SHA-256", capture.sha256),
        ("version", str(exhibit.version)),
        ("headers", "\n".join(visible(f"{name}: {value}") for name, value in capture.headers)),
    ]
    return [(name, text if name == "headers" else visible(text)) for name, text in told if text]


def _json(exhibit: Exhibit) -> Json:
    capture = exhibit.capture
    return {
        "file": exhibit.file,
        "url": capture.url,
        "final_url": capture.final_url,
        "redirects": list(capture.redirects),
        "at": instant(capture.at),
        "status": capture.status,
        "headers": [list(header) for header in capture.headers],
        "rendered": capture.rendered,
        "source": capture.source or None,
        "sha256": capture.sha256,
        "version": exhibit.version,
    }
