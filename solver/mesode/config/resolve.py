"""Materials of a case: presets with what the file changes, as the physics takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from mesode.config.laws import (
    ConstantLaw,
    ExpressionLaw,
    LawSpec,
    NamedLaw,
    TableLaw,
    law_forms,
)
from mesode.errors import InputError, Problem
from mesode.materials.expressions import expression_law
from mesode.materials.library import get_law
from mesode.materials.names import UnknownNameError
from mesode.materials.override_rules import OverrideError
from mesode.materials.overrides import with_overrides
from mesode.materials.presets import get_preset
from mesode.materials.tables import table_law
from mesode.units import DIMENSIONS, parse_quantity

if TYPE_CHECKING:
    from mesode.config.base import Section
    from mesode.config.case import Case
    from mesode.config.laws import LawForm
    from mesode.materials.law import Law
    from mesode.materials.properties import Electrolyte, LithiumMetal, Material

    type AnyMaterial = Material | Electrolyte | LithiumMetal


@dataclass(frozen=True, slots=True, kw_only=True)
class Materials:
    """The material of each phase; ``contact_resistance`` of the collector is in ohm m^2."""

    active: Material
    carbon_binder: Material | None
    electrolyte: Electrolyte
    separator: Material
    counter: LithiumMetal
    contact_resistance: float


def resolve_materials(case: Case) -> Materials:
    """Return the materials of a case.

    Raises:
        InputError: an unknown preset, or a change that the preset does not take; all of them.
    """
    specs = case.materials
    problems: list[Problem] = []
    binder = specs.carbon_binder if case.geometry.electrode.carbon_binder.kind != "none" else None
    resolved = {
        kind: _resolve(kind, spec, problems)
        for kind, spec in (
            ("active", specs.active),
            ("carbon_binder", binder),
            ("electrolyte", specs.electrolyte),
            ("separator", specs.separator),
            ("counter", specs.counter),
        )
    }
    if problems:
        raise InputError(problems)
    return Materials(
        active=cast("Material", resolved["active"]),
        carbon_binder=cast("Material | None", resolved["carbon_binder"]),
        electrolyte=cast("Electrolyte", resolved["electrolyte"]),
        separator=cast("Material", resolved["separator"]),
        counter=cast("LithiumMetal", resolved["counter"]),
        contact_resistance=specs.collector.contact_resistance,
    )


def _resolve(kind: str, spec: Any, problems: list[Problem]) -> AnyMaterial | None:
    if spec is None:
        return None
    path = f"materials.{kind}"
    try:
        material: Any = get_preset(kind, spec.preset)
    except UnknownNameError as error:
        problems.append(Problem(f"{path}.preset", repr(spec.preset), "unknown preset", error.hint))
        return None
    try:
        changed: AnyMaterial = with_overrides(material, **_changes(spec))
    except OverrideError as error:
        for key, text in error.problems.items():
            problems.append(Problem(f"{path}.{key}", "", text))
        return None
    return changed


def _changes(spec: Section) -> dict[str, float | Law]:
    """Return the overrides that are given: SI numbers and laws."""
    forms = law_forms(type(spec))
    changes: dict[str, float | Law] = {}
    for key in type(spec).model_fields:
        value = getattr(spec, key)
        if key == "preset" or value is None:
            continue
        changes[key] = build_law(forms[key], value) if key in forms else value
    return changes


def build_law(form: LawForm, spec: LawSpec) -> float | Law:
    """Return the SI number or the law that a law of the file stands for."""
    unit = DIMENSIONS[form.quantity.dimension].unit or "1"
    match spec:
        case ConstantLaw(value=value):
            return value
        case NamedLaw(name=name):
            return get_law(form.name, name)
        case TableLaw(table=table, of=of, method=method):
            points = [(x, _si(y, spec.unit, form)) for x, y in table]
            name = f"table of {of}"
            return table_law(
                points, of=of, unit=unit, method=method, name=name, source="given by the user"
            )
        case ExpressionLaw(expression=text):
            factor = _si(1.0, spec.unit, form)
            scaled = text if factor == 1.0 else f"{factor!r} * ({text})"
            return expression_law(scaled, unit=unit, name=text)


def _si(number: float, unit: str, form: LawForm) -> float:
    return parse_quantity(f"{number!r} {unit}", form.quantity.dimension)
