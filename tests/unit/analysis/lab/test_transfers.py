"""If these fail, a true resistance stands beside the arc or the peak of something else."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
import yaml

import mesode
from mesode.analysis.lab.host_truths import C_DL, R_CT, Host, truths
from mesode.analysis.lab.source import Truth
from mesode.analysis.lab.transfers import C_METAL, R_METAL, Transfer, assign, metal_truths
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.evaluate.circuit import parse
from support.measured_csv import write_columns

T = 298.15
RT_F = GAS_CONSTANT * T / FARADAY
PARTICLES = Transfer("particles", Truth(2.0, "i_0"), 1e-3)
METAL = Transfer("lithium metal", Truth(0.5, "i_0 of the metal"), 1e-5)


def test_each_stands_beside_its_own_arc_even_where_that_is_the_smaller():
    found = assign([1.2e-5, 1.1e-3, 2.0], [PARTICLES, METAL], "arc")
    assert [None if each is None else each.value for each in found.truths] == [0.5, 2.0, None]
    assert found.notes == ()


def test_an_arc_of_both_has_the_sum_and_a_note():
    near = Transfer("lithium metal", METAL.R, 0.8e-3)
    found = assign([1e-3, 2.0], [PARTICLES, near], "peak")
    assert found.truths[0].value == 2.5
    assert "particles: i_0; and lithium metal: i_0 of the metal" in found.truths[0].text
    assert found.truths[1] is None
    (note,) = found.notes
    assert "have one peak: the sum" in note


def test_what_has_no_arc_stands_beside_none_and_is_told():
    found = assign([1e-3], [PARTICLES, METAL], "arc")
    assert [each.value for each in found.truths] == [2.0]
    assert found.notes == ("no arc at the time constant of the lithium metal, 1e-05 s",)
    assert assign([], [PARTICLES], "arc").truths == ()


def constant(value):
    return {"value": value}


HOST = {"i_0": constant(2.0), "film_resistance": constant(1e-3), "double_layer": constant(0.2)}
FOIL = {
    "i_0": {"activation_energy": "20 kJ/mol",
            "values": {"over": "c_e / mol/m^3", "x": [500.0, 1000.0, 2000.0],
                       "y": [50.0, 70.0, 90.0]}},
    "film_resistance": constant(5e-3),
    "double_layer": constant(0.2),
}  # fmt: skip


def test_a_film_is_in_the_resistance_and_layers_add_up():
    hosts = [
        Host(name=n, properties=HOST, volume=1e-6, surface=S) for n, S in (("a", 3.0), ("b", 1.0))
    ]
    found = truths(hosts[:1], T)
    assert found[R_CT](0.5, None).value == pytest.approx((RT_F / 2.0 + 1e-3) / 3.0)
    assert found[C_DL](0.5, None).value == pytest.approx(0.6)
    assert truths(hosts, T)[C_DL](0.5, None).value == pytest.approx(0.8)


def test_the_metal_has_its_salt_its_film_and_its_temperature():
    found = metal_truths(FOIL, 1000.0, T)
    assert found[R_METAL](None, None).value == pytest.approx(RT_F / 70.0 + 5e-3)
    warm = 70.0 * math.exp(-20e3 / GAS_CONSTANT * (1.0 / 320.0 - 1.0 / 298.15))
    at_320 = GAS_CONSTANT * 320.0 / (FARADAY * warm) + 5e-3
    assert found[R_METAL](None, 320.0).value == pytest.approx(at_320)
    assert found[C_METAL](None, None).value == 0.2
    assert metal_truths({}, 1000.0, T) == {}


WIDTH, SURFACE = 10.0, 20.0  # [um]
R_HOST = (RT_F / 2.0 + 1e-3) * WIDTH / SURFACE
C_HOST = 0.2 * SURFACE / WIDTH


def write_run(folder, C_foil):
    """A run with a spectrum of both arcs, the metal's with a double layer of its own."""
    folder.mkdir()
    (folder / "manifest.json").write_text(json.dumps({"status": "completed"}))
    (folder / "config.yaml").write_text(yaml.safe_dump({"geometry": {"width": "10 um"}}))
    host = HOST | {"D_s": constant(1e-15), "c_max": constant(3e5)}
    foil = FOIL | {"double_layer": constant(C_foil)}
    sheets = {"active": {"properties": host}, "counter": {"properties": foil}}
    (folder / "materials.yaml").write_text(yaml.safe_dump(sheets))
    one = np.ones(1)
    write_columns(folder / "particles.csv", {
        "Test Time / s": one, "Step Count / 1": one, "Area / um2": 9.0 * one,
        "Interface Length / um": SURFACE * one,
    })  # fmt: skip
    f = np.logspace(6, -1, 71)
    R_foil = RT_F / 70.0 + 5e-3
    Z = parse("R0-p(R1,C1)-p(R2,C2)").impedance(f, (1e-4, R_foil, C_foil, R_HOST, C_HOST))
    write_columns(folder / "impedance.csv", {
        "Test Time / s": 0.0 * f, "Step Count / 1": 0.0 * f + 1.0, "Frequency / Hz": f,
        "Real Impedance / ohm.m2": Z.real, "Imaginary Impedance / ohm.m2": Z.imag,
        "Voltage / V": 0.0 * f + 0.8, "Mean Lithiation / 1": 0.0 * f + 0.5,
    })  # fmt: skip
    return folder, R_foil


@pytest.mark.parametrize("method", ["arcs", "drt"])
def test_a_run_tells_each_beside_its_own(tmp_path, method):
    folder, R_foil = write_run(tmp_path / "run", C_foil=2e-3)  # 11 us and 2.8 ms
    found = mesode.analyse(folder, what=[method])[method]
    told = {f.truth.value: f.value for f in found.findings if f.truth is not None}
    assert list(told) == pytest.approx([R_foil, R_HOST])
    assert list(told.values()) == pytest.approx(list(told), rel=0.02)
    assert found.notes == ()


@pytest.mark.parametrize("method", ["arcs", "drt"])
def test_a_run_with_both_in_one_tells_the_sum(tmp_path, method):
    folder, R_foil = write_run(tmp_path / "run", C_foil=R_HOST * C_HOST / (RT_F / 70.0 + 5e-3))
    found = mesode.analyse(folder, what=[method])[method]
    (both,) = [f for f in found.findings if f.truth is not None]
    assert both.truth.value == pytest.approx(R_foil + R_HOST)
    assert both.value == pytest.approx(R_foil + R_HOST, rel=0.02)
    assert any("the sum of their resistances stands beside it" in note for note in found.notes)
