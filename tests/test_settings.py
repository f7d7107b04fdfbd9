"""Options win over the environment, and the environment over the defaults."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.errors import UsageError
from monitor.settings import settings


def test_without_anything_the_watchlist_is_here_and_the_database_beside_it():
    chosen = settings(environ={})

    assert chosen.watchlist == Path("watchlist.toml")
    assert chosen.database == f"sqlite:///{Path.cwd() / 'watchlist.db'}"
    assert (chosen.log_level, chosen.log_format, chosen.proxy, chosen.contact) == ("", "text", "", "")
    assert chosen.rules == ()
    assert chosen.color


def test_the_environment_names_what_the_options_leave_open(tmp_path):
    rules = tmp_path / "own.toml"
    rules.touch()
    environ = {
        "MONITOR_WATCHLIST": "/srv/terms.toml",
        "MONITOR_DATABASE": "postgresql://host/terms",
        "MONITOR_LOG": "DEBUG",
        "MONITOR_LOG_FORMAT": "json",
        "MONITOR_PROXY": "http://me:secret@proxy.example:3128",
        "MONITOR_CONTACT": "ops@example.com",
        "MONITOR_RULES": f"{rules}{os.pathsep}{rules}",
        "NO_COLOR": "1",
    }

    chosen = settings(environ=environ)

    assert (chosen.watchlist, chosen.database) == (Path("/srv/terms.toml"), "postgresql://host/terms")
    assert (chosen.log_level, chosen.log_format) == ("debug", "json")
    assert (chosen.proxy, chosen.contact) == ("http://me:secret@proxy.example:3128", "ops@example.com")
    assert chosen.rules == (rules, rules)
    assert not chosen.color


def test_options_win_over_the_environment():
    environ = {"MONITOR_WATCHLIST": "a.toml", "MONITOR_DATABASE": "sqlite:///a.db"}

    chosen = settings(watchlist="/b/b.toml", database="sqlite:///b.db", environ=environ)

    assert (chosen.watchlist, chosen.database) == (Path("/b/b.toml"), "sqlite:///b.db")


def test_the_database_lies_beside_a_watchlist_that_was_named():
    assert settings(watchlist="/srv/terms.toml", environ={}).database == "sqlite:////srv/terms.db"


def test_a_plain_path_becomes_a_database_url():
    assert settings(database="/srv/terms.sqlite", environ={}).database == "sqlite:////srv/terms.sqlite"


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"MONITOR_LOG": "loud"}, 'MONITOR_LOG="loud" is not one of its values; use debug, info'),
        ({"MONITOR_LOG_FORMAT": "xml"}, "use text, json"),
        ({"MONITOR_PROXY": "proxy.example"}, "MONITOR_PROXY is not a proxy's address; use e.g. http://"),
        ({"MONITOR_CONTACT": "me\r\nX-Evil: 1"}, "MONITOR_CONTACT is sent in a header"),
        ({"MONITOR_RULES": "/nowhere.toml"}, "MONITOR_RULES names /nowhere.toml, which is not a file"),
        ({"MONITOR_DATABASE": "/"}, "is a folder; name a file in it"),
        ({"MONITOR_DATABASE": "/srv/a?b.db"}, "question mark"),
    ],
)
def test_a_bad_value_is_explained(environ, message):
    with pytest.raises(UsageError) as caught:
        settings(environ=environ)

    assert message in str(caught.value)


def test_a_bad_proxy_does_not_give_its_password_away():
    with pytest.raises(UsageError) as caught:
        settings(environ={"MONITOR_PROXY": "ftp://me:secret@proxy.example"})

    assert "secret" not in str(caught.value)


def test_a_server_s_url_without_its_slashes_is_not_taken_for_a_file():
    with pytest.raises(UsageError, match="write it as postgresql://") as caught:
        settings(database="postgresql:/me:secret@host/terms", environ={})
    assert "secret" not in str(caught.value)


def test_printed_commands_repeat_what_was_given_but_never_a_password():
    url = "postgresql://me:secret@host/terms?password=secret"
    assert settings(watchlist="/srv/my terms.toml", database="/srv/t.db", environ={}).options == (
        "--watchlist '/srv/my terms.toml' --database /srv/t.db"
    )
    assert "secret" not in settings(database=url, environ={}).options
    assert settings(environ={"MONITOR_WATCHLIST": "/srv/terms.toml"}).options == ""


LOCAL = {"MONITOR_OPINION_URL": "http://127.0.0.1:11434/v1", "MONITOR_OPINION_MODEL": "small"}


def test_no_second_opinion_is_asked_for_unless_an_endpoint_is_named():
    assert settings(environ={"MONITOR_OPINION_MODEL": "small"}).opinion_url == ""


def test_an_endpoint_is_taken_as_named_and_its_key_is_not_shown():
    chosen = settings(environ=LOCAL | {"MONITOR_OPINION_KEY": "sk-secret", "MONITOR_OPINION_TIMEOUT": "5"})

    assert (chosen.opinion_url, chosen.opinion_model) == ("http://127.0.0.1:11434/v1", "small")
    assert (chosen.opinion_key, chosen.opinion_seconds) == ("sk-secret", 5)
    assert "sk-secret" not in repr(chosen)


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"MONITOR_OPINION_URL": "127.0.0.1:11434"}, "MONITOR_OPINION_URL is not an endpoint's address"),
        ({"MONITOR_OPINION_URL": "http://me:secret@host/v1"}, "MONITOR_OPINION_KEY for a key"),
        ({"MONITOR_OPINION_URL": "http://ho st/v1"}, "MONITOR_OPINION_URL is not an endpoint's address"),
        ({"MONITOR_OPINION_MODEL": " "}, "MONITOR_OPINION_MODEL is missing"),
        ({"MONITOR_OPINION_KEY": "secret\r\nX-Evil: 1"}, "MONITOR_OPINION_KEY is sent in a header"),
        ({"MONITOR_OPINION_TIMEOUT": "601"}, "use seconds, from 1 to 600"),
        ({"MONITOR_OPINION_TIMEOUT": "soon"}, "use seconds, from 1 to 600"),
    ],
)
def test_a_bad_endpoint_is_explained_without_repeating_what_may_be_secret(environ, message):
    with pytest.raises(UsageError) as caught:
        settings(environ=LOCAL | environ)

    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_browser_that_is_not_there_is_named(tmp_path):
    browser = tmp_path / "chromium"
    with pytest.raises(UsageError, match=r"MONITOR_BROWSER names .*chromium, which is not a file"):
        settings(environ={"MONITOR_BROWSER": str(browser)})
    browser.touch()
    assert settings(environ={"MONITOR_BROWSER": str(browser)}).browser == browser


def test_a_time_limit_and_certificates_are_read(tmp_path):
    (tmp_path / "ca.pem").write_text("")
    chosen = settings(environ={"MONITOR_TIMEOUT": "2.5", "MONITOR_CA_FILE": str(tmp_path / "ca.pem")})
    assert (chosen.fetch_seconds, chosen.ca_file) == (2.5, tmp_path / "ca.pem")
    assert settings(environ={}).fetch_seconds == 60


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MONITOR_TIMEOUT", "soon"),
        ("MONITOR_TIMEOUT", "0"),
        ("MONITOR_HEARTBEAT", "often"),
        ("MONITOR_HEARTBEAT", "0.5"),
        ("MONITOR_CA_FILE", "/nowhere"),
    ],
)
def test_a_time_limit_or_certificates_that_cannot_be_used_are_named(name, value):
    with pytest.raises(UsageError, match=name):
        settings(environ={name: value})
