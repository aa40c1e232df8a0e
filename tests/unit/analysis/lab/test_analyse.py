"""If these fail, ``mesode analyse`` tells wrong numbers, or leaves assumption or truth away."""

from __future__ import annotations

import csv
import json
import subprocess
import sys

import numpy as np
import pytest
import yaml

import mesode
from mesode.analysis.lab.methods import METHODS
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.errors import InputError
from mesode.evaluate import gitt
from mesode.evaluate.circuit import parse
from mesode.evaluate.finite_diffusion import CYLINDER, SLAB
from mesode.evaluate.record import Record
from support.measured_csv import run_columns, write_columns, write_record, write_spectrum
from support.study_folder import write_study
from support.titration import CASES, TAU, L, known_to, titration
from support.voltammetry import aoki, record_of_cycles


@pytest.mark.parametrize(("body", "share", "x_tau", "bias"), CASES)
def test_the_bias_of_gitt_by_a_file_of_a_cycler(tmp_path, body, share, x_tau, bias):
    path = write_record(tmp_path / "gitt.bdf.csv", titration(body, x_tau, resistance=0.02))
    length, radius = f"{1e6 * share * L} um", f"{1e6 * L} um"
    found = mesode.analyse(path, what=["gitt"], length=length, radius=radius, shape=body.name)
    D = x_tau * L**2 / TAU
    rows = [f for f in found["gitt"].findings if f.of == "pulse 2"]
    by = {f.quantity: f.value for f in rows}
    assert by["D, L = as given"] == pytest.approx(bias * D, rel=known_to(x_tau), abs=0)
    if x_tau >= 0.05:
        assert by[f"D, fit of the relaxation of a {body.name}"] == pytest.approx(D, rel=0.01, abs=0)
    assert all(f.truth is None for f in rows)


def test_a_pulse_whose_rest_was_cut_off_is_left_out(tmp_path):
    record = titration(SLAB, 0.1)
    kept = record.t <= record.t[-1] - 0.97 * 6.0 * 10.0 * TAU  # 3 % of the last rest, 6 L^2/D
    cut = Record(*(each[kept] for each in (record.t, record.V, record.I, record.step)))
    whole, shorter = (
        mesode.analyse(write_record(tmp_path / f"{k}.csv", each), what=["gitt"], length="2 um")
        for k, each in enumerate((record, cut))
    )
    assert {f.of for f in whole["gitt"].findings} == {"pulse 1", "pulse 2", "pulse 3"}
    assert {f.of for f in shorter["gitt"].findings} == {"pulse 1", "pulse 2"}
    (told,) = [note for note in shorter["gitt"].notes if "rest" in note and "radius" not in note]
    assert told.startswith("1: pulse 3 is left out: the record ends 2")
    assert told.endswith("s into its rest, the one before lasted 7.2e+04 s")


def test_rests_that_are_too_short_are_told(tmp_path):
    path = write_record(tmp_path / "a.csv", titration(SLAB, 0.1, rest=0.1))
    notes = mesode.analyse(path, what=["gitt"], length="2 um")["gitt"].notes
    (told,) = [note for note in notes if "equilibrium" in note]
    assert told.startswith("a: 3 of 3 rests ended before equilibrium: after pulse 3 the voltage ")


@pytest.mark.parametrize("numbered", [True, False])
def test_b_values_of_diffusion_alone_by_a_file(tmp_path, numbered):
    """Peaks of a slab at W 0.3, 1, 3, 10: no capacitance, and b between 1 and 0.5."""
    path = tmp_path / "cv.csv"
    write_record(path, record_of_cycles([0.3, 1.0, 3.0, 10.0]), numbered=numbered)
    found = mesode.analyse(path, what=["voltammetry"])["voltammetry"]
    b = [f for f in found.findings if f.quantity == "b of the peaks"]
    W = np.array([0.3, 1.0, 3.0, 10.0])
    expected = np.polyfit(np.log(W), np.log(aoki(W)), 1)[0]
    assert [f.of for f in b] == ["discharge", "charge"]
    assert [f.value for f in b] == pytest.approx([expected, expected], abs=0.02)
    assert "does not show capacitance" in b[0].formula.assumption
    assert "no D" in found.notes[0]
    assert len(found.notes) == 1  # all peaks lie within the window


