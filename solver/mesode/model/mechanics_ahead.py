"""What a time step sees of the mechanics that is solved after it, and whether that was so.

Before a step is accepted mechanics is solved on trial. Where it was foreseen too badly its way is
taken back, and the step is solved again with what was found.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from dolfinx import fem

from mesode.columns import SPLIT_VOLTAGE as VOLTAGE_COLUMN
from mesode.model.ahead import Ahead
from mesode.model.averages import assemble_scalar
from mesode.numerics.extrapolation import Extrapolated
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.numerics.step_control import TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    import ufl
    from dolfinx.fem import FunctionSpace

    from mesode.model.meshed_section import MeshedSection
    from mesode.model.processes.finite_mechanics import FiniteMechanics
    from mesode.model.surfaces import Surface
    from mesode.numerics.bdf import FloatArray

# [V] that what was foreseen may cost in a step that is accepted, at a ``TOLERANCE``
AGAIN_VOLTAGE = 1e-4
LEAST_CURRENT = 1e-4  # [A/m^2], as which no current counts


class MechanicsAhead(Extrapolated):
    """Functions of finite mechanics that are foreseen (all methods collective).

    Args:
        key: Name, in checkpoints too.
        sources: The Functions that are solved, by name.
        section: The section.
        mechanics: Its mechanics, with unknowns and states.
        told: How many numbers are told of a step.
    """

    _passed: Callable[[Surface], Any] | None = None
    _further: Callable[[Callable[[Surface], Any]], Iterable[ufl.Form]] = staticmethod(lambda _: ())

    def __init__(
        self,
        key: str,
        sources: Mapping[str, fem.Function],
        section: MeshedSection,
        mechanics: FiniteMechanics,
        *,
        told: int = 1,
    ) -> None:
        self._section, self._mechanics = section, mechanics
        self._told = np.zeros(told)
        self._compared: float | None = None
        self._costs: list[fem.Form] = []
        super().__init__(key, sources)

    def weigh_by(self, passed: Callable[[Surface], Any]) -> None:
        """Give surfaces the weight of what passes them [A/m^2]; without that all have the same."""
        self._passed = passed

    def count(self, costs: Callable[[Callable[[Surface], Any]], Iterable[ufl.Form]]) -> None:
        """Count what else is foreseen: forms of what it is off by [V], by the weight of surfaces.

        Each in the weight of what passes there.
        """
        self._further = costs

    def ahead(self) -> Ahead:
        """Return what the cell is told."""
        return Ahead(at=self.at, accept=self.accept, mistaken=self.mistaken)

    def recall(self) -> None:
        """Give what was solved last."""
        if self.last is not None:
            self.at(self.last)

    # --- after a step

    def reset(self) -> None:
        """Forget all values."""
        self._told[:], self._compared = 0.0, None
        super().reset()

    def accept(self, t: float) -> None:
        """Take what has been solved as the values at t [s], and tell what the splitting cost."""
        if self.last is not None and t <= self.last:
            return
        self._compare(t)
        super().accept(t)
        self._compared = None

    def mistaken(self, t: float, tolerance: float) -> bool:
        """Solve mechanics for t [s] on trial; tell whether that is far from what was foreseen.

        If so the way is taken back, and what it has found takes the place of what was foreseen,
        until values are accepted.

        Raises:
            SolverError: the solids find no balance.
        """
        self._mechanics.way.there.follow(t)
        self._compare(t)
        if self._over() <= tolerance / TOLERANCE:
            return False
        self.expect(t)
        self._compared = None
        self._mechanics.way.there.go_back()
        return True

    def _compare(self, t: float) -> None:
        """Compare what has been solved for t [s] with what was foreseen."""
        if t == self._compared:
            return
        self._derive()
        if self.last is not None:
            self.at(t)
            self._tell(t - self.last)
        self._compared = t

    def _derive(self) -> None:
        """Compute what of the sources follows from what has been solved."""

    def _tell(self, dt: float) -> None:
        """Note what was foreseen wrongly for a step of ``dt`` [s]."""
        weight, *off = self._sums()
        self._told[0] = sum(off) / weight

    def _over(self) -> float:
        """Return by how much that is over its limits."""
        return float(self._told[0]) / AGAIN_VOLTAGE

    # --- what it costs

    def _sums(self) -> list[float]:
        if not self._costs:
            forms = [with_constants(form) for form in self._cost_forms()]
            self._costs = list(compile_forms(forms, self._section.entity_maps))
        return [assemble_scalar(self._mechanics.parent.comm, form) for form in self._costs]

    def _cost_forms(self) -> Iterator[ufl.Form]:
        """Yield the weight of all surfaces, and what is foreseen off them, weighted [V]."""
        yield sum(self._weight(surface) * surface.dS for surface in self._surfaces)
        yield from self._further(self._weight)

    @property
    def _surfaces(self) -> list[Surface]:
        """Those of hosts that swell."""
        return [s for s in self._section.surfaces if s.host in self._mechanics.hosts]

    def _weight(self, surface: Surface) -> Any:
        """Return what a surface counts for: what passes it [A/m^2, UFL]."""
        if self._passed is None:
            return fem.Constant(self._mechanics.parent.mesh, 1.0)("+")
        return abs(self._passed(surface)) + LEAST_CURRENT

    # --- reports and checkpoints

    def columns(self) -> Mapping[str, float]:
        """Return what the splitting has cost in the last step, as it was solved last."""
        return {VOLTAGE_COLUMN: float(self._told[0])}

    def arrays(self) -> dict[str, FloatArray]:
        """Return the history, and what was told of the last step."""
        return {**super().arrays(), f"{self.key} told": self._told.copy()}

    def spaces(self) -> Mapping[str, FunctionSpace | None]:
        """Return the space of each array, None for numbers."""
        return {**super().spaces(), f"{self.key} told": None}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take over a history."""
        super().restore(arrays)
        self._told = np.array(arrays[f"{self.key} told"])


def damage_ahead(section: MeshedSection, mechanics: FiniteMechanics) -> MechanicsAhead | None:
    """Return what is foreseen where nothing acts back but what comes apart, None without that.

    ``mesode.model.processes.lost_contact`` adds the damage.
    """
    if not mechanics.cohesions.seams:
        return None
    return MechanicsAhead("damage ahead", {}, section, mechanics)
