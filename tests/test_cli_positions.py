"""`rules check`, `statements` and `explain`, as typed."""

from __future__ import annotations

import gzip
import json
import logging
from pathlib import Path

import pytest

from monitor.cli import load, main
from monitor.cli.exits import Exit

RULE_FILE = """
topic = "subprocessors"
says = "whom data is handed to"
[words.en]
helper = ["subprocessor*"]
[[rules]]
id = "names-a-subprocessor"
says = "Data goes to a subprocessor."
en = ["engage ~8 {helper}"]
match.en = ["We engage subprocessors in Ireland."]
no_match.en = ["A subprocessor is bound by law."]
[[confusers]]
id = "customer-engages"
says = "The customer engages them."
en = ["you engage"]
hides = "sentence"
match.en = ["You engage subprocessors."]
no_match.en = ["We engage subprocessors."]
"""

WATCHLIST = """
[defaults]
confirm = "off"
[providers.acme]
name = "Acme"
[providers.acme.documents.terms]
type = "Terms of Service"
url = "https://acme.example/terms"
[providers.acme.documents.privacy]
type = "Privacy Policy"
url = "https://acme.example/privacy"
[providers.acme.products.api]
name = "Acme API"
audience = "api"
documents = ["terms", "privacy"]
training = { position = "no", verified = 2026-05-05, source = "audit" }
retention = [{ position = "period", period = "30 days" }, { position = "period", period = "90 days" }]
[providers.acme.products.app]
name = "Acme App"
audience = "consumer"
depends_on = ["acme/api"]
training = { position = "opt-out" }
"""

TERMS = """# Terms

## Your data

We use your inputs to train our models unless you opt out. These terms are governed by the law of Ireland,
and you agree that you have read them, that you are of age, and that we may change them from time to time.

## Keeping

We keep your inputs and outputs for 30 days. A notice to you is given by mail, to the address of your account.
"""

# Hiragana between the characters tell it from Chinese.
JAPANESE = "# 規約\n\n" + "\n\n".join(
    f"第{n}条 わたしたちは、おきゃくさまが入力したものを、モデルの学習のためには使いません。"
    for n in range(1, 9)
)


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    logger = logging.getLogger("monitor")
    handlers, level = logger.handlers[:], logger.level
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MONITOR_RULES", raising=False)

    def call(*words):
        monkeypatch.setattr("sys.argv", ["tos-monitor", *map(str, words)])
        with pytest.raises(SystemExit) as stop:
            main()
        out, err = capsys.readouterr()
        return stop.value.code, out, err

    yield call
    logger.handlers[:], logger.level = handlers, level


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return name

    return write


@pytest.fixture
def watched(run, file):
    """A folder with a watchlist, and a way to bring versions of its documents in."""
    file("watchlist.toml", WATCHLIST)

    def bring(document, text, at="2026-05-05"):
        capture = {
            "document": document,
            "url": f"https://acme.example/{document}",
            "at": f"{at}T12:00:00Z",
            "headers": {"content-type": "text/markdown"},
            "path": file("page.md", text),
        }
        code, out, err = run("import", file("captures.jsonl", json.dumps(capture)))
        assert code == Exit.NOTHING, err
        return json.loads(out)

    return bring


# --- rules check -------------------------------------------------------------------------------


def test_the_built_in_examples_hold(run):
    code, out, _ = run("rules", "check")
    assert code == Exit.NOTHING
    assert [line.split()[0] for line in out.splitlines()] == ["training.toml", "retention.toml"]


def test_the_examples_of_a_file_of_ones_own_hold(run, file):
    code, out, _ = run("rules", "check", file("mine.toml", RULE_FILE))
    assert code == Exit.NOTHING
    assert "subprocessors: 2 rules, 4 examples, all hold" in out


