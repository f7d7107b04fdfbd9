"""Facts to publish: invented providers with claims of every state, and a page that attacks its reader."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from monitor.ledger import standings
from monitor.model import (
    Audience,
    Claim,
    Document,
    Doubt,
    Duration,
    Health,
    Product,
    Provider,
    Report,
    Verification,
    Watchlist,
)
from monitor.publish.facts import Facts
from tests.report_samples import AT, EVIL, full_report, hostile_report, version

MONTH = Duration("about 30 days", 30, 30)
VERIFIED = datetime(2026, 9, 1, 9, tzinfo=UTC)
CLAUSE = "We do not train models on your inputs, except on feedback."


def claim(product, topic, position, day="2026-09-01", **facts):
    verified = date.fromisoformat(day) if day else None
    return Claim(product=product, topic=topic, position=position, verified=verified, **facts)


def product(slug, *claims, **facts):
    defaults = {"name": slug.title(), "audience": Audience.API, "documents": ("nord/terms",)}
    return Product(id=f"nord/{slug}", provider="nord", claims=claims, **{**defaults, **facts})


def watchlist(*products, site=""):
    """One provider with one document, and these product paths."""
    return Watchlist(
        providers={"nord": Provider("nord", "Nord AI")},
        documents={
            "nord/terms": Document(
                id="nord/terms", provider="nord", type="Commercial Terms", url="https://nord.example/terms"
            )
        },
        products={one.id: one for one in products},
        site=site,
    )


def facts(*products, answers=(), doubts=(), at=AT, site="", **more):
    """What is published of these product paths."""
    watched = watchlist(*products, site=site)
    topics = dict.fromkeys(
        ["training", "retention", *(claim.topic for one in products for claim in one.claims)]
    )
    report = Report(
        at=at,
        title="",
        watchlist=watched,
        health=(Health(document="nord/terms", last_check=AT, last_good=AT, outcome="unchanged", versions=1),),
        standings=standings(watched, answers, doubts, at, topics),
    )
    seven = version(7, "nord/terms", VERIFIED)
    return Facts(report=report, versions={"nord/terms": (seven,)}, pinned={7: seven}, **more)


def answer(product="nord/api", topic="training", position="no", **more):
    """A person's answer that is pinned to a clause of version 7."""
    defaults = {"at": VERIFIED, "by": "Ana", "version": 7, "evidence": CLAUSE}
    return Verification(product=product, topic=topic, position=position, **{**defaults, **more})


def doubt(product="nord/api", topic="training", change=4, days_ago=2):
    return Doubt(
        product=product,
        topic=topic,
        document="nord/terms",
        summary="no -> yes",
        at=AT - timedelta(days=days_ago),
        change=change,
        id=change,
    )


def everything() -> Facts:
    """A report with something of everything, as facts to publish."""
    report = full_report()
    kept = {change.before.id: change.before for change in report.changes}
    kept |= {change.after.id: change.after for change in report.changes}
    versions: dict[str, list] = {}
    for one in sorted(kept.values(), key=lambda one: one.id):
        versions.setdefault(one.document, []).append(one)
    return Facts(
        report=report,
        versions={name: tuple(found) for name, found in versions.items()},
        url="https://terms.example/watch/",
        host="terms.example",
    )


def hostile() -> Facts:
    """Pages, names, sources and notes that attack whoever reads the site."""
    report = hostile_report()
    watched = report.watchlist
    products = {
        name: replace(
            one,
            name=EVIL,
            models=(EVIL,),
            claims=(Claim(product=name, topic="training", position="no", source=EVIL, note=EVIL),),
        )
        for name, one in watched.products.items()
    }
    documents = {
        name: replace(one, type=EVIL, url="javascript:alert(1)") for name, one in watched.documents.items()
    }
    providers = {name: replace(one, name=EVIL) for name, one in watched.providers.items()}
    watched = replace(watched, products=products, documents=documents, providers=providers)
    answered = Verification(
        product="borealis/api", topic="retention", position="other", at=AT, by=EVIL, note=EVIL, version=2,
        evidence=EVIL,
    )  # fmt: skip
    doubts = [
        Doubt(
            product="borealis/api", topic="retention", document="borealis/commercial-terms", summary=EVIL,
            at=AT, change=1, id=1,
        )
    ]  # fmt: skip
    found = standings(watched, [answered], doubts, AT, ("training", "retention"))
    report = replace(report, watchlist=watched, standings=found)
    after = report.changes[0].after
    return Facts(report=report, versions={after.document: (after,)}, pinned={2: after}, title=EVIL)
