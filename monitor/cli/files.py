"""`tos-monitor extract` and `compare`: files and URLs, without a database."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from monitor import extract as reading
from monitor.check import is_shell
from monitor.cli.exits import Exit, exit_code
from monitor.cli.options import Format, OutputOption, bytes_of, deliver
from monitor.cli.reports import prepare, show
from monitor.compare import NOTHING_WATCHED, media_type, report_of
from monitor.compare import compare as compare_captures
from monitor.errors import ExtractError, MissingExtra, UsageError
from monitor.extract.plain import to_markdown
from monitor.judge import Knowledge, judge
from monitor.links import legal_links
from monitor.links.compare import compare as compare_links
from monitor.model import Capture, Document, FetchFailure, Network, Previous, Render
from monitor.report import FORMATS, LINKS
from monitor.report.comparison_json import comparison_json
from monitor.report.json import dumped
from monitor.report.links import Links
from monitor.settings import settings
from monitor.statements.rules import load_rules
from monitor.watchlist import parse_networks
from monitor.wiring import clock, open_fetcher


def extract(
    sources: Annotated[
        list[str], typer.Argument(metavar="FILE | URL | -", help="Pages; - reads standard input.")
    ],
    url: Annotated[str, typer.Option("--url", help="The address the page came from, for its links.")] = "",
    select: Annotated[
        list[str] | None, typer.Option("--select", help="CSS of the part wanted; repeatable.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", help="CSS of parts to drop; repeatable.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="DIR", help="Write one .md file each, into this folder."),
    ] = None,
    allow_address: Annotated[
        list[str] | None, typer.Option("--allow-address", help="A private network that a URL may lead to.")
    ] = None,
    render: Annotated[
        Render, typer.Option("--render", help="How a URL is fetched: as `render` in the watchlist.")
    ] = Render.AUTO,
) -> None:
    """Print the main text of pages as Markdown.

    One page that cannot be read does not stop the others; the exit code is then 2.

    Example: tos-monitor extract page.html --url https://example.com/terms
    """
    if len(sources) > 1 and output is None:
        raise UsageError("several pages need --output DIR, where one .md file each is written")
    if output and (twice := [name for name, times in Counter(map(_stem, sources)).items() if times > 1]):
        raise UsageError(f"several pages would be written to {output / twice[0]}.md; run them one by one")
    networks = parse_networks(allow_address or [])
    wanted = Document(
        id="extract/page",
        provider="extract",
        type="",
        url=url,
        select=tuple(select or ()),
        remove=tuple(remove or ()),
        render=render,
    )
    failed = False
    for source in sources:
        try:
            capture = _load(source, wanted, networks)
            page = reading.read(capture, select=wanted.select, remove=wanted.remove)
        except (ExtractError, MissingExtra) as error:
            typer.echo(f"{source}: {str(error).removeprefix(f'{source}: ')}", err=True)
            failed = True
            continue
        if page.missing:
            typer.echo(f"{source}: {', '.join(page.missing)} matches nothing", err=True)
            failed = True
        deliver(to_markdown(page.blocks), output and output / f"{_stem(source)}.md")
    raise typer.Exit(Exit.FAILED if failed else Exit.NOTHING)


def compare(
    old: Annotated[
        Path | None, typer.Argument(metavar="OLD", help="HTML, PDF, Markdown or text; may be .gz.")
    ] = None,
    new: Annotated[Path | None, typer.Argument(metavar="NEW", help="The later text.")] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            "--pairs", metavar="FILE.jsonl", help='Lines {"id", "old", "new"}; prints one JSON object a line.'
        ),
    ] = None,
    format: Annotated[
        Format | None, typer.Option("--format", help="How to print it; default terminal.", show_default=False)
    ] = None,
    output: OutputOption = None,
    links: Annotated[
        bool, typer.Option("--links", help="Show instead which links changed their words or their targets.")
    ] = False,
) -> None:
    """Report the change between two files, without a database.

    Exit codes as of `check`: 1 when a position changed, 2 when a text is doubtful. With --pairs it is 0
    whatever the pairs come to, for each line tells its own outcome.

    Example: tos-monitor compare terms-2025.html terms-2026.html --format markdown
    """
    knowledge = Knowledge(rules=load_rules(settings().rules), watchlist=NOTHING_WATCHED, verified={})
    if pairs:
        if old or format not in (None, Format.JSON):
            raise UsageError("--pairs takes no other files, and always prints one JSON object a line")
        _compare_pairs(pairs, knowledge, output)
        return
    if old is None or new is None:
        raise UsageError("name two files, or --pairs FILE.jsonl")
    before, after = read_file(old), read_file(new)
    if links:
        found = _links(before, after, f"Links of {old.name} and {new.name}")
        show(found, LINKS, format or Format.TERMINAL, output)
        return
    outcome = compare_captures(before, after, knowledge)
    report = report_of(outcome, before, after, f"{old.name} and {new.name}")
    if format is Format.JSON:
        deliver(dumped(comparison_json(f"{old} {new}", outcome, knowledge.rules.topics)), output)
    else:
        show(report, FORMATS, format or Format.TERMINAL, output)
    raise typer.Exit(exit_code(report.results, frozenset({"flagged", "failed"})))


def _links(old: Capture, new: Capture, title: str) -> Links:
    """The links that changed between two texts, and the legal documents that the later one links to."""
    before, after = reading.read(old), reading.read(new)
    named = legal_links(after, new.url)
    changed = compare_links(before, after)
    return Links(title=title, at=clock(), watchlist=NOTHING_WATCHED, changed=changed, named=named)


def _compare_pairs(path: Path, knowledge: Knowledge, output: Path | None) -> None:
    """One JSON object a line, in the order of the pairs: each as it comes, or all of them to a file."""
    lines = _compared(path, knowledge)
    prepare(output, None)
    if output:
        deliver("".join(lines), output)
        return
    for line in lines:
        if not deliver(line, None):
            return


def _compared(path: Path, knowledge: Knowledge) -> Iterator[str]:
    for number, pair in _lines(path):
        if not _is_pair(pair):
            raise UsageError(f'{path}:{number}: write {{"id": ..., "old": FILE, "new": FILE}}')
        try:
            old, new = (read_file(path.parent / pair[side]) for side in ("old", "new"))
        except ExtractError as error:
            raise UsageError(f"{path}:{number}: {error}") from error
        outcome = compare_captures(old, new, knowledge)
        shown = comparison_json(pair["id"], outcome, knowledge.rules.topics)
        yield dumped(shown, one_line=True)


def _is_pair(pair: Any) -> bool:
    if not isinstance(pair, dict) or "id" not in pair:
        return False
    return isinstance(pair.get("old"), str) and isinstance(pair.get("new"), str)


def _lines(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read ({error})") from error
    # JSON may hold line separators of Unicode as they are.
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            yield number, json.loads(line)
        except json.JSONDecodeError as error:
            raise UsageError(f"{path}:{number}: not JSON ({error.msg})") from error


def _load(source: str, wanted: Document, networks: tuple[Network, ...]) -> Capture:
    if source.startswith(("http://", "https://")):
        return asyncio.run(_fetch(replace(wanted, url=source), networks))
    if source == "-":
        return _capture(sys.stdin.buffer.read(), wanted.url or "stdin:", "", clock())
    return read_file(Path(source), wanted.url)


async def _fetch(document: Document, networks: tuple[Network, ...]) -> Capture:
    """What the address brings, in the browser as in a check; ExtractError where that is no page."""
    chosen = settings()
    knowledge = Knowledge(rules=load_rules(chosen.rules), watchlist=NOTHING_WATCHED, verified={})
    async with open_fetcher(chosen, per_host=1, delay=timedelta(0), allow_addresses=networks) as fetcher:
        fetched = await fetcher.fetch(document)
        if is_shell(judge(document, fetched, Previous(), knowledge), document):
            fetched = await fetcher.fetch(replace(document, render=Render.BROWSER))
    if isinstance(fetched, Capture) and fetched.status >= 400:
        raise ExtractError(f"the server answered with status {fetched.status}")
    if isinstance(fetched, Capture):
        return fetched
    if not isinstance(fetched, FetchFailure):
        raise ExtractError("nothing came")
    # No watchlist is read here, so that the one in this folder cannot allow it.
    allowed = re.sub(
        r"write allow_addresses = \[\"(.*)\"\].*", r"write --allow-address \1", fetched.reason.detail
    )
    raise ExtractError(allowed if fetched.reason.code == "refused-address" else fetched.reason.detail)


def read_file(path: Path, url: str = "") -> Capture:
    """A file as a capture made when the file was last written."""
    try:
        body = bytes_of(path)
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise ExtractError(f"{path}: cannot be read ({error.strerror or error})") from error
    name = path.name.removesuffix(".gz")
    return _capture(body, url or path.resolve().with_name(name).as_uri(), media_type(name), at)


def _capture(body: bytes, url: str, media: str, at: datetime) -> Capture:
    headers = (("content-type", media),) if media else ()
    return Capture(url=url, final_url=url, status=200, headers=headers, body=body, at=at)


def _stem(source: str) -> str:
    name = source.rstrip("/").rpartition("/")[2] or "page"
    return Path(name.removesuffix(".gz")).stem
