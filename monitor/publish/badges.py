"""Which badges there are, under which addresses: one a product path and topic, one a model and topic.

    badges/PROVIDER/PRODUCT/TOPIC.svg     badges/models/MODEL/TOPIC.svg     each with a .json for shields.io

MODEL is a model id, or a pattern of ids as the watchlist has it, in a form that every file system and address
takes: small letters, and `~` with two hexadecimal digits for each byte of any other character than a letter,
a digit, `.`, `_` and `-`, and for a `.` that it begins with. "claude-*" is `claude-~2a`, and
"vendor/large:free" is `vendor~2flarge~3afree`. What is longer than 150 characters is cut there, and ends
in `~~` and the first 16 digits of its SHA-256.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase

from monitor.model import Product
from monitor.publish.facts import Facts
from monitor.report.badge import Badge, badge, shared, shields, svg

UNSAFE = re.compile(r"^\.|[^a-z0-9._-]")
ESCAPED = re.compile(rb"~([0-9a-f]{2})")
LONGEST = 150
"""Characters; file systems take names of 255 bytes with their endings."""

DRAWN = {".svg": svg, ".json": shields}
"""Each form of a badge."""


def all_badges(facts: Facts) -> dict[str, str]:
    """Every badge in both forms, by its address; of models those that the watchlist names."""
    found = {
        f"badges/{product}/{topic}": badge(one) for (product, topic), one in facts.report.standings.items()
    }
    for model in models(facts):
        for topic in facts.topics:
            if made := of_model(model, topic, facts):
                found[f"badges/models/{file_name(model)}/{topic}"] = made
    return {f"{path}{ending}": draw(made) for path, made in found.items() for ending, draw in DRAWN.items()}


def models(facts: Facts) -> tuple[str, ...]:
    """The model ids and patterns of ids that the watchlist names, each once whatever its case."""
    named = (model for product in facts.products for model in product.models)
    return tuple({model.lower(): model for model in named}.values())


def of_product(product: str, topic: str, facts: Facts) -> Badge | None:
    """The badge of a product path; None where there is no such path or topic."""
    standing = facts.standing(product, topic)
    return badge(standing) if standing else None


def of_model(model: str, topic: str, facts: Facts) -> Badge | None:
    """The badge of a model: what every product path that serves it says; None where none does."""
    found = [facts.standing(product.id, topic) for product in serving(model, facts)]
    standings = [standing for standing in found if standing]
    return shared(standings, model) if standings else None


def serving(model: str, facts: Facts) -> Iterator[Product]:
    """The product paths that serve a model, by the ids and patterns that the watchlist gives them."""
    for product in facts.products:
        if any(_is(model.lower(), pattern.lower()) for pattern in product.models):
            yield product


def _is(model: str, pattern: str) -> bool:
    return model == pattern or fnmatchcase(model, pattern)


def file_name(model: str) -> str:
    """A model id as a part of an address, by the rule above."""
    safe = UNSAFE.sub(_escaped, model.lower())
    if len(safe) <= LONGEST:
        return safe
    return f"{safe[:LONGEST]}~~{hashlib.sha256(safe.encode()).hexdigest()[:16]}"


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"~{byte:02x}" for byte in found[0].encode("utf-8", "replace"))


def model_named(name: str, facts: Facts) -> str:
    """The model id that a part of an address stands for; one that was written as it is stays so."""
    listed = {file_name(model): model for model in models(facts)}
    if name in listed:
        return listed[name]
    unescaped = ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), name.encode("utf-8", "replace"))
    return unescaped.decode("utf-8", "replace")
