"""Whether the mesh resolves the length over which bodies come off each other.

Ahead of the tip of what has come off, a joint softens over about the length (Hillerborg, Modeer and
Petersson, Cem. Concr. Res. 6 (1976) 773, as in Turon et al., Eng. Fract. Mech. 74 (2007) 1665)

    l = E G_c / sigma_c^2

with the modulus E of the softest solid, which gives way. What it takes to come off is G_c per area
on any mesh that has some edges in l. On one that has not an edge holds on for too long and snaps at
once, so that strength and order of what comes off are those of the mesh. Where bodies come off with
l resolved and a section still snaps, it is the section that does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mesode.config.quantities import show_length

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mesode.config.case import Case
    from mesode.config.resolve import Materials
    from mesode.geometry.section import Section
    from mesode.materials.properties import Mechanical

# Edges in a zone. Measured on a layer of 1 um that is peeled off another (E 1 GPa, 20 MPa,
# 0.2 J/m^2: l = 0.5 um): with half an edge in l the largest force is 20 % too high, with 1 to 2 it
# is good to 2 % but single edges snap, with 3 the work taken is good to 1 % and none does.
EDGES = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Of what comes off a phase: length l [m], modulus E [Pa], how it sticks [Pa], [J/m^2]."""

    phase: str
    length: float
    E: float
    sigma_c: float
    G_c: float


def process_zones(materials: Materials, phases: Iterable[str], sto: float) -> Iterator[Zone]:
    """Yield the zone of each phase that says how it sticks.

    Args:
        materials: Of the case.
        phases: Of the section.
        sto: Lithiation of the moduli.
    """
    solids: dict[str, Mechanical] = {}
    for phase in phases:
        material = materials.phases.get(phase)
        if material is not None and material.mechanical is not None:
            solids[phase] = material.mechanical
    E = min((float(solid.E(sto=sto)) for solid in solids.values()), default=0.0)
    for phase, solid in solids.items():
        sigma_c, G_c = solid.adhesion_strength, solid.adhesion_toughness
        if sigma_c is not None and G_c is not None:
            length = E * G_c / sigma_c**2
            yield Zone(phase=phase, length=length, E=E, sigma_c=sigma_c, G_c=G_c)


def unresolved_zones(case: Case, materials: Materials, section: Section) -> Iterator[str]:
    """Yield the phases that come off over less than the mesh resolves, and what would."""
    edge = case.mesh.interface
    for zone in process_zones(materials, section.phases, case.initial.lithiation):
        if EDGES * edge <= zone.length:
            continue
        yield (
            f"{zone.phase}: it comes off over {show_length(zone.length, 2)} "
            f"(E G_c/sigma_c^2 of {zone.E / 1e9:.3g} GPa, {zone.G_c:.3g} J/m^2 and "
            f"{zone.sigma_c / 1e6:.3g} MPa), and mesh.interface is {show_length(edge)}: what comes "
            "off, and when, depends on the mesh. mesh.interface: "
            f"{show_length(zone.length / EDGES, 2)} would do, or less adhesion_strength at "
            "the same adhesion_toughness"
        )
