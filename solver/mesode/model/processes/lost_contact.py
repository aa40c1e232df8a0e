r"""What bodies lose that come off each other: electrons, charge transfer, lithium.

The potential of the electrons is torn along the joints of the conductors, and the lithiation along
those between particles of one host, as the displacement is. Across a joint electrons pass a
contact, of which the damage d (``physics.solid.cohesive``) is lost::

    i = (1 - d) (phi_s+ - phi_s-) / R            from "+" to "-" [A/m^2]

with R so small that it is not felt while anything holds. On the collector, of what it takes
(``physics.terminal``) the part d is lost. Where the other side is a porous binder and lithium is
exchanged with it, or another particle (``physics.host_contact``), that part is lost, too::

    i_n = (1 - d) x Butler-Volmer,   i_ab = (1 - d) x what passes a whole contact or neck

All are per area as drawn. While a step is solved d is foreseen (``model.mechanics_ahead``), also
where shape and stress do not act back: by a line through the last two values, but never more than
half of what is still left, so that nothing is cut before mechanics has found that it is. What it
was off by (*) moves the voltage by at most, in the weights of what passes there::

    RT/F |d - d*| / (1 - smaller of both)           on surfaces
    R |i| |d - d*| / (1 - d), at most RT/F          across joints and at the collector

Necks between particles are foreseen and not counted: lithium takes its time in them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import ufl
from dolfinx import fem

from mesode.columns import LOST_AREA
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.model import currents
from mesode.model.averages import assemble_at
from mesode.model.broken_paths import BrokenPaths
from mesode.model.point_states import PointState
from mesode.model.process import Heat, Process, Seen
from mesode.model.processes.finite_mechanics import FiniteMechanics
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.physics.heat import Carrier, HeatKind
from mesode.physics.terminal import IDEAL_CONTACT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt
    from dolfinx.fem import FunctionSpace
    from dolfinx.mesh import EntityMap

    from mesode.mesh.domain import Subdomain
    from mesode.model.cell import Cell
    from mesode.model.cohesion import Seam
    from mesode.model.mechanics_ahead import MechanicsAhead
    from mesode.model.process import Term
    from mesode.model.surfaces import Contact, Surface
    from mesode.numerics.states import InternalState

    type FloatArray = npt.NDArray[np.float64]

RESISTANCE = 1e-7  # R [ohm m^2] (assumed): 1 uV at 10 A/m^2
LEAST = 1e-10  # of 1 - d: what conducts where nothing holds, so that no potential is without one
NO_WAY = (
    "all active material has come off what brings it electrons. Let it stick better, or give it "
    "more binder"
)


class LostContact(Process):
    """Contacts between the conductors of a section that come apart (collective)."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        mechanics = cell.find(FiniteMechanics)
        seams = [] if mechanics is None else mechanics.cohesions.seams
        seam = next((seam for seam in seams if seam.between), None)
        foot = next((seam for seam in seams if not seam.between), None)
        foreseen = None if mechanics is None else mechanics.foreseen
        self._between = self._below = self._seen = None
        if seam:
            damage = _in_time(seam, foreseen)
            self._between = _Contact(seam, damage, seam.measure_at(cell.torn_conductors))
        if foot:
            damage = _in_time(foot, foreseen)
            self._below = _Contact(foot, damage, foot.measure_at(cell.feet))
            self._seen = _in_last_step(cell, foot, damage)
        self._maps: list[EntityMap] = []
        self._shares = dict(self._make_shares(seam)) if seam else {}
        self._left = {where: share.value for where, share in self._shares.items()}
        if mechanics is not None:
            mechanics.cohesions.derived.extend(self._shares.values())
        if foreseen is not None:
            for k, (where, share) in enumerate(self._shares.items()):
                self._left[where] = foreseen.add(f"left {k}", share.value, _still_left)
            foreseen.count(self._costs)
        self._paths = BrokenPaths(cell, seam, foot)

    def _make_shares(self, seam: Seam) -> Iterator[tuple[Surface | Contact, ShareLeft]]:
        cell = self._cell
        for surface in cell.drawn_surfaces:
            yield surface, ShareLeft(cell, surface.line, surface.dS, seam)
        for contact in cell.contacts:
            line = cell.domain.lines_at(contact.facets, (contact.first, contact.second))
            self._maps.append(line.entity_map)
            yield contact, ShareLeft(cell, line, contact.dS, seam)

    @property
    def entity_maps(self) -> Sequence[EntityMap]:
        """Of the lines of contacts."""
        return self._maps

    def terms(self) -> Iterator[Term]:
        """Yield the current of electrons across the joints."""
        phi_s, v = self._cell.phi_s, self._cell.phi_s.test
        if self._between:
            i = self._between.left / RESISTANCE * (phi_s.value("+") - phi_s.value("-"))
            yield phi_s, i * (v("+") - v("-")) * self._between.measure
        if self._below:
            level, less = self._cell.level, (self._below.left - 1) * currents.outflow(self._cell)
            for row, test in ((phi_s, v), (level, level.test)):
                yield row, less * test * self._below.measure

    def into_collector(self, prefix: str, v: Any) -> Sequence[ufl.Form]:
        """Return what the collector has taken less in the last step for what has come off [A/m]."""
        if prefix or self._below is None or self._seen is None:
            return ()
        less = (_share(self._seen.here) - 1) * currents.outflow(self._cell)
        return [less * v * self._below.measure]

    @property
    def states(self) -> Sequence[InternalState]:
        """What the last step has seen of the damage on the collector."""
        return [] if self._seen is None else [self._seen]

    def touching(self, where: Surface | Contact) -> Any:
        """Return the share of a surface or contact that has not come off what is beyond it."""
        return self._left[where]("+") if where in self._left else 1

    def heat(self) -> Iterator[Heat]:
        """Yield what the contacts take; asked before a step is accepted, with what it saw."""
        cell, phi_s = self._cell, self._cell.phi_s.value
        if self._between:
            lost = self._between.left / RESISTANCE * (phi_s("+") - phi_s("-")) ** 2
            yield Heat(HeatKind.OHMIC, lost, self._between.measure, "+", Carrier.ELECTRONS)
        if self._below:
            less = (self._below.left - 1) * currents.contact_heat(cell, phi_s, counter=False)
            yield Heat(HeatKind.CONTACT, less, self._below.measure, carrier=Carrier.CONTACT)

    def columns(self, seen: Seen) -> Mapping[str, float]:
        """Return the share of active material that electrons no longer reach."""
        return {LOST_AREA: self._paths.lost()}

    def _costs(self, weight: Callable[[Surface], Any]) -> Iterator[ufl.Form]:
        """Yield what the voltage is off by for the damage that was foreseen [V], weighted."""
        cell, steepest = self._cell, GAS_CONSTANT * self._cell.setup.temperature / FARADAY
        for surface in cell.drawn_surfaces:
            if surface in self._left:
                seen, left = (f("+") for f in (self._left[surface], self._shares[surface].value))
                off = abs(seen - left) / ufl.max_value(ufl.max_value(seen, left), LEAST)
                yield steepest * off * weight(surface) * surface.dS
        if self._between:
            i = self._between.left / RESISTANCE * (cell.phi_s.value("+") - cell.phi_s.value("-"))
            yield self._between.cost(i, RESISTANCE, steepest)
        if self._below:
            i, R = self._below.left * currents.outflow(cell), cell.materials.contact_resistance
            yield self._below.cost(i, max(R, IDEAL_CONTACT), steepest)

    def over(self) -> str | None:
        """Return that electrons reach nothing any more, if it is so."""
        return NO_WAY if self._paths.lost() > 1.0 - LEAST else None


