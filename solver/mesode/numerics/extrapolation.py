"""What follows a time step, told beforehand: a line in time through its last two values.

In a staggered scheme the equations that are integrated read what is solved after them. What it will
be at the end of a step is extrapolated from the last two accepted values. With the last value alone
the scheme would be of order zero in the rates, and unstable where both act on each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from dolfinx import fem

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dolfinx.fem import FunctionSpace

    from mesode.numerics.bdf import FloatArray

    #: What a line leads to and the last value: gives what may be foreseen.
    type Within = Callable[[FloatArray, FloatArray], FloatArray]


class Extrapolated:
    """Functions that are given in time (all methods collective).

    It is an internal state: its history is kept in checkpoints.

    Args:
        key: Name, in checkpoints too.
        sources: The Functions that are solved, by name.
    """

    def __init__(self, key: str, sources: Mapping[str, fem.Function]) -> None:
        self.key, self._sources = key, dict(sources)
        self._given = {name: fem.Function(f.function_space) for name, f in sources.items()}
        self._within: dict[str, Within] = {}
        self.reset()

    def add(self, name: str, source: fem.Function, within: Within) -> fem.Function:
        """Give one more Function in time, before anything is known of it; return what is given."""
        self._sources[name], self._within[name] = source, within
        self._given[name] = given = fem.Function(source.function_space)
        given.x.array[:] = source.x.array
        return given

    def __getitem__(self, name: str) -> fem.Function:
        """Return the Function that holds what the source of this name will be."""
        return self._given[name]

    def reset(self) -> None:
        """Forget all values; what is given is that of the sources."""
        self._history: list[tuple[float, dict[str, FloatArray]]] = []
        self._expected: tuple[float, dict[str, FloatArray]] | None = None
        self._give(self._values())
        self._at: float | None = None

    def _values(self) -> dict[str, FloatArray]:
        return {name: source.x.array.copy() for name, source in self._sources.items()}

    def _give(self, values: Mapping[str, FloatArray]) -> None:
        for name, given in self._given.items():
            given.x.array[:] = values[name]

    def accept(self, t: float) -> None:
        """Take the sources as the values at t [s], unless those of that time are known."""
        if not self._history or t > self._history[-1][0]:
            self._history = [*self._history[-1:], (t, self._values())]
            self._at = self._expected = None

    def expect(self, t: float) -> None:
        """Give what the sources hold now at t [s], and a line from the last values to it elsewhere.

        Up to the next values that are accepted: they are those of a step on trial.
        """
        self._expected, self._at = (t, self._values()), None

    @property
    def expecting(self) -> bool:
        """Whether what is given comes of a step on trial."""
        return self._expected is not None

    @property
    def last(self) -> float | None:
        """Time of the last accepted values [s], None before the first."""
        return self._history[-1][0] if self._history else None

    def at(self, t: float) -> None:
        """Give the values at t [s], between the last two accepted ones too; before them these."""
        if t == self._at or not self._history:
            return
        (t0, old), (t1, new) = self._history[0], self._history[-1]
        if self._expected is not None:
            (t0, old), (t1, new) = self._history[-1], self._expected
        ahead = (max(t, t0) - t1) / (t1 - t0) if t1 > t0 else 0.0
        values = {name: new[name] + ahead * (new[name] - old[name]) for name in new}
        if ahead > 0.0:
            values |= {k: within(values[k], new[k]) for k, within in self._within.items()}
        self._give(values)
        self._at = t

    # --- as an internal state: nothing of it is computed with a trial step

    def update(self, t: float, dt: float) -> None:
        """Do nothing."""

    def commit(self) -> None:
        """Do nothing."""

    def reject(self) -> None:
        """Do nothing."""

    def arrays(self) -> dict[str, FloatArray]:
        """Return both last values, what is given, and the times."""
        given = {name: function.x.array for name, function in self._given.items()}
        history = self._history or [(0.0, given)]
        kept = {"before": history[0][1], "last": history[-1][1], "given": given}
        found = {
            f"{self.key} {name} {when}": values[: self._owned(name)].copy()
            for when, of in kept.items()
            for name, values in of.items()
        }
        return found | {f"{self.key} times": np.array([t for t, _ in (history[0], history[-1])])}

    def _owned(self, name: str) -> int:
        dofmap = self._given[name].function_space.dofmap
        return int(dofmap.index_map.size_local * dofmap.index_map_bs)

    def spaces(self) -> Mapping[str, FunctionSpace | None]:
        """Return the space of each array, None for the times."""
        found: dict[str, FunctionSpace | None] = {
            f"{self.key} {name} {when}": given.function_space
            for when in ("before", "last", "given")
            for name, given in self._given.items()
        }
        return found | {f"{self.key} times": None}

    def restore(self, arrays: Mapping[str, FloatArray]) -> None:
        """Take over a history."""
        t0, t1 = arrays[f"{self.key} times"].tolist()
        before, last, given = (self._read(arrays, when) for when in ("before", "last", "given"))
        self._history = [(t0, before), (t1, last)] if t0 < t1 else [(t1, last)]
        self._give(given)
        self._at = self._expected = None

    def _read(self, arrays: Mapping[str, FloatArray], when: str) -> dict[str, FloatArray]:
        """Return kept values, brought to the ghosts by way of what is given."""
        found = {}
        for name, given in self._given.items():
            given.x.array[: self._owned(name)] = arrays[f"{self.key} {name} {when}"]
            given.x.scatter_forward()
            found[name] = given.x.array.copy()
        return found
