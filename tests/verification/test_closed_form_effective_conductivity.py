"""V15. If this fails, the tortuosity that `mesode mesh` reports is not that of the section: current
finds its way round particles wrongly, or through phases that were not named.

Effective conductivity of a square array of circles in a matrix, over that of the matrix: exact
values by multipole expansion (24 orders; Keller's product of an array and its inverse is 1), at
0.2 %. Perfect conductors have a thousand million times the conductivity.
"""

from __future__ import annotations

from mpi4py import MPI

import numpy as np
import pytest
from shapely.geometry import Polygon

from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.parts import Axis, electrode_parts
from mesode.geometry.section import box, cell_boundaries, disc_polygon
from mesode.survey.tortuosity import effective_conductivity
from support.shapes import section_from_polygons, stacked, unit_cell

INSULATING = {0.1: 0.81818, 0.2: 0.66653, 0.4: 0.42535, 0.7: 0.13454}
CONDUCTING = {0.1: 1.22223, 0.2: 1.50031, 0.4: 2.35100, 0.7: 7.43271}
CIRCLE, MATRIX = "active", "pore"
SIDE, SIZE, FINE = 1.0, 0.05, 1 / 80  # [um]

pytestmark = pytest.mark.mpi


def meshed(section, folder, size=SIZE, fine=FINE):
    if MPI.COMM_WORLD.rank > 0:
        return None
    return mesh_section(section, size, fine, folder / "section.msh")


def solved(arrays, conductivity, axis, comm=MPI.COMM_WORLD):
    part = electrode_parts(arrays)[0] if arrays is not None else None
    return effective_conductivity(comm, arrays, part, conductivity, axis)


def array_of_circles(fraction, folder, size=SIZE, fine=FINE):
    radius = SIDE * np.sqrt(fraction / np.pi)
    return meshed(unit_cell(SIDE, radius, fine, (CIRCLE, MATRIX)), folder, size, fine)


@pytest.mark.parametrize("fraction", INSULATING)
def test_circles_in_both_directions(tmp_path, fraction):
    arrays = array_of_circles(fraction, tmp_path)
    for axis in Axis:
        insulating = solved(arrays, {MATRIX: 2.5}, axis) / 2.5
        assert insulating == pytest.approx(INSULATING[fraction], rel=2e-3)
        conducting = solved(arrays, {MATRIX: 2.5, CIRCLE: 2.5e9}, axis) / 2.5
        assert conducting == pytest.approx(CONDUCTING[fraction], rel=2e-3)


def test_the_error_falls_with_the_square_of_the_mesh_size(tmp_path):
    """And from above, as a minimum of the heat must."""
    errors = [
        solved(array_of_circles(0.4, tmp_path, size, size), {MATRIX: 1.0}, Axis.THROUGH_PLANE)
        / INSULATING[0.4]
        - 1
        for size in (0.05, 0.025, 0.0125)
    ]
    assert errors[0] > 2.8 * errors[1] > 2.8**2 * errors[2] > 0


def test_a_laminate_is_exact(tmp_path):
    layers = {"active": (0.2, 4.0), "pore": (0.5, 1.0), "carbon_binder": (0.3, 0.1)}
    section = stacked(0.7, [(name, thickness) for name, (thickness, _) in layers.items()])
    section.boundaries.pop("top")  # otherwise the electrode ends at the first layer
    arrays = meshed(section, tmp_path, 0.1, 0.1)
    k = {name: value for name, (_, value) in layers.items()}
    series = 1 / sum(thickness / value for thickness, value in layers.values())
    parallel = sum(thickness * value for thickness, value in layers.values())
    assert solved(arrays, k, Axis.THROUGH_PLANE) == pytest.approx(series, rel=1e-9)
    assert solved(arrays, k, Axis.IN_PLANE) == pytest.approx(parallel, rel=1e-9)


def packing(folder):
    """Discs without order in a rectangle that is not square."""
    width, height, chance = 3.0, 2.0, np.random.default_rng(3)
    found: list[tuple[float, float, float]] = []
    for _ in range(400):
        radius = chance.uniform(0.15, 0.35)
        x, y = chance.uniform(radius + 0.05, np.array((width, height)) - radius - 0.05)
        if all(np.hypot(x - a, y - b) > radius + r + 0.05 for a, b, r in found):
            found.append((float(x), float(y), radius))
    discs = [disc_polygon(*disc, 0.02) for disc in found]
    frame = Polygon(box(0, 0, width, height).exterior, [d.exterior for d in discs])
    section = section_from_polygons({CIRCLE: discs, MATRIX: [frame]}, cell_boundaries(3.0, 2.0))
    return meshed(section, folder, 0.05, 0.02)


def test_keller_relates_a_packing_to_its_inverse(tmp_path):
    """k_x of (a, b) times k_y of (b, a) is a b, whatever the arrangement."""
    arrays = packing(tmp_path)
    through = solved(arrays, {MATRIX: 1.0, CIRCLE: 8.0}, Axis.THROUGH_PLANE)
    along = solved(arrays, {MATRIX: 8.0, CIRCLE: 1.0}, Axis.IN_PLANE)
    assert 8.0 < through * along < 8.0 * 1.004
    across = solved(arrays, {MATRIX: 8.0, CIRCLE: 1.0}, Axis.THROUGH_PLANE)
    assert abs(across / along - 1) > 0.01  # the packing tells the directions apart


def test_what_does_not_reach_both_sides_has_none(tmp_path):
    arrays = array_of_circles(0.4, tmp_path)
    assert solved(arrays, {CIRCLE: 1.0}, Axis.THROUGH_PLANE) is None


@pytest.mark.ranks
def test_any_number_of_ranks_gives_the_same(tmp_path):
    arrays = packing(tmp_path)
    together = solved(arrays, {MATRIX: 1.0}, Axis.THROUGH_PLANE)
    arrays = MPI.COMM_WORLD.bcast(arrays)
    alone = solved(arrays, {MATRIX: 1.0}, Axis.THROUGH_PLANE, MPI.COMM_SELF)
    assert together == pytest.approx(alone, rel=1e-12)
