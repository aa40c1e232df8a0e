"""If these fail, a case gets something else than the finite mechanics that it asks for."""

from __future__ import annotations

import pytest

from mesode.config.load import parse_case
from mesode.config.starter import starter_text
from mesode.errors import InputError

STARTER = starter_text("test")


def refused(*overrides):
    """Return the problems of the starter case with these changes, as {path: text}."""
    with pytest.raises(InputError) as caught:
        parse_case(STARTER, "case.yaml", overrides)
    return {problem.path: str(problem) for problem in caught.value.problems}


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        (["physics.top=fixed"], "physics.top", "finite mechanics alone"),
        (
            [
                "physics.mechanics=finite",
                "materials.active={preset: SiO, yield_strength: 0 Pa}",
            ],
            "materials.active.yield_strength",
            "above 0",
        ),
        (
            ["physics.mechanics=finite", "materials.carbon_binder.E=1e30 Pa"],
            "materials.carbon_binder.E",
            "at most",
        ),
        (
            [
                "physics.mechanics=finite",
                "materials.active={preset: silicon, volumetric_expansion: 280 %}",
                "initial.lithiation=0.4",
            ],
            "initial.lithiation",
            "-12 % of its volume at lithiation 0",
        ),
        (
            ["physics={mechanics: finite, thermal: lumped}"],
            "physics.thermal",
            "knows no heat",
        ),
        (
            [
                "physics.mechanics=finite",
                "protocol=[Lithiate at 1C for 1 minute, impedance: {from: 1 kHz, to: 1 Hz}]",
            ],
            "protocol",
            "has no impedance",
        ),
        (
            ["physics={mechanics: finite, section: plane_stress}"],
            "physics.section",
            "'plane_strain' or 'generalised_plane_strain'",
        ),
        (
            ["physics.mechanics=finite", "numerics.displacement_degree=1"],
            "numerics.displacement_degree",
            "expected 2",
        ),
        (
            [
                "physics.mechanics=finite",
                "geometry.electrode.coating={integrity: 0.5}",
                "materials.coating={preset: carbon_coating}",
            ],
            "physics.mechanics",
            "stiffness of a coating",
        ),
    ],
)
def test_what_finite_mechanics_does_not_know_is_refused(changes, path, said):
    assert said in refused(*changes)[path]


def test_finite_mechanics_acts_back_unless_it_is_told_otherwise():
    case = parse_case(STARTER, "case.yaml", ["physics.mechanics=finite"])
    assert case.physics.stress_coupling == "two_way"


def test_one_way_it_goes_with_impedance():
    text = "physics={mechanics: finite, stress_coupling: one_way}"
    steps = "protocol=[Lithiate at 1C for 1 minute, impedance: {from: 1 kHz, to: 1 Hz}]"
    assert parse_case(STARTER, "case.yaml", [text, steps]).physics.mechanics == "finite"


def test_linear_mechanics_may_begin_at_any_lithiation():
    silicon = "materials.active={preset: silicon, volumetric_expansion: 280 %}"
    changes = ["physics.mechanics=linear", silicon, "initial.lithiation=0.4"]
    assert parse_case(STARTER, "case.yaml", changes).initial.lithiation == 0.4
