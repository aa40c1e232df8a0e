"""If these fail, maps of a figure write over each other, are no picture of a page, or are empty."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from mesode.analysis import maps, material_maps, style
from mesode.analysis.xdmf import Values
from mesode.fields import PARTICLE, PHASE

pytestmark = pytest.mark.serial


def test_titles_end_before_the_next_map():
    with style.house_style():
        figure, axes = maps.panels(4, np.array([5.0, 10.0]))
        for ax in axes:
            ax.set_title(
                maps.in_lines(ax, "Work lost in flow and relaxation, particles"), loc="left"
            )
        figure.draw_without_rendering()
    boxes = [ax._left_title.get_window_extent() for ax in axes]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))
    assert all(0 < box.y1 < figure.bbox.y1 for box in boxes)


def test_a_tall_section_fits_on_a_page():
    with style.house_style():
        figure, (ax,) = maps.panels(1, np.array([2.0, 96.0]))
        figure.draw_without_rendering()
    width, height = figure.get_size_inches() / style.MM
    assert width < 180.0
    assert height < 180.0
    assert ax.get_xlabel() == "Width [µm], stretched"
    assert ax.get_ylim() == (0.0, 96.0)


def test_labels_below_narrow_maps_end_before_the_next_begins():
    """Four moments of a full cell beside each other, each 20 mm wide."""
    with style.house_style():
        figure, axes = maps.rows_of_panels(4, 4, np.array([12.6, 40.0]), lines=3)
        figure.draw_without_rendering()
    boxes = [ax.xaxis.label.get_window_extent() for ax in axes[-4:]]
    assert all("stretched" in ax.get_xlabel() for ax in axes[-4:])
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(boxes))


def test_what_is_not_tall_is_true_to_scale():
    with style.house_style():
        figure, (ax,) = maps.panels(1, np.array([5.0, 30.0]))
        figure.draw_without_rendering()
    box = ax.get_window_extent()
    assert box.height / box.width == pytest.approx(6.0, rel=1e-3)
    assert ax.get_xlabel() == "Width [µm]"


class Triangles:
    """A row of right triangles on one base each, as high as given, with a phase and a particle."""

    names = (PHASE, PARTICLE)

    def __init__(self, heights, phase, particle):
        corners = [[(k, 0), (k + 1, 0), (k, h)] for k, h in enumerate(heights)]
        self.points = np.array(corners, float).reshape(-1, 2)
        self.triangles = np.arange(len(self.points)).reshape(-1, 3)
        self._read = {PHASE: np.array(phase), PARTICLE: np.array(particle)}

    def read(self, name):
        return Values(self._read[name], on_cells=True)


@pytest.mark.parametrize(("height", "count"), [(0.01, 2), (0.5, 3)])
def test_what_is_cut_off_and_cannot_be_seen_has_no_map(height, count):
    run = SimpleNamespace(
        phases={"active": 1, "carbon_binder": 2, "active_isolated": 3}, strengths={}
    )
    series = Triangles((1.0, 0.005, height), (1, 2, 3), (0, -1, 1))
    found = material_maps.parts(run, series)
    # a material is always shown, however little there is of it
    names = [part.name for part in found]
    assert names == (["particles", "binder"] if count == 2 else [names[0], names[1], "binder"])
    assert len(found) == count


def test_four_maps_of_a_section_that_is_not_tall_stand_in_two_rows():
    assert maps.in_a_row(4, np.array([40.0, 17.0])) == 2
    assert maps.in_a_row(4, np.array([10.0, 20.0])) == 4
    assert maps.in_a_row(2, np.array([40.0, 17.0])) == 2
