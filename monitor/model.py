"""The nouns of the program: frozen dataclasses that every other module passes on.

Words are used as in docs/glossary.md. Every instant is an aware datetime in UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network

Network = IPv4Network | IPv6Network

TRAINING = "training"
RETENTION = "retention"


# --- what is watched ---------------------------------------------------------------------------


class Render(StrEnum):
    """How a document is fetched: `auto` goes to the browser only where HTTP brings no text."""

    AUTO = "auto"
    HTTP = "http"
    BROWSER = "browser"


class Confirm(StrEnum):
    """How a change is confirmed before anyone is disturbed."""

    REFETCH = "refetch"
    NEXT_CHECK = "next-check"
    OFF = "off"


class Keep(StrEnum):
    """Which captures are kept: those that changed the text, or all whose bytes are new."""

    CHANGED = "changed"
    ALL = "all"


class Audience(StrEnum):
    """Whom a product path serves."""

    API = "api"
    CONSUMER = "consumer"
    BUSINESS = "business"


@dataclass(frozen=True)
class Schedule:
    """When a document is checked: `every` so often, or at a crontab expression in a timezone."""

    every: timedelta | None = timedelta(hours=12)
    cron: str | None = None
    timezone: str = "UTC"
    jitter: timedelta | None = None  # at most this much; None is a tenth of the interval, with a limit


@dataclass(frozen=True, kw_only=True)
class Document:
    """One watched page of a provider; `id` is "provider/slug"."""

    id: str
    provider: str
    type: str
    url: str
    select: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    render: Render = Render.AUTO
    language: str = ""  # "" until declared: that of its first version
    schedule: Schedule = Schedule()
    confirm: Confirm = Confirm.REFETCH
    confirm_after: timedelta = timedelta(seconds=30)
    robots: bool = True
    keep: Keep = Keep.CHANGED
    history: tuple[str, ...] = ()  # its names in histories made elsewhere: "OpenAI/Privacy Policy"

    @property
    def reader(self) -> str:
        """A key that changes when the selectors do: what is read from the same bytes then differs."""
        return hashlib.sha256("\0".join((*self.select, "\1", *self.remove)).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Duration:
    """A comparable length of time as worded; of a range, `days` is the longer end."""

    text: str
    days: float
    shortest_days: float
    bound: str = "exactly"  # exactly | up-to | at-least | later-of | earlier-of


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A published position of a product path on a topic, with its source and when it was verified."""

    product: str
    topic: str
    position: str
    period: Duration | None = None
    verified: date | None = None
    source: str = ""
    note: str = ""
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Product:
    """One way of using a provider, with its own position; `id` is "provider/slug"."""

    id: str
    provider: str
    name: str
    audience: Audience
    documents: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    clarity: str = ""
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True)
class Provider:
    """A company whose terms are watched."""

    id: str
    name: str


class ChannelKind(StrEnum):
    """How people are told."""

    WEBHOOK = "webhook"
    MAIL = "mail"
    APPRISE = "apprise"


