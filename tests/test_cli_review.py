"""`verify`, `dismiss`, `undo` and `claims --history`, as typed."""

from __future__ import annotations

import json
import logging
import os
import pty
import subprocess
import sys
from contextlib import suppress

import pytest

from monitor.cli import main
from monitor.cli.exits import Exit
from monitor.watchlist import load_watchlist

WATCHLIST = """# ours
[defaults]
confirm = "off"
[providers.acme]
name = "Acme"
[providers.acme.documents.terms]
type = "Terms of Service"
url = "https://acme.example/terms"
[providers.acme.products.api]
name = "Acme API"
audience = "api"
documents = ["terms"]
training = { position = "no", verified = 2026-05-01, source = "audit", note = "plain" }  # checked twice
retention = [{ position = "period", period = "30 days" }, { position = "period", period = "90 days" }]
[providers.acme.products.app]
name = "Acme App"
audience = "consumer"
depends_on = ["acme/api"]
training = { position = "no" }
"""

NO = "We do not use your inputs to train our models."
OPT_OUT = "We may use your inputs to train our models unless you opt out."
YES = "We may use your inputs to train our models."
FILL = (
    "These terms are governed by the law of Ireland, and you agree that you have read them, that you are of"
    " age, and that we may change them from time to time. A notice is given by mail, to the address of your"
    " account."
)


