"""``mesode analyse``: measured or simulated data, evaluated with the formulas of papers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.arguments import count
from mesode.cli.console import say

if TYPE_CHECKING:
    import argparse

HELP = "evaluate runs, studies or measured CSV: cycles, dQ/dV, GITT, CV, impedance, DRT, Arrhenius"
EXAMPLES = """\
  mesode analyse runs/sio                     all that there is in a run; writes analysis.csv there
  mesode analyse runs/gitt --what gitt        one method; beside each value the true one
  mesode analyse runs/temperatures            a study: Arrhenius over its cases
  mesode analyse cell.bdf.csv --what gitt --length "0.2 um" --radius "0.6 um" --mass "1.2 mg"
  mesode analyse eis.csv --circuit "R0-p(R1,CPE1)-Wo2" --what circuits --what drt

A measured CSV has the columns of the Battery Data Format: Test Time / s, Voltage / V, Current / A
(positive charges the cell), Step Count / 1 if known; or Frequency / Hz, Real Impedance / ohm,
Imaginary Impedance / ohm; or Temperature / degC, Resistance / ohm; or Raman Shift / cm-1."""
_QUANTITIES = {
    "area": "area of the electrode, e.g. '1.131 cm^2'",
    "mass": "mass of active material, e.g. '1.2 mg'",
    "length": "L of GITT: volume of the active material over the area taken for it, e.g. '0.2 um'",
    "radius": "radius of the particles, for the fit of the relaxation",
    "concentration": "C of Randles-Sevcik and Warburg, e.g. '1 mol/l'",
    "temperature": "temperature, where the file has none (default: 25 degC)",
}


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument(
        "paths",
        metavar="DIR|CSV",
        type=Path,
        nargs="+",
        help="run folders, studies, CSV files; those of one sample are evaluated together",
    )
    command.add_argument(
        "--what",
        metavar="METHOD",
        action="append",
        default=[],
        help="cycling, rates, derivatives, polarisation, gitt, voltammetry, arcs, circuits, drt, "
        "arrhenius or raman; may be given several times (default: all that there is data for)",
    )
    for name, text in _QUANTITIES.items():
        command.add_argument(f"--{name}", metavar="VALUE", help=text)
    command.add_argument(
        "--shape",
        metavar="SHAPE",
        help="of the particles: slab, cylinder or sphere (default: sphere)",
    )
    command.add_argument(
        "--electrons", metavar="N", type=count, default=1, help="n of Randles-Sevcik (default: 1)"
    )
    command.add_argument("--circuit", metavar="TEXT", help="circuit to fit (default: by BIC)")
    command.add_argument(
        "--out",
        metavar="DIR",
        type=Path,
        help="folder of the results (default: that of the run or study, else runs/<name>-analysis)",
    )


def execute(args: argparse.Namespace) -> int:
    """Evaluate, print and write.

    Raises:
        InputError: a path, a method or the content of a file is wrong.
        OutputError: the results cannot be written.
    """
    from mesode.analysis.lab.analyse import analyse

    given = {name: getattr(args, name) for name in _QUANTITIES if getattr(args, name) is not None}
    found = analyse(
        *args.paths,
        what=args.what,
        circuit=args.circuit,
        shape=args.shape,
        electrons=args.electrons,
        **given,
    )
    say(found.text())
    for path in found.write(args.out or _folder(args.paths)):
        say(f"written: {path}")
    return 0


def _folder(paths: list[Path]) -> Path:
    """Return the folder of a single run or study, or one of its own."""
    first = paths[0]
    if len(paths) == 1 and first.is_dir():
        return first
    name = first.resolve().name.removesuffix(".csv").removesuffix(".bdf")
    return Path("runs") / f"{name}-analysis"
