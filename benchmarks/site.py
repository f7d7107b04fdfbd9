"""A local site of many pages in a process of its own, and a watchlist for it."""

from __future__ import annotations

import gzip
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

FIXTURES = Path(__file__).parent.parent / "fixtures" / "pages"


def page_files(folder: Path | None) -> list[Path]:
    """The HTML pages below a folder, also gzipped; by default the project's own fixtures."""
    files = [path for pattern in ("*.html", "*.html.gz") for path in (folder or FIXTURES).rglob(pattern)]
    if not files:
        raise SystemExit(f"{folder}: no .html or .html.gz below it")
    return sorted(files)


def body_of(path: Path) -> bytes:
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


class _Handler(BaseHTTPRequestHandler):
    pages: tuple[bytes, ...] = ()

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if not name.isdecimal():
            self.send_error(404)
            return
        body = self.pages[int(name) % len(self.pages)]
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        same = self.headers.get("If-None-Match") == etag
        self.send_response(304 if same else 200)
        self.send_header("ETag", etag)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        if not same:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not same:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(folder: Path | None) -> Iterator[str]:
    """The address of a site that serves these pages under /0, /1, ... from another process."""
    command = [sys.executable, "-m", "benchmarks.site", *([str(folder)] if folder else [])]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def write_watchlist(path: Path, url: str, count: int) -> None:
    """A watchlist of that many documents of the site."""
    entries = "".join(
        f'[providers.site.documents.page-{n}]\ntype = "Terms of Service"\nurl = "{url}/{n}"\n'
        for n in range(count)
    )
    path.write_text(
        '[defaults]\ndelay = "0s"\nper_host = 8\nconfirm = "off"\n'
        'allow_addresses = ["127.0.0.0/8"]\n[providers.site]\nname = "Site"\n' + entries
    )


def main() -> None:
    _Handler.pages = tuple(body_of(path) for path in page_files(Path(sys.argv[1]) if sys.argv[1:] else None))
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
