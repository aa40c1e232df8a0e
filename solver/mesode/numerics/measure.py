"""How far a residual is from zero, as Newton's method is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from petsc4py import PETSc


@dataclass(frozen=True, slots=True)
class Measured:
    """A residual: its size and the largest sum over an equation, both relative, and its 1-norm.

    The norm is of the residual as it is: its scale does not change with the state. From size and
    balance what rounding may be is taken off; ``whole`` is the balance with it.
    """

    size: float
    balance: float
    norm: float
    whole: float = 0.0


class ResidualMeasure(Protocol):
    """Measures residuals (collective)."""

    def __call__(self, residual: PETSc.Vec) -> Measured:
        """Measure a residual."""

    def know(self, jacobian: PETSc.Mat, x: PETSc.Vec) -> None:
        """See a new Jacobian and where it was taken."""


class NormMeasure:
    """The 1-norm of a residual over a scale; sums over its equations do not count (collective)."""

    def __init__(self, scale: float) -> None:
        self._scale = scale

    def __call__(self, residual: PETSc.Vec) -> Measured:
        """Measure a residual."""
        norm = residual.norm(PETSc.NormType.NORM_1)
        return Measured(norm / self._scale, 0.0, norm)

    def know(self, jacobian: PETSc.Mat, x: PETSc.Vec) -> None:
        """Nothing to know."""
