"""Reports for a terminal, or for a mail that cron sends: the marks are in the text, colour repeats them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.text import Text

from monitor.model import Mark, RecordedChange, Report
from monitor.report.excerpt import Words
from monitor.report.health import Trouble
from monitor.report.item import Finding, Item, Passage, Question, Verdict, tell
from monitor.report.lines import BAR, INDENT, NARROWEST, heading, printed, wrapped
from monitor.report.second import Second
from monitor.report.view import Held, View, ordered, view
from monitor.report.wording import LINKED, TO_ADD, listed

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


def opinions(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """The second opinions on the changes of a report."""
    found = [tell(change, report) for change in ordered(report)]
    lines = (line for item in found for line in _opinions(item, max(width, NARROWEST)))
    return printed(lines, width, colour)


def _opinions(item: Item, width: int) -> Iterator[Text]:
    yield from wrapped(Text(item.names, style="bold underline"), width)
    for second in item.seconds:
        yield from _second(second, width)


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
    yield from heading(LINKED, width)
    for one in view.linked:
        line = Text.assemble((one.documents, "bold"), f" · {one.says}")
        yield from wrapped(line, width, "", INDENT)
    if view.entries:
        yield Text(TO_ADD)
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
