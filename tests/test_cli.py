"""The commands: their help, their exit codes, and what they say to wrong use."""

import gzip
import json
import logging
import shlex

import pytest

from monitor.cli import COMMANDS, load, main
from monitor.cli.exits import Exit, exit_code, fail_conditions
from monitor.cli.options import since
from monitor.cli.reports import keep
from monitor.compare import NOTHING_WATCHED
from monitor.errors import UsageError
from monitor.model import Report
from tests.conftest import FIXTURES

BEFORE = FIXTURES / "borealis/longer-retention/before.html"
AFTER = FIXTURES / "borealis/longer-retention/after.html"


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
def watchlist(tmp_path):
    path = tmp_path / "watchlist.toml"
    path.write_text(
        '[providers.acme]\nname = "Acme"\n[providers.acme.documents.terms]\n'
        'type = "Terms of Service"\nurl = "https://acme.example/terms"\n'
        '[providers.acme.products.api]\nname = "Acme API"\naudience = "api"\ndocuments = ["terms"]\n'
        'retention = { position = "period", period = "30 days", verified = 2026-05-05, source = "audit" }\n'
    )
    return path


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_in_one_line_with_an_example(name):
    command = load(name)
    assert command.help.splitlines()[0] == COMMANDS[name].help
    assert f"Example: tos-monitor {name}" in command.help


WITHOUT_A_DATABASE = {"discover", "extract", "compare", "rules", "init", "demo"}
READS_FILES_ALONE = {"history declarations"}
NAMES_ITS_DATABASES = {"db copy"}


def parts(name):
    """A command, or those of a group, by what is typed."""
    command = load(name)
    return {f"{name} {part}": one for part, one in getattr(command, "commands", {}).items()} or {
        name: command
    }


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - WITHOUT_A_DATABASE))
def test_every_command_that_works_with_the_database_takes_a_watchlist_and_a_database(name):
    for typed, command in parts(name).items():
        options = {option for parameter in command.params for option in parameter.opts}
        if typed not in READS_FILES_ALONE | NAMES_ITS_DATABASES:
            assert {"--watchlist", "--database"} <= options, typed


@pytest.mark.parametrize(
    "name", ["report", "changes", "show", "status", "claims", "check", "compare", "statements", "explain"]
)
def test_every_listing_can_be_json(name):
    options = {option for parameter in load(name).params for option in parameter.opts}
    assert "--format" in options


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["chekc"], "chekc"),
        (["check", "--nonsense"], "--nonsense"),
        (["check", "--fail-on", "mondays"], "flagged, changed, failed, never"),
        (["check", "--watchlist", "/nowhere/watchlist.toml"], "/nowhere/watchlist.toml"),
        (["report", "--since", "yesterday"], "7d, 12h or 2026-05-05"),
        (["compare"], "--pairs"),
        (["extract", "a.html", "b.html"], "--output"),
    ],
)
def test_wrong_use_exits_3_and_says_what_to_do(run, watchlist, words, says):
    if words[0] == "report":
        words += ["--watchlist", watchlist]
    code, _, err = run(*words)
    assert code == Exit.USAGE
    assert says in err
    assert "Traceback" not in err


def test_a_name_that_is_not_watched_is_answered_with_those_that_are(run, watchlist):
    code, _, err = run("check", "acme/privacy", "--watchlist", watchlist)
    assert code == Exit.USAGE
    assert "acme/terms" in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["acme/app", "retention"], "acme/api"),
        (["acme/api", "weather"], "retention, training"),
        (["acme/api", "training"], "--position"),
        (["acme/api", "retention", "--position", "forever"], "indefinite"),
        (["acme/api", "retention", "--position", "period"], "--period"),
        (["acme/api", "retention", "--period", "soon"], "30 days"),
    ],
)
def test_verify_says_what_is_missing_and_changes_nothing(run, watchlist, words, says):
    code, _, err = run("verify", *words, "--watchlist", watchlist)
    assert code == Exit.USAGE
    assert says in err
    (claim,) = [
        one
        for one in json.loads(run("claims", "--format", "json", "--watchlist", watchlist)[1])
        if one["topic"] == "retention"
    ]
    assert claim["period"] == "30 days"


