"""Who is told of what a check found, and when; decided and written with the check itself."""

from datetime import UTC, datetime, time, timedelta

import pytest

from monitor.errors import WatchlistError
from monitor.model import ChannelKind, Encryption, FlagKind, NoticeKind, Reason, SeenLinks, When
from monitor.notices import HOLD, retry
from monitor.watchlist import parse_watchlist
from tests.notify_samples import Told, found, hook, watched
from tests.store_samples import HOUR, NO, START, YES, clause, doubt, flag

LATER = START + timedelta(days=400)
MINUTE = timedelta(minutes=1)


def story(store, *channels, document="acme/terms", **more):
    return Told(store, document=document, watchlist=watched(*channels), **more)


def waiting(store, channel="hook", now=LATER):
    return [(one.kind, one.document) for one in store.untried(channel, now)]


# --- changes -----------------------------------------------------------------------------------


def test_a_flagged_change_is_told_at_once_and_a_baseline_to_nobody(store):
    told = story(store, hook())
    told.first(NO)
    told.same()
    told.changed(YES)

    (notice,) = store.untried("hook", LATER)
    assert (notice.kind, notice.change, notice.digest) == (NoticeKind.CHANGE, 1, False)
    assert notice.not_before == notice.at + HOLD


def test_what_is_not_flagged_waits_for_the_digest_of_the_next_morning_where_the_channel_is(store):
    told = story(store, hook(digest_at=time(8, 30), timezone="Europe/Berlin"))
    told.first(NO)
    told.changed(YES, flagged=False)

    (notice,) = store.untried("hook", LATER)
    assert notice.digest
    assert notice.not_before == datetime(2026, 5, 6, 6, 30, tzinfo=UTC)
    assert store.untried("hook", notice.not_before - MINUTE) == ()


@pytest.mark.parametrize(("day", "comes"), [(0, 11), (1, 12), (6, 10)])
def test_a_weekly_digest_waits_for_its_day(store, day, comes):
    # It is Tuesday, the 5th of May, and past 7 o'clock.
    told = story(store, hook(others=When.WEEKLY, digest_on=day))
    told.first(NO)
    told.changed(YES, flagged=False)

    (notice,) = store.untried("hook", LATER)
    assert notice.not_before == datetime(2026, 5, comes, 7, tzinfo=UTC)


def test_a_change_is_told_when_it_is_confirmed_and_not_before(store):
    told = story(store, hook())
    told.first(NO)
    told.changed(YES, confirmed=False)
    assert waiting(store) == []

    told.changed(YES)
    assert waiting(store) == [("change", "acme/terms")]


def test_what_is_not_announced_is_told_to_nobody(store):
    told = story(store, hook())
    told.first(NO)
    told.changed(YES, alert=False)
    told.changed(NO, technical=True)
    assert waiting(store) == []


def test_a_change_that_puts_a_claim_in_doubt_is_told_as_flagged_though_no_flag_says_so(store):
    told = story(store, hook(others=When.NEVER))
    told.first(NO)
    told.changed(YES, flagged=False, doubts=(doubt(),))
    assert waiting(store) == [("change", "acme/terms")]


def test_a_channel_that_never_wants_something_is_not_told_of_it(store):
    told = story(store, hook(flagged=When.NEVER, others=When.NEVER, health=When.NEVER))
    told.first(NO)
    told.changed(YES)
    told.changed("Another text.", flagged=False)
    for _ in range(4):
        told.failed()
    assert waiting(store) == []


@pytest.mark.parametrize(
    ("narrow", "heard"),
    [
        ({"providers": ("acme",)}, True),
        ({"providers": ("zenith",)}, False),
        ({"products": ("acme/api",)}, True),
        ({"topics": ("training",)}, True),
        ({"topics": ("retention",)}, False),
    ],
)
def test_a_channel_hears_only_what_it_asked_for(store, narrow, heard):
    told = story(store, hook(**narrow))
    told.first(NO)
    told.changed(YES)
    assert bool(waiting(store)) is heard


