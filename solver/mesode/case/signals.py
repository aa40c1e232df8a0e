"""Signals ask a run to stop in order, or to write a checkpoint and continue.

SIGINT, SIGTERM and SIGHUP (the terminal was closed) stop; a second one, some seconds later, ends
the run at once. A launcher and a batch system may both send the same signal, so what comes right
after the first counts as the first. SIGUSR1 asks for a checkpoint.
"""

from __future__ import annotations

import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
CHECKPOINT = signal.SIGUSR1
ECHO = 2.0  # [s] in which a signal that comes again is the same


class Signals:
    """What has been received so far."""

    def __init__(self) -> None:
        self._stop: str | None = None
        self._at = 0.0
        self._checkpoint = False
        self.before: dict[int, Any] = {}

    def listen(self) -> None:
        """Listen from here on, or again: gmsh and PETSc take the handlers of SIGTERM away."""
        if threading.current_thread() is not threading.main_thread():
            return  # Python lets only the main thread listen
        for number in (*STOP, CHECKPOINT):
            if number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN:
                continue  # nohup: it goes on without a terminal
            former = signal.signal(number, self.receive)
            self.before.setdefault(number, former)

    def stop(self) -> str | None:
        """Return why the run shall stop, None where nobody asked."""
        return self._stop

    def checkpoint(self) -> bool:
        """Tell once whether somebody asked for a checkpoint."""
        asked, self._checkpoint = self._checkpoint, False
        return asked

    def receive(self, number: int, frame: Any) -> None:
        """Remember a signal (the handler)."""
        if number == CHECKPOINT:
            self._checkpoint = True
        elif self._stop is None:
            self._stop, self._at = f"{signal.Signals(number).name} received", time.monotonic()
        elif time.monotonic() - self._at > ECHO:
            self._end_at_once(number, frame)

    def _end_at_once(self, number: int, frame: Any) -> None:
        former = self.before[number]
        if callable(former):
            former(number, frame)
            return
        signal.signal(number, former)
        signal.raise_signal(number)


@contextmanager
def listen() -> Iterator[Signals]:
    """Listen to signals while the context lasts."""
    signals = Signals()
    signals.listen()
    try:
        yield signals
    finally:
        for number, handler in signals.before.items():
            signal.signal(number, handler)


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], str | None]]:
    """Listen while the context lasts; yields a function that returns why to stop, or None."""
    with listen() as signals:
        yield signals.stop