def terms(*sentences):
    return "\n\n".join(
        ["# Terms", "## Your data", *sentences, "## Other matters", FILL, FILL.replace("law", "laws")]
    )


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    logger = logging.getLogger("monitor")
    handlers, level = logger.handlers[:], logger.level
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("MONITOR_")]:
        monkeypatch.delenv(name)

    def call(*words, code=Exit.NOTHING):
        monkeypatch.setattr("sys.argv", ["tos-monitor", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        assert stop.value.code == code, out + err
        return out + err

    yield call
    logger.handlers[:], logger.level = handlers, level


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "watchlist.toml"
    path.write_text(WATCHLIST)
    return path


@pytest.fixture
def shown(run, file):
    """Brings a text of the terms in, as of a day in June 2026."""

    def bring(day, *sentences):
        capture = {
            "document": "acme/terms",
            "url": "https://acme.example/terms",
            "at": f"2026-06-{day:02}T12:00:00Z",
            "headers": {"content-type": "text/markdown"},
            "path": "page.md",
        }
        (file.parent / "page.md").write_text(terms(*sentences))
        (file.parent / "captures.jsonl").write_text(json.dumps(capture))
        return json.loads(run("import", "captures.jsonl"))

    return bring


def claim(run, product="acme/api", topic="training"):
    found = json.loads(run("claims", "--format", "json"))
    return next(one for one in found if (one["product"], one["topic"]) == (product, topic))


def events(run, product="acme/api", topic="training"):
    (told,) = json.loads(run("claims", product, topic, "--history", "--format", "json"))["claims"]
    return told["events"]


# --- verify ------------------------------------------------------------------------------------


def test_an_answer_is_pinned_to_the_clause_of_the_present_text_that_bears_it_out(run, shown):
    shown(1, NO)
    shown(2, OPT_OUT)
    out = run("verify", "acme/api", "training", "--position", "opt-out", "--by", "ada")
    assert "settles change 1" in out
    assert f"rests on acme/terms, version 2: “{OPT_OUT}”" in out
    assert claim(run)["state"] == "verified"
    assert claim(run)["evidence"] == {"version": 2, "text": OPT_OUT}


def test_another_clause_can_be_named_by_some_of_its_words(run, shown):
    shown(1, NO, "Nobody trains on anything that customers send us. Other words.")
    out = run("verify", "acme/api", "training", "--evidence", "trains ON anything", "--by", "ada")
    assert "“Nobody trains on anything that customers send us.”" in out


def test_words_that_stand_nowhere_are_refused_and_nothing_is_kept(run, shown):
    shown(1, NO)
    out = run("verify", "acme/api", "training", "--evidence", "no such words", code=Exit.USAGE)
    assert "these words stand in no present text of acme/api (acme/terms)" in out
    assert claim(run)["by"] is None


def test_a_clause_that_does_not_bear_the_answer_out_is_not_pinned_unasked(run, shown):
    shown(1, NO)
    assert "rests on no clause" in run("verify", "acme/api", "training", "--position", "yes")


def test_a_path_without_documents_rests_on_those_that_it_depends_on(run, shown):
    shown(1, NO)
    assert "rests on acme/terms, version 1" in run("verify", "acme/app", "training")


def test_several_changes_are_named_before_they_are_settled(run, shown):
    shown(1, NO)
    shown(2, OPT_OUT)
    shown(3, YES)
    out = run("verify", "acme/api", "training", "--position", "yes", code=Exit.USAGE)
    assert "in doubt by 2 changes; name those that you read: --change 1 --change 2" in out

    out = run("verify", "acme/api", "training", "--position", "yes", "--change", "1")
    assert "settles change 1)" in out
    assert "still in doubt by change 2" in out
    out = run("verify", "acme/api", "training", "--position", "yes", "--change", "1", code=Exit.USAGE)
    assert "change 1 does not put acme/api training in doubt; what does: 2" in out


def test_an_unchanged_clause_keeps_its_claim_verified_when_the_rest_changes(run, shown):
    shown(1, NO, "We may use feedback to train our models.")
    run("verify", "acme/api", "training", "--by", "ada")
    shown(2, NO, "We never use feedback to train our models.")
    (change,) = json.loads(run("changes", "--format", "json"))
    assert change["topics"]["training"]["flag"] == "substantive"
    assert claim(run)["state"] == "verified"
    shown(3, NO, YES)
    assert claim(run)["state"] == "needs re-verification"
    assert claim(run, "acme/app")["state"] == "needs re-verification"


# --- writing it back ---------------------------------------------------------------------------


def test_the_watchlist_gets_the_new_value_and_keeps_all_else(run, shown, file):
    shown(1, NO)
    shown(2, OPT_OUT)
    out = run("verify", "acme/api", "training", "--position", "opt-out", "--write", "--note", "section 2")
    assert "written to watchlist.toml" in out
    lines = list(zip(WATCHLIST.split("\n"), file.read_text().split("\n"), strict=True))
    (changed,) = [after for before, after in lines if before != after]
    assert changed.startswith('training = { position = "opt-out", verified = 20')
    assert changed.endswith('source = "https://acme.example/terms", note = "section 2" }  # checked twice')
    assert claim(run)["state"] == "verified"


def test_several_sources_are_not_written_over_and_nothing_is_kept(run, shown, file):
    shown(1, NO)
    out = run("verify", "acme/api", "retention", "--period", "30 days", "--write", code=Exit.USAGE)
    assert "2 sources publish acme/api retention; leave the one that holds" in out
    assert file.read_text() == WATCHLIST
    assert claim(run, topic="retention")["state"] == "contradicted"


# --- undo --------------------------------------------------------------------------------------


def test_undo_takes_the_last_step_back_and_the_next_the_one_before(run, shown):
    shown(1, NO)
    shown(2, OPT_OUT)
    run("dismiss", "1", "--why", "a slip", "--by", "ada")
    run("verify", "acme/api", "training", "--by", "bob")

    out = run("undo", "--why", "wrong claim", "--by", "eve")
    assert "by bob: acme/api training verified as no; that is step 3" in out
    out = run("undo", "--by", "eve")
    assert "by ada: change 1 dismissed; that is step 4" in out
    assert "in doubt again by change 1" in out
    assert claim(run)["state"] == "needs re-verification"
    said = run("undo", code=Exit.USAGE)
    assert "there is nothing to undo: no answer, dismissal or acceptance is in force" in said
    assert "there is no step 99; the highest number is 4" in run("undo", 99, code=Exit.USAGE)


def test_an_undone_answer_that_the_watchlist_still_publishes_is_said(run, shown, file):
    shown(1, NO)
    run("verify", "acme/api", "training", "--write")
    assert "watchlist.toml still says so" in run("undo", "1")


def test_undoing_twice_says_who_did(run, shown):
    shown(1, NO)
    run("verify", "acme/api", "training")
    run("undo", "1", "--by", "eve", "--why", "too quick")
    out = run("undo", "1", code=Exit.USAGE)
    assert "step 1 was undone already" in out
    assert "by eve: too quick" in out


# --- history -----------------------------------------------------------------------------------


@pytest.fixture
def story(run, shown):
    shown(1, NO)
    run("claims")
    shown(2, OPT_OUT)
    run(
        "verify",
        "acme/api",
        "training",
        "--position",
        "opt-out",
        "--by",
        "ada",
        "--note",
        "section 2",
        "--write",
    )
    run("undo", "--by", "eve", "--why", "wrong section")


def test_the_history_of_a_claim_is_a_story_with_dates(run, story):
    out = " ".join(run("claims", "acme/api", "training", "--history").split())
    assert "training: opt-out, needs re-verification" in out
    told = [
        "2026-05-01 published: no, last verified 2026-05-01, audit, plain",
        "2026-06-02 doubted by change 1 of acme/terms: Inputs: not used for training → ",
        "verified by ada: opt-out, settles change 1 (step 1, undone by step 2): “section 2”",
        f"│ {OPT_OUT}",
        "acme/terms, version 2 of 2026-06-02",
        "step 1 undone by eve, in doubt again by change 1 (step 2): “wrong section”",
    ]
    places = [out.index(line) for line in told]
    assert places == sorted(places)


def test_the_history_keeps_what_the_watchlist_published_before_it_was_written(run, story):
    found = [one["claims"][0] for one in events(run) if one["event"] == "published"]
    assert [one["position"] for one in found] == ["no", "opt-out"]


def test_the_history_is_json_for_programs(run, story):
    verified, undone = [one for one in events(run) if one.get("step")]
    assert (verified["event"], verified["by"], verified["undone"], verified["settles"]) == (
        "verified",
        "ada",
        2,
        [1],
    )
    assert (verified["document"], verified["version"], verified["evidence"]) == ("acme/terms", 2, OPT_OUT)
    assert (undone["event"], undone["undoes"], undone["reopens"]) == ("undone", 1, [1])


def test_the_history_of_a_path_that_depends_on_another_says_where_its_doubt_came_from(run, story):
    (doubted,) = [one for one in events(run, "acme/app") if one["event"] == "doubted"]
    assert doubted["via"] == "acme/api"


@pytest.mark.parametrize(
    ("words", "says"),
    [([], "name a product path"), (["acme/none"], "acme/api"), (["acme/api", "weather"], "training")],
)
def test_a_history_of_nothing_says_what_there_is(run, shown, words, says):
    assert says in run("claims", *words, "--history", code=Exit.USAGE)


# --- on a terminal -----------------------------------------------------------------------------


class Terminal:
    """A person at a terminal, who types when asked."""

    def __init__(self, folder, *words):
        try:
            self.ours, theirs = pty.openpty()
        except OSError as error:  # as in a container or change of root without /dev/pts
            pytest.skip(f"this machine gives out no terminal: {error}")
        command = [sys.executable, "-m", "monitor", *words]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True
        )
        os.close(theirs)
        self.seen = ""

    def read_until(self, words):
        while words not in self.seen:
            self.seen += os.read(self.ours, 65536).decode()

    def type(self, asked, words):
        self.read_until(asked)
        self.seen = ""
        os.write(self.ours, f"{words}\n".encode())

    def rest(self):
        with suppress(OSError):  # Linux ends a terminal whose other side is gone with an error
            while some := os.read(self.ours, 65536):
                self.seen += some.decode()
        os.close(self.ours)
        return self.process.wait(timeout=60), " ".join(self.seen.split())


def test_on_a_terminal_what_is_missing_is_asked_for(run, shown, file, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    shown(1, NO)
    shown(2, OPT_OUT, "Inputs are used for training unless you object in the settings.")
    shown(3, YES)

    person = Terminal(file.parent, "verify", "acme/api", "training", "--by", "ada")
    person.type("Which changes does your answer settle", "7")
    person.type("say all, or some of: 1, 2", "2")
    person.type("Position now", "often")
    person.type("often is not one of", "yes")
    person.type("Its number, or some of its words", "no words of it")
    person.type("stand in no present text", "1")
    code, out = person.rest()

    assert code == Exit.NOTHING, out
    assert f"rests on acme/terms, version 3: “{YES}”" in out
    assert "still in doubt by change 1" in out
    assert claim(run)["position"] == "yes"


def test_on_a_terminal_a_period_that_is_none_is_asked_for_again(run, shown, file, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    shown(1, NO)

    person = Terminal(file.parent, "verify", "acme/api", "retention", "--by", "ada")
    person.type("Position now", "period")
    person.type("How long", "later")
    person.type('"later" is no duration; write e.g. "30 days"', "12 months")
    person.type("Its number, or some of its words", "0")
    code, out = person.rest()

    assert code == Exit.NOTHING, out
    assert claim(run, topic="retention")["period"] == "12 months"


def test_on_a_terminal_no_line_of_the_questions_breaks_a_word(run, shown, file, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    monkeypatch.setenv("COLUMNS", "60")
    shown(1, NO)
    shown(2, OPT_OUT)

    person = Terminal(file.parent, "verify", "acme/api", "training")
    person.read_until("Position now")
    said = person.seen.replace("\r", "")
    person.process.kill()
    person.rest()

    assert "change 1 of acme/terms" in said
    assert max(map(len, said.splitlines())) <= 60


def test_a_person_who_looked_while_another_answered_is_told_and_loses_nothing(run, shown, file, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    shown(1, NO)
    shown(2, OPT_OUT)
    person = Terminal(file.parent, "verify", "acme/api", "training", "--by", "bob")
    person.read_until("Position now")

    run("verify", "acme/api", "training", "--position", "opt-out", "--by", "ada", "--note", "section 2")
    person.type("Position now", "yes")
    person.type("Its number", "0")
    code, out = person.rest()

    assert code == Exit.USAGE
    assert "acme/api training was answered meanwhile: opt-out, verified" in out
    assert 'by ada ("section 2")' in out
    assert claim(run)["by"] == "ada"
    assert load_watchlist(file).products["acme/api"].claims[0].position == "no"
