"""If these fail, an impedance is not that of the equations."""

from __future__ import annotations

from mpi4py import MPI

import basix.ufl
import numpy as np
import pytest
import ufl
from dolfinx import fem, mesh
from dolfinx.la import InsertMode

from mesode.errors import SolverError
from mesode.numerics.frequency import FrequencyResponse
from mesode.numerics.system import BlockSystem

pytestmark = pytest.mark.mpi

OMEGA = np.logspace(-2, 2, 9)


class Slab:
    """du/dt = lap u on the unit square, heated at x = 0; a Dirichlet condition may hold x = 1."""

    def __init__(self, n, *, held, degree=2):
        square = mesh.create_unit_square(MPI.COMM_WORLD, n, 1)
        space = fem.functionspace(square, ("Lagrange", degree))
        u, rate, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
        near = mesh.locate_entities_boundary(square, 1, lambda x: np.isclose(x[0], 0.0))
        tags = mesh.meshtags(square, 1, near, np.ones_like(near))
        ds = ufl.Measure("ds", domain=square, subdomain_data=tags)(1)
        dx = ufl.dx(domain=square)
        row = rate * v * dx + ufl.inner(ufl.grad(u), ufl.grad(v)) * dx
        far = mesh.locate_entities_boundary(square, 1, lambda x: np.isclose(x[0], 1.0))
        dofs = fem.locate_dofs_topological(space, 1, far)
        bcs = [fem.dirichletbc(0.0, dofs, space)] if held else []
        self.system = BlockSystem(square, [row], [u], [rate], bcs=bcs)
        entry = fem.assemble_vector(fem.form(v * ds))
        entry.scatter_reverse(InsertMode.add)
        self.entry = entry.array[: self.system.x.getLocalSize()].copy()

    def impedance(self, omegas=OMEGA):
        """Return the mean temperature at x = 0 over the flux."""
        response = FrequencyResponse(self.system, OMEGA[-1])
        found = [total(self.entry @ response.solve(omega, self.entry)) for omega in omegas]
        response.close()
        return np.array(found)


def total(mine):
    return MPI.COMM_WORLD.allreduce(mine)


@pytest.mark.parametrize(("held", "closed"), [(True, np.tanh), (False, lambda s: 1.0 / np.tanh(s))])
def test_a_slab_of_heat_has_the_impedance_of_warburg(held, closed):
    """tanh(s)/s where the far side is held, coth(s)/s where it is insulated; s = sqrt(i omega)."""
    s = np.sqrt(1j * OMEGA)
    errors = []
    for n in (16, 32):
        found = Slab(n, held=held).impedance()
        errors.append(np.abs(found / (closed(s) / s) - 1.0).max())
    # quadratic elements, and a mean over a boundary: order four
    assert errors[1] < 2e-5
    assert errors[0] / errors[1] > 12.0


def test_a_slab_is_solved_to_rounding_at_low_frequency():
    """Three terms of coth(s)/s suffice there: 1/(i omega) + 1/3 - i omega/45."""
    omega = 1e-4
    (found,) = Slab(8, held=False).impedance(np.array([omega]))
    assert found == pytest.approx(1 / (1j * omega) + 1 / 3 - 1j * omega / 45, rel=1e-9)


class Circuit:
    """R_s in series with R and C in parallel: the voltages of both are numbers."""

    R_s, R, C = 2.0, 5.0, 1e-3

    def __init__(self):
        square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
        space = fem.functionspace(square, basix.ufl.real_element("triangle", ()))
        (V, V_rate), (V_C, V_C_rate) = ((fem.Function(space), fem.Function(space)) for _ in "ab")
        v, w = ufl.TestFunction(space), ufl.TestFunction(space)
        dx = ufl.dx(domain=square)
        rows = [((V - V_C) / self.R_s) * v * dx]  # less I
        rows.append((self.C * V_C_rate + V_C / self.R - (V - V_C) / self.R_s) * w * dx)
        self.system = BlockSystem(square, rows, [V, V_C], [V_rate, V_C_rate])
        self.voltage = np.zeros(self.system.x.getLocalSize())
        self.voltage[self.system.owned_slices()[0]] = 1.0


def test_an_RC_element():
    circuit, omegas = Circuit(), np.logspace(0, 5, 21)
    response = FrequencyResponse(circuit.system, omegas[-1])
    for omega in omegas:
        Z = total(circuit.voltage @ response.solve(omega, circuit.voltage))
        closed = circuit.R_s + circuit.R / (1 + 1j * omega * circuit.R * circuit.C)
        assert abs(Z / closed - 1.0) < 1e-12
    response.close()


def test_a_matrix_that_cannot_be_factored_is_told():
    """A storage alone answers nothing at frequency zero."""
    square = mesh.create_unit_square(MPI.COMM_WORLD, 2, 2)
    space = fem.functionspace(square, ("Lagrange", 1))
    u, rate, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    row = (rate + 0.0 * u) * v * ufl.dx(domain=square)
    system = BlockSystem(square, [row], [u], [rate])
    response = FrequencyResponse(system, 1.0)
    with pytest.raises(SolverError, match="no oscillation at 0 Hz: MUMPS"):
        response.solve(0.0, np.ones(system.x.getLocalSize()))
    response.close()
