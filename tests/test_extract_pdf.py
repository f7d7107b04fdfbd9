"""PDF to blocks, with files written here."""

import importlib.util
import zlib
from datetime import UTC, datetime

import pytest

from monitor.errors import ExtractError, MissingExtra
from monitor.extract import pdf, read
from monitor.model import BlockKind, Capture

TEXT, BOLD = "F1", "F2"


def written(pages):
    """A PDF of pages, each a list of (x, y, size, font, text)."""
    fonts = "<< /Font << /F1 3 0 R /F2 4 0 R >> >>"
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    objects += [
        f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
        for name in ("Helvetica", "Helvetica-Bold")
    ]
    kids = []
    for lines in pages:
        stream = "".join(
            f"BT /{font} {size} Tf {x} {y} Td ({text}) Tj ET\n" for x, y, size, font, text in lines
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {len(objects)} 0 "
            f"R /Resources {fonts} >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>"
    body, offsets = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(body)}\n%%EOF\n"
    return (body + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}" + trailer).encode("latin-1")


def blocks(body):
    url = "https://acme.example/terms.pdf"
    headers = (("content-type", "application/pdf"),)
    capture = Capture(
        url=url, final_url=url, status=200, headers=headers, body=body, at=datetime(2026, 3, 1, tzinfo=UTC)
    )
    return read(capture).blocks


def lines(*texts, top=700, x=72, size=11, font=TEXT):
    return [(x, top - 14 * number, size, font, text) for number, text in enumerate(texts)]


def test_lines_flow_into_paragraphs_under_headings():
    page = [
        (72, 740, 20, BOLD, "Privacy Policy"),
        (72, 716, 14, BOLD, "1. Your data"),
        *lines(
            "We keep the messages that you send to us for as long as your account is open, and",
            "we delete them within thirty days.",
            "You may ask for a copy at any time.",
        ),
    ]

    found = blocks(written([page]))
    assert [(b.kind, b.level) for b in found[:2]] == [(BlockKind.HEADING, 1), (BlockKind.HEADING, 2)]
    assert [b.text for b in found[2:]] == [
        "We keep the messages that you send to us for as long as your account is open, and "
        "we delete them within thirty days.",
        "You may ask for a copy at any time.",
    ]
    assert found[2].section == ("Privacy Policy", "1. Your data")


def test_hyphens_of_the_layout_go_and_those_of_the_spelling_stay():
    page = lines(
        "A third-party processor keeps a copy of what you send to it, and this infor-",
        "mation is deleted with your account. We tell you about every third-",
        "party processor before we use it.",
    )

    (paragraph,) = blocks(written([page]))
    assert "this information is deleted" in paragraph.text
    assert "every third-party processor" in paragraph.text


def test_running_lines_and_page_numbers_go():
    pages = [
        [
            (72, 770, 9, TEXT, "Acme Privacy Policy"),
            *lines(f"Clause {number} says that we keep your data for {number} days and no longer than that."),
            (300, 30, 9, TEXT, f"Page {number} of 4"),
        ]
        for number in range(1, 5)
    ]

    assert [b.text[:9] for b in blocks(written(pages))] == [
        "Clause 1 ",
        "Clause 2 ",
        "Clause 3 ",
        "Clause 4 ",
    ]


def test_bullets_are_items():
    page = lines(
        "We share your data with the following kinds of companies:", r"\225 hosts", r"\225 payment services"
    )

    assert [(b.kind, b.text) for b in blocks(written([page]))[1:]] == [
        (BlockKind.ITEM, "hosts"),
        (BlockKind.ITEM, "payment services"),
    ]


def test_a_scan_without_text_says_so():
    with pytest.raises(ExtractError, match="no text"):
        blocks(written([[]]))


@pytest.mark.parametrize(
    "body", [b"%PDF-1.7\n", b"%PDF-1.4 " + b"\xff" * 500, written([lines("x" * 50)])[:300]]
)
def test_a_broken_file_says_that_it_cannot_be_read(body):
    with pytest.raises(ExtractError, match="could not be read"):
        blocks(body)


def test_a_file_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(pdf, "SECONDS", 0.01)

    with pytest.raises(ExtractError, match="within"):
        blocks(written([lines("We keep your data.")]))


def test_without_the_extra_the_message_names_it(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)

    with pytest.raises(MissingExtra, match=r"tos-monitor\[pdf\]"):
        blocks(written([lines("We keep your data.")]))


# --- layout ------------------------------------------------------------------------------------

LEFT = [
    "We keep the messages that you",
    "send us for as long as your",
    "account is open, and delete",
    "them thirty days after that.",
]
RIGHT = [
    "You may not use the services to",
    "build models that compete with",
    "ours, nor let anybody else do",
    "so for anybody but you here.",
]


