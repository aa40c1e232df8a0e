"""If these fail, particles that swell differently press each other where nothing but soft binder
is between them, or a particle is held along z by what it does not touch.

Two discs of different moduli and swelling, far from each other in a large soft matrix. Each has the
stress of a disc alone, uniform, in closed form (Lame: a disc without axial force in a matrix in
plane strain)::

    p = e / ((1 - nu) / E + (1 + nu_m) / E_m)
    s_xx = s_yy = -p,  s_zz = 0,  eps_zz = e + 2 nu p / E

The matrix is 40 radii wide: what is left of its edges and of the other disc is of the order of
(1/20)^2, tolerance 1 %.
"""

from __future__ import annotations

from dataclasses import dataclass

from mpi4py import MPI

import numpy as np
import pytest

from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.section import box, cell_boundaries, disc_polygon
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.stress import hydrostatic
from mesode.physics.elasticity import SectionKind
from support.shapes import section_from_polygons
from support.small_cell import small_cell

SIDE, RADIUS, EDGE = 40.0, 1.0, 0.15  # [um]
PLACES = {"active": (12.0, 20.0), "second": (28.0, 20.0)}
GAINED = {"active": 0.3, "second": 0.2}  # lithiation
E_M, NU_M = 2e9, 0.3  # of the matrix, see support/small_cell.py


@pytest.fixture(scope="module")
def arrays(tmp_path_factory):
    path = tmp_path_factory.mktemp("discs") / "section.msh"
    if MPI.COMM_WORLD.rank > 0:
        return None  # only rank 0 needs the mesh
    discs = {name: disc_polygon(*place, RADIUS, EDGE) for name, place in PLACES.items()}
    matrix = box(0, 0, SIDE, SIDE)
    for disc in discs.values():
        matrix = matrix.difference(disc)
    section = section_from_polygons(
        {
            **{name: [disc] for name, disc in discs.items()},
            "carbon_binder": [matrix],
            "separator": [box(0, SIDE, SIDE, SIDE + 4.0)],
        },
        cell_boundaries(SIDE, SIDE + 4.0, SIDE),
        hosts=tuple(PLACES),
    )
    return mesh_section(section, 4.0, EDGE, path)


@dataclass(frozen=True)
class Disc:
    """What a disc shows, and what it should."""

    stress: np.ndarray  # mean, xx, yy, zz, xy
    spread: float  # largest deviation of a cell from the mean
    eps_zz: float
    p: float
    free: float  # linear strain
    nu: float
    E: float


def solved(arrays, kind):
    """Return the two discs by name (collective)."""
    cell = small_cell(arrays=arrays, mechanics=MechanicsOptions(kind=kind, two_way=False))
    for name, gained in GAINED.items():
        cell.sto[name].set(cell.initial[name] + gained)
    cell.follow(1.0)
    return {name: disc(cell, name) for name in PLACES}


def disc(cell, name):
    mechanics, comm = cell.mechanics, cell.domain.comm
    owned = mechanics.domain.mesh.topology.index_map(2).size_local
    tags = cell.domain.cell_tag[mechanics.domain.cells][:owned]
    stress = mechanics.stress.compute()[:owned][tags == cell.tag(name)]
    sizes = mechanics.stress.sizes[:owned][tags == cell.tag(name)]
    mean = comm.allreduce(sizes @ stress) / comm.allreduce(sizes.sum())
    spread = np.abs(stress - mean).max(initial=0.0)
    material, sto = cell.materials.mechanical(name), cell.initial[name] + GAINED[name]
    E, nu = float(material.E(sto=sto)), float(material.nu(sto=sto))
    free = float(material.swelling(sto=sto) - material.swelling(sto=cell.initial[name])) / 3
    axial = cell.integral(mechanics.eps_zz.value * cell.dx(cell.tag(name))) / cell.area((name,))
    p = free / ((1 - nu) / E + (1 + NU_M) / E_M)
    return Disc(mean, comm.allreduce(spread, op=MPI.MAX), axial, p, free, nu, E)


@pytest.fixture(scope="module")
def free(arrays):
    return solved(arrays, SectionKind.FREE_PARTICLES)


@pytest.mark.parametrize("name", PLACES)
def test_each_disc_is_as_if_it_were_alone(free, name):
    found = free[name]
    assert found.stress[:2].mean() == pytest.approx(-found.p, rel=1e-2)
    # of the field of the other a part of (1 / 16)^2 of its pressure is left here
    largest = max(other.p for other in free.values())
    assert np.abs(np.diff(found.stress[:2])).max() < 0.02 * largest
    assert found.stress[2] == pytest.approx(0.0, abs=1e-9 * found.p)
    assert found.spread < 0.05 * largest  # at the corners of the polygon
    gained = found.eps_zz - found.free
    assert gained == pytest.approx(2 * found.nu * found.p / found.E, rel=1e-2)


def test_what_one_disc_does_is_nothing_to_the_other(arrays, free, monkeypatch):
    monkeypatch.setitem(GAINED, "active", 0.0)
    alone = solved(arrays, SectionKind.FREE_PARTICLES)
    assert alone["second"].eps_zz == pytest.approx(free["second"].eps_zz, rel=1e-3)
    assert hydrostatic(alone["second"].stress[None, :])[0] == pytest.approx(
        hydrostatic(free["second"].stress[None, :])[0], rel=1e-2
    )
    assert abs(alone["active"].eps_zz) < 1e-3 * free["active"].eps_zz


def test_with_one_strain_for_all_they_press_each_other(arrays):
    """The fault that free particles mend: in the plane there is hardly a stress."""
    shared = solved(arrays, SectionKind.GENERALISED_PLANE_STRAIN)
    assert shared["active"].stress[2] < -1e9
    assert shared["active"].eps_zz == pytest.approx(shared["second"].eps_zz)