def test_a_product_path_hears_of_another_document_only_when_its_claim_is_in_doubt(store):
    told = story(store, hook(products=("acme/api",)), document="acme/privacy")
    told.first(NO)
    told.changed(YES)
    assert waiting(store) == []

    told.changed(NO, doubts=(doubt(document="acme/privacy"),))
    assert waiting(store) == [("change", "acme/privacy")]


def test_a_change_in_a_language_without_rules_is_told_whatever_the_topics(store):
    told = story(store, hook(topics=("training",)))
    told.first(NO)
    told.changed(YES, flagged=False, reasons=(Reason("not-understood", "no rules"),))
    assert waiting(store) == [("change", "acme/terms")]


def test_a_change_that_only_rewords_a_position_waits_for_the_digest(store):
    told = story(store, hook())
    told.first(NO)
    told.changed(YES, flags=(flag(clause(NO, YES), FlagKind.EDITORIAL),))
    assert [notice.digest for notice in store.untried("hook", LATER)] == [True]


def test_what_a_history_from_elsewhere_brings_is_told_to_nobody(store):
    told = story(store, hook())
    told.first(NO)
    told.changed(YES, source="https://example.com/history.git")
    assert waiting(store) == []


def test_a_document_that_is_not_on_the_watchlist_is_told_to_nobody(store):
    told = story(store, hook(after_failures=1), document="acme/staged")
    told.first(NO)
    told.changed(YES)
    told.failed()
    assert waiting(store) == []


def test_another_legal_document_that_a_page_links_to_waits_for_the_digest(store):
    told = story(store, hook(), hook(name="narrow", topics=("training",)))
    told.first(NO)
    told.same(NO, links=SeenLinks(reader="1", links=(), findings=(found(told.at),)))

    (notice,) = store.untried("hook", LATER)
    assert (notice.kind, notice.digest) == (NoticeKind.LINKED, True)
    assert waiting(store, "narrow") == []


def test_notices_are_told_together_however_many_there_are(store):
    told = story(store, hook(after_failures=1))
    other = story(store, hook(after_failures=1), document="acme/privacy")
    for one in (told, other):
        one.first(NO)
        one.failed()
    numbers = [notice.id for notice in store.untried("hook", LATER)]

    store.tell_together([*range(10_000, 80_000), *numbers])

    (letter,) = store.letters_due("hook", LATER)
    found = store.lease(letter, now=LATER, until=LATER + HOUR)
    assert sorted(notice.document for notice in found.notices) == ["acme/privacy", "acme/terms"]


def test_findings_on_links_are_told_of_very_many_documents(store):
    told = story(store, hook())
    told.first(NO)
    told.same(NO, links=SeenLinks(reader="1", links=(), findings=(found(told.at),)))
    names = [f"acme/{number}" for number in range(70_000)]

    assert len(store.link_findings([*names, "acme/terms"], since=None)) == 1


# --- taken back --------------------------------------------------------------------------------


def sent(store, channel="hook"):
    for number in store.letters_due(channel, LATER):
        letter = store.lease(number, now=LATER, until=LATER + HOUR)
        store.sent(letter, LATER)


def test_whoever_was_told_of_a_change_is_told_that_it_was_taken_back(store):
    told = story(store, hook())
    told.first(NO)
    told.changed(YES)
    sent(store)
    told.changed(NO, restores=1, alert=False)

    (notice,) = store.untried("hook", LATER)
    assert (notice.kind, notice.change) == (NoticeKind.REVERTED, 1)


def test_a_change_that_was_not_sent_yet_says_itself_that_it_was_taken_back(store):
    told = story(store, hook())
    told.first(NO)
    told.changed(YES)
    told.changed(NO, restores=1, alert=False)

    assert waiting(store) == [("change", "acme/terms")]
    assert store.change(1).reverted_at


