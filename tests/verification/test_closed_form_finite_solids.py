"""V06 and V07, plastic, and the free disc. If these fail, binder that flows bears another pressure
than its yield stress allows, or a particle that grows has another size or stress than it should.

A tube in plane strain, perfectly plastic and nearly incompressible, is widened from within until
all of it flows. The pressure then is that of the radii it has: (2/sqrt 3) sY ln(b/a).

A disc that nothing holds grows by J_g, by Hencky's law. Where it may lengthen it is without stress;
in plane strain it is pressed along its axis, elastically or by its yield stress.

A free cylinder whose lithium has the profile of a steady current, (rho^2/2 - 1/4) times an
amplitude, begins to flow at its surface and from there inwards. Its stress is that of equations in
the radius alone (``support.radial``), which are held against the closed form of a sphere first: in
its centre sY (1 + ln A/A_y), plastic from the radius sqrt(A_y/A) on, A_y = 15 (1 - nu) sY / E.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.model.point_states import PointState, points_in_triangles
from mesode.model.unknowns import number_space
from mesode.numerics.full_newton import FullNewton, FullNewtonOptions
from mesode.numerics.system import BlockSystem
from mesode.physics.solid import hencky_flow
from mesode.physics.solid.growth import deformation
from mesode.physics.solid.hencky_flow import Flow, Solid
from mesode.physics.solid.law import Begin, cauchy, piola
from support.elastic import MICROMETRE, fixed_component
from support.radial import Radial
from support.sections import mesh_domain, quarter_rings
from support.solve import integral, mean

E, SY = 10e9, 1e8
A, B = 1.0, 2.0
SIZE = A / 8


@dataclass
class Quarter:
    """A quarter of a ring or disc, that flows: u [um], a number beside it, its state and rows."""

    domain: Any
    nu: float
    flows: bool = True
    sY: float = SY

    def __post_init__(self):
        mesh = self.domain.mesh
        self.space = fem.functionspace(mesh, ("Lagrange", 2, (2,)))
        self.u, self.v = fem.Function(self.space), ufl.TestFunction(self.space)
        self.number = fem.Function(number_space(mesh))
        self.w = ufl.TestFunction(self.number.function_space)
        self.J_g = fem.Constant(mesh, 1.0)
        self.dx = self.domain.dx(metadata={"quadrature_degree": 2})(self.domain.phases["binder"])
        self.state = PointState(
            "flow",
            points_in_triangles(mesh, (hencky_flow.STATE,)),
            self.new_state,
            self.dx,
            (),
            start=hencky_flow.START,
        )
        self.stretch = 1.0

    def new_state(self, old, dt):
        begin = Begin(self.solid, self.at)  # which counts for the work that is lost alone
        return ufl.as_vector(self.solid.new_state(self.at, old, dt, begin))

    @property
    def solid(self):
        return Solid.of(E, self.nu, self.J_g, Flow(self.sY) if self.flows else None)

    @property
    def at(self):
        return deformation(MICROMETRE * self.u, self.stretch)

    @property
    def piola(self):
        return piola(self.solid, self.at, self.solid.tau(self.at, self.state.value, 1.0))

    def system(self, *rows, further=()):
        bcs = [fixed_component(self.space, axis, axis, 0.0) for axis in (0, 1)]
        unknowns = [self.u, self.number][: len(rows)]
        return BlockSystem(self.domain.mesh, rows, unknowns, bcs=[*bcs, *further])

    def step(self, newton):
        assert newton.solve(), newton.why
        self.state.update(0.0, 1.0)
        self.state.commit()


def meshed(radii, phases, folder, size=SIZE):
    return mesh_domain(quarter_rings(radii, phases, size), size, size, folder)


def outward(quarter, ring):
    """Return the mean displacement of a ring [um]."""
    x = ufl.SpatialCoordinate(quarter.domain.mesh)
    e = x / ufl.sqrt(ufl.inner(x, x))
    return mean(ufl.inner(quarter.u, e), quarter.domain.ds(ring, ("binder",)))


def widened(part):
    """Return the displacement [um] of an incompressible tube whose inner radius grows by a part."""

    def displacement(x):
        r = np.hypot(x[0], x[1]) / MICROMETRE
        now = np.sqrt(r**2 + A**2 * ((1 + part) ** 2 - 1))
        return (now / r - 1) * x[:2] / MICROMETRE

    return displacement


def test_a_tube_that_flows_bears_the_limit_pressure(tmp_path):
    tube = Quarter(meshed([A, B], [None, "binder"], tmp_path), nu=0.49)
    row = 1 / (SY * MICROMETRE) * tube.piola.virtual_work(tube.v) * tube.dx
    near = lambda x: np.hypot(x[0], x[1]) < 1.001 * A * MICROMETRE  # noqa: E731
    ring = fem.locate_dofs_geometrical(tube.space, near)
    held = fem.dirichletbc(fem.Function(tube.space), ring)
    newton = FullNewton(tube.system(row, further=[held]), FullNewtonOptions(tolerance=1e-8))
    for part in np.linspace(0.0, 0.06, 13)[1:]:
        tube.u.interpolate(widened(part))  # holds on the inner ring, near elsewhere
        newton.system.store([tube.u], newton.system.x)
        tube.step(newton)
    a, b = A + outward(tube, "ring_0"), B + outward(tube, "ring_1")
    assert a == pytest.approx(1.06 * A, rel=1e-3)  # chords of the circle
    assert b**2 - a**2 == pytest.approx(B**2 - A**2, rel=2e-3)
    # the pressure by the forces on the inner ring
    along, unit = fem.Function(tube.space), fem.Function(tube.space)
    unit.interpolate(lambda x: x[:2] / np.hypot(x[0], x[1]))
    numbers = np.concatenate([2 * ring, 2 * ring + 1])
    along.x.array[numbers] = unit.x.array[numbers]
    frozen = piola(tube.solid, tube.at, tube.solid.held(tube.at, tube.state.value))
    force = integral(frozen.virtual_work(along) * tube.dx)
    pressure = force / (np.pi / 2 * a * MICROMETRE)
    assert pressure / SY == pytest.approx(2 / sqrt(3) * log(b / a), rel=5e-3)


def free_newton(disc):
    """Return the solver of a disc that nothing holds around, nor along z where it may lengthen."""
    scale = 1 / (E * MICROMETRE)
    rows = [scale * disc.piola.virtual_work(disc.v) * disc.dx]
    if disc.stretch != 1.0:
        rows.append(scale / MICROMETRE * disc.piola.zz * disc.w * disc.dx)
    return FullNewton(disc.system(*rows), FullNewtonOptions(tolerance=1e-11))


@pytest.mark.parametrize("J_g", [1.5, 3.8])
@pytest.mark.parametrize("kind", ["generalised", "elastic", "flows"])
def test_a_free_disc_has_the_area_of_its_growth(tmp_path, kind, J_g):
    nu = 0.22
    disc = Quarter(meshed([A], ["binder"], tmp_path), nu, flows=kind == "flows")
    if kind == "generalised":
        disc.stretch = 1 + disc.number
    newton = free_newton(disc)
    for growth in np.linspace(1.0, J_g, 1 + round((J_g - 1) / 0.1))[1:]:
        disc.J_g.value = growth
        disc.step(newton)
    area = {
        "generalised": J_g ** (2 / 3),
        "elastic": J_g ** (2 * (1 + nu) / 3),
        "flows": J_g * exp(-SY * (1 - 2 * nu) / E),  # tau_zz = -sY, tr tau = -sY
    }[kind]
    assert mean(disc.at.area, disc.dx) == pytest.approx(area, rel=1e-8)
    if kind == "generalised":
        assert 1 + disc.number.x.array[0] == pytest.approx(J_g ** (1 / 3), rel=1e-8)


@pytest.mark.parametrize("A", [1.5, 3.0])
def test_equations_in_the_radius_flow_as_a_sphere_does(A):
    sphere = Radial(E, 0.3, SY, sphere=True)
    first = 15 * (1 - 0.3) * SY / E
    for part in np.linspace(0.0, A, 9)[1:]:
        stress = sphere.step(lambda r, a=part * first: a / 3 * (r**2 / 2 - 3 / 10))
    assert stress[0] / SY == pytest.approx(np.full(3, 1 + log(A)), rel=1e-3)
    assert stress[-1, 1:] / SY == pytest.approx([-1, -1], abs=1e-2)  # half an element inside
    assert sphere.plastic_radius(stress) == pytest.approx(A**-0.5, abs=1e-2)


def test_a_cylinder_flows_from_its_surface(tmp_path):
    nu, sY = 0.3, 1e-4 * E
    disc = Quarter(
        mesh_domain(quarter_rings([A], ["binder"], A / 16), A / 16, A / 16, tmp_path), nu
    )
    disc.sY, disc.stretch, amplitude = sY, 1 + disc.number, fem.Constant(disc.domain.mesh, 0.0)
    x = ufl.SpatialCoordinate(disc.domain.mesh) / MICROMETRE
    disc.J_g = (1 + amplitude / 3 * (ufl.inner(x, x) / 2 - 1 / 4)) ** 3
    newton, radial = free_newton(disc), Radial(E, nu, sY, sphere=False)
    first = 12 * (1 - nu) * sY / E
    for part in np.linspace(0.0, 1.5, 7)[1:]:
        amplitude.value = part * first
        disc.step(newton)
        stress = radial.step(lambda r, a=part * first: a / 3 * (r**2 / 2 - 1 / 4))
    assert 0.8 < radial.plastic_radius(stress) < 0.9
    # what flows lies outside of that radius
    flows = ufl.conditional(ufl.gt(disc.state.value[4], 1e-12), 1.0, 0.0)
    inner = sqrt(1 - mean(flows, disc.dx))
    assert inner == pytest.approx(radial.plastic_radius(stress), abs=2e-2)
    off, size = 0, 0
    for exact, found in zip(polar(disc, radial.r, stress), cartesian(disc), strict=True):
        off, size = off + (found - exact) ** 2, size + exact**2
    assert sqrt(integral(off * disc.dx) / integral(size * disc.dx)) < 3e-3


def cartesian(disc):
    sigma = cauchy(disc.solid, disc.at, disc.solid.held(disc.at, disc.state.value))
    return sigma.xx, sigma.yy, sigma.zz, sigma.xy


def polar(disc, radius, stress):
    """Return xx, yy, zz, xy of a stress r, t, z over the radius."""
    space, fields = fem.functionspace(disc.domain.mesh, ("Lagrange", 2)), []
    for values in stress.T:
        field = fem.Function(space)
        field.interpolate(
            lambda x, v=values: np.interp(np.hypot(x[0], x[1]) / MICROMETRE, radius, v)
        )
        fields.append(field)
    (s_r, s_t, s_z), x = fields, ufl.SpatialCoordinate(disc.domain.mesh)
    c, s = (x[k] / ufl.sqrt(ufl.inner(x, x)) for k in (0, 1))
    return s_r * c * c + s_t * s * s, s_r * s * s + s_t * c * c, s_z, (s_r - s_t) * c * s
