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
BOLD = 600  # weight
SAMPLES = 8  # letters of a line that are asked for their size and weight


@dataclass(frozen=True)
class Line:
    """A line of text as it stands on a page; size and places in points."""

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
    """The lines of a page in the order of the file."""
    lines: list[Line] = []
    start, text = 0, ""
    count = raw.FPDFText_CountChars(page)
    for index in range(count):
        code = raw.FPDFText_GetUnicode(page, index)
        ends = code in LINE_BREAKS or code in HYPHENS_AT_LINE_END
        if not ends:
            text += chr(code) if not 0xD800 <= code < 0xE000 else ""
            continue
        text += "-" if code in HYPHENS_AT_LINE_END else ""
        lines += _line(raw, page, text, range(start, index))
        start, text = index + 1, ""
    return [*lines, *_line(raw, page, text, range(start, count))]


def _line(raw: ModuleType, page: object, text: str, letters: range) -> list[Line]:
    """The line made of these letters of the page; none if it is blank."""
    if not text.strip() or not letters:
        return []
    sample = letters[:: max(1, len(letters) // SAMPLES)]
    sizes = sorted(_size(raw, page, index) for index in sample)
    weights = sorted(raw.FPDFText_GetFontWeight(page, index) for index in sample)
    left, _, bottom = _place(raw, page, letters[0])
    _, right, _ = _place(raw, page, letters[-1])
    bold = weights[len(weights) // 4] >= BOLD
    return [Line(text, round(sizes[len(sizes) // 2], 1), bold, left, right, bottom)]


def _size(raw: ModuleType, page: object, index: int) -> float:
    """The font size as seen on the page: the nominal one scaled by the text's matrix."""
    matrix = raw.FS_MATRIX()
    scale = 1.0
    if raw.FPDFText_GetMatrix(page, index, matrix):
        scale = (matrix.b**2 + matrix.d**2) ** 0.5 or 1.0
    return float(raw.FPDFText_GetFontSize(page, index) * scale)


def _place(raw: ModuleType, page: object, index: int) -> tuple[float, float, float]:
    """The left, right and bottom of a letter."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    raw.FPDFText_GetCharBox(page, index, left, right, bottom, top)
    return round(left.value, 1), round(right.value, 1), round(bottom.value, 1)


if __name__ == "__main__":
    sys.exit(main())
