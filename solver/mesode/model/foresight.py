"""Extrapolated potentials that go with extrapolated lithiations.

In time lithiations follow a polynomial. Potentials do not: U(sto) bends, and takes the voltage
along by ten millivolts in a long time step. What is left without U, overpotentials and ohmic drops,
is as even as the lithiation. So of an extrapolated state the potentials are lifted by what the
polynomial of U misses,

    lift = U(guess) - sum of the weights times U(states),

in the mean over the surfaces of each electrode. That is a better guess for Newton's method, and
nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mpi4py import MPI

import numpy as np
from dolfinx import fem, la

from mesode.materials.ends import potential
from mesode.materials.ops import NUMPY
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants
from mesode.section_names import COUNTER_PREFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from mesode.model.cell import Cell
    from mesode.model.field_groups import FloatArray

    type IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Rim:
    """Owned nodes of a host on its surface: where in a block vector, with which length [m]."""

    places: IntArray
    length: FloatArray
    law: Callable[..., Any]


class Foresight:
    """Improves extrapolated states of a cell, in place (collective)."""

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        keys = [unknown.key for unknown in cell.unknowns]
        self._slices = dict(zip(keys, cell.system.owned_slices(), strict=True))
        hosts = [host for host in cell.hosts if any(s.host == host for s in cell.surfaces)]
        forms = [
            with_constants(
                sum(s.at_host(cell.sto[host].test) * s.dS for s in cell.surfaces if s.host == host)
            )
            for host in hosts
        ]
        compiled = compile_forms(forms, cell.entity_maps)
        rims = {h: self._rim(h, form) for h, form in zip(hosts, compiled, strict=True)}
        self._rims = {
            prefix: [rims[host] for host in own if host in rims]
            for prefix, own in cell.electrodes.items()
        }

    def _rim(self, host: str, form: fem.Form) -> _Rim:
        sto, vector = self._cell.sto[host], fem.assemble_vector(form)
        vector.scatter_reverse(la.InsertMode.add)
        where = self._slices[sto.key]
        length = vector.array[: where.stop - where.start]
        there = np.flatnonzero(length)
        law = potential(self._cell.materials.lithium(host).ocp).known
        return _Rim(where.start + there, length[there].copy(), law)

    def __call__(
        self, guess: FloatArray, weights: Sequence[float], states: Sequence[FloatArray]
    ) -> None:
        """Lift the potentials of a guess, the sum of weights times states (collective).

        Where a voltage is held or swept the level is what it says.
        """
        cell = self._cell
        if len(states) < 2 or cell.terminal.holds_voltage:
            return
        means = self._means([guess, *states])
        lifts = means[:, 0] - means[:, 1:] @ np.array(weights)
        lift = dict(zip(self._rims, lifts.tolist(), strict=True))
        counter = lift.get(COUNTER_PREFIX, 0.0) if cell.is_full else 0.0
        if np.isfinite(lifts).all():
            guess[self._slices[cell.phi_e.key]] -= counter
            level = cell.polarity * (lift[""] - counter)
            guess[self._slices[cell.level.key]] += level / cell.level.scale

    def _means(self, states: Sequence[FloatArray]) -> FloatArray:
        """Return U in the mean over the surfaces of each electrode at some states [V]."""
        T, sums = self._cell.kelvins, np.zeros((len(self._rims), len(states) + 1))
        for row, rims in zip(sums, self._rims.values(), strict=True):
            for rim in rims:
                row[-1] += rim.length.sum()
                for k, state in enumerate(states):
                    U = rim.law(sto=state[rim.places], T=T, ops=NUMPY)
                    row[k] += float(rim.length @ np.broadcast_to(U, rim.length.shape))
        self._cell.domain.comm.Allreduce(MPI.IN_PLACE, sums)
        means: FloatArray = sums[:, :-1] / np.maximum(sums[:, -1:], np.finfo(float).tiny)
        return means