@pytest.mark.parametrize(
    ("was", "told"),
    [
        ("We engage subprocessors in", "names-a-subprocessor (en), must match: “{}”; fired: nothing"),
        (
            "A subprocessor is bound by law.",
            "names-a-subprocessor (en), must not match: “{}”; fired: names-a-subprocessor",
        ),
        (
            "You engage subprocessors.",
            "customer-engages (en), no rule may fire: “{}”; fired: names-a-subprocessor",
        ),
        ("We engage subprocessors.", "customer-engages (en), some rule must fire: “{}”; fired: nothing"),
    ],
)
def test_an_example_that_does_not_hold_is_told_with_what_fired_instead(run, file, was, told):
    wrong = "We share data" if "fired: nothing" in told else "They engage subprocessors."
    text = RULE_FILE.replace(was, wrong, 1)
    code, out, _ = run("rules", "check", file("mine.toml", text))
    assert code == Exit.FLAGGED
    full = next(line for line in text.splitlines() if wrong in line).split('"')[1]
    assert f"mine.toml: {told.format(full)}" in out
    assert "1 does not hold" in out


def test_a_rule_file_that_cannot_be_read_does_not_keep_the_others_from_being_tried(run, file):
    code, out, err = run("rules", "check", "none.toml", file("mine.toml", RULE_FILE))
    assert code == Exit.USAGE
    assert "none.toml: the rule file cannot be read" in err
    assert "4 examples, all hold" in out


def test_rule_files_of_the_environment_are_tried_too_and_once(run, file, monkeypatch):
    monkeypatch.setenv("MONITOR_RULES", file("mine.toml", RULE_FILE))
    _, out, _ = run("rules", "check", "mine.toml")
    assert out.count("subprocessors:") == 1


def test_the_commands_of_the_group_say_what_they_do_with_an_example():
    for name, command in load("rules").commands.items():
        assert f"Example: tos-monitor rules {name}" in command.help


# --- statements --------------------------------------------------------------------------------


def test_each_statement_is_listed_with_its_section_its_plain_line_and_its_words_marked(run, file):
    code, out, _ = run("statements", file("terms.md", TERMS))
    assert code == Exit.NOTHING
    assert "§ Terms › Your data" in out
    assert "may be used for training unless opted out" in out
    assert "*inputs* to *train* our models" in out
    assert "rules train-on-data" in out
    assert "kept 30 days" in out
    assert out.index("── training (1)") < out.index("── retention (1)")


def test_one_topic_can_be_asked_for(run, file):
    _, out, _ = run("statements", file("terms.md", TERMS), "--topic", "retention")
    assert "kept 30 days" in out
    assert "train" not in out


def test_a_topic_that_there_is_not_is_answered_with_those_that_are(run, file):
    code, _, err = run("statements", file("terms.md", TERMS), "--topic", "weather")
    assert code == Exit.USAGE
    assert "training, retention" in err


def test_statements_are_json_for_programs(run, file):
    _, out, _ = run("statements", file("terms.md", TERMS), "--format", "json")
    shown = json.loads(out)
    assert (shown["understood"], shown["language"], shown["topics"]) == (
        True,
        "en",
        {"training": 1, "retention": 1},
    )
    training, retention = shown["statements"]
    assert training["position"] == "opt-out"
    assert training["section"] == ["Terms", "Your data"]
    assert retention["periods"] == [
        {"text": "30 days", "days": 30.0, "shortest_days": 30.0, "bound": "exactly"}
    ]


def test_a_compressed_file_is_read_like_any_other(run, tmp_path):
    (tmp_path / "terms.md.gz").write_bytes(gzip.compress(TERMS.encode()))
    assert "── training (1)" in run("statements", "terms.md.gz")[1]


def test_a_text_in_a_language_without_rules_is_not_understood_and_never_silent(run, file):
    code, out, _ = run("statements", file("ja.md", JAPANESE))
    assert code == Exit.FAILED
    assert "Not understood" in out
    assert "(ja)" in out
    assert "No statement" not in out
    shown = json.loads(run("statements", "ja.md", "--format", "json")[1])
    assert (shown["understood"], shown["statements"]) == (False, [])


