"""The keys of a law in the file, and what an editor is told of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal, get_args

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydantic.json_schema import JsonSchemaValue

    from mesode.config.quantities import Quantity

Variable = Literal["sto", "c_e", "T"]
Branch = Literal["lithiation", "delithiation"]

METHODS: Final = ("pchip", "linear")
OF_TABLE: Final = ("of", "method", "unit", "deviation")
#: Keys of each form of a law that is a mapping.
KEYS: Final = {
    "table": ("table", *OF_TABLE),
    "csv": ("csv", "columns", *OF_TABLE),
    "expression": ("expression", "unit"),
}
BRANCHES: Final = get_args(Branch)
BRANCH_KEYS: Final = (*BRANCHES, "use")
POTENTIAL: Final = "ocp"  # the law that falls with the lithiation and may have branches

_DESCRIPTIONS: Final = {
    "table": "Points [x, y], x increasing.",
    "csv": "Name of a CSV file with the points.",
    "columns": "Its columns x and y, by name or by number from 1; default: the first two.",
    "of": "What x is: sto (0 to 1), c_e in mol/m^3 or T in K.",
    "method": "Between the points: monotone cubic (pchip, the default) or linear.",
    "unit": "Unit of y, or of the value of the expression.",
    "deviation": "How far the law may be from the points; default: 5 mV for a potential, else 1 % "
    "of the range of the values.",
    "expression": "In sto, c_e [mol/m^3] and T [K], as far as the property may depend on them.",
    "use": "The branch of the hysteresis that is taken; default: lithiation.",
}


def law_schema(
    quantity: Quantity, variables: Sequence[str], *, branches: bool = False
) -> JsonSchemaValue:
    """Return the JSON Schema of a law.

    Args:
        quantity: of its values.
        variables: that it may depend on.
        branches: whether it may be given on lithiation and on delithiation.
    """
    text: JsonSchemaValue = {"type": "string"}
    point = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    column = {"anyOf": [text, {"type": "integer", "minimum": 1}]}
    keys = _described({
        "table": {"type": "array", "items": point, "minItems": 2},
        "csv": text,
        "columns": {"type": "array", "items": column, "minItems": 2, "maxItems": 2},
        "of": {"enum": list(variables)},
        "method": {"enum": list(METHODS)},
        "unit": text,
        "deviation": quantity.json_schema(),
        "expression": text,
    })  # fmt: skip
    mappings = [
        _object({key: keys[key] for key in known}, [kind, "unit"]) for kind, known in KEYS.items()
    ]
    name = {**text, "title": "name of a law of the library"}
    forms = [quantity.json_schema(), name, *mappings]
    if branches:
        use = _described({"use": {"enum": list(BRANCHES)}})
        both = {**{branch: {"anyOf": forms} for branch in BRANCHES}, **use}
        forms = [*forms, _object(both, list(BRANCHES))]
    return {"anyOf": forms}


def _described(keys: dict[str, JsonSchemaValue]) -> dict[str, JsonSchemaValue]:
    return {key: {**schema, "description": _DESCRIPTIONS[key]} for key, schema in keys.items()}


def _object(properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }
