"""Quantities with units: text in, SI float out, and back.

The unit registry is costly to build, so it is made when the first quantity is parsed. Numbers are
multiplied by the conversion factor as exact fractions: ``3 um`` is the same float as ``3e-6``, and
what ``format_quantity`` writes is read back bit by bit.
"""

from __future__ import annotations

import difflib
import math
import re
import tokenize
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import pint


class QuantityError(ValueError):
    """A text that is not a quantity of the expected dimension."""

    def __init__(self, expected: str, hint: str = "") -> None:
        self.expected = expected
        self.hint = hint
        super().__init__(f"{expected}. {hint}" if hint else expected)


@dataclass(frozen=True, slots=True)
class Dimension:
    """A kind of quantity: how to call it, its SI unit, an example, units to print it in."""

    label: str
    unit: str
    example: str
    friendly: tuple[str, ...] = ()


DIMENSIONS: Final[dict[str, Dimension]] = {
    "length": Dimension("a length", "m", "3 um", ("um", "nm", "mm")),
    "area": Dimension("an area", "m^2", "0.1 um^2", ("um^2", "mm^2", "cm^2")),
    "time": Dimension("a time", "s", "10 min", ("s", "h")),
    "temperature": Dimension("a temperature", "K", "25 degC", ("degC",)),
    "voltage": Dimension("a voltage", "V", "10 mV", ("V", "mV")),
    "current_density": Dimension("a current per area", "A/m^2", "5 mA/cm^2", ("mA/cm^2", "A/m^2")),
    "power_density": Dimension("a power per area", "W/m^2", "1.5 mW/cm^2", ("mW/cm^2",)),
    "current": Dimension("a current", "A", "50 mA", ("A", "mA")),
    "power": Dimension("a power", "W", "200 mW", ("W", "mW")),
    "resistance": Dimension("a resistance", "ohm", "5 ohm", ("ohm",)),
    "specific_current": Dimension("a current per mass", "A/kg", "0.2 A/g", ("A/g", "mA/g")),
    "specific_capacity": Dimension("a charge per mass", "C/kg", "800 mAh/g", ("mAh/g",)),
    "frequency": Dimension("a frequency", "Hz", "100 kHz", ("Hz", "kHz", "mHz")),
    "voltage_rate": Dimension("a voltage per time", "V/s", "0.1 mV/s", ("mV/s", "V/s")),
    "conductivity": Dimension("a conductivity", "S/m", "100 S/m", ("S/m", "mS/cm")),
    "diffusivity": Dimension("a diffusivity", "m^2/s", "1e-14 m^2/s", ("m^2/s",)),
    "concentration": Dimension("a concentration", "mol/m^3", "1 mol/l", ("mol/l", "mol/m^3")),
    "pressure": Dimension("a pressure or stress", "Pa", "1.7 GPa", ("GPa", "MPa", "kPa", "Pa")),
    "pressure_per_length": Dimension("a pressure per length", "Pa/m", "1 MPa/um", ("MPa/um",)),
    "toughness": Dimension("an energy per area", "J/m^2", "2 J/m^2", ("J/m^2",)),
    "mass": Dimension("a mass", "kg", "1.2 mg", ("mg", "g")),
    "density": Dimension("a density", "kg/m^3", "2.13 g/cm^3", ("g/cm^3",)),
    "areal_mass": Dimension("a mass per area", "kg/m^2", "2 mg/cm^2", ("mg/cm^2",)),
    "molar_energy": Dimension("an energy per mole", "J/mol", "35 kJ/mol", ("kJ/mol", "J/mol")),
    "molar_volume": Dimension("a volume per mole", "m^3/mol", "8.5 cm^3/mol", ("cm^3/mol",)),
    "areal_resistance": Dimension(
        "a resistance times area", "ohm*m^2", "10 ohm*cm^2", ("ohm*cm^2", "ohm*m^2")
    ),
    "areal_capacitance": Dimension(
        "a capacitance per area", "F/m^2", "20 uF/cm^2", ("uF/cm^2", "F/m^2")
    ),
    "heat_transfer": Dimension("a heat transfer coefficient", "W/m^2/K", "10 W/m^2/K"),
    "areal_energy": Dimension("an energy per area", "J/m^2", "7 J/m^2", ("J/m^2",)),
    "areal_heat_capacity": Dimension("a heat capacity per area", "J/m^2/K", "200 J/m^2/K"),
    "rate": Dimension("a rate", "1/s", "0.01 1/s", ("1/s",)),
    "ratio": Dimension("a number or a percentage", "", "0.45"),
}

