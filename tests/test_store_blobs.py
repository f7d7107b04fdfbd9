"""Bytes against a keyframe: small, proven when they are read, and never in a chain."""

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from monitor.errors import StoreError
from monitor.model import Keep, Unchanged
from monitor.store import Store, blobs
from monitor.store.blobs import Keyframe, Packed
from monitor.store.engine import writing
from monitor.store.tables import blobs as table
from tests.store_samples import START, Story, capture
from tests.test_check import BEFORE, TERMS, World


def prose(seed: str, words: int = 2000) -> str:
    """Words that compress badly: what is saved is saved by what two texts share."""
    return " ".join(hashlib.sha256(f"{seed} {n}".encode()).hexdigest()[:7] for n in range(words))


def keyframe_of(plain: bytes) -> Keyframe:
    packed = blobs.pack(plain)
    return Keyframe(packed.sha256, plain, len(packed.data))


def kept(store: Store) -> list[tuple[str, str | None, int]]:
    """Every blob: its hash, its keyframe's, and the bytes it takes."""
    with store._engine.connect() as connection:
        rows = connection.execute(select(table.c.sha256, table.c.base, table.c.data)).all()
    return [(row.sha256, row.base, len(row.data)) for row in rows]


@pytest.fixture
def story(store):
    return Story(store)


# --- bytes -------------------------------------------------------------------------------------


@given(st.binary(), st.binary(min_size=1))
def test_bytes_come_back_from_a_keyframe_as_they_were(plain, base):
    packed = blobs.pack(plain, [keyframe_of(base)])

    assert blobs.unpack(packed, base if packed.base else None) == plain


def test_an_edited_page_takes_a_hundredth_of_itself_against_its_keyframe():
    before = prose("terms").encode()
    after = before[:9000] + b" for thirty days " + before[9000:]

    packed = blobs.pack(after, [keyframe_of(before)])

    assert packed.base == hashlib.sha256(before).hexdigest()
    assert len(packed.data) < len(after) / 100


def test_what_stands_at_the_other_end_of_a_large_keyframe_is_found():
    first, second = prose("first", 300_000).encode(), prose("second", 300_000).encode()

    packed = blobs.pack(second + first, [keyframe_of(first + second)])

    assert len(packed.data) < len(first) / 100


def test_another_text_is_kept_whole():
    packed = blobs.pack(prose("privacy").encode(), [keyframe_of(prose("terms").encode())])

    assert packed.base is None


def test_the_first_keyframe_that_is_worth_it_is_taken():
    mine, other = prose("terms").encode(), prose("privacy").encode()

    packed = blobs.pack(mine + b"!", [keyframe_of(other), keyframe_of(mine)])

    assert packed.base == hashlib.sha256(mine).hexdigest()


def test_bytes_are_never_kept_against_themselves():
    plain = prose("terms").encode()

    assert blobs.pack(plain, [keyframe_of(plain)]).base is None


@given(st.data())
def test_a_keyframe_with_one_other_byte_gives_no_other_text(data):
    base = prose("terms", 200).encode()
    packed = blobs.pack(base[:700] + b"!" + base[700:], [keyframe_of(base)])
    altered = bytearray(base)
    altered[data.draw(st.integers(0, len(altered) - 1))] ^= data.draw(st.integers(1, 255))

    try:
        plain = blobs.unpack(packed, bytes(altered))
    except StoreError:
        return
    assert hashlib.sha256(plain).hexdigest() == packed.sha256


@pytest.mark.parametrize("base", [None, b"", b"short", prose("privacy").encode()])
def test_bytes_without_their_keyframe_are_damaged(base):
    before = prose("terms").encode()
    packed = blobs.pack(before + b"!", [keyframe_of(before)])

    with pytest.raises(StoreError, match="damaged"):
        blobs.unpack(packed, base)


def test_several_bytes_are_read_as_each_is_alone(store):
    first, other = prose("terms").encode(), prose("others").encode()
    packed = [blobs.pack(first), blobs.pack(first + b" more", [keyframe_of(first)]), blobs.pack(other)]
    with writing(store._engine) as connection:
        hashes = [blobs.put(connection, one) for one in packed]

        assert packed[1].base == hashes[0]
        assert blobs.several(connection, hashes) == {one: blobs.get(connection, one) for one in hashes}
        assert blobs.several(connection, ()) == {}
        with pytest.raises(StoreError, match=f"SHA-256 {'0' * 64}"):
            blobs.several(connection, [*hashes, "0" * 64])


# --- documents ---------------------------------------------------------------------------------


def test_the_later_texts_of_a_document_are_kept_against_its_first(story, store):
    first = prose("terms")
    story.first(first)
    for n in range(5):
        story.changed(first.replace(" ", f" {n} ", 1 + n))

    whole = [size for _, base, size in kept(store) if base is None]
    against = [(base, size) for _, base, size in kept(store) if base]
    assert len(against) == 10  # five captures and five pages
    assert len({base for base, _ in against}) == 2
    assert sum(size for _, size in against) < max(whole) / 10


def test_every_later_text_is_read_with_two_reads_and_is_what_it_was(story, store):
    first = prose("terms")
    story.first(first)
    texts = [first.replace(" ", f" {n} ", 1) for n in range(5)]
    for text in texts:
        story.changed(text)

    bases = {sha256: base for sha256, base, _ in kept(store)}
    assert all(bases[base] is None for base in bases.values() if base)
    assert [store.version(n).page.blocks[0].text for n in range(2, 7)] == texts
    assert all(store.capture(capture(text).sha256).body == capture(text).body for text in texts)


