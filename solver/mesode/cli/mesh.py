"""``mesode mesh``: build and picture the section of a case, requested against achieved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mesode.cli.console import say
from mesode.errors import OutputError

if TYPE_CHECKING:
    import argparse

HELP = "build, mesh and picture the section: areas, surfaces, sizes, paths, tortuosity"
EXAMPLES = """\
  mesode mesh sio.yaml
  mesode mesh sio.yaml --set geometry.electrode.particles.seed=7 --out runs/seed7"""


def execute(args: argparse.Namespace) -> int:
    """Write ``mesh/model.msh``, ``quality.json`` and ``geometry.png`` of a case; print the report.

    Raises:
        InputError: every problem of the file.
        GeometryError: the geometry is impossible; tells the best that was reached.
        OutputError: the folder cannot be used.
    """
    from mesode.case.meshing import (
        look_for_isolated,
        measure_transport,
        mesh_case,
        picture_case,
    )
    from mesode.config.load import load_case
    from mesode.survey.mesh_text import report_lines

    case = load_case(args.file, args.overrides)
    out = args.out or Path("runs") / f"{args.file.stem}-mesh"
    folder = out / "mesh"
    _check_free(out, folder, force=args.force)
    meshed = mesh_case(case, folder)
    measure_transport(case, meshed, folder)
    picture_case(case, meshed, folder / "geometry.png")
    for line in report_lines(meshed.report):
        say(line)
    for warning in (*meshed.report["warnings"], *look_for_isolated(case, meshed)):
        say(f"warning: {warning}")
    say(f"mesh, quality.json and geometry.png in {folder}")
    return 0


def _check_free(out: Path, folder: Path, *, force: bool) -> None:
    for path in (out, folder):
        if path.exists() and not path.is_dir():
            msg = f"{path}: a file stands where a folder is needed; choose another --out"
            raise OutputError(msg)
    if folder.is_dir() and any(folder.iterdir()) and not force:
        msg = f"{folder}: holds a mesh already; choose another --out, or replace it with --force"
        raise OutputError(msg)
