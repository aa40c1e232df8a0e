"""What a run reports of its state: one row of scalars, the balances, a table of the particles.

Everything is computed from the loaded state and is collective; forms are compiled once.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from mesode.constants import FARADAY
from mesode.model import currents
from mesode.model.averages import CellMeans, assemble_scalar
from mesode.model.quantiles import ends
from mesode.model.stress_report import StressReport
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy.typing as npt

    from mesode.model.cell import Cell
    from mesode.model.unknowns import Unknown

    type FloatArray = npt.NDArray[np.float64]

MAH_PER_G = 3600.0  # [C/kg] in 1 mAh/g


class Diagnostics:
    """Scalars of a cell (all methods collective).

    ``columns`` are the names of ``row``, each with its unit.
    """

    def __init__(self, cell: Cell) -> None:
        self.cell, self.comm = cell, cell.domain.comm
        self._stress = StressReport(cell, cell.mechanics) if cell.mechanics is not None else None
        forms = {key: with_constants(form) for key, form in _forms(cell)}
        compiled = compile_forms(list(forms.values()), cell.entity_maps)
        self._forms = dict(zip(forms, compiled, strict=True))
        counter = ("counter lithium", "counter layer") if cell.is_full else ()
        self._start = {key: self._integral(key) for key in ("lithium", "layer", "salt", *counter)}
        self._rest_salt = self._integral("rest salt")
        self._worst = dict.fromkeys(("lithium", "charge", "salt"), 0.0)
        self.columns = tuple(self.row())

    def _integral(self, key: str) -> float:
        return assemble_scalar(self.comm, self._forms[key])

    def extremes(self, unknown: Unknown) -> tuple[float, float]:
        """Return the smallest and largest nodal value of a field, SI."""
        owned = unknown.scaled.function_space.dofmap.index_map.size_local
        return ends(self.comm, unknown.scale * unknown.scaled.x.array[:owned])

    # --- the row of the time series

    def row(self) -> dict[str, float]:
        """Return the scalars of the loaded state."""
        cell = self.cell
        mean, counter = self.mean_lithiation(), self.counter_lithiation()
        low, high = self.lithiation_extremes()
        salt_low, salt_high = self.extremes(cell.c_e)
        row = {
            "Voltage / V": cell.V.number(),
            "Open-Circuit Voltage / V": cell.equilibrium_voltage(mean, counter),
            "Current Density / A.m-2": cell.I.number(),
            "Specific Capacity / mA.h.g-1": self.specific_capacity(),
            "Mean Lithiation / 1": mean,
            "Min Lithiation / 1": low,
            "Max Lithiation / 1": high,
            "Min Salt Concentration / mol.m-3": salt_low,
            "Max Salt Concentration / mol.m-3": salt_high,
        }
        if counter is not None:
            row["Mean Lithiation Counter / 1"] = counter
        row |= self._hosts() | self._coatings()
        if self._stress is not None:
            row |= self._stress.row()
        return row

    def _hosts(self) -> dict[str, float]:
        """Return the lithiation of each host where there are several."""
        if len(self.cell.hosts) == 1:
            return {}
        row = {}
        for host, sto in self.cell.sto.items():
            low, high = self.extremes(sto)
            held = self._integral(f"lithium {host}")
            full = self.cell.host_capacities[host] * self.cell.width
            row[f"Mean Lithiation {host} / 1"] = held / full
            row[f"Min Lithiation {host} / 1"], row[f"Max Lithiation {host} / 1"] = low, high
        return row

    def _coatings(self) -> dict[str, float]:
        """Return the mean current density of the coated and of the bare surface."""
        if not self.cell.coated:
            return {}
        row = {}
        for name in ("Coated", "Bare"):
            length = self._integral(f"{name} length")
            current = self._integral(f"{name} current")
            row[f"{name} Interface Current Density / A.m-2"] = current / length if length else 0.0
        return row

    def lithiation_extremes(self) -> tuple[float, float]:
        """Return the smallest and largest lithiation at any node of the hosts."""
        found = [self.extremes(sto) for sto in self.cell.sto.values()]
        return min(low for low, _ in found), max(high for _, high in found)

    def specific_capacity(self) -> float:
        """Net charge since the start per mass of active material [mAh/g]."""
        return self.cell.Q.number() / self.cell.active_mass / MAH_PER_G

    def mean_lithiation(self) -> float:
        """Lithium in the hosts of the working electrode over what they can hold."""
        return self._integral("lithium") / (self.cell.charge_capacity * self.cell.width)

    def counter_lithiation(self) -> float | None:
        """Lithium in the hosts of the counter electrode over what they can hold, if it has any."""
        cell = self.cell
        if not cell.is_full:
            return None
        full = sum(cell.host_capacities[host] for host in cell.counter_hosts)
        return self._integral("counter lithium") / (full * cell.width)

    # --- balances

    def faradaic_currents(self) -> tuple[float, ...]:
        """Return what charge transfer brings into each electrode at the loaded fields [A/m].

        That of the working electrode first. The rates count: they must be zero, or the charging
        of the double layers is among it.
        """
        names = ("interface", "counter interface")[: 1 + self.cell.is_full]
        found = np.array([fem.assemble_scalar(self._forms[name]) for name in names])
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

    def update_balances(self) -> dict[str, float]:
        """Check the balances at the end of a time step; return the worst so far, relative.

        Lithium: what the hosts of an electrode hold against the charge that passed, less the charge
        of the double layer. Charge: the currents through collector, interfaces and counter. Salt:
        its amount.
        """
        cell = self.cell
        passed = cell.polarity * cell.Q.number() * cell.width
        # relative to the charge that moved, but to no less than a thousandth of the capacity
        least = 1e-3 * cell.charge_capacity * cell.width
        moved = {key: self._integral(key) - start for key, start in self._start.items()}
        missing = abs(moved["lithium"] - passed - moved["layer"])
        if cell.is_full:
            other = moved["counter lithium"] + passed - moved["counter layer"]
            missing = max(missing, abs(other))
        lithium = missing / max(abs(passed), least)
        currents = np.array([self._integral(k) for k in ("collector", "interface", "counter")])
        scale = max(abs(cell.I.number()), 0.01 * cell.current_1C) * cell.width
        charge = float(np.ptp(currents)) / scale
        salt = abs(moved["salt"]) / self._rest_salt
        for key, value in (("lithium", lithium), ("charge", charge), ("salt", salt)):
            self._worst[key] = max(self._worst[key], value)
        return self.balances()

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
    def _surface(self) -> CellMeans:
        cell = self.cell
        parts = [([currents.i_n(cell, s)], s.dS) for s in cell.surfaces]
        return CellMeans(cell.host_domain, parts, cell.entity_maps, side="+")

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
        stress = {} if self._stress is None else self._stress.particles(number)
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
            **{name: values[there] for name, values in stress.items()},
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


def _forms(cell: Cell) -> Any:
    """Yield the integrals that the scalars are made of [C/m, A/m or mol/m]."""
    materials = cell.materials
    lithium = {
        host: FARADAY * materials.lithium(host).c_max * sto.value * cell.dx(cell.tag(host))
        for host, sto in cell.sto.items()
    }
    if len(lithium) > 1:
        yield from ((f"lithium {host}", form) for host, form in lithium.items())
    electrodes = [("", cell.working), ("counter ", cell.counter_hosts)]
    for name, hosts in electrodes[: 1 + cell.is_full]:
        yield f"{name}lithium", sum(lithium[host] for host in hosts)
        yield (
            f"{name}layer",
            sum(
                s.kinetics.double_layer * currents.electrode_drop(cell, s.host) * s.dS
                for s in cell.surfaces
                if s.host in hosts
            ),
        )
    if cell.coated:
        yield from _coating_forms(cell)
    # the salt relative to rest, so that rounding does not hide a small loss
    rest = cell.materials.electrolyte.concentration
    pore = [(materials.ionic(p).porosity, cell.dx(cell.tag(p))) for p in cell.pores]
    one = fem.Constant(cell.domain.mesh, 1.0)
    yield "salt", sum(eps * (cell.c_e.value - rest) * dx for eps, dx in pore)
    yield "rest salt", sum(one * eps * rest * dx for eps, dx in pore)
    yield "collector", _into_collector(cell, "", cell.ds_contact)
    for name, hosts in electrodes[: 1 + cell.is_full]:
        parts = (s for s in cell.surfaces if s.host in hosts)
        yield f"{name}interface", sum(-currents.i_total(cell, s) * s.dS for s in parts)
    if cell.is_full:
        yield "counter", -_into_collector(cell, COUNTER_PREFIX, cell.ds_counter)
    else:
        yield "counter", currents.i_counter(cell) * cell.ds_counter


def _into_collector(cell: Cell, prefix: str, ds: Any) -> Any:
    """Return the current into the collector of an electrode [A/m], its backbone's too."""
    behind = [form for b in cell.backbones for form in b.outflow(prefix, 1.0)]
    return sum(behind, currents.outflow(cell, counter=bool(prefix)) * ds)


def _coating_forms(cell: Cell) -> Any:
    """Yield length and current of the coated and of the bare surface of the working electrode."""
    one, nothing = (fem.Constant(cell.domain.mesh, value) for value in (1.0, 0.0))
    for name, coated in (("Coated", True), ("Bare", False)):
        parts = [s for s in cell.surfaces if s.coated is coated and s.host in cell.working]
        none = nothing * cell.ds_collector
        yield f"{name} length", sum((one("+") * s.dS for s in parts), none)
        yield f"{name} current", sum((currents.i_n(cell, s) * s.dS for s in parts), none)
