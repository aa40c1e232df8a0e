"""If these fail, Ctrl-C loses a run, or a run cannot be ended at all."""

from __future__ import annotations

import signal
import threading

import pytest

from mesode.case import signals
from mesode.case.signals import listen

pytestmark = pytest.mark.serial


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_asks_for_a_stop(number):
    before = signal.getsignal(number)
    with listen() as heard:
        assert heard.stop() is None
        signal.raise_signal(number)
        assert heard.stop() == f"{signal.Signals(number).name} received"
    assert signal.getsignal(number) is before


def test_the_echo_of_a_signal_does_not_end_the_run():
    with listen() as heard:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        assert heard.stop() == "SIGTERM received"


def test_a_second_signal_ends_at_once(monkeypatch):
    monkeypatch.setattr(signals, "ECHO", -1.0)
    with listen(), pytest.raises(KeyboardInterrupt):  # noqa: PT012
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)


def test_a_checkpoint_is_asked_for_once():
    with listen() as heard:
        assert not heard.checkpoint()
        signal.raise_signal(signal.SIGUSR1)
        assert heard.checkpoint()
        assert not heard.checkpoint()
        assert heard.stop() is None


def test_other_threads_hear_nothing():
    heard = []

    def in_thread():
        with listen() as signals_:
            heard.append(signals_.stop())

    thread = threading.Thread(target=in_thread)
    thread.start()
    thread.join()
    assert heard == [None]
