"""The words of a protocol step: verbs, values after ``at``, ends, periods, temperatures."""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Literal

from mesode.config.quantities import TEMPERATURES
from mesode.config.steps import StepError, Termination
from mesode.units import DIMENSIONS, QuantityError, parse_quantity, respelled, split_number

if TYPE_CHECKING:
    from mesode.config.steps import Control, ControlUnit, CurrentUnit

VERBS: Final[dict[str, Literal[-1, 0, 1]]] = {
    "lithiate": 1,
    "discharge": 1,
    "delithiate": -1,
    "charge": -1,
    "hold": 0,
    "rest": 0,
    "sweep": 0,
}
IMPEDANCE: Final = "impedance"
KINDS: Final = (*VERBS, IMPEDANCE)
ELECTRODE_VERBS: Final = ("lithiate", "delithiate")  # of the working electrode, not of the cell
EXAMPLES: Final = (
    "'Lithiate at 5 mA/cm2 until 10 mV', 'Rest for 1 hour', "
    "'Hold at 10 mV until C/50', 'Sweep at 1 mV/s until 1 V', "
    "'Impedance from 100 kHz to 10 mHz'"
)

# Bounds catch a slip of the unit; a current that no cell can carry is the business of the run.
_LIMITS: Final[dict[str, tuple[float, float]]] = {
    "A/m2": (0.0, 1e7),
    "A/kg": (0.0, 1e8),
    "C": (0.0, 1e5),
    "W/m2": (0.0, 1e8),
    "ohm m2": (0.0, 1e6),
    "A": (0.0, 1e6),
    "W": (0.0, 1e7),
    "ohm": (0.0, 1e9),
    "V/s": (0.0, 1e3),
    "s": (0.0, 10 * 365.25 * 86400),
    "C/kg": (0.0, 1e8),
    "Hz": (1e-7, 1e9),
}
_DIRECTION: Final = "The verb gives the direction: lithiate or delithiate"
_OF_NAMES: Final = "The values of {} stand in a for_each around its steps"
_NO_SIGN: Final = ("Hz", "s", "ohm m2", "ohm")  # of what has no direction
_VOLTAGES: Final = (-1.0, 6.0)
#: Unit of a step by the dimension of its value.
UNITS: Final[dict[str, ControlUnit]] = {
    "current_density": "A/m2",
    "specific_current": "A/kg",
    "power_density": "W/m2",
    "areal_resistance": "ohm m2",
    "current": "A",
    "power": "W",
    "resistance": "ohm",
    "voltage": "V",
    "voltage_rate": "V/s",
}

_C_RATE = re.compile(r"(?:(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)\s*)?C(?:\s*/\s*(\d+\.?\d*|\.\d+))?", re.I)
_SPOKEN_RATE = re.compile(
    r"(\d{1,6}(?:\.\d{1,6})?)\s*/\s*(\d{1,6}(?:\.\d{1,6})?)\s*C", re.IGNORECASE
)
_POWERS, _RESISTANCES = ("power_density", "power"), ("areal_resistance", "resistance")
_CELSIUS = re.compile(r"(?<=[\d ])oC$")  # as PyBaMM writes it
_MINUTES = re.compile(r"(?<=[\d. ])m$")  # nothing goes on for a metre
_SIDES: Final[dict[str, Literal[-1, 1]]] = {"<": -1, ">": 1}
_LITHIATION = re.compile(r"lithiation\s+(?:of\s+)?(.+)|(.+?)\s+lithiation", re.IGNORECASE)


def parse_verb(word: str) -> str:
    """Return the verb in lower case, or raise with the nearest known one."""
    verb = word.lower().rstrip(":,")
    if verb not in VERBS:
        near = difflib.get_close_matches(verb, KINDS, n=1)
        hint = f"Did you mean '{near[0].capitalize()}'? " if near else ""
        known = ", ".join(KINDS)
        raise StepError(
            f"'{word}' is not a step; expected one of {known}", f"{hint}Examples: {EXAMPLES}"
        )
    return verb


