r"""Newton's method that keeps its factorisation: modified Newton with Broyden's update.

One LU costs some twenty residual-and-solve pairs, so it is kept over many time steps and changes
of the shift. Each iteration solves with the old LU and improves the step by Broyden's first
method, which needs inner products only: with s_k the steps of this solve and z = -A^{-1} F,

    z <- z + s_{j+1} (s_j . z) / (s_j . s_j)   for the steps before,
    s <- z / (1 - (s_last . z) / (s_last . s_last)).

The Jacobian is renewed when the shift has moved too far from the one that was factored or when
the iteration converges slowly. Convergence is judged by the sum of the absolute residuals: as each
row is a current, this bounds the error of every balance that is a sum of rows.

Source: Kelley, Iterative Methods for Linear and Nonlinear Equations, SIAM (1995), sec. 7.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(slots=True, kw_only=True)
class NewtonOptions:
    """When to stop and when to renew the factorisation.

    ``tolerance`` bounds the residual norm; ``shift_drift`` is the relative change of the shift
    and ``slow`` the contraction per iteration beyond which the Jacobian is renewed.
    """

    tolerance: float = 1e-9
    max_iterations: int = 15
    shift_drift: float = 1.0
    slow: float = 0.3
    broyden: bool = True


@dataclass(slots=True)
class NewtonCounts:
    """What the solver has done since the start."""

    solves: int = 0
    iterations: int = 0
    residuals: int = 0
    jacobians: int = 0
    failures: int = 0


class KeptNewton:
    """A PETSc SNES of type python.

    Args:
        options: See ``NewtonOptions``.
        norm: Returns the norm of a residual vector (collective).
        ksp_options: PETSc options of the linear solver.
    """

    def __init__(
        self,
        options: NewtonOptions,
        norm: Callable[[PETSc.Vec], float],
        configure: Callable[[PETSc.KSP], None],
        current_shift: Callable[[], float],
    ) -> None:
        self.options, self.norm, self.configure = options, norm, configure
        self.current_shift = current_shift
        self.counts = NewtonCounts()
        self._ksp: PETSc.KSP | None = None
        self._shift: float | None = None
        self._renew = True
        self.last_iterations = 0
        import os
        self.memory = int(os.environ.get("MEM", "0"))
        self._pairs = []

    def _secant(self, f):
        import numpy as np
        r = f.copy()
        z = f.duplicate()
        sh = self.current_shift()
        self._pairs = [p for p in self._pairs if 0.99 < p[2]/sh < 1.01]
        out = None
        if self._pairs:
            n = len(self._pairs)
            G = np.array([[self._pairs[i][1].dot(self._pairs[j][1]) for j in range(n)] for i in range(n)])
            b = np.array([p[1].dot(f) for p in self._pairs])
            d = 1/np.sqrt(np.diag(G))
            g = d * (np.linalg.lstsq(G*np.outer(d,d), b*d, rcond=1e-10)[0])
            for k, p in enumerate(self._pairs):
                r.axpy(-g[k], p[1])
        self._ksp.solve(r, z)
        z.scale(-1.0)
        if self._pairs:
            for k, p in enumerate(self._pairs):
                z.axpy(-g[k], p[0])
        return z

    def renew(self) -> None:
        """Ask for a new factorisation at the next solve."""
        self._renew = True

    def _factor(self, snes: PETSc.SNES, x: PETSc.Vec) -> None:
        J, P = snes.getJacobian()[:2]
        snes.computeJacobian(x, J, P)
        if self._ksp is None:
            self._ksp = PETSc.KSP().create(snes.comm)
            self.configure(self._ksp)
        self._ksp.setOperators(J, P)
        self._ksp.setUp()
        self._shift, self._renew = self.current_shift(), False
        self.counts.jacobians += 1

    def _drifted(self) -> bool:
        """Tell whether the shift has moved too far from the one that was factored."""
        if self._shift is None:
            return True
        ratio = self.current_shift() / self._shift
        return max(ratio, 1.0 / ratio) > 1.0 + self.options.shift_drift

    def _step(self, f: PETSc.Vec, steps: list[PETSc.Vec]) -> PETSc.Vec:
        z = f.duplicate()
        self._ksp.solve(f, z)
        z.scale(-1.0)
        if not (self.options.broyden and steps):
            return z
        for before, after in zip(steps[:-1], steps[1:], strict=True):
            z.axpy(before.dot(z) / before.dot(before), after)
        last = steps[-1]
        denominator = 1.0 - last.dot(z) / last.dot(last)
        if abs(denominator) > 0.1:
            z.scale(1.0 / denominator)
        return z

    def solve(self, snes: PETSc.SNES, _b: Any, x: PETSc.Vec) -> None:
        """Solve F(x) = 0 from the guess x (called by PETSc)."""
        options, counts = self.options, self.counts
        counts.solves += 1
        f = snes.getFunction()[0] or x.duplicate()
        snes.computeFunction(x, f)
        counts.residuals += 1
        norm = self.norm(f)
        steps: list[PETSc.Vec] = []
        fresh = False
        for iteration in range(options.max_iterations):
            if norm <= options.tolerance:
                self._finish(snes, iteration, PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS)
                return
            if self._renew or (iteration == 0 and self._drifted()):
                self._factor(snes, x)
                steps, fresh = [], True
            if self.memory:
                step = self._secant(f); f_old = f.copy()
            else:
                step = self._step(f, steps)
            x.axpy(1.0, step)
            snes.computeFunction(x, f)
            counts.residuals += 1
            counts.iterations += 1
            previous, norm = norm, self.norm(f)
            steps.append(step)
            if __import__("os").environ.get("DBG"): print("  it", iteration, previous, norm, self.current_shift(), fresh)
            if self.memory:
                df = f.copy(); df.axpy(-1.0, f_old); self._pairs.append((step, df, self.current_shift()))
                self._pairs = self._pairs[-self.memory:]
            if not norm < 1e300 or (fresh and len(steps) > 2 and norm > 2 * previous):
                break
            if norm > options.slow * previous and not (fresh and len(steps) < 4):
                self._renew = True
        else:
            if norm <= options.tolerance:
                self._finish(snes, options.max_iterations, PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS)
                return
        counts.failures += 1
        self._renew = True
        self._finish(snes, options.max_iterations, PETSc.SNES.ConvergedReason.DIVERGED_MAX_IT)

    def _finish(self, snes: PETSc.SNES, iterations: int, reason: int) -> None:
        self.last_iterations = iterations
        snes.setIterationNumber(iterations)
        snes.setConvergedReason(reason)
