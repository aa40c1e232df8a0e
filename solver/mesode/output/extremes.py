"""The least and the largest value of each column over a run, each with its time and step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from mesode.output.snapshot import Snapshot

# A value must lie beyond the last extreme by these parts of it: rounding, another on each number
# of ranks, moves no time.
BEYOND = 1e-9


class Extremes:
    """Observer that keeps ``found``: for each column ``min``, ``t_min``, ``step_min`` and so on.

    Times are in seconds. Every rank sees the same rows and finds the same.

    Args:
        tell: Told ``found`` after each point.
    """

    def __init__(self, tell: Callable[[dict[str, dict[str, float]]], None]) -> None:
        self.found: dict[str, dict[str, float]] = {}
        self._tell = tell

    def start(self, cell: Any) -> None:
        """Nothing to do."""

    def point(self, point: Any) -> None:
        """See the row of an accepted step, and those since the last one."""
        for t, row in (*point.between, (point.t, point.row)):
            for column, value in row.items():
                self._see(column, value, t, point.step)
        self._tell(self.found)

    def _see(self, column: str, value: float, t: float, step: int) -> None:
        known = self.found.setdefault(column, {})
        for end, sign in (("min", -1.0), ("max", 1.0)):
            if end not in known or exceeds(sign * value, sign * known[end]):
                known |= {end: value, f"t_{end}": t, f"step_{end}": step}

    def step_end(self, result: Any) -> None:
        """Nothing to do."""

    def finish(self) -> None:
        """Nothing to do."""

    def save(self, snapshot: Snapshot) -> None:
        """Keep what has been found so far."""
        snapshot.data["extremes"] = {name: dict(values) for name, values in self.found.items()}

    def restore(self, snapshot: Snapshot) -> None:
        """Take it up again."""
        before = snapshot.data.get("extremes", {})
        self.found = {name: dict(values) for name, values in before.items()}
        self._tell(self.found)


def exceeds(value: float, largest: float) -> bool:
    """Tell whether a value is larger than the largest so far by more than rounding."""
    return value > largest + BEYOND * abs(largest)