@pytest.mark.parametrize("by_rows", [True, False])
def test_columns_are_read_one_after_the_other_however_the_file_orders_them(by_rows):
    left, right = lines(*LEFT, size=10), lines(*RIGHT, x=320, size=10)
    both = [line for pair in zip(left, right, strict=True) for line in pair] if by_rows else left + right
    title, below = (72, 740, 18, BOLD, "Terms"), lines("These terms hold from the first of May.", top=600)

    assert [b.text for b in blocks(written([[title, *both, *below]]))] == [
        *("Terms", " ".join(LEFT), " ".join(RIGHT), "These terms hold from the first of May.")
    ]


def test_a_sentence_goes_on_in_the_next_column():
    left = lines(*LEFT[:3], "them within thirty days of the", size=10)
    right = lines("day on which you close it.", *RIGHT[:3], "so.", x=320, size=10)

    assert "within thirty days of the day on which you close it." in blocks(written([left + right]))[0].text


def test_a_table_is_rows_of_cells_under_its_headers():
    cells = [
        ("Data", "Purpose", "Period"),
        ("Messages", "To answer you", "30 days"),
        ("Logs", "Safety", "90 days"),
    ]
    table = [
        (x, 660 - 20 * number, 10, BOLD if number == 0 else TEXT, text)
        for number, row in enumerate(cells)
        for x, text in zip((72, 220, 400), row, strict=True)
    ]

    found = blocks(written([[*lines("We keep the data of this table, and no other:"), *table]]))
    assert [b.cells for b in found[1:]] == cells
    assert found[2].headers == cells[0]


def test_a_cell_of_several_lines_is_one_cell_wherever_the_others_stand():
    first = [
        (72, 660, 10, TEXT, "Logs"),
        (220, 666, 10, TEXT, "To keep the"),
        (220, 654, 10, TEXT, "service safe"),
    ]
    second = [
        (72, 626, 10, TEXT, "Bills"),
        (220, 626, 10, TEXT, "Tax law of the"),
        (220, 614, 10, TEXT, "country"),
    ]

    assert [b.cells for b in blocks(written([first + second]))] == [
        ("Logs", "To keep the service safe"),
        ("Bills", "Tax law of the country"),
    ]


def test_a_number_that_stands_apart_belongs_to_its_clause():
    numbers = lines("1.", "(a)", "2.")
    clauses = lines("We keep your data for a year.", "Less if you ask.", "We share it with nobody.", x=110)

    assert [b.text for b in blocks(written([numbers + clauses]))] == [
        "1. We keep your data for a year.",
        "(a) Less if you ask.",
        "2. We share it with nobody.",
    ]


def test_a_line_that_falls_short_ends_its_paragraph():
    long = "We keep the messages that you send to us for as long as your account is open with us, and then"
    page = lines("Acme Ltd", "1 Main Street", long, "we delete them.")

    assert [b.text for b in blocks(written([page]))] == [
        "Acme Ltd",
        "1 Main Street",
        f"{long} we delete them.",
    ]


def test_lines_written_from_the_bottom_up_are_read_from_the_top_down():
    page = lines("1. We keep your data.", "2. We share it with nobody.")

    assert [b.text[:2] for b in blocks(written([page[::-1]]))] == ["1.", "2."]


def test_a_running_header_of_two_pages_goes():
    pages = [
        [(72, 770, 9, TEXT, "Acme Terms"), (480, 770, 9, TEXT, "Confidential"), *lines(f"Clause {number}.")]
        for number in ("one", "two")
    ]

    assert [b.text for b in blocks(written(pages))] == ["Clause one.", "Clause two."]


# --- files that cannot be read -----------------------------------------------------------------


def test_an_encrypted_file_says_so():
    locked = (
        f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'41' * 32}> /U <{'42' * 32}> >> /ID [<00> <00>]"
    )
    body = written([lines("We keep your data.")]).replace(b"/Root 1 0 R", f"/Root 1 0 R {locked}".encode())

    with pytest.raises(ExtractError, match="password"):
        blocks(body)


def test_a_file_that_unpacks_without_end_is_stopped():
    packing = zlib.compressobj(level=1)
    packed = b"".join(packing.compress(bytes(1_000_000)) for _ in range(1000)) + packing.flush()
    stream = zlib.compress(packed)
    body = written([lines("We keep your data.")])
    start = body.index(b"<< /Length")
    head = b"<< /Filter [/FlateDecode /FlateDecode] /Length %d >>\nstream\n" % len(stream)

    with pytest.raises(ExtractError, match="more memory or time"):
        blocks(body[:start] + head + stream + b"\n" + body[body.index(b"endstream", start) :])
