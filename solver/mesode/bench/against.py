"""Two versions of mesode on one mesh, side by side: what a change costs or saves, and moves.

The other version is a checkout, as ``git worktree add`` makes one. Each runs ``mesode run`` on the
same mesh file in a process of its own and is read by its run folder, so that any version will do
that knows meshes of the user's own. A short run before compiles the forms.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

import mesode
from mesode.bench.measure import GIGABYTE, electrode_text
from mesode.columns import CAPACITY, VOLTAGE
from mesode.errors import InputError, MesodeError, Problem
from mesode.text_table import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy.typing as npt

    from mesode.config.case import Case

    type FloatArray = npt.NDArray[np.float64]

_STEP = "Lithiate at 5 mA/cm2"
_TIMES = ("geometry", "model", "protocol")  # of the manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A checkout and the interpreter that runs it."""

    name: str
    source: Path
    python: str

    def environment(self) -> dict[str, str]:
        """Return the environment in which this version is imported, whatever is installed."""
        return {**os.environ, "PYTHONPATH": str(self.source)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A run of one version: its manifest, voltage over capacity, processor time [s], memory [GB].

    ``cpu`` is that of all of the run on all ranks, ``memory`` that of its largest process.
    """

    manifest: Mapping[str, Any]
    capacity: FloatArray
    voltage: FloatArray
    cpu: float
    memory: float


def this_version() -> Version:
    """Return the version that is running."""
    return Version(name="here", source=Path(mesode.__file__).parents[1], python=sys.executable)


def version_in(checkout: Path) -> Version:
    """Return the version in a checkout, with the interpreter of its ``.venv`` if it has one.

    Raises:
        InputError: there is no mesode in this folder.
    """
    source = (checkout / "solver").resolve()
    if not (source / "mesode" / "cli").is_dir():
        hint = "Make one: git worktree add FOLDER COMMIT"
        expected = "expected a checkout of mesode, with the folder solver/mesode"
        raise InputError([Problem("--against", str(checkout), expected, hint)])
    own = checkout.resolve() / ".venv" / "bin" / "python"
    return Version(
        name=checkout.resolve().name,
        source=source,
        python=str(own) if own.is_file() else sys.executable,
    )


def write_cases(case: Case, folder: Path) -> tuple[Path, Path]:
    """Mesh a case; write it as a case on that mesh, and one that ends at once.

    The file says no more than it must: other versions may not know other keys.
    """
    from mesode.case.meshing import mesh_case

    meshed = mesh_case(case, folder)
    data = yaml.safe_load(electrode_text())
    del data["mesh"]
    phases = {name: name for name in meshed.arrays.phases}
    data["geometry"] = {"mesh": {"file": "model.msh", "unit": "um", "phases": phases}}
    data["physics"] = {"mechanics": case.physics.mechanics}
    if case.physics.mechanics != "none":
        data["physics"]["stress_coupling"] = case.physics.stress_coupling
        data["numerics"]["displacement_degree"] = case.numerics.displacement_degree
    data["output"] = {"fields": 0, "figures": False}
    files = []
    for name, end in (("whole", "until 10 mV"), ("short", "for 1 second")):
        data["protocol"] = [f"{_STEP} {end}"]
        files.append(folder / f"{name}.yaml")
        files[-1].write_text(yaml.safe_dump(data, sort_keys=False), encoding="utf-8")
    return files[0], files[1]


def run_version(version: Version, file: Path, ranks: int) -> Outcome:
    """Run a case with one version.

    Raises:
        MesodeError: another version was imported, or the run did not complete.
    """
    where = [version.python, "-c", "import mesode; print(mesode.__file__)"]
    found = subprocess.check_output(where, env=version.environment(), text=True).strip()
    if not Path(found).is_relative_to(version.source):
        msg = f"{version.python} imports {found} instead of mesode in {version.source}"
        raise MesodeError(msg)
    out = file.parent / f"{file.stem}_{version.name}"
    command = [version.python, "-m", "mesode.cli", "run", str(file), "--out", str(out), "--force"]
    command += ["--ranks", str(ranks)] if ranks > 1 else []
    with (file.parent / "said.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            command, env=version.environment(), stdout=said, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    manifest = _manifest(out)
    if manifest.get("status") != "completed":
        text = (file.parent / "said.txt").read_text("utf-8").strip()
        msg = f"{version.name}: the run did not complete: {text[-1000:]}"
        raise MesodeError(msg)
    from mesode.analysis.run_data import open_run

    run = open_run(out)
    return Outcome(
        manifest=manifest,
        capacity=run.column(CAPACITY),
        voltage=run.column(VOLTAGE),
        cpu=usage.ru_utime + usage.ru_stime,
        memory=usage.ru_maxrss / GIGABYTE,
    )


def _manifest(out: Path) -> dict[str, Any]:
    path = out / "manifest.json"
    return dict(json.loads(path.read_text("utf-8"))) if path.is_file() else {}


def comparison(names: Sequence[str], other: Outcome, here: Outcome) -> list[str]:
    """Return the two side by side, the ratio of the second to the first, and what it has moved."""
    both = (other, here)
    rows: list[tuple[str, list[float]]] = [
        ("unknowns", [float(o.manifest["mesh"]["dofs"]) for o in both]),
        *((key.replace("_", " "), [float(o.manifest["solver"][key]) for o in both])
          for key in other.manifest["solver"] if key in here.manifest["solver"]),
        *((f"{key} / s", [o.manifest["timings"].get(key, np.nan) for o in both])
          for key in _TIMES),
        ("processor time of all / s", [o.cpu for o in both]),
        ("memory, largest process / GB", [o.memory for o in both]),
        ("capacity / mAh g-1", [o.capacity[-1] for o in both]),
    ]  # fmt: skip
    shown = [
        (name, *(f"{value:.6g}" for value in values), _ratio(*values)) for name, values in rows
    ]
    lines = table([("", *names, "ratio"), *shown], right=(1, 2, 3))
    most, at = largest_difference(other, here)
    return [*lines, "", f"voltage: at most {1e3 * most:.3f} mV apart, at {at:.1f} mAh/g"]


def _ratio(before: float, after: float) -> str:
    return f"{after / before:.3f}" if before else ""


def largest_difference(other: Outcome, here: Outcome) -> tuple[float, float]:
    """Return the largest difference of voltage [V] at the same capacity, and that capacity [mAh/g].

    Rows are joined by straight lines, up to the capacity that both have reached.
    """
    grid = np.union1d(other.capacity, here.capacity)
    grid = grid[grid <= min(other.capacity[-1], here.capacity[-1])]
    first, second = (np.interp(grid, o.capacity, o.voltage) for o in (other, here))
    apart = np.abs(second - first)
    return float(apart.max()), float(grid[apart.argmax()])
