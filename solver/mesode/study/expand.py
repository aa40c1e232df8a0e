"""From a study file to its cases: each with its parameters, checked, all problems at once."""

from __future__ import annotations

import itertools
import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from mesode.config.dump import case_hash
from mesode.config.load import parse_case, read_text
from mesode.config.problems import to_problems
from mesode.config.study import MOST_CASES, StudyFile
from mesode.config.yamltext import read_yaml
from mesode.errors import InputError, Problem
from mesode.study.design import Level, column_values, levels, sample_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mesode.config.case import Case

_MOST_SHOWN = 20  # problems of cases; a wrong base gives the same ones in every case
type Point = dict[str, Level]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What differs between the cases: path in the file, column of the tables, unit, kind."""

    path: str
    column: str
    unit: str
    kind: str  # "factor", "sample" or "seed"


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyCase:
    """One case: values of the parameters as the tables show them, the case, its hash."""

    values: tuple[Any, ...]
    case: Case
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """A study file and its cases, in order; equal cases stand once."""

    file: StudyFile
    name: str
    design: str  # "grid", "lhs", "sobol" or "random"
    parameters: tuple[Parameter, ...]
    cases: tuple[StudyCase, ...]


def is_study(path: Path) -> bool:
    """Tell whether a YAML file is a study: it has a base, which no case has."""
    data = read_yaml(read_text(path), str(path))
    return isinstance(data, dict) and "base" in data


def load_study_file(path: Path) -> StudyFile:
    """Read a study file.

    Raises:
        InputError: every problem of the file itself.
    """
    return parse_study(read_yaml(read_text(path), str(path)), str(path))


def parse_study(data: Any, source: str = "") -> StudyFile:
    """Return a study from plain data.

    Raises:
        InputError: every problem found.
    """
    if not isinstance(data, dict):
        expected = "expected a mapping with keys base, vary, sample, repeat, collect"
        raise InputError([Problem(source or "the study", "", expected)], source)
    if "geometry" in data and "base" not in data:
        hint = f"Run it with: mesode run {source}"
        raise InputError([Problem(source, "", "this is a single case, not a study", hint)])
    try:
        return StudyFile.model_validate(data)
    except ValidationError as error:
        problems = to_problems(error.errors(include_url=False), data, StudyFile)
        raise InputError(problems, source) from None


def expand_file(path: Path) -> Expansion:
    """Return the cases of a study file.

    Raises:
        InputError: every problem of the study and of its cases.
    """
    return expand(load_study_file(path), folder=path.parent, name=path.stem)


def expand(file: StudyFile, *, folder: Path, name: str = "study") -> Expansion:
    """Return the cases of a study; ``base`` is looked for in ``folder``.

    Raises:
        InputError: every problem of the study and of its cases.
    """
    base = _base(file, folder)
    points, paths = _points(file)
    cases, kept = _cases(file, base, points)
    parameters, columns = [], []
    for path, kind in paths.items():
        values, unit = column_values([point[path].shown for point in kept])
        label = _names(file).get(path) or path
        column = f"{label} / {unit}" if unit and " / " not in label else label
        parameters.append(Parameter(path=path, column=column, unit=unit, kind=kind))
        columns.append(values)
    rows = list(zip(*columns, strict=True)) or [() for _ in cases]
    return Expansion(
        file=file,
        name=name,
        design=file.sample.method if file.sample else "grid",
        parameters=tuple(parameters),
        cases=tuple(
            StudyCase(values=row, case=case, hash=found)
            for row, (found, case) in zip(rows, cases, strict=True)
        ),
    )


@dataclass(frozen=True, slots=True)
class _Base:
    """The base case as plain data, its name for messages, the folder of files that it names."""

    data: dict[str, Any]
    source: str
    folder: Path


def _base(file: StudyFile, folder: Path) -> _Base:
    if isinstance(file.base, dict):
        return _Base(file.base, "base", folder)
    path = Path(folder, file.base)
    data = read_yaml(read_text(path), str(path))
    if not isinstance(data, dict):
        raise InputError([Problem("base", str(path), "expected a case, a mapping of keys")])
    return _Base(data, str(path), path.parent)


def _names(file: StudyFile) -> dict[str, str | None]:
    specs: dict[str, Any] = {**file.vary, **(file.sample.keys if file.sample else {})}
    return {path: spec.name for path, spec in specs.items()}


def _points(file: StudyFile) -> tuple[list[Point], dict[str, str]]:
    """Return the value of each key in each case, and the kind of each key."""
    axes = [*_varied(file)]
    kinds = dict.fromkeys((path for axis in axes for path in axis[0]), "factor")
    problems = []
    if file.sample:
        axes.append(sample_points(file.sample))
        problems += _twice(file.sample.keys, kinds, "sample.keys")
        kinds |= dict.fromkeys(file.sample.keys, "sample")
    if file.repeat:
        key = file.repeat.key
        axes.append([{key: Level(seed, seed)} for seed in file.repeat.numbers()])
        problems += _twice([key], kinds, "repeat.key")
        kinds[key] = "seed"
    if problems:
        raise InputError(problems, "the study")
    total = math.prod(len(axis) for axis in axes)
    if total > MOST_CASES:
        text = f"{' x '.join(str(len(axis)) for axis in axes)} = {total:.3g} cases"
        hint = "Vary fewer keys, or take a sample of them (sample.n)"
        problem = Problem("vary", text, f"expected at most {MOST_CASES} cases", hint)
        raise InputError([problem], "the study")
    points = [_merge(parts) for parts in itertools.product(*axes)]
    return points, kinds


def _twice(keys: Any, known: dict[str, str], where: str) -> list[Problem]:
    return [Problem(where, key, "this key is varied already") for key in keys if key in known]


def _merge(parts: Sequence[Point]) -> Point:
    return {path: level for part in parts for path, level in part.items()}


def _varied(file: StudyFile) -> list[list[Point]]:
    """Return an axis of points for each key of ``vary``, one for each group that goes together."""
    problems: list[Problem] = []
    found: dict[str, list[Level]] = {}
    for path, spec in file.vary.items():
        try:
            found[path] = levels(path, spec)
        except InputError as error:
            problems += [Problem(f"vary.{p.path}", p.value, p.expected) for p in error.problems]
    for number, group in enumerate(file.zip):
        lengths = {path: len(found.get(path, ())) for path in group}
        if len(set(lengths.values())) > 1 and not problems:
            text = ", ".join(f"{path}: {n}" for path, n in lengths.items())
            problems.append(Problem(f"zip[{number}]", text, "expected as many values of each key"))
    if problems:
        raise InputError(problems, "the study")
    group_of = {path: group for group in file.zip for path in group}
    axes, done = [], set()
    for path in found:
        group = group_of.get(path, (path,))
        if group not in done:
            done.add(group)
            rows = zip(*(found[key] for key in group), strict=True)
            axes.append([dict(zip(group, row, strict=True)) for row in rows])
    return axes


def _cases(
    file: StudyFile, base: _Base, points: list[Point]
) -> tuple[list[tuple[str, Case]], list[Point]]:
    """Return hash and case of each point, equal ones once, and the points that are left."""
    cases: dict[str, Case] = {}
    kept, problems = [], dict[Problem, list[int]]()
    for number, point in enumerate(points, 1):
        given = {**file.set, **{path: level.given for path, level in point.items()}}
        try:
            changes = [_override(key, value) for key, value in given.items()]
            case = parse_case(base.data, base.source, changes, base.folder, tuple(given))
        except InputError as error:
            for each in error.problems:
                problems.setdefault(each, []).append(number)
            continue
        found = case_hash(case)
        if found not in cases:
            cases[found] = case.model_copy(update={"title": _title(file, case, point)})
            kept.append(point)
    if problems:
        shown = [_in_cases(p, n, len(points)) for p, n in problems.items()]
        raise InputError(shown[:_MOST_SHOWN], f"the cases of the study (base: {base.source})")
    return list(cases.items()), kept


def _override(path: str, value: Any) -> str:
    return f"{path}={json.dumps(value, ensure_ascii=False)}"


def _in_cases(one: Problem, numbers: list[int], total: int) -> Problem:
    if len(numbers) == total:
        return one
    first = ", ".join(str(n) for n in numbers[:5]) + (", ..." if len(numbers) > 5 else "")
    return Problem(one.path, one.value, f"{one.expected} (case {first})", one.hint)


def _title(file: StudyFile, case: Case, point: Point) -> str:
    names = _names(file)
    values = ", ".join(
        f"{names.get(path) or path.rpartition('.')[2]} {level.shown}"
        for path, level in point.items()
    )
    return ": ".join(text for text in (file.title or case.title, values) if text)
