"""How far a state is from solving the equations, in parts of the section's 1C current."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np
import scipy.sparse as sp

from mesode.model.unknowns import RowKind
from mesode.numerics.measure import Measured
from mesode.numerics.newton import NewtonOptions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from petsc4py import PETSc

    import numpy.typing as npt

    from mesode.model.cell import Cell
    from mesode.model.unknowns import Unknown


# Rows of forces are scaled by a reference modulus, the section's width and this number, so that the
# residual tolerance of the currents means a force of 1e-9 of that.
FORCE_SCALE = 1e-4
# Forces that follow: 1-norm of those out of balance, in parts of the reference modulus times the
# width. The forces of a swelling electrode sum up to some tenths of that.
FOLLOWER_OPTIONS = NewtonOptions(tolerance=1e-7, balance=inf)
# Where the section moves each step has other areas than the one whose Jacobian is kept, so that the
# sums of the rows are not right by themselves. The balance of lithium adds up what is left of them.
BALANCE_OF_MOVING = 1e-10
VOLT = 1.0  # [V] that a row of heat is divided by to be compared with a current

# The currents are compared with the current of the cell, but with no less than this part of 1C: at
# rest there is none to compare with.
LEAST = 0.01
# Rates of change are differences of unknowns over the time step, so that a row that stores q rounds
# by some eps q / dt (measured: 0.5; BDF weighs by up to 2). No iteration gets below that. Of charge
# there are the double layers alone, at potentials below one volt but for one: they round by less.
EPS = float(np.finfo(np.float64).eps)
ROUNDING, ROUNDING_OF_CHARGE = 4.0 * EPS, 0.5 * EPS
# A lithiation is known to this part of itself. Where a host is nearly full the rows feel it:
# 1 - sto of 1e-8 is known to 1e-8 of itself, and with it what passes the surface. So is what
# drives currents of electrons and ions. A good conductor behind a poor one, half a volt from the
# collector, has a current of some 100 S/m times the rounding of that; an electrolyte has one of
# kappa R T/F times the rounding of its salt. What leaves one node enters another: no sum sees it.
KNOWN = 0.5 * EPS
# In the sum over an equation these errors are independent and even within their bounds: twice
# their standard deviation. An iterate that changes by last digits alone stands still, so that a
# smaller bound may never be met (a core that is empty in a shell that is full); the best of a few
# iterates is kept where this bound alone excuses the sums.
EVENED_OUT = 1.2


def newton_options(cell: Cell, asked: NewtonOptions) -> NewtonOptions:
    """Return how a cell is solved: where its section moves, sums are held tighter, near rounding.

    There an old Jacobian takes many iterations, and rounding decides after which it is renewed. The
    error of a time step is carried by the factors that are kept, and differs by some per cent with
    that: equal runs would take other steps. So each solve has a Jacobian of its own, which costs
    little beside the forces that follow (12 % of all at 4 900 unknowns).
    """
    if cell.motion is None:
        return asked
    return replace(asked, balance=min(asked.balance, BALANCE_OF_MOVING), each_solve=True)


class CurrentMeasure:
    """Measures residuals of a cell whose rows are currents per depth [A/m] (collective).

    The local measure is the sum of the absolute rows, the balance error the largest absolute sum
    of the rows of one equation, both relative to the current. Of electrons (in each electrode) and
    ions the sums count together: their errors add up on the way from collector to collector. Rows
    of forces count relative to the reference modulus times the width of the section, rows of heat
    per volt. What lies within the rounding of a row's storage counts as zero, each row by itself:
    the lithium rows round in short steps at much more than the balance of charge may be off. So
    does what the rows round by because lithiations and potentials do.
    """

    def __init__(self, cell: Cell) -> None:
        self._comm = cell.domain.comm
        self._slices = cell.system.owned_slices()
        self._sums, self._block = _what_adds_up(cell.unknowns, self._slices)
        unknowns = [cell.unknowns[k] for k in self._block]
        kinds = np.array([unknown.row for unknown in unknowns])
        self._is_force, self._balanced = kinds == RowKind.FORCE, kinds == RowKind.CURRENT
        self._unit_of = np.where(kinds == RowKind.HEAT, VOLT, 1.0)
        self._charge = np.array([u in (cell.phi_s, cell.phi_e) for u in unknowns])
        self._last = np.zeros(len(self._sums))
        self._current, self._unit = cell.I, cell.current_1C
        self._width = cell.width
        self._system = cell.system
        charge = [u in (cell.phi_s, cell.phi_e, cell.level) for u in unknowns]
        parts = np.where(charge, ROUNDING_OF_CHARGE, ROUNDING)
        self._rounding = parts * cell.system.stored()[self._block]  # times the time step
        self._hosts = len(cell.sto)
        self._conducted = [
            self._slices[cell.unknowns.index(u)] for u in (cell.phi_s, cell.phi_e, cell.c_e)
        ]
        self.known_rounding = np.zeros((len(self._sums), 2))

    def __call__(self, residual: PETSc.Vec) -> Measured:
        """Return the sum of absolute rows and the largest sum over an equation, relative."""
        rows = residual.getArray(readonly=True)
        with np.errstate(invalid="ignore", over="ignore"):  # a hopeless iterate is told by its size
            sums = np.array(
                [(rows[where].sum(), np.abs(rows[where]).sum()) for where in self._sums]
            )
            self._comm.Allreduce(MPI.IN_PLACE, sums)
            storage = self._rounding / self._system.time_step
            beyond = np.maximum(np.abs(sums) - storage[:, None] - self.known_rounding, 0.0)
            beyond /= self._unit_of[:, None]
            self._last = beyond[:, 1]
            flows, current = ~self._is_force, abs(self._current.number())
            scale = max(current, LEAST * self._unit) * self._width
            local = self._last[flows].sum() / scale
            force = self._last[self._is_force].sum() / FORCE_SCALE
            balance, whole = (self._largest(of) / scale for of in (beyond[:, 0], sums[:, 0]))
            return Measured(float(local + force), balance, float(sums[:, 1].sum()), whole)

    def _largest(self, sums: npt.NDArray[np.float64]) -> float:
        """Return the largest of the sums over balanced equations, that of charge as one."""
        sizes = np.abs(sums)
        return float(max(sizes[self._balanced].max(), sizes[self._charge].sum()))

    def worst_blocks(self) -> list[int]:
        """Return the numbers of the equations with the largest residuals seen last.

        Those within a factor of two of the largest, which comes first: a current that is wrong at
        an interface stands in the rows on both of its sides.
        """
        last = np.nan_to_num(self._last, nan=np.inf)
        order = [k for k in np.argsort(-last, kind="stable") if 2.0 * last[k] >= last.max()]
        return list(dict.fromkeys(self._block[k] for k in order))

    def know(self, jacobian: PETSc.Mat, x: PETSc.Vec) -> None:
        """Take from a new Jacobian what the rows round by with the unknowns (collective).

        ``known_rounding``: of the sum of an equation's rows, where the errors of the lithiations at
        the nodes are independent, and of the sum of its absolute rows.
        """
        values = np.abs(x.getArray(readonly=True))
        mine = np.zeros((len(values), 2))
        for where in self._slices[: self._hosts]:  # the lithiations are the first unknowns
            mine[where] = values[where, None]
        for where in self._conducted:
            mine[where, 1] = values[where]
        everywhere = np.concatenate(self._comm.allgather(mine))
        starts, columns, entries = jacobian.getValuesCSR()
        shape = len(values), len(everywhere)
        rows = sp.csr_matrix((np.abs(entries), columns, starts), shape=shape) @ everywhere
        sums = np.array([((rows[w, 0] ** 2).sum(), rows[w, 1].sum()) for w in self._sums])
        self._comm.Allreduce(MPI.IN_PLACE, sums)
        self.known_rounding = KNOWN * np.stack(
            [EVENED_OUT * np.sqrt(sums[:, 0]), sums[:, 1]], axis=1
        )


def _what_adds_up(
    unknowns: Sequence[Unknown], slices: Sequence[slice]
) -> tuple[list[slice | npt.NDArray[np.int64]], list[int]]:
    """Return where the rows are that add up together, and the number of the unknown of each.

    One place for each unknown in their order; then those that some keep apart.
    """
    places: list[slice | npt.NDArray[np.int64]] = list(slices)
    numbers = list(range(len(slices)))
    for k, unknown in enumerate(unknowns):
        if unknown.apart is not None:
            places[k] = slices[k].start + np.flatnonzero(~unknown.apart)
            places.append(slices[k].start + np.flatnonzero(unknown.apart))
            numbers.append(k)
    return places, numbers
