"""Base of all blocks of keys in the YAML file, and the errors that its fields raise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError, core_schema

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

type Path = tuple[str | int, ...]


class Block(BaseModel):
    """A mapping in the YAML file: unknown keys are errors, values cannot change later."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        validate_default=True,
        coerce_numbers_to_str=True,
        protected_namespaces=(),
        use_attribute_docstrings=False,
    )

    @model_validator(mode="before")
    @classmethod
    def _empty_is_default(cls, data: Any) -> Any:
        # "numerics:" with nothing below it is null in YAML; it means "nothing to say here".
        return {} if data is None else data


def entry(description: str, default: Any = ..., **more: Any) -> Any:
    """Return a field with its description; defaults are written as in the file, with unit."""
    return Field(default=default, description=description, **more)


def problem(expected: str, hint: str = "", path: Path = ()) -> PydanticCustomError:
    """Return the error of a field; ``path`` leads from the field to the culprit below it."""
    return problems([Finding(expected, hint, path)])


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong below a field; ``path`` leads from the field to it."""

    expected: str
    hint: str = ""
    path: Path = ()


def problems(found: Iterable[Finding]) -> PydanticCustomError:
    """Return one error that stands for several findings."""
    listed = tuple(found)
    return PydanticCustomError("mesode", "{text}", {"text": listed[0].expected, "found": listed})


def findings_of(error: PydanticCustomError, path: Path = ()) -> tuple[Finding, ...]:
    """Return what an error of ``problems`` stands for, found below a path."""
    found: Iterable[Finding] = (error.context or {}).get("found", ())
    return tuple(Finding(each.expected, each.hint, (*path, *each.path)) for each in found)


def refuse(found: Iterable[Finding]) -> None:
    """Raise the findings together, if there are any."""
    listed = tuple(found)
    if listed:
        raise problems(listed)


@dataclass(frozen=True, slots=True)
class OneOrMany:
    """A tuple that stands in the file as one value or as a list; one is written without a list."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        many = handler(source)
        return core_schema.no_info_before_validator_function(
            _as_list,
            many,
            serialization=core_schema.wrap_serializer_function_ser_schema(_alone, schema=many),
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        many = handler(schema)
        return {"anyOf": [many["items"], {**many, "minItems": 1}]}


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _alone(value: Any, handler: Any) -> Any:
    items = handler(value)
    return items[0] if len(items) == 1 else items


def kind_from_word(value: Any) -> Any:
    """Return ``{kind: word}`` for a word alone."""
    return {"kind": value} if isinstance(value, str) else value
