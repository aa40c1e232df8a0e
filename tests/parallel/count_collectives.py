"""Count what a lithiation asks of all ranks, as JSON; test_collectives runs it.

Calls of mpi4py are seen by the interpreter's monitoring, whoever makes them; symbolic
factorisations by PETSc's log. Ghost updates and what is inside of PETSc are not among the calls.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

from mesode.model.processes.mechanics import MechanicsOptions
from support.protocols import Record, run
from support.small_cell import small_cell

MECHANICS = {
    "none": None,
    "one_way": MechanicsOptions(two_way=False),
    "two_way": MechanicsOptions(),
}
LOCAL = {"Get_rank", "Get_size", "Get_group", "Get_name"}
MONITOR = 4  # a number that no tool of Python's own takes
CALL = sys.monitoring.events.CALL


def _speaking(comm):
    """Return the name of each method of a communicator that speaks to other ranks."""
    methods = {name: getattr(comm, name) for name in dir(comm) if name[0] != "_"}
    local = {name for name in methods if name in LOCAL or name.startswith("Is_")}
    return {
        getattr(type(comm), name): name
        for name, method in methods.items()
        if callable(method) and name not in local
    }


class Counting(Record):
    """Observer that counts calls in each accepted step."""

    def start(self, cell):
        super().start(cell)
        self.names, self.calls, self.steps = _speaking(cell.domain.comm), Counter(), []
        self.kinds = {type(method) for method in self.names}
        sys.monitoring.use_tool_id(MONITOR, "collectives")
        sys.monitoring.register_callback(MONITOR, CALL, self._called)
        sys.monitoring.set_events(MONITOR, CALL)

    def _called(self, _code, _offset, function, _first):
        if type(function) in self.kinds and function in self.names:
            self.calls[self.names[function]] += 1

    def point(self, point):
        super().point(point)
        self.steps.append(dict(self.calls))
        self.calls.clear()

    def finish(self):
        sys.monitoring.set_events(MONITOR, 0)
        sys.monitoring.free_tool_id(MONITOR)


def main():
    from petsc4py import PETSc

    PETSc.Log.begin()
    cell = small_cell(n=4, mechanics=MECHANICS[sys.argv[1]])
    result, record = run(cell, "Lithiate at 1C for 20 minutes", tolerance=1e-4, observer=Counting)
    of_ranks = cell.domain.comm.allgather(record.steps)
    if cell.domain.comm.rank == 0:
        found = {
            "status": result.status,
            "steps": [sum(step.values()) for step in record.steps[1:]],
            "names": sorted({name for step in record.steps for name in step}),
            "alike": all(steps == record.steps for steps in of_ranks),
            "analyses": PETSc.Log.Event("MatLUFactorSym").getPerfInfo()["count"],
            "factorisations": PETSc.Log.Event("MatLUFactorNum").getPerfInfo()["count"],
        }
        sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
