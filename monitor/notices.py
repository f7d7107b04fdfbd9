"""Which channels are told of what a check ended in, and when: decided as the check is recorded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from monitor.health import Telling, new_alarms, recovery, telling, unseen_for_long
from monitor.model import (
    Channel,
    CheckResult,
    Flag,
    FlagKind,
    Health,
    Notice,
    NoticeKind,
    Reason,
    RecordedChange,
    Watchlist,
    When,
)
from monitor.schedule import next_slot

HOLD = timedelta(minutes=1)
"""What is told at once waits so long for the same edit in other documents, which a round finds meanwhile."""

FIRST_RETRY = timedelta(minutes=1)
LONGEST_RETRY = timedelta(hours=6)
DAILY = timedelta(days=1)
UNDELIVERABLE_AFTER = timedelta(days=7)
"""What could not be delivered for so long is told in `status`, and tried once a day from then on."""

LEASE = timedelta(minutes=5)
"""How long a sender keeps a message to itself: longer than any sending takes."""

PAUSE = timedelta(minutes=5)
"""How long the other messages of a channel wait after one failed: most likely nobody is there."""


def retry(now: datetime, written: datetime, attempts: int) -> datetime:
    """When a message that could not be sent is tried again; `attempts` have failed."""
    if now - written >= UNDELIVERABLE_AFTER:
        return now + DAILY
    return now + min(FIRST_RETRY * float(2 ** min(attempts - 1, 16)), LONGEST_RETRY)


def ready(channel: Channel, when: When, at: datetime) -> datetime:
    """When a channel may be told of what happened at this instant."""
    if when is When.AT_ONCE:
        return at + HOLD
    clock = channel.digest_at
    # In a crontab expression Sunday is 0, in a channel Monday is.
    days = str((channel.digest_on + 1) % 7) if when is When.WEEKLY else "*"
    return next_slot(f"{clock.minute} {clock.hour} * * {days}", channel.timezone, at)


def notices(result: CheckResult, after: Health, watchlist: Watchlist) -> Iterator[Notice]:
    """What channels are told of a check that was just recorded; `after` is how the watching goes since."""
    if result.document not in watchlist.documents:
        return
    for channel in watchlist.channels.values():
        if not _watches(channel, result.document, result.change, watchlist):
            continue
        if result.change and (when := _when(channel, result.change)) is not When.NEVER:
            yield _notice(channel, when, result, NoticeKind.CHANGE, change=result.change.id)
        if result.links and not channel.topics and channel.others is not When.NEVER:
            yield _notice(channel, channel.others, result, NoticeKind.LINKED)
        if channel.health is not When.NEVER:
            yield from _health(channel, result, after, watchlist)


def of_return(channel: Channel, result: CheckResult, change: int, *, digest: bool) -> Notice:
    """That a change was taken back, told as the change was."""
    gathered = channel.flagged if channel.others is When.AT_ONCE else channel.others
    when = gathered if digest else When.AT_ONCE
    return _notice(channel, when, result, NoticeKind.REVERTED, change=change)


def is_told(change: RecordedChange) -> bool:
    """Whether anybody is told of a change: confirmed, announced, of today and not of our own making."""
    judged = change.change
    if judged.source or judged.technical or change.withdrawn:
        return False
    return judged.confirmed and judged.alert


# --- which ---------------------------------------------------------------------------------------


def _watches(channel: Channel, document: str, change: RecordedChange | None, watchlist: Watchlist) -> bool:
    """Whether a channel is told of this document at all."""
    if channel.providers and document.partition("/")[0] not in channel.providers:
        return False
    if not channel.products:
        return True
    doubted = {doubt.product for doubt in change.doubts} if change else set()
    return any(
        name in doubted or document in _documents(name, watchlist)
        for name in channel.products
        if name in watchlist.products
    )


def _documents(product: str, watchlist: Watchlist) -> set[str]:
    """The documents of a product path: its own, or else those of the paths that it depends on."""
    sources = watchlist.sources_of(watchlist.products[product])
    return {document for source in sources for document in source.documents}


def _when(channel: Channel, change: RecordedChange) -> When:
    if not is_told(change):
        return When.NEVER
    flags = [flag for flag in change.change.flags if _on(channel, flag)]
    doubts = [doubt for doubt in change.doubts if not channel.topics or doubt.topic in channel.topics]
    if doubts or any(flag.kind is FlagKind.SUBSTANTIVE for flag in flags):
        return channel.flagged
    unknown = any(reason.code == "not-understood" for reason in change.change.reasons)
    # What no rules can read may be on any topic.
    return channel.others if flags or unknown or not channel.topics else When.NEVER


def _on(channel: Channel, flag: Flag) -> bool:
    return flag.kind is not FlagKind.NONE and (not channel.topics or flag.topic in channel.topics)


def _health(channel: Channel, result: CheckResult, after: Health, watchlist: Watchlist) -> Iterator[Notice]:
    document = watchlist.documents.get(result.document)
    before = result.before
    if back := recovery(result):
        assert before is not None  # of a document that was missed
        alarmed = before.last_check is not None and unseen_for_long(before, document, before.last_check)
        if back.checks >= channel.after_failures or alarmed:
            yield _of_health(channel, result, NoticeKind.RECOVERED, before)
    found = new_alarms(result, after, document)
    kind = _kind(after.failures, telling(result, document), channel.after_failures)
    if kind:
        yield _of_health(channel, result, kind, after, (*found, *result.reasons))
    elif found:
        yield _of_health(channel, result, NoticeKind.ALARM, after, found)


def _kind(failures: int, told: Telling | None, enough: int) -> NoticeKind | None:
    """How a document that was not seen is told now, if it is."""
    if told is None or failures < enough:
        return None
    if failures == enough:
        return NoticeKind.UNSEEN
    return NoticeKind.REMINDER if told is Telling.REMINDED else None


# --- the notice ----------------------------------------------------------------------------------


def _notice(
    channel: Channel, when: When, result: CheckResult, kind: NoticeKind, *, change: int | None = None
) -> Notice:
    return Notice(
        channel=channel.name,
        kind=kind,
        at=result.at,
        not_before=ready(channel, when, result.at),
        digest=when is not When.AT_ONCE,
        document=result.document,
        change=change,
    )


def _of_health(
    channel: Channel, result: CheckResult, kind: NoticeKind, health: Health, reasons: tuple[Reason, ...] = ()
) -> Notice:
    return Notice(
        channel=channel.name,
        kind=kind,
        at=result.at,
        not_before=ready(channel, channel.health, result.at),
        digest=channel.health is not When.AT_ONCE,
        document=result.document,
        since=health.last_good,
        failures=health.failures,
        reasons=reasons,
    )
