"""If these fail, what rounding leaves of the forces counts as a balance that is not found."""

from __future__ import annotations

from petsc4py import PETSc

import numpy as np
import pytest

from mesode.numerics.full_newton import FullNewton, FullNewtonOptions

pytestmark = pytest.mark.serial

TOLERANCE = 1e-10


class Uneven:
    """A stiff and a soft spring, x^3 + x = 1 each; the forces of the stiff one round."""

    def __init__(self, noise, lift=0.0):
        self.A = PETSc.Mat().createAIJ([2, 2], nnz=1, comm=PETSc.COMM_SELF)
        self.A.setUp()
        self.x, _ = self.A.createVecs()
        self.unknowns, self.noise, self.lift = [], noise, lift
        self.rng = np.random.default_rng(1)

    def load(self, x, unknowns):
        pass

    def assemble_residual(self, f):
        x = self.x.getArray(readonly=True)
        exact = x**3 + x - 1 if not self.lift else x**2 + self.lift
        f.setArray(exact + self.noise * self.rng.uniform(-1, 1, 2))

    def assemble_jacobian(self, A):
        x = self.x.getArray(readonly=True)
        for k, slope in enumerate(3 * x**2 + 1 if not self.lift else 2 * x):
            A.setValue(k, k, slope)
        A.assemble()


def solved(system, start=0.3):
    system.x.set(start)
    newton = FullNewton(system, FullNewtonOptions(tolerance=TOLERANCE))
    return newton.solve(), newton


@pytest.mark.parametrize("noise", [2e-10, 5e-10])
def test_what_rounds_by_more_than_the_tolerance_is_solved_and_at_once(noise):
    exact, quick = solved(Uneven(0.0))
    assert exact
    system = Uneven(noise)
    found, newton = solved(system)
    assert found, newton.why
    assert newton.iterations <= quick.iterations + 1
    assert system.x.getArray() ** 3 + system.x.getArray() == pytest.approx(1.0, abs=4 * noise)


def test_where_there_is_none_no_balance_is_found():
    found, newton = solved(Uneven(0.0, lift=1.0))
    assert not found
    assert newton.sizes[-1] > 1.0
