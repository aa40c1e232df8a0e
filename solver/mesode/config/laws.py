"""A property as it stands in the file: a quantity, a name, a table, a CSV file or an expression.

Nothing is evaluated here; `mesode.config.resolve` makes the laws.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Literal, get_args

from pydantic_core import PydanticCustomError, core_schema

from mesode.config.base import findings_of, problem, problems
from mesode.config.files import find_file
from mesode.config.law_keys import (
    BRANCH_KEYS,
    BRANCHES,
    KEYS,
    METHODS,
    OF_TABLE,
    POTENTIAL,
    Branch,
    Variable,
    law_schema,
)
from mesode.config.points import check_points, csv_points, to_si, yaml_points
from mesode.materials.expressions import expression_law
from mesode.materials.library import get_law, list_laws
from mesode.materials.names import UnknownNameError
from mesode.materials.override_rules import OTHER_WAY
from mesode.materials.smoothing import MOST_POINTS, fit_points
from mesode.units import DIMENSIONS, QuantityError, looks_like_quantity, parse_quantity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
    from pydantic.json_schema import JsonSchemaValue

    from mesode.config.quantities import Quantity
    from mesode.materials.smoothing import Fit

# How far a law may be away from its points where the file does not say it.
POTENTIAL_DEVIATION: Final = 5e-3  # [V]
OTHER_DEVIATION: Final = 0.01  # of the range of the values


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

    ``method`` between the points is monotone cubic (pchip) or linear. ``file`` is the CSV file
    that they come from, ``columns`` of it. The law may be ``deviation`` [SI] away from the points.
    """

    table: tuple[tuple[float, float], ...]
    of: Variable
    method: Literal["pchip", "linear"]
    unit: str
    file: str | None = None
    columns: tuple[str | int, ...] = ()
    deviation: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpressionLaw:
    """An expression in sto, c_e [mol/m^3] and T [K], whose value is in ``unit``."""

    expression: str
    unit: str


SingleLaw = ConstantLaw | NamedLaw | TableLaw | ExpressionLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchedLaw:
    """A potential on lithiation and on delithiation; the branch ``use`` is taken."""

    lithiation: SingleLaw
    delithiation: SingleLaw
    use: Branch

    @property
    def used(self) -> SingleLaw:
        """The law of the branch that is taken."""
        return self.lithiation if self.use == "lithiation" else self.delithiation


