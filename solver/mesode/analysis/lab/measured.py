"""Measured CSV: the columns of the Battery Data Format, read strictly, all faults told at once.

A file is one of these, by its columns:

    a record      ``Test Time / s``, ``Voltage / V``, ``Current / A`` (positive charges the cell)
    spectra       ``Frequency / Hz``, ``Real Impedance / ohm``, ``Imaginary Impedance / ohm``
                  (negative where charge is stored)
    resistances   ``Temperature / degC``, ``Resistance / ohm``
    Raman         ``Raman Shift / cm-1``

The names of the format for machines (``test_time_second``) are read, too.

Source: Battery Data Alliance, Battery Data Format, ontology 1.3.0.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from mesode.analysis.lab.source import Source, Spectrum
from mesode.columns import CURRENT, CYCLE, FREQUENCY, STEP, TIME, VOLTAGE, split
from mesode.columns import TEMPERATURE as _SURFACE
from mesode.constants import ZERO_CELSIUS
from mesode.errors import InputError, Problem
from mesode.evaluate.record import Record
from mesode.inputs import MOST_DATA, read_text
from mesode.materials.names import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence, Sized
    from pathlib import Path

    import numpy.typing as npt

    from mesode.analysis.lab.source import Given

    type FloatArray = npt.NDArray[np.float64]

REAL, IMAGINARY = "Real Impedance / ohm", "Imaginary Impedance / ohm"
TEMPERATURE, RESISTANCE, RAMAN = "Temperature / degC", "Resistance / ohm", "Raman Shift / cm-1"
_AMBIENT = "Ambient Temperature / degC"
_KINDS: Final = (
    (TIME, VOLTAGE, CURRENT),
    (FREQUENCY, REAL, IMAGINARY),
    (TEMPERATURE, RESISTANCE),
    (RAMAN,),
)
_OPTIONAL: Final = (STEP, CYCLE, _AMBIENT, _SURFACE)
_MACHINE: Final = {
    "test_time_second": TIME, "voltage_volt": VOLTAGE, "current_ampere": CURRENT,
    "step_count": STEP, "cycle_count": CYCLE, "ambient_temperature_celsius": _AMBIENT,
    "temperature_t1_celsius": _SURFACE,
}  # fmt: skip
_KINDS_TOLD: Final = "A file has " + "; or ".join(", ".join(map(repr, kind)) for kind in _KINDS)
_SAVE = "Save it with ',' between columns and '.' in numbers"
_LEAST_ROWS = 2
_POSITIVE = 0.8  # of the imaginary parts: they are written as -Im Z


@dataclass(frozen=True, slots=True)
class _Table:
    """The names of the columns, the rows as texts, and the line of the file that each stands in."""

    names: list[str]
    rows: list[list[str]]
    lines: list[int]


def read_measured(path: Path, given: Given) -> Source:
    """Return what a CSV file holds.

    Args:
        path: The file.
        given: What is known of the sample; a temperature in the file takes the place of its own.

    Raises:
        InputError: it is none of the kinds, or its columns are faulty; tells all of it.
    """
    table = _table(path)
    line = _line_of_names(table)
    if line is not None:
        reason = f"the names of the columns come only in line {line}"
        hint = f"Leave out the {_many(range(line - 1), 'line')} above them"
        raise InputError([Problem("rows", "", reason, hint)], str(path))
    kind = _kind(table.names)
    problems = _missing(table.names, kind)
    columns, faults = _numbers(table, kind)
    problems += faults
    if not problems:
        problems = _order(columns, kind, table.lines)
    if problems:
        raise InputError(problems, str(path))
    return _source(path, columns, given)


def _table(path: Path) -> _Table:
    """Return a file as texts; lines that are blank have no row."""
    lines = read_text(path, MOST_DATA).replace("\r", "\n").splitlines()
    first, *more = [line for line in lines if line.strip()] or [""]
    if len(more) < _LEAST_ROWS:
        reason = f"expected a line of names and at least {_LEAST_ROWS} rows of numbers"
        raise InputError([Problem("rows", str(len(more)), reason)], str(path))
    for mark, word in ((";", "semicolons"), ("\t", "tabs")):
        if mark in first and "," not in first:
            problem = Problem("columns", f"{word} between them", "expected commas", f"{_SAVE}")
            raise InputError([problem], str(path))
    reader = csv.reader(lines)
    try:
        read = [(reader.line_num, row) for row in reader if any(map(str.strip, row)) or row[1:]]
    except csv.Error as error:
        problem = Problem("rows", "", f"this is no table: {error}", _SAVE)
        raise InputError([problem], str(path)) from None
    (_, header), *body = read
    names = [_MACHINE.get(name.strip(), name.strip()) for name in header]
    return _Table(names, [row for _, row in body], [line for line, _ in body])


def _kind(names: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the kind of which most are there, by label, the first of equals."""
    labels = {split(name)[0].lower() or name.lower() for name in names}
    return max(_KINDS, key=lambda kind: sum(split(name)[0].lower() in labels for name in kind))


