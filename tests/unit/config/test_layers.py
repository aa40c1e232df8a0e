"""If this fails, a homogenised layer is another one than its file says, or a slip goes unseen."""

from __future__ import annotations

import pytest

from mesode.case.case_section import build_case_section
from mesode.case.meshing import mesh_case
from mesode.case.plan import make_plan
from mesode.case.start import settled_on_mesh, settled_on_section
from mesode.config.dump import dump_case
from mesode.config.layer import LayerElectrode
from mesode.config.load import parse_case
from mesode.config.resolve import resolve_materials
from mesode.config.starter import starter_text
from mesode.constants import FARADAY
from mesode.errors import InputError
from mesode.physics.radial_diffusion import COUNT

LAYERS = starter_text("test", "layers")
DRAWN = starter_text("test", "fullcell")
HALF = starter_text("test", "silicon")
CATHODE = (
    "geometry.counter={thickness: 16 um, layer: {fraction: 0.6, porosity: 0.3, diameter: 8 um}}"
)


def case(*overrides, text=LAYERS):
    return parse_case(text, "case.yaml", overrides)


def refused(*overrides, text=LAYERS):
    with pytest.raises(InputError) as caught:
        case(*overrides, text=text)
    return "\n".join(f"{p.path}: {p.expected} {p.hint}" for p in caught.value.problems)


def layer_of(*overrides, phase="active"):
    return resolve_materials(case(*overrides)).phases[phase]


def test_a_layer_has_what_its_keys_say():
    material = layer_of("geometry.electrode.layer.shape=cylinder")
    assert material.layer.dimensions == 2
    assert material.layer.surface == pytest.approx(2 * 0.75 / 5.86e-6)
    assert material.layer.resolved
    assert not layer_of("geometry.electrode.layer.inside=uniform").layer.resolved
    assert material.ionic.porosity == 0.25
    assert material.mechanical is None
    assert float(material.swelling(sto=1.0)) == pytest.approx(0.1, abs=0.05)
    assert float(material.electronic.sigma()) == 215.0


def test_what_is_not_given_follows_by_bruggeman_and_is_assumed():
    material = layer_of("geometry.electrode.layer={fraction: 0.6, porosity: 0.4, diameter: 5 um}")
    assert material.ionic.macmullin == pytest.approx(0.4**-1.5)
    assert float(material.electronic.sigma()) == pytest.approx(215.0 * 0.6**1.5)
    assert {text.partition(":")[0] for text in material.assumed} >= {"sigma", "macmullin"}
    given = layer_of("geometry.electrode.layer.macmullin=7")
    assert given.ionic.macmullin == 7.0
    assert not any("macmullin" in text or "sigma" in text for text in given.assumed)


def test_what_the_pores_take_is_assumed_unless_it_is_given():
    material = layer_of()
    assert material.layer.pores_take == 0.0
    assert any(text.startswith("pores_take: 0") for text in material.assumed)
    given = layer_of("geometry.electrode.layer.pores_take=40 %")
    assert given.layer.pores_take == pytest.approx(0.4)
    assert not any("pores_take" in text for text in given.assumed)


def test_check_counts_the_active_material_alone():
    plan = make_plan(case())
    assert plan.fraction == pytest.approx(0.75)
    assert plan.porosity == pytest.approx(0.25)
    assert plan.capacity == pytest.approx(FARADAY * 33133.0 * 0.75 * 46e-6)
    assert plan.counter_capacity == pytest.approx(FARADAY * 63104.0 * 0.665 * 38e-6)
    assert plan.loading == pytest.approx(2260.0 * 0.75 * 46e-6)


def test_a_film_on_the_particles_of_a_layer_is_solved_for_at_its_nodes():
    film, uniform = (
        "materials.sei={preset: EC_Yang_2017}",
        "geometry.electrode.layer.inside=uniform",
    )
    dofs = make_plan(case()).dofs
    nodes = (dofs - make_plan(case(uniform)).dofs) / COUNT
    assert make_plan(case(film)).dofs - dofs == pytest.approx(2 * nodes, abs=1)


