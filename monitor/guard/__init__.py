"""Is this really the document? Reasons to keep a capture apart, or none.

Hard reasons hold however often the same text comes. Soft ones only ask to see it again: a text that
lost half its length may be a failure or a decision, and a failure rarely fails twice the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from monitor.guard.language import language_of, same_language
from monitor.guard.parts import emptied, failed_parts, loads
from monitor.guard.past import cut_off, has_its_end, joined, other_document, other_edition, shrank
from monitor.guard.sight import LEGAL, Rule, Sight
from monitor.guard.walls import LITTLE, wall
from monitor.model import Capture, Document, Page, Previous, Reason

SOFT = frozenset(("shrank", "tail-missing", "section-empty", "joined", "parted"))
# However often these come, they are not the document; nobody is asked whether they are.
NEVER_ASKED = frozenset(("http-error", "wrong-type", "challenge", "access-denied", "application-error"))
ASK_AFTER = 3  # equal doubtful captures, the present one among them

TEXT_TYPES = re.compile(
    r"text/(?:html|plain|markdown|x-markdown|xml)|application/(?:xhtml\+xml|pdf|xml|octet-stream)|$"
)
FEWEST = 8  # words of a web page that says anything
FEWEST_OF_A_STRANGER = 40  # words of a page of which nothing tells that it is a document
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
    hard = _reasons(seen, OF_ITS_OWN) or _reasons(seen, LEFT_TO_DOUBT)
    if hard:
        return (*hard, *_question(seen, hard))
    return () if seen.times_held(SOFT) else tuple(_reasons(seen, TO_BE_SEEN_AGAIN))


def asks_for_the_last_bytes(capture: Capture) -> bool:
    """Whether only the last version's bytes tell what is missing: the page has no end, or still loads."""
    return b"<html" in capture.body[:2000].lower() and (not has_its_end(capture) or loads(capture) > 0)


def _reasons(seen: Sight, rules: tuple[Rule, ...]) -> list[Reason]:
    return [reason for rule in rules for reason in rule(seen)]


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


def _login(seen: Sight) -> Iterator[Reason]:
    asked, came = (urlsplit(url).path for url in (seen.document.url, seen.capture.final_url))
    if not seen.says_little:
        return
    if seen.page.passwords and not seen.reads_like_terms:
        yield Reason("login", "the page asks for a password and says little else")
    elif LOGIN_PATH.search(came) and not LOGIN_PATH.search(asked):
        yield Reason("login", f"the address led to a log-in at {came}")


def _nothing_said(seen: Sight) -> Iterator[Reason]:
    """Empty pages, shells that scripts fill, stubs that lead elsewhere."""
    html = seen.page.media == "html"
    if not seen.size and seen.page.scripts:
        yield Reason("script-shell", f"no words beside {seen.page.scripts} scripts: the text comes by script")
    elif not seen.size:
        yield from _no_text(seen)
    elif seen.page.refresh and seen.says_little:
        yield Reason("redirect-stub", f"the page only leads on to {seen.page.refresh}")
    elif html and seen.page.scripts > 1 and seen.size < LITTLE and seen.is_little_of_the_last:
        yield Reason(
            "script-shell",
            f"{_words(seen.size)} beside {seen.page.scripts} scripts: the text comes by script",
        )
    elif html and seen.size < FEWEST and seen.is_little_of_the_last:
        yield Reason("too-short", f"the page holds only {_words(seen.size)}")
    elif seen.old and len(seen.old.words) > 4 * LITTLE and seen.ratio < 0.1:
        yield Reason("too-short", f"{seen.size} words are left of {len(seen.old.words)}")


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"


def _stranger(seen: Sight) -> Iterator[Reason]:
    """A short page of which neither the title nor the words are those of any document."""
    if seen.old is not None or seen.page.media != "html" or seen.size >= FEWEST_OF_A_STRANGER:
        return
    if not seen.new.is_named and not seen.new.has_deeds and seen.new.legal < LEGAL:
        yield Reason("too-short", f"the page holds only {seen.size} words, and they are not those of terms")


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


def _question(seen: Sight, reasons: list[Reason]) -> Iterator[Reason]:
    """After several equal captures, ask whether this is the document now."""
    times = seen.times_held() + 1
    if times >= ASK_AFTER and not NEVER_ASKED & {reason.code for reason in reasons}:
        command = f"tos-monitor accept {seen.document.id}"
        yield Reason(
            "accept?", f"the same text came {times} times; if it is the document now, run: {command}"
        )


OF_ITS_OWN: tuple[Rule, ...] = (
    _answer, _selectors, wall, _login, failed_parts, _nothing_said, _language, _moved,
)  # fmt: skip
LEFT_TO_DOUBT: tuple[Rule, ...] = (other_document, other_edition, cut_off, _stranger)
NEVER_OVERRULED: tuple[Rule, ...] = (_selectors, _no_text)
TO_BE_SEEN_AGAIN: tuple[Rule, ...] = (shrank, emptied, joined)
