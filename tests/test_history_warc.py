"""Captures as WARC files, there and back, and a change to hand to somebody else."""

import gzip
import hashlib
import json
import re
from io import BytesIO

import pytest
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from tests.program import CHANGED, GOOD, program_in

URL = "https://acme.test/terms"


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "watching"
    folder.mkdir()
    with program_in(folder) as made:
        made.watch({"terms": URL})
        yield made


def seen(program, *bodies):
    """Captures a day apart, of which the second is a change."""
    lines = []
    for day, body in enumerate(bodies or (GOOD, CHANGED), 1):
        (program.folder / f"{day}.html").write_bytes(body)
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Encoding": "gzip"}
        at = f"2026-03-0{day}T12:00:00Z"
        entry = {"document": "acme/terms", "url": URL, "at": at, "headers": headers, "path": f"{day}.html"}
        lines.append(json.dumps(entry))
    (program.folder / "captures.jsonl").write_text("\n".join(lines))
    program.run("import", "captures.jsonl")


@pytest.mark.parametrize("name", ["all.warc", "all.warc.gz"])
def test_what_is_exported_can_be_imported_elsewhere_and_says_the_same(program, name):
    seen(program)

    assert program.run("export", "--warc", name) == (0, f"{name}: 2 captures\n")
    (program.folder / "watchlist.db").unlink()
    came, out = program.run("import", name)

    assert came == 0, program.said
    assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["first", "changed"]
    (change,) = program.json("changes")
    assert (change["at"], change["source"].split()[:2]) == ("2026-03-02T12:00:00Z", ["warc:", name])


def test_the_bytes_and_headers_of_a_capture_survive(program):
    seen(program)
    program.run("export", "--warc", "one.warc", "1")
    raw = (program.folder / "one.warc").read_bytes()

    assert raw.count(b"WARC-Type: response") == raw.count(b"WARC-Type: request") == 2
    assert GOOD in raw
    assert b"x-archive-orig-content-encoding: gzip" in raw


def test_a_redirected_document_stays_itself_in_a_file(program):
    entry = {"document": "acme/terms", "url": URL, "final_url": "https://acme.test/new/terms"}
    (program.folder / "page.html").write_bytes(GOOD)
    entry |= {"at": "2026-03-01T12:00:00Z", "path": "page.html"}
    (program.folder / "captures.jsonl").write_text(json.dumps(entry))
    program.run("import", "captures.jsonl")
    program.run("export", "--warc", "all.warc")
    (program.folder / "watchlist.db").unlink()

    assert outcomes(program, "all.warc") == [("acme/terms", "first")]
    assert b"WARC-Target-URI: https://acme.test/new/terms" in (program.folder / "all.warc").read_bytes()


def outcomes(program, name, *, code=0):
    came, out = program.run("import", name)
    assert came == code, program.said
    told = [json.loads(line) for line in out.splitlines()]
    return [(one["document"], one["outcome"]) for one in told]


# --- files that others wrote -----------------------------------------------------------------------


class Crawl:
    """A WARC file as crawlers write them, in which each answer comes a day after the one before."""

    def __init__(self, folder, name="crawl.warc.gz"):
        self.path, self.day = folder / name, 0

    def __enter__(self):
        self.file = self.path.open("wb")
        self.writer = WARCWriter(self.file, gzip=self.path.name.endswith(".gz"))
        self.writer._create_temp_file = BytesIO  # theirs are never closed
        return self

    def __exit__(self, *raised):
        self.file.close()

    def answer(self, body=b"", url=URL, status="200 OK", headers=(), **fields):
        self.day += 1
        facts = {"WARC-Date": f"2026-03-0{self.day}T12:00:00Z", **fields}
        told = StatusAndHeaders(status, [("Content-Type", "text/html"), *headers], protocol="HTTP/1.1")
        record = self.writer.create_warc_record(
            url, "response", payload=BytesIO(body), http_headers=told, warc_headers_dict=facts
        )
        self.writer.write_record(record)
        return record.rec_headers.get_header("WARC-Payload-Digest")

    def again(self, digest):
        """That the bytes of this digest were there once more."""
        self.day += 1
        facts = {"WARC-Date": f"2026-03-0{self.day}T12:00:00Z"}
        record = self.writer.create_revisit_record(
            URL, digest, URL, "2025-01-01T00:00:00Z", warc_headers_dict=facts
        )
        self.writer.write_record(record)


def chunked(body):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:70], body[70:])) + b"0\r\n\r\n"


def test_bodies_are_read_as_they_were_sent(program):
    with Crawl(program.folder) as crawl:
        packed = gzip.compress(GOOD)
        headers = [("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked")]
        crawl.answer(chunked(packed), headers=headers)
        crawl.answer(CHANGED)
        crawl.answer(GOOD, headers=[("Content-Encoding", "unheard-of")])

    assert outcomes(program, "crawl.warc.gz", code=2) == [("acme/terms", "first"), ("acme/terms", "changed")]
    assert 'its body is encoded as "unheard-of", which cannot be decoded here' in program.said


def test_bytes_that_were_there_again_are_a_capture_of_their_own_time(program):
    with Crawl(program.folder) as crawl:
        digest = crawl.answer(GOOD)
        crawl.answer(CHANGED)
        crawl.again(digest)
        crawl.again("sha1:" + "A" * 32)

    assert [outcome for _, outcome in outcomes(program, "crawl.warc.gz", code=2)] == [
        "first",
        "changed",
        "changed",
    ]
    assert "it names bytes that were captured before, and are not in this file" in program.said


