"""The folder of a study: what its cases are, and how each of them stands.

``study.json`` holds the cases with their numbers, which never change; ``cases.csv`` is the same for
people. How a case stands is read from its own folder: the manifest of the run is the truth, and
``attempt.json`` tells what the manifest cannot: a case that was refused, ran out of time, or died.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from mesode.analysis.run_data import TIMESERIES
from mesode.analysis.study_table import STUDY
from mesode.config.dump import dump_case
from mesode.errors import InputError, OutputError, Problem
from mesode.output.manifest import UNFINISHED
from mesode.output.ranks import writing
from mesode.study.files import last_line, read_json, write_json, write_whole
from mesode.study.lock import LOCK, is_alive

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from mesode.study.expand import Expansion

_SAME = 1e-6  # relative difference of times that is none
_BY_SIGNAL = (
    "SIGTERM received",
    "SIGINT received",
    "SIGHUP received",
)  # ends of the reason of a run
CASES, ATTEMPT, INPUT = "cases.csv", "attempt.json", "input.yaml"


class CaseStatus(StrEnum):
    """How a case stands."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    STOPPED = "stopped"  # early, with a reason of its own
    FAILED = "failed"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"  # the study was stopped
    KILLED = "killed"

    @property
    def open(self) -> bool:
        """Whether it is run without being asked for."""
        return self in (CaseStatus.PENDING, CaseStatus.INTERRUPTED, CaseStatus.KILLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A case of a study: its number, its hash, the values of the parameters."""

    number: int
    hash: str
    values: tuple[Any, ...]

    @property
    def name(self) -> str:
        """Name of its folder."""
        return f"{self.number:04d}"


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a case stands, why, and what it left behind."""

    status: CaseStatus
    reason: str = ""
    manifest: Mapping[str, Any] = field(default_factory=dict)
    attempt: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """The folder of a study with its cases."""

    path: Path
    title: str
    design: str
    parameters: tuple[Mapping[str, str], ...]  # path, column, unit, kind
    collect: Mapping[str, Any] | None
    records: tuple[Record, ...]

    def folder(self, record: Record) -> Path:
        """Return the run folder of a case."""
        return self.path / "cases" / record.name

    def state(self, record: Record) -> State:
        """Return how a case stands."""
        folder = self.folder(record)
        manifest, attempt = read_json(folder / "manifest.json"), read_json(folder / ATTEMPT)
        manifest = manifest if manifest.get("config_hash") == record.hash else {}
        attempt = attempt if attempt.get("hash") == record.hash else {}
        status, reason = judge(manifest, attempt)
        if status is CaseStatus.COMPLETED:
            fault = _cut_off(folder, manifest) or _left_behind(folder, attempt)
            status, reason = (CaseStatus.INTERRUPTED, fault) if fault else (status, reason)
        return State(status=status, reason=reason, manifest=manifest, attempt=attempt)


def has_checkpoint(folder: Path) -> bool:
    """Tell whether a case has a checkpoint: one that is complete has none."""
    return any(folder.glob("checkpoint/checkpoint_*.npz"))


def _left_behind(folder: Path, attempt: Mapping[str, Any]) -> str:
    """Tell whether a case was killed between its results and its figures."""
    if has_checkpoint(folder) and not is_alive(attempt.get("process", {})):
        return "it was killed before its figures were drawn"
    return ""


def _cut_off(folder: Path, manifest: Mapping[str, Any]) -> str:
    """Tell what is wrong where the time series of a complete run ends before the run did."""
    steps = manifest.get("steps")
    if not steps:
        return ""
    try:
        end = float(last_line(folder / TIMESERIES).partition(",")[0])
    except (OSError, ValueError):
        return "its time series is lost"
    try:
        late = float(steps[-1]["t_end"])
    except (LookupError, TypeError, ValueError):
        return "its manifest is damaged"
    if end < late * (1.0 - _SAME):
        return f"its time series is damaged: it ends at {end:g} s, the run at {late:g} s"
    return ""


def judge(manifest: Mapping[str, Any], attempt: Mapping[str, Any]) -> tuple[CaseStatus, str]:
    """Return status and reason of a case from its manifest and from the last attempt at it."""
    ended, reason = manifest.get("status"), str(manifest.get("reason", ""))
    outcome, why = attempt.get("outcome"), str(attempt.get("reason", ""))
    if ended == "completed":
        return CaseStatus.COMPLETED, reason
    if attempt and outcome is None and is_alive(attempt.get("process", {})):
        return CaseStatus.RUNNING, ""
    if outcome in (CaseStatus.TIMEOUT, CaseStatus.INTERRUPTED, CaseStatus.KILLED):
        return CaseStatus(outcome), why
    if ended == "stopped":
        # without an outcome: the study died before it could say so
        by_signal = outcome is None and reason.endswith(_BY_SIGNAL)
        return (CaseStatus.INTERRUPTED if by_signal else CaseStatus.STOPPED), reason
    if ended == "failed" and reason != UNFINISHED:
        return CaseStatus.FAILED, reason
    if outcome == CaseStatus.FAILED:
        return CaseStatus.FAILED, why
    if outcome == CaseStatus.COMPLETED:
        return CaseStatus.INTERRUPTED, "its results are from another input: was mesode updated?"
    if ended or attempt:
        return CaseStatus.INTERRUPTED, "the study ended before the case did"
    return CaseStatus.PENDING, ""


def prepare_store(path: Path, expansion: Expansion) -> Store:
    """Make the folder of a study, or bring one up to date with its file.

    A case keeps its number; a new one gets the next. What is no longer a case of the file keeps its
    folder and its number, and is not a row of the tables.

    Raises:
        OutputError: the folder cannot be written, or holds something else.
    """
    _check_place(path)
    known = {hash_: int(number) for hash_, number in _content(path).get("numbers", {}).items()}
    records = []
    for case in expansion.cases:
        number = known.setdefault(case.hash, max(known.values(), default=0) + 1)
        records.append(Record(number=number, hash=case.hash, values=case.values))
    collect = expansion.file.collect
    content = {
        "title": expansion.file.title or expansion.name,
        "design": expansion.design,
        "parameters": [
            {"path": p.path, "column": p.column, "unit": p.unit, "kind": p.kind}
            for p in expansion.parameters
        ],
        "collect": None if collect is None else {k: v.model_dump() for k, v in collect.items()},
        "cases": [{"number": r.number, "hash": r.hash, "values": r.values} for r in records],
        "numbers": known,
    }
    with writing(path):
        path.mkdir(parents=True, exist_ok=True)
    write_json(path / STUDY, content)
    store = open_store(path)
    write_whole(path / CASES, _table(store))
    for record, case in zip(records, expansion.cases, strict=True):
        _put_config(store.folder(record), dump_case(case.case))
    return store


def _check_place(path: Path) -> None:
    if path.is_dir():
        strange = [p.name for p in path.iterdir() if p.name != LOCK and not p.name.startswith(".")]
        if strange and STUDY not in strange:
            raise OutputError(f"{path}: the folder holds no study; choose another --out")
    elif path.exists():
        raise OutputError(f"{path}: a file stands where a folder is needed; choose another --out")


def _put_config(folder: Path, text: str) -> None:
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    if not (folder / INPUT).is_file() or (folder / INPUT).read_text("utf-8") != text:
        write_whole(folder / INPUT, text)
    if not (folder / "config.yaml").is_file():
        write_whole(folder / "config.yaml", text)


def _table(store: Store) -> str:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["case", "config hash", *(p["column"] for p in store.parameters)])
    writer.writerows([r.name, r.hash, *r.values] for r in store.records)
    return stream.getvalue()


def _content(path: Path) -> dict[str, Any]:
    return read_json(path / STUDY)


def open_store(path: Path) -> Store:
    """Open the folder of a study.

    Raises:
        InputError: there is no study in it.
    """
    content = _content(path)
    if not content:
        hint = "`mesode study FILE --out DIR` makes one"
        raise InputError([Problem(str(path), "", f"expected the folder of a study, {STUDY}", hint)])
    try:
        return _store(path, content)
    except (KeyError, TypeError, AttributeError):
        hint = "Run it again into another folder: mesode study FILE --out DIR"
        raise InputError([Problem(str(path / STUDY), "", "the file is damaged", hint)]) from None


def _store(path: Path, content: Mapping[str, Any]) -> Store:
    return Store(
        path=path,
        title=content["title"],
        design=content["design"],
        parameters=tuple(content["parameters"]),
        collect=content["collect"],
        records=tuple(
            Record(number=c["number"], hash=c["hash"], values=tuple(c["values"]))
            for c in content["cases"]
        ),
    )
