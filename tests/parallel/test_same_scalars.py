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
RANKS = (1, 2, 3)
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
        command, capture_output=True, text=True, env=environment, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("mechanics", ["none", "two_way"])
def test_ranks_give_the_same_scalars(mechanics):
    runs = {ranks: lithiate(mechanics, ranks) for ranks in RANKS}
    serial = runs[1]
    assert serial["reason"] == "V"
    assert abs(serial["interface"] + serial["counter"]) < TOLERANCE * abs(serial["counter"])
    for ranks in RANKS[1:]:
        assert runs[ranks]["steps"] == serial["steps"]
        for key, value in serial.items():
            if isinstance(value, float):
                assert runs[ranks][key] == pytest.approx(value, rel=TOLERANCE), (key, ranks)
