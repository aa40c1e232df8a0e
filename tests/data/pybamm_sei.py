"""SEI growth on a uniform particle by PyBaMM: makes pybamm_sei.json beside this file.

Needs an environment with PyBaMM; the version that made the file stands in it. The particle is a
sphere with the surface per volume of the square of the tests' small cell, in a single particle
model with uniform lithium. Only its negative electrode is read, the positive one is large.
"""

from __future__ import annotations

import json
from pathlib import Path

import pybamm

VOLUME_PER_SURFACE = 0.25e-6  # [m]
C_MAX, STO, I_0, T = 8e4, 0.1, 2.0, 300.0
EPS, LENGTH = 0.5, 1e-4  # active share and thickness of the electrode
J_1C = 96485.33212 * C_MAX * VOLUME_PER_SURFACE / 3600.0  # [A/m^2] of surface
STEPS = ((-1.0, 2400.0), (0.0, 3600.0), (1.0, 900.0))  # j over J_1C (lithiation < 0), time [s]
SEI = {
    "SEI partial molar volume [m3.mol-1]": 9.585e-5,
    "Ratio of lithium moles to SEI moles": 2.0,
    "SEI open-circuit potential [V]": 0.4,
    "Initial SEI thickness [m]": 5e-9,
    "SEI growth activation energy [J.mol-1]": 3e4,
    "Reference temperature [K]": 298.15,
    # of the reaction, of the solvent, of both
    "SEI reaction exchange current density [A.m-2]": 0.05,
    "Bulk solvent concentration [mol.m-3]": 4541.0,
    "SEI solvent diffusivity [m2.s-1]": 5e-18,
    "EC initial concentration in electrolyte [mol.m-3]": 4541.0,
    "EC diffusivity [m2.s-1]": 5e-18,
    "SEI kinetic rate constant [m.s-1]": 0.05 / 96485.33212 / 4541.0,
}
RESISTIVITY = {  # [ohm m]
    "reaction limited": 1.0,
    "solvent-diffusion limited": 2e5,
    "ec reaction limited": 1.0,
}


def potential(sto):
    return 0.6 - 0.5 * sto + 0.05 * pybamm.tanh(5 - 10 * sto)


def exchange_current(c_e, c_s_surf, c_s_max, T):
    return pybamm.Scalar(I_0)


def parameters(law):
    values = pybamm.ParameterValues("Chen2020")
    values.update({**SEI, "SEI resistivity [Ohm.m]": RESISTIVITY[law]}, check_already_exists=False)
    radius = 3 * VOLUME_PER_SURFACE
    area = values["Electrode height [m]"] * values["Electrode width [m]"]
    current_1C = J_1C * 3 * EPS / radius * LENGTH * area
    values.update(
        {
            "Negative electrode thickness [m]": LENGTH,
            "Negative electrode active material volume fraction": EPS,
            "Negative electrode porosity": 0.3,
            "Negative particle radius [m]": radius,
            "Maximum concentration in negative electrode [mol.m-3]": C_MAX,
            "Initial concentration in negative electrode [mol.m-3]": STO * C_MAX,
            "Negative electrode OCP [V]": potential,
            "Negative electrode exchange-current density [A.m-2]": exchange_current,
            "Negative electrode OCP entropic change [V.K-1]": 0,
            "Positive electrode thickness [m]": 10 * LENGTH,
            "Ambient temperature [K]": T,
            "Initial temperature [K]": T,
            "Lower voltage cut-off [V]": -10,
            "Upper voltage cut-off [V]": 10,
            "Nominal cell capacity [A.h]": current_1C,
        }
    )
    return values, current_1C


def run(law):
    options = {
        "SEI": law,
        "SEI film resistance": "distributed",
        "SEI porosity change": "false",
        "particle": "uniform profile",
        "surface form": "algebraic",  # or the kinetics take all of the current for lithium
    }
    model = pybamm.lithium_ion.SPM(options)
    values, current = parameters(law)
    experiment = pybamm.Experiment(
        [pybamm.step.current(rate * current, duration=time, period=time) for rate, time in STEPS]
    )
    solver = pybamm.IDAKLUSolver(rtol=1e-10, atol=1e-12)
    simulation = pybamm.Simulation(
        model, experiment=experiment, parameter_values=values, solver=solver
    )
    solution = simulation.solve()
    ends = []
    for cycle in solution.cycles:

        def last(name, cycle=cycle):
            return float(cycle[name].entries.ravel()[-1])

        ends.append(
            {
                "thickness": last("X-averaged negative SEI thickness [m]"),
                "sto": last("Average negative particle stoichiometry"),
                "drop": last("X-averaged negative electrode surface potential difference [V]"),
            }
        )
    return ends


if __name__ == "__main__":
    found = {"made by": f"PyBaMM {pybamm.__version__}", "steps": STEPS, "sei": SEI}
    found |= {"resistivity": RESISTIVITY, "ends": {law: run(law) for law in RESISTIVITY}}
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=1) + "\n")
