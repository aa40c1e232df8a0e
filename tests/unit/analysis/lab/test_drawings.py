"""If these fail, an analysis has no figures, shows wrong curves, or is missing in the report."""

from __future__ import annotations

import json

import numpy as np
import pytest

import mesode
from mesode.analysis.lab.drawings import DRAWINGS, draw
from mesode.analysis.lab.page_part import analysis_part
from mesode.analysis.run_report import report_runs
from mesode.analysis.study_report import report_study
from mesode.errors import InputError
from mesode.evaluate.circuit import parse
from mesode.evaluate.finite_diffusion import SLAB
from mesode.evaluate.record import Record
from support.measured_csv import run_columns, write_columns, write_record, write_spectrum
from support.study_folder import write_study
from support.titration import titration
from support.voltammetry import record_of_cycles


def half_cycles_at_two_rates():
    u = np.linspace(1e-6, 1.0, 200)
    V = 0.4 - 0.2 * u + 0.1 / (1.0 + np.exp((u - 0.4) / 0.05))
    t, parts = 0.0, []
    for k, I in enumerate((0.2, -0.2, 1.0, -1.0)):
        length = 3600.0 / abs(I) * (1.0 if abs(I) < 0.5 else 0.8)
        way = V if I > 0.0 else V[::-1]
        parts.append((t + length * u, way - 0.02 * I, np.full(200, I), np.full(200, k + 1.0)))
        t += length
    return Record(*map(np.concatenate, zip(*parts, strict=True)))


@pytest.fixture(scope="module")
def all_found(tmp_path_factory):
    """An analysis for each figure."""
    folder = tmp_path_factory.mktemp("measured")
    write_record(folder / "rate.csv", half_cycles_at_two_rates())
    write_record(folder / "gitt.csv", titration(SLAB, 0.1, rows=60))
    write_record(folder / "cv.csv", record_of_cycles([0.3, 3.0]))
    f = np.logspace(4, 0, 30)
    write_spectrum(folder / "eis.csv", f, parse("R0-p(R1,C1)").impedance(f, (1.0, 9.0, 1e-4)))
    table = {"Temperature / degC": np.array([0.0, 40.0]), "Resistance / ohm": np.array([9.0, 4.0])}
    write_columns(folder / "R.csv", table)
    given = {"gitt": {"length": "2 um", "radius": "2 um"}, "eis": {"circuit": "R0-p(R1,C1)"}}
    return {
        name: mesode.analyse(folder / f"{name}.csv", **given.get(name, {}))
        for name in ("rate", "gitt", "cv", "eis", "R")
    }


def test_every_figure_is_drawn(all_found):
    drawn = {
        each.method: draw(each)
        for found in all_found.values()
        for each in found.evaluations
        if draw(each) is not None
    }
    assert set(drawn) == set(DRAWINGS)
    for figure in drawn.values():
        assert all(ax.get_xlabel() and ax.get_ylabel() for ax in figure.axes)
        figure.canvas.draw()


def test_the_curves_are_those_that_were_found(all_found):
    gitt = draw(all_found["gitt"]["gitt"]).axes[1]
    D = [f.value for f in all_found["gitt"]["gitt"].findings if f.quantity == "D, L = as given"]
    (line,) = [each for each in gitt.get_lines() if each.get_label() == "L = as given"]
    assert sorted(line.get_ydata()) == pytest.approx(sorted(1e4 * np.array(D)))
    drt = draw(all_found["eis"]["drt"]).axes[0]
    assert float(drt.texts[0].get_text()) == pytest.approx(9.0, rel=0.01)
    assert "[Ω]" in drt.get_title()
    arrhenius = draw(all_found["R"]["arrhenius"]).axes[0]
    assert arrhenius.get_lines()[0].get_ydata() == pytest.approx(-np.log([9.0, 4.0]))


def test_capacities_of_two_rates(all_found):
    shares = {
        f.of.split(",")[0]: f.value
        for f in all_found["rate"]["rates"].findings
        if f.quantity == "share of the slowest" and f.value < 0.99
    }
    assert shares == pytest.approx({"discharge": 0.8, "charge": 0.8}, rel=1e-3)


def test_swept_half_cycles_have_no_rate(all_found):
    methods = {each.method for each in all_found["cv"].evaluations}
    assert not {"rates", "derivatives"} & methods


@pytest.fixture
def analysed_run(tmp_path):
    """A run folder with an analysis in it."""
    record = titration(SLAB, 0.1, rows=60)
    write_columns(tmp_path / "timeseries.bdf.csv", run_columns(record))
    (tmp_path / "manifest.json").write_text(json.dumps({"status": "completed", "steps": []}))
    mesode.analyse(tmp_path, what=["gitt"], length="2 um").write(tmp_path)
    return tmp_path


def test_the_report_shows_what_was_found(analysed_run, tmp_path):
    part = analysis_part(analysed_run)
    assert [table.title for table in part.tables] == ["GITT"]
    assert len(part.pictures) == 1
    page = report_runs([analysed_run], tmp_path / "report.html").read_text("utf-8")
    assert "<h2>Analysis</h2>" in page
    assert "pulse much shorter than L²/D" in page
    assert part.tables[0].rows[2][3] in page


def test_a_second_call_takes_the_place_of_the_first(analysed_run):
    mesode.analyse(analysed_run, what=["cycling"]).write(analysed_run)
    drawn = [path.name for path in (analysed_run / "figures").glob("analysis_*")]
    assert drawn == ["analysis_cycling.png"]


def test_no_analysis_is_no_part(tmp_path):
    assert analysis_part(tmp_path).tables == ()


@pytest.mark.parametrize("text", ["{", '[{"method": 1}]', "[3]", "7"])
def test_a_damaged_file_is_told(tmp_path, text):
    (tmp_path / "analysis.json").write_text(text)
    with pytest.raises(InputError, match=r"damaged.*Call mesode analyse again"):
        analysis_part(tmp_path)


def test_a_study_is_its_cases_and_its_page_shows_them(tmp_path):
    study = write_study(tmp_path / "study")
    columns = run_columns(half_cycles_at_two_rates())
    for case, width in (("0001", "10 um"), ("0002", "10 um"), ("0003", "11 um")):
        run = study / "cases" / case
        write_columns(run / "timeseries.bdf.csv", columns)
        (run / "config.yaml").write_text(f"geometry: {{width: {width}}}\n")
    found = mesode.analyse(study, what=["cycling"])
    # two cases are one sample, one is another; those without a current have nothing to tell
    assert list(found.samples) == ["0001 and 1 more", "0003"]
    sources = {f.source for f in found["cycling"].findings}
    assert sources == {"0001", "0002"}
    found.write(study)
    drawn = sorted(path.name for path in (study / "figures").glob("*.png"))
    assert drawn == ["analysis_cycling.png", "analysis_cycling_2.png"]
    page = report_study(study, tmp_path / "study.html").read_text("utf-8")
    assert "<h2>Analysis</h2>" in page
    assert page.count("coulombic efficiency") == 6
