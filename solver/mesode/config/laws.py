"""A property as it stands in the file: a quantity, a name, a table or an expression.

Nothing is evaluated here; `mesode.config.resolve` makes the laws.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pydantic_core import core_schema

from mesode.config.base import problem
from mesode.materials.expressions import expression_law
from mesode.materials.library import get_law, list_laws
from mesode.materials.names import UnknownNameError
from mesode.units import DIMENSIONS, QuantityError, looks_like_quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

    from mesode.config.quantities import Quantity

Variable = Literal["sto", "c_e", "T"]
METHODS: Final = ("pchip", "linear")
_FEWEST_POINTS: Final = 2
_KEYS: Final = ("table", "of", "method", "unit", "expression")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantLaw:
    """The same value everywhere, in SI units."""

    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedLaw:
    """A law of the library."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLaw:
    """Points (x, y), x increasing; y in ``unit``, x in 1 (sto), mol/m^3 (c_e) or K (T).

    ``method`` between the points is monotone cubic (pchip) or linear.
    """

    table: tuple[tuple[float, float], ...]
    of: Variable
    method: Literal["pchip", "linear"]
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionLaw:
    """An expression in sto, c_e [mol/m^3] and T [K], whose value is in ``unit``."""

    expression: str
    unit: str


LawSpec = ConstantLaw | NamedLaw | TableLaw | ExpressionLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class LawForm:
    """Validates a law: its property, dimension and bounds, the variables it may depend on."""

    name: str
    quantity: Quantity
    variables: tuple[Variable, ...]

    def parse(self, value: Any) -> LawSpec:
        """Return the law given, or raise the error that says what it may be."""
        if isinstance(value, LawSpec):
            return value
        if isinstance(value, dict):
            return self._parse_mapping(value)
        if isinstance(value, str) and not looks_like_quantity(value) and value.strip():
            return self._named(value.strip())
        return ConstantLaw(value=self.quantity.parse(value))

    def _named(self, name: str) -> NamedLaw:
        try:
            get_law(self.name, name)
        except UnknownNameError as error:
            if self.name not in list_laws():
                raise problem(f"expected {DIMENSIONS[self.quantity.dimension].label}") from None
            raise problem(f"expected a quantity or a law of {self.name}", _hint(error)) from None
        return NamedLaw(name=name)

    def _parse_mapping(self, value: Mapping[Any, Any]) -> LawSpec:
        for key in value:
            if key not in _KEYS:
                raise problem("unknown key", f"Known keys: {', '.join(_KEYS)}", (str(key),))
        if ("table" in value) == ("expression" in value):
            expected = "expected a quantity, the name of a law, {table: ...} or {expression: ...}"
            raise problem(expected)
        unit = self._unit(value.get("unit", ""))
        if "table" in value:
            return self._parse_table(value, unit)
        for key in ("of", "method"):
            if key in value:
                raise problem(f"'{key}' belongs to a table, not to an expression", path=(key,))
        return ExpressionLaw(expression=self._expression(value["expression"]), unit=unit)

    def _unit(self, unit: Any) -> str:
        kind = DIMENSIONS[self.quantity.dimension]
        if not isinstance(unit, str) or (not unit and kind.unit):
            raise problem(f"expected a unit of {kind.label}", f"e.g. '{kind.unit}'", ("unit",))
        try:
            parse_quantity(f"1 {unit}", self.quantity.dimension)
        except QuantityError as error:
            raise problem(error.expected, error.hint, ("unit",)) from None
        return unit

    def _parse_table(self, value: Mapping[Any, Any], unit: str) -> TableLaw:
        of, method = value.get("of", self.variables[0]), value.get("method", "pchip")
        if of not in self.variables:
            raise problem(f"expected one of {', '.join(self.variables)}", path=("of",))
        if method not in METHODS:
            raise problem(f"expected one of {', '.join(METHODS)}", path=("method",))
        points = value["table"]
        if not isinstance(points, list | tuple) or len(points) < _FEWEST_POINTS:
            raise problem("expected at least two points, e.g. [[0, 1], [1, 2]]", path=("table",))
        table = tuple(self._point(index, point, unit) for index, point in enumerate(points))
        for index in range(1, len(table)):
            if table[index][0] <= table[index - 1][0]:
                raise problem("expected the first column to increase", path=("table", index, 0))
        return TableLaw(table=table, of=of, method=method, unit=unit)

    def _point(self, index: int, point: Any, unit: str) -> tuple[float, float]:
        path: tuple[str | int, ...] = ("table", index)
        if not isinstance(point, list | tuple) or len(point) != len(("x", "y")):
            raise problem("expected a pair of numbers", path=path)
        for column, number in enumerate(point):
            if isinstance(number, bool) or not isinstance(number, int | float):
                raise problem("expected a number without unit", path=(*path, column))
            if not math.isfinite(number):
                raise problem("expected a finite number", path=(*path, column))
        y = parse_quantity(f"{float(point[1])!r} {unit}", self.quantity.dimension)
        if not self.quantity.contains(y):
            raise problem(f"expected a value {self.quantity.range()}", path=(*path, 1))
        return float(point[0]), float(point[1])

    def _expression(self, text: Any) -> str:
        if isinstance(text, int | float) and not isinstance(text, bool):
            text = repr(text)
        if not isinstance(text, str) or not text.strip():
            example = "expected an expression such as '2e-13*(1 - 0.5*sto)'"
            raise problem(example, path=("expression",))
        try:
            law = expression_law(" ".join(text.split()))
        except ValueError as error:
            raise problem(str(error), path=("expression",)) from None
        for variable in law.variables:
            if variable not in self.variables:
                allowed = f"{self.name} may depend on {', '.join(self.variables)}"
                raise problem(f"'{variable}' cannot stand here", allowed, ("expression",))
        return " ".join(text.split())

    def dump(self, spec: LawSpec) -> Any:
        """Return the law as it would stand in the file."""
        match spec:
            case ConstantLaw(value=value):
                return value if self.quantity.dimension == "ratio" else self.quantity.format(value)
            case NamedLaw(name=name):
                return name
            case TableLaw(table=table, of=of, method=method, unit=unit):
                points = [list(point) for point in table]
                return {"table": points, "of": of, "method": method, "unit": unit}
            case ExpressionLaw(expression=expression, unit=unit):
                return {"expression": expression, "unit": unit}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.parse, serialization=core_schema.plain_serializer_function_ser_schema(self.dump)
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        text: JsonSchemaValue = {"type": "string"}
        point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
        table = {"type": "array", "items": point, "minItems": 2}
        choices = {"of": {"enum": list(self.variables)}, "method": {"enum": list(METHODS)}}
        constant = self.quantity.json_schema()
        return {
            "anyOf": [
                constant,
                {**text, "title": "name of a law of the library"},
                _object({"table": table, **choices, "unit": text}, ["table", "unit"]),
                _object({"expression": text, "unit": text}, ["expression", "unit"]),
            ]
        }


def law_forms(section: type[BaseModel]) -> dict[str, LawForm]:
    """Return the form of each field of a section that is a law."""
    forms: dict[str, LawForm] = {}
    for key, field in section.model_fields.items():
        # The form of an optional law sits inside the union with None.
        arguments = (field.annotation, *get_args(field.annotation))
        found = [*field.metadata, *(meta for a in arguments for meta in get_args(a))]
        for meta in found:
            if isinstance(meta, LawForm):
                forms[key] = meta
    return forms


def _hint(error: UnknownNameError) -> str:
    return error.hint[:1].upper() + error.hint[1:]


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
