"""Base of all sections of the YAML file, and the errors that its fields raise."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError


class Section(BaseModel):
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


def problem(expected: str, hint: str = "", path: tuple[str | int, ...] = ()) -> PydanticCustomError:
    """Return the error of a field; ``path`` leads from the field to the culprit below it."""
    return PydanticCustomError(
        "mesode",
        "{expected}",
        {"expected": expected, "hint": hint, "path": path},
    )
