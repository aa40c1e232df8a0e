"""Which particles have more energy to release in a crack than it takes; see ``evaluate.fracture``.

The stress of a particle is what 95 % of its area do not exceed: unlike the largest, which is at
corners, it converges with the mesh.
"""

from __future__ import annotations

from functools import cached_property
from math import pi
from typing import TYPE_CHECKING

import numpy as np

from mesode.columns import CRACKING, ENERGY_RELEASE, TOUGHNESS_RATIO
from mesode.evaluate.fracture import energy_release_rate
from mesode.model.averages import CellMeans
from mesode.model.quantiles import quantiles_of_groups
from mesode.model.stress import max_principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.processes.solids import Solids

    type FloatArray = npt.NDArray[np.float64]

UPPER = 0.95  # share of a particle's area below the stress that counts


class ParticleFracture:
    """Energy release of the particles of a section, 0 where there is none (all collective).

    ``stress`` is that of the triangles of the mechanics, as its means have it.
    """

    def __init__(self, section: MeshedSection, mechanics: Solids) -> None:
        self._section, self._mechanics = section, mechanics
        self._comm, domain = section.domain.comm, mechanics.domain
        owned = domain.mesh.topology.index_map(2).size_local
        tags = section.domain.cell_tag[domain.cells[:owned]]
        particle = section.domain.particle[domain.cells[:owned]]
        inside = np.isin(tags, section.domain.tags(mechanics.hosts)) & (particle >= 0)
        self._cells, self._particle = np.flatnonzero(inside), particle[inside]
        self._toughness = self._toughness_of(tags[inside])

    @property
    def known(self) -> bool:
        """Whether the toughness of a host is known."""
        return any(self._known.values())

    def row(self, stress: FloatArray) -> dict[str, float]:
        """Return the share of the particles that would break; nothing where none is known."""
        if not self.known:
            return {}
        there = self._diameter > 0.0
        breaks = self._ratio(stress)[there] >= 1.0
        return {CRACKING: float(np.mean(breaks)) if len(breaks) else 0.0}

    def particles(self, number: int, stress: FloatArray) -> dict[str, FloatArray]:
        """Return energy release rate and its ratio to the toughness, of so many particles."""
        columns = {ENERGY_RELEASE: self._release(self._density(stress))}
        if self.known:
            columns[TOUGHNESS_RATIO] = self._ratio(stress)
        missing = number - len(self._diameter)
        return {name: np.pad(values, (0, missing)) for name, values in columns.items()}

    def _ratio(self, stress: FloatArray) -> FloatArray:
        return self._release(self._density(stress) / self._toughness)

    def _release(self, density: FloatArray) -> FloatArray:
        """Return of each particle its diameter times what 95 % of it do not exceed."""
        groups, areas = self._particle, self._areas
        upper = quantiles_of_groups(self._comm, density, areas, groups, len(self._diameter), UPPER)
        return self._diameter * upper

    def _density(self, stress: FloatArray) -> FloatArray:
        """Return the energy release rate per diameter of each triangle [J/m^3]."""
        tension = np.maximum(max_principal(stress[self._cells]), 0.0)
        E, nu = self._moduli.compute()[self._cells].T
        return np.asarray(energy_release_rate(tension, 1.0, E, nu))

    @cached_property
    def _moduli(self) -> CellMeans:
        mechanics = self._mechanics
        parts = [
            (mechanics.moduli(host, mechanics.lithiation(host)), mechanics.dx_in(host))
            for host in mechanics.hosts
        ]
        return CellMeans(mechanics.domain, parts, self._section.entity_maps)

    @cached_property
    def _areas(self) -> FloatArray:
        return self._mechanics.stress.sizes[self._cells]

    @cached_property
    def _diameter(self) -> FloatArray:
        """Diameter of a disc of the area of each particle [m]."""
        most = self._comm.allgather(int(self._particle.max(initial=-1)))
        mine = np.bincount(self._particle, self._areas, 1 + max(most)).astype(np.float64)
        return np.sqrt(4 * np.sum(self._comm.allgather(mine), axis=0) / pi)

    @cached_property
    def _known(self) -> Mapping[str, float | None]:
        materials = self._section.materials
        return {host: materials.mechanical(host).toughness for host in self._mechanics.hosts}

    def _toughness_of(self, tags: npt.NDArray[np.int32]) -> FloatArray:
        """Return the toughness in each triangle [J/m^2], infinite where it is not known."""
        found = np.full(len(tags), np.inf)
        for host, value in self._known.items():
            if value is not None:
                found[np.isin(tags, self._section.domain.tags((host,)))] = value
        return found
