"""The baseline of the check benchmarks: the least that any monitor of these pages does, without this program.

usage: python -m benchmarks.plain_fetch URL COUNT cold|no-change

cold: fetch each page and take the text of its body. no-change: ask for each page conditionally.
"""

from __future__ import annotations

import sys

import httpx
from bs4 import BeautifulSoup


def main() -> None:
    url, count, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    with httpx.Client() as client:
        for number in range(count):
            if mode == "cold":
                body = BeautifulSoup(client.get(f"{url}/{number}").content, "lxml").body
                assert body is not None
                body.get_text()
            else:
                client.get(f"{url}/{number}", headers={"If-None-Match": "unknown"})


if __name__ == "__main__":
    main()
