"""If these fail, a term of an equation is lost, or stands in the row of another unknown."""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh

from mesode.errors import ModelError
from mesode.model.process import Process
from mesode.model.rows import sum_rows
from mesode.model.unknowns import make_unknown


class Brings(Process):
    """A process of given terms."""

    def __init__(self, *terms):
        self._terms = terms

    def terms(self):
        return self._terms


@pytest.fixture(scope="module")
def unknowns():
    space = fem.functionspace(mesh.create_unit_square(MPI.COMM_SELF, 2, 2), ("Lagrange", 1))
    return [make_unknown(key, space) for key in ("a", "b")]


def total(form):
    return fem.assemble_vector(fem.form(form)).array.sum()


def test_terms_of_all_processes_are_summed_in_the_row_of_their_unknown(unknowns):
    a, b = unknowns
    one = Brings((b, 2.0 * b.test * ufl.dx), (a, 3.0 * a.test * ufl.dx))
    other = Brings((b, 5.0 * b.test * ufl.dx))
    rows = sum_rows(unknowns, [one, other])
    np.testing.assert_allclose([total(row) for row in rows], [3.0, 7.0])


def test_an_unknown_without_a_row_is_refused(unknowns):
    a, _ = unknowns
    with pytest.raises(ModelError, match="do not fit the unknowns"):
        sum_rows(unknowns, [Brings((a, a.test * ufl.dx))])


def test_a_row_of_no_unknown_is_refused(unknowns):
    a, b = unknowns
    with pytest.raises(ModelError, match="do not fit the unknowns"):
        sum_rows([a], [Brings((a, a.test * ufl.dx), (b, b.test * ufl.dx))])
