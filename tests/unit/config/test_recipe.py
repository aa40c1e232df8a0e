"""If these fail, an electrode by weight is simulated with another composition than its recipe."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mesode.case.plan import make_plan
from mesode.config.dump import case_hash, dump_case, json_schema
from mesode.config.load import parse_case
from mesode.errors import InputError
from mesode.materials.presets import get_preset

CASE = """
geometry:
  width: 15 um
  electrode:
    recipe: {active: 80, carbon: 10, binder: 10, loading: 1.6 mg/cm2, porosity: 0.385}
    particles: {diameter: 3 um, gap: 0.1 um}
  separator: {thickness: 25 um}
mesh: {size: 0.8 um, interface: 0.2 um}
materials:
  active: {preset: SiO_coated_low_defect}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
protocol: [Lithiate at 1 C until 10 mV]
"""
RECIPE = "geometry.electrode.recipe"
# By hand: 80 g of SiO at 2.13, 10 g of carbon at 1.9, 10 g of binder at 1.2 g/cm^3 [cm^3]
VOLUMES = (80 / 2.13, 10 / 1.9, 10 / 1.2)
LOADING = 1.6e-3  # [g/cm^2]
SOLID = LOADING / 80 * sum(VOLUMES)  # [cm], the thickness without pores


def case(*changes):
    return parse_case(CASE, "", changes)


def refused(*changes):
    with pytest.raises(InputError) as caught:
        case(*changes)
    return {problem.path: str(problem) for problem in caught.value.problems}


def numbers(asked):
    electrode = asked.geometry.electrode
    return (
        electrode.thickness,
        electrode.particles[0].fraction,
        asked.materials.carbon_binder.porosity,
        asked.materials.carbon_binder.density,
    )


def test_the_density_of_the_solid_is_that_of_the_paper():
    """Zhang et al. 2024 use SiO, carbon and binder 80:10:10; 1.955 g/cm^3 follows by hand."""
    assert 100 / sum(VOLUMES) == pytest.approx(1.955, abs=1e-3)
    assert VOLUMES[0] / sum(VOLUMES) == pytest.approx(0.734, abs=1e-3)


@pytest.mark.parametrize(
    "changes",
    [
        (),
        (f"{RECIPE}.porosity=null", f"geometry.electrode.thickness={SOLID / 0.615 * 1e4!r} um"),
        (f"{RECIPE}.loading=null", f"geometry.electrode.thickness={SOLID / 0.615 * 1e4!r} um"),
    ],
)
def test_of_loading_porosity_and_thickness_the_third_follows(changes):
    thickness, fraction, porosity, density = numbers(case(*changes))
    assert thickness == pytest.approx(1e-2 * SOLID / 0.615, rel=1e-8)
    assert fraction == pytest.approx(0.615 * VOLUMES[0] / sum(VOLUMES), rel=1e-8)
    solid = 0.615 * sum(VOLUMES[1:]) / sum(VOLUMES)
    assert porosity == pytest.approx(1 - solid / (1 - fraction), rel=1e-8)
    assert density == pytest.approx(1e3 * 20 / sum(VOLUMES[1:]), rel=1e-8)


def test_the_section_has_the_composition_of_the_recipe():
    plan = make_plan(case())
    active, binder = plan.working
    assert active.mass / (active.mass + binder.mass) == pytest.approx(0.8, rel=1e-6)
    assert plan.loading == pytest.approx(0.016, rel=1e-6)
    assert plan.porosity == pytest.approx(0.385, rel=1e-6)
    row = dict(plan.rows())["recipe"]
    for part in ("active 80, carbon 10, binder 10", "given: loading, porosity", "thickness, frac"):
        assert part in row


def test_a_binder_of_another_shape_takes_its_volume():
    change = (
        f"{RECIPE}={{active: 90, carbon: 5, binder: 5, loading: 1.4 mg/cm2}}",
        "geometry.electrode.thickness=16 um",
        "geometry.electrode.carbon_binder={kind: bridges}",
        "materials.carbon_binder={preset: carbon_black}",
    )
    asked = case(*change)
    solid = 1.4e-3 / 90 * (5 / 1.9 + 5 / 1.2) / 16e-4
    (shape,) = asked.geometry.electrode.carbon_binder
    own = get_preset("carbon_binder", "carbon_black").ionic.porosity
    assert shape.fraction == pytest.approx(solid / (1 - own))
    assert asked.materials.carbon_binder.porosity is None
    plan = make_plan(asked)
    active, binder = plan.working
    assert active.mass / (active.mass + binder.mass) == pytest.approx(0.9, rel=0.02)
    assert plan.porosity == pytest.approx(1 - solid - 1.4e-3 / 2.13 / 16e-4, rel=0.02)


BLEND = (
    f"{RECIPE}={{active: {{graphite: 70, silicon: 10}}, carbon: 10, binder: 10, "
    "loading: 1.5 mg/cm2, porosity: 0.4, binder_density: 1.78 g/cm^3}",
    "geometry.electrode.particles=[{diameter: 4 um, material: graphite}, "
    "{diameter: 1.5 um, material: silicon}]",
    "materials.active={graphite: {preset: graphite}, silicon: {preset: silicon}}",
)


def test_a_blend_is_split_by_weight():
    plan = make_plan(case(*BLEND))
    graphite, silicon, binder = plan.working
    assert graphite.mass / silicon.mass == pytest.approx(7.0, rel=1e-6)
    assert binder.mass / silicon.mass == pytest.approx(2.0, rel=1e-6)
    assert plan.loading == pytest.approx(0.015, rel=1e-6)
    assert plan.porosity == pytest.approx(0.4, rel=1e-6)


def test_the_counter_electrode_may_have_a_recipe():
    asked = case(
        "geometry.counter={recipe: {active: 96, carbon: 2, binder: 2, loading: 10 mg/cm2, "
        "porosity: 0.35, binder_density: 1.78 g/cm^3}, particles: {diameter: 5 um, gap: 0.1 um}}",
        "materials.counter={active: {preset: NMC811}, carbon_binder: {preset: carbon_black}}",
    )
    density = get_preset("active", "NMC811").density * 1e-3
    solid = 10e-3 / 96 * (96 / density + 2 / 1.9 + 2 / 1.78)
    assert asked.geometry.counter.thickness == pytest.approx(1e-2 * solid / 0.65, rel=1e-8)


def test_editors_know_that_thickness_and_fraction_may_follow():
    sections = json_schema()["$defs"]
    assert {"required": ["recipe"]} in sections["ElectrodeShape"]["anyOf"]
    assert "thickness" not in sections["ElectrodeShape"]["required"]
    assert sections["Particles"]["required"] == ["diameter"]


@pytest.mark.parametrize("changes", [(), BLEND])
def test_the_resolved_case_reads_back(changes):
    asked = case(*changes)
    back = parse_case(dump_case(asked))
    assert back == asked
    assert case_hash(back) == case_hash(asked)
    assert yaml.safe_load(dump_case(asked))["geometry"]["electrode"]["recipe"]["carbon"] == 10


@pytest.mark.parametrize(
    ("changes", "path", "words"),
    [
        (("geometry.electrode.thickness=20 um",), "geometry.electrode.thickness", "do not fit"),
        ((f"{RECIPE}.porosity=null",), RECIPE, "does not say how thick"),
        ((f"{RECIPE}.active=0",), f"{RECIPE}.active", "above 0"),
        ((f"{RECIPE}.loading=1.6",), f"{RECIPE}.loading", "'2 mg/cm^2'"),
        ((f"{RECIPE}.loading=5 mg/cm2", f"{RECIPE}.porosity=null",
          "geometry.electrode.thickness=16 um"), f"{RECIPE}.loading", "solids alone take"),
        ((f"{RECIPE}.porosity=0.05",), RECIPE, "would fill 69.8 %"),
        ((f"{RECIPE}.active={{silicon: 3}}",), f"{RECIPE}.active.silicon", "only one"),
        ((*BLEND[1:],), f"{RECIPE}.active", "several active materials"),
        ((*BLEND, "geometry.electrode.particles.1.material=graphite"),
         "geometry.electrode.particles[1]", "one population of each"),
        (("geometry.electrode.particles.fraction=0.3",),
         "geometry.electrode.particles.fraction", "follows from the recipe, 0.45154"),
        (("materials.carbon_binder.porosity=0.3",), "materials.carbon_binder.porosity", "0.70196"),
        (("geometry.electrode.particles.inside={kind: hollow, void: 0.3}",),
         "geometry.electrode.particles.inside", "solid particles only"),
        (("geometry.electrode.carbon_binder=none",), "geometry.electrode.carbon_binder", "place"),
        (("geometry.electrode.carbon_binder={kind: patches, coverage: 0.5, thickness: 0.1 um, "
          "length: 1 um}",), "geometry.electrode.carbon_binder", "cannot set this shape"),
        (("materials.active.preset=SiOx",), "materials.active.preset", "name of a preset"),
        ((f"{RECIPE}=3",), RECIPE, "a mapping"),
    ],
)  # fmt: skip
def test_a_recipe_that_does_not_add_up_is_told(changes, path, words):
    found = refused(*changes)
    assert list(found) == [path]
    assert words in found[path]


JUNK = st.sampled_from(
    [None, 3, -1, 0, 1e300, "x", "70 %", "3 um", "2 mg/cm2", [], [1], {}, {"a": 1}, True, "none"]
)
PLACES = (
    RECIPE, f"{RECIPE}.active", f"{RECIPE}.loading", f"{RECIPE}.porosity", f"{RECIPE}.binder",
    "geometry.electrode.thickness", "geometry.electrode.particles",
    "geometry.electrode.particles.material", "geometry.electrode.carbon_binder",
    "geometry.electrode.carbon_binder.kind", "materials", "materials.active",
    "materials.active.preset", "materials.active.density", "materials.carbon_binder",
    "materials.carbon_binder.preset", "materials.carbon_binder.porosity", "geometry.counter",
)  # fmt: skip


@settings(max_examples=200)
@given(st.lists(st.tuples(st.sampled_from(PLACES), JUNK), min_size=1, max_size=3))
def test_whatever_stands_in_a_recipe_is_a_case_or_told(changes):
    with suppress(InputError):
        case(*(f"{path}={json.dumps(value)}" for path, value in changes))
