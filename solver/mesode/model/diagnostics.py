"""What a run reports of its state: one row of scalars, the balances, a table of the particles.

Each process says which integrals and ranges it needs, and makes columns and balances of them
(``mesode.model.process``); here they are measured together. Everything is computed from the loaded
state and is collective; forms are compiled once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from mesode.model.averages import CellMeans, SurfaceMeans, assemble_scalar
from mesode.model.process import Seen
from mesode.model.quantiles import all_ends
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.model.cell import Cell

    type FloatArray = npt.NDArray[np.float64]


# Columns that come first in a row, in this order.
FIRST_COLUMNS = (
    "Voltage / V",
    "Open-Circuit Voltage / V",
    "Current Density / A.m-2",
    "Specific Capacity / mA.h.g-1",
)


class Diagnostics:
    """Scalars of a cell (all methods collective).

    ``columns`` are the names of ``row``, each with its unit.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell, self.comm = cell, cell.domain.comm
        forms = {k: f for p in cell.processes for k, f in p.integrals().items()}
        new = {k: with_constants(f) for k, f in forms.items() if not isinstance(f, fem.Form)}
        by_law = [with_constants(form) for form in cell.charge_transfer.by_law().values()]
        compiled, self._by_law = compile_forms([list(new.values()), by_law], cell.entity_maps)
        self._forms = forms | dict(zip(new, compiled, strict=True))
        self._ranged = [unknown for p in cell.processes for unknown in p.ranged()]
        self._start = self._see()
        self._worst = dict.fromkeys(self._errors(self._start), 0.0)
        self.columns = tuple(self.row())

    def _see(self) -> Seen:
        """Measure what the processes asked for, at the loaded state."""
        sums = np.array([fem.assemble_scalar(form) for form in self._forms.values()])
        self.comm.Allreduce(MPI.IN_PLACE, sums, op=MPI.SUM)
        found = all_ends(self.comm, [unknown.owned() for unknown in self._ranged])
        ends = dict(zip((unknown.key for unknown in self._ranged), found, strict=True))
        return Seen(
            integrals=dict(zip(self._forms, sums.tolist(), strict=True)),
            low={key: low for key, (low, _) in ends.items()},
            high={key: high for key, (_, high) in ends.items()},
        )

    def _integral(self, key: str) -> float:
        return assemble_scalar(self.comm, self._forms[key])

    # --- the row of the time series

    def row(self) -> dict[str, float]:
        """Return the scalars of the loaded state."""
        return self._row(self._see())

    def _row(self, seen: Seen) -> dict[str, float]:
        row: dict[str, float] = {}
        for process in self.cell.processes:
            row |= process.columns(seen)
            row |= process.changes(seen, self._start)
        first = [name for name in FIRST_COLUMNS if name in row]
        return {name: row.pop(name) for name in first} | row

    def accept(self) -> dict[str, float]:
        """Return the row of an accepted step, and check the balances there."""
        seen = self._see()
        self._judge(seen)
        return self._row(seen)

    def mean_lithiation(self) -> float:
        """Lithium in the hosts of the working electrode over what they can hold."""
        return self._mean("")

    def counter_lithiation(self) -> float | None:
        """Lithium in the hosts of the counter electrode over what they can hold, if it has any."""
        return self._mean(COUNTER_PREFIX) if self.cell.is_full else None

    def _mean(self, prefix: str) -> float:
        key = f"{prefix}lithium"
        return self.cell.lithium.mean({key: self._integral(key)}, prefix)

    # --- currents

    def faradaic_currents(self) -> tuple[float, ...]:
        """Return what charge transfer brings into each electrode by its law [A/m].

        That of the working electrode first. The rates count: they must be zero, or the charging
        of the double layers is among it.
        """
        found = np.array([fem.assemble_scalar(form) for form in self._by_law])
        self.comm.Allreduce(MPI.IN_PLACE, found, op=MPI.SUM)
        return tuple(float(value) for value in found)

    def charging_current(self) -> float:
        """Return the largest current density into the double layers of an electrode [A/m^2].

        Per area of the section, at the loaded fields and their rates, which are kept.
        """
        potentials = (self.cell.level, self.cell.phi_s, self.cell.phi_e)
        rates = [unknown.scaled_rate.x.array for unknown in potentials]
        kept, total = [rate.copy() for rate in rates], self.faradaic_currents()
        for rate in rates:
            rate[:] = 0.0
        faradaic = self.faradaic_currents()
        for rate, values in zip(rates, kept, strict=True):
            rate[:] = values
        return float(np.abs(np.subtract(total, faradaic)).max()) / self.cell.width

    # --- balances

    def update_balances(self) -> dict[str, float]:
        """Check the balances at the end of a time step; return the worst so far, relative."""
        self._judge(self._see())
        return self.balances()

    def _errors(self, seen: Seen) -> dict[str, float]:
        found: dict[str, float] = {}
        for process in self.cell.processes:
            found |= process.balances(seen, self._start)
        return found

    def _judge(self, seen: Seen) -> None:
        for key, value in self._errors(seen).items():
            self._worst[key] = max(self._worst[key], value)

    def resume(self, worst: Mapping[str, float]) -> None:
        """Go on from the largest errors of an earlier part of the run."""
        self._worst = dict(worst)

    def balances(self) -> dict[str, float]:
        """Return the largest relative errors so far."""
        return dict(self._worst)

    # --- particles

    @cached_property
    def _particle_of(self) -> npt.NDArray[np.int32]:
        domain = self.cell.domain
        return domain.particle[self.cell.host_domain.cells]

    @cached_property
    def _inside(self) -> CellMeans:
        cell = self.cell
        parts = [([sto.value], cell.dx(cell.tag(h))) for h, sto in cell.sto.items()]
        return CellMeans(cell.host_domain, parts, cell.entity_maps)

    @cached_property
    def _surface(self) -> SurfaceMeans:
        cell = self.cell
        passed = {surface: (cell.charge_transfer.passed(surface),) for surface in cell.surfaces}
        return SurfaceMeans(cell.host_domain, passed, cell.entity_maps)

    def particles(self) -> dict[str, FloatArray]:
        """Return one array per quantity over the particles; the same on all ranks.

        Particles that take no part in the electrochemistry are left out.
        """
        cell, number = self.cell, self._particle_count
        mesh, owned = cell.host_domain.mesh, cell.host_domain.mesh.topology.index_map(2).size_local
        particle = self._particle_of[:owned]
        known = particle >= 0  # a mesh of the user's may have active material without number
        particle = particle[known]
        area, length = (m.sizes[:owned][known] for m in (self._inside, self._surface))
        centre = mesh.geometry.x[mesh.geometry.dofmaps[0][:owned]].mean(axis=1)[known]
        sums = {
            "area": area,
            "x": area * centre[:, 0],
            "y": area * centre[:, 1],
            "sto": area * self._inside.compute()[:owned, 0][known],
            "length": length,
            "i_n": length * self._surface.compute()[:owned, 0][known],
        }
        total = {k: self._sum(np.bincount(particle, v, number)) for k, v in sums.items()}
        low, high = self._particle_extremes()
        there = np.flatnonzero(total["area"] > 0.0)
        total = {key: values[there] for key, values in total.items()}
        touching = total["length"] > 0.0
        further: dict[str, FloatArray] = {}
        for process in cell.processes:
            further |= process.particle_columns(number)
        return {
            "Particle / 1": there.astype(float),
            "x / um": 1e6 * total["x"] / total["area"],
            "y / um": 1e6 * total["y"] / total["area"],
            "Area / um2": 1e12 * total["area"],
            "Mean Lithiation / 1": total["sto"] / total["area"],
            "Min Lithiation / 1": low[there],
            "Max Lithiation / 1": high[there],
            "Interface Length / um": 1e6 * total["length"],
            "Interface Current Density / A.m-2": np.divide(
                total["i_n"], total["length"], out=np.zeros(len(there)), where=touching
            ),
            **{name: values[there] for name, values in further.items()},
        }

    @cached_property
    def _particle_count(self) -> int:
        local = int(self._particle_of.max()) if len(self._particle_of) else -1
        return int(self.comm.allreduce(local, op=MPI.MAX)) + 1

    def _sum(self, values: FloatArray) -> FloatArray:
        # bincount gives integers on a rank without particles
        total = np.array(values, dtype=np.float64)
        self.comm.Allreduce(MPI.IN_PLACE, total, op=MPI.SUM)
        return total

    def _particle_extremes(self) -> tuple[FloatArray, FloatArray]:
        cell, count = self.cell, self._particle_count
        low, high = np.full(count, np.inf), np.full(count, -np.inf)
        for host, sto in cell.sto.items():
            domain, space = cell.host_domains[host], sto.scaled.function_space
            owned = domain.mesh.topology.index_map(2).size_local
            values = sto.scaled.x.array[space.dofmap.list[:owned]]
            particle = cell.domain.particle[domain.cells[:owned]]
            known = particle >= 0
            np.minimum.at(low, particle[known], values[known].min(axis=1))
            np.maximum.at(high, particle[known], values[known].max(axis=1))
        self.comm.Allreduce(MPI.IN_PLACE, low, op=MPI.MIN)
        self.comm.Allreduce(MPI.IN_PLACE, high, op=MPI.MAX)
        return low, high
