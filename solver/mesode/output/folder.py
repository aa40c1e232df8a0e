"""The run folder: made ready before anything is computed, never overwritten without being told.

With ``force`` only files that a run writes are removed; whatever else lies there stays.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.errors import OutputError
from mesode.fields import Group
from mesode.output.lock import check_unlocked
from mesode.output.ranks import writing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FILES = (
    "manifest.json",
    "config.yaml",
    "materials.yaml",
    "timeseries.bdf.csv",
    "particles.csv",
    "cycles.csv",
    "log.txt",
    "run.lock",
    ".room",
    "mesh/model.msh",
    "mesh/quality.json",
    "mesh/geometry.png",
    "fields/mesh.h5",
    *(f"fields/{group.value}.xdmf" for group in Group),
)
_PATTERNS = ("figures/*.png", "fields/step_*.h5", "fields/*.part", "*.part")
_FOLDERS = ("mesh", "fields", "figures")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where the parts of a run lie."""

    path: Path

    @property
    def manifest(self) -> Path:
        """How the run ended, and everything about it that is no series."""
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
        """One line for each accepted time step."""
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


def prepare_folder(path: Path, config: str, *, force: bool = False) -> RunFolder:
    """Make an empty run folder and write the resolved input into it.

    Args:
        path: The folder; made with its parents where absent.
        config: Resolved YAML of the case.
        force: Remove what an earlier run wrote there.

    Raises:
        OutputError: the folder holds something, is a file, cannot be written to, or a live
            process runs in it.
    """
    folder = RunFolder(path)
    with writing(path):
        _check_free(path, force=force)
        path.mkdir(parents=True, exist_ok=True)
        for name in _FOLDERS:
            (path / name).mkdir(exist_ok=True)
        folder.config.write_text(config, encoding="utf-8")
    return folder


def discard_folder(folder: RunFolder) -> None:
    """Remove what a run wrote, and the folder if nothing else is in it."""
    with writing(folder.path):
        _remove_run(folder.path)
        if not any(folder.path.iterdir()):
            folder.path.rmdir()


def _check_free(path: Path, *, force: bool) -> None:
    if path.is_dir():
        check_unlocked(path)
        if force:
            _remove_run(path)
        elif any(path.iterdir()):
            msg = f"{path}: {_content(path)}; choose another folder with --out, or overwrite it "
            raise OutputError(msg + "with --force")
    elif path.exists():
        msg = f"{path}: a file stands where a folder is needed; choose another --out"
        raise OutputError(msg)


def _content(path: Path) -> str:
    if (path / "manifest.json").exists() or (path / "timeseries.bdf.csv").exists():
        return "holds the results of an earlier run"
    return "the folder is not empty"


def _remove_run(path: Path) -> None:
    for file in _run_files(path):
        file.unlink()
    if (path / "checkpoint").is_dir():
        shutil.rmtree(path / "checkpoint")
    for name in _FOLDERS:
        inner = path / name
        if inner.is_dir() and not any(inner.iterdir()):
            inner.rmdir()


def _run_files(path: Path) -> Iterator[Path]:
    yield from (path / name for name in _FILES if (path / name).is_file())
    for pattern in _PATTERNS:
        yield from path.glob(pattern)
