"""Points of a law: from the YAML file or from a CSV file, checked."""

from __future__ import annotations

import csv
import itertools
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from mesode.config.base import problem
from mesode.errors import InputError
from mesode.inputs import read_text
from mesode.units import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mesode.config.base import Path as Place
    from mesode.config.quantities import Quantity

    type Points = tuple[tuple[float, float], ...]

_FEWEST: Final = 2
_MOST_NAMES = 8  # of columns in a message
_DELIMITERS: Final = (";", "\t", ",")


def yaml_points(points: Any) -> Points:
    """Return the pairs of numbers that stand under ``table``."""
    if not isinstance(points, list | tuple) or len(points) < _FEWEST:
        raise problem("expected at least two points, e.g. [[0, 1], [1, 2]]", path=("table",))
    return tuple(_pair(index, point) for index, point in enumerate(points))


def _pair(index: int, point: Any) -> tuple[float, float]:
    path: Place = ("table", index)
    if not isinstance(point, list | tuple) or len(point) != len(("x", "y")):
        raise problem("expected a pair of numbers", path=path)
    for column, number in enumerate(point):
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise problem("expected a number without unit", path=(*path, column))
        if not math.isfinite(number):
            raise problem("expected a finite number", path=(*path, column))
    return float(point[0]), float(point[1])


def csv_points(file: str, columns: Sequence[str | int]) -> Points:
    """Return two columns of a CSV file, by name or by number from 1; none given: the first two.

    Columns are set apart by semicolon, tab, comma or spaces; a line that begins with # is a remark.
    """
    rows = _rows(Path(file))
    header = next((row for _, row in rows if not all(_is_number(cell) for cell in row)), None)
    if header is not None and header is not rows[0][1]:
        number = next(n for n, row in rows if row is header)
        raise problem(f"expected numbers in line {number} of the file", path=("csv",))
    body = rows[1:] if header is not None else rows
    if len(body) < _FEWEST:
        raise problem("expected at least two lines of numbers in the file", path=("csv",))
    places = [_column(each, header, k) for k, each in enumerate(columns or (1, 2))]
    return tuple(_values(number, row, places) for number, row in body)


def _rows(path: Path) -> list[tuple[int, list[str]]]:
    """Return the lines of a file that are not remarks, each with its number, split into cells."""
    try:
        lines = read_text(path).splitlines()
    except InputError as error:
        raise problem(error.problems[0].expected, error.problems[0].hint, ("csv",)) from None
    used = [
        (n, line) for n, line in enumerate(lines, 1) if line.strip() and line.lstrip()[0] != "#"
    ]
    if not used:
        raise problem("expected a file with numbers, this one is empty", path=("csv",))
    delimiter = next((mark for mark in _DELIMITERS if mark in used[0][1]), None)
    return [(number, _cells(line, delimiter)) for number, line in used]


def _cells(line: str, delimiter: str | None) -> list[str]:
    if delimiter is None:
        return line.split()
    try:
        cells = next(csv.reader([line], delimiter=delimiter))
    except csv.Error:  # a null byte, a cell without end
        cells = line.split(delimiter)
    # with semicolons a comma is a decimal one
    return [cell.strip().replace(",", ".") if delimiter == ";" else cell.strip() for cell in cells]


def _is_number(cell: str) -> bool:
    try:
        return math.isfinite(float(cell))
    except ValueError:
        return not cell


def _column(wanted: str | int, header: list[str] | None, place: int) -> int:
    """Return the index of a column."""
    path: Place = ("columns", place)
    names = header or []
    if isinstance(wanted, int):
        if wanted < 1 or (names and wanted > len(names)):
            raise problem(f"expected the number of a column, from 1 to {len(names)}", path=path)
        return wanted - 1
    if header is None:
        hint = "Name columns by number, from 1"
        raise problem("the file has no line with names of columns", hint, path)
    if wanted not in names:
        shown = ", ".join(f"'{name}'" for name in names[:_MOST_NAMES])
        raise problem("expected the name of a column", f"The file has {shown}", path)
    return names.index(wanted)


def _values(number: int, row: list[str], places: list[int]) -> tuple[float, float]:
    cells = [row[place] if place < len(row) else "" for place in places]
    if not all(cell and _is_number(cell) for cell in cells):
        text = f"expected two finite numbers in line {number} of the file"
        raise problem(text, f"It has '{'; '.join(row)[:60]}'", ("csv",))
    return float(cells[0]), float(cells[1])


def check_points(points: Points, key: str, of: str, quantity: Quantity, unit: str) -> None:
    """Raise where points make no law: x does not increase, a value is out of range."""
    for index, y in enumerate(to_si([y for _, y in points], unit, quantity.dimension)):
        if not quantity.contains(y):
            path = (key, index, 1) if key == "table" else (key,)
            where = "" if key == "table" else f", point {index + 1} of the file is {y:g} (SI)"
            raise problem(f"expected a value {quantity.range()}{where}", path=path)
    _check_increase([x for x, _ in points], key)
    low, high = points[0][0], points[-1][0]
    if of == "sto" and not -_ROUNDING <= low < high <= 1.0 + _ROUNDING:
        hint = "A lithiation in % is divided by 100; a capacity by the one at full lithiation"
        text = f"expected lithiations from 0 to 1, they go from {low:g} to {high:g}"
        raise problem(text, hint, (key,))


_ROUNDING: Final = 1e-6


def _check_increase(x: list[float], key: str) -> None:
    wrong = next((k for k, (a, b) in enumerate(itertools.pairwise(x), 1) if b <= a), None)
    if wrong is None:
        return
    path: Place = (key, wrong, 0) if key == "table" else (key,)
    expected = f"expected the first column to increase, point {wrong + 1} has {x[wrong]:g} after "
    raise problem(f"{expected}{x[wrong - 1]:g}", _mend(x, wrong), path)


def _mend(x: list[float], wrong: int) -> str:
    """Return how points whose first column does not increase are mended."""
    if all(b < a for a, b in itertools.pairwise(x)):
        return "It decreases throughout: reverse the order of the points"
    repeated = sum(1 for a, b in itertools.pairwise(sorted(x)) if a == b)
    if x[wrong] == x[wrong - 1] and all(b >= a for a, b in itertools.pairwise(x)):
        return "Where several points share a place, keep one of them, or their mean"
    more = f", and put one point in place of those that share a place ({repeated})"
    return f"Sort the points by the first column{more if repeated else ''}"


def to_si(values: Sequence[float], unit: str, dimension: str) -> Iterator[float]:
    """Yield numbers of a unit in SI."""
    # One by one as text where they are few, so that 0.1 mV is 1e-4 V to the last digit.
    if len(values) <= _EXACT:
        return (parse_quantity(f"{value!r} {unit}", dimension) for value in values)
    factor = parse_quantity(f"1 {unit}", dimension)
    return (value * factor for value in values)


_EXACT: Final = 1000
