"""Is this really the document? Reasons to keep a capture apart, or none.

Hard reasons hold however often the same text comes. Soft ones only ask to see it again: a text that
lost half its length may be a failure or a decision, and a failure rarely fails twice the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlsplit

from monitor.guard.language import language_of, same_language
from monitor.guard.likeness import Text
from monitor.guard.walls import (
    FAILED_PART,
    LONGEST_FAILED_PART,
    MARKUP_OF_CHALLENGES,
    wall_phrase,
    wall_title,
)
from monitor.model import Block, Capture, Document, Page, Previous, Reason
from monitor.normal import fingerprint, key

SOFT = frozenset(("shrank", "tail-missing"))
# However often these come, they are not the document; nobody is asked whether they are.
NEVER_ASKED = frozenset(("http-error", "wrong-type", "challenge", "access-denied", "application-error"))
ASK_AFTER = 3  # equal doubtful captures, the present one among them

TEXT_TYPES = re.compile(
    r"text/(?:html|plain|markdown|x-markdown|xml)|application/(?:xhtml\+xml|pdf|xml|octet-stream)|$"
)
SHORT = 250  # words; on a longer page a phrase is part of the terms
STOPS = (".", "!", "?", ":", ";", ")", "]", '"', "”", "’", "。", "！", "？", "；", "：", "）")
LITTLE = 60  # words; less than this beside scripts is a shell that they fill
FEWEST = 8  # words of a web page that says anything
MARKUP_LOOKED_AT = 300_000  # bytes
HOME = re.compile(
    r"/?(?:[a-z]{2}(?:[-_][a-z]{2,4})?)?/?(?:index\.\w{2,5}|home|default\.aspx)?/?", re.IGNORECASE
)
LOGIN_PATH = re.compile(
    r"/(?:log-?in|sign-?in|sso|saml|oauth2?|authorize|auth|accounts?/login)(?:[/.]|$)", re.IGNORECASE
)
SECOND_LEVEL = frozenset(("co", "com", "org", "net", "gov", "ac", "edu", "or", "ne"))  # as in example.co.uk


def suspect(
    document: Document, capture: Capture, page: Page | None, previous: Previous
) -> tuple[Reason, ...]:
    """Why this capture is probably not the document; () if it is.

    `page` is None where the capture could not be read. The text of a version that was accepted before
    is never doubted; a capture that a person accepted only where it holds no text of the document.
    """
    if page is None:
        return (*_http_error(capture), *_wrong_type(capture))
    seen = Sight(document, capture, page, previous)
    if seen.accepted_before:
        return ()
    if seen.accepted_now:
        return tuple(_reasons(seen, NEVER_OVERRULED))
    hard = _reasons(seen, OF_ITS_OWN) or _reasons(seen, AGAINST_THE_LAST)
    if hard:
        return (*hard, *_question(seen, hard))
    return () if seen.times_held(SOFT) else tuple(_reasons(seen, TO_BE_SEEN_AGAIN))


def _reasons(seen: Sight, rules: tuple[Rule, ...]) -> list[Reason]:
    return [reason for rule in rules for reason in rule(seen)]


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
        return Text(self.page)

    @cached_property
    def old(self) -> Text | None:
        """The last confirmed text, if there is one that says anything."""
        version = self.previous.version
        return Text(version.page) if version is not None and version.page.blocks else None

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
        return self.size < SHORT and (self.old is None or self.ratio < 0.6)

    def is_news(self, text: str) -> bool:
        """Whether the last text did not say this already, or next to nothing but this is left of it."""
        return self.old is None or self.ratio < 0.25 or text.casefold() not in self.old.text.casefold()


# --- what the answer itself tells --------------------------------------------------------------


def _http_error(capture: Capture) -> Iterator[Reason]:
    if not 200 <= capture.status < 300 or capture.status == 206:
        yield Reason("http-error", f"the server answered with status {capture.status}")


def _wrong_type(capture: Capture) -> Iterator[Reason]:
    media = capture.header("content-type").partition(";")[0].strip().lower()
    if not TEXT_TYPES.match(media):
        yield Reason("wrong-type", f"the server sent {media}, not a document")


def _answer(seen: Sight) -> Iterator[Reason]:
    yield from _http_error(seen.capture)
    yield from _wrong_type(seen.capture)


def _selectors(seen: Sight) -> Iterator[Reason]:
    for selector in seen.page.missing:
        if selector in seen.document.select:
            yield Reason("selector-missing", f"the selector {selector!r} matches nothing on the page")


def _no_text(seen: Sight) -> Iterator[Reason]:
    if not seen.size:
        yield Reason("empty", "the page holds no text")


# --- what the page says ------------------------------------------------------------------------


def _wall(seen: Sight) -> Iterator[Reason]:
    """A challenge, an error, a log-in or a consent page in place of the document."""
    if "challenge" in seen.capture.header("cf-mitigated"):
        yield Reason("challenge", "the server marks its answer as a challenge")
        return
    if (code := _titled_wall(seen)) or (code := _challenge_markup(seen)):
        yield Reason(
            code,
            f"the page is titled {seen.page.title!r}" if seen.page.title else f"the page is a {code} page",
        )
        return
    if not seen.says_little:
        return
    code, phrase = wall_phrase(f"{seen.page.title}\n{seen.new.text}\n{_beside(seen)}")
    if code and seen.is_news(phrase):
        yield Reason(code, f"the page says {phrase!r} and little else")


def _titled_wall(seen: Sight) -> str:
    """The kind of wall that the title names, or the first heading of a page that says little."""
    old_title = seen.previous.version.page.title if seen.previous.version else ""
    if seen.page.title != old_title and (code := wall_title(seen.page.title)):
        return code
    first = seen.page.blocks[:2] if seen.says_little else ()
    return next(
        (code for block in first if seen.is_news(block.text) and (code := wall_title(block.text))), ""
    )


def _challenge_markup(seen: Sight) -> str:
    if seen.size >= LITTLE or (seen.old is not None and seen.ratio > 0.6):
        return ""
    start = seen.capture.body[:MARKUP_LOOKED_AT]
    return "challenge" if any(sign in start for sign in MARKUP_OF_CHALLENGES) else ""


def _beside(seen: Sight) -> str:
    """What stands around a very short text, where walls often put their message."""
    return seen.page.all_text[:3000] if seen.size < LITTLE else ""


def _login(seen: Sight) -> Iterator[Reason]:
    asked, came = (urlsplit(url).path for url in (seen.document.url, seen.capture.final_url))
    if not seen.says_little:
        return
    if seen.page.passwords:
        yield Reason("login", "the page asks for a password and says little else")
    elif LOGIN_PATH.search(came) and not LOGIN_PATH.search(asked):
        yield Reason("login", f"the address led to a log-in at {came}")


def _failed_parts(seen: Sight) -> Iterator[Reason]:
    """An error message of its own where a part of the document should be."""
    for block in seen.page.blocks:
        if (
            len(block.text.split()) <= LONGEST_FAILED_PART
            and FAILED_PART.match(block.text.strip())
            and seen.is_news(block.text)
        ):
            yield Reason("part-failed", f"a part of the page says {block.text[:100]!r}")
            return


def _nothing_said(seen: Sight) -> Iterator[Reason]:
    """Empty pages, shells that scripts fill, stubs that lead elsewhere."""
    html = seen.page.media == "html"
    if not seen.size:
        yield from _no_text(seen)
    elif seen.page.refresh and seen.says_little:
        yield Reason("redirect-stub", f"the page only leads on to {seen.page.refresh}")
    elif html and seen.page.scripts > 1 and seen.size < LITTLE and (seen.old is None or seen.ratio < 0.6):
        yield Reason(
            "script-shell", f"{seen.size} words beside {seen.page.scripts} scripts: the text comes by script"
        )
    elif html and seen.size < FEWEST and (seen.old is None or seen.ratio < 0.6):
        yield Reason("too-short", f"the page holds only {seen.size} words")
    elif seen.old and len(seen.old.words) > 4 * LITTLE and seen.ratio < 0.1:
        yield Reason("too-short", f"{seen.size} words are left of {len(seen.old.words)}")


def _language(seen: Sight) -> Iterator[Reason]:
    """Another language than declared, or, where none is, than the version before."""
    before = language_of(seen.old.text) if seen.old else ""
    wanted, found = seen.document.language or before, language_of(seen.new.text)
    if found and wanted and not same_language(found, wanted) and not same_language(found, before):
        yield Reason("other-language", f"the text is in {found!r}, the document is in {wanted!r}")


def _moved(seen: Sight) -> Iterator[Reason]:
    """An address that led to a home page or to another site, unless the document is what came."""
    asked, came = (urlsplit(url) for url in (seen.document.url, seen.capture.final_url))
    if asked.scheme not in ("http", "https") or not came.hostname or seen.kept > 0.5:
        return
    if HOME.fullmatch(came.path) and not came.query and not HOME.fullmatch(asked.path):
        yield Reason("redirect-home", f"the address led to the home page {seen.capture.final_url}")
    elif _site(came.hostname) != _site(asked.hostname or "") and not (seen.old is None and seen.new.kinds):
        yield Reason("other-host", f"the address led to another site: {came.hostname}")


def _site(host: str) -> str:
    """The part of a host name that one owner holds: example.com, example.co.uk."""
    labels = host.lower().rstrip(".").split(".")
    size = 3 if len(labels) > 2 and labels[-2] in SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-size:])


# --- what the last version tells ---------------------------------------------------------------


def _other_document(seen: Sight) -> Iterator[Reason]:
    """Most of the text is new, and by its title or its words it is no version of the old document."""
    if seen.old is None or seen.kept > 0.2:
        return
    other_kind = seen.new.kinds and seen.old.kinds and not seen.new.kinds & seen.old.kinds
    if other_kind:
        names = " and ".join(sorted(seen.new.kinds))
        yield Reason("other-document", f"most of the text is another, and its title speaks of {names}")
    elif not seen.new.kinds and seen.kept < 0.1 and seen.new.legal < 0.35 * seen.old.legal:
        yield Reason("other-document", "most of the text is another, and it does not read like terms")


def _cut_off(seen: Sight) -> Iterator[Reason]:
    """The text stops in the middle of a sentence at which the last version went on."""
    rest = _missing_tail(seen)
    if not rest:
        return
    last, continued = key(seen.page.blocks[-1]), key(rest[0])
    begins = continued.startswith(last) and continued != last
    # A last block may well have been shortened, but not by half a sentence.
    if begins and (len(rest) > 1 or _is_half(seen.page.blocks[-1].text, rest[0].text)):
        yield Reason("truncated", f"the text breaks off after {last[-60:]!r}")
    elif (begins or len(rest) > 1) and _lost_its_end(seen):
        yield Reason("truncated", "the page ends before its closing tags, and the end of the text is missing")


def _is_half(text: str, whole: str) -> bool:
    """Whether a text stops in the middle of a sentence that the whole one ends."""
    return whole.rstrip().endswith(STOPS) and not text.rstrip().endswith(STOPS)


def _missing_tail(seen: Sight) -> tuple[Block, ...]:
    """The blocks of the last version from the last one of this page on, if all before it are the same."""
    if seen.old is None or seen.ratio >= 1 or not seen.page.blocks:
        return ()
    old = seen.old.page.blocks
    last = len(seen.page.blocks) - 1
    if last >= len(old):
        return ()
    same = sum(key(ours) == key(theirs) for ours, theirs in zip(seen.page.blocks[:last], old, strict=False))
    return old[last:] if same >= 0.9 * last else ()


def _lost_its_end(seen: Sight) -> bool:
    before = seen.previous.capture
    closing = b"</html>"
    return (
        before is not None
        and closing in before.body[-2000:].lower()
        and closing not in seen.capture.body.lower()
    )


def _shrank(seen: Sight) -> Iterator[Reason]:
    """Much is gone and nothing came in its place."""
    if seen.old is None or seen.ratio > 0.7 or seen.new.share_in(seen.old) < 0.8:
        return
    if seen.ratio < 0.5:
        yield Reason(
            "shrank", f"{seen.size} words are left of {len(seen.old.words)}; waiting to see this again"
        )
    elif _missing_tail(seen):
        yield Reason(
            "tail-missing", f"the text ends after {seen.ratio:.0%} of the last one; waiting to see this again"
        )


def _question(seen: Sight, reasons: list[Reason]) -> Iterator[Reason]:
    """After several equal captures, ask whether this is the document now."""
    times = seen.times_held() + 1
    if times >= ASK_AFTER and not NEVER_ASKED & {reason.code for reason in reasons}:
        command = f"tos-monitor accept {seen.document.id}"
        yield Reason(
            "accept?", f"the same text came {times} times; if it is the document now, run: {command}"
        )


Rule = Callable[[Sight], Iterator[Reason]]
OF_ITS_OWN: tuple[Rule, ...] = (
    _answer, _selectors, _wall, _login, _failed_parts, _nothing_said, _language, _moved,
)  # fmt: skip
AGAINST_THE_LAST: tuple[Rule, ...] = (_other_document, _cut_off)
NEVER_OVERRULED: tuple[Rule, ...] = (_selectors, _no_text)
TO_BE_SEEN_AGAIN: tuple[Rule, ...] = (_shrank,)
