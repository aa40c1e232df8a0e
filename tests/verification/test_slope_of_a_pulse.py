"""If these fail, the slope at the beginning of a GITT pulse holds what is not in the particle.

D by slope is not D even where diffusion is perfect: the body is curved, its potential is not
straight, and its exchange current moves with the lithiation of the surface. All three have a closed
form here, each added to the last, and a run has to have their sum.
"""

from __future__ import annotations

import numpy as np
import pytest

import mesode
from mesode.columns import STEP, TIME, VOLTAGE
from mesode.constants import FARADAY, GAS_CONSTANT
from mesode.evaluate import gitt
from mesode.evaluate.finite_diffusion import CYLINDER, SLAB, surface_rise
from mesode.evaluate.record import Record
from mesode.materials.ocp import si_verbrugge_average

D, V_OVER_S, TAU = 1e-15, 0.5e-6, 240.0  # [m^2/s], [m], [s]
START, STEP_OF_STO = 0.3, 1.0 / 150.0  # a pulse of C/10
I_0, C_MAX, T = 2.0, 311_000.0, 298.15  # [A/m^2] at lithiation 0.5, [mol/m^3], [K]
REST = 3600.0  # [s]
PULSE = 2  # number of the step of the run

CASE = {
    "title": "one disc of 2 um",
    "geometry": {
        "width": "3 um",
        "electrode": {
            "thickness": "3 um",
            "particles": {"fraction": 0.35, "diameter": "2 um"},
            "packing": {"gap": "0.1 um", "seed": 1},
            "carbon_binder": {"kind": "matrix"},
        },
        "separator": {"thickness": "10 um"},
    },
    # sqrt(D tau) is 0.49 um: eight triangles of 0.06 um
    "mesh": {"size": "0.5 um", "interface": "0.06 um", "surface": "0.01 um"},
    "materials": {
        "active": {"preset": "silicon_average", "D_s": f"{D} m^2/s", "i_0_ref": f"{I_0} A/m^2"},
        "carbon_binder": {"preset": "CMC_SBR_SuperP"},
        "electrolyte": {"preset": "LiPF6_EC_EMC"},
        "separator": {"preset": "Celgard_2500"},
    },
    "physics": {"mechanics": "none"},
    "initial": {"lithiation": START},
    "protocol": ["Rest for 1 minute", f"Lithiate at C/10 for {TAU} s", f"Rest for {REST} s"],
    "output": {"fields": 0, "figures": False, "rows": {"voltage": "0.1 mV"}},
    "numerics": {"tolerance": 1e-6},
}


def by_slope(record):
    (pulse,) = gitt.pulses(record)
    return gitt.by_slope(pulse, V_OVER_S) / D


def closed_form(body, *, straight, kinetics):
    """Return D by slope over D: a constant flux into a body, with or without its potential's bend.

    The drop of the charge transfer is 2 R T/F asinh(i/(2 i_0)), i_0 = I_0 sqrt(4 x (1 - x)).
    """
    t = np.linspace(0.0, TAU, 2001)[1:]
    L = body.m * V_OVER_S  # the thickness or the radius
    rise = surface_rise(body, D * t / L**2) / (body.m * D * TAU / L**2)
    sto = START + STEP_OF_STO * rise
    U = (lambda x: -x) if straight else si_verbrugge_average
    drop = np.zeros_like(t)
    if kinetics:
        i = FARADAY * C_MAX * STEP_OF_STO * V_OVER_S / TAU
        i_0 = I_0 * np.sqrt(4.0 * sto * (1.0 - sto))
        drop = 2.0 * GAS_CONSTANT * T / FARADAY * np.arcsinh(i / (2.0 * i_0))
    before, after = U(START), U(START + STEP_OF_STO)
    V = np.concatenate(([before, before], U(sto) - drop, [after, after]))
    times = np.concatenate(([-1.0, 0.0], t, TAU + np.array([1.0, REST])))
    I = np.concatenate(([0.0, 0.0], np.ones_like(t), [0.0, 0.0]))
    return by_slope(Record(times, V, I, np.repeat([1.0, 2.0, 3.0], (2, len(t), 2))))


@pytest.mark.parametrize(
    ("body", "straight", "kinetics", "bias"),
    [
        (SLAB, True, False, 1.000),
        (CYLINDER, True, False, 1.019),
        (CYLINDER, False, False, 1.006),
        (CYLINDER, False, True, 1.030),
    ],
)
def test_each_ingredient_has_its_share(body, straight, kinetics, bias):
    """The table of docs/tutorial_gitt.md."""
    found = closed_form(body, straight=straight, kinetics=kinetics)
    assert found == pytest.approx(bias, abs=1e-3)


@pytest.mark.serial
def test_a_run_has_the_slope_of_the_closed_form(tmp_path):
    """With triangles of twice the size at the surface it is 11 % above it."""
    run = mesode.run_case(CASE, out=tmp_path / "run")
    rows = run.timeseries
    t, V, step = (rows[name] for name in (TIME, VOLTAGE, STEP))
    record = Record(t, V, np.where(step == PULSE, 1.0, 0.0), step)
    expected = closed_form(CYLINDER, straight=False, kinetics=True)
    assert by_slope(record) == pytest.approx(expected, rel=0.02)  # 1 % found