def test_the_current_version_of_a_watched_document_is_read(run, watched):
    watched("acme/terms", TERMS)
    watched("acme/terms", TERMS.replace("30 days", "60 days"), at="2026-05-07")
    _, out, _ = run("statements", "acme/terms", "--topic", "retention")
    assert "kept 60 days" in out
    assert "version 2" in out


def test_a_document_that_was_not_yet_seen_says_so(run, watched):
    code, out, _ = run("statements", "acme/terms")
    assert code == Exit.FAILED
    assert "tos-monitor check acme/terms" in out


@pytest.mark.parametrize("name", ["nothing.md", "acme/none", "acme/terms/old"])
def test_what_is_neither_a_file_nor_a_document_is_refused(run, file, name):
    file("watchlist.toml", WATCHLIST)
    code, _, err = run("statements", name)
    assert code == Exit.USAGE
    assert "acme/terms" in err or "no such file" in err


def test_page_text_cannot_pass_for_a_mark_or_act_on_a_terminal(run, file):
    text = "We may use your *inputs* to train \x1b[31mour models."
    _, out, _ = run("statements", file("terms.txt", text))
    assert "\\**inputs*\\*" in out
    assert "\x1b" not in out


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_statements_are_listed_in_every_format_with_the_words_marked(run, file, form):
    code, out, _ = run("statements", file("terms.md", TERMS), "--format", form, "--output", "out.txt")
    assert (code, out) == (Exit.NOTHING, "")
    text = Path("out.txt").read_text(encoding="utf-8")
    tag = {"markdown": "strong", "html": "mark"}[form]
    assert f"<{tag}>inputs</{tag}> to <{tag}>train</{tag}> our models" in text
    for told in ("may be used for training unless opted out", "Terms › Your data", "kept 30 days"):
        assert told in text


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_a_text_that_was_not_understood_says_so_in_every_format(run, file, form):
    code, out, _ = run("statements", file("ja.md", JAPANESE), "--format", form)
    assert code == Exit.FAILED
    assert "Not understood" in out
    assert "No statement" not in out


def test_page_text_is_only_ever_text_in_a_page_and_in_markdown(run, file):
    text = "We may use your inputs to train <script>alert(1)</script> our [models](https://evil.example)."
    assert "<script>" not in run("statements", file("terms.txt", text), "--format", "html")[1]
    out = run("statements", "terms.txt", "--format", "markdown")[1]
    assert "<script>" not in out
    assert r"\[models\]" in out
    assert r"https\://evil" in out


# --- explain -----------------------------------------------------------------------------------


def test_a_claim_is_put_beside_what_the_documents_say(run, watched):
    watched("acme/terms", TERMS)
    watched("acme/privacy", "# Privacy\n\nWe respect your privacy, and tell you who we are and where.")
    code, out, _ = run("explain", "acme/api", "training")
    assert code == Exit.FLAGGED
    assert "2 documents: 1 contradicts it and 1 is silent." in out
    assert "*inputs* to *train* our models unless you *opt out*" in out
    assert "– acme/privacy: silent" in out
    assert "tos-monitor verify acme/api training" in out


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_claims_are_put_beside_the_texts_in_every_format(run, watched, form):
    watched("acme/terms", TERMS)
    code, out, _ = run("explain", "acme/api", "--format", form)
    assert code == Exit.FLAGGED
    for told in ("1 contradicts it and 1 is not yet seen", "acme/terms", "tos-monitor check acme/privacy"):
        assert told in out
    assert "tos-monitor verify acme/api training" in out
    assert "unless you" in out


