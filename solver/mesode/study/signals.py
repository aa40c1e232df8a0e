"""A signal asks a run to stop in order; a second one ends it at once."""

from __future__ import annotations

import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_on_signals() -> Iterator[Callable[[], str | None]]:
    """Catch SIGINT and SIGTERM while the context lasts.

    Yields:
        A function that returns which signal came, None before that.
    """
    received: list[str] = []
    if threading.current_thread() is not threading.main_thread():
        yield lambda: None  # Python lets only the main thread listen
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}

    def remember(number: int, _frame: Any) -> None:
        received.append(f"{signal.Signals(number).name} received")
        signal.signal(number, before[signal.Signals(number)])

    for number in _SIGNALS:
        signal.signal(number, remember)
    try:
        yield lambda: received[0] if received else None
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
