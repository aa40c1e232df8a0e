"""A drive cycle: current, power or voltage as a function of time, from a CSV file or a table.

{profile: {csv: drive.csv, columns: [time, current], unit: mA/cm2}, until: ['< 10 mV', '> 1 V']}

Values are positive on discharge. Between the points they go on straight lines, or with
``interpolation: steps`` each stays until the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic_core import PydanticCustomError

from mesode.config.base import findings_of
from mesode.config.fragments import UNITS, is_quantity
from mesode.config.points import csv_points, to_si, yaml_points
from mesode.config.steps import Profile, StepError, unknown_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.config.steps import ControlUnit, Termination

PROFILE: Final = "profile"
KEYS: Final = ("csv", "table", "columns", "time", "unit", "interpolation")
INTERPOLATIONS: Final = ("linear", "steps")
MOST_POINTS: Final = 100_000
_EXAMPLE: Final = "Write {profile: {csv: drive.csv, columns: [time, current], unit: mA/cm2}}"
_C_RATE: Final = "C"
#: Dimension of the values: what the terminal holds.
_KINDS: Final[dict[str, Literal["current", "power", "voltage"]]] = {
    "current_density": "current",
    "specific_current": "current",
    "current": "current",
    "power_density": "power",
    "power": "power",
    "voltage": "voltage",
}


def parse_profile(
    block: Any, duration: float | None, until: tuple[Termination, ...], period: float | None
) -> Profile:
    """Return the step of a drive cycle.

    Args:
        block: What stands under ``profile``; a file is known by its path.
        duration: At which it is cut off [s], None for all of it.
        until: What ends it earlier.
        period: Longest time step [s].

    Raises:
        StepError: it makes no sense.
    """
    if not isinstance(block, dict):
        raise StepError("expected a mapping", _EXAMPLE, (PROFILE,))
    _check_keys(block)
    points = _points(block)
    kind, unit, values = _values(block, [y for _, y in points])
    times = _times(block, [x for x, _ in points])
    source = block.get("csv", f"table of {len(points)} points")
    name = str(source).rsplit("/", maxsplit=1)[-1]
    return Profile(
        control="profile",
        value=0.0,
        unit=unit,
        sign=0,
        duration=times[-1] if duration is None else min(duration, times[-1]),
        until=until,
        period=period,
        text=f"Profile of {kind}, {name}",
        held=kind,
        times=times,
        values=values,
        linear=block.get("interpolation", INTERPOLATIONS[0]) == INTERPOLATIONS[0],
    )


def _check_keys(block: Mapping[Any, Any]) -> None:
    if unknown := unknown_keys(block, KEYS, (PROFILE,)):
        raise unknown[0]
    if ("csv" in block) == ("table" in block):
        raise StepError("expected one of csv and table", _EXAMPLE, (PROFILE,))
    word = block.get("interpolation", INTERPOLATIONS[0])
    if word not in INTERPOLATIONS:
        text = f"expected one of {', '.join(INTERPOLATIONS)}"
        raise StepError(text, "", (PROFILE, "interpolation"))


def _points(block: Mapping[Any, Any]) -> tuple[tuple[float, float], ...]:
    columns = block.get("columns", ())
    if columns and "table" in block:
        text = "no effect: the columns are those of a CSV file, and this is a table"
        raise StepError(text, "Take this out", (PROFILE, "columns"))
    if not isinstance(columns, list | tuple) or len(columns) not in (0, 2):
        raise StepError("expected the columns of time and value", _EXAMPLE, (PROFILE, "columns"))
    try:
        table = block.get("table")
        found = yaml_points(table) if table is not None else csv_points(str(block["csv"]), columns)
    except PydanticCustomError as error:
        first = findings_of(error, (PROFILE,))[0]
        raise StepError(first.expected, first.hint, first.path) from None
    if len(found) > MOST_POINTS:
        text = f"expected at most {MOST_POINTS} points, found {len(found)}"
        raise StepError(text, "", (PROFILE,))
    return found


def _values(
    block: Mapping[Any, Any], numbers: list[float]
) -> tuple[Literal["current", "power", "voltage"], ControlUnit, tuple[float, ...]]:
    """Return what is held, the unit of the step, and the values in it."""
    unit = block.get("unit")
    if unit == _C_RATE:
        return "current", "C", tuple(numbers)
    for dimension, kind in _KINDS.items():
        if isinstance(unit, str) and is_quantity(f"1 {unit}", dimension):
            return kind, UNITS[dimension], tuple(to_si(numbers, unit, dimension))
    hint = "e.g. unit: mA/cm2, A/g, C (C-rate), A, mW/cm2, W or V"
    raise StepError("expected the unit of a current, a power or a voltage", hint, (PROFILE, "unit"))


def _times(block: Mapping[Any, Any], numbers: list[float]) -> tuple[float, ...]:
    unit = block.get("time", "s")
    if not isinstance(unit, str) or not is_quantity(f"1 {unit}", "time"):
        raise StepError("expected the unit of a time", "e.g. time: min", (PROFILE, "time"))
    times = tuple(to_si(numbers, unit, "time"))
    where = (PROFILE, "table" if "table" in block else "csv")
    if times[0] != 0.0:
        hint = "Take the first time off all of them"
        raise StepError(f"expected times from 0 on, the first is {numbers[0]:g}", hint, where)
    for k in range(1, len(times)):
        if times[k] <= times[k - 1]:
            text = f"expected times that increase, point {k + 1} has {numbers[k]:g} after "
            raise StepError(f"{text}{numbers[k - 1]:g}", "Sort them, and keep one of each", where)
    return times
