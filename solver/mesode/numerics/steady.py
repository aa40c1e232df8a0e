"""A steady block system solved again and again while its coefficients drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from petsc4py import PETSc

from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions, ResidualMeasure

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.numerics.system import BlockSystem


class SteadySolver:
    """Solves F(u) = 0 from the state in ``system.x``, keeping its factorisation (collective)."""

    def __init__(
        self, system: BlockSystem, measure: ResidualMeasure, options: NewtonOptions
    ) -> None:
        self.system = system
        self.newton = KeptNewton(options, measure, configure_direct)
        self.snes = PETSc.SNES().create(system.comm)
        self.snes.setType("python")
        self.snes.setPythonContext(self.newton)
        # PETSc keeps the callbacks: none may hold the SNES, or neither is ever freed
        self.snes.setFunction(_residual_of(system), system.x.duplicate())
        self.snes.setJacobian(_jacobian_of(system), system.A)

    def solve(self) -> bool:
        """Solve; return whether it converged. The functions hold the solution."""
        self.snes.solve(None, self.system.x)
        self.system.load(self.system.x, self.system.unknowns)
        return bool(self.snes.getConvergedReason() > 0)


def _residual_of(system: BlockSystem) -> Callable[[PETSc.SNES, PETSc.Vec, PETSc.Vec], None]:
    def residual(_snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        system.load(x, system.unknowns)
        system.assemble_residual(f)

    return residual


def _jacobian_of(
    system: BlockSystem,
) -> Callable[[PETSc.SNES, PETSc.Vec, PETSc.Mat, PETSc.Mat], None]:
    def jacobian(_snes: PETSc.SNES, x: PETSc.Vec, _J: PETSc.Mat, P: PETSc.Mat) -> None:
        system.load(x, system.unknowns)
        system.assemble_jacobian(P)

    return jacobian