class When(StrEnum):
    """When a channel is told of something: by itself, gathered in a digest, or not at all."""

    AT_ONCE = "at once"
    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Encryption(StrEnum):
    """How the way to a mail server is secured."""

    STARTTLS = "starttls"
    TLS = "tls"  # from the first byte on
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class Channel:
    """Where people are told, and of what; its secrets are in variables of the environment that it names."""

    name: str
    kind: ChannelKind
    secret_env: str = ""  # a webhook's key, a mail server's password, Apprise's addresses
    url: str = ""  # of a webhook
    url_env: str = ""  # instead, where its address is a secret
    host: str = ""  # of a mail server
    port: int = 0
    encryption: Encryption = Encryption.STARTTLS
    user: str = ""
    sender: str = ""
    to: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()  # only these; none named means all
    products: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    flagged: When = When.AT_ONCE
    others: When = When.DAILY
    health: When = When.AT_ONCE
    after_failures: int = 3  # checks in a row that did not see a document before it is told
    digest_at: time = time(7)
    digest_on: int = 0  # the day of a weekly digest, Monday is 0
    timezone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Watchlist:
    """What is watched and what is claimed: the watchlist file, checked and resolved."""

    providers: Mapping[str, Provider]
    documents: Mapping[str, Document]
    products: Mapping[str, Product]
    per_host: int = 1
    delay: timedelta = timedelta(seconds=1)
    allow_addresses: tuple[Network, ...] = ()
    expires_after: timedelta = timedelta(days=180)  # a claim not verified for longer is expired
    site: str = ""  # where the positions are published; its host vouches for the ids in feeds
    channels: Mapping[str, Channel] = field(default_factory=dict)  # by name

    def products_of(self, document: str) -> tuple[Product, ...]:
        """The product paths that name this document as theirs."""
        return tuple(product for product in self.products.values() if document in product.documents)

    def heirs_of(self, product: str) -> tuple[Product, ...]:
        """The product paths that depend on this one, directly or through others, nearest first."""
        found: dict[str, Product] = {}
        edge = [product]
        while edge:
            step = [p for p in self.products.values() if p.id not in found and set(p.depends_on) & set(edge)]
            found |= {p.id: p for p in step if p.id != product}
            edge = [p.id for p in step if p.id != product]
        return tuple(found.values())

    def sources_of(self, product: Product) -> tuple[Product, ...]:
        """The path itself, or, where it has no documents, the nearest below that have some."""
        edge, seen = [product], {product.id}
        while edge:
            if found := tuple(one for one in edge if one.documents):
                return found
            ids = dict.fromkeys(id for one in edge for id in one.depends_on if id not in seen)
            seen |= set(ids)
            edge = [self.products[id] for id in ids]
        return ()


# --- what was fetched --------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Capture:
    """What one fetch brought: decoded bytes with their evidence. Header names are lower-case."""

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    at: datetime
    redirects: tuple[str, ...] = ()
    rendered: bool = False
    seconds: float = 0.0
    source: str = ""  # where it was imported from; "" fetched here

    @cached_property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def header(self, name: str) -> str:
        """The value of the first header of that name, or ""."""
        return next((value for key, value in self.headers if key == name.lower()), "")


@dataclass(frozen=True)
class Validators:
    """What a conditional request sends: the ETag and Last-Modified of the last good answer."""

    etag: str = ""
    last_modified: str = ""
    url: str = ""  # the final URL of that answer: they mean nothing at another one


@dataclass(frozen=True)
class NotModified:
    """The server said 304: the document is as it was."""

    url: str
    at: datetime
    seconds: float = 0.0


@dataclass(frozen=True)
class Reason:
    """Why something was held back or failed: a stable code and a sentence for people."""

    code: str
    detail: str


@dataclass(frozen=True)
class FetchFailure:
    """Nothing usable came: no connection, a time-out, a refused address, a body too large."""

    url: str
    at: datetime
    reason: Reason
    retry_after: timedelta | None = None
    seconds: float = 0.0


Fetched = Capture | NotModified | FetchFailure


# --- what was read -----------------------------------------------------------------------------


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    ROW = "row"


@dataclass(frozen=True)
class Block:
    """A piece of main text under its headings.

    `text` is what a reader sees, white space collapsed. `marker` is a list number that the page's
    layout draws ("3.", "•"), never one typed into the text. `level` is 1-6 of a heading and the
    depth (1 = outermost) of a list item. `section` is the path of the headings above. A table row
    has `cells` and the `headers` above them; its text is the cells joined by " | ".
    """

    kind: BlockKind
    text: str
    section: tuple[str, ...] = ()
    level: int = 0
    marker: str = ""
    cells: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


Blocks = tuple[Block, ...]


@dataclass(frozen=True)
class Link:
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Page:
    """What reading a capture brought: the main text as blocks, and what the guard needs to know."""

    blocks: Blocks
    title: str = ""
    language: str = ""  # as the page declares it
    links: tuple[Link, ...] = ()
    elsewhere: tuple[Link, ...] = ()  # links beside the main text, in menus and at the foot of the page
    media: str = "html"  # html | pdf | markdown | text
    all_text: str = ""  # every visible word of the page, navigation included; for the guard alone
    scripts: int = 0  # script elements
    passwords: int = 0  # password fields
    refresh: str = ""  # target of a meta refresh
    missing: tuple[str, ...] = ()  # selectors of the document that matched nothing


