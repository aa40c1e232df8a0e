"""If these fail, what comes off takes another energy than its toughness, bears another stress than
its strength, heals, or feels it when the whole section turns.

Two layers, one on the other, are torn along the line between them and held by the cohesive law.
"""

from __future__ import annotations

from types import SimpleNamespace

from mpi4py import MPI

import numpy as np
import pytest
import ufl
from dolfinx import fem

from mesode.mesh.torn import torn_subdomain
from mesode.model.cohesion import Seam
from mesode.model.joints import Joint
from mesode.model.stretched_foil import RigidCollector
from mesode.model.unknowns import RowKind, make_unknown
from mesode.numerics.full_newton import FullNewton, FullNewtonOptions
from mesode.numerics.system import BlockSystem
from mesode.physics.solid import cohesive, hencky_flow, law
from mesode.physics.solid.growth import deformation
from mesode.physics.solid.hencky_flow import Solid
from support.grids import grid
from support.solve import integral

pytestmark = pytest.mark.mpi

MICROMETRE = 1e-6
SIGMA_C, G_C = 2e7, 2.0
DELTA_F = 2 * G_C / SIGMA_C  # 0.2 um
STIFF = 1e13  # [Pa]
NO_FLOW = hencky_flow.START


class Layers:
    """A lower and an upper layer of 1 um with a seam; stiffness E [Pa], no lateral strain."""

    def __init__(self, E, n=2, width=1.0, G=G_C):
        self.domain = grid(n, (("lower", 1.0), ("upper", 1.0)), width=width)
        facets, pairs = self.domain.inner_facets
        tags = self.domain.cell_tag[pairs]
        keep = tags[:, 0] != tags[:, 1]
        facets, pairs = facets[keep], np.sort(pairs[keep], axis=1)
        pairs = np.take_along_axis(pairs, np.argsort(self.domain.cell_tag[pairs], axis=1), axis=1)
        even = np.ones(len(facets))
        joint = Joint(facets, pairs, 0 * facets, SIGMA_C * even, G * even)
        self.part = torn_subdomain(self.domain, ("lower", "upper"), facets)
        space = fem.functionspace(self.part.mesh, ("Lagrange", 2, (2,)))
        self.u = make_unknown("u", space, scale=MICROMETRE, row=RowKind.FORCE)
        self.rate = fem.Constant(self.domain.mesh, 0.0)
        self.old = fem.Function(space)
        section = SimpleNamespace(domain=self.domain, entity_maps=[self.part.entity_map])
        mechanics = SimpleNamespace(
            u=self.u,
            phases=self.part.phases,
            modulus=E,
            foil=RigidCollector(),
            medium=SimpleNamespace(length=MICROMETRE, old=self.old),
            growth_path=SimpleNamespace(rate=self.rate),
        )
        self.seam = Seam(section, mechanics, joint, "damage")
        section.entity_maps.append(self.seam.line.entity_map)
        self.maps = section.entity_maps
        self.solid = Solid.of(E, 0.0, 1.0)
        self.dx = self.domain.dx(metadata={"quadrature_degree": 2})
        self.scale = 1 / (SIGMA_C * MICROMETRE)

    @property
    def piola(self):
        at = deformation(self.u.value)
        return law.piola(self.solid, at, self.solid.held(at, NO_FLOW))

    def held(self, where, value):
        """Hold the displacement [um] of the nodes at which ``where`` holds; return its handle."""
        space = self.u.scaled.function_space
        function = fem.Function(space)
        dofs = fem.locate_dofs_geometrical(space, lambda x: where(*(x[:2] / MICROMETRE)))
        function.x.array.reshape(-1, 2)[dofs] = value
        return function, dofs, fem.dirichletbc(function, dofs)

    def pull(self, bottom, grip):
        """Hold the bottom, move the grip up; return what does it: displacement [um] to force."""
        _, _, low = self.held(bottom, 0.0)
        moved, dofs, high = self.held(grip, 0.0)
        along = fem.Function(moved.function_space)
        along.x.array.reshape(-1, 2)[dofs, 1] = 1.0
        row = self.scale * (self.piola.virtual_work(self.u.test) * self.dx + self.seam.row)
        system = BlockSystem(
            self.domain.mesh, [row], [self.u.scaled], bcs=[low, high], entity_maps=self.maps
        )
        newton = FullNewton(system, FullNewtonOptions(tolerance=1e-9, most=40))
        force = self.piola.virtual_work(along) * self.dx

        def go(before, rise, halved=0):
            """Solve at a rise, halfway there first where that cannot be done at once."""
            start = self.u.scaled.x.array.copy()
            for function in (moved, self.u.scaled):
                function.x.array.reshape(-1, 2)[dofs, 1] = rise
            system.store([self.u.scaled], system.x)
            if newton.solve():
                self.seam.damage.update(0.0, 1.0)
                self.seam.damage.commit()
                return
            assert halved < 8, newton.why
            self.u.scaled.x.array[:] = start
            for end in ((before + rise) / 2, rise):
                go(before, end, halved + 1)
                before = end

        def to(rise):
            go(to.before, rise)
            to.before = rise
            return self.integral(force)

        to.before = 0.0
        return to

    def integral(self, form):
        return integral(form, self.maps)


