"""One page in the browser, from its address to a Capture of what it shows.

Needs Playwright, so this module is imported only once a browser is wanted.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from playwright.async_api import Browser as Chromium
from playwright.async_api import BrowserContext, CDPSession, Error, Page, ViewportSize

from monitor.fetch.browser_proxy import PageProxy
from monitor.fetch.browser_scripts import MARKUP, SCROLL, TEXT_LENGTH
from monitor.fetch.browser_settling import Settling
from monitor.fetch.browser_trouble import BrowserGone, NotAPage, explain
from monitor.fetch.client import Client
from monitor.fetch.clock import Clock
from monitor.fetch.http import Answer
from monitor.fetch.journey import Journey
from monitor.fetch.limits import Limits
from monitor.fetch.trouble import Trouble
from monitor.model import Capture, Document

_VIEWPORT = ViewportSize(width=1280, height=1024)
_BLOCKED = ("Image", "Font", "Media")
_PAGES = ("text/html", "application/xhtml+xml", "")  # "": the browser finds out
_NAVIGATIONS = 5  # that a page may start by itself, as challenges do
_MORE_TEXT = 5  # rounds of scrolling while that brings more
_OPENING_SECONDS = 30.0
_CLOSING_SECONDS = 5.0
_LOADING = ("Document", "Script", "Stylesheet", "XHR", "Fetch")  # what text may come from
# They tell of bytes that the capture does not have: a 304 to them would hide what scripts add.
_OF_THE_BYTES = frozenset(
    "etag last-modified content-length content-encoding content-type transfer-encoding connection".split()
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What all pages of a run share."""

    client: Client
    limits: Limits
    clock: Clock
    user_agent: str


async def capture(
    chromium: Chromium, proxy: PageProxy, around: Surroundings, document: Document, journey: Journey
) -> Capture:
    """What the page shows once its text has settled; raises Trouble, NotAPage or BrowserGone."""
    started = around.clock.monotonic()
    async with _fresh_page(chromium, proxy, document, around.user_agent) as page, AsyncExitStack() as turns:
        visit = _Visit(page, proxy, around, document, journey, turns)
        try:
            return await visit.run()
        except Error as error:
            if "ERR_ABORTED" in str(error):
                # A browser that dies aborts its pages a moment before it is seen to be gone.
                await around.clock.sleep(0.3)
            if not chromium.is_connected():
                raise BrowserGone(str(error)) from error
            raise explain(error, visit.at, proxy) from error
        finally:
            journey.budget.spend(around.clock.monotonic() - started - visit.waited)


@asynccontextmanager
async def _fresh_page(
    chromium: Chromium, proxy: PageProxy, document: Document, user_agent: str
) -> AsyncIterator[Page]:
    """A page with its own cookies, storage and cache, all gone afterwards."""
    try:
        async with asyncio.timeout(_OPENING_SECONDS):
            context = await chromium.new_context(
                proxy={"server": proxy.url, "bypass": "<-loopback>"},
                service_workers="block",
                accept_downloads=False,
                viewport=_VIEWPORT,
                user_agent=user_agent,
                timezone_id="UTC",
                reduced_motion="reduce",
            )
            page = await context.new_page()
    except (Error, TimeoutError) as error:
        raise BrowserGone(f"it opens no page: {error}") from error
    try:
        yield page
    finally:
        await _close(context)


async def _close(context: BrowserContext) -> None:
    try:
        async with asyncio.timeout(_CLOSING_SECONDS):
            await context.close()
    except Error:
        log.debug("the page was gone before it was closed")
    except TimeoutError as error:
        raise BrowserGone("a page could not be closed") from error


