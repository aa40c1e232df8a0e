"""A uniform particle by PyBaMM, with an SEI and with a hysteresis: makes the JSON files here.

Needs an environment with PyBaMM; the version that made the files stands in them. The particle is a
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
SHOWN = {
    "thickness": "X-averaged negative SEI thickness [m]",
    "sto": "Average negative particle stoichiometry",
    "drop": "X-averaged negative electrode surface potential difference [V]",
    "state": "X-averaged negative electrode hysteresis state",
}

# j over J_1C (lithiation < 0), time [s]
SEI_STEPS = ((-1.0, 2400.0), (0.0, 3600.0), (1.0, 900.0))
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

HYSTERESIS_STEPS = ((-1.0, 1200.0), (0.0, 600.0), (1.0, 300.0), (-1.0, 120.0), (1.0, 600.0))
DECAY, INITIAL = 24.0, 0.5  # PyBaMM's decay rate is twice the one of dh/dx = gamma (s - h)


def potential(sto):
    return 0.6 - 0.5 * sto + 0.05 * pybamm.tanh(5 - 10 * sto)


def above(sto):
    return potential(sto) + 0.1 - 0.05 * sto


def below(sto):
    return potential(sto) - 0.1 + 0.05 * sto


def exchange_current(c_e, c_s_surf, c_s_max, T):
    return pybamm.Scalar(I_0)


def parameters(more):
    values = pybamm.ParameterValues("Chen2020")
    radius = 3 * VOLUME_PER_SURFACE
    area = values["Electrode height [m]"] * values["Electrode width [m]"]
    current_1C = J_1C * 3 * EPS / radius * LENGTH * area
    own = {
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
    values.update({**own, **more}, check_already_exists=False)
    return values, current_1C


def run(options, more, steps, shown):
    """Return what is shown where each step ends."""
    particle = {
        "particle": "uniform profile",
        "surface form": "algebraic",  # or the kinetics take all of the current for lithium
    }
    values, current = parameters(more)
    simulation = pybamm.Simulation(
        pybamm.lithium_ion.SPM({**particle, **options}),
        experiment=pybamm.Experiment(
            [pybamm.step.current(rate * current, duration=t, period=t) for rate, t in steps]
        ),
        parameter_values=values,
        solver=pybamm.IDAKLUSolver(rtol=1e-10, atol=1e-12),
    )
    ends = simulation.solve().cycles
    return [{key: float(end[SHOWN[key]].entries.ravel()[-1]) for key in shown} for end in ends]


def grown(law):
    options = {
        "SEI": law,
        "SEI film resistance": "distributed",
        "SEI porosity change": "false",
    }
    more = {**SEI, "SEI resistivity [Ohm.m]": RESISTIVITY[law]}
    return run(options, more, SEI_STEPS, ("thickness", "sto", "drop"))


def switched():
    more = {
        "Negative electrode lithiation OCP [V]": below,
        "Negative electrode delithiation OCP [V]": above,
        "Negative particle lithiation hysteresis decay rate": DECAY,
        "Negative particle delithiation hysteresis decay rate": DECAY,
        "Initial hysteresis state in negative electrode": INITIAL,
    }
    options = {"open-circuit potential": (("one-state hysteresis", "single"))}
    return run(options, more, HYSTERESIS_STEPS, ("state", "sto", "drop"))


def write(name, content):
    content = {"made by": f"PyBaMM {pybamm.__version__}", **content}
    path = Path(__file__).with_name(f"{name}.json")
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    laws = {law: grown(law) for law in RESISTIVITY}
    write(
        "pybamm_sei",
        {"steps": SEI_STEPS, "sei": SEI, "resistivity": RESISTIVITY, "ends": laws},
    )
    write(
        "pybamm_hysteresis",
        {"steps": HYSTERESIS_STEPS, "decay": DECAY, "initial": INITIAL, "ends": switched()},
    )
