"""``mesode export``: the section as a homogenised cell, for other programs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.console import say

if TYPE_CHECKING:
    import argparse

    from mesode.exchange.effective import EffectiveCell, EffectiveElectrode

HELP = "write effective properties of the section as BPX or as parameters of PyBaMM"
EXAMPLES = """\
  mesode export sio.yaml --to bpx                 writes sio_bpx.json
  mesode export runs/sio --to pybamm --out sio_pybamm.py

In Python, then: pybamm.ParameterValues(get_parameter_values()) of the module that was written."""


def add_arguments(command: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    command.add_argument("path", metavar="FILE|DIR", type=Path, help="a case, or folder of a run")
    command.add_argument("--to", choices=("bpx", "pybamm"), required=True, help="format")
    command.add_argument("--out", metavar="FILE", type=Path, help="default: NAME_bpx.json, ...")
    command.add_argument(
        "--set", dest="overrides", metavar="KEY=VALUE", action="append", default=[],
        help="change a value of the case by its path",
    )  # fmt: skip


def execute(args: argparse.Namespace) -> int:
    """Measure the section, write the file, say what of it is assumed and what is left out.

    Raises:
        InputError: every problem of the case.
        GeometryError: an electrode conducts no electrons or ions through its thickness.
        OutputError: the file cannot be written.
    """
    from mesode.exchange.api import ENDINGS, export_parameters, left_out

    name = args.path.resolve().name.removesuffix(".yaml").removesuffix(".yml")
    out = args.out or Path(f"{name}{ENDINGS[args.to]}")
    cell = export_parameters(args.path, args.to, out, args.overrides)
    for line in _lines(cell):
        say(line)
    for text in cell.assumed:
        say(f"assumed: {text}")
    for text in left_out(cell, args.to):
        say(f"left out: {text}")
    say(f"written: {out}")
    return 0


def _lines(cell: EffectiveCell) -> list[str]:
    lines = _electrode("electrode", cell.working)
    if cell.counter is not None:
        lines += _electrode("counter electrode", cell.counter)
    thickness, porosity, macmullin = cell.separator
    return [
        *lines,
        f"separator: {thickness * 1e6:.4g} um, porosity {porosity:.4g}, N_M {macmullin:.4g}",
        f"window: {cell.voltages[0]:.4g} to {cell.voltages[1]:.4g} V, "
        f"{cell.capacity / 36e3:.4g} mAh/cm^2",
    ]


def _electrode(name: str, electrode: EffectiveElectrode) -> list[str]:
    head = (
        f"{name}: {electrode.thickness * 1e6:.4g} um, porosity {electrode.porosity:.4g}, "
        f"N_M {electrode.macmullin:.4g}, tortuosity {electrode.tortuosity:.4g}, "
        f"sigma {electrode.sigma:.4g} S/m"
    )
    hosts = [
        f"  {host.name}: fraction {host.fraction:.4g}, {host.surface:.4g} m^2/m^3, radius "
        f"{host.radius * 1e6:.4g} um, lithiation {host.window[1]:.4g} to {host.window[0]:.4g}"
        for host in electrode.hosts
    ]
    return [head, *hosts]
