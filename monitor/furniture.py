"""What pages say beside a document: buttons, counters, votes, paths, menus, languages, banners.

Most pages keep these in elements that reading drops; texts without markup, and pages whose markup tells
nothing, have them among the clauses. Lines of one kind are known by themselves, menus and lists of other
articles only by where they stand and what stands beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

LONGEST_LINE = 100  # characters


def _any_line(lines: str) -> re.Pattern[str]:
    patterns = (line.strip() for line in lines.splitlines() if line.strip())
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


# Controls that stand among the text of many pages; they are masked only when they are a whole block.
CONTROLS = frozenset(
    line.strip()
    for line in """
    select language; share; share this; share this page; print; print this page; download
    download pdf; copy; copy link; copied; link copied; back to top; top; skip to content
    skip to main content; table of contents; on this page; in this article; contents; expand all
    collapse all; show more; show less; read more; see more; loading; search; menu; close
    was this article helpful?; was this page helpful?; did this answer your question?; send feedback
    give feedback; inhaltsverzeichnis; teilen; drucken; nach oben; mehr anzeigen; partager; imprimer
    sommaire; haut de page; compartir; imprimir; 目录; 分享; 返回顶部; 打印; 选择语言; 目次; 共有
    copy page; copy as markdown; copy page as markdown; view as markdown; edit this page; open in chatgpt
    open in claude; edit on github; edit this page on github; suggest edits; report an issue; ask ai
    share this article; share article; save; bookmark; listen; follow us; subscribe; yes no; yesno; yes / no
    translate; change language; dark mode; toggle theme; open menu; close menu; toggle navigation
    """.replace("\n", ";").split(";")
    if line.strip()
)
COUNT = r"\d[\d,. ]{0,9}k?"
WHAT = r"(?:page|article|answer|information|content|section|document)"
VOTES = r"(?:views?|likes?|shares?|comments?|reactions?)"
# A whole block in its normal form.
LINES = _any_line(
    rf"""
    {COUNT} (?:(?:people|users|others|out of {COUNT}) )?found (?:this|it)(?: {WHAT})? (?:helpful|useful)
    (?:was|is) this (?:{WHAT} )?(?:helpful|useful)\?.{{0,20}}
    did (?:this|we) (?:answer your question|help)\?.{{0,20}}
    did you find (?:this|it|what you).{{0,30}}\?.{{0,20}}|how (?:helpful|useful) was this.{{0,20}}\?
    war dieser? (?:artikel|seite|beitrag) hilfreich\?.{{0,20}}
    cette? (?:page|article) vous a.{{0,20}}(?:aidé|utile) ?\?.{{0,20}}
    ¿(?:te|le) (?:fue|ha sido) útil.{{0,30}}\?.{{0,20}}
    (?:本文|此页|这篇文章).{{0,8}}(?:有帮助|有用)吗?\??.{{0,20}}
    (?:about |approx )?\d{{1,3}}[ -]?min(?:ute)?s?(?: of)? (?:read|reading|to read)(?: time)?
    (?:estimated )?read(?:ing)?[ -]time:? ?(?:about |~)?\d{{1,3}} ?min(?:ute)?s?
    (?:lesezeit|temps de lecture|tiempo de lectura|tempo d[ie] lettura) ?:? ?(?:ca )?\d{{1,3}} ?min\w{{0,8}}
    \d{{1,3}} ?min\w{{0,6}} (?:lesezeit|de lectur[ea]|di lettura|de leitura)
    (?:阅读|预计).{{0,6}}\d{{1,3}} ?分钟|{COUNT}次(?:阅读|浏览)
    {COUNT} {VOTES}(?: ?[·•|,] ?{COUNT} {VOTES})?
    (?:request|trace|ray|session|build|page|event|error|support|reference) (?:id|number|code):? ?\{{id\}}
    (?:you )?last visited(?: on)?[ :]{{0,2}}[\d:t/., -]{{0,30}}(?:am|pm|utc)?
    powered by \w{{1,20}}(?: \w{{1,20}})?
    skip to [\w ]{{1,24}}|(?:jump|go|back) to (?:the )?(?:top|main content|navigation|search|footer)
    search (?:the )?(?:articles?|docs|documentation|help center|site|for articles)?(?:\.\.\.|…)?
    (?:assistant|ai assistant|chat with (?:us|ai|support)|ask a question|ask (?:our )?ai)(?:\.\.\.|…)?
    (?:responses|answers) are generated (?:by|using|with) ai(?: and (?:may|can) .{{0,10}}(?:mistakes|errors))?
    hi(?: there)?!? how can (?:we|i) help(?: you)?(?: today)?\??
    \(?(?:view|see|read|browse)? ?(?:all |the )?(?:previous|past|prior|earlier|older|archived) versions?\)?
    (?:view|see|read) (?:the )?(?:previous|past|prior|earlier) (?:\w+ ){{0,2}}(?:terms|polic(?:y|ies))
    (?:enter|type) your (?:e-?mail|address|email address|question)(?:\.\.\.|…)?
    (?:subscribe to|sign up for|join) (?:our|the) (?:newsletter|mailing list)
    follow us on .{{1,40}}
    share (?:this (?:\w+ )?)?(?:on|via) (?:facebook|twitter|x|linkedin|whatsapp|reddit|e-?mail)
    (?:download|save|print)(?: this)?(?: page)?(?: as)? (?:a )?pdf
    (?:choose|select|change) (?:your )?(?:country|region|language)(?: or region)?(?:: ?[\w ]{{1,30}})?
    you are using an? (?:outdated|old|unsupported) browser.{{0,90}}
    (?:your|this) browser (?:is|does) not support.{{0,60}}|please (?:upgrade|update) your browser.{{0,60}}
    (?:please )?enable javascript.{{0,60}}|this (?:site|page) (?:works best with|requires) javascript.{{0,60}}
    written by [\w .'-]{{2,40}}
    """
)
CONSENT = r"(?:accept|agree|reject|decline|allow|deny|refuse|got it|manage|customi[sz]e)"
# The buttons of a consent banner, in one block or several.
CONSENT_CONTROLS = re.compile(
    rf"{CONSENT}(?: all| only)?(?: necessary| essential)?(?: cookies| preferences| settings| choices)?"
    rf"(?:[ /|,&]{{0,3}}{CONSENT}(?: all| only)?(?: necessary| essential)?(?: cookies| settings)?){{0,3}}"
    r"|(?:alle )?(?:akzeptieren|ablehnen|zustimmen)|(?:tout )?(?:accepter|refuser)"
    r"|(?:aceptar|rechazar)(?: todo)?"
    r"|(?:全部)?(?:接受|拒绝|同意)|cookie (?:settings|preferences)"
)
BANNER = re.compile(r"\bcookies?\b|\bcookie-|\btracking\b|\bconsent\b|小型文本|クッキー")
LONGEST_BANNER = 90  # words

LANGUAGES = frozenset(
    """
    english deutsch français español italiano português nederlands polski türkçe русский українська
    svenska dansk norsk
    suomi čeština magyar română ελληνικά 日本語 한국어 中文 简体中文 繁體中文 العربية עברית हिन्दी
    ไทย
    """.split()
)
CRUMBS = re.compile(r" ?[>›»→] ?| / ")
LONGEST_CRUMB = 5  # words


def is_furniture(words: str) -> bool:
    """Whether a whole block, in its normal form, is a control, a counter, a vote or a list of languages."""
    if words in CONTROLS:
        return True
    if len(words) > LONGEST_LINE:
        return False
    return LINES.fullmatch(words) is not None or _names_languages(words)


def _names_languages(words: str) -> bool:
    parts = [part for part in re.split(r"[\s|·•,/]+", words) if part]
    return len(parts) > 1 and all(part in LANGUAGES for part in parts)


# --- by where they stand -----------------------------------------------------------------------

# What the menus and the feet of sites name.
MENU = frozenset(
    part.strip()
    for part in """
    home; overview; about; about us; careers; jobs; press; newsroom; news; blog; status; contact; contact us
    products; product
    pricing; plans; docs; documentation; developers; support; help; help center; help centre; log in
    login; sign in
    sign up; register; privacy; privacy policy; terms; terms of service; terms of use; cookies
    cookie policy; legal
    security; trust; trust center; company; resources; solutions; enterprise; features; download; downloads
    investors; community; partners; customers; api; changelog; research; safety; twitter; x; linkedin
    facebook
    instagram; youtube; github; discord; tiktok; reddit; mastodon; get started; contact sales; book a demo
    demo
    faq; sitemap; accessibility; imprint; impressum; cookie settings; manage cookies; your privacy choices
    menu; search
    tutorials; guides; learn; academy; events; webinars; use cases; integrations; store; account; english
    all collections
    """.replace("\n", ";").split(";")
    if part.strip()
)
RELATED = _any_line(
    r"""
    (?:related|similar|popular|recommended|more|other) (?:articles?|posts?|reading|stories|guides|topics)
    (?:latest|recent) (?:articles?|posts?|stories|news)
    you (?:might|may) (?:also )?(?:like|be interested in)|recommended(?: for you)?|further reading
    read next|up next|what's next
    people also (?:viewed|asked|ask)|articles in this section|in this section|more (?:from|in|like) .{1,30}
    (?:verwandte|ähnliche) (?:artikel|beiträge|themen)|articles (?:connexes|similaires|associés)
    artículos relacionados|(?:das könnte|auch) (?:sie|dich|dir) (?:auch )?(?:interessieren|gefallen)
    (?:lesen sie auch|weitere themen|mehr zum thema|vous aimerez aussi|à lire aussi|te puede interesar)
    (?:quick|useful|popular|important) links|(?:trending|most read|editor's picks|explore(?: more)?)
    articoli correlati|artigos relacionados|相关(?:文章|阅读|推荐|内容)|推荐阅读|関連記事|관련 (?:글|문서)
    """
)
CALLS = _any_line(
    r"""
    stay (?:up to date|in the loop|informed|in touch)|ready to get started\??
    get started(?: today| for free| now)?|try .{1,20} for free
    (?:need|still need|want) (?:more )?help\?|still have questions\??
    can't find what you're looking for\??|have (?:more )?questions\?
    subscribe(?: to .{1,30})?|follow us(?: on .{1,30})?|connect with us|share this(?: \w+)?
    download (?:the|our) app
    """
)
FEWEST_LABELS = 3
LONGEST_LABEL = 4  # words
# How many words the entries under such lines have, and how many of them there are.
ENTRIES = ((RELATED, 12, 12), (CALLS, 6, 4))
NEAR_TOP = 4  # blocks above which a path of the site stands
STOPS = (".", "!", ":", ";", ",", "。", "：", "；")
LONGEST_TRAIL = 6  # words
LONGEST_NEWS = 16  # words
NEWS = re.compile(r"(?:(?:learn|read|find out|see) more|see what's new|try it(?: now)?|register(?: now)?|→)$")
OF_TERMS = re.compile(
    r"\b(?:terms?|privacy|polic(?:y|ies)|agreement|data|train\w*|legal|updat\w+|chang\w+|notice|cookies?|rights?)\b"
)
COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright(?: ©| \(c\))?) ?[\w ,.&'()-]{0,80}(?:all rights reserved)?.{0,40}"
)


@dataclass(frozen=True)
class Lines:
    """The blocks of a version: in their normal form, as written, and where the first heading stands."""

    words: Sequence[str]
    texts: Sequence[str]
    top: int

    def opens(self, at: int) -> bool:
        """Whether nothing is said before a block."""
        return not any(self.words[:at])

    def ends(self, at: int) -> bool:
        """Whether nothing but a copyright line follows a block."""
        return all(not said or COPYRIGHT.fullmatch(said) for said in self.words[at + 1 :])

    def ends_sentence(self, at: int) -> bool:
        return self.texts[at].rstrip().endswith(STOPS)

    def goes_on(self, start: int, stop: int) -> bool:
        """Whether a stretch of labels belongs to a list that was there, or follows a colon."""
        before, after = start - 1, stop + 1
        if before >= 0 and (self.is_label(before) or self.texts[before].rstrip().endswith((":", "："))):
            return True
        return after < len(self.words) and self.is_label(after)

    def is_label(self, at: int) -> bool:
        """Whether a block is a few words without a number and without an end."""
        said = self.words[at]
        short = 0 < len(said.split()) <= LONGEST_LABEL and not any(map(str.isdigit, said))
        return short and not self.ends_sentence(at) and not said.endswith("?")

    def is_entry(self, at: int, longest: int) -> bool:
        """Whether a block is short and no sentence: the title of something."""
        return len(self.words[at].split()) <= longest and not self.ends_sentence(at)


def furniture_among(lines: Lines, changed: Iterable[int]) -> set[int]:
    """The positions of changed blocks that are no clauses, by where they stand and what is beside them."""
    found: set[int] = set()
    for run in _runs(sorted(changed), lines.words):
        for kind in (_menu, _other_articles, _banner, _votes, _trail, _alone):
            found |= kind(lines, run)
    return found


def _runs(changed: list[int], words: Sequence[str]) -> list[list[int]]:
    """Changed blocks that stand together; blocks without words between them do not part them."""
    runs: list[list[int]] = []
    for at in changed:
        joins = runs and not any(words[runs[-1][-1] + 1 : at])
        runs[-1].append(at) if joins else runs.append([at])
    return runs


def _menu(lines: Lines, run: list[int]) -> set[int]:
    """Labels above the title, or those of a site's menu at either end of the page."""
    labels = [at for at in run if lines.is_label(at)]
    above = [at for at in labels if at < lines.top]
    if len(above) >= FEWEST_LABELS and lines.opens(labels[0]):
        return set(above)
    for side in (_leading(run, labels), _trailing(lines, run, labels)):
        if len(side) < FEWEST_LABELS or not (lines.opens(side[0]) or lines.ends(side[-1])):
            continue
        named = sum(lines.words[at] in MENU or lines.words[at] in LANGUAGES for at in side)
        if named * 2 >= len(side) and not lines.goes_on(side[0], side[-1]):
            return set(side)
    return set()


def _leading(run: list[int], labels: list[int]) -> list[int]:
    size = next((n for n, at in enumerate(run) if at not in labels), len(run))
    return run[:size]


def _trailing(lines: Lines, run: list[int], labels: list[int]) -> list[int]:
    """The labels with which a run ends, a copyright line after them left aside."""
    kept = [at for at in run if not COPYRIGHT.fullmatch(lines.words[at])]
    size = next((n for n, at in enumerate(reversed(kept)) if at not in labels), len(kept))
    return kept[len(kept) - size :]


def _alone(lines: Lines, run: list[int]) -> set[int]:
    """Lines that are known by themselves near an end of the page: paths, news, menus in a line, copyright."""
    found = {at for at in run if at <= NEAR_TOP and _is_path(lines.texts[at])}
    for at in run:
        words = lines.words[at]
        if at < lines.top and (_announces(words) or words in MENU or _is_line_of_labels(words)):
            found.add(at)
        edge = at <= NEAR_TOP or at < lines.top or len(lines.words) - at <= NEAR_TOP
        if (
            edge
            and _is_bar(lines.texts[at])
            and not (at and lines.texts[at - 1].rstrip().endswith((":", "：")))
        ):
            found.add(at)
        if len(lines.words) - at <= NEAR_TOP and (COPYRIGHT.fullmatch(words) or _is_line_of_labels(words)):
            found.add(at)
    return found


def _is_line_of_labels(words: str) -> bool:
    """Whether a line is made of menu words alone: "products pricing docs blog"."""
    parts = [part for part in re.split(r"\s*[|·•]\s*|\s+", words) if part]
    return len(parts) >= FEWEST_LABELS and sum(part in MENU for part in parts) * 5 >= 3 * len(parts)


FEWEST_IN_A_BAR = 4
_BAR = re.compile(r" [|·•] ")


def _is_bar(text: str) -> bool:
    """Whether a line is a bar of links to other pages: "Start | Podcasts | Newsletter | Log in"."""
    said, colon, rest = text.strip().partition(": ")
    if colon and RELATED.fullmatch(said.casefold()):
        return bool(rest) and not rest.endswith(STOPS)
    parts = _BAR.split(text.strip())
    if len(parts) < FEWEST_IN_A_BAR or any(sign.isdigit() or sign == ":" for sign in text):
        return False
    return all(0 < len(part.split()) <= LONGEST_LABEL and part[:1].isupper() for part in parts)


def _is_path(text: str) -> bool:
    """Whether a line is the path to a page: "Home > Legal > Privacy Policy"."""
    parts = CRUMBS.split(text.strip())
    return len(parts) > 1 and all(0 < len(part.split()) <= LONGEST_CRUMB for part in parts)


def _votes(lines: Lines, run: list[int]) -> set[int]:
    """The answers under a masked question whether the page helped; elsewhere they answer what was asked."""
    words = lines.words
    pairs = ((one, other) for one, other in pairwise(run) if (words[one], words[other]) == ("yes", "no"))
    return {at for pair in pairs if pair[0] and not words[pair[0] - 1] for at in pair}


def _trail(lines: Lines, run: list[int]) -> set[int]:
    """Labels that end a page below a masked line, as a vote or a button."""
    start = next((at for at in run if at and not lines.words[at - 1]), None)
    if start is None or not lines.ends(run[-1]):
        return set()
    rest = {at for at in run if at >= start}
    if not all(lines.is_entry(at, LONGEST_TRAIL) for at in rest):
        return set()
    above = [at for at in run if at < start]
    labels = _trailing(lines, above, [at for at in above if lines.is_label(at)])
    named = sum(lines.words[at] in MENU for at in labels)
    return rest | set(labels) if len(rest) >= FEWEST_LABELS and named * 2 >= len(labels) else rest


def _announces(words: str) -> bool:
    """Whether a line above the title only leads to news, and to none about the document."""
    return len(words.split()) <= LONGEST_NEWS and bool(NEWS.search(words)) and not OF_TERMS.search(words)


def _other_articles(lines: Lines, run: list[int]) -> set[int]:
    """Titles of other articles, or calls to subscribe, under a line that says so."""
    for n, at in enumerate(run):
        for says_so, longest, most in ENTRIES:
            if says_so.fullmatch(lines.words[at]):
                entries = run[n + 1 : n + 1 + most]
                size = (m for m, entry in enumerate(entries) if not lines.is_entry(entry, longest))
                return {at, *entries[: next(size, len(entries))]}
    return set()


def _banner(lines: Lines, run: list[int]) -> set[int]:
    """What a consent banner says, beside its buttons."""
    buttons = {at for at in run if CONSENT_CONTROLS.fullmatch(lines.words[at])}
    whole = {at for at in run if _is_whole_banner(lines.words[at])}
    if not buttons:
        return whole
    near = range(min(buttons) - 3, max(buttons) + 3)
    said = {at for at in run if at in near and BANNER.search(lines.words[at])}
    short = {at for at in said if len(lines.words[at].split()) <= LONGEST_BANNER}
    return buttons | short | whole if said else whole


_BUTTONS_AT_ITS_END = re.compile(
    rf"(?:\b{CONSENT}(?: all| only)?(?: necessary| essential)?(?: cookies| settings)?[ /|,&.·]{{1,4}}){{1,3}}"
    r"(?:(?:manage|more|customi[sz]e|cookie|your) (?:choices|options|preferences|settings)|settings"
    rf"|preferences|{CONSENT}(?: all| only)?(?: necessary| essential)?(?: cookies)?)[.]?$"
)


def _is_whole_banner(words: str) -> bool:
    """Whether one block is a consent banner with its buttons."""
    speaks = BANNER.search(words) or "partners" in words or "privacy" in words
    return bool(speaks and len(words.split()) <= LONGEST_BANNER and _BUTTONS_AT_ITS_END.search(words))