def test_verify_without_a_value_confirms_the_claim_as_it_is(run, watchlist):
    code, out, _ = run("verify", "acme/api", "retention", "--by", "ada", "--watchlist", watchlist)
    assert code == Exit.NOTHING
    assert "period, 30 days" in out
    assert "by ada" in out


def test_verify_gives_a_new_period(run, watchlist):
    run("verify", "acme/api", "retention", "--period", "90 days", "--watchlist", watchlist)
    claims = json.loads(run("claims", "--format", "json", "--watchlist", watchlist)[1])
    assert {one["topic"]: one["period_days"] for one in claims}["retention"] == 90


def test_dismissing_a_change_that_does_not_exist_says_so(run, watchlist):
    code, _, err = run("dismiss", "7", "--why", "a slip", "--watchlist", watchlist)
    assert code == Exit.USAGE
    assert "7" in err


def test_compare_prints_the_json_that_programs_rely_on(run):
    code, out, _ = run("compare", BEFORE, AFTER, "--format", "json")
    shown = json.loads(out)
    assert code == Exit.FLAGGED
    assert set(shown) == {"id", "outcome", "reasons", "alert", "topics", "clauses"}
    assert shown["topics"] == {
        "training": {"flag": "none", "direction": None},
        "retention": {"flag": "substantive", "direction": "longer"},
    }


def test_compare_pairs_go_to_a_file_when_one_is_named(run, tmp_path):
    pair = {"id": "one", "old": str(BEFORE), "new": str(AFTER)}
    (tmp_path / "pairs.jsonl").write_text(f"{json.dumps(pair)}\n{json.dumps(pair)}\n")
    code, out, _ = run("compare", "--pairs", tmp_path / "pairs.jsonl", "--output", tmp_path / "out.jsonl")
    assert (code, out) == (Exit.NOTHING, "")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["outcome"] for line in lines] == ["changed", "changed"]


@pytest.mark.parametrize("more", [["--format", "markdown"], ["--format", "terminal"], [BEFORE, AFTER]])
def test_compare_pairs_is_refused_what_it_would_ignore(run, tmp_path, more):
    (tmp_path / "pairs.jsonl").write_text("")
    code, _, err = run("compare", "--pairs", tmp_path / "pairs.jsonl", *more)
    assert code == Exit.USAGE
    assert "one JSON object a line" in err


@pytest.mark.parametrize("form", ["terminal", "markdown", "html"])
def test_compare_tells_a_doubtful_text_once(run, tmp_path, form):
    wall = tmp_path / "wall.html"
    wall.write_text("<title>Just a moment...</title><p>Checking your browser")
    code, out, _ = run("compare", BEFORE, wall, "--format", form)
    assert code == Exit.FAILED
    assert out.count("Just a moment") == 1


def test_the_commands_of_a_report_name_the_watchlist_and_database_that_were_given(
    run, watchlist, tmp_path, monkeypatch
):
    text = watchlist.read_text().replace('source = "audit" }', 'source = "audit" }]')
    other = 'retention = [{ position = "indefinite" }, { position'
    watchlist.write_text(text.replace("retention = { position", other))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other place").mkdir()

    _, out, _ = run("status", "--watchlist", "watchlist.toml", "--database", "other place/terms.db")

    command = next(line.strip() for line in out.splitlines() if "tos-monitor verify" in line)
    assert command == (
        "tos-monitor verify acme/api retention"
        f" --watchlist {tmp_path}/watchlist.toml --database '{tmp_path}/other place/terms.db'"
    )
    monkeypatch.chdir("/")
    words = shlex.split(command)[1:]
    assert run(*words, "--position", "indefinite")[0] == Exit.NOTHING


def test_compare_pairs_prints_one_line_a_pair_with_paths_beside_the_file(run, tmp_path):
    (tmp_path / "old.html").write_bytes(BEFORE.read_bytes())
    (tmp_path / "new.html").write_bytes(AFTER.read_bytes())
    lines = [
        {"id": "a", "old": "old.html", "new": "new.html"},
        {"id": "b", "old": "old.html", "new": "old.html"},
    ]
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    _, out, _ = run("compare", "--pairs", tmp_path / "pairs.jsonl")
    assert [(one["id"], one["outcome"]) for one in map(json.loads, out.splitlines())] == [
        ("a", "changed"),
        ("b", "unchanged"),
    ]


