"""If these fail, a figure is missing, or shows other numbers or another scale than its label."""

from __future__ import annotations

import itertools
import json
import shutil

from mpi4py import MPI

import matplotlib as mpl
import numpy as np
import pytest
from dolfinx import mesh
from matplotlib.collections import LineCollection

from mesode.analysis import curves, figures, maps, moments, style
from mesode.analysis.run_data import Run, open_run
from mesode.analysis.xdmf import Values, open_series
from mesode.columns import CAPACITY, OPEN_CIRCUIT, STEP, TIME, VOLTAGE
from mesode.fields import FIELDS, Group
from support.run_folder import (
    PHASES,
    TIMES,
    Written,
    active_fields,
    write_group,
)

pytestmark = pytest.mark.serial


def test_all_figures_of_a_full_run(run_folder, tmp_path):
    folder = shutil.copytree(run_folder, tmp_path / "run")
    before = dict(mpl.rcParams)
    paths = figures.make_figures(folder)
    # those of other protocols
    others = {"cycles", "differential_capacity", "current_voltage", "nyquist", "bode"}
    # of finite mechanics, and of what lives on surfaces
    others |= {"impedance_shares", "impedance_map", "plastic_strain_map", "surface_map"}
    # of fields and tables that this one has not
    others |= {"principal_stress_map", "energy_release", "damage_map", "swelling", "temperature"}
    assert {p.stem for p in paths} == set(figures.FIGURES) - others
    for path in paths:
        pixels = mpl.image.imread(path)
        assert 500 < pixels.shape[1] < 2500
        assert pixels[..., :3].std() > 0.05
    assert dict(mpl.rcParams) == before


def test_figures_without_data_are_left_out(tmp_path):
    (tmp_path / "timeseries.bdf.csv").write_text(
        "Test Time / s,Voltage / V,Specific Capacity / mA.h.g-1\n0,0.5,0\n1,0.4,1\n2,0.3,2\n"
    )
    assert {p.name for p in figures.make_figures(tmp_path)} == {"voltage_curve.png", "summary.png"}


def test_a_run_of_one_frame(run_folder, tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"mesh": {"phases": PHASES}}))
    square = mesh.create_unit_square(MPI.COMM_SELF, 4, 4)
    write_group(tmp_path, "active", square, lambda x: x[0] > 0, active_fields(), times=(0.0,))
    names = {p.stem for p in figures.make_figures(tmp_path)}
    assert names == {"geometry", "lithiation_map", "lithiation_profile"}


def test_voltage_curve_shows_voltage_against_capacity(run):
    with style.house_style():
        figure = curves.voltage_curve(run)
    cell, points, equilibrium = figure.axes[0].lines
    np.testing.assert_array_equal(points.get_xdata(), run.column(CAPACITY))
    np.testing.assert_array_equal(points.get_ydata(), run.column(VOLTAGE))
    for line, column in ((cell, VOLTAGE), (equilibrium, OPEN_CIRCUIT)):
        assert np.isin(run.column(column), line.get_ydata()).all()
    assert figure.axes[0].get_xlabel() == "Specific capacity [mA h g⁻¹]"
    assert len(figure.axes) == 3  # two steps: also over time, with the current


def test_map_colours_are_the_values_in_the_shown_unit(run):
    series = run.series(Group.MECHANICAL)
    _, (ax,) = maps.panels(1, maps.section_extent(run))
    values = series.read("von_mises")
    artist = maps.draw_field(ax, series, values, FIELDS["von_mises"])
    np.testing.assert_allclose(artist.get_array(), np.repeat(values.data * 1e-6, 3))
    assert artist.colorbar.ax.get_ylabel().endswith("[MPa]")
    assert ax.get_aspect() == 1.0


def test_lithiation_is_shown_at_the_end_of_each_kind_of_step(stepped):
    figure = figures.lithiation_map(stepped)
    titles = [ax.get_title("left") for ax in figure.axes[:2]]
    assert titles == [
        "Lithiation, 10 min\nend of lithiation",
        "Lithiation, 15 min\nend of rest after lithiation",
    ]
    shown = [ax.collections[0].get_array().max() for ax in figure.axes[:2]]
    assert shown[0] == pytest.approx(shown[1] * 600 / 900)


