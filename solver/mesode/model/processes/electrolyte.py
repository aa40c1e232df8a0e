r"""Salt and ions in the pores.

The equations are those of ``mesode.physics.electrolyte``::

    F eps dc_e/dt + F div N_e = 0,     div i_e = 0

All current at the surfaces of the pores is of lithium ions. In a section that moves the storage of
the salt is that of ``moving_pores``.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from dolfinx import fem

from mesode.constants import GAS_CONSTANT
from mesode.fields import Group
from mesode.model import currents
from mesode.model.averages import CellMeans
from mesode.model.process import Heat, Process, Seen
from mesode.model.quantiles import nodal_ends
from mesode.model.unknowns import P1, make_unknown
from mesode.numerics.events import Event
from mesode.physics import conduction, diffusion, heat
from mesode.physics.heat import Carrier, HeatKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt
    import ufl

    from mesode.model.cell import Cell
    from mesode.model.field_groups import FieldGroups
    from mesode.model.process import Term
    from mesode.model.unknowns import Unknown

# An error of 1e-4 in lithiation moves the voltage by some 0.1 mV; an error of 1e-3 in c_e by
# RT/F 1e-3 = 0.03 mV. So the salt may have ten times the relative error.
SALT_WEIGHT = 10.0
DEPLETED = 1e-3  # part of the salt at rest below which the electrolyte counts as exhausted


class Electrolyte(Process):
    """Concentration of the salt and potential of the ions in all pores."""

    def __init__(self, cell: Cell) -> None:
        self._cell, pore = cell, fem.functionspace(cell.pore_domain.mesh, P1)
        self.rest = cell.materials.electrolyte.concentration
        self.c_e = make_unknown("c_e", pore, scale=self.rest, error_weight=SALT_WEIGHT)
        self.phi_e = make_unknown("phi_e", pore)

    @property
    def unknowns(self) -> Sequence[Unknown]:
        """Concentration and potential."""
        return (self.c_e, self.phi_e)

    def terms(self) -> Iterator[Term]:
        """Yield storage and transport of the salt, and conduction."""
        cell, c_e, phi_e = self._cell, self.c_e, self.phi_e
        for phase in cell.pores:
            dx, porosity = self._dx_of_fluxes(phase), cell.materials.ionic(phase).porosity
            if cell.motion is None:
                rate = porosity * c_e.rate
                yield c_e, diffusion.storage(rate, c_e.test, cell.dx(cell.tag(phase)))
            yield c_e, diffusion.transport(currents.N_e(cell, phase), c_e.test, dx)
            yield phi_e, conduction.divergence_free(currents.i_e(cell, phase), phi_e.test, dx)

    def _dx_of_fluxes(self, phase: str) -> ufl.Measure:
        """Return the triangles of a phase; where they move, how they do is not even in them."""
        cell = self._cell
        return (cell.dx_middle if cell.motion is None else cell.dx)(cell.tag(phase))

    def heat(self) -> Iterator[Heat]:
        """Yield that of the current and that of the salt's diffusion."""
        cell = self._cell
        for phase in cell.pores:
            dx, bulk = self._dx_of_fluxes(phase), currents.electrolyte_transport(cell, phase)
            i_e, T, kin = currents.i_e(cell, phase), cell.temperature(), cell.kinematics(phase)
            ohmic = heat.joule(i_e, bulk.kappa / bulk.macmullin, kin)
            yield Heat(HeatKind.OHMIC, ohmic, dx, carrier=Carrier.IONS)
            salt = heat.salt_diffusion(self.c_e.value, bulk, T, kin)
            yield Heat(HeatKind.DIFFUSION, salt, dx, carrier=Carrier.SALT)

    def nodal_energy(self, T: float) -> float:
        """Return the free energy of the salt."""
        law = self._cell.materials.electrolyte.tdf
        per_RT = heat.salt_energy(self.c_e.array(), self.rest, lambda c_e: law(c_e=c_e, T=T))
        return GAS_CONSTANT * T * float(self._pore_volumes @ per_RT)

    def nodal_power(self, T: float) -> float:
        """Return how fast that grows."""
        law, c_e = self._cell.materials.electrolyte.tdf, self.c_e
        per_RT = heat.salt_potential(c_e.array(), self.rest, lambda c: law(c_e=c, T=T))
        grown = c_e.scale * c_e.scaled_rate.x.array
        return GAS_CONSTANT * T * float((self._pore_volumes * per_RT) @ grown)

    @cached_property
    def _pore_volumes(self) -> npt.NDArray[np.float64]:
        """This rank's share of the pores around each node [m^2]."""
        cell = self._cell
        porosity = np.zeros(1 + max(cell.domain.phases.values()))
        for phase in cell.pores:
            porosity[cell.tag(phase)] = cell.materials.ionic(phase).porosity
        share = porosity[cell.domain.cell_tag[cell.pore_domain.cells]]
        return cell.nodal_areas(cell.pore_domain, self.c_e.scaled.function_space, share)

    def reset(self) -> None:
        """Set the concentration at rest; the potential is that of the counter electrode."""
        self.c_e.set(self.rest)
        self.phi_e.set(self._cell.phi_e_at_rest())

    # --- reports

    def integrals(self) -> Mapping[str, ufl.Form]:
        """Return the salt beyond that at rest, so that rounding hides no small loss [mol/m]."""
        if self._cell.motion is not None:
            return {}
        cell, one = self._cell, fem.Constant(self._cell.domain.mesh, 1.0)
        pore = [(cell.materials.ionic(p).porosity, cell.dx(cell.tag(p))) for p in cell.pores]
        return {
            "salt": sum(eps * (self.c_e.value - self.rest) * dx for eps, dx in pore),
            "rest salt": sum(one * eps * self.rest * dx for eps, dx in pore),
        }

    def ranged(self) -> Sequence[Unknown]:
        """Return the concentration."""
        return (self.c_e,)

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the least and the largest concentration."""
        return {
            "Min Salt Concentration / mol.m-3": seen.low[self.c_e.key],
            "Max Salt Concentration / mol.m-3": seen.high[self.c_e.key],
        }

    def balances(self, seen: Seen, start: Seen) -> Mapping[str, float]:
        """Return how much the amount of salt has changed."""
        change = seen.integrals["salt"] - start.integrals["salt"]
        return {"salt": abs(change) / start.integrals["rest salt"]}

    def show(self, groups: FieldGroups) -> None:
        """Add concentration, potential and fluxes."""
        cell, parts = self._cell, []
        for phase in cell.pores:
            fluxes = currents.i_e(cell, phase), currents.N_e(cell, phase)
            values = [v for flux in fluxes for v in currents.components(cell, phase, flux)]
            parts.append((values, cell.dx(cell.tag(phase))))
        means = CellMeans(cell.pore_domain, parts, cell.entity_maps)
        group = groups.of(Group.IONIC, cell.pore_domain)
        group.at_nodes("c_e", self.c_e.array)
        group.at_nodes("phi_e", lambda: self.phi_e.array() + cell.references()[1])
        group.on_cells(means, i_e=lambda v: v[:, :2], N_e=lambda v: v[:, 2:])

    # --- ends

    def guards(self) -> Sequence[Event]:
        """Return that some salt is left everywhere."""
        comm = self._cell.domain.comm

        def salt_left() -> float:
            return nodal_ends(comm, self.c_e)[0] / self.rest - DEPLETED

        return [Event("the electrolyte is exhausted", salt_left, 0.5 * DEPLETED)]
