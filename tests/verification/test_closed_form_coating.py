"""If these fail, a coating of some nanometres carries another current, another force or another
resistance than the same film would if it were meshed.

The law of the interface against closed forms, and against a ring of thickness t that is meshed:
their difference must vanish like t. A disc of conductivity s whose surface conducts G = sigma t
acts, for a field that is uniform far away (cos theta on the surface), as a disc of s + G/R.
"""

from __future__ import annotations

import numpy as np
import pytest
import ufl
from dolfinx import fem
from scipy.optimize import brentq
from shapely.geometry import LineString, Polygon

from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.geometry.section import box, disc_polygon
from mesode.materials.law import constant
from mesode.model import currents
from mesode.model.diagnostics import Diagnostics
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.numerics.system import BlockSystem
from mesode.physics import coating, conduction
from mesode.physics.elasticity import SectionKind
from support.elastic import KINDS_OF_ONE_BODY, MICROMETRE, elastic_quarter
from support.grids import grid_arrays
from support.sections import mesh_domain, quarter_rings
from support.shapes import section_from_polygons, unit_cell
from support.small_cell import (
    coated_arrays,
    film_coating,
    law,
    pass_by_law,
    small_cell,
    with_line,
)
from support.solve import integral, mean, solve_steady

DISC, RING, MATRIX = "active", "coating_ring", "carbon_binder"
SIDE, RADIUS = 1.0, 0.35  # [um]
SIGMA = {DISC: 0.5, MATRIX: 2.0}  # [S/m]
DROP = 1e-3  # [V]


def conductance(domain, conductivity, sheet=0.0):
    """Conductance of the square per depth [S/m] between collector and counter."""
    space = fem.functionspace(domain.mesh, ("Lagrange", 1))
    phi, held, v = fem.Function(space), fem.Function(space), ufl.TestFunction(space)
    for function in (phi, held):
        function.interpolate(lambda x: DROP * x[1] / (SIDE * MICROMETRE))
    near = 1e-6 * MICROMETRE
    ends = fem.locate_dofs_geometrical(
        space, lambda x: np.minimum(np.abs(x[1]), np.abs(x[1] - SIDE * MICROMETRE)) < near
    )
    parts = [
        (conduction.electronic_current(phi, sigma), domain.dx(domain.phases[phase]))
        for phase, sigma in conductivity.items()
    ]

    def power(test):
        found = sum(conduction.divergence_free(i, test, dx) for i, dx in parts)
        if sheet:
            n, dS = ufl.FacetNormal(domain.mesh)("+"), domain.dS((DISC,), (MATRIX,))
            on_disc = test("+")
            found += coating.tangential_conduction(phi("+"), on_disc, sheet, n, dS)
        return found

    bcs = [fem.dirichletbc(held, ends)]
    solve_steady(BlockSystem(domain.mesh, [power(v)], [phi], bcs=bcs))
    return integral(power(phi)) / DROP**2


def square(tmp_path, size, thickness=0.0):
    """A disc in a square, with a ring of its own around it where there is a thickness."""
    if thickness == 0.0:
        return mesh_domain(unit_cell(SIDE, RADIUS, size, (DISC, MATRIX)), 4 * size, size, tmp_path)
    middle = SIDE / 2
    # the same number of corners inside and outside, so that the ring is as thick everywhere
    inside = disc_polygon(middle, middle, RADIUS, size)
    grow = 1 + thickness / RADIUS
    corners = middle + grow * (np.array(inside.exterior.coords) - middle)
    outside = Polygon(corners)
    frame = Polygon(box(0, 0, SIDE, SIDE).exterior, [outside.exterior])
    phases = {
        DISC: [inside],
        RING: [Polygon(outside.exterior, [inside.exterior])],
        MATRIX: [frame],
    }
    boundaries = {
        "collector": LineString([(0, 0), (SIDE, 0)]),
        "counter": LineString([(0, SIDE), (SIDE, SIDE)]),
    }
    return mesh_domain(section_from_polygons(phases, boundaries), 4 * size, size, tmp_path)