def parse_control(verb: str, text: str | None) -> tuple[Control, float, ControlUnit]:
    """Return control, value (SI) and unit of what stands after ``at``."""
    if verb == "rest":
        if text is not None:
            raise StepError(f"'at {text}' makes no sense in a rest", "Write 'Rest for 10 minutes'")
        return "rest", 0.0, ""
    if text is None:
        example = {"hold": "10 mV", "sweep": "0.1 mV/s"}.get(verb, "5 mA/cm2")
        raise StepError(f"'at <value>' is missing, e.g. '{verb} at {example}'")
    if verb == "hold":
        return "voltage", _voltage(text), "V"
    if verb == "sweep":
        return "sweep", _bounded(text, "voltage_rate"), "V/s"
    dimension = _dimension(text)
    if dimension in _POWERS:
        return "power", _bounded(text, dimension), UNITS[dimension]
    if dimension in _RESISTANCES:
        return "resistance", _bounded(text, dimension), UNITS[dimension]
    value, unit = _current(text)
    return "current", value, unit


def parse_end(text: str, *, only_time: bool = False) -> Termination | float:
    """Return the end of a step, or its duration [s]."""
    if only_time:
        return _time(text)
    if text[:1] in _SIDES:
        return _end_on_one_side(text)
    if _dimension(text) == "time":
        return _bounded(text, "time")
    if match := _LITHIATION.fullmatch(text):
        return lithiation_end(match[1] or match[2])
    if _dimension(text) == "voltage":
        return Termination(quantity="voltage", value=_voltage(text), unit="V")
    if _dimension(text) == "specific_capacity":
        value = _bounded(text, "specific_capacity")
        return Termination(quantity="specific_capacity", value=value, unit="C/kg")
    if _dimension(text) is None and not _C_RATE.fullmatch(text):
        _reject_end(text)
    value, unit = _current(text)
    return Termination(quantity="current", value=value, unit=unit)


def _end_on_one_side(text: str) -> Termination:
    side, rest = _SIDES[text[0]], text[1:].strip()
    charging = rest.startswith("-") and _dimension(rest) != "voltage"
    end = parse_end(rest.removeprefix("-") if charging else rest)
    if isinstance(end, float) or end.quantity not in ("voltage", "current"):
        hint = "A time, a capacity and a lithiation end a step in its own direction"
        raise StepError(f"expected a voltage or a current after '{text[0]}': '{rest}'", hint)
    return replace(end, side=side, value=-end.value if charging else end.value)


def given_end(value: Any, key: str) -> Termination | float | None:
    """Return the end under a key, text or {lithiation: 0.8}; None where it is neither.

    Raises:
        StepError: it makes no sense as an end; the path is the key.
    """
    if isinstance(value, dict) and list(value) == ["lithiation"]:
        value = f"lithiation {value['lithiation']}"
    if not isinstance(value, str):
        return None
    try:
        return parse_end(value)
    except StepError as error:
        raise StepError(error.expected, error.hint, (key,)) from None


def lithiation_end(text: str | float) -> Termination:
    """Return the end at a mean lithiation between 0 and 1."""
    value = _quantity(text, "ratio")
    if not 0.0 < value < 1.0:
        raise StepError(f"expected a lithiation between 0 and 1, '{text}' is not")
    return Termination(quantity="lithiation", value=value, unit="1")


def parse_period(text: str) -> float:
    """Return the time between two rows of output [s]."""
    return _time(text if re.match(r"\s*[\d.]", text) else f"1 {text}")


def parse_temperature(text: str) -> float:
    """Return a temperature [K], within what a case may have."""
    value = _quantity(_CELSIUS.sub("degC", text), "temperature")
    low, high = TEMPERATURES
    if not low <= value <= high:
        raise StepError(f"expected a temperature from {low:g} to {high:g} K: '{text}'")
    return value


def is_temperature(text: str) -> bool:
    """Tell whether a text is a temperature, whether it may be one of a cell or not."""
    return is_quantity(_CELSIUS.sub("degC", text), "temperature")


def time_words(text: str) -> str:
    """Return a time in words that mean it wherever an end may stand: m is min."""
    return _MINUTES.sub("min", text)


def _time(text: str) -> float:
    return _bounded(time_words(text), "time")


def parse_frequency(text: str) -> float:
    """Return a frequency [Hz]."""
    return _limited(_quantity(text, "frequency"), "Hz", text)


