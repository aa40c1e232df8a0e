"""A full cell of layers by PyBaMM's DFN in which an SEI grows: makes the JSON file here.

Needs an environment with PyBaMM; the version that made the file stands in it. The cell is that of
``pybamm_layers``; the film grows on the particles of its negative electrode.
"""

from __future__ import annotations

import json
from pathlib import Path

import pybamm
from pybamm_layers import CURRENT_1C, POINTS, STARTS, parameters

STEPS = ((-1.0, 2520.0), (0.0, 3600.0), (1.0, 1800.0))  # current over 1C, time [s]
SHOWN = 12  # times of a step
SEI = {
    "SEI partial molar volume [m3.mol-1]": 9.585e-5,
    "Ratio of lithium moles to SEI moles": 2.0,
    "SEI open-circuit potential [V]": 0.4,
    "Initial SEI thickness [m]": 5e-9,
    "SEI growth activation energy [J.mol-1]": 0.0,
    "SEI resistivity [Ohm.m]": 2e5,
    # of the reaction, of the solvent, of both
    "SEI reaction exchange current density [A.m-2]": 2e-5,
    "Bulk solvent concentration [mol.m-3]": 4541.0,
    "SEI solvent diffusivity [m2.s-1]": 1e-18,
    "EC initial concentration in electrolyte [mol.m-3]": 4541.0,
    "EC diffusivity [m2.s-1]": 1e-18,
    "SEI kinetic rate constant [m.s-1]": 2e-5 / 96485.33212 / 4541.0,
}
LAWS = ("reaction limited", "solvent-diffusion limited", "ec reaction limited")


def run(law):
    """Return what each step has seen, at equal times."""
    values, area = parameters(STARTS["charge"])
    values.update(SEI, check_already_exists=False)
    steps = [
        pybamm.step.current(rate * CURRENT_1C * area, duration=time, period=time / SHOWN)
        for rate, time in STEPS
    ]
    options = {"SEI": law, "SEI film resistance": "distributed", "SEI porosity change": "false"}
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.DFN(options),
        experiment=pybamm.Experiment(steps),
        parameter_values=values,
        var_pts={**POINTS, "r_n": 120, "r_p": 120},
        solver=pybamm.IDAKLUSolver(rtol=1e-8, atol=1e-10),
    )
    return [_seen(cycle) for cycle in simulation.solve().cycles]


def _seen(cycle):
    L = cycle["Negative SEI thickness [m]"].entries
    thickest = 1.5 * L[-1] - 0.5 * L[-2]  # at the separator, half a cell beyond the last value
    columns = {
        "V": cycle["Voltage [V]"].entries,
        "mean": cycle["X-averaged negative SEI thickness [m]"].entries,
        "largest": thickest,
        "sto": cycle["Average negative particle stoichiometry"].entries,
    }
    digits = {"V": 6, "mean": 13, "largest": 13, "sto": 7}
    return {name: [round(float(x), digits[name]) for x in columns[name][1:]] for name in columns}


def write():
    content = {
        "made by": f"PyBaMM {pybamm.__version__}",
        "steps": STEPS,
        "times of a step": SHOWN,
        "sei": SEI,
        "runs": {law: run(law) for law in LAWS},
    }
    path = Path(__file__).with_name("pybamm_layer_sei.json")
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