@pytest.mark.parametrize("ratio", [0.3, 3.0, 1e3])
def test_a_conducting_surface_is_a_better_conducting_disc(tmp_path, ratio):
    domain = square(tmp_path, SIDE / 160)
    sheet = ratio * SIGMA[MATRIX] * RADIUS * MICROMETRE
    better = {**SIGMA, DISC: SIGMA[DISC] + ratio * SIGMA[MATRIX]}
    coated, bare = conductance(domain, SIGMA, sheet), conductance(domain, better)
    # higher modes, cos 3 theta, see another conductivity; they are small in this array
    assert coated == pytest.approx(bare, rel=4e-3)
    # not for the trivial reason that the disc does not matter
    assert abs(conductance(domain, SIGMA) / bare - 1) > 0.1


def test_conduction_is_the_limit_of_a_meshed_ring(tmp_path):
    sheet, size = 1.5 * SIGMA[MATRIX] * RADIUS * MICROMETRE, 0.006
    law = conductance(square(tmp_path, size), SIGMA, sheet)
    errors = []
    for thickness in (0.024, 0.012, 0.006):
        ring = {**SIGMA, RING: sheet / (thickness * MICROMETRE)}
        errors.append(conductance(square(tmp_path, size, thickness), ring) / law - 1)
    assert errors[0] > 0.0
    assert errors[1] == pytest.approx(errors[0] / 2, rel=0.15)
    assert errors[2] == pytest.approx(errors[1] / 2, rel=0.25)
    assert errors[2] < 0.02


# --- membrane: a disc that swells in a thin shell

E_DISC, NU_DISC, E_SHELL, NU_SHELL, MISFIT = 60e9, 0.2, 300e9, 0.3, 0.01
R = 1.0  # [um]


def pressed(kind, stiffness):
    """Pressure on the swelling disc in a shell of E t / R = ``stiffness`` [Pa], closed form.

    Unknowns are the pressure p, eps_tt of the surface and eps_zz; linear equations::

        E (eps_tt - m) = -p (1 - nu) - nu s_zz          disc, s_rr = s_tt = -p
        E (eps_zz - m) = 2 nu p + s_zz
        p = N_s / R

    and eps_zz = 0, or no force along z, pi R^2 s_zz + 2 pi R N_z = 0, or s_zz = 0.
    """
    k, nu, E, nu_d = stiffness, NU_SHELL, E_DISC, NU_DISC
    film = [0.0, k, 0.0] if kind is SectionKind.PLANE_STRESS else [0, k, nu * k]
    scale = 1.0 if kind is SectionKind.PLANE_STRESS else 1 / (1 - nu**2)
    # rows for (p, eps_tt, eps_zz, s_zz)
    matrix = [
        [1 - nu_d, E, 0.0, nu_d],
        [-2 * nu_d, 0.0, E, -1.0],
        [1.0, -scale * film[1], -scale * film[2], 0.0],
    ]
    if kind is SectionKind.PLANE_STRAIN:
        matrix.append([0.0, 0.0, 1.0, 0.0])
    elif kind is SectionKind.PLANE_STRESS:
        matrix.append([0.0, 0.0, 0.0, 1.0])
    else:
        matrix.append([0.0, 2 * scale * nu * k, 2 * scale * k, 1.0])
    right = [E * MISFIT, E * MISFIT, 0.0, 0.0]
    return float(np.linalg.solve(np.array(matrix), np.array(right))[0])


