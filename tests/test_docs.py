"""The documents name what there is: commands, settings, words, errors."""

import inspect
import re
from pathlib import Path

import pytest

from monitor import errors
from monitor.cli import COMMANDS
from monitor.model import ClaimState
from monitor.settings import settings
from monitor.statements.examples import examples, failure
from monitor.statements.rules import load_topic
from monitor.watchlist import POSITIONS, parse_watchlist

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCS = {path.name: path.read_text() for path in (ROOT / "docs").rglob("*.md")}
EVERYTHING = README + "".join(DOCS.values())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_named_in_the_documents(name):
    assert f"tos-monitor {name}" in EVERYTHING


def test_every_setting_is_documented_and_nothing_else_is():
    asked = set(re.findall(r"MONITOR_[A-Z_]+", inspect.getsource(inspect.getmodule(settings))))
    assert asked == set(re.findall(r"MONITOR_[A-Z_]+", DOCS["operations.md"]))


@pytest.mark.parametrize("position", sorted({one for topic in POSITIONS.values() for one in topic}))
def test_every_position_is_in_the_glossary(position):
    assert f"`{position}`" in DOCS["glossary.md"]


@pytest.mark.parametrize("state", ClaimState)
def test_every_state_of_a_claim_is_in_the_glossary(state):
    assert f"| {state} |" in DOCS["glossary.md"]


def test_the_example_of_the_watchlist_page_is_a_watchlist():
    (example,) = re.findall(r"```toml\n(.*?)```", DOCS["watchlist.md"], re.DOTALL)
    assert list(parse_watchlist(example).products) == ["anthropic/api"]


def test_the_readme_runs_scripts_that_exist_and_ci_runs_its_test_command():
    assert "sh .ci/setup && .venv/bin/tos-monitor check" in README
    assert "sh .ci/test" in README
    assert "exec sh .ci/test" in (ROOT / ".ci" / "run").read_text()


def test_links_between_the_documents_lead_somewhere():
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text()):
            assert (path.parent / target).exists(), f"{path.name} links to {target}"


def test_the_error_tree_is_drawn_whole():
    classes = [
        name for name, one in inspect.getmembers(errors, inspect.isclass) if one.__module__ == errors.__name__
    ]
    for name in classes:
        assert name in (errors.__doc__ or "")


def test_every_module_opens_with_a_line_on_its_job():
    for path in (ROOT / "monitor").rglob("*.py"):
        assert path.read_text().startswith('"""'), path


def test_the_example_of_the_rules_page_is_a_rule_file_whose_examples_hold(tmp_path):
    (example,) = re.findall(r"```toml\n(.*?)```", DOCS["rules.md"], re.DOTALL)
    path = tmp_path / "subprocessors.toml"
    path.write_text(example)
    topic = load_topic(path)
    assert [failure(found, topic) for found in examples(topic)] == [None, None]