def test_a_new_text_altogether_is_the_keyframe_of_those_after_it(story, store):
    story.first(prose("terms"))
    story.changed(prose("rewritten"))
    story.changed(prose("rewritten") + " once more")

    bases = {sha256: base for sha256, base, _ in kept(store)}
    assert bases[capture(prose("rewritten")).sha256] is None
    last = capture(prose("rewritten") + " once more").sha256
    assert bases[last] == capture(prose("rewritten")).sha256


def test_error_pages_that_differ_by_a_number_are_kept_against_the_first(story, store):
    story.first(prose("terms"))
    for n in range(3):
        story.doubtful(prose("robot", 300) + f" request {n}")

    bodies = {sha256: base for sha256, base, _ in kept(store)}
    robots = [capture(prose("robot", 300) + f" request {n}").sha256 for n in range(3)]
    assert [bodies[sha256] for sha256 in robots] == [None, robots[0], robots[0]]


def test_a_truncated_page_is_kept_against_the_document(story, store):
    story.first(prose("terms"))
    story.doubtful(prose("terms")[:9000])

    bodies = {sha256: base for sha256, base, _ in kept(store)}
    assert bodies[capture(prose("terms")[:9000]).sha256] == capture(prose("terms")).sha256


def test_documents_have_keyframes_of_their_own(story, store):
    story.first(prose("terms"))
    other = Story(store, document="acme/privacy")
    other.first(prose("privacy"))
    other.changed(prose("privacy") + " and more")

    bodies = {sha256: base for sha256, base, _ in kept(store)}
    assert bodies[capture(prose("privacy") + " and more").sha256] == capture(prose("privacy")).sha256


def test_what_comes_is_kept_though_the_keyframe_is_damaged(story, store, caplog):
    story.first(prose("terms"))
    taken = capture(prose("terms"))
    with writing(store._engine) as connection:
        connection.execute(update(table).where(table.c.sha256 == taken.sha256).values(data=b"rubbish"))

    story.changed(prose("terms") + " and more")

    assert store.capture(capture(prose("terms") + " and more").sha256).body
    assert "run `db verify`" in caplog.text


def test_a_keyframe_that_rests_on_another_is_refused(store):
    one, two, three = (prose("terms").encode() + b"!" * n for n in range(3))
    with writing(store._engine) as connection:
        blobs.put(connection, blobs.pack(one))
        blobs.put(connection, blobs.pack(two, [keyframe_of(one)]))
        chained = blobs.pack(three, [keyframe_of(two)])
        blobs.put(connection, Packed(chained.sha256, chained.size, chained.data, chained.base))

        with pytest.raises(StoreError, match="damaged"):
            blobs.get(connection, chained.sha256)


# --- what is kept ------------------------------------------------------------------------------


def unchanged(story, text):
    return Unchanged(document=story.document, at=story.at, capture=capture(text, story.at))


def captures_kept(store):
    with store._engine.connect() as connection:
        return [row[0] for row in connection.exec_driver_sql("SELECT sha256 FROM captures ORDER BY id")]


def test_new_bytes_of_the_same_text_are_kept_only_on_request(story, store):
    story.first(prose("terms"))

    for keep in (Keep.CHANGED, Keep.ALL):
        outcome = unchanged(story, prose("terms") + f" <!-- {keep} -->")
        store.record(outcome, next_check=START, started=START, keep=keep)

    on_request = capture(prose("terms") + " <!-- all -->")
    assert captures_kept(store) == [capture(prose("terms")).sha256, on_request.sha256]
    assert store.capture(on_request.sha256).body == on_request.body
    assert min(size for sha256, _, size in kept(store) if sha256 == on_request.sha256) < 200


def test_bytes_whose_keyframe_was_pruned_meanwhile_are_refused_in_one_clear_line(story, store):
    before = prose("terms").encode()
    packed = blobs.pack(before + b" and more", [keyframe_of(before)])

    with pytest.raises(StoreError, match="was pruned at the same time; check it again"):
        keep_alone(store, packed)
    assert kept(store) == []


def keep_alone(store, packed):
    with writing(store._engine) as connection:
        blobs.put(connection, packed)


def test_bytes_that_came_before_are_not_kept_again(story, store):
    story.first(prose("terms"))

    for _ in range(3):
        outcome = unchanged(story, prose("terms"))
        store.record(outcome, next_check=START, started=START, keep=Keep.ALL)

    assert len(captures_kept(store)) == 1


def test_an_answer_without_bytes_leaves_none(story, store):
    story.first(prose("terms"))

    silent = replace(unchanged(story, ""), capture=None)
    result = store.record(silent, next_check=START, started=START, keep=Keep.ALL)

    assert (result.outcome, len(captures_kept(store))) == ("unchanged", 1)


def test_a_document_whose_captures_are_all_kept_has_those_of_its_checks(store, rules, at):
    kept_all = World(store, rules, at, replace(TERMS, keep=Keep.ALL))
    bodies = [BEFORE + f"<!-- answered by machine {n} -->".encode() for n in range(3)]

    outcomes = [kept_all.check(body).outcome for body in (*bodies, bodies[0])]

    assert outcomes == ["first", "unchanged", "unchanged", "unchanged"]
    assert captures_kept(store) == [hashlib.sha256(body).hexdigest() for body in bodies]
    assert store.capture(hashlib.sha256(bodies[2]).hexdigest()).body == bodies[2]