def test_a_sweep_without_a_peak_is_told(tmp_path):
    record = record_of_cycles([0.3, 3.0])
    kept = record.V > 0.4  # the window ends before the peaks of the discharge
    cut = Record(*(each[kept] for each in (record.t, record.V, record.I, record.step)))
    notes = mesode.analyse(write_record(tmp_path / "cv.csv", cut), what=["voltammetry"])
    told = [note for note in notes["voltammetry"].notes if note.startswith("no peak")]
    assert told[0].startswith("no peak: discharge, 0.03, 0.3 mV/s:")


def test_nearly_equal_rates_of_two_files_are_one_rate(tmp_path):
    W = np.array([0.3, 3.0])
    paths = [
        write_record(tmp_path / f"{k}.csv", record_of_cycles(W * share))
        for k, share in enumerate((1.0, 1.005))
    ]
    given = {"area": "1 cm2", "concentration": "1 mol/l"}
    found = mesode.analyse(*paths, what=["voltammetry"], **given)["voltammetry"].findings
    peaks = [f for f in found if f.quantity == "peak current" and f.of.startswith("discharge")]
    assert [f.of for f in peaks] == ["discharge, 0.03015 mV/s", "discharge, 0.3015 mV/s"]
    # D goes with the square of the slope, and so twice its error
    x, y = np.sqrt(1e-4 * W * 1.005), np.array([f.value for f in peaks])
    slope = (x @ y) / (x @ x)
    of_slope = np.sqrt(((y - slope * x) ** 2).sum() / (x @ x))
    D = next(f for f in found if f.quantity.startswith("D") and f.of == "discharge")
    assert D.error / D.value == pytest.approx(2.0 * of_slope / slope, rel=1e-3)


def test_impedances_at_temperatures_give_the_energy(tmp_path):
    f, paths = np.logspace(5, -1, 61), []
    for celsius in (0, 25, 40, 60):
        T = celsius + 273.15
        R = 20.0 * np.exp(12060.0 / GAS_CONSTANT * (1.0 / T - 1.0 / 298.15))
        Z = parse("R0-p(R1,CPE1)").impedance(f, (2.0, R, 1e-4, 0.9))
        write_spectrum(tmp_path / "eis.csv", f, Z)
        header, *rows = (tmp_path / "eis.csv").read_text().splitlines()
        text = [f"{header},Ambient Temperature / degC", *(f"{row},{celsius}" for row in rows)]
        paths.append(tmp_path / f"{celsius}.csv")
        paths[-1].write_text("\n".join(text))
    found = mesode.analyse(*paths, what=["arrhenius"])["arrhenius"].findings
    assert found[0].value == pytest.approx(12060.0, rel=0.01)
    assert found[1].value - found[0].value == pytest.approx(2500.0, rel=0.05)


@pytest.mark.parametrize("E_a", [12060.0, 15550.0, 24530.0])
def test_a_table_of_resistances_gives_the_energy(tmp_path, E_a):
    celsius = np.array([0.0, 25.0, 40.0, 60.0])
    R = 7.0 * np.exp(E_a / GAS_CONSTANT / (celsius + 273.15))
    columns = {"Temperature / degC": celsius, "Resistance / ohm": R}
    found = mesode.analyse(write_columns(tmp_path / "R.csv", columns))
    assert found["arrhenius"].findings[0].value == pytest.approx(E_a, rel=1e-6)


def test_raman_lines(tmp_path):
    path = write_columns(tmp_path / "raman.csv", {"Raman Shift / cm-1": np.array([504.45, 520.0])})
    stress = [f.value for f in mesode.analyse(path)["raman"].findings]
    assert stress == pytest.approx([3.24e9, 0.0], rel=2e-3, abs=1.0)


