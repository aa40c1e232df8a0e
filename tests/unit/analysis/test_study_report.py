"""If these fail, the page of a study names the wrong factor, drops a case, or cannot be drawn."""

import json
import re
import shutil

import h5py
import numpy as np
import pandas as pd
import pytest

from mesode.analysis import study_maps, study_plots
from mesode.analysis.study_plots import label
from mesode.analysis.study_report import report_study
from mesode.analysis.study_table import is_study_folder, read_study
from mesode.errors import InputError
from support.study_folder import CAPACITY, INTEGRITY, SEED, STRESS, E, write_study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_study(tmp_path_factory.mktemp("study") / "binder")


def test_columns_are_told_apart(folder):
    table = read_study(folder)
    assert is_study_folder(folder)
    assert table.factors == (E, INTEGRITY)
    assert table.seeds == (SEED,)
    assert table.telling == (CAPACITY, STRESS)
    assert table.levels(E) == [0.2, 1.7, 12.5]


def test_effects_name_the_factor_that_matters(folder, tmp_path):
    table = read_study(folder)
    assert table.effects(STRESS) is None  # a case has failed: no balanced grid, too few for Sobol
    whole = tmp_path / "whole"
    write_study(whole)
    rows = pd.read_csv(whole / "results.csv", dtype={"case": str})
    rows.loc[17, [CAPACITY, STRESS]] = [703.0, 3e7 * 1.130334 * 1.15]
    rows.to_csv(whole / "results.csv", index=False)
    effects = read_study(whole).effects
    assert effects(STRESS).shares[E] > 0.95
    assert effects(STRESS).shares[INTEGRITY] < 0.01
    assert effects(CAPACITY).shares[INTEGRITY] > 0.99


def test_page_has_every_case_and_needs_no_other_file(folder):
    page = report_study(folder, folder / "report.html").read_text("utf-8")
    assert "Binder and &lt;coating&gt;" in page
    assert len(re.findall(r'<a href="cases/\d{4}">', page)) == 18
    assert "c_e is used up near the collector" in page
    assert "17 completed" in page
    assert "1 failed" in page
    # responses and pairs of two figures of merit, and the voltage curves
    assert page.count("data:image/png;base64,") == 5
    assert not re.findall(r'src="(?!data:)', page)


def test_a_study_without_results_says_what_to_do(tmp_path):
    with pytest.raises(InputError, match="mesode study collect"):
        read_study(tmp_path)


def test_the_table_has_the_units_of_the_figures(folder):
    page = report_study(folder, folder / "report.html").read_text("utf-8")
    assert "Max von Mises Binder [MPa]</th>" in page
    stress = 3e7 * np.log10(0.2 + 1) * 1.05  # of the first case
    assert f'<td class="n">{stress * 1e-6:.4g}</td>' in page
    assert "max-height" not in page.partition(".scroll {")[2].partition("}")[0]


def test_three_factors_are_maps_of_two_for_each_level_of_the_first(folder, tmp_path):
    whole = write_study(tmp_path / "whole")
    study = json.loads((whole / "study.json").read_text("utf-8"))
    for parameter in study["parameters"]:
        parameter["kind"] = "factor"  # the seed too
    (whole / "study.json").write_text(json.dumps(study), "utf-8")
    table = read_study(whole)
    apart, first, second = table.factors
    figure = study_plots.pairs(table, CAPACITY)
    maps = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title().split(": ")[1] for ax in maps] == ["0.2", "1.7", "12.5"]
    for ax, level in zip(maps, table.levels(apart), strict=True):
        chosen = table.rows[table.rows[apart] == level]
        expected = chosen.pivot_table(CAPACITY, second, first, dropna=False).to_numpy()
        np.testing.assert_allclose(ax.images[0].get_array().filled(np.nan), expected)


def test_seeds_are_told_apart(folder):
    table = read_study(folder)
    figure = study_plots.responses(table, CAPACITY)
    axes = figure.axes[0]
    points = [line for line in axes.lines if line.get_linestyle() == "None"]
    assert {line.get_marker() for line in points} >= {"o", "s", "^"}
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == ["seed 1", "seed 2", "seed 3"]
    kinds = {line.get_linestyle() for line in study_plots.voltage_curves(table).axes[0].lines}
    assert len(kinds) == 3


