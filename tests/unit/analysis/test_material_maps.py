"""If these fail, the stress of a material is drawn at another moment, on another scale, or lost."""

from __future__ import annotations

import itertools
import shutil

from mpi4py import MPI

import matplotlib as mpl
import numpy as np
import pytest
from dolfinx import mesh

from mesode.analysis import maps, material_maps, style
from mesode.analysis.run_data import open_run
from mesode.analysis.xdmf import Values
from mesode.fields import FIELDS, Group
from support.run_folder import ELECTRODE, HEIGHT, TIMES, WIDTH, flow_fields, write_group

pytestmark = pytest.mark.serial


def test_stress_of_particles_and_binder_have_their_own_scales(run):
    with style.house_style():
        figure = material_maps.stress_map(run)
    titles = [ax.get_title("left").splitlines()[0] for ax in figure.axes[:4]]
    assert [t.split(", ")[1] for t in titles] == ["particles", "binder", "particles", "binder"]
    highest = [c.get_clim()[1] for ax in figure.axes[:2] for c in ax.collections if c.colorbar]
    assert highest[0] > 100.0 > 5.0 > highest[1]


def test_stress_is_shown_where_it_is_largest_and_at_the_end_of_each_step(stepped):
    figure = material_maps.stress_map(stepped)
    assert len(figure.axes) == 8
    rows = [figure.axes[k : k + 2] for k in range(0, 8, 2)]
    titles = [" ".join(ax.get_title("left").split()) for ax in rows[0]]
    assert titles[0].startswith("end of lithiation, 10 min ")
    assert titles[1] == "largest stress, end of rest after lithiation, 15 min"
    for row in rows:  # one scale for each material, whatever the time, told once
        drawn = [c for ax in row for c in ax.collections if c.get_array() is not None]
        assert len({c.get_clim() for c in drawn if c.cmap.N > 1}) == 1  # others are grey
        assert [len(ax.child_axes) for ax in row] == [0, 1]


def test_every_material_at_every_moment_fits_on_a_page(stepped, monkeypatch):
    four = [material_maps.Part(name, None) for name in ("one", "two", "three", "four")]
    monkeypatch.setattr(material_maps, "parts", lambda *_: four)
    worst = {"max": 9e8, "t_max": 300.0, "step_max": 1}
    stepped.manifest["extremes"]["Max von Mises Active / Pa"] = worst
    with style.house_style():
        figure = material_maps.stress_map(stepped)
        figure.draw_without_rendering()
    width, height = figure.get_size_inches() / style.MM
    assert (len(figure.axes), width < 181.0, height < 236.0) == (12, True, True)
    titles = [ax._left_title.get_window_extent() for ax in figure.axes[:3]]
    assert all(one.x1 < other.x0 for one, other in itertools.pairwise(titles))
    assert all(title.y1 < figure.bbox.y1 for title in titles)


def test_binder_and_particles_are_each_shown_at_their_worst(stepped):
    worst = {"max": 9e8, "t_max": 300.0, "step_max": 1}
    stepped.manifest["extremes"]["Max von Mises Active / Pa"] = worst
    beside = material_maps.stress_map(stepped).axes[:3]
    titles = [" ".join(ax.get_title("left").split()) for ax in beside]
    assert titles == [
        "largest stress in particles, 5 min Von Mises stress, particles",
        "end of lithiation, 10 min",
        "largest stress in binder, end of rest after lithiation, 15 min",
    ]


def test_the_strength_of_a_material_stands_on_its_colour_bar(stepped):
    axes = material_maps.stress_map(stepped).axes[1::2]
    particles, binder, hydrostatic = (ax.child_axes[0] for ax in axes[:3])
    assert particles.get_ylabel().endswith("strength 1000")
    assert binder.get_ylabel().endswith("strength 2.5")
    assert "strength" not in hydrostatic.get_ylabel()
    low = maps.panels(1, np.array([40.0, 10.0]))[1][0]
    maps.draw_bar(
        low, mpl.cm.ScalarMappable(), maps.Limits(0, 1, "max"), FIELDS["von_mises"], mark=1
    )
    assert low.child_axes[0].get_ylabel().count("\n") == 1  # one line is longer
    marks = [line.get_ydata()[0] for line in binder.lines]
    assert marks == [2.5, 2.5]
    assert not particles.lines  # beyond the scale: told, not marked


def test_colour_bars_are_as_high_as_their_maps(run):
    with style.house_style():
        figure = material_maps.stress_map(run)
        figure.draw_without_rendering()
    for ax in figure.axes[:4]:
        (bar,) = ax.child_axes
        assert bar.get_window_extent().height == pytest.approx(ax.bbox.height, rel=0.15)
        assert bar.get_tightbbox().x1 - ax.bbox.x1 < (1.6 + 2.2 + 15.0) / 25.4 * figure.dpi


@pytest.mark.parametrize(("flows", "panels"), [(True, 3), (False, 0)])
def test_no_plastic_strain_is_drawn_of_what_does_not_flow(run_folder, tmp_path, flows, panels):
    folder = shutil.copytree(run_folder, tmp_path / "run")
    section = mesh.create_rectangle(
        MPI.COMM_SELF, [np.zeros(2), np.array([WIDTH, HEIGHT])], [20, 21]
    )
    times = TIMES if flows else (0.0,)  # nothing has flowed at the begin
    write_group(folder, "mechanical", section, lambda x: x[1] < ELECTRODE, flow_fields(), times)
    figure = material_maps.plastic_strain_map(open_run(folder))
    titles = [] if figure is None else [ax.get_title("left") for ax in figure.axes]
    found = {line for title in titles for line in title.splitlines() if ", " in line}
    assert len(found) == panels, found
    assert not any("strain" in title and "binder" in title for title in found)


def test_damage_is_drawn_of_what_has_come_off_alone(stepped, monkeypatch):
    series = stepped.series(Group.MECHANICAL)
    one, other = (material_maps.parts(stepped, series)[k] for k in (0, 1))

    def read(*_):
        values = np.where(one.where, 1e-12, 0.0)  # rounding
        values[np.flatnonzero(other.where)[:1]] = damage
        return Values(values, on_cells=True)

    monkeypatch.setattr(type(series), "read", read)
    monkeypatch.setattr(type(series), "names", ["damage"])
    monkeypatch.setattr(material_maps, "parts", lambda *_: [one, other])
    monkeypatch.setattr(type(stepped), "series", lambda _, group: series)
    damage = 0.4
    assert material_maps._occurring(stepped, series, ["damage"]) == [("damage", other)]
    limits = material_maps.limits_of([read()], other, FIELDS["damage"])
    assert (limits.low, limits.high) == (0.0, 0.4)  # one triangle of many


def test_the_time_of_a_moment_stays_with_its_unit(stepped):
    titles = [ax.get_title("left") for ax in material_maps.stress_map(stepped).axes[:2]]
    assert "10\N{NO-BREAK SPACE}min" in titles[0]
    assert all(line.strip() != "min" for title in titles for line in title.splitlines())
