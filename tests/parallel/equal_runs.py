"""Run finite mechanics that acts back after jumps, print its scalars as JSON; test_equal_runs does.

Arguments: which jump, and the part of itself by which each lithiation is disturbed at random.
"""

from __future__ import annotations

import json
import sys

import numpy as np

from mesode.config.protocol import parse_protocol
from mesode.model.processes.finite_mechanics import FiniteOptions
from mesode.protocol.runner import RunnerOptions, run_protocol
from support.flowing import FLOWS
from support.protocols import Record
from support.small_cell import small_cell, two_halves

CURRENT = ("Lithiate at 1C for 2 minutes", "Rest for 1 minute", "Delithiate at 1C for 1 minute")
TOLERANCE = 1e-4


def of_current():
    """Return a cell that flows, and a protocol with a jump of the current, a rest, a reversal."""
    return small_cell(n=2, mechanics=FiniteOptions(two_way=True), solids=FLOWS), CURRENT


def of_lithium():
    """Return two elastic particles of one host, of unlike lithiation, and a rest.

    Stress of the jump comes with the first step, and with it a second jump of the potentials.
    """
    cell = small_cell(arrays=two_halves(4), mechanics=FiniteOptions(two_way=True))
    cell.sto["active"].scaled.interpolate(lambda x: 0.2 + 0.4 * (x[0] > 1.1e-6))
    return cell, ("Rest for 5 seconds",)


JUMPS = {"current": of_current, "lithium": of_lithium}


def scalars(jump, disturbed=0.0, seed=1):
    """Return the number of time steps, and the end of each step of the protocol (collective)."""
    cell, steps = JUMPS[jump]()
    sto, random = cell.sto["active"].scaled.x.array, np.random.default_rng(seed)
    sto *= 1 + disturbed * random.standard_normal(len(sto))
    cell.sto["active"].scaled.x.scatter_forward()
    cell.system.store(cell.system.unknowns, cell.system.x)
    record = Record()
    result = run_protocol(
        cell, parse_protocol(list(steps)), RunnerOptions(tolerance=TOLERANCE), [record]
    )
    counts = (result.counts["time_steps"], result.counts["rejected"])
    return {"steps": counts, "t": [point.t for point in record.points]} | {
        f"{name} {k}": value for k, end in enumerate(record.ends) for name, value in end.end.items()
    }


def main():
    from mpi4py import MPI

    found = scalars(sys.argv[1], float(sys.argv[2]))
    if MPI.COMM_WORLD.rank == 0:
        sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
