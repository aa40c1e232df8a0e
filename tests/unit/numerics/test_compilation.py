"""If these fail, a run that is killed while it compiles stops all runs that come later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mesode.numerics.compilation import LOCK, _remove_unfinished

pytestmark = pytest.mark.serial

PROGRAM = """
import sys, time
from mpi4py import MPI
import ufl
from dolfinx import fem, mesh
from mesode.numerics import compilation
V = fem.functionspace(mesh.create_unit_square(MPI.COMM_SELF, 1, 1), ("Lagrange", 1))
u = fem.Function(V)
if "hang" in sys.argv:
    import ffcx.codegeneration.jit as code
    code._compile_objects = lambda *a, **k: (print("compiling", flush=True), time.sleep(60))
compilation.compile_form(ufl.tanh(u) ** 3 * ufl.dx)
print("done", flush=True)
"""


def _start(cache, *args):
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *args],
        env={**os.environ, "XDG_CACHE_HOME": str(cache)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def _unfinished(cache):
    return [p for p in Path(cache).rglob("libffcx*.c") if not Path(f"{p}.cached").exists()]


def test_a_killed_compilation_stops_nobody(tmp_path):
    hanging = _start(tmp_path, "hang")
    assert hanging.stdout.readline().strip() == "compiling"
    waiting = _start(tmp_path)
    time.sleep(2.0)
    assert waiting.poll() is None  # one at a time
    hanging.send_signal(signal.SIGKILL)
    hanging.communicate()
    assert waiting.communicate(timeout=30)[0].strip() == "done"
    assert waiting.returncode == 0
    assert _unfinished(tmp_path) == []
    assert next(tmp_path.rglob(LOCK)).read_text() == ""


def test_old_marks_of_others_are_given_up_new_ones_not(tmp_path):
    folder = tmp_path / "fenics"
    folder.mkdir()
    old, new = folder / "libffcx_forms_old.c", folder / "libffcx_forms_new.c"
    old.touch()
    new.touch()
    os.utime(old, (time.time() - 3600,) * 2)
    assert _start(tmp_path).communicate(timeout=30)[0].strip() == "done"
    assert not old.exists()
    assert new.exists()


def test_marks_of_the_dead_go_though_the_clock_was_set_back(tmp_path):
    mark = tmp_path / "libffcx_forms_0.c"
    mark.write_text("")
    os.utime(mark, (4e9, 4e9))
    _remove_unfinished(tmp_path, 600.0)
    assert mark.exists()
    _remove_unfinished(tmp_path, 0.0)  # its holder has died
    assert not mark.exists()
