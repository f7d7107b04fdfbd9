"""Reports for a terminal, or for a mail that cron sends: the marks are in the text, colour repeats them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich import box
from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from monitor.model import Mark, RecordedChange, Report
from monitor.report import linked, tables
from monitor.report.excerpt import Words
from monitor.report.health import Trouble
from monitor.report.item import Finding, Item, Passage, Question, Verdict, tell
from monitor.report.lines import BAR, INDENT, NARROWEST, Line, heading, printed, wrapped
from monitor.report.second import Second
from monitor.report.view import Held, View, ordered, view
from monitor.report.wording import listed

WIDE = 100
"""From this many columns on, tables show their spare columns too."""

GAPS = (3, 2)
"""Spaces between the columns of a table: the fewer only where a word would be broken otherwise."""

LEAST = 6
"""Columns that a cell keeps, however narrow the terminal is."""

OPEN = {Mark.REMOVED: "[-", Mark.ADDED: "{+"}
CLOSE = {Mark.REMOVED: "-]", Mark.ADDED: "+}"}
STYLES = {Mark.SAME: "", Mark.REMOVED: "bold red", Mark.ADDED: "bold green"}


def report(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """A report for a terminal `width` columns wide; page text cannot act on the terminal."""
    return printed(_report(view(report), max(width, NARROWEST)), width, colour)


def show(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Every change of the report in full, with all its clauses."""
    lines = _shown(report, ordered(report), max(width, NARROWEST))
    return printed(lines, width, colour)


