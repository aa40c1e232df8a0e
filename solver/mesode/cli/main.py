"""``mesode``: reads the command line, runs a command, turns what goes wrong into an exit code."""

from __future__ import annotations

import errno
import logging
import os
import signal
import sys
import traceback
from typing import TYPE_CHECKING

from mesode.cli.arguments import too_long
from mesode.cli.console import complain, open_streams
from mesode.errors import MesodeError, shortened
from mesode.launcher import forget_dead_launcher
from mesode.log import configure, mpi_rank, put

if TYPE_CHECKING:
    from collections.abc import Sequence

_PATIENCE = 10.0  # [s] that a failed rank waits for the others before it ends them
_NO_HANDLER = "-no_signal_handler"
_BAD_INPUT = 2
_STOP = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_INTERRUPTED = 130  # as shells say it


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code: 0 done, 2 bad input, 3 stopped early, 1 our fault.

    Without ``argv`` it is the command of the process, which ends then.
    """
    code = _command(argv)
    if argv is None:
        stay_to_the_end()
    return code


def stay_to_the_end() -> None:
    """Let no signal change the exit code while the process ends: all is written."""
    for number in _STOP:
        signal.signal(number, signal.SIG_IGN)


def _command(argv: Sequence[str] | None) -> int:
    # One thread a rank: BLAS would start as many as there are cores, on every rank.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    open_streams()
    forget_dead_launcher()
    _leave_signals_alone()
    from mesode.cli.parser import build_parser

    given = list(sys.argv[1:] if argv is None else argv)
    strange = next((word for word in given if not _is_text(word)), None)
    if strange is not None:
        complain(f"mesode: {shortened(strange)}: this is not UTF-8; rename the file or folder")
        return _BAD_INPUT
    args = build_parser().parse_args(given)
    args.argv = given
    configure(level=logging.INFO)
    try:
        code = int(args.body(args))
    except MesodeError as error:
        complain(f"mesode {args.command}: {error}")
        return _leave(error.exit_code, str(error))
    except OSError as error:
        if error.errno != errno.ENAMETOOLONG:
            return _fault(traceback.format_exc())
        text = too_long(str(error.filename))
        complain(f"mesode {args.command}: {text}")
        return _leave(_BAD_INPUT, text)
    except KeyboardInterrupt:
        complain("interrupted")
        return _INTERRUPTED
    except Exception:
        return _fault(traceback.format_exc())
    return code


def _is_text(word: str) -> bool:
    """Tell whether a word is text: neither MPI nor any file of results takes another one."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def _leave_signals_alone() -> None:
    """Keep PETSc from taking signals: a closed pipe (``| head``) would be a crash to it."""
    given = os.environ.get("PETSC_OPTIONS", "")
    if _NO_HANDLER not in given.split():
        os.environ["PETSC_OPTIONS"] = f"{given} {_NO_HANDLER}".strip()


def _fault(trace: str) -> int:
    """Report an internal error; end all ranks, of which others may wait for this one."""
    rank = mpi_rank()
    put(sys.stderr, f"[rank {rank}] {trace}" if _ranks() > 1 else trace)
    if rank == 0:
        put(
            sys.stderr,
            "This is an internal error of mesode, not a mistake in your input. Please report it.\n",
        )
    if _ranks() > 1:
        _abort(1)
    return 1


def _leave(code: int, text: str) -> int:
    """Return the exit code if all ranks leave; end them if one has failed alone."""
    if _ranks() > 1:
        from mpi4py import MPI

        from mesode.output.ranks import all_arrive

        if not all_arrive(MPI.COMM_WORLD, _PATIENCE):
            put(sys.stderr, f"[rank {mpi_rank()}] {text}\n")
            _abort(code)
    return code


def _ranks() -> int:
    mpi = sys.modules.get("mpi4py.MPI")
    return int(mpi.COMM_WORLD.size) if mpi is not None and mpi.Is_initialized() else 1


def _abort(code: int) -> None:
    from mpi4py import MPI

    from mesode.output.ranks import end_all

    end_all(MPI.COMM_WORLD, code)


if __name__ == "__main__":
    sys.exit(main())
