"""The values of a key and the points of a sample, with their units."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.errors import InputError, Problem
from mesode.units import DIMENSIONS, QuantityError, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from mesode.config.study import Interval, Sample, Values

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*)", re.DOTALL)
_SPACED = 6  # digits of a value between two ends: more than any parameter is known to
_CONVERTED = 12  # digits of a converted value: free of rounding noise


@dataclass(frozen=True, slots=True)
class Level:
    """A value of a key: ``given`` goes into the case, ``shown`` into the tables."""

    given: Any
    shown: Any


def levels(key: str, spec: Values) -> list[Level]:
    """Return the values of a key.

    Raises:
        InputError: the ends of a range are not numbers of one unit.
    """
    found = list(spec.values or ())
    if spec.range is not None:
        first, last, unit = _ends(key, spec.range[:2])
        found = [_join(x, unit) for x in np.linspace(first, last, spec.range[2])]
        found = _whole(found, spec.range[:2])
    elif spec.logrange is not None:
        first, last, unit = _ends(key, spec.logrange[:2], log=True)
        found = [_join(x, unit) for x in np.geomspace(first, last, spec.logrange[2])]
    return [_level(value, spec.into) for value in found]


def _whole(found: list[Any], ends: Sequence[Any]) -> list[Any]:
    """Return whole numbers where the ends are whole and all others too."""
    if all(type(end) is int for end in ends) and all(float(x).is_integer() for x in found):
        return [int(x) for x in found]
    return found


def sample_points(sample: Sample) -> list[dict[str, Level]]:
    """Return the points of a sample, the same for the same seed.

    Raises:
        InputError: the ends of an interval are not numbers of one unit.
    """
    share = unit_points(sample.method, sample.n, len(sample.keys), sample.seed)
    columns = {}
    for k, (key, interval) in enumerate(sample.keys.items()):
        columns[key] = _stretch(key, interval, share[:, k])
    return [{key: column[i] for key, column in columns.items()} for i in range(sample.n)]


def unit_points(method: str, n: int, dimension: int, seed: int) -> npt.NDArray[np.float64]:
    """Return n points in the unit cube, shape (n, dimension)."""
    from scipy.stats import qmc

    rng = np.random.default_rng(seed)
    if method == "lhs":
        return np.asarray(qmc.LatinHypercube(dimension, rng=rng).random(n))
    if method == "sobol":
        # drawn as the power of two above, which needs no warning, and cut
        exponent = int(np.ceil(np.log2(n)))
        return np.asarray(qmc.Sobol(dimension, rng=rng).random_base2(exponent))[:n]
    return rng.random((n, dimension))


def _stretch(key: str, interval: Interval, share: npt.NDArray[np.float64]) -> list[Level]:
    log = interval.log is not None
    low, high, unit = _ends(key, interval.log or interval.linear or (), log=log)
    values = low * (high / low) ** share if log else low + (high - low) * share
    return [_level(_join(x, unit), interval.into) for x in values]


def _level(value: Any, into: str | None) -> Level:
    return Level(value if into is None else into.replace("{}", str(value)), value)


def _join(number: float, unit: str) -> Any:
    number = float(f"{number:.{_SPACED}g}")
    if not unit:
        return number
    short = f"{number:g}"
    return f"{short if float(short) == number else repr(number)} {unit}"


def _ends(key: str, ends: Sequence[Any], *, log: bool = False) -> tuple[float, float, str]:
    """Return both ends as numbers in the unit of the first, and the unit."""
    parts = [split_quantity(end) for end in ends]
    if any(part is None for part in parts):
        raise _bad(key, ends, "expected two numbers, or two quantities such as '0.2 GPa'")
    (first, unit), (last, other) = parts  # type: ignore[misc]
    converted = convert(last, other, unit)
    if converted is None:
        raise _bad(key, ends, f"'{unit}' and '{other}' are not units of one quantity")
    if not math.isfinite(first) or not math.isfinite(converted):
        raise _bad(key, ends, "expected finite numbers")
    if log and not (first > 0.0 and converted > 0.0):
        raise _bad(key, ends, "expected positive numbers, of which there is a logarithm")
    return first, converted, unit


def _bad(key: str, ends: Sequence[Any], expected: str) -> InputError:
    return InputError([Problem(key, json.dumps(list(ends), ensure_ascii=False), expected)])


def split_quantity(value: Any) -> tuple[float, str] | None:
    """Return number and unit of a value, None where it is not a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value), ""
    match = _QUANTITY.fullmatch(value.strip()) if isinstance(value, str) else None
    return (float(match[1]), match[2]) if match else None


def convert(number: float, unit: str, wanted: str) -> float | None:
    """Return a number in another unit, None where the units are of different quantities."""
    if unit == wanted:
        return number
    for dimension in DIMENSIONS:
        try:
            zero, one = (parse_quantity(f"{x} {wanted}", dimension) for x in (0, 1))
            value = parse_quantity(f"{number!r} {unit}", dimension)
        except QuantityError:
            continue
        return float(f"{(value - zero) / (one - zero):.{_CONVERTED}g}")
    return None


def column_values(shown: Sequence[Any]) -> tuple[list[Any], str]:
    """Return the values of a parameter as a table holds them, and their unit.

    Quantities become numbers in the unit of the first; what is not a number becomes text.
    """
    parts = [split_quantity(value) for value in shown]
    if parts and all(part is not None for part in parts):
        unit = parts[0][1] if parts[0] else ""
        numbers = [convert(*part, unit) for part in parts if part is not None]
        if all(number is not None for number in numbers):
            whole = all(type(value) is int for value in shown)
            return ([int(x) for x in numbers if x is not None] if whole else numbers), unit
    return [_text(value) for value in shown], ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
