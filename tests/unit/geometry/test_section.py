"""If these fail, the phases do not cover the section, or particles have another area than asked."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from mesode.errors import GeometryError
from mesode.geometry.assembly import ElectrodeRequest
from mesode.geometry.particles.grains import GrainRequest, Population
from mesode.geometry.particles.sizes import Mono
from mesode.geometry.section import SectionRequest, build_section, disc_polygon, disc_vertices
from support.shapes import single_disc, stacked, unit_cell


def _grains(fraction=0.4, **changes):
    return GrainRequest(populations=(Population(fraction=fraction, sizes=Mono(3.0)),), **changes)


def _request(electrode=None, **changes):
    values = {"width": 20.0, "separator_thickness": 5.0, "interface_size": 0.2}
    electrode = {"thickness": 10.0, "grains": _grains(), **(electrode or {})}
    return SectionRequest(electrode=ElectrodeRequest(**electrode), **{**values, **changes})


@pytest.mark.parametrize("size", [0.05, 0.2, 1.0, 50.0])
def test_disc_polygon_keeps_area_and_chord(size):
    disc = disc_polygon(1.0, 2.0, 1.5, size)
    assert disc.area == pytest.approx(np.pi * 1.5**2, rel=1e-12)
    assert (disc.centroid.x, disc.centroid.y) == pytest.approx((1.0, 2.0))
    corners = shapely.get_coordinates(disc)
    chord = np.hypot(*np.diff(corners, axis=0).T)
    assert chord == pytest.approx(chord[0])
    assert len(corners) - 1 == disc_vertices(1.5, size) >= 16
    assert chord[0] < 1.01 * max(size, 2 * np.pi * 1.5 / 16)


def test_phases_partition_the_section():
    section = build_section(_request())
    area = {name: sum(p.area for p in parts) for name, parts in section.phases.items()}
    assert area["active"] == pytest.approx(0.4 * 200.0, rel=1e-9)
    assert area["active"] + area["carbon_binder"] == pytest.approx(200.0, rel=1e-12)
    assert area["separator"] == pytest.approx(100.0)
    assert len(section.phases["active"]) == len(section.particles)
    assert set(section.boundaries) == {"collector", "counter", "left", "right", "top"}


def test_particles_and_polygons_are_in_the_same_order():
    section = build_section(_request())
    for number, disc in enumerate(section.phases["active"]):
        assert disc.centroid.x == pytest.approx(section.particles.x[number])
        assert disc.area == pytest.approx(np.pi / 4 * section.particles.diameter[number] ** 2)


def test_without_matrix_the_space_between_is_pore():
    assert set(build_section(_request({"binder": ()})).phases) == {"active", "pore", "separator"}


def test_report_is_json():
    report = json.loads(json.dumps(build_section(_request()).report))
    assert report["seed"] == 1
    assert report["achieved_fraction"] == pytest.approx(report["requested_fraction"])
    assert report["achieved_gap"] >= report["requested_gap"]


def test_gap_too_narrow_for_the_mesh_names_numbers_and_remedy():
    with pytest.raises(GeometryError) as caught:
        build_section(_request({"grains": _grains(0.6, gap=0.02)}))
    text = str(caught.value)
    assert "0.02" in text
    assert "mesh.interface 0.2 um" in text
    assert "gap to 0.1 um or more" in text


@pytest.mark.parametrize("name", ["width", "separator_thickness", "interface_size"])
def test_lengths_must_be_positive(name):
    with pytest.raises(GeometryError, match=name):
        build_section(_request(**{name: 0.0}))


def test_verification_sections_have_the_exact_areas():
    disc = single_disc(2.0, 0.1)
    assert disc.phases["active"][0].area == pytest.approx(4 * np.pi)
    cell = unit_cell(10.0, 2.0, 0.1)
    assert cell.phases["carbon_binder"][0].area == pytest.approx(100 - 4 * np.pi)
    layers = stacked(4.0, [("active", 1.0), ("separator", 2.0), ("active", 0.5)])
    assert sum(p.area for p in layers.phases["active"]) == pytest.approx(6.0)
    assert layers.height == pytest.approx(3.5)
