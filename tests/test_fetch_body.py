"""Decoding with a bound: every way that servers send gzip and deflate, and what is damaged."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.body import read_body, read_start
from monitor.fetch.trouble import Trouble

URL = "https://acme.example/terms"
TEXT = b"<p>We do not train on your data.</p>" * 20


def raw_deflate(data):
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def response(data, encoding="", pieces=7):
    async def stream():
        step = max(1, len(data) // pieces)
        for start in range(0, len(data), step):
            yield data[start : start + step]

    return httpx.Response(200, headers={"content-encoding": encoding}, content=stream())


def decoded(data, encoding="", most=100_000, pieces=7):
    return asyncio.run(read_body(response(data, encoding, pieces), URL, most))


@pytest.mark.parametrize("pieces", [1, 7, 1000])
@pytest.mark.parametrize(
    ("encoding", "data"),
    [
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
    ],
    ids=["none", "identity", "gzip", "zlib", "headerless deflate"],
)
def test_a_body_is_decoded_however_it_is_cut_into_pieces(encoding, data, pieces):
    assert decoded(data, encoding, pieces=pieces) == TEXT


def test_gzip_in_several_members_is_read_to_the_end():
    assert decoded(gzip.compress(TEXT) + gzip.compress(b"end"), "gzip") == TEXT + b"end"


def test_padding_after_gzip_is_ignored():
    assert decoded(gzip.compress(TEXT) + bytes(512), "gzip") == TEXT


def test_thousands_of_empty_members_are_refused():
    with pytest.raises(Trouble) as caught:
        decoded(gzip.compress(b"") * 5000, "gzip")
    assert caught.value.code == "bad-encoding"


def test_damaged_gzip_is_refused():
    data = bytearray(gzip.compress(TEXT))
    data[len(data) // 2] ^= 0xFF
    with pytest.raises(Trouble) as caught:
        decoded(bytes(data), "gzip")
    assert caught.value.code == "bad-encoding"


def test_the_limit_holds_before_decoding_too():
    with pytest.raises(Trouble) as caught:
        decoded(gzip.compress(b"x") + bytes(5000), "gzip", most=1000)
    assert caught.value.code == "too-large"


def test_the_start_of_a_body_needs_no_end():
    packed = gzip.compress(TEXT)
    assert asyncio.run(read_start(response(packed[:-9], "gzip"), URL, 100)) == TEXT[:100]
    assert asyncio.run(read_start(response(TEXT), URL, 10**6)) == TEXT


@given(
    data=st.binary(max_size=400), encoding=st.sampled_from(["", "gzip", "deflate"]), most=st.integers(1, 300)
)
def test_any_bytes_are_read_within_the_limit_or_refused(data, encoding, most):
    try:
        body = decoded(data, encoding, most)
    except Trouble:
        return
    assert len(body) <= most


@given(data=st.binary(max_size=3000), pieces=st.integers(1, 50))
def test_what_was_packed_comes_out_again(data, pieces):
    assert decoded(gzip.compress(data), "gzip", pieces=pieces) == data
    assert decoded(zlib.compress(data), "deflate", pieces=pieces) == data
