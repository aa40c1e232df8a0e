"""Tests of the laboratory as one entry of a protocol, each written out into its steps.

{cyclic_voltammetry: {window: [10 mV, 1.5 V], rates: [0.1 mV/s, 0.2 mV/s], cycles: 2}}
{gitt: {current: C/10, pulse: 20 min, rest: 30 min, until: 50 mV}}
{cc_cv: {lithiate: C/2, to: 10 mV, until: C/20}}
{formation: {rate: C/20, window: [10 mV, 1 V], cycles: 2}}   # cycling and slow_cycling alike

A block becomes items of a protocol, as a user would write them, and is parsed as those are.
"""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING, Any, Final

from mesode.config.fragments import VERBS, parse_control, parse_end
from mesode.config.sentences import plain_words
from mesode.config.steps import StepError, Termination, together, unknown_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    type Items = list[dict[str, Any]]

_WITH_CURRENT: Final = tuple(verb for verb, sign in VERBS.items() if sign)
_DOWN, _UP = "discharge", "charge"  # where the voltage of a cell goes
MOST_PULSES: Final = 200  # where a C-rate does not tell how many fill the electrode
MOST_CYCLES: Final = 10_000
_HOUR: Final = 3600.0


class _Reader:
    """Reads the keys of a block; what is wrong is told together by ``finish``."""

    def __init__(self, block: Any, known: Sequence[str], example: str) -> None:
        if not isinstance(block, dict):
            raise StepError("expected a mapping", f"Write {example}")
        self._block, self._example = block, example
        self._faults = unknown_keys(block, known)

    def given(self, keys: Sequence[str]) -> str:
        """Return which one of several keys there is; the first where that is not so."""
        found = [key for key in keys if key in self._block]
        if len(found) != 1:
            text = f"expected one of {', '.join(keys)}, found {', '.join(found) or 'none'}"
            self._faults.append(StepError(text, f"Write {self._example}"))
        return found[0] if found else keys[0]

    def text(self, key: str, check: Callable[[str], Any], default: str | None = None) -> str:
        """Return a quantity as it is written."""
        return self._checked(self._block.get(key, default), check, (key,))

    def texts(self, key: str, check: Callable[[str], Any]) -> list[str]:
        """Return one quantity or a list of them."""
        value = self._block.get(key)
        values = value if isinstance(value, list | tuple) else [value]
        if not values:
            self._faults.append(StepError("expected at least one", "", (key,)))
        return [self._checked(each, check, (key, k)) for k, each in enumerate(values)]

    def window(self) -> tuple[str, str]:
        """Return the lower and the upper voltage, as they are written."""
        value = self._block.get("window")
        if not isinstance(value, list | tuple) or len(value) != 2:
            hint = f"Write {self._example}"
            self._faults.append(StepError("expected two voltages", hint, ("window",)))
            return "", ""
        low, high = (self._checked(v, voltage, ("window", k)) for k, v in enumerate(value))
        if low and high and voltage(low) >= voltage(high):
            text = f"expected the lower voltage first, found {low} and {high}"
            equal = voltage(low) == voltage(high)
            hint = "Give two voltages that differ" if equal else f"Write [{high}, {low}]"
            self._faults.append(StepError(text, hint, ("window",)))
        return low, high

    def number(self, key: str, default: int, most: int) -> int:
        """Return a whole number."""
        value = self._block.get(key, default)
        if type(value) is not int or not 1 <= value <= most:
            text = f"expected a whole number from 1 to {most}"
            self._faults.append(StepError(text, "", (key,)))
            return default
        return value

    def word(self, key: str, default: str, known: Sequence[str]) -> str:
        """Return one of several words."""
        value = self._block.get(key, default)
        if value not in known:
            self._faults.append(StepError(f"expected one of {', '.join(known)}", "", (key,)))
            return default
        return str(value)

    def has(self, key: str) -> bool:
        """Tell whether a key is there."""
        return key in self._block

    def finish(self) -> None:
        """Raise what is wrong, all of it."""
        if self._faults:
            raise together(self._faults)

    def _words(self, value: Any) -> str:
        if not isinstance(value, str):
            raise StepError("expected a quantity with its unit", f"Write {self._example}")
        return plain_words(value)

    def _checked(self, value: Any, check: Callable[[str], Any], path: tuple[str | int, ...]) -> str:
        try:
            text = self._words(value)
            check(text)
        except StepError as error:
            expected = error.expected.removesuffix(f": '{value}'")  # told with the place
            self._faults.append(StepError(expected, error.hint, path))
            return ""
        return text


# --- what a quantity is


def voltage(text: str) -> float:
    """Return a voltage [V]."""
    end = parse_end(text)
    if not isinstance(end, Termination) or end.quantity != "voltage" or end.side:
        raise StepError(f"expected a voltage: '{text}'", "e.g. '10 mV'")
    return end.value


def _time(text: str) -> float:
    end = parse_end(text, only_time=True)
    if not isinstance(end, float):
        raise StepError(f"expected a time: '{text}'", "e.g. '20 min'")
    return end


