"""Section ``protocol``: a step is a sentence or a mapping; both give the same `Step`.

Steps may be repeated: ``{repeat: 5, steps: [...]}`` stands for its steps five times over.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic_core import core_schema

from mesode.config import spectra
from mesode.config.base import Finding, problem, refuse
from mesode.config.fragments import (
    EXAMPLES,
    IMPEDANCE,
    KINDS,
    VERBS,
    lithiation_end,
    parse_control,
    parse_end,
    parse_period,
)
from mesode.config.sentences import build_step, parse_sentence, plain_words
from mesode.config.steps import Step, StepError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from mesode.config.base import Path

_KEYS: Final = (*KINDS, "for", "until", "period")
MOST_STEPS: Final = 10_000  # of a protocol, its repetitions written out
MOST_LEVELS: Final = 3  # of nested repetitions
_REPEAT_KEYS: Final = ("repeat", "steps")
_REPEAT_EXAMPLE: Final = (
    "Write {repeat: 5, steps: [Lithiate at C/5 until 10 mV, Delithiate at C/5 until 1 V]}"
)


def parse_step(value: Any) -> Step:
    """Return the step given as a sentence or as a mapping.

    Raises:
        StepError: the step makes no sense.
    """
    if isinstance(value, Step):
        return value
    if isinstance(value, str):
        return parse_sentence(value)
    if isinstance(value, dict):
        return _parse_mapping(value)
    raise StepError("expected a sentence or a mapping", f"Examples: {EXAMPLES}")


def _parse_mapping(mapping: Mapping[Any, Any]) -> Step:
    if IMPEDANCE in mapping:
        return spectra.parse_mapping(mapping)
    _check_keys(mapping)
    verb = next(key for key in mapping if key in VERBS)
    at, ends = _fragments(mapping, verb)
    _located((verb,), lambda: parse_control(verb, at))
    texts = [_end_text(path, value) for path, value in ends]
    period = _text(mapping["period"], ("period",)) if "period" in mapping else None
    seconds = _located(("period",), lambda: parse_period(period)) if period else None
    sentence = verb.capitalize() + (f" at {at}" if at is not None else "")
    sentence += "".join(f" {'or ' * (i > 0)}until {text}" for i, text in enumerate(texts))
    sentence += f" ({period} period)" if period else ""
    clauses = [("until", text) for text in texts]
    return build_step(verb, at, clauses, period=seconds, text=sentence)


def _check_keys(mapping: Mapping[Any, Any]) -> None:
    for key in mapping:
        if key not in _KEYS:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(_KEYS)}"
            raise StepError("unknown key", hint, (str(key),))
    verbs = [key for key in mapping if key in VERBS]
    if len(verbs) != 1:
        found = ", ".join(verbs) or "none"
        raise StepError(f"expected one of {', '.join(KINDS)}, found {found}")


def _fragments(
    mapping: Mapping[Any, Any], verb: str
) -> tuple[str | None, list[tuple[tuple[str | int, ...], Any]]]:
    """Return what stands after ``at``, and the ends with their paths."""
    ends: list[tuple[tuple[str | int, ...], Any]] = []
    at: str | None = None
    if verb == "rest":
        ends.append((("rest",), mapping["rest"]))
    else:
        at = _text(mapping[verb], (verb,))
    if "for" in mapping:
        ends.append((("for",), mapping["for"]))
    until = mapping.get("until", [])
    if isinstance(until, list):
        ends.extend((("until", index), value) for index, value in enumerate(until))
    else:
        ends.append((("until",), until))
    return at, ends


def _end_text(path: tuple[str | int, ...], value: Any) -> str:
    """Return an end as the words of a sentence, checked."""
    if isinstance(value, dict):
        if list(value) != ["lithiation"]:
            raise StepError("expected {lithiation: 0.8}", path=path)
        _located((*path, "lithiation"), lambda: lithiation_end(value["lithiation"]))
        return f"lithiation {value['lithiation']}"
    text = _text(value, path)
    _located(path, lambda: parse_end(text, only_time=path[0] in ("rest", "for")))
    return text


def _text(value: Any, path: tuple[str | int, ...]) -> str:
    if isinstance(value, str):
        return _located(path, lambda: plain_words(value))
    raise StepError("expected a quantity with its unit", "e.g. '5 mA/cm2', '10 mV', '2 h'", path)


def _located[T](path: tuple[str | int, ...], parse: Callable[[], T]) -> T:
    try:
        return parse()
    except StepError as error:
        raise StepError(error.expected, error.hint, (*path, *error.path)) from None


def parse_protocol(value: Any) -> tuple[Step, ...]:
    """Return the steps of a protocol in order, each repetition written out.

    Raises:
        PydanticCustomError: everything that is wrong with it.
    """
    if not isinstance(value, list | tuple):
        raise problem("expected a list of steps", f"Examples: {EXAMPLES}")
    found: list[Finding] = []
    steps = _steps(value, (), found)
    if not found and not steps:
        found.append(Finding("expected at least one step", f"Examples: {EXAMPLES}"))
    refuse(found)
    return steps


def _steps(items: Sequence[Any], path: Path, found: list[Finding]) -> tuple[Step, ...]:
    """Return the steps of a list; what is wrong goes to ``found``, with its path."""
    steps: list[Step] = []
    for index, item in enumerate(items):
        place = (*path, index)
        if isinstance(item, dict) and {"repeat", "steps"} & set(item):
            steps += _repeated(item, place, found)
        else:
            try:
                steps.append(parse_step(item))
            except StepError as error:
                found += [
                    Finding(each.expected, each.hint, (*place, *each.path))
                    for each in (error, *error.others)
                ]
        if len(steps) > MOST_STEPS:
            hint = "Repeat less, or make several runs of it"
            found.append(Finding(f"expected at most {MOST_STEPS} steps in all", hint, place))
            return ()
    return tuple(steps)


def _repeated(block: Mapping[Any, Any], path: Path, found: list[Finding]) -> tuple[Step, ...]:
    """Return the steps of ``{repeat: 5, steps: [...]}`` as often as it says."""
    before = len(found)
    hint = f"Known keys: {', '.join(_REPEAT_KEYS)}"
    unknown = [str(key) for key in block if key not in _REPEAT_KEYS]
    found += [Finding("unknown key", hint, (*path, key)) for key in unknown]
    times, items = (block.get(key) for key in _REPEAT_KEYS)
    if type(times) is not int or not 1 <= times <= MOST_STEPS:
        text = f"expected the number of repetitions, a whole number from 1 to {MOST_STEPS}"
        found.append(Finding(text, _REPEAT_EXAMPLE, (*path, "repeat")))
    if not isinstance(items, list | tuple) or not items:
        found.append(Finding("expected a list of steps", _REPEAT_EXAMPLE, (*path, "steps")))
    elif path.count("steps") >= MOST_LEVELS:
        text = f"expected at most {MOST_LEVELS} nested repetitions"
        found.append(Finding(text, "", (*path, "steps")))
    else:
        steps = _steps(items, (*path, "steps"), found)
        if len(found) == before and isinstance(times, int):
            # one more than there may be is enough to be refused
            return steps * min(times, MOST_STEPS // len(steps) + 1)
    return ()


class _ProtocolForm:
    """Tells pydantic how a protocol is read, written and described."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            parse_protocol,
            serialization=core_schema.plain_serializer_function_ser_schema(_sentences),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        examples = [part.strip().strip("'") for part in EXAMPLES.split(", ")]
        text: JsonSchemaValue = {"type": "string"}
        properties = {key: dict(text) for key in _KEYS}
        properties[IMPEDANCE] = spectra.schema()
        properties["until"] = {"type": ["string", "object", "array"]}
        mapping = {"type": "object", "properties": properties, "additionalProperties": False}
        kinds: list[JsonSchemaValue] = [{**text, "examples": examples}, mapping]
        items: JsonSchemaValue = {"anyOf": kinds}
        for _ in range(MOST_LEVELS):
            items = {"anyOf": [*kinds, _repeat_schema(items)]}
        return {"type": "array", "items": items, "minItems": 1}


def _repeat_schema(items: JsonSchemaValue) -> JsonSchemaValue:
    return {
        "type": "object",
        "properties": {
            "repeat": {"type": "integer", "minimum": 1, "maximum": MOST_STEPS},
            "steps": {"type": "array", "items": items, "minItems": 1},
        },
        "required": list(_REPEAT_KEYS),
        "additionalProperties": False,
    }


def _sentences(steps: tuple[Step, ...]) -> list[str]:
    return [step.text for step in steps]


ProtocolField = Annotated[tuple[Step, ...], _ProtocolForm()]
