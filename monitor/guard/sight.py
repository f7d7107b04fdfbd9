"""What the rules of the guard look at: a capture, what was read from it, what is known of the document."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from monitor.guard.likeness import Text, text_of
from monitor.model import Capture, Document, Page, Previous, Reason
from monitor.normal import fingerprint

SHORT = 250  # words; on a longer page a phrase is part of the terms
FEWEST_OF_TERMS = 15  # words of a document
LEGAL = 5  # words of terms among a hundred
FEWEST_LEGAL = 3


@dataclass(frozen=True)
class Sight:
    """Everything that the rules look at, computed once and only when needed."""

    document: Document
    capture: Capture
    page: Page
    previous: Previous

    @cached_property
    def fingerprint(self) -> str:
        return fingerprint(self.page.blocks)

    @cached_property
    def accepted_before(self) -> bool:
        known = {print_ for _, print_, _ in self.previous.history}
        known |= {v.fingerprint for v in (self.previous.version, self.previous.candidate) if v is not None}
        return bool(self.page.blocks) and self.fingerprint in known

    @property
    def accepted_now(self) -> bool:
        """Whether a person said of these very bytes that they are the document."""
        accepted = self.previous.accepted
        return accepted is not None and accepted.sha256 == self.capture.sha256

    def times_held(self, codes: frozenset[str] | None = None) -> int:
        """How often this very text was held; with `codes`, only for reasons among them."""
        return sum(
            held.fingerprint == self.fingerprint
            and (codes is None or {reason.code for reason in held.reasons} <= codes)
            for held in self.previous.held
        )

    @cached_property
    def new(self) -> Text:
        return text_of(self.page)

    @cached_property
    def old(self) -> Text | None:
        """The last confirmed text, if there is one that says anything."""
        version = self.previous.version
        return text_of(version.page) if version is not None and version.page.blocks else None

    @cached_property
    def size(self) -> int:
        return len(self.new.words)

    @cached_property
    def ratio(self) -> float:
        """The length of the text in lengths of the last one; 1 without a last one."""
        return self.size / max(1, len(self.old.words)) if self.old else 1.0

    @cached_property
    def kept(self) -> float:
        """The share of the last text that is still there; 0 without a last one."""
        return self.old.share_in(self.new) if self.old else 0.0

    @cached_property
    def says_little(self) -> bool:
        """Whether a phrase on this page may be what the page is about."""
        return self.size < SHORT and self.is_little_of_the_last

    @cached_property
    def is_little_of_the_last(self) -> bool:
        """Whether much less came than the last text, or next to nothing of it; also where there was none."""
        return self.old is None or self.ratio < 0.6 or self.kept < 0.1

    @cached_property
    def reads_like_terms(self) -> bool:
        """Whether a page calls itself a document and uses the words of one."""
        legal = self.new.legal >= LEGAL and self.new.legal * self.size >= 100 * FEWEST_LEGAL
        spoken = legal or self.new.has_deeds
        stranger = self.old is not None and self.ratio < 0.6 and self.kept < 0.1
        return self.size >= FEWEST_OF_TERMS and self.new.is_named and spoken and not stranger

    def is_news(self, text: str) -> bool:
        """Whether the last text did not say this already, or next to nothing but this is left of it."""
        return (
            self.old is None
            or self.ratio < 0.25
            or self.kept < 0.1
            or text.casefold() not in self.old.text.casefold()
        )


Rule = Callable[[Sight], Iterator[Reason]]