def test_the_surface_map_shows_the_film_where_the_run_has_ended(tmp_path):
    (tmp_path / "manifest.json").write_text(json.dumps({"mesh": {"phases": PHASES}}))
    grown = Written("L_sei", 0, lambda x, t: (1e-8 * (1 + t / 900) + 0 * x[0],))
    square = mesh.create_unit_square(MPI.COMM_SELF, 4, 4)
    write_group(tmp_path, "active", square, lambda x: x[0] > 0, [*active_fields(), grown])
    figure = figures.surface_map(open_run(tmp_path))
    (lines,) = (c for c in figure.axes[0].collections if isinstance(c, LineCollection))
    np.testing.assert_allclose(lines.get_array(), 20.0)  # [nm]
    assert "SEI thickness" in figure.axes[0].get_title(loc="left")


def test_the_current_map_shows_the_whole_section(run):
    for ax in figures.current_map(run).axes[:3]:
        assert ax.get_ylim() == (0.0, 42.0)


def test_maps_of_a_part_have_the_width_of_the_section(run):
    wide, high = maps.section_extent(run, Group.ACTIVE)
    assert wide == 40.0
    assert high == 17.0


def test_phases_are_told_apart_by_their_colours(run):
    with style.house_style():
        figure = figures.geometry(run)
    (ax,) = figure.axes
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["active", "carbon-binder", "separator", "current collector"]
    assert len({patch.get_facecolor() for patch in ax.get_legend().get_patches()}) == 4


def test_current_is_shown_before_the_rest(tmp_path):
    square = mesh.create_unit_square(MPI.COMM_SELF, 2, 2)
    current = Written("i_s", 0, lambda x, t: (0 * x[0], (50.0 if t < 900 else 0.1) + 0 * x[0]))
    series = open_series(write_group(tmp_path, "electronic", square, lambda x: x[0] > 0, [current]))
    assert moments.last_with_current(series, "i_s") == TIMES.index(600.0)


@pytest.mark.parametrize(
    ("values", "signed", "low", "high", "extend"),
    [
        (np.linspace(0.0, 1.0, 2001), False, 0.005, 0.995, "both"),
        (np.r_[np.ones(995), np.zeros(1000), 99.0], False, 0.0, 1.0, "max"),
        (np.r_[np.full(50, -2.0), 1.0], True, -2.0, 2.0, "neither"),
        (np.full(9, 0.5) + 1e-12 * np.arange(9), False, 0.4995, 0.5005, "neither"),
    ],
)
def test_color_limits(values, signed, low, high, extend):
    limits = maps.color_limits(values, signed=signed)
    assert limits.low == pytest.approx(low, abs=0.011)
    assert limits.high == pytest.approx(high, abs=0.011)
    assert limits.extend == extend


@pytest.mark.parametrize(
    ("extent", "count", "shape"),
    [
        ((40.0, 17.0), 3, (1, 3)),
        ((40.0, 42.0), 2, (1, 2)),
        ((40.0, 17.0), 4, (2, 2)),
        ((10.0, 40.0), 4, (1, 4)),
    ],
)
def test_panels_follow_the_shape_of_the_section(extent, count, shape):
    figure, axes = maps.panels(count, np.array(extent))
    boxes = [ax.get_position() for ax in axes]
    assert (len({round(b.y0, 6) for b in boxes}), len({round(b.x0, 6) for b in boxes})) == shape
    assert len(figure.axes) == count
    wide, high = figure.get_size_inches()
    for box in boxes:
        assert box.height * high / (box.width * wide) == pytest.approx(extent[1] / extent[0])


@pytest.mark.parametrize("value", [0.05, 0.0009, 123456.0])
def test_numbers_of_a_colour_bar_leave_the_next_map_free(run, value):
    series = run.series(Group.ACTIVE)
    values = Values(value * (1.0 + 1e-4 * series.points[:, 0]), on_cells=False)
    with style.house_style():
        figure, axes = maps.panels(3, np.array([6.0, 6.0]))
        for ax in axes:
            maps.draw_field(ax, series, values, FIELDS["sto"])
        figure.draw_without_rendering()
    for ax, following in itertools.pairwise(axes):
        assert ax.child_axes[0].get_tightbbox().x1 < following.bbox.x0