def status(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """The table of positions, and the health of every document."""
    found = (tables.positions(report), tables.health(report))
    return printed(_tables(found, max(width, NARROWEST)), width, colour)


def claims(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Every published claim and where it stands."""
    return printed(_tables((tables.claims(report),), max(width, NARROWEST)), width, colour)


def changes(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """One line a change."""
    return printed(_tables((tables.changes(report),), max(width, NARROWEST)), width, colour)


def opinions(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """The second opinions on the changes of a report."""
    found = [tell(change, report) for change in ordered(report)]
    lines = (line for item in found for line in _opinions(item, max(width, NARROWEST)))
    return printed(lines, width, colour)


def _opinions(item: Item, width: int) -> Iterator[Text]:
    yield from wrapped(Text(item.names, style="bold underline"), width)
    for second in item.seconds:
        yield from _second(second, width)


def listing(found: Iterable[tables.Table], *, width: int = 80, colour: bool = False) -> str:
    """Tables one below the other."""
    return printed(_tables(found, max(width, NARROWEST)), width, colour)


def _report(view: View, width: int) -> Iterator[Text]:
    yield Text(f"{view.title} · {view.at}", style="dim")
    yield from wrapped(Text(view.summary, style="bold"), width)
    if view.unseen:
        yield from wrapped(Text(view.unseen, style="bold red"), width)
    for note in view.notes:
        yield from wrapped(Text(note), width)
    if len(view.flagged) > 1:
        yield Text()
        yield from _glance(view.flagged, width)
    yield from _group("Substantive changes", view.substantive, width)
    yield from _group("Editorial changes", view.editorial, width)
    yield from _brief("Other changes", view.others, width)
    yield from _linked(view, width)
    if view.held:
        yield from heading("Held back", width)
        for held in view.held:
            yield from _held(held, width)
    if view.health:
        yield from heading("Health", width)
        yield from wrapped(Text(view.health), width)
    for trouble in view.troubles:
        yield from _trouble(trouble, width)


def _glance(items: Iterable[Item], width: int) -> Iterator[Text]:
    for item in items:
        said = Text("; ").join(Text(verdict.short, _style(verdict)) for verdict in item.verdicts)
        line = Text.assemble(INDENT, (item.tagged, "bold"), ": ", said)
        if line.cell_len <= width:
            yield line
            continue
        yield from wrapped(Text(item.tagged, style="bold"), width, INDENT, INDENT * 2)
        for verdict in item.verdicts:
            yield from wrapped(Text(verdict.short, _style(verdict)), width, INDENT * 2, INDENT * 3)


def _group(title: str, items: tuple[Item, ...], width: int) -> Iterator[Text]:
    if not items:
        return
    yield from heading(f"{title} ({len(items)})", width)
    for item in items:
        yield Text()
        yield from _item(item, width)


def _brief(title: str, items: tuple[Item, ...], width: int) -> Iterator[Text]:
    if not items:
        return
    yield from heading(f"{title} ({len(items)})", width)
    for item in items:
        yield Text()
        yield from wrapped(Text(item.names, style="bold"), width)
        for remark in item.remarks:
            yield from wrapped(Text(f"! {remark}", style="yellow"), width, "", INDENT)
        for one in item.all:
            yield from wrapped(Text(f"{one.document}, {one.period}"), width)
        yield from _others(item, width)


def _linked(view: View, width: int) -> Iterator[Text]:
    if not view.linked:
        return
    yield from heading(linked.TITLE, width)
    for one in view.linked:
        line = Text.assemble((one.documents, "bold"), f" · {one.says}")
        yield from wrapped(line, width, "", INDENT)
    if view.entries:
        yield Text(linked.ADD)
        yield from (Text(f"{INDENT}{line}", style="cyan") for line in view.entries.split("\n"))


def _held(held: Held, width: int) -> Iterator[Text]:
    line = Text.assemble((held.document, "bold"), f" · {held.what}: {held.why} ({held.at})")
    yield from wrapped(line, width, "", INDENT)


def _trouble(trouble: Trouble, width: int) -> Iterator[Text]:
    line = Text.assemble((f"✗ {trouble.document}", "bold red"), f" · {trouble.says}")
    yield from wrapped(line, width, "", INDENT)


# --- one change ----------------------------------------------------------------------------------


def _shown(report: Report, changes: Iterable[RecordedChange], width: int) -> Iterator[Text]:
    for at, change in enumerate(changes):
        if at:
            yield Text()
        yield from _item(tell(change, report, in_full=True), width)


def _item(item: Item, width: int) -> Iterator[Text]:
    yield from wrapped(Text(item.names, style="bold underline"), width)
    for verdict in item.verdicts:
        yield from wrapped(Text(f"{verdict.sign} {verdict.topic}: {verdict.says}", _style(verdict)), width)
    for remark in item.remarks:
        yield from wrapped(Text(f"! {remark}", style="yellow"), width, "", INDENT)
    for one in item.all:
        yield from _facts(one, width)
    for finding in item.findings:
        yield from _finding(finding, width)
    for second in item.seconds:
        yield Text()
        yield from _second(second, width)
    yield from _to_do(item, width)
    yield from _others(item, width)
    yield from _more_of(item.also, width)


def _facts(item: Item, width: int) -> Iterator[Text]:
    yield from _fact("document", item.document, width)
    if item.products:
        yield from _fact("products", ", ".join(item.products), width)
    for edition in item.editions:
        effective = f", {edition.effective}" if edition.effective else ""
        yield from _fact(edition.label, f"{edition.at}{effective}", width)
        if edition.url:
            yield Text(f"{'':9}{edition.url}", style="dim")


def _more_of(items: Iterable[Item], width: int) -> Iterator[Text]:
    """What else changed in the documents that are told with another."""
    for item in items:
        if item.counts and item.findings:
            show = f": {item.show}" if item.show else ""
            yield from wrapped(Text(f"Other clauses of {item.document}: {item.counts}{show}"), width, INDENT)


def _fact(name: str, text: str, width: int) -> Iterator[Text]:
    yield from wrapped(Text(text), width, f"{name:9}", " " * 9)


def _style(verdict: Verdict) -> str:
    if not verdict.substantive:
        return "cyan"
    return {"▲": "bold red", "▼": "bold green"}.get(verdict.sign, "bold yellow")


def _finding(finding: Finding, width: int) -> Iterator[Text]:
    yield Text()
    yield from _passage(finding.passage, width)
    for verdict in finding.verdicts:
        said = Text.assemble((f"{verdict.sign} {verdict.topic}: {verdict.says}", _style(verdict)))
        yield from wrapped(said, width, INDENT, INDENT * 2)
        if verdict.summary:
            yield from wrapped(Text(verdict.summary), width, INDENT * 2)
        yield from wrapped(Text(verdict.why, style="dim"), width, INDENT * 2)
    if finding.twins:
        twins = f"The same clause changed in {listed(list(finding.twins))}."
        yield from wrapped(Text(twins), width, INDENT * 2)


def _second(second: Second, width: int) -> Iterator[Text]:
    yield from wrapped(Text(second.label, style="magenta"), width, INDENT, INDENT * 2)
    yield from wrapped(Text(second.summary), width, INDENT + BAR)


def _passage(passage: Passage, width: int, *, headed: bool = True) -> Iterator[Text]:
    if headed:
        yield from wrapped(Text(f"§ {passage.place}", style="italic"), width, INDENT, INDENT * 2)
    bar = INDENT + BAR
    if passage.columns:
        yield from wrapped(Text(f"({passage.columns})", style="dim"), width, bar)
    if not passage.interwoven:
        yield from wrapped(_words(passage.words), width, bar)
        return
    yield from wrapped(_words(passage.before), width, bar)
    yield from wrapped(_words(passage.after), width, bar)


def _words(words: Words) -> Text:
    """Marked words as [-removed-] and {+added+}; the same signs in page text are broken up."""
    line = Text()
    for mark, text in words:
        line.append(OPEN.get(mark, "") + _unmarked(text) + CLOSE.get(mark, ""), style=STYLES[mark])
    return line


def _unmarked(text: str) -> str:
    for sign in (*OPEN.values(), *CLOSE.values()):
        text = text.replace(sign, f"{sign[0]}\\{sign[1]}")
    return text


def _to_do(item: Item, width: int) -> Iterator[Text]:
    if item.asked:
        yield Text()
        yield Text(f"{INDENT}Claims in doubt", style="bold")
    for question in item.asked:
        yield from _question(question, width)
    if item.dismissals:
        yield Text()
        yield from wrapped(Text("If no claim is affected:"), width, INDENT)
    for command in item.dismissals:
        yield Text(f"{INDENT * 2}{command}", style="bold cyan")


def _question(question: Question, width: int) -> Iterator[Text]:
    line = Text(f"{question.name or question.product}, {question.topic}: {'; or '.join(question.claims)}")
    if question.via:
        line.append(f" (it depends on {question.via})")
    if question.settled:
        line.append(f" ({question.settled})")
    yield from wrapped(line, width, INDENT, INDENT * 2)
    if question.command:
        yield Text(f"{INDENT * 2}{question.command}", style="bold cyan")


def _others(item: Item, width: int) -> Iterator[Text]:
    if not item.counts:
        return
    also = "Other clauses" if item.findings else "Clauses"
    if item.findings:
        yield Text()
    yield from wrapped(Text(f"{also}: {item.counts}."), width, INDENT)
    place = ""
    for passage in item.others:
        yield from _passage(passage, width, headed=passage.place != place)
        place = passage.place
    if item.more:
        rest = f"and {item.more} more" + (f": {item.show}" if item.show else "")
        yield from wrapped(Text(rest), width, INDENT)


# --- tables --------------------------------------------------------------------------------------


def _tables(found: Iterable[tables.Table], width: int) -> Iterator[Line]:
    for at, table in enumerate(found):
        if at:
            yield Text()
        yield Text(table.title, style="bold")
        yield _table(table, width) if table.rows else Text(table.empty)
        for note in table.notes:
            yield from wrapped(Text(f"! {note.text}", style="yellow"), width, "", INDENT)
            if note.command:
                yield Text(f"{INDENT}{note.command}", style="bold cyan")


def _table(table: tables.Table, width: int) -> Table:
    shown = [at for at, name in enumerate(table.columns) if width >= WIDE or name not in table.spare]
    texts = [[table.columns[at], *(row.cells[at] for row in table.rows)] for at in shown]
    whole = [table.columns[at] in table.whole for at in shown]
    for gap in GAPS:
        widths, fits = _widths(texts, whole, width - gap * (len(shown) - 1))
        if fits:
            break
    # The box draws a space of its own beside the padding.
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, gap - 1, 0, 0))
    for at, wide in zip(shown, widths, strict=True):
        drawn.add_column(table.columns[at], overflow="fold", width=wide)
    for row in table.rows:
        drawn.add_row(*(Text(row.cells[at]) for at in shown), style="bold yellow" if row.alarm else "")
    return drawn


def _widths(texts: list[list[str]], whole: list[bool], room: int) -> tuple[list[int], bool]:
    """The width of each column of texts, and whether no word is broken at that."""
    natural = [max(map(cell_len, column)) for column in texts]
    pieces = [
        [*head.split(), *(cells if keep else " ".join(cells).split())]
        for (head, *cells), keep in zip(texts, whole, strict=True)
    ]
    widths = [max(map(cell_len, column)) for column in pieces]
    fits = sum(widths) <= room
    while sum(widths) > room and max(widths) > LEAST:
        breakable = [at for at, keep in enumerate(whole) if not keep and widths[at] > LEAST]
        widths[max(breakable or range(len(widths)), key=lambda at: widths[at])] -= 1
    while sum(widths) < room and (narrow := [at for at, full in enumerate(natural) if widths[at] < full]):
        widths[min(narrow, key=lambda at: widths[at])] += 1
    return widths, fits
