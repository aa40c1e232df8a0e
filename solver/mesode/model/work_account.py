r"""The balance of energy of finite mechanics, along the way that it goes.

The free energy W of solids, third medium and spring changes by the work of the load on the top and
by what the lithium does to it, and flow and the medium's viscosity take some of it away::

    dW = boundary + lithium - flow - friction                                               [J/m]

    boundary   - int p du_y               over the solids at the top, or - p_0 dw of a plate
    lithium      int dW/dsto dsto      at a given deformation and state: growth and moduli
    flow         int J_g (q - H p) dp                               (``physics.solid.hencky_flow``)
    friction     eta / dJ_g |Grad (u - u_old)|^2                   (``physics.solid.third_medium``)
                 in pores, in solids where they are held back, and that of joints

All but W and flow are added up piece by piece of the way, by the trapezoidal rule. Where flow
begins within a piece the stress does not go straight from its begin to its end; what the rule
misses there (``SolidLaw.bent``) is booked with the lithium, which drives the way. So the balance is
off by the square of the length of a piece.
"""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import ufl

from mesode.model.averages import assemble_scalar
from mesode.model.point_states import PointState, points_in_triangles
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dolfinx import fem
    from dolfinx.fem import FunctionSpace

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.numerics.bdf import FloatArray

KEY = "finite mechanics work"


class WorkAccount:
    """Works since the start [J/m], as an internal state of the way (collective).

    Args:
        section: The section.
        mechanics: Its mechanics, with unknowns and states.
    """

    def __init__(self, section: MeshedSection, mechanics: FiniteMechanics) -> None:
        self._section, self._mechanics = section, mechanics
        self._slopes = {host: self._slope_of(host) for host in mechanics.hosts}
        self.reset()

    def _slope_of(self, host: str) -> PointState:
        """Return dW/dsto [J/m^3] at the points of a host, of the end of the last piece."""
        space = points_in_triangles(self._section.host_domains[host].mesh)
        mechanics = self._mechanics
        dx = mechanics.dx_in(host)
        slope = partial(self._slope, host)
        return PointState(f"{KEY} {host}", space, slope, dx, self._section.entity_maps)

    def _slope(self, host: str, _old: Any, _dt: Any) -> Any:
        """Return dW/dsto at the end of a piece, whose flow is not committed yet [UFL]."""
        mechanics = self._mechanics
        sto = ufl.variable(mechanics.growth_path.sto[host])
        solid, state = mechanics.solid_at(host, sto), mechanics.new_state(host)
        return ufl.diff(solid.stored(mechanics.at, state), sto)

    # --- a piece of the way

    def reset(self) -> None:
        """Begin anew: nothing is stressed, no work done."""
        # work of boundary, lithium, friction [J/m]; at the end: rise of the top [m^2], load [Pa]
        self._state = self._trial = np.zeros(5)
        for slope in self._slopes.values():
            slope.reset()

    def update(self, t: float, dt: float) -> None:
        """Add a piece of the way that takes ``dt`` [s], whose end is loaded.

        What has flowed in it is known: the flow is updated before, and the slopes before the work.
        """
        for slope in self._slopes.values():
            slope.update(t, dt)
        comm, load = self._mechanics.parent.comm, float(self._mechanics.growth_path.pressure.value)
        found = {name: assemble_scalar(comm, form) for name, form in self._forms.items()}
        rise, load_before = self._state[3:]
        risen = found.get("rise", 0.0)
        pushed = -(load_before + load) / 2 * (risen - rise)
        done = np.array([pushed, found["lithium"], found.get("friction", 0.0)])
        self._trial = np.array([*(self._state[:3] + done), risen, load])

    @cached_property
    def _forms(self) -> dict[str, fem.Form]:
        """Rise of the top [m^2], what friction takes and the lithium does in a piece [J/m]."""
        mechanics, path = self._mechanics, self._mechanics.growth_path
        friction = mechanics.cohesions.sum("friction_potential")
        friction += mechanics.medium.friction_potential()
        moved = {"rise": mechanics.load.rise(), "friction": 2 * friction}
        forms = {"lithium": 0} | {name: form for name, form in moved.items() if form != 0}
        for host, slope in self._slopes.items():
            mean = (slope.value + slope.new) / 2
            taken_in = path.sto[host] - path.before[host]
            forms["lithium"] += mean * taken_in * mechanics.dx_in(host)
        forms["lithium"] += self._bent()
        ready = [with_constants(form) for form in forms.values()]
        return dict(zip(forms, compile_forms(ready, self._section.entity_maps), strict=True))

    def _bent(self) -> Any:
        """Return what the trapezoidal rule misses where flow begins within a piece [J/m]."""
        mechanics, missed = self._mechanics, 0
        for phase in mechanics.phases:
            solid, begin = mechanics.solid(phase), mechanics.begin(phase)
            if solid.remembers:
                state, new = mechanics.state(phase), mechanics.new_state(phase)
                missed += solid.bent(mechanics.at, state, new, begin) * mechanics.dx_in(phase)
        return missed

    def commit(self) -> None:
        """Accept the piece."""
        for slope in self._slopes.values():
            slope.commit()
        self._state = self._trial

    def reject(self) -> None:
        """Forget the piece."""
        for slope in self._slopes.values():
            slope.reject()
        self._trial = self._state

    # --- the balance

    def stored(self) -> Any:
        """Return the free energy of solids, medium and spring at the loaded state [J/m]."""
        mechanics = self._mechanics
        energy = mechanics.medium.energy() + mechanics.cohesions.sum("energy")
        for phase in mechanics.phases:
            solid, state = mechanics.solid(phase, solved=True), mechanics.state(phase)
            energy += solid.stored(mechanics.at, state) * mechanics.dx_in(phase)
        return energy + mechanics.load.stored() + mechanics.foil.energy()

    def error(self, stored: float, flow: float) -> float:
        """Return by how much the works do not add up, over what was stored and lost.

        Over no less than what flow takes of hosts that grow by their volume.

        Args:
            stored: Energy [J/m]; none before the load of the state at rest, whose work counts.
            flow: What has been lost in flow [J/m].
        """
        boundary, lithium, friction = self._state[:3].tolist()
        scale = max(abs(stored) + flow + friction + abs(boundary), self._least)
        return float(abs(stored + flow + friction - boundary - lithium) / scale)

    @cached_property
    def _least(self) -> float:
        """Yield stress of the hosts times their area [J/m] (collective)."""
        mechanics = self._mechanics
        return sum(mechanics.yields_at(h) * self._section.area((h,)) for h in mechanics.hosts)

    # --- checkpoints

    def arrays(self) -> dict[str, FloatArray]:
        """Return the sums, and the slopes that the next piece begins with."""
        found = {KEY: self._state.copy()}
        for slope in self._slopes.values():
            found |= slope.arrays()
        return found

    def spaces(self) -> Mapping[str, FunctionSpace | None]:
        """Return the space of each array, None for numbers."""
        found: dict[str, FunctionSpace | None] = {KEY: None}
        for slope in self._slopes.values():
            found |= slope.spaces()
        return found

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take over works."""
        self._state = self._trial = np.array(arrays[KEY])
        for slope in self._slopes.values():
            slope.restore(arrays)
