"""Whether a step of the protocol gets on where stress has made a host unstable.

There single nodes fill or empty within seconds, one after the other: each takes tens of time steps,
and which comes when depends on the mesh (``mesode.model.unstable_hosts``). Nothing that follows
would be a result, and thousands of time steps would be needed for it. So the step ends where a
given number of them has moved little charge and a host is unstable; only steps that pass a current
are judged, since a rest moves none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesode.protocol.diagnosis import beyond

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mesode.model.cell import Cell

STEPS = 300  # a full lithiation takes 30 at the default tolerance, a thousand at 1e-7
LITTLE = 0.02  # of the capacity, to be moved by so many


class Creep:
    """Counts the accepted time steps that a part of the capacity takes.

    Args:
        cell: At the begin of the step.
    """

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._steps, self._Q = 0, cell.Q.number()

    def save(self) -> dict[str, float]:
        """Return what ``restore`` needs."""
        return {"steps": self._steps, "Q": self._Q}

    def restore(self, data: Mapping[str, float]) -> None:
        """Go on counting."""
        self._steps, self._Q = int(data["steps"]), data["Q"]

    def accept(self) -> str | None:
        """Count a step; return why the run shall not go on, or None (collective)."""
        cell, Q = self._cell, self._cell.Q.number()
        self._steps += 1
        moved = abs(Q - self._Q) / cell.charge_capacity
        if moved >= LITTLE:
            self._steps, self._Q = 0, Q
        if self._steps < STEPS:
            return None
        self._steps, self._Q = 0, Q
        found = beyond(cell) if cell.I.number() else []
        if not found:
            return None
        return (
            f"the run hardly gets on, {STEPS} time steps for {100 * moved:.2g} % of the capacity: "
            f"{'; '.join(found)}. What follows would depend on the mesh. Small strains make such "
            "stresses where the material would yield: mechanics finite, or stress_coupling one_way"
        )
