"""If these fail, layers change a surface or an area, tear the mesh, or are not as thin as asked."""

from __future__ import annotations

import numpy as np
import pytest

from mesode.geometry.arrays import cell_areas
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.section import box
from mesode.geometry.surface_layers import Layers, number_of_layers
from mesode.survey.measures import largest_angle
from support.gmsh_file import read_mesh
from support.sections import quarter_rings
from support.shapes import disc_in_disc, section_from_polygons

pytestmark = pytest.mark.serial  # each test writes its own file

EDGE, FIRST = 0.2, 0.02
LAYERS = Layers(
    hosts=frozenset({"active", "second"}), pores=frozenset({"carbon_binder"}), first=FIRST
)
BLOCKS = {"active": [box(0, 1, 1, 2)], "second": [box(1, 1, 2, 2)],
          "carbon_binder": [box(0, 0, 2, 1)]}  # fmt: skip


def _meshes(section, folder, edge=EDGE):
    plain = mesh_section(section, 0.5, edge, folder / "plain.msh")
    return plain, mesh_section(section, 0.5, edge, folder / "layers.msh", LAYERS)


@pytest.fixture(scope="module", params=["disc", "quarter", "two hosts"])
def meshes(request, tmp_path_factory):
    phases = ["active", "carbon_binder"]
    section = {
        "disc": lambda: disc_in_disc(1.0, 1.5, EDGE),
        "quarter": lambda: quarter_rings([1.0, 1.5], phases, EDGE),
        "two hosts": lambda: section_from_polygons(BLOCKS, {}, hosts=("active", "second")),
    }[request.param]()
    return _meshes(section, tmp_path_factory.mktemp("layers"))


def _sides(mesh, chosen=slice(None)):
    cells = mesh.cells[chosen]
    return np.sort(cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2), axis=1)


def _interface(mesh, host="active", other="carbon_binder"):
    """Return the edges between two phases as a set of points."""
    sides = [
        {tuple(s) for s in _sides(mesh, mesh.cell_phase == mesh.phases[name]).tolist()}
        for name in (host, other)
    ]
    return {frozenset(map(tuple, mesh.points[list(s)].round(9).tolist())) for s in
            sides[0] & sides[1]}  # fmt: skip


def test_areas_of_phases_and_particles_stay(meshes):
    plain, layered = (
        [np.bincount(tag + 1, weights=cell_areas(mesh)) for tag in (mesh.cell_phase, mesh.particle)]
        for mesh in meshes
    )
    assert cell_areas(meshes[1]).min() > 0
    for before, after in zip(plain, layered, strict=True):
        assert after == pytest.approx(before, rel=1e-12)


def test_surface_and_all_that_is_not_a_host_stay(meshes):
    plain, layered = meshes
    assert _interface(plain) == _interface(layered)
    tags = [mesh.phases["carbon_binder"] for mesh in meshes]
    pores = [np.sort(cell_areas(m)[m.cell_phase == t]) for m, t in zip(meshes, tags, strict=True)]
    assert pores[0] == pytest.approx(pores[1])


def test_mesh_is_whole(meshes):
    """Facets that have one cell are those of the rim before: no slit, no hanging node."""
    rims = []
    for mesh in meshes:
        _, count = np.unique(_sides(mesh), axis=0, return_counts=True)
        assert count.max() == 2
        sides, count = np.unique(_sides(mesh), axis=0, return_counts=True)
        ends = mesh.points[sides[count == 1]]
        rims.append(np.hypot(*(ends[:, 1] - ends[:, 0]).T).sum())
    assert rims[1] == pytest.approx(rims[0])
    assert len(np.unique(meshes[1].cells)) == len(meshes[1].points)


def test_named_lines_stay(meshes):
    plain, layered = meshes
    length = [
        {n: np.sum(m.facet_tag == tag) for n, tag in m.boundaries.items()} for m in (plain, layered)
    ]
    assert length[0] == length[1]


def test_outermost_layer_is_as_thin_as_asked_and_the_next_grow(tmp_path):
    _, mesh = _meshes(disc_in_disc(1.0, 1.5, EDGE), tmp_path)
    inside = np.unique(mesh.cells[mesh.cell_phase == mesh.phases["active"]])
    radius = np.hypot(*mesh.points[inside].T)
    depth = np.sort(np.cos(np.pi / 32) * (radius.max() - radius))  # 32 sides
    count = number_of_layers(FIRST, EDGE)
    ends = np.array([depth[32 * k : 32 * (k + 1)].mean() for k in range(count + 1)])
    assert ends[:2] == pytest.approx([0.0, FIRST], abs=1e-3 * FIRST)
    thickness = np.diff(ends)
    assert (thickness[1:] / thickness[:-1]).min() > 1.0
    assert (thickness[1:] / thickness[:-1]).max() < 2.0
    assert largest_angle(mesh).max() < 115


def test_layers_end_where_the_surface_ends(meshes):
    """At a corner that several parts share nothing is moved."""
    plain = meshes[0]
    host = [
        {frozenset(map(tuple, m.points[list(s)].round(9).tolist()))
         for s in _sides(m, m.cell_phase != m.phases["carbon_binder"]).tolist()}
        for m in meshes
    ]  # fmt: skip
    ends = [(0.0, 1.0), (1.0, 1.0), (2.0, 1.0)] if "second" in plain.phases else []
    for end in ends:
        before, after = ({s for s in sides if end in s} for sides in host)
        on_rim = {s for s in before if len({p[0] for p in s}) == 1}
        assert on_rim
        assert on_rim <= after


def test_file_reads_back_the_same(tmp_path):
    _, mesh = _meshes(disc_in_disc(1.0, 1.5, EDGE), tmp_path)
    back = read_mesh(tmp_path / "layers.msh")
    for name in ("points", "cells", "cell_phase", "particle", "facets", "facet_tag"):
        assert np.array_equal(getattr(mesh, name), getattr(back, name))


@pytest.mark.parametrize(("first", "number"), [(0.2, 1), (0.087, 1), (0.03, 2), (0.01, 4)])
def test_number_of_layers(first, number):
    assert number_of_layers(first, 0.2) == number


def test_layers_without_a_host_change_nothing(tmp_path):
    section = disc_in_disc(1.0, 1.5, EDGE)
    none = Layers(hosts=frozenset({"other"}), pores=frozenset({"carbon_binder"}), first=FIRST)
    plain = mesh_section(section, 0.5, EDGE, tmp_path / "a.msh")
    same = mesh_section(section, 0.5, EDGE, tmp_path / "b.msh", none)
    assert np.array_equal(plain.cells, same.cells)
