"""People's answers, for a terminal and a form alike: what they may rest on, and keeping them."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from monitor import evidence, ledger
from monitor.errors import UsageError
from monitor.evidence import Bearing, Reading
from monitor.model import (
    Blocks,
    Claim,
    Document,
    Duration,
    Product,
    Seen,
    Standing,
    Statement,
    Verification,
    Watchlist,
)
from monitor.report.history import Histories
from monitor.statements.durations import parse_duration
from monitor.statements.rules import Rules
from monitor.statements.sentences import sentences
from monitor.store import Store
from monitor.watchlist import POSITIONS
from monitor.watchlist.edit import Written, written


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A clause of a document's present text that an answer may be pinned to."""

    document: str
    version: int
    text: str
    section: tuple[str, ...] = ()
    bearing: Bearing | None = None  # on the claim as answered; None: it could be read either way
    note: str = ""  # what qualifies that

    @property
    def supports(self) -> bool:
        return self.bearing is Bearing.SUPPORTS


Readings = dict[str, tuple[tuple[int, str, str], Reading]]
"""The last reading of each document, with what it is one of: version, its fingerprint, declared language."""


@dataclass(frozen=True)
class Review:
    """What people answer with."""

    watchlist: Watchlist
    rules: Rules
    store: Store
    readings: Readings = field(default_factory=dict, compare=False)

    def standing(self, product: str, topic: str, now: datetime) -> Standing:
        """Where a claim stands; UsageError, with the names that there are, for one that there is not."""
        known = self.watchlist.products
        if product not in known:
            raise UsageError(f'"{product}" is no product path; there is: {", ".join(sorted(known))}')
        standings = ledger.standings(
            self.watchlist, self.store.answers(), self.store.doubts(), now, self.rules.topics
        )
        if (product, topic) not in standings:
            topics = sorted(name for path, name in standings if path == product)
            raise UsageError(f'"{topic}" is no topic of {product}; there is: {", ".join(topics)}')
        return standings[product, topic]

    def histories(self, product: str, topic: str | None, now: datetime) -> Histories:
        """What happened to the claims of a product path; UsageError for one that there is not."""
        known = self.watchlist.products.get(product)
        published = {claim.topic for claim in known.claims} if known else set()
        topics = (topic,) if topic else tuple(dict.fromkeys([*self.rules.topics, *sorted(published)]))
        facts = (self.store.publications(), self.store.doubts(open_only=False), self.store.steps())
        standings = [self.standing(product, name, now) for name in topics]
        claims = tuple((standing, ledger.history(standing, *facts)) for standing in standings)
        answers = [event.step.verification for _, events in claims for event in events if event.step]
        versions = {answer.version for answer in answers if answer and answer.version}
        return Histories(
            product=self.watchlist.products[product],
            claims=claims,
            versions=self.store.version_infos(versions),
        )

    # --- what an answer may rest on ---

    def choices(self, standing: Standing, claim: Claim) -> tuple[Choice, ...]:
        """The clauses on the claim's topic in the present texts, the best for this value of it first.

        Clauses that support it come before those that could be read either way, and these before what
        contradicts it or is for others; among equals those of documents in doubt come first.
        """
        doubted = {doubt.document for doubt in standing.doubts}
        found = [
            (_rank(statement, claim, standing.product), document.id not in doubted, at, choice)
            for document in self.documents(standing.product)
            for at, (statement, choice) in enumerate(self._choices_in(document, claim, standing.product))
        ]
        ranked = sorted(found, key=lambda one: one[:3])
        return tuple({choice.text: choice for *_, choice in reversed(ranked)}.values())[::-1]

    def _choices_in(
        self, document: Document, claim: Claim, product: Product
    ) -> Iterator[tuple[Statement, Choice]]:
        reading, blocks = self._read(document)
        for statement in reading.on(claim.topic):
            bearing = evidence.bears(claim, product, statement)
            text = statement.text if evidence.stands(statement.text, blocks) else blocks[statement.block].text
            yield (
                statement,
                Choice(
                    document=document.id,
                    version=reading.version or 0,
                    text=text,
                    section=statement.section,
                    bearing=bearing.bearing if bearing else None,
                    note=bearing.note if bearing else "",
                ),
            )

    def quoted(self, product: Product, words: str) -> Choice:
        """The sentence in a present text that holds these words; UsageError when none does."""
        for document in self.documents(product):
            reading, blocks = self._read(document)
            if not evidence.stands(words, blocks):
                continue
            found = Choice(document=document.id, version=reading.version or 0, text=words)
            for sentence in sentences(blocks):
                within = replace(blocks[sentence.block], text=sentence.text)
                if evidence.stands(words, (within,)):
                    return replace(found, text=sentence.text, section=sentence.section)
            return found
        named = ", ".join(document.id for document in self.documents(product)) or "no document"
        raise UsageError(f"these words stand in no present text of {product.id} ({named}): {words}")

    def documents(self, product: Product) -> tuple[Document, ...]:
        """The documents of a product path, or else of the nearest that it depends on and that have some."""
        names = dict.fromkeys(name for one in self.watchlist.sources_of(product) for name in one.documents)
        return tuple(self.watchlist.documents[name] for name in names)

    def reading(self, document: Document) -> Reading:
        """The statements of a document's current version as a check reads them, which is done once for it."""
        known = self.store.known(document.id)
        if known is None:
            return Reading(source=document.id, seen=False)
        key = (known.version_id, known.fingerprint, document.language)
        kept = self.readings.get(document.id)
        if kept is None or kept[0] != key:
            version = self.store.version(known.version_id)
            found = evidence.read(document.id, version.page.blocks, self.rules, document.language)
            kept = key, replace(found, version=version.id, at=version.at)
            self.readings[document.id] = kept
        return kept[1]

    def _read(self, document: Document) -> tuple[Reading, Blocks]:
        """A document's current version, and its statements."""
        reading = self.reading(document)
        return reading, self.store.version(reading.version).page.blocks if reading.version else ()

    # --- keeping it ---

    def verify(  # noqa: PLR0913  each is part of the answer
        self,
        claim: Claim,
        *,
        seen: Seen,
        by: str,
        at: datetime,
        note: str = "",
        choice: Choice | None = None,
    ) -> Verification:
        """Keep an answer, pinned to a clause of a version; it settles the doubts that its giver saw.

        AnsweredMeanwhile, and nothing is kept, when another answered for the claim since; UsageError when the
        clause's document has another text by now.
        """
        if choice:
            known = self.store.known(choice.document)
            if known is None or known.version_id != choice.version:
                raise UsageError(
                    f"{choice.document} has a new version since you chose a clause; choose again"
                )
        answer = Verification(
            product=claim.product,
            topic=claim.topic,
            position=claim.position,
            period=claim.period,
            at=at,
            by=by,
            note=note,
            version=choice.version if choice else None,
            evidence=choice.text if choice else "",
        )
        return self.store.verify(answer, seen)

    def rewritten(  # noqa: PLR0913  each is part of what is published
        self, path: Path, standing: Standing, claim: Claim, *, at: datetime, note: str, choice: Choice | None
    ) -> Written:
        """The watchlist with the claim as answered, to be kept once the answer is.

        UsageError when several sources publish it, or when it was edited since it was read.
        """
        published = tuple(one for one in standing.product.claims if one.topic == standing.topic)
        before = published[0] if published else None
        same = before is not None and (before.position, before.period) == (claim.position, claim.period)
        source = self.watchlist.documents[choice.document].url if choice else ""
        new = Claim(
            product=claim.product,
            topic=claim.topic,
            position=claim.position,
            # A period of the same length stays in the words that were published.
            period=before.period if before and same else claim.period,
            verified=at.date(),
            source=source or (before.source if before else ""),
            # What was noted on another value does not speak of this one.
            note=note.strip() or (before.note if before and same else ""),
        )
        return written(path, new, published)


