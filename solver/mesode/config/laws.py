"""A property as it stands in the file: a quantity, a name, a table or an expression.

Nothing is evaluated here; `mesode.config.resolve` makes the laws.
"""

from __future__ import annotations

import ast
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic_core import core_schema

from mesode.config.quantities import Quantity
from mesode.config.section import problem
from mesode.units import DIMENSIONS, QuantityError, looks_like_quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

Variable = Literal["sto", "c_e", "T"]
FUNCTIONS: Final = ("exp", "log", "sqrt", "tanh")
_OPERATORS: Final = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.UAdd, ast.USub)
_STRUCTURE: Final = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Call, ast.Load)
_LONGEST_EXPRESSION: Final = 2000


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
    """Points (x, y), x increasing; y in ``unit``, x in 1 (sto), mol/m^3 (c_e) or K (T)."""

    table: tuple[tuple[float, float], ...]
    of: Variable
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionLaw:
    """An expression in sto, c_e [mol/m^3] and T [K], whose value is in ``unit``."""

    expression: str
    unit: str


LawSpec = ConstantLaw | NamedLaw | TableLaw | ExpressionLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class LawForm:
    """Validates a law: dimension and bounds of its values, variables it may depend on."""

    quantity: Quantity
    variables: tuple[Variable, ...]

    def parse(self, value: Any) -> LawSpec:
        """Return the law given, or raise the error that says what it may be."""
        if isinstance(value, LawSpec):
            return value
        if isinstance(value, dict):
            return self._parse_mapping(value)
        if isinstance(value, str) and not looks_like_quantity(value) and value.strip():
            return NamedLaw(name=value.strip())
        return ConstantLaw(value=self.quantity.parse(value))

    def _parse_mapping(self, value: Mapping[Any, Any]) -> LawSpec:
        for key in value:
            if key not in ("table", "of", "unit", "expression"):
                known = "Known keys: table, of, unit; or expression, unit"
                raise problem("unknown key", known, (str(key),))
        if ("table" in value) == ("expression" in value):
            raise problem(
                "expected a quantity, the name of a law, {table: ...} or {expression: ...}"
            )
        unit = self._unit(value.get("unit", ""))
        if "table" in value:
            return self._parse_table(value, unit)
        if "of" in value:
            raise problem("'of' belongs to a table, not to an expression", path=("of",))
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
        of = value.get("of", "sto")
        if of not in self.variables:
            raise problem(f"expected one of {', '.join(self.variables)}", path=("of",))
        points = value["table"]
        if not isinstance(points, list | tuple) or len(points) < 2:
            raise problem("expected at least two points, e.g. [[0, 1], [1, 2]]", path=("table",))
        table = tuple(self._point(index, point, unit) for index, point in enumerate(points))
        for index in range(1, len(table)):
            if table[index][0] <= table[index - 1][0]:
                raise problem("expected the first column to increase", path=("table", index, 0))
        return TableLaw(table=table, of=of, unit=unit)

    def _point(self, index: int, point: Any, unit: str) -> tuple[float, float]:
        path: tuple[str | int, ...] = ("table", index)
        if not isinstance(point, list | tuple) or len(point) != 2:
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
        path = ("expression",)
        if isinstance(text, int | float) and not isinstance(text, bool):
            text = repr(text)
        if not isinstance(text, str) or not text.strip():
            raise problem("expected an expression such as '2e-13*(1 - 0.5*sto)'", path=path)
        if len(text) > _LONGEST_EXPRESSION:
            raise problem(f"expected at most {_LONGEST_EXPRESSION} characters", path=path)
        try:
            tree = ast.parse(text.strip(), mode="eval")
        except (SyntaxError, ValueError, RecursionError) as error:
            detail = getattr(error, "msg", str(error))
            raise problem(
                f"expected an expression, this cannot be read: {detail}", path=path
            ) from None
        for node in ast.walk(tree):
            self._check_node(node)
        return " ".join(text.split())

    def _check_node(self, node: ast.AST) -> None:
        hint = f"Variables: {', '.join(self.variables)}; functions: {', '.join(FUNCTIONS)}"
        if isinstance(node, ast.Name):
            if node.id not in (*self.variables, *FUNCTIONS):
                raise problem(f"'{node.id}' is not known here", hint, ("expression",))
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, bool) or not isinstance(node.value, int | float):
                raise problem("expected numbers only", hint, ("expression",))
        elif isinstance(node, ast.Call) and (
            not isinstance(node.func, ast.Name)
            or node.func.id not in FUNCTIONS
            or len(node.args) != 1
            or node.keywords
        ):
            raise problem("expected functions of one argument", hint, ("expression",))
        elif not isinstance(node, (*_OPERATORS, *_STRUCTURE)):
            hint = "Operators are + - * / **. " + hint
            raise problem(
                f"'{ast.unparse(node) or type(node).__name__}' cannot stand here",
                hint,
                ("expression",),
            )

    def dump(self, spec: LawSpec) -> Any:
        """Return the law as it would stand in the file."""
        match spec:
            case ConstantLaw(value=value):
                return value if self.quantity.dimension == "ratio" else self.quantity.format(value)
            case NamedLaw(name=name):
                return name
            case TableLaw(table=table, of=of, unit=unit):
                return {"table": [list(point) for point in table], "of": of, "unit": unit}
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
        of = {"enum": list(self.variables)}
        constant = self.quantity.json_schema()
        return {
            "anyOf": [
                constant,
                {**text, "title": "name of a law of the library"},
                _object({"table": table, "of": of, "unit": text}, ["table", "unit"]),
                _object({"expression": text, "unit": text}, ["expression", "unit"]),
            ]
        }


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
