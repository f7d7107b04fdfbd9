"""Report -> text, in every format; each renderer is a plain function of the report alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module


@dataclass(frozen=True)
class Renderer:
    """A function of a module of this folder, imported when it first renders: a command needs one of them."""

    module: str
    name: str

    def __call__(self, *told: object, **options: object) -> str:
        """The text of what is told."""
        text: str = self.render()(*told, **options)
        return text

    def render(self) -> Callable[..., str]:
        """The function itself."""
        found: Callable[..., str] = getattr(import_module(f"monitor.report.{self.module}"), self.name)
        return found


Renderers = Mapping[str, Renderer]
"""Each takes what it shows, mostly a Report; those for a terminal also `width` in columns and `colour`."""

FORMATS: Renderers = {
    "terminal": Renderer("terminal", "report"),
    "markdown": Renderer("markdown", "report"),
    "html": Renderer("html", "report"),
    "json": Renderer("json", "report"),
}
"""A whole report."""

SHOW: Renderers = {
    "terminal": Renderer("terminal", "show"),
    "markdown": Renderer("markdown", "show"),
    "html": Renderer("html", "show"),
    "json": Renderer("json", "show"),
}
"""The changes of a report, each in full."""

STATUS: Renderers = {
    "terminal": Renderer("terminal_tables", "status"),
    "markdown": Renderer("markdown", "status"),
    "html": Renderer("html", "status"),
    "json": Renderer("json", "status"),
}
"""The table of positions, and the health of every document."""

CLAIMS: Renderers = {
    "terminal": Renderer("terminal_tables", "claims"),
    "markdown": Renderer("markdown", "claims"),
    "html": Renderer("html", "claims"),
    "json": Renderer("json", "claims"),
}
"""Every published claim and where it stands."""

CHANGES: Renderers = {
    "terminal": Renderer("terminal_tables", "changes"),
    "markdown": Renderer("markdown", "changes"),
    "html": Renderer("html", "changes"),
    "json": Renderer("json", "changes"),
}
"""One line a change."""

OPINIONS: Renderers = {
    "terminal": Renderer("terminal", "opinions"),
    "markdown": Renderer("markdown", "opinions"),
    "html": Renderer("html", "opinions"),
    "json": Renderer("json", "opinions"),
}
"""The second opinions on the change of a report."""

LINKS: Renderers = {
    "terminal": Renderer("links", "as_terminal"),
    "markdown": Renderer("links", "as_markdown"),
    "html": Renderer("links", "as_html"),
    "json": Renderer("links", "as_json"),
}
"""Links that changed between two texts, and the legal documents that a page links to."""

STATEMENTS: Renderers = {
    "terminal": Renderer("positions", "statements"),
    "markdown": Renderer("positions_markdown", "statements"),
    "html": Renderer("html", "statements"),
    "json": Renderer("positions_json", "statements"),
}
"""The statements of a text."""

HISTORY: Renderers = {"terminal": Renderer("history", "terminal"), "json": Renderer("history", "json")}
"""What happened to the claims of a product path."""

TIMELINE: Renderers = {
    "terminal": Renderer("timeline", "terminal"),
    "html": Renderer("timeline", "html"),
    "json": Renderer("timeline", "json"),
}
"""What the documents of a product path said over the years, beside what was claimed."""

EXPLAINED: Renderers = {
    "terminal": Renderer("positions", "explained"),
    "markdown": Renderer("positions_markdown", "explained"),
    "html": Renderer("html", "explained"),
    "json": Renderer("positions_json", "explained"),
}
"""The claims of a product path beside the texts of its documents."""
