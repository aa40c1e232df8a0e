"""Stress and swelling as numbers: columns of the time series, columns of the particles.

Invariants are those of the cells' mean stress; maxima, means and quantiles are over the cells, the
latter two weighted with their areas.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np

from mesode.model.collector_traction import CollectorTraction
from mesode.model.particle_fracture import ParticleFracture
from mesode.model.quantiles import all_ends, quantiles
from mesode.model.stress import hydrostatic, max_principal, von_mises

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        pull, normal = self._traction.of(stress)
        names = [*self._mechanics.hosts, *self._binders]
        return {
            **self._mechanics.thickness_changes(),
            **self._maxima(
                {
                    f"Max {measure} {kind} / Pa": values[where]
                    for measure, values in (("von Mises", equivalent), ("Principal", principal))
                    for kind, where in self._kinds.items()
                }
                | {"Max Normal Stress At Collector / Pa": normal}
            ),
            **self._spreads(
                {
                    f"von Mises {kind}": (equivalent[where], self._areas[where])
                    for kind, where in self._kinds.items()
                }
                | {"Traction At Collector": (pull, self._traction.lengths)}
            ),
            **self._maxima(
                {
                    f"Max von Mises {name} / Pa": equivalent[self._of((name,))]
                    for name in (names if len(names) > STRESSED_KINDS else ())
                }
            ),
            **self._fracture.row(stress),
            **self._swellings(),
        }

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

    @cached_property
    def _traction(self) -> CollectorTraction:
        mechanics = self._mechanics
        return CollectorTraction(self._domain, mechanics.domain, mechanics.phases)

    # --- cells that this rank owns

    def _stress(self) -> FloatArray:
        return self._mechanics.stress.compute()[: self._owned]

    @cached_property
    def _areas(self) -> FloatArray:
        return self._mechanics.stress.sizes[: self._owned]

    @cached_property
    def _kinds(self) -> dict[str, BoolArray]:
        return {"Active": self._of(self._mechanics.hosts), "Binder": self._of(self._binders)}

    @cached_property
    def _particle(self) -> npt.NDArray[np.int32]:
        return self._domain.particle[self._mechanics.domain.cells][: self._owned]

    def _of(self, phases: tuple[str, ...]) -> BoolArray:
        return np.isin(self._tags, self._domain.tags(phases))

    # --- over all ranks

    def _maxima(self, parts: Mapping[str, FloatArray]) -> dict[str, float]:
        """Return the largest value of each part in one go, 0 where there is none."""
        highs = [high for _, high in all_ends(self._comm, [*parts.values()])] if parts else []
        return {
            name: high if np.isfinite(high) else 0.0
            for name, high in zip(parts, highs, strict=True)
        }

    def _spreads(self, parts: Mapping[str, tuple[FloatArray, FloatArray]]) -> dict[str, float]:
        """Return mean and upper quantile of values with their areas or lengths."""
        found = [*parts.values()]
        sums = self._sum(np.array([(areas.sum(), areas @ values) for values, areas in found]))
        uppers = quantiles(self._comm, found, UPPER)
        row = {}
        for name, (area, held), upper in zip(parts, sums.tolist(), uppers, strict=True):
            row[f"Mean {name} / Pa"] = held / area if area else 0.0
            row[f"95th Percentile {name} / Pa"] = upper
        return row

    def _swellings(self) -> dict[str, float]:
        """Return the least and the largest volumetric strain of the free hosts at any node."""
        hosts = self._mechanics.hosts
        if not hosts:
            return {}
        of_hosts = [self._mechanics.nodal_swelling(host) for host in hosts]
        found = dict(zip(hosts, all_ends(self._comm, of_hosts), strict=True))
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
