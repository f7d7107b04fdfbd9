"""The ledger as a site of files: pages, positions.json and tables, badges and feeds; pure."""

from __future__ import annotations

from monitor.publish.badges import all_badges
from monitor.publish.facts import Facts
from monitor.publish.feeds import all_feeds
from monitor.publish.pages import all_pages
from monitor.publish.positions import positions_csv, positions_json, positions_md

__all__ = ["Facts", "site"]

TABLES = {
    "positions.json": positions_json,
    "positions.csv": positions_csv,
    "positions.md": positions_md,
}


def site(facts: Facts) -> dict[str, bytes]:
    """Every file of the site by its path below the root; equal facts give equal bytes.

    `facts` needs every change, and the versions of every document.
    """
    texts = all_pages(facts) | all_badges(facts) | all_feeds(facts)
    texts |= {name: render(facts) for name, render in TABLES.items()}
    return {path: text.encode("utf-8", "replace") for path, text in texts.items()}
