"""If these fail, a blend of graphite and silicon presses its particles along z, or becomes thinner
while both of them swell; or the stresses of a run with its defaults are not those of its equations.
"""

from __future__ import annotations

import json

from mpi4py import MPI

import pytest

from mesode.analysis.run_data import open_run
from mesode.case.execution import run_case
from mesode.case.plan import make_plan
from mesode.config.load import parse_case
from mesode.errors import InputError

pytestmark = pytest.mark.serial

BLEND = """
title: graphite and silicon
geometry:
  width: {width}
  electrode:
    thickness: {thickness}
    particles:
      - {{fraction: 0.45, diameter: {large}, material: graphite}}
      - {{fraction: 0.06, diameter: 1.5 um, material: silicon}}
    packing: {{gap: 0.3 um, seed: 1}}
    carbon_binder: {{kind: matrix}}
  separator: {{thickness: 10 um}}
mesh: {{size: 1.2 um, interface: {interface}}}
materials:
  active: {{graphite: {{preset: graphite}}, silicon: {{preset: silicon}}}}
  carbon_binder: {{preset: CMC_SBR_SuperP}}
  electrolyte: {{preset: LiPF6_EC_EMC}}
  separator: {{preset: Celgard_2500}}
physics: {{mechanics: linear, stress_coupling: {coupling}}}
protocol: [Lithiate at C/5 until {end}]
output: {{fields: 0, figures: false}}
"""
TINY = {"width": "7 um", "thickness": "8 um", "large": "3.5 um", "interface": "0.6 um"}
SMALL = {"width": "12 um", "thickness": "12 um", "large": "5 um", "interface": "0.5 um"}
THICKNESS = "Thickness Change / 1"


def done(path, text, *changes):
    """Return the run and its manifest."""
    outcome = run_case(parse_case(text, overrides=changes), path, MPI.COMM_SELF)
    assert outcome.exit_code == 0, outcome.manifest["reason"]
    return open_run(path), json.loads((path / "manifest.json").read_text())


@pytest.mark.parametrize("coupling", ["one_way", "two_way"])
def test_a_blend_becomes_thicker_while_it_takes_lithium(tmp_path, coupling):
    text = BLEND.format(**TINY, coupling=coupling, end="lithiation 0.2")
    run, manifest = done(tmp_path / "run", text)
    assert manifest["mechanics"]["section"] == "free_particles"
    assert not any("physics.section" in text for text in manifest["warnings"])
    thickness = run.column(THICKNESS)
    assert thickness.min() >= 0.0
    assert thickness[-1] > 0.01
    assert max(abs(run.column("Max von Mises graphite / Pa"))) < 3e8
    # silicon, whose potential is above that of graphite, takes part
    assert run.column("Mean Lithiation silicon / 1")[-1] > 0.1


def test_one_strain_for_all_makes_it_thinner_and_is_warned_of(tmp_path):
    text = BLEND.format(**TINY, coupling="one_way", end="lithiation 0.2")
    run, manifest = done(tmp_path / "run", text, "physics.section=generalised_plane_strain")
    assert run.column(THICKNESS)[-1] < 0.0
    assert max(run.column("Max von Mises silicon / Pa")) > 1e9
    assert any("take free_particles" in text for text in manifest["warnings"])


@pytest.mark.slow
@pytest.mark.parametrize(("coupling", "capacity"), [("one_way", 694.0), ("two_way", 683.0)])
def test_a_blend_is_lithiated_to_its_cut_off(tmp_path, coupling, capacity):
    text = BLEND.format(**SMALL, coupling=coupling, end="10 mV")
    run, manifest = done(tmp_path / "run", text)
    assert manifest["steps"][0]["reason"] == "voltage 10 mV reached"
    assert run.column("Specific Capacity / mA.h.g-1")[-1] == pytest.approx(capacity, rel=0.01)
    assert run.column("Mean Lithiation silicon / 1")[-1] > 0.8
    assert run.column(THICKNESS)[-1] == pytest.approx(0.10, abs=0.005)


DISCS = """
title: stress by its default
geometry:
  width: 20 um
  electrode:
    thickness: 15 um
    particles: {fraction: 0.35, diameter: 5 um, gap: 0.3 um, seed: 1}
  separator: {thickness: 20 um}
mesh: {size: 1.5 um, interface: 0.5 um}
materials:
  active: {preset: SiO_coated_low_defect}
  carbon_binder: {preset: CMC_SBR_SuperP}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
physics: {mechanics: linear}
protocol: [Lithiate at 1 C until 50 mV]
output: {fields: 0, figures: false}
"""
# Relative to a mesh of half the size; linear displacement is 49 %, 17 %, 9 % and 4 % off.
ERRORS = {
    "Max Principal Active / Pa": 0.2,
    "Max Principal Binder / Pa": 0.1,
    "Max von Mises Active / Pa": 0.08,
    "Max von Mises Binder / Pa": 0.05,
    "95th Percentile von Mises Active / Pa": 0.01,
    "95th Percentile von Mises Binder / Pa": 0.005,
    THICKNESS: 1e-3,
}


@pytest.mark.slow
def test_stress_with_its_default_is_near_that_of_a_finer_mesh(tmp_path):
    coarse, manifest = done(tmp_path / "coarse", DISCS)
    assert manifest["mechanics"]["stress_coupling"] == "two_way"
    fine, _ = done(tmp_path / "fine", DISCS, "mesh={size: 0.8 um, interface: 0.25 um}")
    for name, error in ERRORS.items():
        assert coarse.column(name)[-1] == pytest.approx(fine.column(name)[-1], rel=error), name


def test_silicon_that_has_not_that_much_to_give_is_refused(tmp_path):
    """At 0.3 in the mean silicon beside graphite has 0.44, a swelling of 124 % at one potential."""
    text = BLEND.format(**TINY, coupling="one_way", end="lithiation 0.3")
    changes = ["physics={mechanics: finite}", "materials.active.silicon={preset: silicon_average}"]
    make_plan(parse_case(text, overrides=[*changes, "initial.lithiation=0.2"]))
    case = parse_case(text, overrides=[*changes, "initial.lithiation=0.3"])
    with pytest.raises(InputError, match="silicon, which begins there, would have -24 %"):
        make_plan(case)
    with pytest.raises(InputError, match="silicon, which begins there, would have -2"):
        run_case(case, tmp_path / "run", MPI.COMM_SELF)
    assert not (tmp_path / "run").exists()
