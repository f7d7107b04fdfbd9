"""Report -> text, in every format; each renderer is a plain function of the report alone."""

from __future__ import annotations

from collections.abc import Callable

from monitor.report import (
    history,
    html,
    json,
    links,
    markdown,
    positions,
    positions_json,
    positions_markdown,
    terminal,
    timeline,
)

Renderers = dict[str, Callable[..., str]]
"""Each takes what it shows, mostly a Report; those for a terminal also `width` in columns and `colour`."""

FORMATS: Renderers = {
    "terminal": terminal.report,
    "markdown": markdown.report,
    "html": html.report,
    "json": json.report,
}
"""A whole report."""

SHOW: Renderers = {
    "terminal": terminal.show,
    "markdown": markdown.show,
    "html": html.show,
    "json": json.show,
}
"""The changes of a report, each in full."""

STATUS: Renderers = {
    "terminal": terminal.status,
    "markdown": markdown.status,
    "html": html.status,
    "json": json.status,
}
"""The table of positions, and the health of every document."""

CLAIMS: Renderers = {
    "terminal": terminal.claims,
    "markdown": markdown.claims,
    "html": html.claims,
    "json": json.claims,
}
"""Every published claim and where it stands."""

CHANGES: Renderers = {
    "terminal": terminal.changes,
    "markdown": markdown.changes,
    "html": html.changes,
    "json": json.changes,
}
"""One line a change."""

OPINIONS: Renderers = {
    "terminal": terminal.opinions,
    "markdown": markdown.opinions,
    "html": html.opinions,
    "json": json.opinions,
}
"""The second opinions on the change of a report."""

LINKS: Renderers = {
    "terminal": links.as_terminal,
    "markdown": links.as_markdown,
    "html": links.as_html,
    "json": links.as_json,
}
"""Links that changed between two texts, and the legal documents that a page links to."""

STATEMENTS: Renderers = {
    "terminal": positions.statements,
    "markdown": positions_markdown.statements,
    "html": html.statements,
    "json": positions_json.statements,
}
"""The statements of a text."""

HISTORY: Renderers = {"terminal": history.terminal, "json": history.json}
"""What happened to the claims of a product path."""

TIMELINE: Renderers = {"terminal": timeline.terminal, "html": timeline.html, "json": timeline.json}
"""What the documents of a product path said over the years, beside what was claimed."""

EXPLAINED: Renderers = {
    "terminal": positions.explained,
    "markdown": positions_markdown.explained,
    "html": html.explained,
    "json": positions_json.explained,
}
"""The claims of a product path beside the texts of its documents."""
