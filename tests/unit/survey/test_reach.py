"""If these fail, a network that ends below the top is measured over a wrong layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from shapely.geometry import LineString

from mesode.geometry.arrays import cell_areas
from mesode.geometry.facets import all_facets
from mesode.geometry.gmsh_mesh import mesh_section
from mesode.geometry.parts import electrode_parts
from mesode.geometry.section import box, cell_boundaries, disc_polygon
from mesode.section_names import COUNTER_PREFIX
from mesode.survey.reach import cut_at, layer_of
from support.shapes import section_from_polygons

pytestmark = pytest.mark.serial  # writes a mesh file

RADIUS = 0.5


def strip_and_disc(top, folder):
    """A strip of binder from the collector to ``top`` of 10 um, with a disc of host beside it."""
    strip, disc = box(0, 0, 2, top), disc_polygon(4.0, 3.0, RADIUS, 0.2)
    pore = box(0, 0, 6, 10).difference(strip).difference(disc)
    phases = {"carbon_binder": [strip], "active": [disc], "pore": [pore]}
    section = section_from_polygons(
        {**phases, "separator": [box(0, 10, 6, 12)]},
        {**cell_boundaries(6.0, 12.0), "top": LineString([(0, 10), (6, 10)])},
        (),
        ("active",),
    )
    return mesh_section(section, 0.7, 0.4, folder / "strip.msh")


@pytest.fixture(scope="module")
def strip(tmp_path_factory):
    return strip_and_disc(9.0, tmp_path_factory.mktemp("a"))


@pytest.mark.parametrize(("level", "up"), [(4.321, 1.0), (9.0, 1.0), (7.77, -1.0), (3.0, 1.0)])
def test_a_cut_mesh_conforms_and_keeps_every_area(strip, level, up):
    cut, cell = cut_at(strip, level, up)
    height = level if up > 0 else 12 - level
    assert cell_areas(cut).min() > 0
    assert cell_areas(cut).sum() == pytest.approx(6 * height, rel=1e-6)
    # no inner gap: the outline is that of the rectangle
    facets = all_facets(cut)
    assert facets.length[facets.cells[:, 1] < 0].sum() == pytest.approx(2 * (6 + height), rel=1e-6)
    assert np.array_equal(cut.cell_phase, strip.cell_phase[cell])
    assert np.array_equal(cut.particle, strip.particle[cell])
    binder = cell_areas(cut)[cut.cell_phase == cut.phases["carbon_binder"]].sum()
    assert binder == pytest.approx(2 * (min(level, 9.0) if up > 0 else 9 - level), rel=1e-6)


def test_a_point_next_to_the_line_makes_no_sliver(strip):
    level = float(np.sort(strip.points[:, 1])[len(strip.points) // 2]) + 1e-5
    cut, _ = cut_at(strip, level)
    assert cell_areas(cut).min() > 1e-6
    assert cell_areas(cut).sum() == pytest.approx(6 * level, rel=1e-5)


def test_the_layer_ends_half_a_particle_below_the_end(strip):
    part = electrode_parts(strip)[0]
    layer = layer_of(strip, part, ("carbon_binder",))
    assert layer.reach == pytest.approx(9.0)
    assert layer.height == pytest.approx(9.0 - RADIUS)
    assert layer.part.high[1] == pytest.approx(9.0 - RADIUS)
    assert layer.part.low == part.low
    assert cell_areas(layer.mesh).sum() == pytest.approx(6 * (9.0 - RADIUS), rel=1e-5)


def test_a_counter_electrode_is_measured_from_its_collector_down(strip):
    """The mirror image of the section, whose collector is at 12 um."""
    part, up = electrode_parts(strip)[0], np.array([1.0, -1.0])
    turned = replace(strip, points=up * strip.points + (0.0, 12.0), cells=strip.cells[:, ::-1])
    counter = replace(part, prefix=COUNTER_PREFIX, low=(0.0, 2.0), high=(6.0, 12.0))
    layer = layer_of(turned, counter, ("carbon_binder",))
    assert layer.reach == pytest.approx(9.0)
    assert layer.height == pytest.approx(9.0 - RADIUS)
    assert layer.part.low[1] == pytest.approx(12.0 - (9.0 - RADIUS))
    assert layer.part.high == counter.high
    assert cell_areas(layer.mesh).sum() == pytest.approx(6 * (9.0 - RADIUS), rel=1e-5)


def test_a_network_that_reaches_the_top_is_measured_whole(strip):
    part = electrode_parts(strip)[0]
    layer = layer_of(strip, part, ("carbon_binder", "pore"))
    assert (layer.reach, layer.height) == (10.0, 10.0)
    assert layer.mesh is strip


def test_what_does_not_touch_the_collector_does_not_count(strip):
    layer = layer_of(strip, electrode_parts(strip)[0], ("active",))
    assert (layer.reach, layer.height) == (0.0, None)


def test_a_network_that_ends_early_is_not_measured(tmp_path):
    mesh = strip_and_disc(7.9, tmp_path)
    layer = layer_of(mesh, electrode_parts(mesh)[0], ("carbon_binder",))
    assert layer.reach == pytest.approx(7.9)
    assert layer.height is None
