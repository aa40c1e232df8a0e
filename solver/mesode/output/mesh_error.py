"""How far the mesh is estimated to move the voltage of a run: at most, and in the mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mesode.model.mesh_error import MeshCost
from mesode.output.extremes import exceeds

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.output.snapshot import Snapshot


class MeshErrorObserver:
    """Observer that sums up the estimates of :class:`mesode.model.mesh_error.MeshCost`.

    Args:
        tell: Told the summary at the end of each step of the protocol: ``mean`` [V] over the
            charge that has passed, ``lithium`` and ``electrolyte``, its parts; ``largest`` [V],
            and where, ``t_largest`` [s] and ``step_largest``. Nothing before any current.
    """

    def __init__(self, tell: Callable[[dict[str, float]], None]) -> None:
        self._tell = tell
        self._sums = {"charge": 0.0, "lithium": 0.0, "electrolyte": 0.0}
        self._largest: dict[str, float] = {}
        self._Q = 0.0

    def start(self, cell: Any) -> None:
        """Look at the mesh (collective)."""
        self._cell, self._estimate = cell, MeshCost(cell)
        self._Q = cell.Q.number()

    def point(self, point: Any) -> None:
        """Estimate the error of an accepted step (collective)."""
        parts = self._estimate.see(point.t)
        passed = abs(self._cell.Q.number() - self._Q)
        self._Q = self._cell.Q.number()
        if not parts:
            return
        self._sums["charge"] += passed
        for name, value in parts.items():
            self._sums[name] += passed * value
        total = sum(parts.values())
        if not self._largest or exceeds(total, self._largest["largest"]):
            self._largest = {"largest": total, "t_largest": point.t, "step_largest": point.step}

    def step_end(self, result: Any) -> None:
        """Tell what has been found so far."""
        self._tell(self.summary())

    def summary(self) -> dict[str, float]:
        """Return what has been found so far."""
        charge = self._sums["charge"]
        if charge == 0.0:
            return {}
        parts = {name: self._sums[name] / charge for name in ("lithium", "electrolyte")}
        return {"mean": sum(parts.values()), **parts, **self._largest}

    def finish(self) -> None:
        """Nothing to do."""

    def save(self, snapshot: Snapshot) -> None:
        """Keep what has been found so far."""
        snapshot.data["mesh_error"] = {
            "sums": dict(self._sums),
            "largest": dict(self._largest),
            "current": self._estimate.largest_current,
            "t": self._estimate.t,
        }

    def restore(self, snapshot: Snapshot) -> None:
        """Take it up again."""
        before = snapshot.data["mesh_error"]
        self._sums, self._largest = dict(before["sums"]), dict(before["largest"])
        self._estimate.largest_current = before["current"]
        self._estimate.remember(before["t"])
        self._Q = self._cell.Q.number()
