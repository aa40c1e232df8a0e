"""V16. If this fails, the reaction spreads wrongly through the depth of an electrode: the balance
of ionic conduction and charge transfer, or the resistance they add up to, is off.

A rectangle with a reaction in its volume, electrons at no cost (sigma >> kappa) and kinetics in
the linear range: nu^2 = a i_0 F L^2 / (R T kappa), area resistance (L/kappa) coth(nu)/nu, current
density at front and back over the mean nu coth(nu) and nu/sinh(nu). Source: Newman and Tobias, J.
Electrochem. Soc. 109 (1962) 1183. Tolerance 0.5 % at 40 elements over the depth.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import ufl
from dolfinx import fem

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.numerics.system import BlockSystem
from mesode.physics import conduction, electrolyte, kinetics
from support.sections import mesh_domain
from support.shapes import rectangle
from support.solve import integral, mean, solve_steady

# nu: area resistance over L/kappa, front over mean, back over mean
TABLE = {
    0.5: (4.32791, 1.08198, 0.95952),
    1.0: (1.31304, 1.31304, 0.85092),
    2.0: (0.51866, 2.07463, 0.55144),
    3.0: (0.33499, 3.01491, 0.29946),
    5.0: (0.20002, 5.00045, 0.06738),
}
L, WIDTH, SIZE = 50.0, 5.0, 50.0 / 40  # [um]
KAPPA, MACMULLIN, T = 0.9, 4.5, 298.15
DRIVE = 1e-4  # [V], small against R T / F: the kinetics are linear to 1e-6
PHASE = "carbon_binder"

pytestmark = pytest.mark.mpi


@pytest.fixture(scope="module")
def domain(tmp_path_factory):
    section = rectangle(WIDTH, L, PHASE)
    return mesh_domain(section, SIZE, SIZE, tmp_path_factory.mktemp("electrode"))


@pytest.fixture(params=TABLE)
def electrode(request, domain):
    nu, depth = request.param, L * 1e-6
    kappa = KAPPA / MACMULLIN
    # reaction per volume at an exchange current density of one
    a_i_0 = nu**2 * GAS_CONSTANT * T * kappa / (FARADAY * depth**2)
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    phi_e, held, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    for function in (phi_e, held):
        function.x.array[:] = DRIVE
    facets = domain.facet_tags.find(domain.boundaries["counter"])
    bc = fem.dirichletbc(held, fem.locate_dofs_topological(space, 1, facets))
    bulk = electrolyte.Transport(kappa=KAPPA, D_e=1e-10, t_plus=0.4, tdf=1.0, macmullin=MACMULLIN)
    i_e = electrolyte.ionic_current(fem.Constant(domain.mesh, 1000.0), phi_e, bulk, T)
    reaction = kinetics.butler_volmer(0.0 - phi_e, a_i_0, T)  # phi_s = 0, current into the pores
    row = conduction.divergence_free(i_e, v, domain.dx) - reaction * v * domain.dx
    solve_steady(BlockSystem(domain.mesh, [row], [phi_e], bcs=[bc]))
    average = mean(reaction, domain.dx)
    front, back = (domain.ds(name, (PHASE,)) for name in ("counter", "collector"))
    return SimpleNamespace(
        expected=TABLE[nu],
        resistance=DRIVE / (-average * depth) * kappa / depth,
        front=mean(reaction, front) / average,
        back=mean(reaction, back) / average,
        left=integral(reaction * domain.dx) / (WIDTH * 1e-6),
    )


def test_area_resistance(electrode):
    assert electrode.resistance == pytest.approx(electrode.expected[0], rel=5e-3)


def test_current_density_at_the_front(electrode):
    assert electrode.front == pytest.approx(electrode.expected[1], rel=5e-3)


def test_current_density_at_the_back(electrode):
    assert electrode.back == pytest.approx(electrode.expected[2], rel=5e-3)
