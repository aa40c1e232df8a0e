"""If these fail, potentials are shown from the wrong level, or a coating makes another heat."""

from __future__ import annotations

from mpi4py.MPI import MAX

import numpy as np
import pytest

from mesode.fields import Group
from mesode.model.processes.electrons import Electrons
from support.moved import gradient, moving
from support.shown import shown
from support.small_cell import coated_arrays, film_coating, full_cell, small_cell

pytestmark = pytest.mark.mpi


def test_each_electrode_is_shown_at_its_own_level():
    cell = full_cell(n=4)
    cell.reset()
    phi_s = shown(cell, Group.ELECTRONIC, "phi_s")
    y = phi_s.function_space.tabulate_dof_coordinates()[:, 1]
    working, counter = phi_s.x.array[y < 2.5e-6], phi_s.x.array[y > 2.5e-6]
    voltage = cell.V.number()
    ends = [cell.domain.comm.allreduce(v.max(initial=-np.inf), op=MAX) for v in (working, counter)]
    assert abs(ends[1] - ends[0]) == pytest.approx(voltage)


def test_current_and_heat_of_a_potential_that_falls():
    cell = small_cell(n=4)
    cell.reset()
    slope = -2e3  # [V/m]
    y = cell.phi_s.scaled.function_space.tabulate_dof_coordinates()[:, 1]
    cell.phi_s.scaled.x.array[:] = slope * y
    i_s = shown(cell, Group.ELECTRONIC, "i_s").x.array.reshape(-1, 2)
    tags = cell.domain.cell_tag[cell.conductor_domain.cells]
    sigma = np.where(tags == cell.tag("active"), 10.0 * 1.1, 50.0)
    np.testing.assert_allclose(i_s[:, 1], -sigma * slope, rtol=1e-12)
    np.testing.assert_allclose(i_s[:, 0], 0.0, atol=1e-6)
    electrons = next(p for p in cell.processes if isinstance(p, Electrons))
    heat = sum(cell.integral(h.density * h.measure) for h in electrons.heat())
    assert heat == pytest.approx((11.0 * 1e-12 + 50.0 * 3e-12) * slope**2)


@pytest.mark.parametrize("along", [1.0, 0.7])
def test_a_coating_keeps_its_volume_where_its_line_is_another(along):
    """One side of the square lies along the field: sigma t E^2 of its length over the square."""
    further = (moving(gradient(((1.3, 0.0), (0.0, along))), lambda_z=1.25),)
    cell = small_cell(
        n=2,
        arrays=coated_arrays(2),
        coatings={"active": film_coating()},
        setup={"further": further},
    )
    cell.reset()
    slope = -2e3  # [V/m] of the section as drawn
    y = cell.phi_s.scaled.function_space.tabulate_dof_coordinates()[:, 1]
    cell.phi_s.scaled.x.array[:] = slope * y
    electrons = next(p for p in cell.processes if isinstance(p, Electrons))
    heat = sum(cell.integral(h.density * h.measure) for h in electrons.heat() if h.side)
    assert heat == pytest.approx(2e3 * 1.1 * 2e-8 * slope**2 * 1e-6 / along**2, rel=1e-9)