def test_a_redirect_leads_to_the_next_answer_at_its_target(program):
    with Crawl(program.folder) as crawl:
        crawl.answer(status="301 Moved Permanently", headers=[("Location", "/new/terms")])
        crawl.answer(GOOD, url="https://acme.test/new/terms")
        crawl.answer(CHANGED, url="https://acme.test/new/terms")
        crawl.answer(status="304 Not Modified")

    assert outcomes(program, "crawl.warc.gz") == [("acme/terms", "first")]
    assert "1 answer passed over, at addresses of no document: https://acme.test/new/terms" in program.said


def test_a_document_is_found_by_its_page_however_its_address_is_spelt(program):
    with Crawl(program.folder) as crawl:
        crawl.answer(GOOD, url="http://www.acme.test/terms/")

    assert outcomes(program, "crawl.warc.gz") == [("acme/terms", "first")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"WARC-Date": "yesterday"}, "its WARC-Date is no time"),
        ({"WARC-Truncated": "length"}, "its body was cut off when it was captured"),
    ],
)
def test_a_record_that_is_not_whole_is_named_and_the_rest_is_read(program, fields, said):
    with Crawl(program.folder) as crawl:
        crawl.answer(GOOD, **fields)
        crawl.answer(CHANGED)

    assert outcomes(program, "crawl.warc.gz", code=2) == [("acme/terms", "first")]
    assert f"crawl.warc.gz:1: {URL}: {said}" in program.said


@pytest.mark.parametrize("name", ["crawl.warc", "crawl.warc.gz"])
def test_a_file_that_was_cut_off_is_read_to_its_last_whole_record(program, name):
    with Crawl(program.folder, name) as crawl:
        crawl.answer(GOOD)
        crawl.answer(CHANGED)
    crawl.path.write_bytes(crawl.path.read_bytes()[:-200])

    assert outcomes(program, name, code=3) == [("acme/terms", "first")]
    assert "it ends in the middle of a record; what came before it was read" in program.said


def test_a_file_that_was_compressed_as_a_whole_is_read_as_well(program):
    with Crawl(program.folder, "crawl.warc") as crawl:
        crawl.answer(GOOD)
        crawl.answer(CHANGED)
    (program.folder / "whole.warc.gz").write_bytes(gzip.compress(crawl.path.read_bytes()))

    assert len(outcomes(program, "whole.warc.gz")) == 2


def test_answers_of_no_document_are_counted_and_the_rest_is_read(program):
    with Crawl(program.folder) as crawl:
        crawl.answer(GOOD)
        crawl.answer(b"body {}", url="https://acme.test/style.css")

    assert outcomes(program, "crawl.warc.gz") == [("acme/terms", "first")]
    assert "1 answer passed over, at addresses of no document: https://acme.test/style.css" in program.said


def test_a_file_with_nothing_of_any_document_says_what_it_holds(program):
    seen(program)
    program.run("export", "--warc", "all.warc")
    program.watch({"other": "https://acme.test/other"})

    assert outcomes(program, "all.warc", code=2) == []
    assert f"2 answers passed over, at addresses of no document: {URL}" in program.said


def test_an_empty_file_is_refused(program):
    (program.folder / "empty.warc").touch()

    assert outcomes(program, "empty.warc", code=3) == []
    assert "it holds no record" in program.said


def test_what_is_no_warc_file_is_refused_in_a_line(program):
    (program.folder / "x.warc").write_bytes(b"hello, this is no archive\n" * 9)

    came, _ = program.run("import", "x.warc")

    assert came == 3
    assert "x.warc: cannot be read as WARC" in program.said


def test_evidence_holds_both_captures_and_a_hash_of_every_file(program):
    seen(program)

    assert program.run("evidence", "1", "out")[0] == 0

    folder = program.folder / "out"
    assert (folder / "before.body").read_bytes() == GOOD
    assert (folder / "after.body").read_bytes() == CHANGED
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    told = json.loads((folder / "captures.json").read_text())["captures"]
    assert [one["sha256"] for one in told] == [hashlib.sha256(body).hexdigest() for body in (GOOD, CHANGED)]
    page = (folder / "change.html").read_text()
    assert "unless you opt out" in page
    assert all(f'<dd class="hash">{one["sha256"]}</dd>' in page for one in told)
    assert "2026-03-02 12:00:00 UTC" in page
    assert "content-type: text/html; charset=utf-8" in page
    assert "tos-monitor verify" not in page


def test_evidence_of_a_text_that_came_back_has_the_captures_of_its_time(program):
    seen(program, GOOD, CHANGED, GOOD)

    program.run("evidence", "1", "out")
    program.run("export", "--warc", "all.warc")

    told = json.loads((program.folder / "out" / "captures.json").read_text())["captures"]
    assert [one["at"] for one in told] == ["2026-03-01T12:00:00Z", "2026-03-02T12:00:00Z"]
    times = re.findall(rb"WARC-Date: (\S+?)T12:00:00Z", (program.folder / "all.warc").read_bytes())
    assert sorted(set(times)) == [b"2026-03-01", b"2026-03-02", b"2026-03-03"]


def test_evidence_goes_into_no_folder_that_holds_something(program):
    seen(program)

    came, _ = program.run("evidence", "1", ".")

    assert came == 3
    assert "is not empty; name a new folder" in program.said