# Only to name what a user gave by mistake.
_OTHER_LABELS: Final = {
    "C": "a charge",
    "m^3": "a volume",
    "S": "a conductance",
    "ohm*m": "a resistivity",
    "N": "a force",
    "J": "an energy",
    "mol": "an amount of substance",
    "C/m^2": "a charge per area",
    "m/s": "a velocity",
    "N/m": "a force per length",
    "Pa*s": "a viscosity",
    "J/kg/K": "a heat capacity per mass",
    "J/m^3/K": "a heat capacity per volume",
    "W/m/K": "a thermal conductivity",
}

_NEAR: Final = 0.75  # of the letters of a unit, from which on it may be meant
_MOST_DIGITS: Final = 6
_LONGEST: Final = 100  # characters of a quantity
_LARGEST_EXPONENT: Final = 400  # beyond it a number is zero or no number; as a fraction it is huge
_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_QUANTITY = re.compile(rf"({_NUMBER})\s*(.*)", re.DOTALL)
_SYMBOLS = str.maketrans(
    {"µ": "u", "\u03bc": "u", "\u03a9": "ohm", "\u2126": "ohm", "·": "*", "⋅": "*", "×": "*"}
    | {"−": "-", "⁻": "-", "¹": "1", "²": "2", "³": "3", "⁴": "4"}
)
# possessive: a word is taken as a whole, or there are as many ways to read it as to cut it
_SAFE_UNIT = re.compile(r"(?:[A-Za-z_]++(?:\^-?\d)?|1(?=\s*/)|[*/() ])++")
_REWRITES: Final = (
    (re.compile(r"°\s*C\b"), "degC"),
    (re.compile(r"°\s*F\b"), "degF"),
    (re.compile(r"%"), "percent"),
    (re.compile(r"\bOhm\b"), "ohm"),
    (re.compile(r"\*\*"), "^"),
    (re.compile(r"(?<=[A-Za-z0-9)])\.(?=[A-Za-z(])"), "*"),
    (re.compile(r"(?<=[A-Za-z])([+-]?\d+)"), r"^\1"),
    (re.compile(r"\^\+"), "^"),
    (re.compile(r"\b([munkM]?)([AW])h\b"), r"(\1\2*h)"),
)


# What the registry's parser raises on malformed text, beside its own errors.
_PARSER_ERRORS: Final = (
    *(ValueError, TypeError, AttributeError, SyntaxError, IndexError),
    tokenize.TokenError,
)


@cache
def _registry() -> pint.UnitRegistry[Any]:
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True, cache_folder=None)


def pattern() -> str:
    """Return a regular expression for a number with a unit, as JSON Schema wants it."""
    return r"^\s*" + _NUMBER + r"\s*[^\d\s].*$"


def split_number(text: str) -> tuple[str, str]:
    """Return number and unit of a quantity as they are written; nothing where it is none."""
    match = _QUANTITY.fullmatch(text)
    return (match[1], match[2]) if match else ("", "")


def looks_like_quantity(text: str) -> bool:
    """Tell whether a text begins with a number, whatever follows."""
    return len(text) <= _LONGEST and _QUANTITY.fullmatch(text.strip()) is not None


