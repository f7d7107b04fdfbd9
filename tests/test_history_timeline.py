"""How a position moved over the years, as told from imported and own versions and from what was claimed."""

import json

import pytest

from tests.history_archive import YES, Archive, imported, markdown, watch
from tests.program import program_in


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "acme-versions")


@pytest.fixture
def program(tmp_path):
    folder = tmp_path / "watching"
    folder.mkdir()
    with program_in(folder) as made:
        watch(made)
        yield made


def moved(program, archive):
    archive.record(markdown(), "First record of Acme Terms of Service")
    archive.record(markdown(Fees="Fees are due at once and in gold, and are never paid back to anybody."))
    archive.record(markdown(Training=YES))
    imported(program, archive)


def told(program, *words):
    came, out = program.run("timeline", "acme/chat", *words)
    assert came == 0, program.said
    return out


def test_a_position_is_told_where_it_moved_and_nowhere_else(program, archive):
    moved(program, archive)

    (topic,) = json.loads(told(program, "training", "--format", "json"))["topics"]

    assert [one["at"] for one in topic["said"]] == ["2024-03-01T12:00:00Z", "2024-03-03T12:00:00Z"]
    assert topic["said"][0]["source"].startswith("open terms archive: acme-versions")
    assert topic["said"][1]["sentences"] == [YES]
    assert [one["event"] for one in topic["claimed"]] == ["published"]


def test_what_was_said_stands_beside_what_was_claimed(program, archive):
    moved(program, archive)

    lines = told(program, "training").splitlines()

    days = [line.split()[0] for line in lines if line.startswith("  20")]
    assert days == ["2024-03-01", "2024-03-03", "2026-05-05"]
    assert any("unless opted out" in line for line in lines)


def test_the_page_has_a_picture_and_no_script(program, archive):
    moved(program, archive)

    page = told(program, "--format", "html")

    assert '<svg class="picture timeline"' in page
    assert "<script" not in page


def test_a_product_without_a_past_says_so(program):
    assert "Nothing was ever said or claimed." in told(program, "retention")


def test_a_product_that_there_is_not_is_named(program):
    came, _ = program.run("timeline", "acme/nothing")

    assert came == 3
    assert "acme/nothing" in program.said
