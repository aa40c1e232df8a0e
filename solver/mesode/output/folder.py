"""The run folder: made ready before anything is computed, never overwritten without being told.

With ``force`` the files of an earlier run are set aside, into ``.former``; they are removed when
the new run has begun, and brought back where it cannot. Whatever a run has not written stays.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.errors import InputError, OutputError
from mesode.fields import Group
from mesode.inputs import read_json
from mesode.output.lock import LOCK, RunLock
from mesode.output.ranks import only_on_rank_zero, writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Any

    from mpi4py import MPI

_FILES = (
    "manifest.json",
    "config.yaml",
    "materials.yaml",
    "timeseries.bdf.csv",
    "particles.csv",
    "cycles.csv",
    "impedance.csv",
    "analysis.csv",
    "analysis.json",
    "log.txt",
    ".room",
    "mesh/model.msh",
    "mesh/quality.json",
    "mesh/geometry.png",
    "fields/mesh.h5",
    *(f"fields/{group.value}.xdmf" for group in Group),
)
# names with a number, in their folders; each file is written beside its place, as .NAME.part
_NUMBERED = {
    "fields": re.compile(r"step_\d{4,}\.h5"),
    "figures": re.compile(r"analysis_\w+\.png|animation\.(gif|mp4)"),
    "mesh": re.compile(r"model\.\w+|segmentation\.png"),
    "checkpoint": re.compile(r"checkpoint_\d{6,}\.npz|mesh\.npz|journal"),
}
_PART = re.compile(r"\.(.+)\.part")
_FORMER = ".former"
_FOLDERS = ("mesh", "fields", "figures")  # made for each run


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where the parts of a run lie."""

    path: Path

    @property
    def manifest(self) -> Path:
        """How the run ended, and everything about it that is not a series."""
        return self.path / "manifest.json"

    @property
    def config(self) -> Path:
        """The resolved input; runs again as it is."""
        return self.path / "config.yaml"

    @property
    def materials(self) -> Path:
        """Every value and law that the run was computed with."""
        return self.path / "materials.yaml"

    @property
    def timeseries(self) -> Path:
        """The time series: rows at the time steps and between them."""
        return self.path / "timeseries.bdf.csv"

    @property
    def particles(self) -> Path:
        """One line for each particle at the end of each step."""
        return self.path / "particles.csv"

    @property
    def cycles(self) -> Path:
        """One line for each cycle."""
        return self.path / "cycles.csv"

    @property
    def impedance(self) -> Path:
        """One line for each frequency of each spectrum."""
        return self.path / "impedance.csv"

    @property
    def log(self) -> Path:
        """Messages with time and level."""
        return self.path / "log.txt"

    @property
    def mesh(self) -> Path:
        """Mesh, its quality and its picture."""
        return self.path / "mesh"

    @property
    def fields(self) -> Path:
        """XDMF series."""
        return self.path / "fields"

    @property
    def checkpoint(self) -> Path:
        """Where a run that was ended goes on from."""
        return self.path / "checkpoint"

    @property
    def figures(self) -> Path:
        """PNG files."""
        return self.path / "figures"


def claim_folder(path: Path, lock: RunLock, config: str, *, force: bool = False) -> RunFolder:
    """Make a folder, lock it and make it ready; of two runs that try at once one is refused.

    Raises:
        OutputError: the folder cannot be used, or a live process runs in it; nothing is changed.
    """
    make_folder(path)
    try:
        lock.acquire()
        return prepare_folder(path, config, force=force)
    except BaseException:
        lock.release()
        remove_empty(path)
        raise


def prepare_folder(path: Path, config: str, *, force: bool = False) -> RunFolder:
    """Make a run folder ready and write the resolved input into it; the caller has its lock.

    Args:
        path: The folder, which is there.
        config: Resolved YAML of the case.
        force: Set aside what an earlier run wrote there.

    Raises:
        OutputError: the folder holds something, is a file, or cannot be written to.
    """
    folder = RunFolder(path)
    with writing(path):
        bring_back(path)  # a run that died before it began
        if force:
            _set_aside(path)
        elif any(found.name != LOCK for found in path.iterdir()):
            msg = f"{path}: {_content(path)}; choose another folder with --out, or overwrite it "
            raise OutputError(msg + "with --force")
        try:
            for name in _FOLDERS:
                (path / name).mkdir(exist_ok=True)
            folder.config.write_text(config, encoding="utf-8")
        except OSError:
            with suppress(OSError):
                _remove_run(path)
            bring_back(path)
            raise
    return folder


