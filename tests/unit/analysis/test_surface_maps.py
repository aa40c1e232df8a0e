"""If these fail, a map of surfaces has other numbers than its run, or shows some where none are."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba

from mesode.analysis import maps, style, surface_maps, triangle_sets
from mesode.analysis.run_data import open_run
from mesode.analysis.xdmf import Values
from mesode.fields import FIELDS, Group
from support.run_folder import ELECTRODE, WIDTH

pytestmark = pytest.mark.serial


def test_interface_current_of_one_sign_is_shown_without_zero(run):
    series = run.series(Group.ACTIVE)
    _, (ax,) = maps.panels(1, maps.section_extent(run))
    cells = np.linspace(-5.0, -4.5, len(series.triangles))
    surface_maps.draw_on_surfaces(ax, series, Values(cells, on_cells=True), FIELDS["i_n"])
    (lines,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    low, high = lines.get_clim()
    assert -5.0 <= low < high <= -4.5


def test_interface_current_colours_the_outline(run):
    series = run.series(Group.ACTIVE)
    _, (ax,) = maps.panels(1, maps.section_extent(run))
    surface_maps.draw_on_surfaces(ax, series, series.read("sto"), FIELDS["i_n"])
    (lines,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    low, high = lines.get_array().min(), lines.get_array().max()
    assert (low, high) == pytest.approx((0.5, 0.84), abs=0.02)


@pytest.mark.parametrize("on_cells", [True, False])
def test_a_layer_around_particles_is_filled_on_the_scale_of_their_surfaces(run_folder, on_cells):
    series = open_run(run_folder).series(Group.ELECTRONIC)  # around discs
    height = 1.0 + series.points[:, 1]
    values = height[series.triangles].mean(axis=1) if on_cells else height
    _, (ax,) = maps.panels(1, np.array([WIDTH, ELECTRODE]))
    surface_maps.draw_on_surfaces(ax, series, Values(values, on_cells=on_cells), FIELDS["i_n"])
    filled, lines = sorted(ax.collections, key=lambda each: isinstance(each, LineCollection))
    inside = series.read("particle").data >= 0
    assert 0 < inside.sum() < len(inside)
    assert len(filled.get_array()) == 3 * (~inside).sum()  # three corners for each triangle
    assert filled.get_clim() == lines.get_clim()
    assert filled.get_cmap() == lines.get_cmap()
    assert filled.get_array().max() > 0.9 * ELECTRODE


def test_a_host_without_the_field_is_grey_and_sets_no_colour(run):
    """The state of a hysteresis, of particles on the right alone: there 0.3 to 0.5."""
    series = run.series(Group.ACTIVE)
    x = triangle_sets.centroids(series)[:, 0]
    state = np.where(x > WIDTH / 2, 0.3 + 0.2 * x / WIDTH, 0.0)
    _, (ax,) = maps.panels(1, maps.section_extent(run))
    surface_maps.draw_on_surfaces(ax, series, Values(state, on_cells=True), FIELDS["hysteresis"])
    grey, coloured = (c for c in ax.collections if isinstance(c, LineCollection))
    middles = [np.array([s.mean(axis=0)[0] for s in c.get_segments()]) for c in (grey, coloured)]
    assert middles[0].max() <= WIDTH / 2 <= middles[1].min()
    assert min(len(part) for part in middles) > 50
    assert tuple(grey.get_colors()[0]) == to_rgba(style.MUTED)
    assert 0.3 < coloured.get_clim()[0] < coloured.get_clim()[1] <= 0.5


def test_a_layer_without_the_field_is_grey(run):
    series = run.series(Group.ELECTRONIC)
    inside = series.read("particle").data.ravel() >= 0
    _, (ax,) = maps.panels(1, np.array([WIDTH, ELECTRODE]))
    state = Values(np.where(inside, 0.4, 0.0), on_cells=True)
    surface_maps.draw_on_surfaces(ax, series, state, FIELDS["hysteresis"])
    (filled,) = [c for c in ax.collections if not isinstance(c, LineCollection)]
    assert filled.get_cmap()(0.5) == to_rgba(style.MUTED)


def test_what_is_zero_everywhere_is_a_value(run):
    series = run.series(Group.ACTIVE)
    _, (ax,) = maps.panels(1, maps.section_extent(run))
    zero = Values(np.zeros(len(series.triangles)), on_cells=True)
    surface_maps.draw_on_surfaces(ax, series, zero, FIELDS["i_n"])
    (lines,) = [c for c in ax.collections if isinstance(c, LineCollection)]
    assert (lines.get_array() == 0.0).all()