def test_what_was_told_in_a_digest_is_taken_back_in_one(store):
    told = story(store, hook())
    told.first(NO)
    told.changed(YES, flagged=False)
    sent(store)
    told.changed(NO, restores=1, alert=False, flagged=False)

    (notice,) = store.untried("hook", LATER)
    assert (notice.kind, notice.digest) == (NoticeKind.REVERTED, True)


# --- health ------------------------------------------------------------------------------------


def test_a_document_is_told_once_after_some_failures_and_once_when_it_is_back(store):
    told = story(store, hook(after_failures=3))
    told.first(NO)
    for _ in range(2):
        told.failed()
    assert waiting(store) == []

    for _ in range(5):
        told.doubtful()
    told.same(NO)
    told.same()

    unseen, back = store.untried("hook", LATER)
    assert (unseen.kind, unseen.failures, unseen.since) == (NoticeKind.UNSEEN, 3, START)
    assert unseen.reasons[0].code == "blocked"
    assert (back.kind, back.failures) == (NoticeKind.RECOVERED, 7)


def test_a_failure_that_mends_itself_is_told_to_nobody(store):
    told = story(store, hook())
    told.first(NO)
    told.failed()
    told.failed()
    told.same()
    assert waiting(store) == []


def test_a_document_that_stays_away_is_reminded_of_every_week(store):
    told = story(store, hook(after_failures=1))
    told.first(NO)
    for _ in range(24 * 15):
        told.failed()

    kinds = [notice.kind for notice in store.untried("hook", LATER)]
    assert kinds == [NoticeKind.UNSEEN, NoticeKind.REMINDER, NoticeKind.REMINDER]
    assert any(reason.code == "unseen" for reason in store.untried("hook", LATER)[1].reasons)


def test_a_document_that_is_seldom_checked_is_an_alarm_before_it_failed_often_and_told_to_be_back(store):
    told = story(store, hook(after_failures=5))
    told.first(NO)
    told.failed()
    told.at += timedelta(days=9)
    told.failed()
    told.same(NO)

    assert waiting(store) == [("alarm", "acme/terms"), ("recovered", "acme/terms")]


# --- trying again ------------------------------------------------------------------------------


def test_the_tries_go_apart_up_to_six_hours_and_are_daily_after_a_week():
    waits = [retry(START, START, attempts) - START for attempts in (1, 2, 3, 9, 10, 500)]
    assert waits == [MINUTE, 2 * MINUTE, 4 * MINUTE, 256 * MINUTE, timedelta(hours=6), timedelta(hours=6)]
    assert retry(START + timedelta(days=7), START, 40) == START + timedelta(days=8)


# --- the watchlist -----------------------------------------------------------------------------

BASE = """\
[providers.acme.documents.terms]
type = "Terms of Service"
url = "https://example.com/terms"
[providers.acme.products.api]
name = "Acme API"
audience = "api"
documents = ["terms"]
"""


def channels(text):
    return parse_watchlist(BASE + text).channels


def test_a_webhook_is_read_with_all_that_it_wants():
    (channel,) = channels(
        '[notify.pipeline]\nkind = "webhook"\nurl = "https://example.com/hook"\nsecret_env = "HOOK_KEY"\n'
        'providers = "acme"\nproducts = ["acme/api"]\ntopics = ["training"]\nflagged = "daily"\n'
        'others = "never"\nhealth = "weekly"\nafter_failures = 5\ndigest_at = "18:05"\ndigest_on = "friday"\n'
        'timezone = "Europe/Paris"\n'
    ).values()

    assert channel == hook(
        "https://example.com/hook",
        name="pipeline",
        secret_env="HOOK_KEY",
        providers=("acme",),
        products=("acme/api",),
        topics=("training",),
        flagged=When.DAILY,
        others=When.NEVER,
        health=When.WEEKLY,
        after_failures=5,
        digest_at=time(18, 5),
        digest_on=4,
        timezone="Europe/Paris",
    )