def _line_of_names(table: _Table) -> int | None:
    """Return the line in which the names of the columns come late, None where they do not."""
    known = {*(name for kind in _KINDS for name in kind), *_MACHINE}
    if known.intersection(table.names):
        return None
    pairs = zip(table.lines, table.rows, strict=True)
    return next((n for n, row in pairs if known.intersection(map(str.strip, row))), None)


def _missing(names: Sequence[str], kind: Sequence[str]) -> list[Problem]:
    problems = []
    for name, count in Counter(names).items():
        if count > 1 and name in (*kind, *_OPTIONAL):
            problems.append(Problem("columns", repr(name), f"this column is there {count} times"))
    for wanted in kind:
        if wanted in names:
            continue
        label, unit = split(wanted)
        same = [name for name in names if (split(name)[0] or name).lower() == label.lower()]
        if same and not split(same[0])[1]:
            hint = f"Name it '{wanted}' if its numbers are in {unit}"
            problems.append(Problem(f"column '{same[0]}'", "", "its unit is missing", hint))
        elif same:
            hint = f"Convert its numbers to {unit}, or mend the name"
            problems.append(Problem("columns", repr(same[0]), f"expected '{wanted}'", hint))
        else:
            strange = [name for name in names if name not in (*kind, *_OPTIONAL)]
            close = nearest(wanted, strange, cutoff=0.5)
            hint = _KINDS_TOLD
            if close:
                found = " or ".join(repr(each) for each in close)
                hint = f"Is it {found}? Name it '{wanted}' if its numbers are in {unit}"
            problems.append(Problem("columns", "", f"'{wanted}' is missing", hint))
    return problems


def _numbers(table: _Table, kind: Sequence[str]) -> tuple[dict[str, FloatArray], list[Problem]]:
    """Return the columns that are there as numbers, and what is none."""
    names, rows, lines = table.names, table.rows, table.lines
    uneven = [k for k, row in enumerate(rows) if len(row) != len(names)]
    if uneven:
        cells = len(rows[uneven[0]])
        found = f"{cells} cells in line {lines[uneven[0]]}"
        hint = "Decimal commas make two cells of one number: write '.' in numbers"
        if cells < len(names):
            hint = "Complete such rows, or leave them out"
        reason = f"expected {len(names)} cells in each line, others in {_many(uneven, 'line')}"
        return {}, [Problem("rows", found, reason, hint)]
    columns, problems = {}, []
    for place, name in enumerate(names):
        if name not in (*kind, *_OPTIONAL):
            continue
        values = np.array([_number(row[place]) for row in rows])
        wrong = np.flatnonzero(~np.isfinite(values))
        if len(wrong):
            text = rows[wrong[0]][place].strip()
            hint = _mend(name, text)
            reason = f"no number in {_many(wrong, 'cell')}, first in line {lines[wrong[0]]}"
            problems.append(Problem(f"column '{name}'", repr(text), reason, hint))
        columns[name] = values
    return columns, problems


