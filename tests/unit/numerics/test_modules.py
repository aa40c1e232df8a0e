"""If these fail, a run that is killed while it compiles stops all runs that come later."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from mesode.numerics.modules import LOCK

pytestmark = pytest.mark.serial

PROGRAM = """
from mpi4py import MPI
import ufl
from dolfinx import fem, mesh
from mesode.numerics import jit, modules
V = fem.functionspace(mesh.create_unit_square(MPI.COMM_SELF, 1, 1), ("Lagrange", 1))
u, v = fem.Function(V), ufl.TestFunction(V)
u.x.array[:] = 2.0
try:
    total, row = jit.compile_forms([u**3 * ufl.dx, u * v * ufl.dx])
    print(round(fem.assemble_scalar(total), 12), round(fem.assemble_vector(row).array.sum(), 12))
except modules.CompilerError as error:
    print(error)
"""


def _environment(cache, **others):
    return {**os.environ, "XDG_CACHE_HOME": str(cache), **others}


def _start(cache, program=PROGRAM, **others):
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=_environment(cache, **others),
        stdout=subprocess.PIPE,
        text=True,
    )


def _run(cache, **others):
    return _start(cache, **others).communicate(timeout=60)[0].strip()


def _modules(cache):
    return sorted(cache.rglob("mesode_forms_*.so"))


def _script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def made(tmp_path):
    assert _run(tmp_path) == "8.0 2.0"
    return tmp_path


def test_what_was_compiled_is_found_again_without_a_compiler(made):
    modules = _modules(made)
    assert len(modules) == 1
    assert _run(made, CC="/nowhere", PATH="/nowhere") == "8.0 2.0"
    assert _modules(made) == modules


@pytest.mark.parametrize("damage", [b"", b"\x7fELF", None])
def test_a_damaged_module_is_made_anew(made, damage):
    (module,) = _modules(made)
    whole = module.read_bytes()
    module.write_bytes(whole[: len(whole) // 2] if damage is None else damage)
    assert _run(made) == "8.0 2.0"
    assert len(module.read_bytes()) == len(whole)


@pytest.mark.parametrize("damage", [None, b"", b"elsewhere.so form 0", b"\xff"])
def test_a_form_whose_place_is_not_told_is_made_anew(made, damage):
    place, _ = sorted(made.rglob("mesode_form_*"))
    told = place.read_bytes()
    place.unlink() if damage is None else place.write_bytes(damage)
    assert _run(made) == "8.0 2.0"
    assert place.read_bytes() != told  # it is alone in its module now
    assert len(_modules(made)) == 2


def test_what_two_systems_have_in_common_is_compiled_once(made):
    before = {path: path.stat().st_mtime_ns for path in made.rglob("mesode_form*")}
    assert _start(made, PROGRAM.replace("u**3", "u**4")).communicate()[0].strip() == "16.0 2.0"
    after = {path: path.stat().st_mtime_ns for path in made.rglob("mesode_form*")}
    assert after.items() >= before.items()
    assert len(after) == len(before) + 2  # one form, and the module that it is in


def test_a_process_killed_while_it_compiles_stops_nobody(tmp_path):
    compiler = _script(tmp_path / "slow", f"touch {tmp_path / 'begun'}; sleep 60")
    hanging = _start(tmp_path, CC=str(compiler))
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    waiting = _start(tmp_path)
    time.sleep(1.5)
    assert waiting.poll() is None  # one at a time
    hanging.send_signal(signal.SIGKILL)
    hanging.communicate()
    assert waiting.communicate(timeout=60)[0].strip() == "8.0 2.0"
    assert len(_modules(tmp_path)) == 1
    assert next(tmp_path.rglob(LOCK.format("*"))).exists()


def test_who_compiles_something_else_does_not_wait(tmp_path):
    compiler = _script(tmp_path / "slow", f"touch {tmp_path / 'begun'}; sleep 60")
    hanging = _start(tmp_path, CC=str(compiler))
    while not (tmp_path / "begun").exists():
        time.sleep(0.05)
    # two: one in sixteen has the same lock by chance
    others = [_start(tmp_path, PROGRAM.replace("u**3", f"u**{k}")) for k in (4, 5)]
    while all(other.poll() is None for other in others):
        time.sleep(0.05)
    assert hanging.poll() is None
    hanging.kill()
    hanging.communicate()
    said = [other.communicate(timeout=60)[0].split()[0] for other in others]
    assert said == ["16.0", "32.0"]


def test_no_compiler_is_told_with_what_to_install(tmp_path):
    said = _run(tmp_path, CC="", PATH="/nowhere")
    # the compiler that made Python may be named by its full path
    assert ("there is no C compiler" in said and "apt-get install gcc" in said) or said == "8.0 2.0"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("echo 'no space left' >&2; exit 4", "failed with exit code 4: no space left"),
        ("kill -9 $$", "was ended by signal 9 while it compiled: call again"),
    ],
)
def test_a_compiler_that_fails_is_told_and_the_next_run_works(tmp_path, text, told):
    assert told in _run(tmp_path, CC=str(_script(tmp_path / "broken", text)))
    assert _modules(tmp_path) == []
    assert _run(tmp_path) == "8.0 2.0"


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "fenics").write_text("a file where the folder should be")
    assert _run(tmp_path) == "8.0 2.0"
