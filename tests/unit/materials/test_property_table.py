"""If these fail, a property has other bounds in a case file than from Python, or is not told."""

from __future__ import annotations

from dataclasses import asdict
from typing import get_args

import pytest

from mesode.config.laws import law_forms
from mesode.config.quantities import Quantity
from mesode.config.specs import (
    ActiveMaterial,
    CarbonBinder,
    CoatingSpec,
    CounterElectrode,
    ElectrolyteSpec,
    FoilSpec,
    SeiSpec,
    SeparatorSpec,
)
from mesode.materials.override_rules import OverrideError
from mesode.materials.overrides import override_keys, with_overrides
from mesode.materials.presets import get_preset
from mesode.materials.property_table import PROPERTIES
from mesode.units import DIMENSIONS

SPECS = {
    ActiveMaterial: ("active", "SiO"),
    CarbonBinder: ("carbon_binder", "CMC_SBR_SuperP"),
    CoatingSpec: ("coating", "carbon_coating"),
    CounterElectrode: ("counter", "lithium_metal"),
    ElectrolyteSpec: ("electrolyte", "LiPF6_EC_DMC"),
    FoilSpec: ("foil", "copper"),
    SeiSpec: ("sei", "EC_Yang_2017"),
    SeparatorSpec: ("separator", "Celgard_2500"),
}
# what is no property
WORDS = ("preset", "law", "on_coating", "hysteresis", "bpx", "crystalline", "network")
KEYS = [(spec, key) for spec in SPECS for key in spec.model_fields if key not in WORDS]


def quantity(spec, key):
    """What validates a key of the case file."""
    if key in (laws := law_forms(spec)):
        return laws[key].quantity
    field = spec.model_fields[key]
    parts = (*field.metadata, *(meta for a in get_args(field.annotation) for meta in get_args(a)))
    (found,) = (part for part in parts if isinstance(part, Quantity))
    return found


@pytest.mark.parametrize(("spec", "key"), KEYS, ids=lambda each: getattr(each, "__name__", each))
def test_a_key_of_the_case_file_is_that_of_the_table(spec, key):
    known = PROPERTIES[key]
    assert asdict(quantity(spec, key)) == asdict(known.bounds)
    assert (key in law_forms(spec)) == bool(known.variables)
    assert key in override_keys(get_preset(*SPECS[spec]))
    assert spec.model_fields[key].description.endswith(".")


def test_each_property_is_a_key_of_some_material():
    assert {key for _, key in KEYS} == set(PROPERTIES)
    assert {each.bounds.dimension for each in PROPERTIES.values()} <= set(DIMENSIONS)


OWNERS = {key: get_preset(*SPECS[spec]) for spec, key in reversed(KEYS)}


@pytest.mark.parametrize("key", PROPERTIES)
def test_numbers_from_python_have_the_bounds_of_the_table(key):
    bounds = PROPERTIES[key].bounds
    for bound, is_open, way in (
        (bounds.least, bounds.above, -1.0),
        (bounds.most, bounds.below, 1.0),
    ):
        beyond = bound + way * (1e-6 * abs(bound) or 1e-12)
        for value in (beyond, *((bound,) if is_open else ())):
            with pytest.raises(OverrideError, match="expected a finite number") as caught:
                with_overrides(OWNERS[key], **{key: value})
            assert list(caught.value.problems) == [key]
