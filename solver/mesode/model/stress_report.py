"""Stress and swelling as numbers: columns of the time series, columns of the particles.

Invariants are those of the cells' mean stress; maxima, means and quantiles are over the cells, the
latter two weighted with their areas.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np

from mesode.model.particle_fracture import ParticleFracture
from mesode.model.quantiles import ends, quantile
from mesode.model.stress import hydrostatic, max_principal, von_mises

if TYPE_CHECKING:
    import numpy.typing as npt

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.processes.solids import Solids

    type FloatArray = npt.NDArray[np.float64]
    type BoolArray = npt.NDArray[np.bool_]

STRESSED_KINDS = 2  # active material and binder: with more phases each has a column of its own
UPPER = 0.95  # share of the area below the upper quantile


class StressReport:
    """Scalars of the mechanics of a section (all methods collective)."""

    def __init__(self, section: MeshedSection, mechanics: Solids) -> None:
        self._section, self._mechanics, self._comm = section, mechanics, section.domain.comm
        self._domain, self._binders = section.domain, section.binders
        self._owned = mechanics.domain.mesh.topology.index_map(2).size_local
        self._tags = section.domain.cell_tag[mechanics.domain.cells][: self._owned]

    def row(self) -> dict[str, float]:
        """Return the scalars of the loaded state."""
        stress = self._stress()
        equivalent, principal = von_mises(stress), max_principal(stress)
        row = {"Thickness Change / 1": self._mechanics.thickness_change()}
        kinds = {"Active": self._mechanics.hosts, "Binder": self._binders}
        for measure, values in (("von Mises", equivalent), ("Principal", principal)):
            for kind, phases in kinds.items():
                row[f"Max {measure} {kind} / Pa"] = self._max(values, self._of(phases))
        for kind, phases in kinds.items():
            mean, upper = self._spread(equivalent, self._of(phases))
            row[f"Mean von Mises {kind} / Pa"] = mean
            row[f"95th Percentile von Mises {kind} / Pa"] = upper
        parts = (*self._mechanics.hosts, *self._binders)
        for name in parts if len(parts) > STRESSED_KINDS else ():
            row[f"Max von Mises {name} / Pa"] = self._max(equivalent, self._of((name,)))
        return row | self._fracture.row(stress) | self._swellings()

    def particles(self, number: int) -> dict[str, FloatArray]:
        """Return the stress of the hosts in each of so many particles, 0 where there is none."""
        everywhere, particle = self._stress(), self._particle
        inside = self._of(self._mechanics.hosts) & (particle >= 0)
        particle, stress, area = particle[inside], everywhere[inside], self._areas[inside]
        equivalent, principal = von_mises(stress), max_principal(stress)
        total = self._sum(np.bincount(particle, area, number))
        return {
            "Mean von Mises / Pa": self._mean(equivalent, particle, area, total),
            "Max von Mises / Pa": self._largest(equivalent, particle, total),
            "Max Principal / Pa": self._largest(principal, particle, total),
            "Mean Hydrostatic Stress / Pa": self._mean(hydrostatic(stress), particle, area, total),
            **self._fracture.particles(number, everywhere),
        }

    @cached_property
    def _fracture(self) -> ParticleFracture:
        return ParticleFracture(self._section, self._mechanics)

    # --- cells that this rank owns

    def _stress(self) -> FloatArray:
        return self._mechanics.stress.compute()[: self._owned]

    @cached_property
    def _areas(self) -> FloatArray:
        return self._mechanics.stress.sizes[: self._owned]

    @cached_property
    def _particle(self) -> npt.NDArray[np.int32]:
        return self._domain.particle[self._mechanics.domain.cells][: self._owned]

    def _of(self, phases: tuple[str, ...]) -> BoolArray:
        return np.isin(self._tags, self._domain.tags(phases))

    # --- over all ranks

    def _max(self, values: FloatArray, where: BoolArray) -> float:
        high = ends(self._comm, values[where])[1]
        return high if np.isfinite(high) else 0.0

    def _spread(self, values: FloatArray, where: BoolArray) -> tuple[float, float]:
        """Return mean and upper quantile."""
        chosen, areas = values[where], self._areas[where]
        area = self._comm.allreduce(float(areas.sum()))
        mean = self._comm.allreduce(float(areas @ chosen)) / area if area else 0.0
        return mean, quantile(self._comm, chosen, areas, UPPER)

    def _swellings(self) -> dict[str, float]:
        """Return the least and the largest volumetric strain of the free hosts at any node."""
        mechanics = self._mechanics
        found = {host: ends(self._comm, mechanics.nodal_swelling(host)) for host in mechanics.hosts}
        if not found:
            return {}
        row = {
            "Min Swelling / 1": min(low for low, _ in found.values()),
            "Max Swelling / 1": max(high for _, high in found.values()),
        }
        for host, (low, high) in found.items() if len(found) > 1 else ():
            row |= {f"Min Swelling {host} / 1": low, f"Max Swelling {host} / 1": high}
        return row

    # --- over particles

    def _sum(self, values: FloatArray) -> FloatArray:
        total = np.array(values, dtype=np.float64)  # integers on a rank without particles
        self._comm.Allreduce(MPI.IN_PLACE, total, op=MPI.SUM)
        return total

    def _mean(
        self,
        values: FloatArray,
        particle: npt.NDArray[np.int32],
        area: FloatArray,
        total: FloatArray,
    ) -> FloatArray:
        held = self._sum(np.bincount(particle, area * values, len(total)))
        return np.divide(held, total, out=np.zeros_like(total), where=total > 0.0)

    def _largest(
        self, values: FloatArray, particle: npt.NDArray[np.int32], total: FloatArray
    ) -> FloatArray:
        high = np.full(len(total), -np.inf)
        np.maximum.at(high, particle, values)
        self._comm.Allreduce(MPI.IN_PLACE, high, op=MPI.MAX)
        return np.where(total > 0.0, high, 0.0)
