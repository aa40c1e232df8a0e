"""If these fail, a stress in a table or a map is not the invariant that it is called."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.model.stress import hydrostatic, max_principal, von_mises


def test_invariants_of_the_stress():
    rng = np.random.default_rng(2)
    rows = rng.normal(size=(50, 4))
    tensors = np.zeros((50, 3, 3))
    for k, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), (0, 1))):
        tensors[:, i, j] = tensors[:, j, i] = rows[:, k]
    principal = np.linalg.eigvalsh(tensors)
    deviator = tensors - np.trace(tensors, axis1=1, axis2=2)[:, None, None] / 3 * np.eye(3)
    assert max_principal(rows) == pytest.approx(principal[:, -1])
    assert von_mises(rows) == pytest.approx(np.sqrt(1.5 * (deviator**2).sum(axis=(1, 2))))
    assert hydrostatic(rows) == pytest.approx(principal.mean(axis=1))