LawSpec = SingleLaw | BranchedLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class LawForm:
    """Validates a law: its property, dimension and bounds, the variables it may depend on."""

    name: str
    quantity: Quantity
    variables: tuple[Variable, ...]

    def parse(self, value: Any, info: ValidationInfo) -> LawSpec:
        """Return the law given, or raise the error that says what it may be."""
        if isinstance(value, LawSpec):
            return value
        if isinstance(value, dict) and any(branch in value for branch in BRANCHES):
            return self._branches(value, info)
        return self._single(value, info)

    def _single(self, value: Any, info: ValidationInfo) -> SingleLaw:
        if isinstance(value, dict):
            return self._parse_mapping(value, info)
        if isinstance(value, str) and not looks_like_quantity(value) and value.strip():
            return self._named(value.strip())
        return ConstantLaw(value=self.quantity.parse(value))

    def _branches(self, value: Mapping[Any, Any], info: ValidationInfo) -> BranchedLaw:
        if self.name != POTENTIAL:
            raise problem("expected one law, only a potential has branches")
        _check_keys(value, BRANCH_KEYS)
        laws = {}
        for branch in BRANCHES:
            if branch not in value:
                hint = "Give both branches, or the law alone"
                raise problem("required key is missing", hint, (branch,))
            try:
                laws[branch] = self._single(value[branch], info)
            except PydanticCustomError as error:
                raise problems(findings_of(error, (branch,))) from None
        use = value.get("use", "lithiation")
        if use not in BRANCHES:
            raise problem(f"expected one of {', '.join(BRANCHES)}", path=("use",))
        return BranchedLaw(
            lithiation=laws["lithiation"], delithiation=laws["delithiation"], use=use
        )

    def _named(self, name: str) -> NamedLaw:
        try:
            get_law(self.name, name)
        except UnknownNameError as error:
            if self.name not in list_laws():
                raise problem(f"expected {DIMENSIONS[self.quantity.dimension].label}") from None
            raise problem(f"expected a quantity or a law of {self.name}", _hint(error)) from None
        return NamedLaw(name=name)

    def _parse_mapping(self, value: Mapping[Any, Any], info: ValidationInfo) -> SingleLaw:
        kinds = [kind for kind in KEYS if kind in value]
        known = dict.fromkeys(key for kind in kinds or KEYS for key in KEYS[kind])
        if len(kinds) != 1 and not set(value) - set(known):
            forms = "{table: ...}, {csv: ...} or {expression: ...}"
            raise problem(f"expected a quantity, the name of a law, {forms}")
        for key in value:
            if key in OF_TABLE and kinds == ["expression"] and key not in known:
                raise problem(f"'{key}' belongs to a table, not to an expression", path=(key,))
        _check_keys(value, tuple(known))
        unit = self._unit(value.get("unit", ""))
        if kinds == ["expression"]:
            return ExpressionLaw(expression=self._expression(value["expression"]), unit=unit)
        return self._parse_table(value, unit, info)

    def _unit(self, unit: Any) -> str:
        kind = DIMENSIONS[self.quantity.dimension]
        if not isinstance(unit, str) or (not unit and kind.unit):
            raise problem(f"expected a unit of {kind.label}", f"e.g. '{kind.unit}'", ("unit",))
        try:
            parse_quantity(f"1 {unit}", self.quantity.dimension)
        except QuantityError as error:
            raise problem(error.expected, error.hint, ("unit",)) from None
        return unit

    def _parse_table(self, value: Mapping[Any, Any], unit: str, info: ValidationInfo) -> TableLaw:
        of, method = value.get("of", self.variables[0]), value.get("method", "pchip")
        if of not in self.variables:
            raise problem(f"expected one of {', '.join(self.variables)}", path=("of",))
        if method not in METHODS:
            raise problem(f"expected one of {', '.join(METHODS)}", path=("method",))
        file, columns = self._file(value, info)
        points = yaml_points(value["table"]) if file is None else csv_points(file, columns)
        key = "csv" if "csv" in value else "table"
        check_points(points, key, of, self.quantity, unit)
        law = TableLaw(
            table=points,
            of=of,
            method=method,
            unit=unit,
            file=file,
            columns=columns,
            deviation=self._deviation(value.get("deviation")),
        )
        self._check_fit(law, key)
        return law

    def _file(
        self, value: Mapping[Any, Any], info: ValidationInfo
    ) -> tuple[str | None, tuple[str | int, ...]]:
        """Return file and columns of a table; the name of a file may stand under ``table``, too."""
        key = "csv" if "csv" in value else "table"
        if not isinstance(value[key], str):
            if key == "csv":
                raise problem("expected the name of a CSV file", path=("csv",))
            return None, ()
        columns = value.get("columns", ())
        pair = isinstance(columns, list | tuple) and len(columns) in (0, len(("x", "y")))
        if not pair or not all(
            isinstance(c, str | int) and not isinstance(c, bool) for c in columns
        ):
            expected = "expected two columns, by name or number: [sto, 'U / V'] or [1, 2]"
            raise problem(expected, path=("columns",))
        try:
            return find_file(value[key], info), tuple(columns)
        except PydanticCustomError as error:
            raise problems(findings_of(error, (key,))) from None

    def _deviation(self, value: Any) -> float | None:
        if value is None:
            return None
        try:
            allowed = parse_quantity(value, self.quantity.dimension)
        except QuantityError as error:
            raise problem(error.expected, error.hint, ("deviation",)) from None
        if allowed <= 0.0:
            raise problem("expected a deviation above 0", path=("deviation",))
        return allowed

    def _check_fit(self, law: TableLaw, key: str) -> None:
        """Raise where a law cannot come as near to the points as it has to."""
        fit, allowed = self.fit(law), self.allowed_deviation(law)
        if len(fit.points) < len(("first", "last")):
            text = "a potential falls with the lithiation, these values rise"
            raise problem(text, OTHER_WAY, (key,))
        if fit.deviation > allowed:
            show = self.quantity.show
            what = "falls with the lithiation" if fit.smoothed else f"has {MOST_POINTS} points"
            hint = f"Correct the points there, or allow it: deviation: {show(1.05 * fit.deviation)}"
            text = (
                f"a law that {what} misses the points by {show(fit.deviation)} at {law.of} = "
                f"{fit.at:.4g}, more than the {show(allowed)} that it may"
            )
            raise problem(text, hint, (key,))

    def fit(self, law: TableLaw) -> Fit:
        """Return the points [SI] that a table is made of, falling where the property must."""
        return _fit(law, self.quantity.dimension, falling=self.name == POTENTIAL)

    def allowed_deviation(self, law: TableLaw) -> float:
        """Return how far a law may be away from its points [SI]."""
        if law.deviation is not None:
            return law.deviation
        if self.name == POTENTIAL:
            return POTENTIAL_DEVIATION
        values = list(to_si([y for _, y in law.table], law.unit, self.quantity.dimension))
        return OTHER_DEVIATION * (max(values) - min(values))

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
            case TableLaw():
                return self._dump_table(spec)
            case BranchedLaw(lithiation=lithiation, delithiation=delithiation, use=use):
                laws = {
                    "lithiation": self.dump(lithiation),
                    "delithiation": self.dump(delithiation),
                }
                return {**laws, "use": use}
            case ExpressionLaw(expression=expression, unit=unit):
                return {"expression": expression, "unit": unit}

    def _dump_table(self, law: TableLaw) -> dict[str, Any]:
        points: dict[str, Any] = {"table": [list(point) for point in law.table]}
        if law.file is not None:
            points = {"csv": law.file}
            points |= {"columns": list(law.columns)} if law.columns else {}
        more = {"of": law.of, "method": law.method, "unit": law.unit}
        if law.deviation is not None:
            more["deviation"] = self.quantity.format(law.deviation)
        return {**points, **more}

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.with_info_plain_validator_function(
            self.parse, serialization=core_schema.plain_serializer_function_ser_schema(self.dump)
        )

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return law_schema(self.quantity, self.variables, branches=self.name == POTENTIAL)


@lru_cache(maxsize=64)
def _fit(law: TableLaw, dimension: str, *, falling: bool) -> Fit:
    y = to_si([y for _, y in law.table], law.unit, dimension)
    points = tuple(zip((x for x, _ in law.table), y, strict=True))
    return fit_points(points, falling=falling, method=law.method)


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


def _check_keys(value: Mapping[Any, Any], known: tuple[str, ...]) -> None:
    for key in value:
        if key not in known:
            raise problem("unknown key", f"Known keys: {', '.join(known)}", (str(key),))


def _hint(error: UnknownNameError) -> str:
    return error.hint[:1].upper() + error.hint[1:]
