"""Bytes to text: the charset by byte order mark, header, or what the bytes say themselves."""

from __future__ import annotations

import codecs
import re

from bs4.dammit import EncodingDetector

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its beginning
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What browsers read under these labels (WHATWG Encoding Standard, "Names and labels").
READ_AS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
}
WESTERN = "cp1252"
# The commonest characters beyond ASCII of the languages that are written in a charset.
COMMON = {
    "gb18030": frozenset("的在和我们您有用为不是，。"),
    "big5hkscs": frozenset("的在和我們您有用為不是，。"),
    "cp932": frozenset("のはにをたがでとし、。"),
    "euc_jp": frozenset("のはにをたがでとし、。"),
    "cp949": frozenset("이다는을의에를은가하고"),
    "cp1251": frozenset("абвгдежзийклмнопрстуфхцчшщъыьэюя"),
    WESTERN: frozenset("éèêëàâáãíîïìóôòõúùûñçüöäßåøæœý’‘“”–—…«»©®•·\xa0"),
}
LEAST_COMMON = 0.08  # of the characters beyond ASCII; text of a language has a fifth and more
MOST_COUNTED = 2000  # runs of characters
MOST_BROKEN = 10  # one broken character in so many does not make UTF-8 another charset
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
RUN = re.compile(r"[^\x00-\x7f]+")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
ESCAPED_JAPANESE = b"\x1b$"  # of ISO-2022-JP, whose bytes are all ASCII
# Bytes under these labels can be valid UTF-8 without being meant as such.
NOT_ASCII_BASED = ("utf-16", "utf-32", "iso-2022", "hz-gb")
# Python decodes these too, but they are notations of program text or names, not charsets of pages.
NO_CHARSETS = {"unicode_escape", "raw_unicode_escape", "idna", "punycode", "utf_7", "utf-7"}


def decode(body: bytes, declared: str = "") -> str:
    """The text of a body: by its byte order mark, as UTF-8 if it is that, else as declared or as it says.

    Never fails: what no charset fits is replaced. The text holds no lone surrogates.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return _without_lone_surrogates(body.decode(name, "replace"))
    return _without_lone_surrogates(_decode_unmarked(body, declared.strip().strip("\"'").lower()))


def _decode_unmarked(body: bytes, declared: str) -> str:
    candidates = (declared,) if declared.startswith(NOT_ASCII_BASED) else ("utf-8", declared)
    wide = unmarked_utf16(body) or ("iso2022_jp" if ESCAPED_JAPANESE in body else "")
    for name in (wide, *candidates):
        text = _decode_as(body, READ_AS.get(name, name))
        if text is not None:
            return _guessed(body, text) if READ_AS.get(name) == WESTERN else text
    nearly = body.decode("utf-8", "replace")
    if nearly.count(REPLACEMENT) * MOST_BROKEN <= len(NOT_ASCII.findall(nearly)):
        return nearly
    stated = (
        EncodingDetector.find_declared_encoding(body, is_html=True, search_entire_document=False) or ""
    ).lower()
    text = _decode_as(body, READ_AS.get(stated, stated)) if stated != "utf-8" else None
    return text if text is not None else _guessed(body, nearly)


def _guessed(body: bytes, otherwise: str) -> str:
    """The text in the charset that brings most of the characters that are common in its languages.

    Nearly any bytes can be read as Western European text, so that reading has to prove itself, too: there,
    letters beyond ASCII stand alone or in pairs, elsewhere in words of their own.
    """
    best, most = otherwise, LEAST_COMMON
    for name, common in COMMON.items():
        text = _decode_as(body, name)
        runs = RUN.findall(text or "")[:MOST_COUNTED]
        telling = (run for run in runs if (len(run) < 3) == (name == WESTERN))
        count = sum(character in common for run in telling for character in run)
        share = count / max(1, sum(map(len, runs)))
        if text is not None and share > most:
            best, most = text, share
    return best


def _decode_as(body: bytes, name: str) -> str | None:
    if not name or name in NO_CHARSETS:
        return None
    try:
        return body.decode(name)
    except (LookupError, UnicodeError):
        return None


def unmarked_utf16(body: bytes) -> str:
    """The byte order ("utf-16-le" or "utf-16-be") of a body that begins like it, else ""."""
    if body.startswith((b"<\0", b"\0<")):
        return "utf-16-le" if body[1] == 0 else "utf-16-be"
    start = body[:512]
    if len(body) % 2 or start.count(0) * 3 < len(start):
        return ""
    if start[0::2].count(0) * 8 < start[1::2].count(0):
        return "utf-16-le"
    return "utf-16-be" if start[1::2].count(0) * 8 < start[0::2].count(0) else ""


def _without_lone_surrogates(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text