@pytest.mark.parametrize(
    ("server", "port", "encryption"),
    [
        ('"mail.example.com"', 587, Encryption.STARTTLS),
        ('"mail.example.com:465"', 465, Encryption.TLS),
        ('"mail.example.com:2525"\nencryption = "none"', 2525, Encryption.NONE),
        ('"[::1]"\nencryption = "none"\nuser = "me"\nsecret_env = "PASSWORD"', 25, Encryption.NONE),
    ],
)
def test_a_mail_server_has_the_usual_port_and_encryption_unless_it_says_otherwise(server, port, encryption):
    text = f'[notify.team]\nkind = "mail"\nfrom = "a@example.com"\nto = "b@example.com"\nserver = {server}\n'
    (channel,) = channels(text).values()
    assert channel.kind is ChannelKind.MAIL
    assert (channel.port, channel.encryption, channel.to) == (port, encryption, ("b@example.com",))


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ('kind = "mial"', 'kind = "mial" is not one of its values; write .*did you mean "mail"'),
        ('url = "https://example.com/"', 'kind is missing; write kind = "webhook"'),
        ('kind = "webhook"', "url is missing; write url = .*url_env where it is secret"),
        (
            'kind = "webhook"\nurl = "https://example.com/"\nurl_env = "HOOK"',
            "url and url_env are both given",
        ),
        ('kind = "webhook"\nurls = "x"', 'unknown key "urls"; did you mean "url"'),
        ('kind = "apprise"', "secret_env is missing; write"),
        (
            'kind = "apprise"\nsecret_env = "A"\nproviders = ["acmee"]',
            'not a provider .* did you mean "acme"',
        ),
        ('kind = "apprise"\nsecret_env = "A"\ntopics = "trainin"', 'not a topic .* did you mean "training"'),
        ('kind = "apprise"\nsecret_env = "A"\ndigest_at = "25:00"', 'not a time of day; write e.g. "07:00"'),
        ('kind = "apprise"\nsecret_env = "A"\ndigest_on = "mondy"', 'not a day; did you mean "monday"'),
        ('kind = "apprise"\nsecret_env = "A"\nafter_failures = 0', "a whole number from 1 to 100"),
        ('kind = "mail"', "server is missing; write server = "),
        ('kind = "mail"', "from is missing; write from = "),
        ('kind = "mail"\nsender = "x"', 'unknown key "sender"; did you mean "server"'),
        ('kind = "mail"\nto = "Ada <ada@example.com>"', "not a mail address; write it alone"),
        ('kind = "mail"\nto = []', "names nobody; write at least one"),
        ('kind = "mail"\nserver = "mail.example.com:0"', "not a mail server; write its name and port"),
        (
            'kind = "mail"\nserver = "m.example.com"\nfrom = "a@b.c"\nto = "a@b.c"\nuser = "me"',
            "secret_env is missing",
        ),
        (
            'kind = "mail"\nserver = "m.example.com"\nfrom = "a@b.c"\nto = "a@b.c"\nsecret_env = "P"',
            "user is missing",
        ),
        (
            'kind = "mail"\nserver = "m.example.com"\nfrom = "a@b.c"\nto = "a@b.c"\nuser = "me"\n'
            'secret_env = "P"\nencryption = "none"',
            "the password would cross the network in the clear",
        ),
    ],
)
def test_a_mistake_in_a_channel_is_told_with_its_line_and_how_to_write_it(lines, message):
    with pytest.raises(WatchlistError, match=message) as wrong:
        channels(f"[notify.team]\n{lines}\n")
    assert all(one.split(": ")[1] == "channel team" for one in wrong.value.mistakes)


def test_a_secret_that_was_written_into_the_watchlist_is_not_repeated():
    with pytest.raises(WatchlistError) as wrong:
        channels(
            '[notify.team]\nkind = "webhook"\n'
            'url = "https://me:hunter2@example.com/"\nsecret_env = "hunter3"\n'
        )
    assert len(wrong.value.mistakes) == 2
    assert "hunter" not in str(wrong.value)
