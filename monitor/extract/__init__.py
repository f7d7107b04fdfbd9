"""A capture to a page: its main text as blocks, whatever the format."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from monitor.errors import ExtractError
from monitor.extract.charset import unmarked_utf16
from monitor.extract.dialects import is_markdown, read_document
from monitor.extract.html import read_html
from monitor.extract.pdf import read_pdf
from monitor.extract.plain import decode, read_text
from monitor.model import Capture, Page

CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
MARKUP = re.compile(
    rb"\s*(?:<\?xml|<!--|<!doctype\s+html|<(?:html|head|body|title|meta|div|p|h1|script|main|article)[\s>])",
    re.IGNORECASE,
)
HTML_TYPES = ("text/html", "application/xhtml+xml")
TEXT_TYPES = ("", "text/plain", "text/markdown", "text/x-markdown", "application/octet-stream")
MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdx")
# The first bytes of what is no document, whatever the server calls it.
BINARIES = {
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"RIFF": "a media file",
    b"OggS": "a media file",
    b"ID3": "a media file",
    b"wOF": "a font",
    b"PK\x03\x04": "a ZIP archive or an office file",
    b"\xd0\xcf\x11\xe0": "an office file",
    b"{\\rtf": "an RTF file",
    b"\x1f\x8b": "gzip data",
    b"BZh": "bzip2 data",
    b"\xfd7zXZ": "xz data",
    b"(\xb5/\xfd": "zstd data",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x7fELF": "a program",
    b"MZ\x90": "a program",
    b"\0asm": "a program",
    b"SQLite format 3": "a database",
}
LOOKED_AT = 4096  # bytes at the start that tell binary data from text


def read(capture: Capture, *, select: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> Page:
    """The page that a capture holds.

    The bytes decide before the content type and the URL's suffix do. Raises ExtractError for what is
    not a readable document, MissingExtra for a PDF without the part that reads it.
    """
    media = _media(capture)
    if media == "pdf":
        return read_pdf(capture.body)
    declared = CHARSET.search(capture.header("content-type"))
    text = decode(capture.body, declared[1] if declared else "")
    if media == "markdown" or (media == "text" and is_markdown(text)):
        return read_document(text)
    if media == "text":
        return read_text(text)
    return read_html(text, url=capture.final_url or capture.url, select=select, remove=remove)


def _media(capture: Capture) -> str:
    """html, pdf, markdown or text; raises ExtractError for anything else."""
    body, named = capture.body, capture.header("content-type").partition(";")[0].strip().lower()
    path = urlsplit(capture.final_url or capture.url).path.lower()
    if b"%PDF-" in body[:1024]:
        return "pdf"
    _refuse_binary(body, named)
    if named in HTML_TYPES or MARKUP.match(body.removeprefix(b"\xef\xbb\xbf")[:LOOKED_AT]):
        return "html"
    if "markdown" in named:
        return "markdown"
    if named in TEXT_TYPES and path.endswith((".html", ".htm", ".xhtml")):
        return "html"
    if path.endswith(MARKDOWN_SUFFIXES):
        return "markdown"
    is_text = named in TEXT_TYPES[1:] or path.endswith(".txt") or (not named and b"<" not in body)
    return "text" if is_text else "html"


def _refuse_binary(body: bytes, named: str) -> None:
    """Raise ExtractError for images, archives, programs and other bytes that are no text."""
    what = next((what for magic, what in BINARIES.items() if body.startswith(magic)), "")
    start = body[:LOOKED_AT]
    if not what and start.count(0) > max(3, len(start) // 100) and not _may_be_utf16(start):
        what = "binary data"
    control = sum(start.count(code) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
    if not what and control * 20 > len(start) and not _may_be_utf16(start):
        what = "binary data"
    if what:
        raise ExtractError(f"this is {what}, not a document (the server calls it {named or 'nothing'})")


def _may_be_utf16(start: bytes) -> bool:
    """Whether bytes are those of UTF-16 or UTF-32: a mark or a tag says so, or every other byte is zero."""
    if unmarked_utf16(start) or start.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return True
    zeros = sorted((start[0::2].count(0), start[1::2].count(0)))
    return zeros[1] * 2 > len(start) * 0.5 and zeros[0] * 20 < len(start)
