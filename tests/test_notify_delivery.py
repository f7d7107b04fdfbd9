"""What waits in the outbox reaches real receivers that fail, hang and come back: all of it, once."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import os
import re
import signal
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from monitor.delivery import Carriers
from monitor.errors import DeliveryError
from monitor.fetch import webhook
from monitor.model import Channel, ChannelKind, Encryption, SeenLinks, When
from monitor.notices import HOLD, LEASE
from monitor.notify import mail
from monitor.store import Store
from tests import faults
from tests.notify_samples import KEY, Sender, Told, found, hook, watched
from tests.receivers import hooks, letters
from tests.store_samples import NO, START, YES

MINUTE = timedelta(minutes=1)
TO = ("legal@example.com", "privacy@example.com")


@pytest.fixture
def receiver():
    with hooks() as server:
        yield server


def mailbox(port, **more):
    facts = {
        "host": "127.0.0.1",
        "port": port,
        "encryption": Encryption.NONE,
        "sender": "monitor@example.com",
    }
    return Channel(**{"name": "mail", "kind": ChannelKind.MAIL, "to": TO, **facts, **more})


def changed(store, watchlist, *, document="acme/terms", text=YES, **more):
    """A change that is told, and the sender of it."""
    told = Told(store, document=document, watchlist=watchlist)
    told.first(NO)
    told.changed(text, **more)
    return Sender(store, watchlist)


def several(store, watchlist, count, **more):
    """So many changes of one document, each told by itself."""
    told = Told(store, watchlist=watchlist)
    told.first(NO)
    for number in range(count):
        told.changed(f"We may use your content for purpose {number}.", **more)
    return Sender(store, watchlist)


# --- it arrives --------------------------------------------------------------------------------


def test_a_webhook_is_told_of_a_change_once_signed_and_with_an_event_id(store, receiver):
    sender = changed(store, watched(hook(receiver.url, secret_env="HOOK_KEY")))
    sender.secrets = {"HOOK_KEY": KEY}

    assert sender.send().sent == 1
    assert sender.send(after=timedelta(days=30)).sent == 0

    ((headers, body),) = receiver.taken
    stamp = headers["X-Tos-Monitor-Timestamp"]
    signed = hmac.new(KEY.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Tos-Monitor-Signature"] == f"sha256={signed}"
    assert int(stamp) == (START + timedelta(days=1)).timestamp()
    (told,) = receiver.told
    assert headers["X-Tos-Monitor-Event"] == told["event"]
    assert (told["kind"], told["changes"][0]["id"], told["channel"]) == ("change", 1, "hook")
    assert store.backlog() == ()


class Overheard:
    """A store that notes in which threads whole changes are read."""

    def __init__(self, store):
        self._store, self.threads = store, set()

    def __getattr__(self, name):
        return getattr(self._store, name)

    def change(self, number):
        self.threads.add(threading.get_ident())
        return self._store.change(number)


def test_changes_are_read_beside_the_loop_that_checks_go_on_in(store, receiver):
    watchlist = watched(hook(receiver.url))
    for document in ("acme/terms", "acme/privacy"):
        changed(store, watchlist, document=document)
    sender = Sender(Overheard(store), watchlist)

    assert sender.send().sent == 1

    (told,) = receiver.told
    assert len(told["changes"]) == 2
    assert sender.store.threads
    assert threading.get_ident() not in sender.store.threads


def test_mail_has_text_and_html_a_plain_subject_and_goes_to_all(store):
    with letters() as (server, port):
        sender = changed(store, watched(mailbox(port)))
        sender.url = "https://terms.example.com"
        assert sender.send().sent == 1

    ((to, letter),) = server.taken
    assert tuple(to) == TO
    assert letter["Subject"] == "Acme · Terms of Service: training more permissive to the provider (change 1)"
    assert letter["Message-ID"] == f"<{letter['X-Tos-Monitor-Event']}@example.com>"
    text = letter.get_body(("plain",)).get_content()
    page = letter.get_body(("html",)).get_content()
    for part in (text, page):
        assert "https://terms.example.com/changes/1" in part
        assert "training-use" in part
    assert "[-We do not use your content" in text
    assert "<del>We do not use" in page


def test_a_mail_server_with_encryption_gets_the_password_and_only_when_it_can_be_trusted(store, tmp_path):
    trusted = str(faults.write_certificate(tmp_path))
    safe = {"host": "localhost", "encryption": Encryption.STARTTLS, "user": "me", "secret_env": "PASSWORD"}
    with letters(faults._tls_context()) as (server, port):
        server.password = "pass-93"
        sender = changed(store, watched(mailbox(port, **safe)))
        sender.secrets = {"PASSWORD": "pass-93"}
        assert "certificate that is not trusted" in sender.send().failed[0][1]
        assert server.signed_in == []

        sender.more = {"MONITOR_CA_FILE": trusted}
        assert sender.send(after=MINUTE).sent == 1
        assert server.signed_in == [("me", "pass-93")]


def test_a_mail_server_that_is_encrypted_from_the_first_byte_on_is_reached(store, tmp_path):
    with letters(faults._tls_context(), at_once=True) as (server, port):
        sender = changed(store, watched(mailbox(port, host="localhost", encryption=Encryption.TLS)))
        sender.more = {"MONITOR_CA_FILE": str(faults.write_certificate(tmp_path))}
        assert sender.send().failed == ()
    assert len(server.taken) == 1


def test_what_is_told_at_once_waits_a_minute_for_the_same_edit_elsewhere_and_goes_as_one(store, receiver):
    watchlist = watched(hook(receiver.url))
    for document in ("acme/terms", "acme/privacy"):
        sender = changed(store, watchlist, document=document)
    told = store.untried("hook", START + timedelta(days=9))
    sender.now = told[0].at + HOLD - timedelta(seconds=1)
    assert sender.send().sent == 0
    assert sender.send(after=MINUTE).sent == 1

    (message,) = receiver.told
    assert [one["document"] for one in message["changes"]] == ["acme/privacy", "acme/terms"]
    assert message["subject"].endswith("(changes 2 and 1)")


def test_other_edits_go_apart(store, receiver):
    sender = several(store, watched(hook(receiver.url)), 3)
    assert sender.send().sent == 3
    assert len(set(receiver.events)) == 3


def test_a_digest_gathers_what_happened_and_nothing_is_sent_when_nothing_did(store, receiver):
    channel = hook(receiver.url, flagged=When.DAILY, health=When.DAILY, after_failures=1)
    watchlist = watched(channel)
    sender = several(store, watchlist, 2)
    away = Told(store, document="acme/privacy", watchlist=watchlist)
    away.first(NO)
    away.failed()

    assert sender.send().sent == 1
    for _ in range(5):
        assert sender.send(after=timedelta(days=1)).sent == 0
    (digest,) = receiver.told
    assert digest["kind"] == "digest"
    assert digest["subject"] == "Digest: 2 changes, 1 document not seen"
    assert len(digest["changes"]) == 2
    assert digest["health"][0]["document"] == "acme/privacy"
    assert digest["health"][0]["reasons"] == ["timeout: no answer within 20 s"]


def test_a_digest_tells_which_legal_documents_a_page_newly_links_to(store, receiver):
    watchlist = watched(hook(receiver.url))
    told = Told(store, watchlist=watchlist)
    told.first(NO)
    told.same(NO, links=SeenLinks(reader="1", links=(), findings=(found(told.at),)))

    assert Sender(store, watchlist).send().sent == 1
    (digest,) = receiver.told
    assert digest["subject"] == "Digest: links of 1 document"
    assert [(one["kind"], one["url"]) for one in digest["links"]] == [
        ("new", "https://acme.test/subprocessors")
    ]


def test_documents_that_cease_to_be_seen_together_are_one_message(store, receiver):
    watchlist = watched(hook(receiver.url, after_failures=1))
    for document in ("acme/terms", "acme/privacy"):
        told = Told(store, document=document, watchlist=watchlist)
        told.first(NO)
        told.failed()

    assert Sender(store, watchlist).send().sent == 1
    assert receiver.told[0]["subject"] == "Not seen: acme/terms and acme/privacy"


# --- it does not arrive ------------------------------------------------------------------------


@pytest.mark.parametrize("mood", ["500", "503", "404", "302", "drop"])
def test_a_webhook_that_fails_delays_and_gets_everything_once_when_it_is_back(store, receiver, mood):
    receiver.mood = mood
    sender = several(store, watched(hook(receiver.url)), 5)
    for _ in range(4):
        assert sender.send(after=timedelta(hours=1)).sent == 0
    assert receiver.taken == []
    assert receiver.tried == 4  # one try each time: nobody is there

    receiver.mood = "fine"
    for _ in range(3):
        sender.send(after=timedelta(hours=6))
    assert sorted(one["changes"][0]["id"] for one in receiver.told) == [1, 2, 3, 4, 5]


def test_a_webhook_that_nobody_answers_at_gets_everything_once_it_runs(store):
    with hooks() as gone:
        port = gone.port
    sender = several(store, watched(hook(f"http://127.0.0.1:{port}/hook")), 3)
    assert "cannot be connected to; does it run" in sender.send().failed[0][1]
    (waits,) = store.backlog()
    assert (waits.letters, waits.failing) == (3, 1)
    assert f"127.0.0.1:{port} cannot be connected to" in waits.error

    with hooks(port) as back:
        for _ in range(2):
            sender.send(after=timedelta(minutes=10))
        assert sorted(one["changes"][0]["id"] for one in back.told) == [1, 2, 3]


def test_once_a_message_arrives_what_failed_before_goes_at_once(store, receiver):
    receiver.mood = "500"
    watchlist = watched(hook(receiver.url))
    sender = changed(store, watchlist)
    for _ in range(9):
        sender.send()
        sender.now = store.backlog()[0].next
    sender.send()
    assert store.backlog()[0].next - sender.now == timedelta(hours=6)

    receiver.mood = "fine"
    changed(store, watchlist, document="acme/privacy", text="We may use your content for more.")
    assert sender.send().sent == 1
    assert sender.send().sent == 1
    assert [one["changes"][0]["id"] for one in receiver.told] == [2, 1]


def test_a_webhook_that_hangs_is_given_up(receiver):
    receiver.mood = "hang"
    slow = webhook.Hook(url=receiver.url, seconds=0.3)
    with pytest.raises(DeliveryError, match=r"did not answer within 0\.3 s"):
        asyncio.run(webhook.post(slow, b"{}", event="1", at=START))


def test_a_receiver_that_takes_a_message_and_breaks_off_gets_it_again_under_the_same_id(store, receiver):
    receiver.mood = "drop-after"
    sender = changed(store, watched(hook(receiver.url)))
    assert sender.send().sent == 0
    receiver.mood = "fine"
    assert sender.send(after=MINUTE).sent == 1

    assert len(receiver.events) == 2
    assert len(set(receiver.events)) == 1


def test_a_message_that_a_receiver_will_not_have_keeps_no_other_from_it(store, receiver):
    receiver.mood = "413"
    sender = several(store, watched(hook(receiver.url)), 3)
    assert len(sender.send().failed) == 3
    assert "too large" in store.backlog()[0].error


def test_one_channel_that_fails_does_not_keep_another_from_being_told(store, receiver):
    broken = hook("http://127.0.0.1:9/hook", name="broken")
    sender = changed(store, watched(broken, hook(receiver.url)))
    done = sender.send()
    assert (done.sent, done.failed[0][0]) == (1, "broken")


@pytest.mark.parametrize("mood", ["later", "drop", "too-large"])
def test_a_mail_server_that_fails_delays_and_gets_everything_once_when_it_is_back(store, mood):
    with letters() as (server, port):
        server.mood = mood
        sender = several(store, watched(mailbox(port)), 3)
        for _ in range(3):
            assert sender.send(after=timedelta(hours=1)).sent == 0
        server.mood = "fine"
        for _ in range(3):
            sender.send(after=timedelta(hours=6))
    assert len(server.events) == len(set(server.events)) == 3


def test_a_mail_server_that_hangs_is_given_up():
    with letters() as (server, port):
        server.mood = "hang"
        box = mail.Mailbox(host="127.0.0.1", port=port, encryption=Encryption.NONE, seconds=0.5)
        letter = mail.Mail(
            sender="a@example.com", to=TO, event="1", at=START, subject="Hi", text="Hi", html="<p>Hi</p>"
        )
        with pytest.raises(DeliveryError, match=r"did not answer within 0\.5 s"):
            asyncio.run(mail.send(box, letter))


def test_a_receiver_that_a_mail_server_refuses_for_good_does_not_keep_the_others_from_theirs(store):
    with letters() as (server, port):
        server.refuses = {TO[0]: "550 nobody of that name"}
        sender = changed(store, watched(mailbox(port)))
        assert sender.send().sent == 1
    assert [to for to, _ in server.taken] == [[TO[1]]]


def test_a_receiver_that_is_refused_for_now_gets_the_mail_later_with_the_others(store):
    with letters() as (server, port):
        server.refuses = {TO[1]: "450 come again"}
        sender = changed(store, watched(mailbox(port)))
        assert "answered 450 come again" in sender.send().failed[0][1]
        assert server.taken == []
        server.refuses = {}
        assert sender.send(after=MINUTE).sent == 1
    assert [to for to, _ in server.taken] == [list(TO)]


def test_a_secret_that_is_missing_delays_and_is_named(store, receiver):
    sender = changed(store, watched(hook(receiver.url, secret_env="HOOK_KEY")))
    assert "HOOK_KEY is not set in the environment" in sender.send().failed[0][1]
    sender.secrets = {"HOOK_KEY": KEY}
    assert sender.send(after=MINUTE).sent == 1


def test_no_secret_is_in_the_database_the_log_or_what_is_told(store, tmp_path, caplog):
    caplog.set_level("DEBUG")
    with letters(faults._tls_context()) as (server, port):
        server.password = "another"
        safe = {
            "host": "localhost",
            "encryption": Encryption.STARTTLS,
            "user": "me",
            "secret_env": "PASSWORD",
        }
        secret_hook = hook("", url_env="HOOK_URL", secret_env="HOOK_KEY")
        sender = changed(store, watched(mailbox(port, **safe), secret_hook))
        sender.more = {"MONITOR_CA_FILE": str(faults.write_certificate(tmp_path))}
        sender.secrets = {
            "PASSWORD": "pass-93-secret",
            "HOOK_KEY": "key-93-secret",
            "HOOK_URL": "http://127.0.0.1:9/token-93-secret",
        }
        done = sender.send()
    assert len(done.failed) == 2
    told = (
        f"{done} {store.backlog()} {[vars(record) for record in caplog.records if 'monitor' in record.name]}"
    )
    assert "93-secret" not in told
    kept = b"".join(path.read_bytes() for path in tmp_path.glob("store.db*"))
    assert b"93-secret" not in kept


def test_what_could_not_be_sent_for_a_week_is_tried_every_day(store):
    sender = changed(store, watched(hook()))
    tries = []
    for _ in range(60):
        sender.send()
        tries.append(sender.now)
        sender.now = store.backlog()[0].next
    waits = [later - earlier for earlier, later in itertools.pairwise(tries)]
    assert waits[:3] == [MINUTE, 2 * MINUTE, 4 * MINUTE]
    assert waits[20] == timedelta(hours=6)
    assert waits[-1] == timedelta(days=1)


# --- several senders, and crashes --------------------------------------------------------------


def test_two_senders_at_once_send_nothing_twice(database, receiver):
    watchlist = watched(hook(receiver.url))
    with Store.open(database, now=START) as one, Store.open(database) as other:
        several(one, watchlist, 12)
        senders = [Sender(store, watchlist) for store in (one, other) for _ in range(2)]
        threads = [threading.Thread(target=sender.send) for sender in senders]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.backlog() == ()
    assert len(receiver.events) == len(set(receiver.events)) == 12


def test_a_message_that_another_sender_has_is_left_to_it_until_its_lease_ends(store, receiver):
    sender = changed(store, watched(hook(receiver.url)))
    (number,) = store.letters_due("hook", sender.now)
    taken = store.lease(number, now=sender.now, until=sender.now + LEASE)

    assert sender.send(after=LEASE - MINUTE).sent == 0
    assert sender.send(after=2 * MINUTE).sent == 1
    assert receiver.events == [taken.event]


def test_who_gives_up_late_does_not_take_the_message_from_who_sends_it_now(store):
    sender = changed(store, watched(hook()))
    (number,) = store.letters_due("hook", sender.now)
    late = store.lease(number, now=sender.now, until=sender.now + LEASE)
    now = sender.now + 2 * LEASE
    assert store.lease(number, now=now, until=now + LEASE)

    store.put_off(late, until=now, error="too late")
    assert store.lease(number, now=now, until=now + LEASE) is None


KILLED = """
import sys
from datetime import timedelta
from monitor.store import Store
from tests.notify_samples import Sender, hook, watched
with Store.open(sys.argv[1]) as store:
    Sender(store, watched(hook(sys.argv[2]))).send()