@dataclass(frozen=True, kw_only=True)
class SeenLink:
    """A link to another legal document, as the looks at the page that has it went so far."""

    text: str
    url: str
    first_seen: datetime
    since: datetime  # since when `present` is as it is
    present: bool  # whether the last look showed it
    settled: bool  # whether it counts as linked: what two looks in a row agreed on last
    vanished_at: datetime | None = None  # when it last ceased to count


class LinkFindingKind(StrEnum):
    NEW = "new"
    VANISHED = "vanished"
    MOVED = "moved"  # the same words lead to another address


@dataclass(frozen=True, kw_only=True)
class LinkFinding:
    """That a page links to another legal document than before: a finding of its own, never a change."""

    document: str  # that has the link
    at: datetime
    kind: LinkFindingKind
    text: str
    url: str
    former_url: str = ""  # of one that moved


@dataclass(frozen=True, kw_only=True)
class SeenLinks:
    """The legal documents that a page links to after a look at it, and what that look found."""

    reader: str  # of the links: with another one they are not compared
    links: tuple[SeenLink, ...]
    findings: tuple[LinkFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Version:
    """A distinct, accepted text of a document, with the capture it came from and what read it."""

    document: str
    at: datetime  # first seen
    page: Page
    fingerprint: str  # SHA-256 of the normal form of the blocks
    extractor: str
    reader: str
    capture_sha256: str
    url: str = ""
    effective: date | None = None  # stated in the text
    confirmed: bool = True
    id: int = 0  # given by the store
    source: str = ""  # where its capture was imported from


# --- what changed ------------------------------------------------------------------------------


class ClauseKind(StrEnum):
    EDITED = "edited"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"  # also moved and edited: then its words differ
    RENUMBERED = "renumbered"


class Mark(StrEnum):
    SAME = "="
    REMOVED = "-"
    ADDED = "+"


@dataclass(frozen=True)
class Clause:
    """One changed block or pair of blocks, with the words that differ.

    `before_at` and `after_at` are the blocks' positions in the old and the new version.
    """

    kind: ClauseKind
    before: Block | None
    after: Block | None
    words: tuple[tuple[Mark, str], ...] = ()
    before_at: int | None = None
    after_at: int | None = None

    @property
    def alters(self) -> bool:
        """Whether words changed, not only their place or number."""
        if self.kind in (ClauseKind.EDITED, ClauseKind.ADDED, ClauseKind.REMOVED):
            return True
        return self.kind is ClauseKind.MOVED and any(mark is not Mark.SAME for mark, _ in self.words)

    @property
    def section(self) -> tuple[str, ...]:
        block = self.after or self.before
        return block.section if block else ()


Clauses = tuple[Clause, ...]


class FlagKind(StrEnum):
    NONE = "none"
    EDITORIAL = "editorial"
    SUBSTANTIVE = "substantive"


@dataclass(frozen=True, kw_only=True)
class Statement:
    """A sentence that states a position on a topic: who does what with which data, when, for how long."""

    topic: str
    text: str
    position: str  # see docs/glossary.md; e.g. "no", "opt-out", "period"
    actor: str = ""  # provider | third-party | customer
    action: str = ""
    objects: tuple[str, ...] = ()
    modality: str = ""  # permits | prohibits | requires | conditional
    negated: bool = False
    conditions: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    periods: tuple[Duration, ...] = ()
    rules: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # the words that made the rules fire
    block: int = 0  # position of its block in the version
    section: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A changed clause that bears on a topic, with its direction and why it was flagged."""

    topic: str
    kind: FlagKind
    direction: (
        str | None
    )  # training: more_permissive | less_permissive; retention: longer | shorter; mixed | unclear
    clause: Clause
    rules: tuple[str, ...]
    words: tuple[str, ...]
    summary: str  # one plain line: what was said -> what is said
    before: tuple[Statement, ...] = ()
    after: tuple[Statement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Change:
    """The difference between two successive versions, judged."""

    document: str
    at: datetime
    clauses: Clauses
    flags: tuple[Flag, ...] = ()
    alert: bool = True  # announced as a change of the terms, flagged or not
    confirmed: bool = True
    technical: bool = False  # made by our own upgrade or an edited selector
    restores: int | None = None  # the earlier version whose text came back
    reasons: tuple[Reason, ...] = ()  # why it is not announced, who accepted it, that it is not understood
    source: str = ""  # where the history that it is part of was imported from: told to nobody as news


# --- what a check ended in ---------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a document before a check, without its text."""

    version_id: int
    fingerprint: str
    capture_sha256: str
    extractor: str
    reader: str
    validators: Validators = Validators()
    candidate: bool = False  # a newer, unconfirmed version waits for confirmation
    rendered: bool = False  # the version was read from what the browser showed
    links_wait: bool = False  # a link to another legal document waits for a second look, or for a first

    @property
    def waits(self) -> bool:
        """Whether the next look must be a whole one: something that was seen once waits for it."""
        return self.candidate or self.links_wait


@dataclass(frozen=True, kw_only=True)
class Held:
    """A doubtful capture that was kept apart."""

    at: datetime
    sha256: str
    fingerprint: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, kw_only=True)
