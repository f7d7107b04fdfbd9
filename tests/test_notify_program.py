"""Notifications in the whole program: check, daemon, accept, import, status and the commands of `notify`."""

from __future__ import annotations

import asyncio
import json
import re
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine

from monitor.cli.exits import Exit
from monitor.daemon import Daemon
from monitor.fetch import webhook as webhook_client
from monitor.notices import HOLD
from monitor.orders import Orders
from monitor.places import Places
from monitor.settings import settings
from monitor.watchlist import parse_watchlist
from monitor.watchlist.channels import FORMS
from monitor.wiring import clock, open_monitor, parts
from tests.program import CHANGED, GOOD, program_in, watchlist
from tests.receivers import hooks, letters

CLAIMED = """
[providers.acme.products.api]
name = "Acme API"
audience = "api"
documents = ["terms"]
training = { position = "no", verified = 2026-05-05 }
"""


@pytest.fixture
def program(tmp_path):
    with program_in(tmp_path) as opened:
        yield opened


@pytest.fixture
def receiver():
    with hooks() as server:
        yield server


def watch(program, site, *channels):
    """Watch one page, with these channels; its baseline is stored."""
    site.put("/terms", GOOD)
    program.watch({"terms": f"{site.url}/terms"})
    path = program.folder / "watchlist.toml"
    path.write_text(path.read_text() + CLAIMED + "".join(channels))
    program.check(code=Exit.NOTHING)


def webhook(url, name="hook", **more):
    keys = "".join(f"{key} = {json.dumps(value)}\n" for key, value in more.items())
    return f'[notify.{name}]\nkind = "webhook"\nurl = "{url}"\n{keys}'


def test_a_check_tells_what_it_found_after_its_report(program, site, receiver):
    program.set("MONITOR_URL", "https://terms.example.com/")
    watch(program, site, webhook(receiver.url))
    assert receiver.taken == []

    site.put("/terms", CHANGED)
    program.check(code=Exit.FLAGGED)

    (told,) = receiver.told
    assert told["subject"] == "Acme · Terms of Service: training more permissive to the provider (change 1)"
    assert told["changes"][0]["url"] == "https://terms.example.com/changes/1"
    assert told["changes"][0]["doubts"][0]["product"] == "acme/api"


def test_a_receiver_that_is_down_changes_nothing_about_a_check_and_is_told_at_a_later_one(
    program, site, receiver
):
    receiver.mood = "500"
    watch(program, site, webhook(receiver.url))
    site.put("/terms", CHANGED)
    program.check(code=Exit.FLAGGED)
    assert "not notified: channel hook: the webhook at 127.0.0.1" in program.said
    assert "answered with status 500; it is sent later" in program.said

    receiver.mood = "fine"
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=10)):
        assert program.run("check", "--due")[0] == Exit.NOTHING
        assert "Nothing is due." in program.said
    assert len(receiver.taken) == 1


def test_nobody_is_told_of_what_an_import_brings_in(program, site, receiver, tmp_path):
    watch(program, site, webhook(receiver.url))
    (tmp_path / "old.html").write_bytes(CHANGED)
    later = (clock() + timedelta(hours=1)).isoformat()
    entry = {"document": "acme/terms", "at": later, "path": "old.html", "url": f"{site.url}/terms"}
    (tmp_path / "captures.jsonl").write_text(json.dumps(entry))

    assert '"alert": true' in program.run("import", "captures.jsonl")[1]
    program.run("notify", "send")
    assert receiver.taken == []


def test_the_daemon_tells_once_the_time_for_the_same_edit_elsewhere_is_over(program, site, receiver):
    watch(program, site, webhook(receiver.url))
    site.put("/terms", CHANGED)
    chosen = settings(watchlist=program.folder / "watchlist.toml", environ={})

    async def day(monitor):
        async with AsyncExitStack() as fetchers:
            daemon = Daemon(
                monitor=monitor,
                parts=await fetchers.enter_async_context(parts(monitor)),
                fetchers=fetchers,
                orders=Orders(chosen.watchlist),
                grace=timedelta(seconds=20),
                places=Places(1),
            )
            monitor.store.set_next_check("acme/terms", clock())
            await daemon.tick()
            await asyncio.gather(*daemon.running.values())
            assert receiver.taken == []
            with time_machine.travel(datetime.now(UTC) + HOLD):
                await daemon.tick()
                await daemon.drain()

    with open_monitor(chosen) as monitor:
        asyncio.run(day(monitor))
    assert [one["kind"] for one in receiver.told] == ["change"]


# --- the commands ------------------------------------------------------------------------------


def test_a_test_message_arrives_at_every_channel_or_says_what_went_wrong(program, site, receiver):
    program.set("MAIL_PASSWORD", "pass-93")
    with letters() as (server, port):
        watch(
            program,
            site,
            webhook(receiver.url),
            webhook("http://127.0.0.1:9/hook", name="gone"),
            f'[notify.mail]\nkind = "mail"\nserver = "127.0.0.1:{port}"\nencryption = "none"\n'
            'from = "a@example.com"\nto = "b@example.com"\n',
            f'[notify.safe]\nkind = "mail"\nserver = "127.0.0.1:{port}"\nuser = "me"\n'
            'secret_env = "MAIL_PASSWORD"\nfrom = "a@example.com"\nto = "b@example.com"\n',
        )
        code, said = program.run("notify", "test")

    assert code == Exit.FAILED
    assert said.splitlines() == [
        "hook: sent; it is not signed: no secret_env is given",
        "gone: the webhook at 127.0.0.1:9 cannot be connected to; does it run, and is its address right?",
        "mail: sent",
        f"safe: the mail server 127.0.0.1:{port} offers no encryption; "
        'write encryption = "tls" if its port begins with it',
    ]
    assert receiver.told[0]["kind"] == "test"
    assert server.taken[0][1]["Subject"] == "Test of tos-monitor"


