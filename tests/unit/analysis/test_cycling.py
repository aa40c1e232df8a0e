"""If these fail, figures of cycles show another capacity, efficiency or current than there was."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from mesode.analysis import curves, cycling, style
from mesode.analysis.run_data import Run
from mesode.columns import (
    CAPACITY,
    CURRENT_DENSITY,
    CYCLE,
    HALF_CAPACITY,
    HALF_CYCLE,
    STEP,
    TIME,
    TIME_STEP,
    VOLTAGE,
)

COUNTS = (STEP, CYCLE, HALF_CYCLE)


def cycled(tmp_path, cycles=2, *, text="Lithiate", dense=True):
    """Return a run of cycles whose voltage is tanh-like in the charge: dQ/dV has one peak."""
    rows, steps = [], []
    for half in range(2 * cycles):
        way = 1 if half % 2 == 0 else -1  # discharge first
        charge = np.linspace(0.0, 100.0, 400)
        volts = 0.5 - 0.3 * np.arctanh(way * (charge - 50.0) / 51.0) / 2.7
        steps.append({"index": half + 1, "text": text, "t_start": half, "t_end": half + 1.0})
        for k, (q, v) in enumerate(zip(charge, volts, strict=True)):
            number = half * 10 + k // 40 if dense else len(rows)
            rows.append(
                (half + k / 400, v, 5.0 * way, half + 1, half // 2 + 1, half + 1, q, number)
            )
    names = (TIME, VOLTAGE, CURRENT_DENSITY, *COUNTS, HALF_CAPACITY)
    table = dict(zip((*names, TIME_STEP), np.array(rows).T, strict=True))
    table[CAPACITY] = table[HALF_CAPACITY]
    return Run(tmp_path, {"steps": steps}, {"title": "cycled"}, table)


def lines(figure, axes=0):
    return [line for line in figure.axes[axes].lines if len(line.get_xdata()) > 2]


def test_differential_capacity_is_the_slope_of_the_curve(tmp_path):
    figure = cycling.differential_capacity(cycled(tmp_path))
    assert len(lines(figure)) == 4
    for line, sign in zip(lines(figure), (-1, 1, -1, 1), strict=True):
        slope = line.get_ydata()
        x, largest = line.get_xdata(), np.argmax(sign * slope)
        assert x[largest] == pytest.approx(0.5, abs=0.02)
        # V = 0.5 - 0.3/2.7 artanh((q - 50)/51): dQ/dV = 51 * 2.7/0.3 in the middle
        assert sign * slope[largest] == pytest.approx(51 * 2.7 / 0.3, rel=0.01)
        assert np.all(sign * slope > 0.0)


def test_too_few_rows_have_no_differential_capacity(tmp_path):
    assert cycling.differential_capacity(cycled(tmp_path, dense=False)) is None


def test_a_voltage_curve_begins_anew_with_each_half_cycle(tmp_path):
    figure = curves.voltage_curve(cycled(tmp_path))
    assert len(lines(figure)) == 4
    for line in lines(figure):
        assert (line.get_xdata().min(), line.get_xdata().max()) == (0.0, 100.0)
    texts = [text.get_text() for text in figure.axes[0].get_legend().get_texts()]
    assert texts == ["cycle 1", "cycle 2"]


@pytest.mark.parametrize("cycles", [1, 5, 12, 13])
def test_every_half_cycle_has_a_colour_that_is_told(tmp_path, cycles):
    run = cycled(tmp_path, cycles)
    for figure in (curves.voltage_curve(run), cycling.differential_capacity(run)):
        ax = figure.axes[0]
        shown = {line.get_color() for line in ax.lines if len(line.get_xdata()) > 2}
        legend = ax.get_legend()
        if cycles > curves.TOLD:
            (bar,) = (each for each in figure.axes if each.get_ylabel() == "Cycle")
            assert legend is None
            assert bar.get_ylim() == (1.0, cycles)
            continue
        assert {handle.get_color() for handle in legend.legend_handles} == shown
        assert len(shown) == max(cycles, 2)


def names(run):
    return [look["label"] for look in curves.half_looks(run, curves.half_cycles(run))]


def test_a_full_section_is_charged_and_discharged(tmp_path):
    run = cycled(tmp_path, 1)
    full = {"mesh": {"phases": {"active": 1, "counter_active": 2}}}
    assert names(run) == ["lithiation", "delithiation"]
    run = Run(tmp_path, {**run.manifest, **full}, run.config, run.timeseries)
    assert names(run) == ["discharge", "charge"]


def test_swept_steps_are_shown_as_current_over_voltage(tmp_path):
    run = cycled(tmp_path, text="Sweep at 1 mV/s until 1 V")
    assert cycling.differential_capacity(run) is None
    found = lines(cycling.current_voltage(run))
    assert [line.get_label() for line in found[:2]] == ["cycle 1", "cycle 2"]
    assert len(found[0].get_xdata()) == 800
    assert cycling.current_voltage(cycled(tmp_path)) is None


def test_efficiency_over_cycles(tmp_path):
    header = (
        "Cycle Count / 1,Discharging Capacity / mA.h.g-1,Charging Capacity / mA.h.g-1,"
        "Coulombic Efficiency / 1,Energy Efficiency / 1\n"
    )
    (tmp_path / "cycles.csv").write_text(header + "1,100,90,0.9,0.7\n2,90,90,1.0,0.71\n3,90,,,\n")
    figure = cycling.cycles(cycled(tmp_path))
    given, taken = figure.axes[0].lines
    assert (given.get_label(), taken.get_label()) == ("lithiation", "delithiation")
    assert given.get_ydata().tolist() == [100, 90, 90]
    assert taken.get_ydata()[:2].tolist() == [90, 90]
    coulombic, energy = figure.axes[1].lines
    assert coulombic.get_ydata()[:2].tolist() == [90, 100]
    assert energy.get_ydata()[:2].tolist() == [70, 71]
    (tmp_path / "cycles.csv").write_text(header + "1,100,90,0.9,0.7\n")
    assert cycling.cycles(cycled(tmp_path)) is None


def test_legends_follow_the_order_in_which_curves_end():
    figure = style.new_figure(60, 40)
    ax = figure.subplots()
    for name, end in (("low", 1.0), ("high", 3.0), ("middle", 2.0)):
        ax.plot([1.0, 0.0], [end, 5.0 - end], label=name)  # they cross
    style.legend(ax)
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["high", "middle", "low"]


def test_curves_that_end_at_one_cut_off_are_told_as_they_were_drawn():
    """Voltages of cases meet their cut-off to some 1e-7 V, above or below."""
    figure = style.new_figure(80, 60)
    ax = figure.subplots()
    for rate, miss in (("0.1", -6e-8), ("1", 4e-9), ("4", 5e-8), ("8", -4e-7)):
        ax.plot([0.0, 1.0], [0.6, 0.05 + miss], label=rate)
    ax.plot([0.0, 1.0], [0.6, 0.3], label="stopped")
    style.legend(ax)
    texts = [t.get_text() for t in ax.get_legend().get_texts()]
    assert texts == ["stopped", "0.1", "1", "4", "8"]


@pytest.mark.parametrize(
    "title",
    ["硅电极", "シリコン負極 at 1C", "cost 5$ and 6$", "SiOₓ, µm, α → β", "\U0001f50b", "$\\frac$",
     "long " * 2000, "in two\nlines"],
)  # fmt: skip
def test_any_title_is_drawn_without_a_warning(tmp_path, title):
    folder = tmp_path / "case"
    run = Run(folder, {}, {"title": title}, cycled(folder, 1).timeseries)
    with style.house_style():
        path = style.save(curves.voltage_curve(run), tmp_path / "v.png")
    with Image.open(path) as picture:
        assert picture.width < 2400


def test_a_title_that_cannot_be_drawn_gives_way_to_the_name_of_the_folder(tmp_path):
    run = Run(tmp_path / "case_7", {}, {"title": "\U0001f50b\U0001f50b"}, {})
    assert style.title(run) == "case_7"
    assert style.plain("5 $ \U0001f50b\U0001f50b") == "5 \\$ \N{REPLACEMENT CHARACTER}"
