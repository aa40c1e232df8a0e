"""If this fails, each factorisation asks the system for its memory again."""

from __future__ import annotations

import ctypes
import platform
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from mesode.numerics.kept_memory import keep_freed_memory

PROGRAM = Path(__file__).parents[2] / "parallel" / "factored_again.py"


@pytest.mark.serial
@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="the C library is not that of GNU")
def test_a_factorisation_takes_the_memory_of_the_one_before():
    # in a process of its own: other tests leave a heap full of holes
    done = subprocess.run([sys.executable, PROGRAM], capture_output=True, text=True, check=True)
    asked, pages = map(int, done.stdout.split())
    assert pages > 3 * 32e6 / resource.getpagesize()  # smaller blocks are kept anyway
    assert asked < 0.05 * pages


def test_other_libraries_are_left_alone(monkeypatch):
    keep_freed_memory.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    assert not keep_freed_memory()
    keep_freed_memory.cache_clear()
