"""Work that one rank does for all, without a rank left waiting when it fails."""

from __future__ import annotations

import errno
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from mesode.errors import MesodeError, OutputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from mpi4py import MPI

NO_SPACE = "no space left on the device"  # in what `writing` raises
_POLL = 0.01  # [s] between two looks whether the other ranks have come
_LAST_WORDS = 0.3  # [s] for the launcher to pass on what was said: it drops it with the ranks


def end_all(comm: MPI.Intracomm, code: int) -> None:
    """End all ranks with an exit code: others may wait for this one, which cannot continue."""
    time.sleep(_LAST_WORDS)
    comm.Abort(code)


def on_rank_zero[T](comm: MPI.Intracomm, function: Callable[[], T]) -> T:
    """Run a function on rank 0 and return its result on all ranks (collective).

    Whatever it raises is raised on all ranks, so that none waits for a rank that is gone.
    """
    outcome = _attempt(function) if comm.rank == 0 else None
    return cast("T", _unpack(comm.bcast(outcome)))


def only_on_rank_zero(comm: MPI.Intracomm, function: Callable[[], Any]) -> None:
    """Run a function on rank 0; its result stays there, its failure is everybody's (collective)."""
    outcome = _attempt(function) if comm.rank == 0 else None
    _unpack(comm.bcast((None, outcome[1]) if outcome is not None else None))


def together[T](comm: MPI.Intracomm, function: Callable[[], T]) -> T:
    """Run a function on all ranks; where one fails, the first failure is raised on all."""
    result, failure = _attempt(function)
    failures = [f for f in comm.allgather(failure) if f is not None]
    if failures:
        raise failures[0]
    return cast("T", result)


def _unpack(outcome: tuple[Any, Exception | None]) -> Any:
    result, failure = outcome
    if failure is not None:
        raise failure
    return result


def _attempt(function: Callable[[], Any]) -> tuple[Any, Exception | None]:
    try:
        return function(), None
    except Exception as error:
        return None, error if isinstance(error, MesodeError) else _portable(error)


def _portable(error: Exception) -> Exception:
    """Return an exception that survives the way to the other ranks, traceback in its text."""
    import pickle
    import traceback

    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception(error)))
    return error


def all_arrive(comm: MPI.Intracomm, patience: float) -> bool:
    """Wait until all ranks are here, at most ``patience`` seconds; tell whether they are."""
    request = comm.Ibarrier()
    end = time.monotonic() + patience
    while not request.Test():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL)
    return True


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a file into what a user can act upon.

    Raises:
        OutputError: no space, no permission, or anything else that keeps the file from us.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(_explain(path, error)) from error


def _explain(path: Path, error: OSError) -> str:
    where = error.filename or path
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return f"{where}: {NO_SPACE}; free some, or choose another folder with --out"
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{where}: no permission to write here; choose another folder with --out"
        case errno.ENOTDIR | errno.EEXIST:
            return f"{where}: a file stands where a folder is needed; choose another --out"
        case errno.ENAMETOOLONG:
            return f"{where}: the name is too long for this file system"
    return f"{where}: cannot be written: {error.strerror or error}"
