"""The solutions that a multistep method goes on from, and how they are put back into PETSc.

PETSc's BDF keeps its last solutions to itself. They are put back by taking the last steps once
more with a nonlinear solver that knows the answers, which costs nothing and restores everything:
order, times, and what the error estimate looks back on.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from petsc4py import PETSc

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from mesode.numerics.newton import KeptNewton

    type FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What the integration goes on from.

    ``times`` [s] and ``states`` (owned parts) of the last solutions, oldest first. With ``half``
    the first two are the middle and the start of the first step after a restart, which PETSc takes
    as two. ``dt`` is the step [s] that would come next, ``foreseen`` the time [s] that is left to
    the first event if all goes on as in the last step.
    """

    times: tuple[float, ...]
    states: tuple[FloatArray, ...]
    half: bool
    dt: float
    foreseen: float = inf


class Past:
    """The last solutions of an integration, ``order`` + 1 of them."""

    def __init__(self, order: int) -> None:
        self._kept: deque[tuple[float, FloatArray, bool]] = deque(maxlen=order + 1)

    def begin(self, half: FloatArray, start: tuple[float, FloatArray], t: float) -> None:
        """Remember the first step after a restart, which ends at ``t``."""
        self._kept.clear()
        self._kept.append((0.5 * (start[0] + t), half, True))
        self._kept.append((*start, False))

    def add(self, t: float, state: FloatArray) -> None:
        """Remember a solution."""
        self._kept.append((t, state, False))

    def history(self, dt: float, foreseen: float) -> History:
        """Return what is remembered."""
        return History(
            times=tuple(t for t, _, _ in self._kept),
            states=tuple(state for _, state, _ in self._kept),
            half=bool(self._kept) and self._kept[0][2],
            dt=dt,
            foreseen=foreseen,
        )

    def set(self, history: History) -> None:
        """Remember what a history holds."""
        self._kept.clear()
        for k, (t, state) in enumerate(zip(history.times, history.states, strict=True)):
            self._kept.append((t, state, history.half and k == 0))


class Stages:
    """The nonlinear solver as PETSc sees it: solves by Newton's method, or gives known answers."""

    def __init__(self, newton: KeptNewton) -> None:
        self.newton = newton
        self._solved: deque[FloatArray] = deque(maxlen=2)
        self._known: deque[FloatArray] = deque()

    def replay(self, states: Sequence[FloatArray]) -> None:
        """Answer the next solves with these states."""
        self._known.extend(states)

    def before_last(self) -> FloatArray:
        """Return the solution before the last one."""
        return self._solved[0]

    def solve(self, snes: PETSc.SNES, b: Any, x: PETSc.Vec) -> None:
        """Solve for ``x`` (called by PETSc)."""
        if not self._known:
            self.newton.solve(snes, b, x)
            if snes.getConvergedReason() > 0:
                self._solved.append(x.getArray().copy())
            return
        x.getArray()[:] = self._known.popleft()
        self.newton.keep(x)
        snes.setIterationNumber(0)
        snes.setConvergedReason(PETSc.SNES.ConvergedReason.CONVERGED_FNORM_ABS)
