"""Run as a process of its own, with limits: a PDF on standard input, its lines as JSON on standard output.

The parser is C++ that reads hostile files; what goes wrong here must not touch the monitor.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import sys
from typing import Any

MEMORY = 1 << 30  # bytes
CPU_SECONDS = 20
PAGES = 500
CHARACTERS = 3_000_000
LINE_BREAKS = (10, 13)
HYPHENS_AT_LINE_END = (0xFFFE, 2)  # PDFium writes these for a hyphen and the break after it


def main() -> int:
    """0 and JSON on standard output, or 1 and a reason on standard error."""
    _limit()
    import pypdfium2 as pdfium  # noqa: PLC0415  # an extra, loaded under the limits

    try:
        document = pdfium.PdfDocument(sys.stdin.buffer.read())
    except pdfium.PdfiumError as error:
        sys.stderr.write(f"the PDF cannot be opened: {error}")
        return 1
    pages = []
    characters = 0
    for number in range(min(len(document), PAGES)):
        with contextlib.suppress(pdfium.PdfiumError):
            page = document[number]
            lines = _lines(pdfium.raw, page.get_textpage())
            characters += sum(len(line["text"]) for line in lines)
            pages.append({"height": page.get_height(), "lines": lines})
        if characters > CHARACTERS:
            break
    title = document.get_metadata_value("Title")
    json.dump({"title": title, "pages": pages, "page_count": len(document)}, sys.stdout)
    return 0


def _limit() -> None:
    try:
        import resource  # noqa: PLC0415  # Unix only; elsewhere the time limit of the caller holds
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def _lines(raw: Any, text: Any) -> list[dict[str, Any]]:
    """The lines of a page in the order of the file, each with the size, weight and place of its letters."""
    lines: list[dict[str, Any]] = []
    codes: list[int] = []
    for index in range(raw.FPDFText_CountChars(text)):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in LINE_BREAKS:
            _end(raw, text, index, codes, lines)
        elif code in HYPHENS_AT_LINE_END:
            _end(raw, text, index, [*codes, ord("-")], lines, unseen=1)
            codes.clear()
        else:
            codes.append(code)
    _end(raw, text, raw.FPDFText_CountChars(text), codes, lines)
    return lines


def _end(
    raw: Any, text: Any, end: int, codes: list[int], lines: list[dict[str, Any]], *, unseen: int = 0
) -> None:
    start = end - len(codes) + unseen
    line = "".join(chr(code) for code in codes if not 0xD800 <= code < 0xE000)
    codes.clear()
    if not line.strip():
        return
    sample = range(start, end, max(1, (end - start) // 8))
    sizes = sorted(_height(raw, text, index) for index in sample)
    weights = sorted(raw.FPDFText_GetFontWeight(text, index) for index in sample)
    left, _, bottom = _box(raw, text, start)
    _, right, _ = _box(raw, text, end - 1)
    lines.append(
        {
            "text": line,
            "size": round(sizes[len(sizes) // 2], 1),
            "bold": weights[len(weights) // 4] >= 600,
            "left": left,
            "right": right,
            "bottom": bottom,
        }
    )


def _height(raw: Any, text: Any, index: int) -> float:
    """The font size on the page: the nominal size scaled by the text's matrix."""
    matrix = raw.FS_MATRIX()
    scale = 1.0
    if raw.FPDFText_GetMatrix(text, index, matrix):
        scale = (matrix.b**2 + matrix.d**2) ** 0.5 or 1.0
    return float(raw.FPDFText_GetFontSize(text, index) * scale)


def _box(raw: Any, text: Any, index: int) -> tuple[float, float, float]:
    """The left, right and bottom of a character, in points."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(text, index, left, right, bottom, top)
    return round(left.value, 1), round(right.value, 1), round(bottom.value, 1)


if __name__ == "__main__":
    sys.exit(main())
