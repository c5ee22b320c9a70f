"""Coroutine handlers: run to their end on one event loop, which lives in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future


class Loop:
    """An event loop for as many threads as like; it starts with the first coroutine and ends with `close`."""

    def __init__(self):
        self._starting = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._end: asyncio.Event | None = None

    def run(self, coroutine: Coroutine):
        """Wait for what a coroutine returns. What it raises is raised here."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._running()).result()

    def close(self) -> None:
        """End the loop; what still runs on it is cancelled first."""
        with self._starting:
            if self._loop:
                self._loop.call_soon_threadsafe(self._end.set)
                self._thread.join()
                self._loop = None

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._starting:
            if self._loop is None:
                ready: Future = Future()
                self._thread = threading.Thread(
                    target=lambda: asyncio.run(self._live(ready)), name="coroutines", daemon=True
                )
                self._thread.start()
                self._loop = ready.result()
            return self._loop

    async def _live(self, ready: Future) -> None:
        self._end = asyncio.Event()
        ready.set_result(asyncio.get_running_loop())
        await self._end.wait()
