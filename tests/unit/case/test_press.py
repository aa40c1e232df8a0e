"""If these fail, a run is crushed by a pressure that could be told beforehand, or is told it is."""

from __future__ import annotations

import re

import pytest

from support.bridged_case import told

BINDER = "materials.carbon_binder={preset: CMC_SBR_SuperP, yield_strength: 20 MPa}"
STICKS = (
    "materials.carbon_binder.adhesion_strength=4 MPa",
    "materials.carbon_binder.adhesion_toughness=0.2 J/m^2",
)


@pytest.mark.parametrize(
    ("changes", "presses", "limit"),
    [
        (("physics.top.pressure=25 MPa",), "25 MPa", "yield_strength of carbon_binder, 20 MPa"),
        (("physics.top.pressure=5 MPa", *STICKS), "5 MPa", "adhesion_strength of .*, 4 MPa"),
        (
            ("physics.top={stack: {springs: [1 MPa/um], cells: 1, preload: 5 MPa}}", *STICKS),
            "5 MPa",
            "adhesion_strength of .*, 4 MPa",
        ),
        (
            (
                "physics.top.pressure=5 MPa",
                "materials.carbon_binder={preset: CMC_SBR_SuperP, E: 3 MPa, network: {}}",
            ),
            "5 MPa",
            "E of carbon_binder, 3 MPa",
        ),
    ],
)
def test_a_pressure_that_is_more_than_the_weakest_bears_is_told(changes, presses, limit):
    (warning,) = told("presses", BINDER, *changes)
    assert f"presses with {presses}" in warning
    assert re.search(limit, warning)


@pytest.mark.parametrize(
    "changes",
    [
        ("physics.top.pressure=15 MPa",),
        ("physics.top.pressure=3 MPa", *STICKS),
        ("physics.top={spring: 1 MPa/um}", *STICKS),
        ("physics.top.pressure=5 MPa", *STICKS, "geometry.electrode.carbon_binder={kind: matrix}"),
    ],
)
def test_what_is_borne_is_not_told(changes):
    assert told("presses", BINDER, *changes) == []
