"""If these fail, a run tells a wrong error of its mesh: a constant, a facet that counts twice."""

from __future__ import annotations

from mpi4py.MPI import MAX

import numpy as np
import pytest

from mesode.constants import FARADAY
from mesode.materials.ends import Ends, potential
from mesode.materials.law import Law
from mesode.materials.ops import NUMPY
from mesode.model.mesh_error import MeshCost, _host_fluxes, _ion_fluxes, voltage_error
from mesode.model.processes.mechanics import MechanicsOptions
from support.small_cell import law, small_cell

pytestmark = pytest.mark.mpi

SIDE, N = 1e-6, 4  # of the square particle of the small cell [m]; its triangles are 1/N of that
PERIOD = 0.02  # [s], in which lithium moves a tenth of a triangle
HOUR = 3600.0


def _curve(function):
    law = Law(name="U", function=function, variables=("sto",), unit="V", valid={"sto": (0.0, 1.0)})
    return potential(law, Ends(0.01, 0.99))


def test_a_small_error_of_the_lithiation_counts_with_the_slope():
    ocp = _curve(lambda sto, ops: -0.1 * ops.log(sto))
    sto = np.array([0.2, 0.5])
    for off in (1e-6, -1e-3):
        found = voltage_error(ocp, sto, off, 300.0)
        assert found == pytest.approx(0.1 / sto * abs(off), rel=5e-3)


def test_an_error_moves_no_voltage_beyond_the_range_of_the_curve():
    """At 0.02 the slope is 5 V: times an error of 0.3 that is 1.5 V, of a curve of 0.46 V."""
    ocp = _curve(lambda sto, ops: -0.1 * ops.log(sto))
    sto = np.array([0.0, 0.01, 0.02, 0.5, 1.0])
    emptier = 0.1 * np.log([1.0, 1.0, 0.02 / 0.01, 0.5 / 0.2, 0.99 / 0.7])
    assert voltage_error(ocp, sto, -0.3, 300.0) == pytest.approx(emptier)
    fuller = 0.1 * np.log([0.3 / 0.01, 0.31 / 0.01, 0.32 / 0.02, 0.8 / 0.5, 1.0])
    assert voltage_error(ocp, sto, 0.3, 300.0) == pytest.approx(fuller)
    assert voltage_error(ocp, sto[:1], 50.0, 300.0) == pytest.approx(0.1 * np.log(99.0))


@pytest.fixture
def cell():
    cell = small_cell(n=N)
    cell.reset()
    return cell


def _set(cell, function):
    cell.sto["active"].scaled.interpolate(function)
    cell.sto["active"].scaled.x.scatter_forward()


def _edge(cell):
    """Length of the short sides of the triangles [m]."""
    areas = cell.domain.cell_areas[cell.domain.cell_tag == cell.tag("active")]
    return float(np.sqrt(2 * areas[0])) if len(areas) else 0.0


def _total(cell, value):
    return cell.domain.comm.allreduce(value)


def test_curvature_within_the_triangles(cell):
    """Of a x^2 / 2: h^2 a^2 / 12 in each triangle, but for half a column at either end."""
    estimate, a = MeshCost(cell), 2e11
    _set(cell, lambda x: 0.5 * a * x[0] ** 2)
    field = estimate._hosts["active"]
    sto = cell.sto["active"].scaled.x.array
    conducted = field.isotropic(sto, np.full(len(field.dofs), 3.0))
    energy = _total(cell, field.error_energy(conducted))
    h = cell.domain.comm.allreduce(_edge(cell), op=MAX)
    expected = 3.0 * h**2 * a**2 / 12.0 * SIDE**2 * (1.0 - h / SIDE)
    assert energy == pytest.approx(expected, rel=1e-9)


def test_a_linear_field_has_no_error(cell):
    _set(cell, lambda x: 1e5 * (x[0] + 2.0 * x[1]))
    field = MeshCost(cell)._hosts["active"]
    sto = cell.sto["active"].scaled.x.array
    conducted = field.isotropic(sto, np.ones(len(field.dofs)))
    assert _total(cell, field.error_energy(conducted)) < 1e-20


def test_the_flux_of_the_model_is_that_of_the_gradient_where_nothing_stresses_or_moves(cell):
    _set(cell, lambda x: 0.1 + 0.3 * np.sin(3e6 * x[0]) ** 2 * np.cos(2e6 * x[1]) ** 2)
    estimate = MeshCost(cell)
    plain, own = estimate._in_host("active"), _host_fluxes(cell, "active").compute()
    assert np.abs(plain.flux).max() > 0.0
    np.testing.assert_allclose(-own.flux, plain.flux, rtol=0, atol=1e-12 * np.abs(plain.flux).max())
    np.testing.assert_allclose(own.K, plain.K, rtol=0, atol=1e-12 * plain.K.max())


def test_the_error_of_the_ions_is_that_of_what_the_model_lets_flow(cell):
    """In binder and separator, whose MacMullin numbers are 3 and 4."""
    phi_e = cell.fields["phi_e"].scaled
    phi_e.interpolate(lambda x: 1e-2 * np.sin(3e6 * x[0]) * np.cos(2e6 * x[1]))
    phi_e.x.scatter_forward()
    estimate = MeshCost(cell)
    own = _total(cell, estimate._ions.error_energy(_ion_fluxes(cell).compute()))
    assert own > 0.0
    assert _total(cell, estimate._electrolyte()) == pytest.approx(own, rel=1e-9, abs=0.0)


