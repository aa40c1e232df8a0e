r"""What carries an impedance: the parts of Re Z, from what each way loses.

At rest the power that an oscillating current brings in, Re Z |dI|^2/2 per area in the mean, is lost
by the end of a period: what is stored comes back. The losses h_k [W/m] of the processes (``heat``)
are quadratic in the amplitude du of the unknowns, so that ::

    Re Z = sum_k Re Z_k,     w |dI|^2 Re Z_k = q_k(Re du) + q_k(Im du)
    q_k(v) = [h_k(u_0 + e v) - 2 h_k(u_0) + h_k(u_0 - e v)]/(2 e^2)

with the width w, and e so small that the voltage moves by 10 uV. Their sum is not made to fit: it
is the first law of the linearised equations.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mpi4py import MPI

import numpy as np
from dolfinx import fem

from mesode.model.rows import sum_by_key
from mesode.numerics.jit import compile_forms
from mesode.numerics.literals import with_constants

if TYPE_CHECKING:
    from mesode.model.cell import Cell
    from mesode.numerics.frequency import ComplexArray, FloatArray
    from mesode.numerics.system import BlockSystem
    from mesode.physics.heat import Carrier

MOVED = 1e-5  # [V]


class Shares:
    """Parts of the real impedance of a cell about its loaded state, which is at rest (collective).

    Args:
        cell: The cell, with the rates zero.
        system: Of all that oscillates.
    """

    def __init__(self, cell: Cell, system: BlockSystem) -> None:
        self._cell, self._system = cell, system
        heats = (heat for process in cell.processes for heat in process.heat())
        forms = sum_by_key(
            (heat.carrier, heat.density * heat.measure)
            for heat in heats
            if heat.kind.is_heat and heat.kind.is_lost
        )
        ready = [with_constants(form) for form in forms.values()]
        self._forms = dict(zip(forms, compile_forms(ready, cell.entity_maps), strict=True))
        x = self._system.x.duplicate()
        self._system.store(self._system.unknowns, x)
        self._state, self._work = x.getArray().copy(), x
        self._still = self._losses()

    def of(self, amplitude: ComplexArray, Z: complex) -> dict[Carrier, float]:
        """Return the parts of Re Z [ohm m^2], of an amplitude for one ampere per square metre."""
        e = MOVED / abs(Z)
        total = np.zeros(len(self._forms))
        for part in (amplitude.real, amplitude.imag):
            total += self._lost_at(e * part) + self._lost_at(-e * part) - 2.0 * self._still
        self._load(self._state)
        return dict(
            zip(self._forms, (total / (2.0 * e**2 * self._cell.width)).tolist(), strict=True)
        )

    def _lost_at(self, moved: FloatArray) -> FloatArray:
        self._load(self._state + moved)
        return self._losses()

    def _load(self, state: FloatArray) -> None:
        self._work.getArray()[:] = state
        self._system.load(self._work, self._system.unknowns)

    def _losses(self) -> FloatArray:
        mine = np.array([fem.assemble_scalar(form) for form in self._forms.values()])
        self._cell.domain.comm.Allreduce(MPI.IN_PLACE, mine, op=MPI.SUM)
        return mine
