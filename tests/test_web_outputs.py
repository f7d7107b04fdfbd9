"""What is published over HTTP: the same as the site's, with 304 for who has it, and behind the same door."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import feedparser
import pytest

from monitor.model import Seen
from monitor.web.outputs import REMEMBERED
from monitor.web.outputs import Seen as Known
from tests.publish_samples import answer
from tests.served import copied, demonstration, serving

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)

OUTPUTS = {
    "/positions.json": "application/json",
    "/positions.csv": "text/csv",
    "/positions.md": "text/markdown",
    "/badges/aurora/api/training.svg": "image/svg+xml",
    "/badges/aurora/api/training.json": "application/json",
    "/badges/models/aurora-large-2/training.svg": "image/svg+xml",
    "/feeds/all.atom": "application/atom+xml",
    "/feeds/all.json": "application/feed+json",
    "/feeds/aurora.atom": "application/atom+xml",
    "/feeds/aurora/api.atom": "application/atom+xml",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return demonstration(tmp_path_factory.mktemp("demonstration"))


@pytest.fixture(scope="module")
def served(folder):
    with serving(folder) as running:
        yield running


@pytest.fixture(scope="module")
def client(served):
    with served.client() as opened:
        yield opened


@pytest.mark.parametrize(("path", "kind"), OUTPUTS.items())
def test_each_is_answered_as_what_it_is(client, path, kind):
    found = client.get(path)
    assert found.status_code == 200
    assert found.headers["content-type"].partition(";")[0] == kind


@pytest.mark.parametrize("path", OUTPUTS)
def test_who_has_it_already_is_told_so(client, path):
    first = client.get(path)
    for headers in (
        {"if-none-match": first.headers["etag"]},
        {"if-none-match": f'"other", W/{first.headers["etag"]}'},
        {"if-none-match": "*"},
        {"if-modified-since": first.headers["last-modified"]},
    ):
        again = client.get(path, headers=headers)
        assert (again.status_code, again.content) == (304, b""), headers
        assert again.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize(
    "headers",
    [
        {"if-none-match": '"other"'},
        {"if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"},
        {"if-modified-since": "yesterday"},
        {"if-none-match": '"other"', "if-modified-since": "Fri, 01 Jan 2100 00:00:00 GMT"},
    ],
)
def test_who_has_something_else_gets_it(client, headers):
    assert client.get("/positions.json", headers=headers).status_code == 200


def test_an_answer_changes_the_table_the_badge_and_their_tags(folder, tmp_path):
    with serving(copied(folder, tmp_path / "copy")) as served, served.client() as client:
        paths = ("/positions.json", "/badges/aurora/api/training.svg", "/feeds/all.atom")
        before = [client.get(path) for path in paths]
        doubts = tuple(one.id for one in served.monitor.store.doubts() if one.product == "aurora/api")
        verified = answer("aurora/api", position="opt-out", at=datetime.now(UTC), version=None, evidence="")
        served.monitor.store.verify(verified, Seen(doubts))
        after = [client.get(path) for path in paths]
    assert [one.headers["etag"] == two.headers["etag"] for one, two in zip(before, after, strict=True)] == [
        False,
        False,
        True,  # a feed tells changes, and none came
    ]
    assert "re-verify" in before[1].text
    assert "training opt-out" in after[1].text
    dates = [parsedate_to_datetime(one.headers["last-modified"]) for one in (before[0], after[0])]
    assert dates[0] < dates[1]


def test_the_feed_passes_a_feed_parser_and_leads_to_the_pages_of_this_application(client, served):
    parsed = feedparser.parse(client.get("/feeds/all.atom").content)
    assert not parsed.bozo
    assert len(parsed.entries) == 3
    for entry in parsed.entries:
        assert entry.link.startswith(f"{served.url}/changes/")
        assert client.get(entry.link.removeprefix(served.url)).status_code == 200


def test_the_entries_of_a_feed_have_the_ids_that_they_have_on_the_site(client):
    entries = json.loads(client.get("/feeds/all.json").content)["items"]
    assert all(entry["id"].startswith("tag:tos-monitor.invalid,2026:change/") for entry in entries)


@pytest.mark.parametrize(
    "name", ["aurora-large-2", "Aurora-Large-2", "aurora-~2a", "aurora-a/b:free", "aurora-a~2fb"]
)
def test_a_badge_of_a_model_is_found_by_its_id_however_it_is_written(client, name):
    picture = ElementTree.fromstring(client.get(f"/badges/models/{name}/training.svg").content)
    assert picture[0].text.endswith("re-verify since " + picture[0].text[-10:])
    assert picture[0].text.lower().startswith("aurora-")


@pytest.mark.parametrize(
    "path",
    [
        "/badges/aurora/api/weather.svg",
        "/badges/aurora/none/training.svg",
        "/badges/models/other-1/training.svg",
        "/badges/aurora/api/training.png",
        "/badges/aurora/api/training",
        "/badges/.svg",
        "/feeds/none.atom",
        "/feeds/aurora/none.atom",
        "/feeds/all.rss",
        "/feeds/",
    ],
)
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_markup_in_the_name_of_a_model_is_only_ever_text(client):
    found = client.get("/badges/models/aurora-<script>alert(1)<~2fscript>/training.svg")
    assert found.status_code == 200
    assert "<script" not in found.text
    ElementTree.fromstring(found.content)


@pytest.mark.parametrize("path", OUTPUTS)
def test_they_are_behind_the_same_door_as_the_pages(folder, path):
    with serving(folder, password="s3cret") as guarded, guarded.client() as stranger:
        assert stranger.get(path).status_code == 303
        allowed = stranger.get(path, headers={"authorization": "Bearer s3cret"})
        assert allowed.status_code == 200
        assert allowed.headers["cache-control"] == "private, no-cache"


# --- since when -----------------------------------------------------------------------------------


def test_content_has_its_date_until_it_changes():
    known = Known()
    first = known.since("/a", "1", AT)
    assert known.since("/a", "1", AT + timedelta(hours=3)) == first
    assert known.since("/a", "2", AT + timedelta(hours=4)) == AT + timedelta(hours=4)


def test_content_that_changes_twice_in_a_second_has_two_dates():
    known = Known()
    dates = [known.since("/a", tag, AT + timedelta(milliseconds=100)) for tag in ("1", "2", "3")]
    assert dates == [AT, AT + timedelta(seconds=1), AT + timedelta(seconds=2)]


def test_addresses_are_not_remembered_without_end():
    known = Known()
    for number in range(REMEMBERED + 5):
        known.since(f"/{number}", "1", AT)
    assert len(known) == REMEMBERED