"""


@pytest.mark.parametrize(("mood", "repeated"), [("hang", 0), ("hang-after", 1)])
def test_a_sender_that_is_killed_in_the_middle_loses_nothing_and_repeats_under_the_same_id(
    database, receiver, mood, repeated
):
    watchlist = watched(hook(receiver.url))
    receiver.mood = mood
    with Store.open(database, now=START) as store:
        sender = several(store, watchlist, 2)
        root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        with subprocess.Popen([sys.executable, "-c", KILLED, database, receiver.url], cwd=root) as killed:
            receiver.wait_for(1)
            killed.send_signal(signal.SIGKILL)
        receiver.mood = "fine"

        assert sender.send().sent == 1  # the other one; the first is leased
        assert sender.send(after=LEASE + MINUTE).sent == 1
        assert store.backlog() == ()
    assert len(set(receiver.events)) == 2
    assert len(receiver.events) == 2 + repeated


def test_what_waits_for_a_channel_that_is_gone_is_kept_and_not_sent(store, receiver):
    changed(store, watched(hook(receiver.url)))
    gone = Sender(store, watched())
    assert gone.send().sent == 0
    assert [(one.channel, one.letters) for one in store.backlog()] == [("hook", 1)]


def test_a_receiver_that_hangs_keeps_no_other_channel_waiting_in_the_daemon(store, receiver):
    with hooks() as stuck:
        stuck.mood = "hang"
        sender = changed(store, watched(hook(stuck.url, name="stuck"), hook(receiver.url)))

        async def carry():
            carriers = Carriers()
            carriers.start(sender.delivery, sender.watchlist.channels.values())
            await asyncio.to_thread(receiver.wait_for, 1)
            await asyncio.to_thread(stuck.wait_for, 1)
            await carriers.finish(1)

        asyncio.run(carry())
    assert len(receiver.events) == 1
    assert [one.channel for one in store.backlog()] == ["stuck"]


def test_a_message_that_trips_over_a_mistake_of_ours_keeps_no_other_from_its_receiver(
    store, receiver, caplog
):
    sender = several(store, watched(hook(receiver.url)), 2)

    def broken(changes):
        (change,) = changes
        if change.id == 1:
            raise ZeroDivisionError
        return Sender.report(sender, changes)

    sender.report = broken
    done = sender.send()
    assert (done.sent, re.findall(r"\((\w+)\)", done.failed[0][1])) == (1, ["ZeroDivisionError"])
    assert "mistake of ours" in caplog.text


def test_a_test_message_says_that_it_is_one(store, receiver):
    sender = Sender(store, watched(hook(receiver.url)))
    asyncio.run(sender.delivery.test(sender.watchlist.channels["hook"]))
    assert receiver.told[0]["kind"] == "test"
    assert store.backlog() == ()