def test_a_layer_stands_opposite_a_drawn_electrode():
    found = case(CATHODE, "materials.counter={active: {preset: NMC811}}", text=DRAWN)
    assert isinstance(found.geometry.counter, LayerElectrode)
    plan = make_plan(found)
    assert plan.particles > 0
    assert plan.counter_capacity == pytest.approx(FARADAY * 63104.0 * 0.6 * 16e-6)


def test_a_voltage_at_the_start_counts_the_active_material_alone(tmp_path):
    asked = case("initial={voltage: 3.9 V, lithiation: 0.03, counter_lithiation: 0.9}")
    drawn = settled_on_section(asked, build_case_section(asked).section).initial
    meshed = settled_on_mesh(asked, mesh_case(asked, tmp_path).arrays).initial
    assert meshed.lithiation == pytest.approx(drawn.lithiation, abs=1e-6)
    assert meshed.counter_lithiation == pytest.approx(drawn.counter_lithiation, abs=1e-6)
    moved = (drawn.lithiation - 0.03) / (0.9 - drawn.counter_lithiation)
    assert moved == pytest.approx(63104.0 * 0.665 * 38.0 / (33133.0 * 0.75 * 46.0), rel=1e-6)


AROUND = (
    "geometry.electrode.layer={material: silicon, fraction: 0.15, porosity: 0.5, "
    "diameter: 200 nm, sigma: 10 S/m}"
)
BOTH = (
    AROUND,
    "geometry.electrode.carbon_binder=null",
    "geometry.electrode.particles.material=graphite",
    "materials.active={graphite: {preset: graphite}, silicon: {preset: silicon}}",
    "materials.carbon_binder=null",
    "physics.mechanics=none",
)


def test_a_layer_lies_around_drawn_particles(tmp_path):
    found = case(*BOTH, text=HALF)
    assert parse_case(dump_case(found)) == found
    materials = resolve_materials(found)
    assert materials.phases["silicon"].layer.fraction == 0.15
    assert materials.phases["graphite"].layer is None
    section = build_case_section(found).section
    area = {name: sum(p.area for p in parts) for name, parts in section.phases.items()}
    assert set(area) == {"graphite", "silicon", "separator"}
    plan = make_plan(found)
    whole = area["graphite"] + area["silicon"]
    assert plan.fraction == pytest.approx((area["graphite"] + 0.15 * area["silicon"]) / whole)
    assert plan.porosity == pytest.approx(0.5 * area["silicon"] / whole)


@pytest.mark.parametrize(
    ("override", "path", "text"),
    [
        ("geometry.electrode.carbon_binder=matrix", "carbon_binder", "no 'matrix' beside a layer"),
        ("geometry.electrode.layer.material=graphite", "layer.material", "another material"),
        ("physics.mechanics=linear", "physics.mechanics", "no mechanics"),
    ],
)
def test_a_slip_beside_particles_is_told(override, path, text):
    found = refused(*BOTH, override, text=HALF)
    assert path in found
    assert text in found


def test_what_is_refused_in_a_layer_is_allowed_in_particles_beside_it():
    crystalline = "materials.active.silicon.crystalline={plateau: 0.1 V}"
    assert "no front moves" in refused(*BOTH, crystalline, text=HALF)
    swapped = (
        "geometry.electrode.layer.material=graphite",
        "geometry.electrode.particles.material=silicon",
    )
    assert case(*BOTH, *swapped, crystalline, text=HALF)


def test_a_file_is_written_as_it_was_read():
    assert parse_case(dump_case(case())) == case()


@pytest.mark.parametrize(
    ("override", "path", "text"),
    [
        ("geometry.electrode.layer.porosity=0.3", "layer.porosity", "at most 0.25"),
        ("geometry.electrode.layer.diameter=5", "layer.diameter", "unit"),
        ("geometry.electrode.layer.fracton=0.3", "fracton", "fraction"),
        ("physics.mechanics=linear", "physics.mechanics", "no mechanics"),
        ("mesh={size: 40 um, interface: 2 um}", "mesh.size", "thickness of the layer"),
        ("geometry.third_dimension=estimated", "third_dimension", "nothing is cut off"),
        ("geometry.electrode.layer.material=silicon", "layer.material", "expected a name"),
    ],
)
def test_a_slip_is_told_where_it_is(override, path, text):
    found = refused(override)
    assert path in found
    assert text in found
