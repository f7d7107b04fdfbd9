"""Run as a process of its own, with limits: a PDF on standard input, its lines as JSON on standard output.

The parser is C++ that reads hostile files; what goes wrong here must not touch the monitor.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import sys
from dataclasses import asdict, dataclass
from types import ModuleType

MEMORY = 1 << 30  # bytes
CPU_SECONDS = 20
PAGES = 500
CHARACTERS = 3_000_000
LINE_BREAKS = (10, 13)
HYPHENS_AT_LINE_END = (0xFFFE, 2)  # PDFium writes these for a hyphen and the break after it
SPACE = 32
GAP = 1.1  # font sizes; spaces of justified lines reach it now and then, gaps of columns always
BOLD = 600  # weight
BOLD_NAMES = (b"bold", b"black", b"heavy")
LONGEST_FONT_NAME = 100
SAMPLES = 8  # letters of a line that are asked for their size and weight


@dataclass(frozen=True)
class Line:
    """A line of text on a page, or a part of one between wide gaps; size and places in points."""

    text: str
    size: float
    bold: bool
    left: float
    right: float
    bottom: float


def main() -> int:
    """0 and JSON on standard output, or 1 and a reason on standard error."""
    limit()
    import pypdfium2 as pdfium  # noqa: PLC0415  # an extra, loaded under the limits

    try:
        document = pdfium.PdfDocument(sys.stdin.buffer.read())
    except pdfium.PdfiumError as error:
        sys.stderr.write(f"the file cannot be opened: {error}")
        return 1
    pages: list[list[dict[str, object]]] = []
    characters = 0
    for number in range(min(len(document), PAGES)):
        with contextlib.suppress(pdfium.PdfiumError):  # one broken page does not hide the others
            lines = lines_of(pdfium.raw, document[number].get_textpage())
            characters += sum(len(line.text) for line in lines)
            pages.append([asdict(line) for line in lines])
        if characters > CHARACTERS:
            break
    json.dump({"title": document.get_metadata_value("Title"), "pages": pages}, sys.stdout)
    return 0


def limit() -> None:
    """Bound memory and processor time; where that is not possible the caller's time limit holds alone."""
    try:
        import resource  # noqa: PLC0415  # on Unix only
    except ImportError:
        return
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))


def lines_of(raw: ModuleType, page: object) -> list[Line]:
    """The lines of a page in the order of the file, parted where a gap is wide enough for two columns."""
    lines: list[Line] = []
    start, text = 0, ""
    count = raw.FPDFText_CountChars(page)
    for index in range(count):
        code = raw.FPDFText_GetUnicode(page, index)
        ends = code in LINE_BREAKS or code in HYPHENS_AT_LINE_END
        if not ends and not (code == SPACE and _is_gap(raw, page, index, count)):
            text += chr(code) if not 0xD800 <= code < 0xE000 else ""
            continue
        text += "-" if code in HYPHENS_AT_LINE_END else ""
        lines += _line(raw, page, text, range(start, index))
        start, text = index + 1, ""
    return [*lines, *_line(raw, page, text, range(start, count))]


def _is_gap(raw: ModuleType, page: object, space: int, count: int) -> bool:
    """Whether the letters around a space stand far apart on one line."""
    if not 0 < space < count - 1:
        return False
    _, right, bottom = _place(raw, page, space - 1)
    left, _, next_bottom = _place(raw, page, space + 1)
    size = _size(raw, page, space - 1)
    return left - right > GAP * size and abs(bottom - next_bottom) < size


def _line(raw: ModuleType, page: object, text: str, letters: range) -> list[Line]:
    """The line made of these letters of the page; none if it is blank."""
    if not text.strip() or not letters:
        return []
    sample = letters[:: max(1, len(letters) // SAMPLES)]
    sizes = sorted(_size(raw, page, index) for index in sample)
    left, _, bottom = _place(raw, page, letters[0])
    _, right, _ = _place(raw, page, letters[-1])
    bold = sum(_is_bold(raw, page, index) for index in sample) * 4 >= 3 * len(sample)
    return [Line(text, round(sizes[len(sizes) // 2], 1), bold, left, right, bottom)]


def _is_bold(raw: ModuleType, page: object, index: int) -> bool:
    """By the weight of the font, or its name, which tells more often."""
    if raw.FPDFText_GetFontWeight(page, index) >= BOLD:
        return True
    name = ctypes.create_string_buffer(LONGEST_FONT_NAME)
    raw.FPDFText_GetFontInfo(page, index, name, LONGEST_FONT_NAME, None)
    return any(word in name.value.lower() for word in BOLD_NAMES)


def _size(raw: ModuleType, page: object, index: int) -> float:
    """The font size as seen on the page: the nominal one scaled by the text's matrix."""
    matrix = raw.FS_MATRIX()
    scale = 1.0
    if raw.FPDFText_GetMatrix(page, index, matrix):
        scale = (matrix.b**2 + matrix.d**2) ** 0.5 or 1.0
    return float(raw.FPDFText_GetFontSize(page, index) * scale)


def _place(raw: ModuleType, page: object, index: int) -> tuple[float, float, float]:
    """The left and the right of a letter, and the line that it stands on."""
    left, right, bottom, top, x, y = (ctypes.c_double() for _ in range(6))
    raw.FPDFText_GetCharBox(page, index, left, right, bottom, top)
    raw.FPDFText_GetCharOrigin(page, index, x, y)
    return round(left.value, 1), round(right.value, 1), round(y.value, 1)


if __name__ == "__main__":
    sys.exit(main())