def test_without_seeds_kinds_of_lines_tell_the_second_factor(tmp_path):
    whole = write_study(tmp_path / "whole")
    rows = pd.read_csv(whole / "results.csv", dtype={"case": str})
    rows[rows[SEED] == 1].to_csv(whole / "results.csv", index=False)
    (ax,) = study_plots.voltage_curves(read_study(whole)).axes
    told = {text.get_text() for text in ax.get_legend().get_texts()}
    assert told == {f"E [GPa]: {e}, integrity: {i}" for e in (0.2, 1.7, 12.5) for i in (0.5, "1")}
    of_one = {line.get_linestyle() for line in ax.lines if "integrity: 1" in line.get_label()}
    assert of_one == {"--"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(1032.4, "1032"), (999.7, "1000"), (99.96, "100"), (0.02188, "0.0219"), (-1199.0, "-1199"),
     (3.45e7, "3.45e+07"), (float("nan"), "nan")],
)  # fmt: skip
def test_thousands_are_written_out(value, text):
    assert study_plots._number(value) == text


def test_words_stand_apart_and_a_factor_of_one_value_has_no_figure(tmp_path):
    whole = write_study(tmp_path / "whole")
    rows = pd.read_csv(whole / "results.csv", dtype={"case": str})
    steps = {0.5: "Lithiate at C/10 for 30 minutes", 1.0: "Lithiate at 2 C until 10 mV"}
    rows[E], rows[INTEGRITY] = 1.7, rows[INTEGRITY].map(steps)
    rows.to_csv(whole / "results.csv", index=False)
    table = read_study(whole)
    assert table.varied == (INTEGRITY,)
    figure = study_plots.responses(table, CAPACITY)
    (axes,) = figure.axes
    figure.draw_without_rendering()
    assert len(axes.get_xticklabels()) == 2
    assert all(line.get_linestyle() == "None" for line in axes.lines)
    assert axes.get_window_extent().width > 0.5 * figure.bbox.width
    assert study_plots.pairs(table, CAPACITY) is None


def test_a_figure_of_merit_that_does_not_vary_is_explained_by_nothing(folder, tmp_path):
    whole = write_study(tmp_path / "whole")
    rows = pd.read_csv(whole / "results.csv", dtype={"case": str})
    rows[CAPACITY] = 179.9473 + 1e-5 * np.arange(18)
    rows.to_csv(whole / "results.csv", index=False)
    table = read_study(whole)
    assert CAPACITY not in table.telling
    assert table.effects(CAPACITY) is None


def test_maps_of_all_cases_have_the_same_scale(run_folder, tmp_path):
    first, second = (shutil.copytree(run_folder, tmp_path / name) for name in "ab")
    with h5py.File(next((second / "fields").glob("mechanical*.h5")), "r+") as store:
        for values in store["Function/von_mises"].values():
            values[...] *= 10.0
    drawn = study_maps.comparable([first, second, tmp_path / "none"])
    assert list(drawn) == [first, second]
    for column in range(2):
        scales = {
            collection.get_clim()
            for figure in drawn.values()
            for collection in figure.axes[column].collections
            if collection.colorbar
        }
        assert len(scales) == 1


@pytest.mark.parametrize(
    ("column", "among", "text"),
    [
        ("a.silicon.E / Pa", ("a.silicon.E / Pa", "a.binder.E / Pa"), "silicon E [MPa]"),
        ("a.x", ("a.x", "b.x"), "a x"),
        ("x", ("x", "b.x"), "x"),
        ("b.x", ("x", "b.x"), "b x"),
    ],
)
def test_labels_tell_columns_apart(column, among, text):
    assert label(column, among) == text


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (E, "E [GPa]"),
        ("physics.temperature / K", "temperature [K]"),
        ("i_0_ref", "i 0 ref"),
        ("protocol.0", "protocol 0"),
    ],
)
def test_labels(column, text):
    assert label(column) == text
