"""If these fail, ranks of a parallel test work in different directories or on different tests."""

from __future__ import annotations

import pytest

MPI = pytest.importorskip("mpi4py.MPI")

pytestmark = pytest.mark.mpi


def test_tmp_path_is_one_directory(tmp_path):
    paths = MPI.COMM_WORLD.allgather(tmp_path)
    assert len(set(paths)) == 1
    (tmp_path / str(MPI.COMM_WORLD.rank)).touch()
    MPI.COMM_WORLD.barrier()
    assert len(list(tmp_path.iterdir())) == MPI.COMM_WORLD.size


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    return tmp_path_factory.mktemp("run")


def test_module_directory_is_one_directory(shared):
    assert len(set(MPI.COMM_WORLD.allgather(shared))) == 1
    assert shared.is_dir()


def test_only_rank_zero_has_directories_to_clean_up(tmp_path, request):
    made = request.config._tmp_path_factory._basetemp is not None
    assert MPI.COMM_WORLD.allgather(made) == [True] + [False] * (MPI.COMM_WORLD.size - 1)
