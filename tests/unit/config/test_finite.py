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
            ["physics={mechanics: finite, stress_coupling: two_way}"],
            "physics.stress_coupling",
            "'one_way'",
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


def test_finite_mechanics_is_one_way_without_being_told():
    case = parse_case(STARTER, "case.yaml", ["physics.mechanics=finite"])
    assert case.physics.stress_coupling == "one_way"
