"""``mesode.analyse``: run folders, studies and measured CSV, evaluated by the methods of papers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mesode.analysis import style
from mesode.analysis.lab.drawings import draw_all
from mesode.analysis.lab.findings import CSV, JSON, as_csv, as_json, as_text, figure_name
from mesode.analysis.lab.measured import read_measured
from mesode.analysis.lab.methods import METHODS
from mesode.analysis.lab.settings import Settings
from mesode.analysis.lab.simulated import ELECTRODE, read_run
from mesode.analysis.lab.source import Given, Source
from mesode.analysis.run_data import open_run
from mesode.analysis.study_table import is_study_folder, read_study
from mesode.errors import InputError, OutputError, Problem
from mesode.evaluate.circuit import parse
from mesode.evaluate.finite_diffusion import BODIES
from mesode.materials.names import nearest
from mesode.units import QuantityError, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from mesode.analysis.lab.findings import Evaluation

#: What a user may tell of a sample: name -> dimension, and the fields of `Given` that it sets.
QUANTITIES: Final[dict[str, tuple[str, Callable[[float], dict[str, Any]]]]] = {
    "area": ("area", lambda A: {"areas": {ELECTRODE: A}}),
    "mass": ("mass", lambda mass: {"mass": mass}),
    "length": ("length", lambda L: {"lengths": {"as given": L}}),
    "radius": ("length", lambda R: {"radius": R}),
    "concentration": ("concentration", lambda C: {"concentrations": {"as given": C}}),
    "temperature": ("temperature", lambda T: {"T": T}),
}


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found: evaluations by sample, and what methods that were asked for lack."""

    samples: Mapping[str, tuple[Evaluation, ...]]
    lacking: tuple[str, ...] = ()

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """Return the evaluations of all samples."""
        return tuple(each for found in self.samples.values() for each in found)

    def __getitem__(self, method: str) -> Evaluation:
        # of the first sample that has it
        for each in self.evaluations:
            if each.method == method:
                return each
        raise KeyError(method)

    def text(self) -> str:
        """Return tables for the screen."""
        lines: list[str] = []
        for sample, evaluations in self.samples.items():
            lines += [f"=== {sample}", ""] if len(self.samples) > 1 else []
            for each in evaluations:
                lines += [*as_text(each), ""]
        return "\n".join([*lines, *self.lacking]).rstrip()

    def write(self, folder: str | Path) -> list[Path]:
        """Write ``analysis.csv``, ``analysis.json`` and figures; return what was written.

        Raises:
            OutputError: the folder cannot be written.
        """
        folder = Path(folder)
        texts = {CSV: as_csv(self.evaluations), JSON: as_json(self.evaluations)}
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for name, text in texts.items():
                (folder / name).write_text(text, encoding="utf-8")
            figures = self._draw(folder / "figures")
        except OSError as error:
            msg = f"{folder}: cannot be written: {error.strerror}; choose another --out"
            raise OutputError(msg) from error
        return [*(folder / name for name in texts), *figures]

    def _draw(self, folder: Path) -> list[Path]:
        """Draw what was found, in place of what an earlier call has drawn."""
        for old in folder.glob(f"{figure_name('*')}.png"):
            old.unlink()
        written = []
        with style.house_style():
            for k, evaluations in enumerate(self.samples.values()):
                for method, figure in draw_all(evaluations).items():
                    written.append(style.save(figure, folder / f"{figure_name(method, k)}.png"))
        return written


def analyse(
    *paths: str | Path,
    what: Sequence[str] = (),
    circuit: str | None = None,
    shape: str | None = None,
    electrons: int = 1,
    **given: str,
) -> Analysis:
    """Evaluate run folders, studies and measured CSV.

    Args:
        paths: Folders and files; those of one sample (alike in all but protocol and temperature)
            are evaluated together.
        what: Names of methods; all where it is empty.
        circuit: Of the fits of impedances, such as ``R0-p(R1,CPE1)-Wo2``.
        shape: What the particles are: slab, cylinder or sphere.
        electrons: For each of what diffuses, in Randles-Sevcik.
        given: Quantities with their unit: ``area`` of the electrode, ``mass`` of active material,
            ``length`` L of GITT, ``radius``, ``concentration`` C, ``temperature``. They take the
            place of those of a run.

    Raises:
        InputError: a path, a method, a quantity or the content of a file is wrong; all are told.
    """
    methods = _methods(what)
    if circuit is not None:
        parse(circuit)
    values = _values(given, shape)
    sources = _sources(paths, values)
    settings = Settings(circuit, electrons)
    samples: dict[str, tuple[Evaluation, ...]] = {}
    for members in _grouped(sources).values():
        found = [METHODS[name].find(members, settings) for name in methods]
        if told := tuple(each for each in found if each is not None):
            samples[_unlike(_sample_name(members), samples)] = told
    have = {each.method for found in samples.values() for each in found}
    lacking = [f"{n}: nothing found, it needs {METHODS[n].needs}" for n in methods if n not in have]
    if not have:
        problems = [Problem(n, "", f"nothing found, it needs {METHODS[n].needs}") for n in methods]
        raise InputError(problems, ", ".join(str(path) for path in paths))
    return Analysis(samples, tuple(lacking) if what else ())


