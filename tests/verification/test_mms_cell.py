"""If these fail, the cell that a run solves has other equations than it says.

A manufactured solution goes through the production equations (``support.mms_cell``).
"""

from __future__ import annotations

import numpy as np
import pytest

from support.mms import assert_order
from support.mms_cell import FIELDS, errors, solve

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def errors_in_space():
    return {n: errors(*solve(n)) for n in (8, 16, 32)}


@pytest.mark.parametrize("key", [*FIELDS, "level", "i_n"])
def test_the_equations_of_the_cell_have_the_exact_solution(errors_in_space, key):
    found = [values[key] for values in errors_in_space.values()]
    assert_order(1 / np.array(list(errors_in_space)), found, 2, slack=0.25)
