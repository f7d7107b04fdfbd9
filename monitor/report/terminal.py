"""Reports for a terminal, or for a mail that cron sends: the marks are in the text, colour repeats them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from io import StringIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from monitor.model import Mark, RecordedChange, Report
from monitor.report import tables
from monitor.report.excerpt import Words
from monitor.report.health import Trouble
from monitor.report.item import Finding, Item, Passage, Question, Verdict, tell
from monitor.report.view import Held, View, ordered, view
from monitor.report.wording import listed

Line = Text | Table

NARROWEST = 40
WIDE = 100
"""From this many columns on, tables show their spare columns too."""

INDENT = "  "
BAR = "│ "
"""Stands before every line of page text, so that no page can pass for our own words."""

OPEN = {Mark.REMOVED: "[-", Mark.ADDED: "{+"}
CLOSE = {Mark.REMOVED: "-]", Mark.ADDED: "+}"}
STYLES = {Mark.SAME: "", Mark.REMOVED: "bold red", Mark.ADDED: "bold green"}


def report(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """A report for a terminal `width` columns wide; page text cannot act on the terminal."""
    return _printed(_report(view(report), max(width, NARROWEST)), width, colour)


def show(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Every change of the report in full, with all its clauses."""
    lines = _shown(report, ordered(report), max(width, NARROWEST))
    return _printed(lines, width, colour)


