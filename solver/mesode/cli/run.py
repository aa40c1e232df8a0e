"""``mesode run``: simulate a case, alone or on several ranks."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli import film
from mesode.cli.console import say
from mesode.errors import InputError, Problem
from mesode.launcher import claimed_size, under_launcher

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mpi4py import MPI

HELP = "simulate a case; fields, curves and figures go to a folder"
EXAMPLES = """\
  mesode run sio.yaml                        results in runs/sio
  mesode run sio.yaml --out runs/fast --set "protocol.0=Lithiate at 2 C until 10 mV"
  mesode run sio.yaml --force --ranks 2      replaces the results in runs/sio
  mpirun -n 2 mesode run sio.yaml            the same, started by hand
  mesode run sio.yaml --animate              and a film: runs/sio/figures/animation.gif

exit codes: 0 done; 2 bad input; 3 stopped early with results kept; 1 an internal error"""

LAUNCHER = "MESODE_LAUNCHER"  # command that starts the ranks, of the MPI of a site
_LAUNCHERS = ("mpirun", "mpiexec")
IN_PARALLEL = "MESODE_LAUNCHED"  # set for the ranks that we start, so that they start no more
TERMINAL = "MESODETERMINAL"  # set where the launcher stands between the ranks and a terminal


def execute(args: argparse.Namespace) -> int:
    """Run the case of a file and print the summary.

    Raises:
        InputError: every problem of the file; nothing was written.
        OutputError: the folder cannot be used; nothing was computed.
    """
    from mesode.config.load import load_case

    if under_launcher():
        world()  # from here on a rank that fails ends the others
    case = load_case(args.file, args.overrides)
    film.check(args)
    if args.ranks > 1 and IN_PARALLEL not in os.environ:
        check_alone(args.ranks)
        launch(args.ranks, args.argv)

    comm = world()

    from mesode.case.execution import run_case
    from mesode.case.summary import summary_lines

    out = args.out or Path("runs") / args.file.stem
    figures = False if args.no_figures else None
    outcome = run_case(
        case,
        out,
        comm,
        force=args.force,
        figures=figures,
        fields=not args.no_fields,
        live=True if os.environ.get(TERMINAL) else None,
    )
    for line in summary_lines(outcome.manifest, outcome.folder):
        say(line)
    if comm.rank == 0:
        film.draw(outcome.folder, args.animate)
    return outcome.exit_code


def world() -> MPI.Intracomm:
    """Return all ranks; the first call starts MPI.

    Raises:
        InputError: a launcher started several processes of which each finds itself alone.
    """
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    if comm.size == 1 < claimed_size():
        expected = (
            "expected processes that see each other, each of these is alone: the launcher belongs "
            "to another MPI than mesode"
        )
        own = Path(sys.executable).parent / _LAUNCHERS[0]
        use = f"{own} -n N mesode ..." if os.access(own, os.X_OK) else "the mpirun of its MPI"
        hint = f"Use --ranks N, or {use} ({MPI.Get_library_version().splitlines()[0].strip()})"
        raise InputError([Problem("mpirun", f"{claimed_size()} processes", expected, hint)])
    return comm


def check_alone(ranks: int) -> None:
    """Raise where an MPI launcher has started this process."""
    if under_launcher():
        expected = "this process was started by an MPI launcher already"
        hint = "Use either mpirun or --ranks"
        raise InputError([Problem("--ranks", str(ranks), expected, hint)])


def launch(ranks: int, argv: Sequence[str]) -> None:
    """Replace this process by the MPI launcher with ``ranks`` of us; does not return."""
    command = launch_command(ranks, argv)
    os.environ[IN_PARALLEL] = str(ranks)
    if sys.stderr.isatty():
        os.environ[TERMINAL] = "1"
        os.environ["COLUMNS"] = str(shutil.get_terminal_size().columns)
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def launch_command(ranks: int, argv: Sequence[str]) -> list[str]:
    """Return the command that runs us on several ranks.

    The launcher must belong to the MPI library that is loaded: the one that ``MESODE_LAUNCHER``
    names (``srun --mpi=pmi2 -n {ranks}``), else the one beside the interpreter, else on PATH.

    Raises:
        InputError: there is no launcher.
    """
    given = shlex.split(os.environ.get(LAUNCHER, "").replace("{ranks}", str(ranks)))
    if given:
        program = shutil.which(given[0]) or given[0]
        return [program, *given[1:], sys.executable, "-m", "mesode.cli", *argv]
    beside = Path(sys.executable).parent
    found = [str(beside / n) for n in _LAUNCHERS if os.access(beside / n, os.X_OK)]
    found += [path for n in _LAUNCHERS if (path := shutil.which(n)) is not None]
    if not found:
        hint = f"Looked for {' and '.join(_LAUNCHERS)} in {beside} and on PATH"
        raise InputError([Problem("--ranks", str(ranks), "no MPI launcher was found", hint)])
    return [found[0], "-n", str(ranks), sys.executable, "-m", "mesode.cli", *argv]