class Acceptance:
    """A person's word that a capture which the guard doubts is the document."""

    sha256: str  # of the captured bytes
    by: str
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class ImportMark:
    """How far the import of a document's history got, so that another run goes on there."""

    source: str  # the repository or archive
    document: str
    done: str  # the last record's name there
    at: datetime  # of that record


@dataclass(frozen=True)
class Text:
    """What a document showed from a time on, whether it was accepted, waits, or was withdrawn."""

    at: datetime
    blocks: Blocks


@dataclass(frozen=True, kw_only=True)
class Previous:
    """What is known of a document before a check, with its text: the facts that `judge` needs."""

    version: Version | None = None  # the last confirmed one
    candidate: Version | None = None  # a newer, unconfirmed one
    capture: Capture | None = None  # what `version` was read from
    history: tuple[tuple[int, str, datetime], ...] = ()  # (version id, fingerprint, last seen), oldest first
    held: tuple[Held, ...] = ()  # doubtful captures since `version` was last seen, oldest first
    accepted: Acceptance | None = None  # of the capture that is judged now
    recent: tuple[Text, ...] = ()  # the last few texts, oldest first
    links: SeenLinks | None = None  # None until a look at them was recorded


@dataclass(frozen=True, kw_only=True)
class First:
    """The first version of a document: a baseline, not an alert."""

    document: str
    at: datetime
    capture: Capture
    version: Version
    reasons: tuple[Reason, ...] = ()  # who accepted it
    links: SeenLinks | None = None


@dataclass(frozen=True, kw_only=True)
class Unchanged:
    """The words are as they were. `reasons` says how that was seen (304, same bytes, same words)."""

    document: str
    at: datetime
    capture: Capture | None = None
    reasons: tuple[Reason, ...] = ()
    reread: Version | None = None  # the same capture as read by a newer extractor or other selectors
    withdrawn: bool = False  # an unconfirmed change did not show again
    links: SeenLinks | None = None  # None where nothing was read


@dataclass(frozen=True, kw_only=True)
class Changed:
    """Another text than the last version's."""

    document: str
    at: datetime
    capture: Capture
    version: Version
    change: Change
    reread: Version | None = None
    doubts: tuple[Doubt, ...] = ()
    links: SeenLinks | None = None


@dataclass(frozen=True, kw_only=True)
class Doubtful:
    """Something came that is probably not the document: kept, never a version."""

    document: str
    at: datetime
    capture: Capture
    reasons: tuple[Reason, ...]
    fingerprint: str = ""  # of the text it holds, so that equal ones are recognised
    retry_after: timedelta | None = None  # as the server asked


@dataclass(frozen=True, kw_only=True)
class Failed:
    """Nothing came."""

    document: str
    at: datetime
    reasons: tuple[Reason, ...]
    retry_after: timedelta | None = None