def test_lithium_that_stress_holds_in_place_has_no_error():
    """One potential at all nodes, where the lithiation bends: nothing flows, nothing is lost."""
    swelling = law(lambda *, sto, ops: 0.5 * sto, "sto")
    cell = small_cell(mechanics=MechanicsOptions(), solids={"active": {"swelling": swelling}})
    cell.reset()
    _set(cell, lambda x: 0.2 + 0.1 * np.sin(3e6 * x[0]))
    sto, lithium = cell.sto["active"].scaled.x.array, cell.materials.lithium("active")
    sigma_h, Omega = cell.fields["sigma_h"], 0.5 / lithium.c_max
    U = lithium.ocp(sto=sto, T=300.0, ops=NUMPY)
    sigma_h.scaled.x.array[:] = (0.5 - U) * FARADAY / Omega / sigma_h.scale
    estimate = MeshCost(cell)
    field = estimate._hosts["active"]
    D_s = lithium.D_s(sto=0.2, T=300.0, ops=NUMPY)
    bent = field.error_energy(field.isotropic(sto, np.full(len(field.dofs), D_s)))
    own = field.error_energy(estimate._in_host("active"))
    assert _total(cell, own) < 1e-12 * _total(cell, bent)


def test_storage_at_the_nodes(cell):
    """Of a product of two slopes a and b: a b h^2 / 6 over the area."""
    field = MeshCost(cell)._hosts["active"]
    _set(cell, lambda x: 2e5 * x[0])
    slope = cell.sto["active"].scaled.x.array.copy()
    h = cell.domain.comm.allreduce(_edge(cell), op=MAX)
    found = _total(cell, field.lumping(slope, 3.0 * slope))
    assert found == pytest.approx(3.0 * 4e10 * h**2 / 6.0 * SIDE**2, rel=1e-9, abs=0)
    assert _total(cell, field.lumping(slope, np.ones_like(slope))) == pytest.approx(0.0, abs=1e-25)


def test_a_layer_thinner_than_a_triangle(cell):
    """The outermost nodes have taken everything: the concentration misses j h / (6 D) and more."""
    estimate = MeshCost(cell)
    estimate.remember(0.0)
    cell.I.set(cell.current_1C)
    sto, middle = cell.setup.lithiation, SIDE  # the square goes from half a side to 1.5
    on_rim = lambda x: np.abs(x[:2] - middle).max(axis=0) > 0.499 * SIDE  # noqa: E731
    _set(cell, lambda x: sto + 1e-6 * on_rim(x))
    found = estimate.see(PERIOD)
    law = cell.materials.lithium("active")
    D = float(law.D_s(sto=0.1, T=300.0))
    U = [float(law.ocp(sto=0.1 + ds, T=300.0)) for ds in (-1e-4, 1e-4)]
    h = cell.domain.comm.allreduce(_edge(cell), op=MAX)
    # taken up per time at the surface [m/s]: half a row of height h, at 1e-6 per period
    flux = 0.5 * h * 1e-6 / PERIOD
    one = flux * h / (6.0 * D) * abs(U[1] - U[0]) / 2e-4  # [V], if all current came from there
    share = flux * 96485.33212 * law.c_max * 4 * SIDE / (cell.current_1C * cell.width)
    assert one * share < found["lithium"] < 3.0 * one * share


def test_what_is_stored_and_what_the_surface_takes_add_up_per_largest_current(cell):
    """Of sto + b + a x', x' from the middle, in dt: a^2 h^2/6 over the area, and at the surface
    h^3/(24 D) of the square of what its triangles take up.
    """
    estimate, a, b, dt = MeshCost(cell), 1.0, 0.5 * SIDE, 1.0
    cell.I.set(cell.current_1C)
    estimate.see(HOUR)
    cell.I.set(0.1 * cell.current_1C)
    sto = cell.setup.lithiation
    _set(cell, lambda x: sto + b + a * (x[0] - SIDE))
    found = estimate.see(HOUR + dt)["lithium"]
    h = SIDE / N
    middles = (np.arange(N) + 0.5) * h - 0.5 * SIDE
    taken = 4.0 * SIDE * b**2 + a**2 * (
        2.0 * SIDE * (0.5 * SIDE) ** 2 + 2.0 * h * middles @ middles
    )
    law = cell.materials.lithium("active")
    D = float(law.D_s(sto=sto, T=300.0))
    energy = a**2 / dt * h**2 / 6.0 * SIDE**2 + h**3 / (24.0 * D) * taken / dt**2
    U = [float(law.ocp(sto=s, T=300.0)) for s in (sto, sto + 1e-4)]
    off = energy * FARADAY * law.c_max / (cell.current_1C * cell.width)
    assert found == pytest.approx(off * (U[0] - U[1]) / 1e-4, rel=1e-4, abs=0.0)


def test_rest_before_any_current_tells_nothing(cell):
    estimate = MeshCost(cell)
    assert estimate.see(0.0) == {}
    assert estimate.see(HOUR) == {}


def test_two_states_at_one_time_tell_nothing(cell):
    estimate = MeshCost(cell)
    cell.I.set(cell.current_1C)
    assert set(estimate.see(1.0)) == {"lithium", "electrolyte"}
    assert estimate.see(1.0) == {}
