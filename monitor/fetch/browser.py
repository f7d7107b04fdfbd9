"""The browser of a run: started when a page first needs it, renewed now and then, closed at the end.

Read browser_page for what happens to one page, and browser_proxy for how it is kept from addresses inside.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from monitor.fetch.browser_proxy import PageProxy
from monitor.fetch.browser_trouble import APT, PIP, BrowserGone, NotAPage, missing, not_started
from monitor.fetch.browser_trust import REMEDY, can_trust, home_that_trusts
from monitor.fetch.client import Client
from monitor.fetch.clock import Clock
from monitor.fetch.journey import Journey
from monitor.fetch.limits import Limits
from monitor.fetch.safety import Addresses
from monitor.fetch.trouble import Trouble
from monitor.model import Capture, Document

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Playwright

_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_PAGES_AT_ONCE = 2  # each is a process of some 100 MB
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_SWITCHES = (
    # No name is resolved and no address reached but through the proxy of each page.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--block-new-web-contents",
    "--blink-settings=imagesEnabled=false",
    "--js-flags=--max-old-space-size=512",
)
_NOWHERE = "http://proxy.invalid:1"  # for what belongs to no page

log = logging.getLogger(__name__)


@dataclass(eq=False)
class _Running:
    """A browser and its driver; `taken` counts the pages it was given, `open` those it still has."""

    driver: Playwright
    chromium: Chromium
    user_agent: str
    home: TemporaryDirectory[str]
    taken: int = 0
    open: int = 0
    broken: bool = False

    @property
    def works(self) -> bool:
        return not self.broken and self.chromium.is_connected()


class Browser:
    """Captures pages as they are shown; costs nothing until the first is asked for."""

    def __init__(  # noqa: PLR0913 - keyword-only, what it shares with HTTP
        self,
        *,
        client: Client,
        addresses: Addresses,
        limits: Limits,
        clock: Clock,
        agent: str,
        proxy: str = "",
        executable: Path | None = None,
        ca_file: Path | None = None,
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._limits = limits
        self._clock = clock
        self._agent = agent
        self._proxy = proxy
        self._executable = executable
        self._ca_file = ca_file
        self._places = asyncio.Semaphore(_PAGES_AT_ONCE)
        self._starting = asyncio.Lock()
        self._running: _Running | None = None

    async def capture(self, document: Document, journey: Journey) -> Capture | None:
        """What the page shows, or None where its address brings no page but a file; raises Trouble."""
        if self._proxy.startswith("socks"):
            raise Trouble("proxy", "the browser cannot use a SOCKS proxy; set MONITOR_PROXY to an HTTP proxy")
        async with self._places:
            try:
                return await self._attempt(document, journey)
            except BrowserGone as error:
                log.warning("the browser ended", extra={"document": document.id, "why": str(error)})
            try:
                journey.redirects.clear()
                return await self._attempt(document, journey)
            except BrowserGone as error:
                raise Trouble(
                    "browser-crash", f"the browser ended twice while it showed {document.url}"
                ) from error

    async def close(self) -> None:
        """Ends the browser, if it was ever started, within a few seconds."""
        running, self._running = self._running, None
        if running is not None:
            await _stop(running)

    async def _attempt(self, document: Document, journey: Journey) -> Capture | None:
        running = await self._take(document)
        from monitor.fetch.browser_page import Surroundings, capture  # noqa: PLC0415 - an extra

        around = Surroundings(
            client=self._client, limits=self._limits, clock=self._clock, user_agent=running.user_agent
        )
        try:
            async with PageProxy(self._addresses, self._limits, self._proxy) as proxy:
                return await capture(running.chromium, proxy, around, document, journey)
        except NotAPage:
            return None
        except BrowserGone:
            running.broken = True
            raise
        finally:
            running.open -= 1
            if running is not self._running and not running.open:
                await _stop(running)

    async def _take(self, document: Document) -> _Running:
        """The browser for one more page: the one that runs, or a new one."""
        async with self._starting:
            old = self._running
            if old is not None and (not old.works or old.taken >= self._limits.pages_a_browser):
                self._running = None
                if not old.open:
                    await _stop(old)
            if self._running is None:
                self._running = await self._start(document)
            self._running.taken += 1
            self._running.open += 1
            return self._running

    async def _start(self, document: Document) -> _Running:
        try:
            import playwright.async_api  # noqa: F401, PLC0415 - an extra
        except ImportError as error:
            raise missing(
                document.id, "Playwright is not installed", f"install it and a browser: {PIP} && {APT}"
            ) from error

        started = self._clock.monotonic()
        try:
            async with asyncio.timeout(_START_SECONDS):
                running = await self._launch(document)
        except Trouble:
            raise
        except Exception as error:
            raise not_started(document.id, error) from error
        seconds = round(self._clock.monotonic() - started, 2)
        log.debug("browser started", extra={"seconds": seconds, "version": running.chromium.version})
        return running

    async def _launch(self, document: Document) -> _Running:
        from playwright.async_api import async_playwright  # noqa: PLC0415 - an extra

        driver = await async_playwright().start()
        home = TemporaryDirectory(prefix="tos-monitor-")
        try:
            chromium = await driver.chromium.launch(
                env=await self._environment(document, Path(home.name)),
                executable_path=self._find(document, Path(driver.chromium.executable_path)),
                args=_SWITCHES,
                proxy={"server": _NOWHERE},
                # Chromium refuses to run as root with its sandbox; every other user gets it.
                chromium_sandbox=os.geteuid() != 0,
                # A signal to this program lets its checks finish, and they need the browser.
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
            session = await chromium.new_browser_cdp_session()
            version = await session.send("Browser.getVersion")
        except BaseException:
            await driver.stop()
            home.cleanup()
            raise
        return _Running(driver, chromium, f"{version['userAgent']} {self._agent}", home)

    async def _environment(self, document: Document, home: Path) -> dict[str, str | float | bool] | None:
        """What the browser is started with where it is to trust more certificates; None for our own."""
        if self._ca_file is None:
            return None
        if not can_trust():
            what = f"certutil, which tells it to trust {self._ca_file}, is not installed"
            raise missing(document.id, what, f"install it: {REMEDY}")
        return dict(await asyncio.to_thread(home_that_trusts, self._ca_file, home))

    def _find(self, document: Document, bundled: Path) -> Path:
        """The configured browser, else the system's, else Playwright's own."""
        installed = next((found for name in _NAMES if (found := shutil.which(name))), None)
        path = self._executable or Path(installed or bundled)
        if not path.is_file():
            where = f"{path} is not there" if self._executable else "no Chromium is installed"
            raise missing(document.id, where, f"install it: {APT}")
        return path


async def _stop(running: _Running) -> None:
    """Closes browser and driver; one that does not answer is left to end with its driver."""
    await _within(_STOP_SECONDS, running.chromium.close())
    await _within(_STOP_SECONDS, running.driver.stop())
    running.home.cleanup()


async def _within(seconds: float, work: Coroutine[Any, Any, None]) -> None:
    from playwright.async_api import Error  # noqa: PLC0415 - an extra

    try:
        async with asyncio.timeout(seconds):
            await work
    except (Error, TimeoutError) as error:
        log.warning("the browser did not close as it should", extra={"why": str(error) or "too slow"})
