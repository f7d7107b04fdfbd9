"""`tos-monitor discover`: the legal documents that a provider's page links to, as watchlist entries."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from monitor import extract as reading
from monitor.cli.exits import Exit
from monitor.cli.files import read_file
from monitor.cli.options import OutputOption, WatchlistOption, deliver
from monitor.errors import ExtractError, MissingExtra, UsageError
from monitor.guard import suspect
from monitor.links import LegalLink, legal_links, watched_all
from monitor.links.proposals import Proposal, as_toml, plain, proposals, provider_of
from monitor.model import Capture, Document, Fetched, FetchFailure, Page, Previous, Render, Watchlist
from monitor.report.json import SCHEMA, dumped
from monitor.report.wording import counted, visible
from monitor.settings import Settings, settings
from monitor.watchlist import load_watched, parse_networks
from monitor.watchlist.spelling import is_slug, slug_like
from monitor.wiring import open_fetcher

WALLS = frozenset(("challenge", "access-denied", "application-error", "login"))
"""Reasons of the guard that a page of links may have; those about its text mean nothing here."""


class Form(StrEnum):
    TERMINAL = "terminal"
    JSON = "json"


def discover(
    source: Annotated[str, typer.Argument(metavar="URL | FILE", help="A page that links to the documents.")],
    provider: Annotated[
        str | None,
        typer.Option("--provider", metavar="NAME", help="Whose they are; default: told from the address."),
    ] = None,
    url: Annotated[str, typer.Option("--url", help="The address a file came from, for its links.")] = "",
    format: Annotated[
        Form, typer.Option("--format", help="terminal: lines for the watchlist, the rest as comments; json.")
    ] = Form.TERMINAL,
    output: OutputOption = None,
    allow_address: Annotated[
        list[str] | None, typer.Option("--allow-address", help="A private network that a URL may lead to.")
    ] = None,
    watchlist: WatchlistOption = None,
) -> None:
    """Propose watchlist entries for the legal documents a page links to.

    What is printed may be appended to the watchlist as it is: what is watched already is a comment. Read
    each document once with `tos-monitor extract URL` before you rely on it. The exit code is 2 when the
    page cannot be read.

    Example: tos-monitor discover https://example.com/legal --provider example >> watchlist.toml
    """
    if provider is not None and not is_slug(provider):
        raise UsageError(f'--provider: write small letters, digits and hyphens: "{slug_like(provider)}"')
    chosen = settings(watchlist=watchlist)
    known = load_watched(chosen.watchlist, required=watchlist is not None)
    try:
        capture, page = _read(source, url, allow_address or [], known, chosen)
    except (ExtractError, MissingExtra) as error:
        typer.echo(f"{source}: {str(error).removeprefix(f'{source}: ')}", err=True)
        raise typer.Exit(Exit.FAILED) from error
    found = legal_links(page, capture.final_url)
    whose = provider or provider_of(capture.final_url, known)
    made = proposals(found, whose, known)
    if not found:
        where = "" if url or "://" in source else ", and with --url where the file came from"
        typer.echo(f"{source}: no links to legal documents; name the page that lists them{where}", err=True)
    show = _as_json if format is Form.JSON else _as_toml
    deliver(show(capture.final_url, found, made, known), output)


# --- reading -------------------------------------------------------------------------------------


def _read(
    source: str, url: str, networks: list[str], known: Watchlist, chosen: Settings
) -> tuple[Capture, Page]:
    """The page, in the browser where HTTP brings no such links; ExtractError where it cannot be read."""
    if not source.startswith(("http://", "https://")):
        capture = read_file(Path(source), url)
        return capture, reading.read(capture)
    return asyncio.run(_fetch(source, networks, known, chosen))


async def _fetch(url: str, networks: list[str], known: Watchlist, chosen: Settings) -> tuple[Capture, Page]:
    allowed = (*known.allow_addresses, *parse_networks(networks))
    async with open_fetcher(
        chosen, per_host=known.per_host, delay=known.delay, allow_addresses=allowed
    ) as fetcher:
        document = Document(id="discover/page", provider="discover", type="", url=url, render=Render.HTTP)
        capture, page = _page(await fetcher.fetch(document))
        if page.scripts and not legal_links(page, capture.final_url):
            shown = await fetcher.fetch(replace(document, render=Render.BROWSER))
            if isinstance(shown, FetchFailure):
                raise ExtractError(f"it shows no links without its scripts, and {shown.reason.detail}")
            capture, page = _page(shown)
    _refuse_wall(document, capture, page)
    return capture, page


def _page(fetched: Fetched) -> tuple[Capture, Page]:
    if isinstance(fetched, FetchFailure):
        raise ExtractError(fetched.reason.detail)
    if not isinstance(fetched, Capture):
        raise ExtractError("nothing came")
    if fetched.status >= 400:
        raise ExtractError(f"the server answered with status {fetched.status}")
    return fetched, reading.read(fetched)


def _refuse_wall(document: Document, capture: Capture, page: Page) -> None:
    """Raise ExtractError for a page without legal documents that says itself that it is none."""
    if legal_links(page, capture.final_url):
        return
    walls = [one.detail for one in suspect(document, capture, page, Previous()) if one.code in WALLS]
    if walls:
        raise ExtractError("; ".join(walls))


# --- showing -------------------------------------------------------------------------------------


def _as_toml(url: str, found: tuple[LegalLink, ...], made: tuple[Proposal, ...], known: Watchlist) -> str:
    """Lines for a watchlist; whatever comes from the page beside its addresses is a comment."""
    return "\n".join((*_comments(url, found, made, known), "", as_toml(made, known))).rstrip("\n") + "\n"


def _comments(
    url: str, found: tuple[LegalLink, ...], made: tuple[Proposal, ...], known: Watchlist
) -> Iterator[str]:
    count = counted(len(found), "legal document")
    yield _comment(f"{plain(url)} links to {count}; {len(made)} not watched yet")
    for link, id in _watched(found, known):
        yield _comment(f'watched as {id}: "{link.text}" {plain(link.url)}')
    for one in made:
        yield _comment(f'{one.id}: "{one.text}"')


def _comment(text: str) -> str:
    return f"# {visible(text)}"


def _watched(found: tuple[LegalLink, ...], known: Watchlist) -> Iterator[tuple[LegalLink, str]]:
    ids = watched_all((link.url for link in found), known)
    yield from ((link, ids[link.url]) for link in found if link.url in ids)


def _as_json(url: str, found: tuple[LegalLink, ...], made: tuple[Proposal, ...], known: Watchlist) -> str:
    """{"schema", "url", "documents": [{"text", "url", "type", "watched", "proposed"} …], "entries"}.

    `watched` and `proposed` are ids or null; `entries` is the TOML that would add what is proposed.
    """
    ids = watched_all((link.url for link in found), known)
    proposed = {one.url: one.id for one in made}
    documents = [
        {
            "text": link.text,
            "url": link.url,
            "type": link.type,
            "watched": ids.get(link.url),
            "proposed": proposed.get(plain(link.url)),
        }
        for link in found
    ]
    return dumped({"schema": SCHEMA, "url": url, "documents": documents, "entries": as_toml(made, known)})
