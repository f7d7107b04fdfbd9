"""Bytes to text: the charset by byte order mark, header, or what the bytes say themselves."""

from __future__ import annotations

import codecs

from bs4 import UnicodeDammit

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
    wide = _unmarked_utf16(body)
    for name in (wide,) if wide else candidates:
        text = _decode_as(body, READ_AS.get(name, name))
        if text is not None:
            return text
    guess = UnicodeDammit(body, is_html=True, user_encodings=[READ_AS.get(declared, declared)])
    if guess.unicode_markup and not guess.contains_replacement_characters:
        return guess.unicode_markup
    return body.decode("utf-8", "replace")


def _decode_as(body: bytes, name: str) -> str | None:
    if not name or name in NO_CHARSETS:
        return None
    try:
        return body.decode(name)
    except (LookupError, UnicodeError):
        return None


def _unmarked_utf16(body: bytes) -> str:
    """The byte order ("utf-16-le", "utf-16-be") when every second byte of the start is zero, else ""."""
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
