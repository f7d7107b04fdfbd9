"""The command line: each command is a function in a module of this folder, imported when it is called."""

from __future__ import annotations

import gc
import signal
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from monitor import __version__
from monitor.cli.exits import Exit
from monitor.errors import MonitorError


@dataclass(frozen=True)
class Command:
    """Where a command lives, and what it does in one line."""

    module: str
    help: str


COMMANDS = {
    "check": Command("check", "Fetch the documents, compare them with their last versions, and report."),
    "daemon": Command("daemon", "Check every document at its own interval until told to stop."),
    "worker": Command("worker", "Run checks from the queue, on any number of machines."),
    "serve": Command("serve", "Review in a browser: the inbox, every change, every position."),
    "report": Command(
        "read", "Report the changes of a period, or one change, with the health of the documents."
    ),
    "changes": Command("read", "List the recorded changes."),
    "show": Command("read", "Show one change in full, with every clause."),
    "status": Command("read", "Show every position with its state, and the health of every document."),
    "claims": Command("read", "List the published claims and where each stands."),
    "verify": Command("review", "Answer a doubt: confirm a claim, or give its new value."),
    "dismiss": Command("review", "Close a change that puts no claim in doubt, with the reason."),
    "accept": Command("review", "Take the newest doubtful capture for the document after all."),
    "undo": Command(
        "review",
        "Take back a verification, a dismissal or an acceptance; the doubts it settled are open again.",
    ),
    "discover": Command("discover", "Propose watchlist entries for the legal documents a page links to."),
    "publish": Command("publish", "Write the positions, changes and documents as a site of files."),
    "extract": Command("files", "Print the main text of pages as Markdown."),
    "compare": Command("files", "Report the change between two files, without a database."),
    "statements": Command("positions", "List the positions found in a text."),
    "explain": Command("positions", "Put the published claims of a product beside what its documents say."),
    "opinion": Command("opinion", "Ask a model of your own for a second opinion on a flagged change."),
    "notify": Command("notify", "Say who is told of changes, what waits to be sent, and try it out."),
    "rules": Command("rules", "Try rule files on their own examples."),
    "import": Command("imports", "Take captures from elsewhere as if they had been fetched when they were."),
    "export": Command("export", "Write the captures behind versions as a WARC file."),
    "evidence": Command("export", "Put a change into a folder to hand to somebody else."),
    "timeline": Command("timeline", "Tell how a position moved over the years."),
    "history": Command("history", "Bring in the past of documents, and watch what others watched."),
    "db": Command("db", "Look after the database: prove, copy, restore and prune it."),
    "init": Command("setup", "Write the shipped watchlist here, to edit."),
    "demo": Command("demo", "See the whole job on pages of our own, without internet."),
}


STANDING = (["daemon"], ["worker"])
"""Commands that work until they are told to stop."""


class Commands(TyperGroup):
    """Lists commands from the table above, and imports only the one that is called.

    What a command needs (SQLAlchemy, lxml, httpx) takes half a second to import; `--help` needs none.
    """

    def __init__(self, **described: Any) -> None:
        super().__init__(**described)
        self.commands = {name: TyperCommand(name, help=entry.help) for name, entry in COMMANDS.items()}

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        name, placeholder, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and placeholder else placeholder, rest


def load(name: str) -> Any:
    """The command of that name, ready to run."""
    module = import_module(f"monitor.cli.{COMMANDS[name].module}")
    if not gc.isenabled():
        gc.freeze()
        gc.enable()
    found = getattr(module, "import_" if name == "import" else name)
    if isinstance(found, typer.Typer):  # a group of commands
        return typer.main.get_command(found)
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name)(found)
    return typer.main.get_command(app)


app = typer.Typer(
    cls=Commands,
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tos-monitor {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Watch the terms of AI providers; say which clauses on training or retention changed,
    and which published claims that puts in doubt.

    Exit codes: 0 nothing to review, 1 something flagged, 2 some documents failed or doubtful,
    3 wrong usage or configuration, a database that cannot be used, or a mistake of this program.
    """


def main() -> None:
    """Run the command line; what goes wrong is one clear message and an exit code."""
    if sys.argv[1:2] in STANDING:
        _end_when_told()
    # Nothing that imports make is garbage: to look for some in it, then and later, takes a third of a start.
    gc.disable()
    # httpx brings a command line of its own, with rich and pygments: half of what importing it takes.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # what Python takes for "not there"
    try:
        code = app(standalone_mode=False)
    except MonitorError as error:
        code = _complain(str(error))
    except typer.TyperException as error:
        code = _complain(_misuse(error))
    except (KeyboardInterrupt, typer.Abort):
        code = _complain("stopped")
    except BrokenPipeError:
        # The reader of our output went away (as `head` does); there is no one left to tell.
        sys.stderr.close()
        code = Exit.NOTHING
    except Exception as error:  # noqa: BLE001  the process ends here, and Python's own report would quote pages
        from monitor.logs import crash  # noqa: PLC0415  not needed for --help

        code = _complain(f"tos-monitor stopped by a mistake of its own; please report this: {crash(error)}")
    finally:
        gc.enable()
    sys.exit(code if isinstance(code, int) else Exit.NOTHING)


PARSER_WORDS = {
    "Value error, ": "",
    "Input should be a valid integer, unable to parse string as an integer": "write a whole number",
    "Input should be a valid number, unable to parse string as a number": "write a number",
    "Input should be greater": "the number must be greater",
    "Input should be less": "the number must be less",
}
"""What typer passes on of the library that it parses values with, and what we say instead."""


def _misuse(error: typer.TyperException) -> str:
    """What is wrong in the words of a command, and where to read how it is written."""
    said = error.format_message()
    for theirs, ours in PARSER_WORDS.items():
        said = said.replace(theirs, ours)
    names: list[str] = []
    context = getattr(error, "ctx", None)
    while context is not None and context.parent is not None:
        names.insert(0, context.info_name)
        context = context.parent
    return f"{said}\nSee: {' '.join(('tos-monitor', *names))} --help"


def _end_when_told() -> None:
    """Let a command that works until it is told to stop end as it does later while it still loads its parts.

    It takes the signals over once it works; until then there is nothing to read anew.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(Exit.NOTHING))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _complain(message: str) -> int:
    typer.echo(message, err=True)
    return Exit.USAGE
