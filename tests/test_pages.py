"""Every case under fixtures/pages: two pages and what the change between them is; a case needs no Python."""

import tomllib

import pytest

from monitor.compare import NOTHING_WATCHED, compare, media_type
from monitor.judge import Knowledge
from monitor.model import Capture, Changed
from monitor.severity import verdicts
from tests.conftest import FIXTURES

CASES = sorted(path.parent for path in FIXTURES.glob("*/*/expect.toml"))


def capture(case, side, at):
    path = next(path for path in case.iterdir() if path.stem == side)
    headers = (("content-type", media_type(path.name)),)
    url = "https://example.com/" + case.name
    return Capture(url=url, final_url=url, status=200, headers=headers, body=path.read_bytes(), at=at)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_the_change_between_two_pages_is_judged_as_expected(case, rules, at):
    expected = tomllib.loads((case / "expect.toml").read_text())
    knowledge = Knowledge(rules=rules, watchlist=NOTHING_WATCHED, verified={})
    outcome = compare(capture(case, "before", at), capture(case, "after", at), knowledge)
    assert type(outcome).__name__.lower() == expected["outcome"]
    change = outcome.change if isinstance(outcome, Changed) else None
    assert bool(change and change.alert) is expected["alert"]
    for topic, (kind, direction) in verdicts(change.flags if change else (), rules.topics).items():
        wanted = expected.get("topics", {}).get(topic, {"flag": "none"})
        assert (kind.value, direction) == (wanted["flag"], wanted.get("direction")), topic
    for code in expected.get("reasons", ()):
        assert code in [reason.code for reason in outcome.reasons]
    if "effective" in expected:
        assert outcome.version.effective == expected["effective"]


def test_there_are_cases():
    assert len(CASES) >= 5
