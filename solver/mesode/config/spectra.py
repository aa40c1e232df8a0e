"""The impedance as a step of a protocol: its mapping, and the sentence that says the same.

{impedance: {from: 100 kHz, to: 10 mHz, points_per_decade: 10}}
Impedance from 100 kHz to 10 mHz with 10 points per decade
"""

from __future__ import annotations

import difflib
import re
from math import log10
from typing import TYPE_CHECKING, Any, Final

from mesode.config.fragments import IMPEDANCE, parse_frequency
from mesode.config.steps import Spectrum, StepError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.json_schema import JsonSchemaValue

KEYS: Final = ("from", "to", "points_per_decade")
POINTS_PER_DECADE: Final = 10  # where nothing is said
MOST_PER_DECADE, MOST_POINTS = 100, 1000
_EXAMPLE: Final = "Write {impedance: {from: 100 kHz, to: 10 mHz, points_per_decade: 10}}"
_SENTENCE = re.compile(
    r"impedance from (\S+ ?\S*) to (\S+ ?\S*?)(?: with (\d{1,9}) points per decade)?", re.IGNORECASE
)


def parse_mapping(mapping: Mapping[Any, Any]) -> Spectrum:
    """Return the step of ``{impedance: {...}}``.

    Raises:
        StepError: everything that is wrong with it.
    """
    faults = [
        StepError("unknown key", _nearest(str(key), (IMPEDANCE,)), (str(key),))
        for key in mapping
        if key != IMPEDANCE
    ]
    block = mapping[IMPEDANCE]
    if not isinstance(block, dict):
        faults.append(StepError("expected where it begins and ends", _EXAMPLE, (IMPEDANCE,)))
        raise _all(faults)
    faults += [
        StepError("unknown key", _nearest(str(key), KEYS), (IMPEDANCE, str(key)))
        for key in block
        if key not in KEYS
    ]
    return _spectrum(block, (IMPEDANCE,), faults)


def parse_words(text: str) -> Spectrum:
    """Return the step of a sentence that begins with Impedance.

    Raises:
        StepError: everything that is wrong with it.
    """
    match = _SENTENCE.fullmatch(text)
    if match is None:
        hint = "Write 'Impedance from 100 kHz to 10 mHz with 10 points per decade'"
        raise StepError("this impedance is not understood", hint)
    block = {"from": match[1], "to": match[2]}
    if match[3]:
        block["points_per_decade"] = int(match[3])
    return _spectrum(block, (), [])


def _spectrum(block: Mapping[Any, Any], path: tuple[str, ...], faults: list[StepError]) -> Spectrum:
    """Return the step with the keys of the mapping; what is wrong goes to ``faults`` first."""
    ends: dict[str, float] = {}
    for key in ("from", "to"):
        try:
            ends[key] = _frequency(block.get(key))
        except StepError as error:
            faults.append(StepError(error.expected, error.hint, (*path, key) if path else ()))
    number = block.get("points_per_decade", POINTS_PER_DECADE)
    if type(number) is not int or not 1 <= number <= MOST_PER_DECADE:
        text = f"expected a whole number from 1 to {MOST_PER_DECADE}"
        faults.append(StepError(text, "", (*path, KEYS[2]) if path else ()))
    elif len(ends) == 2:
        faults += _of_range(ends["from"], ends["to"], number, path)
    if faults:
        raise _all(faults)
    first, last = (" ".join(str(block[key]).split()) for key in ("from", "to"))
    return Spectrum(
        control="none",
        value=0.0,
        unit="",
        sign=0,
        duration=None,
        until=(),
        period=None,
        text=f"Impedance from {first} to {last} with {number} points per decade",
        first=ends["from"],
        last=ends["to"],
        points_per_decade=number,
    )


def _frequency(value: Any) -> float:
    if not isinstance(value, str):
        raise StepError("expected a frequency with its unit", "e.g. '100 kHz', '10 mHz'")
    return parse_frequency(value)


def _of_range(first: float, last: float, number: int, path: tuple[str, ...]) -> list[StepError]:
    """Return what is wrong with the range of the frequencies."""
    if first == last:
        return [StepError("expected two frequencies, both are the same", _EXAMPLE, path)]
    points = round(abs(log10(first / last)) * number) + 1
    if points > MOST_POINTS:
        text = f"expected at most {MOST_POINTS} frequencies, these are {points}"
        return [StepError(text, "", path)]
    return []


def _all(faults: list[StepError]) -> StepError:
    """Return one error that holds all."""
    first, *others = faults
    return StepError(first.expected, first.hint, first.path, tuple(others))


def _nearest(key: str, known: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(key, known, n=1)
    return f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(known)}"


def schema() -> JsonSchemaValue:
    """Return the JSON Schema of what stands under ``impedance``."""
    number = {"type": "integer", "minimum": 1, "maximum": MOST_PER_DECADE}
    text = {"type": "string"}
    return {
        "type": "object",
        "properties": {"from": text, "to": text, "points_per_decade": number},
        "required": ["from", "to"],
        "additionalProperties": False,
    }