Outcome = First | Unchanged | Changed | Doubtful | Failed


# --- the ledger --------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """An open question that a flagged change raises about a claim."""

    product: str
    topic: str
    document: str
    summary: str
    at: datetime
    via: str = ""  # the product path it was inherited from
    change: int = 0  # given by the store
    id: int = 0
    closed_by: int | None = None  # a verification
    dismissed: bool = False
    settled_by: int | None = field(default=None, compare=False)  # the step, whatever its kind

    @property
    def open(self) -> bool:
        return self.closed_by is None and not self.dismissed


@dataclass(frozen=True, kw_only=True)
class Verification:
    """A person's answer to a doubt: confirmed or changed, by whom, when, on which version."""

    product: str
    topic: str
    position: str
    at: datetime
    period: Duration | None = None
    by: str = ""
    note: str = ""
    version: int | None = None
    evidence: str = ""  # the clause it rests on
    id: int = 0  # of its step


@dataclass(frozen=True)
class Seen:
    """What a reviewer had in view of a claim: its open doubts, and the answer in force (0: none)."""

    doubts: tuple[int, ...] = ()
    answer: int = 0


class StepKind(StrEnum):
    """What a person did."""

    VERIFICATION = "verification"
    DISMISSAL = "dismissal"
    ACCEPTANCE = "acceptance"
    UNDO = "undo"


@dataclass(frozen=True, kw_only=True)
class Step:
    """What a person did, by whom and when; kept for good, and it counts until another step undoes it."""

    id: int
    kind: StepKind
    at: datetime
    by: str = ""
    note: str = ""  # of a dismissal, an acceptance or an undo: why
    verification: Verification | None = None
    change: int | None = None  # dismissed, or made by an acceptance
    document: str = ""  # accepted
    version: int | None = None  # made by an acceptance
    undoes: int | None = None
    undone_by: int | None = None
    settled: tuple[int, ...] = ()  # the doubts that it closed


@dataclass(frozen=True, kw_only=True)
class Publication:
    """What the watchlist said on a topic of a product path from some time on."""

    product: str
    topic: str
    at: datetime  # first seen
    claims: tuple[Claim, ...]