@pytest.fixture
def run_folder(tmp_path):
    """A run folder as mesode writes it, of a slab with a known D and a spectrum with a known R."""
    folder = tmp_path / "run"
    folder.mkdir()
    record = titration(CYLINDER, 0.05)
    width, radius, per_volt = 10e-6, L, 0.25
    area, length = 1e12 * np.pi * radius**2, 1e6 * 2.0 * np.pi * radius
    columns = {
        **run_columns(record),
        "Mean Lithiation / 1": 0.3 + per_volt * (0.8 - record.V),
        "Specific Capacity / mA.h.g-1": record.charge / 3600.0 / 0.02,
    }
    write_columns(folder / "timeseries.bdf.csv", columns)
    (folder / "manifest.json").write_text(json.dumps({"status": "completed", "steps": []}))
    particles = {"Step Count / 1": np.ones(1), "Area / um2": np.array([area]),
                 "Interface Length / um": np.array([length])}  # fmt: skip
    write_columns(folder / "particles.csv", particles)
    config = {"title": "slab", "physics": {"temperature": "40 degC"},
              "geometry": {"width": "10 um", "electrode": {"thickness": "20 um"}}}  # fmt: skip
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    i_0 = {"activation_energy": "35 kJ/mol",
           "values": {"over": "sto / 1", "x": [0.0, 0.5, 1.0], "y": [2.0, 2.0, 2.0]}}  # fmt: skip
    ocp = {"values": {"over": "sto / 1", "x": [0.0, 0.5, 1.0], "y": [1.0, 0.5, 0.0]}}
    T, S = 313.15, length * 1e-6 / width
    host = {"D_s": {"value": 0.05 * L**2 / TAU}, "c_max": {"value": 3e5}, "i_0": i_0, "ocp": ocp,
            "double_layer": {"value": 0.2 / S}}  # fmt: skip
    sheets = {"active": {"properties": host}, "binder": {"properties": {"sigma": {"value": 1.0}}}}
    (folder / "materials.yaml").write_text(yaml.safe_dump(sheets))
    warm = np.exp(-35e3 / GAS_CONSTANT * (1.0 / T - 1.0 / 298.15))
    R = GAS_CONSTANT * T / (FARADAY * 2.0 * warm * S)
    f = np.logspace(5, -2, 71)
    Z = parse("R0-p(R1,C1)").impedance(f, (0.1 * R, R, 0.2))
    spectrum = {
        "Test Time / s": 0.0 * f, "Step Count / 1": 0.0 * f + 9.0, "Frequency / Hz": f,
        "Real Impedance / ohm.m2": Z.real, "Imaginary Impedance / ohm.m2": Z.imag,
        "Voltage / V": 0.0 * f + 0.8, "Mean Lithiation / 1": 0.0 * f + 0.3,
    }  # fmt: skip
    write_columns(folder / "impedance.csv", spectrum)
    return folder


def test_a_run_has_the_true_inputs_beside_it(run_folder):
    found = mesode.analyse(run_folder)
    D = 0.05 * L**2 / TAU
    rows = [f for f in found["gitt"].findings if f.of == "pulse 2" and f.unit == "m2/s"]
    assert [f.truth.value for f in rows] == pytest.approx([D] * len(rows), rel=1e-6, abs=0)
    second = gitt.pulses(titration(CYLINDER, 0.05))[1]  # at the mean of its lithiations
    middle = 0.3 + 0.25 * (0.8 - 0.5 * (second.E_before + second.E_end))
    assert [f.sto for f in rows] == pytest.approx([middle] * len(rows))
    by = {f.quantity: f.value for f in rows}
    assert by["D, L = volume over surface of the particles"] == pytest.approx(
        0.806 * D, rel=0.01, abs=0
    )
    assert by["D, L = electrode thickness"] == pytest.approx(
        0.806 * D * (20e-6 / 1e-6) ** 2, rel=0.01, abs=0
    )
    assert by["D, fit of the relaxation of a cylinder"] == pytest.approx(D, rel=0.01, abs=0)
    assert found["gitt"].data.x_label == "Mean Lithiation / 1"
    for method in ("arcs", "drt"):
        (told,) = [f for f in found[method].findings if f.truth is not None]
        assert told.value == pytest.approx(told.truth.value, rel=0.01)
        assert told.unit == "ohm.m2"
    capacity = [f for f in found["cycling"].findings if f.quantity == "lithiation capacity"]
    assert capacity[0].value == pytest.approx(3 * TAU / 3600.0 / 0.02, rel=1e-6)
    assert capacity[0].unit == "mA.h.g-1"


@pytest.mark.parametrize(("edge", "told"), [(4.0, True), (7.5, True), (8.0, False)])
def test_a_mesh_that_is_too_coarse_for_the_slope_is_told(run_folder, edge, told):
    path = run_folder / "config.yaml"
    config = yaml.safe_load(path.read_text("utf-8"))
    depth = 1e6 * np.sqrt(0.05) * L  # sqrt(D tau) [um]
    assert not mesode.analyse(run_folder, what=["gitt"])["gitt"].notes
    config["mesh"] = {"interface": f"{depth / edge:.6g} um"}
    path.write_text(yaml.safe_dump(config))
    notes = mesode.analyse(run_folder, what=["gitt"])["gitt"].notes
    found = [note for note in notes if "D by slope is that of the mesh in part" in note]
    assert bool(found) == told
    if told:
        assert found == list(notes)
        assert f"mesh.interface: {depth / 8:.2g} um with" in found[0]
    config["geometry"]["electrode"] = {"thickness": "20 um", "layer": {"fraction": 0.5}}
    path.write_text(yaml.safe_dump(config))
    assert not mesode.analyse(run_folder, what=["gitt"])["gitt"].notes