class Lithiation:
    """A series of states given by their least and largest lithiation."""

    def __init__(self, states):
        self.states, self.times = states, tuple(range(len(states)))

    def read(self, name, frame):
        return Values(np.array(self.states[frame], dtype=float), on_cells=False)


@pytest.mark.parametrize(
    ("states", "frames"),
    [
        # uniform start left out, rest after the fullest state left out
        ([(0, 0), (0.1, 0.2), (0.3, 0.4), (0.5, 0.6), (0.549, 0.551)], [1, 2, 3]),
        # lithiation and delithiation
        ([(0, 0), (0.1, 0.2), (0.5, 0.6), (0.2, 0.3)], [1, 2]),
        # delithiation alone
        ([(0.9, 0.9), (0.6, 0.7), (0.3, 0.4)], [1, 2]),
        ([(0.5, 0.5)], [0]),
    ],
)
def test_frames_of_the_lithiation(states, frames):
    assert curves.lithiation_frames(Lithiation(states), 3) == frames


def test_panels_share_a_scale_only_where_it_shows_something():
    wide = [np.array([0.1, 0.5]), np.array([0.4, 0.9])]
    assert figures._common_limits(wide) == maps.Limits(0.1, 0.9, "neither")
    flat = [np.array([0.10, 0.11]), np.array([0.89, 0.90])]
    assert figures._common_limits(flat) is None


def test_smooth_curve_is_monotone_and_stays_within_a_step(tmp_path):
    time = np.r_[0, 1, 4, 9, 10, 12, 20].astype(float)
    voltage = np.r_[1.0, 0.5, 0.3, 0.1, 0.4, 0.45, 0.46]
    step = np.r_[1, 1, 1, 1, 2, 2, 2].astype(float)
    run = Run(tmp_path, {}, {}, {TIME: time, STEP: step})
    smooth = curves.smooth(run, voltage)
    turn = int(np.argmin(smooth))
    assert len(smooth) > 50
    assert smooth[[turn, turn + 1]] == pytest.approx([0.1, 0.4])
    assert np.all(np.diff(smooth[: turn + 1]) < 1e-12)
    assert np.all(np.diff(smooth[turn + 1 :]) > -1e-12)


def test_depth_means_are_weighted_by_area(run):
    series = run.series(Group.ACTIVE)
    depth, mean = curves.depth_means(series, "sto", -1, 6)
    filled = np.isfinite(mean)
    np.testing.assert_allclose(mean[filled], 0.5 + 0.02 * depth[filled], atol=0.01)


def test_empty_layers_are_nan(run):
    _, mean = curves.depth_means(run.series(Group.ACTIVE), "sto", -1, 60)
    assert np.isnan(mean).any()


@pytest.mark.parametrize(
    ("count", "wanted", "frames"), [(1, 4, [0]), (3, 5, [0, 1, 2]), (21, 3, [0, 10, 20])]
)
def test_pick_frames(count, wanted, frames):
    assert curves.pick_frames(count, wanted) == frames


def test_flat_numbers_keeps_the_path_and_drops_what_is_no_number():
    tree = {"a": 1, "b": {"c": 2.5, "d": "x", "e": True, "f": float("nan")}}
    assert curves.flat_numbers(tree) == {"a": 1.0, "b c": 2.5}


@pytest.mark.parametrize(
    ("times", "texts"),
    [
        ((0.0, 550.0), ["0 s", "550 s"]),
        ((0.0, 60.0, 1188.98), ["0 min", "1 min", "19.82 min"]),
        ((300.0, 9000.0), ["0.08333 h", "2.5 h"]),
    ],
)
def test_times_of_a_figure_have_one_unit(times, texts):
    assert moments.time_texts(times) == texts


def test_a_section_that_is_one_material_has_no_other_to_draw_grey(run):
    series = run.series(Group.ACTIVE)
    _, (ax,) = maps.panels(1, np.array([1.0, 1.0]))
    maps.draw_filled(ax, series, "red", where=np.zeros(len(series.triangles), dtype=bool))
    assert not ax.collections
