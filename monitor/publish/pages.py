"""The pages of the site: positions, changes, documents, and how all of it is made.

Each stands alone: links are relative, nothing is loaded from elsewhere, and there is no script.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor import __version__
from monitor.health import alarms, in_trouble
from monitor.model import ClaimState, Document, Health, Product, RecordedChange, Standing, VersionInfo
from monitor.publish.badges import file_name, models
from monitor.publish.facts import Facts, documents_of
from monitor.publish.positions import source_url
from monitor.report import wording
from monitor.report.html import LINKABLE
from monitor.report.item import Item, tell
from monitor.report.tables import needs_a_look
from monitor.report.wording import instant, visible


@dataclass(frozen=True, kw_only=True)
class Told:
    """A claim as a page tells it."""

    standing: Standing
    value: str
    verified: str
    state: str
    alarm: bool
    sources: tuple[str, ...]  # each value with its date, where they disagree
    source: str
    url: str
    exceptions: tuple[str, ...]
    version: VersionInfo | None
    clause: str


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A document as a page tells it."""

    document: Document
    health: Health
    alarms: tuple[str, ...]
    versions: tuple[VersionInfo, ...]  # newest first
    products: tuple[Product, ...]
    changes: tuple[Item, ...]  # newest first
    trouble: bool


def all_pages(facts: Facts) -> dict[str, str]:
    """Every page and the style sheet, by path."""
    changes = facts.changes
    items = {change.id: replace(tell(change, facts.report, in_full=True), opinions=()) for change in changes}
    claims = {key: told(standing, facts) for key, standing in facts.report.standings.items()}
    watched = {one.document.id: one for one in _watched(facts, items)}
    made = {
        "style.css": style(),
        "index.html": _page("site-positions.html", "index.html", facts, claims=claims),
        "changes/index.html": _page(
            "site-changes.html", "changes/index.html", facts, items=list(items.values())
        ),
        "documents/index.html": _page(
            "site-documents.html", "documents/index.html", facts, providers=_by_provider(watched, facts)
        ),
        "about.html": _page("site-about.html", "about.html", facts, models=_models(facts)),
    }
    for product in facts.products:
        path = f"positions/{product.id}.html"
        own = [one for key, one in claims.items() if key[0] == product.id]
        made[path] = _page("site-position.html", path, facts, **_position(product, own, watched, facts))
    for document in watched.values():
        path = f"documents/{document.document.id}.html"
        made[path] = _page("site-document.html", path, facts, watched=document)
    for change in changes:
        path = f"changes/{change.id}.html"
        made[path] = _page("site-change.html", path, facts, **_change(change, items, facts))
    return made


def told(standing: Standing, facts: Facts) -> Told:
    """A claim with its value, its state and what it rests on, in words."""
    version, clause = facts.evidence(standing)
    claim = standing.claim
    return Told(
        standing=standing,
        value=wording.value(claim),
        verified=wording.verified(claim) if claim else "",
        state=state(standing),
        alarm=needs_a_look(standing),
        sources=tuple(f"{wording.value(one)}, {wording.verified(one)}" for one in standing.sources),
        source=visible(" · ".join(filter(None, (claim.source, claim.note)))) if claim and not clause else "",
        url=source_url(standing, facts),
        exceptions=facts.exceptions.get((standing.product.id, standing.topic), ()),
        version=version,
        clause=clause,
    )


def state(standing: Standing) -> str:
    """ "needs re-verification since 2026-08-29", "contradicted, in doubt since 2026-08-29"."""
    since = min((doubt.at for doubt in standing.doubts), default=None)
    if since is None:
        return standing.state.value
    joint = "" if standing.state is ClaimState.NEEDS_REVERIFICATION else ", in doubt"
    return f"{standing.state.value}{joint} since {since:%Y-%m-%d}"


def style() -> str:
    """The style sheet of reports, and what a site has beside them."""
    shared = files("monitor.report").joinpath("templates/style.css").read_text("utf-8")
    return shared + files("monitor.publish").joinpath("templates/site.css").read_text("utf-8")


def _watched(facts: Facts, items: dict[int, Item]) -> Iterator[Watched]:
    health = {one.document: one for one in facts.report.health}
    for document in facts.report.watchlist.documents.values():
        known = health.get(document.id, Health(document=document.id))
        yield Watched(
            document=document,
            health=known,
            alarms=tuple(reason.detail for reason in alarms(known, document, facts.report.at)),
            versions=tuple(reversed(facts.versions.get(document.id, ()))),
            products=facts.report.watchlist.products_of(document.id),
            changes=tuple(item for item in items.values() if item.document == document.id),
            trouble=in_trouble(known),
        )


def _by_provider(watched: dict[str, Watched], facts: Facts) -> dict[str, list[Watched]]:
    found: dict[str, list[Watched]] = {}
    for one in watched.values():
        name = facts.report.watchlist.providers[one.document.provider].name
        found.setdefault(name, []).append(one)
    return found


def _models(facts: Facts) -> list[tuple[str, str]]:
    return [(model, file_name(model)) for model in models(facts)]


def _position(
    product: Product, claims: list[Told], watched: dict[str, Watched], facts: Facts
) -> dict[str, object]:
    return {
        "product": product,
        "provider": facts.report.watchlist.providers[product.provider].name,
        "claims": claims,
        "documents": [watched[name] for name in documents_of(product, facts.report.watchlist)],
        "above": [facts.report.watchlist.products[name] for name in product.depends_on],
        "feed": f"feeds/{product.id}",
        "models": [(model, file_name(model)) for model in product.models],
    }


def _change(change: RecordedChange, items: dict[int, Item], facts: Facts) -> dict[str, object]:
    same = [number for number, one in items.items() if one.document == change.change.document]
    at = same.index(change.id)  # newest first
    return {
        "item": items[change.id],
        "doubts": change.doubts,
        "names": {product.id: product.name for product in facts.products},
        "newer": same[at - 1] if at else None,
        "older": same[at + 1] if at + 1 < len(same) else None,
    }


def _page(template: str, path: str, facts: Facts, **shown: object) -> str:
    """A page for this path: `root` leads from it to the root of the site."""
    shared: dict[str, object] = {
        "facts": facts,
        "path": path,
        "root": "../" * path.count("/"),
        "as_of": facts.as_of,
        "generator": f"tos-monitor {__version__}",
    }
    return _environment().get_template(template).render(shared | shown)


@cache
def _environment() -> Environment:
    environment = Environment(
        # A change is drawn with the same macros as in reports.
        loader=ChoiceLoader([PackageLoader("monitor.publish"), PackageLoader("monitor.report")]),
        autoescape=select_autoescape(["html"], default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["linkable"] = lambda url: bool(LINKABLE.fullmatch(url))
    environment.filters["instant"] = instant
    environment.filters["visible"] = visible
    environment.filters["listed"] = wording.listed
    environment.filters["sentence"] = lambda words: words[:1].upper() + words[1:]
    return environment