def _dimension(text: str) -> str | None:
    """Return the dimension of a quantity, None where it is none that a protocol knows."""
    for name in ("time", "specific_capacity", *UNITS):
        try:
            parse_quantity(text, name)
        except QuantityError:
            continue
        return name
    return None


def _current(text: str) -> tuple[float, CurrentUnit]:
    if match := _C_RATE.fullmatch(text):
        factor, divisor = float(match[1] or 1.0), float(match[2] or 1.0)
        if factor <= 0.0 or divisor <= 0.0:
            raise StepError(f"expected a C-rate above 0: '{text}'")
        return _limited(factor / divisor, "C", text), "C"
    if text.startswith("-") and _C_RATE.fullmatch(text[1:].strip()):
        raise StepError(f"expected a C-rate above 0: '{text}'", _DIRECTION)
    if is_quantity(text, "specific_current"):
        return _bounded(text, "specific_current"), "A/kg"
    if match := _SPOKEN_RATE.fullmatch(text):
        share = float(match[1]) / float(match[2]) if float(match[2]) else 0.0
        one = f"C/{match[2]}" if float(match[1]) == 1.0 else f"{share:.4g} C"
        raise StepError(f"'{text}' is not understood as a C-rate", f"Write '{one}'")
    if is_quantity(text, "current"):
        return _bounded(text, "current"), "A"
    return _bounded(text, "current_density"), "A/m2"


def is_quantity(text: str, dimension: str) -> bool:
    """Tell whether a text is a quantity of such a dimension."""
    try:
        parse_quantity(text, dimension)
    except QuantityError:
        return False
    return True


def _voltage(text: str) -> float:
    value = _quantity(text, "voltage")
    if not _VOLTAGES[0] <= value <= _VOLTAGES[1]:
        raise StepError(f"expected a voltage from {_VOLTAGES[0]:g} to {_VOLTAGES[1]:g} V: '{text}'")
    return value


def _bounded(text: str, dimension: str) -> float:
    unit = {"time": "s", "specific_capacity": "C/kg", **UNITS}[dimension]
    return _limited(_quantity(text, dimension), unit, text)


def _limited(value: float, unit: str, text: str) -> float:
    low, high = _LIMITS[unit]
    if value <= low:
        signed = value < 0.0 and unit not in _NO_SIGN
        above = f"{low:g} {unit}" if low else "0"
        raise StepError(f"expected a value above {above}: '{text}'", _DIRECTION if signed else "")
    if value > high:
        raise StepError(f"expected at most {high:g} {unit}: '{text}'")
    return value


def _quantity(text: str | float, dimension: str) -> float:
    try:
        return parse_quantity(text, dimension)
    except QuantityError as error:
        if isinstance(text, str) and (word := _stray_word(text)):
            raise StepError(f"'{word}' is not understood", f"Examples: {EXAMPLES}") from None
        expected = f"{error.expected}: '{text}'"
        name = str(text).startswith("$")
        raise StepError(expected, _OF_NAMES.format(text) if name else error.hint) from None


def _stray_word(text: str) -> str | None:
    """Return the first word after a good quantity, or None if there is no good beginning."""
    words = text.split()
    for count in range(len(words) - 1, 0, -1):
        head = " ".join(words[:count])
        with_unit = (name for name in DIMENSIONS if name != "ratio")
        if any(is_quantity(head, name) for name in with_unit) or _C_RATE.fullmatch(head):
            return words[count]
    return None


def _reject_end(text: str) -> None:
    if _SPOKEN_RATE.fullmatch(text):
        _current(text)
    number, unit = split_number(text)
    if number and (meant := respelled(unit)):
        hint = f"Did you mean '{number} {meant}'? Capitals matter in units"
        raise StepError(f"'{text}' is not an end of a step", hint)
    if word := _stray_word(text):
        raise StepError(f"'{word}' is not understood", f"Examples: {EXAMPLES}")
    raise StepError(
        f"'{text}' is not an end of a step",
        "A step ends on a time (2 h), a voltage (10 mV), a current (C/50), a capacity (800 mAh/g) "
        "or a lithiation (lithiation 0.8)",
    )
