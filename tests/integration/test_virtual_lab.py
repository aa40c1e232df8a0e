"""If these fail, what ``mesode analyse`` tells of a run is not what the run was made of."""

from __future__ import annotations

import numpy as np
import pytest

import mesode
from mesode.constants import FARADAY, GAS_CONSTANT
from support.silicon_pulse import SiliconPulse

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

D = 1e-15  # [m^2/s]
TAU = 240.0  # [s]
CASE = {
    "title": "virtual laboratory",
    "geometry": {
        "width": "6 um",
        "electrode": {
            "thickness": "6 um",
            "particles": {"fraction": 0.3, "diameter": "2 um", "gap": "0.3 um", "seed": 1},
            "carbon_binder": {"kind": "matrix"},
        },
        "separator": {"thickness": "10 um"},
        "counter": "lithium",
    },
    # lithium reaches sqrt(D tau) = 0.5 um: what it does at first needs thin layers at the surface
    "mesh": {"size": "0.6 um", "interface": "0.25 um", "surface": "0.02 um"},
    "materials": {
        "active": {"preset": "silicon_average", "i_0_ref": "0.2 mA/cm^2", "D_s": f"{D} m^2/s"},
        "carbon_binder": {"preset": "CMC_SBR_SuperP"},
        "electrolyte": {"preset": "LiPF6_EC_EMC"},
        "separator": {"preset": "Celgard_2400"},
        "counter": {"preset": "lithium_metal"},
    },
    "physics": {"temperature": "25 degC", "mechanics": "none"},
    "initial": {"lithiation": 0.2},
    "protocol": [
        "Rest for 1 minute",
        {"repeat": 3, "steps": [f"Lithiate at C/10 for {TAU} s", "Rest for 1 hour"]},
        {"impedance": {"from": "100 kHz", "to": "10 mHz"}},
        "Delithiate at C/2 until lithiation 0.15",
        "Lithiate at C/2 until lithiation 0.3",
        "Delithiate at C/2 until lithiation 0.15",
    ],
    "numerics": {"tolerance": 1e-5},
    "output": {"fields": 0, "figures": False, "rows": {"voltage": "0.2 mV"}},
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return mesode.run_case(CASE, out=tmp_path_factory.mktemp("lab") / "run")


def told(evaluation, quantity):
    return [f for f in evaluation.findings if f.quantity == quantity]


def test_gitt_tells_the_diffusivity_with_its_bias(run):
    """The formula has the bias of a cylinder of silicon that reacts, the relaxation nearly none."""
    found = mesode.analyse(run.path, what=["gitt"])["gitt"]
    fits = told(found, "D, fit of the relaxation of a cylinder")
    formula = told(found, "D, L = volume over surface of the particles")
    slopes = told(found, "D by slope, L = volume over surface of the particles")
    assert len(fits) == len(formula) == len(slopes) == 3
    assert all(f.truth.value == D for f in (*fits, *formula))
    assert [f.value for f in fits] == pytest.approx([D] * 3, rel=0.03)
    particles = run.particles()
    first = particles["Step Count / 1"] == 1
    volume, surface = (
        particles[name][first].sum() for name in ("Area / um2", "Interface Length / um")
    )
    pulses = [
        SiliconPulse(volume_over_surface=1e-6 * volume / surface, start=0.2 + k / 150.0)
        for k in range(3)
    ]
    bias = [pulse.biases()[0] for pulse in pulses]  # 0.647 to 0.644; the mesh takes 2 % more
    assert [f.value / D for f in formula] == pytest.approx(bias, rel=0.03)
    assert told(found, "D, L = electrode thickness")[0].value > 50.0 * D


def true_resistances(path, method):
    """Return what was found and what is true, from short to long times."""
    found = mesode.analyse(path, what=[method])[method]
    told = [(f.value, f.truth.value) for f in found.findings if f.truth and f.unit == "ohm.m2"]
    return np.transpose(told), found.notes


def test_each_peak_is_the_charge_transfer_of_its_own(run):
    """70 us of the metal and 3 ms of the particles."""
    (found, true), notes = true_resistances(run.path, "drt")
    assert found == pytest.approx(true, rel=0.03)
    assert true[0] == pytest.approx(GAS_CONSTANT * 298.15 / (FARADAY * 70.6), rel=0.01)
    assert notes == ()


def test_the_one_arc_is_that_of_the_particles(run):
    """The metal, of a twelfth of their resistance, has a shoulder and no arc: that is told."""
    (found, true), notes = true_resistances(run.path, "arcs")
    assert len(true) == 1
    assert found == pytest.approx(true, rel=0.02)
    assert notes == ("no arc at the time constant of the lithium metal, 7e-05 s",)


@pytest.mark.parametrize("method", ["arcs", "drt"])
def test_where_both_have_one_arc_it_has_their_sum(run, tmp_path, method):
    """The metal as slow as the particles are, per surface of its own."""
    slow = {**CASE["materials"], "counter": {"preset": "lithium_metal", "i_0": "1.83 A/m^2"}}
    protocol = ["Rest for 1 minute", {"impedance": {"from": "100 kHz", "to": "10 mHz"}}]
    case = {**CASE, "materials": slow, "protocol": protocol}
    path = mesode.run_case(case, out=tmp_path / "run").path
    (found, true), notes = true_resistances(path, method)
    assert len(true) == 1
    assert found == pytest.approx(true, rel=0.03)
    assert true[0] > GAS_CONSTANT * 298.15 / (FARADAY * 1.83)  # the metal's alone
    assert "the sum of their resistances stands beside it" in notes[0]


def test_cycles_are_those_of_the_table(run):
    found = mesode.analyse(run.path, what=["cycling"])["cycling"]
    table = run.cycles()
    pairs = {
        "lithiation capacity": "Discharging Capacity / mA.h.g-1",
        "delithiation capacity": "Charging Capacity / mA.h.g-1",
        "mean lithiation voltage": "Mean Discharging Voltage / V",
        "mean delithiation voltage": "Mean Charging Voltage / V",
        "coulombic efficiency": "Coulombic Efficiency / 1",
        "energy efficiency": "Energy Efficiency / 1",
    }
    for quantity, column in pairs.items():
        values = [f.value for f in told(found, quantity)]
        assert values == pytest.approx(list(table[column].dropna()), rel=2e-3)
