"""Why a run cannot continue: which field, where, which bound, what to try."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np

if TYPE_CHECKING:
    from mesode.model.cell import Cell
    from mesode.model.process import FloatArray
    from mesode.model.residual import CurrentMeasure
    from mesode.model.unknowns import Unknown
    from mesode.protocol.controls import Terminal

LITTLE_SALT = 0.05  # part of the salt at rest that makes it a suspect
AT_ONCE = 1e-9  # [s] without a double layer a jump of the voltage takes no time
NEARLY = 0.02  # distance of the lithiation to 0 or 1 that makes it a suspect

# By the key of an unknown; those of hosts and surfaces may have their name behind it.
NAMES = {
    "sto": "lithiation of the hosts",
    "sto_profile": "lithiation within the particles of a layer",
    "i_n": "charge transfer of the hosts",
    "i_n_metal": "charge transfer of the lithium metal",
    "v_sei": "thickness of the SEI",
    "i_sei": "growth of the SEI",
    "h": "state of the hysteresis",
    "li15si4": "amount of Li15Si4",
    "phi_s": "potential of the solid",
    "c_e": "salt concentration",
    "phi_e": "potential of the electrolyte",
    "V": "voltage",
    "I": "current",
    "Q": "charge",
    "phi_b": "potential of the solid behind the section",
    "c_b": "salt concentration behind the section",
    "phi_eb": "potential of the electrolyte behind the section",
    "por": "volume of the pores",
    "salt": "salt in the pores",
    "phi_Q": "flow out of the pores",
    "T": "temperature",
    "lost": "heat of flow",
    "u": "stress",
    "eps_zz": "stress",
    "sigma_h": "stress",
}


def place(unknown: Unknown, *, largest: bool) -> tuple[float, tuple[float, float]]:
    """Return the extreme value of a field (SI) and where it is [um] (collective)."""
    sign = -1.0 if largest else 1.0
    least, where = _least(unknown, sign * unknown.owned())
    return sign * least, where


def _least(unknown: Unknown, values: FloatArray) -> tuple[float, tuple[float, float]]:
    """Return the least of some values at the nodes that this rank owns and where it is [um]."""
    space = unknown.scaled.function_space
    k = int(np.argmin(values)) if values.size else -1
    x = space.tabulate_dof_coordinates()[k, :2] * 1e6 if values.size else np.zeros(2)
    mine = (float(values[k]) if values.size else np.inf, float(x[0]), float(x[1]))
    least, *where = min(space.mesh.comm.allgather(mine))
    return least, (where[0], where[1])


def suspects(cell: Cell) -> list[str]:
    """Return what is near a bound in the loaded state, in words (collective)."""
    found = []
    salt, where = place(cell.c_e, largest=False)
    if salt < LITTLE_SALT * cell.c_e.scale:
        found.append(
            f"the salt is nearly exhausted: c_e = {salt:.3g} mol/m3 {_at(where)} "
            "(bound 0). Lower the current, or check the MacMullin numbers and the thickness"
        )
    high, where = max(place(sto, largest=True) for sto in cell.sto.values())
    if high > 1.0 - NEARLY:
        found.append(
            f"a host is full: lithiation {high:.4f} {_at(where)} (bound 1). "
            "End the step at a voltage or lithiation before that"
        )
    low, where = min(place(sto, largest=False) for sto in cell.sto.values())
    if low < NEARLY:
        found.append(
            f"a host is empty: lithiation {low:.4f} {_at(where)} (bound 0). "
            "End the step at a voltage or lithiation before that"
        )
    return found


def beyond(cell: Cell) -> list[str]:
    """Return what processes say that the loaded state is beyond, in words (collective)."""
    found = []
    for suspect in (suspect for process in cell.processes for suspect in process.suspects()):
        least, where = _least(suspect.unknown, -suspect.values)
        if least < 0.0:
            found.append(f"{suspect.tell(-least)}, first of all {_at(where)}")
    return found


def _at(where: tuple[float, float]) -> str:
    x, y = (round(value, 2) + 0.0 for value in where)  # no -0.00
    return f"at x = {x:.2f} um, y = {y:.2f} um"


def diagnose(
    cell: Cell, measure: CurrentMeasure, held: Terminal, dt: float, linear_failure: str = ""
) -> str:
    """Return why a time step failed, from the last accepted state (collective).

    Args:
        cell: With the last accepted state loaded.
        measure: Has seen the residual of the last attempt.
        held: What the terminal holds.
        dt: Length of the last attempt [s].
        linear_failure: What the linear solver says of it, if it was its fault.
    """
    why = linear_failure or f"no solution was found for the {_equations(cell, measure)}"
    text = f"the time step failed down to {dt:.1e} s, {_asked(held, cell)}; {why}"
    told = [text, *beyond(cell)]
    if found := suspects(cell):
        told.append("Near a bound: " + "; ".join(found))
    if len(told) == 1:
        told.append(f"No field is near a bound: {_remedy(held)}")
    return ". ".join(told)


def _equations(cell: Cell, measure: CurrentMeasure) -> str:
    keys = [cell.unknowns[k].key for k in measure.worst_blocks()]
    return ", ".join(dict.fromkeys(name_of(key) for key in keys))


def name_of(key: str) -> str:
    """Return what an unknown is, in words where it is one of ours."""
    known = [name for name in NAMES if key == name or key.startswith(f"{name}_")]
    return NAMES[max(known, key=len)] if known else key


def _asked(held: Terminal, cell: Cell) -> str:
    """Return what the terminal asked for, in words."""
    if held.kind == "power":
        return f"at {abs(held.target):.4g} W/m2"
    if held.kind == "voltage":
        return "in a sweep" if held.rate else f"at {held.target:.4g} V"
    if held.target == 0.0:
        return "at rest"
    density = abs(held.target)
    return f"at {density:.4g} A/m2 ({density / cell.current_1C:.3g} C)"


def _remedy(held: Terminal) -> str:
    if held.kind == "power":
        return "lower the power, or end the step at a higher voltage"
    if held.kind == "current" and held.target != 0.0:
        return "try a lower current; where a law has a kink (method: linear of a table), smooth it"
    return "where a law has a kink (method: linear of a table), smooth it"


def too_fast(cell: Cell, reason: str, seconds: float) -> str:
    """Return the reason of a step that ended as good as at once."""
    density = cell.I.number()
    when = "at once" if seconds < AT_ONCE else f"within {seconds:.2g} s"
    return (
        f"{reason} {when}: {abs(density):.4g} A/m2 "
        f"({abs(density) / cell.current_1C:.3g} C) is more than this section carries. "
        "Lower the current or change the cut-off"
    )


def agree(comm: MPI.Intracomm, text: str | None) -> str | None:
    """Return the first text that any rank has (collective)."""
    if not comm.allreduce(int(text is not None), op=MPI.MAX):
        return None
    return next((str(t) for t in comm.allgather(text) if t is not None), None)
