"""``mesode resume``: continue a run that was ended or killed."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from mesode.cli import film
from mesode.cli.console import say
from mesode.cli.run import IN_PARALLEL, TERMINAL, check_alone, launch, world

if TYPE_CHECKING:
    import argparse

HELP = "continue a run from its last checkpoint"
EXAMPLES = """\
  mesode resume runs/sio                     continues where runs/sio was ended
  mesode resume runs/sio --ranks 2           on another number of ranks, too
  mpirun -n 2 mesode resume runs/sio         the same, started by hand

A run writes a checkpoint every output.checkpoint (10 min), at the end of each step, and when it is
asked to stop (SIGINT, SIGTERM) or to write one and continue (SIGUSR1). A run that is complete is
left as it is.

exit codes: 0 done; 2 nothing to continue from; 3 stopped early again; 1 an internal error"""


def execute(args: argparse.Namespace) -> int:
    """Continue a run and print the summary.

    Raises:
        InputError: the folder holds no run, no checkpoint, or its input was changed.
        OutputError: a live process runs in it, or it cannot be written to.
    """
    if args.ranks > 1 and IN_PARALLEL not in os.environ:
        check_alone(args.ranks)
        launch(args.ranks, args.argv)

    film.check(args)
    comm = world()

    from mesode.case.resume import resume_case
    from mesode.case.summary import summary_lines

    outcome = resume_case(
        args.folder,
        comm,
        figures=False if args.no_figures else None,
        live=True if os.environ.get(TERMINAL) else None,
    )
    if outcome is None:
        say(f"the run in {args.folder} is complete: nothing to do")
        return 0
    for line in summary_lines(outcome.manifest, outcome.folder):
        say(line)
    if comm.rank == 0:
        film.draw(outcome.folder, args.animate)
    return outcome.exit_code