def work(forces, rises):
    """Return the work [J/m] of forces [N/m] along rises [um]."""
    steps = MICROMETRE * np.diff(rises)
    return float(np.sum(steps * (forces[1:] + forces[:-1]) / 2))


def patch():
    """Layers that are stiff, so that nothing but the seam opens, 1 um wide."""
    layers = Layers(E=STIFF)
    to = layers.pull(lambda _, y: y < 1e-6, lambda _, y: y > 2 - 1e-6)
    return layers, to


def test_a_patch_bears_its_strength_and_takes_its_toughness():
    layers, to = patch()
    rises = 1e6 * DELTA_F * np.concatenate([[0.0], np.linspace(0.01, 1.1, 21)])
    rises[1] += 2 * SIGMA_C / STIFF  # of both layers
    forces = np.array([to(rise) for rise in rises])
    assert forces.max() == forces[1] == pytest.approx(SIGMA_C * MICROMETRE, rel=1e-5)
    # in the middle it is on the straight line down
    middle = forces[np.argmin(abs(rises - 0.5 * 1e6 * DELTA_F))]
    at = rises[np.argmin(abs(rises - 0.5 * 1e6 * DELTA_F))] / (1e6 * DELTA_F)
    assert middle == pytest.approx(SIGMA_C * MICROMETRE * (1 - at) / 0.99, rel=2e-3)
    # the weak spring alone
    assert forces[-1] == pytest.approx(1.1 * cohesive.SPRING * SIGMA_C * MICROMETRE, rel=1e-3)
    assert work(forces, rises) == pytest.approx(G_C * MICROMETRE, rel=5e-3)
    assert layers.integral(layers.seam.lost) == pytest.approx(G_C * MICROMETRE, rel=1e-12)


@pytest.mark.serial
def test_what_has_come_off_stays_off_and_closes():
    layers, to = patch()
    up = to(0.5e6 * DELTA_F)
    damage = layers.seam.damage.value.x.array.copy()
    # back along the straight line to the origin, and up again to where it was
    assert to(0.25e6 * DELTA_F) == pytest.approx(up / 2, rel=2e-3)
    assert to(0.5e6 * DELTA_F) == pytest.approx(up, rel=1e-9)
    pressed = to(-1e-4)
    # two layers of 1 um in series with the contact
    stiff = 1 / (2 * MICROMETRE / STIFF + MICROMETRE / (10 * STIFF))
    assert pressed == pytest.approx(-1e-4 * MICROMETRE * stiff * MICROMETRE, rel=1e-3)
    np.testing.assert_allclose(layers.seam.damage.value.x.array, damage, rtol=1e-13)


@pytest.mark.serial
def test_a_peeled_layer_takes_its_toughness():
    # tough enough that the layer unloads more slowly than the seam: it does not snap
    layers, taken = Layers(E=1e10, n=2, width=3.0, G=10 * G_C), 30 * G_C * MICROMETRE
    to = layers.pull(lambda _, y: y < 1e-6, lambda x, y: (x < 1e-6) & (y > 1 + 1e-6))
    rises = np.linspace(0.0, 2.1, 43)
    forces = np.array([to(rise) for rise in rises])
    assert abs(forces[-1]) < 1e-3 * forces.max()  # all of it is off
    assert layers.integral(layers.seam.lost) == pytest.approx(taken, rel=1e-10)
    assert work(forces, rises) == pytest.approx(taken, rel=1e-2)


