"""One change as it is told in every format: what was flagged, which claims it puts in doubt, what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.model import (
    TRAINING,
    BlockKind,
    Change,
    Clause,
    ClauseKind,
    Doubt,
    Flag,
    FlagKind,
    Mark,
    RecordedChange,
    Report,
    ReviewState,
    VersionInfo,
    Watchlist,
)
from monitor.report import excerpt, wording
from monitor.report.excerpt import Words
from monitor.report.second import Second, second
from monitor.report.wording import instant, listed, visible
from monitor.severity import severity, verdicts

AROUND = 140
"""Characters kept on each side of a mark in a flagged clause: about a sentence."""

BRIEF = 160
"""Characters kept of a marked run in a clause that is told in brief."""

IN_BRIEF = 3
"""Unflagged clauses told in a report before it counts the rest; `show` tells all."""

THINGS = {BlockKind.HEADING: "heading ", BlockKind.ROW: "table row ", BlockKind.ITEM: "list item "}
"""What a clause is called where it is no plain paragraph."""


@dataclass(frozen=True, kw_only=True)
class Passage:
    """A changed clause: where it stands, and its words shortened and in full."""

    kind: str
    section: str
    columns: str  # the headers above a table row
    words: Words
    full: Words

    @property
    def shortened(self) -> bool:
        return self.words != self.full

    @property
    def place(self) -> str:
        """Its section, and what happened to it there."""
        return f"{self.section} · {self.kind}" if self.section else self.kind

    @property
    def interwoven(self) -> bool:
        return excerpt.interwoven(self.full)

    @property
    def before(self) -> Words:
        return excerpt.side(self.words, Mark.REMOVED)

    @property
    def after(self) -> Words:
        return excerpt.side(self.words, Mark.ADDED)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the flags say of a topic, in a whole change or in one clause."""

    topic: str
    kind: FlagKind
    sign: str
    course: str  # the direction in words
    summary: str = ""  # of one clause: what it said -> what it says
    why: str = ""

    @property
    def says(self) -> str:
        """ "substantive, kept longer"."""
        return f"{self.kind}, {self.course}"

    @property
    def short(self) -> str:
        """ "▲ retention: kept longer"; for where the kind is not in question."""
        return f"{self.sign} {self.topic}: {self.course if self.substantive else self.kind}"

    @property
    def substantive(self) -> bool:
        return self.kind is FlagKind.SUBSTANTIVE


@dataclass(frozen=True)
class Finding:
    """A flagged clause with everything that was flagged in it."""

    passage: Passage
    verdicts: tuple[Verdict, ...]
    twins: tuple[str, ...] = ()  # other changes of the provider with the very same clause


@dataclass(frozen=True, kw_only=True)
class Question:
    """A claim in doubt, or one that was, and what to do about it."""

    product: str
    name: str
    topic: str
    claims: tuple[str, ...]  # what is published, each with when it was verified
    via: str  # the product path it was inherited from
    settled: str  # how it was answered; "" while it is open
    command: str


@dataclass(frozen=True, kw_only=True)
class Edition:
    """One of the two versions of a change."""

    label: str
    at: str
    url: str
    effective: str


@dataclass(frozen=True, kw_only=True)
class Item:
    """A change as it is told."""

    number: int
    document: str
    provider: str
    type: str
    language: str
    at: str
    products: tuple[str, ...]
    editions: tuple[Edition, Edition]
    remarks: tuple[str, ...]  # unconfirmed, reverted, withdrawn, technical, settled
    verdicts: tuple[Verdict, ...]  # one a topic, the most serious first
    findings: tuple[Finding, ...]
    questions: tuple[Question, ...]
    others: tuple[Passage, ...]  # unflagged clauses whose words changed
    more: int  # of those, how many are not told
    counts: str  # of all unflagged clauses, moved and renumbered ones included
    dismiss: str  # the command that closes it; "" where there is nothing to close
    show: str  # the command that tells all of it; "" where no database has it
    opinions: tuple[Second, ...] = ()
    also: tuple[Item, ...] = ()  # the same edit in other documents, told with this one

    @property
    def all(self) -> tuple[Item, ...]:
        """This change, and those that are told with it."""
        return (self, *self.also)

    @property
    def names(self) -> str:
        """The names of all."""
        return listed([one.name for one in self.all], most=len(self.all))

    @property
    def asked(self) -> tuple[Question, ...]:
        """The questions of all, each once."""
        return tuple(dict.fromkeys(question for one in self.all for question in one.questions))

    @property
    def seconds(self) -> tuple[Second, ...]:
        """The second opinions of all, one on each topic: they were asked about the same words."""
        found = [one for item in reversed(self.all) for one in item.opinions]
        return tuple({one.topic: one for one in found}.values())

    @property
    def dismissals(self) -> tuple[str, ...]:
        return tuple(one.dismiss for one in self.all if one.dismiss)

    @property
    def tags(self) -> tuple[str, ...]:
        """Its remarks in a word each."""
        return tuple(remark.partition(":")[0] for remark in self.remarks)

    @property
    def period(self) -> str:
        """From when to when."""
        return " to ".join(edition.at for edition in self.editions)

    @property
    def name(self) -> str:
        """Its title, with the number that commands take."""
        return f"{self.title} (change {self.number})" if self.number else self.title

    @property
    def tagged(self) -> str:
        """The names of all, with the tags."""
        return ", ".join((self.names, *self.tags))

    @property
    def title(self) -> str:
        return " · ".join(filter(None, [self.provider, self.type])) or self.document


