"""Pages that are served in place of a document: challenges, errors, log-ins, consent, maintenance.

Terms speak of all these things too, so a phrase counts only as a whole title or heading, or on a
page that says little else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from monitor.guard.likeness import WORD
from monitor.guard.phrases import PHRASES, SIGNATURES
from monitor.guard.sight import Sight
from monitor.guard.titles import AMBIGUOUS, TITLES
from monitor.model import BlockKind, Reason

LITTLE = 60  # words; less than this beside scripts is a shell that they fill
MARKUP_LOOKED_AT = 300_000  # bytes
LONGEST_TITLE = 200  # characters
LARGEST_DATA = 20_000  # bytes of an error that a server tells in JSON or XML
SPEAKS_SHORTLY = 14  # words of a block that says what a page is, where the page reads like terms
# In the bytes of a page that shows little text.
MARKUP_OF_CHALLENGES = (
    b"_cf_chl_opt",
    b"/cdn-cgi/challenge-platform",
    b"challenges.cloudflare.com",
    b"cf-turnstile",
    b"captcha-delivery.com",
    b"px-captcha",
    b"_Incapsula_Resource",
    b"awsWafCookieDomainList",
    b"AwsWafIntegration",
    b"sucuri_cloudproxy_js",
    b"KP_UIDz",
    b"/_sec/cp_challenge/",
    b"sec-if-cpt-container",
    b"hcaptcha.com",
    b'class="g-recaptcha"',
    b"arkoselabs.com",
    b"geetest",
    b"/.well-known/vercel/security",
    b"aliyun_waf",
)
SEPARATOR = re.compile(r"\s+[|–—·•»:/-]+\s+|\s*[|｜_]\s*")
XML_ERROR = re.compile(rb"\s*(?:<\?xml[^>]{0,100}\?>\s*)?<Error>\s*<Code>(\w{1,60})</Code>")
# What a first heading of a page of any length may say, unless the page names itself a document.
WHATEVER_FOLLOWS = frozenset(("challenge", "access-denied", "not-found", "application-error"))

# "Cookie settings" and "Welcome" may head a document, too: then the rest must read like a wall.
OF_TERMS_TOO = frozenset(("consent", "login", "age-gate"))

Found = tuple[str, str]
"""A code and what it was told by, in words; ("", "") for nothing."""
NOTHING: Found = ("", "")


def wall(seen: Sight) -> Iterator[Reason]:
    """A challenge, an error, a log-in or a consent page in place of the document."""
    for told in (_header, _data, _title, _heading, _markup, _phrase, _signature):
        code, detail = told(seen)
        if code:
            yield Reason(code, detail)
            return


def wall_title(title: str) -> str:
    """The kind of wall that a title or heading names as a whole, or as a whole part between bars; else ""."""
    if len(title) > LONGEST_TITLE:
        return ""
    parts = [title.strip(), *(part.strip() for part in SEPARATOR.split(title))]
    for code, pattern in TITLES.items():
        if any(pattern.fullmatch(part) for part in parts if part):
            return code
    return ""


def wall_phrase(text: str, phrases: dict[str, re.Pattern[str]] = PHRASES) -> tuple[str, str]:
    """The kind of wall that a short text speaks of, with the words that tell; else ("", "")."""
    for code, pattern in phrases.items():
        if found := pattern.search(text):
            return code, found[0]
    return NOTHING


def _header(seen: Sight) -> Found:
    if "challenge" in seen.capture.header("cf-mitigated"):
        return "challenge", "the server marks its answer as a challenge"
    return NOTHING


def _data(seen: Sight) -> Found:
    """An error that the server tells to a program: JSON, or the XML of a file store."""
    body = seen.capture.body
    if len(body) > LARGEST_DATA:
        return NOTHING
    if found := XML_ERROR.match(body):
        name = found[1].decode()
        return _kind_of_error(name), f"the server sent an error as XML: {name}"
    if body.strip()[:1] not in (b"{", b"["):
        return NOTHING
    try:
        json.loads(body)
    except ValueError:
        return NOTHING
    return _kind_of_error(seen.new.text), f"the server sent JSON, not a document: {seen.new.text[:100]!r}"


def _kind_of_error(told: str) -> str:
    if re.search(r"nosuch|not.?found|\b404\b", told, re.IGNORECASE):
        return "not-found"
    if re.search(r"denied|forbidden|unauthori|\b40[13]\b", told, re.IGNORECASE):
        return "access-denied"
    return "application-error"


def _title(seen: Sight) -> Found:
    """What the title names, if the last version had another."""
    version = seen.previous.version
    title = seen.page.title
    if version is not None and version.page.title == title:
        return NOTHING
    return _named(seen, title, "titled")


def _heading(seen: Sight) -> Found:
    """What one of the first two blocks of a page says that says little else, or its first heading."""
    for block in seen.page.blocks[:2]:
        if not seen.is_news(block.text):
            continue
        found = _named(seen, block.text, "headed")
        is_heading = block.kind is BlockKind.HEADING and not seen.new.kinds and seen.kept < 0.1
        if seen.says_little or (is_heading and found[0] in WHATEVER_FOLLOWS):
            return found
    return NOTHING


def _named(seen: Sight, name: str, how: str) -> Found:
    """What a title names; where titles alike stand on several kinds of page, the words below decide."""
    code = wall_title(name)
    if code in OF_TERMS_TOO and seen.reads_like_terms and _phrase(seen)[0] != code:
        return NOTHING
    if code and seen.says_little and AMBIGUOUS.search(name):
        code = _phrase(seen)[0] or code
    return (code, f"the page is {how} {name[:100]!r}") if code else NOTHING


def _markup(seen: Sight) -> Found:
    if seen.size >= LITTLE or not seen.is_little_of_the_last:
        return NOTHING
    start = seen.capture.body[:MARKUP_LOOKED_AT]
    sign = next((sign for sign in MARKUP_OF_CHALLENGES if sign in start), b"")
    if not sign:
        return NOTHING
    return "challenge", f"the page carries the script of a bot check ({sign.decode()}) and hardly any text"


def _phrase(seen: Sight) -> Found:
    if not seen.says_little or seen.page.refresh:
        return NOTHING
    code, phrase = wall_phrase(_said(seen))
    return (code, f"the page says {phrase!r} and little else") if code and seen.is_news(phrase) else NOTHING


def _signature(seen: Sight) -> Found:
    """The small print of such pages, on a page that says nothing of terms."""
    if not seen.says_little or seen.size >= 2 * LITTLE or seen.new.kinds:
        return NOTHING
    code, phrase = wall_phrase(_said(seen), SIGNATURES)
    return (code, f"the page says {phrase!r} and little else") if code and seen.is_news(phrase) else NOTHING


def _said(seen: Sight) -> str:
    """The text that may say what a page is: all of it, but of a page that reads like terms no clauses.

    Around a very short text it is also what stands beside, where walls often put their message.
    """
    blocks = (block.text for block in seen.page.blocks)
    if seen.reads_like_terms:
        blocks = (text for text in blocks if len(WORD.findall(text)) <= SPEAKS_SHORTLY)
    beside = seen.page.all_text[:3000] if seen.size < LITTLE and not seen.reads_like_terms else ""
    return "\n".join((seen.page.title, *blocks, beside))
