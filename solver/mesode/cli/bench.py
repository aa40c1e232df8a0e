"""``mesode bench``: measure what a lithiation costs on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mesode.bench.protocols import DEFAULT, PROTOCOLS
from mesode.cli.arguments import count
from mesode.cli.console import say
from mesode.cli.run import launch_command
from mesode.errors import MesodeError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from mesode.bench.measure import Measured

HELP = "measure the time and memory that a protocol takes on this machine"
EXAMPLES = """\
  mesode bench                                 40 000 unknowns, electrochemistry alone
  mesode bench --mechanics two_way             and with stress, with the ratio of both
  mesode bench --ranks 2                       on one rank and on two
  mesode bench --scaling                       10 000 to 1 000 000 unknowns, with the exponent
  mesode bench --large --ranks 2               1 000 000 unknowns on two ranks
  mesode bench --protocol cv                   a scan at 0.1 mV/s; or cycles, gitt
  mesode bench --mechanics finite --protocol cycle   SiO that swells, flows and closes its pores
  mesode bench --startup                       from process start to the first time step
  mesode bench --against ../before             this version and that of a checkout, on one mesh

Nothing is asserted. On a machine that is shared compare processor times and ratios."""

LARGE = 1_000_000
SCALING = (10_000, 30_000, 100_000, 300_000, LARGE)
_JOB = "MESODE_BENCH_JOB"  # set for the processes that measure
_MARK = "mesode-bench "  # in front of the line with their result


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    command.add_argument(
        "--dofs", metavar="N", type=count, help="unknowns, about (default: by protocol, 40 000)"
    )
    command.add_argument(
        "--protocol",
        choices=tuple(PROTOCOLS),
        default=DEFAULT,
        help="what is run; " + "; ".join(f"{k}: {p.meaning}" for k, p in PROTOCOLS.items()),
    )
    command.add_argument(
        "--mechanics",
        choices=("none", "one_way", "two_way", "finite"),
        default="none",
        help="also measure with linear mechanics, and compare; finite: that alone, two_way, with "
        "its share of a time step",
    )
    command.add_argument(
        "--degree", type=int, choices=(1, 2), default=2, help="of the displacement (default: 2)"
    )
    command.add_argument(
        "--ranks", metavar="N", type=count, default=1, help="also measure on N ranks, and compare"
    )
    command.add_argument(
        "--large", action="store_true", help=f"{LARGE} unknowns, on --ranks ranks alone"
    )
    command.add_argument("--scaling", action="store_true", help="many sizes, with the exponent")
    command.add_argument(
        "--against", metavar="CHECKOUT", type=Path,
        help="run this version and that of a checkout on the same mesh, side by side",
    )  # fmt: skip
    command.add_argument(
        "--startup", action="store_true", help="time from process start to the first time step"
    )


def execute(args: argparse.Namespace) -> int:
    """Measure, each case in a process of its own, and print tables.

    Raises:
        MesodeError: a measurement failed.
    """
    if _JOB in os.environ:
        _work(json.loads(os.environ[_JOB]))
        return 0
    if args.dofs is None:
        args.dofs = PROTOCOLS[args.protocol].dofs
    if args.against:
        _against(args)
    elif args.startup:
        _startup(args)
    elif args.scaling:
        _scaling(args)
    else:
        _compare(args)
    return 0


def _compare(args: argparse.Namespace) -> None:
    from mesode.bench.tables import cost_table, ratios

    many = sorted({args.ranks} if args.large else {1, args.ranks})
    # the electrode of finite mechanics is another one: there is nothing to compare
    kinds = ["finite"] if args.mechanics == "finite" else sorted({"none", args.mechanics})
    dofs = LARGE if args.large else args.dofs
    found = [
        _measure({**_job(args, kind), "dofs": dofs}, ranks) for kind in kinds for ranks in many
    ]
    _print([*cost_table(found), "", *ratios(found)])


def _against(args: argparse.Namespace) -> None:
    from mesode.bench.against import comparison, run_version, this_version, version_in, write_cases
    from mesode.bench.measure import bench_case

    versions = (version_in(args.against), this_version())
    with tempfile.TemporaryDirectory() as folder:
        case = bench_case(LARGE if args.large else args.dofs, args.mechanics, args.degree)
        whole, short = write_cases(case, Path(folder))
        for version in versions:
            run_version(version, short, args.ranks)
        found = [run_version(version, whole, args.ranks) for version in versions]
    _print(comparison([version.name for version in versions], *found))


def _scaling(args: argparse.Namespace) -> None:
    from mesode.bench.tables import cost_table, exponents

    job = _job(args, args.mechanics)
    found = [_measure({**job, "dofs": dofs}, args.ranks) for dofs in SCALING]
    _print([*cost_table(found), "", *exponents(found)])


def _startup(args: argparse.Namespace) -> None:
    job = {**_job(args, args.mechanics), "startup": True}
    with tempfile.TemporaryDirectory() as cache:
        cold = _measure(job, args.ranks, cache=cache)
        warm = _measure(job, args.ranks, cache=cache)
    say(f"{cold.dofs} unknowns, {cold.ranks} rank(s), from process start to the first time step:")
    for name, found in (("not compiled before", cold), ("compiled before", warm)):
        say(
            f"{name:20s} {found.to_first_step:6.2f} s, of which geometry {found.geometry:.2f} s, "
            f"model {found.model:.2f} s, first step {found.first_step:.2f} s"
        )


def _job(args: argparse.Namespace, mechanics: str) -> dict[str, Any]:
    """Return what a process is asked to measure, as plain data."""
    return {
        "dofs": args.dofs,
        "mechanics": mechanics,
        "degree": args.degree,
        "protocol": args.protocol,
    }


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        say(line)


def _measure(job: dict[str, Any], ranks: int, cache: str | None = None) -> Measured:
    """Measure in a new process on each rank, so that nothing is left of what ran before."""
    from mesode.bench.measure import Measured

    argv = ["bench"]
    command = [sys.executable, "-m", "mesode.cli", *argv]
    if ranks > 1:
        command = launch_command(ranks, argv)
    environment = dict(os.environ)
    if cache is not None:
        environment["XDG_CACHE_HOME"] = cache
    environment[_JOB] = json.dumps({**job, "began": time.time()})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    lines = [line for line in done.stdout.splitlines() if line.startswith(_MARK)]
    if done.returncode != 0 or len(lines) != 1:
        msg = f"the measurement {job} on {ranks} rank(s) failed:\n{done.stderr.strip()}"
        raise MesodeError(msg)
    return Measured.from_dict(json.loads(lines[0].removeprefix(_MARK)))


def _work(job: dict[str, Any]) -> None:
    """Measure in this process and tell the one that started it (collective)."""
    from mpi4py import MPI

    from mesode.bench.measure import bench_case, measure

    case = bench_case(job["dofs"], job["mechanics"], job["degree"], job["protocol"])
    startup = bool(job.get("startup"))
    found = measure(case, MPI.COMM_WORLD, job["began"], startup=startup)
    say(_MARK + json.dumps(found.to_dict()))