def test_what_is_given_takes_the_place_of_the_run(run_folder):
    found = mesode.analyse(run_folder, what=["gitt"], length="4 um")["gitt"].findings
    names = {f.quantity for f in found}
    assert "D, L = as given" in names
    assert not any("thickness" in name for name in names)


def test_files_hold_what_was_found(run_folder, tmp_path):
    found = mesode.analyse(run_folder)
    table, tree = (path.read_text("utf-8") for path in found.write(tmp_path / "out")[:2])
    rows = list(csv.DictReader(table.splitlines()))
    assert len(rows) == sum(len(each.findings) for each in found.evaluations)
    assert all(row["assumption"] and row["equation"] and row["reference"] for row in rows)
    gitt = [row for row in rows if row["quantity"] == "D, L = electrode thickness"]
    assert float(gitt[0]["true value"]) == pytest.approx(0.05 * L**2 / TAU, rel=1e-6, abs=0)
    assert "materials.yaml" in gitt[0]["true value is"]
    methods = {each["method"]: each for each in json.loads(tree)}
    assert list(methods) == [each.method for each in found.evaluations]
    curve = methods["drt"]["curves"]["step 9, 0.8 V"]
    assert len(curve["Relaxation Time / s"]) == len(curve["Gamma / ohm.m2"]) > 50
    assert methods["gitt"]["curves"]["true"]["Diffusivity / m2.s-1"][0] == pytest.approx(
        0.05 * L**2 / TAU, rel=1e-6, abs=0
    )


def test_the_text_tells_value_truth_and_assumption(run_folder):
    text = mesode.analyse(run_folder, what=["gitt"]).text()
    assert "pulse 2" in text
    assert "cm2/s" in text
    assert "assumes: pulse much shorter than L²/D" in text


def test_a_full_cell_of_two_rates_and_its_plateau(tmp_path):
    t = np.linspace(0.0, 3600.0, 400)
    V = 3.7 - 0.02 * np.log((t + 40.0) / (3640.0 - t))
    slow = Record(t, V, np.full(400, 0.1), np.ones(400))
    fast = Record(3600.0 + t[1:] / 4, V[::-1][1:] + 0.1, np.full(399, -0.3), np.full(399, 2.0))
    both = Record(*(np.concatenate(each) for each in zip(
        (slow.t, slow.V, slow.I, slow.step), (fast.t, fast.V, fast.I, fast.step), strict=True
    )))  # fmt: skip
    found = mesode.analyse(write_record(tmp_path / "full.csv", both), mass="0.5 g")
    by = {f.quantity: f.value for f in found["cycling"].findings}
    assert by["discharge capacity"] == pytest.approx(200.0, rel=1e-3)
    assert by["coulombic efficiency"] == pytest.approx(0.75, rel=1e-2)
    peaks = [f.quantity for f in found["derivatives"].findings]
    assert any("3.70" in name or "3.69" in name for name in peaks)


def test_runs_of_different_samples_are_not_mixed(run_folder, tmp_path):
    import shutil

    other = shutil.copytree(run_folder, tmp_path / "other")
    config = yaml.safe_load((other / "config.yaml").read_text())
    config["geometry"]["width"] = "11 um"
    (other / "config.yaml").write_text(yaml.safe_dump(config))
    warmer = shutil.copytree(run_folder, tmp_path / "warmer")
    config["geometry"]["width"], config["physics"]["temperature"] = "10 um", "50 degC"
    (warmer / "config.yaml").write_text(yaml.safe_dump(config))
    found = mesode.analyse(run_folder, other, warmer, what=["gitt"])
    assert list(found.samples) == ["run and 1 more", "other"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"what": ["git"]}, "Did you mean gitt"),
        ({"length": "2"}, "A bare number is ambiguous"),
        ({"length": "2 V"}, "expected a length"),
        ({"mass": "-1 mg"}, "above 0"),
        ({"shape": "cube"}, "slab, cylinder, sphere"),
        ({"circuit": "R0-"}, "ends where"),
        ({"colour": "red"}, "expected one of area"),
        ({"what": ["raman"]}, "nothing found, it needs places of Raman lines"),
    ],
)
def test_what_cannot_be_done_is_told(run_folder, options, message):
    with pytest.raises(InputError, match=message):
        mesode.analyse(run_folder, **options)


