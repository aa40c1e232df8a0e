"""If these fail, charge passes a coating with the kinetics of the bare host, or the other way."""

from __future__ import annotations

from mpi4py import MPI

import pytest
from dolfinx import fem

from mesode.constants import C_E_REF, T_REF
from mesode.model.surfaces import bare_kinetics, coated_kinetics, coated_line
from support.small_cell import coated_arrays, film_coating, small_cell, split_arrays

SIDE = 1e-6  # [m] of the square particle


@pytest.fixture(scope="module")
def cell():
    share = {"active": film_coating()}
    return small_cell(n=4, arrays=coated_arrays(4, share=0.5), coatings=share)


def length(cell, dS):
    one = fem.Constant(cell.domain.mesh, 1.0)
    return cell.integral(one("+") * dS)


@pytest.mark.mpi
def test_the_surface_is_bare_where_it_is_not_coated(cell):
    by_kind = {surface.coated: length(cell, surface.dS) for surface in cell.surfaces}
    # the left half: one side and half of two others
    assert by_kind[True] == pytest.approx(2.0 * SIDE)
    assert by_kind[False] == pytest.approx(2.0 * SIDE)


@pytest.mark.mpi
def test_a_surface_has_a_mesh_of_its_own_facets(cell):
    for surface in cell.surfaces:
        facets = surface.line.mesh.topology.index_map(1).size_global
        assert facets == 8  # of a quarter micrometre


def test_a_coating_replaces_what_it_says_and_no_more():
    lithium = small_cell(n=2, comm=MPI.COMM_SELF).materials.lithium("active")
    film = film_coating(i_0_ref=1.5, alpha_a=0.4, alpha_c=None, film_resistance=3e-4)
    bare, coated = bare_kinetics(lithium), coated_kinetics(lithium, film)
    assert (coated.alpha_a, coated.alpha_c) == (0.4, bare.alpha_c)
    assert (coated.film_resistance, bare.film_resistance) == (3e-4, 0.0)
    at = {"sto": 0.5, "c_e": C_E_REF, "T": T_REF}
    assert coated.i_0(**at) == pytest.approx(1.5)
    # away from the reference it varies as that of the host does
    there = {"sto": 0.2, "c_e": 400.0, "T": T_REF}
    assert coated.i_0(**there) / coated.i_0(**at) == pytest.approx(
        bare.i_0(**there) / bare.i_0(**at)
    )


@pytest.mark.mpi
def test_two_hosts_touch_along_one_contact():
    cell = small_cell(n=4, arrays=split_arrays(4))
    (contact,) = cell.contacts
    assert {contact.first, contact.second} == {"active", "second"}
    assert length(cell, contact.dS) == pytest.approx(SIDE)


def test_the_line_of_a_coating_is_that_of_its_electrode():
    assert coated_line("active") == "coating"
    assert coated_line("counter_active") == "counter_coating"
