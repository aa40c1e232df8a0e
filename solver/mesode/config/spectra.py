"""The impedance as a step of a protocol: its mapping, and the sentence that says the same.

{impedance: {from: 100 kHz, to: 10 mHz, points_per_decade: 10, map: 1 Hz}}
Impedance from 100 kHz to 10 mHz with 10 points per decade
"""

from __future__ import annotations

import re
from math import log10
from typing import TYPE_CHECKING, Any, Final, Literal

from mesode.config.fragments import IMPEDANCE, given_end, parse_frequency
from mesode.config.steps import Every, Spectrum, StepError, together, unknown_keys

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic.json_schema import JsonSchemaValue

MAP: Final = "map"
KEYS: Final = ("from", "to", "points_per_decade", MAP)
POINTS_PER_DECADE: Final = 10  # where nothing is said
MOST_PER_DECADE, MOST_POINTS = 100, 1000
EVERY: Final = "every"
_EVERY_EXAMPLE: Final = "e.g. {every: 50 mV, from: 100 kHz, to: 10 mHz}; or 10 min, lithiation 0.1"
_EXAMPLE: Final = "Write {impedance: {from: 100 kHz, to: 10 mHz, points_per_decade: 10}}"
_SENTENCE = re.compile(
    r"impedance from (\S+ ?\S*) to (\S+ ?\S*?)(?: with (\d{1,9}) points per decade)?", re.IGNORECASE
)


def parse_mapping(mapping: Mapping[Any, Any]) -> Spectrum:
    """Return the step of ``{impedance: {...}}``.

    Raises:
        StepError: everything that is wrong with it.
    """
    faults = unknown_keys(mapping, (IMPEDANCE,))
    block = mapping[IMPEDANCE]
    if not isinstance(block, dict):
        faults.append(StepError("expected where it begins and ends", _EXAMPLE, (IMPEDANCE,)))
        raise together(faults)
    faults += unknown_keys(block, KEYS, (IMPEDANCE,))
    return _spectrum(block, (IMPEDANCE,), faults)


def parse_every(block: Any) -> Every:
    """Return when and how spectra are measured within a step, of {every: 50 mV, from: ...}.

    Raises:
        StepError: everything that is wrong with it.
    """
    if not isinstance(block, dict):
        raise StepError("expected when it is measured, where it begins and ends", _EVERY_EXAMPLE)
    faults = unknown_keys(block, (EVERY, *KEYS))
    quantity, by = _interval(block.get(EVERY), faults)
    spectrum = _spectrum(block, (), faults)
    return Every(quantity=quantity, by=by, spectrum=spectrum)


def _interval(
    value: Any, faults: list[StepError]
) -> tuple[Literal["voltage", "lithiation", "time"], float]:
    """Return what moves from one spectrum to the next, and by how much."""
    wrong = StepError("expected a voltage, a time or a lithiation", _EVERY_EXAMPLE, (EVERY,))
    try:
        end = given_end(value, EVERY)
    except StepError as error:
        wrong, end = error, None
    if isinstance(end, float):
        return "time", end
    if end is not None and end.value > 0.0 and not end.side:
        if end.quantity == "voltage":
            return "voltage", end.value
        if end.quantity == "lithiation":
            return "lithiation", end.value
    faults.append(wrong)
    return "time", 1.0


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
    return _spectrum(block, None, [])


def _spectrum(
    block: Mapping[Any, Any], path: tuple[str, ...] | None, faults: list[StepError]
) -> Spectrum:
    """Return the step with the keys of the mapping; what is wrong goes to ``faults`` first.

    ``path`` leads to the mapping, None for a sentence, whose words have no place of their own.
    """

    def place(*key: str) -> tuple[str, ...]:
        return () if path is None else (*path, *key)

    ends: dict[str, float] = {}
    for key in ("from", "to", *((MAP,) if MAP in block else ())):
        try:
            ends[key] = _frequency(block.get(key))
        except StepError as error:
            faults.append(StepError(error.expected, error.hint, place(key)))
    number = block.get("points_per_decade", POINTS_PER_DECADE)
    if type(number) is not int or not 1 <= number <= MOST_PER_DECADE:
        text = f"expected a whole number from 1 to {MOST_PER_DECADE}"
        faults.append(StepError(text, "", place(KEYS[2])))
    elif {"from", "to"} <= set(ends):
        faults += _of_range(ends["from"], ends["to"], number, place())
    if faults:
        raise together(faults)
    said = {key: " ".join(str(block[key]).split()) for key in ends}
    also = f", map at {said[MAP]}" if MAP in said else ""
    return Spectrum(
        control="none",
        value=0.0,
        unit="",
        sign=0,
        duration=None,
        until=(),
        period=None,
        text=f"Impedance from {said['from']} to {said['to']} with {number} points per decade{also}",
        first=ends["from"],
        last=ends["to"],
        points_per_decade=number,
        map=ends.get(MAP),
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


def schema() -> JsonSchemaValue:
    """Return the JSON Schema of what stands under ``impedance``."""
    number = {"type": "integer", "minimum": 1, "maximum": MOST_PER_DECADE}
    text = {"type": "string"}
    when = {"type": ["string", "object"]}
    return {
        "type": "object",
        "properties": {
            "from": text,
            "to": text,
            "points_per_decade": number,
            MAP: text,
            EVERY: when,
        },
        "required": ["from", "to"],
        "additionalProperties": False,
    }
