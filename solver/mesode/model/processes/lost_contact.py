r"""What bodies lose that come off each other: electrons, and charge transfer.

The potential of the electrons is torn along the joints of the conductors, as the displacement is.
Across a joint they pass a contact, of which the damage d (``physics.solid.cohesive``) is lost::

    i = (1 - d) (phi_s+ - phi_s-) / R            from "+" to "-" [A/m^2]

with R so small that it is not felt while anything holds. Where the other side is a porous binder
and lithium is exchanged with it, that part is lost, too::

    i_n = (1 - d) x Butler-Volmer

d is that of the last accepted step. Both are per area as drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import LOST_AREA
from mesode.model.averages import assemble_at
from mesode.model.broken_paths import BrokenPaths
from mesode.model.process import Heat, Process, Seen
from mesode.model.processes.finite_mechanics import FiniteMechanics
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.physics.heat import Carrier, HeatKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import numpy.typing as npt
    from dolfinx.fem import FunctionSpace

    from mesode.model.cell import Cell
    from mesode.model.cohesion import Seam
    from mesode.model.process import Term
    from mesode.model.surfaces import Surface

    type FloatArray = npt.NDArray[np.float64]

RESISTANCE = 1e-7  # R [ohm m^2] (assumed): 1 uV at 10 A/m^2
LEAST = 1e-10  # of 1 - d: what conducts where nothing holds, so that no potential is without one


class LostContact(Process):
    """Contacts between the conductors of a section that come apart (collective)."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        mechanics = cell.find(FiniteMechanics)
        seams = [] if mechanics is None else mechanics.cohesions.seams
        self._seam = next(seam for seam in seams if seam.between)
        self._measure = self._seam.measure_at(cell.torn_conductors)
        self._left = {s: SurfaceLeft(cell, s, self._seam) for s in cell.drawn_surfaces}
        if mechanics is not None:
            mechanics.cohesions.derived.extend(self._left.values())
        self._paths = BrokenPaths(cell, self._seam)

    @property
    def _conductance(self) -> Any:
        left = 1 - self._seam.damage.here
        return ufl.conditional(ufl.gt(left, LEAST), left, LEAST) / RESISTANCE

    def terms(self) -> Iterator[Term]:
        """Yield the current of electrons across the joints."""
        phi_s, v = self._cell.phi_s, self._cell.phi_s.test
        i = self._conductance * (phi_s.value("+") - phi_s.value("-"))
        yield phi_s, i * (v("+") - v("-")) * self._measure

    def touching(self, surface: Surface) -> Any:
        """Return the share of a surface that has not come off what it reacts with."""
        return self._left[surface].value("+") if surface in self._left else 1

    def heat(self) -> Iterator[Heat]:
        """Yield what the contacts take."""
        drop = self._cell.phi_s.value("+") - self._cell.phi_s.value("-")
        yield Heat(
            HeatKind.OHMIC, self._conductance * drop**2, self._measure, "+", Carrier.ELECTRONS
        )

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the share of active material that electrons no longer reach."""
        return {LOST_AREA: self._paths.lost()}


class SurfaceLeft:
    """What is left of a surface at its nodes: ``value``, 1 - d in the mean around each.

    An internal state that follows from the damage: nothing of it is kept (all methods collective).
    """

    def __init__(self, cell: Cell, surface: Surface, seam: Seam) -> None:
        space = fem.functionspace(surface.line.mesh, ("Lagrange", 1))
        self.value = fem.Function(space)
        self.value.x.array[:] = 1.0
        q: Any = ufl.TestFunction(space)
        one: Any = fem.Constant(cell.domain.mesh, 1.0)
        here = seam.measure_at(surface.line.cells)
        self._forms = [one("+") * q("+") * surface.dS, seam.damage.here * q("+") * here]
        self._maps, self._work = cell.entity_maps, fem.Function(space)
        self._compiled: list[fem.Form] = []
        self._sizes: FloatArray = np.empty(0)

    def _compute(self) -> None:
        if not self._compiled:
            self._compiled = list(
                compile_forms([with_constants(form) for form in self._forms], self._maps)
            )
            self._sizes = assemble_at(self._compiled[0], self._work)
        lost = assemble_at(self._compiled[1], self._work)
        share = np.divide(lost, self._sizes, out=np.zeros_like(lost), where=self._sizes > 0.0)
        self.value.x.array[:] = np.clip(1.0 - share, 0.0, 1.0)

    def update(self, t: float, dt: float) -> None:
        """Nothing: it follows the damage."""

    def reset(self) -> None:
        """Take the value of what is whole."""
        self.value.x.array[:] = 1.0

    def commit(self) -> None:
        """Follow the damage, which has been committed."""
        self._compute()

    def reject(self) -> None:
        """Nothing."""

    def arrays(self) -> dict[str, FloatArray]:
        """Return nothing: the damage is kept."""
        return {}

    def spaces(self) -> Mapping[str, FunctionSpace | None]:
        """Return nothing."""
        return {}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Follow the damage, which has been restored."""
        self._compute()