@dataclass(frozen=True, slots=True)
class _Contact:
    """Contacts of electrons along a joint."""

    seam: Seam
    damage: Any  # as the step sees it, UFL
    measure: ufl.Measure

    @property
    def left(self) -> Any:
        """The share that conducts."""
        return _share(self.damage)

    def cost(self, i: Any, R: float, most: float) -> ufl.Form:
        """Return what a contact of ``R`` [ohm m^2] that passes ``i`` is off by [V], by weight i."""
        true = _share(self.seam.damage.here)
        off = R * abs(i) * abs(true - self.left) / true
        return ufl.min_value(off, most) * abs(i) * self.measure


def _in_time(seam: Seam, foreseen: MechanicsAhead | None) -> Any:
    """Return the damage as a step sees it."""
    if foreseen is None:
        return seam.damage.here
    given = foreseen.add(seam.damage.key, seam.damage.value, _no_more_damage)
    return given(seam.side) if seam.side else given


def _no_more_damage(foreseen: FloatArray, last: FloatArray) -> FloatArray:
    return np.clip(foreseen, last, (1.0 + last) / 2)


def _still_left(foreseen: FloatArray, last: FloatArray) -> FloatArray:
    return np.clip(foreseen, last / 2, last)


def _in_last_step(cell: Cell, seam: Seam, damage: Any) -> PointState:
    """Return the damage that the last step has seen: bodies come apart after it."""
    return PointState(
        f"{seam.damage.key}, in the last step",
        seam.damage.space,
        lambda *_: damage,
        seam.measure,
        cell.entity_maps,
        side=seam.side,
    )


def _share(damage: Any) -> Any:
    left = 1 - damage
    return ufl.conditional(ufl.gt(left, LEAST), left, LEAST)


class ShareLeft:
    """What is left of a surface or contact at its nodes: ``value``, 1 - d in the mean around each.

    An internal state that follows from the damage: nothing of it is kept (all methods collective).

    Args:
        cell: The cell.
        line: Mesh of its facets.
        dS: Its measure.
        seam: What may have come apart there.
    """

    def __init__(self, cell: Cell, line: Subdomain, dS: ufl.Measure, seam: Seam) -> None:
        space = fem.functionspace(line.mesh, ("Lagrange", 1))
        self.value = fem.Function(space)
        self.value.x.array[:] = 1.0
        q: Any = ufl.TestFunction(space)
        one: Any = fem.Constant(cell.domain.mesh, 1.0)
        here = seam.measure_at(line.cells)
        self._forms = [one("+") * q("+") * dS, seam.damage.here * q("+") * here]
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