def with_membrane(domain, kind, thickness):
    """Mean pressure on a swelling quarter disc whose surface is a membrane."""
    body = elastic_quarter(domain, {DISC: (E_DISC, NU_DISC)}, {DISC: MISFIT}, kind)
    n, v = ufl.FacetNormal(domain.mesh), ufl.TestFunction(body.u.function_space)
    ds, unit = domain.ds("ring_0", (DISC,)), 1 / (E_DISC * MICROMETRE)
    E_t = E_SHELL * thickness * MICROMETRE
    eps_zz = 0.0 if body.eps_zz is None else body.eps_zz
    eps_ss = coating.hoop_strain(MICROMETRE * body.u, n)
    along, across = coating.membrane_force(eps_ss, eps_zz, E_t, NU_SHELL, kind=kind)
    body.rows[0] += unit * along * coating.hoop_strain(v, n) * ds
    if body.eps_zz is not None:
        w = ufl.TestFunction(body.eps_zz.function_space)
        body.rows[1] += unit / MICROMETRE * across * w * ds
    return solved(domain, body)


def solved(domain, body):
    solve_steady(BlockSystem(domain.mesh, body.rows, body.unknowns, bcs=body.bcs))
    in_plane = (body.sigma[DISC][0, 0] + body.sigma[DISC][1, 1]) / 2
    return -mean(in_plane, domain.dx(domain.phases[DISC]))


def quarter_disc(tmp_path, size):
    return mesh_domain(quarter_rings([R], [DISC], size), 2 * size, size, tmp_path)


@pytest.mark.parametrize("kind", KINDS_OF_ONE_BODY)
def test_a_membrane_presses_a_swelling_disc(tmp_path, kind):
    found = with_membrane(quarter_disc(tmp_path, R / 40), kind, 0.01)
    assert found == pytest.approx(pressed(kind, E_SHELL * 0.01 / R), rel=1e-3)


def test_a_film_stiffer_than_the_disc_needs_a_fine_surface(tmp_path):
    """The force of a polygon's film acts in its corners; the dents vanish like the mesh size."""
    kind = SectionKind.PLANE_STRAIN
    exact = pressed(kind, E_SHELL * 0.3 / R)
    errors = [with_membrane(quarter_disc(tmp_path, R / n), kind, 0.3) / exact - 1 for n in (40, 80)]
    assert abs(errors[0]) < 0.015
    assert errors[1] == pytest.approx(errors[0] / 2, rel=0.2)


@pytest.mark.parametrize("kind", KINDS_OF_ONE_BODY)
def test_a_membrane_is_the_limit_of_a_meshed_ring(tmp_path, kind):
    errors = []
    for thickness in (0.04, 0.02):
        size = thickness / 2
        rings = quarter_rings([R, R + thickness], [DISC, RING], size)
        domain = mesh_domain(rings, 0.1, size, tmp_path)
        moduli = {DISC: (E_DISC, NU_DISC), RING: (E_SHELL, NU_SHELL)}
        body = elastic_quarter(domain, moduli, {DISC: MISFIT, RING: 0.0}, kind)
        errors.append(solved(domain, body) / pressed(kind, E_SHELL * thickness / R) - 1)
    assert abs(errors[0]) < 0.05
    assert errors[1] == pytest.approx(errors[0] / 2, rel=0.2)


# --- charge transfer: film and integrity

RT_F = GAS_CONSTANT * 300.0 / FARADAY


def butler_volmer_behind_film(drop, i_0, alpha_a, alpha_c, film):
    """Current density that solves i = BV(drop - i film)."""

    def excess(i):
        eta = (drop - i * film) / RT_F
        return i_0 * (np.exp(alpha_a * eta) - np.exp(-alpha_c * eta)) - i

    bound = abs(excess(0.0))
    return brentq(excess, -bound, bound, xtol=1e-14) if film else excess(0.0)


@pytest.fixture(scope="module")
def half_coated():
    """A square particle; 3/8 of its surface, to the left, is coated."""
    arrays = coated_arrays(8, share=0.25)
    return small_cell(n=8, arrays=arrays, coatings={"active": film_coating(double_layer=None)})


