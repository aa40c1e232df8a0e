r"""Broyden's first method on a factorisation that is kept, in the steps of one solve.

With s_k the steps taken so far and z = -A^{-1} F, the next step is

    z <- z + s_{j+1} (s_j . z) / (s_j . s_j)   for the steps before the last, one after the other,
    s <- z / (1 - (s_last . z) / (s_last . s_last)).

All products follow from those of the steps with each other and with the first z, so that an
iteration needs one reduction over the ranks.

Source: Kelley, Iterative Methods for Linear and Nonlinear Equations, SIAM (1995), sec. 7.3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from petsc4py import PETSc

LEAST = 0.1  # denominator below which the update is close to singular: the plain step is taken


class BroydenSteps:
    """The steps since the Jacobian was looked at last."""

    def __init__(self) -> None:
        self._steps: list[PETSc.Vec] = []
        self._products = np.empty((0, 0))  # of the steps with each other

    def __len__(self) -> int:
        return len(self._steps)

    def forget(self) -> None:
        """Begin anew: the Jacobian is another one."""
        self._steps, self._products = [], np.empty((0, 0))

    def next(self, z: PETSc.Vec) -> PETSc.Vec:
        """Make the next step of z = -A^{-1} F, in place; it counts as taken (collective)."""
        steps, products, n = self._steps, self._products, len(self._steps)
        of_first = np.array(z.mDot([*steps, z]))
        with_steps, weights, scale = of_first[:n].copy(), np.zeros(n), 1.0
        for j in range(n - 1):
            weights[j + 1] = with_steps[j] / products[j, j]
            with_steps += weights[j + 1] * products[:, j + 1]
        if n:
            z.maxpy(weights[1:].tolist(), steps[1:])
            denominator = 1.0 - with_steps[-1] / products[-1, -1]
            scale = 1.0 / denominator if abs(denominator) > LEAST else 1.0
            z.scale(scale)
        square = of_first[n] + weights @ (of_first[:n] + with_steps)
        self._products = np.block(
            [
                [products, scale * with_steps[:, None]],
                [scale * with_steps[None, :], np.array([[scale**2 * square]])],
            ]
        )
        self._steps = [*steps, z]
        return z
