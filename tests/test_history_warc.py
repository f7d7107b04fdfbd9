"""Captures as WARC files, there and back, and a change to hand to somebody else."""

import hashlib
import json
import re

import pytest

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


def test_a_capture_of_no_document_is_named_and_the_rest_is_read(program):
    seen(program)
    program.run("export", "--warc", "all.warc")
    program.watch({"other": "https://acme.test/other"})

    came, _ = program.run("import", "all.warc")

    assert came == 2
    assert f"all.warc:1: {URL} is no document's address" in program.said


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
    assert "unless you opt out" in (folder / "change.html").read_text()


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