def _rank(statement: Statement, claim: Claim, product: Product) -> int:
    found = evidence.bears(claim, product, statement)
    if found and found.bearing is Bearing.SUPPORTS:
        return 1 if found.note else 0
    if found is None and evidence.may_speak_against(claim, product, statement):
        return 2
    return 3 if found else 4


# --- values ------------------------------------------------------------------------------------


def value(standing: Standing, position: str | None, period: str | None) -> Claim:
    """The claim after an answer with these words; without any it is confirmed as it stands.

    UsageError, saying what to write, for what is missing or no value of the topic.
    """
    product, topic, claim = standing.product, standing.topic, standing.claim
    if position is None and period is None:
        if claim is None or standing.sources:
            raise UsageError(_say_position(product, topic, "has no value to confirm"))
        return claim
    length = _period(period)
    position = position or "period"
    if position not in POSITIONS.get(topic, (position,)):
        raise UsageError(f'--position: "{position}" is not one of {", ".join(POSITIONS[topic])}')
    if (position == "period") != (length is not None):
        raise UsageError(
            '--position period and --period go together, as in --position period --period "30 days"'
        )
    return Claim(product=product.id, topic=topic, position=position, period=length)


def _say_position(product: Product, topic: str, why: str) -> str:
    choices = ", ".join(POSITIONS.get(topic, ()))
    return f"{product.id} {topic} {why}: say which with --position" + (f" ({choices})" if choices else "")


def _period(text: str | None) -> Duration | None:
    if text is None:
        return None
    length = parse_duration(text)
    if length is None:
        raise UsageError(f'--period: "{text}" is no duration; write e.g. "30 days" or "18 months"')
    return replace(length, text=text.strip())


def seen_of(standing: Standing, changes: Collection[int] | None = None) -> Seen:
    """What an answer settles: every doubt that stands there, or those of these changes alone.

    UsageError for a change that does not put the claim in doubt.
    """
    if changes is None:
        return standing.seen
    open_now = {doubt.change for doubt in standing.doubts}
    for number in changes:
        if number not in open_now:
            numbers = ", ".join(map(str, sorted(open_now))) or "none"
            claim = f"{standing.product.id} {standing.topic}"
            raise UsageError(f"change {number} does not put {claim} in doubt; what does: {numbers}")
    chosen = tuple(doubt.id for doubt in standing.doubts if doubt.change in changes)
    return replace(standing.seen, doubts=chosen)
