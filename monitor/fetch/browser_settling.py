"""When the text of a page has come to rest."""

from __future__ import annotations

from monitor.fetch.clock import Clock

_ENOUGH = 500  # characters; less may be a shell, or a challenge that goes away, and is given more time
_STILL = 0.3  # seconds without other text and without news from the network
_STILL_AND_LITTLE = 5.0
_STILL_ALTHOUGH_LOADING = 3.0  # some pages never stop asking for something


class Settling:
    """Watches the length of a page's text and what it still loads.

    A length that rests is not enough: a page with a menu of its own rests while its text is on the way.
    """

    look_again = 0.1  # seconds

    def __init__(self, clock: Clock, patience: float) -> None:
        self._clock = clock
        self._left = patience
        self._loading: set[str] = set()
        self.loaded = False  # the main document is complete
        self.restart()

    def restart(self) -> None:
        """Another document has come."""
        now = self._clock.monotonic()
        self.length = -1
        self.loaded = False
        self._text_at = self._news_at = now
        self._give_up = now + self._left

    def allow(self, seconds: float) -> None:
        """Gives more time, because the page had to wait."""
        self._give_up += seconds

    def begin(self, request: str) -> None:
        self._loading.add(request)
        self._news_at = self._clock.monotonic()

    def end(self, request: str) -> None:
        if request in self._loading:
            self._loading.discard(request)
            self._news_at = self._clock.monotonic()

    def settled(self, length: int) -> bool:
        """Whether the page is as it will stay, given that it shows so many characters now."""
        now = self._clock.monotonic()
        if length != self.length:
            self.length, self._text_at = length, now
        if not self.loaded or length < 0:
            return False
        if now >= self._give_up:
            return True
        resting = now - self._text_at
        quiet = 0.0 if self._loading else min(resting, now - self._news_at)
        if length < _ENOUGH:
            return quiet >= _STILL_AND_LITTLE
        return quiet >= _STILL or resting >= _STILL_ALTHOUGH_LOADING
