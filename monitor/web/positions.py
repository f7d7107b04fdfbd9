"""The positions: every claim by product path, and the story of each with the evidence for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from monitor import evidence
from monitor.ledger import Event, EventKind
from monitor.model import (
    RETENTION,
    TRAINING,
    Audience,
    Claim,
    ClaimState,
    Document,
    Product,
    Standing,
    VersionInfo,
    Watchlist,
)
from monitor.publish.pages import state
from monitor.report import picture, wording
from monitor.report.history import told
from monitor.report.moves import moves
from monitor.report.positions_view import Explained, ExplanationView, explained
from monitor.report.tables import needs_a_look
from monitor.report.wording import visible
from monitor.web.answers import form_of, review_of
from monitor.web.desk import done, monitor, page
from monitor.wiring import Monitor, clock


@dataclass(frozen=True)
class Row:
    """A product path with its claims, one a topic; None where that topic is not asked about."""

    product: Product
    cells: tuple[Standing | None, ...]


@dataclass(frozen=True)
class Told:
    """One line of a claim's story; `version` and `quote` are what an answer rests on."""

    event: Event
    says: str
    version: VersionInfo | None
    quote: str


def positions(request: Request) -> Response:
    """Every product path with its claims, narrowed by what the form asks for."""
    now = monitor(request)
    standings = now.standings(clock())
    topics = tuple(dict.fromkeys((TRAINING, RETENTION, *(topic for _, topic in standings))))
    rows = [
        Row(product, tuple(standings.get((product.id, topic)) for topic in topics))
        for product in _in_order(now.watchlist)
    ]
    asked = {name: request.query_params.get(name, "") for name in ("provider", "audience", "state")}
    shown = [row for row in rows if _is_asked(row, asked)]
    return page(
        request,
        "positions.html",
        rows=shown,
        all=len(rows),
        topics=topics,
        asked=asked,
        providers=[one for one in now.watchlist.providers.values() if _has_products(one.id, rows)],
        audiences=[audience.value for audience in Audience],
        states=[state.value for state in ClaimState],
        value=wording.value,
        verified=wording.verified,
        needs_a_look=needs_a_look,
        state=state,
        visible=visible,
    )


def position(request: Request) -> Response:
    """A claim: what is published, what it rests on, what happened to it, and what the documents say now."""
    now = monitor(request)
    product = _product(request, now.watchlist)
    topic, at = request.path_params["topic"], clock()
    standings = now.standings(at)
    standing = standings.get((product.id, topic))
    if standing is None:
        raise HTTPException(404)
    review = review_of(now)
    histories = review.histories(product.id, topic, at)
    ((_, events),) = histories.claims
    found = standing.evidence
    return page(
        request,
        "position.html",
        product=product,
        provider=now.watchlist.providers[product.provider].name,
        standing=standing,
        topics=[topic for path, topic in standings if path == product.id],
        value=wording.value(standing.claim),
        verified=wording.verified,
        claims=_claims(standing),
        state=state(standing),
        alarm=needs_a_look(standing),
        version=histories.versions.get(found.version or 0) if found else None,
        quote=visible(found.evidence) if found else "",
        visible=visible,
        form=form_of(review, standing),
        done=done(request),
        events=[_told(event, histories.versions) for event in reversed(events)],
        picture=picture.timeline(moves(events), at),
        explanations=_explanations(standing, now, review.documents(product)),
    )


def _in_order(watchlist: Watchlist) -> list[Product]:
    order = list(watchlist.providers)
    return sorted(watchlist.products.values(), key=lambda product: order.index(product.provider))


def _has_products(provider: str, rows: Iterable[Row]) -> bool:
    return any(row.product.provider == provider for row in rows)


def _is_asked(row: Row, asked: dict[str, str]) -> bool:
    """Whether a row is of the provider and audience asked for, and any claim of it in that state."""
    product = row.product
    if asked["provider"] not in ("", product.provider):
        return False
    if asked["audience"] not in ("", product.audience.value):
        return False
    states = {one.state.value for one in row.cells if one and (one.claim or len(row.cells) == 1)}
    return not asked["state"] or asked["state"] in (states or {ClaimState.NEVER_VERIFIED.value})


def _product(request: Request, watchlist: Watchlist) -> Product:
    name = f"{request.path_params['provider']}/{request.path_params['slug']}"
    if name not in watchlist.products:
        raise HTTPException(404)
    return watchlist.products[name]


def _claims(standing: Standing) -> tuple[Claim, ...]:
    """What is published: one claim, or one a source where they disagree."""
    return standing.sources or ((standing.claim,) if standing.claim else ())


def _told(event: Event, versions: Mapping[int, VersionInfo]) -> Told:
    answer = event.step.verification if event.step else None
    if event.kind is not EventKind.VERIFIED or answer is None:
        return Told(event, told(event), None, "")
    return Told(event, told(event), versions.get(answer.version or 0), visible(answer.evidence))


def _explanations(
    standing: Standing, now: Monitor, documents: Iterable[Document]
) -> tuple[ExplanationView, ...]:
    """Each published value beside the present texts of its documents."""
    claims = _claims(standing)
    readings = [now.reading(document) for document in documents] if claims else []
    found = tuple(evidence.explain(claim, standing.product, readings) for claim in claims)
    told = explained(Explained(product=standing.product, topics={standing.topic: (standing, found)}))
    ((_, explanations, _),) = told.topics
    return explanations


ROUTES = (
    Route("/positions", positions),
    Route("/positions/{provider}/{slug}/{topic}", position),
)
