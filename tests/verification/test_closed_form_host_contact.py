"""If these fail, lithium passes between two active materials at a wrong rate, or the wrong way:
a blend, or a core in its shell, would fill in the wrong order.

Two layers that touch, both with a linear open-circuit potential U = U_0 - k sto and diffusion so
fast that they stay uniform. With d = U_b - U_a, layers of capacity q = F c_max h [C/m^2]::

    q_a dsto_a/dt = -d/R,  q_b dsto_b/dt = d/R   =>   d(t) = d_0 exp(-(k_a/q_a + k_b/q_b) t / R)

No current flows, no charge passes, and the lithium in both together is constant.
"""

from __future__ import annotations

import numpy as np
import pytest
from dolfinx import fem

from mesode.constants import FARADAY
from mesode.model.unknowns import make_unknown
from mesode.numerics.system import BlockSystem
from mesode.physics import diffusion, host_contact
from support.grids import grid
from support.small_cell import small_cell, split_arrays
from support.solve import advance, integral, start_integrator

pytestmark = pytest.mark.mpi

HEIGHT = {"a": 1.0, "b": 0.5}  # [um]
C_MAX = {"a": 3e4, "b": 8e4}
U_0, SLOPE = {"a": 0.30, "b": 0.70}, {"a": 0.2, "b": 0.5}
R, D_s = 2e-3, 1e-7  # [ohm m^2], [m^2/s]: a layer is uniform after 1e-5 s
START = 0.3
Q = {x: FARADAY * C_MAX[x] * HEIGHT[x] * 1e-6 for x in HEIGHT}
RATE = (SLOPE["a"] / Q["a"] + SLOPE["b"] / Q["b"]) / R  # [1/s]


def potential(layer, sto):
    return U_0[layer] - SLOPE[layer] * sto


class Layers:
    """Two layers of hosts and nothing else."""

    def __init__(self):
        self.domain = grid(8, tuple(HEIGHT.items()), width=0.5)
        parts = {x: self.domain.subdomain((x,)) for x in HEIGHT}
        self.maps = [part.entity_map for part in parts.values()]
        space = {x: fem.functionspace(part.mesh, ("Lagrange", 1)) for x, part in parts.items()}
        self.sto = {x: make_unknown(f"sto_{x}", space[x]) for x in HEIGHT}
        for sto in self.sto.values():
            sto.set(START)
        a, b = self.sto.values()
        dS = self.domain.dS(("a",), ("b",))
        i_ab = host_contact.lithium_current(
            potential("a", a.value("+")), potential("b", b.value("-")), R
        )
        rows = [self._bulk(x) for x in HEIGHT]
        rows[0] += i_ab * a.test("+") * dS
        rows[1] -= i_ab * b.test("-") * dS
        unknowns, rates = [a.scaled, b.scaled], [a.scaled_rate, b.scaled_rate]
        self.system = BlockSystem(self.domain.mesh, rows, unknowns, rates, entity_maps=self.maps)

    def _bulk(self, x):
        sto, dx = self.sto[x], self.domain.dx(self.domain.phases[x])
        row = diffusion.storage(C_MAX[x] * sto.rate, sto.test, dx)
        return row + diffusion.transport(
            diffusion.lithium_flux(C_MAX[x] * sto.value, D_s), sto.test, dx
        )

    def mean(self, x):
        dx = self.domain.dx(self.domain.phases[x])
        return integral(self.sto[x].value * dx, self.maps) / (HEIGHT[x] * 0.5 * 1e-12)

    def held(self):
        return sum(Q[x] * self.mean(x) for x in HEIGHT)


@pytest.fixture(scope="module")
def layers():
    return Layers()


def test_the_difference_decays_with_the_known_rate(layers):
    start, difference = layers.held(), potential("b", START) - potential("a", START)
    current = difference / R * 0.5e-6  # [A/m], per depth
    integrator = start_integrator(layers.system, [True, True], current, tolerance=1e-7)
    for t in (0.5 / RATE, 1.0 / RATE, 3.0 / RATE):
        advance(integrator, t)
        found = potential("b", layers.mean("b")) - potential("a", layers.mean("a"))
        assert found == pytest.approx(difference * np.exp(-RATE * t), abs=2e-4 * difference)
        # i_ab > 0 where U_b > U_a: a has lost, b has gained
        assert layers.mean("a") < START < layers.mean("b")
        assert layers.held() == pytest.approx(start, rel=1e-12)
    advance(integrator, 30.0 / RATE)
    assert potential("b", layers.mean("b")) == pytest.approx(
        potential("a", layers.mean("a")), abs=1e-6
    )


def test_hosts_of_a_cell_start_in_equilibrium():
    cell = small_cell(arrays=split_arrays(4))
    first, second = (cell.materials.lithium(h).ocp(sto=cell.initial[h]) for h in cell.hosts)
    assert first == pytest.approx(second, abs=1e-6)
    assert cell.equilibrium_voltage() == pytest.approx(first, abs=1e-6)
    held = sum(cell.host_capacities[h] * cell.initial[h] for h in cell.hosts)
    assert held == pytest.approx(cell.setup.lithiation * cell.charge_capacity, rel=1e-6)
    assert cell.initial["active"] != pytest.approx(cell.initial["second"], abs=0.01)


def test_one_material_has_its_own_open_circuit_voltage():
    cell = small_cell()
    assert cell.equilibrium_voltage() == float(cell.materials.lithium("active").ocp(sto=0.1))
    assert cell.initial == {"active": 0.1}
