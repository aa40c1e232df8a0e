"""Which kind of section fits the materials that share it, and what is wrong with another one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mesode.section_names import is_counter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mesode.config.physics import Physics
    from mesode.materials.properties import Material, Mechanical

GENERALISED, FREE_PARTICLES = "generalised_plane_strain", "free_particles"
PLANE_STRAIN, AUTOMATIC = "plane_strain", "automatic"
# Difference of volumetric swelling from which materials must not share one strain along z: at
# E = 30 GPa they would press each other by 100 MPa.
DIFFERENT = 0.01
# Volumetric swelling from which a section that is held along z is no longer an estimate.
HELD = 0.1


def section_kind(
    physics: Physics, materials: Mapping[str, Material], present: Iterable[str]
) -> str:
    """Return the kind of section of a case: the one that is given, or the one that fits.

    Args:
        physics: Of the case.
        materials: By phase.
        present: Phases that the section has.
    """
    if physics.section != AUTOMATIC:
        return physics.section
    if physics.mechanics == "finite":
        return PLANE_STRAIN
    return FREE_PARTICLES if _difference(materials, present) > DIFFERENT else GENERALISED


def section_warnings(
    physics: Physics, materials: Mapping[str, Material], present: Iterable[str]
) -> Iterator[str]:
    """Yield why the kind of section that is given does not fit the materials in it."""
    if physics.mechanics != "linear":
        return  # what flows is pressed by no more than its yield stress
    hosts = _hosts(materials, present)
    difference, most = _difference(materials, hosts), _most(hosts)
    if physics.section == GENERALISED and difference > DIFFERENT:
        yield (
            f"physics.section {GENERALISED}: the active materials differ by "
            f"{100 * difference:.0f} % in their swelling and share one strain along z, by which "
            f"they would press each other with {_axial(hosts, difference)}; take "
            f"{FREE_PARTICLES}, where each particle has its own"
        )
    if physics.section == PLANE_STRAIN and most > HELD:
        yield (
            f"physics.section {PLANE_STRAIN}: nothing may move along z, so that a swelling by "
            f"{100 * most:.0f} % is pressed with {_axial(hosts, most)}; take {FREE_PARTICLES}"
        )


def _hosts(materials: Mapping[str, Material], present: Iterable[str]) -> dict[str, Mechanical]:
    found = {name: materials[name] for name in present if name in materials}
    return {
        name: material.mechanical
        for name, material in found.items()
        if material.lithium is not None and material.mechanical is not None
    }


def _span(mechanical: Mechanical) -> float:
    """Return the change of volume between lithiation 0 and 1, negative where it shrinks."""
    values = np.asarray(mechanical.swelling(sto=np.linspace(0.0, 1.0, 101)))
    return float(np.ptp(values)) if values.flat[-1] >= values.flat[0] else -float(np.ptp(values))


def _difference(materials: Mapping[str, Material], present: Iterable[str]) -> float:
    """Return by how much the swelling of hosts differs; one electrode swells, the other shrinks."""
    spans = [
        -_span(mechanical) if is_counter(name) else _span(mechanical)
        for name, mechanical in _hosts(materials, present).items()
    ]
    return max(spans) - min(spans) if spans else 0.0


def _most(hosts: Mapping[str, Mechanical]) -> float:
    return max((abs(_span(mechanical)) for mechanical in hosts.values()), default=0.0)


def _axial(hosts: Mapping[str, Mechanical], swelling: float) -> str:
    """Return the stress E s / 3 of a swelling that is held along z, of the softest host."""
    softest = min(float(m.E(sto=0.5)) for m in hosts.values())
    return f"some {softest * swelling / 3 / 1e9:.2g} GPa"
