"""Section ``protocol``: a step is a sentence or a mapping; both give the same `Step`."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic_core import core_schema

from mesode.config.base import problem
from mesode.config.fragments import (
    EXAMPLES,
    VERBS,
    lithiation_end,
    parse_control,
    parse_end,
    parse_period,
)
from mesode.config.sentences import build_step, parse_sentence, plain_words
from mesode.config.steps import Step, StepError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

_KEYS: Final = (*VERBS, "for", "until", "period")


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
        raise StepError(f"expected one of {', '.join(VERBS)}, found {found}")


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


class _StepForm:
    """Tells pydantic how a step is read, written and described."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validate, serialization=core_schema.plain_serializer_function_ser_schema(_sentence)
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        examples = [part.strip().strip("'") for part in EXAMPLES.split(", ")]
        text: JsonSchemaValue = {"type": "string"}
        properties = {key: dict(text) for key in _KEYS}
        properties["until"] = {"type": ["string", "object", "array"]}
        mapping = {"type": "object", "properties": properties, "additionalProperties": False}
        return {"anyOf": [{**text, "examples": examples}, mapping]}


def _validate(value: Any) -> Step:
    try:
        return parse_step(value)
    except StepError as error:
        raise problem(error.expected, error.hint, error.path) from None


def _sentence(step: Step) -> str:
    return step.text


StepField = Annotated[Step, _StepForm()]
