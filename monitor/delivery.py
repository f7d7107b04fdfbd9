"""Sends what waits in the outbox: a message at a time to each channel, to all channels side by side.

A message is leased, sent, and marked as sent. One that fails is tried again later and never dropped; who is
cut off between sending and marking leaves it to be sent again under the same event id.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

from monitor.errors import DeliveryError, MissingExtra, StoreError
from monitor.fetch import webhook
from monitor.model import (
    Channel,
    ChannelKind,
    Letter,
    LinkFinding,
    Notice,
    NoticeKind,
    RecordedChange,
    Report,
)
from monitor.notices import LEASE, PAUSE, retry
from monitor.notify import mail, services
from monitor.report.alike import same
from monitor.report.message import Message, message
from monitor.settings import Settings, secret
from monitor.store import Store

log = logging.getLogger(__name__)

REST = timedelta(minutes=1)
"""How long a channel rests when the database cannot be used."""

ABOUT_CHANGES = (NoticeKind.CHANGE, NoticeKind.REVERTED)


@dataclass(frozen=True)
class Delivered:
    """What one go came to: messages sent, and by channel why one could not be."""

    sent: int = 0
    failed: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """What sending works with."""

    store: Store
    settings: Settings
    report: Callable[[Iterable[RecordedChange]], Report]  # what a message tells of changes
    clock: Callable[[], datetime]
    secret: Callable[[str], str] = secret

    async def deliver(self, channels: Iterable[Channel]) -> Delivered:
        """Send what is due to these channels, and what failed before and may be tried again."""
        found = await asyncio.gather(*(self._serve(channel) for channel in channels))
        failed = tuple(failure for one in found for failure in one.failed)
        return Delivered(sum(one.sent for one in found), failed)

    async def test(self, channel: Channel) -> tuple[str, ...]:
        """Send a message that says that it is a test; whom the server refused. Raises DeliveryError."""
        now = self.clock()
        notice = Notice(channel=channel.name, kind=NoticeKind.TEST, at=now, not_before=now)
        letter = Letter(event=str(uuid4()), notices=(notice,))
        return await self._send(channel, message(letter, self.report(()), self.settings.url))

    async def _serve(self, channel: Channel) -> Delivered:
        """Send a channel what is due until one fails: then most likely nobody is there."""
        await self._gather(channel)
        sent = 0
        failed: list[tuple[str, str]] = []
        for number in self.store.letters_due(channel.name, self.clock()):
            now = self.clock()
            letter = self.store.lease(number, now=now, until=now + LEASE)
            if letter is None:
                continue  # another process sends it
            error = await self._attempt(channel, letter)
            if error is None:
                sent += 1
                continue
            failed.append((channel.name, str(error)))
            if not error.refused:
                self._pause(channel)
                break
        return Delivered(sent, tuple(failed))

    async def _attempt(self, channel: Channel, letter: Letter) -> DeliveryError | None:
        """Send a message and mark it as sent; why it could not be, and then it is tried again later."""
        try:
            refused = await self._send(channel, await asyncio.to_thread(self._written, letter))
        except DeliveryError as error:
            self._put_off(letter, str(error))
            return error
        except MissingExtra as error:
            self._put_off(letter, str(error))
            return DeliveryError(str(error))
        except StoreError:
            raise
        except Exception as error:
            # A message that trips over a mistake of ours must not keep the others from their receivers.
            log.exception("mistake of ours", extra={"channel": channel.name, "event": letter.event})
            what = f"this program could not write it ({type(error).__name__}); please report it"
            self._put_off(letter, what)
            return DeliveryError(what, refused=True)
        self.store.sent(letter, self.clock())
        told = {"channel": channel.name, "event": letter.event}
        log.info("notified", extra=told | ({"refused": ", ".join(refused)} if refused else {}))
        return None

    def _put_off(self, letter: Letter, error: str) -> None:
        now = self.clock()
        notice = letter.notices[0]
        until = retry(now, notice.at, letter.attempts)
        self.store.put_off(letter, until=until, error=error)
        level = logging.WARNING if letter.attempts == 1 else logging.INFO
        said = {"channel": notice.channel, "event": letter.event, "attempts": letter.attempts}
        log.log(level, "not notified", extra=said | {"next": until.isoformat(), "error": error})

    def _pause(self, channel: Channel) -> None:
        now = self.clock()
        self.store.pause(channel.name, now=now, until=now + PAUSE)

    # --- one message ---

    def _written(self, letter: Letter) -> Message:
        numbers = dict.fromkeys(notice.change for notice in letter.notices if notice.change is not None)
        changes = [self.store.change(number) for number in numbers]
        links = tuple(found for notice in letter.notices for found in self._links(notice))
        return message(letter, replace(self.report(changes), links=links), self.settings.url)

    def _links(self, notice: Notice) -> tuple[LinkFinding, ...]:
        """What a look found about the links of a page."""
        if notice.kind is not NoticeKind.LINKED:
            return ()
        found = self.store.link_findings([notice.document], since=notice.at)
        return tuple(finding for finding in found if finding.at == notice.at)

    async def _send(self, channel: Channel, written: Message) -> tuple[str, ...]:
        match channel.kind:
            case ChannelKind.WEBHOOK:
                await self._post(channel, written)
            case ChannelKind.MAIL:
                return await self._mail(channel, written)
            case ChannelKind.APPRISE:
                address, name = self._secret(channel.secret_env), channel.secret_env
                await services.send(address, variable=name, title=written.subject, body=written.text)
        return ()

    async def _post(self, channel: Channel, written: Message) -> None:
        hook = webhook.Hook(
            url=self._secret(channel.url_env) if channel.url_env else channel.url,
            key=self._secret(channel.secret_env) if channel.secret_env else "",
            proxy=self.settings.proxy,
            ca_file=self.settings.ca_file,
        )
        await webhook.post(hook, written.json.encode(), event=written.event, at=self.clock())

    async def _mail(self, channel: Channel, written: Message) -> tuple[str, ...]:
        box = mail.Mailbox(
            host=channel.host,
            port=channel.port,
            encryption=channel.encryption,
            user=channel.user,
            password=self._secret(channel.secret_env) if channel.user else "",
            ca_file=self.settings.ca_file,
        )
        letter = mail.Mail(
            sender=channel.sender,
            to=channel.to,
            event=written.event,
            at=written.at,
            subject=written.subject,
            text=written.text,
            html=written.html,
        )
        return await mail.send(box, letter)

    def _secret(self, name: str) -> str:
        if found := self.secret(name):
            return found
        raise DeliveryError(f"{name} is not set in the environment of this process; set it, and start anew")

    # --- what goes together ---

    async def _gather(self, channel: Channel) -> None:
        """Put into one message what belongs together: a digest, the same edit, documents not seen."""
        waiting = self.store.untried(channel.name, self.clock())
        digest = [notice.id for notice in waiting if notice.digest]
        apart = [notice for notice in waiting if not notice.digest]
        # Reading and comparing three changes of 1,500 clauses takes 0.7 s, in which no check would go on.
        alike = await asyncio.to_thread(lambda: list(self._alike(apart)))
        for numbers in (digest, *alike, *_of_one_kind(apart)):
            if len(numbers) > 1:
                self.store.tell_together(numbers)

    def _alike(self, waiting: Iterable[Notice]) -> Iterator[list[int]]:
        """The notices of the same edit in several documents."""
        for kind in ABOUT_CHANGES:
            by_change = {one.change: one.id for one in waiting if one.kind is kind and one.change is not None}
            if len(by_change) > 1:
                yield from _groups(by_change, self.store.change)


def _groups(by_change: dict[int, int], change: Callable[[int], RecordedChange]) -> Iterator[list[int]]:
    """Notices, known by their changes, that tell the same."""
    twins = same(change(number) for number in by_change)
    grouped: set[int] = set()
    for number, others in twins.items():
        if number not in grouped:
            group = {number, *others} - grouped
            grouped |= group
            yield sorted(by_change[one] for one in group)


def _of_one_kind(waiting: Iterable[Notice]) -> Iterator[list[int]]:
    """The notices of documents that went the same way: a network that is down is one message, not forty."""
    by_kind: dict[NoticeKind, list[int]] = {}
    for notice in waiting:
        if notice.kind not in ABOUT_CHANGES:
            by_kind.setdefault(notice.kind, []).append(notice.id)
    yield from by_kind.values()


class Carriers:
    """Sends beside the checks, a task a channel: a receiver that hangs holds up no check and no other one."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, delivery: Delivery, channels: Iterable[Channel]) -> None:
        """Send what is due to each channel that is not being served yet."""
        for channel in channels:
            if channel.name not in self._tasks:
                self._tasks[channel.name] = asyncio.create_task(self._carry(delivery, channel))

    async def finish(self, seconds: float) -> None:
        """Wait for what is on its way; what is late is sent again some time later."""
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _carry(self, delivery: Delivery, channel: Channel) -> None:
        try:
            await delivery.deliver((channel,))
        except StoreError as error:
            log.error("cannot notify", extra={"channel": channel.name, "error": str(error)})
            await asyncio.sleep(REST.total_seconds())
        finally:
            del self._tasks[channel.name]
