"""How a run ends: an exception becomes a status and a reason, the same on all ranks."""

from __future__ import annotations

import logging
import math
import traceback
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.errors import MesodeError, OutputError, SolverError
from mesode.numerics.modules import CompilerError
from mesode.output.manifest import Status
from mesode.output.ranks import all_arrive, end_all

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mesode.case.case_run import CaseRun

logger = logging.getLogger(__name__)

_PATIENCE = 10.0  # [s] that a failed rank waits for the others before it ends them
_BAD_INPUT = 2  # exit code of a case that cannot be run
EXIT_CODES = {Status.COMPLETED: 0, Status.STOPPED: 3, Status.FAILED: 1}


@dataclass(frozen=True, slots=True)
class End:
    """Status, reason and exit code of a run; ``trace`` of an internal error.

    ``refusal`` is the error of a case that cannot be run at all.
    """

    status: Status
    reason: str
    exit_code: int
    trace: str = ""
    refusal: MesodeError | None = None


def guarded(run: CaseRun, work: Callable[[], End]) -> End:
    """Do the work; agree over the ranks how it ended, or end all where one cannot be reached."""
    guard = run.comm.Dup()
    try:
        end = work()
    except Exception as error:
        end = _end_of(error, run.signals.stop(), results=bool(run.observers))
    if not all_arrive(guard, math.inf if end.status is Status.COMPLETED else _PATIENCE):
        _abort(run, end)
    ends: Sequence[End] = guard.allgather(end)
    guard.Free()
    worst = max(ends, key=lambda e: (e.status is Status.FAILED, e.status is Status.STOPPED))
    if worst.status is Status.FAILED and worst.refusal is None and run.comm.rank == 0:
        logger.error("%s", worst.trace or worst.reason)
    return worst


def _end_of(error: Exception, stop: str | None, *, results: bool) -> End:
    """Return how an exception ends a run that has results already, or has none.

    Args:
        error: What was raised.
        stop: The signal that asks for a stop: Ctrl-C in a terminal ends the compiler, too.
        results: Whether there are any.
    """
    if isinstance(error, CompilerError) and stop is not None:
        reason = f"while the equations were compiled: {stop}"
        return End(Status.STOPPED, reason, EXIT_CODES[Status.STOPPED])
    if isinstance(error, OutputError | SolverError) and results:
        return End(Status.STOPPED, str(error), EXIT_CODES[Status.STOPPED])
    if isinstance(error, MesodeError):
        refusal = error if error.exit_code == _BAD_INPUT and not results else None
        return End(Status.FAILED, str(error), error.exit_code, refusal=refusal)
    trace = "".join(traceback.format_exception(error))
    return End(Status.FAILED, f"{type(error).__name__}: {error}", 1, trace)


def _abort(run: CaseRun, end: End) -> None:
    """End all ranks: the others wait for this one, which has failed."""
    rank = run.comm.rank
    logger.error("%s", end.trace or end.reason)
    run.manifest.end(Status.FAILED, f"rank {rank} failed: {end.reason}")
    try:
        run.manifest.write()
    finally:
        end_all(run.comm, end.exit_code)
