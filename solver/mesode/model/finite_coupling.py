r"""How finite mechanics acts back: its shape and its stress, told beforehand.

Mechanics is solved after each time step. What transport sees in a step, displacement, lambda_z,
stress and the lithiation that goes with it, are lines in time through the last two solutions
(``mesode.numerics.extrapolation``); the stress gives way to lithium that was not foreseen
(``mesode.model.staggered_stress``). Where that was too far from what is then solved, both are
solved again before the step is accepted, transport with what mechanics has just found.

**The stress of the chemical potential** is the slope of the free energy W = J_g psi per reference
volume (``mesode.physics.solid.hencky_flow``) by the growth, at a given deformation::

    mu = -F U + Omega dW/dJ_g = -F U - Omega sigma_h,    sigma_h = K ln(J/J_g) - psi     [Pa]

the mean Kirchhoff stress per grown volume, and a part of second order. As with small strain, what
the lithiation does to W through E, nu and yield stress is not in mu. Source: Wu, J. Mech. Phys.
Solids 49 (2001) 1771 (Eshelby stress and chemical potential).

**What the splitting costs** is told after each step, from what was foreseen (*) and what was then
solved::

    shape:    mean over the section of |J* - J|                                              [1]
    voltage:  mean over the surfaces of |Omega (sigma_h* - sigma_h)| / F, with weights
              |i_n|: what a surface is off by moves the voltage as far as it carries current [V];
              what others foresee is added (``count``), such as the damage of joints

Where one is above ``AGAIN_SHAPE`` or ``AGAIN_VOLTAGE`` the step is solved again; (*) is then what
was solved before. These are for a tolerance of ``TOLERANCE``, and in proportion to it: what is left
is as small as the error in time. What begins to flow within a step cannot be foreseen, but takes no
more than that.

What is foreseen from the last steps is off by the square of the time step. The next one is as long
as keeps that at ``SPLIT_SHAPE`` and ``SPLIT_VOLTAGE``, what stress moves the voltage by at
``MOST_VOLTAGE``, and the growth J_g at the longest piece of a way: so that few steps are solved
again, and that quickly. These hold at a tolerance of ``TOLERANCE`` and above. Below it the first
two shrink in proportion to it, what goes with the step with its root.
"""

from __future__ import annotations

from math import inf, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem

from mesode.columns import SPLIT_SHAPE as SHAPE_COLUMN
from mesode.columns import SPLIT_VOLTAGE as VOLTAGE_COLUMN
from mesode.constants import FARADAY
from mesode.model.averages import assemble_scalar
from mesode.model.mechanics_ahead import AGAIN_VOLTAGE, MechanicsAhead
from mesode.model.motion import Motion
from mesode.model.nodal_projection import NodalProjection
from mesode.model.staggered_stress import StaggeredStress
from mesode.model.unknowns import number_space
from mesode.numerics.path_follower import LONGEST
from mesode.numerics.step_control import TOLERANCE
from mesode.physics.solid.growth import deformation

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import ufl

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.numerics.bdf import FloatArray

AGAIN_SHAPE = 1e-3  # of the volume, what splitting may cost in a step that is accepted
# Of the volume, and of the voltage [V]: by what it may be off at first in the next step.
SPLIT_SHAPE, SPLIT_VOLTAGE = 1e-3, 5e-4
MOST_VOLTAGE = 5e-3  # [V] by which stress moves the voltage in a step
MOST_LONGER = 2.0  # a step over the one before
KEY = "finite mechanics ahead"


