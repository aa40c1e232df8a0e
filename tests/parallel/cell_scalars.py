"""Lithiate a tiny half cell and print its scalars as JSON; test_same_scalars runs it.

With stress that acts back it has two particles of different swelling, each free along z; at finite
strain a particle that flows in a binder that relaxes.
"""

from __future__ import annotations

import json
import sys

from mesode.materials.law import constant
from mesode.materials.properties import Network, Relaxing
from mesode.model import currents
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.model.processes.mechanics import MechanicsOptions
from mesode.model.residual import CurrentMeasure
from mesode.numerics.events import Event
from mesode.numerics.integrator import Integrator
from mesode.numerics.newton import NewtonOptions
from mesode.numerics.step_control import TimeOptions
from mesode.physics.elasticity import SectionKind
from support.cut_sections import ALL_BEHIND, cut_off
from support.small_cell import numbered, small_cell, split_arrays

T_END, CUT_OFF = 1000.0, 0.58  # [s], [V]


def lithiate(cell):
    """Lithiate at C/2 to the cut-off or the end; return the reason and the integrator."""
    integrator = Integrator(
        cell.system,
        [unknown.error_weight for unknown in cell.unknowns],
        CurrentMeasure(cell),
        TimeOptions(tolerance=1e-2, first_step=1.0),
        # the sums of the currents carry a rounding error of some 1e-12
        NewtonOptions(tolerance=1e-9, balance=1e-10),
    )
    cell.control("current", 0.5 * cell.current_1C)
    integrator.restart()
    functions = [unknown.scaled for unknown in cell.unknowns]

    def above_cut_off():
        cell.system.load(cell.system.x, functions)
        return cell.V.number() - CUT_OFF

    reason = integrator.integrate(T_END, [Event("V", above_cut_off, 1e-9)], lambda _t: False)
    cell.system.load(cell.system.x, functions)
    return reason, integrator


def scalars(cell, integrator):
    """Return what a user reads off: voltage, charge, mean fields, interface current, stress."""
    host_dx, sto = cell.dx(cell.tag("active")), cell.sto["active"].value
    passed = cell.charge_transfer.passed
    interface = sum((passed(s) + currents.i_layer(cell, s)) * s.dS for s in cell.surfaces)
    counter = currents.i_metal(cell) + currents.i_metal_layer(cell)
    values = {
        "t": integrator.t,
        "V": cell.V.number(),
        "Q": cell.Q.number(),
        "sto": cell.integral(sto * host_dx) / cell.area(("active",)),
        "sto_squared": cell.integral(sto**2 * host_dx) / cell.area(("active",)),
        "salt": cell.integral(cell.c_e.value**2 * cell.dx(cell.tag("separator"))),
        "interface": cell.integral(interface),
        "counter": cell.integral(counter * cell.ds_counter),
    }
    if cell.mechanics and cell.mechanics.options.two_way:
        sigma_h = cell.mechanics.sigma_h["active"].value
        for number, value in enumerate(cell.mechanics.eps_zz.scaled.x.array[1:].tolist()):
            values[f"eps_zz {number}"] = value
        values["sigma_h"] = cell.integral(sigma_h * host_dx) / cell.area(("active",))
    if cell.mechanics and cell.mechanics.follows:
        values |= followed(cell)
    return values


def followed(cell):
    """Return what flows and relaxes on the way to the loaded state, and the forces with it."""
    cell.follow(T_END)
    mechanics = cell.mechanics
    values = {key: cell.integral(form) for key, form in mechanics.integrals().items()}
    return values | {"rise": mechanics.thickness_change()}


def main():
    if sys.argv[1] == "two_way":
        mechanics = MechanicsOptions(kind=SectionKind.FREE_PARTICLES)
        cell = small_cell(mechanics=mechanics, arrays=numbered(split_arrays(4)))
    elif sys.argv[1] == "finite":
        solids = {
            "active": {"yield_strength": constant(1e8, "Pa")},
            "carbon_binder": {"network": Network(bonds=Relaxing(share=0.8, time=100.0))},
        }
        cell = small_cell(mechanics=FiniteOptions(), solids=solids, n=4)
    elif sys.argv[1] == "third":
        cell = small_cell(arrays=cut_off(4), behind=ALL_BEHIND)
    else:
        cell = small_cell(n=4)
    reason, integrator = lithiate(cell)
    values = scalars(cell, integrator)
    if cell.domain.comm.rank == 0:
        sys.stdout.write(json.dumps({"reason": reason, "steps": integrator.steps, **values}))


if __name__ == "__main__":
    main()