def _current(text: str) -> tuple[float, str]:
    control, value, unit = parse_control("lithiate", text)
    if control != "current":
        raise StepError(f"expected a current: '{text}'", "e.g. 'C/10', '0.1 A/g', '1 mA/cm2'")
    return value, unit


def _scan_rate(text: str) -> float:
    return parse_control("sweep", text)[1]


def _cut_off(text: str) -> None:
    end = parse_end(text)
    if not isinstance(end, Termination) or end.quantity != "current":
        raise StepError(f"expected a current: '{text}'", "e.g. 'C/50'")


def _end(text: str) -> None:
    end = parse_end(text)
    if not isinstance(end, Termination) or end.quantity not in ("voltage", "lithiation"):
        raise StepError(f"expected a voltage or a lithiation: '{text}'", "e.g. '50 mV'")


# --- the blocks


def _voltammetry(block: Any) -> Items:
    """Sweep down and up, as many cycles at each rate as asked for."""
    example = "{window: [10 mV, 1.5 V], rates: [0.1 mV/s, 0.2 mV/s], cycles: 2}"
    reader = _Reader(block, ("window", "rates", "cycles", "first"), example)
    low, high = reader.window()
    rates = reader.texts("rates", _scan_rate)
    cycles = reader.number("cycles", 1, MOST_CYCLES)
    first = reader.word("first", _DOWN, (_DOWN, _UP))
    reader.finish()
    ends = (low, high) if first == _DOWN else (high, low)
    return [
        {"repeat": cycles, "steps": [f"Sweep at {rate} until {end}" for end in ends]}
        for rate in rates
    ]


def _gitt(block: Any) -> Items:
    """Pulse and rest until a pulse reaches an end."""
    example = "{current: C/10, pulse: 20 min, rest: 30 min, until: 50 mV}"
    known = ("current", "pulse", "rest", "until", "direction", "at_most")
    reader = _Reader(block, known, example)
    current = reader.text("current", _current)
    pulse, rest = reader.text("pulse", _time), reader.text("rest", _time)
    until = reader.text("until", _end)
    verb = reader.word("direction", "lithiate", _WITH_CURRENT)
    usual = _pulses(current, pulse) if current and pulse else MOST_PULSES
    at_most = reader.number("at_most", usual, MOST_CYCLES)
    reader.finish()
    steps = [f"{verb.capitalize()} at {current} for {pulse} or until {until}", f"Rest for {rest}"]
    return [{"repeat": at_most, "until": until, "steps": steps}]


def _pulses(current: str, pulse: str) -> int:
    """Return how many pulses fill an electrode from lithiation 0 to 1, where that is known."""
    value, unit = _current(current)
    return min(ceil(_HOUR / (value * _time(pulse))), MOST_CYCLES) if unit == "C" else MOST_PULSES


def _cc_cv(block: Any) -> Items:
    """A constant current to a voltage, which is then held until the current has fallen."""
    example = "{lithiate: C/2, to: 10 mV, until: C/20}"
    reader = _Reader(block, (*_WITH_CURRENT, "to", "until", "for"), example)
    verb = reader.given(_WITH_CURRENT)
    current, to = reader.text(verb, _current), reader.text("to", voltage)
    until = reader.text("until", _cut_off)
    time = reader.text("for", _time) if reader.has("for") else ""
    reader.finish()
    hold = f"Hold at {to} until {until}" + (f" or for {time}" if time else "")
    return [{"step": f"{verb.capitalize()} at {current} until {to}"}, {"step": hold}]


def _cycling(block: Any, usual: str | None = None) -> Items:
    """Discharge and charge between two voltages at one current."""
    example = "{rate: C/20, window: [10 mV, 1 V], cycles: 2}"
    known = ("rate", "window", "cycles", "first", "hold", "rest")
    reader = _Reader(block, known, example)
    rate = reader.text("rate", _current, usual)
    low, high = reader.window()
    cycles = reader.number("cycles", 1, MOST_CYCLES)
    first = reader.word("first", _DOWN, (_DOWN, _UP))
    hold = reader.text("hold", _cut_off) if reader.has("hold") else ""
    rest = reader.text("rest", _time) if reader.has("rest") else ""
    reader.finish()
    halves = [(_DOWN, low), (_UP, high)]
    steps: list[str] = []
    for verb, limit in halves if first == _DOWN else halves[::-1]:
        steps.append(f"{verb.capitalize()} at {rate} until {limit}")
        if hold and verb == first:
            steps.append(f"Hold at {limit} until {hold}")
        steps += [f"Rest for {rest}"] if rest else []
    return [{"repeat": cycles, "steps": steps}]


#: Name of a block: what it becomes. Its name is a tag of its steps.
TABLE: Final[dict[str, Callable[[Any], Items]]] = {
    "cyclic_voltammetry": _voltammetry,
    "gitt": _gitt,
    "cc_cv": _cc_cv,
    "cycling": _cycling,
    "formation": lambda block: _cycling(block, "C/20"),
    "slow_cycling": lambda block: _cycling(block, "C/50"),
}


def block_of(item: Mapping[Any, Any]) -> str | None:
    """Return the name of the block that an entry of a protocol is, None where it is none."""
    return next((name for name in TABLE if name in item), None)
