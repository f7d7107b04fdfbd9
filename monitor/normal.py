"""The one normal form in which texts are compared: visible words decide."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from itertools import zip_longest

from monitor.dates import dates, iso_form, without_running_time
from monitor.furniture import is_furniture
from monitor.model import Block, Blocks

AGO = "{ago}"
ID = "{id}"
PROTECTED = "[email protected]"

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"

PASSES = 8  # one removal can bring another to the edge; two passes settle nearly every text

# --- characters --------------------------------------------------------------------------------

# Zero-width characters, direction marks, the soft hyphen, the byte order mark, variation selectors, fillers.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0100-\U000e01ef]"
)
QUOTES = re.compile("[\"`´\u201c-\u201f\u2033\u2036«»‹›「」『』〝〞＂]|''+")
APOSTROPHES = re.compile("[\u2018-\u201b\u02bc\u02b9\u2032\uff07]")
EDGE_APOSTROPHE = re.compile(r"(?<!\w)'|'(?!\w)")
DASHES = re.compile("[-\u2010-\u2015\u2212\u2043\ufe58\ufe63\uff0d]+")
# NFKC would make "30²" of a footnote or a square the number 302.
SUPERSCRIPT = re.compile("[²³¹⁰-⁹]+")
SPACE_BEFORE = re.compile(r"\s+(?=[,.;:!?)\]}%/、。，；：！？）】》])")
SPACE_AFTER = re.compile(r"(?<=[(\[{/（【《])\s+")
SPACE_AT_CJK = re.compile(rf"(?<=[{CJK}])\s+|\s+(?=[{CJK}])")
LEADING_GLYPH = re.compile(r"^(?:[•‣◦▪▫●○■□·∙⁃➤►▶✓✔☐*+>\-]\s*)+(?=\S)")
# Stops, signs at a heading that only link to it, and arrows at links.
EDGES = " .,;:。；：，、¶#§↗↩⇱→›»▾▼▲⌄+🔗"

# --- remarks and noise -------------------------------------------------------------------------

NEW_WINDOW = re.compile(
    r"\s*[(\[（]\s*(?:(?:link|external\s+link|this\s+link)?,?\s*(?:will\s+)?opens?\s+(?:in\s+|an?\s+)*"
    r"(?:new|external|another|separate)\s+(?:browser\s+)?(?:window|tab|site|website)(?:\s+or\s+tab)?"
    r"|external\s+(?:link|site)|new\s+(?:window|tab)"
    r"|(?:wird\s+in\s+|öffnet\s+(?:sich\s+)?(?:in\s+)?)(?:einem?\s+)?neue[nms]?\s+(?:fenster|tab)(?:\s+geöffnet)?"
    r"|(?:s')?ouvre\s+(?:dans\s+)?(?:une?\s+)?(?:nouvelle?|nouvel)\s+(?:fenêtre|onglet)|nouvelle\s+fenêtre|nouvel\s+onglet"
    r"|se\s+abre\s+en\s+una\s+(?:nueva\s+(?:ventana|pestaña)|(?:ventana|pestaña)\s+nueva)|abre\s+em\s+(?:uma\s+)?nova\s+(?:janela|guia|aba)"
    r"|si\s+apre\s+in\s+una\s+nuova\s+(?:finestra|scheda)"
    r"|(?:在|于|於)?\s*新(?:的)?(?:窗口|視窗|标签页|分頁|选项卡)(?:中|內)?(?:打开|開啟|打開)?"
    r"|新しい(?:ウィンドウ|タブ)で開(?:く|きます)|새\s*창에서\s*열(?:기|림|립니다)?)\s*[)\]）]",
)
REMARK_CUE = re.compile(
    r"[(\[（][^()\[\]（）]{0,40}"
    "(?:window|tab|site|link|fenster|fen|ongl|ventana|pesta|janela|guia|aba|finestra|scheda|新|창)"
)
UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
HEX = r"(?=[a-f]{0,39}\d)(?=\d{0,39}[a-f])[0-9a-f]{16,128}"
RANDOM_ID = re.compile(rf"(?<![\w-])(?:{UUID}|{HEX})(?![\w-])")
MAY_BE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{16}")
EMAIL = re.compile(r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}\b", re.IGNORECASE)
# What is left of a link whose Markdown was broken by the page.
BROKEN_LINK = re.compile(r"\\?\]\((?:mailto:|https?://|/)[^\s()]{0,500}\)")
# Addresses spelled out for people, as in privacy [at] example [dot] com.
SPELLED_EMAIL = re.compile(
    r"([\w.+-]{1,64})\s?[\[({]\s?at\s?[\])}]\s?([\w-]{1,63}(?:(?:\.|\s?[\[({]\s?(?:dot|punkt|punto|point)\s?[\])}]\s?)[\w-]{1,63}){1,6})"
)
DOT = re.compile(r"\s?[\[({]\s?(?:dot|punkt|punto|point)\s?[\])}]\s?")
PROTECTED_EMAIL = re.compile(r"\[email\s?protected\]")


@lru_cache(maxsize=32768)  # each block is asked for at least twice in a comparison
def normal(text: str) -> str:
    """The form of a text in which two that read alike are equal; it is its own normal form.

    Case is folded: headings and notices change between capitals and small letters without another
    meaning, and a term that becomes a defined one does so by a definition, which has words of its own.
    Double quotes, and stops at the end, are marks of typography and are left out; commas, brackets
    and stops within the text stay.
    """
    for _ in range(PASSES):
        folded = _without_edges(_fold(text))
        text = _without_noise(folded)
        if text == folded:
            break
    return "" if is_furniture(text) or text == AGO else text


def normal_character(sign: str) -> str:
    """The form of a single word or sign: its case and typography folded, quotes kept."""
    return DASHES.sub("-", QUOTES.sub('"', _fold(sign))) or sign


def _fold(text: str) -> str:
    if text.isascii():
        return text.casefold()
    text = INVISIBLE.sub("", text)
    text = SUPERSCRIPT.sub(lambda match: "^" + unicodedata.normalize("NFKC", match[0]), text)
    for _ in range(PASSES):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if folded == text:
            break
        text = folded
    return SPACE_AT_CJK.sub("", APOSTROPHES.sub("'", text))


def _without_edges(text: str) -> str:
    return LEADING_GLYPH.sub("", text.strip()).rstrip(EDGES)


def _without_noise(text: str) -> str:
    text = QUOTES.sub("", text)
    text = NEW_WINDOW.sub("", text) if REMARK_CUE.search(text) else text
    text = EDGE_APOSTROPHE.sub("", text) if "'" in text else text
    text = _without_counted(text) if DIGIT.search(text) else text
    text = without_running_time(text, AGO)
    text = PROTECTED_EMAIL.sub(PROTECTED, text) if "[email" in text else text
    text = SPELLED_EMAIL.sub(_as_address, text) if "at" in text else text
    text = BROKEN_LINK.sub("", text) if "](" in text else text
    text = DASHES.sub("-", text)
    return SPACE_AFTER.sub("", SPACE_BEFORE.sub("", " ".join(text.split())))


def _as_address(spelled: re.Match[str]) -> str:
    return f"{spelled[1]}@{DOT.sub('.', spelled[2])}"


def _without_counted(text: str) -> str:
    text = _with_iso_dates(text)
    return RANDOM_ID.sub(ID, text) if MAY_BE_ID.search(text) else text


def _with_iso_dates(text: str) -> str:
    parts = []
    end = 0
    for start, stop, day in dates(text):
        # "UpdatedMay 1, 2025": the words ran together where the page has a line break.
        glued = text[start - 1 : start].isascii() and text[start - 1 : start].isalpha()
        parts += [text[end:start], " " if glued else "", iso_form(text[start:stop], day)]
        end = stop
    return "".join(parts) + text[end:] if parts else text


DIGIT = re.compile(r"\d")
# A sign between digits is part of the number ("3.5", "1,000", "12:30"); control characters keep its place.
IN_NUMBER = re.compile(r"(?<=\d)[.,:/](?=\d)")
KEPT = {".": "\x01", ",": "\x02", ":": "\x03", "/": "\x04"}
ASCII_SIGNS = str.maketrans(dict.fromkeys('.,:;!?()[]{}*_|\\/~-"`', " ") | {"'": None})
OTHER_SIGNS = re.compile(r"[^\w\x00-\x7f€£¥₹°‰©®™]+")
# Spellings of the British and the American edition of a page.
BRITISH_IS = re.compile(r"is(?=(?:e|es|ed|ing|er|ers|ation|ations)\b)")
BRITISH = {
    "behaviour": "behavior",
    "neighbour": "neighbor",
    "endeavour": "endeavor",
    "favour": "favor",
    "honour": "honor",
    "labour": "labor",
    "colour": "color",
    "centre": "center",
    "licence": "license",
    "defence": "defense",
    "offence": "offense",
    "programme": "program",
    "fulfil ": "fulfill ",
    "cancelled": "canceled",
    "labelled": "labeled",
    "modelling": "modeling",
    "judgement": "judgment",
    "acknowledgement": "acknowledgment",
    "analyse": "analyze",
    "analysing": "analyzing",
    "cancelling": "canceling",
    "labelling": "labeling",
    "travelling": "traveling",
    "fulfilment": "fulfillment",
    "instalment": "installment",
    "enrolment": "enrollment",
    "catalogue": "catalog",
}


@lru_cache(maxsize=32768)
def bare(words: str) -> str:
    """A normal form less punctuation and the spelling of a country: equal for the same words."""
    for british, american in BRITISH.items():
        words = words.replace(british, american)
    words = BRITISH_IS.sub("iz", words)
    words = IN_NUMBER.sub(lambda match: KEPT[match[0]], words) if DIGIT.search(words) else words
    words = words.translate(ASCII_SIGNS)
    words = words if words.isascii() else SPACE_AT_CJK.sub("", OTHER_SIGNS.sub(" ", words))
    return " ".join(words.split())


def key(block: Block) -> str:
    """What a block is compared by: its bare words; kind, level, section and drawn markers are layout."""
    return _key(block.text)


@lru_cache(maxsize=32768)  # a judgement asks thousands of times, mostly of the same blocks
def _key(text: str) -> str:
    return bare(normal(text))


def fingerprint(blocks: Blocks) -> str:
    """SHA-256 over the bare words in order, in hexadecimal; where paragraphs break is no matter."""
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(key(block).encode() + b" ")
    return digest.hexdigest()


def with_masked_addresses(words: str) -> str:
    """A normal form with every e-mail address as one that is hidden from robots."""
    return EMAIL.sub(PROTECTED, words)


# --- numbering ---------------------------------------------------------------------------------

NUMBERING = re.compile(
    r"^(?:(?:section|article|clause|part|annex|schedule|appendix|chapter|artikel|abschnitt|ziffer|artículo|sección|artigo)\s+"
    r"(?:\d{1,3}(?:\.\d{1,3}){0,5}|[ivxlc]{1,6}|[a-z])\s*[.:)\-]\s*"
    r"|§{1,2}\s?\d{1,3}(?:\.\d{1,3}){0,5}\s*"
    r"|第\s?[0-9一二三四五六七八九十百零〇]{1,6}\s?[条條章节節款项項部分]{1,2}[、:：.\s]*"
    r"|[一二三四五六七八九十]{1,3}[、.．]\s*"
    r"|[(（](?:\d{1,3}|[a-z]{1,2}|[ivxlc]{1,6}|[一二三四五六七八九十]{1,3})[)）]\s*"
    r"|(?:\d{1,3}|[a-z]|[ivxlc]{1,6})\)\s*"
    r"|(?:\d{1,3}|[a-z]|[ivxlc]{1,6})\.(?=\s)\s*"
    r"|\d{1,3}(?:\.\d{1,3}){1,5}\.?(?=\s)\s*"
    r"|\d{1,3}[、.](?=[^\d\s])\s*)"
)


NUMBER_EDGES = "()（） .:、-"


def without_number(words: str) -> str:
    """A normal form less its clause number ("3.2", "(b)", "IV.", "第三条"), unless nothing else is there."""
    return NUMBERING.sub("", words, count=1) or words


def number(words: str) -> str:
    """The clause number that a normal form begins with, bare of its dots and brackets, or ""."""
    match = NUMBERING.match(words)
    return match[0].strip(NUMBER_EDGES) if match else ""


# --- effective date ----------------------------------------------------------------------------

EFFECTIVE = re.compile(
    r"(?:effective|in\s+effect|into\s+effect|takes?\s+effect|in\s+force|entry\s+into\s+force"
    r"|en\s+vigueur|prise?\s+d['’]effet|gültig\s+(?:ab|seit|vom)|in\s?kraft|inkrafttreten|wirksam\s+(?:ab|zum|seit)"
    r"|en\s+vigor|vigente|entrada\s+en\s+vigor|vigência|decorrenza|生效|施行|実施|発効|시행)",
    re.IGNORECASE,
)
CUES = (
    *("effect", "force", "vigueur", "effet", "gültig", "kraft", "wirksam", "vigor", "vigente", "vigência"),
    *("decorrenza", "生效", "施行", "実施", "発効", "시행"),
)
"""Of each cue the part that is written in one way: most blocks hold none of them."""
CUE_END = 8  # characters after the cue in a block of its own: "Effective date:"
NEAR = 40  # characters between the cue and its date: "shall become effective on and as of"
FIRST_BLOCKS = 40
LAST_BLOCKS = 10


def effective_date(blocks: Blocks) -> date | None:
    """The date on which the text says that it takes effect, near its beginning or its end."""
    ends = (
        blocks if len(blocks) <= FIRST_BLOCKS + LAST_BLOCKS else blocks[:FIRST_BLOCKS] + blocks[-LAST_BLOCKS:]
    )
    for block, following in zip_longest(ends, ends[1:]):
        folded = block.text.casefold()
        for cue in EFFECTIVE.finditer(block.text) if any(part in folded for part in CUES) else ():
            found = _nearest_date(block.text, cue.start(), cue.end())
            if not found and following and len(block.text) - cue.end() <= CUE_END:
                found = next((day for start, _, day in dates(following.text) if start <= 2), None)
            if found:
                return found
    return None


def _nearest_date(text: str, start: int, end: int) -> date | None:
    """The date right after a cue, or else right before it: "effective 1 May 2025", "2025年5月1日起生效"."""
    found: Iterable[tuple[int, int, date]] = tuple(dates(text))
    after = (day for begin, _, day in found if 0 <= begin - end <= NEAR)
    before = (day for _, stop, day in found if 0 <= start - stop <= 6)
    return next(after, None) or next(before, None)
