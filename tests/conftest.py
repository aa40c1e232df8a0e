"""What every test shares: one thread a process, one directory for all ranks, ranks in step.

The suite runs serially or under ``mpirun -n 2 python -m mpi4py -m pytest``. In parallel each rank
runs every test; ``tmp_path`` is then the same directory on all ranks, and after each test the
ranks wait for each other, so that a collective destructor of PETSc never meets the next test.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "Agg")

import gc
import sys
from importlib.util import find_spec

import pytest
from hypothesis import settings

import mesode  # noqa: F401  (loads the MPI library of the wheel before mpi4py looks for it)
from mesode.output.ranks import on_rank_zero

# The same examples in every run: a new one that fails is for whoever looks for it, with -m slow.
settings.register_profile("mesode", derandomize=True, database=None, deadline=None)
settings.load_profile("mesode")


def _world():
    """Return the communicator of all ranks, or None in a serial run."""
    if find_spec("mpi4py") is None:
        return None
    from mpi4py import MPI

    return MPI.COMM_WORLD if MPI.COMM_WORLD.size > 1 else None


WORLD = _world()

# In SI units much of what is compared is less than the 1e-12 that pytest allows beside the relative
# tolerance: a diffusivity of 1e-14 m^2/s would pass for any other. Only beside zero it stays.
type(pytest.approx(1.0)).DEFAULT_ABSOLUTE_TOLERANCE = property(
    lambda approx: 0.0 if approx.expected else 1e-12
)


def pytest_configure(config):
    if WORLD is not None and WORLD.rank > 0:
        config.option.verbose = -2  # failures only: rank 0 tells the rest


def pytest_collection_modifyitems(items):
    marker, reason = "serial", "makes no sense under mpirun"
    if WORLD is None:
        marker, reason = "ranks", "one rank has none to be compared with"
    for item in items:
        if item.get_closest_marker(marker):
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_collection_finish():
    """Keep what is loaded by now out of what the collector looks through after each test."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def tmp_path_factory(tmp_path_factory):
    """Give all ranks the directory of rank 0; ``tmp_path`` builds on this.

    The other ranks make none of their own: pytest removes old directories when a session ends, and
    two processes that do so at once disturb each other.
    """
    if WORLD is not None:
        make_own = tmp_path_factory.mktemp

        def mktemp(basename, numbered=True):
            return on_rank_zero(WORLD, lambda: make_own(basename, numbered))

        tmp_path_factory.mktemp = mktemp
    return tmp_path_factory


@pytest.fixture(autouse=True)
def _ranks_in_step():
    yield
    if WORLD is None:
        return
    gc.collect()
    if petsc := sys.modules.get("petsc4py.PETSc"):
        petsc.garbage_cleanup(WORLD)
    WORLD.barrier()


@pytest.fixture(autouse=True)
def _close_figures():
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
