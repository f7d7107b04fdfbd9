"""Every value comes back from the store as it went in, or is refused."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.engine.default import DefaultDialect

from monitor.errors import StoreError
from monitor.model import Block, Change, Clause, Duration, Flag, Link, Page, Reason, Statement
from monitor.store import Store, blobs, codec, tables
from monitor.store.blobs import Packed
from monitor.store.engine import writing

any_text = st.text(st.characters(exclude_categories=()))  # lone surrogates and NUL too


def whole(kind, **given_fields):
    """Values of a dataclass with every field filled, those with a default too."""
    return st.builds(kind, **{one.name: given_fields.get(one.name, ...) for one in fields(kind)})


def some(strategy):
    return st.lists(strategy, max_size=3).map(tuple)


lengths = st.floats(allow_nan=False)
durations = whole(Duration, text=any_text, days=lengths, shortest_days=lengths)
blocks = whole(Block, text=any_text, section=some(any_text))
pages = whole(Page, blocks=some(blocks), all_text=any_text, links=some(whole(Link)))
clauses = whole(Clause, before=st.none() | blocks, after=st.none() | blocks)
statements = whole(Statement, text=any_text, periods=some(durations))
flags = whole(Flag, clause=clauses, before=some(statements), after=some(statements))
changes = whole(Change, clauses=some(clauses), flags=some(flags))


@given(pages)
def test_a_page_comes_back_as_it_was(page):
    assert codec.page_from_bytes(codec.page_to_bytes(page)) == page


@given(changes)
def test_clauses_and_flags_come_back_as_they_were(change):
    assert codec.findings_from_bytes(codec.findings_to_bytes(change)) == (change.clauses, change.flags)


@given(durations)
def test_a_duration_comes_back_as_it_was(duration):
    assert codec.duration_from_json(codec.duration_to_json(duration)) == duration


@given(some(whole(Reason, detail=any_text)))
def test_reasons_come_back_as_they_were(reasons):
    assert codec.reasons_from_json(codec.reasons_to_json(reasons)) == reasons


# --- column types ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def column_of():
    """Writes a value to a column of its type and reads it back, through a real database."""
    with Store.open("sqlite://") as store:

        def there_and_back(column, value):
            table = column.table
            with store._engine.connect() as connection:
                connection.execute(table.insert(), {"id": "x", **FILLING, column.name: value})
                return connection.execute(select(column)).scalar_one()

        yield there_and_back


FILLING = {"outcome": "", "reasons": [], "failures": 0, "etag": "", "last_modified": "", "seen_url": ""}

zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
times = st.datetimes(min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1), timezones=zones)  # noqa: DTZ001  hypothesis adds the zone


@given(time=times)
def test_an_instant_of_any_zone_comes_back_as_the_same_instant_in_utc(column_of, time):
    back = column_of(tables.documents.c.last_check, time)

    assert (back, back.tzinfo) == (time, UTC)


@given(times, times)
def test_instants_sort_as_text_as_they_do_in_time(one, other):
    first, second = (
        str(tables.Instant().process_bind_param(time, DefaultDialect())) for time in (one, other)
    )

    assert (first < second) == (one < other)


@given(value=st.recursive(st.none() | st.integers() | any_text, lambda inner: st.lists(inner, max_size=3)))
def test_json_comes_back_as_it_was(column_of, value):
    assert column_of(tables.documents.c.reasons, [value]) == [value]


@given(text=st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_prose_comes_back_as_it_was(column_of, text):
    assert column_of(tables.documents.c.etag, text) == text


@given(text=any_text)
def test_prose_that_no_database_takes_is_made_storable(column_of, text):
    back = column_of(tables.documents.c.etag, text)

    assert "\0" not in back
    assert back.encode().decode() == back


# --- bytes -------------------------------------------------------------------------------------


@given(st.binary())
def test_bytes_come_back_as_they_were(body):
    assert blobs.unpack(blobs.pack(body)) == body


@given(st.binary(min_size=1), st.data())
def test_one_altered_byte_never_gives_other_bytes(body, data):
    packed = blobs.pack(body)
    altered = bytearray(packed.data)
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))

    assert unpacked(Packed(packed.sha256, packed.size, bytes(altered))) in ("damaged", body)


def unpacked(packed):
    try:
        return blobs.unpack(packed)
    except StoreError:
        return "damaged"


def test_bytes_that_would_unpack_to_more_than_recorded_are_refused():
    bomb = blobs.pack(b"\0" * 50_000_000)

    with pytest.raises(StoreError, match="damaged"):
        blobs.unpack(Packed(bomb.sha256, 10, bomb.data))


def test_bytes_cut_short_are_refused():
    packed = blobs.pack(b"terms" * 1000)

    with pytest.raises(StoreError, match="damaged"):
        blobs.unpack(Packed(packed.sha256, packed.size, packed.data[:-5]))


def test_equal_bytes_are_kept_once_and_missing_ones_named():
    with Store.open("sqlite://") as store, writing(store._engine) as connection:
        packed = blobs.pack(b"terms")
        blobs.put(connection, packed)
        blobs.put(connection, packed)

        assert connection.execute(select(tables.blobs.c.size)).all() == [(5,)]
        with pytest.raises(StoreError, match="no stored bytes with SHA-256 abc"):
            blobs.get(connection, "abc")
