"""Which links of a page lead to other legal documents, and of which type each is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from monitor.links.addresses import host, identity, path_words, tidy
from monitor.links.words import EDITION, FORMER, OTHER, TOOLS, TYPES
from monitor.model import Link, Page, Watchlist

RULES = "1"
"""To be counted up when other links than before are taken for legal documents: that is no news of a page."""

LONGEST_LABEL = 90  # letters; a longer text is a teaser, and its words are about something else
FILES = frozenset(
    ("", "htm", "html", "xhtml", "php", "asp", "aspx", "jsp", "pdf", "md", "mdx", "txt", "doc", "docx")
)
# Folders whose pages are legal documents whatever they are called.
FOLDER = re.compile(r"legal|polic(?:y|ies)|(?:\w+ )?(?:policies|terms|agreements)|tos|terms and policies")
# Folders of articles about such matters.
STORIES = re.compile(
    r"(?:blogs?|news(?:room)?|posts?|press(?: releases?)?|stor(?:y|ies)|tags?|categor(?:y|ies)|authors?"
    r"|events?|webinars?|podcasts?|videos?|learn|academy|customers|case studies|glossary|forum|community"
    r"|questions|wiki|search|share(?:r)?|intent|archives?|history|deprecated|contact|blob|edit|commits?|raw)"
)
ENTRANCES = re.compile(r"log ?in|sign ?(?:in|up|out)|auth\w*|oauth\d?|register|sso|account login|sessions?")
# Where everyone writes: only a path that is a legal document's counts there, not what a link is called.
SOCIAL = re.compile(
    r"(?:^|\.)(?:facebook|instagram|linkedin|twitter|tiktok|youtube|reddit|discord|threads|pinterest|medium|weibo|xiaohongshu"
    r"|bilibili|zhihu|t|x|youtu|mastodon)\.(?:com|gg|net|me|co|be|social|cn|tv)$"
)
# Authorities, and places where people object to advertising: what they say is no provider's term.
AUTHORITIES = re.compile(
    r"(?:^|\.)(?:gov|mil|edu|europa)(?:\.[a-z]{2,3})?$|\.go\.[a-z]{2}$|(?:^|\.)(?:aboutads|networkadvertising|youronlinechoices"
    r"|allaboutcookies|wikipedia|optout|adr|creativecommons|apache|gnu|archive|ico)\.\w{2,5}(?:\.\w{2})?$"
)


@dataclass(frozen=True)
class LegalLink:
    """A link to a legal document: what it is called on the page, where it leads, and its likely type."""

    text: str
    url: str
    type: str


def legal_links(page: Page, url: str) -> tuple[LegalLink, ...]:
    """The legal documents that a page at this address links to, each once, in the page's order."""
    found: dict[str, LegalLink] = {}
    own = {identity(url), ""}
    for link in (*page.links, *page.elsewhere):
        named = identity(link.url)
        if named in own or not (type := type_of(link)):
            continue
        better = LegalLink(link.text, tidy(link.url), type)
        if named not in found or _says_more(better, found[named]):
            found[named] = better
    return tuple(found.values())


def with_legal_only(page: Page, url: str) -> Page:
    """The page as it is kept: of the links beside its main text only those to legal documents."""
    kept = {identity(link.url) for link in legal_links(page, url)}
    return replace(page, elsewhere=tuple(link for link in page.elsewhere if identity(link.url) in kept))


@lru_cache(maxsize=16384)  # the same menus stand on every page of a site, and on each fetch of it
def type_of(link: Link) -> str:
    """The likely type of the document that a link leads to, "" where it is no legal document."""
    segments, ending = path_words(link.url)
    if not tidy(link.url) or ending not in FILES or _is_beside(link, segments):
        return ""
    label = _label(link.text)
    where = next((name for segment in reversed(segments[-2:]) if (name := _named(segment))), "")
    if not where and len(segments) > 1 and any(FOLDER.fullmatch(segment) for segment in segments[-3:-1]):
        where = OTHER
    if SOCIAL.search(host(link.url)):
        return where
    said = _named(label)
    # What a page calls a document tells it better than its address, unless it calls it nothing in particular.
    return where if said in ("", OTHER) and where else said


def _is_beside(link: Link, segments: tuple[str, ...]) -> bool:
    """Whether a link leads to an article, a form, an entrance, an authority or an old edition."""
    if AUTHORITIES.search(host(link.url)):
        return True
    if any(STORIES.fullmatch(segment) or ENTRANCES.fullmatch(segment) for segment in segments):
        return True
    last = segments[-1] if segments else ""
    text = " ".join(link.text.lower().split())
    if TOOLS.search(last) or FORMER.search(last) or FORMER.search(text) or EDITION.fullmatch(text):
        return True
    return bool(TOOLS.search(text)) and not _named(last)


def _named(words: str) -> str:
    return next((name for name, pattern in TYPES if pattern.search(words)), "") if words else ""


def is_named(words: str) -> bool:
    """Whether these words, in small letters, name a legal document."""
    return bool(_named(words))


def _label(text: str) -> str:
    """A link's text as words in small letters; "" for one too long to be a name."""
    text = " ".join(text.lower().split())
    if len(text) > LONGEST_LABEL:
        return ""
    return re.sub(r"^\W+|[\s.,:;!?»›→↗“”\"'’)\]]+$", "", re.sub(r"[-_/]+", " ", text))


def _says_more(new: LegalLink, old: LegalLink) -> bool:
    """Whether a second link to the same document names it, where the first only points at it."""
    return not _named(_label(old.text)) and bool(_named(_label(new.text)))


def watched(url: str, watchlist: Watchlist) -> str:
    """The id of the document on the watchlist that is at this address, or ""."""
    return next(iter(watched_all((url,), watchlist).values()), "")


def watched_all(urls: Iterable[str], watchlist: Watchlist) -> dict[str, str]:
    """Of these addresses those that are watched, with the ids of their documents."""
    known: dict[str, str] = {}
    for document in watchlist.documents.values():
        known.setdefault(identity(document.url), document.id)
    return {url: known[identity(url)] for url in urls if identity(url) in known}