def test_a_channel_can_be_named_and_a_slip_is_told(program, site, receiver):
    watch(program, site, webhook(receiver.url, secret_env="HOOK_KEY"))
    program.set("HOOK_KEY", "key-93")
    assert program.run("notify", "test", "hook") == (Exit.NOTHING, "hook: sent\n")

    assert program.run("notify", "test", "hok")[0] == Exit.USAGE
    assert 'is not a channel of watchlist.toml; did you mean "hook"?' in program.said


def test_without_channels_the_commands_say_how_to_write_one(program, site):
    watch(program, site)
    assert program.run("notify", "test")[0] == Exit.USAGE
    assert "write a [notify.NAME] table" in program.said
    assert program.run("notify", "list")[0] == Exit.NOTHING


def test_the_list_says_what_waits_since_when_and_why(program, site):
    watch(program, site, webhook("http://127.0.0.1:9/hook", others="weekly", topics=["training"]))
    assert program.run("notify", "list") == (
        Exit.NOTHING,
        "hook: webhook\n"
        "  flagged at once, others weekly, health at once; digest at 07:00 UTC\n"
        "  only topics training\n"
        "  nothing waits\n",
    )

    site.put("/terms", CHANGED)
    program.check(code=Exit.FLAGGED)
    code, said = program.run("notify", "list")
    assert code == Exit.FAILED
    assert "1 message waits, the oldest since 20" in said
    assert "1 failed: the webhook at 127.0.0.1:9 cannot be connected to" in said


def test_what_waits_for_a_channel_that_left_the_watchlist_is_shown(program, site):
    watch(program, site, webhook("http://127.0.0.1:9/hook"))
    site.put("/terms", CHANGED)
    program.check(code=Exit.FLAGGED)
    path = program.folder / "watchlist.toml"
    path.write_text(path.read_text().partition("[notify")[0])

    assert "hook: not on the watchlist any more, so what waits" in program.run("notify", "list")[1]
    assert program.run("notify", "send") == (Exit.NOTHING, "0 messages sent.\n")


def test_status_says_that_a_channel_could_not_be_told_for_a_week(program, site):
    watch(program, site, webhook("http://127.0.0.1:9/hook"))
    site.put("/terms", CHANGED)
    program.check(code=Exit.FLAGGED)
    program.run("status")
    assert "NOT notified" not in program.said

    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        program.run("status")
    assert "NOT notified for 8 days: channel hook, 1 message waits" in program.said


# --- Apprise -----------------------------------------------------------------------------------

# It imports a module that Python 3.13 no longer has, and does without it there.
OLD_IMPORT = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@OLD_IMPORT
def test_a_service_of_apprise_is_told_and_its_address_is_no_secret_that_is_told(program, site, receiver):
    chat = '[notify.chat]\nkind = "apprise"\nsecret_env = "CHAT"\n'
    watch(program, site, chat)
    program.set("CHAT", f"json://127.0.0.1:{receiver.port}/token-93-secret")
    assert program.run("notify", "test") == (Exit.NOTHING, "chat: sent\n")
    assert json.loads(receiver.taken[0][1])["title"] == "Test of tos-monitor"

    receiver.mood = "500"
    code, said = program.run("notify", "test")
    assert code == Exit.FAILED
    assert "the service of CHAT did not take it" in said
    assert "token-93-secret" not in said + program.said


@OLD_IMPORT
@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("", "CHAT is not set in the environment"),
        ("nothing://secret-93", "Apprise does not know the address in CHAT"),
        ("json://127.0.0.1/a json://127.0.0.1/b", "CHAT must hold one address; write a channel for each"),
    ],
)
def test_an_address_that_apprise_cannot_use_is_named_by_its_variable(program, site, address, says):
    watch(program, site, '[notify.chat]\nkind = "apprise"\nsecret_env = "CHAT"\n')
    program.set("CHAT", address)
    code, said = program.run("notify", "test")
    assert (code, says in said, "secret-93" in said + program.said) == (Exit.FAILED, True, False)


# --- the documentation -------------------------------------------------------------------------

PAGE = (Path(__file__).parent.parent / "docs" / "notifications.md").read_text()


def test_the_example_of_the_page_is_a_part_of_a_watchlist_and_every_key_is_explained():
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    watched = watchlist({"privacy": "https://example.com/privacy"}).replace("acme", "anthropic")
    product = CLAIMED.replace("acme", "anthropic").replace('"terms"', '"privacy"')
    channels = parse_watchlist(watched + product + example).channels

    assert list(channels) == ["team", "pipeline", "chat"]
    keys = {field.alias or name for form in FORMS.values() for name, field in form.model_fields.items()}
    assert {key for key in keys if not re.search(rf"\b{key}\b", PAGE)} == set()


def test_a_receiver_that_verifies_as_the_page_says_takes_ours_and_nothing_else():
    (snippet,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    known: dict[str, Any] = {}
    exec(snippet, known)
    stamp = str(int(clock().timestamp()))
    headers = {
        "X-Tos-Monitor-Timestamp": stamp,
        "X-Tos-Monitor-Signature": f"sha256={webhook_client.sign('key-93', stamp, b'{}')}",
    }

    assert known["is_ours"](headers, b"{}", "key-93")
    assert not known["is_ours"](headers, b"{ }", "key-93")
    assert not known["is_ours"](headers, b"{}", "key-94")
    assert not known["is_ours"](headers | {"X-Tos-Monitor-Timestamp": str(int(stamp) - 400)}, b"{}", "key-93")