class FiniteCoupling(MechanicsAhead):
    """Motion and stress of finite mechanics, as the others see them (all methods collective).

    Args:
        section: The section.
        mechanics: Its mechanics, with unknowns and states.
    """

    def __init__(self, section: MeshedSection, mechanics: FiniteMechanics) -> None:
        spaces = {host: mechanics.sto[host].scaled.function_space for host in mechanics.hosts}
        # made when all unknowns are
        self._sigma = {host: fem.Function(space) for host, space in spaces.items()}
        self._before = {host: fem.Function(space) for host, space in spaces.items()}
        self._projections: dict[str, NodalProjection] = {}
        self._lost = fem.Function(number_space(mechanics.parent.mesh))  # in solids that flow [J/m]
        sources = {"u": mechanics.u.scaled, "lambda_z": mechanics.extension.scaled}
        sources["lost"] = self._lost
        if mechanics.foil.widening:
            sources["widening"] = mechanics.foil.widening.scaled
        for host in mechanics.hosts:
            sources |= {f"sigma_h {host}": self._sigma[host]}
            sources |= {f"sto {host}": mechanics.sto[host].scaled}
        # told: shape, voltage; of the last step: what stress has moved the voltage by, growth,
        # length [s] and what was off at first, over its limits
        super().__init__(KEY, sources, section, mechanics, told=6)

    # --- what the others see

    def motion(self) -> Motion:
        """Return the motion of the solids and of the pores between them."""
        mechanics = self._mechanics
        return Motion(
            u=self._u,
            phases=mechanics.domain.phases,
            lambda_z=self._stretch,
        )

    @property
    def _u(self) -> Any:
        mechanics = self._mechanics
        widening = self["widening"] if mechanics.foil.widening else None
        return mechanics.foil.displaced(mechanics.u.scale * self["u"], widening)

    @property
    def _stretch(self) -> Any:
        has_axial = self._mechanics.options.kind.has_axial_strain
        return 1 + self["lambda_z"] if has_axial else 1

    @property
    def lost(self) -> fem.Function:
        """What solids that flow turn into heat from the start on [J/m]."""
        return self["lost"]

    def stress(self) -> StaggeredStress:
        """Return the stress as the lithium feels it."""
        mechanics = self._mechanics
        ahead = {h: (self[f"sigma_h {h}"], self[f"sto {h}"]) for h in mechanics.hosts}
        return StaggeredStress(
            ahead=ahead, sto=mechanics.sto, materials=mechanics.materials, laws=mechanics
        )

    # --- after a step

    def reset(self) -> None:
        """Forget all values."""
        for sigma in (*self._sigma.values(), *self._before.values()):
            sigma.x.array[:] = 0.0
        self._lost.x.array[:] = 0.0
        super().reset()

    def _derive(self) -> None:
        for host in self._mechanics.hosts:
            self._projection(host).update()
        self._lost.x.array[:] = self._flowed()

    def _flowed(self) -> float:
        """Return what has been lost in solids since the start [J/m]."""
        mechanics = self._mechanics
        return sum(
            assemble_scalar(mechanics.parent.comm, f) for f in mechanics.report.lost.values()
        )

    def _projection(self, host: str) -> NodalProjection:
        if host not in self._projections:
            mechanics = self._mechanics
            self._projections[host] = NodalProjection(
                self._sigma[host],
                mechanics.chemical_stress(host),
                mechanics.dx_in(host),
                self._section.entity_maps,
            )
        return self._projections[host]

    def _tell(self, dt: float) -> None:
        for host, before in self._before.items():
            before.x.array[:] = self._history[-1][1][f"sigma_h {host}"]
        weight, *further, area, shapes, stresses, changes = self._sums()
        shape, by_stress, moved = shapes / area, stresses / weight, changes / weight
        volts = by_stress + sum(further) / weight
        growth = self._mechanics.growth_path.last_growth
        first = max(shape / SPLIT_SHAPE, by_stress / SPLIT_VOLTAGE)
        off = self._told[5] if self.expecting else first
        self._told = np.array([shape, volts, moved, growth, dt, off])

    def _over(self) -> float:
        shape, volts = self._told[:2].tolist()
        return float(max(shape / AGAIN_SHAPE, volts / AGAIN_VOLTAGE))

    def _cost_forms(self) -> Iterator[ufl.Form]:
        """Yield the area, |J* - J|, what stress is off by and has moved [V], after all others."""
        yield from super()._cost_forms()
        mechanics, stress = self._mechanics, self.stress()
        one = fem.Constant(mechanics.parent.mesh, 1.0)
        then = deformation(self._u, self._stretch)
        measures = [mechanics.dx_in(phase) for phase in mechanics.domain.phases]
        yield sum(one * dx for dx in measures)
        yield sum(abs(then.J - mechanics.at.J) * dx for dx in measures)
        off, moved = [], []
        for surface in self._surfaces:
            host, share = surface.host, self._weight(surface)
            now, before = (f[host]("+") for f in (self._sigma, self._before))
            foreseen = stress.stress_at(host, lambda field: field("+"))
            per_stress = mechanics.Omega(host, mechanics.sto[host].value("+")) / FARADAY
            off.append(share * abs(per_stress * (foreseen - now)) * surface.dS)
            moved.append(share * abs(per_stress * (now - before)) * surface.dS)
        yield from (sum(off), sum(moved))

    # --- reports

    def longest_step(self, tolerance: float) -> float:
        """Return how long the next time step may be [s] at a tolerance of the integration."""
        moved, growth, dt, off = self._told[2:].tolist()
        gone = max(moved / MOST_VOLTAGE, growth / LONGEST)
        part = max(sqrt(off), gone) / sqrt(min(1.0, tolerance / TOLERANCE))
        return dt / max(part, 1 / MOST_LONGER) if dt else inf

    def columns(self) -> Mapping[str, float]:
        """Return what the splitting has cost in the last step, as it was solved last."""
        return {SHAPE_COLUMN: float(self._told[0]), VOLTAGE_COLUMN: float(self._told[1])}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take over a history."""
        super().restore(arrays)
        for host, sigma in self._sigma.items():
            sigma.x.array[:] = self._history[-1][1][f"sigma_h {host}"]
        self._lost.x.array[:] = self._history[-1][1]["lost"]