def test_compare_of_a_file_that_does_not_exist_names_it(run, tmp_path):
    code, _, err = run("compare", tmp_path / "a.html", AFTER)
    assert code == Exit.USAGE
    assert "a.html" in err


def test_extract_writes_one_file_each_and_goes_on_after_one_that_cannot_be_read(run, tmp_path):
    code, _, err = run("extract", BEFORE, tmp_path / "missing.html", AFTER, "--output", tmp_path / "out")
    assert code == Exit.FAILED
    assert "missing.html" in err
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["after.md", "before.md"]


def test_a_selector_that_matches_nothing_is_a_loud_failure(run):
    code, _, err = run("extract", BEFORE, "--select", "#nothing")
    assert code == Exit.FAILED
    assert "#nothing" in err


def test_init_never_overwrites(run, tmp_path):
    path = tmp_path / "watchlist.toml"
    assert run("init", path)[0] == Exit.NOTHING
    path.write_text("mine")
    assert run("init", path)[0] == Exit.USAGE
    assert path.read_text() == "mine"


def test_a_broken_line_of_captures_does_not_stop_the_others(run, watchlist, tmp_path):
    (tmp_path / "page.html").write_bytes(BEFORE.read_bytes())
    good = {
        "document": "acme/terms",
        "url": "https://acme.example/terms",
        "at": "2026-01-01T00:00:00Z",
        "path": "page.html",
    }
    lines = ["not json", json.dumps(good | {"document": "acme/other"}), json.dumps(good)]
    (tmp_path / "captures.jsonl").write_text("\n".join(lines))
    code, out, err = run("import", tmp_path / "captures.jsonl", "--watchlist", watchlist)
    assert code == Exit.FAILED
    assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["first"]
    assert "captures.jsonl:1:" in err
    assert "acme/other" in err


@pytest.mark.parametrize("text", ["7d", "168h", "1w", "2026-04-28T12:00:00+00:00"])
def test_since_takes_spans_and_dates(text, at):
    assert since(text, at).isoformat() == "2026-04-28T12:00:00+00:00"


def test_fail_on_takes_a_list_and_refuses_what_it_does_not_know():
    assert fail_conditions("flagged, failed") == {"flagged", "failed"}
    with pytest.raises(UsageError):
        fail_conditions("flaged")


def test_nothing_checked_is_nothing_to_review():
    assert exit_code((), frozenset({"flagged", "failed"})) is Exit.NOTHING


def test_the_program_knows_its_version(run):
    assert run("--version")[1].startswith("tos-monitor 0.")


def test_runs_that_end_in_the_same_second_keep_a_report_each(tmp_path, at):
    report = Report(at=at, title="Check", watchlist=NOTHING_WATCHED)
    keep(report, tmp_path)
    keep(report, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "2026-05-05T120000Z-2.html",
        "2026-05-05T120000Z-2.md",
        "2026-05-05T120000Z.html",
        "2026-05-05T120000Z.md",
    ]


def line_of_captures(at, path, **more):
    url = "https://acme.example/terms"
    return json.dumps({"document": "acme/terms", "url": url, "at": at, "path": str(path)} | more)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"document": "acme/terms"}', "captures.jsonl:1: at is missing; write"),
        ('{"document": "acme/terms", "at": "soon", "path": "a", "url": "b"}', "'soon'; write"),
        ('{"at": "2026-05-05", "path": "no.html", "url": "b"}', "no.html cannot be read (No such file"),
    ],
)
def test_a_line_that_cannot_be_imported_says_what_is_wrong_in_words(run, watchlist, tmp_path, line, says):
    captures = tmp_path / "captures.jsonl"
    captures.write_text(line)
    code, _, said = run("import", captures, "--watchlist", watchlist)
    assert code == 2
    assert says in said
    assert "Error" not in said


