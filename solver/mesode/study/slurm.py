"""Cases of a study as an array job of Slurm: one case a task, one script, nothing else.

A task runs ``mesode study case DIR NUMBER``, the same as a local worker does. Slurm sends SIGTERM a
margin before the wall time is over: the case stops with a checkpoint, and goes back into the queue
where the profile says so. What waits or runs already is not submitted again.
"""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from mesode.errors import InputError, OutputError, Problem
from mesode.output.ranks import writing
from mesode.study.files import read_json, write_json, write_whole
from mesode.study.slurm_queue import REQUEUE, is_queued

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from mesode.config.slurm import SlurmProfile
    from mesode.study.store import Record, Store

FOLDER, JOBS = "slurm", "jobs.json"
_LARGEST_INDEX = 1000  # Slurm's default MaxArraySize is 1001
_PATIENCE = 60.0  # [s] for a command of Slurm


def submit(
    store: Store, records: Sequence[Record], profile: SlurmProfile, flags: Sequence[str] = ()
) -> list[str]:
    """Submit cases as array jobs and a last job that writes the tables; return the job numbers.

    Args:
        store: The study.
        records: Cases to submit; those that wait or run already must be left out.
        profile: What a case asks of the cluster.
        flags: Options that each ``mesode study case`` gets.

    Raises:
        InputError: Slurm is not here, or refuses the job; its words are in the message.
        OutputError: the folder cannot be written.
    """
    _require("sbatch")
    folder = store.path / FOLDER
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    known = read_json(folder / JOBS)
    jobs = []
    for offset, chunk in _chunks(records):
        path = folder / f"array_{offset}.sh"
        write_whole(path, array_script(store, chunk, offset, profile, flags))
        job = _sbatch(path)
        jobs.append(job)
        known |= {str(record.number): f"{job}_{record.number - offset}" for record in chunk}
        write_json(folder / JOBS, known)
    if jobs:
        path = folder / "collect.sh"
        write_whole(path, collect_script(store, profile))
        jobs.append(_sbatch(path, f"--dependency=afterany:{':'.join(jobs)}"))
    return jobs


def _chunks(records: Sequence[Record]) -> list[tuple[int, list[Record]]]:
    """Group cases by the thousand: the indices of an array are bounded."""
    groups: dict[int, list[Record]] = {}
    for record in records:
        groups.setdefault((record.number - 1) // _LARGEST_INDEX * _LARGEST_INDEX, []).append(record)
    return sorted(groups.items())


def array_script(
    store: Store,
    records: Sequence[Record],
    offset: int,
    profile: SlurmProfile,
    flags: Sequence[str] = (),
) -> str:
    """Return the script of an array job; the index of a task is the case's number - ``offset``."""
    folder = store.path.resolve()
    indices = ranges([record.number - offset for record in records])
    limit = f"%{profile.max_running}" if profile.max_running else ""
    lines = [
        *_header(store, profile, f"{folder / FOLDER}/%A_%a.log"),
        f"#SBATCH --array={indices}{limit}",
        f"#SBATCH --ntasks={profile.ranks}",
        f"#SBATCH --time={minutes(profile.time)}",
        f"#SBATCH --signal=B:TERM@{round(min(profile.margin, 0.5 * profile.time))}",
        "#SBATCH --open-mode=append",
        "#SBATCH --requeue" if profile.requeue else "#SBATCH --no-requeue",
        *([f"#SBATCH --mem={profile.memory}"] if profile.memory else []),
        *_environment(profile),
        f"number=$((SLURM_ARRAY_TASK_ID + {offset}))",
        # the shell gives way, so that the signal reaches the case
        f"exec {_mesode()} study case {shlex.quote(str(folder))} $number "
        + " ".join(["--ranks", str(profile.ranks), *flags]),
    ]
    return "\n".join(lines) + "\n"


def collect_script(store: Store, profile: SlurmProfile) -> str:
    """Return the script of the job that writes the tables once all cases have ended."""
    folder = store.path.resolve()
    lines = [
        *_header(store, profile, f"{folder / FOLDER}/collect_%j.log"),
        "#SBATCH --ntasks=1",
        "#SBATCH --time=10",
        *_environment(profile),
        f"{_mesode()} study collect {shlex.quote(str(folder))} || true",
    ]
    return "\n".join(lines) + "\n"


def _header(store: Store, profile: SlurmProfile, output: str) -> list[str]:
    given = {"partition": profile.partition, "account": profile.account}
    return [
        "#!/bin/bash",
        f"#SBATCH --job-name={store.path.resolve().name.replace(' ', '_')}",
        f"#SBATCH --output={output.replace(' ', '\\ ')}",
        *(f"#SBATCH --{key}={value}" for key, value in given.items() if value),
        *(f"#SBATCH {option}" for option in profile.options),
    ]


def _environment(profile: SlurmProfile) -> list[str]:
    lines = ["", *(f"module load {shlex.quote(name)}" for name in profile.modules), *profile.setup]
    lines.append("export OMP_NUM_THREADS=1")
    if profile.requeue:
        lines.append(f"export {REQUEUE}=1")
    if profile.launcher:
        lines.append(f"export MESODE_LAUNCHER={shlex.quote(profile.launcher)}")
    return lines


def _mesode() -> str:
    return f"{shlex.quote(sys.executable)} -m mesode.cli"


def minutes(seconds: float) -> str:
    """Return a wall time as Slurm reads it: minutes:seconds."""
    whole = max(round(seconds), 1)
    return f"{whole // 60}:{whole % 60:02d}"


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers as Slurm reads them: ``1-3,7``."""
    parts: list[list[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


# --- what waits and runs


def in_queue(store: Store, record: Record) -> str:
    """Return the job of a case that waits or runs, nothing where there is none."""
    job = str(read_json(store.path / FOLDER / JOBS).get(str(record.number), ""))
    return job if job and is_queued(job) else ""


def _require(program: str) -> None:
    if shutil.which(program) is None:
        hint = "Call this on a machine that submits to the cluster, or leave out --slurm"
        raise InputError([Problem("--slurm", "", f"{program} was not found", hint)])


def _sbatch(path: Path, *options: str) -> str:
    command = ["sbatch", "--parsable", *options, str(path)]
    try:
        done: Any = subprocess.run(command, capture_output=True, text=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError) as error:
        raise OutputError(f"{path}: sbatch did not answer: {error}") from error
    if done.returncode != 0:
        problem = Problem("--slurm", str(path), f"sbatch refused the job: {done.stderr.strip()}")
        raise InputError([problem])
    return str(done.stdout).strip().partition(";")[0]
