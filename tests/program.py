"""The program's own entry in this process, in a folder of its own, and a terms page for it to watch."""

from __future__ import annotations

import json
import logging
import os
import signal
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from monitor.cli import main

CLAUSES = {
    "Your content": "You keep all rights in the prompts you send and in the answers you receive. You grant us"
    " only the licence that we need to run the service for you, to keep it safe, and to answer you.",
    "Training": "We do not use your prompts or your answers to train our models. Feedback that you send us"
    " of your own accord is kept apart from your account.",
    "Retention": "We delete prompts and answers within 30 days after you sent or received them, unless the"
    " law obliges us to keep them for longer or you asked us in writing to hold them for a dispute.",
    "Fees": "Fees are those on the order form. Invoices are due at the end of the month that follows the one"
    " in which they were sent. Late sums bear interest at the rate of the country that you live in.",
    "Security": "We protect the service by measures that fit the risk: encryption at rest and on the way,"
    " separate keys for every workspace, and yearly tests by people who do not work for us.",
    "Use": "You may not resell the service, probe it for weak spots without our consent, or let it decide"
    " alone about people’s jobs, loans or homes. You answer for what your staff do with it.",
    "Support": "We answer questions about faults within two working days, and about faults that stop the"
    " service for everyone within four hours, on every day of the year.",
    "Liability": "Neither side answers for lost profit. What each side owes the other in a year is limited to"
    " the fees of that year, except where harm was done on purpose or the law forbids such a limit.",
    "Ending": "Either side may end this agreement with thirty days’ notice. Each may end it at once where the"
    " other breaks it in earnest and does not mend the breach within two weeks of a letter about it.",
    "Law": "The law of the place where our company has its seat governs this agreement, and its courts"
    " decide. Consumers keep the protection “of the country” that they live in.",
}


def page(clauses: dict[str, str] = CLAUSES, title: str = "Terms of Service", language: str = "en") -> bytes:
    body = "".join(f"<h2>{n}. {name}</h2><p>{text}</p>" for n, (name, text) in enumerate(clauses.items(), 1))
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title} | Acme</title>'
        "</head><body><nav><a href=/>Home</a> <a href=/prices>Prices</a></nav>"
        f"<main><h1>{title}</h1>{body}</main><footer>Acme Ltd.</footer></body></html>"
    ).encode()


GOOD = page()
CHANGED = page(
    CLAUSES
    | {
        "Training": "We use your prompts and your answers to train our models unless you opt out in your"
        " settings. Feedback that you send us of your own accord is kept apart from your account."
    }
)


WATCHLIST = """\
[defaults]
every = "{every}"
delay = "0s"
render = "{render}"
confirm_after = "0s"
allow_addresses = ["127.0.0.0/8"]
[providers.acme]
name = "Acme"
"""
DOCUMENT = """\
[providers.acme.documents.{name}]
type = "Terms of Service"
url = "{url}"
robots = {robots}
"""
COMMAND = Path(sys.executable).with_name("tos-monitor")
PATIENCE = "3"  # seconds that a fetch may take where it is to fail


def watchlist(urls: dict[str, str], *, every: str = "12h", render: str = "http", robots: str = "true") -> str:
    documents = (DOCUMENT.format(name=name, url=url, robots=robots) for name, url in urls.items())
    return WATCHLIST.format(every=every, render=render) + "".join(documents)


class Program:
    """The program's own entry in this process, in a folder with a watchlist."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self._patch = folder, patch
        self.said = ""  # on standard error by the last command
        patch.chdir(folder)

    def watch(self, urls: dict[str, str], **more: str) -> None:
        (self.folder / "watchlist.toml").write_text(watchlist(urls, **more))

    def run(self, *words: str) -> tuple[int, str]:
        self._patch.setattr("sys.argv", ["tos-monitor", *words])
        out, err = StringIO(), StringIO()
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as stop:
            main()
        self.said = err.getvalue()
        return stop.value.code, out.getvalue()

    def json(self, *words: str, code: int = 0):
        came, out = self.run(*words, "--format", "json")
        assert came == code, out
        return json.loads(out)

    def check(self, *, code: int) -> dict[str, dict]:
        """The results of a check by document."""
        return {one["document"]: one for one in self.json("check", code=code)["results"]}

    def health(self) -> dict[str, dict]:
        return {one["document"]: one for one in self.json("status")["health"]}

    def select(self, query: str) -> list[tuple]:
        with closing(sqlite3.connect(self.folder / "watchlist.db")) as database:
            return database.execute(query).fetchall()

    def set(self, name: str, value: object) -> None:
        self._patch.setenv(name, str(value))

    @contextmanager
    def in_a_hurry(self) -> Iterator[None]:
        self._patch.setenv("MONITOR_TIMEOUT", PATIENCE)
        yield
        self._patch.delenv("MONITOR_TIMEOUT")


@contextmanager
def program_in(folder: Path) -> Iterator[Program]:
    logger = logging.getLogger("monitor")
    handlers, level = logger.handlers[:], logger.level
    heeded = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    with pytest.MonkeyPatch.context() as patch:
        yield Program(folder, patch)
    logger.handlers[:], logger.level = handlers, level
    for number, handler in heeded.items():
        signal.signal(number, handler)


def in_little_time() -> dict[str, str]:
    """The environment for the installed command."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    return kept | {"MONITOR_TIMEOUT": PATIENCE}
