"""From the first check to the answer with nothing but PostgreSQL, on the command line and in the browser."""

import pytest

from tests.program import program_in
from tests.served import serving
from tests.test_end_to_end import AFTER, BEFORE, DOCUMENT, HEAD, PRODUCT
from tests.test_web_review import fields


@pytest.fixture
def url(postgres):
    with postgres.database() as url:
        yield url


@pytest.fixture
def program(tmp_path, site, url):
    site.put("/terms", BEFORE)
    with program_in(tmp_path) as program:
        watched = HEAD.format(every="12h") + DOCUMENT.format(name="terms", url=site.url) + PRODUCT
        (program.folder / "watchlist.toml").write_text(watched)
        program.set("MONITOR_DATABASE", url)
        yield program


def claims(program):
    return {(one["product"], one["topic"]): one for one in program.json("claims")}


def test_a_change_is_found_flagged_answered_and_reported_on_postgresql(program, site, url):
    assert "Baseline: 1 document" in program.run("check")[1]
    assert program.run("check")[0] == 0

    site.put("/terms", AFTER)
    code, report = program.run("check", "--format", "markdown")
    assert code == 1
    assert "more permissive" in report
    assert claims(program)["aurora/api", "training"]["state"] == "needs re-verification"

    with serving(program.folder, database=url) as served, served.client() as client:
        assert "1 change waits for a review" in client.get("/").text
        action = "/claims/aurora/api/training/verify"
        form = fields(client.get("/changes/1").text, action)
        answer = client.post(
            action, data={**form, "does": "change", "value": "opt-out", "note": "by default"}
        )
        assert answer.status_code == 303
        assert "opt-out" in client.get("/positions.json").text
        assert "train" in client.get("/search", params={"q": "train models"}).text
        assert client.get("/readyz").status_code == 200
        assert 'tos_monitor_checks_total{outcome="changed"}' in client.get("/metrics").text

    assert claims(program)["aurora/api", "training"]["state"] == "verified"
    assert program.json("changes")[0]["state"] == "verified"
    assert "more permissive" in program.run("show", "1")[1]
    assert "aurora/api" in program.run("timeline", "aurora/api")[1]
    assert program.run("undo", "1", "--by", "ada")[0] == 0
    assert claims(program)["aurora/api", "training"]["state"] == "needs re-verification"
    assert program.run("publish", "site")[0] == 0
    assert program.run("db", "verify")[0] == 0
    assert not list(program.folder.glob("*.db"))


def test_a_database_that_cannot_be_reached_is_one_line_and_exit_code_3(program):
    program.set("MONITOR_DATABASE", "postgresql://me:secret@127.0.0.1:1/terms")

    assert program.run("check")[0] == 3
    assert "the PostgreSQL database terms on 127.0.0.1:1 cannot be reached" in program.said
    assert "secret" not in program.said
