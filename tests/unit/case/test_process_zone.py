"""If these fail, joints come off as the mesh wants, and nobody is told beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesode.case.case_section import build_case_section
from mesode.case.plan import make_plan
from mesode.case.process_zone import EDGES, process_zones
from mesode.config.geometry import Geometry
from mesode.config.load import load_case, parse_case
from mesode.config.resolve import resolve_materials

TEXT = """
geometry:
  width: 4 um
  electrode:
    thickness: 4.5 um
    particles: {fraction: 0.36, diameter: 1.8 um, gap: 0.3 um, seed: 1}
    carbon_binder: {kind: bridges, fraction: 0.1}
  separator: {thickness: 5 um}
  counter: lithium
mesh: {size: 0.8 um, interface: 0.2 um}
materials:
  active: {preset: silicon}
  carbon_binder:
    preset: CMC_SBR_SuperP
    E: 2 GPa
    adhesion_strength: 50 MPa
    adhesion_toughness: 0.5 J/m^2
  electrolyte: {preset: LiPF6_EC_DMC}
  separator: {preset: Celgard_2500}
physics: {mechanics: finite}
initial: {lithiation: 0.02}
protocol: [Lithiate at 0.5C until 10 mV]
"""
ZONE = 2e9 * 0.5 / 50e6**2  # 0.4 um


def told(*changes):
    plan = make_plan(parse_case(TEXT, "case.yaml", changes))
    return [text for text in plan.warnings if "comes off over" in text]


def test_it_is_told_over_which_length_a_joint_comes_off_and_which_mesh_resolves_it():
    (text,) = told()
    assert text.startswith("carbon_binder: it comes off over 0.4 um")
    assert "mesh.interface is 0.2 um" in text
    would_do = float(text.partition("mesh.interface: ")[2].split()[0])
    assert would_do == pytest.approx(1e6 * ZONE / EDGES, rel=0.05)
    assert told(f"mesh.interface={0.99 * would_do:g} um") == []


def test_a_tougher_a_weaker_and_a_stiffer_joint_come_off_over_more():
    for change in ("adhesion_toughness=1 J/m^2", "adhesion_strength=30 MPa", "E=4 GPa"):
        assert told(f"materials.carbon_binder.{change}") == []


def test_the_softest_solid_gives_way_whichever_of_them_says_how_it_sticks():
    sticky = (
        "materials.active={preset: silicon, adhesion_strength: 60 MPa, adhesion_toughness: 1 J/m^2}"
    )
    case = parse_case(TEXT, "case.yaml", (sticky,))
    phases = build_case_section(case).section.phases
    zones = {z.phase: z.length for z in process_zones(resolve_materials(case), phases, 0.02)}
    expected = {"active": 2e9 * 1.0 / 60e6**2, "carbon_binder": ZONE}
    assert zones == pytest.approx(expected, rel=1e-12)


def test_where_nothing_comes_off_nothing_is_told():
    assert told("materials.carbon_binder={preset: CMC_SBR_SuperP}") == []


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
