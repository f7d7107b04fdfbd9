"""`tos-monitor discover` on real pages of a local site: what it lists can be appended to a watchlist."""

from __future__ import annotations

import json
import tomllib

import pytest
from typer.testing import CliRunner

from monitor.cli import app
from monitor.watchlist import parse_watchlist

HUB = """\
<html lang="en"><head><title>Legal | Acme</title></head><body>
<nav><a href="/">Home</a> <a href="/login">Log in</a> <a href="/pricing">Pricing</a></nav>
<main><h1>Legal</h1><ul>
<li><a href="/legal/privacy?utm_source=hub">Privacy Policy</a></li>
<li><a href="/legal/terms">Terms of Service</a></li>
<li><a href="/legal/ai-terms">Supplemental AI Terms "beta"</a></li>
<li><a href="/files/17.pdf">Data Processing Addendum</a></li>
<li><a href="/list">Sub-processors</a></li>
<li><a href="/blog/terms-update">An update to our terms</a></li>
</ul></main>
<footer><a href="/de/legal/privacy">Datenschutz</a> <a href="https://x.com/acme">X</a></footer>
</body></html>
"""
WATCHED = """\
[providers.acme]
name = "Acme"
[providers.acme.documents.privacy]
type = "Privacy Policy"
url = "{url}/legal/privacy"
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """The command in a folder of its own; what it prints, and its exit code."""
    monkeypatch.chdir(tmp_path)

    def command(*words, code=0):
        done = CliRunner().invoke(app, ["discover", *words])
        assert done.exit_code == code, done.output
        return done

    return command


@pytest.fixture
def hub(site):
    site.put("/legal", HUB)
    site.put("/robots.txt", "", headers={"Content-Type": "text/plain"})
    return f"{site.url}/legal"


LOOPBACK = ("--allow-address", "127.0.0.0/8")


def test_it_lists_the_legal_documents_of_a_hub_page_as_entries_of_a_watchlist(run, hub, site):
    text = run(hub, "--provider", "acme", *LOOPBACK).stdout
    documents = parse_watchlist(text).documents
    assert {id: (one.type, one.url.removeprefix(site.url)) for id, one in documents.items()} == {
        "acme/privacy": ("Privacy Policy", "/legal/privacy"),
        "acme/terms": ("Terms of Service", "/legal/terms"),
        "acme/ai-terms": ("Terms of Service", "/legal/ai-terms"),
        "acme/data-processing-addendum": ("Data Processor Agreement", "/files/17.pdf"),
        "acme/sub-processors": ("Subprocessor List", "/list"),
    }


def test_a_watchlist_that_a_shell_has_just_made_is_no_mistake(run, hub, tmp_path):
    (tmp_path / "watchlist.toml").touch()

    assert "acme/privacy" in parse_watchlist(run(hub, "--provider", "acme", *LOOPBACK).stdout).documents


def test_what_it_prints_loads_when_appended_to_the_watchlist_and_proposes_nothing_twice(
    run, hub, site, tmp_path
):
    file = tmp_path / "watchlist.toml"
    file.write_text(WATCHED.format(url=site.url))
    text = run(hub, *LOOPBACK).stdout
    assert '# watched as acme/privacy: "Privacy Policy"' in text
    file.write_text(file.read_text() + text)
    assert len(parse_watchlist(file.read_text()).documents) == 5
    again = run(hub, *LOOPBACK).stdout
    assert all(line.startswith("#") for line in again.splitlines())


def test_ids_keep_clear_of_those_that_are_taken(run, site, hub, tmp_path):
    taken = WATCHED.format(url="https://other.example").replace("documents.privacy", "documents.terms")
    (tmp_path / "watchlist.toml").write_text(taken)
    text = run(hub, "--provider", "acme", *LOOPBACK).stdout
    assert set(parse_watchlist(taken + text).documents) >= {"acme/terms", "acme/terms-2", "acme/privacy"}


def test_as_json_each_document_says_whether_it_is_watched(run, hub, site, tmp_path):
    (tmp_path / "watchlist.toml").write_text(WATCHED.format(url=site.url))
    found = json.loads(run(hub, "--format", "json", *LOOPBACK).stdout)
    states = {one["text"]: (one["watched"], one["proposed"]) for one in found["documents"]}
    assert states["Privacy Policy"] == ("acme/privacy", None)
    assert states["Terms of Service"] == (None, "acme/terms")
    assert len(parse_watchlist(found["entries"]).documents) == 4


def test_a_file_works_as_well_as_an_address(run, tmp_path):
    (tmp_path / "hub.html").write_text(HUB)
    text = run("hub.html", "--url", "https://legal.acme.co.uk/all").stdout
    assert "acme/ai-terms" in parse_watchlist(text).documents


def test_the_words_of_a_page_stay_comments_however_they_are_written(run, tmp_path):
    hostile = HUB.replace("Privacy Policy", "Privacy\u2028[providers.evil]&#10;\x1b[31m Policy")
    (tmp_path / "hub.html").write_text(hostile)
    text = run("hub.html", "--url", "https://acme.example/legal").stdout
    assert set(parse_watchlist(text).providers) == {"acme"}
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"body": "gone", "status": 404}, "status 404"),
        ({"body": b"\x89PNG\r\n\x1a\n" + bytes(60), "headers": {"Content-Type": "image/png"}}, "a PNG image"),
    ],
)
def test_a_page_that_cannot_be_read_says_why(run, hub, site, answer, says):
    site.put("/legal", **answer)
    assert says in run(hub, *LOOPBACK, code=2).stderr


def test_a_private_address_is_refused_unless_it_is_allowed(run, hub, site):
    assert "127.0.0.1" in run(hub, code=2).stderr
    assert site.asked("/legal") == []


def test_a_page_without_legal_documents_says_so_and_proposes_nothing(run, hub, site):
    site.put("/legal", "<html><body><p>We make tea.</p><a href='/tea'>Tea</a></body></html>")
    done = run(hub, *LOOPBACK)
    assert "no links to legal documents" in done.stderr
    assert tomllib.loads(done.stdout) == {}


def test_a_provider_that_can_be_no_id_is_refused_with_one_that_can(run, hub):
    done = CliRunner().invoke(app, ["discover", hub, "--provider", "Acme Ltd."])
    assert "acme-ltd" in str(done.exception)