class _Visit:
    """One page on its way; `waited` is the time spent on waiting for hosts' turns, in seconds."""

    def __init__(  # noqa: PLR0913, PLR0917 - made in one place
        self,
        page: Page,
        proxy: PageProxy,
        around: Surroundings,
        document: Document,
        journey: Journey,
        turns: AsyncExitStack,
    ) -> None:
        self._page = page
        self._proxy = proxy
        self._around = around
        self._document = document
        self._journey = journey
        self._turns = turns
        self._turning = asyncio.Lock()
        self._settling = Settling(around.clock, around.limits.settle_seconds)
        self._ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks: set[asyncio.Task[None]] = set()
        self._frame = ""
        self._asked = False  # for the first document
        self._request = ""  # the main document's
        self._navigations = 0
        self._decoded = 0
        self._answer: Answer | None = None
        self.at = httpx.URL(document.url)  # what was asked for last
        self.waited = 0.0

    async def run(self) -> Capture:
        limit = self._journey.budget.left
        self._deadline = asyncio.timeout(limit)
        watch = asyncio.create_task(self._watch_traffic())
        work = asyncio.create_task(self._look())
        try:
            async with self._deadline:
                ways_to_end: set[asyncio.Future[Any]] = {work, watch, self._ended}
                await asyncio.wait(ways_to_end, return_when=asyncio.FIRST_COMPLETED)
            for reason in (self._ended, watch):
                if reason.done():
                    reason.result()
            return work.result()
        except TimeoutError as error:
            raise Trouble("timeout", self._overdue(limit)) from error
        finally:
            self._ended.cancel()
            ending = (work, watch, *self._tasks)
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def _overdue(self, seconds: float) -> str:
        what = (
            "was not shown" if self._answer is None or not self._settling.loaded else "did not come to rest"
        )
        return f"{self._document.url} {what} within {seconds:g} s; it is tried again at the next check"

    async def _watch_traffic(self) -> None:
        await self._proxy.too_much.wait()
        self._too_large(self._around.limits.rendered_bytes, "receives")

    def _too_large(self, most: int, does: str) -> None:
        raise Trouble(
            "too-large",
            f"{self._document.url} {does} more than {most:,} bytes, more than a page of terms can",
        )

    async def _look(self) -> Capture:
        await self._listen()
        try:
            await self._page.goto(self._document.url, wait_until="commit", timeout=0)
        except Error:
            # Pages that replace themselves before they are shown end this call; the next one is waited for.
            if not self._navigations:
                raise
        await self._settle()
        for _ in range(_MORE_TEXT):
            length = self._settling.length
            await self._scroll()
            await self._settle()
            if self._settling.length <= length:
                break
        return await self._captured()

    # --- what the page does ---

    async def _listen(self) -> None:
        cdp = await self._page.context.new_cdp_session(self._page)
        self._cdp = cdp
        self._page.on("crash", lambda _: self._end(_crashed(self._document.url)))
        self._page.on("popup", lambda popup: self._do(popup.close()))
        cdp.on("Fetch.requestPaused", lambda event: self._do(self._decide(event)))
        cdp.on("Network.requestWillBeSent", self._on_request)
        cdp.on("Network.dataReceived", self._on_data)
        cdp.on("Network.loadingFinished", lambda event: self._on_end(event["requestId"]))
        cdp.on("Network.loadingFailed", self._on_failure)
        self._frame = (await cdp.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
        await self._introduce(cdp)
        await cdp.send("Network.enable")
        patterns = [{"resourceType": "Document", "requestStage": stage} for stage in ("Request", "Response")]
        patterns += [{"resourceType": kind} for kind in _BLOCKED]
        await cdp.send("Fetch.enable", {"patterns": patterns})

    async def _introduce(self, cdp: CDPSession) -> None:
        language = self._document.language or "en"
        languages = dict.fromkeys((language, language.partition("-")[0]))
        await cdp.send(
            "Emulation.setUserAgentOverride",
            {"userAgent": self._around.user_agent, "acceptLanguage": ",".join(languages)},
        )
        await cdp.send("Emulation.setLocaleOverride", {"locale": language})

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        # A request that ended while it was decided upon needs no decision.
        if error is not None and not isinstance(error, Error):
            self._end(error)

    def _end(self, error: BaseException) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)

    def _on_request(self, event: dict[str, Any]) -> None:
        if event.get("type") in _LOADING:
            self._settling.begin(event["requestId"])

    def _on_data(self, event: dict[str, Any]) -> None:
        self._decoded += event["dataLength"]
        if self._decoded > self._around.limits.rendered_bytes:
            self._proxy.too_much.set()

    def _on_end(self, request: str) -> None:
        self._settling.end(request)
        if request == self._request:
            self._settling.loaded = True

    def _on_failure(self, event: dict[str, Any]) -> None:
        self._settling.end(event["requestId"])
        if event["requestId"] == self._request and not event.get("canceled"):
            detail = f"{self._document.url} ended in the middle: {event['errorText']}"
            self._end(Trouble("incomplete", detail, again=True))

    # --- its documents: the same checks as for HTTP ---

    async def _decide(self, event: dict[str, Any]) -> None:
        """Lets a request or its answer pass, or not; the main document's are looked at closely."""
        request = {"requestId": event["requestId"]}
        if event["resourceType"] in _BLOCKED:
            await self._cdp.send("Fetch.failRequest", request | {"errorReason": "BlockedByClient"})
            return
        if event["frameId"] == self._frame:
            try:
                passes = await self._passes(event)
            except (Trouble, NotAPage) as error:
                self._end(error)
                passes = False
            if not passes:
                await self._cdp.send("Fetch.failRequest", request | {"errorReason": "Aborted"})
                return
        await self._cdp.send("Fetch.continueRequest", request)

    async def _passes(self, event: dict[str, Any]) -> bool:
        url = httpx.URL(event["request"]["url"])
        if "responseStatusCode" in event:
            await self._read_answer(url, event)
            return True
        if "responseErrorReason" in event:
            if known := self._proxy.trouble(url):
                raise known
            return True
        return await self._admit(url, by_itself=self._asked and "redirectedRequestId" not in event)

    async def _admit(self, url: httpx.URL, *, by_itself: bool) -> bool:
        """Waits for the host's turn; False where the page went on by itself once too often."""
        before, self._asked, self.at = self.at, True, url
        if by_itself and self._navigations >= _NAVIGATIONS:
            return False
        if by_itself:
            self._navigations += 1
            if url != before:
                self._journey.redirects.append(str(url))
            log.debug("the page goes on", extra={"document": self._document.id, "url": str(url)})
        async with self._turning, self._stopped_clock():
            await self._turns.aclose()
            turn = self._around.client.turn(url, robots=self._journey.robots)
            await self._turns.enter_async_context(turn)
        return True

    @asynccontextmanager
    async def _stopped_clock(self) -> AsyncIterator[None]:
        """Waiting for a turn takes nothing from the page's own time."""
        started, end = self._around.clock.monotonic(), self._deadline.when()
        self._deadline.reschedule(None)
        try:
            yield
        finally:
            seconds = self._around.clock.monotonic() - started
            self.waited += seconds
            self._settling.allow(seconds)
            if end is not None:
                self._deadline.reschedule(end + seconds)

    async def _read_answer(self, url: httpx.URL, event: dict[str, Any]) -> None:
        lines = event.get("responseHeaders", [])
        headers = tuple((line["name"].lower(), line["value"]) for line in lines)
        answer = Answer(url, event["responseStatusCode"], headers, b"", self._around.clock.now())
        await self._around.client.heed(url, answer)
        if answer.location:
            target = self._journey.follow(url, answer.location)
            self._around.client.check(target)
            return
        if not _is_page(answer):
            raise NotAPage
        self._answer = answer
        self._request = event.get("networkId", "")
        self._settling.restart()

    # --- what it shows ---

    async def _settle(self) -> None:
        while not self._settling.settled(await self._text_length()):
            await self._around.clock.sleep(self._settling.look_again)

    async def _text_length(self) -> int:
        with _passing_navigation():
            return int(await self._page.evaluate(TEXT_LENGTH))
        return -1

    async def _scroll(self) -> None:
        with _passing_navigation():
            await self._page.evaluate(SCROLL, {"steps": 100})

    async def _captured(self) -> Capture:
        most = self._around.limits.page_bytes
        markup = await self._page.evaluate(MARKUP, {"most": most})
        body = (markup or "").encode("utf-8", "replace")
        if markup is None or len(body) > most:
            self._too_large(most, "has")
        answer, address = self._answer, self._page.url
        assert answer is not None
        if not address.startswith(("http://", "https://")):
            raise Trouble(
                "refused-scheme", f"{self._document.url} leads to {address[:200]}, which is no web page"
            )
        kept = tuple(header for header in answer.headers if header[0] not in _OF_THE_BYTES)
        return Capture(
            url=self._document.url,
            final_url=address,
            status=answer.status,
            headers=(("content-type", "text/html; charset=utf-8"), *kept),
            body=body,
            at=self._around.clock.now(),
            redirects=tuple(self._journey.redirects),
            rendered=True,
        )


def _is_page(answer: Answer) -> bool:
    """Whether the browser shows it as text; a PDF, a download or an empty answer it does not."""
    media = answer.header("content-type").partition(";")[0].strip().lower()
    attached = answer.header("content-disposition").strip().lower().startswith("attachment")
    return media in _PAGES and not attached and answer.status not in (204, 205, 304)


def _crashed(url: str) -> Trouble:
    return Trouble(
        "browser-crash", f"{url} made its page in the browser crash; it is tried again at the next check"
    )


@contextlib.contextmanager
def _passing_navigation() -> Iterator[None]:
    """Lets pass that the page was replaced in the middle of a question."""
    try:
        yield
    except Error as error:
        if not any(
            sign in error.message for sign in ("context was destroyed", "navigat", "Cannot find context")
        ):
            raise
