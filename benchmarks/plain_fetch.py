"""The baseline of the check benchmark: the least that any monitor does that asks for pages with httpx.

usage: python -m benchmarks.plain_fetch URL COUNT

Asks for each page on condition of an ETag that any page answers to with 304, if it answers to one.
"""

from __future__ import annotations

import sys

import httpx


def main() -> None:
    url, count = sys.argv[1], int(sys.argv[2])
    with httpx.Client() as client:
        for number in range(count):
            client.get(f"{url}/{number}", headers={"If-None-Match": "*"})


if __name__ == "__main__":
    main()
