"""Opening everything once: names of documents, and claims that killed runs left behind."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.claimants import this_process
from monitor.errors import UsageError
from monitor.model import Failed, Reason, Unchanged
from monitor.schedule import regular_check
from monitor.settings import settings
from monitor.watchlist import load_watchlist
from monitor.wiring import bring_forward, free_claims, open_monitor, reread

WATCHLIST = """\
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
documents = ["terms"]
[providers.acme.products.chat]
name = "Acme Chat"
audience = "consumer"
documents = ["terms", "privacy"]
[providers.other]
name = "Other"
[providers.other.documents.terms]
type = "Terms of Service"
url = "https://other.example/terms"
"""


@pytest.fixture
def chosen(tmp_path):
    (tmp_path / "watchlist.toml").write_text(WATCHLIST)
    return settings(watchlist=tmp_path / "watchlist.toml", environ={})


@pytest.mark.parametrize(
    ("names", "documents"),
    [
        ((), ["acme/terms", "acme/privacy", "other/terms"]),
        (("acme",), ["acme/terms", "acme/privacy"]),
        (("other", "acme/privacy"), ["other/terms", "acme/privacy"]),
        (("acme", "acme/terms"), ["acme/terms", "acme/privacy"]),
    ],
)
def test_documents_are_named_by_provider_or_one_by_one(chosen, names, documents):
    with open_monitor(chosen) as monitor:
        assert [document.id for document in monitor.select(names)] == documents


def test_a_name_that_is_not_watched_is_answered_with_those_that_are(chosen):
    with open_monitor(chosen) as monitor:
        with pytest.raises(UsageError, match="acme/terms, acme/privacy"):
            monitor.select(["acme/cookies"])
        with pytest.raises(UsageError, match="acme, other"):
            monitor.select(["acne"])


@pytest.mark.parametrize(
    ("names", "products"),
    [
        ((), {"acme/api", "acme/chat"}),
        (("acme",), {"acme/api", "acme/chat"}),
        (("acme/chat",), {"acme/chat"}),
        (("other",), set()),
    ],
)
def test_product_paths_are_named_by_provider_or_one_by_one(chosen, names, products):
    with open_monitor(chosen) as monitor:
        assert monitor.products(names) == products
        told = monitor.report("Claims", products=monitor.products(names)).standings
        assert {product for product, _ in told} == products


def test_a_document_where_a_product_path_is_meant_is_answered_with_those_that_there_are(chosen):
    with open_monitor(chosen) as monitor, pytest.raises(UsageError, match="acme/api, acme/chat"):
        monitor.products(["acme/terms"])


@pytest.fixture
def broken(tmp_path):
    """A rule file without a rule."""
    (tmp_path / "mine.toml").write_text('topic = "subprocessors"\n')
    return tmp_path / "mine.toml"


def test_a_broken_rule_file_is_refused_before_a_database_is_made(chosen, broken):
    with (
        pytest.raises(UsageError, match=r"mine\.toml: no rules"),
        open_monitor(replace(chosen, rules=(broken,))),
    ):
        pass
    assert not chosen.watchlist.with_suffix(".db").exists()


def test_a_rule_file_that_broke_leaves_what_is_in_force_when_all_is_read_anew(chosen, broken, caplog):
    with open_monitor(chosen) as monitor:
        assert reread(replace(monitor, settings=replace(chosen, rules=(broken,)))) is None
    assert "mine.toml: no rules" in caplog.records[-1].error


def killed():
    """The name of a process of this host that was killed."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return str(replace(this_process(), pid=process.pid))


def test_opening_frees_what_a_killed_run_of_this_host_had_claimed_and_nothing_else(chosen, at):
    until = at + timedelta(days=1)
    with open_monitor(chosen) as monitor:
        monitor.store.claim("acme/terms", by=killed(), now=at, until=until)
        monitor.store.claim("acme/privacy", by="elsewhere:1", now=at, until=until)
    with open_monitor(chosen) as monitor:
        assert monitor.store.claims() == {"acme/privacy": "elsewhere:1"}


def test_what_is_claimed_in_our_own_name_before_any_check_of_ours_is_free(store, at):
    store.claim("acme/terms", by=str(this_process()), now=at, until=at + timedelta(minutes=15))
    free_claims(store)
    assert store.claims() == {}


def test_an_interval_shortened_in_the_watchlist_counts_from_the_last_check(chosen, store, at):
    seen = Unchanged(document="acme/terms", at=at)
    store.record(seen, next_check=at + timedelta(days=7), started=at)
    watchlist = load_watchlist(chosen.watchlist)  # every 12 hours
    bring_forward(store, watchlist)
    (health,) = store.health(["acme/terms"])
    assert health.next_check == regular_check(watchlist.documents["acme/terms"], at)


def test_a_document_that_a_server_asked_to_leave_alone_is_left_alone(chosen, store, at):
    refused = Failed(document="acme/terms", at=at, reasons=(Reason("status", "too many requests"),))
    store.record(refused, next_check=at + timedelta(days=7), started=at)
    bring_forward(store, load_watchlist(chosen.watchlist))
    (health,) = store.health(["acme/terms"])
    assert health.next_check == at + timedelta(days=7)
