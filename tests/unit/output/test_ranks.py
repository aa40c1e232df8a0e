"""If these fail, ranks wait for one that has failed, or a full disk ends as a traceback."""

from __future__ import annotations

import errno
import pickle
from pathlib import Path

from mpi4py import MPI

import pytest

from mesode.errors import InputError, MeshError, OutputError, Problem
from mesode.output.ranks import all_arrive, on_rank_zero, only_on_rank_zero, together, writing

pytestmark = pytest.mark.mpi
COMM = MPI.COMM_WORLD


def test_the_result_of_rank_zero_is_on_all_ranks():
    assert on_rank_zero(COMM, lambda: ("of rank", COMM.rank)) == ("of rank", 0)


def test_a_failure_of_rank_zero_is_raised_on_all_ranks():
    def fail():
        raise MeshError("element 7 is inverted")

    for run in (on_rank_zero, only_on_rank_zero):
        with pytest.raises(MeshError, match="element 7"):
            run(COMM, fail)


def test_what_stays_on_rank_zero_may_be_anything():
    held = []
    only_on_rank_zero(COMM, lambda: held.append(lambda: 1) or (lambda: 2))
    assert len(held) == (COMM.rank == 0)


def test_a_failure_of_the_last_rank_is_raised_on_all_ranks():
    def fail():
        if COMM.rank == COMM.size - 1:
            raise OutputError("no space")
        return COMM.rank

    with pytest.raises(OutputError, match="no space"):
        together(COMM, fail)
    assert together(COMM, lambda: COMM.rank) == COMM.rank


class _Stubborn(Exception):
    def __reduce__(self):
        raise TypeError("not me")


def test_an_exception_that_cannot_travel_is_told_in_text():
    def fail():
        raise _Stubborn("what happened")

    with pytest.raises(RuntimeError, match="what happened"):
        on_rank_zero(COMM, fail)


def test_problems_travel_between_ranks():
    error = InputError([Problem("mesh.size", "3", "expected a unit")], "a.yaml")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error)
    assert copy.problems == error.problems


def test_all_arrive():
    assert all_arrive(COMM, 30.0)


@pytest.mark.serial
def test_a_rank_that_stays_away_is_noticed():
    class Alone:
        def Ibarrier(self):
            return self

        def Test(self):
            return False

    assert not all_arrive(Alone(), 0.05)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "no space left"),
        (errno.EACCES, "no permission"),
        (errno.EROFS, "no permission"),
        (errno.ENOTDIR, "a file stands where a folder is needed"),
        (errno.EIO, "cannot be written"),
    ],
)
def test_what_the_system_says_becomes_advice(number, words):
    with (
        pytest.raises(OutputError, match=f"results/a.csv: .*{words}"),
        writing(Path("results/a.csv")),
    ):
        raise OSError(number, "the system's words")
