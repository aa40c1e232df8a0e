"""If these fail, frames show other states than were kept, or keeping them takes memory."""

from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pytest

from mesode.output.state_store import StateStore

pytestmark = pytest.mark.serial


def state(number, size=100):
    return [number + np.arange(float(size)), -number * np.ones(3)]


def equal(stored, expected):
    return all(np.array_equal(a, b) for a, b in zip(stored.parts(), expected, strict=True))


def test_states_read_back_as_they_were(tmp_path):
    store = StateStore(tmp_path)
    kept = [store.put(state(k)) for k in range(5)]
    assert all(equal(stored, state(k)) for k, stored in enumerate(kept))
    assert list(tmp_path.iterdir()) == []  # nothing is left, however the process ends


def test_the_place_of_a_state_that_is_dropped_is_used_again(tmp_path, monkeypatch):
    ends, write = [], os.pwrite
    monkeypatch.setattr(
        os, "pwrite", lambda n, v, at: ends.append(at + v.nbytes) or write(n, v, at)
    )
    store = StateStore(tmp_path)
    kept = [store.put(state(k)) for k in range(4)]
    for k in range(4, 50):
        del kept[k % 3]
        kept.append(store.put(state(k)))
        assert equal(kept[-1], state(k))
    assert max(ends) == 5 * 103 * 8 - 103 * 8
    assert equal(kept[-2], state(48))


def test_many_states_take_the_memory_of_one(tmp_path):
    size = 100_000
    store, one = StateStore(tmp_path), 8 * size
    tracemalloc.start()
    try:
        kept = [store.put(state(k, size)) for k in range(42)]
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 0.1 * one
    assert most < 4 * one
    assert equal(kept[7], state(7, size))


@pytest.mark.parametrize("fault", ["no room", "half of it", "no folder"])
def test_without_room_on_the_disk_states_stay_in_memory(tmp_path, monkeypatch, fault):
    def full(_number, values, _place):
        if fault == "half of it":
            return values.nbytes // 2
        raise OSError(28, "No space left on device")

    store = StateStore(tmp_path / "none" if fault == "no folder" else tmp_path)
    first = store.put(state(1))
    if fault != "no folder":
        monkeypatch.setattr(os, "pwrite", full)
    second = store.put(state(2))
    assert equal(first, state(1))
    assert equal(second, state(2))
