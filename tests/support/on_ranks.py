"""Runs a program of the parallel tests on several ranks and reads what it prints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def _find_mpirun():
    beside = Path(sys.executable).parent / "mpirun"
    return str(beside) if beside.exists() else shutil.which("mpirun")


def on_ranks(program, *arguments, ranks, timeout=200):
    """Return the JSON that a program in ``tests/parallel`` prints; skips without ``mpirun``.

    It may take ``timeout`` [s].
    """
    mpirun = _find_mpirun()
    if mpirun is None:
        pytest.skip("no mpirun beside the interpreter or on PATH")
    paths = [str(TESTS), str(TESTS.parent / "solver"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    script = str(TESTS / "parallel" / program)
    command = [mpirun, "-n", str(ranks), sys.executable, script, *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=timeout, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)
