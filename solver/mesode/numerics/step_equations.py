"""The equations of one time step as Newton's method sees them: F(t, u, shift u + known) = 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from petsc4py import PETSc

    from mesode.numerics.bdf import FloatArray, Rate
    from mesode.numerics.system import BlockSystem


@dataclass(frozen=True, slots=True)
class Linearisation:
    """Where a Jacobian was taken: time and length of the step [s], shift [1/s], known, state."""

    t: float
    h: float
    shift: float
    known: FloatArray
    x: FloatArray


class StepEquations:
    """Residual and Jacobian of a time step of a block system (collective)."""

    def __init__(self, system: BlockSystem) -> None:
        self._system = system
        self.matrix = system.A
        self.shift = 1.0
        self.linearised: Linearisation | None = None  # where the last Jacobian was taken
        self._t, self._h = 0.0, 1.0
        self._known, self._rate = system.x.duplicate(), system.x.duplicate()

    def begin(self, t: float, h: float, rate: Rate) -> None:
        """Become the equations of the step of length h that ends at t."""
        self._t, self._h, self.shift = t, h, rate.shift
        self._known.getArray()[:] = rate.known
        self._system.time_step = h

    def _load(self, x: PETSc.Vec) -> None:
        self._known.copy(self._rate)
        self._rate.axpy(self.shift, x)
        self._system.load_all(self._t, x, self._rate)

    def residual(self, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Assemble the residual at x into f."""
        self._load(x)
        self._system.assemble_residual(f)

    def jacobian(self, x: PETSc.Vec) -> None:
        """Assemble the Jacobian at x."""
        self._load(x)
        self._system.assemble_jacobian(self.matrix, self.shift)
        known, state = (v.getArray(readonly=True).copy() for v in (self._known, x))
        self.linearised = Linearisation(self._t, self._h, self.shift, known, state)

    def go_back(self, place: Linearisation) -> PETSc.Vec:
        """Become the equations that a Jacobian was taken of; return the state there."""
        self._t, self._h, self.shift = place.t, place.h, place.shift
        self._known.getArray()[:] = place.known
        self._system.time_step = place.h
        x = self._system.x.duplicate()
        x.getArray()[:] = place.x
        return x
