"""If this fails, an error on one rank leaves the others waiting for ever."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mesode.cli.run import launch_command

pytestmark = pytest.mark.serial

SCRIPT = """
import sys
from pathlib import Path
from types import SimpleNamespace

import mesode
from mpi4py import MPI

from mesode.cli import check, main
from mesode.log import configure
from mesode.case import ending
from mesode.case import execution as module
from mesode.config.load import parse_case
from mesode.config.starter import starter_text

where, out = sys.argv[1:]
COMM = MPI.COMM_WORLD
ending._PATIENCE = main._PATIENCE = 0.5


def loop(*_args):
    if COMM.rank == 1:
        raise ZeroDivisionError("on one rank only")
    COMM.barrier()


if where == "command":
    check.execute = lambda _args: loop()
    sys.exit(main.main(["check", "a.yaml"]))
configure()
module._solve = loop
module.run_case(parse_case(starter_text("a")), Path(out), COMM, figures=False)
"""


@pytest.mark.parametrize("where", ["run", "command"])
def test_all_ranks_end(tmp_path, where):
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    command = launch_command(2, [])[:3]
    done = subprocess.run(
        [*command, sys.executable, str(script), where, str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "[rank 1] " in done.stderr
    assert "ZeroDivisionError: on one rank only" in done.stderr
    if where == "run":
        content = json.loads((tmp_path / "out" / "manifest.json").read_text())
        assert content["status"] == "failed"
        assert "rank 1 failed: ZeroDivisionError" in content["reason"]