def _mend(name: str, text: str) -> str:
    """Return what to do about a cell that is no number."""
    if name == TIME and ":" in text:
        return "Write the seconds since the begin of the test, not a date or a clock's time"
    if "," in text and np.isfinite(_number(text.replace(",", ""))):
        return "Write numbers with a decimal point, and nothing between thousands"
    return "Leave out such rows"


def _many(found: Sized, what: str) -> str:
    return f"{len(found)} {what}" if len(found) == 1 else f"{len(found)} {what}s"


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")


def _order(
    columns: Mapping[str, FloatArray], kind: Sequence[str], lines: Sequence[int]
) -> list[Problem]:
    """Tell times out of order, and frequencies that are none."""
    if kind[0] == TIME:
        return _times(columns[TIME], columns.get(STEP), lines)
    if kind[0] == FREQUENCY:
        return _frequencies(columns)
    if kind[0] == TEMPERATURE and (columns[RESISTANCE] <= 0.0).any():
        return [Problem(f"column '{RESISTANCE}'", "", "expected numbers above 0")]
    return []


def _times(t: FloatArray, step: FloatArray | None, lines: Sequence[int]) -> list[Problem]:
    difference, problems = np.diff(t), []
    back = np.flatnonzero(difference < 0.0)
    if len(back):
        where = lines[back[0] + 1]
        reason = f"time goes back in {_many(back, 'row')}, first in line {where}"
        hint = "Sort the rows by time; let the time of appended files go on"
        problems.append(Problem(f"column '{TIME}'", f"{t[back[0] + 1]:g}", reason, hint))
    switched = np.zeros(len(difference), dtype=bool) if step is None else np.diff(step) != 0.0
    same = np.flatnonzero((difference == 0.0) & ~switched)
    if len(same):
        where = lines[same[0] + 1]
        reason = f"{_many(same, 'row')} with the time of the row before, first in line {where}"
        hint = "Keep one row for each time; two may stand where 'Step Count / 1' changes"
        problems.append(Problem(f"column '{TIME}'", f"{t[same[0]]:g}", reason, hint))
    return problems


def _frequencies(columns: Mapping[str, FloatArray]) -> list[Problem]:
    f, problems = columns[FREQUENCY], []
    if (f <= 0.0).any():
        problems.append(
            Problem(f"column '{FREQUENCY}'", f"{f.min():g}", "expected numbers above 0")
        )
    if np.mean(columns[IMAGINARY] > 0.0) > _POSITIVE:
        reason = "nearly all are positive; the format counts what stores charge as negative"
        hint = "Write Im Z, not −Im Z"
        problems.append(Problem(f"column '{IMAGINARY}'", "", reason, hint))
    step = columns.get(STEP, np.zeros_like(f))
    if len(np.unique(np.column_stack([step, f]), axis=0)) < len(f):
        hint = "Give each spectrum a number of its own in 'Step Count / 1'"
        problems.append(Problem(f"column '{FREQUENCY}'", "", "a frequency is there twice", hint))
    return problems


def _source(path: Path, columns: Mapping[str, FloatArray], given: Given) -> Source:
    name = path.name.removesuffix(".csv").removesuffix(".bdf")
    for each in (_SURFACE, _AMBIENT):
        if each in columns:
            given = replace(given, T=float(columns[each].mean()) + ZERO_CELSIUS)
    source = Source(name, given, columns=columns)
    if TIME in columns:
        record = Record(
            columns[TIME], columns[VOLTAGE], -columns[CURRENT], columns.get(STEP)
        )  # the format: positive charges
        return replace(source, record=record)
    if FREQUENCY in columns:
        return replace(source, spectra=_spectra(columns, given.T))
    return source


def _spectra(columns: Mapping[str, FloatArray], T: float) -> tuple[Spectrum, ...]:
    f, Z = columns[FREQUENCY], columns[REAL] + 1j * columns[IMAGINARY]
    step = columns.get(STEP)
    if step is None:
        return (Spectrum("spectrum", f, Z, T),)
    return tuple(
        Spectrum(f"step {number:.0f}", f[step == number], Z[step == number], T)
        for number in np.unique(step)
    )