def parse_quantity(text: str | float, dimension: str) -> float:
    """Return the SI value of a quantity such as ``5 mA/cm2``, ``3 µm`` or ``25 degC``.

    Only a ``ratio`` may be a bare number. The accepted spellings of powers and products are those
    of ``A/m2``, ``A/m^2``, ``A m-2``, ``A.m-2`` and ``A*m**-2``.

    Raises:
        QuantityError: no number, no unit, unknown unit, or a unit of another dimension.
    """
    kind = DIMENSIONS[dimension]
    if isinstance(text, bool) or not isinstance(text, str | int | float):
        raise QuantityError(f"expected {kind.label} such as '{kind.example}'")
    written = str(text).strip()
    match = _QUANTITY.fullmatch(written) if len(written) <= _LONGEST else None
    if match is None:
        raise QuantityError(f"expected {kind.label} such as '{kind.example}'")
    number, unit = match.groups()
    if re.match(r",\d", unit):
        hint = "Use a decimal point, not a comma"
        raise QuantityError(f"expected {kind.label} such as '{kind.example}'", hint)
    if not unit and dimension != "ratio":
        hint = f"A bare number is ambiguous: add a unit, e.g. '{kind.example}'"
        raise QuantityError(f"expected {kind.label} with its unit", hint)
    value = _to_si(number, unit, kind)
    if not math.isfinite(value):
        raise QuantityError(f"expected {kind.label} of finite size such as '{kind.example}'")
    return value


def format_quantity(value: float, dimension: str) -> str:
    """Return the quantity in a friendly unit; ``parse_quantity`` gives the same float back.

    Args:
        value: The quantity in SI units.
        dimension: A key of ``DIMENSIONS``.
    """
    kind = DIMENSIONS[dimension]
    candidates = [_shortest(value, unit, kind) for unit in (*kind.friendly, kind.unit)]
    exact = [text for text in candidates if text is not None]
    if not exact:
        return f"{value!r} {kind.unit}".strip()
    return next((text for text in exact if _is_friendly(text)), min(exact, key=_awkwardness))


def _is_friendly(text: str) -> bool:
    """Tell whether a number is one that people like to read: 0.01 to 10 000, few digits."""
    number = text.split(" ")[0]
    size = abs(float(number))
    return len(number.lstrip("-")) <= _MOST_DIGITS and (size == 0.0 or 0.01 <= size < 1e4)


def _awkwardness(text: str) -> tuple[bool, int]:
    number = text.split(" ")[0]
    return ("e" in number, len(number.lstrip("-")))


def _shortest(value: float, unit: str, kind: Dimension) -> str | None:
    """Return the shortest decimal that reads back to the same float in this unit."""
    slope, offset = _conversion(unit)
    scaled = (Fraction(value) - offset) / slope
    for digits in range(1, 18):
        number = f"{float(scaled):.{digits}g}"
        if "e+" in number and float(scaled) < 1e6 and float(scaled) > -1e6:
            number = f"{float(number):.0f}"
        if _to_si(number, unit, kind) == value:
            return f"{number} {unit}".strip()
    return None


def _to_si(number: str, unit: str, kind: Dimension) -> float:
    clean = _clean_unit(unit, kind)
    _check_dimension(clean, unit, kind)
    slope, offset = _conversion(clean)
    exponent = number.lower().partition("e")[2]
    if exponent and abs(int(exponent)) > _LARGEST_EXPONENT:
        return float(offset) if float(number) == 0.0 else math.copysign(math.inf, float(number))
    try:
        return float(Fraction(number) * slope + offset)
    except OverflowError:
        return math.inf


def _clean_unit(unit: str, kind: Dimension) -> str:
    """Rewrite the common spellings of a unit to one that the registry understands."""
    text = unit.translate(_SYMBOLS)
    for expression, replacement in _REWRITES:
        text = expression.sub(replacement, text)
    if text and not _SAFE_UNIT.fullmatch(text):
        raise _unknown_unit(unit, kind)
    return text


def respelled(unit: str) -> str:
    """Return the unit that is meant where only its capitals, or a letter, are wrong; or nothing."""
    wanted = re.sub(r"[\s^*]+", "", unit)
    if wanted in _SPELLINGS.values():
        return ""
    if wanted.lower() in _SPELLINGS:
        return _SPELLINGS[wanted.lower()]
    long = [word for word in _TIMES if len(wanted) > len("min")]
    return next(iter(difflib.get_close_matches(wanted.lower(), long, n=1, cutoff=0.8)), "")


_TIMES: Final = ("seconds", "minutes", "hours", "days")
_SPELLINGS: Final = {
    re.sub(r"[\s^*]+", "", unit).lower(): unit
    for kind in DIMENSIONS.values()
    for unit in (*kind.friendly, kind.unit, "min")
    if unit
}


