"""HTML to a page: parse, find the main text, write it as blocks."""

from __future__ import annotations

from collections.abc import Iterable

from bs4 import BeautifulSoup, Tag
from soupsieve import SelectorSyntaxError

from monitor.errors import ExtractError
from monitor.extract.blocks import Writer, links_in
from monitor.extract.body import find_body
from monitor.extract.chrome import prune
from monitor.extract.dated import dated_lines
from monitor.extract.facts import read_facts
from monitor.extract.inline import repair
from monitor.extract.listing import body_of, flat, flatten, listed, parsed
from monitor.extract.markup import without_scripts
from monitor.extract.plain import with_sections
from monitor.extract.ranges import gathered
from monitor.extract.tabs import titled_panels
from monitor.extract.tree import Tree, measured
from monitor.model import Page, Range


def read_html(markup: str, *, url: str, select: tuple[str, ...] = (), remove: tuple[str, ...] = ()) -> Page:
    """The main text of an HTML page; raises ExtractError for frames and for what is no CSS selector."""
    markup, scripts = without_scripts(markup)
    document = listed(markup)
    facts = read_facts(document, url)
    if facts.frames:
        raise ExtractError(f"the page consists of frames; watch what they show: {', '.join(facts.frames)}")
    whole, parts, missing = _parts(document, markup, select, remove)
    all_text = " ".join([node.text.strip() for node in whole.nodes if node.size and not node.name])
    inputs = [node for node in whole.nodes if node.name == "input"]
    beside = () if select else links_in(whole, facts.base)
    writers = [_written(part, url, facts.base, search=not select) for part in parts]
    links = dict.fromkeys(link for writer in writers for link in writer.links)
    return Page(
        blocks=with_sections(block for writer in writers for block in writer.blocks),
        title=facts.title,
        language=facts.language,
        links=tuple(links),
        elsewhere=tuple(dict.fromkeys(link for link in beside if link not in links)),
        media="html",
        all_text=all_text,
        scripts=scripts,
        passwords=sum(node.attributes.get("type") == "password" for node in inputs),
        refresh=facts.refresh,
        missing=missing,
    )


def _parts(
    document: Tree, markup: str, select: tuple[str, ...], remove: tuple[str, ...]
) -> tuple[Tree, list[Tree], tuple[str, ...]]:
    """The body less what `remove` matches, the parts of it to read, and the selectors that match nothing."""
    if not select and not remove:
        body = measured(body_of(document))
        return body, [body], ()
    soup = parsed(markup)
    removed, not_removed = _chosen(soup, remove)
    for tag in removed:
        tag.extract()
    chosen, missing = _chosen(soup, select)
    whole = measured(body_of(flat(soup)))
    parts = [flatten(part) for part in _outermost(chosen)] if select else [whole]
    return whole, parts, (*missing, *not_removed)


def _written(tree: Tree, url: str, base: str, *, search: bool) -> Writer:
    """The document in a tree, everything else dropped; `search` finds it in a whole page."""
    repair(tree)
    dated = dated_lines(tree)
    panels = titled_panels(tree)
    prune(tree, url, dated, panels.keys())
    if search:
        find_body(tree, dated)
    writer = Writer(tree, base, panels)
    writer.write()
    return writer


def _chosen(soup: BeautifulSoup, selectors: Iterable[str]) -> tuple[list[Tag], tuple[str, ...]]:
    """The elements that the selectors match, and the selectors that match nothing."""
    found: list[Tag] = []
    missing = []
    for selector in selectors:
        try:
            wanted = Range.of(selector)
            matches = gathered(soup, wanted) if wanted else list(soup.select(selector))
        except (SelectorSyntaxError, NotImplementedError) as error:
            reason = str(error).splitlines()[0]
            raise ExtractError(f"{selector!r} is not a CSS selector that can be used: {reason}") from error
        found += matches
        if not matches:
            missing.append(selector)
    return found, tuple(missing)


def _outermost(chosen: list[Tag]) -> list[Tag]:
    """The chosen elements in document order, each once, less those inside another."""
    known = {id(tag): tag for tag in chosen}
    outermost = [tag for tag in known.values() if not any(id(up) in known for up in tag.parents)]
    if len(outermost) < 2:
        return outermost
    wanted = {id(tag) for tag in outermost}
    top = list(outermost[0].parents)[-1]
    return [tag for tag in top.descendants if isinstance(tag, Tag) and id(tag) in wanted]