def test_an_import_run_again_rewrites_no_history(run, watchlist, tmp_path):
    captures = tmp_path / "captures.jsonl"
    days = ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")
    captures.write_text("\n".join(map(line_of_captures, days, (BEFORE, AFTER))))
    first = run("import", captures, "--watchlist", watchlist)[1]
    again = run("import", captures, "--watchlist", watchlist)[1]
    outcomes = [[json.loads(line)["outcome"] for line in out.splitlines()] for out in (first, again)]
    assert outcomes == [["first", "changed"], ["skipped", "unchanged"]]
    changes = json.loads(run("changes", "--format", "json", "--watchlist", watchlist)[1])
    assert [change["reverted"] for change in changes] == [False]


@pytest.mark.parametrize("more", [{"document": ["acme"]}, {"at": "0001-01-01T00:00:00+14:00"}])
def test_a_line_of_captures_that_makes_no_sense_is_named(run, watchlist, tmp_path, more):
    captures = tmp_path / "captures.jsonl"
    captures.write_text(line_of_captures(**{"at": "2026-01-01T00:00:00Z", "path": BEFORE} | more))
    code, _, err = run("import", captures, "--watchlist", watchlist)
    assert code == Exit.FAILED
    assert "captures.jsonl:1:" in err


def test_a_line_may_hold_separators_of_unicode(run, tmp_path):
    pair = {"id": "a\u2028b", "old": str(BEFORE), "new": str(AFTER)}
    (tmp_path / "pairs.jsonl").write_text(json.dumps(pair, ensure_ascii=False), encoding="utf-8")
    code, out, _ = run("compare", "--pairs", tmp_path / "pairs.jsonl")
    assert code == Exit.NOTHING
    assert json.loads(out)["id"] == "a\u2028b"


def test_a_pair_that_names_no_files_is_refused(run, tmp_path):
    (tmp_path / "pairs.jsonl").write_text('{"id": 1, "old": 5, "new": "b.html"}')
    code, _, err = run("compare", "--pairs", tmp_path / "pairs.jsonl")
    assert code == Exit.USAGE
    assert "pairs.jsonl:1" in err


def test_a_damaged_gzip_file_is_named(run, tmp_path):
    whole = gzip.compress(BEFORE.read_bytes())
    damaged = tmp_path / "page.html.gz"
    damaged.write_bytes(whole[:40] + bytes(byte ^ 0x5A for byte in whole[40:]))
    code, _, err = run("compare", BEFORE, damaged)
    assert code == Exit.USAGE
    assert "page.html.gz" in err


def test_extract_never_writes_two_pages_into_one_file(run, tmp_path):
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "after.html").write_bytes(BEFORE.read_bytes())
    code, _, err = run("extract", AFTER, tmp_path / "old" / "after.html", "--output", tmp_path / "out")
    assert code == Exit.USAGE
    assert "after.md" in err


def test_extract_says_how_it_is_let_into_a_private_network(run, site):
    code, _, err = run("extract", f"{site.url}/terms")

    assert code == Exit.FAILED
    assert "if that is meant, write --allow-address 127.0.0.1/32" in err
    assert "watchlist" not in err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "abc"), "Invalid value for 'CHANGE': write a whole number\nSee: tos-monitor show --help"),
        (
            ("report", "--format", "pdf"),
            "'--format': 'pdf' is not one of 'terminal', 'markdown', 'html', 'json'.",
        ),
        (("chekc",), "Did you mean 'check'?\nSee: tos-monitor --help"),
        (("notify", "tset"), "Did you mean 'test'?\nSee: tos-monitor notify --help"),
        (("chekc",), "See: tos-monitor --help"),
        (("daemon", "--grace", "soon"), "Invalid value for '--grace': write a number\n"),
        (("daemon", "--grace", "-5"), "the number must be greater than or equal to 0"),
        (("worker", "--grace", "-5"), "the number must be greater than or equal to 0"),
        (("worker", "--grace", "inf"), "the number must be less than or equal to 86400"),
    ],
)
def test_a_misused_command_says_what_is_wrong_in_plain_words_and_names_its_own_help(run, words, says):
    code, _, err = run(*words)

    assert code == Exit.USAGE
    assert says in err


def test_extract_takes_an_error_page_for_no_text(run, site):
    code, out, err = run("extract", f"{site.url}/gone", "--allow-address", "127.0.0.1")
    assert (code, out) == (Exit.FAILED, "")
    assert "404" in err