def test_faults_of_all_files_are_told_at_once(tmp_path):
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("Test Time / s,Voltage / V\n0,1\n1,1\n")
    with pytest.raises(InputError) as error:
        mesode.analyse(tmp_path / "a.csv", tmp_path / "b.csv", tmp_path / "c")
    assert len(error.value.problems) == 3


def test_what_was_asked_for_and_is_not_there_is_told(run_folder):
    found = mesode.analyse(run_folder, what=["gitt", "voltammetry"])
    assert found.lacking == ("voltammetry: nothing found, it needs sweeps at two rates or more",)


def test_every_method_says_what_it_needs_and_no_finite_elements_are_loaded(run_folder):
    assert all(method.needs for method in METHODS.values())
    code = (
        f"import sys, mesode; mesode.analyse({str(run_folder)!r}, what=['gitt', 'arcs']); "
        "print({'dolfinx', 'petsc4py', 'mpi4py', 'ufl'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_one_run_at_several_temperatures_gives_the_energy(run_folder):
    """Spectra within a run have the temperature of their state, and so have the true inputs."""
    f, rows = np.logspace(4, -1, 51), []
    truth = {}
    for k, celsius in enumerate((0.0, 25.0, 60.0)):
        T = celsius + 273.15
        i_0 = 2.0 * np.exp(-35e3 / GAS_CONSTANT * (1.0 / T - 1.0 / 298.15))
        truth[k + 1] = GAS_CONSTANT * T / (FARADAY * i_0 * 2.0 * np.pi * L / 10e-6)
        Z = parse("R0-p(R1,C1)").impedance(f, (1e-4, truth[k + 1], 0.2))
        same = np.ones_like(f)
        rows.append([f, Z.real, Z.imag, same * (k + 1), same * k, same * celsius, same * 0.3, same])
    names = (
        "Frequency / Hz", "Real Impedance / ohm.m2", "Imaginary Impedance / ohm.m2",
        "Step Count / 1", "Test Time / s", "Surface Temperature T1 / degC", "Mean Lithiation / 1",
        "Voltage / V",
    )  # fmt: skip
    table = np.concatenate([np.transpose(each) for each in rows])
    write_columns(run_folder / "impedance.csv", dict(zip(names, table.T, strict=True)))
    found = mesode.analyse(run_folder, what=["arrhenius", "arcs"])
    told = [arc.truth.value for arc in found["arcs"].findings if arc.truth is not None]
    assert told == pytest.approx(list(truth.values()))
    by_rate = next(f for f in found["arrhenius"].findings if f.quantity == "E_a of T/R")
    assert by_rate.value == pytest.approx(35e3, rel=2e-3)
    assert by_rate.truth.value == 35e3


@pytest.mark.parametrize(("R_metal", "told"), [(2.0, 1), (0.5, 0)])
def test_an_arc_of_the_metal_is_told(run_folder, R_metal, told):
    """Two arcs over each other, of one time constant: the share is that of the resistances."""
    f, rows = np.logspace(4, -1, 51), []
    for k, celsius in enumerate((0.0, 25.0, 60.0)):
        arc = parse("p(R1,C1)").impedance(f, (1.0, 0.01))
        Z, metal = 0.1 + (1.0 + R_metal) * arc, R_metal * arc.real
        rest, same = Z.real - metal, np.ones_like(f)
        parts = [metal, rest, same * (k + 1), same * k, same * celsius, same * 0.3, same]
        rows.append([f, Z.real, Z.imag, *parts])
    names = (
        "Frequency / Hz", "Real Impedance / ohm.m2", "Imaginary Impedance / ohm.m2",
        "Real Impedance Metal / ohm.m2", "Real Impedance Charge Transfer / ohm.m2",
        "Step Count / 1", "Test Time / s", "Surface Temperature T1 / degC", "Mean Lithiation / 1",
        "Voltage / V",
    )  # fmt: skip
    table = np.concatenate([np.transpose(each) for each in rows])
    write_columns(run_folder / "impedance.csv", dict(zip(names, table.T, strict=True)))
    notes = mesode.analyse(run_folder, what=["arrhenius"])["arrhenius"].notes
    assert len(notes) == told
    assert all("67 % of the largest arc" in note for note in notes)


def test_paths_with_nothing_to_evaluate_are_told_together(tmp_path):
    study = write_study(tmp_path / "study")
    for manifest in study.glob("cases/*/manifest.json"):
        manifest.unlink()
    with pytest.raises(InputError) as error:
        mesode.analyse(study, tmp_path / "no.csv")
    told = [str(problem) for problem in error.value.problems]
    assert "no case of this study has run. Run it with" in told[0]
    assert "a CSV file, there is nothing" in told[1]