def tell(change: RecordedChange, report: Report, *, in_full: bool = False) -> Item:
    """A change with its flags and questions, and its other clauses in brief or in full."""
    judged, watchlist = change.change, report.watchlist
    flagged = {flag.clause for flag in flags(change)}
    rest = [clause for clause in judged.clauses if clause not in flagged]
    altered = [clause for clause in rest if clause.alters]
    told = altered if in_full else altered[:IN_BRIEF]
    document = watchlist.documents.get(judged.document)
    return Item(
        number=change.id,
        document=judged.document,
        provider=_provider(judged.document, watchlist),
        type=visible(document.type if document else change.after.title),
        language=document.language if document else "",
        at=instant(judged.at),
        products=_products(judged.document, watchlist),
        editions=(_edition("before", change.before), _edition("after", change.after)),
        remarks=tuple(_remarks(change)),
        verdicts=_overall(change),
        findings=_findings(flags(change)),
        questions=tuple(_question(doubt, report) for doubt in change.doubts),
        others=tuple(passage(clause, in_full=in_full) for clause in told),
        more=len(altered) - len(told),
        counts=_counts(rest),
        dismiss=_dismiss(change, report),
        opinions=tuple(map(second, change.opinions)),
        show=wording.command(f"show {change.id}", report.options) if change.id else "",
    )


def flags(change: RecordedChange) -> tuple[Flag, ...]:
    """The flags that say something, the most serious first."""
    found = [flag for flag in change.change.flags if flag.kind is not FlagKind.NONE]
    return tuple(sorted(found, key=lambda flag: severity(flag.kind, flag.direction)))


def passage(clause: Clause, *, in_full: bool = True) -> Passage:
    """A clause as shown: with a sentence around each mark, or in brief."""
    full = excerpt.marked(clause)
    block = clause.after or clause.before
    return Passage(
        kind=_kind(clause),
        section=wording.path(clause.section),
        columns=" | ".join(map(visible, block.headers)) if block else "",
        words=excerpt.shorten(full, AROUND) if in_full else excerpt.abridge(full, BRIEF),
        full=full,
    )


def _kind(clause: Clause) -> str:
    block = clause.after or clause.before
    thing = THINGS.get(block.kind, "") if block else ""
    if clause.kind is ClauseKind.MOVED and clause.alters:
        return f"{thing}moved and edited"
    return f"{thing}{clause.kind}"


def _provider(document: str, watchlist: Watchlist) -> str:
    slug = document.partition("/")[0]
    return visible(watchlist.providers[slug].name if slug in watchlist.providers else "")


def _products(document: str, watchlist: Watchlist) -> tuple[str, ...]:
    return tuple(f"{visible(product.name)} ({product.id})" for product in watchlist.products_of(document))


def _edition(label: str, version: VersionInfo) -> Edition:
    effective = f"effective {version.effective} as its text states" if version.effective else ""
    return Edition(label=label, at=instant(version.at), url=visible(version.url), effective=effective)


