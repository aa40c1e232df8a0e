"""If these fail, n ranks say everything n times, or a failing rank stays silent."""

from __future__ import annotations

import io
import logging
import sys

import pytest

from mesode import log

logger = logging.getLogger("mesode.test")


@pytest.fixture
def _clean():
    root = logging.getLogger("mesode")
    before = list(root.handlers), root.level
    yield
    root.handlers, root.level = before


def _as_rank(monkeypatch, rank):
    monkeypatch.setattr(log, "mpi_rank", lambda: rank)


@pytest.mark.usefixtures("_clean")
@pytest.mark.parametrize(
    ("rank", "expected"),
    [
        (0, "hello\nwarning: careful\nerror: broken\n"),
        (1, "[rank 1] error: broken\n"),
    ],
)
def test_console_by_rank(monkeypatch, rank, expected):
    _as_rank(monkeypatch, rank)
    stream = io.StringIO()
    log.configure(stream=io.StringIO())
    log.configure(stream=stream)
    logger.debug("detail")
    logger.info("hello")
    logger.warning("careful")
    logger.error("broken")
    assert stream.getvalue() == expected


@pytest.mark.usefixtures("_clean")
@pytest.mark.parametrize("rank", [0, 1])
def test_file_is_written_by_rank_0_and_released(tmp_path, monkeypatch, rank):
    _as_rank(monkeypatch, rank)
    path = tmp_path / f"log_{rank}.txt"
    with log.log_file(path):
        logger.info("step %d", 3)
    logger.error("after the run")
    assert path.exists() == (rank == 0)
    if rank == 0:
        assert path.read_text().rstrip().endswith("INFO    mesode.test: step 3")


@pytest.mark.usefixtures("_clean")
def test_what_was_said_already_is_in_the_file_alone(tmp_path):
    stream = io.StringIO()
    log.configure(stream=stream)
    with log.log_file(tmp_path / "log.txt"):
        log.keep(logger, "completed: 100 % done")
    assert stream.getvalue() == ""
    assert log.mpi_rank() or "completed: 100 % done" in (tmp_path / "log.txt").read_text()


@pytest.mark.parametrize(
    ("variable", "value", "rank"), [("PMI_RANK", "3", 3), ("OMPI_COMM_WORLD_RANK", "2", 2)]
)
def test_rank_from_the_launcher_before_mpi_is_loaded(monkeypatch, variable, value, rank):
    monkeypatch.delitem(sys.modules, "mpi4py.MPI", raising=False)
    for name in ("PMI_RANK", "OMPI_COMM_WORLD_RANK", "PMIX_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert log.mpi_rank() == 0
    monkeypatch.setenv(variable, value)
    assert log.mpi_rank() == rank


@pytest.mark.mpi
def test_rank_from_mpi():
    comm = pytest.importorskip("mpi4py.MPI").COMM_WORLD
    assert log.mpi_rank() == comm.rank