def _capitals(unit: str) -> str:
    meant = respelled(unit)
    capitals = " Capitals matter in units" if meant not in _TIMES else ""
    return f"Did you mean '{meant}'?{capitals}" if meant else ""


def _slip(unit: str, kind: Dimension) -> str:
    """Return which unit of a dimension is meant by one that a letter alone makes another."""
    known = [each for each in (*kind.friendly, kind.unit) if each]
    near = difflib.get_close_matches(unit, known, n=1, cutoff=_NEAR)
    return f"Did you mean '{near[0]}'?" if near else ""


def _unknown_unit(unit: str, kind: Dimension) -> QuantityError:
    expected = f"expected {kind.label} such as '{kind.example}', '{unit}' is not a unit"
    return QuantityError(expected, _capitals(unit))


def _check_dimension(clean: str, unit: str, kind: Dimension) -> None:
    try:
        given = _dimensionality(clean)
    except UnknownUnit:
        raise _unknown_unit(unit, kind) from None
    if given == _dimensionality(kind.unit):
        return
    hint = "Write degrees Celsius as 'degC'" if kind.unit == "K" and unit == "C" else ""
    meant = respelled(unit)
    same = bool(meant) and _dimensionality(_clean_unit(meant, kind)) == given
    hint = hint or ("" if same else _capitals(unit) or _slip(unit, kind))
    raise QuantityError(
        f"expected {kind.label} such as '{kind.example}', but '{unit}' is {_describe(given)}", hint
    )


def _describe(dimensionality: str) -> str:
    for kind in DIMENSIONS.values():
        if _dimensionality(kind.unit) == dimensionality:
            return f"the unit of {kind.label}"
    for unit, label in _OTHER_LABELS.items():
        if _dimensionality(unit) == dimensionality:
            return f"the unit of {label}"
    return f"of dimension {dimensionality}"


class UnknownUnit(Exception):
    """The registry does not know a unit."""


@cache
def _dimensionality(unit: str) -> str:
    import pint

    try:
        return str(_registry().parse_units(unit).dimensionality)
    except _PARSER_ERRORS as error:
        raise UnknownUnit(unit) from error
    except pint.PintError as error:
        raise UnknownUnit(unit) from error


@cache
def _conversion(unit: str) -> tuple[Fraction, Fraction]:
    """Return slope and offset of the map to SI; factors are cleaned of rounding noise."""
    if unit == "degC":
        return Fraction(1), Fraction("273.15")
    registry = _registry()
    zero = registry.Quantity(0.0, unit).to_base_units().magnitude
    one = registry.Quantity(1.0, unit).to_base_units().magnitude
    return Fraction(f"{one - zero:.15g}"), Fraction(f"{zero:.15g}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far the values of a dimension go, written with unit; none is an empty text.

    Closed where they are ``low`` and ``high``, open where ``above`` and ``below``.
    """

    dimension: str
    low: str = ""
    above: str = ""
    high: str = ""
    below: str = ""

    @property
    def unit(self) -> str:
        """Return the SI unit, 1 for a ratio."""
        return DIMENSIONS[self.dimension].unit or "1"

    @property
    def least(self) -> float:
        """Return the lower bound, SI."""
        lower = self.low or self.above
        return _bound(lower, self.dimension) if lower else -math.inf

    @property
    def most(self) -> float:
        """Return the upper bound, SI."""
        upper = self.high or self.below
        return _bound(upper, self.dimension) if upper else math.inf

    def contains(self, values: Any) -> Any:
        """Tell whether SI values, a number or an array, lie within."""
        above = values > self.least if self.above else values >= self.least
        below = values < self.most if self.below else values <= self.most
        return above & below

    def __str__(self) -> str:
        lower = f"{'above' if self.above else 'at least'} {self.least:g}"
        upper = f"{'below' if self.below else 'at most'} {self.most:g}"
        unit = "" if self.unit == "1" else f" {self.unit}"
        return f"{lower} and {upper}{unit}"


_bound = cache(parse_quantity)
