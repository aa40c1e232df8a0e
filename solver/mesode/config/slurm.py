"""The profile of a cluster: what ``mesode study --slurm PROFILE`` tells Slurm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import StringConstraints, ValidationError

from mesode.config.base import Block, entry
from mesode.config.load import read_text
from mesode.config.problems import to_problems
from mesode.config.quantities import Quantity
from mesode.config.yamltext import read_yaml
from mesode.errors import InputError, Problem

if TYPE_CHECKING:
    from pathlib import Path

Memory = Annotated[str, StringConstraints(pattern=r"^\d+[KMGT]$")]
WallTime = Annotated[float, Quantity(dimension="time", low="1 s", high="8760 h")]


class SlurmProfile(Block):
    """What each case of a study asks of the cluster."""

    partition: str | None = entry("Partition; default: that of the cluster.", None)
    account: str | None = entry("Account that is charged.", None)
    time: WallTime = entry("Wall time of one case, e.g. `2 h`.", "1 h")
    margin: WallTime = entry(
        "How long before the end of the wall time a case is asked to stop with a checkpoint.",
        "2 min",
    )
    memory: Memory | None = entry("Memory of one case, e.g. `4G`.", None)
    ranks: int = entry("Processes of one case (MPI).", 1, ge=1, le=4096, strict=True)
    max_running: int | None = entry("Most cases that run at once.", None, ge=1, strict=True)
    requeue: bool = entry(
        "Requeue a case that runs out of wall time; it continues from its checkpoint.",
        default=True,
    )
    modules: tuple[str, ...] = entry("Environment modules to load.", ())
    setup: tuple[str, ...] = entry("Further lines of shell before a case.", ())
    launcher: str | None = entry(
        "Command that starts the ranks with the MPI of the site, e.g. `srun --mpi=pmi2 -n {ranks}`;"
        " default: the mpirun beside the Python interpreter.",
        None,
    )
    options: tuple[str, ...] = entry("Further options of sbatch, e.g. `--constraint=cpu`.", ())


def load_profile(path: Path) -> SlurmProfile:
    """Read a profile.

    Raises:
        InputError: every problem of the file.
    """
    data = read_yaml(read_text(path), str(path)) or {}
    if not isinstance(data, dict):
        expected = "expected a mapping with keys partition, time, memory, modules"
        raise InputError([Problem(str(path), "", expected)], str(path))
    try:
        return SlurmProfile.model_validate(data)
    except ValidationError as error:
        problems = to_problems(error.errors(include_url=False), data, SlurmProfile)
        raise InputError(problems, str(path)) from None
