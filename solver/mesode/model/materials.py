"""The materials of a section: one per phase, the electrolyte, the counter electrode."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mesode.errors import ModelError
from mesode.materials.plateaus import without_plateaus
from mesode.materials.properties import HOST_CONTACT_RESISTANCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.materials.properties import (
        Coating,
        Electrolyte,
        Electronic,
        Ionic,
        Layer,
        Lithium,
        LithiumMetal,
        Material,
        Mechanical,
        Sei,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CellMaterials:
    """What the phases are made of, by name.

    Args:
        phases: The material of each phase that a section may have.
        electrolyte: In all pores.
        counter: The lithium metal, None where the counter electrode is a part of the section.
        contact_resistance: Between electrode and collector [ohm m^2].
        host_contact_resistance: Against lithium that passes from host to host [ohm m^2], assumed.
        coatings: What covers a phase on the facets that are tagged as coated.
        sei: What grows on a host where it meets pores.
        former_hosts: Phases of active material that has no path to its electrode.
    """

    phases: Mapping[str, Material]
    electrolyte: Electrolyte
    counter: LithiumMetal | None
    contact_resistance: float
    host_contact_resistance: float = HOST_CONTACT_RESISTANCE
    coatings: Mapping[str, Coating] = field(default_factory=dict)
    sei: Mapping[str, Sei] = field(default_factory=dict)
    former_hosts: frozenset[str] = frozenset()

    def having(self, group: str) -> tuple[str, ...]:
        """Return the phases whose material has a property group."""
        return tuple(name for name, m in self.phases.items() if getattr(m, group) is not None)

    def without_plateaus(self, least: float, T: float) -> CellMaterials:
        """Return the same with potentials that fall by ``least`` [V] per lithiation or more.

        Of hosts with mechanical properties; at the temperature T [K].
        """

        def steep(material: Material) -> Material:
            lithium = material.lithium
            if lithium is None or material.mechanical is None:
                return material
            ocp = without_plateaus(lithium.ocp, least, T)
            return replace(material, lithium=replace(lithium, ocp=ocp))

        return replace(self, phases={name: steep(m) for name, m in self.phases.items()})

    @property
    def metal(self) -> LithiumMetal:
        """The lithium metal of a half cell.

        Raises:
            ModelError: The counter electrode is a part of the section.
        """
        return _present(self.counter, "counter", "is not lithium metal")

    def density(self, phase: str) -> float:
        """Return the density of a phase [kg/m^3]; in a layer of its active material alone."""
        return self.phases[phase].density * self.phases[phase].share

    def lithium(self, phase: str) -> Lithium:
        """Return what makes a phase a host of lithium; ``c_max`` is per volume of the phase.

        Raises:
            ModelError: It is none.
        """
        lithium = _present(self.phases[phase].lithium, phase, "takes no lithium")
        share = self.phases[phase].share
        return lithium if share == 1.0 else replace(lithium, c_max=share * lithium.c_max)

    def layer(self, phase: str) -> Layer:
        """Return what makes a phase a homogenised layer.

        Raises:
            ModelError: It is none.
        """
        return _present(self.phases[phase].layer, phase, "is no homogenised layer")

    def electronic(self, phase: str) -> Electronic:
        """Return what makes a phase an electron conductor.

        Raises:
            ModelError: It is none.
        """
        return _present(self.phases[phase].electronic, phase, "does not conduct electrons")

    def ionic(self, phase: str) -> Ionic:
        """Return what makes a phase an ion conductor.

        Raises:
            ModelError: It is none.
        """
        return _present(self.phases[phase].ionic, phase, "does not conduct ions")

    def mechanical(self, phase: str) -> Mechanical:
        """Return what makes a phase an elastic solid.

        Raises:
            ModelError: It is none.
        """
        return _present(self.phases[phase].mechanical, phase, "has no elastic properties")


def _present[Group](group: Group | None, phase: str, lack: str) -> Group:
    if group is None:
        msg = f"the phase {phase} {lack}; give its material that property or leave the phase out"
        raise ModelError(msg)
    return group
