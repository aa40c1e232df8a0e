"""The state of a run of a protocol, into a snapshot and out of it again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from mesode.numerics.history import History
from mesode.numerics.newton import NewtonCounts
from mesode.protocol.controls import Begin

if TYPE_CHECKING:
    from mesode.output.snapshot import Snapshot
    from mesode.protocol.runner import _Runner

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where in the protocol a run is: step from 1, how it began, which end it has reached.

    ``begin`` is None before the step has begun.
    """

    index: int = 1
    begin: Begin | None = None
    reached: str | None = None


def unknown_sizes(cell: Any) -> list[list[Any]]:
    """Return name and number of each unknown, as they are written into a checkpoint."""
    sizes = [unknown.scaled.function_space.dofmap for unknown in cell.unknowns]
    return [
        [unknown.key, int(dofmap.index_map.size_global * dofmap.index_map_bs)]
        for unknown, dofmap in zip(cell.unknowns, sizes, strict=True)
    ]


def save_run(run: _Runner, snapshot: Snapshot) -> None:
    """Put the state of a run into a snapshot (collective)."""
    integrator = run.integrator
    snapshot.put_state("x", run.cell.system.x.getArray(), run.order)
    data: dict[str, Any] = {
        "t": integrator.t,
        "t_last": run.t_last,
        "index": run.place.index,
        "balances": run.diagnostics.balances(),
        "time_steps": integrator.steps,
        "counts": asdict(integrator.newton.counts),
        "unknowns": unknown_sizes(run.cell),
    }
    if run.place.begin is not None:
        history = integrator.history()
        for k, state in enumerate(history.states):
            snapshot.put_state(f"history_{k}", state, run.order)
        if run.dense is not None:
            data["dense"] = run.dense.save()
        data["begin"], data["reached"] = asdict(run.place.begin), run.place.reached
        data["history"] = {
            "times": history.times,
            "half": history.half,
            "dt": history.dt,
            "foreseen": history.foreseen if isfinite(history.foreseen) else None,
        }
    snapshot.data[KEY] = data
    new = run.results[snapshot.mark("results", 0) :]
    snapshot.grow("results", [asdict(result) for result in new], len(run.results))


def restore_run(run: _Runner, snapshot: Snapshot) -> None:
    """Take the state of a run out of a snapshot (collective)."""
    data, integrator, system = snapshot.data[KEY], run.integrator, run.cell.system
    system.x.getArray()[:] = snapshot.state("x", run.order)
    system.load(system.x, system.unknowns)
    integrator.t, integrator.steps = data["t"], data["time_steps"]
    integrator.newton.counts = NewtonCounts(**data["counts"])
    run.t_last = data["t_last"]
    run.results[:] = [StepResult(**result) for result in snapshot.grown("results")]
    run.diagnostics.resume(data["balances"])
    begin = Begin(**data["begin"]) if "begin" in data else None
    if run.dense is not None:
        run.dense.restore(data.get("dense", ()))
    run.place = Place(index=data["index"], begin=begin, reached=data.get("reached"))


def restore_history(run: _Runner) -> None:
    """Give the integrator back what it goes on from within a step (collective)."""
    snapshot = run.options.snapshot
    if snapshot is None:
        return
    found = snapshot.data[KEY]["history"]
    count = len(found["times"])
    states = tuple(snapshot.state(f"history_{k}", run.order) for k in range(count))
    snapshot.arrays.clear()  # nobody needs them any more, and they are large
    run.integrator.resume(
        History(
            times=tuple(found["times"]),
            states=states,
            half=found["half"],
            dt=found["dt"],
            foreseen=inf if found["foreseen"] is None else float(found["foreseen"]),
        )
    )
