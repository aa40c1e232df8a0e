"""Section ``protocol``: sentences, mappings, lists and blocks of steps, written out into steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import ValidationInfo  # noqa: TC002  (pydantic reads it)
from pydantic_core import PydanticCustomError, core_schema

from mesode.config import blocks, spectra
from mesode.config.base import Finding, findings_of, problem, refuse
from mesode.config.files import find_file
from mesode.config.fragments import EXAMPLES, IMPEDANCE
from mesode.config.profiles import PROFILE
from mesode.config.protocol_lists import (
    DEEPEST,
    FOR_EACH,
    MOST_LEVELS,
    MOST_STEPS,
    REPEAT,
    STEPS,
    UNTIL,
    written_out,
)
from mesode.config.step_mapping import KEYS, TAGS, TEMPERATURE, parse_step
from mesode.config.steps import Step, StepError, of_whole_cell, per_area

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from mesode.config.base import Path

__all__ = ["Protocol", "ProtocolField", "parse_protocol", "parse_step"]

_AREA: Final = "cell_area"


class Protocol(tuple[Step, ...]):  # noqa: SLOT001  (a tuple has no room for slots)
    """The steps of a protocol, in order; ``written`` is the list of the file that gives them.

    ``of_cell``: some are given of a whole cell there.
    """

    written: list[Any]
    of_cell: bool

    def __new__(
        cls, steps: Sequence[Step], written: Sequence[Any] = (), *, of_cell: bool = False
    ) -> Protocol:
        """Return the steps with what they are written as."""
        made = super().__new__(cls, steps)
        made.written, made.of_cell = list(written), of_cell
        return made


def parse_protocol(value: Any, area: float | None = None) -> Protocol:
    """Return the steps of a protocol in order, each repetition written out.

    Args:
        value: The list in the file.
        area: Of the electrode of the cell [m2], for what is given of a whole cell.

    Raises:
        PydanticCustomError: everything that is wrong with it.
    """
    if not isinstance(value, list | tuple):
        raise problem("expected a list of steps", f"Examples: {EXAMPLES}")
    found: list[Finding] = []
    given = written_out(value, found)
    steps = _all_per_area(given, area, found)
    if not found and not steps:
        found.append(Finding("expected at least one step", f"Examples: {EXAMPLES}"))
    refuse(found)
    of_cell = any(map(of_whole_cell, given))
    return Protocol(steps, [_written(item) for item in value], of_cell=of_cell)


def _all_per_area(
    steps: Sequence[Step], area: float | None, found: list[Finding]
) -> tuple[Step, ...]:
    """Return the steps per area; without an area those of a whole cell are told, once a place."""
    of_cell = dict.fromkeys(step.place for step in steps if of_whole_cell(step))
    if area is not None:
        return tuple(per_area(step, area) for step in steps)
    text = "this is of a whole cell, but a 2D section has no area"
    hint = (
        "Give it per area ('5 mA/cm2', '1.5 mW/cm2'), per mass ('0.2 A/g') or as a C-rate "
        f"('C/20'), or tell the area of the cell's electrode: geometry.{_AREA}"
    )
    found += [Finding(text, hint, place) for place in of_cell]
    return tuple(steps)


def _written(item: Any) -> Any:
    """Return an entry as it stands in the file: a sentence where that says all."""
    if isinstance(item, Step):
        return item.text
    if isinstance(item, dict) and PROFILE in item:
        return item  # no sentence says it; its file is not read again to find that out
    if isinstance(item, dict) and (REPEAT in item or STEPS in item):
        inner = item.get(STEPS)
        return {**item, STEPS: [_written(each) for each in inner]} if inner else item
    try:
        step = parse_step(item)
        return step.text if parse_step(step.text) == step else item
    except StepError:  # a list or a block
        return item


def _validate(value: Any, info: ValidationInfo) -> Protocol:
    """Return the protocol of a case, with the area of its cell."""
    if isinstance(value, Protocol):
        return value
    found: list[Finding] = []
    value = _with_files(value, info, (), found)
    refuse(found)
    return parse_protocol(value, getattr(info.data.get("geometry"), _AREA, None))


def _with_files(value: Any, info: ValidationInfo, path: Path, found: list[Finding]) -> Any:
    """Return plain data with the full names of files, which may stand beside the case."""
    if len(path) > DEEPEST:
        return value  # and is refused for that
    if isinstance(value, list | tuple):
        return [_with_files(each, info, (*path, k), found) for k, each in enumerate(value)]
    if not isinstance(value, dict):
        return value
    full = {key: _with_files(each, info, (*path, key), found) for key, each in value.items()}
    block = full.get(PROFILE)
    if isinstance(block, dict) and isinstance(name := block.get("csv"), str):
        try:
            block["csv"] = find_file(name, info)
        except PydanticCustomError as error:
            found += findings_of(error, (*path, PROFILE, "csv"))
    return full


class _ProtocolForm:
    """Tells pydantic how a protocol is read, written and described."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(
            _validate,
            serialization=core_schema.plain_serializer_function_ser_schema(_as_written),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        examples = [part.strip().strip("'") for part in EXAMPLES.split(", ")]
        text: JsonSchemaValue = {"type": "string"}
        more = {TEMPERATURE: text, TAGS: {"type": ["string", "array"]}}
        properties: dict[str, Any] = {key: dict(text) for key in KEYS} | more
        properties[IMPEDANCE] = spectra.schema()
        properties[UNTIL] = {"type": ["string", "object", "array"]}
        mapping = {"type": "object", "properties": properties, "additionalProperties": False}
        drive = {**mapping, "properties": {**properties, PROFILE: {"type": "object"}}}
        kinds: list[JsonSchemaValue] = [{**text, "examples": examples}, mapping, drive]
        kinds += [
            _object({name: {"type": "object"}, **more}, [name])
            for name in (FOR_EACH, *blocks.TABLE)
        ]
        items: JsonSchemaValue = {"anyOf": kinds}
        for _ in range(MOST_LEVELS):
            items = {"anyOf": [*kinds, _repeat_schema(items, more)]}
        return {"type": "array", "items": items, "minItems": 1}


def _repeat_schema(items: JsonSchemaValue, more: JsonSchemaValue) -> JsonSchemaValue:
    properties = {
        REPEAT: {"type": "integer", "minimum": 1, "maximum": MOST_STEPS},
        STEPS: {"type": "array", "items": items, "minItems": 1},
        UNTIL: {"type": ["string", "object"]},
        **more,
    }
    return _object(properties, [REPEAT, STEPS])


def _object(properties: JsonSchemaValue, required: list[str]) -> JsonSchemaValue:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _as_written(steps: Protocol) -> list[Any]:
    return steps.written


ProtocolField = Annotated[Protocol, _ProtocolForm()]
