"""A document's story, told to a store check by check; every check is an hour after the last."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from monitor.model import (
    Block,
    BlockKind,
    Capture,
    Change,
    Changed,
    Clause,
    ClauseKind,
    Doubt,
    Doubtful,
    Failed,
    First,
    Flag,
    FlagKind,
    Mark,
    Page,
    Reason,
    Unchanged,
    Version,
)
from monitor.store import Store

START = datetime(2026, 5, 5, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NO = "We do not use your content to train our models."
YES = "We may use your content to train our models."
BLOCKED = Reason("blocked", "the page asks for a captcha")
TIMEOUT = Reason("timeout", "no answer within 20 s")


def block(text: str) -> Block:
    return Block(BlockKind.PARAGRAPH, text, section=("Your content",))


def capture(text: str, at: datetime = START, **more) -> Capture:
    body = f"<html><body><p>{text}</p></body></html>".encode()
    headers = (("content-type", "text/html"), ("etag", f'"{len(text)}"'), ("last-modified", "yesterday"))
    facts = {"url": "http://acme.test/terms", "final_url": "https://acme.test/terms", "status": 200}
    return Capture(**{**facts, "headers": headers, "body": body, "at": at, **more})


def version(text: str, taken: Capture, document: str = "acme/terms", **more) -> Version:
    facts = {
        "page": Page(blocks=(block(text), block("Nothing else.")), title="Terms of Acme"),
        "fingerprint": hashlib.sha256(text.encode()).hexdigest(),
        "extractor": "1",
        "reader": "plain",
        "url": taken.final_url,
    }
    return Version(document=document, at=taken.at, capture_sha256=taken.sha256, **{**facts, **more})


def clause(before: str, after: str) -> Clause:
    words = ((Mark.REMOVED, before), (Mark.ADDED, after))
    return Clause(ClauseKind.EDITED, block(before), block(after), words, 0, 0)


def flag(edited: Clause, kind: FlagKind = FlagKind.SUBSTANTIVE) -> Flag:
    return Flag(
        topic="training",
        kind=kind,
        direction="more_permissive",
        clause=edited,
        rules=("training-use",),
        words=("train",),
        summary="no -> yes",
    )


def doubt(product: str = "acme/api", topic: str = "training", document: str = "acme/terms", **more) -> Doubt:
    return Doubt(product=product, topic=topic, document=document, summary="no -> yes", at=START, **more)


@dataclass
class Story:
    """Tells a store what the checks of one document ended in, and returns what it says to each."""

    store: Store
    document: str = "acme/terms"
    at: datetime = START
    texts: list[str] = field(default_factory=list)  # as accepted

    def tell(self, outcome):
        result = self.store.record(outcome, next_check=outcome.at + 12 * HOUR, started=outcome.at)
        self.at += HOUR
        return result

    def first(self, text: str = NO):
        self.texts.append(text)
        taken = capture(text, self.at)
        shown = version(text, taken, self.document)
        return self.tell(First(document=self.document, at=self.at, capture=taken, version=shown))

    def same(self, text: str | None = None, **more):
        taken = capture(text or self.texts[-1], self.at)
        return self.tell(Unchanged(**{"document": self.document, "at": self.at, "capture": taken, **more}))

    def not_modified(self):
        return self.same(capture=None, reasons=(Reason("not-modified", "304"),))

    def changed(self, text: str = YES, *, doubts=(), flagged=True, reread=None, **more):
        edited = clause(self.texts[-1], text)
        change = Change(
            document=self.document, at=self.at, clauses=(edited,), flags=(flag(edited),) if flagged else ()
        )
        change = replace(change, **more)
        if change.confirmed:
            self.texts.append(text)
        taken = capture(text, self.at)
        return self.tell(
            Changed(
                document=self.document,
                at=self.at,
                capture=taken,
                version=version(text, taken, self.document, confirmed=change.confirmed),
                change=change,
                reread=reread,
                doubts=doubts,
            )
        )

    def doubtful(self, text: str = "Are you a robot?", fingerprint: str = "robot"):
        taken = capture(text, self.at, status=403)
        return self.tell(
            Doubtful(
                document=self.document,
                at=self.at,
                capture=taken,
                reasons=(BLOCKED,),
                fingerprint=fingerprint,
            )
        )

    def failed(self):
        return self.tell(Failed(document=self.document, at=self.at, reasons=(TIMEOUT,)))

    def health(self):
        return self.store.health([self.document])[0]

    def known(self):
        return self.store.known(self.document)

    def previous(self, **more):
        return self.store.previous(self.document, **more)