@pytest.mark.parametrize("drop", [-0.15, -0.002, 0.08])
def test_each_part_of_the_surface_has_its_kinetics(half_coated, drop):
    cell, lithium = half_coated, half_coated.materials.lithium("active")
    cell.reset()
    sto = 0.5
    cell.sto["active"].set(sto)
    cell.phi_e.set(cell.V.number() - float(lithium.ocp(sto=sto)) - drop)
    one = fem.Constant(cell.domain.mesh, 1.0)
    length = {s.coated: cell.integral(one("+") * s.dS) for s in cell.surfaces}
    assert length == pytest.approx({False: 2.5e-6, True: 1.5e-6})
    # the film's law has the host's shape, and 1.5 A/m^2 at sto 0.5 and 1000 mol/m^3
    coated = butler_volmer_behind_film(drop, 1.5, 0.4, lithium.alpha_c, 3e-4)
    i_0 = float(lithium.i_0(c_e=1000.0, sto=sto))
    bare = butler_volmer_behind_film(drop, i_0, lithium.alpha_a, lithium.alpha_c, 0.0)
    total = sum(cell.integral(currents.i_n(cell, s) * s.dS) for s in cell.surfaces)
    pass_by_law(cell)
    share = 1.5 / 4.0
    assert total / 4e-6 == pytest.approx(share * coated + (1 - share) * bare, rel=1e-8)
    row = Diagnostics(cell).row()
    assert row["Coated Interface Current Density / A.m-2"] == pytest.approx(coated, rel=1e-8)
    assert row["Bare Interface Current Density / A.m-2"] == pytest.approx(bare, rel=1e-8)


def test_the_film_of_a_coating_is_a_resistance_in_series(half_coated):
    """For a small drop: i = drop / (R_film + R T / (F i_0 (alpha_a + alpha_c)))."""
    cell, lithium = half_coated, half_coated.materials.lithium("active")
    cell.reset()
    cell.sto["active"].set(0.5)
    cell.phi_e.set(cell.V.number() - float(lithium.ocp(sto=0.5)) - 1e-6)
    pass_by_law(cell)
    coated = Diagnostics(cell).row()["Coated Interface Current Density / A.m-2"]
    assert coated == pytest.approx(1e-6 / (3e-4 + RT_F / (1.5 * 0.85)), rel=1e-4)


def test_without_a_coating_there_is_one_surface():
    cell = small_cell(n=8)
    assert [surface.coated for surface in cell.surfaces] == [False]
    assert "Bare Interface Current Density / A.m-2" not in Diagnostics(cell).columns


def test_a_coating_holds_a_film_along_z():
    """Held in the plane, free above: E h (eps_zz - (1 + nu) e)/(1 - nu^2) + N_z = 0, eps_ss = 0."""
    E, nu, h, E_f, nu_f, t = 1e10, 0.25, 1e-6, 5e10, 0.3, 1e-7
    layers, host = (("pore", 2.0), ("separator", 1.0)), ("active", 0.0, 1.0, 0.0, 1.0)
    drawn = grid_arrays(2, layers, width=1.0, block=host)
    top = with_line(drawn, "coating", lambda middle: middle[:, 1] == 1.0)
    film = film_coating(thickness=t, E=constant(E_f, "Pa"), nu=constant(nu_f, "1"))
    moduli = {"E": constant(E, "Pa"), "nu": constant(nu, "1")}
    solid = {"swelling": law(lambda *, sto, ops: sto, "sto"), **moduli}
    options = MechanicsOptions(two_way=False)
    cell = small_cell(
        arrays=top, mechanics=options, solids={"active": solid}, coatings={"active": film}
    )
    e = 1e-3
    cell.sto["active"].set(cell.initial["active"] + 3 * e)
    cell.follow(1.0)
    of_host, of_film = E * h / (1 - nu**2), E_f * t / (1 - nu_f**2)
    expected = of_host * (1 + nu) * e / (of_host + of_film)
    assert cell.mechanics.eps_zz.number() == pytest.approx(expected, rel=1e-6)