@pytest.mark.parametrize("opening", [(0.01, 0.02), (0.02, -0.001)])
def test_a_rigid_rotation_changes_nothing(opening):
    layers = Layers(E=1e9)
    upper = np.flatnonzero(layers.domain.cell_tag[layers.part.cells] == 2).astype(np.int32)
    found, forces = [], []
    row = fem.form(layers.seam.row, entity_maps=layers.maps)
    for angle in (0.0, 2.0):
        c, s = np.cos(angle), np.sin(angle)
        R = np.array([[c, -s], [s, c]])

        def moved(x, jump=(0.0, 0.0), R=R):
            X = x[:2] / MICROMETRE
            return R @ (X + np.array(jump)[:, None]) - X

        layers.u.scaled.interpolate(moved)
        layers.u.scaled.interpolate(lambda x, f=moved: f(x, opening), cells0=upper)
        layers.u.scaled.x.scatter_forward()
        layers.seam.damage.value.x.array[:] = 0.3
        found.append(layers.integral(layers.seam.energy))
        forces.append(fem.assemble_vector(row).array.reshape(-1, 2) @ R)
        layers.seam.damage.update(0.0, 1.0)
        damage = layers.seam.damage.new.x.array
        found.append(float(damage.max(initial=0.0)))
    assert found[2:] == pytest.approx(found[:2], rel=1e-10)
    # what the half torn joint bears turns with it
    size = layers.domain.comm.allreduce(abs(forces[0]).max(initial=0.0), op=MPI.MAX)
    assert size > 0.0
    np.testing.assert_allclose(forces[1], forces[0], rtol=0.0, atol=1e-10 * size)
    # an area of 1 um, whatever its direction: sliding counts as opening does, closing does not
    x, y = opening
    k = SIGMA_C / DELTA_F * (0.7 / (0.01 + 0.3 * 0.99) + cohesive.SPRING)
    K_c = 10 * 1e9 / MICROMETRE
    open_, closed = x**2 + max(y, 0.0) ** 2, min(y, 0.0) ** 2
    assert found[0] == pytest.approx(MICROMETRE**3 * (k * open_ + K_c * closed) / 2, rel=1e-9)


@pytest.mark.parametrize("damage", [0.0, 0.3, 1.0])
def test_the_viscosity_takes_what_its_law_says(damage):
    """What is broken is held back, too."""
    layers = Layers(E=1e9)
    layers.seam.damage.value.x.array[:] = damage
    upper = np.flatnonzero(layers.domain.cell_tag[layers.part.cells] == 2).astype(np.int32)
    layers.u.scaled.interpolate(lambda x: np.stack([0 * x[0], 0.01 + 0 * x[0]]), cells0=upper)
    layers.rate.value = 1 / 0.02
    eta = cohesive.RELAXATION * SIGMA_C / DELTA_F
    expected = eta / (2 * 0.02) * (0.01 * MICROMETRE) ** 2 * MICROMETRE
    assert layers.integral(layers.seam.friction_potential) == pytest.approx(
        expected, rel=1e-10, abs=0
    )


def test_the_damage_is_that_of_its_place():
    """Points of the two sides, of the line and of the mesh of its facets are the same."""
    layers = Layers(E=1e9, width=2.0)
    upper = np.flatnonzero(layers.domain.cell_tag[layers.part.cells] == 2).astype(np.int32)
    slope = DELTA_F * 1e6 / 2  # from nothing at the left to all at the right
    rising = lambda x: np.stack([0 * x[0], slope * x[0] / MICROMETRE])  # noqa: E731
    layers.u.scaled.interpolate(rising, cells0=upper)
    layers.u.scaled.x.scatter_forward()
    layers.seam.damage.update(0.0, 1.0)
    layers.seam.damage.commit()
    x = ufl.SpatialCoordinate(layers.domain.mesh)[0]("+") / (2 * MICROMETRE)
    expected = ufl.conditional(ufl.gt(x, 0.01), (x - 0.01) / 0.99, 0.0)
    off = (layers.seam.damage.here - expected) ** 2 * layers.seam.measure
    assert layers.integral(off) < 1e-20 * MICROMETRE
