"""If these fail, true inputs are those of another state or temperature, or are not told.

Two hosts with U_k = a_k - b_k x_k: at one potential x_k = (a_k - U)/b_k, all in closed form.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml

from mesode.analysis.lab.host_truths import D_S, E_A, EDGE, R_CT, SLOPE, Host, law_of, truths
from mesode.analysis.lab.simulated import read_run
from mesode.analysis.run_data import open_run
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.materials.library import get_law
from mesode.materials.sheet import law_sheet
from support.measured_csv import write_columns

T = 298.15
A, B, C_MAX, D = (1.0, 0.8), (0.9, 0.4), (3e5, 3e4), (1e-15, 2e-14)
AREA, LENGTH, WIDTH = (2.0, 6.0), (5.0, 9.0), 10.0  # [um2, um, um]


def properties(k):
    x = [0.0, 0.5, 1.0]
    law = {"over": "sto / 1", "x": x, "y": [A[k] - B[k] * s for s in x]}
    rate = {"over": "sto / 1", "x": x, "y": [1.0 + k, 2.0 + k, 3.0 + k]}
    return {
        "D_s": {"value": D[k]},
        "c_max": {"value": C_MAX[k]},
        "ocp": {"values": law},
        "i_0": {"activation_energy": f"{30 + 5 * k} kJ/mol", "values": rate},
    }


def hosts():
    return [
        Host(name=name, properties=properties(k), volume=1e-6 * AREA[k] / WIDTH,
             surface=LENGTH[k] / WIDTH)
        for k, name in enumerate(("silicon", "graphite"))
    ]  # fmt: skip


def at_potential(U):
    """Return the lithiation of each host at a potential, and their mean."""
    x = (np.array(A) - U) / np.array(B)
    held = np.array(C_MAX) * np.array(AREA)
    return x, float(held @ x / held.sum())


@pytest.mark.parametrize("U", [0.5, 0.7])
def test_a_blend_has_the_resistance_and_the_slope_of_both_at_one_potential(U):
    x, mean = at_potential(U)
    found = truths(hosts(), T)
    i_0 = np.array([1.0, 2.0]) + 2.0 * x
    S = np.array(LENGTH) / WIDTH
    assert found[R_CT](mean, None).value == pytest.approx(
        GAS_CONSTANT * T / (FARADAY * float(i_0 @ S)), rel=1e-3
    )
    share = np.array(AREA) / sum(AREA)
    per_volt = float(np.sum(share * np.array(C_MAX) / np.array(B)))
    assert found[SLOPE](mean, None).value == pytest.approx(1.0 / per_volt, rel=1e-3)
    assert "of all hosts" in found[SLOPE](mean, None).text


def test_a_film_lies_before_the_charge_transfer():
    film = {**properties(0), "film_resistance": {"value": 1e-2}}
    host = Host(name="silicon", properties=film, volume=None, surface=0.5)
    expected = (GAS_CONSTANT * T / (FARADAY * 1.6) + 1e-2) / 0.5  # i_0 = 1 + 2 x
    assert truths([host], T)[R_CT](0.3, None).value == pytest.approx(expected, rel=1e-3)


def test_a_diffusivity_is_that_of_who_takes_the_charge_and_all_are_told():
    _, mean = at_potential(0.6)
    truth = truths(hosts(), T)[D_S](mean, None)
    # per volt silicon takes 2 x 3e5/0.9, graphite 6 x 3e4/0.4
    assert truth.value == D[0]
    assert "silicon, which takes 60 % of the charge there; 1e-15 of silicon, 2e-14 of" in truth.text
    assert truths(hosts(), T)[E_A](mean, None).value == 30e3
    assert truths(hosts(), T)[D_S](None, None) is None


def test_what_a_run_has_not_written_is_not_told():
    bare = [Host(name=h.name, properties=h.properties, volume=None, surface=None) for h in hosts()]
    found = truths(bare, T)
    assert [known(0.5, None) for known in found.values()] == [None] * 6
    assert truths([], T) == {}


def source_of(folder, config, sheets, quality=None):
    """Return a run folder with these files as a source."""
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    (folder / "materials.yaml").write_text(yaml.safe_dump(sheets))
    (folder / "manifest.json").write_text(json.dumps({"status": "completed", "steps": []}))
    write_columns(folder / "timeseries.bdf.csv", {"Test Time / s": np.array([0.0, 1.0])})
    if quality is not None:
        (folder / "mesh").mkdir()
        (folder / "mesh/quality.json").write_text(json.dumps(quality))
    return read_run(open_run(folder), "run")


NAMES = ("silicon", "graphite")
SHEETS = {name: {"properties": properties(k)} for k, name in enumerate(NAMES)}


def test_a_run_with_two_hosts_reads_them_from_its_mesh(tmp_path):
    quality = {
        "section": {"width": WIDTH},
        "phases": {name: {"area": AREA[k]} for k, name in enumerate(NAMES)},
        "coverage": {
            name: {"length": 2.0 * LENGTH[k], "touches": {"carbon_binder": 0.5, NAMES[1 - k]: 0.5}}
            for k, name in enumerate(NAMES)
        },
    }
    source = source_of(tmp_path, {"title": "blend"}, SHEETS, quality)
    _, mean = at_potential(0.6)
    expected = truths(hosts(), T)
    for name in (D_S, R_CT, SLOPE):
        assert source.truth(name, mean).value == pytest.approx(
            expected[name](mean, None).value, rel=1e-6, abs=0
        )


@pytest.mark.parametrize("drawn", [0, 1])
def test_a_layer_around_drawn_particles_is_a_host_beside_them(tmp_path, drawn):
    layer = 1 - drawn
    R = 2.0 * AREA[layer] / LENGTH[layer]  # of cylinders with its volume and surface [um]
    of_layer = {"fraction": 0.25, "diameter": f"{2.0 * R} um", "shape": "cylinder"}
    config = {
        "title": "blend", "mesh": {"interface": "0.5 um"},
        "geometry": {"electrode": {"thickness": "20 um", "particles": {}, "layer": of_layer}},
    }  # fmt: skip
    quality = {
        "section": {"width": WIDTH},
        "phases": {NAMES[drawn]: {"area": AREA[drawn]}, NAMES[layer]: {"area": 4.0 * AREA[layer]}},
        "coverage": {NAMES[drawn]: {"length": LENGTH[drawn], "touches": {NAMES[layer]: 1.0}}},
    }
    source = source_of(tmp_path, config, SHEETS, quality)
    _, mean = at_potential(0.6)
    expected = truths(hosts(), T)
    for name in (D_S, R_CT, SLOPE):
        assert source.truth(name, mean).value == pytest.approx(
            expected[name](mean, None).value, rel=1e-6, abs=0
        )
    # silicon takes most of the charge: the mesh tells of its surface only where it is drawn
    assert source.truth(EDGE, mean).value == pytest.approx(0.5e-6 if drawn == 0 else 0.0)


@pytest.mark.parametrize("sto", [0.01, 0.04, 0.5, 0.98])
def test_a_law_of_the_library_comes_back_from_its_points_in_the_file(sto):
    """Exchange currents go with sqrt(x): even points are off by 60 % at x = 0.01."""
    law = get_law("i_0", "si_chen_2020")
    told = law_of({"i_0": law_sheet(law)}, "i_0")(sto)
    assert told == pytest.approx(law(sto=sto, c_e=1000.0, T=T), rel=0.03)


@pytest.mark.parametrize(("shape", "dimensions"), [("sphere", 3), ("cylinder", 2)])
def test_a_layer_has_the_shape_of_its_input_and_D_at_the_temperature_of_the_run(
    tmp_path, shape, dimensions
):
    layer = {"fraction": 0.3, "porosity": 0.6, "diameter": "0.1 um", "shape": shape}
    config = {
        "title": "layer", "physics": {"temperature": "40 degC"},
        "geometry": {"width": "1 um", "electrode": {"thickness": "8 um", "layer": layer}},
    }  # fmt: skip
    over_T = {"over": "T / K", "x": [300.0, 313.15, 320.0], "y": [1e-15, 3e-15, 4e-15]}
    host = {**properties(0), "D_s": {"values": over_T}}
    source = source_of(tmp_path, config, {"active": {"properties": host}})
    assert source.truth(D_S).value == pytest.approx(3e-15, rel=1e-6, abs=0)
    assert (source.given.body.name, source.given.radius) == (shape, pytest.approx(50e-9))
    S = dimensions * 0.3 * 8e-6 / 50e-9
    assert source.given.areas["surface of the particles"] == pytest.approx(S)
    warm = np.exp(-30e3 / GAS_CONSTANT * (1.0 / 313.15 - 1.0 / T))
    assert source.truth(R_CT, 0.5).value == pytest.approx(
        GAS_CONSTANT * 313.15 / (FARADAY * 2.0 * warm * S)
    )
