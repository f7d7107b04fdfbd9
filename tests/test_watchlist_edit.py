"""A claim's new value is written into the watchlist, and nothing else of it changes."""

from __future__ import annotations

import os
import tomllib
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.errors import UsageError
from monitor.model import Claim
from monitor.statements.durations import parse_duration
from monitor.watchlist import load_watchlist, parse_watchlist, shipped_watchlist
from monitor.watchlist.edit import with_claim, written

DAY = date(2026, 11, 22)
NEW = Claim(product="acme/api", topic="training", position="opt-out", verified=DAY, source="terms")
KEPT = Claim(
    product="acme/api",
    topic="retention",
    position="period",
    period=parse_duration("90 days"),
    verified=DAY,
)

HEAD = """# what we watch
[providers.acme]   # the company
name = 'Acme'
"""
PRODUCT = """
[providers.acme.products.api] # the path
name = "Acme API"
audience = "api"
"""


# ruff: noqa: E501  the watchlists are written as people write them
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'training = { position = "no", verified = 2026-05-05, source = "audit" }  # by us\nclarity = "high"\n',
            'training = { position = "opt-out", verified = 2026-11-22, source = "terms" }  # by us\nclarity = "high"\n',
        ),
        (
            "training={position='no',note=\"it says so\"}",
            "training={position='opt-out', verified = 2026-11-22, source = \"terms\"}",
        ),
        (
            'training = { note = "x", position = "no" }\n',
            'training = { position = "opt-out", verified = 2026-11-22, source = "terms" }\n',
        ),
        (
            'training = [ # one\n  { position = "no" }, # two\n]\n',
            'training = [ # one\n  { position = "opt-out", verified = 2026-11-22, source = "terms" }, # two\n]\n',
        ),
        (
            '  training.position = "no"   # why\n  training.note = "x" # remark\n',
            '  training.position = "opt-out"   # why\n  # remark\n  training.verified = 2026-11-22\n'
            '  training.source = "terms"\n',
        ),
        (
            '[providers.acme.products.api.training]\nposition = "no" # here\nnote = """\nmuch\n"""\n# end\n',
            '[providers.acme.products.api.training]\nposition = "opt-out" # here\nverified = 2026-11-22\n'
            'source = "terms"\n# end\n',
        ),
        (
            '[[providers.acme.products.api.training]]\nposition = "no"\n',
            '[[providers.acme.products.api.training]]\nposition = "opt-out"\nverified = 2026-11-22\n'
            'source = "terms"\n',
        ),
        (
            'models = [\n  "a",\n] # all\n\n# retention is next\n',
            'models = [\n  "a",\n] # all\ntraining = { position = "opt-out", verified = 2026-11-22, source = "terms" }\n'
            "\n# retention is next\n",
        ),
    ],
    ids=["inline", "tight", "first key", "list", "dots", "section", "sections", "no claim yet"],
)
def test_only_the_claim_changes_in_whatever_way_it_is_written(before, after):
    assert with_claim(HEAD + PRODUCT + before, NEW) == HEAD + PRODUCT + after


def test_a_product_inside_of_braces_gets_its_claim_there():
    head = HEAD + 'products = { api = { name = "A", audience = "api" } } # p\n'
    assert with_claim(head, NEW) == head.replace(
        '"api" }', '"api", training = { position = "opt-out", verified = 2026-11-22, source = "terms" } }'
    )


def test_a_period_comes_with_the_position_period_and_goes_with_it():
    text = HEAD + PRODUCT + 'retention = { position = "criterion" }\n'
    longer = with_claim(text, KEPT)
    assert 'retention = { position = "period", period = "90 days", verified = 2026-11-22 }' in longer
    shorter = with_claim(longer, replace(KEPT, position="not-stored", period=None))
    assert 'retention = { position = "not-stored", verified = 2026-11-22 }' in shorter


def test_lines_end_as_they_did():
    text = (HEAD + PRODUCT + 'training.position = "no"\n').replace("\n", "\r\n")
    after = with_claim(text, NEW)
    assert after.count("\n") == after.count("\r\n") == text.count("\n") + 2


def test_several_sources_are_left_for_a_person_to_choose_from():
    text = HEAD + PRODUCT + 'training = [{ position = "no" }, { position = "yes" }]\n'
    with pytest.raises(UsageError, match="2 sources publish acme/api training; leave the one that holds"):
        with_claim(text, NEW)


TEXTS = st.text("ab\"'\\\n\r\t\x7f\x01é😀{}[]#=, ", max_size=12)


@given(TEXTS, TEXTS, st.sampled_from(['"x"', "'x'", '"""x"""', "'''x'''"]))
def test_any_text_is_written_so_that_it_is_read_back(source, note, quotes):
    text = f'{HEAD}{PRODUCT}training = {{ position = "no", source = {quotes}, note = {quotes} }} # c\n'
    claim = replace(NEW, source=source.strip(), note=note.strip())

    after = with_claim(text, claim)

    read = tomllib.loads(after)["providers"]["acme"]["products"]["api"]["training"]
    assert (read.get("source", ""), read.get("note", "")) == (source.strip(), note.strip())
    assert after.endswith("# c\n")


def test_every_claim_of_the_shipped_watchlist_can_be_written_back_alone():
    text = shipped_watchlist()
    for product in parse_watchlist(text).products.values():
        for topic in {claim.topic for claim in product.claims}:
            claims = [claim for claim in product.claims if claim.topic == topic]
            if len(claims) > 1:
                continue
            after = with_claim(text, replace(claims[0], verified=DAY))
            changed = [
                one for one in zip(text.split("\n"), after.split("\n"), strict=True) if one[0] != one[1]
            ]
            assert len(changed) == 1
            assert "verified = 2026-11-22" in changed[0][1]


# --- files -------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "watchlist.toml"
    path.write_text(HEAD + PRODUCT + 'training = { position = "no" }\n')
    return path


def claims(path):
    return load_watchlist(path).products["acme/api"].claims


def test_a_file_keeps_its_mark_its_rights_and_the_link_to_it(file, tmp_path):
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(file)

    written(link, NEW, claims(link)).keep()

    assert claims(file) == (NEW,)
    assert file.read_bytes().startswith(b"\xef\xbb\xbf#")
    assert (file.stat().st_mode & 0o777, link.is_symlink()) == (0o640, True)
    assert sorted(os.listdir(tmp_path)) == ["link.toml", "watchlist.toml"]


def test_a_claim_that_was_edited_since_it_was_shown_is_not_overwritten(file):
    shown = claims(file)
    file.write_text(file.read_text().replace('"no"', '"yes"'))

    with pytest.raises(UsageError, match="acme/api training was edited meanwhile"):
        written(file, NEW, shown)


def test_what_was_edited_elsewhere_in_the_file_since_is_kept(file):
    shown = claims(file)
    file.write_text(file.read_text().replace("the company", "the firm"))

    written(file, NEW, shown).keep()

    assert "the firm" in file.read_text()
    assert claims(file) == (NEW,)


def test_a_file_that_changes_between_reading_and_writing_is_left_alone(file, tmp_path):
    waiting = written(file, NEW, claims(file))
    file.write_text(file.read_text() + "# one more line\n")

    with pytest.raises(UsageError, match="was edited meanwhile; it was not written"):
        waiting.keep()
    assert file.read_text().endswith("# one more line\n")
    assert os.listdir(tmp_path) == ["watchlist.toml"]


def test_a_product_that_is_gone_is_said(file):
    shown = claims(file)
    file.write_text(HEAD)
    with pytest.raises(UsageError, match="acme/api is not there any more"):
        written(file, NEW, shown)
