"""If these fail, a run is crushed by a pressure that could be told beforehand, or is told it is."""

from __future__ import annotations

import re

import pytest

from mesode.case.plan import make_plan
from mesode.config.load import parse_case

TEXT = """
geometry:
  width: 6 um
  electrode:
    thickness: 6 um
    particles: {fraction: 0.45, diameter: 2 um, gap: 0.1 um, seed: 3}
    carbon_binder: {kind: bridges, fraction: 0.15}
  separator: {thickness: 10 um}
mesh: {size: 1 um, interface: 0.2 um}
materials:
  active: {preset: SiO}
  carbon_binder: {preset: CMC_SBR_SuperP, yield_strength: 20 MPa}
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
physics: {mechanics: finite}
protocol: [Lithiate at 0.5C until 10 mV]
"""
STICKS = (
    "materials.carbon_binder.adhesion_strength=4 MPa",
    "materials.carbon_binder.adhesion_toughness=0.2 J/m^2",
)


def told(*changes):
    found = make_plan(parse_case(TEXT, "case.yaml", list(changes)))
    return [warning for warning in found.warnings if "presses" in warning]


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
    (warning,) = told(*changes)
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
    assert told(*changes) == []
