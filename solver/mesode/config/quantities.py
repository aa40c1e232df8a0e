"""Types of the fields: text with unit in the file, bounded SI float after validation.

The bounds are wide: they catch a slip of the unit (an electrode of 10 m), not an unusual cell.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic_core import core_schema

from mesode.config.base import problem
from mesode.units import (
    DIMENSIONS,
    Bounds,
    QuantityError,
    format_quantity,
    parse_quantity,
    pattern,
)

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue

TEMPERATURES: Final = (250, 350)  # [K] of a cell


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantity(Bounds):
    """Validates a field by its dimension and its bounds."""

    def parse(self, value: Any) -> float:
        """Return the SI value, or raise the error that names the allowed range."""
        try:
            result = parse_quantity(value, self.dimension)
        except QuantityError as error:
            raise problem(error.expected, error.hint) from None
        if not self.contains(result):
            raise problem(f"expected {DIMENSIONS[self.dimension].label} {self.range()}")
        return result

    def range(self) -> str:
        """Return the bounds in words."""
        named = {"at least": self.low, "above": self.above, "at most": self.high}
        named["below"] = self.below
        return " and ".join(f"{word} {bound}" for word, bound in named.items() if bound)

    def format(self, value: float) -> str:
        """Return the value as it would stand in the file."""
        return format_quantity(value, self.dimension)

    def show(self, value: float) -> str:
        """Return the value for a message, to four digits."""
        return format_quantity(float(f"{value:.4g}"), self.dimension)

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        return core_schema.no_info_plain_validator_function(
            self.parse,
            serialization=core_schema.plain_serializer_function_ser_schema(
                self._serialise, when_used="always"
            ),
        )

    def _serialise(self, value: Any) -> Any:
        # Defaults reach the JSON Schema as they are written, with unit.
        if self.dimension == "ratio" or isinstance(value, str):
            return value
        return self.format(value)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return self.json_schema()

    def json_schema(self) -> JsonSchemaValue:
        """Return how the quantity stands in the file: a text with a unit, or a plain ratio."""
        kind = DIMENSIONS[self.dimension]
        if self.dimension == "ratio":
            numbers = {"minimum": self.low, "maximum": self.high}
            numbers |= {"exclusiveMinimum": self.above, "exclusiveMaximum": self.below}
            limits = {key: float(text) for key, text in numbers.items() if text}
            percent = {"type": "string", "pattern": r"%\s*$", "examples": ["45 %"]}
            return {"anyOf": [{"type": "number", **limits}, percent]}
        title = f"{kind.label}, {self.range()}".rstrip(", ")
        examples = [kind.example] if self._example_fits() else []
        return {"type": "string", "pattern": pattern(), "title": title, "examples": examples}

    def _example_fits(self) -> bool:
        return bool(
            self.contains(parse_quantity(DIMENSIONS[self.dimension].example, self.dimension))
        )


def show_length(value: float, digits: int = 4) -> str:
    """Return a length [m] for a message, to so many digits, four at most."""
    return Quantity(dimension="length").show(float(f"{value:.{digits}g}"))


Number = Annotated[float, Quantity(dimension="ratio")]
Fraction = Annotated[float, Quantity(dimension="ratio", above="0", below="1")]
Charge = Annotated[float, Quantity(dimension="ratio", low="0", high="1")]
CellVoltage = Annotated[float, Quantity(dimension="voltage", low="-6 V", high="6 V")]
Coverage = Annotated[float, Quantity(dimension="ratio", above="0", high="1")]

LayerThickness = Annotated[float, Quantity(dimension="length", low="1 nm", high="1 mm")]
ParticleSize = Annotated[float, Quantity(dimension="length", low="1 nm", high="200 um")]
Length = Annotated[float, Quantity(dimension="length", low="1 nm", high="100 um")]
Gap = Annotated[float, Quantity(dimension="length", low="0 um", high="100 um")]
MeshSize = Annotated[float, Quantity(dimension="length", low="0.1 nm", high="100 um")]
CellArea = Annotated[float, Quantity(dimension="area", low="1 mm^2", high="100 m^2")]

Time = Annotated[float, Quantity(dimension="time", above="0 s", high="1 year")]
Temperature = Annotated[
    float,
    Quantity(dimension="temperature", low=f"{TEMPERATURES[0]} K", high=f"{TEMPERATURES[1]} K"),
]
HeatTransfer = Annotated[
    float, Quantity(dimension="heat_transfer", low="0 W/m^2/K", high="1e6 W/m^2/K")
]
HeatCapacity = Annotated[
    float, Quantity(dimension="areal_heat_capacity", low="1 J/m^2/K", high="1e6 J/m^2/K")
]
FoilModulus = Annotated[float, Quantity(dimension="pressure", above="0 Pa", high="10 TPa")]
Poisson = Annotated[float, Quantity(dimension="ratio", above="-1", below="0.5")]
StackPressure = Annotated[float, Quantity(dimension="pressure", low="0 Pa", high="1 GPa")]
Stiffness = Annotated[
    float, Quantity(dimension="pressure_per_length", above="0 MPa/um", high="1e6 MPa/um")
]