def status(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """The table of positions, and the health of every document."""
    found = (tables.positions(report), tables.health(report))
    return _printed(_tables(found, max(width, NARROWEST)), width, colour)


def claims(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Every published claim and where it stands."""
    return _printed(_tables((tables.claims(report),), max(width, NARROWEST)), width, colour)


def changes(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """One line a change."""
    return _printed(_tables((tables.changes(report),), max(width, NARROWEST)), width, colour)


def _printed(lines: Iterable[Line], width: int, colour: bool) -> str:
    out = StringIO()
    console = Console(
        file=out,
        width=max(width, NARROWEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
        _environ={},
    )
    for line in lines:
        console.print(line, soft_wrap=isinstance(line, Text))
    return out.getvalue() if colour else "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())


# --- lines ---------------------------------------------------------------------------------------


def _wrapped(text: Text, width: int, first: str = "", later: str | None = None) -> Iterator[Text]:
    """A text in lines of `width` columns, each behind its indent."""
    later = first if later is None else later
    for at, line in enumerate(text.wrap(_console(), max(width - len(later), NARROWEST // 2))):
        line.rstrip()
        yield Text.assemble((later if at else first, "dim" if BAR in later else ""), line)


@cache
def _console() -> Console:
    """What rich measures and wraps with; nothing is ever printed on it."""
    return Console(file=StringIO(), _environ={})


def _heading(title: str, width: int) -> Iterator[Text]:
    yield Text()
    yield Text(f"── {title} ".ljust(width, "─"), style="bold")


def _report(view: View, width: int) -> Iterator[Text]:
    yield Text(f"{view.title} · {view.at}", style="dim")
    yield from _wrapped(Text(view.summary, style="bold"), width)
    if view.unseen:
        yield from _wrapped(Text(view.unseen, style="bold red"), width)
    for note in view.notes:
        yield from _wrapped(Text(note), width)
    if len(view.flagged) > 1:
        yield Text()
        yield from _glance(view.flagged, width)
    yield from _group("Substantive changes", view.substantive, width)
    yield from _group("Editorial changes", view.editorial, width)
    yield from _brief("Other changes", view.others, width)
    if view.held:
        yield from _heading("Held back", width)
        for held in view.held:
            yield from _held(held, width)
    if view.health:
        yield from _heading("Health", width)
        yield from _wrapped(Text(view.health), width)
    for trouble in view.troubles:
        yield from _trouble(trouble, width)


def _glance(items: Iterable[Item], width: int) -> Iterator[Text]:
    for item in items:
        said = Text("; ").join(Text(verdict.short, _style(verdict)) for verdict in item.verdicts)
        line = Text.assemble(INDENT, (item.tagged, "bold"), ": ", said)
        if line.cell_len <= width:
            yield line
            continue
        yield from _wrapped(Text(item.tagged, style="bold"), width, INDENT, INDENT * 2)
        for verdict in item.verdicts:
            yield from _wrapped(Text(verdict.short, _style(verdict)), width, INDENT * 2, INDENT * 3)


def _group(title: str, items: tuple[Item, ...], width: int) -> Iterator[Text]:
    if not items:
        return
    yield from _heading(f"{title} ({len(items)})", width)
    for item in items:
        yield Text()
        yield from _item(item, width)


def _brief(title: str, items: tuple[Item, ...], width: int) -> Iterator[Text]:
    if not items:
        return
    yield from _heading(f"{title} ({len(items)})", width)
    for item in items:
        yield Text()
        yield from _wrapped(Text(item.name, style="bold"), width)
        for remark in item.remarks:
            yield from _wrapped(Text(f"! {remark}", style="yellow"), width, "", INDENT)
        yield from _wrapped(Text(f"{item.document}, {' to '.join(one.at for one in item.editions)}"), width)
        yield from _others(item, width)


def _held(held: Held, width: int) -> Iterator[Text]:
    line = Text.assemble((held.document, "bold"), f" · {held.what}: {held.why} ({held.at})")
    yield from _wrapped(line, width, "", INDENT)


def _trouble(trouble: Trouble, width: int) -> Iterator[Text]:
    line = Text.assemble((f"✗ {trouble.document}", "bold red"), f" · {trouble.says}")
    yield from _wrapped(line, width, "", INDENT)


# --- one change ----------------------------------------------------------------------------------


def _shown(report: Report, changes: Iterable[RecordedChange], width: int) -> Iterator[Text]:
    for at, change in enumerate(changes):
        if at:
            yield Text()
        yield from _item(tell(change, report, in_full=True), width)


def _item(item: Item, width: int) -> Iterator[Text]:
    yield from _wrapped(Text(item.name, style="bold underline"), width)
    for verdict in item.verdicts:
        yield from _wrapped(Text(f"{verdict.sign} {verdict.topic}: {verdict.says}", _style(verdict)), width)
    for remark in item.remarks:
        yield from _wrapped(Text(f"! {remark}", style="yellow"), width, "", INDENT)
    yield from _facts(item, width)
    for finding in item.findings:
        yield from _finding(finding, width)
    yield from _to_do(item, width)
    yield from _others(item, width)


def _facts(item: Item, width: int) -> Iterator[Text]:
    yield from _fact("document", item.document, width)
    if item.products:
        yield from _fact("products", ", ".join(item.products), width)
    for edition in item.editions:
        effective = f", {edition.effective}" if edition.effective else ""
        yield from _fact(edition.label, f"{edition.at}{effective}", width)
        if edition.url:
            yield Text(f"{'':9}{edition.url}", style="dim")


def _fact(name: str, text: str, width: int) -> Iterator[Text]:
    yield from _wrapped(Text(text), width, f"{name:9}", " " * 9)


def _style(verdict: Verdict) -> str:
    if not verdict.substantive:
        return "cyan"
    return {"▲": "bold red", "▼": "bold green"}.get(verdict.sign, "bold yellow")


def _finding(finding: Finding, width: int) -> Iterator[Text]:
    yield Text()
    yield from _passage(finding.passage, width)
    for verdict in finding.verdicts:
        said = Text.assemble((f"{verdict.sign} {verdict.topic}: {verdict.says}", _style(verdict)))
        yield from _wrapped(said, width, INDENT, INDENT * 2)
        if verdict.summary:
            yield from _wrapped(Text(verdict.summary), width, INDENT * 2)
        yield from _wrapped(Text(verdict.why, style="dim"), width, INDENT * 2)
    if finding.twins:
        twins = f"The same clause changed in {listed(list(finding.twins))}."
        yield from _wrapped(Text(twins), width, INDENT * 2)


def _passage(passage: Passage, width: int, *, headed: bool = True) -> Iterator[Text]:
    if headed:
        yield from _wrapped(Text(f"§ {passage.place}", style="italic"), width, INDENT, INDENT * 2)
    bar = INDENT + BAR
    if passage.columns:
        yield from _wrapped(Text(f"({passage.columns})", style="dim"), width, bar)
    if not passage.interwoven:
        yield from _wrapped(_words(passage.words), width, bar)
        return
    yield from _wrapped(_words(passage.before), width, bar)
    yield from _wrapped(_words(passage.after), width, bar)


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
    if item.questions:
        yield Text()
        yield Text(f"{INDENT}Claims in doubt", style="bold")
    for question in item.questions:
        yield from _question(question, width)
    if item.dismiss:
        yield Text()
        yield from _wrapped(Text("If no claim is affected:"), width, INDENT)
        yield Text(f"{INDENT * 2}{item.dismiss}", style="bold cyan")


def _question(question: Question, width: int) -> Iterator[Text]:
    line = Text(f"{question.name or question.product}, {question.topic}: {'; or '.join(question.claims)}")
    if question.via:
        line.append(f" (it depends on {question.via})")
    if question.settled:
        line.append(f" ({question.settled})")
    yield from _wrapped(line, width, INDENT, INDENT * 2)
    if question.command:
        yield Text(f"{INDENT * 2}{question.command}", style="bold cyan")


def _others(item: Item, width: int) -> Iterator[Text]:
    if not item.counts:
        return
    also = "Other clauses" if item.findings else "Clauses"
    if item.findings:
        yield Text()
    yield from _wrapped(Text(f"{also}: {item.counts}."), width, INDENT)
    place = ""
    for passage in item.others:
        yield from _passage(passage, width, headed=passage.place != place)
        place = passage.place
    if item.more:
        rest = (
            f"and {item.more} more: tos-monitor show {item.number}"
            if item.number
            else f"and {item.more} more"
        )
        yield from _wrapped(Text(rest), width, INDENT)


# --- tables --------------------------------------------------------------------------------------


def _tables(found: Iterable[tables.Table], width: int) -> Iterator[Line]:
    for at, table in enumerate(found):
        if at:
            yield Text()
        yield Text(table.title, style="bold")
        yield _table(table, width) if table.rows else Text(table.empty)
        for note in table.notes:
            yield from _wrapped(Text(f"! {note.text}", style="yellow"), width, "", INDENT)
            if note.command:
                yield Text(f"{INDENT}{note.command}", style="bold cyan")


def _table(table: tables.Table, width: int) -> Table:
    drawn = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 2, 0, 0))
    shown = [at for at, name in enumerate(table.columns) if width >= WIDE or name not in table.spare]
    for at in shown:
        name = table.columns[at]
        drawn.add_column(name, overflow="fold", no_wrap=name in table.whole)
    for row in table.rows:
        drawn.add_row(*(Text(row.cells[at]) for at in shown), style="bold yellow" if row.alarm else "")
    return drawn
