"""``mesode.export_parameters``: a case or a run as parameters of other programs."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from mesode.config.load import load_case
from mesode.errors import InputError, Problem
from mesode.exchange.bpx_data import bpx_data
from mesode.exchange.effective import effective_cell
from mesode.exchange.left_out import left_out_of_bpx, left_out_of_pybamm
from mesode.exchange.pybamm_text import pybamm_text
from mesode.output.ranks import writing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.exchange.effective import EffectiveCell

Format = Literal["bpx", "pybamm"]
ENDINGS: Final[dict[str, str]] = {"bpx": "_bpx.json", "pybamm": "_pybamm.py"}
_MOST_OF_PYBAMM: Final = 2  # hosts in one electrode


def export_parameters(
    path: str | Path, to: Format, out: str | Path, overrides: Sequence[str] = ()
) -> EffectiveCell:
    """Write the section of a case, or of a run, as a homogenised cell.

    Args:
        path: A case (YAML file) or the folder of a run.
        to: ``bpx``: a JSON file of the Battery Parameter eXchange, checked by the package bpx;
            ``pybamm``: a Python module with ``get_parameter_values()``.
        out: The file to write.
        overrides: ``KEY=VALUE`` put into the case.

    Returns:
        What was written: effective properties, and what of them is assumed.

    Raises:
        InputError: every problem of the file, or a format that is not known.
        GeometryError: an electrode conducts no electrons or ions through its thickness.
        OutputError: the file cannot be written.
    """
    if to not in ENDINGS:
        expected = f"expected one of {', '.join(ENDINGS)}"
        raise InputError([Problem("to", repr(to), expected)])
    path = Path(path)
    cell = effective_cell(load_case(path / "config.yaml" if path.is_dir() else path, overrides))
    text = _bpx(cell) if to == "bpx" else _pybamm(cell)
    with writing(Path(out)):
        Path(out).parent.mkdir(parents=True, exist_ok=True)
        Path(out).write_text(text, encoding="utf-8")
    return cell


def left_out(cell: EffectiveCell, to: Format) -> tuple[str, ...]:
    """Return what a format cannot hold of a cell."""
    return left_out_of_bpx(cell) if to == "bpx" else left_out_of_pybamm(cell)


def _bpx(cell: EffectiveCell) -> str:
    """Return the text of a BPX file, which the package bpx has taken.

    Raises:
        InputError: bpx does not take it.
    """
    from pydantic import ValidationError

    text = json.dumps(bpx_data(cell), indent=2) + "\n"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what bpx is made of
            import bpx

            bpx.parse_bpx_str(text)
    except ValidationError as error:
        found = [Problem(".".join(map(str, e["loc"])), "", e["msg"]) for e in error.errors()]
        raise InputError(found) from None
    return text


def _pybamm(cell: EffectiveCell) -> str:
    for electrode in (cell.working, cell.counter):
        if electrode is not None and len(electrode.hosts) > _MOST_OF_PYBAMM:
            names = ", ".join(host.name for host in electrode.hosts)
            text = f"PyBaMM takes two materials in an electrode at most, here are {names}"
            raise InputError([Problem("materials.active", "", text, "Take --to bpx")])
    return pybamm_text(cell)
