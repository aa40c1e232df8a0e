"""The state of a run of a protocol, into a snapshot and out of it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from mesode.numerics.bdf import History
from mesode.numerics.integrator import Resumption
from mesode.numerics.newton import Memory, NewtonCounts
from mesode.numerics.step_equations import Linearisation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mesode.mesh.ordering import BlockOrder
    from mesode.numerics.bdf import FloatArray
    from mesode.numerics.integrator import Integrator
    from mesode.output.snapshot import Snapshot
    from mesode.protocol.runner import Runner

KEY = "protocol"


@dataclass(frozen=True, slots=True)
class StepResult:
    """How a step of the protocol ended."""

    index: int
    text: str
    reason: str
    t_start: float
    t_end: float
    end: dict[str, float]
    tags: Sequence[str] = ()


def unknown_sizes(cell: Any) -> list[list[Any]]:
    """Return name and number of each unknown, as they are written into a checkpoint."""
    return [[unknown.key, unknown.size] for unknown in cell.unknowns]


def save_run(run: Runner, snapshot: Snapshot) -> None:
    """Put the state of a run into a snapshot (collective)."""
    integrator = run.integrator
    snapshot.put_state("x", run.cell.system.x.getArray(), run.order)
    data: dict[str, Any] = {
        "t": integrator.t,
        "t_last": run.t_last,
        "index": run.index,
        "temperature": float(run.cell.reference),
        "balances": run.diagnostics.balances(),
        "time_steps": integrator.steps,
        "rejected": integrator.rejected,
        "repeated": integrator.repeated,
        "way": integrator.norm.way.tolist(),
        "counts": asdict(integrator.newton.counts),
        "unknowns": unknown_sizes(run.cell),
    }
    if run.step is not None:
        data["step"] = run.step.save(snapshot)
    data["states"] = _save_states(run, snapshot)
    snapshot.data[KEY] = data
    new = run.results[snapshot.mark("results", 0) :]
    snapshot.grow("results", [asdict(result) for result in new], len(run.results))


def _save_states(run: Runner, snapshot: Snapshot) -> dict[str, list[float]]:
    """Put the internal states into a snapshot; return those that are numbers (collective)."""
    numbers = {}
    for state in run.cell.states:
        spaces = state.spaces()
        for name, values in state.arrays().items():
            space = spaces[name]
            if space is None:
                numbers[name] = values.tolist()
            else:
                snapshot.put_state(f"state {name}", values, run.order_of(name, space))
    return numbers


def _restore_states(run: Runner, snapshot: Snapshot, numbers: dict[str, list[float]]) -> None:
    """Take the internal states out of a snapshot (collective)."""
    for state in run.cell.states:
        found = {}
        for name, space in state.spaces().items():
            if space is None:
                found[name] = np.array(numbers[name])
            else:
                found[name] = snapshot.state(f"state {name}", run.order_of(name, space))
        state.restore(found)


def save_integration(
    integrator: Integrator, order: BlockOrder, snapshot: Snapshot
) -> dict[str, Any]:
    """Put the vectors of an integration into a snapshot; return the rest (collective)."""
    found = integrator.resumption()
    for k, state in enumerate(found.history.states):
        snapshot.put_state(f"history_{k}", state, order)
    place = found.linearised
    if place is not None:
        snapshot.put_state("linearised_x", place.x, order)
        snapshot.put_state("linearised_known", place.known, order)
    return {
        "start": found.start,
        "times": found.history.times,
        "jump": found.history.jump,
        "origin": found.history.origin,
        "next": found.next,
        "order": found.order,
        "ceiling": found.ceiling if isfinite(found.ceiling) else None,
        "foreseen": found.foreseen if isfinite(found.foreseen) else None,
        "largest": found.largest,
        "linearised": None if place is None else {"t": place.t, "h": place.h, "shift": place.shift},
        "newton": asdict(found.memory),
    }


def restore_run(run: Runner, snapshot: Snapshot) -> None:
    """Take the state of a run out of a snapshot (collective)."""
    data, integrator, system = snapshot.data[KEY], run.integrator, run.cell.system
    run.cell.hold_temperature(data["temperature"])
    system.x.getArray()[:] = snapshot.state("x", run.order)
    system.load(system.x, system.unknowns)
    integrator.t = data["t"]
    integrator.steps, integrator.rejected = data["time_steps"], data["rejected"]
    integrator.repeated = data["repeated"]
    integrator.norm.way = np.array(data["way"])
    integrator.newton.counts = NewtonCounts(**data["counts"])
    run.t_last = data["t_last"]
    run.results[:] = [StepResult(**result) for result in snapshot.grown("results")]
    run.diagnostics.resume(data["balances"])
    _restore_states(run, snapshot, data["states"])
    run.index = data["index"]


def restore_integration(
    integrator: Integrator, order: BlockOrder, snapshot: Snapshot, data: Mapping[str, Any]
) -> None:
    """Give an integrator back what it goes on from within a step (collective)."""

    def state(name: str) -> FloatArray:
        return snapshot.state(name, order)

    states = [state(f"history_{k}") for k in range(len(data["times"]))]
    place = data["linearised"]
    if place is not None:
        place = Linearisation(**place, known=state("linearised_known"), x=state("linearised_x"))
    integrator.resume(
        Resumption(
            start=data["start"],
            history=History(data["times"], states, data["jump"], data["origin"]),
            next=data["next"],
            order=data["order"],
            ceiling=inf if data["ceiling"] is None else float(data["ceiling"]),
            foreseen=inf if data["foreseen"] is None else float(data["foreseen"]),
            largest=data["largest"],
            linearised=place,
            memory=Memory(**data["newton"]),
        )
    )
