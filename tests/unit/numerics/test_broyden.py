"""If these fail, steps with an old factorisation are not those of Broyden's method."""

from __future__ import annotations

from itertools import pairwise

from petsc4py import PETSc

import numpy as np

from mesode.numerics.broyden import BroydenSteps


def vector(values):
    found = PETSc.Vec().createSeq(len(values), comm=PETSc.COMM_SELF)
    found.setArray(values)
    return found


def by_inner_products(steps, z):
    """Return the step as the recursion says, product by product."""
    z = z.copy()
    for before, after in pairwise(steps):
        z += after * (before @ z) / (before @ before)
    last = steps[-1] if steps else None
    return z if last is None else z / (1.0 - (last @ z) / (last @ last))


def test_steps_are_those_of_the_recursion():
    rng, steps, broyden = np.random.default_rng(1), [], BroydenSteps()
    for k in range(6):
        z = 0.3**k * rng.normal(size=20)
        steps.append(by_inner_products(steps, z))
        np.testing.assert_allclose(broyden.next(vector(z)).getArray(), steps[-1], rtol=1e-10)
    assert len(broyden) == 6


def test_with_another_jacobian_all_begins_anew():
    broyden = BroydenSteps()
    broyden.next(vector([1.0, 0.0]))
    broyden.forget()
    assert broyden.next(vector([0.5, 0.2])).getArray().tolist() == [0.5, 0.2]


def test_an_update_close_to_singular_is_left_out():
    broyden = BroydenSteps()
    broyden.next(vector([1.0, 0.0]))
    assert broyden.next(vector([0.95, 0.2])).getArray().tolist() == [0.95, 0.2]