def _methods(what: Sequence[str]) -> list[str]:
    problems = []
    for name in what:
        if name not in METHODS:
            close = nearest(name, tuple(METHODS))
            hint = f"Did you mean {close[0]}?" if close else ""
            expected = f"expected one of {', '.join(METHODS)}"
            problems.append(Problem("what", repr(name), expected, hint))
    if problems:
        raise InputError(problems)
    return list(what) or list(METHODS)


def _values(given: Mapping[str, str], shape: str | None) -> dict[str, Any]:
    """Return what was given in SI, as fields of `Given`."""
    fields: dict[str, Any] = {}
    problems = []
    for name, text in given.items():
        if name not in QUANTITIES:
            problems.append(Problem(name, text, f"expected one of {', '.join(QUANTITIES)}"))
            continue
        dimension, into = QUANTITIES[name]
        try:
            value = parse_quantity(text, dimension)
        except QuantityError as error:
            problems.append(Problem(name, text, error.expected, error.hint))
            continue
        if value <= 0.0:
            problems.append(Problem(name, text, "expected a value above 0"))
        fields |= into(value)
    if shape is not None and shape not in BODIES:
        problems.append(Problem("shape", shape, f"expected one of {', '.join(BODIES)}"))
    if problems:
        raise InputError(problems)
    return fields if shape is None else {**fields, "body": BODIES[shape]}


def _sources(paths: Sequence[str | Path], values: Mapping[str, Any]) -> list[Source]:
    """Return the sources of all paths; what is wrong with any of them is told at once."""
    found: list[Source] = []
    problems: list[Problem] = []
    for given in map(Path, paths):
        try:
            expanded = _expanded(given)
        except InputError as error:
            problems += error.problems
            continue
        for path in expanded:
            try:
                found.append(_source(path, values))
            except InputError as error:
                problems += [replace(each, path=_place(path, each)) for each in error.problems]
    if problems:
        raise InputError(problems)
    return found


def _place(path: Path, problem: Problem) -> str:
    return problem.path if str(path) in problem.path else f"{path}: {problem.path}"


def _expanded(path: Path) -> list[Path]:
    """Return run folders and files: a study is the folders of its cases.

    Raises:
        InputError: there is nothing, or a study in which no case has run.
    """
    if not path.exists():
        reason = "expected a run folder, a study folder or a CSV file, there is nothing"
        raise InputError([Problem(str(path), "", reason)])
    if not is_study_folder(path):
        return [path]
    folders = [path / str(name) for name in read_study(path).rows["folder"]]
    ran = [folder for folder in folders if (folder / "manifest.json").is_file()]
    if not ran:
        hint = "Run it with mesode study FILE"
        raise InputError([Problem(str(path), "", "no case of this study has run", hint)])
    return ran


def _source(path: Path, values: Mapping[str, Any]) -> Source:
    if path.is_file():
        return read_measured(path, replace(Given(), **values))
    run = read_run(open_run(path), path.resolve().name)
    return replace(run, given=replace(run.given, **values))


def _grouped(sources: Sequence[Source]) -> dict[str, list[Source]]:
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.group, []).append(source)
    return groups


def _unlike(name: str, taken: Mapping[str, object]) -> str:
    """Return a name that is not taken: files of two folders may have the same."""
    return name if name not in taken else _unlike(f"{name}'", taken)


def _sample_name(members: Sequence[Source]) -> str:
    others = f" and {len(members) - 1} more" if len(members) > 1 else ""
    return f"{members[0].name}{others}"
