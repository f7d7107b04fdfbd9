"""Reports to render: invented providers, and clauses written as "kept for [-30-]{+90+} days"."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from monitor.ledger import standings
from monitor.model import (
    Audience,
    Block,
    BlockKind,
    Change,
    CheckResult,
    Claim,
    Clause,
    ClauseKind,
    Document,
    Doubt,
    Duration,
    Flag,
    FlagKind,
    Health,
    Mark,
    Product,
    Provider,
    Reason,
    RecordedChange,
    Report,
    ReviewState,
    VersionInfo,
    Watchlist,
)

AT = datetime(2026, 11, 21, 14, 3, tzinfo=UTC)
MARKS = re.compile(r"\[-(.*?)-\]|\{\+(.*?)\+\}", re.DOTALL)
MONTH = Duration("30 days", 30, 30)


def words(text: str) -> tuple[tuple[Mark, str], ...]:
    """The marked words that "[-removed-]{+added+}" stands for."""
    found: list[tuple[Mark, str]] = []
    at = 0
    for mark in MARKS.finditer(text):
        found.append((Mark.SAME, text[at : mark.start()]))
        found.append((Mark.REMOVED, mark[1]) if mark[1] is not None else (Mark.ADDED, mark[2]))
        at = mark.end()
    found.append((Mark.SAME, text[at:]))
    return tuple((mark, piece) for mark, piece in found if piece)


def clause(text: str, *section: str, kind: ClauseKind | None = None, headers: tuple[str, ...] = ()) -> Clause:
    """The clause that a marked text stands for; all of one mark means added or removed."""
    marked = words(text)
    sides = {mark: "".join(piece for one, piece in marked if one in (Mark.SAME, mark)) for mark in Mark}
    shape = BlockKind.ROW if headers else BlockKind.PARAGRAPH
    before = Block(shape, sides[Mark.REMOVED], section, headers=headers) if sides[Mark.REMOVED] else None
    after = Block(shape, sides[Mark.ADDED], section, headers=headers) if sides[Mark.ADDED] else None
    guess = ClauseKind.EDITED if before and after else ClauseKind.ADDED if after else ClauseKind.REMOVED
    return Clause(kind or guess, before, after, marked)


def flag(
    topic: str, direction: str | None, on: Clause, summary: str, kind: FlagKind = FlagKind.SUBSTANTIVE
) -> Flag:
    return Flag(
        topic=topic,
        kind=kind,
        direction=direction,
        clause=on,
        rules=(f"{topic}.states",),
        words=("may use", "train") if topic == "training" else ("retain", "days"),
        summary=summary,
    )


def version(number: int, document: str, at: datetime, effective: date | None = None) -> VersionInfo:
    return VersionInfo(
        id=number,
        document=document,
        at=at,
        url=f"https://{document.replace('/', '.example/')}",
        capture_sha256=f"{number:064x}",
        effective=effective,
        title=document,
    )


def recorded(number: int, change: Change, **facts: object) -> RecordedChange:
    """A stored change whose old version was first seen 90 days earlier."""
    defaults: dict[str, object] = {
        "before": version(2 * number - 1, change.document, change.at - timedelta(days=90)),
        "after": version(2 * number, change.document, change.at, date(2026, 12, 15)),
        "state": ReviewState.NOTHING,
    }
    return RecordedChange(id=number, change=change, **{**defaults, **facts})  # type: ignore[arg-type] # merged


def watchlist() -> Watchlist:
    """Two invented providers with four documents and three product paths."""
    return Watchlist(
        providers={"borealis": Provider("borealis", "Borealis AI"), "yun": Provider("yun", "云智")},
        documents={document.id: document for document in _documents()},
        products={product.id: product for product in _products()},
    )


def _documents() -> tuple[Document, ...]:
    kinds = {
        "borealis/commercial-terms": ("Commercial Terms", "en"),
        "borealis/privacy-policy": ("Privacy Policy", "en"),
        "borealis/help-retention": ("Data Usage Policy", "en"),
        "yun/privacy": ("Privacy Policy", "zh"),
    }
    return tuple(
        Document(
            id=name, provider=name.partition("/")[0], type=kind, url=f"https://{name}", language=language
        )
        for name, (kind, language) in kinds.items()
    )


def _products() -> tuple[Product, ...]:
    api, desk, chat = "borealis/api", "borealis/desk", "yun/chat"
    audit = {"verified": date(2026, 5, 5), "source": "spring audit"}
    return (
        Product(
            id=api,
            provider="borealis",
            name="Borealis API",
            audience=Audience.API,
            documents=("borealis/commercial-terms", "borealis/help-retention"),
            clarity="high",
            claims=(
                Claim(product=api, topic="training", position="no", **audit),  # type: ignore[arg-type] # merged
                Claim(product=api, topic="retention", position="period", period=MONTH, **audit),  # type: ignore[arg-type] # merged
            ),
        ),
        Product(
            id=desk,
            provider="borealis",
            name="Borealis Desk",
            audience=Audience.BUSINESS,
            documents=("borealis/privacy-policy",),
            depends_on=(api,),
            claims=(
                Claim(product=desk, topic="training", position="opt-out", verified=date(2026, 6, 1)),
                Claim(product=desk, topic="training", position="no", source="second audit"),
            ),
        ),
        Product(id=chat, provider="yun", name="云聊", audience=Audience.CONSUMER, documents=("yun/privacy",)),
    )


def training_change() -> RecordedChange:
    """Substantive on both topics, with an open doubt on each claim and one that was inherited."""
    trained = clause(
        "These terms apply to every customer of the service and to each affiliate that a customer names "
        "in an order form. Borealis [-will not-]{+may+} use Customer Content to train its models"
        "[-, unless-]{+ until+} the customer opts [-in-]{+out+} in the settings of its organisation. This "
        "section does not limit what section nine says about feedback, and it stays in force after the "
        "agreement has ended.",
        "4. Customer Content",
        "4.2 Training",
    )
    kept = clause(
        "Borealis retains API inputs for [-30-]{+90+} days.", "4. Customer Content", "4.3 Retention"
    )
    added = clause("{+Borealis may change the fees with 14 days of notice.+}", "7. Fees")
    moved = clause("Borealis hosts the service in two regions.", "9. Hosting", kind=ClauseKind.MOVED)
    change = Change(
        document="borealis/commercial-terms",
        at=AT,
        clauses=(trained, kept, added, moved),
        flags=(
            flag("retention", "longer", kept, "30 days -> 90 days"),
            flag("training", "more_permissive", trained, "no unless opted in -> yes unless opted out"),
        ),
    )
    return recorded(12, change, state=ReviewState.TO_REVIEW, doubts=_doubts())


def _doubts() -> tuple[Doubt, ...]:
    where = (
        ("borealis/api", "training", ""),
        ("borealis/api", "retention", ""),
        ("borealis/desk", "training", "borealis/api"),
    )
    return tuple(
        Doubt(
            product=product,
            topic=topic,
            via=via,
            document="borealis/commercial-terms",
            summary="",
            at=AT,
            change=12,
            id=number,
        )
        for number, (product, topic, via) in enumerate(where, start=1)
    )


def chinese_change() -> RecordedChange:
    shorter = clause("我们将在[-九十-]{+三十+}日后删除您的对话内容。", "三、信息的存储")
    change = Change(
        document="yun/privacy",
        at=AT,
        clauses=(shorter,),
        flags=(flag("retention", "shorter", shorter, "九十日 -> 三十日"),),
    )
    return recorded(13, change, state=ReviewState.TO_REVIEW)


def editorial_change() -> RecordedChange:
    reworded = clause("Inputs are [-erased-]{+deleted+} after 30 days.", "Plans", headers=("Plan", "Inputs"))
    flagged = flag("retention", None, reworded, "30 days, as before", FlagKind.EDITORIAL)
    change = Change(document="borealis/help-retention", at=AT, clauses=(reworded,), flags=(flagged,))
    return recorded(14, change)


def plain_change() -> RecordedChange:
    clauses = tuple(
        clause(f"{{+Office {number} is open on weekdays.+}}", "Contact") for number in range(1, 8)
    )
    return recorded(15, Change(document="borealis/privacy-policy", at=AT, clauses=clauses))


def technical_change() -> RecordedChange:
    change = Change(
        document="borealis/privacy-policy",
        at=AT - timedelta(days=1),
        clauses=(clause("[-Menu-]"),),
        alert=False,
        technical=True,
    )
    return recorded(16, change)


def full_report() -> Report:
    """A run with something of everything."""
    changes = (plain_change(), editorial_change(), chinese_change(), training_change(), technical_change())
    doubts = [doubt for change in changes for doubt in change.doubts]
    watched = watchlist()
    return Report(
        at=AT,
        title="Check",
        watchlist=watched,
        results=_results(changes),
        changes=changes,
        health=_health(),
        standings=standings(watched, (), doubts, AT, ("training", "retention")),
    )


def _results(changes: tuple[RecordedChange, ...]) -> tuple[CheckResult, ...]:
    same = (Reason("same-words", "the same words as before"),)
    blocked = (Reason("challenge", "a bot check stands in place of the document"),)
    refused = (Reason("status", "the server answered 503"),)
    return (
        *(
            CheckResult(document=change.change.document, at=AT, outcome="changed", change=change)
            for change in changes
        ),
        CheckResult(document="borealis/dpa", at=AT, outcome="first", words=4200),
        CheckResult(document="borealis/usage", at=AT, outcome="unchanged", reasons=same),
        CheckResult(document="yun/terms", at=AT, outcome="doubtful", reasons=blocked),
        CheckResult(document="yun/help", at=AT, outcome="failed", reasons=refused),
    )


def _health() -> tuple[Health, ...]:
    earlier, later = AT - timedelta(days=3), AT + timedelta(hours=12)
    blocked = (Reason("challenge", "a bot check stands in place of the document"),)
    refused = (Reason("status", "the server answered 503"),)
    return (
        Health(
            document="borealis/commercial-terms",
            last_check=AT,
            last_good=AT,
            last_change=AT,
            next_check=later,
            outcome="changed",
            versions=2,
        ),
        Health(document="borealis/new", next_check=later),
        Health(
            document="yun/terms",
            last_check=AT,
            last_good=earlier,
            next_check=later,
            outcome="doubtful",
            since=earlier + timedelta(hours=12),
            failures=5,
            reasons=blocked,
            versions=1,
        ),
        Health(
            document="yun/help",
            last_check=AT,
            next_check=later,
            outcome="failed",
            since=AT,
            failures=1,
            reasons=refused,
        ),
    )


def quiet_report() -> Report:
    """A run in which nothing happened and one document was not seen."""
    same = (Reason("not-modified", "the server says that it has not changed"),)
    names = ("borealis/commercial-terms", "borealis/privacy-policy", "borealis/help-retention")
    refused = (Reason("time-out", "no answer within 30 s"),)
    missing = Health(
        document="yun/privacy",
        last_check=AT,
        last_good=AT - timedelta(days=2),
        outcome="failed",
        failures=4,
        reasons=refused,
    )
    seen = tuple(Health(document=name, last_check=AT, last_good=AT, outcome="unchanged") for name in names)
    return Report(
        at=AT,
        title="Check",
        watchlist=watchlist(),
        results=(
            *(CheckResult(document=name, at=AT, outcome="unchanged", reasons=same) for name in names),
            CheckResult(document="yun/privacy", at=AT, outcome="failed", reasons=refused),
        ),
        health=(*seen, missing),
    )


def first_report() -> Report:
    """The first run of a watchlist."""
    names = tuple(watchlist().documents)
    return Report(
        at=AT,
        title="Check",
        watchlist=watchlist(),
        results=tuple(CheckResult(document=name, at=AT, outcome="first") for name in names),
        health=tuple(Health(document=name, last_check=AT, last_good=AT, outcome="first") for name in names),
    )


EVIL = (
    "# Owned\x1b[31m [click](https://evil.example) <script>alert(1)</script> <img src=x onerror=alert(1)>\n"
    "| a | b | `code` **bold** ![i](https://evil.example/i.png) [red]markup[/red] {+forged+} [-gone-] "
    "https://evil.example www.evil.example me@evil.example &lt; \u202eesrever\u202c \x9b2J \ud800 \x00 "
    ":smile:"
)


def hostile_report() -> Report:
    """A provider whose page, address, title and reasons attack whoever reads the report."""
    edited = Clause(
        ClauseKind.EDITED,
        Block(BlockKind.PARAGRAPH, EVIL, (EVIL,)),
        Block(BlockKind.PARAGRAPH, EVIL, (EVIL,)),
        ((Mark.SAME, EVIL), (Mark.REMOVED, "- one " + EVIL), (Mark.ADDED, "1. two " + EVIL)),
    )
    flagged = Flag(
        topic="training",
        kind=FlagKind.SUBSTANTIVE,
        direction="more_permissive",
        clause=edited,
        rules=("training.states",),
        words=(EVIL,),
        summary=EVIL,
    )
    change = Change(document="borealis/commercial-terms", at=AT, clauses=(edited,), flags=(flagged,))
    after = VersionInfo(
        id=2,
        document="borealis/commercial-terms",
        at=AT,
        url="javascript:alert(1)",
        capture_sha256="",
        title=EVIL,
    )
    reason = (Reason("challenge", EVIL),)
    return Report(
        at=AT,
        title="Check",
        watchlist=watchlist(),
        results=(CheckResult(document="yun/privacy", at=AT, outcome="doubtful", reasons=reason),),
        changes=(recorded(1, change, state=ReviewState.DISMISSED, why=EVIL, after=after),),
        health=(
            Health(document="yun/privacy", last_check=AT, outcome="doubtful", failures=1, reasons=reason),
        ),
    )


def remarked_report() -> Report:
    """Changes that are unconfirmed, reverted, withdrawn, a return, verified and dismissed."""
    rewritten = clause(
        "[-Every-]{+Each+} file [-that is sent-]{+you upload+} is [-erased-]{+kept+} "
        "[-by our staff-]{+for study+} [-when the case-]{+until the end+} "
        "[-is closed-]{+of the year+} or [-before-]{+after+}.",
        "Support",
    )
    arabic = clause("نحتفظ بالبيانات لمدة [-ثلاثين-]{+تسعين+} يومًا بعد إغلاق الحساب.", "الاحتفاظ")
    long = clause(
        "First sentence of many words. " * 20
        + "Kept [-one-]{+two+} weeks. "
        + "Last words follow here. " * 20
    )

    def change(on: Clause, **facts: object) -> Change:
        flags = (flag("retention", "unclear", on, "a period -> another"),)
        return Change(document="borealis/privacy-policy", at=AT, clauses=(on,), flags=flags, **facts)  # type: ignore[arg-type] # merged

    return Report(
        at=AT,
        title="Report",
        watchlist=watchlist(),
        changes=(
            recorded(21, change(rewritten, confirmed=False, alert=False)),
            recorded(22, change(arabic), reverted_at=AT + timedelta(days=1)),
            recorded(23, change(long, restores=4), state=ReviewState.VERIFIED),
            recorded(24, change(rewritten), state=ReviewState.DISMISSED, why="the period stands elsewhere"),
            recorded(25, change(rewritten, confirmed=False), withdrawn=True),
        ),
    )
