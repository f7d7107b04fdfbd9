"""Reports as Markdown (CommonMark with GitHub's tables), in which page text is only ever text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from monitor.model import Mark, Report
from monitor.report import tables, wording
from monitor.report.excerpt import Words
from monitor.report.item import Finding, Item, Passage, Question, Verdict, tell
from monitor.report.second import Second
from monitor.report.view import View, ordered, view
from monitor.report.wording import listed, visible

SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~&$])")
BLOCK_START = re.compile(r"^(\s*)([-+=]|\d{1,9}(?=[.)]))")
# GitHub links bare addresses, mails and @names that stand in text; these keep text as text.
SCHEME = re.compile(r"://")
BACKTICKS = re.compile(r"`+")
WWW = re.compile(r"\b(www)\.", re.IGNORECASE)
TAGS = {Mark.SAME: ("", ""), Mark.REMOVED: ("<del>", "</del>"), Mark.ADDED: ("<ins>", "</ins>")}
LINKABLE = re.compile(r"https?://[^\s<>\\]+", re.IGNORECASE)


def report(report: Report) -> str:
    """A report as Markdown: headings, marked words as <del> and <ins>, commands in code blocks."""
    return _joined(_report(view(report)))


def show(report: Report) -> str:
    """Every change of the report in full, with all its clauses."""
    return _joined(
        line for change in ordered(report) for line in _item(tell(change, report, in_full=True), 1)
    )


def status(report: Report) -> str:
    """The table of positions, and the health of every document."""
    return _joined([*_table(tables.positions(report)), *_table(tables.health(report))])


def claims(report: Report) -> str:
    """Every published claim and where it stands."""
    return _joined(_table(tables.claims(report)))


def changes(report: Report) -> str:
    """One row a change."""
    return _joined(_table(tables.changes(report)))


def opinions(report: Report) -> str:
    """The second opinions on the changes of a report."""
    found = [tell(change, report) for change in ordered(report)]
    return _joined(part for item in found for part in _opinions(item))


def _opinions(item: Item) -> Iterator[str]:
    yield f"# {escape(item.names)}"
    for second in item.seconds:
        yield from _second(second)


def listing(found: Iterable[tables.Table]) -> str:
    """Tables one below the other."""
    return _joined(line for table in found for line in _table(table))


def escape(text: str) -> str:
    """Text that no Markdown reader takes for structure, a link, a mention or HTML."""
    text = SPECIAL.sub(r"\\\1", visible(text))
    text = WWW.sub(r"\1\\.", SCHEME.sub(r"\\://", text)).replace("@", "@<!-- -->")
    return BLOCK_START.sub(_escaped_start, text)


def _escaped_start(found: re.Match[str]) -> str:
    if found[2].isdigit():
        return f"{found[1]}{found[2]}\\"
    return f"{found[1]}\\{found[2]}"


def _joined(paragraphs: Iterable[str]) -> str:
    """Blocks of Markdown, an empty line between them."""
    return "\n\n".join(filter(None, paragraphs)) + "\n"


def _report(view: View) -> Iterator[str]:
    yield f"# {escape(view.title)}, {view.at}"
    yield f"**{escape(view.summary)}**"
    if view.unseen:
        yield f"**{escape(view.unseen)}**"
    yield "\n".join(f"- {escape(note)}" for note in view.notes)
    if len(view.flagged) > 1:
        yield "\n".join(_glance(view.flagged))
    yield from _group("Substantive changes", view.substantive)
    yield from _group("Editorial changes", view.editorial)
    yield from _brief("Other changes", view.others)
    yield from _linked(view)
    if view.held:
        yield "## Held back"
        yield "\n".join(
            f"- **{escape(held.document)}**, {escape(held.what)}: {escape(held.why)} ({held.at})"
            for held in view.held
        )
    yield from _health(view)


def _glance(items: Iterable[Item]) -> Iterator[str]:
    for item in items:
        said = "; ".join(verdict.short for verdict in item.verdicts)
        yield f"- **{escape(item.tagged)}**: {escape(said)}"


def _group(title: str, items: tuple[Item, ...]) -> Iterator[str]:
    if items:
        yield f"## {title} ({len(items)})"
    for item in items:
        yield from _item(item, 3)


def _brief(title: str, items: tuple[Item, ...]) -> Iterator[str]:
    if items:
        yield f"## {title} ({len(items)})"
    for item in items:
        yield f"### {escape(item.names)}"
        lines = [*(f"{one.document}, {one.period}" for one in item.all), *item.remarks]
        yield "\n".join(f"- {escape(line)}" for line in lines)
        yield from _others(item)


def _linked(view: View) -> Iterator[str]:
    if not view.linked:
        return
    yield f"## {wording.LINKED}"
    yield "\n".join(f"- **{escape(one.documents)}**: {escape(one.says)}" for one in view.linked)
    if view.entries:
        lines = "\n".join(f"    {line}" for line in view.entries.split("\n"))
        yield f"{wording.TO_ADD}\n\n{lines}"


def _health(view: View) -> Iterator[str]:
    if not view.health and not view.troubles:
        return
    yield "## Health"
    yield escape(view.health)
    yield "\n".join(f"- **{escape(one.document)}**: {escape(one.says)}" for one in view.troubles)


# --- one change ----------------------------------------------------------------------------------


def _verdict(verdict: Verdict) -> str:
    return f"{verdict.sign} **{escape(verdict.topic)}**: {escape(verdict.says)}"


def _item(item: Item, level: int) -> Iterator[str]:
    yield f"{'#' * level} {escape(item.names)}"
    yield "\n".join((*_said(item), *(line for one in item.all for line in _facts(one))))
    for finding in item.findings:
        yield from _finding(finding)
    for second in item.seconds:
        yield from _second(second)
    yield from _to_do(item)
    yield from _others(item)
    yield "\n".join(_more_of(item.also))


def _said(item: Item) -> Iterator[str]:
    yield from (f"- {_verdict(verdict)}" for verdict in item.verdicts)
    yield from (f"- **{escape(remark)}**" for remark in item.remarks)


def _more_of(items: Iterable[Item]) -> Iterator[str]:
    """What else changed in the documents that are told with another."""
    for item in items:
        if item.counts and item.findings:
            show = f": {code(item.show)}" if item.show else ""
            yield f"- Other clauses of {escape(item.document)}: {item.counts}{show}"


def _facts(item: Item) -> Iterator[str]:
    yield f"- document: {escape(item.document)}"
    if item.products:
        yield f"- products: {escape(', '.join(item.products))}"
    for edition in item.editions:
        told = [edition.at, _link(edition.url), escape(edition.effective)]
        yield f"- {edition.label}: {', '.join(filter(None, told))}"


def _link(url: str) -> str:
    return f"<{url}>" if LINKABLE.fullmatch(url) else escape(url)


def _finding(finding: Finding) -> Iterator[str]:
    yield from _passage(finding.passage)
    for verdict in finding.verdicts:
        yield "  \n".join(filter(None, (_verdict(verdict), escape(verdict.summary), escape(verdict.why))))
    if finding.twins:
        yield f"The same clause changed in {escape(listed(list(finding.twins)))}."


def _second(second: Second) -> Iterator[str]:
    yield f"*{escape(second.label)}*"
    yield f"> {escape(second.summary)}"


def _passage(passage: Passage, *, headed: bool = True) -> Iterator[str]:
    if headed:
        yield f"§ *{escape(passage.place)}*"
    lines = [_words(words) for words in _readable(passage)]
    columns = [f"({escape(passage.columns)})"] if passage.columns else []
    yield "\n>\n".join(f"> {line}" for line in (*columns, *lines))


def _readable(passage: Passage) -> tuple[Words, ...]:
    return (passage.before, passage.after) if passage.interwoven else (passage.words,)


def _words(words: Words) -> str:
    return "".join(f"{TAGS[mark][0]}{escape(text)}{TAGS[mark][1]}" for mark, text in words)


def _to_do(item: Item) -> Iterator[str]:
    if item.asked:
        yield "**Claims in doubt**"
    for question in item.asked:
        yield _question(question)
    if item.dismissals:
        commands = "\n".join(f"    {command}" for command in item.dismissals)
        yield f"If no claim is affected:\n\n{commands}"


def _question(question: Question) -> str:
    name = escape(question.name or question.product)
    via = f" (it depends on {escape(question.via)})" if question.via else ""
    settled = f" ({question.settled})" if question.settled else ""
    said = f"{name}, {escape(question.topic)}: {escape('; or '.join(question.claims))}{via}{settled}"
    return f"{said}\n\n    {question.command}" if question.command else said


def _others(item: Item) -> Iterator[str]:
    if not item.counts:
        return
    yield f"{'Other clauses' if item.findings else 'Clauses'}: {item.counts}."
    place = ""
    for passage in item.others:
        yield from _passage(passage, headed=passage.place != place)
        place = passage.place
    if item.more:
        command = f": {code(item.show)}" if item.show else "."
        yield f"And {item.more} more{command}"


# --- tables --------------------------------------------------------------------------------------


def _table(table: tables.Table) -> Iterator[str]:
    yield f"# {table.title}"
    lines = [
        table.columns,
        ("---",) * len(table.columns),
        *(tuple(map(escape, row.cells)) for row in table.rows),
    ]
    yield "\n".join(f"| {' | '.join(line)} |" for line in lines) if table.rows else table.empty
    yield "\n".join(f"- {escape(note.text)}{_command(note.command)}" for note in table.notes)


def _command(command: str) -> str:
    return f": {code(command)}" if command else ""


def code(text: str) -> str:
    """A command as code, between more backticks than stand together in it."""
    fence = "`" * (max(map(len, BACKTICKS.findall(text)), default=0) + 1)
    return f"{fence} {text} {fence}" if len(fence) > 1 else f"`{text}`"
