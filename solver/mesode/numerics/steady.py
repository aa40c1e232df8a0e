"""A steady block system solved again and again while its coefficients drift."""

from __future__ import annotations

from typing import TYPE_CHECKING

from petsc4py import PETSc

from mesode.numerics.linear import configure_direct
from mesode.numerics.newton import KeptNewton, NewtonOptions, ResidualMeasure

if TYPE_CHECKING:
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
        self.snes.setFunction(self._residual, system.x.duplicate())
        self.snes.setJacobian(self._jacobian, system.A)

    def _residual(self, _snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        self.system.load(x, self.system.unknowns)
        self.system.assemble_residual(f)

    def _jacobian(self, _snes: PETSc.SNES, x: PETSc.Vec, _J: PETSc.Mat, P: PETSc.Mat) -> None:
        self.system.load(x, self.system.unknowns)
        self.system.assemble_jacobian(P)

    def solve(self) -> bool:
        """Solve; return whether it converged. The functions hold the solution."""
        self.snes.solve(None, self.system.x)
        self.system.load(self.system.x, self.system.unknowns)
        return bool(self.snes.getConvergedReason() > 0)
