"""If these fail, joints come off as the mesh wants, and nobody is told beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesode.case.case_section import build_case_section
from mesode.case.process_zone import EDGES, process_zones
from mesode.config.geometry import Geometry
from mesode.config.load import load_case
from mesode.config.resolve import resolve_materials
from support.bridged_case import bridged_case, told

BINDER = (
    "materials.carbon_binder={preset: CMC_SBR_SuperP, E: 2 GPa, adhesion_strength: 50 MPa, "
    "adhesion_toughness: 0.5 J/m^2}"
)
ZONE = 2e9 * 0.5 / 50e6**2  # 0.4 um


def comes_off(*changes):
    return told("comes off over", BINDER, *changes)


def test_it_is_told_over_which_length_a_joint_comes_off_and_which_mesh_resolves_it():
    (text,) = comes_off()
    assert text.startswith("carbon_binder: it comes off over 0.4 um")
    assert "mesh.interface is 0.2 um" in text
    would_do = float(text.partition("mesh.interface: ")[2].split()[0])
    assert would_do == pytest.approx(1e6 * ZONE / EDGES, rel=0.05)
    assert comes_off(f"mesh.interface={0.99 * would_do:g} um") == []


def test_a_tougher_a_weaker_and_a_stiffer_joint_come_off_over_more():
    for change in ("adhesion_toughness=1 J/m^2", "adhesion_strength=30 MPa", "E=4 GPa"):
        assert comes_off(f"materials.carbon_binder.{change}") == []


def test_the_softest_solid_gives_way_whichever_of_them_says_how_it_sticks():
    sticky = (
        "materials.active={preset: silicon, adhesion_strength: 60 MPa, adhesion_toughness: 1 J/m^2}"
    )
    case = bridged_case(BINDER, sticky)
    phases = build_case_section(case).section.phases
    zones = {z.phase: z.length for z in process_zones(resolve_materials(case), phases, 0.02)}
    expected = {"active": 2e9 * 1.0 / 60e6**2, "carbon_binder": ZONE}
    assert zones == pytest.approx(expected, rel=1e-12)


def test_where_nothing_comes_off_nothing_is_told():
    assert comes_off("materials.carbon_binder={preset: CMC_SBR_SuperP}") == []


def edges_in_zones():
    """Yield each shipped config whose bodies come off, with how many edges its zone has."""
    for path in sorted((Path(__file__).parents[3] / "configs").glob("*.yaml")):
        case = load_case(path)
        if isinstance(case.geometry, Geometry) and case.physics.mechanics == "finite":
            section, materials = build_case_section(case).section, resolve_materials(case)
            found = process_zones(materials, section.phases, case.initial.lithiation)
            yield from ((path.stem, zone.length / case.mesh.interface) for zone in found)


def test_the_shipped_configs_resolve_what_comes_off():
    edges = dict(edges_in_zones())
    assert len(edges) == 6
    assert min(edges.values()) > EDGES
    assert edges["he2025_sa_borax"] == pytest.approx(4.7, abs=0.1)  # the fewest of his
