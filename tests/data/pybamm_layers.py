"""Cells of homogenised layers by PyBaMM's DFN: makes the JSON file here.

Needs an environment with PyBaMM; the version that made the file stands in it. The parameters are
those of Chen 2020 with electrodes of half the thickness, so that the electrolyte lasts at 3C.
``half`` is the positive electrode against lithium metal with the exchange current of Xu 2019.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pybamm

THICKNESS = {"negative": 42e-6, "separator": 12e-6, "positive": 38e-6}  # [m]
POINTS = {"x_n": 42, "x_s": 24, "x_p": 38, "r_n": 200, "r_p": 200}
PARTICLES = {"resolved": "Fickian diffusion", "uniform": "uniform profile"}
RATES = (0.1, 1.0, 3.0)
SHARE = {0.1: 0.8, 1.0: 0.7, 3.0: 0.2}  # of an hour over the rate that a step takes
STARTS = {  # lithiation of the negative and of the positive electrode
    "discharge": (0.88, 0.30),
    "charge": (0.05, 0.88),
}
SHOWN = 24  # times of a curve
FREQUENCIES = (1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 1e4)  # [Hz]
DOUBLE_LAYER = 0.2  # [F/m^2] of spectra; none elsewhere
SHELLS, STRETCH = 800, 8.0  # of spectra; half as many change them by 1e-5
CURRENT_1C = 25.0  # [A/m^2] of electrode area


def lithium_xu_2019(c_e, c_Li, T):
    m_ref = 3.5e-8 * pybamm.constants.F
    return m_ref * c_Li**0.7 * c_e**0.3


def parameters(start):
    values = pybamm.ParameterValues("Chen2020")
    c_max = {
        side: values[f"Maximum concentration in {side} electrode [mol.m-3]"]
        for side in ("negative", "positive")
    }
    area = values["Electrode height [m]"] * values["Electrode width [m]"]
    own = {
        "Negative electrode thickness [m]": THICKNESS["negative"],
        "Separator thickness [m]": THICKNESS["separator"],
        "Positive electrode thickness [m]": THICKNESS["positive"],
        "Initial concentration in negative electrode [mol.m-3]": start[0] * c_max["negative"],
        "Initial concentration in positive electrode [mol.m-3]": start[1] * c_max["positive"],
        "Exchange-current density for lithium metal electrode [A.m-2]": lithium_xu_2019,
        "Lithium metal partial molar volume [m3.mol-1]": 1.3e-05,
        "Lower voltage cut-off [V]": 1.0,
        "Upper voltage cut-off [V]": 5.0,
        "Nominal cell capacity [A.h]": CURRENT_1C * area,
    }
    values.update(own, check_already_exists=False)
    return values, area


def curve(cell, particle, rate, way, finer=1.0):
    """Return times [s] and voltages [V] of a step at constant current."""
    values, area = parameters(STARTS[way])
    sign = 1.0 if way == "discharge" else -1.0
    values["Current function [A]"] = sign * rate * CURRENT_1C * area
    options = {"particle": PARTICLES[particle]}
    if cell == "half":
        options["working electrode"] = "positive"
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN(options),
        parameter_values=values,
        var_pts={name: round(finer * number) for name, number in POINTS.items()},
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-9),
    )
    times = 3600.0 / rate * SHARE[rate] * np.linspace(0.0, 1.0, SHOWN + 1)[1:]
    solution = simulation.solve([0.0, times[-1]], t_interp=times)
    return times.tolist(), solution["Voltage [V]"](times).tolist()


def spectrum():
    """Return the impedance [ohm m^2] of the half cell at FREQUENCIES, lithiation 0.5 at rest."""
    values, area = parameters((0.5, 0.5))
    layers = {
        f"{side} electrode double-layer capacity [F.m-2]": DOUBLE_LAYER
        for side in ("Negative", "Positive")
    }
    values.update(layers, check_already_exists=False)
    model = pybamm.lithium_ion.DFN(
        {"working electrode": "positive", "surface form": "differential"}
    )
    # thin shells at the surface: lithium moves 0.9 % of the radius at 0.3 Hz, 0.03 % at 300 Hz
    graded = pybamm.MeshGenerator(
        pybamm.Exponential1DSubMesh, {"side": "right", "stretch": STRETCH}
    )
    simulation = pybamm.EISSimulation(
        model,
        parameter_values=values,
        var_pts={**POINTS, "r_p": SHELLS},
        submesh_types={**model.default_submesh_types, "positive particle": graded},
    )
    simulation.solve(np.array(FREQUENCIES))
    Z = area * np.array(simulation.solution.impedance)
    return [[round(float(z.real), 9), round(float(z.imag), 9)] for z in Z]


def write():
    found = []
    for cell in ("half", "full"):
        for particle in PARTICLES:
            for rate in RATES:
                for way in STARTS:
                    t, V = curve(cell, particle, rate, way)
                    found.append(
                        {"cell": cell, "particle": particle, "rate": rate, "way": way}
                        | {"t": [round(x, 6) for x in t], "V": [round(x, 6) for x in V]}
                    )
    content = {
        "made by": f"PyBaMM {pybamm.__version__}",
        "current of 1C": CURRENT_1C,
        "thickness": THICKNESS,
        "starts": STARTS,
        "curves": found,
        "frequencies": FREQUENCIES,
        "double layer": DOUBLE_LAYER,
        "impedance": spectrum(),
    }
    path = Path(__file__).with_name("pybamm_layers.json")
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
