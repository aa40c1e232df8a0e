"""If this fails, the physics computes with other properties than the file gives."""

from __future__ import annotations

import pytest

from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.constants import T_REF
from support.plain_case import plain_text

STARTER = plain_text("test")


def resolved(*overrides):
    return resolve_materials(parse_case(STARTER, overrides=overrides))


def test_presets_without_changes():
    materials = resolved()
    assert materials.phases["active"].name == "SiO_coated_low_defect"
    assert materials.phases["carbon_binder"].name == "CMC_SBR_SuperP"
    assert materials.phases["separator"].ionic.porosity == 0.55
    assert materials.electrolyte.concentration == 1000.0
    assert materials.counter.name == "lithium_metal"
    assert materials.contact_resistance == 1e-7


def test_open_electrolyte_has_no_binder():
    phases = resolved("geometry.electrode.carbon_binder.kind=none").phases
    assert "carbon_binder" not in phases
    assert (phases["pore"].ionic.porosity, phases["pore"].ionic.macmullin) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2e-13 m^2/s", 2e-13),
        ("2e-9 cm^2/s", 2e-13),
        ("{expression: 4e-13*(1 - sto), unit: m^2/s}", 2e-13),
        ("{expression: 4e-9*(1 - sto), unit: cm^2/s}", 2e-13),
        ("{expression: 4e-9*exp(0) - 2e-9, unit: cm^2/s}", 2e-13),
        ("{table: [[0, 4e-9], [1, 2e-9]], unit: cm^2/s, method: linear}", 3e-13),
        ("{table: [[0, 4e-13], [1, 4e-13]], of: sto, unit: m^2/s}", 4e-13),
    ],
)
def test_each_form_of_a_law_gives_its_value(value, expected):
    law = resolved(f"materials.active.D_s={value}").phases["active"].lithium.D_s
    assert float(law(sto=0.5, T=T_REF)) == pytest.approx(expected, rel=1e-12, abs=0)


def test_named_law_is_that_of_the_library():
    law = resolved("materials.active.ocp=si_verbrugge_lithiation").phases["active"].lithium.ocp
    assert law.name == "si_verbrugge_lithiation"


def test_overrides_of_every_group_arrive():
    materials = resolved(
        "materials.active.density=2.5 g/cm^3",
        "materials.active.c_max=100 mol/l",
        "materials.active.i_0_ref=3 A/m^2",
        "materials.active.volumetric_expansion=1.2",
        "materials.active.film_resistance=10 ohm cm^2",
        "materials.carbon_binder.sigma=50 S/m",
        "materials.carbon_binder.porosity=60 %",
        "materials.electrolyte.kappa=10 mS/cm",
        "materials.electrolyte.t_plus=0.3",
        "materials.separator.macmullin=5",
        "materials.counter.i_0_ref=20 A/m^2",
    )
    active, binder = materials.phases["active"], materials.phases["carbon_binder"]
    assert (active.density, active.lithium.c_max) == (2500.0, 1e5)
    assert float(active.lithium.i_0(sto=0.5, c_e=1000.0, T=T_REF)) == pytest.approx(3.0)
    assert float(active.mechanical.swelling(sto=1.0)) == pytest.approx(1.2)
    assert active.lithium.film_resistance == 1e-3
    assert float(binder.electronic.sigma(sto=0.0, T=T_REF)) == 50.0
    assert binder.ionic.porosity == 0.6
    assert float(materials.electrolyte.kappa(c_e=500.0, T=T_REF)) == 1.0
    assert float(materials.electrolyte.t_plus(c_e=500.0, T=T_REF)) == 0.3
    assert materials.phases["separator"].ionic.macmullin == 5.0
    assert float(materials.counter.i_0(c_e=1000.0, T=T_REF)) == pytest.approx(20.0)
