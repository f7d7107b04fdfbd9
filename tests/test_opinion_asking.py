"""Second opinions in the whole program: the same checks with and without them, and where they are shown."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AsyncExitStack, closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.cli import main
from monitor.cli.exits import Exit
from monitor.daemon import Daemon
from monitor.model import Opinion
from monitor.orders import Orders
from monitor.places import Places
from monitor.report import FORMATS, SHOW
from monitor.settings import settings
from monitor.wiring import open_monitor, opinions, parts
from tests import report_samples as samples
from tests.conftest import FIXTURES
from tests.endpoint import GOOD, Model, completion, served

BEFORE, AFTER = (
    (FIXTURES / "aurora/training-by-default" / f"{side}.html").read_text() for side in ("before", "after")
)
WATCHLIST = """\
[defaults]
delay = "0s"
render = "http"
confirm = "refetch"
confirm_after = "0s"
allow_addresses = ["127.0.0.0/8"]
[providers.zenith]
name = "Zenith"
{documents}
[providers.zenith.products.api]
name = "My own product"
audience = "api"
documents = [{names}]
training = {{ position = "no", verified = 2026-05-05, source = "an audit of mine" }}
"""
DOCUMENT = '[providers.zenith.documents.{name}]\ntype = "Commercial Terms"\nurl = "{url}/{name}"\n'
SHOWN = "Second opinion (small), not verified · training: opt-out"


@pytest.fixture
def run(monkeypatch, capsys):
    logger = logging.getLogger("monitor")
    handlers, level = logger.handlers[:], logger.level

    def call(*words):
        monkeypatch.setattr("sys.argv", ["tos-monitor", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    yield call
    logger.handlers[:], logger.level = handlers, level


@pytest.fixture
def model() -> Iterator[Model]:
    with served() as one:
        yield one


@pytest.fixture
def watched(tmp_path, site, run, monkeypatch):
    """A folder whose documents were checked once; after that a position on each page changed."""

    def begin(names=("terms",)):
        documents = "".join(DOCUMENT.format(name=name, url=site.url) for name in names)
        quoted = ", ".join(f'"{name}"' for name in names)
        (tmp_path / "watchlist.toml").write_text(WATCHLIST.format(documents=documents, names=quoted))
        for number, name in enumerate(names):
            site.put(f"/{name}", BEFORE.replace("</h1>", f" {number}</h1>"))
        monkeypatch.chdir(tmp_path)
        code, _, err = run("check")
        assert code == Exit.NOTHING, err
        for number, name in enumerate(names):
            site.put(f"/{name}", AFTER.replace("</h1>", f" {number}</h1>"))
        return tmp_path

    return begin


@pytest.fixture
def ask(monkeypatch):
    """Names an endpoint in the environment."""

    def name(model, seconds=10):
        monkeypatch.setenv("MONITOR_OPINION_URL", model.url)
        monkeypatch.setenv("MONITOR_OPINION_MODEL", "small")
        monkeypatch.setenv("MONITOR_OPINION_KEY", "sk-secret")
        monkeypatch.setenv("MONITOR_OPINION_TIMEOUT", str(seconds))

    return name


def rows(folder: Path) -> dict[str, list[object]]:
    """Every row of every table but for the second opinions, without times and the bytes of packed blobs."""
    with closing(sqlite3.connect(folder / "watchlist.db")) as connection:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {
            name: [tuple(map(timeless, row)) for row in connection.execute(f"SELECT * FROM {name}")]
            for name in names
            if name not in ("opinions", "sqlite_sequence")
        }


def timeless(value: object) -> object:
    if isinstance(value, str):
        dated = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+\+00:00", "T", value)
        return re.sub(r"\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", "T", dated)
    return 0.0 if isinstance(value, float) else value


def told(report: str) -> object:
    """A report for programs without its times and its second opinions."""
    found = json.loads(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "T", report))
    for change in found["changes"]:
        change.pop("opinions")
    return found


class Behaviour:
    """What an endpoint may do, good or bad."""

    @staticmethod
    def answers(model: Model) -> None:
        """As asked."""

    @staticmethod
    def fails(model: Model) -> None:
        model.status = 500

    @staticmethod
    def is_silent(model: Model) -> None:
        model.silent = True

    @staticmethod
    def talks_nonsense(model: Model) -> None:
        model.body = b"\xff<html>"

    @staticmethod
    def names_no_position(model: Model) -> None:
        model.body = completion(GOOD | {"position": "fine"})

    @staticmethod
    def never_ends(model: Model) -> None:
        model.endless = True

    @staticmethod
    def gives_orders(model: Model) -> None:
        model.body = completion(GOOD | {"position": "no", "summary": "Dismiss it.", "dismiss": True})

    @staticmethod
    def is_gone(model: Model) -> None:
        model.leave()


BEHAVIOURS = [getattr(Behaviour, name) for name in vars(Behaviour) if not name.startswith("_")]


@pytest.mark.parametrize("behave", BEHAVIOURS, ids=lambda one: one.__name__)
def test_a_check_comes_to_the_same_with_and_without_a_second_opinion(
    watched,
    run,
    ask,
    model,
    behave,
    tmp_path_factory,
):
    folder = watched()
    kept = tmp_path_factory.mktemp("kept") / "watchlist.db"
    shutil.copy(folder / "watchlist.db", kept)
    code, report, _ = run("check", "--format", "json")
    without = code, told(report), rows(folder)
    shutil.copy(kept, folder / "watchlist.db")

    behave(model)
    ask(model, seconds=1)
    code, report, _ = run("check", "--format", "json")

    assert (code, told(report), rows(folder)) == without
    assert code == Exit.FLAGGED


def test_without_an_endpoint_nothing_is_sent(watched, run, model):
    watched()
    run("check")
    assert model.asked == []


def test_what_is_sent_names_no_product_claim_or_address_of_the_user(watched, run, ask, model, site):
    watched()
    ask(model)

    run("check")

    ((_, headers, sent),) = model.asked
    assert set(sent) == {"model", "stream", "messages", "temperature", "max_tokens", "response_format"}
    asked = json.loads(sent["messages"][1]["content"])
    assert set(asked) == {"topic", "positions", "clauses"}
    assert all(set(clause) == {"before", "after"} for clause in asked["clauses"])
    text = json.dumps(sent) + json.dumps({k: v for k, v in headers.items() if k != "Host"})
    for own in ("zenith", "own product", "audit", "2026-05-05", site.url, "Commercial Terms"):
        assert own.lower() not in text.lower()


def test_no_opinion_is_asked_on_a_first_version_or_where_nothing_is_flagged(watched, run, ask, model, site):
    watched()
    ask(model)
    site.put("/terms", BEFORE.replace("</h1>", " of service</h1>"))
    run("check")
    assert model.asked == []


def test_no_opinion_is_asked_on_a_change_before_it_is_confirmed(watched, run, ask, model):
    folder = watched()
    text = (folder / "watchlist.toml").read_text().replace('"refetch"', '"next-check"')
    (folder / "watchlist.toml").write_text(text)
    ask(model)

    run("check")
    assert model.asked == []
    run("check")
    assert len(model.asked) == 1


def test_the_opinion_is_shown_beside_the_change_that_a_check_reports(watched, run, ask, model):
    watched()
    ask(model)

    _, out, _ = run("check")

    assert SHOWN in out
    assert "│ Inputs may now be used for training" in out
    assert "not verified" in run("show", "1")[1]
    (opinion,) = json.loads(run("show", "1", "--format", "json")[1])["opinions"]
    assert (opinion["model"], opinion["position"]) == ("small", "opt-out")


def test_trouble_is_logged_once_a_run_and_the_key_never(watched, run, ask, model, monkeypatch):
    watched(("terms", "privacy", "data"))
    model.status, model.body = 401, b"no such key: sk-secret"
    ask(model)

    _, out, err = run("check")

    assert err.count("no second opinion") == 1
    assert "MONITOR_OPINION_KEY" in err
    assert "opinion" not in out
    monkeypatch.setenv("MONITOR_LOG", "debug")
    _, out, err = run("opinion", "1")
    assert "sk-secret" not in out + err


def test_an_opinion_can_be_asked_for_by_hand_and_the_newest_is_shown(watched, run, ask, model):
    watched()
    run("check")
    ask(model)

    code, out, err = run("opinion", "1")

    assert (code, err) == (Exit.NOTHING, "")
    assert SHOWN in out
    model.body = completion(GOOD | {"position": "unclear"})
    assert "training: unclear" in run("opinion", "1")[1]
    assert len(json.loads(run("show", "1", "--format", "json")[1])["opinions"]) == 1
    assert json.loads(run("opinion", "1", "--format", "json")[1])[0]["position"] == "unclear"


def test_what_was_asked_for_by_hand_and_did_not_come_is_told(watched, run, ask, model):
    watched()
    run("check")
    model.body = completion("I cannot help with that.")
    ask(model)

    code, out, err = run("opinion", "1")

    assert (code, out) == (Exit.FAILED, "")
    assert "no second opinion on training: the model did not answer with the JSON" in err


def test_asking_without_an_endpoint_or_about_nothing_says_so(watched, run, ask, model, site):
    watched()
    assert "MONITOR_OPINION_URL" in run("opinion", "1")[2]
    ask(model)
    site.put("/terms", BEFORE.replace("</h1>", " of service</h1>"))
    run("check")
    code, _, err = run("opinion", "1")
    assert code == Exit.USAGE
    assert "no substantive flag" in err


def test_the_daemon_asks_too(watched, ask, model):
    watched()
    ask(model)

    async def one_check(monitor) -> None:
        async with AsyncExitStack() as stack:
            daemon = Daemon(
                monitor=monitor,
                parts=await stack.enter_async_context(parts(monitor)),
                fetchers=stack,
                orders=Orders(monitor.settings.watchlist),
                grace=timedelta(0),
                places=Places(1),
                asking=await stack.enter_async_context(opinions(monitor)),
            )
            (document,) = monitor.watchlist.documents.values()
            daemon.running[document.id] = asyncio.create_task(daemon.check_one(document))
            await daemon.running[document.id]
            await daemon.asking.finish(10)

    with open_monitor(settings()) as monitor:
        asyncio.run(one_check(monitor))
        assert [one.position for one in monitor.store.change(1).opinions] == ["opt-out"]


# --- how it is shown -----------------------------------------------------------------------------


def with_opinion(summary: str):
    """The sample report with a second opinion on its change on training."""
    said = Opinion(
        change=12, topic="training", model="small", at=samples.AT, position="opt-out", summary=summary
    )
    report = samples.full_report()
    changes = tuple(
        replace(change, opinions=(said,)) if change.id == 12 else change for change in report.changes
    )
    return replace(report, changes=changes, results=())


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
@pytest.mark.parametrize("listing", [FORMATS, SHOW], ids=["report", "show"])
def test_every_format_marks_it_as_not_verified_and_escapes_it(listing, form):
    text = listing[form](with_opinion("See <script>alert(1)</script> https://evil.example \x1b[31m*now*"))

    assert "not verified" in text
    assert "small" in text
    assert "\x1b" not in text
    if form != "terminal":
        assert "<script>" not in text
        assert 'href="https://evil.example"' not in text
    if form == "markdown":
        assert "https\\://evil" in text
        assert "\\*now\\*" in text
