"""Reads and decodes a body without ever holding more than the limit.

httpx decodes whole chunks: an 809-byte brotli answer became 1 GiB in one step there. So the raw bytes are
read here and inflated by zlib with a bound, and only gzip is asked for.
"""

from __future__ import annotations

import zlib

import httpx

from monitor.fetch.trouble import Trouble

ACCEPT_ENCODING = "gzip"

_GZIP, _ZLIB, _RAW_DEFLATE = 31, 15, -15  # the `wbits` of zlib
# Files that were compressed in parallel have several members; more than this is an attack on our time.
_MOST_MEMBERS = 64


class _Plain:
    """A body that is sent as it is."""

    def feed(self, data: bytes, room: int) -> bytes:
        return data[:room]

    def finish(self) -> None:
        """A plain body is complete when the connection says so."""


class _Inflate:
    """A gzip or deflate body."""

    def __init__(self, url: str, encoding: str) -> None:
        self._url = url
        self._encoding = encoding
        self._wbits = _ZLIB if encoding == "deflate" else _GZIP
        self._member: zlib._Decompress | None = None
        self._members = 0

    def feed(self, data: bytes, room: int) -> bytes:
        """Up to `room` decoded bytes; fewer mean that all of `data` was used."""
        out = bytearray()
        while data and len(out) < room:
            if self._member is None or self._member.eof:
                if not self._opens_member(data):
                    break
                self._open(data)
            out += self._inflate(data, room - len(out))
            data = self._member.unused_data if self._member is not None else b""
        return bytes(out)

    def finish(self) -> None:
        """Raises Trouble when the stream stopped before its end."""
        if self._member is not None and not self._member.eof:
            raise Trouble(
                "incomplete", f"{self._url} stopped in the middle of its {self._encoding} data", again=True
            )

    def _opens_member(self, data: bytes) -> bool:
        # Browsers ignore what follows the last member (padding, mostly), and so does this.
        return self._members == 0 or (self._wbits == _GZIP and data[:1] == b"\x1f")

    def _open(self, data: bytes) -> None:
        self._members += 1
        if self._members > _MOST_MEMBERS:
            raise Trouble("bad-encoding", f"{self._url} sends more than {_MOST_MEMBERS} gzip members")
        # "deflate" means zlib data (RFC 9110, 8.4.1.2), but some servers send it without the zlib header.
        if self._wbits == _ZLIB and data[0] & 0x0F != 8:
            self._wbits = _RAW_DEFLATE
        self._member = zlib.decompressobj(self._wbits)

    def _inflate(self, data: bytes, room: int) -> bytes:
        assert self._member is not None
        try:
            return self._member.decompress(data, room)
        except zlib.error as error:
            raise Trouble(
                "bad-encoding",
                f"{self._url} says its body is {self._encoding}, but it cannot be decoded ({error})",
            ) from error


def _decoder(url: str, encoding: str) -> _Plain | _Inflate:
    if encoding in ("", "identity"):
        return _Plain()
    if encoding in ("gzip", "x-gzip", "deflate"):
        return _Inflate(url, encoding)
    raise Trouble(
        "bad-encoding",
        f"{url} sends its body as {encoding[:40]!r} although only {ACCEPT_ENCODING} was asked for;"
        " it is not decoded, because such data cannot be bounded",
    )


def _too_large(url: str, most: int) -> Trouble:
    return Trouble(
        "too-large",
        f"{url} is larger than {most:,} bytes, more than a page of terms can be; check the address",
    )


def _declared(response: httpx.Response) -> int:
    """The Content-Length, or 0 where there is none that can be read."""
    value = response.headers.get("content-length", "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 20 else 0


async def read_body(response: httpx.Response, url: str, most: int) -> bytes:
    """The decoded body; raises Trouble when it is damaged, or longer than `most` before or after decoding."""
    decoder = _decoder(url, response.headers.get("content-encoding", "").strip().lower())
    if _declared(response) > most:
        raise _too_large(url, most)
    body = bytearray()
    received = 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        body += decoder.feed(chunk, most + 1 - len(body))
        if received > most or len(body) > most:
            raise _too_large(url, most)
    decoder.finish()
    return bytes(body)


async def read_start(response: httpx.Response, url: str, most: int) -> bytes:
    """The first `most` decoded bytes of a body; what follows is never read."""
    decoder = _decoder(url, response.headers.get("content-encoding", "").strip().lower())
    body = bytearray()
    received = 0
    async for chunk in response.aiter_raw():
        received += len(chunk)
        body += decoder.feed(chunk, most - len(body))
        if received >= most or len(body) >= most:
            break
    return bytes(body)