def test_what_explain_and_statements_name_to_do_repeats_the_options(run, watched, tmp_path):
    watched("acme/terms", TERMS)
    _, out, _ = run("explain", "acme/api", "training", "--watchlist", "watchlist.toml")
    options = f"--watchlist {tmp_path / 'watchlist.toml'}"
    assert f"tos-monitor verify acme/api training {options}" in out
    assert f"tos-monitor check acme/privacy {options}" in out
    out = run("statements", "acme/privacy", "--watchlist", "watchlist.toml", "--format", "html")[1]
    assert f"tos-monitor check acme/privacy {options}" in out


def test_sources_that_disagree_are_both_put_beside_the_text(run, watched):
    watched("acme/terms", TERMS)
    _, out, _ = run("explain", "acme/api", "retention", "--format", "json")
    claims = json.loads(out)["claims"]
    assert [(one["period"], one["bearing"]) for one in claims] == [
        ("30 days", "supports"),
        ("90 days", "contradicts"),
    ]


def test_what_was_not_seen_or_not_understood_is_never_called_silent(run, watched):
    watched("acme/terms", JAPANESE)
    code, out, _ = run("explain", "acme/api", "training", "--format", "json")
    assert code == Exit.FAILED
    (claim,) = json.loads(out)["claims"]
    assert claim["bearing"] == "not understood"
    assert [one["bearing"] for one in claim["documents"]] == ["not understood", "not yet seen"]


def test_a_product_without_documents_is_explained_by_what_it_depends_on(run, watched):
    watched("acme/terms", TERMS)
    _, out, _ = run("explain", "acme/app", "training")
    assert "those of acme/api are read" in out
    assert "✓ acme/terms: supports" in out


def test_a_topic_without_a_claim_says_so(run, watched):
    assert "Nothing is claimed on retention." in run("explain", "acme/app")[1]


def test_explaining_changes_nothing(run, watched):
    watched("acme/terms", TERMS)
    before = run("status", "--format", "json")[1]
    run("explain", "acme/api")
    after = run("status", "--format", "json")[1]
    assert json.loads(before)["claims"] == json.loads(after)["claims"]


@pytest.mark.parametrize(
    ("words", "says"), [(["acme/none"], "acme/api"), (["acme/api", "weather"], "training")]
)
def test_a_wrong_name_is_answered_with_those_that_are(run, watched, words, says):
    code, _, err = run("explain", *words)
    assert code == Exit.USAGE
    assert says in err


# --- languages without rules -------------------------------------------------------------------


def test_a_change_in_a_language_without_rules_is_announced_and_marked(run, watched):
    watched("acme/terms", JAPANESE)
    told = watched("acme/terms", JAPANESE.replace("第3条", "第3条 そのほか"), at="2026-05-06")
    assert told["alert"]
    out = run("report", "--since", "2026-01-01")[1]
    assert "! not understood: no rules are written for its language (ja)" in out
    assert "Not\nunderstood, for want of rules in their language: acme/terms (ja)." in out


def test_the_status_marks_a_document_in_a_language_without_rules(run, watched):
    watched("acme/terms", JAPANESE)
    watched("acme/privacy", TERMS)
    assert "seen, not understood" in run("status")[1]
    health = json.loads(run("status", "--format", "json")[1])["health"]
    assert {one["document"]: one["understood"] for one in health} == {
        "acme/terms": False,
        "acme/privacy": True,
    }


def test_a_comparison_of_texts_in_a_language_without_rules_says_so(run, file):
    old, new = file("old.md", JAPANESE), file("new.md", JAPANESE.replace("第3条", "第3条 そのほか"))
    shown = json.loads(run("compare", old, new, "--format", "json")[1])
    assert (shown["outcome"], shown["alert"]) == ("changed", True)
    assert [reason.partition(":")[0] for reason in shown["reasons"]] == ["not-understood"]
    english = [file("a.md", TERMS), file("b.md", TERMS.replace("30 days", "60 days"))]
    assert json.loads(run("compare", *english, "--format", "json")[1])["reasons"] == []
