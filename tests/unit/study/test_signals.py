"""If these fail, Ctrl-C loses a run, or a run cannot be ended at all."""

from __future__ import annotations

import os
import signal
import threading

import pytest

from mesode.study.signals import stop_on_signals

pytestmark = pytest.mark.serial


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_asks_for_a_stop(number):
    before = signal.getsignal(number)
    with stop_on_signals() as stop:
        assert stop() is None
        os.kill(os.getpid(), number)
        assert stop() == f"{signal.Signals(number).name} received"
    assert signal.getsignal(number) is before


def test_a_second_signal_ends_at_once():
    with stop_on_signals(), pytest.raises(KeyboardInterrupt):  # noqa: PT012
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)


def test_other_threads_hear_nothing():
    heard = []

    def listen():
        with stop_on_signals() as stop:
            heard.append(stop())

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert heard == [None]
