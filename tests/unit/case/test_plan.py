"""If these fail, `mesode check` promises another capacity, current or size than the run has."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from mesode.case import size_estimate
from mesode.case.case_section import build_case_section
from mesode.case.facts import material_facts
from mesode.case.meshing import mesh_case
from mesode.case.plan import make_plan
from mesode.case.resolution import unresolved_layers, worst_jump
from mesode.config.geometry import Geometry
from mesode.config.load import load_case, parse_case
from mesode.config.resolve import resolve_materials
from mesode.config.starter import starter_text
from mesode.constants import FARADAY
from mesode.errors import GeometryError
from mesode.geometry.arrays import cell_areas
from mesode.materials.presets import get_preset
from support.plain_case import plain_text
from support.tiny_case import TINY


def case(*overrides):
    return parse_case(plain_text("test"), "", overrides)


@pytest.fixture(scope="module")
def plan():
    return make_plan(case())


def test_areas_and_capacity(plan):
    area = 0.45 * 15e-6 * 16.7e-6
    assert plan.active_area == pytest.approx(area, rel=1e-6, abs=0)
    assert plan.fraction == pytest.approx(0.45)
    assert plan.loading == pytest.approx(2130 * area / 15e-6)
    assert plan.capacity == pytest.approx(FARADAY * 110000 * area / 15e-6)
    assert plan.specific_capacity / 3600 == pytest.approx(FARADAY * 110000 / 2130 / 3600)
    assert plan.current_1C == pytest.approx(plan.capacity / 3600)


def test_the_rows_have_units_that_people_use(plan):
    rows = dict(plan.rows())
    steps = len(plan.steps)
    assert f"20 frames over each step, {20 * steps + 1} in all, about" in rows["fields"]
    assert "1.601 mg/cm^2" in rows["loading"]
    assert "1384 mAh/g" in rows["capacity"]
    assert "2.216 mAh/cm^2" in rows["capacity"]
    assert "2.216 mA/cm^2" in rows["1C"]


def test_the_steps_have_their_rate():
    plan = make_plan(case(
        "protocol=['Lithiate at 5 mA/cm2 until 10 mV', 'Delithiate at C/2 until 1 V', "
        "'Lithiate at 0.2 A/g until 10 mV', 'Hold at 10 mV until C/50']"
    ))  # fmt: skip
    lithiate, delithiate, per_mass, hold = plan.steps
    assert (lithiate.current, lithiate.c_rate) == pytest.approx((50.0, 50 / plan.current_1C))
    assert (delithiate.current, delithiate.c_rate) == pytest.approx((-plan.current_1C / 2, 0.5))
    assert per_mass.current == pytest.approx(200 * plan.loading)
    assert (hold.current, hold.c_rate) == (None, None)


@pytest.mark.serial
@pytest.mark.parametrize("overrides", [[], ["mesh={size: 1.5 um, interface: 0.15 um}"]])
def test_the_estimated_size_is_near_the_real_one(tmp_path, overrides):
    asked = case(*overrides)
    meshed = mesh_case(asked, tmp_path)
    assert make_plan(asked).cells == pytest.approx(len(cell_areas(meshed.arrays)), rel=0.15)


def test_more_samples_do_not_change_the_estimated_size(monkeypatch):
    tiny = parse_case(TINY, "", ["mesh.interface=0.3 um"])
    found = make_plan(tiny).cells
    monkeypatch.setattr(size_estimate, "_PER_EDGE", 30)
    assert found == pytest.approx(make_plan(tiny).cells, rel=5e-3)
    monkeypatch.setattr(size_estimate, "_PER_EDGE", 0.3)  # too few are seen
    assert found != pytest.approx(make_plan(tiny).cells, rel=2e-2)


def test_mechanics_cost_unknowns(plan):
    assert make_plan(case("physics.mechanics=linear")).dofs > 3 * plan.dofs


def test_the_kind_of_section_is_told_and_judged(plan):
    assert plan.section_kind is None
    assert "mechanics" not in dict(plan.rows())
    free = make_plan(case("physics.mechanics=linear"))
    assert dict(free.rows())["mechanics"] == "section: generalised_plane_strain"
    held = make_plan(case("physics={mechanics: linear, section: plane_strain}"))
    assert held.section_kind == "plane_strain"
    assert any("nothing may move along z" in text for text in held.warnings)
    assert not any("along z" in text for text in (*plan.warnings, *free.warnings))


def test_what_is_assumed_is_told_with_its_value(plan):
    assert any("i_0: 2 A/m^2" in text for text in plan.assumed)
    changed = make_plan(case("materials.active.i_0_ref=1 A/m^2"))
    assert not any("i_0: 2 A/m^2" in text for text in changed.assumed)


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("physics.temperature=340 K", ["kappa", "T from 263.15 to 323.15 K", "340"]),
        ("materials.electrolyte.concentration=2.5 mol/l", ["c_e from 100 to 2000", "2500"]),
        ("initial.lithiation=0.0005", ["ocp", "sto from 0.001", "begins at 0.0005"]),
    ],
)
def test_a_law_outside_its_range_is_told(override, words):
    warnings = make_plan(case(override)).warnings
    assert any(all(word in text for word in words) for text in warnings)


def test_nothing_is_warned_of_without_a_reason(plan):
    assert plan.warnings == ()


def test_a_section_that_a_run_refuses_is_refused():
    alone = "geometry.electrode.carbon_binder.kind=none"
    with pytest.raises(GeometryError, match="lack a path for electrons"):
        make_plan(case(alone))
    behind = make_plan(case(alone, "geometry.third_dimension=estimated"))
    assert not any("geometry.third_dimension: estimated gives" in w for w in behind.warnings)
    assert behind.dofs > 0
    with pytest.raises(GeometryError, match="lack a path for ions"):
        make_plan(case("materials.carbon_binder={preset: PVDF, sigma: 1 S/m}"))


def test_sources_are_cited_once():
    citations = material_facts(case()).citations
    assert len(citations) == len(set(citations))
    assert any("Zhang" in text for text in citations)
    assert any("Landesfeind" in text for text in citations)
    assert not any("no lithium" in text or "assumed" in text for text in citations)


BLEND = (
    "materials.active={fine: {preset: silicon}, coarse: {preset: graphite}}",
    "geometry.electrode.particles=[{fraction: 0.15, diameter: 2 um, material: fine}, "
    "{fraction: 0.3, diameter: 3 um, material: coarse}]",
    "geometry.electrode.carbon_binder={kind: bridges, fraction: 0.2}",
    "mesh={size: 1 um, interface: 0.2 um}",
)


def capacity_of(preset, share):
    material = get_preset("active", preset)
    return FARADAY * material.lithium.c_max * share * 16.7e-6, material.density * share * 16.7e-6


def test_hosts_of_a_blend_add_up():
    plan = make_plan(case(*BLEND))
    fine, coarse = capacity_of("silicon", 0.15), capacity_of("graphite", 0.3)
    assert plan.fraction == pytest.approx(0.45, rel=1e-6)
    assert plan.capacity == pytest.approx(fine[0] + coarse[0], rel=1e-6)
    assert plan.loading == pytest.approx(fine[1] + coarse[1], rel=1e-6)
    assert plan.counter_capacity is None
    rows = dict(plan.rows())
    for phase, part in (("fine", fine), ("coarse", coarse)):
        share = 100 * part[0] / (fine[0] + coarse[0])
        assert f"{part[0] / 3.6e4:.4g} mAh/cm^2, {share:.3g} %" in rows[f"  {phase}"]


def test_a_layer_is_named_beside_the_particles_that_it_lies_around():
    around = make_plan(case(
        "geometry.electrode.particles.material=coarse",
        "geometry.electrode.carbon_binder=none",
        "geometry.electrode.layer={material: fine, fraction: 0.15, porosity: 0.5, "
        "diameter: 200 nm, sigma: 10 S/m}",
        "materials.active={coarse: {preset: graphite}, fine: {preset: silicon}}",
        "materials.carbon_binder=null",
        "physics.mechanics=none",
    ))  # fmt: skip
    rows = dict(around.rows())
    fraction = 0.45 + 0.15 * 0.55
    assert rows["particles"].startswith(
        f"{around.particles} in a homogenised layer of silicon, area fraction {fraction:.4g},"
    )
    assert around.particles > 5


@pytest.mark.serial
def test_the_size_of_an_electrode_with_bridges_is_near_the_real_one(tmp_path):
    asked = case(*BLEND)
    meshed = mesh_case(asked, tmp_path)
    assert make_plan(asked).cells == pytest.approx(len(cell_areas(meshed.arrays)), rel=0.15)


def test_a_counter_electrode_has_a_capacity_of_its_own():
    plan = make_plan(case(
        "geometry.counter={thickness: 20 um, particles: {fraction: 0.5, diameter: 4 um, "
        "gap: 0.2 um}, carbon_binder: {kind: matrix}}",
        "materials.counter={active: {preset: NMC811}, carbon_binder: {preset: carbon_black}}",
    ))  # fmt: skip
    c_max = get_preset("active", "NMC811").lithium.c_max
    assert plan.counter_capacity == pytest.approx(FARADAY * c_max * 0.5 * 20e-6, rel=1e-6)
    assert plan.capacity == pytest.approx(FARADAY * 110000 * 0.45 * 16.7e-6)
    rows = dict(plan.rows())
    assert "of the electrode's" in rows["counter capacity"]
    assert rows["N/P"].startswith(f"{plan.capacity / plan.counter_capacity:.3g},")


def test_composition_is_by_weight_without_pores(plan):
    """Super P, CMC and SBR are 20 parts of 100 by weight where SiO is 80 (Zhang 2024)."""
    solid, binder = 0.45 * 2130, 0.55 * (1 - 0.7) * 1460
    share = 100 * solid / (solid + binder)
    rows = dict(plan.rows())
    assert share == pytest.approx(80, abs=0.5)
    assert rows["composition"].startswith(f"SiO_coated_low_defect {share:.3g} wt%, CMC_SBR_SuperP")
    assert "porosity 0.385" in rows["composition"]
    assert f"{1e-1 * 16.7e-6 * 1e3 * (solid + binder):.4g} mg/cm^2 dry" in rows["loading"]


def test_the_voltage_at_the_start_is_that_of_rest(plan):
    ocp = get_preset("active", "SiO_coated_low_defect").lithium.ocp
    assert plan.voltage == pytest.approx(float(ocp(sto=0.02, T=298.15)))


SLOW = (
    "geometry.electrode.particles={fraction: 0.25, diameter: 2 um, gap: 0.3 um}",
    "mesh={size: 1 um, interface: 0.3 um}",
    "materials.active={preset: silicon_Castelli}",
    "protocol=['Rest for 1 h', 'Delithiate at C/10 until 0.8 V', 'Delithiate at 1 C until 0.8 V']",
    "initial.lithiation=0.8",
)


def test_a_layer_that_the_mesh_does_not_resolve_is_told_with_what_would_do():
    warnings = [text for text in make_plan(case(*SLOW)).warnings if "mesh.interface" in text]
    # the flux of a cylinder that loses all of its lithium in an hour: c_max R/2 per hour
    flux = 0.5e-6 / 3600.0
    depth = math.sqrt(math.pi) * 1e-17 / (2 * flux)
    (text,) = warnings
    assert "active: in step 3 (Delithiate at 1 C until 0.8 V) lithium moves " in text
    told = float(text.partition("moves ")[2].split()[0]) * 1e-6
    would_do = float(text.partition("mesh.interface: ")[2].split()[0]) * 1e-6
    assert told == pytest.approx(depth, rel=0.05)
    assert would_do == pytest.approx(depth / 4, rel=0.05)
    finer = make_plan(case(*SLOW, f"mesh.interface={0.99 * would_do:g} m"))
    assert not any("mesh.interface" in text for text in finer.warnings)


def test_the_layer_of_a_short_step_is_that_of_its_time():
    short = "protocol=['Delithiate at 1 C for 90 s']"
    (text,) = [t for t in make_plan(case(*SLOW, short)).warnings if "mesh.interface" in t]
    assert "0.03 um deep" in text  # sqrt(1e-17 m2/s 90 s)


def test_the_shipped_configs_resolve_their_layers():
    paths = sorted((Path(__file__).parents[3] / "configs").glob("*.yaml"))
    assert len(paths) > 10
    for path in paths:
        shipped = load_case(path)
        if isinstance(shipped.geometry, Geometry):
            section = build_case_section(shipped).section
            assert list(unresolved_layers(shipped, resolve_materials(shipped), section)) == []


#: The section of which it was measured what the first seconds cost.
MEASURED = (
    "geometry={width: 10 um, electrode: {thickness: 10 um, particles: {fraction: 0.3, gap: 0.2 um, "
    "diameter: {histogram: [[1.5 um, 0.5], [2 um, 0.3], [2.5 um, 0.2]]}, seed: 5}}, "
    "separator: {thickness: 25 um}, counter: lithium}",
    "mesh={size: 1 um, interface: 0.25 um}",
)


def told_of_jumps(*overrides, kind="silicon"):
    plan = make_plan(parse_case(starter_text("test", kind), "", overrides))
    return [text for text in plan.notes if "begins the voltage is off" in text]


def test_what_the_first_seconds_cost_is_told():
    """Measured against a mesh of half the size, 10 s after the start: 8 mV."""
    (told,) = told_of_jumps(*MEASURED)
    assert told.startswith("active: when the current of step 1 begins")
    assert "about 10 mV for some 50 s" in told
    assert "0.22 um of a triangle" in told


@pytest.mark.parametrize(
    "changes", [("mesh.surface=0.02 um",), ("materials.active.D_s=1e-12 m^2/s",)]
)
def test_layers_and_a_fast_host_cost_little(changes):
    assert told_of_jumps(*changes) == []


def test_both_electrodes_are_looked_at():
    """A cathode gives lithium where the anode takes it: its potential falls the other way."""
    slow = "materials.counter.active.D_s=1e-16 m^2/s"
    assert any(text.startswith("counter_active") for text in told_of_jumps(slow, kind="fullcell"))
    assert not any(text.startswith("counter_") for text in told_of_jumps(kind="fullcell"))


def test_a_jump_goes_where_the_current_leads():
    """Near empty a potential is steeper towards empty: charging an anode costs less there."""

    def error(step):
        changes = (f"protocol.0={step}", "materials.active.D_s=1e-15 m^2/s")
        full = parse_case(starter_text("test", "fullcell"), "", changes)
        section = build_case_section(full).section
        return worst_jump(full, resolve_materials(full), section, "active", "").error

    charge, discharge = error("Charge at C/2 until 4 V"), error("Discharge at C/2 until 3 V")
    assert 0.01 < charge < 0.7 * discharge