def make_folder(path: Path) -> None:
    """Make the folder itself, with its parents.

    Raises:
        OutputError: a file stands there, its name is not valid UTF-8, or it cannot be made.
    """
    try:
        str(path).encode()
    except UnicodeEncodeError:
        shown = str(path).encode(errors="backslashreplace").decode()
        raise OutputError(f"{shown}: the name is not valid UTF-8; choose another --out") from None
    with writing(path):
        if path.exists() and not path.is_dir():
            msg = f"{path}: a file stands where a folder is needed; choose another --out"
            raise OutputError(msg)
        path.mkdir(parents=True, exist_ok=True)


def discard_folder(folder: RunFolder) -> None:
    """Remove what a run that has not begun wrote, and bring back what was there before."""
    with writing(folder.path):
        _remove_run(folder.path)
        bring_back(folder.path)


def remove_empty(path: Path) -> None:
    """Remove a folder with nothing in it."""
    with suppress(OSError):
        path.rmdir()


def has_former(path: Path) -> bool:
    """Tell whether the results of an earlier run are set aside."""
    return (path / _FORMER).is_dir()


class FormerResults:
    """Observer that removes the results of an earlier run when the new one begins (collective)."""

    def __init__(self, path: Path, comm: MPI.Intracomm) -> None:
        self._path, self._comm = path, comm

    def start(self, _cell: Any) -> None:
        """Remove them."""
        only_on_rank_zero(self._comm, self._remove)

    def point(self, _point: Any) -> None:
        """Nothing to do."""

    def step_end(self, _result: Any) -> None:
        """Nothing to do."""

    def finish(self) -> None:
        """Nothing to do."""

    def _remove(self) -> None:
        with writing(self._path):
            if has_former(self._path):
                _remove_run(self._path / _FORMER)
                remove_empty(self._path / _FORMER)


def _content(path: Path) -> str:
    if (path / "manifest.json").exists() or (path / "timeseries.bdf.csv").exists():
        return "holds the results of an earlier run"
    return "the folder is not empty"


def _set_aside(path: Path) -> None:
    for file in list(_run_files(path)):
        _move(file, path / _FORMER / file.relative_to(path))


def bring_back(path: Path) -> None:
    """Put what was set aside to its place again, instead of what a run has begun to write there."""
    former = path / _FORMER
    if not former.is_dir():
        return
    _remove_run(path)
    files = [file for file in former.rglob("*") if not file.is_dir()]
    for file in files:
        _move(file, path / file.relative_to(former))
    for folder in (*(former / name for name in (*_FOLDERS, "checkpoint")), former):
        remove_empty(folder)


def _move(file: Path, place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    file.rename(place)


def _remove_run(path: Path) -> None:
    for file in list(_run_files(path)):
        file.unlink()
    for name in (*_FOLDERS, "checkpoint"):
        remove_empty(path / name)


def _run_files(path: Path) -> Iterator[Path]:
    """Yield the files in a folder that a run wrote."""
    names = {*_FILES, *(f"figures/{name}" for name in _figures(path))}
    yield from (path / name for name in sorted(names) if (path / name).is_file())
    for name in ("", *_FOLDERS, "checkpoint"):
        inner = path / name
        for file in inner.iterdir() if inner.is_dir() else ():
            part = _PART.fullmatch(file.name)
            place = f"{name}/{part[1] if part else file.name}".lstrip("/")
            numbered = name in _NUMBERED and _NUMBERED[name].fullmatch(place.partition("/")[2])
            if (numbered and place not in names) or (part and place in names):
                yield file


def _figures(path: Path) -> list[str]:
    """Return the names of the figures that a run has drawn, as its manifest tells."""
    try:
        found = read_json(path / "manifest.json").get("figures", [])
    except InputError:
        return []
    return [name for name in found if isinstance(name, str) and "/" not in name and name != ".."]
