"""A local site of many pages in a process of its own, and a watchlist for it.

usage: python -m benchmarks.site [--pages DIR] [--without-etags]
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures" / "pages"
FILLER = b"<script>" + b"window.states.push({seen: false, at: null});\n" * 8_000 + b"</script></body>"
"""What makes a small page of ours as heavy as those of providers: 350 KB, nearly all of it scripts."""


def page_files(folder: Path) -> list[Path]:
    """The HTML pages below a folder, also gzipped."""
    files = [path for pattern in ("*.html", "*.html.gz") for path in folder.rglob(pattern)]
    if not files:
        raise SystemExit(f"{folder}: no .html or .html.gz below it")
    return sorted(files)


def pages_of(folder: Path | None) -> tuple[bytes, ...]:
    """The pages below a folder; by default those of our fixtures that nothing is wrong with, made heavy."""
    if folder:
        return tuple(body_of(path) for path in page_files(folder))
    good = [path for path in page_files(FIXTURES) if path.name == "before.html"]
    return tuple(body_of(path).replace(b"</body>", FILLER) for path in good)


def body_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    pages: tuple[bytes, ...] = ()
    etags: tuple[str, ...] = ()

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if not name.isdecimal():
            self.send_error(404)
            return
        number = int(name) % len(self.pages)
        etag = self.etags[number] if self.etags else ""
        same = bool(etag) and self.headers.get("If-None-Match") in (etag, "*")
        body = b"" if same else self.pages[number]
        self.send_response(304 if same else 200)
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if not same:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path | None, *, etags: bool = True) -> Iterator[str]:
    """The address of a site that serves these pages under /0, /1, ... from another process.

    Without ETags it never says that a page has not changed: it sends the very same bytes.
    """
    command = [sys.executable, "-m", "benchmarks.site"]
    command += [f"--pages={folder}"] if folder else []
    command += [] if etags else ["--without-etags"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def write_watchlist(path: Path, url: str, count: int) -> None:
    """A watchlist of that many documents of the site; but for its pauses, as polite as one is by default."""
    entries = "".join(
        f'[providers.site.documents.page-{n}]\ntype = "Terms of Service"\nurl = "{url}/{n}"\n'
        for n in range(count)
    )
    path.write_text(
        '[defaults]\ndelay = "0s"\nconfirm = "off"\n'
        'allow_addresses = ["127.0.0.0/8"]\n[providers.site]\nname = "Site"\n' + entries
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=Path)
    parser.add_argument("--without-etags", action="store_true")
    options = parser.parse_args()
    _Handler.pages = pages_of(options.pages)
    if not options.without_etags:
        _Handler.etags = tuple(f'"{hashlib.sha256(page).hexdigest()[:16]}"' for page in _Handler.pages)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