class ClaimState(StrEnum):
    VERIFIED = "verified"
    NEEDS_REVERIFICATION = "needs re-verification"
    CONTRADICTED = "contradicted"
    NEVER_VERIFIED = "never verified"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a claim stands now: the value in force, its state, and what puts it in doubt."""

    product: Product
    topic: str
    claim: Claim | None
    state: ClaimState
    doubts: tuple[Doubt, ...] = ()
    sources: tuple[Claim, ...] = ()  # every published value, when they disagree
    answer: Verification | None = None  # the last one that counts, also where the watchlist is newer

    @property
    def seen(self) -> Seen:
        """What somebody who sees this has in view."""
        return Seen(tuple(doubt.id for doubt in self.doubts), self.answer.id if self.answer else 0)

    @property
    def evidence(self) -> Verification | None:
        """The answer in force where it is pinned to a clause."""
        claim, answer = self.claim, self.answer
        in_force = answer and claim and claim.by == answer.by and claim.verified == answer.at.date()
        return answer if in_force and answer and answer.evidence else None


@dataclass(frozen=True, kw_only=True)
class Opinion:
    """What a model that the user named says of a flagged change on a topic: shown, never acted on."""

    change: int
    topic: str
    model: str
    at: datetime
    position: str
    summary: str


# --- what is told ------------------------------------------------------------------------------


class NoticeKind(StrEnum):
    """What a channel is told of."""

    CHANGE = "change"
    REVERTED = "reverted"  # a change that it was told of
    UNSEEN = "unseen"
    REMINDER = "reminder"  # of a document that is still not seen
    RECOVERED = "recovered"
    ALARM = "alarm"
    LINKED = "linked"  # another legal document is linked, no longer, or elsewhere
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something that a channel is told once, about a change or about how the watching of a document goes."""

    channel: str
    kind: NoticeKind
    at: datetime
    not_before: datetime  # when it may be sent
    digest: bool = False  # together with all else that waits for the same digest
    document: str = ""
    change: int | None = None
    since: datetime | None = None  # when a document that is not seen, or was not, was seen last
    failures: int = 0  # checks in a row that did not see it
    reasons: tuple[Reason, ...] = ()  # alarms, and why it was not seen
    id: int = 0  # given by the store


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Notices that are sent as one message, and how sending it goes."""

    event: str  # the same at every attempt, so that a receiver can tell a repetition
    notices: tuple[Notice, ...]
    attempts: int = 0  # that failed or were cut off
    leased_until: datetime | None = None  # nobody else sends it until then

    @property
    def id(self) -> int:
        return self.notices[0].id


@dataclass(frozen=True, kw_only=True)
class Backlog:
    """What waits in the outbox for a channel."""

    channel: str
    letters: int
    oldest: datetime
    next: datetime  # when one of them may be sent
    failing: int = 0  # letters of which an attempt failed
    error: str = ""  # the last one


# --- what people read --------------------------------------------------------------------------


class ReviewState(StrEnum):
    TO_REVIEW = "to review"
    VERIFIED = "verified"
    DISMISSED = "dismissed"
    NOTHING = "nothing to review"


@dataclass(frozen=True, kw_only=True)
class VersionInfo:
    """A version without its text."""

    id: int
    document: str
    at: datetime
    url: str
    capture_sha256: str
    effective: date | None = None
    title: str = ""
    source: str = ""  # where its capture was imported from


@dataclass(frozen=True, kw_only=True)
class Found:
    """A clause that a search found, and from when to when it stood; `until` is None while it does."""

    document: str
    text: str
    section: tuple[str, ...]
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class RecordedChange:
    """A change as the store keeps it."""

    id: int
    change: Change
    before: VersionInfo
    after: VersionInfo
    state: ReviewState
    reverted_at: datetime | None = None  # the old text came back
    withdrawn: bool = False  # it was never confirmed
    why: str = ""  # of a dismissal
    dismissal: int | None = None  # its step
    doubts: tuple[Doubt, ...] = ()
    opinions: tuple[Opinion, ...] = ()  # the newest on each topic, where a second opinion was asked for


@dataclass(frozen=True, kw_only=True)
class Health:
    """How the watching of a document goes."""

    document: str
    last_check: datetime | None = None
    last_good: datetime | None = None  # last time the document itself was seen
    last_change: datetime | None = None
    next_check: datetime | None = None
    outcome: str = ""  # of the last check
    since: datetime | None = None  # failing or doubtful since
    failures: int = 0  # checks in a row that did not see the document
    reasons: tuple[Reason, ...] = ()
    versions: int = 0
    words: int = 0  # of the current version
    unread: str = ""  # the language of the current version, where no rules are written for it
    lengths: tuple[tuple[datetime, int], ...] = ()  # (last seen, words) of every version, oldest first


@dataclass(frozen=True, kw_only=True)
class CheckResult:
    """One line of a run: what happened to a document."""

    document: str
    at: datetime
    outcome: str  # first | unchanged | changed | doubtful | failed; not recorded: busy | skipped
    reasons: tuple[Reason, ...] = ()
    change: RecordedChange | None = None
    words: int = 0
    before: Health | None = None  # how the watching went until this check
    links: tuple[LinkFinding, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a run or a period brought, ready to be rendered for a person or a program."""

    at: datetime
    title: str
    watchlist: Watchlist
    results: tuple[CheckResult, ...] = ()  # of a run; empty for a report over a period
    changes: tuple[RecordedChange, ...] = ()
    health: tuple[Health, ...] = ()
    standings: Mapping[tuple[str, str], Standing] = field(default_factory=dict)  # by (product, topic)
    options: str = ""  # as typed after the commands that a report names, so that they work when pasted
    links: tuple[LinkFinding, ...] = ()  # of the period; those of `results` among them
    linked: Mapping[str, tuple[SeenLink, ...]] = field(default_factory=dict)  # by document, where asked for
