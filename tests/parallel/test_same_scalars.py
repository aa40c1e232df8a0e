"""If these fail, a run depends on how many ranks share it.

A small half cell is lithiated to a cut-off on 1, 2 and 3 ranks, each in processes of its own, so
that this also runs within the serial suite.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.serial  # it starts mpirun itself

HERE = Path(__file__).parent
TOLERANCE = 1e-8


def find_mpirun():
    beside = Path(sys.executable).parent / "mpirun"
    return str(beside) if beside.exists() else shutil.which("mpirun")


def lithiate(mechanics, ranks):
    """Return what the run prints."""
    mpirun = find_mpirun()
    if mpirun is None:
        pytest.skip("no mpirun beside the interpreter or on PATH")
    paths = [str(HERE.parent), str(HERE.parents[1] / "solver"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}
    command = [mpirun, "-n", str(ranks), sys.executable, str(HERE / "cell_scalars.py"), mechanics]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=200, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.fixture(
    scope="module",
    params=["none", "two_way", "third", pytest.param("finite", marks=pytest.mark.slow)],
)
def serial(request):
    """The coupling and what one rank gives."""
    return request.param, lithiate(request.param, 1)


def test_one_rank_balances(serial):
    _, values = serial
    assert values["reason"] == "V"
    assert abs(values["interface"] + values["counter"]) < TOLERANCE * abs(values["counter"])


# three ranks on two cores wait for each other at every triangular solve
@pytest.mark.timeout(240)
@pytest.mark.parametrize("ranks", [2, 3])
def test_ranks_give_the_same_scalars(serial, ranks):
    mechanics, expected = serial
    values = lithiate(mechanics, ranks)
    assert values["reason"] == expected["reason"]
    assert values["steps"] == expected["steps"]
    numbers = {key: value for key, value in expected.items() if isinstance(value, float)}
    assert len(numbers) >= 8
    for key, value in numbers.items():
        assert values[key] == pytest.approx(value, rel=TOLERANCE), key