def _remarks(change: RecordedChange) -> Iterator[str]:
    judged = change.change
    if not judged.confirmed and not change.withdrawn:
        yield "unconfirmed: seen once, a second look is still to come"
    if change.withdrawn:
        yield f"withdrawn: {why_withdrawn(judged)}"
    if change.reverted_at:
        yield f"reverted: the earlier text came back {instant(change.reverted_at)}"
    told = ("accepted", "rotating", "not-understood", "joint")
    yield from (visible(reason.detail) for reason in judged.reasons if reason.code in told)
    if judged.restores:
        yield f"restored: the text of version {judged.restores} stands again"
    if judged.source:
        yield f"imported: from {visible(judged.source)}"
    if judged.technical:
        yield f"technical: {_reader(change)} changed, not the terms"
    if change.state is ReviewState.VERIFIED:
        yield "verified: every claim it put in doubt was answered"
    if change.state is ReviewState.DISMISSED:
        yield f"dismissed: {visible(change.why) or 'no reason given'}"


def _reader(change: RecordedChange) -> str:
    return "the archive's reading" if change.change.source else "our own reading"


def why_withdrawn(change: Change) -> str:
    """Why a change stands no longer; one that a person had accepted was taken back by a person."""
    accepted = any(reason.code == "accepted" for reason in change.reasons)
    return "its acceptance was undone" if accepted else "it did not show again"


def _overall(change: RecordedChange) -> tuple[Verdict, ...]:
    topics = dict.fromkeys(flag.topic for flag in flags(change))
    judged = verdicts(flags(change), topics)
    return tuple(
        _verdict(topic, kind, direction)
        for topic, (kind, direction) in sorted(judged.items(), key=_by_severity)
        if kind is not FlagKind.NONE
    )


def _by_severity(entry: tuple[str, tuple[FlagKind, str | None]]) -> tuple[int, bool]:
    topic, (kind, direction) = entry
    return severity(kind, direction), topic != TRAINING


def _verdict(topic: str, kind: FlagKind, direction: str | None, summary: str = "", why: str = "") -> Verdict:
    return Verdict(
        topic=topic,
        kind=kind,
        sign=wording.sign(kind, direction),
        course=wording.course(kind, direction),
        summary=visible(summary),
        why=why,
    )


def _findings(found: Iterable[Flag]) -> tuple[Finding, ...]:
    by_clause: dict[Clause, list[Verdict]] = {}
    for flag in found:
        verdict = _verdict(flag.topic, flag.kind, flag.direction, flag.summary, _why(flag))
        by_clause.setdefault(flag.clause, []).append(verdict)
    return tuple(Finding(passage(clause), tuple(said)) for clause, said in by_clause.items())


def _why(flag: Flag) -> str:
    """The rules that fired and the words that made them."""
    rules = tuple(dict.fromkeys(flag.rules))
    named = f"{'rule' if len(rules) == 1 else 'rules'} {', '.join(rules) or 'unnamed'}"
    words = ", ".join(f"“{visible(word)}”" for word in dict.fromkeys(flag.words))
    return f"{named}, on the words {words}" if words else named


def _question(doubt: Doubt, report: Report) -> Question:
    product = report.watchlist.products.get(doubt.product)
    return Question(
        product=doubt.product,
        name=visible(product.name) if product else "",
        topic=doubt.topic,
        claims=_claims(doubt, report),
        via=doubt.via,
        settled="" if doubt.open else "dismissed" if doubt.dismissed else "verified since",
        command=_verify(doubt, report) if doubt.open else "",
    )


def _verify(doubt: Doubt, report: Report) -> str:
    return wording.command(f"verify {doubt.product} {doubt.topic}", report.options)


def _claims(doubt: Doubt, report: Report) -> tuple[str, ...]:
    """What is published on the doubt's topic; more than one where sources disagree."""
    standing = report.standings.get((doubt.product, doubt.topic))
    if standing is not None:
        found = standing.sources or ((standing.claim,) if standing.claim else ())
    else:
        product = report.watchlist.products.get(doubt.product)
        found = tuple(claim for claim in (product.claims if product else ()) if claim.topic == doubt.topic)
    return tuple(f"{wording.value(claim)}, {wording.verified(claim)}" for claim in found) or ("no claim",)


def _counts(clauses: Iterable[Clause]) -> str:
    """ "3 edited, 1 added, 2 moved, 5 renumbered"."""
    kinds = Counter(clause.kind for clause in clauses)
    return ", ".join(f"{kinds[kind]} {kind}" for kind in ClauseKind if kinds[kind])


def _dismiss(change: RecordedChange, report: Report) -> str:
    if not change.id or change.state is not ReviewState.TO_REVIEW:
        return ""
    return wording.command(f'dismiss {change.id} --why "..."', report.options)
